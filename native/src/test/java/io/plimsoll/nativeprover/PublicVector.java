package io.plimsoll.nativeprover;

import java.math.BigInteger;

/** The full public vector in gnark's form: what the stock verifier is given. */
public final class PublicVector {
  /** Order of the scalar field. */
  public static final BigInteger R =
      new BigInteger(
          "21888242871839275222246405745257275088548364400416034343698204186575808495617");

  private PublicVector() {}

  public static byte[] of(ProvingInput input) {
    int count = 4 + input.coefficients.length + input.holdings.length;
    byte[] out = new byte[count * 32];
    int next = 0;
    next = put(out, next, new BigInteger(1, input.context));
    next = put(out, next, BigInteger.valueOf(input.numerator));
    next = put(out, next, BigInteger.valueOf(input.denominator));
    for (long coefficient : input.coefficients) {
      next = put(out, next, BigInteger.valueOf(coefficient));
    }
    for (long holding : input.holdings) {
      next = put(out, next, BigInteger.valueOf(holding));
    }
    put(out, next, new BigInteger(1, input.blinding));
    return out;
  }

  private static int put(byte[] out, int at, BigInteger value) {
    byte[] bytes = value.mod(R).toByteArray();
    int from = bytes.length > 32 ? 1 : 0;
    int length = bytes.length - from;
    System.arraycopy(bytes, from, out, at + 32 - length, length);
    return at + 32;
  }
}
