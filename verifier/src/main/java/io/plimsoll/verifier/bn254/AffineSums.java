package io.plimsoll.verifier.bn254;

/**
 * Additions of many pairs of affine points of G1 at once, with one inversion for all: five products
 * and a square each, where one alone takes ten products in projective coordinates (the "trick" of
 * Montgomery, "Speeding the Pollard and elliptic curve methods of factorization", 1987). Every case
 * of addition is handled. Mutable, not thread-safe.
 *
 * <p>Points are {@value #POINT} longs of an array: the limbs of x and y, tidy or reduced; infinity
 * is all zero, which no point is. A reference to a point is twice its number in the array, plus one
 * for its negative.
 */
final class AffineSums {
  /** Longs of a point. */
  static final int POINT = 2 * MillerLoops.LIMBS;

  /**
   * Additions that share an inversion, at most: what is kept of them stays in the nearest cache.
   */
  private static final int CHUNK = 256;

  private static final byte ADD = 0;
  private static final byte KEEP_LEFT = 1;
  private static final byte KEEP_RIGHT = 2;
  private static final byte NOTHING = 3;

  private final FpPowers powers = new FpPowers();
  private final Fp[] denominators = new Fp[CHUNK];
  private final Fp[] before = new Fp[CHUNK];
  private final Fp[] numerators = new Fp[CHUNK];
  private final byte[] kinds = new byte[CHUNK];

  private final int[] places = new int[CHUNK];
  private final int[] lefts = new int[CHUNK];
  private final int[] rights = new int[CHUNK];

  private final Fp product = new Fp();
  private final Fp slope = new Fp();
  private final Fp x1 = new Fp();
  private final Fp y1 = new Fp();
  private final Fp x2 = new Fp();
  private final Fp y2 = new Fp();
  private final Fp x3 = new Fp();
  private final Fp y3 = new Fp();

  AffineSums() {
    for (int i = 0; i < CHUNK; i++) {
      denominators[i] = new Fp();
      before[i] = new Fp();
      numerators[i] = new Fp();
    }
  }

  /** Writes a point. */
  static void write(G1 point, long[] points, int number) {
    if (point.isInfinity()) {
      java.util.Arrays.fill(points, POINT * number, POINT * (number + 1), 0);
    } else {
      point.x.write(points, POINT * number);
      point.y.write(points, POINT * number + MillerLoops.LIMBS);
    }
  }

  /** The point with a number. */
  static G1 read(long[] points, int number) {
    Fp x = new Fp();
    Fp y = new Fp();
    x.read(points, POINT * number);
    y.read(points, POINT * number + MillerLoops.LIMBS);
    return isInfinity(y) ? G1.INFINITY : G1.ofAffine(x, y);
  }

  /**
   * out[t] = left[l[t]] + right[r[t]] for {@code first <= t < end}.
   *
   * @param l references into {@code left}, r into {@code right}
   * @param out another array than {@code left} and {@code right}, or the same if no point that is
   *     written is read for a later t of this call, and none for an earlier one in the same chunk
   */
  void add(long[] left, int[] l, long[] right, int[] r, long[] out, int first, int end) {
    for (int from = first; from < end; from += CHUNK) {
      int count = Math.min(CHUNK, end - from);
      for (int t = 0; t < count; t++) {
        places[t] = from + t;
      }
      addChunk(left, l, right, r, out, from, count);
    }
  }

  /** out[places[t]] = left[l[from + t]] + right[r[from + t]] for {@code t < count}. */
  private void addChunk(
      long[] left, int[] l, long[] right, int[] r, long[] out, int from, int count) {
    product.set(Fp.ONE);
    for (int t = 0; t < count; t++) {
      load(left, l[from + t], x1, y1);
      load(right, r[from + t], x2, y2);
      before[t].set(product);
      kinds[t] = prepare(denominators[t], numerators[t]);
      if (kinds[t] == ADD) {
        Fp.mul(product, product, denominators[t]);
      }
    }
    powers.invert(product, product);
    for (int t = count - 1; t >= 0; t--) {
      load(left, l[from + t], x1, y1);
      load(right, r[from + t], x2, y2);
      switch (kinds[t]) {
        case ADD -> {
          Fp.mul(slope, product, before[t]);
          Fp.mul(product, product, denominators[t]);
          Fp.mul(slope, slope, numerators[t]);
          // x3 = slope^2 - x1 - x2, y3 = slope*(x1 - x3) - y1: 3-loose and 6p, 2-loose and 4p.
          Fp.square(x3, slope);
          Fp.sub(x3, x3, x1);
          Fp.sub(x3, x3, x2);
          x3.tidy();
          Fp.sub(x1, x1, x3);
          Fp.mul(y3, slope, x1);
          Fp.sub(y3, y3, y1);
          y3.tidy();
          store(out, places[t], x3, y3);
        }
        case KEEP_LEFT -> storeTidy(out, places[t], x1, y1);
        case KEEP_RIGHT -> storeTidy(out, places[t], x2, y2);
        default -> {
          x3.setZero();
          store(out, places[t], x3, x3);
        }
      }
    }
  }

