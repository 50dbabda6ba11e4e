package io.plimsoll.verifier;

import io.plimsoll.verifier.bn254.G1;
import io.plimsoll.verifier.bn254.InvalidPointException;
import java.util.HexFormat;

/**
 * A commitment to holdings: a point of G1. Commitments of several attesters add up to the
 * commitment of the sum. Immutable and thread-safe.
 */
public final class Commitment {
  /** Length of the encoding in bytes: a compressed point. */
  public static final int BYTES = G1.COMPRESSED_BYTES;

  private final G1 point;

  Commitment(G1 point) {
    this.point = point;
  }

  /**
   * Reads a compressed point.
   *
   * @throws InvalidFormatException if it is not {@value #BYTES} bytes, not canonical, infinity, or
   *     not on the curve
   */
  public static Commitment decode(byte[] bytes) throws InvalidFormatException {
    if (bytes.length != BYTES) {
      throw new InvalidFormatException("commitment has " + bytes.length + " bytes, not " + BYTES);
    }
    try {
      return new Commitment(G1.decodeCompressed(bytes, 0));
    } catch (InvalidPointException e) {
      throw new InvalidFormatException(
          "commitment " + HexFormat.of().formatHex(bytes) + " " + e.getMessage());
    }
  }

  /** The commitment to the sum of what both commit to. */
  public Commitment plus(Commitment other) {
    return new Commitment(point.plus(other.point));
  }

  /**
   * The compressed point.
   *
   * @throws IllegalStateException if this is a sum that is infinity, which has no encoding
   */
  public byte[] toByteArray() {
    return point.encodeCompressed();
  }

  G1 point() {
    return point;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Commitment commitment && point.equals(commitment.point);
  }

  @Override
  public int hashCode() {
    return point.hashCode();
  }

  /** The encoding in hexadecimal digits. */
  @Override
  public String toString() {
    return point.isInfinity() ? "infinity" : HexFormat.of().formatHex(toByteArray());
  }
}
