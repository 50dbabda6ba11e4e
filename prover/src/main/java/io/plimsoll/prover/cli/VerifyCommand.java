package io.plimsoll.prover.cli;

import io.plimsoll.circuits.MarginModel;
import io.plimsoll.proto.v1.SolvencyProof;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PublisherPolicy.SignatureReport;
import io.plimsoll.verifier.Rejected;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code verify}. */
@Command(
    name = "verify",
    description =
        "The venue's part: checks a proof against its own round, account state and threshold. Only"
            + " the 128 proof bytes are taken from the proof file.",
    mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private StatementOptions statement;

  @Option(names = "--proof", required = true, paramLabel = "FILE", description = "proof")
  private Path proof;

  @Option(
      names = "--at",
      paramLabel = "INSTANT",
      description = "when attestations must not have expired, ISO 8601; now by default")
  private String at;

  @Override
  public Integer call() throws InvalidFormatException, IOException {
    KeyDirectory keys = statement.keys();
    SolvencyVerifier verifier = SolvencyVerifier.create(keys.key(), statement.keyPolicy());
    MarginModel model = keys.model();
    SignedRound round = statement.round(model);
    SignatureReport signatures = statement.publishers().check(round);
    if (!signatures.accepted()) {
      spec.commandLine().getErr().println("rejected: round: " + signatures);
      return PlimsollCommand.REJECTED;
    }
    AccountState account = statement.account(keys.key().circuitId());
    byte[] bytes =
        MessageFiles.read("proof", proof, SolvencyProof.getDefaultInstance())
            .getProof()
            .toByteArray();
    Verdict verdict =
        verifier.verify(
            account,
            verifier.prepare(round.round()),
            statement.threshold(),
            statement.purpose(),
            atMillis(),
            bytes);
    if (verdict instanceof Rejected rejected) {
      spec.commandLine()
          .getErr()
          .println("rejected: " + rejected.reason() + ": " + rejected.detail());
      return PlimsollCommand.REJECTED;
    }
    spec.commandLine().getOut().println("accepted: " + verdict);
    return PlimsollCommand.ACCEPTED;
  }

  private long atMillis() throws InvalidFormatException {
    if (at == null) {
      return System.currentTimeMillis();
    }
    try {
      return Instant.parse(at).toEpochMilli();
    } catch (DateTimeException | ArithmeticException e) {
      throw new InvalidFormatException("--at is '" + at + "', not an instant in ISO 8601");
    }
  }
}
