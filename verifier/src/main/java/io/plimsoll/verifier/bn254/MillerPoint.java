package io.plimsoll.verifier.bn254;

/**
 * The running point T of an optimal ate Miller loop for one point Q of the twist, with the lines
 * that it draws. Mutable, not thread-safe.
 *
 * <p>Homogeneous coordinates x = X/Z, y = Y/Z. Doubling and addition are those of Aranha et al.
 * (ePrint 2010/526, after Costello, Lange and Naehrig), the doubling scaled by 4 to be free of
 * halves. A line stands for {@code yFactor*yP + xFactor*xP*w + constant*w^3} at a point (xP, yP) of
 * G1, up to a factor in Fp2, which the final exponentiation removes.
 *
 * <p>Scaling. For its lines' values at a point P of G1, Q is moved to an isomorphic curve, (x, y)
 * to (s^2*x, s^3*y) with s = xP/yP. There a line is {@code yFactor + xFactor*w + c*constant*w^3} at
 * P, up to yP, with c = yP^2/xP^3: one product with a number of P's where there would be two. The
 * endomorphism commutes with s, which is in Fp, so that nothing else changes. xP is not zero,
 * because 3 is no square modulo p.
 *
 * <p>Exceptional cases. The loop's number 6x+2 is written with digits -1, 0, 1. Adding (x, y) when
 * T is (x, y) or its negative gives Z = 0, and Z = 0 stays Z = 0 in every later step; there is no
 * point with y = 0, because the order of the twist, r*(2p - r), is odd. So at the end T is what it
 * should be, or Z = 0, which {@link #endsInSubgroup} refuses. For Q of order r no such case occurs:
 * no prefix of the loop makes T one of Q, -Q, and neither are the last two sums degenerate.
 */
final class MillerPoint {
  /** 6x+2 in non-adjacent form, lowest digit first. */
  static final byte[] LOOP = {
    0, 0, 0, 1, 0, 1, 0, -1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1, 0, -1, 0, 0, 0, 1, 0, -1, 0, 0, 0, 0,
    -1, 0, 0, 1, 0, -1, 0, 0, 1, 0, 0, 0, 0, 0, -1, 0, 0, -1, 0, 1, 0, -1, 0, 0, 0, -1, 0, -1, 0, 0,
    0, 1, 0, -1, 0, 1
  };

  /** Number of lines that the loop draws: doublings, additions, and two more at the end. */
  static final int LINES = countLines();

  /** Steps that {@link MergedLines} multiplies into one function: what costs least. */
  private static final int GROUP = 4;

  /** Number of such groups; the last one has what remains, and the two lines at the end. */
  static final int GROUPS = (LOOP.length - 2) / GROUP + 1;

  /** The largest weight of a merged function. */
  static final int MAX_WEIGHT = 25;

  /** 9/xi, three times the twist's constant. */
  private static final Fp2 THREE_B =
      Fp2.ofHex(
          "20753adca9c6bfb81499be5e509e8f8ff21b7c8d3cb039cf1ef69c66bce9b021",
          "01c53b10b0d2fc7e67860f09cc8af9ddf5eee18eaf8748f8ade8371391494176");

  /** Coefficients of the last line, tidy. */
  final Fp2 yFactor = new Fp2();

  final Fp2 xFactor = new Fp2();
  final Fp2 constant = new Fp2();

  private final Tower tower;

  /** Q after its move, and the ordinate of its negative. Reduced, but for signs. */
  private final Fp2 qx = new Fp2();

  private final Fp2 qy = new Fp2();
  private final Fp2 negativeY = new Fp2();

  /** 9/xi times s^6. */
  private final Fp2 threeB = new Fp2();

  /** What a line's constant is multiplied with: c. */
  private final Fp factor = new Fp();

  private final Fp s = new Fp();
  private final Fp square = new Fp();

  // At rest at most 1-loose and 4p.
  private final Fp2 x = new Fp2();
  private final Fp2 y = new Fp2();
  private final Fp2 z = new Fp2();

  private final Fp2 px = new Fp2();
  private final Fp2 py = new Fp2();
  private final Fp2 a = new Fp2();
  private final Fp2 b = new Fp2();
  private final Fp2 c = new Fp2();
  private final Fp2 d = new Fp2();
  private final Fp2 e = new Fp2();
  private final Fp2 h = new Fp2();

  MillerPoint(Tower tower) {
    this.tower = tower;
  }

  MillerPoint(Tower tower, G2 q) {
    this(tower);
    start(q);
  }

  /** T = Q, for another run that nobody takes at a point. */
  void start(G2 q) {
    qx.set(q.x);
    qy.set(q.y);
    threeB.set(THREE_B);
    begin();
  }

  /** T = Q, for another run, whose lines are taken at a finite point. */
  void start(G2 q, G1 at) {
    qx.set(q.x);
    qy.set(q.y);
    Fp.mul(square, at.x, at.y);
    tower.powers.invert(square, square);
    scale(s, factor, at.x, at.y, square);
    move(tower, qx, qy, s, square);
    Fp.square(s, square);
    Fp.mul(s, s, square);
    tower.mulByFp(threeB, THREE_B, s);
    begin();
  }

  private void begin() {
    Fp2.neg(negativeY, qy);
    x.set(qx);
    y.set(qy);
    z.setOne();
  }

  /** f = 2*f times the last line at the point that was given. */
  void multiplyByLine(Fp12 f) {
    tower.mulByFp(constant, constant, factor);
    tower.mulByLine(f, yFactor, xFactor, constant);
  }

