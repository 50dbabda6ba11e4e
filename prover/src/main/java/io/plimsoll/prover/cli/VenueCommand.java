package io.plimsoll.prover.cli;

import io.plimsoll.attestation.KeyFiles;
import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.gate.GatePolicy;
import io.plimsoll.gate.LiquidationGate;
import io.plimsoll.gate.rpc.GateConversions;
import io.plimsoll.gate.rpc.GateServer;
import io.plimsoll.gate.rpc.VenueIdentity;
import io.plimsoll.gate.rpc.VenueRoles;
import io.plimsoll.proto.v1.VenuePolicy;
import io.plimsoll.rpc.MetricsEndpoint;
import io.plimsoll.rpc.RpcServer;
import io.plimsoll.rpc.TlsFiles;
import io.plimsoll.venue.JdbcGateStore;
import io.plimsoll.venue.StoreException;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.VerifyingKey;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code venue}. */
@Command(
    name = "venue",
    description =
        "Runs a venue's gate until it is told to stop: takes rounds, attestations and proofs, and"
            + " decides. Everything that matters is in its store, so it may be stopped and started"
            + " at any time, and several may run on one store.",
    mixinStandardHelpOptions = true)
final class VenueCommand implements Callable<Integer> {
  private static final Logger LOG = System.getLogger("io.plimsoll.venue");
  private static final int ROLES_SECONDS = 2;

  @Spec private CommandSpec spec;

  @Mixin private TrustOptions trust;

  @Option(names = "--venue", required = true, description = "venue id")
  private String venue;

  @Option(
      names = "--store",
      required = true,
      paramLabel = "URL",
      description =
          "jdbc:h2:file:PATH or jdbc:postgresql://HOST/DATABASE; made ready if it is empty")
  private String store;

  @Option(names = "--store-user", paramLabel = "NAME", description = "database user")
  private String storeUser = "";

  @Option(
      names = "--store-password-file",
      paramLabel = "FILE",
      description = "file whose first line is the database password; none by default")
  private Path storePassword;

  @Option(
      names = "--policy",
      required = true,
      paramLabel = "FILE",
      description = "what the venue asks for and how long it waits (JSON, docs/venue-server.md)")
  private Path policy;

  @Option(
      names = "--roles",
      required = true,
      paramLabel = "FILE",
      description =
          "who may do what, by client certificate (JSON, docs/venue-server.md); read again when it"
              + " changes")
  private Path roles;

  @Option(
      names = "--identity",
      required = true,
      paramLabel = "FILE",
      description = "the venue's signing key file")
  private Path identity;

  @Mixin private PasswordOption password;

