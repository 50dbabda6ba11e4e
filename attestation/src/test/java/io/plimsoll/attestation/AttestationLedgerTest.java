package io.plimsoll.attestation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.util.JsonFormat;
import io.plimsoll.circuits.Holdings;
import io.plimsoll.circuits.Listing;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.proto.v1.LedgerEntry;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.VerifyingKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttestationLedgerTest {
  private static MarginModel model;
  private static VerifyingKey key;

  @TempDir Path directory;

  private final SigningIdentity identity = SigningIdentity.generate();
  private final AttestationTerms terms =
      new AttestationTerms("venue", "account", SealingIdentity.generate().publicKey(), 1, 2);

  @BeforeAll
  static void makeKey() {
    model = TestKeys.model();
    key = TestKeys.keyFor(model);
  }

  @Test
  void versionsGoOnAfterReopening() throws Exception {
    Attestation first;
    try (FileAttestationLedger ledger = AttestationLedger.inDirectory(directory)) {
      first = attest(ledger);
      assertEquals(
          new AttestationLedger.Reservation(2, first.digest()), ledger.reserve("venue", "account"));
    }
    try (FileAttestationLedger ledger = AttestationLedger.inDirectory(directory)) {
      // Version 2 was given out, perhaps its commitment left: it is not given out again.
      assertEquals(
          new AttestationLedger.Reservation(3, first.digest()), ledger.reserve("venue", "account"));
      assertEquals(Optional.of(first), ledger.latest("venue", "account"));
      Attestation second = attest(ledger);
      assertEquals(4, second.body().version());
      assertEquals(first.digest(), second.body().previousDigest());
    }
  }

  @Test
  void accountsAndVenuesAreApart() throws Exception {
    for (AttestationLedger ledger :
        List.of(AttestationLedger.inMemory(), AttestationLedger.inDirectory(directory))) {
      assertEquals(1, ledger.reserve("a", "bc").version());
      assertEquals(1, ledger.reserve("ab", "c").version());
      assertEquals(2, ledger.reserve("a", "bc").version());
      assertEquals(Optional.empty(), ledger.latest("a", "bc"));
    }
  }

  @Test
  void restoredBackupGoesOnFromTheVenuesAttestation() throws Exception {
    AttestationLedger current = AttestationLedger.inMemory();
    attest(current);
    attest(current);
    Attestation atVenue = attest(current);
    AttestationLedger restored = AttestationLedger.inMemory();
    attest(restored);
    restored.record(atVenue);
    assertEquals(
        new AttestationLedger.Reservation(4, atVenue.digest()),
        restored.reserve("venue", "account"));
  }

  @Test
  void oldOrForeignAttestationsAreNotRecorded() throws Exception {
    AttestationLedger ledger = AttestationLedger.inMemory();
    Attestation first = attest(ledger);
    assertEquals(
        "attestation ledger: version is 1, not above the last, 1",
        assertThrows(InvalidFormatException.class, () -> ledger.record(first)).getMessage());
    Attestation foreign = attest(SigningIdentity.generate(), AttestationLedger.inMemory());
    assertTrue(
        assertThrows(InvalidFormatException.class, () -> ledger.record(foreign))
            .getMessage()
            .startsWith("attestation ledger: is attester " + identity.publicKeyHex()));
  }

  @Test
  void directoryIsForOneProcessAtATime() throws Exception {
    FileAttestationLedger ledger = AttestationLedger.inDirectory(directory);
    assertEquals(
        "attestation ledger " + directory + ": is in use",
        assertThrows(IOException.class, () -> AttestationLedger.inDirectory(directory))
            .getMessage());
    ledger.close();
    assertThrows(IOException.class, () -> ledger.reserve("venue", "account"));
    AttestationLedger.inDirectory(directory).close();
  }

  @Test
  void crashWhileWritingLeavesTheOldEntry() throws Exception {
    try (FileAttestationLedger ledger = AttestationLedger.inDirectory(directory)) {
      Attestation first = attest(ledger);
      Path half = directory.resolve(entryFile().getFileName() + ".new");
      Files.writeString(half, "{ \"venue\": ");
      assertEquals(Optional.of(first), ledger.latest("venue", "account"));
      assertEquals(2, ledger.reserve("venue", "account").version());
      assertTrue(Files.notExists(half));
    }
  }

  /** An entry that cannot be read is not an empty one: versions would start over. */
  @Test
  void damagedEntryIsRefused() throws Exception {
    try (FileAttestationLedger ledger = AttestationLedger.inDirectory(directory)) {
      attest(ledger);
      Path file = entryFile();
      LedgerEntry.Builder good = LedgerEntry.newBuilder();
      JsonFormat.parser().merge(Files.readString(file), good);
      LedgerEntry entry = good.build();
      String[] damaged = {
        "",
        "{",
        "{}",
        JsonFormat.printer().print(entry.toBuilder().setReservedVersion(0)),
        JsonFormat.printer().print(entry.toBuilder().setReservedVersion(-1)),
        JsonFormat.printer().print(entry.toBuilder().setAccount("other")),
        JsonFormat.printer()
            .print(entry.toBuilder().setLatest(entry.getLatest().toBuilder().setVersion(9))),
        " ".repeat((1 << 20) + 1),
      };
      for (String content : damaged) {
        Files.writeString(file, content);
        assertThrows(
            InvalidFormatException.class, () -> ledger.reserve("venue", "account"), content);
      }
      Files.writeString(file, JsonFormat.printer().print(entry));
      assertEquals(2, ledger.reserve("venue", "account").version());
    }
  }

  private Path entryFile() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".json")).findFirst().orElseThrow();
    }
  }

  private Attestation attest(AttestationLedger ledger) throws Exception {
    return attest(identity, ledger);
  }

  private Attestation attest(SigningIdentity attester, AttestationLedger ledger) throws Exception {
    Listing listing = Listing.of(model, Map.of());
    try (Holdings nothing = Holdings.of(model, new long[model.holdingCount()])) {
      Attestation attestation =
          new Attester(attester, key, model, listing, AttesterScope.everything(model), ledger)
              .attest(terms, nothing);
      assertTrue(!attestation.digest().equals(Digest.ZERO));
      return attestation;
    }
  }
}
