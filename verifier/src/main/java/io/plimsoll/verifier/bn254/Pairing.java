package io.plimsoll.verifier.bn254;

import java.util.List;
import java.util.Optional;

/**
 * The optimal ate pairing e: G1 x G2 -> Gt of BN254: f^((p^12 - 1)/r), f being the Miller function
 * of 6x+2 times the two lines of Frobenius (Vercauteren, "Optimal pairings", ePrint 2008/096).
 * Thread-safe.
 */
public final class Pairing {
  /** Most prepared pairs of one product: what the bounds of {@link Tower} allow. */
  public static final int MAX_PREPARED = 4;

  /** The curve's x. */
  static final long X = 4965661367192848881L;

  /** Width of the signed windows of x: digits are odd and below 8 in absolute value. */
  private static final int WIDTH = 4;

  /** x in such digits, lowest first. */
  private static final byte[] X_DIGITS = digits(X);

  private Pairing() {}

  /** A point of G1 and a point of the twist, not known to be in G2. */
  public record Pair(G1 g1, G2 g2) {}

  /** A point of G1 and a prepared point of G2. */
  public record PreparedPair(G1 g1, G2Lines g2) {}

  /**
   * e(g1, g2).
   *
   * @throws IllegalArgumentException if g2 is not in the subgroup
   */
  public static Gt of(G1 g1, G2 g2) {
    return product(List.of(new Pair(g1, g2)), List.of())
        .orElseThrow(() -> new IllegalArgumentException("the point is not in the subgroup"));
  }

  /**
   * The product of the pairings of all pairs, by one Miller loop and one final exponentiation.
   *
   * @param pairs the points of the twist are checked to be in the subgroup, which costs next to
   *     nothing here
   * @param prepared at most {@value #MAX_PREPARED}
   * @return empty if a point of {@code pairs} is not in the subgroup
   */
  public static Optional<Gt> product(List<Pair> pairs, List<PreparedPair> prepared) {
    if (prepared.size() > MAX_PREPARED) {
      throw new IllegalArgumentException(prepared.size() + " prepared pairs");
    }
    Tower tower = new Tower();
    Fp12 f = new MillerLoop(tower, pairs, prepared).run();
    if (f == null) {
      return Optional.empty();
    }
    finalExponentiation(tower, f);
    return Optional.of(new Gt(f));
  }

  /** The product before its final exponentiation, or null if a point is not in the subgroup. */
  static Fp12 millerFunction(Tower tower, List<Pair> pairs, List<PreparedPair> prepared) {
    return new MillerLoop(tower, pairs, prepared).run();
  }

  /** One run over all pairs, sharing the squarings of f. */
  private static final class MillerLoop {
    private final Tower tower;
    private final Fp12 f = new Fp12();

    private final MillerPoint[] points;
    private final G1[] at;

    private final G2Lines[] lines;

    /** x/y and 1/y of the points of G1 that the prepared lines are taken at. */
    private final Fp[] quotients;

    private final Fp[] inverses;
    private int line;

    private final Fp2 a = new Fp2();
    private final Fp2 b0 = new Fp2();
    private final Fp2 b1 = new Fp2();

    MillerLoop(Tower tower, List<Pair> pairs, List<PreparedPair> prepared) {
      this.tower = tower;
      points = new MillerPoint[pairs.size()];
      at = new G1[points.length];
      for (int i = 0; i < points.length; i++) {
        points[i] = new MillerPoint(tower, pairs.get(i).g2());
        at[i] = pairs.get(i).g1();
      }
      // e(infinity, Q) = 1.
      List<PreparedPair> finite = prepared.stream().filter(p -> !p.g1().isInfinity()).toList();
      lines = new G2Lines[finite.size()];
      quotients = new Fp[lines.length];
      inverses = new Fp[lines.length];
      for (int i = 0; i < lines.length; i++) {
        PreparedPair pair = finite.get(i);
        lines[i] = pair.g2();
        // y is not zero: the order of G1 is odd.
        inverses[i] = new Fp();
        Fp.invert(inverses[i], pair.g1().y);
        quotients[i] = new Fp();
        Fp.mul(quotients[i], pair.g1().x, inverses[i]);
      }
    }

    /** The Miller function, or null if a point is not in the subgroup. */
    Fp12 run() {
      f.setOne();
      byte[] loop = MillerPoint.LOOP;
      for (int i = loop.length - 2; i >= 0; i--) {
        if (i < loop.length - 2) {
          tower.square(f, f);
        }
        for (MillerPoint point : points) {
          point.twice();
        }
        multiplyByLines();
        if (loop[i] != 0) {
          for (MillerPoint point : points) {
            point.add(loop[i]);
          }
          multiplyByLines();
        }
      }
      for (MillerPoint point : points) {
        point.addPsi();
      }
      multiplyByLines();
      for (MillerPoint point : points) {
        point.subtractPsiSquared();
      }
      multiplyByLines();
      for (MillerPoint point : points) {
        if (!point.endsInSubgroup()) {
          return null;
        }
      }
      return f;
    }

