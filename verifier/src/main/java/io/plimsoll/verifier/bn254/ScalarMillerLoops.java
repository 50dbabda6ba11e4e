package io.plimsoll.verifier.bn254;

/**
 * {@link MillerLoops} in portable Java. All pairs take each step together in affine coordinates, so
 * that one inversion serves all of them, and multiply their lines into one function, so that its
 * squarings serve all. Immutable and thread-safe.
 *
 * <p>Scaling. Each Q is moved as in {@link MillerPoint}, and a line of slope m is {@code 1 - m*w +
 * c*(m*x - y)*w^3}. Affine steps do not ask for the curve's constant.
 *
 * <p>Exceptional cases. As in {@link MillerPoint}, a point of order r meets none: no sum in the
 * loop is one of equal or opposite points, and there is no point with y = 0. A denominator that is
 * zero therefore shows that the point is outside, as does the sum at the end.
 */
final class ScalarMillerLoops implements MillerLoops {
  static final ScalarMillerLoops INSTANCE = new ScalarMillerLoops();

  /** Pairs that take their steps together: what is kept of them stays in the nearest cache. */
  private static final int TOGETHER = 32;

  /**
   * Lines after which f has to be made small again: each adds 1.2p to its coordinates, from 15p.
   */
  private static final int LINES = 4;

  private ScalarMillerLoops() {}

  @Override
  public boolean multiply(long[] pairs, int count, long[] product, boolean[] outside) {
    Tower tower = new Tower();
    Fp12 total = new Fp12();
    boolean inside = true;
    for (int from = 0; from < count; from += TOGETHER) {
      int size = Math.min(TOGETHER, count - from);
      Group group = new Group(tower, pairs, from, size, outside);
      inside &= group.run();
      if (from == 0) {
        total.set(group.f);
      } else {
        tower.mul(total, total, group.f);
      }
    }
    for (int k = 0; k < 6; k++) {
      Fp2 coordinate = total.coordinate(k);
      coordinate.tidy();
      coordinate.re.write(product, 2 * LIMBS * k);
      coordinate.im.write(product, 2 * LIMBS * k + LIMBS);
    }
    return inside;
  }

  @Override
  public int minimum() {
    return 1;
  }

  /** Some pairs on their way through the loop. */
  private static final class Group {
    private final Tower tower;
    private final int size;
    private final int from;
    private final boolean[] outside;

    private final Fp12 f = new Fp12();

    /** y^2 / (2*x^3) of the points of G1. */
    private final Fp[] factors;

    private final Fp2[] qx;
    private final Fp2[] qy;

    /** The running points, tidy or reduced. */
    private final Fp2[] x;

    private final Fp2[] y;

    /** What the running points are added to: Q, -Q, or an image of Q. Tidy or reduced. */
    private final Fp2[] px;

    private final Fp2[] py;

    private final Fp2[] denominators;
    private final Fp2[] before;

    private final Fp2 product = new Fp2();

    /** Half the slope of the line at hand, and the slope. */
    private final Fp2 half = new Fp2();

    private final Fp2 slope = new Fp2();
    private final Fp2 t = new Fp2();
    private final Fp2 h0 = new Fp2();
    private final Fp2 h1 = new Fp2();
    private int lines;

    Group(Tower tower, long[] pairs, int from, int size, boolean[] outside) {
      this.tower = tower;
      this.size = size;
      this.from = from;
      this.outside = outside;
      factors = new Fp[size];
      qx = coordinates(size);
      qy = coordinates(size);
      x = coordinates(size);
      y = coordinates(size);
      px = coordinates(size);
      py = coordinates(size);
      denominators = coordinates(size);
      before = coordinates(size);
      for (int j = 0; j < size; j++) {
        int offset = PAIR_LONGS * (from + j);
        // x and y for now.
        factors[j] = new Fp();
        factors[j].read(pairs, offset);
        px[j].re.read(pairs, offset + LIMBS);
        qx[j].re.read(pairs, offset + 2 * LIMBS);
        qx[j].im.read(pairs, offset + 3 * LIMBS);
        qy[j].re.read(pairs, offset + 4 * LIMBS);
        qy[j].im.read(pairs, offset + 5 * LIMBS);
        outside[from + j] = false;
      }
      scale();
    }

    private static Fp2[] coordinates(int size) {
      Fp2[] values = new Fp2[size];
      for (int j = 0; j < size; j++) {
        values[j] = new Fp2();
      }
      return values;
    }

