package io.plimsoll.attester;

import io.plimsoll.rpc.CallLimits;
import io.plimsoll.rpc.RpcServer;
import io.plimsoll.rpc.TlsFiles;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An attester's engine as a gRPC service ({@code plimsoll.v1.Attester}) for owners. With TLS every
 * caller shows a certificate; without, it listens on a loopback address alone and whoever is on the
 * machine may ask about every account. Thread-safe.
 */
public final class AttesterServer implements AutoCloseable {
  private static final int CALLS_PER_SECOND = 20;
  private static final int CALLS_AT_ONCE = 100;
  private static final int CONCURRENT_CALLS = 16;
  private static final int MAX_MESSAGE_BYTES = 1 << 20;

  private final RpcServer server;

  private AttesterServer(RpcServer server) {
    this.server = server;
  }

  /**
   * Listens and serves. The engine stays the caller's to close.
   *
   * @param clients by account, fingerprints of the certificates that may ask about it
   * @param tls certificate, key and trusted authorities; empty for this machine alone
   * @throws IOException if the address cannot be listened on, or a TLS file cannot be used
   * @throws IllegalArgumentException if there is TLS without trusted authorities
   * @throws IllegalStateException if there is no TLS and the address is no loopback address
   */
  public static AttesterServer start(
      AttesterEngine engine,
      Map<PledgeId, Set<String>> clients,
      InetSocketAddress address,
      Optional<TlsFiles> tls)
      throws IOException {
    if (tls.isPresent() && tls.get().trust().isEmpty()) {
      throw new IllegalArgumentException(
          "owners are known by their certificates: TLS needs authorities to trust");
    }
    AttesterService service = new AttesterService(engine, clients, tls.isEmpty());
    RpcServer.Builder builder =
        RpcServer.builder("the attester")
            .address(address)
            .service(service)
            .intercept(CallLimits.perClient(CALLS_PER_SECOND, CALLS_AT_ONCE, CONCURRENT_CALLS))
            .maxMessageBytes(MAX_MESSAGE_BYTES)
            .atEnd(service::end);
    tls.ifPresent(builder::tls);
    return new AttesterServer(builder.start());
  }

  /** The port that it listens on. */
  public int port() {
    return server.port();
  }

  /** Ends streams, takes no more calls, and finishes those that it has. */
  @Override
  public void close() {
    server.close();
  }
}
