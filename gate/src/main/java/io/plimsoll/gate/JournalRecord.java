package io.plimsoll.gate;

import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.Digest;

/**
 * One link of the journal. Each names the digest of the one before, so that nothing in the middle
 * can be changed, left out or put in without all later digests changing. Immutable and thread-safe.
 *
 * @param index 1 for the first, growing by one
 * @param previous digest of the record before; {@link Digest#ZERO} in the first
 * @param decision what was decided
 */
public record JournalRecord(long index, Digest previous, Decision decision) {
  private static final String TAG = "plimsoll/journal/v1";

  /** Digest of the index, the digest before and the decision's bytes. */
  public Digest digest() {
    return new CanonicalWriter(TAG)
        .u64(index)
        .digest(previous)
        .bytes(decision.toByteArray())
        .digest();
  }
}
