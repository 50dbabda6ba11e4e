package io.plimsoll.verifier.bn254;

import java.util.ArrayList;
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

  /**
   * x in digits 0, 1, -1, 9, -9 and so on up to 57, lowest first: of the sets of a few numbers, the
   * one with which a power costs least, its own powers included.
   */
  static final byte[] X_DIGITS = {
    -1, 57, 0, 0, 0, 0, 0, 19, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 19, 0, 0, 0, 0, 0, 9, 0, 0, 0,
    0, 0, 0, -19, 0, 0, 0, 0, 0, 19, 0, 0, 0, 0, 0, 0, 19, 0, 0, 0, 0, 0, -57, 0, 0, 0, 0, 19
  };

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
    Workspace workspace = Workspace.take();
    Fp12 f = workspace.loop.run(pairs, prepared);
    if (f == null) {
      workspace.give();
      return Optional.empty();
    }
    Gt product = new Gt(new Fp12());
    workspace.finalExponentiation.apply(product.value, f);
    workspace.give();
    return Optional.of(product);
  }

  /** Whether the {@link #product} is a given value, without making an object of it. */
  static FixedPairs.Outcome compare(List<Pair> pairs, List<PreparedPair> prepared, Gt value) {
    if (prepared.size() > MAX_PREPARED) {
      throw new IllegalArgumentException(prepared.size() + " prepared pairs");
    }
    Workspace workspace = Workspace.take();
    Fp12 f = workspace.loop.run(pairs, prepared);
    FixedPairs.Outcome outcome = FixedPairs.Outcome.OUTSIDE_SUBGROUP;
    if (f != null) {
      workspace.finalExponentiation.apply(f, f);
      outcome = Fp12.same(f, value.value) ? FixedPairs.Outcome.EQUAL : FixedPairs.Outcome.DIFFERENT;
    }
    workspace.give();
    return outcome;
  }

  /** The product before its final exponentiation, or null if a point is not in the subgroup. */
  static Fp12 millerFunction(Tower tower, List<Pair> pairs, List<PreparedPair> prepared) {
    return new MillerLoop(tower).run(pairs, prepared);
  }

  /** Runs over all pairs, sharing the squarings of f. */
  static final class MillerLoop {
    private final Tower tower;
    private final Fp12 f = new Fp12();

    private final List<MillerPoint> points = new ArrayList<>();
    private List<Pair> pairs = List.of();

    private final G2Lines[] lines = new G2Lines[MAX_PREPARED];

    /** The monomials by weight of the points of G1 that the prepared functions are taken at. */
    private final Fp[][] monomials = new Fp[MAX_PREPARED][MillerPoint.MAX_WEIGHT + 1];

    private int preparedCount;
    private final Fp12 function = new Fp12();

    MillerLoop(Tower tower) {
      this.tower = tower;
      for (int i = 0; i < MAX_PREPARED; i++) {
        for (int weight = 2; weight < monomials[i].length; weight++) {
          monomials[i][weight] = new Fp();
        }
      }
    }

    private void start(List<Pair> newPairs, List<PreparedPair> prepared) {
      pairs = newPairs;
      while (points.size() < pairs.size()) {
        points.add(new MillerPoint(tower));
      }
      for (int i = 0; i < pairs.size(); i++) {
        Pair pair = pairs.get(i);
        if (pair.g1().isInfinity()) {
          points.get(i).start(pair.g2());
        } else {
          points.get(i).start(pair.g2(), pair.g1());
        }
      }
      preparedCount = 0;
      for (int i = 0; i < prepared.size(); i++) {
        PreparedPair pair = prepared.get(i);
        // e(infinity, Q) = 1.
        if (!pair.g1().isInfinity()) {
          lines[preparedCount] = pair.g2();
          setMonomials(monomials[preparedCount], pair.g1());
          preparedCount++;
        }
      }
      f.setOne();
    }

    /** 1, x, y, x^2, x*y, x^3, x^2*y and so on: each is x times the last but one. */
    private static void setMonomials(Fp[] m, G1 at) {
      m[2].set(at.x);
      m[3].set(at.y);
      for (int weight = 4; weight < m.length; weight++) {
        Fp.mul(m[weight], m[weight - 2], at.x);
      }
    }

    /**
     * The Miller function, or null if a point is not in the subgroup. It is this object's own,
     * until the next run.
     */
    Fp12 run(List<Pair> newPairs, List<PreparedPair> prepared) {
      start(newPairs, prepared);
      int count = pairs.size();
      byte[] loop = MillerPoint.LOOP;
      int group = 0;
      for (int i = loop.length - 2; i >= 0; i--) {
        if (i < loop.length - 2) {
          tower.square(f, f);
        }
        for (int j = 0; j < count; j++) {
          points.get(j).twice();
        }
        multiplyByLines();
        if (loop[i] != 0) {
          for (int j = 0; j < count; j++) {
            points.get(j).add(loop[i]);
          }
          multiplyByLines();
        }
        if (MillerPoint.endsGroup(i)) {
          multiplyByFunctions(group++);
        }
      }
      for (int j = 0; j < count; j++) {
        points.get(j).addPsi();
      }
      multiplyByLines();
      for (int j = 0; j < count; j++) {
        points.get(j).subtractPsiSquared();
      }
      multiplyByLines();
      multiplyByFunctions(group);
      boolean inside = true;
      for (int j = 0; j < count; j++) {
        inside &= points.get(j).endsInSubgroup();
      }
      pairs = List.of();
      return inside ? f : null;
    }

    /** f = f times the functions of a group of steps of the prepared pairs. */
    private void multiplyByFunctions(int group) {
      for (int i = 0; i < preparedCount; i++) {
        tower.evaluate(function, lines[i].functions[group], monomials[i]);
        tower.mul(f, f, function);
      }
    }

    /** f = f times the current lines of the points that are not prepared. */
    private void multiplyByLines() {
      for (int i = 0; i < pairs.size(); i++) {
        // e(infinity, Q) = 1.
        if (!pairs.get(i).g1().isInfinity()) {
          points.get(i).multiplyByLine(f);
        }
      }
    }
  }

  /** f = f^((p^12 - 1)/r). */
  static void finalExponentiation(Tower tower, Fp12 f) {
    new FinalExponentiation(tower).apply(f, f);
  }

  /** The final exponentiation, with the memory that it needs in between. */
  static final class FinalExponentiation {
    private final Tower tower;
    private final Fp12 m = new Fp12();
    private final Fp12 mx = new Fp12();
    private final Fp12 mx2 = new Fp12();
    private final Fp12 mx3 = new Fp12();
    private final Fp12 t = new Fp12();
    private final Fp12 u = new Fp12();
    private final Fp12 v = new Fp12();

    // Powers of the base of {@link #power}.
    private final Fp12 power9 = new Fp12();
    private final Fp12 power19 = new Fp12();
    private final Fp12 power57 = new Fp12();

    FinalExponentiation(Tower tower) {
      this.tower = tower;
    }

    /** z = f^((p^12 - 1)/r). */
    void apply(Fp12 z, Fp12 f) {
      // (p^6 - 1)(p^2 + 1)
      tower.invert(t, f);
      Fp12.conjugate(u, f);
      tower.mul(t, t, u);
      tower.frobenius(u, t, 2);
      tower.mul(m, u, t);
      hardPart(z);
    }

    /**
     * z = m^((p^4 - p^2 + 1)/r), by the vectorial addition chain of Scott, Benger, Charlemagne,
     * Dominguez Perez and Kachisa (ePrint 2008/490): y0 * y1^2 * y2^6 * y3^12 * y4^18 * y5^30 *
     * y6^36 with
     *
     * <pre>
     *   y0 = m^(p + p^2 + p^3), y1 = 1/m, y2 = mx2^(p^2), y3 = 1/mx^p, y4 = 1/(mx * mx2^p),
     *   y5 = 1/mx2, y6 = 1/(mx3 * mx3^p)
     * </pre>
     */
    private void hardPart(Fp12 z) {
      power(mx, m);
      power(mx2, mx);
      power(mx3, mx2);
      // z = y6^2 * y4 * y5
      tower.frobenius(u, mx3, 1);
      tower.mul(u, u, mx3);
      Fp12.conjugate(u, u);
      tower.cyclotomicSquare(z, u);
      tower.frobenius(u, mx2, 1);
      tower.mul(u, u, mx);
      Fp12.conjugate(u, u);
      tower.mul(z, z, u);
      Fp12 y5 = v;
      Fp12.conjugate(y5, mx2);
      tower.mul(z, z, y5);
      // t = y3 * y5 * z
      tower.frobenius(u, mx, 1);
      Fp12.conjugate(u, u);
      tower.mul(t, u, y5);
      tower.mul(t, t, z);
      tower.frobenius(u, mx2, 2);
      tower.mul(z, z, u);
      tower.cyclotomicSquare(t, t);
      tower.mul(t, t, z);
      tower.cyclotomicSquare(t, t);
      // y1, y0
      Fp12.conjugate(u, m);
      tower.mul(z, t, u);
      tower.frobenius(u, m, 1);
      tower.frobenius(v, m, 2);
      tower.mul(u, u, v);
      tower.frobenius(v, m, 3);
      tower.mul(u, u, v);
      tower.mul(t, t, u);
      tower.cyclotomicSquare(z, z);
      tower.mul(z, z, t);
    }

    /** z = b^x for b in the cyclotomic subgroup, where inverses are conjugates; z is not b. */
    private void power(Fp12 z, Fp12 b) {
      tower.cyclotomicSquare(t, b);
      tower.cyclotomicSquare(t, t);
      tower.cyclotomicSquare(t, t);
      tower.mul(power9, t, b);
      tower.cyclotomicSquare(t, power9);
      tower.mul(power19, t, b);
      tower.cyclotomicSquare(t, power19);
      tower.mul(power57, t, power19);
      int top = X_DIGITS.length - 1;
      z.set(power(X_DIGITS[top], b));
      for (int i = top - 1; i >= 0; i--) {
        tower.cyclotomicSquare(z, z);
        int digit = X_DIGITS[i];
        if (digit > 0) {
          tower.mul(z, z, power(digit, b));
        } else if (digit < 0) {
          Fp12.conjugate(u, power(-digit, b));
          tower.mul(z, z, u);
        }
      }
    }

    private Fp12 power(int digit, Fp12 b) {
      return switch (digit) {
        case 1 -> b;
        case 9 -> power9;
        case 19 -> power19;
        default -> power57;
      };
    }
  }
}
