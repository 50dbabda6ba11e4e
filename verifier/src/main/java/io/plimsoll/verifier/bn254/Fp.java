package io.plimsoll.verifier.bn254;

import java.math.BigInteger;
import java.util.HexFormat;

/**
 * An integer modulo p, mutable, in Montgomery form: five signed limbs of 54 bits. See the package
 * for limbs and bounds. Methods that take a result {@code z} first allow it to be one of the
 * operands. Not thread-safe, except that a value that nobody changes may be shared.
 */
final class Fp {
  /** Length of the encoding in bytes. */
  static final int BYTES = 32;

  static final int LIMB_BITS = 54;
  static final long MASK = (1L << LIMB_BITS) - 1;

  /** The modulus. */
  static final BigInteger MODULUS =
      new BigInteger("30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47", 16);

  static final long P0 = 0x208c16d87cfd47L;
  static final long P1 = 0x2a45a1c72a34f0L;
  static final long P2 = 0x28181585d97816L;
  static final long P3 = 0xc680a6e14116dL;
  static final long P4 = 0x30644e72e1L;

  /** -1/p modulo 2^54. */
  static final long NEGATIVE_INVERSE = 0x120782e4866389L;

  /**
   * {@code multiplyHigh(a << 5, b << 5)} is a*b / 2^54 rounded down: 5 + 5 bits more, 64 less. Both
   * must be below 2^58 in absolute value.
   */
  private static final int PRE_SHIFT = 5;

  private static final long P0_SHIFTED = P0 << PRE_SHIFT;
  private static final long P1_SHIFTED = P1 << PRE_SHIFT;
  private static final long P2_SHIFTED = P2 << PRE_SHIFT;
  private static final long P3_SHIFTED = P3 << PRE_SHIFT;
  private static final long P4_SHIFTED = P4 << PRE_SHIFT;

  /** floor(2^(216+55) / p): limb 4 times this, shifted by 55, is about value/p. */
  private static final long QUOTIENT = 173347;

  private static final int QUOTIENT_SHIFT = 55;

  private static final Fp R_SQUARED =
      ofLimbs(
          0x2db5282e53b794L, 0x15ccc07d7b4490L, 0x29d4e3aa6a3522L, 0x2d9a84a4d5836aL, 0xd15816d51L);

  /** The Montgomery form of 1. Not to be changed. */
  static final Fp ONE =
      ofLimbs(
          0x1a7d3a5accccc9L,
          0x1ef668773277e2L,
          0x3df1160f450feaL,
          0x1b4cc1279f6328L,
          0x279be39aedL);

  // The modulus in words of 64 bits, and (p-1)/2 in limbs.

  private static final long W0 = 0x3c208c16d87cfd47L;
  private static final long W1 = 0x97816a916871ca8dL;
  private static final long W2 = 0xb85045b68181585dL;
  private static final long W3 = 0x30644e72e131a029L;

  private static final long HALF0 = 0x10460b6c3e7ea3L;
  private static final long HALF1 = 0x1522d0e3951a78L;
  private static final long HALF2 = 0x340c0ac2ecbc0bL;
  private static final long HALF3 = 0x263405370a08b6L;
  private static final long HALF4 = 0x1832273970L;

  long l0;
  long l1;
  long l2;
  long l3;
  long l4;

  /** Zero. */
  Fp() {}

  private static Fp ofLimbs(long l0, long l1, long l2, long l3, long l4) {
    Fp z = new Fp();
    z.l0 = l0;
    z.l1 = l1;
    z.l2 = l2;
    z.l3 = l3;
    z.l4 = l4;
    return z;
  }

  /** A constant from 64 hexadecimal digits of a value below p. */
  static Fp ofHex(String hex) {
    Fp z = new Fp();
    if (!z.decode(HexFormat.of().parseHex(hex), 0, 0)) {
      throw new IllegalArgumentException("not below p: " + hex);
    }
    return z;
  }

  /** A small constant, 0 to 2^31 - 1. */
  static Fp ofInt(int value) {
    Fp z = new Fp();
    z.l0 = value;
    mul(z, z, R_SQUARED);
    return z;
  }

  Fp copy() {
    Fp z = new Fp();
    z.set(this);
    return z;
  }

  void set(Fp x) {
    l0 = x.l0;
    l1 = x.l1;
    l2 = x.l2;
    l3 = x.l3;
    l4 = x.l4;
  }

  void setZero() {
    l0 = 0;
    l1 = 0;
    l2 = 0;
    l3 = 0;
    l4 = 0;
  }

