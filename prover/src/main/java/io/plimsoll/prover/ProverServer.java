package io.plimsoll.prover;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.plimsoll.proto.v1.ProverGrpc;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The prover as a gRPC service ({@code plimsoll.v1.Prover}) over Netty, with the standard health
 * and reflection services.
 *
 * <p>It holds an owner's openings and answers whoever can connect, so by default it listens on the
 * loopback address and refuses any other without TLS. Everything that it says, refusals and
 * shortfalls included, is for the owner: a process that passes answers on to a venue must pass on
 * finished proofs alone, so that insolvency, a refusal and silence look the same there.
 *
 * <p>Thread-safe. {@link #close} is graceful.
 */
public final class ProverServer implements AutoCloseable {
  private static final Logger LOG = System.getLogger("io.plimsoll.prover");
  private static final int HANDLER_THREADS = 4;
  private static final long LINGER_MILLIS = 500;
  private static final int MAX_METADATA_BYTES = 8 * 1024;
  private static final int MAX_CONCURRENT_CALLS_PER_CONNECTION = 256;

  private final Server server;
  private final HealthStatusManager health;
  private final ExecutorService handlers;
  private final AutoCloseable engine;
  private final Duration drainTime;
  private final int port;
  private final CallsInFlight inFlight = new CallsInFlight();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CountDownLatch closed = new CountDownLatch(1);

  private ProverServer(Builder builder, BindableService service, AutoCloseable engine)
      throws IOException {
    this.engine = engine;
    this.drainTime = builder.drainTime;
    this.health = new HealthStatusManager();
    this.handlers =
        Executors.newFixedThreadPool(
            HANDLER_THREADS,
            work -> {
              Thread thread = new Thread(work, "plimsoll-handler");
              thread.setDaemon(true);
              return thread;
            });
    try {
      this.server =
          netty(builder)
              .executor(handlers)
              .maxInboundMessageSize(builder.maxMessageBytes)
              .maxInboundMetadataSize(MAX_METADATA_BYTES)
              .maxConcurrentCallsPerConnection(MAX_CONCURRENT_CALLS_PER_CONNECTION)
              .addService(ErrorInterceptor.guard(service.bindService(), inFlight))
              .addService(health.getHealthService())
              .addService(ProtoReflectionServiceV1.newInstance())
              .build()
              .start();
    } catch (IOException | RuntimeException e) {
      handlers.shutdownNow();
      throw e;
    }
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
    health.setStatus(ProverGrpc.SERVICE_NAME, ServingStatus.SERVING);
    this.port = server.getPort();
    LOG.log(Level.DEBUG, () -> "prover listens on port " + port);
  }

  /** Settings with their defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** The port that it listens on. */
  public int port() {
    return port;
  }

  /** Waits until {@link #close} has been called from another thread and has finished. */
  public void awaitTermination() throws InterruptedException {
    closed.await();
  }

  /**
   * Says NOT_SERVING, takes no more calls, finishes those that it has (within the drain time; drops
   * the rest), closes the engine and thereby wipes its openings. Calling it again waits for the
   * first call to finish.
   */
  @Override
  public void close() {
    if (closing.compareAndSet(false, true)) {
      try {
        shutDown();
      } finally {
        closed.countDown();
      }
    }
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void shutDown() {
    health.enterTerminalState();
    server.shutdown();
    try {
      if (!inFlight.awaitNone(drainTime)) {
        LOG.log(Level.WARNING, "calls are dropped: they did not end within the drain time");
      }
      // What is open now carries no call: health watchers, and clients that stopped reading.
      if (!server.awaitTermination(LINGER_MILLIS, TimeUnit.MILLISECONDS)) {
        server.shutdownNow();
        boolean unused = server.awaitTermination(LINGER_MILLIS, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
    try {
      engine.close();
    } catch (Exception e) {
      LOG.log(Level.ERROR, () -> "closing the engine failed" + RpcErrors.trace(e));
    }
    handlers.shutdown();
  }

  private static NettyServerBuilder netty(Builder builder) throws IOException {
    if (builder.tls == null) {
      return NettyServerBuilder.forAddress(builder.address);
    }
    try {
      return NettyServerBuilder.forAddress(builder.address, credentials(builder.tls));
    } catch (IllegalArgumentException e) {
      throw new IOException("a TLS file cannot be used: " + e.getMessage(), e);
    }
  }

  private static ServerCredentials credentials(TlsFiles files) throws IOException {
    TlsServerCredentials.Builder tls =
        TlsServerCredentials.newBuilder()
            .keyManager(
                files.certificate().orElseThrow().toFile(), files.key().orElseThrow().toFile());
    if (files.trust().isPresent()) {
      tls.trustManager(files.trust().get().toFile());
      tls.clientAuth(TlsServerCredentials.ClientAuth.REQUIRE);
    }
    return tls.build();
  }

  /** Settings of a server. Not thread-safe. */
  public static final class Builder {
    private InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private TlsFiles tls;
    private int maxMessageBytes = 4 * 1024 * 1024;
    private Duration drainTime = Duration.ofSeconds(30);

    private Builder() {}

    /** Port on the loopback address, 0 for any free one, which is the default. */
    public Builder port(int port) {
      return address(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    /** Address to listen on; any but a loopback address needs TLS. */
    public Builder address(InetSocketAddress address) {
      this.address = Objects.requireNonNull(address);
      return this;
    }

    /** Serves TLS, and with trusted authorities asks clients for a certificate. */
    public Builder tls(TlsFiles files) {
      if (files.certificate().isEmpty()) {
        throw new IllegalArgumentException("a TLS server needs a certificate");
      }
      this.tls = files;
      return this;
    }

    /** Longest request, by default 4 MiB. Longer ones end in RESOURCE_EXHAUSTED. */
    public Builder maxMessageBytes(int bytes) {
      if (bytes < 1) {
        throw new IllegalArgumentException("message bytes are at least 1, not " + bytes);
      }
      this.maxMessageBytes = bytes;
      return this;
    }

    /** How long {@link ProverServer#close} waits for calls to end, by default 30 s. */
    public Builder drainTime(Duration time) {
      if (time.isNegative()) {
        throw new IllegalArgumentException("drain time is not negative, but " + time);
      }
      this.drainTime = time;
      return this;
    }

    /**
     * Listens and serves. The server takes the engine over and closes it with itself; if this
     * throws, the engine is still the caller's to close.
     *
     * @throws IOException if the address cannot be listened on, or a TLS file cannot be used
     * @throws IllegalStateException if the address is no loopback address and there is no TLS
     */
    public ProverServer start(ProverEngine engine) throws IOException {
      return start(new ProverService(engine), engine);
    }

    ProverServer start(BindableService service, AutoCloseable engine) throws IOException {
      if (tls == null && (address.isUnresolved() || !address.getAddress().isLoopbackAddress())) {
        throw new IllegalStateException(
            "the prover holds openings: " + address + " is no loopback address and needs TLS");
      }
      return new ProverServer(this, service, engine);
    }
  }
}
