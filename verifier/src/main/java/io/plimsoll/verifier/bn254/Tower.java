package io.plimsoll.verifier.bn254;

/**
 * Multiplication in the tower Fp2, Fp6, Fp12, with the memory that it needs in between: one per
 * thread at a time, cheap to make. Results may be operands unless said otherwise. Bounds are in the
 * words of the package; unless said otherwise, operands are carried and at most 20p, results are
 * reduced.
 *
 * <p>Sources of the formulas: Karatsuba products and lazy reduction as in Aranha, Karabina, Longa,
 * Gebotys, Lopez, "Faster explicit formulas for computing pairings over ordinary curves" (ePrint
 * 2010/526); squaring in the cyclotomic subgroup as in Granger and Scott (ePrint 2009/565).
 */
final class Tower {
  private static final Fp6 ZERO = new Fp6();

  /** An unreduced product in Fp2. */
  private static final class Wide2 {
    final Wide re = new Wide();
    final Wide im = new Wide();
  }

  private final Wide w0 = new Wide();
  private final Wide w1 = new Wide();
  private final Wide w2 = new Wide();
  private final Wide2 v0 = new Wide2();
  private final Wide2 v1 = new Wide2();
  private final Wide2 v2 = new Wide2();
  private final Wide2 v3 = new Wide2();
  private final Wide2 v4 = new Wide2();
  private final Wide2 v5 = new Wide2();
  final FpPowers powers = new FpPowers();
  private final Fp s0 = new Fp();
  private final Fp s1 = new Fp();
  private final Fp2 u0 = new Fp2();
  private final Fp2 u1 = new Fp2();
  private final Fp2[] q = new Fp2[9];
  private final Fp6 g0 = new Fp6();
  private final Fp6 g1 = new Fp6();
  private final Fp6 g2 = new Fp6();
  private final Fp6 g3 = new Fp6();

  Tower() {
    for (int i = 0; i < q.length; i++) {
      q[i] = new Fp2();
    }
  }

  // Fp2

  /**
   * z = x*y, for j-loose and k-loose operands with j, k < 8 and j*k <= 25. Values V and W with V*W
   * <= 43000.
   */
  void mul(Fp2 z, Fp2 x, Fp2 y) {
    Fp.add(s0, x.re, x.im);
    Fp.add(s1, y.re, y.im);
    Wide.mul(w0, x.re, y.re);
    Wide.mul(w1, x.im, y.im);
    Wide.mul(w2, s0, s1);
    Wide.reduceDifference(z.re, w0, w1);
    Wide.reduceDifference(z.im, w2, w0, w1);
  }

  /** z = x*x, for a 5-loose operand of at most 140p. */
  void square(Fp2 z, Fp2 x) {
    Fp.add(s0, x.re, x.im);
    Fp.sub(s1, x.re, x.im);
    Fp im = u0.im;
    Fp.add(im, x.re, x.re);
    Fp.mul(z.im, im, x.im);
    Fp.mul(z.re, s0, s1);
  }

  /** z = k*x, bounds as for {@link Fp#mul}. */
  void mulByFp(Fp2 z, Fp2 x, Fp k) {
    Fp.mul(z.re, x.re, k);
    Fp.mul(z.im, x.im, k);
  }

  /** z = 1/x; zero gives zero. */
  void invert(Fp2 z, Fp2 x) {
    Wide.mul(w0, x.re, x.re);
    Wide.mul(w1, x.im, x.im);
    Fp norm = s0;
    Wide.reduceSum(norm, w0, w1, ZERO.c0.re);
    powers.invert(norm, norm);
    Fp.mul(z.re, x.re, norm);
    Fp.mul(z.im, x.im, norm);
    Fp.neg(z.im, z.im);
    z.im.tidy();
  }