  /** Takes the limbs at an offset. */
  void read(long[] limbs, int offset) {
    l0 = limbs[offset];
    l1 = limbs[offset + 1];
    l2 = limbs[offset + 2];
    l3 = limbs[offset + 3];
    l4 = limbs[offset + 4];
  }

  /** Writes the limbs at an offset. */
  void write(long[] limbs, int offset) {
    limbs[offset] = l0;
    limbs[offset + 1] = l1;
    limbs[offset + 2] = l2;
    limbs[offset + 3] = l3;
    limbs[offset + 4] = l4;
  }

  // Linear operations: plain sums of limbs. Looseness and value bounds add up.

  static void add(Fp z, Fp x, Fp y) {
    z.l0 = x.l0 + y.l0;
    z.l1 = x.l1 + y.l1;
    z.l2 = x.l2 + y.l2;
    z.l3 = x.l3 + y.l3;
    z.l4 = x.l4 + y.l4;
  }

  static void sub(Fp z, Fp x, Fp y) {
    z.l0 = x.l0 - y.l0;
    z.l1 = x.l1 - y.l1;
    z.l2 = x.l2 - y.l2;
    z.l3 = x.l3 - y.l3;
    z.l4 = x.l4 - y.l4;
  }

  static void neg(Fp z, Fp x) {
    z.l0 = -x.l0;
    z.l1 = -x.l1;
    z.l2 = -x.l2;
    z.l3 = -x.l3;
    z.l4 = -x.l4;
  }

  /** z = k*x for a small k, which multiplies looseness and value bound. */
  static void times(Fp z, Fp x, int k) {
    z.l0 = k * x.l0;
    z.l1 = k * x.l1;
    z.l2 = k * x.l2;
    z.l3 = k * x.l3;
    z.l4 = k * x.l4;
  }

  /** z = j*x + k*y for small j and k. */
  static void combine(Fp z, int j, Fp x, int k, Fp y) {
    z.l0 = j * x.l0 + k * y.l0;
    z.l1 = j * x.l1 + k * y.l1;
    z.l2 = j * x.l2 + k * y.l2;
    z.l3 = j * x.l3 + k * y.l3;
    z.l4 = j * x.l4 + k * y.l4;
  }

  /** z = x + y, carried, for 100-loose operands; the value is the plain sum's. */
  static void addCarried(Fp z, Fp x, Fp y) {
    long t = x.l0 + y.l0;
    z.l0 = t & MASK;
    t = x.l1 + y.l1 + (t >> LIMB_BITS);
    z.l1 = t & MASK;
    t = x.l2 + y.l2 + (t >> LIMB_BITS);
    z.l2 = t & MASK;
    t = x.l3 + y.l3 + (t >> LIMB_BITS);
    z.l3 = t & MASK;
    z.l4 = x.l4 + y.l4 + (t >> LIMB_BITS);
  }

  /** z = x - y, carried, for 100-loose operands; the value is the plain difference's. */
  static void subCarried(Fp z, Fp x, Fp y) {
    long t = x.l0 - y.l0;
    z.l0 = t & MASK;
    t = x.l1 - y.l1 + (t >> LIMB_BITS);
    z.l1 = t & MASK;
    t = x.l2 - y.l2 + (t >> LIMB_BITS);
    z.l2 = t & MASK;
    t = x.l3 - y.l3 + (t >> LIMB_BITS);
    z.l3 = t & MASK;
    z.l4 = x.l4 - y.l4 + (t >> LIMB_BITS);
  }

  /**
   * Makes a 64-loose value of at most 256p tidy: carried, in (-p/16, p + p/16). The number q of p's
   * to take away comes from limb 4 alone. It is below value/p by less than 1 + 1/16 and above it by
   * less than 1/16: limb 4 is off by at most 65 of 2^37 for the carries still to come, QUOTIENT by
   * one part in 173347 (256 times that is 0.0015), and the shift rounds down.
   */
  void tidy() {
    long q = (l4 * QUOTIENT) >> QUOTIENT_SHIFT;
    long t = l0 - q * P0;
    l0 = t & MASK;
    t = l1 - q * P1 + (t >> LIMB_BITS);
    l1 = t & MASK;
    t = l2 - q * P2 + (t >> LIMB_BITS);
    l2 = t & MASK;
    t = l3 - q * P3 + (t >> LIMB_BITS);
    l3 = t & MASK;
    l4 += -q * P4 + (t >> LIMB_BITS);
  }

