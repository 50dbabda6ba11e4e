package io.plimsoll.prover.cli;

import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.attestation.AttestationLedger;
import io.plimsoll.attestation.AttestationTerms;
import io.plimsoll.attestation.Attester;
import io.plimsoll.attestation.AttesterScope;
import io.plimsoll.attestation.FileAttestationLedger;
import io.plimsoll.attestation.KeyFiles;
import io.plimsoll.attestation.SealingPublicKey;
import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.circuits.Holdings;
import io.plimsoll.circuits.Listing;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.circuits.ProtoConversions;
import io.plimsoll.proto.v1.Portfolio;
import io.plimsoll.proto.v1.RiskRound;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code attest}. */
@Command(
    name = "attest",
    description = "The attester's part: commits to the holdings that it keeps, and signs.",
    mixinStandardHelpOptions = true)
final class AttestCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--keys", required = true, paramLabel = "DIR", description = "key directory")
  private Path keys;

  @Option(
      names = "--round",
      required = true,
      paramLabel = "FILE",
      description = "any round under the listing that the attestation is to use")
  private Path round;

  @Option(
      names = "--portfolio",
      paramLabel = "FILE",
      description = "what this attester keeps; left out only with --closing")
  private Path portfolio;

  @Option(
      names = "--identity",
      required = true,
      paramLabel = "FILE",
      description = "the attester's signing key file")
  private Path identity;

  @Mixin private PasswordOption password;

  @Option(
      names = "--ledger",
      paramLabel = "DIR",
      description = "where versions are kept durably; by default beside the key file")
  private Path ledger;

  @Option(
      names = "--owner",
      required = true,
      paramLabel = "HEX",
      description = "the owner's public sealing key")
  private String owner;

  @Option(names = "--venue", required = true, description = "venue id")
  private String venue;

  @Option(names = "--account", required = true, description = "account id")
  private String account;

  @Option(
      names = "--scope",
      split = ",",
      paramLabel = "VECTOR",
      description = "holding vectors that this attester is trusted for; all by default")
  private List<String> scope;

  @Option(
      names = "--valid-for",
      defaultValue = "PT24H",
      paramLabel = "DURATION",
      description = "how long the attestation locks what it attests; default ${DEFAULT-VALUE}")
  private Duration validFor;

  @Option(names = "--closing", description = "the attester keeps nothing any more and leaves")
  private boolean closing;

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "attestation")
  private Path out;

  @Override
  public Integer call() throws InvalidFormatException, IOException {
    if (closing == (portfolio != null)) {
      throw new InvalidFormatException("give either --portfolio or --closing");
    }
    KeyDirectory directory = KeyDirectory.read(keys);
    MarginModel model = directory.model();
    Listing listing =
        ProtoConversions.listing(
            model, MessageFiles.read("round", round, RiskRound.getDefaultInstance()).getListing());
    long now = System.currentTimeMillis();
    AttestationTerms terms =
        new AttestationTerms(
            venue, account, SealingPublicKey.fromHex(owner), now, notAfterMillis(now));
    SigningIdentity signer = KeyFiles.readSigning(identity, password);
    Path home =
        ledger != null ? ledger : identity.resolveSibling(identity.getFileName() + ".ledger");
    try (FileAttestationLedger versions = AttestationLedger.inDirectory(home)) {
      Attester attester =
          new Attester(
              signer,
              directory.key(),
              model,
              listing,
              scope == null
                  ? AttesterScope.everything(model)
                  : AttesterScope.vectors(model, scope.toArray(String[]::new)),
              versions);
      Attestation attestation =
          closing ? attester.close(terms) : attest(attester, terms, model, listing);
      MessageFiles.write(out, AttestationConversions.toProto(attestation));
      spec.commandLine()
          .getOut()
          .println(
              "attestation "
                  + attestation.body().version()
                  + " of "
                  + HexFormat.of().formatHex(attestation.body().attester().toByteArray()));
    } finally {
      signer.destroy();
    }
    return PlimsollCommand.ACCEPTED;
  }

  private long notAfterMillis(long now) throws InvalidFormatException {
    try {
      return Math.addExact(now, validFor.toMillis());
    } catch (ArithmeticException e) {
      throw new InvalidFormatException("--valid-for is " + validFor + ", too long for a time");
    }
  }

  private Attestation attest(
      Attester attester, AttestationTerms terms, MarginModel model, Listing listing)
      throws InvalidFormatException, IOException {
    Portfolio message = MessageFiles.read("portfolio", portfolio, Portfolio.getDefaultInstance());
    try (Holdings holdings =
        ProtoConversions.holdings(new PortfolioReader(model, listing), message)) {
      return attester.attest(terms, holdings);
    }
  }
}
