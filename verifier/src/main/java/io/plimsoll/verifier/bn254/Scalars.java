package io.plimsoll.verifier.bn254;

import java.math.BigInteger;
import java.util.Arrays;

/** Integers modulo r, the order of the groups, as 32 bytes big-endian. */
public final class Scalars {
  /** The order r. */
  public static final BigInteger ORDER =
      new BigInteger("30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001", 16);

  private static final byte[] ORDER_BYTES = ORDER.toByteArray();

  private Scalars() {}

  /** Whether 32 bytes, big-endian, are at least 1 and below r. */
  public static boolean isNonZeroBelowOrder(byte[] scalar) {
    int any = 0;
    for (byte b : scalar) {
      any |= b;
    }
    return any != 0
        && scalar.length == ORDER_BYTES.length
        && Arrays.compareUnsigned(scalar, ORDER_BYTES) < 0;
  }

  /** A number modulo r. */
  public static byte[] encode(BigInteger number) {
    byte[] minimal = number.mod(ORDER).toByteArray();
    byte[] scalar = new byte[ORDER_BYTES.length];
    System.arraycopy(minimal, 0, scalar, scalar.length - minimal.length, minimal.length);
    return scalar;
  }
}
