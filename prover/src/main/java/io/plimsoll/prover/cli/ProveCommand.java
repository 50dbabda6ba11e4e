package io.plimsoll.prover.cli;

import io.plimsoll.attestation.KeyFiles;
import io.plimsoll.attestation.SealingIdentity;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.nativeprover.DevelopmentKeys;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.prover.PlausibilityPolicy;
import io.plimsoll.prover.ProofRequest;
import io.plimsoll.prover.ProofResult;
import io.plimsoll.prover.ProverEngine;
import io.plimsoll.prover.ProverPolicy;
import io.plimsoll.prover.RefusedException;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.VerifierPolicy;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code prove}. */
@Command(
    name = "prove",
    description =
        "The owner's part: opens the attestations and proves that the account meets the threshold"
            + " on the round.",
    mixinStandardHelpOptions = true)
final class ProveCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private StatementOptions statement;

  @Option(
      names = "--owner",
      required = true,
      paramLabel = "FILE",
      description = "the owner's sealing key file")
  private Path owner;

  @Mixin private PasswordOption password;

  @Mixin private ProverOption prover;

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "proof")
  private Path out;

  @Override
  public Integer call()
      throws InvalidFormatException, IOException, ProvingException, InterruptedException {
    KeyDirectory keys = statement.keys();
    VerifierPolicy keyPolicy = statement.keyPolicy();
    keyPolicy.requireAllowed(
        keys.key().circuitId(), keys.key().setup(), keys.key().isDevelopment());
    MarginModel model = keys.model();
    SignedRound round = statement.round(model);
    AccountState account = statement.account(keys.key().circuitId());
    ProverPolicy policy =
        ProverPolicy.builder()
            .venue(account.venue())
            .publishers(statement.publishers())
            .plausibility(PlausibilityPolicy.trustPublishers())
            .keys(keyPolicy)
            .agree(account.account(), statement.threshold(), statement.purpose())
            .build();
    SealingIdentity identity = KeyFiles.readSealing(owner, password);
    try (ProverEngine engine =
        ProverEngine.builder()
            .model(model)
            .key(keys.key())
            .prover(keys.prover(prover, DevelopmentKeys.ALLOWED))
            .identity(identity)
            .policy(policy)
            .build()) {
      engine.loadRound(round);
      ProofResult result =
          engine.prove(
              ProofRequest.of(
                  account, round.round().sequence(), statement.threshold(), statement.purpose()));
      return report(result);
    } catch (RefusedException e) {
      spec.commandLine().getErr().println("plimsoll: refused: " + e.getMessage());
      return PlimsollCommand.REJECTED;
    } finally {
      identity.destroy();
    }
  }

  private int report(ProofResult result) throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    if (result instanceof ProofResult.Proved proved) {
      MessageFiles.write(out, proved.proof());
      spec.commandLine()
          .getOut()
          .println("proven in " + proved.provingTime().toMillis() + " ms, verified");
      return PlimsollCommand.ACCEPTED;
    }
    if (result instanceof ProofResult.NotSolvent) {
      err.println("plimsoll: not solvent at this threshold; 'plimsoll assess' shows the amounts");
      return PlimsollCommand.REJECTED;
    }
    ProofResult.Refused refused = (ProofResult.Refused) result;
    err.println("plimsoll: refused: " + refused.refusal() + ": " + refused.detail());
    return PlimsollCommand.REJECTED;
  }
}