  /** Makes a 64-loose value of at most 128p the carried one in [0, p). */
  void canonical() {
    tidy();
    // In (-p/16, p + p/16): limb 4 has the sign.
    if (l4 < 0) {
      addModulus(1);
    }
    addModulus(-1);
    if (l4 < 0) {
      addModulus(1);
    }
  }

  private void addModulus(int k) {
    long t = l0 + k * P0;
    l0 = t & MASK;
    t = l1 + k * P1 + (t >> LIMB_BITS);
    l1 = t & MASK;
    t = l2 + k * P2 + (t >> LIMB_BITS);
    l2 = t & MASK;
    t = l3 + k * P3 + (t >> LIMB_BITS);
    l3 = t & MASK;
    l4 += k * P4 + (t >> LIMB_BITS);
  }

  /**
   * z = x*y. Operands are j-loose and k-loose with j, k < 16 and j*k <= 100, values V and W with
   * V*W <= 86000; z is reduced.
   */
  static void mul(Fp z, Fp x, Fp y) {
    assert Wide.operandsFit(x, y);
    long x0 = x.l0;
    long x1 = x.l1;
    long x2 = x.l2;
    long x3 = x.l3;
    long x4 = x.l4;
    long y0 = y.l0;
    long y1 = y.l1;
    long y2 = y.l2;
    long y3 = y.l3;
    long y4 = y.l4;
    long a0 = x0 << PRE_SHIFT;
    long a1 = x1 << PRE_SHIFT;
    long a2 = x2 << PRE_SHIFT;
    long a3 = x3 << PRE_SHIFT;
    long a4 = x4 << PRE_SHIFT;
    long b0 = y0 << PRE_SHIFT;
    long b1 = y1 << PRE_SHIFT;
    long b2 = y2 << PRE_SHIFT;
    long b3 = y3 << PRE_SHIFT;
    long b4 = y4 << PRE_SHIFT;
    // As in Wide.mul, which explains it.
    long h0 = Math.multiplyHigh(a0, b0);
    long h1 = Math.multiplyHigh(a0, b1) + Math.multiplyHigh(a1, b0);
    long h2 = Math.multiplyHigh(a0, b2) + Math.multiplyHigh(a1, b1) + Math.multiplyHigh(a2, b0);
    long h3 =
        Math.multiplyHigh(a0, b3)
            + Math.multiplyHigh(a1, b2)
            + Math.multiplyHigh(a2, b1)
            + Math.multiplyHigh(a3, b0);
    long h4 =
        Math.multiplyHigh(a0, b4)
            + Math.multiplyHigh(a1, b3)
            + Math.multiplyHigh(a2, b2)
            + Math.multiplyHigh(a3, b1)
            + Math.multiplyHigh(a4, b0);
    long h5 =
        Math.multiplyHigh(a1, b4)
            + Math.multiplyHigh(a2, b3)
            + Math.multiplyHigh(a3, b2)
            + Math.multiplyHigh(a4, b1);
    long h6 = Math.multiplyHigh(a2, b4) + Math.multiplyHigh(a3, b3) + Math.multiplyHigh(a4, b2);
    long h7 = Math.multiplyHigh(a3, b4) + Math.multiplyHigh(a4, b3);
    long h8 = Math.multiplyHigh(a4, b4);
    reduce(
        z,
        x0 * y0 - (h0 << LIMB_BITS),
        x0 * y1 + x1 * y0 - (h1 << LIMB_BITS) + h0,
        x0 * y2 + x1 * y1 + x2 * y0 - (h2 << LIMB_BITS) + h1,
        x0 * y3 + x1 * y2 + x2 * y1 + x3 * y0 - (h3 << LIMB_BITS) + h2,
        x0 * y4 + x1 * y3 + x2 * y2 + x3 * y1 + x4 * y0 - (h4 << LIMB_BITS) + h3,
        x1 * y4 + x2 * y3 + x3 * y2 + x4 * y1 - (h5 << LIMB_BITS) + h4,
        x2 * y4 + x3 * y3 + x4 * y2 - (h6 << LIMB_BITS) + h5,
        x3 * y4 + x4 * y3 - (h7 << LIMB_BITS) + h6,
        x4 * y4 - (h8 << LIMB_BITS) + h7,
        h8);
  }

