package io.plimsoll.prover.cli;

import io.plimsoll.attestation.KeyFiles;
import io.plimsoll.attestation.SealingIdentity;
import io.plimsoll.nativeprover.DevelopmentKeys;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.prover.PlausibilityPolicy;
import io.plimsoll.prover.ProverEngine;
import io.plimsoll.prover.ProverPolicy;
import io.plimsoll.prover.ProverServer;
import io.plimsoll.rpc.TlsFiles;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.Threshold;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code serve}. */
@Command(
    name = "serve",
    description = "Runs the owner's prover service until it is told to stop.",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
  private static final Pattern AGREEMENT =
      Pattern.compile("(?<account>.+)=(?<threshold>[0-9]+/[0-9]+)(:(?<purpose>[A-Za-z_]+))?");

  @Spec private CommandSpec spec;

  @Mixin private TrustOptions trust;

  @Option(
      names = "--owner",
      required = true,
      paramLabel = "FILE",
      description = "the owner's sealing key file")
  private Path owner;

  @Mixin private PasswordOption password;

  @Mixin private ProverOption prover;

  @Option(names = "--venue", required = true, description = "venue id")
  private String venue;

  @Option(
      names = "--agree",
      required = true,
      paramLabel = "ACCOUNT=N/D[:PURPOSE]",
      description = "a threshold of the account agreement; the service answers for no other")
  private List<String> agreements;

  @Option(
      names = "--plausible-move",
      paramLabel = "FRACTION",
      description =
          "largest move of a coefficient from round to round, a fraction of its last value, for"
              + " example 0.5; no limit by default")
  private String plausibleMove;

  @Option(
      names = "--plausible-step",
      defaultValue = "0",
      paramLabel = "DECIMAL",
      description =
          "added to --plausible-move, in the coefficient's own unit, for coefficients near zero;"
              + " default ${DEFAULT-VALUE}")
  private String plausibleStep;

  @Option(
      names = "--round-age",
      paramLabel = "DURATION",
      description =
          "how old a round may be when it comes, for example PT10M; any age by default, which lets"
              + " whoever calls ask about all the markets of the past")
  private Duration roundAge;

  @Option(names = "--port", defaultValue = "50051", description = "default ${DEFAULT-VALUE}")
  private int port;

  @Option(
      names = "--address",
      defaultValue = "127.0.0.1",
      description = "address to listen on; default ${DEFAULT-VALUE}")
  private String address;

  @Option(names = "--tls-certificate", paramLabel = "FILE", description = "PEM")
  private Path certificate;

  @Option(names = "--tls-key", paramLabel = "FILE", description = "PEM")
  private Path tlsKey;

  @Option(
      names = "--tls-clients",
      paramLabel = "FILE",
      description = "PEM of the authorities whose clients are let in; all by default")
  private Path clientAuthorities;

  @Option(names = "--queue", defaultValue = "64", description = "proofs that may wait")
  private int queue;

  @Override
  public Integer call()
      throws InvalidFormatException, IOException, ProvingException, InterruptedException {
    if (port < 0 || port > 65_535) {
      throw new InvalidFormatException("--port is " + port + ", not 0 to 65535");
    }
    if (queue < 1) {
      throw new InvalidFormatException("--queue is " + queue + ", less than 1");
    }
    KeyDirectory directory = trust.keys();
    ProverPolicy policy = policy();
    policy
        .keys()
        .requireAllowed(
            directory.key().circuitId(), directory.key().setup(), directory.key().isDevelopment());
    InetSocketAddress listen = new InetSocketAddress(address, port);
    if (listen.isUnresolved()) {
      throw new InvalidFormatException("--address " + address + " is unknown");
    }
    if (certificate == null && !listen.getAddress().isLoopbackAddress()) {
      throw new InvalidFormatException(
          "--address " + address + " is not this machine alone: that needs --tls-certificate");
    }
    if ((certificate == null) != (tlsKey == null)
        || (clientAuthorities != null && certificate == null)) {
      throw new InvalidFormatException("TLS needs --tls-certificate and --tls-key");
    }
    SealingIdentity identity = KeyFiles.readSealing(owner, password);
    ProverEngine engine =
        ProverEngine.builder()
            .model(directory.model())
            .key(directory.key())
            .prover(directory.prover(prover, DevelopmentKeys.ALLOWED))
            .identity(identity)
            .policy(policy)
            .queueCapacity(queue)
            .build();
    ProverServer.Builder builder = ProverServer.builder().address(listen);
    if (certificate != null) {
      builder.tls(
          clientAuthorities == null
              ? TlsFiles.server(certificate, tlsKey)
              : TlsFiles.mutual(certificate, tlsKey, clientAuthorities));
    }
    ProverServer server = builder.start(engine);
    Runtime.getRuntime().addShutdownHook(new Thread(server::close, "shutdown"));
    spec.commandLine().getOut().println("listening on " + address + ":" + server.port());
    spec.commandLine().getOut().flush();
    server.awaitTermination();
    identity.destroy();
    return PlimsollCommand.ACCEPTED;
  }

  private ProverPolicy policy() throws InvalidFormatException {
    ProverPolicy.Builder policy =
        ProverPolicy.builder()
            .venue(venue)
            .publishers(trust.publishers())
            .plausibility(plausibility())
            .keys(trust.keyPolicy());
    if (roundAge != null) {
      try {
        policy.maximumRoundAge(roundAge);
      } catch (IllegalArgumentException e) {
        throw new InvalidFormatException("--round-age: " + e.getMessage());
      }
    }
    for (String agreement : agreements) {
      Matcher matcher = AGREEMENT.matcher(agreement);
      if (!matcher.matches()) {
        throw new InvalidFormatException(
            "--agree is '" + agreement + "', not ACCOUNT=N/D or ACCOUNT=N/D:PURPOSE");
      }
      policy.agree(
          matcher.group("account"),
          Threshold.parse(matcher.group("threshold")),
          purpose(matcher.group("purpose")));
    }
    return policy.build();
  }

  private PlausibilityPolicy plausibility() throws InvalidFormatException {
    if (plausibleMove == null) {
      return PlausibilityPolicy.trustPublishers();
    }
    try {
      return PlausibilityPolicy.within(PlausibilityPolicy.Step.of(plausibleMove, plausibleStep));
    } catch (IllegalArgumentException e) {
      throw new InvalidFormatException("--plausible-move and --plausible-step: " + e.getMessage());
    }
  }

  private static Purpose purpose(String name) throws InvalidFormatException {
    if (name == null) {
      return Purpose.MAINTENANCE;
    }
    for (Purpose purpose : Purpose.values()) {
      if (purpose.name().equals(name.toUpperCase(Locale.ROOT))) {
        return purpose;
      }
    }
    throw new InvalidFormatException("--agree: no purpose '" + name + "'");
  }
}
