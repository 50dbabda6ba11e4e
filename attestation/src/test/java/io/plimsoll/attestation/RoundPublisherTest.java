package io.plimsoll.attestation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.RoundSignature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoundPublisherTest {
  private static final Digest CIRCUIT = Digest.of(new byte[] {1});

  @TempDir Path directory;

  @Test
  void publisherSignsASequenceNumberOnce() throws Exception {
    RoundPublisher publisher = new RoundPublisher(SigningIdentity.generate());
    RoundSignature signature = publisher.sign(round(7, 1));
    assertEquals(signature, publisher.sign(round(7, 1)));
    assertTrue(
        assertThrows(InvalidFormatException.class, () -> publisher.sign(round(7, 2)))
            .getMessage()
            .startsWith("risk round: sequence 7 was signed before with digest "));
    publisher.sign(round(8, 2));
    assertEquals(
        "risk round: sequence is 7, below the last signed, 8",
        assertThrows(InvalidFormatException.class, () -> publisher.sign(round(7, 1))).getMessage());
    // Another venue has its own numbers.
    publisher.sign(RiskRound.of(CIRCUIT, "elsewhere", Digest.ZERO, 1, 1, new long[1]));
  }

  @Test
  void roundIsAssembledOnceEnoughPublishersSigned() throws Exception {
    RiskRound round = round(1, 1);
    List<RoundPublisher> publishers =
        List.of(
            new RoundPublisher(SigningIdentity.generate()),
            new RoundPublisher(SigningIdentity.generate()),
            new RoundPublisher(SigningIdentity.generate()));
    PublisherPolicy policy =
        PublisherPolicy.of(2, publishers.stream().map(RoundPublisher::publicKey).toList());
    RoundSignature first = publishers.get(0).sign(round);
    RoundSignature second = publishers.get(1).sign(round);
    RoundSignature stranger = new RoundPublisher(SigningIdentity.generate()).sign(round);
    RoundSignature other = publishers.get(2).sign(round(2, 1));
    assertTrue(
        policy.check(RoundPublisher.assemble(round, List.of(first, second), policy)).accepted());
    for (List<RoundSignature> tooFew :
        List.of(
            List.<RoundSignature>of(),
            List.of(first),
            List.of(first, first),
            List.of(first, stranger),
            List.of(first, other))) {
      String message =
          assertThrows(
                  InvalidFormatException.class,
                  () -> RoundPublisher.assemble(round, tooFew, policy))
              .getMessage();
      assertTrue(message.contains("of 2 required round signatures"), message);
    }
  }

  @Test
  void directoryRemembersWhatWasSigned() throws Exception {
    SigningIdentity identity = SigningIdentity.generate();
    try (RoundPublisher publisher = RoundPublisher.inDirectory(identity, directory)) {
      publisher.sign(round(7, 1));
    }
    try (RoundPublisher publisher = RoundPublisher.inDirectory(identity, directory)) {
      publisher.sign(round(7, 1));
      assertThrows(InvalidFormatException.class, () -> publisher.sign(round(7, 2)));
      assertThrows(InvalidFormatException.class, () -> publisher.sign(round(6, 1)));
      assertThrows(IOException.class, () -> RoundPublisher.inDirectory(identity, directory));
    }
    // Another publisher beside it has its own memory.
    try (RoundPublisher other = RoundPublisher.inDirectory(SigningIdentity.generate(), directory)) {
      other.sign(round(7, 2));
    }
  }

  @Test
  void nothingIsSignedWithoutItsRecord() throws Exception {
    RoundPublisher publisher = RoundPublisher.inDirectory(SigningIdentity.generate(), directory);
    publisher.sign(round(7, 1));
    Path file;
    try (Stream<Path> files = Files.list(directory)) {
      file = files.filter(each -> each.toString().endsWith(".json")).findFirst().orElseThrow();
    }
    for (String damaged :
        new String[] {"", "{}", "{\"sequence\": \"-1\"}", "{\"roundDigest\": \"AAAA\"}"}) {
      Files.writeString(file, damaged);
      assertThrows(InvalidFormatException.class, () -> publisher.sign(round(8, 1)));
    }
    publisher.close();
    assertThrows(UncheckedIOException.class, () -> publisher.sign(round(8, 1)));
  }

  private static RiskRound round(long sequence, long mark) throws InvalidFormatException {
    return RiskRound.of(CIRCUIT, "venue", Digest.ZERO, sequence, 99, new long[] {mark});
  }
}