  /**
   * Sets z to a square root of x, if there is one; z is reduced.
   *
   * <p>The complex method: with n^2 = re^2 + im^2, one of (re + n)/2 and (re - n)/2 is the square
   * of the root's real part a, and im/(2a) is the imaginary part. Their product is -(im/2)^2, and
   * -1 is no square, so when (re + n)/2 = -b^2 then b is the imaginary part and im/(2b) the real
   * one. One power gives the root and its inverse.
   *
   * @param x reduced or tidy
   * @return whether x is a square
   */
  boolean sqrt(Fp2 z, Fp2 x) {
    Fp2 original = q[0];
    original.set(x);
    Fp n = q[1].re;
    Wide.mul(w0, x.re, x.re);
    Wide.mul(w1, x.im, x.im);
    Wide.reduceSum(n, w0, w1, ZERO.c0.re);
    // x is a square in Fp2 iff its norm is one in Fp.
    if (!powers.sqrt(n, n)) {
      return false;
    }
    Fp half = q[1].im;
    Fp.add(half, original.re, n);
    Fp.mul(half, half, HALF);
    if (half.isZero()) {
      // im = 0 and re = -n: take (re - n)/2 = re instead.
      half.set(original.re);
    }
    Fp inverse = q[2].re;
    powers.rootInverse(inverse, half);
    Fp a = q[2].im;
    Fp.mul(a, inverse, half);
    // a^2 is half or -half, and then 1/a is inverse or -inverse.
    Fp b = q[3].re;
    Fp.mul(b, original.im, HALF);
    Fp.mul(b, b, inverse);
    Fp square = q[3].im;
    Fp.square(square, a);
    if (Fp.same(square, half)) {
      z.re.set(a);
      z.im.set(b);
    } else {
      Fp.neg(b, b);
      b.tidy();
      z.re.set(b);
      z.im.set(a);
    }
    Fp2 check = q[1];
    square(check, z);
    return Fp2.same(check, original);
  }

  static final Fp HALF =
      Fp.ofHex("183227397098d014dc2822db40c0ac2ecbc0b548b438e5469e10460b6c3e7ea4");

  /** Unreduced x*y, operands j-loose and k-loose with j*k <= 25. */
  private void mul(Wide2 z, Fp2 x, Fp2 y) {
    Fp.add(s0, x.re, x.im);
    Fp.add(s1, y.re, y.im);
    Wide.mul(z.re, x.re, y.re);
    Wide.mul(w1, x.im, y.im);
    Wide.mul(z.im, s0, s1);
    Wide.karatsuba(z.re, z.im, w1);
  }

  // Fp6

  /** z = x*y for operands of V and W with V*W <= 2000. */
  void mul(Fp6 z, Fp6 x, Fp6 y) {
    mulAdd(z, x, y, ZERO);
  }

  /**
   * z = x*y + a. x and y are carried, of V and W with V*W <= 2000; a is 16-loose. z is carried, and
   * its value is a reduced one plus a.
   *
   * <p>The fullest column is that of c0.im = x0*y0 + xi*((x1+x2)*(y1+y2) - x1*y1 - x2*y2): 2 + 9*4
   * + 4 = 42 products, 1 + 9*5 + 3 = 49 positive low parts, so 4*42 + 5*49 + 16 = 429. Its value is
   * 42*V*W*p^2, below p*2^270.
   */
  void mulAdd(Fp6 z, Fp6 x, Fp6 y, Fp6 a) {
    mul(v0, x.c0, y.c0);
    mul(v1, x.c1, y.c1);
    mul(v2, x.c2, y.c2);
    Fp2.add(u0, x.c1, x.c2);
    Fp2.add(u1, y.c1, y.c2);
    mul(v3, u0, u1);
    Fp2.add(u0, x.c0, x.c1);
    Fp2.add(u1, y.c0, y.c1);
    mul(v4, u0, u1);
    Fp2.add(u0, x.c0, x.c2);
    Fp2.add(u1, y.c0, y.c2);
    mul(v5, u0, u1);
    Wide.subtractBoth(v3.re, v1.re, v2.re);
    Wide.subtractBoth(v3.im, v1.im, v2.im);
    Wide.reduceXi(z.c0.re, v0.re, v3.re, -1, v3.im, a.c0.re);
    Wide.reduceXi(z.c0.im, v0.im, v3.im, 1, v3.re, a.c0.im);
    Wide.subtractBoth(v4.re, v0.re, v1.re);
    Wide.subtractBoth(v4.im, v0.im, v1.im);
    Wide.reduceXi(z.c1.re, v4.re, v2.re, -1, v2.im, a.c1.re);
    Wide.reduceXi(z.c1.im, v4.im, v2.im, 1, v2.re, a.c1.im);
    Wide.subtractBoth(v5.re, v0.re, v2.re);
    Wide.subtractBoth(v5.im, v0.im, v2.im);
    Wide.reduceSum(z.c2.re, v5.re, v1.re, a.c2.re);
    Wide.reduceSum(z.c2.im, v5.im, v1.im, a.c2.im);
  }

