package io.plimsoll.rpc;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * Services over gRPC and Netty, with the standard health and reflection services. It listens on the
 * loopback address unless told otherwise, and refuses any other without TLS. With trusted
 * authorities it asks every client for a certificate, and {@link PeerIdentity#current} says whose
 * call a thread handles.
 *
 * <p>What a service throws is a fault of ours and INTERNAL; bytes that are no message are
 * INVALID_ARGUMENT; messages that are too long are RESOURCE_EXHAUSTED.
 *
 * <p>Thread-safe. {@link #close} is graceful.
 */
public final class RpcServer implements AutoCloseable {
  private static final Logger LOG = System.getLogger("io.plimsoll.rpc");
  private static final long LINGER_MILLIS = 500;
  private static final int MAX_METADATA_BYTES = 8 * 1024;
  private static final int MAX_CONCURRENT_CALLS_PER_CONNECTION = 256;
  private static final long HANDSHAKE_SECONDS = 20;
  private static final long KEEP_ALIVE_SECONDS = 60;

  private final String name;
  private final Server server;
  private final HealthStatusManager health;
  private final ExecutorService handlers;
  private final AutoCloseable behind;
  private final Runnable atEnd;
  private final Duration drainTime;
  private final int port;
  private final CallsInFlight inFlight = new CallsInFlight();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CountDownLatch closed = new CountDownLatch(1);

  private RpcServer(Builder builder) throws IOException {
    this.name = builder.name;
    this.behind = builder.behind;
    this.atEnd = builder.atEnd;
    this.drainTime = builder.drainTime;
    this.health = new HealthStatusManager();
    this.handlers =
        Executors.newFixedThreadPool(
            builder.handlerThreads,
            work -> {
              Thread thread = new Thread(work, "plimsoll-handler");
              thread.setDaemon(true);
              return thread;
            });
    List<String> names = new ArrayList<>();
    try {
      NettyServerBuilder netty =
          netty(builder)
              .executor(handlers)
              .handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS)
              .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
              .permitKeepAliveTime(KEEP_ALIVE_SECONDS / 2, TimeUnit.SECONDS)
              .maxInboundMessageSize(builder.maxMessageBytes)
              .maxInboundMetadataSize(MAX_METADATA_BYTES)
              .maxConcurrentCallsPerConnection(MAX_CONCURRENT_CALLS_PER_CONNECTION);
      for (BindableService service : builder.services) {
        ServerServiceDefinition bound = service.bindService();
        names.add(bound.getServiceDescriptor().getName());
        netty.addService(
            ServerInterceptors.intercept(
                ErrorInterceptor.guard(bound, inFlight, builder.interceptors, builder.unreadable),
                PeerIdentity.interceptor()));
      }
      this.server =
          netty
              .addService(health.getHealthService())
              .addService(ProtoReflectionServiceV1.newInstance())
              .build()
              .start();
    } catch (IOException | RuntimeException e) {
      handlers.shutdownNow();
      throw e;
    }
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
    names.forEach(service -> health.setStatus(service, ServingStatus.SERVING));
    this.port = server.getPort();
    LOG.log(Level.DEBUG, () -> name + " listens on port " + port);
  }

  /**
   * Settings with their defaults.
   *
   * @param name of what serves, for its log and errors, for example "the prover"
   */
  public static Builder builder(String name) {
    return new Builder(name);
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
   * Says NOT_SERVING, has endless streams end, takes no more calls, finishes those that it has
   * (within the drain time; drops the rest), and closes what is behind the services. Calling it
   * again waits for the first call to finish.
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
      atEnd.run();
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, () -> "ending streams failed" + RpcFaults.trace(e));
    }
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
      behind.close();
    } catch (Exception e) {
      LOG.log(Level.ERROR, () -> "closing " + name + " failed" + RpcFaults.trace(e));
    }
    handlers.shutdown();
  }

  private static NettyServerBuilder netty(Builder builder) throws IOException {
    if (builder.tls == null) {
      return NettyServerBuilder.forAddress(builder.address);
    }
    try {
      return NettyServerBuilder.forAddress(builder.address, builder.tls.serverCredentials());
    } catch (IllegalArgumentException e) {
      throw new IOException("a TLS file cannot be used: " + e.getMessage(), e);
    }
  }

  /** Settings of a server. Not thread-safe. */
  public static final class Builder {
    private static final int HANDLER_THREADS = 4;

    private final String name;
    private final List<BindableService> services = new ArrayList<>();
    private final List<ServerInterceptor> interceptors = new ArrayList<>();
    private InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private TlsFiles tls;
    private int maxMessageBytes = 4 * 1024 * 1024;
    private int handlerThreads = HANDLER_THREADS;
    private Duration drainTime = Duration.ofSeconds(30);
    private Function<String, StatusRuntimeException> unreadable =
        text -> Status.INVALID_ARGUMENT.withDescription(text).asRuntimeException();
    private Runnable atEnd = () -> {};
    private AutoCloseable behind = () -> {};

    private Builder(String name) {
      this.name = Objects.requireNonNull(name);
    }

    /** Adds a service. */
    public Builder service(BindableService service) {
      services.add(Objects.requireNonNull(service));
      return this;
    }

    /**
     * Adds an interceptor of the services' calls, inside of those added before and of the error
     * guard. It knows the caller; messages reach it as streams of bytes.
     */
    public Builder intercept(ServerInterceptor interceptor) {
      interceptors.add(Objects.requireNonNull(interceptor));
      return this;
    }

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

    /** What was given to {@link #tls}. */
    public Optional<TlsFiles> tls() {
      return Optional.ofNullable(tls);
    }

    /** Longest request, by default 4 MiB. Longer ones end in RESOURCE_EXHAUSTED. */
    public Builder maxMessageBytes(int bytes) {
      if (bytes < 1) {
        throw new IllegalArgumentException("message bytes are at least 1, not " + bytes);
      }
      this.maxMessageBytes = bytes;
      return this;
    }

    /** How many calls are handled at the same time, by default {@value #HANDLER_THREADS}. */
    public Builder handlerThreads(int threads) {
      if (threads < 1) {
        throw new IllegalArgumentException("handler threads are at least 1, not " + threads);
      }
      this.handlerThreads = threads;
      return this;
    }

    /** How long {@link RpcServer#close} waits for calls to end, by default 30 s. */
    public Builder drainTime(Duration time) {
      if (time.isNegative()) {
        throw new IllegalArgumentException("drain time is not negative, but " + time);
      }
      this.drainTime = time;
      return this;
    }

    /**
     * The status for a request whose bytes are no message, from a text that says so; by default a
     * plain INVALID_ARGUMENT.
     */
    public Builder unreadable(Function<String, StatusRuntimeException> status) {
      this.unreadable = Objects.requireNonNull(status);
      return this;
    }

    /** Runs when closing begins; it ends the streams that have no end of their own. */
    public Builder atEnd(Runnable endStreams) {
      this.atEnd = Objects.requireNonNull(endStreams);
      return this;
    }

    /** Closed with the server, after its last call. If {@link #start} throws, it is not closed. */
    public Builder behind(AutoCloseable behind) {
      this.behind = Objects.requireNonNull(behind);
      return this;
    }

    /**
     * Listens and serves.
     *
     * @throws IOException if the address cannot be listened on, or a TLS file cannot be used
     * @throws IllegalStateException if the address is no loopback address and there is no TLS, or
     *     there is no service
     */
    public RpcServer start() throws IOException {
      if (services.isEmpty()) {
        throw new IllegalStateException(name + " has no service to offer");
      }
      if (tls == null && !isLoopback(address)) {
        throw new IllegalStateException(
            name + " is not for everyone: " + address + " is no loopback address and needs TLS");
      }
      return new RpcServer(this);
    }
  }

  /** Whether only this machine can connect to the address. */
  public static boolean isLoopback(InetSocketAddress address) {
    return !address.isUnresolved() && address.getAddress().isLoopbackAddress();
  }
}