  /** T = 2T, and its line. */
  void twice() {
    Fp2 xy = a;
    tower.mul(xy, x, y);
    tower.square(b, y);
    tower.square(c, z);
    tower.mul(e, c, threeB);
    Fp2.add(h, y, z);
    tower.square(h, h);
    Fp2.sub(h, h, b);
    Fp2.sub(h, h, c); // 2YZ, 2-loose

    Fp2.neg(yFactor, h);
    yFactor.tidy();
    tower.square(xFactor, x);
    Fp2.times(xFactor, xFactor, 3);
    xFactor.tidy();
    Fp2.sub(constant, e, b);
    constant.tidy();

    Fp2.combine(c, 1, b, -3, e);
    Fp2.add(xy, xy, xy);
    tower.mul(x, xy, c);
    Fp2.combine(c, 1, b, 3, e);
    tower.square(y, c);
    tower.square(e, e);
    Fp2.combine(y, 1, y, -12, e);
    y.tidy();
    tower.mul(z, b, h);
    Fp2.times(z, z, 4);
    z.tidy();
  }

  /** T = T + Q or T - Q, and the line. */
  void add(int sign) {
    add(qx, sign > 0 ? qy : negativeY);
  }

  /** T = T + (px, py) and the line; py is 1-loose. */
  private void add(Fp2 px, Fp2 py) {
    Fp2 o = a;
    Fp2 l = b;
    tower.mul(o, py, z);
    Fp2.sub(o, y, o);
    tower.mul(l, px, z);
    Fp2.sub(l, x, l);

    yFactor.set(l);
    yFactor.tidy();
    Fp2.neg(xFactor, o);
    xFactor.tidy();
    tower.mul(constant, o, px);
    tower.mul(c, l, py);
    Fp2.sub(constant, constant, c);
    constant.tidy();

    tower.square(c, o);
    tower.square(d, l);
    tower.mul(e, l, d);
    tower.mul(c, z, c);
    tower.mul(d, x, d);
    Fp2.add(h, e, c);
    Fp2.combine(h, 1, h, -2, d);
    tower.mul(x, l, h);
    Fp2.sub(d, d, h);
    tower.mul(d, d, o);
    tower.mul(y, e, y);
    Fp2.sub(y, d, y);
    tower.mul(z, e, z);
  }

  /** T = T + psi(Q), and the line. The first step after the loop. */
  void addPsi() {
    psi(tower, px, py, qx, qy);
    add(px, py);
  }

  /** T = T - psi^2(Q), and the line. The second step after the loop. */
  void subtractPsiSquared() {
    negativePsiSquared(tower, px, py, qx, qy);
    add(px, py);
  }

  /**
   * Right after that: whether T = -psi^3(Q). See {@code docs/security.md} for why that is enough.
   */
  boolean endsInSubgroup() {
    if (z.isZero()) {
      return false;
    }
    // -psi^3(Q) = psi(-psi^2(Q)), and -psi^2(Q) is still there.
    psi(tower, px, py, px, py);
    tower.mul(px, px, z);
    tower.mul(py, py, z);
    return Fp2.same(px, x) && Fp2.same(py, y);
  }

  /** (rx, ry) = -psi^2(Q) for Q = (qx, qy). */
  static void negativePsiSquared(Tower tower, Fp2 rx, Fp2 ry, Fp2 qx, Fp2 qy) {
    tower.mulByFp(rx, qx, Frobenius.factors(2)[2].re);
    // xi^((p^2-1)/2) = -1, so y stays.
    ry.set(qy);
  }

  /**
   * The scale of a point of G1, s = x/y, and the factor of its lines' constants, c = y^2/x^3.
   *
   * @param inverse 1/(x*y)
   */
  static void scale(Fp s, Fp c, Fp x, Fp y, Fp inverse) {
    // c = (1/s)^2 * 1/x
    Fp.mul(s, y, inverse);
    Fp.mul(c, y, s);
    Fp.square(c, c);
    Fp.mul(c, c, s);
    Fp.mul(s, x, inverse);
    Fp.mul(s, s, x);
  }

  /**
   * (x, y) = (s^2*x, s^3*y).
   *
   * @param square receives s^2
   */
  static void move(Tower tower, Fp2 x, Fp2 y, Fp s, Fp square) {
    Fp.square(square, s);
    tower.mulByFp(x, x, square);
    tower.mulByFp(y, y, square);
    tower.mulByFp(y, y, s);
  }

  /** psi: untwist, Frobenius, twist. */
  static void psi(Tower tower, Fp2 rx, Fp2 ry, Fp2 px, Fp2 py) {
    Fp2.conjugate(rx, px);
    tower.mul(rx, rx, Frobenius.factors(1)[2]);
    Fp2.conjugate(ry, py);
    tower.mul(ry, ry, Frobenius.factors(1)[3]);
  }

  /** Whether Q has order r, by the steps of the loop without its lines' use. */
  static boolean isInSubgroup(G2 q) {
    MillerPoint point = new MillerPoint(new Tower(), q);
    for (int i = LOOP.length - 2; i >= 0; i--) {
      point.twice();
      if (LOOP[i] != 0) {
        point.add(LOOP[i]);
      }
    }
    point.addPsi();
    point.subtractPsiSquared();
    return point.endsInSubgroup();
  }

  /** Whether a group of steps ends with that of digit i. */
  static boolean endsGroup(int i) {
    return i % GROUP == 1;
  }

  private static int countLines() {
    int lines = LOOP.length - 1 + 2;
    for (int i = 0; i < LOOP.length - 1; i++) {
      lines += LOOP[i] != 0 ? 1 : 0;
    }
    return lines;
  }
}
