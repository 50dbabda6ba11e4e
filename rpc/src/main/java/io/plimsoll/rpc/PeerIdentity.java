package io.plimsoll.rpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Who calls: the certificate that the other side showed, whose private key it has and which a
 * trusted authority signed. Names inside certificates are not looked at: two authorities may give
 * one name to two parties, but nobody else has this certificate. Immutable and thread-safe.
 */
public final class PeerIdentity {
  private static final Context.Key<PeerIdentity> CURRENT = Context.key("plimsoll-peer");

  private final String fingerprint;
  private final byte[] publicKey;

  private PeerIdentity(String fingerprint, byte[] publicKey) {
    this.fingerprint = fingerprint;
    this.publicKey = publicKey;
  }

  /**
   * Whose call this thread handles; empty without TLS, or if the server asks for no certificate.
   */
  public static Optional<PeerIdentity> current() {
    return Optional.ofNullable(CURRENT.get());
  }

  /** The identity that a certificate gives whoever has its private key. */
  public static PeerIdentity of(Certificate certificate) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
      return new PeerIdentity(
          HexFormat.of().formatHex(digest), certificate.getPublicKey().getEncoded());
    } catch (CertificateEncodingException e) {
      throw new IllegalArgumentException("the certificate has no encoding", e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is part of every JDK", e);
    }
  }

  /** SHA-256 of the certificate's DER bytes, 64 lower-case hexadecimal digits. */
  public String fingerprint() {
    return fingerprint;
  }

  /**
   * The certificate's public key as X.509 SubjectPublicKeyInfo; it stays when a certificate is
   * renewed for the same key.
   */
  public byte[] publicKey() {
    return publicKey.clone();
  }

  /** Puts the caller's identity where {@link #current} finds it. */
  static ServerInterceptor interceptor() {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Optional<PeerIdentity> peer = of(call);
        return peer.isEmpty()
            ? next.startCall(call, headers)
            : Contexts.interceptCall(
                Context.current().withValue(CURRENT, peer.get()), call, headers, next);
      }
    };
  }

  private static Optional<PeerIdentity> of(ServerCall<?, ?> call) {
    SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    if (session == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(of(session.getPeerCertificates()[0]));
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }

  /** Runs as a call of this peer would: for tests of services without a connection. */
  public void run(Runnable work) {
    Context.current().withValue(CURRENT, this).run(work);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PeerIdentity that
        && fingerprint.equals(that.fingerprint)
        && Arrays.equals(publicKey, that.publicKey);
  }

  @Override
  public int hashCode() {
    return Objects.hash(fingerprint);
  }

  /** The fingerprint. */
  @Override
  public String toString() {
    return fingerprint;
  }
}
