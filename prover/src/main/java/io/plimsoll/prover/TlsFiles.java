package io.plimsoll.prover;

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
}