    /** Moves the points of the twist, and makes the factors of those of G1. */
    private void scale() {
      Fp all = product.re;
      Fp inverse = product.im;
      Fp scale = t.re;
      Fp factor = t.im;
      all.set(Fp.ONE);
      for (int j = 0; j < size; j++) {
        before[j].re.set(all);
        Fp.mul(denominators[j].re, factors[j], px[j].re);
        Fp.mul(all, all, denominators[j].re);
      }
      tower.powers.invert(all, all);
      for (int j = size - 1; j >= 0; j--) {
        Fp.mul(inverse, all, before[j].re);
        Fp.mul(all, all, denominators[j].re);
        MillerPoint.scale(scale, factor, factors[j], px[j].re, inverse);
        MillerPoint.move(tower, qx[j], qy[j], scale, inverse);
        Fp.mul(factors[j], factor, Tower.HALF);
        x[j].set(qx[j]);
        y[j].set(qy[j]);
      }
    }

    /** Whether no point is outside. */
    boolean run() {
      f.setOne();
      byte[] loop = MillerPoint.LOOP;
      for (int i = loop.length - 2; i >= 0; i--) {
        if (i < loop.length - 2) {
          tower.square(f, f);
        }
        lines = 0;
        twice();
        if (loop[i] != 0) {
          for (int j = 0; j < size; j++) {
            px[j].set(qx[j]);
            if (loop[i] > 0) {
              py[j].set(qy[j]);
            } else {
              Fp2.neg(py[j], qy[j]);
            }
          }
          add();
        }
        f.c0.tidy();
        f.c1.tidy();
      }
      lines = 0;
      for (int j = 0; j < size; j++) {
        MillerPoint.psi(tower, px[j], py[j], qx[j], qy[j]);
      }
      add();
      for (int j = 0; j < size; j++) {
        MillerPoint.negativePsiSquared(tower, px[j], py[j], qx[j], qy[j]);
      }
      add();
      boolean inside = true;
      for (int j = 0; j < size; j++) {
        // T = -psi^3(Q), as in MillerPoint.
        MillerPoint.psi(tower, slope, t, px[j], py[j]);
        if (!Fp2.same(slope, x[j]) || !Fp2.same(t, y[j])) {
          outside[from + j] = true;
        }
        inside &= !outside[from + j];
      }
      return inside;
    }

    /** T = 2T for all, and their lines. */
    private void twice() {
      for (int j = 0; j < size; j++) {
        Fp2.times(denominators[j], y[j], 4);
      }
      invertProduct();
      for (int j = size - 1; j >= 0; j--) {
        nextInverse(j);
        tower.square(t, x[j]);
        Fp2.times(t, t, 3);
        tower.mul(half, half, t);
        finish(j, x[j]);
      }
    }

    /** T = T + (px, py) for all, and their lines. */
    private void add() {
      for (int j = 0; j < size; j++) {
        Fp2.combine(denominators[j], 2, x[j], -2, px[j]);
      }
      invertProduct();
      for (int j = size - 1; j >= 0; j--) {
        nextInverse(j);
        Fp2.sub(t, y[j], py[j]);
        tower.mul(half, half, t);
        finish(j, px[j]);
      }
    }

    /** product = 1 / (the product of all denominators), and before[j] that of those before j. */
    private void invertProduct() {
      multiplyDenominators();
      if (product.isZero()) {
        for (int j = 0; j < size; j++) {
          if (denominators[j].isZero()) {
            // Nothing that follows matters to this pair, as long as the others go on.
            outside[from + j] = true;
            denominators[j].setOne();
          }
        }
        multiplyDenominators();
      }
      tower.invert(product, product);
    }

    private void multiplyDenominators() {
      product.setOne();
      for (int j = 0; j < size; j++) {
        before[j].set(product);
        tower.mul(product, product, denominators[j]);
      }
    }

    /** half = 1/denominators[j]; to be called for all j, the last one first. */
    private void nextInverse(int j) {
      tower.mul(half, product, before[j]);
      tower.mul(product, product, denominators[j]);
    }

    /**
     * With half the slope of the line through (x, y) and a point whose abscissa is {@code otherX}:
     * the line, and the sum of both points.
     */
    private void finish(int j, Fp2 otherX) {
      Fp2.add(slope, half, half);
      tower.mul(t, slope, x[j]);
      Fp2.sub(t, t, y[j]);
      tower.mulByFp(h1, t, factors[j]);
      Fp2.neg(h0, half);
      if (lines == LINES) {
        f.c0.tidy();
        f.c1.tidy();
        lines = 0;
      }
      tower.mulByLine(f, h0, h1);
      lines++;
      // x3 = slope^2 - x - otherX, 3-loose and 4.2p; y3 = slope*(x - x3) - y.
      tower.square(t, slope);
      Fp2.sub(t, t, x[j]);
      Fp2.sub(t, t, otherX);
      t.tidy();
      Fp2.sub(x[j], x[j], t);
      tower.mul(slope, slope, x[j]);
      x[j].set(t);
      Fp2.sub(y[j], slope, y[j]);
      y[j].tidy();
    }
  }
}
