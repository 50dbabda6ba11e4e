package io.plimsoll.verifier;

/**
 * A commitment to holdings: a point of G1. Commitments of several attesters add up to the
 * commitment of the sum. Immutable and thread-safe.
 */
public final class Commitment {
  /** Length of the encoding in bytes: a compressed point. */
  public static final int BYTES = 32;

  private Commitment() {}

  /**
   * Reads a compressed point.
   *
   * @throws InvalidFormatException if it is not {@value #BYTES} bytes, not canonical, infinity, or
   *     not on the curve
   */
  public static Commitment decode(byte[] bytes) throws InvalidFormatException {
    return RoundPoint.pending();
  }

  /** The commitment to the sum of what both commit to. */
  public Commitment plus(Commitment other) {
    return RoundPoint.pending();
  }

  /**
   * The compressed point.
   *
   * @throws IllegalStateException if this is a sum that is infinity, which has no encoding
   */
  public byte[] toByteArray() {
    return RoundPoint.pending();
  }
}
