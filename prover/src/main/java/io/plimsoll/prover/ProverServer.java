package io.plimsoll.prover;

import io.grpc.BindableService;
import io.grpc.ServerInterceptor;
import io.plimsoll.rpc.RpcServer;
import io.plimsoll.rpc.TlsFiles;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;

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
  private final RpcServer server;

  private ProverServer(RpcServer server) {
    this.server = server;
  }

  /** Settings with their defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** The port that it listens on. */
  public int port() {
    return server.port();
  }

  /** Waits until {@link #close} has been called from another thread and has finished. */
  public void awaitTermination() throws InterruptedException {
    server.awaitTermination();
  }

  /**
   * Says NOT_SERVING, takes no more calls, finishes those that it has (within the drain time; drops
   * the rest), closes the engine and thereby wipes its openings. Calling it again waits for the
   * first call to finish.
   */
  @Override
  public void close() {
    server.close();
  }

  /** Settings of a server. Not thread-safe. */
  public static final class Builder {
    private final RpcServer.Builder server =
        RpcServer.builder("the prover").unreadable(RpcErrors::invalidInput);

    private Builder() {}

    /** Port on the loopback address, 0 for any free one, which is the default. */
    public Builder port(int port) {
      server.port(port);
      return this;
    }

    /** Address to listen on; any but a loopback address needs TLS. */
    public Builder address(InetSocketAddress address) {
      server.address(address);
      return this;
    }

    /** Serves TLS, and with trusted authorities asks clients for a certificate. */
    public Builder tls(TlsFiles files) {
      server.tls(files);
      return this;
    }

    /** Longest request, by default 4 MiB. Longer ones end in RESOURCE_EXHAUSTED. */
    public Builder maxMessageBytes(int bytes) {
      server.maxMessageBytes(bytes);
      return this;
    }

    /** How long {@link ProverServer#close} waits for calls to end, by default 30 s. */
    public Builder drainTime(Duration time) {
      server.drainTime(time);
      return this;
    }

    /** Adds an interceptor of calls, such as {@code CallLimits} or one that counts. */
    public Builder intercept(ServerInterceptor interceptor) {
      server.intercept(interceptor);
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
      ProverService service = new ProverService(engine);
      server.atEnd(service::endStreams);
      return start(service, engine);
    }

    ProverServer start(BindableService service, AutoCloseable engine) throws IOException {
      return new ProverServer(server.service(service).behind(engine).start());
    }
  }
}
