package io.plimsoll.rpc;

import io.grpc.ChannelCredentials;
import io.grpc.ServerCredentials;
import io.grpc.TlsChannelCredentials;
import io.grpc.TlsServerCredentials;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a party's TLS material is, as PEM files.
 *
 * @param certificate its certificate chain; absent for a client that shows none
 * @param key the certificate's private key, PKCS #8, not encrypted; present iff the certificate is
 * @param trust certificates of the authorities that the other side's certificate must come from.
 *     Absent: a client trusts the platform's authorities, a server asks its clients for no
 *     certificate.
 */
public record TlsFiles(Optional<Path> certificate, Optional<Path> key, Optional<Path> trust) {
  /** Checks that certificate and key come together. */
  public TlsFiles {
    if (certificate.isPresent() != key.isPresent()) {
      throw new IllegalArgumentException("a TLS certificate and its key come together");
    }
    Objects.requireNonNull(trust);
  }

  /** For a server that asks its clients for no certificate. */
  public static TlsFiles server(Path certificate, Path key) {
    return new TlsFiles(Optional.of(certificate), Optional.of(key), Optional.empty());
  }

  /** For both sides of mutual TLS. */
  public static TlsFiles mutual(Path certificate, Path key, Path trust) {
    return new TlsFiles(Optional.of(certificate), Optional.of(key), Optional.of(trust));
  }

  /** For a client without a certificate. */
  public static TlsFiles client(Path trust) {
    return new TlsFiles(Optional.empty(), Optional.empty(), Optional.of(trust));
  }

  /** As a server shows and asks for them; it has a certificate. */
  ServerCredentials serverCredentials() throws IOException {
    TlsServerCredentials.Builder tls =
        TlsServerCredentials.newBuilder()
            .keyManager(certificate.orElseThrow().toFile(), key.orElseThrow().toFile());
    if (trust.isPresent()) {
      tls.trustManager(trust.get().toFile());
      tls.clientAuth(TlsServerCredentials.ClientAuth.REQUIRE);
    }
    return tls.build();
  }

  /** As a client shows and asks for them. */
  ChannelCredentials channelCredentials() throws IOException {
    TlsChannelCredentials.Builder tls = TlsChannelCredentials.newBuilder();
    if (certificate.isPresent()) {
      tls.keyManager(certificate.get().toFile(), key.orElseThrow().toFile());
    }
    if (trust.isPresent()) {
      tls.trustManager(trust.get().toFile());
    }
    return tls.build();
  }
}