  /** z = x*x. x is k-loose with k <= 7 and at most 290p; z is reduced. */
  static void square(Fp z, Fp x) {
    assert Wide.operandsFit(x, x);
    long x0 = x.l0;
    long x1 = x.l1;
    long x2 = x.l2;
    long x3 = x.l3;
    long x4 = x.l4;
    long a0 = x0 << PRE_SHIFT;
    long a1 = x1 << PRE_SHIFT;
    long a2 = x2 << PRE_SHIFT;
    long a3 = x3 << PRE_SHIFT;
    long a4 = x4 << PRE_SHIFT;
    // Doubled operands for the mixed products.
    long d0 = x0 << 1;
    long d1 = x1 << 1;
    long d2 = x2 << 1;
    long d3 = x3 << 1;
    long e0 = a0 << 1;
    long e1 = a1 << 1;
    long e2 = a2 << 1;
    long e3 = a3 << 1;
    long h0 = Math.multiplyHigh(a0, a0);
    long h1 = Math.multiplyHigh(e0, a1);
    long h2 = Math.multiplyHigh(e0, a2) + Math.multiplyHigh(a1, a1);
    long h3 = Math.multiplyHigh(e0, a3) + Math.multiplyHigh(e1, a2);
    long h4 = Math.multiplyHigh(e0, a4) + Math.multiplyHigh(e1, a3) + Math.multiplyHigh(a2, a2);
    long h5 = Math.multiplyHigh(e1, a4) + Math.multiplyHigh(e2, a3);
    long h6 = Math.multiplyHigh(e2, a4) + Math.multiplyHigh(a3, a3);
    long h7 = Math.multiplyHigh(e3, a4);
    long h8 = Math.multiplyHigh(a4, a4);
    reduce(
        z,
        x0 * x0 - (h0 << LIMB_BITS),
        d0 * x1 - (h1 << LIMB_BITS) + h0,
        d0 * x2 + x1 * x1 - (h2 << LIMB_BITS) + h1,
        d0 * x3 + d1 * x2 - (h3 << LIMB_BITS) + h2,
        d0 * x4 + d1 * x3 + x2 * x2 - (h4 << LIMB_BITS) + h3,
        d1 * x4 + d2 * x3 - (h5 << LIMB_BITS) + h4,
        d2 * x4 + x3 * x3 - (h6 << LIMB_BITS) + h5,
        d3 * x4 - (h7 << LIMB_BITS) + h6,
        x4 * x4 - (h8 << LIMB_BITS) + h7,
        h8);
  }

