package io.plimsoll.verifier.bn254;

import java.math.BigInteger;

/**
 * Inverses and square roots in Fp, with the memory that they need in between: one per thread at a
 * time. Not constant-time.
 */
final class FpPowers {
  /** Width of the windows of an exponent: digits are odd and below 2^WIDTH. */
  private static final int WIDTH = 4;

  /** (p+1)/4: the square root of a square. */
  private static final byte[] ROOT = digits(Fp.MODULUS.add(BigInteger.ONE).shiftRight(2));

  /** (p-3)/4. */
  private static final byte[] ROOT_INVERSE =
      digits(Fp.MODULUS.subtract(BigInteger.valueOf(3)).shiftRight(2));

  /** R^3: takes the inverse of a*R to that of a, times R. */
  private static final Fp R_CUBED = rCubed();

  /** A batch of steps of the inversion takes away as many bits as a limb has. */
  private static final int BATCH = Fp.LIMB_BITS;

  private final Fp[] odd = new Fp[1 << (WIDTH - 1)];
  private final Fp t = new Fp();
  private final Fp check = new Fp();

  private final Fp f = new Fp();
  private final Fp g = new Fp();
  private final Fp d = new Fp();
  private final Fp e = new Fp();

  /** The matrix of a batch: f becomes (u*f + v*g) / 2^54, g becomes (q*f + r*g) / 2^54. */
  private long u;

  private long v;
  private long q;
  private long r;

  FpPowers() {
    for (int i = 0; i < odd.length; i++) {
      odd[i] = new Fp();
    }
  }

  private static Fp rCubed() {
    Fp z = Fp.rSquared().copy();
    Fp.mul(z, z, z);
    return z;
  }

  /** Sliding windows of a positive number, lowest first: zero, or an odd digit. */
  private static byte[] digits(BigInteger value) {
    byte[] digits = new byte[value.bitLength()];
    int i = 0;
    while (i < digits.length) {
      if (value.testBit(i)) {
        digits[i] = (byte) value.shiftRight(i).and(BigInteger.valueOf((1 << WIDTH) - 1)).intValue();
        i += WIDTH;
      } else {
        i++;
      }
    }
    int length = digits.length;
    while (digits[length - 1] == 0) {
      length--;
    }
    return java.util.Arrays.copyOf(digits, length);
  }

  /**
   * Sets z to a square root of x, if there is one.
   *
   * @param x reduced or tidy; z is reduced
   * @return whether x is a square; if not, z is a square root of -x
   */
  boolean sqrt(Fp z, Fp x) {
    check.set(x);
    power(z, x, ROOT);
    Fp.square(t, z);
    Fp.sub(check, t, check);
    return check.isZero();
  }

  /** z = x^((p-3)/4), which is 1/sqrt(x) for a square x, and 1/(-sqrt(-x)) otherwise up to sign. */
  void rootInverse(Fp z, Fp x) {
    power(z, x, ROOT_INVERSE);
  }

  private void power(Fp z, Fp x, byte[] digits) {
    odd[0].set(x);
    Fp.square(t, x);
    for (int i = 1; i < odd.length; i++) {
      Fp.mul(odd[i], odd[i - 1], t);
    }
    int top = digits.length - 1;
    t.set(odd[digits[top] >> 1]);
    for (int i = top - 1; i >= 0; i--) {
      Fp.square(t, t);
      int digit = digits[i];
      if (digit != 0) {
        Fp.mul(t, t, odd[digit >> 1]);
      }
    }
    z.set(t);
  }

  /**
   * z = 1/x; zero gives zero. x is 64-loose and at most 128p; z is reduced.
   *
   * <p>Division steps of Bernstein and Yang ("Fast constant-time gcd computation and modular
   * inversion", ePrint 2019/266), here in variable time, with runs of zeros taken at once, and in
   * batches of 54, each of which is a matrix of numbers of 54 bits that is then applied to the long
   * numbers. f and g begin as p and x; d*x = f and e*x = g modulo p throughout; when g is zero, f
   * is 1 or -1 (or p, for x = 0, and then d is zero). At most 741 steps are needed for 256 bits.
   *
   * <p>Bounds: |u| + |v| and |q| + |r| are at most 2^54; f and g stay within p and -p. d and e grow
   * by at most p in each of at most 14 batches.
   */
  void invert(Fp z, Fp x) {
    f.setModulus();
    g.set(x);
    g.canonical();
    d.setZero();
    e.setZero();
    e.l0 = 1;
    int eta = -1;
    while ((g.l0 | g.l1 | g.l2 | g.l3 | g.l4) != 0) {
      eta = steps(eta, f.l0, g.l0);
      apply(f, g);
      applyModP(d, e);
    }
    if (f.l4 < 0) {
      Fp.neg(d, d);
    }
    Fp.mul(z, d, R_CUBED);
  }

