package io.plimsoll.verifier.bn254;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * BN254 by the textbook on {@link BigInteger}: affine points, schoolbook products, plain
 * exponentiations. The oracle of this package's tests; it shares nothing with what it checks but
 * the curve's parameters.
 */
public final class Slow {
  public static final BigInteger P =
      new BigInteger(
          "21888242871839275222246405745257275088696311157297823662689037894645226208583");
  public static final BigInteger R =
      new BigInteger(
          "21888242871839275222246405745257275088548364400416034343698204186575808495617");
  static final BigInteger X = new BigInteger("4965661367192848881");

  /** 9 + i. */
  static final F2 XI = F2.of(9, 1);

  private Slow() {}

  static BigInteger mod(BigInteger x) {
    return x.mod(P);
  }

  static BigInteger random(Random random) {
    return new BigInteger(P.bitLength() + 64, random).mod(P);
  }

  /** A square root, or null. */
  static BigInteger sqrt(BigInteger x) {
    BigInteger root = x.modPow(P.add(BigInteger.ONE).shiftRight(2), P);
    return root.multiply(root).mod(P).equals(x.mod(P)) ? root : null;
  }

  /** re + im*i with i^2 = -1. */
  public record F2(BigInteger re, BigInteger im) {
    static final F2 ZERO = of(0, 0);
    static final F2 ONE = of(1, 0);

    public F2 {
      re = mod(re);
      im = mod(im);
    }

    static F2 of(long re, long im) {
      return new F2(BigInteger.valueOf(re), BigInteger.valueOf(im));
    }

    static F2 random(Random random) {
      return new F2(Slow.random(random), Slow.random(random));
    }

    F2 plus(F2 y) {
      return new F2(re.add(y.re), im.add(y.im));
    }

    F2 minus(F2 y) {
      return new F2(re.subtract(y.re), im.subtract(y.im));
    }

    F2 negate() {
      return ZERO.minus(this);
    }

    F2 conjugate() {
      return new F2(re, im.negate());
    }

    F2 times(F2 y) {
      return new F2(
          re.multiply(y.re).subtract(im.multiply(y.im)), re.multiply(y.im).add(im.multiply(y.re)));
    }

    F2 times(BigInteger k) {
      return new F2(re.multiply(k), im.multiply(k));
    }

    F2 invert() {
      BigInteger norm = re.multiply(re).add(im.multiply(im)).modInverse(P);
      return new F2(re.multiply(norm), im.negate().multiply(norm));
    }

    F2 power(BigInteger e) {
      F2 z = ONE;
      for (int i = e.bitLength() - 1; i >= 0; i--) {
        z = z.times(z);
        if (e.testBit(i)) {
          z = z.times(this);
        }
      }
      return z;
    }

    boolean isZero() {
      return equals(ZERO);
    }

    /**
     * A square root by Tonelli and Shanks in the multiplicative group of order p^2 - 1, or null.
     */
    F2 sqrt() {
      if (isZero()) {
        return this;
      }
      BigInteger order = P.multiply(P).subtract(BigInteger.ONE);
      if (!power(order.shiftRight(1)).equals(ONE)) {
        return null;
      }
      int s = order.getLowestSetBit();
      BigInteger q = order.shiftRight(s);
      // xi is neither a square nor a cube: the tower is built on that.
      F2 c = XI.power(q);
      F2 root = power(q.add(BigInteger.ONE).shiftRight(1));
      F2 t = power(q);
      int m = s;
      while (!t.equals(ONE)) {
        int i = 0;
        for (F2 u = t; !u.equals(ONE); u = u.times(u)) {
          i++;
        }
        F2 b = c.power(BigInteger.ONE.shiftLeft(m - i - 1));
        root = root.times(b);
        c = b.times(b);
        t = t.times(c);
        m = i;
      }
      return root;
    }
  }

  /** Six coefficients of a polynomial in w with w^6 = xi. */
  record F12(List<F2> c) {
    static F12 one() {
      return of(F2.ONE, F2.ZERO, F2.ZERO, F2.ZERO, F2.ZERO, F2.ZERO);
    }

    static F12 of(F2... c) {
      return new F12(List.of(c));
    }

    static F12 random(Random random) {
      return new F12(Stream.generate(() -> F2.random(random)).limit(6).toList());
    }

