package io.plimsoll.prover.cli;

import io.plimsoll.gate.rpc.GateClient;
import io.plimsoll.prover.GateVenue;
import io.plimsoll.prover.VenuePort;
import io.plimsoll.rpc.TlsFiles;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The venue's gate that a prover takes rounds from and hands proofs to. */
final class GateOptions {
  @Option(
      names = "--gate",
      paramLabel = "HOST:PORT",
      description =
          "the venue's gate: the accounts of --agree are opened as it has them, its rounds are proven"
              + " as they come, and the proofs handed in; by default all of this goes through this"
              + " service's callers")
  private String target;

  @Option(
      names = "--gate-key",
      paramLabel = "HEX",
      description = "the venue's public key, with which it signs its receipts")
  private String venueKey;

  @Option(
      names = "--gate-tls-certificate",
      paramLabel = "FILE",
      description = "PEM: who the owner is to the venue")
  private Path certificate;

  @Option(names = "--gate-tls-key", paramLabel = "FILE", description = "PEM")
  private Path tlsKey;

  @Option(
      names = "--gate-tls-trust",
      paramLabel = "FILE",
      description = "PEM of the authorities that the venue's certificate must come from")
  private Path trust;

  @Option(
      names = "--gate-insecure",
      paramLabel = "PARTY",
      description = "without TLS, calling as this party: for demonstrations on one machine")
  private String party;

  /** The venue, if there is to be one. */
  Optional<VenuePort> connect() throws IOException, InvalidFormatException {
    if (target == null) {
      if (venueKey != null
          || certificate != null
          || tlsKey != null
          || trust != null
          || party != null) {
        throw new InvalidFormatException("options of the gate need --gate");
      }
      return Optional.empty();
    }
    if (venueKey == null) {
      throw new InvalidFormatException("--gate needs --gate-key");
    }
    Ed25519PublicKey key;
    try {
      key = Ed25519PublicKey.fromBytes(HexFormat.of().parseHex(venueKey));
    } catch (IllegalArgumentException | InvalidFormatException e) {
      throw new InvalidFormatException("--gate-key: " + e.getMessage());
    }
    GateClient.Builder client = GateClient.builder(target);
    if (party != null) {
      if (certificate != null || tlsKey != null || trust != null) {
        throw new InvalidFormatException("--gate-insecure goes without TLS");
      }
      client.insecure(party);
    } else {
      if (certificate == null || tlsKey == null || trust == null) {
        throw new InvalidFormatException(
            "--gate needs --gate-tls-certificate, --gate-tls-key and --gate-tls-trust");
      }
      client.tls(TlsFiles.mutual(certificate, tlsKey, trust));
    }
    return Optional.of(new GateVenue(client.connect(), key));
  }
}
