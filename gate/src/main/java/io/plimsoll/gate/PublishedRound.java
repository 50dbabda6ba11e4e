package io.plimsoll.gate;

import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.RoundSignature;
import java.util.List;

/**
 * An entry of the append-only log of rounds. Immutable and thread-safe.
 *
 * @param sequence the round's number
 * @param digest the one digest that counts for it
 * @param asOfMillis the round's time
 * @param publishedAtMillis when the gate took it
 * @param signatures the signatures that it came with
 * @param disputed whether a second round with this number was signed; then none counts
 */
public record PublishedRound(
    long sequence,
    Digest digest,
    long asOfMillis,
    long publishedAtMillis,
    List<RoundSignature> signatures,
    boolean disputed) {
  /** Copies the signatures. */
  public PublishedRound {
    signatures = List.copyOf(signatures);
  }

  /** The same entry, disputed. */
  public PublishedRound asDisputed() {
    return new PublishedRound(sequence, digest, asOfMillis, publishedAtMillis, signatures, true);
  }
}