    /**
     * f = f times every pair's current line. The prepared ones come first: each adds 1.1p to f's
     * coordinates, from 15p after a squaring, and whatever follows makes them small again.
     */
    private void multiplyByLines() {
      for (int i = 0; i < lines.length; i++) {
        tower.mulByFp(b0, lines[i].slopes[line], quotients[i]);
        tower.mulByFp(b1, lines[i].constants[line], inverses[i]);
        tower.mulByLine(f, b0, b1);
      }
      line++;
      boolean small = lines.length == 0;
      for (int i = 0; i < points.length; i++) {
        if (at[i].isInfinity()) {
          continue;
        }
        MillerPoint point = points[i];
        tower.mulByFp(a, point.yFactor, at[i].y);
        tower.mulByFp(b0, point.xFactor, at[i].x);
        tower.mulByLine(f, a, b0, point.constant);
        small = true;
      }
      if (!small) {
        f.c0.tidy();
        f.c1.tidy();
      }
    }
  }

  /** f = f^((p^12 - 1)/r). */
  static void finalExponentiation(Tower tower, Fp12 f) {
    Fp12 t = new Fp12();
    Fp12 u = new Fp12();
    // (p^6 - 1)(p^2 + 1)
    tower.invert(t, f);
    Fp12.conjugate(u, f);
    tower.mul(t, t, u);
    tower.frobenius(u, t, 2);
    Fp12 m = new Fp12();
    tower.mul(m, u, t);
    hardPart(tower, f, m);
  }

  /**
   * z = m^((p^4 - p^2 + 1)/r), by the vectorial addition chain of Scott, Benger, Charlemagne,
   * Dominguez Perez and Kachisa (ePrint 2008/490).
   */
  private static void hardPart(Tower tower, Fp12 z, Fp12 m) {
    Fp12 mx = new Fp12();
    Fp12 mx2 = new Fp12();
    Fp12 mx3 = new Fp12();
    power(tower, mx, m);
    power(tower, mx2, mx);
    power(tower, mx3, mx2);
    Fp12 t = new Fp12();
    // y0 = m^(p + p^2 + p^3), y1 = 1/m, y2 = mx2^(p^2), y3 = 1/mx^p, y4 = 1/(mx * mx2^p), y5 =
    // 1/mx2,
    // y6 = 1/(mx3 * mx3^p)
    Fp12 y0 = new Fp12();
    tower.frobenius(y0, m, 1);
    tower.frobenius(t, m, 2);
    tower.mul(y0, y0, t);
    tower.frobenius(t, m, 3);
    tower.mul(y0, y0, t);
    Fp12 y1 = new Fp12();
    Fp12.conjugate(y1, m);
    Fp12 y2 = new Fp12();
    tower.frobenius(y2, mx2, 2);
    Fp12 y3 = new Fp12();
    tower.frobenius(y3, mx, 1);
    Fp12.conjugate(y3, y3);
    Fp12 y4 = new Fp12();
    tower.frobenius(y4, mx2, 1);
    tower.mul(y4, y4, mx);
    Fp12.conjugate(y4, y4);
    Fp12 y5 = new Fp12();
    Fp12.conjugate(y5, mx2);
    Fp12 y6 = new Fp12();
    tower.frobenius(y6, mx3, 1);
    tower.mul(y6, y6, mx3);
    Fp12.conjugate(y6, y6);
    // y0 * y1^2 * y2^6 * y3^12 * y4^18 * y5^30 * y6^36
    tower.cyclotomicSquare(z, y6);
    tower.mul(z, z, y4);
    tower.mul(z, z, y5);
    tower.mul(t, y3, y5);
    tower.mul(t, t, z);
    tower.mul(z, z, y2);
    tower.cyclotomicSquare(t, t);
    tower.mul(t, t, z);
    tower.cyclotomicSquare(t, t);
    tower.mul(z, t, y1);
    tower.mul(t, t, y0);
    tower.cyclotomicSquare(z, z);
    tower.mul(z, z, t);
  }

  /** z = m^x for m in the cyclotomic subgroup, where inverses are conjugates. */
  private static void power(Tower tower, Fp12 z, Fp12 m) {
    // m, m^3, m^5, m^7
    Fp12[] odd = new Fp12[1 << (WIDTH - 2)];
    Fp12 square = new Fp12();
    tower.cyclotomicSquare(square, m);
    odd[0] = m.copy();
    for (int i = 1; i < odd.length; i++) {
      odd[i] = new Fp12();
      tower.mul(odd[i], odd[i - 1], square);
    }
    Fp12 inverse = new Fp12();
    int top = X_DIGITS.length - 1;
    z.set(odd[X_DIGITS[top] / 2]);
    for (int i = top - 1; i >= 0; i--) {
      tower.cyclotomicSquare(z, z);
      int digit = X_DIGITS[i];
      if (digit > 0) {
        tower.mul(z, z, odd[digit / 2]);
      } else if (digit < 0) {
        Fp12.conjugate(inverse, odd[-digit / 2]);
        tower.mul(z, z, inverse);
      }
    }
  }

  /** Signed windows of a positive number. */
  private static byte[] digits(long value) {
    byte[] digits = new byte[Long.SIZE + 1];
    int length = 0;
    for (long rest = value; rest != 0; rest >>= 1) {
      if ((rest & 1) != 0) {
        int digit = (int) (rest & ((1 << WIDTH) - 1));
        if (digit >= 1 << (WIDTH - 1)) {
          digit -= 1 << WIDTH;
        }
        digits[length] = (byte) digit;
        rest -= digit;
      }
      length++;
    }
    return java.util.Arrays.copyOf(digits, length);
  }
}