    F12 times(F12 y) {
      F2[] z = new F2[6];
      Arrays.fill(z, F2.ZERO);
      for (int i = 0; i < 6; i++) {
        for (int j = 0; j < 6; j++) {
          F2 product = c.get(i).times(y.c.get(j));
          z[(i + j) % 6] = z[(i + j) % 6].plus(i + j < 6 ? product : product.times(XI));
        }
      }
      return of(z);
    }

    F12 power(BigInteger e) {
      F12 z = one();
      for (int i = e.bitLength() - 1; i >= 0; i--) {
        z = z.times(z);
        if (e.testBit(i)) {
          z = z.times(this);
        }
      }
      return z;
    }
  }

  /** A point of y^2 = x^3 + 3 over Fp; null coordinates are infinity. */
  public record P1(BigInteger x, BigInteger y) {
    public static final P1 INFINITY = new P1(null, null);
    public static final P1 GENERATOR = new P1(BigInteger.ONE, BigInteger.TWO);

    public boolean isInfinity() {
      return x == null;
    }

    public boolean isOnCurve() {
      return mod(y.multiply(y)).equals(mod(x.pow(3).add(BigInteger.valueOf(3))));
    }

    public P1 negate() {
      return isInfinity() ? this : new P1(x, mod(y.negate()));
    }

    public P1 plus(P1 q) {
      if (isInfinity()) {
        return q;
      }
      if (q.isInfinity()) {
        return this;
      }
      BigInteger slope;
      if (x.equals(q.x)) {
        if (!y.equals(q.y) || y.signum() == 0) {
          return INFINITY;
        }
        slope =
            x.multiply(x).multiply(BigInteger.valueOf(3)).multiply(y.shiftLeft(1).modInverse(P));
      } else {
        slope = q.y.subtract(y).multiply(q.x.subtract(x).modInverse(P));
      }
      BigInteger rx = mod(slope.multiply(slope).subtract(x).subtract(q.x));
      return new P1(rx, mod(slope.multiply(x.subtract(rx)).subtract(y)));
    }

    public P1 times(BigInteger k) {
      if (k.signum() < 0) {
        return negate().times(k.negate());
      }
      P1 z = INFINITY;
      for (int i = k.bitLength() - 1; i >= 0; i--) {
        z = z.plus(z);
        if (k.testBit(i)) {
          z = z.plus(this);
        }
      }
      return z;
    }

    public static P1 random(Random random) {
      return GENERATOR.times(new BigInteger(300, random).mod(R));
    }
  }

  /** A point of y^2 = x^3 + 3/xi over Fp2; null coordinates are infinity. */
  public record P2(F2 x, F2 y) {
    public static final P2 INFINITY = new P2(null, null);
    public static final F2 B = F2.of(3, 0).times(XI.invert());
    public static final P2 GENERATOR =
        new P2(
            new F2(
                new BigInteger(
                    "10857046999023057135944570762232829481370756359578518086990519993285655852781"),
                new BigInteger(
                    "11559732032986387107991004021392285783925812861821192530917403151452391805634")),
            new F2(
                new BigInteger(
                    "8495653923123431417604973247489272438418190587263600148770280649306958101930"),
                new BigInteger(
                    "4082367875863433681332203403145435568316851327593401208105741076214120093531")));

    public boolean isInfinity() {
      return x == null;
    }

    public boolean isOnCurve() {
      return y.times(y).equals(x.times(x).times(x).plus(B));
    }

    public P2 negate() {
      return isInfinity() ? this : new P2(x, y.negate());
    }

    public F2 slope(P2 q) {
      return x.equals(q.x)
          ? x.times(x).times(BigInteger.valueOf(3)).times(y.plus(y).invert())
          : q.y.minus(y).times(q.x.minus(x).invert());
    }

    public P2 plus(P2 q) {
      if (isInfinity()) {
        return q;
      }
      if (q.isInfinity()) {
        return this;
      }
      if (x.equals(q.x) && (!y.equals(q.y) || y.isZero())) {
        return INFINITY;
      }
      F2 slope = slope(q);
      F2 rx = slope.times(slope).minus(x).minus(q.x);
      return new P2(rx, slope.times(x.minus(rx)).minus(y));
    }

