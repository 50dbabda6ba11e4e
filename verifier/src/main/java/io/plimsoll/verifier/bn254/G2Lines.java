package io.plimsoll.verifier.bn254;

/**
 * A point of G2 prepared for pairings: the lines of its Miller loop, each divided by its
 * coefficient of y so that it is {@code yP + slope*xP*w + constant*w^3}. Immutable and thread-safe.
 */
public final class G2Lines {
  final Fp2[] slopes = new Fp2[MillerPoint.LINES];
  final Fp2[] constants = new Fp2[MillerPoint.LINES];

  /**
   * The lines up to each end of a group of steps ({@link MillerPoint#endsGroup}), merged: the
   * coefficients of a function by weight ({@link MergedLines}).
   */
  final Fp2[][] functions = new Fp2[MillerPoint.GROUPS][];

  private G2Lines() {}

  /**
   * Prepares a point.
   *
   * @throws IllegalArgumentException if the point is not in the subgroup
   */
  public static G2Lines of(G2 point) {
    Tower tower = new Tower();
    MillerPoint t = new MillerPoint(tower, point);
    Fp2[] divisors = new Fp2[MillerPoint.LINES];
    G2Lines lines = new G2Lines();
    int line = 0;
    for (int i = MillerPoint.LOOP.length - 2; i >= 0; i--) {
      t.twice();
      lines.keep(t, line++, divisors);
      if (MillerPoint.LOOP[i] != 0) {
        t.add(MillerPoint.LOOP[i]);
        lines.keep(t, line++, divisors);
      }
    }
    t.addPsi();
    lines.keep(t, line++, divisors);
    t.subtractPsiSquared();
    lines.keep(t, line, divisors);
    if (!t.endsInSubgroup()) {
      throw new IllegalArgumentException("the point is not in the subgroup");
    }
    lines.divide(tower, divisors);
    lines.merge(tower, point);
    return lines;
  }

  private void keep(MillerPoint t, int line, Fp2[] divisors) {
    slopes[line] = t.xFactor.copy();
    constants[line] = t.constant.copy();
    divisors[line] = t.yFactor.copy();
  }

  /** One inversion for all: no divisor is zero, because the subgroup has no exceptional cases. */
  private void divide(Tower tower, Fp2[] divisors) {
    Fp2[] before = new Fp2[divisors.length];
    Fp2 product = new Fp2();
    product.setOne();
    for (int i = 0; i < divisors.length; i++) {
      before[i] = product.copy();
      tower.mul(product, product, divisors[i]);
    }
    tower.invert(product, product);
    Fp2 inverse = new Fp2();
    for (int i = divisors.length - 1; i >= 0; i--) {
      tower.mul(inverse, product, before[i]);
      tower.mul(product, product, divisors[i]);
      tower.mul(slopes[i], slopes[i], inverse);
      tower.mul(constants[i], constants[i], inverse);
    }
  }

  private void merge(Tower tower, G2 q) {
    MergedLines merged = new MergedLines(tower, q.x);
    int line = 0;
    int group = 0;
    for (int i = MillerPoint.LOOP.length - 2; i >= 0; i--) {
      merged.twice(slopes[line], constants[line]);
      line++;
      if (MillerPoint.LOOP[i] != 0) {
        merged.add(slopes[line], constants[line], q.x);
        line++;
      }
      if (MillerPoint.endsGroup(i)) {
        functions[group++] = merged.byWeight();
        merged.restart();
      }
    }
    Fp2 px = new Fp2();
    Fp2 py = new Fp2();
    MillerPoint.psi(tower, px, py, q.x, q.y);
    merged.add(slopes[line], constants[line], px);
    line++;
    MillerPoint.negativePsiSquared(tower, px, py, q.x, q.y);
    merged.add(slopes[line], constants[line], px);
    functions[group] = merged.byWeight();
  }
}