  /**
   * Montgomery reduction: z = T/2^270 modulo p for T = sum of c_k * 2^(54k). Columns are at most
   * 500*2^54 in absolute value; z is carried and in (T/2^270, T/2^270 + p), which is reduced for a
   * T of at most p*2^270.
   *
   * <p>Step i adds m_i*p*2^(54i), with m_i in [0, 2^54) chosen such that column i becomes divisible
   * by 2^54 and can be carried away. The low part of m_i*p0 is what rounds column i up to the next
   * multiple of 2^54, so that it need not be computed. Columns are finished one after the other:
   * column k takes the low parts of all m_i*p_(k-i), at most four, summed as in {@link Wide#mul}; h
   * is the sum of their high parts, at most four, which go to the next column with the carry (512
   * and one more) and the high part of m_k*p0. So t is at most a column, four low parts, five high
   * parts and 513: less than (500 + 10)*2^54, below 2^63.
   */
  static void reduce(
      Fp z,
      long c0,
      long c1,
      long c2,
      long c3,
      long c4,
      long c5,
      long c6,
      long c7,
      long c8,
      long c9) {
    assert Wide.columnsFit(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9);
    long t = c0;
    long h;
    long m0 = (t * NEGATIVE_INVERSE) & MASK;
    long s0 = m0 << PRE_SHIFT;
    long carry = ((t + MASK) >> LIMB_BITS) + Math.multiplyHigh(s0, P0_SHIFTED);
    h = Math.multiplyHigh(s0, P1_SHIFTED);
    t = c1 + m0 * P1 - (h << LIMB_BITS) + carry;
    long m1 = (t * NEGATIVE_INVERSE) & MASK;
    long s1 = m1 << PRE_SHIFT;
    carry = ((t + MASK) >> LIMB_BITS) + Math.multiplyHigh(s1, P0_SHIFTED) + h;
    h = Math.multiplyHigh(s0, P2_SHIFTED) + Math.multiplyHigh(s1, P1_SHIFTED);
    t = c2 + m0 * P2 + m1 * P1 - (h << LIMB_BITS) + carry;
    long m2 = (t * NEGATIVE_INVERSE) & MASK;
    long s2 = m2 << PRE_SHIFT;
    carry = ((t + MASK) >> LIMB_BITS) + Math.multiplyHigh(s2, P0_SHIFTED) + h;
    h =
        Math.multiplyHigh(s0, P3_SHIFTED)
            + Math.multiplyHigh(s1, P2_SHIFTED)
            + Math.multiplyHigh(s2, P1_SHIFTED);
    t = c3 + m0 * P3 + m1 * P2 + m2 * P1 - (h << LIMB_BITS) + carry;
    long m3 = (t * NEGATIVE_INVERSE) & MASK;
    long s3 = m3 << PRE_SHIFT;
    carry = ((t + MASK) >> LIMB_BITS) + Math.multiplyHigh(s3, P0_SHIFTED) + h;
    h =
        Math.multiplyHigh(s0, P4_SHIFTED)
            + Math.multiplyHigh(s1, P3_SHIFTED)
            + Math.multiplyHigh(s2, P2_SHIFTED)
            + Math.multiplyHigh(s3, P1_SHIFTED);
    t = c4 + m0 * P4 + m1 * P3 + m2 * P2 + m3 * P1 - (h << LIMB_BITS) + carry;
    long m4 = (t * NEGATIVE_INVERSE) & MASK;
    long s4 = m4 << PRE_SHIFT;
    carry = ((t + MASK) >> LIMB_BITS) + Math.multiplyHigh(s4, P0_SHIFTED) + h;
    h =
        Math.multiplyHigh(s1, P4_SHIFTED)
            + Math.multiplyHigh(s2, P3_SHIFTED)
            + Math.multiplyHigh(s3, P2_SHIFTED)
            + Math.multiplyHigh(s4, P1_SHIFTED);
    t = c5 + m1 * P4 + m2 * P3 + m3 * P2 + m4 * P1 - (h << LIMB_BITS) + carry;
    z.l0 = t & MASK;
    carry = h + (t >> LIMB_BITS);
    h =
        Math.multiplyHigh(s2, P4_SHIFTED)
            + Math.multiplyHigh(s3, P3_SHIFTED)
            + Math.multiplyHigh(s4, P2_SHIFTED);
    t = c6 + m2 * P4 + m3 * P3 + m4 * P2 - (h << LIMB_BITS) + carry;
    z.l1 = t & MASK;
    carry = h + (t >> LIMB_BITS);
    h = Math.multiplyHigh(s3, P4_SHIFTED) + Math.multiplyHigh(s4, P3_SHIFTED);
    t = c7 + m3 * P4 + m4 * P3 - (h << LIMB_BITS) + carry;
    z.l2 = t & MASK;
    carry = h + (t >> LIMB_BITS);
    h = Math.multiplyHigh(s4, P4_SHIFTED);
    t = c8 + m4 * P4 - (h << LIMB_BITS) + carry;
    z.l3 = t & MASK;
    carry = h + (t >> LIMB_BITS);
    z.l4 = c9 + carry;
  }

  /** z = 1/x; zero gives zero. See {@link FpPowers#invert}. */
  static void invert(Fp z, Fp x) {
    new FpPowers().invert(z, x);
  }

  /** R^2. Not to be changed. */
  static Fp rSquared() {
    return R_SQUARED;
  }

  /** z = p, as an integer and not in Montgomery form. */
  void setModulus() {
    l0 = P0;
    l1 = P1;
    l2 = P2;
    l3 = P3;
    l4 = P4;
  }

  /**
   * Whether limbs from elsewhere are carried, and no larger than those of a reduced value: with
   * others a product overflows, and a number can pass for the root that it is not.
   */
  boolean isReduced() {
    return ((l0 | l1 | l2 | l3) >>> LIMB_BITS) == 0 && -P4 - 1 <= l4 && l4 <= 2 * P4 + 1;
  }

  /** Whether a 64-loose value of at most 128p is zero modulo p. */
  boolean isZero() {
    return isZero(l0, l1, l2, l3, l4);
  }

  /** Whether two 32-loose values of at most 64p are equal modulo p. */
  static boolean same(Fp x, Fp y) {
    return isZero(x.l0 - y.l0, x.l1 - y.l1, x.l2 - y.l2, x.l3 - y.l3, x.l4 - y.l4);
  }

