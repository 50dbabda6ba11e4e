package io.plimsoll.verifier.vector;

import io.plimsoll.verifier.vector.Program.Assembler;
import io.plimsoll.verifier.vector.Program.Assembler.F2;
import java.math.BigInteger;
import java.util.Arrays;

/** Numbers of the curve. Elements of Fp2 have the real part first. */
final class Constants {
  private static final BigInteger X = BigInteger.valueOf(4965661367192848881L);

  /** 6x+2 in non-adjacent form, highest digit first, and that left out. */
  static final byte[] LOOP_DIGITS = loopDigits();

  static final byte[] X_DIGITS = xDigits();

  /** 9/xi, three times the twist's constant. */
  static final BigInteger[] THREE_B =
      pair(
          "20753adca9c6bfb81499be5e509e8f8ff21b7c8d3cb039cf1ef69c66bce9b021",
          "01c53b10b0d2fc7e67860f09cc8af9ddf5eee18eaf8748f8ade8371391494176");

  /** 3/xi, the twist's constant. */
  static final BigInteger[] TWIST_B =
      pair(
          "2b149d40ceb8aaae81be18991be06ac3b5b4c5e559dbefa33267e6dc24a138e5",
          "009713b03af0fed4cd2cafadeed8fdf4a74fa084e52d1852e4a2bd0685c315d2");

  /** xi^((p-1)/3) and xi^((p-1)/2): psi multiplies conjugates by them. */
  static final BigInteger[] PSI_X =
      pair(
          "2fb347984f7911f74c0bec3cf559b143b78cc310c2c3330c99e39557176f553d",
          "16c9e55061ebae204ba4cc8bd75a079432ae2a1d0b7c9dce1665d51c640fcba2");

  static final BigInteger[] PSI_Y =
      pair(
          "063cf305489af5dcdc5ec698b6e2f9b9dbaae0eda9c95998dc54014671a0135a",
          "07c03cbcac41049a0704b5a7ec796f2b21807dc98fa25bd282d37f632623b0e3");

  /** xi^((p^2-1)/3), the norm of the first. */
  static final BigInteger PSI_SQUARED_X =
      PSI_X[0].multiply(PSI_X[0]).add(PSI_X[1].multiply(PSI_X[1])).mod(Lanes.MODULUS);

  /** A cube root of 1: (beta*x, y) is the image of (x, y) under the endomorphism. */
  static final BigInteger BETA =
      new BigInteger("59e26bcea0d48bacd4f263f1acdb5c4f5763473177fffffe", 16);

  private static final BigInteger[] GENERATOR_X =
      pair(
          "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed",
          "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2");

  private static final BigInteger[] GENERATOR_Y =
      pair(
          "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa",
          "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b");

  /** Of the verifier's Montgomery form. */
  private static final int VERIFIER_RADIX_BITS = 270;

  private Constants() {}

  private static BigInteger[] pair(String re, String im) {
    return new BigInteger[] {new BigInteger(re, 16), new BigInteger(im, 16)};
  }

  static F2 f2(Assembler asm, BigInteger[] value) {
    return asm.constant(value[0], value[1]);
  }

  /** (0, 0) and the generator of G2, in the verifier's Montgomery form. */
  static BigInteger[] idlePair() {
    BigInteger[] pair = {
      BigInteger.ZERO,
      BigInteger.ZERO,
      GENERATOR_X[0],
      GENERATOR_X[1],
      GENERATOR_Y[0],
      GENERATOR_Y[1]
    };
    return Arrays.stream(pair)
        .map(v -> v.shiftLeft(VERIFIER_RADIX_BITS).mod(Lanes.MODULUS))
        .toArray(BigInteger[]::new);
  }

  /** xi^(j*(p^k - 1)/6) for j = 0 to 5: what the k-th power of Frobenius multiplies w^j by. */
  static BigInteger[][] frobenius(int k) {
    BigInteger exponent =
        Lanes.MODULUS.pow(k).subtract(BigInteger.ONE).divide(BigInteger.valueOf(6));
    BigInteger[] xi = {BigInteger.valueOf(9), BigInteger.ONE};
    BigInteger[] factor = {BigInteger.ONE, BigInteger.ZERO};
    for (int i = exponent.bitLength() - 1; i >= 0; i--) {
      factor = times(factor, factor);
      if (exponent.testBit(i)) {
        factor = times(factor, xi);
      }
    }
    BigInteger[][] factors = new BigInteger[6][];
    factors[0] = new BigInteger[] {BigInteger.ONE, BigInteger.ZERO};
    for (int j = 1; j < factors.length; j++) {
      factors[j] = times(factors[j - 1], factor);
    }
    return factors;
  }

  private static BigInteger[] times(BigInteger[] x, BigInteger[] y) {
    return new BigInteger[] {
      x[0].multiply(y[0]).subtract(x[1].multiply(y[1])).mod(Lanes.MODULUS),
      x[0].multiply(y[1]).add(x[1].multiply(y[0])).mod(Lanes.MODULUS)
    };
  }

  /** x in signed windows of four bits, digits odd and below 8, highest first. */
  private static byte[] xDigits() {
    byte[] lowestFirst = new byte[Long.SIZE + 1];
    int length = 0;
    for (long rest = X.longValueExact(); rest != 0; rest >>= 1) {
      if ((rest & 1) != 0) {
        long digit = rest & 15;
        if (digit >= 8) {
          digit -= 16;
        }
        lowestFirst[length] = (byte) digit;
        rest -= digit;
      }
      length++;
    }
    byte[] digits = new byte[length];
    for (int i = 0; i < length; i++) {
      digits[i] = lowestFirst[length - 1 - i];
    }
    return digits;
  }

  private static byte[] loopDigits() {
    BigInteger rest = X.multiply(BigInteger.valueOf(6)).add(BigInteger.TWO);
    byte[] lowestFirst = new byte[rest.bitLength() + 1];
    int length = 0;
    while (rest.signum() != 0) {
      if (rest.testBit(0)) {
        lowestFirst[length] = (byte) (rest.testBit(1) ? -1 : 1);
        rest = rest.subtract(BigInteger.valueOf(lowestFirst[length]));
      }
      rest = rest.shiftRight(1);
      length++;
    }
    byte[] digits = new byte[length - 1];
    for (int i = 0; i < digits.length; i++) {
      digits[i] = lowestFirst[length - 2 - i];
    }
    return digits;
  }
}
