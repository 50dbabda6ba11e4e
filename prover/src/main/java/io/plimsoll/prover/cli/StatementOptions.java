package io.plimsoll.prover.cli;

import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.proto.v1.RiskRound;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.Threshold;
import io.plimsoll.verifier.VerifierPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** What a proof is about, and whose word is trusted: the same on both sides. */
final class StatementOptions {
  @Option(names = "--keys", required = true, paramLabel = "DIR", description = "key directory")
  private Path keys;

  @Option(
      names = "--allow-development",
      paramLabel = "ID",
      description = "circuit id whose development keys are good enough")
  private List<String> developmentCircuits = new ArrayList<>();

  @Option(names = "--round", required = true, paramLabel = "FILE", description = "signed round")
  private Path round;

  @Option(
      names = "--publisher",
      required = true,
      split = ",",
      paramLabel = "HEX",
      description = "keys of the risk publishers")
  private List<String> publishers;

  @Option(
      names = "--required",
      paramLabel = "K",
      description = "how many of them must have signed; more than half by default")
  private Integer required;

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
    return KeyDirectory.read(keys);
  }

  VerifierPolicy keyPolicy() throws InvalidFormatException {
    List<Digest> allowed = new ArrayList<>();
    for (String id : developmentCircuits) {
      allowed.add(KeyOption.digest("--allow-development", id));
    }
    return VerifierPolicy.allowingDevelopment(allowed.toArray(Digest[]::new));
  }

  PublisherPolicy publishers() throws InvalidFormatException {
    List<Ed25519PublicKey> known = new ArrayList<>();
    for (String hex : publishers) {
      known.add(KeyOption.publicKey("--publisher", hex));
    }
    int k = required != null ? required : known.size() / 2 + 1;
    try {
      return PublisherPolicy.of(k, known);
    } catch (IllegalArgumentException e) {
      throw new InvalidFormatException("--publisher and --required: " + e.getMessage());
    }
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
