package io.plimsoll.prover.cli;

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
import java.io.UncheckedIOException;
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

  @Override
  public Integer call() throws InvalidFormatException {
    StoreAudit.Result result;
    try (JdbcGateStore opened = store.openExisting()) {
      result = StoreAudit.run(opened, this::verifier);
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
    return PlimsollCommand.ACCEPTED;
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
