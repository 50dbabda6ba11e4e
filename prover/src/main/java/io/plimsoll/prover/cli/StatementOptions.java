package io.plimsoll.prover.cli;

import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.proto.v1.RiskRound;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.Threshold;
import io.plimsoll.verifier.VerifierPolicy;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a proof is about, and whose word is trusted: the same on both sides. */
final class StatementOptions {
  @Mixin private TrustOptions trust;

  @Option(names = "--round", required = true, paramLabel = "FILE", description = "signed round")
  private Path round;

  @Option(
      names = "--account",
      required = true,
      paramLabel = "FILE",
      description = "account state, see 'plimsoll account'")
  private Path account;

  @Option(names = "--threshold", required = true, paramLabel = "N/D", description = "ratio")
  private String threshold;

  @Option(
      names = "--purpose",
      defaultValue = "MAINTENANCE",
      description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}")
  private Purpose purpose;

  KeyDirectory keys() throws InvalidFormatException, IOException {
    return trust.keys();
  }

  VerifierPolicy keyPolicy() throws InvalidFormatException {
    return trust.keyPolicy();
  }

  PublisherPolicy publishers() throws InvalidFormatException {
    return trust.publishers();
  }

  SignedRound round(MarginModel model) throws InvalidFormatException, IOException {
    return AttestationConversions.fromProto(
        model, MessageFiles.read("round", round, RiskRound.getDefaultInstance()));
  }

  AccountState account(Digest circuitId) throws InvalidFormatException, IOException {
    return AttestationConversions.fromProto(
        circuitId,
        MessageFiles.read(
            "account", account, io.plimsoll.proto.v1.AccountState.getDefaultInstance()));
  }

  Threshold threshold() throws InvalidFormatException {
    return Threshold.parse(threshold);
  }

  Purpose purpose() {
    return purpose;
  }
}