  /**
   * z = x*(b0 + b1*v) + a for {@link #setLine}'s b0 and b1, bounds as for {@link #mulAdd}: the
   * coefficients c0 + xi*c3, c1 and c2 of {@link #sparse}.
   */
  private void mulByLineAdd(Fp6 z, Fp6 x, Fp6 a) {
    sparse(x);
    Wide.reduceXi(z.c0.re, v0.re, v1.re, -1, v1.im, a.c0.re);
    Wide.reduceXi(z.c0.im, v0.im, v1.im, 1, v1.re, a.c0.im);
    Wide.reduce(z.c1.re, v3.re, a.c1.re);
    Wide.reduce(z.c1.im, v3.im, a.c1.im);
    Wide.reduce(z.c2.re, v2.re, a.c2.re);
    Wide.reduce(z.c2.im, v2.im, a.c2.im);
  }

  /**
   * z = v*x*(b0 + b1*v) + a, for V*W <= 300: xi*c2, c0 + xi*c3 and c1. The fullest column is that
   * of xi*c2: 10*(2 + 2 + 2) products, 9*5 + 4 negative low parts, so 4*60 + 5*49 + 1 = 486.
   */
  private void mulByLineTimesVAdd(Fp6 z, Fp6 x, Fp6 a) {
    sparse(x);
    Wide.reduceXi(z.c0.re, NONE, v2.re, -1, v2.im, a.c0.re);
    Wide.reduceXi(z.c0.im, NONE, v2.im, 1, v2.re, a.c0.im);
    Wide.reduceXi(z.c1.re, v0.re, v1.re, -1, v1.im, a.c1.re);
    Wide.reduceXi(z.c1.im, v0.im, v1.im, 1, v1.re, a.c1.im);
    Wide.reduce(z.c2.re, v3.re, a.c2.re);
    Wide.reduce(z.c2.im, v3.im, a.c2.im);
  }

  private static final Wide NONE = new Wide();

  // b0 + b1*v: b0, b1, (b0 + b1)/2, (b0 - b1)/2, all carried.
  private final Fp2 b0 = new Fp2();
  private final Fp2 b1 = new Fp2();
  private final Fp2 mean = new Fp2();
  private final Fp2 deviation = new Fp2();

  /** b0 = 2*h0, b1 = 2*h1, for 1-loose operands. */
  private void setLine(Fp2 h0, Fp2 h1) {
    Fp2.addCarried(b0, h0, h0);
    Fp2.addCarried(b1, h1, h1);
    Fp2.addCarried(mean, h0, h1);
    Fp2.subCarried(deviation, h0, h1);
  }

  /**
   * The coefficients of (x0 + x1*v + x2*v^2)*(b0 + b1*v), from its values at 0, 1, -1 and infinity
   * (Toom and Cook): c0 in v0, c3 in v1, c2 in v2, c1 in v3. With m = (x0 + x1 + x2)*(b0 + b1)/2
   * and d = (x0 - x1 + x2)*(b0 - b1)/2, c2 = m + d - c0 and c1 = m - d - c3.
   */
  private void sparse(Fp6 x) {
    mul(v0, x.c0, b0);
    mul(v1, x.c2, b1);
    Fp2.add(u1, x.c0, x.c2);
    Fp2.addCarried(u0, u1, x.c1);
    mul(v2, u0, mean);
    Fp2.subCarried(u0, u1, x.c1);
    mul(v3, u0, deviation);
    Wide.interpolate(v2.re, v3.re, v0.re, v1.re);
    Wide.interpolate(v2.im, v3.im, v0.im, v1.im);
  }

  /** z = 1/x; z is not x. */
  private void invert(Fp6 z, Fp6 x) {
    // The norm and the adjoint; Fp6/Fp2 has v^3 = xi.
    Fp2 t = q[0];
    square(z.c0, x.c0);
    mul(t, x.c1, x.c2);
    subtractXi(z.c0, t);
    square(z.c2, x.c1);
    mul(t, x.c0, x.c2);
    Fp2.sub(z.c2, z.c2, t);
    z.c2.tidy();
    square(q[1], x.c2);
    z.c1.setZero();
    Fp2.addXi(z.c1, z.c1, q[1]);
    mul(t, x.c0, x.c1);
    Fp2.sub(z.c1, z.c1, t);
    z.c1.tidy();
    Fp2 norm = q[2];
    mul(norm, x.c2, z.c1);
    mul(t, x.c1, z.c2);
    Fp2.add(norm, norm, t);
    mul(t, x.c0, z.c0);
    Fp2.addXi(t, t, norm);
    t.tidy();
    invert(norm, t);
    mul(z.c0, z.c0, norm);
    mul(z.c1, z.c1, norm);
    mul(z.c2, z.c2, norm);
  }

