package io.plimsoll.gate.rpc;

import io.grpc.ServerInterceptor;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.plimsoll.gate.GateStore;
import io.plimsoll.gate.LiquidationGate;
import io.plimsoll.gate.PolicyNotInForceException;
import io.plimsoll.gate.VenueSigner;
import io.plimsoll.rpc.CallLimits;
import io.plimsoll.rpc.MetricsEndpoint;
import io.plimsoll.rpc.RpcServer;
import io.plimsoll.rpc.TlsFiles;
import io.plimsoll.verifier.AttestationBody;
import io.plimsoll.verifier.StatementLayout;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/**
 * A venue's gate as a gRPC service ({@code plimsoll.v1.Gate}). It asks every client for a
 * certificate, and {@link VenueRoles} say what its bearer may do. Several servers may serve one
 * store. Thread-safe.
 */
public final class GateServer implements AutoCloseable {
  /** More than any message has beside a round's coefficients: the longest is an attestation. */
  private static final int OTHER_BYTES = AttestationBody.MAX_SEALED_OPENING_BYTES + (1 << 18);

  /** Most of them wait for the store; those that do must not keep a health check waiting. */
  private static final int HANDLER_THREADS = 16;

  /** Verifying is all that these do beside waiting for the store: one commits, another verifies. */
  private static final int PROOF_THREADS = Math.max(2, Runtime.getRuntime().availableProcessors());

  private final RpcServer server;
  private final Callers callers;
  private final JournalFeed feed;
  private final ProofQueue proofs;

  private GateServer(RpcServer server, Callers callers, JournalFeed feed, ProofQueue proofs) {
    this.server = server;
    this.callers = callers;
    this.feed = feed;
    this.proofs = proofs;
  }

  /**
   * Settings with their defaults.
   *
   * @param gate what decides
   * @param store the gate's own
   * @param signer the gate's own
   * @param roles who may do what
   */
  public static Builder builder(
      LiquidationGate gate, GateStore store, VenueSigner signer, VenueRoles roles) {
    return new Builder(gate, store, signer, roles);
  }

  /** The port that it listens on. */
  public int port() {
    return server.port();
  }

  /**
   * From the next call on, these roles count. Streams end with UNAVAILABLE; whoever still may
   * begins them again.
   */
  public void replaceRoles(VenueRoles roles) {
    callers.replace(roles);
    feed.breakOff();
  }

  /** How many proofs of a party have come and have no answer: for tests. */
  int unanswered(String party) {
    return proofs.unanswered(party);
  }

  /** Waits until {@link #close} has been called from another thread and has finished. */
  public void awaitTermination() throws InterruptedException {
    server.awaitTermination();
  }

  /**
   * Ends streams, takes no more calls, finishes those that it has, and closes what is behind it.
   */
  @Override
  public void close() {
    server.close();
  }

  /** Settings of a server. Not thread-safe. */
  public static final class Builder {
    private final LiquidationGate gate;
    private final GateStore store;
    private final VenueSigner signer;
    private final VenueRoles roles;
    private InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private TlsFiles tls;
    private boolean insecureLoopback;
    private int callsPerSecond = 200;
    private int callsAtOnce = 400;
    private int concurrentCalls = 64;
    private Duration interval = Duration.ofMillis(250);
    private Duration drainTime = Duration.ofSeconds(30);
    private Predicate<RuntimeException> isTransient = unused -> false;
    private AutoCloseable behind = () -> {};
    private int maxCoefficients = StatementLayout.MAX_COEFFICIENTS;
    private MeterRegistry registry = new CompositeMeterRegistry();
    private ServerInterceptor outermost;

    private Builder(LiquidationGate gate, GateStore store, VenueSigner signer, VenueRoles roles) {
      this.gate = Objects.requireNonNull(gate);
      this.store = Objects.requireNonNull(store);
      this.signer = Objects.requireNonNull(signer);
      this.roles = Objects.requireNonNull(roles);
    }