    public P2 times(BigInteger k) {
      P2 z = INFINITY;
      for (int i = k.bitLength() - 1; i >= 0; i--) {
        z = z.plus(z);
        if (k.testBit(i)) {
          z = z.plus(this);
        }
      }
      return z;
    }

    /** Untwist, Frobenius, twist: x^p * xi^((p-1)/3), y^p * xi^((p-1)/2). */
    public P2 psi() {
      BigInteger e = P.subtract(BigInteger.ONE);
      return new P2(
          x.conjugate().times(XI.power(e.divide(BigInteger.valueOf(3)))),
          y.conjugate().times(XI.power(e.shiftRight(1))));
    }

    /** Some point of the curve, in the subgroup or, nearly always, not. */
    public static P2 randomOnCurve(Random random) {
      while (true) {
        F2 x = F2.random(random);
        F2 y = x.times(x).times(x).plus(B).sqrt();
        if (y != null) {
          return new P2(x, random.nextBoolean() ? y : y.negate());
        }
      }
    }

    public static P2 random(Random random) {
      return GENERATOR.times(new BigInteger(300, random).mod(R));
    }
  }

  /** The Miller function of the optimal ate pairing, bit by bit. */
  static F12 miller(P1 p, P2 q) {
    BigInteger loop = X.multiply(BigInteger.valueOf(6)).add(BigInteger.TWO);
    F12 f = F12.one();
    P2 t = q;
    for (int i = loop.bitLength() - 2; i >= 0; i--) {
      f = f.times(f).times(line(t, t, p));
      t = t.plus(t);
      if (loop.testBit(i)) {
        f = f.times(line(t, q, p));
        t = t.plus(q);
      }
    }
    P2 q1 = q.psi();
    P2 q2 = q1.psi().negate();
    f = f.times(line(t, q1, p));
    t = t.plus(q1);
    return f.times(line(t, q2, p));
  }

  /** The line through the untwisted t and q, (x*w^2, y*w^3), at p. */
  private static F12 line(P2 t, P2 q, P1 p) {
    F2 slope = t.slope(q);
    return F12.of(
        new F2(p.y, BigInteger.ZERO),
        slope.times(p.x.negate()),
        F2.ZERO,
        slope.times(t.x).minus(t.y),
        F2.ZERO,
        F2.ZERO);
  }

  static F12 finalExponentiation(F12 f) {
    return f.power(P.pow(12).subtract(BigInteger.ONE).divide(R));
  }

  static F12 pairing(P1 p, P2 q) {
    return finalExponentiation(miller(p, q));
  }

  // Between here and there.

  static byte[] bytes(BigInteger x) {
    byte[] bytes = new byte[32];
    byte[] all = x.toByteArray();
    int length = Math.min(32, all.length);
    System.arraycopy(all, all.length - length, bytes, 32 - length, length);
    return bytes;
  }

  static Fp fp(BigInteger x) {
    Fp z = new Fp();
    if (!z.decode(bytes(x), 0, 0)) {
      throw new AssertionError(x);
    }
    return z;
  }

  static BigInteger big(Fp x) {
    byte[] bytes = new byte[32];
    x.encode(bytes, 0);
    return new BigInteger(1, bytes);
  }

  static Fp2 fp2(F2 x) {
    Fp2 z = new Fp2();
    z.re.set(fp(x.re));
    z.im.set(fp(x.im));
    return z;
  }

  static F2 big(Fp2 x) {
    return new F2(big(x.re), big(x.im));
  }

  static Fp12 fp12(F12 x) {
    Fp12 z = new Fp12();
    for (int i = 0; i < 6; i++) {
      z.coordinate(i).set(fp2(x.c.get(i)));
    }
    return z;
  }

  static F12 big(Fp12 x) {
    F2[] c = new F2[6];
    for (int i = 0; i < 6; i++) {
      c[i] = big(x.coordinate(i));
    }
    return F12.of(c);
  }

  static G1 g1(P1 p) {
    return p.isInfinity() ? G1.INFINITY : G1.ofAffine(fp(p.x), fp(p.y));
  }

  static P1 big(G1 p) {
    return p.isInfinity() ? P1.INFINITY : new P1(big(p.x), big(p.y));
  }

  static G2 g2(P2 p) {
    return new G2(fp2(p.x), fp2(p.y));
  }

  static P2 big(G2 p) {
    return new P2(big(p.x), big(p.y));
  }
}
