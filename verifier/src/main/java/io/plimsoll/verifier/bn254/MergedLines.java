package io.plimsoll.verifier.bn254;

/**
 * Lines of a fixed point's Miller loop multiplied into one function on the twist, a(x) + y*b(x),
 * while they are put together. Mutable, not thread-safe.
 *
 * <p>From a point T on, the loop squares its function and multiplies it by a line for each digit;
 * after some digits T has become mT + cQ, and the function has gained a factor with the divisor
 * m(T) + c(Q) - (mT + cQ) - (m + c - 1)(O). That factor times the vertical line of mT + cQ, which
 * lies in Fp6 and does not matter to a pairing, has its poles at infinity alone: it is a polynomial
 * in x and y, of m + c + 1 coefficients. Multiplying by it once is less work than squaring and
 * multiplying by the lines of a fixed point one by one; the squarings are those of f, which other
 * points need anyway.
 *
 * <p>A function is kept with the w of its lines left out (w = 1). They come back by weight: giving
 * x the weight 2, y 3 and w 1, every line {@code y + slope*x*w + constant*w^3} and vertical line
 * {@code x - x0*w^2} is homogeneous, and so is the curve {@code y^2 = x^3 + (3/xi)*w^6}.
 */
final class MergedLines {
  private static final Fp2[] NOTHING = {};

  private final Tower tower;

  /** Coefficients of 1, x, x^2 and so on; tidy, as those of b. */
  private Fp2[] a = NOTHING;

  private Fp2[] b = NOTHING;

  /** The abscissa of T, tidy. */
  private final Fp2 x;

  /** Starts at T with the abscissa x. */
  MergedLines(Tower tower, Fp2 x) {
    this.tower = tower;
    this.x = x.copy();
    restart();
  }

  /** The function of no step: the vertical line of T. */
  void restart() {
    Fp2 constant = new Fp2();
    Fp2.neg(constant, x);
    constant.tidy();
    Fp2 one = new Fp2();
    one.setOne();
    a = new Fp2[] {constant, one};
    b = NOTHING;
  }

  /** T = 2T, with its line. */
  void twice(Fp2 slope, Fp2 constant) {
    // (a + y*b)^2 = a^2 + (x^3 + 3/xi)*b^2 + y*2*a*b
    Fp2[] square = plus(product(a, a), product(product(b, b), curve()));
    Fp2[] mixed = product(a, b);
    a = square;
    b = plus(mixed, mixed);
    multiplyBy(slope, constant);
    divideByVertical();
    divideByVertical();
    next(slope, x);
  }

  /** T = T + the point with the abscissa {@code other}, with its line. */
  void add(Fp2 slope, Fp2 constant, Fp2 other) {
    multiplyBy(slope, constant);
    divideByVertical();
    next(slope, other);
  }

  private void multiplyBy(Fp2 slope, Fp2 constant) {
    // (a + y*b)*(y + l) = a*l + (x^3 + 3/xi)*b + y*(a + b*l)
    Fp2[] line = {constant, slope};
    Fp2[] even = plus(product(a, line), product(b, curve()));
    b = plus(a, product(b, line));
    a = even;
  }

  /** The third point on the line has the abscissa slope^2 - x - other. */
  private void next(Fp2 slope, Fp2 other) {
    Fp2 sum = new Fp2();
    Fp2.add(sum, x, other);
    tower.square(x, slope);
    Fp2.sub(x, x, sum);
    x.tidy();
  }

  /** Coefficients of 1, x, y, x^2, x*y and so on by weight: none of weight 1. */
  Fp2[] byWeight() {
    // a has the weights 0, 2, 4, ... and b 3, 5, 7, ...
    int weight = a.length > b.length + 1 ? 2 * (a.length - 1) : 2 * b.length + 1;
    Fp2[] coefficients = new Fp2[weight + 1];
    for (int i = 0; i <= weight; i++) {
      Fp2[] from = i % 2 == 0 ? a : b;
      int power = i % 2 == 0 ? i / 2 : (i - 3) / 2;
      Fp2 c = new Fp2();
      if (i != 1 && power < from.length) {
        c.set(from[power]);
        for (int w = weight - i; w >= 6; w -= 6) {
          Fp2 t = c.copy();
          c.setZero();
          Fp2.addXi(c, c, t);
          c.tidy();
        }
      }
      coefficients[i] = c;
    }
    return coefficients;
  }

  private static Fp2[] curve() {
    Fp2 one = new Fp2();
    one.setOne();
    return new Fp2[] {G2.B, new Fp2(), new Fp2(), one};
  }

  private Fp2[] product(Fp2[] p, Fp2[] q) {
    if (p.length == 0 || q.length == 0) {
      return NOTHING;
    }
    Fp2[] z = zeros(p.length + q.length - 1);
    Fp2 t = new Fp2();
    for (int i = 0; i < p.length; i++) {
      for (int j = 0; j < q.length; j++) {
        tower.mul(t, p[i], q[j]);
        Fp2.add(z[i + j], z[i + j], t);
        z[i + j].tidy();
      }
    }
    return z;
  }

  private static Fp2[] plus(Fp2[] p, Fp2[] q) {
    Fp2[] z = zeros(p.length > q.length ? p.length : q.length);
    for (int i = 0; i < z.length; i++) {
      if (i < p.length) {
        z[i].set(p[i]);
      }
      if (i < q.length) {
        Fp2.add(z[i], z[i], q[i]);
      }
      z[i].tidy();
    }
    return z;
  }

  private static Fp2[] zeros(int length) {
    Fp2[] z = new Fp2[length];
    for (int i = 0; i < length; i++) {
      z[i] = new Fp2();
    }
    return z;
  }

  private void divideByVertical() {
    a = divided(a);
    b = divided(b);
  }

  /** p / (x - x0), which leaves no remainder: the function vanishes at both points above x0. */
  private Fp2[] divided(Fp2[] p) {
    if (p.length == 0) {
      return p;
    }
    Fp2[] z = zeros(p.length - 1);
    Fp2 carry = p[p.length - 1].copy();
    for (int i = p.length - 2; i >= 0; i--) {
      z[i].set(carry);
      tower.mul(carry, carry, x);
      Fp2.add(carry, carry, p[i]);
      carry.tidy();
    }
    if (!carry.isZero()) {
      throw new IllegalStateException("not the line of this point");
    }
    return z;
  }
}