    /** Port on the loopback address, 0 for any free one, which is the default. */
    public Builder port(int port) {
      return address(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    /** Address to listen on. */
    public Builder address(InetSocketAddress address) {
      this.address = Objects.requireNonNull(address);
      return this;
    }

    /** Mutual TLS: certificate, key, and the authorities of clients' certificates. */
    public Builder tls(TlsFiles files) {
      if (files.trust().isEmpty()) {
        throw new IllegalArgumentException(
            "a gate knows its callers by their certificates: it needs authorities to trust");
      }
      this.tls = files;
      return this;
    }

    /**
     * Without TLS, on a loopback address alone, for demonstrations: a caller is who it says that it
     * is.
     */
    public Builder insecureLoopback() {
      this.insecureLoopback = true;
      return this;
    }

    /**
     * How much one client may ask for, as in {@link CallLimits#perClient}; by default 200 calls or
     * proofs per second, 400 after a pause, 64 calls at the same time.
     */
    public Builder limits(int perSecond, int burst, int concurrent) {
      callsPerSecond = perSecond;
      callsAtOnce = burst;
      concurrentCalls = concurrent;
      return this;
    }

    /** How often the journal is looked at for other gates' decisions, by default 250 ms. */
    public Builder interval(Duration time) {
      if (time.isNegative() || time.isZero()) {
        throw new IllegalArgumentException("interval is above zero, not " + time);
      }
      this.interval = time;
      return this;
    }

    /** How long {@link GateServer#close} waits for calls to end, by default 30 s. */
    public Builder drainTime(Duration time) {
      this.drainTime = Objects.requireNonNull(time);
      return this;
    }

    /** Which of the store's faults may be over when the call is made again; by default none. */
    public Builder transientFaults(Predicate<RuntimeException> which) {
      this.isTransient = Objects.requireNonNull(which);
      return this;
    }

    /** How many coefficients a round of the circuit has; longer requests are refused unread. */
    public Builder coefficients(int count) {
      if (count < 0 || count > StatementLayout.MAX_COEFFICIENTS) {
        throw new IllegalArgumentException(
            "coefficients are 0 to " + StatementLayout.MAX_COEFFICIENTS + ", not " + count);
      }
      this.maxCoefficients = count;
      return this;
    }

    /** Counts calls, proofs and decisions there; by default nowhere. */
    public Builder metrics(MetricsEndpoint endpoint) {
      this.registry = endpoint.registry();
      this.outermost = endpoint.calls();
      return this;
    }

    /** Closed with the server, after its last call. */
    public Builder behind(AutoCloseable closeable) {
      this.behind = Objects.requireNonNull(closeable);
      return this;
    }

    /**
     * Listens and serves.
     *
     * @throws IOException if the address cannot be listened on, or a TLS file cannot be used
     * @throws IllegalStateException unless there is either TLS, or the word that there is none on a
     *     loopback address
     */
    public GateServer start() throws IOException {
      if (insecureLoopback == (tls != null)) {
        throw new IllegalStateException(
            insecureLoopback
                ? "either TLS or none: both are asked for"
                : "a gate knows its callers by their certificates: it needs mutual TLS");
      }
      Callers callers = new Callers(roles, insecureLoopback);
      GateMetrics metrics = new GateMetrics(registry);
      metrics.unrecorded(gate::unrecorded);
      JournalFeed feed = new JournalFeed(store, interval, metrics);
      ExecutorService proofThreads = proofThreads();
      ProofQueue proofs =
          new ProofQueue(
              gate::judgeProofs,
              proofThreads,
              PROOF_THREADS,
              fault ->
                  fault instanceof PolicyNotInForceException
                      || (fault instanceof RuntimeException e && isTransient.test(e)),
              metrics::together);
      RpcServer.Builder server = RpcServer.builder("the gate");
      if (outermost != null) {
        server.intercept(outermost);
      }
      server
          .address(address)
          .service(
              new GateService(gate, store, signer, callers, feed, proofs, metrics, isTransient))
          .intercept(CallLimits.perClient(callsPerSecond, callsAtOnce, concurrentCalls))
          .intercept(callers)
          .handlerThreads(HANDLER_THREADS)
          .maxMessageBytes(OTHER_BYTES + 8 * maxCoefficients)
          .drainTime(drainTime)
          .atEnd(feed::end)
          .behind(
              () -> {
                proofThreads.shutdown();
                feed.close();
                behind.close();
              });
      if (tls != null) {
        server.tls(tls);
      }
      try {
        return new GateServer(server.start(), callers, feed, proofs);
      } catch (IOException | RuntimeException e) {
        proofThreads.shutdown();
        feed.close();
        throw e;
      }
    }

    private static ExecutorService proofThreads() {
      return Executors.newFixedThreadPool(
          PROOF_THREADS,
          work -> {
            Thread thread = new Thread(work, "plimsoll-proofs");
            thread.setDaemon(true);
            return thread;
          });
    }
  }
}
