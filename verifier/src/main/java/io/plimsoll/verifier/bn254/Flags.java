package io.plimsoll.verifier.bn254;

import io.plimsoll.verifier.bn254.InvalidPointException.Fault;

/** The two flag bits at the top of a point's first byte. */
final class Flags {
  static final int MASK = 0xc0;
  static final int UNCOMPRESSED = 0x00;
  static final int INFINITY = 0x40;
  static final int SMALLER = 0x80;
  static final int LARGER = 0xc0;

  private Flags() {}

  /** Checks the flags of an uncompressed point. */
  static void requireUncompressed(byte[] in, int offset, int length) throws InvalidPointException {
    int flags = in[offset] & MASK;
    if (flags == INFINITY) {
      throw infinity(in, offset, length);
    }
    if (flags != UNCOMPRESSED) {
      throw new InvalidPointException(Fault.NOT_CANONICAL);
    }
  }

  /**
   * Checks the flags of a compressed point.
   *
   * @return whether they say that y is the larger root
   */
  static boolean requireCompressed(byte[] in, int offset, int length) throws InvalidPointException {
    int flags = in[offset] & MASK;
    if (flags == INFINITY) {
      throw infinity(in, offset, length);
    }
    if (flags == UNCOMPRESSED) {
      throw new InvalidPointException(Fault.NOT_CANONICAL);
    }
    return flags == LARGER;
  }

  private static InvalidPointException infinity(byte[] in, int offset, int length) {
    int rest = in[offset] & ~MASK;
    for (int i = 1; i < length; i++) {
      rest |= in[offset + i];
    }
    return new InvalidPointException(rest == 0 ? Fault.INFINITY : Fault.NOT_CANONICAL);
  }
}