  /** One batch, from the lowest 54 bits of f (odd) and g. Returns the next eta = -delta. */
  private int steps(int eta, long f0, long g0) {
    long fLow = f0;
    long gLow = g0;
    long a = 1;
    long b = 0;
    long c = 0;
    long dd = 1;
    int left = BATCH;
    int et = eta;
    while (true) {
      int zeros = Long.numberOfTrailingZeros(gLow | (-1L << left));
      gLow >>= zeros;
      a <<= zeros;
      b <<= zeros;
      et -= zeros;
      left -= zeros;
      if (left == 0) {
        break;
      }
      if (et < 0) {
        et = -et;
        long swap = fLow;
        fLow = gLow;
        gLow = -swap;
        swap = a;
        a = c;
        c = -swap;
        swap = b;
        b = dd;
        dd = -swap;
      }
      gLow += fLow;
      c += a;
      dd += b;
    }
    u = a;
    v = b;
    q = c;
    r = dd;
    return et;
  }

  /** Applies the matrix; the lowest 54 bits of both results are zero, and dropped. */
  private void apply(Fp x, Fp y) {
    combine(x, y, u, v, check, 0);
    combine(x, y, q, r, y, 0);
    x.set(check);
  }

  /** Applies the matrix modulo p: adds the multiple of p that makes the lowest 54 bits zero. */
  private void applyModP(Fp x, Fp y) {
    combine(x, y, u, v, check, Fp.NEGATIVE_INVERSE);
    combine(x, y, q, r, y, Fp.NEGATIVE_INVERSE);
    x.set(check);
  }

  /**
   * z = (k*x + l*y + m*p) / 2^54, carried, with m = factor times the lowest column modulo 2^54. x
   * and y are carried, |k| and |l| at most 2^54. A column has three products, so that low parts are
   * below 3*2^54 and high parts at most 3*2^54.
   */
  private static void combine(Fp x, Fp y, long k, long l, Fp z, long factor) {
    long ks = k << 5;
    long ls = l << 5;
    long h = Math.multiplyHigh(ks, x.l0 << 5) + Math.multiplyHigh(ls, y.l0 << 5);
    long low = k * x.l0 + l * y.l0 - (h << Fp.LIMB_BITS);
    long m = (low * factor) & Fp.MASK;
    long ms = m << 5;
    long hp = Math.multiplyHigh(ms, Fp.P0 << 5);
    long carry = ((low + m * Fp.P0 - (hp << Fp.LIMB_BITS)) >> Fp.LIMB_BITS) + h + hp;

    h = Math.multiplyHigh(ks, x.l1 << 5) + Math.multiplyHigh(ls, y.l1 << 5);
    h += Math.multiplyHigh(ms, Fp.P1 << 5);
    low = k * x.l1 + l * y.l1 + m * Fp.P1 - (h << Fp.LIMB_BITS) + carry;
    final long z0 = low & Fp.MASK;
    carry = (low >> Fp.LIMB_BITS) + h;

    h = Math.multiplyHigh(ks, x.l2 << 5) + Math.multiplyHigh(ls, y.l2 << 5);
    h += Math.multiplyHigh(ms, Fp.P2 << 5);
    low = k * x.l2 + l * y.l2 + m * Fp.P2 - (h << Fp.LIMB_BITS) + carry;
    final long z1 = low & Fp.MASK;
    carry = (low >> Fp.LIMB_BITS) + h;

    h = Math.multiplyHigh(ks, x.l3 << 5) + Math.multiplyHigh(ls, y.l3 << 5);
    h += Math.multiplyHigh(ms, Fp.P3 << 5);
    low = k * x.l3 + l * y.l3 + m * Fp.P3 - (h << Fp.LIMB_BITS) + carry;
    final long z2 = low & Fp.MASK;
    carry = (low >> Fp.LIMB_BITS) + h;

    h = Math.multiplyHigh(ks, x.l4 << 5) + Math.multiplyHigh(ls, y.l4 << 5);
    h += Math.multiplyHigh(ms, Fp.P4 << 5);
    low = k * x.l4 + l * y.l4 + m * Fp.P4 - (h << Fp.LIMB_BITS) + carry;
    z.l0 = z0;
    z.l1 = z1;
    z.l2 = z2;
    z.l3 = low & Fp.MASK;
    z.l4 = (low >> Fp.LIMB_BITS) + h;
  }
}
