package io.plimsoll.prover.cli;

import io.plimsoll.gate.ProofReceipt;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.nativeprover.KeyCache;
import io.plimsoll.venue.JdbcGateStore;
import io.plimsoll.venue.StoreAudit;
import io.plimsoll.venue.StoreException;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.VerifierPolicy;
import io.plimsoll.verifier.VerifyingKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code audit}. */
@Command(
    name = "audit",
    description =
        "The auditor's part: takes every decision of a venue's journal again, verifies every proof"
            + " and signature in it, and compares what the store holds with what that leads to."
            + " Names the first wrong entry.",
    mixinStandardHelpOptions = true)
final class AuditCommand implements Callable<Integer> {
  private static final int MAX_RECEIPT_BYTES = VenueSigned.MAX_MESSAGE_BYTES + 1024;

  @Spec private CommandSpec spec;
  @Mixin private StoreOptions store;

  @Option(
      names = "--keys",
      paramLabel = "DIR",
      description = "key directory of the journal's circuit; the key cache is looked in by default")
  private Path keys;

  @Option(
      names = "--allow-development",
      paramLabel = "ID",
      description = "circuit id whose development keys are good enough")
  private List<String> developmentCircuits = new ArrayList<>();

  @Option(
      names = "--receipt",
      paramLabel = "FILE",
      description =
          "receipt of a proof, as the venue gave it: the journal must say the same; repeatable")
  private List<Path> receipts = new ArrayList<>();

  @Override
  public Integer call() throws InvalidFormatException {
    List<VenueSigned<ProofReceipt>> given = new ArrayList<>();
    for (Path file : receipts) {
      given.add(receipt(file));
    }
    StoreAudit.Result result;
    try (JdbcGateStore opened = store.openExisting()) {
      result = StoreAudit.run(opened, this::verifier, given);
    } catch (StoreException e) {
      throw new InvalidFormatException("--store: " + e.getMessage());
    }
    if (result instanceof StoreAudit.Wrong wrong) {
      spec.commandLine()
          .getErr()
          .println(
              (wrong.index() == 0 ? "wrong: " : "wrong: journal entry " + wrong.index() + ": ")
                  + wrong.detail());
      return PlimsollCommand.REJECTED;
    }
    StoreAudit.Sound sound = (StoreAudit.Sound) result;
    spec.commandLine()
        .getOut()
        .printf(
            "sound: %d decisions taken again, %d proofs judged again, %d accounts; last entry %s%n",
            sound.records(), sound.proofs(), sound.accounts(), sound.lastDigest());
    long recorded = given.stream().filter(receipt -> receipt.message().journalIndex() != 0).count();
    if (recorded > 0) {
      spec.commandLine().getOut().printf("the journal says what %d receipts say%n", recorded);
    }
    if (recorded < given.size()) {
      spec.commandLine()
          .getOut()
          .printf(
              "%d receipts name no record: their signature is the venue's, no more was compared%n",
              given.size() - recorded);
    }
    return PlimsollCommand.ACCEPTED;
  }

  private static VenueSigned<ProofReceipt> receipt(Path file) throws InvalidFormatException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_RECEIPT_BYTES + 1);
      if (bytes.length > MAX_RECEIPT_BYTES) {
        throw new InvalidFormatException("has more than " + MAX_RECEIPT_BYTES + " bytes");
      }
      return VenueSigned.decode(bytes).as(ProofReceipt.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InvalidFormatException e) {
      throw new InvalidFormatException("--receipt " + file + ": " + e.getMessage());
    }
  }

  private SolvencyVerifier verifier(Digest circuitId) throws InvalidFormatException {
    List<Digest> allowed = new ArrayList<>();
    for (String id : developmentCircuits) {
      allowed.add(KeyOption.digest("--allow-development", id));
    }
    Path directory = keys != null ? keys : KeyCache.standard().directory(circuitId);
    VerifyingKey key;
    try {
      key = KeyDirectory.read(directory).key();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!key.circuitId().equals(circuitId)) {
      throw new InvalidFormatException(
          "--keys " + directory + ": the journal is about circuit " + circuitId);
    }
    return SolvencyVerifier.create(
        key, VerifierPolicy.allowingDevelopment(allowed.toArray(Digest[]::new)));
  }
}
