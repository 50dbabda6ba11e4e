package io.plimsoll.prover.cli;

import com.google.protobuf.ByteString;
import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.attestation.KeyFiles;
import io.plimsoll.attestation.RoundPublisher;
import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.proto.v1.MarketSnapshot;
import io.plimsoll.proto.v1.RiskRound;
import io.plimsoll.proto.v1.RoundSignature;
import io.plimsoll.risk.RoundBuilder;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code round build} and {@code round sign}. */
@Command(
    name = "round",
    description = "Risk rounds: built from a market snapshot, then signed by their publishers.",
    mixinStandardHelpOptions = true,
    subcommands = {RoundCommand.Build.class, RoundCommand.Sign.class})
final class RoundCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "'build' or 'sign' is missing");
  }

  @Command(
      name = "build",
      description = "Turns a market snapshot into the coefficients of a model.",
      mixinStandardHelpOptions = true)
  static final class Build implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private ModelOptions model;

    @Option(
        names = "--market",
        required = true,
        paramLabel = "FILE",
        description = "market snapshot")
    private Path market;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "round, a draft")
    private Path out;

    @Override
    public Integer call() throws InvalidFormatException, IOException {
      MarginModel built = model.build();
      MarketSnapshot snapshot =
          MessageFiles.read("market", market, MarketSnapshot.getDefaultInstance());
      MessageFiles.write(out, new RoundBuilder(built).build(snapshot));
      spec.commandLine().getOut().println(built.coefficientCount() + " coefficients");
      return PlimsollCommand.ACCEPTED;
    }
  }

  @Command(
      name = "sign",
      description =
          "Issues a draft for a venue and circuit under a sequence number and signs it; on a round"
              + " that is issued already, adds a signature.",
      mixinStandardHelpOptions = true)
  static final class Sign implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(names = "--keys", required = true, paramLabel = "DIR", description = "key directory")
    private Path keys;

    @Option(names = "--round", required = true, paramLabel = "FILE", description = "round")
    private Path round;

    @Option(names = "--venue", required = true, description = "venue id")
    private String venue;

    @Option(names = "--sequence", required = true, description = "number of the round")
    private long sequence;

    @Option(
        names = "--identity",
        required = true,
        paramLabel = "FILE",
        description = "the publisher's signing key file")
    private Path identity;

    @Mixin private PasswordOption password;

    @Option(
        names = "--ledger",
        paramLabel = "DIR",
        description = "where it is kept what was signed; by default beside the key file")
    private Path ledger;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "signed round")
    private Path out;

    @Override
    public Integer call() throws InvalidFormatException, IOException {
      KeyDirectory directory = KeyDirectory.read(keys);
      Digest circuitId = directory.key().circuitId();
      RiskRound message = MessageFiles.read("round", round, RiskRound.getDefaultInstance());
      requireSame("--venue", message.getVenue().isEmpty() ? venue : message.getVenue(), venue);
      if (message.getSignaturesCount() > 0) {
        requireSame("--sequence", message.getSequence(), sequence);
        requireSame(
            "--keys: circuit id",
            Digest.of(message.getCircuitId().toByteArray()),
            Digest.of(circuitId.toByteArray()));
      }
      io.plimsoll.verifier.RiskRound issued =
          AttestationConversions.issue(directory.model(), message, venue, circuitId, sequence);
      SigningIdentity signer = KeyFiles.readSigning(identity, password);
      Path home =
          ledger != null ? ledger : identity.resolveSibling(identity.getFileName() + ".rounds");
      try (RoundPublisher publisher = RoundPublisher.inDirectory(signer, home)) {
        io.plimsoll.verifier.RoundSignature signature = publisher.sign(issued);
        ByteString publisherKey = ByteString.copyFrom(signature.publisher().toByteArray());
        if (message.getSignaturesList().stream()
            .anyMatch(present -> present.getPublisherKey().equals(publisherKey))) {
          throw new InvalidFormatException(
              "--identity: this publisher has signed the round already");
        }
        MessageFiles.write(
            out,
            message.toBuilder()
                .setVenue(venue)
                .setCircuitId(ByteString.copyFrom(circuitId.toByteArray()))
                .setSequence(sequence)
                .addSignatures(
                    RoundSignature.newBuilder()
                        .setPublisherKey(publisherKey)
                        .setSignature(ByteString.copyFrom(signature.toByteArray())))
                .build());
        spec.commandLine().getOut().println("round " + issued.digest());
      } finally {
        signer.destroy();
      }
      return PlimsollCommand.ACCEPTED;
    }

    private static void requireSame(String option, Object inFile, Object given)
        throws InvalidFormatException {
      if (!inFile.equals(given)) {
        throw new InvalidFormatException(
            option + " is " + given + ", but the round was issued for " + inFile);
      }
    }
  }
}