  /** As {@link #tidy}, after which zero modulo p is 0 or p. */
  private static boolean isZero(long x0, long x1, long x2, long x3, long x4) {
    long q = (x4 * QUOTIENT) >> QUOTIENT_SHIFT;
    long t = x0 - q * P0;
    final long t0 = t & MASK;
    t = x1 - q * P1 + (t >> LIMB_BITS);
    final long t1 = t & MASK;
    t = x2 - q * P2 + (t >> LIMB_BITS);
    final long t2 = t & MASK;
    t = x3 - q * P3 + (t >> LIMB_BITS);
    final long t3 = t & MASK;
    final long t4 = x4 - q * P4 + (t >> LIMB_BITS);
    return (t0 | t1 | t2 | t3 | t4) == 0
        || ((t0 ^ P0) | (t1 ^ P1) | (t2 ^ P2) | (t3 ^ P3) | (t4 ^ P4)) == 0;
  }

  /**
   * Reads 32 bytes, big-endian.
   *
   * @param flagMask bits of the first byte that are flags and no part of the number
   * @return whether the number is below p; this is reduced if so, and not changed if not
   */
  boolean decode(byte[] in, int offset, int flagMask) {
    long w0 = word(in, offset + 24);
    long w1 = word(in, offset + 16);
    long w2 = word(in, offset + 8);
    long w3 = word(in, offset) & ~((long) flagMask << (Long.SIZE - Byte.SIZE));
    if (!isBelowModulus(w0, w1, w2, w3)) {
      return false;
    }
    l0 = w0 & MASK;
    l1 = ((w0 >>> 54) | (w1 << 10)) & MASK;
    l2 = ((w1 >>> 44) | (w2 << 20)) & MASK;
    l3 = ((w2 >>> 34) | (w3 << 30)) & MASK;
    l4 = w3 >>> 24;
    mul(this, this, R_SQUARED);
    return true;
  }

  private static boolean isBelowModulus(long w0, long w1, long w2, long w3) {
    int order = Long.compareUnsigned(w3, W3);
    if (order == 0) {
      order = Long.compareUnsigned(w2, W2);
    }
    if (order == 0) {
      order = Long.compareUnsigned(w1, W1);
    }
    return order == 0 ? Long.compareUnsigned(w0, W0) < 0 : order < 0;
  }

  /** Writes the value in [0, p) as 32 bytes, big-endian. This is 64-loose and at most 128p. */
  void encode(byte[] out, int offset) {
    Fp x = copy();
    x.toInteger();
    putWord(out, offset + 24, x.l0 | (x.l1 << 54));
    putWord(out, offset + 16, (x.l1 >>> 10) | (x.l2 << 44));
    putWord(out, offset + 8, (x.l2 >>> 20) | (x.l3 << 34));
    putWord(out, offset, (x.l3 >>> 30) | (x.l4 << 24));
  }

  /**
   * Leaves Montgomery form: this becomes the carried integer in [0, p). It is 64-loose and at most
   * 128p before.
   */
  private void toInteger() {
    tidy();
    // T is in (-p/16, 17p/16), so the integer (T + m*p)/R is in [0, p], and p stands for zero.
    reduce(this, l0, l1, l2, l3, l4, 0, 0, 0, 0, 0);
    if (((l0 ^ P0) | (l1 ^ P1) | (l2 ^ P2) | (l3 ^ P3) | (l4 ^ P4)) == 0) {
      setZero();
    }
  }

  /**
   * Whether the value in [0, p) is above (p-1)/2. This is 64-loose and at most 128p.
   *
   * @param t is overwritten
   */
  boolean isLarger(Fp t) {
    t.set(this);
    t.toInteger();
    if (t.l4 != HALF4) {
      return t.l4 > HALF4;
    }
    if (t.l3 != HALF3) {
      return t.l3 > HALF3;
    }
    if (t.l2 != HALF2) {
      return t.l2 > HALF2;
    }
    if (t.l1 != HALF1) {
      return t.l1 > HALF1;
    }
    return t.l0 > HALF0;
  }

  /** Whether the value in [0, p) is above (p-1)/2. This is 64-loose and at most 128p. */
  boolean isLarger() {
    return isLarger(new Fp());
  }

  private static long word(byte[] in, int offset) {
    long word = 0;
    for (int i = 0; i < 8; i++) {
      word = (word << 8) | (in[offset + i] & 0xff);
    }
    return word;
  }

  private static void putWord(byte[] out, int offset, long word) {
    for (int i = 0; i < 8; i++) {
      out[offset + i] = (byte) (word >>> (56 - 8 * i));
    }
  }
}
