package io.plimsoll.prover.cli;

import io.plimsoll.attestation.KeyFiles;
import io.plimsoll.attestation.SealingIdentity;
import io.plimsoll.nativeprover.DevelopmentKeys;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.SolvencyProver;
import io.plimsoll.prover.GateSubmitter;
import io.plimsoll.prover.PlausibilityPolicy;
import io.plimsoll.prover.ProverEngine;
import io.plimsoll.prover.ProverPolicy;
import io.plimsoll.prover.ProverServer;
import io.plimsoll.prover.ProverStore;
import io.plimsoll.prover.VenuePort;
import io.plimsoll.rpc.CallLimits;
import io.plimsoll.rpc.MetricsEndpoint;
import io.plimsoll.rpc.TlsFiles;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.Threshold;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
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

  @Option(
      names = "--slot",
      defaultValue = "PT0.05S",
      paramLabel = "DURATION",
      description =
          "proofs leave at their round's time plus a multiple of this alone, so that how long they"
              + " took tells nothing; longer than a proof takes; PT0S for no slots; default"
              + " ${DEFAULT-VALUE}")
  private Duration slot;

  @Option(
      names = "--useful",
      paramLabel = "DURATION",
      description =
          "how long after a round came its proofs are of use to who follows the lines; no limit by"
              + " default")
  private Duration useful;

  @Mixin private StoreDirectoryOptions store;

  @Mixin private GateOptions gate;

  @Option(
      names = "--limit",
      defaultValue = "200",
      paramLabel = "N",
      description = "calls and messages per second from one client; default ${DEFAULT-VALUE}")
  private int limit;

  @Option(
      names = "--limit-calls",
      defaultValue = "64",
      paramLabel = "N",
      description = "calls and streams at a time from one client; default ${DEFAULT-VALUE}")
  private int limitCalls;

  @Option(
      names = "--accounts",
      defaultValue = "4096",
      paramLabel = "N",
      description = "accounts that may be open; default ${DEFAULT-VALUE}")
  private int accounts;

  @Option(
      names = "--metrics",
      paramLabel = "PORT",
      description =
          "serves metrics for Prometheus at http://127.0.0.1:PORT/metrics; 0 for any free port; not"
              + " served by default")
  private Integer metricsPort;

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
    requireAtLeastOne("--limit", limit);
    requireAtLeastOne("--limit-calls", limitCalls);
    requireAtLeastOne("--accounts", accounts);
    if (useful != null && (useful.isNegative() || useful.isZero())) {
      throw new InvalidFormatException("--useful is " + useful + ", not above zero");
    }
    if (metricsPort != null && (metricsPort < 0 || metricsPort > 65_535)) {
      throw new InvalidFormatException("--metrics is " + metricsPort + ", not 0 to 65535");
    }
    SealingIdentity identity = KeyFiles.readSealing(owner, password);
    // In the reverse of this order they are closed when a later one cannot be opened.
    Deque<AutoCloseable> opened = new ArrayDeque<>();
    ProverServer server;
    try {
      server = start(directory, policy, identity, listen, opened);
    } catch (IOException | InvalidFormatException | ProvingException | RuntimeException e) {
      closeAll(opened);
      throw e;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> shutDown(server, opened), "shutdown"));
    spec.commandLine().getOut().println("listening on " + address + ":" + server.port());
    spec.commandLine().getOut().flush();
    server.awaitTermination();
    identity.destroy();
    return PlimsollCommand.ACCEPTED;
  }

  private static void requireAtLeastOne(String option, int value) throws InvalidFormatException {
    if (value < 1) {
      throw new InvalidFormatException(option + " is " + value + ", less than 1");
    }
  }

  private ProverServer start(
      KeyDirectory directory,
      ProverPolicy policy,
      SealingIdentity identity,
      InetSocketAddress listen,
      Deque<AutoCloseable> opened)
      throws IOException, InvalidFormatException, ProvingException {
    ProverEngine.Builder builder =
        ProverEngine.builder()
            .model(directory.model())
            .key(directory.key())
            .identity(identity)
            .policy(policy)
            .queueCapacity(queue)
            .maxAccounts(accounts);
    if (useful != null) {
      builder.usefulTime(useful);
    }
    MetricsEndpoint metrics = null;
    if (metricsPort != null) {
      metrics = MetricsEndpoint.start(metricsPort);
      opened.push(metrics);
      builder.metrics(metrics.registry());
      spec.commandLine().getOut().println("metrics on 127.0.0.1:" + metrics.port());
    }
    Optional<ProverStore> durable = store.open();
    if (durable.isPresent()) {
      opened.push(durable.get());
      builder.store(durable.get());
    }
    SolvencyProver nativeProver = directory.prover(prover, DevelopmentKeys.ALLOWED);
    opened.push(nativeProver);
    ProverEngine engine = builder.prover(nativeProver).build();
    // From here on it closes both.
    opened.pop();
    if (durable.isPresent()) {
      opened.pop();
    }
    opened.push(engine);
    Optional<VenuePort> venuePort = gate.connect();
    ProverServer.Builder serving = ProverServer.builder().address(listen);
    if (certificate != null) {
      serving.tls(
          clientAuthorities == null
              ? TlsFiles.server(certificate, tlsKey)
              : TlsFiles.mutual(certificate, tlsKey, clientAuthorities));
    }
    if (metrics != null) {
      serving.intercept(metrics.calls());
    }
    serving.intercept(CallLimits.perClient(limit, 2 * limit, limitCalls));
    ProverServer server = serving.start(engine);
    opened.pop();
    venuePort.ifPresent(port -> opened.push(GateSubmitter.start(engine, port)));
    return server;
  }

  private static void shutDown(ProverServer server, Deque<AutoCloseable> opened) {
    // The server first, which finishes its calls and closes the engine; what is left has no use
    // then.
    server.close();
    closeAll(opened);
  }

  private static void closeAll(Deque<AutoCloseable> opened) {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        System.getLogger("io.plimsoll.prover")
            .log(System.Logger.Level.WARNING, () -> "closing failed: " + e.getClass().getName());
      }
    }
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
    if (!slot.isZero()) {
      try {
        policy.releaseSlot(slot);
      } catch (IllegalArgumentException e) {
        throw new InvalidFormatException("--slot: " + e.getMessage());
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