  /** z = z - xi*x, tidy. */
  private void subtractXi(Fp2 z, Fp2 x) {
    Fp2.neg(u0, x);
    Fp2.addXi(z, z, u0);
    z.tidy();
  }

  // Fp12

  /** z = x*y. z's coordinates are carried, at most 6p. */
  void mul(Fp12 z, Fp12 x, Fp12 y) {
    Fp6.addCarried(g0, x.c0, x.c1);
    Fp6.addCarried(g1, y.c0, y.c1);
    mul(g2, x.c0, y.c0);
    mul(g3, x.c1, y.c1);
    // c0 = x0*y0 + v*x1*y1; c1 = (x0+x1)*(y0+y1) - x0*y0 - x1*y1. 40p times 40p is 1600 p^2.
    Fp6.addV(z.c0, g2, g3);
    z.c0.tidy();
    Fp6.add(g2, g2, g3);
    Fp6.neg(g2, g2);
    mulAdd(z.c1, g0, g1, g2);
  }

  /**
   * z = x*x, by complex squaring. z's coordinates are carried; those of c0 are at most 15p, those
   * of c1 at most 4p.
   *
   * <p>t = x0*x1 is in (-p/5, 6p/5), because 42*20*20 is a fifth of R/p, and twelve times that, and
   * a reduced product of 40p and a tidy value (1.1p), is less than 15p.
   */
  void square(Fp12 z, Fp12 x) {
    // c0 = (x0+x1)*(x0+v*x1) - t - v*t; c1 = 2*t.
    Fp6.addCarried(g0, x.c0, x.c1);
    Fp6.addV(g1, x.c0, x.c1);
    g1.tidy();
    mul(g2, x.c0, x.c1);
    Fp6.addV(g3, g2, g2);
    Fp6.neg(g3, g3);
    Fp6.addCarried(z.c1, g2, g2);
    mulAdd(z.c0, g0, g1, g3);
  }

  /**
   * f = f*(1 + 2*(h0 + h1*v)*w), a line with constant 1: adds at most 1.2p to f's coordinates. h0
   * and h1 are 1-loose, at most 2p.
   */
  void mulByLine(Fp12 f, Fp2 h0, Fp2 h1) {
    setLine(h0, h1);
    mulByLineTimesVAdd(g0, f.c1, f.c0);
    mulByLineAdd(f.c1, f.c0, f.c1);
    f.c0.set(g0);
  }

  /**
   * f = 2*f*(a + (b0 + b1*v)*w), a line. Coefficients are carried, at most 4p; f's coordinates
   * become at most 6p.
   */
  void mulByLine(Fp12 f, Fp2 a, Fp2 h0, Fp2 h1) {
    Fp6.addCarried(g0, f.c0, f.c1);
    Fp2 twice = q[0];
    Fp2.addCarried(twice, a, a);
    mul(g2.c0, f.c0.c0, twice);
    mul(g2.c1, f.c0.c1, twice);
    mul(g2.c2, f.c0.c2, twice);
    setLine(h0, h1);
    mulByLineAdd(g3, f.c1, ZERO);
    Fp6.addV(f.c0, g2, g3);
    f.c0.tidy();
    Fp6.add(g2, g2, g3);
    Fp6.neg(g2, g2);
    Fp2 sum = q[0];
    Fp2.addCarried(sum, a, h0);
    setLine(sum, h1);
    mulByLineAdd(f.c1, g0, g2);
  }

  /** z = 1/x; z's coordinates are tidy or reduced; z is not x. */
  void invert(Fp12 z, Fp12 x) {
    // 1/(a + b*w) = (a - b*w)/(a^2 - v*b^2)
    mul(g0, x.c0, x.c0);
    mul(g1, x.c1, x.c1);
    Fp6.neg(g1, g1);
    Fp6.addV(g2, g0, g1);
    g2.tidy();
    invert(g3, g2);
    mul(z.c0, x.c0, g3);
    mul(z.c1, x.c1, g3);
    Fp6.neg(z.c1, z.c1);
    z.c1.tidy();
  }