  @Option(names = "--port", defaultValue = "50052", description = "default ${DEFAULT-VALUE}")
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
      description = "PEM of the authorities of the clients' certificates")
  private Path clientAuthorities;

  @Option(
      names = "--insecure-loopback",
      description =
          "without TLS, on this machine alone, for demonstrations: callers are who they say that"
              + " they are")
  private boolean insecureLoopback;

  @Option(
      names = "--limit",
      defaultValue = "200",
      paramLabel = "N",
      description = "calls and proofs per second from one client; default ${DEFAULT-VALUE}")
  private int limit;

  @Option(
      names = "--limit-calls",
      defaultValue = "64",
      paramLabel = "N",
      description = "calls and streams at a time from one client; default ${DEFAULT-VALUE}")
  private int limitCalls;

  @Option(
      names = "--metrics-port",
      paramLabel = "PORT",
      description = "serves metrics for Prometheus on the loopback address; not by default")
  private Integer metricsPort;

  @Override
  public Integer call() throws InvalidFormatException, IOException, InterruptedException {
    requirePort("--port", port);
    requirePositive("--limit", limit);
    requirePositive("--limit-calls", limitCalls);
    InetSocketAddress listen = new InetSocketAddress(address, port);
    if (listen.isUnresolved()) {
      throw new InvalidFormatException("--address: no host '" + address + "'");
    }
    TlsFiles tls = tls(listen);
    GatePolicy inForce =
        GateConversions.fromProto(
            MessageFiles.read("policy", policy, VenuePolicy.getDefaultInstance()));
    // Before the file is read: a change while the venue starts is one to be taken.
    FileTime rolesSeen = modified(roles);
    VenueRoles parties = readRoles();
    VerifyingKey key = trust.keys().key();
    SolvencyVerifier verifier = SolvencyVerifier.create(key, trust.keyPolicy());
    SigningIdentity signing = KeyFiles.readSigning(identity, password);
    try (JdbcGateStore opened = openStore();
        MetricsEndpoint metrics = metricsPort == null ? null : metrics()) {
      VenueIdentity signer = new VenueIdentity(signing);
      GateServer.Builder builder =
          GateServer.builder(gate(verifier, inForce, opened, signer), opened, signer, parties)
              .address(listen)
              .coefficients(verifier.layout().coefficientCount())
              .limits(limit, 2 * limit, limitCalls)
              .transientFaults(StoreException.class::isInstance);
      if (metrics != null) {
        builder.metrics(metrics);
      }
      if (tls == null) {
        builder.insecureLoopback();
      } else {
        builder.tls(tls);
      }
      serve(builder, signer, rolesSeen);
    } finally {
      signing.destroy();
    }
    return PlimsollCommand.ACCEPTED;
  }

  /** The epoch if there is no such file, which reading it then says in its own words. */
  private static FileTime modified(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      return FileTime.fromMillis(0);
    }
  }

  private void serve(GateServer.Builder builder, VenueIdentity signer, FileTime rolesSeen)
      throws IOException, InterruptedException {
    GateServer server = builder.start();
    ScheduledExecutorService reader = Executors.newSingleThreadScheduledExecutor();
    try {
      RolesFile file = new RolesFile(server, rolesSeen);
      var unused =
          reader.scheduleWithFixedDelay(file::look, ROLES_SECONDS, ROLES_SECONDS, TimeUnit.SECONDS);
      Runtime.getRuntime().addShutdownHook(new Thread(server::close, "shutdown"));
      spec.commandLine().getOut().println("venue " + venue + " signs with " + signer.publicKey());
      spec.commandLine().getOut().println("listening on " + address + ":" + server.port());
      spec.commandLine().getOut().flush();
      server.awaitTermination();
    } finally {
      reader.shutdownNow();
      server.close();
    }
  }

  /** Puts changed roles in force; those that cannot be read change nothing. */
  private final class RolesFile {
    private final GateServer server;
    private FileTime seen;

    RolesFile(GateServer server, FileTime seen) {
      this.server = server;
      this.seen = seen;
    }

    void look() {
      try {
        FileTime modified = Files.getLastModifiedTime(roles);
        if (modified.equals(seen)) {
          return;
        }
        seen = modified;
        server.replaceRoles(readRoles());
        LOG.log(Level.INFO, "event=roles outcome=replaced");
      } catch (IOException | InvalidFormatException | RuntimeException e) {
        // Whatever it is: what is thrown here would end the looking.
        LOG.log(Level.ERROR, () -> "event=roles outcome=kept reason=" + e.getMessage());
      }
    }
  }

  private VenueRoles readRoles() throws InvalidFormatException, IOException {
    return VenueRoles.fromProto(
        MessageFiles.read("roles", roles, io.plimsoll.proto.v1.VenueRoles.getDefaultInstance()));
  }

  private LiquidationGate gate(
      SolvencyVerifier verifier, GatePolicy inForce, JdbcGateStore opened, VenueIdentity signer)
      throws InvalidFormatException {
    try {
      return LiquidationGate.create(venue, verifier, trust.publishers(), inForce, opened, signer);
    } catch (IllegalArgumentException e) {
      throw new InvalidFormatException("--store: " + e.getMessage());
    } catch (StoreException e) {
      throw new InvalidFormatException("--store: " + e.getMessage());
    }
  }

  private JdbcGateStore openStore() throws InvalidFormatException {
    String secret =
        storePassword == null ? "" : new String(PasswordOption.firstLine(storePassword));
    try {
      return JdbcGateStore.open(store, storeUser, secret);
    } catch (StoreException e) {
      throw new InvalidFormatException("--store: " + e.getMessage());
    }
  }

  private MetricsEndpoint metrics() throws InvalidFormatException, IOException {
    requirePort("--metrics-port", metricsPort);
    return MetricsEndpoint.start(metricsPort);
  }

  /** The files, or null for none on this machine alone. */
  private TlsFiles tls(InetSocketAddress listen) throws InvalidFormatException {
    if (insecureLoopback) {
      if (certificate != null || tlsKey != null || clientAuthorities != null) {
        throw new InvalidFormatException("--insecure-loopback goes without TLS");
      }
      if (!RpcServer.isLoopback(listen)) {
        throw new InvalidFormatException(
            "--insecure-loopback: --address " + address + " is not this machine alone");
      }
      return null;
    }
    if (certificate == null || tlsKey == null || clientAuthorities == null) {
      throw new InvalidFormatException(
          "a gate knows its callers by their certificates: it needs --tls-certificate, --tls-key"
              + " and --tls-clients, or --insecure-loopback");
    }
    return TlsFiles.mutual(certificate, tlsKey, clientAuthorities);
  }

  private static void requirePort(String option, int port) throws InvalidFormatException {
    if (port < 0 || port > 65_535) {
      throw new InvalidFormatException(option + " is " + port + ", not 0 to 65535");
    }
  }

  private static void requirePositive(String option, int value) throws InvalidFormatException {
    if (value < 1) {
      throw new InvalidFormatException(option + " is " + value + ", less than 1");
    }
  }
}