  /** Numerator and denominator of the slope through the two points that are loaded. */
  private byte prepare(Fp denominator, Fp numerator) {
    if (isInfinity(y1)) {
      return isInfinity(y2) ? NOTHING : KEEP_RIGHT;
    }
    if (isInfinity(y2)) {
      return KEEP_LEFT;
    }
    Fp.sub(denominator, x2, x1);
    Fp.sub(numerator, y2, y1);
    if (!denominator.isZero()) {
      return ADD;
    }
    if (!numerator.isZero()) {
      return NOTHING;
    }
    // The tangent, 3*x^2 over 2*y. y is not zero: the order is odd.
    Fp.square(numerator, x1);
    Fp.times(numerator, numerator, 3);
    Fp.add(denominator, y1, y1);
    return ADD;
  }

  /** Doubles points {@code first} to {@code end}, exclusively, none of them infinity, in place. */
  void twice(long[] points, int first, int end) {
    for (int from = first; from < end; from += CHUNK) {
      int count = Math.min(CHUNK, end - from);
      product.set(Fp.ONE);
      for (int t = 0; t < count; t++) {
        load(points, 2 * (from + t), x1, y1);
        before[t].set(product);
        Fp.add(denominators[t], y1, y1);
        Fp.mul(product, product, denominators[t]);
      }
      powers.invert(product, product);
      for (int t = count - 1; t >= 0; t--) {
        load(points, 2 * (from + t), x1, y1);
        Fp.mul(slope, product, before[t]);
        Fp.mul(product, product, denominators[t]);
        Fp.square(x2, x1);
        Fp.times(x2, x2, 3);
        Fp.mul(slope, slope, x2);
        Fp.square(x3, slope);
        Fp.combine(x3, 1, x3, -2, x1);
        x3.tidy();
        Fp.sub(x1, x1, x3);
        Fp.mul(y3, slope, x1);
        Fp.sub(y3, y3, y1);
        y3.tidy();
        store(points, from + t, x3, y3);
      }
    }
  }

  private static boolean isInfinity(Fp y) {
    return (y.l0 | y.l1 | y.l2 | y.l3 | y.l4) == 0;
  }

  private static void load(long[] points, int reference, Fp x, Fp y) {
    int offset = POINT * (reference >>> 1);
    x.read(points, offset);
    y.read(points, offset + MillerLoops.LIMBS);
    if ((reference & 1) != 0) {
      Fp.neg(y, y);
    }
  }

  private static void store(long[] points, int number, Fp x, Fp y) {
    x.write(points, POINT * number);
    y.write(points, POINT * number + MillerLoops.LIMBS);
  }

  private static void storeTidy(long[] points, int number, Fp x, Fp y) {
    y.tidy();
    store(points, number, x, y);
  }

  // Sums of lists.

  /**
   * Adds up lists of points, each to one point.
   *
   * @param points where the references point to
   * @param references the lists, one after the other; overwritten
   * @param starts list i is {@code starts[i]} to {@code starts[i + 1]}, exclusively; overwritten
   * @return the sums, infinity for an empty list
   */
  long[] sumLists(long[] points, int[] references, int[] starts) {
    int lists = starts.length - 1;
    int longest = 0;
    int pairs = 0;
    for (int i = 0; i < lists; i++) {
      int length = starts[i + 1] - starts[i];
      longest = Math.max(longest, length);
      pairs += (length + 1) / 2;
    }
    int[] l = new int[pairs];
    int[] r = new int[pairs];
    long[] source = points;
    long[] target = new long[POINT * pairs];
    long[] other = new long[longest > 2 ? POINT * ((pairs + lists) / 2 + 1) : 0];
    // Halves every list, in order, until none is longer than one. A list of one is copied first.
    for (int length = Math.max(longest, 2); length > 1; length = (length + 1) / 2) {
      int count = 0;
      int start = starts[0];
      for (int i = 0; i < lists; i++) {
        int end = starts[i + 1];
        starts[i] = count;
        for (int at = start; at < end; at += 2) {
          l[count] = references[at];
          r[count] = at + 1 < end ? references[at + 1] : NONE;
          count++;
        }
        start = end;
      }
      starts[lists] = count;
      addOrKeep(source, l, r, target, count);
      for (int i = 0; i < count; i++) {
        references[i] = 2 * i;
      }
      long[] next = source == points ? other : source;
      source = target;
      target = next;
    }
    long[] sums = new long[POINT * lists];
    for (int i = 0; i < lists; i++) {
      if (starts[i + 1] > starts[i]) {
        System.arraycopy(source, POINT * starts[i], sums, POINT * i, POINT);
      }
    }
    return sums;
  }

  /** A reference to no point, for {@link #addOrKeep}. */
  private static final int NONE = -1;

  private void addOrKeep(long[] source, int[] l, int[] r, long[] target, int count) {
    // Moves what has no partner, and adds the others at their places.
    int filled = 0;
    for (int t = 0; t < count; t++) {
      if (r[t] == NONE) {
        load(source, l[t], x1, y1);
        storeTidy(target, t, x1, y1);
        continue;
      }
      places[filled] = t;
      lefts[filled] = l[t];
      rights[filled] = r[t];
      filled++;
      if (filled == CHUNK) {
        addChunk(source, lefts, source, rights, target, 0, filled);
        filled = 0;
      }
    }
    if (filled > 0) {
      addChunk(source, lefts, source, rights, target, 0, filled);
    }
  }
}