  /**
   * z = x*x for x in the cyclotomic subgroup (x^(p^4 - p^2 + 1) = 1); z's coordinates are tidy. The
   * squares of three elements of Fp4, each of three squarings in Fp2.
   */
  void cyclotomicSquare(Fp12 z, Fp12 x) {
    Fp2 a0 = x.c0.c0;
    Fp2 a1 = x.c0.c1;
    Fp2 a2 = x.c0.c2;
    Fp2 b0 = x.c1.c0;
    Fp2 b1 = x.c1.c1;
    Fp2 b2 = x.c1.c2;
    squareFp4(q[0], q[1], a0, b1);
    squareFp4(q[2], q[3], b0, a2);
    squareFp4(q[4], q[5], a1, b2);
    // Each q is reduced, and x at most 20p. xi*q[5] is 10-loose and at most 20p: 3*20 + 2*20 < 128.
    Fp2.combine(z.c0.c0, 3, q[0], -2, a0);
    Fp2.combine(z.c0.c1, 3, q[2], -2, a1);
    Fp2.combine(z.c0.c2, 3, q[4], -2, a2);
    u0.setZero();
    Fp2.addXi(u0, u0, q[5]);
    Fp2.combine(z.c1.c0, 3, u0, 2, b0);
    Fp2.combine(z.c1.c1, 3, q[1], 2, b1);
    Fp2.combine(z.c1.c2, 3, q[3], 2, b2);
    z.c0.tidy();
    z.c1.tidy();
  }

  /**
   * (real + other*s) = (a + b*s)^2 with s^2 = xi: real = a^2 + xi*b^2, other = (a+b)^2 - a^2 - b^2,
   * reduced. a and b are carried and at most 20p.
   *
   * <p>A square in Fp2 is (re+im)*(re-im), 2-loose times 2-loose, and 2*re*im; those of the sum are
   * 4-loose times 4-loose. The fullest column of real is that of a^2 + 9*b^2 - 2*im*re: 4 + 9*4 + 2
   * looseness, 10 low parts of one sign, so 4*42 + 5*10 = 218; its value is (10*40*40 +
   * 2*20*20)*p^2. That of other has 16 + 4 + 4 looseness and 2 low parts of one sign: 4*24 + 5*2 =
   * 106; its value is at most (80*80 + 2*40*40)*p^2. Both are below 86000*p^2.
   */
  private void squareFp4(Fp2 real, Fp2 other, Fp2 a, Fp2 b) {
    square(v0, a);
    square(v1, b);
    Fp2.add(u0, a, b);
    square(v2, u0);
    Wide.reduceXi(real.re, v0.re, v1.re, -1, v1.im, ZERO.c0.re);
    Wide.reduceXi(real.im, v0.im, v1.im, 1, v1.re, ZERO.c0.im);
    Wide.reduceDifference(other.re, v2.re, v0.re, v1.re);
    Wide.reduceDifference(other.im, v2.im, v0.im, v1.im);
  }

  /** Unreduced x*x for an operand of 2-loose coordinates. */
  private void square(Wide2 z, Fp2 x) {
    Fp.add(s0, x.re, x.im);
    Fp.sub(s1, x.re, x.im);
    Wide.mul(z.re, s0, s1);
    Fp.add(s0, x.re, x.re);
    Wide.mul(z.im, s0, x.im);
  }

  /**
   * z = the value of a merged function ({@link MergedLines}): the sum of c[i]*m[i]*w^(n-i) for the
   * largest weight n. At most nine terms fall on a coordinate, which makes 9*(4 + 5) + 16 of its
   * columns.
   *
   * @param c reduced or tidy
   * @param m the monomials by weight, reduced or tidy; that of weight 0 is one, and not read
   */
  void evaluate(Fp12 z, Fp2[] c, Fp[] m) {
    int n = c.length - 1;
    for (int k = 0; k < 6; k++) {
      v0.re.setZero();
      v0.im.setZero();
      int i = n - k;
      for (; i > 1; i -= 6) {
        Wide.addProduct(v0.re, c[i].re, m[i]);
        Wide.addProduct(v0.im, c[i].im, m[i]);
      }
      Fp2 addend = i == 0 ? c[0] : ZERO.c0;
      Fp2 to = z.coordinate(k);
      Wide.reduce(to.re, v0.re, addend.re);
      Wide.reduce(to.im, v0.im, addend.im);
    }
  }

  /** z = x^(p^k) for k = 1, 2, 3; z's coordinates are reduced, or those of x. */
  void frobenius(Fp12 z, Fp12 x, int k) {
    Fp2[] factors = Frobenius.factors(k);
    for (int j = 0; j < 6; j++) {
      Fp2 from = x.coordinate(j);
      Fp2 to = z.coordinate(j);
      if (k % 2 == 1) {
        Fp2.conjugate(to, from);
      } else {
        to.set(from);
      }
      if (j == 0) {
        to.tidy();
      } else {
        mul(to, to, factors[j]);
      }
    }
  }
}
