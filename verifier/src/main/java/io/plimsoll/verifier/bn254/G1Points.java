package io.plimsoll.verifier.bn254;

import java.util.Objects;

/**
 * Points of G1 laid out for sums of many multiples of them. Immutable and thread-safe. Scalars are
 * not treated as secrets: the time taken depends on them.
 */
public final class G1Points {
  /** Widths of digits. */
  private static final int MIN_WIDTH = 2;

  private static final int MAX_WIDTH = 14;

  /** What a bucket costs when buckets are weighted, in additions of points to buckets, times 10. */
  private static final long STEP_COST = 28;

  /** Windows whose buckets are filled together have about as many terms, for the caches' sake. */
  private static final int TOGETHER = 4096;

  /** A scalar's bits, and one for the carry out of the top one. */
  private static final int ALL_BITS = Long.SIZE + 1;

  /** More points have no table: it would take 400 bytes for each. */
  private static final int TABLE_POINTS = 1 << 16;

  /** Sums of fewer than one in so many of the points do without the table. */
  private static final int TABLE_SHARE = 4;

  private final long[] limbs;

  /**
   * The points times the powers of 2^tableWidth, power after power, so that one set of buckets does
   * for all windows: {@value AffineSums#POINT} longs for each point and window, five windows of 13
   * bits (400 bytes a point) for 16,000 points, eleven of six bits (880 bytes) for 64. Made when a
   * second sum shows that it pays.
   */
  private volatile long[] table;

  private volatile boolean used;

  /** Whether no point is infinity, which has no table. */
  private final boolean finite;

  private G1Points(long[] limbs, boolean finite) {
    this.limbs = limbs;
    this.finite = finite;
  }

  /** Some of the points of an array, which may be infinity. */
  public static G1Points of(G1[] points, int from, int to) {
    Objects.checkFromToIndex(from, to, points.length);
    long[] limbs = new long[AffineSums.POINT * (to - from)];
    boolean finite = true;
    for (int i = from; i < to; i++) {
      AffineSums.write(points[i], limbs, i - from);
      finite &= !points[i].isInfinity();
    }
    return new G1Points(limbs, finite);
  }

  /** How many. */
  public int size() {
    return limbs.length / AffineSums.POINT;
  }

  /**
   * Adds the sum of scalars[i] * point i to {@code sum}, for any signed 64-bit scalars: buckets of
   * signed digits (Pippenger), filled by additions that share inversions.
   *
   * @throws IllegalArgumentException if there are not as many scalars as points
   */
  public void addProducts(G1Sum sum, long[] scalars) {
    if (scalars.length != size()) {
      throw new IllegalArgumentException(scalars.length + " scalars for " + size() + " points");
    }
    int terms = 0;
    for (long scalar : scalars) {
      terms += scalar != 0 ? 1 : 0;
    }
    int[] numbers = new int[terms];
    long[] rest = new long[terms];
    int filled = 0;
    for (int i = 0; i < scalars.length; i++) {
      if (scalars[i] != 0) {
        numbers[filled] = i;
        rest[filled++] = scalars[i];
      }
    }
    addTerms(sum, numbers, rest);
  }

  /**
   * Adds the sum of (to[i] - from[i]) * point i to {@code sum}; only where they differ does it take
   * time.
   *
   * @throws IllegalArgumentException if there are not as many numbers as points
   */
  public void addDifferences(G1Sum sum, long[] from, long[] to) {
    if (from.length != size() || to.length != size()) {
      throw new IllegalArgumentException(
          from.length + " and " + to.length + " scalars for " + size() + " points");
    }
    int terms = 0;
    for (int i = 0; i < to.length; i++) {
      terms += from[i] == to[i] ? 0 : overflows(from[i], to[i]) ? 3 : 1;
    }
    int[] numbers = new int[terms];
    long[] rest = new long[terms];
    int filled = 0;
    for (int i = 0; i < to.length; i++) {
      if (from[i] == to[i]) {
        continue;
      }
      if (overflows(from[i], to[i])) {
        // to + (-1 - from) + 1
        numbers[filled] = i;
        rest[filled++] = to[i];
        numbers[filled] = i;
        rest[filled++] = ~from[i];
        numbers[filled] = i;
        rest[filled++] = 1;
      } else {
        numbers[filled] = i;
        rest[filled++] = to[i] - from[i];
      }
    }
    addTerms(sum, numbers, rest);
  }

  private static boolean overflows(long from, long to) {
    return ((to ^ from) & (to ^ (to - from))) < 0;
  }

  /** Adds the sum of rest[i] * point numbers[i]; uses up {@code rest}. */
  private void addTerms(G1Sum sum, int[] numbers, long[] rest) {
    int terms = rest.length;
    if (terms == 0) {
      return;
    }
    int bits = 0;
    for (long scalar : rest) {
      bits = Math.max(bits, Long.SIZE + 1 - Long.numberOfLeadingZeros(scalar ^ (scalar >> 63)));
    }
    long[] powers = terms >= size() / TABLE_SHARE ? table() : null;
    if (powers != null) {
      int width = tableWidth();
      int windows = (ALL_BITS + width - 1) / width;
      G1Sum[] all = new G1Sum[1];
      AffineSums adder = new AffineSums();
      weigh(adder, sumBuckets(adder, powers, numbers, rest, width, windows, 0), width, all, 0, 1);
      sum.add(all[0]);
      return;
    }
    int width = width(terms, bits);
    // One window more than the bits fill takes the last carry.
    G1Sum[] perWindow = new G1Sum[bits / width + 2];
    AffineSums sums = new AffineSums();
    int windows = 0;
    while (!isZero(rest)) {
      int together = Math.min(perWindow.length - windows, Math.max(1, TOGETHER / terms));
      weigh(
          sums,
          sumBuckets(sums, limbs, numbers, rest, width, together, 1 << (width - 1)),
          width,
          perWindow,
          windows,
          together);
      windows += together;
    }
    G1Sum total = new G1Sum();
    for (int w = windows - 1; w >= 0; w--) {
      for (int bit = 0; bit < width; bit++) {
        total.twice();
      }
      total.add(perWindow[w]);
    }
    sum.add(total);
  }

  /** The table, or null before the second sum. Two threads may both make one; either is good. */
  private long[] table() {
    long[] made = table;
    if (made != null || !used || !finite || size() > TABLE_POINTS) {
      used = true;
      return made;
    }
    int width = tableWidth();
    int windows = (ALL_BITS + width - 1) / width;
    made = java.util.Arrays.copyOf(limbs, windows * limbs.length);
    AffineSums adder = new AffineSums();
    for (int w = 1; w < windows; w++) {
      int first = w * size();
      System.arraycopy(made, (w - 1) * limbs.length, made, w * limbs.length, limbs.length);
      for (int bit = 0; bit < width; bit++) {
        adder.twice(made, first, first + size());
      }
    }
    table = made;
    return made;
  }

  /** The width with the fewest additions when all windows share their buckets. */
  private int tableWidth() {
    int best = MIN_WIDTH;
    long fewest = Long.MAX_VALUE;
    for (int width = MIN_WIDTH; width <= MAX_WIDTH; width++) {
      int windows = (ALL_BITS + width - 1) / width;
      long additions = windows * 10L * size() + (STEP_COST << (width - 1));
      if (additions < fewest) {
        fewest = additions;
        best = width;
      }
    }
    return best;
  }

  private static boolean isZero(long[] values) {
    long any = 0;
    for (long value : values) {
      any |= value;
    }
    return any == 0;
  }

  /**
   * Takes the lowest digits off every scalar, and adds up the points with the same digit in the
   * same window.
   *
   * @param points the points, or {@link #table}
   * @param stride how many buckets after those of one window the next window's begin; 0 if all
   *     windows share theirs, because {@code points} has the powers
   * @return for each window, the sums for the digits 1 to 2^(width-1); negative digits count as
   *     positive ones of negated points
   */
  private long[] sumBuckets(
      AffineSums sums,
      long[] points,
      int[] numbers,
      long[] rest,
      int width,
      int windows,
      int stride) {
    int buckets = (1 << (width - 1)) + (windows - 1) * stride;
    int[] starts = new int[buckets + 1];
    short[] digits = new short[windows * rest.length];
    for (int i = 0; i < rest.length; i++) {
      long scalar = rest[i];
      for (int w = 0; w < windows; w++) {
        // The lowest bits as a signed digit; what remains is (scalar - digit) / 2^width, written so
        // that nothing overflows.
        int digit = (int) (scalar << (Long.SIZE - width) >> (Long.SIZE - width));
        scalar = (scalar >> width) + (digit < 0 ? 1 : 0);
        digits[windows * i + w] = (short) digit;
        if (digit != 0) {
          starts[w * stride + Math.abs(digit)]++;
        }
      }
      rest[i] = scalar;
    }
    for (int i = 0; i < buckets; i++) {
      starts[i + 1] += starts[i];
    }
    int[] references = new int[starts[buckets]];
    int powers = stride == 0 ? size() : 0;
    int[] next = starts.clone();
    for (int i = 0; i < digits.length; i++) {
      int digit = digits[i];
      if (digit != 0) {
        int window = i % windows;
        int point = numbers[i / windows] + window * powers;
        references[next[window * stride + Math.abs(digit) - 1]++] = 2 * point + (digit < 0 ? 1 : 0);
      }
    }
    return sums.sumLists(points, references, starts);
  }

  /**
   * For each window, the sum of its buckets times their digits. In a square of r rows and c columns
   * bucket (i, j) has the digit c*i + j + 1, so that c times (the sum of i times row i) and the sum
   * of j + 1 times column j make it: one by one only rows and columns have to be added.
   */
  private static void weigh(
      AffineSums sums, long[] filled, int width, G1Sum[] perWindow, int firstWindow, int windows) {
    int columnBits = (width - 1) / 2;
    int columns = 1 << columnBits;
    int rows = 1 << (width - 1 - columnBits);
    int buckets = rows * columns;
    int lists = rows + columns;
    int[] starts = new int[windows * lists + 1];
    int[] references = new int[windows * 2 * buckets];
    int next = 0;
    for (int w = 0; w < windows; w++) {
      for (int list = 0; list < lists; list++) {
        starts[w * lists + list] = next;
        boolean row = list < rows;
        int first = w * buckets + (row ? list * columns : list - rows);
        for (int i = 0; i < (row ? columns : rows); i++) {
          references[next++] = 2 * (first + (row ? i : i * columns));
        }
      }
    }
    starts[windows * lists] = next;
    long[] lines = sums.sumLists(filled, references, starts);
    G1Sum running = new G1Sum();
    for (int w = 0; w < windows; w++) {
      G1Sum weighted = new G1Sum();
      running.clear();
      for (int i = rows - 1; i > 0; i--) {
        running.add(lines, w * lists + i);
        weighted.add(running);
      }
      for (int bit = 0; bit < columnBits; bit++) {
        weighted.twice();
      }
      running.clear();
      for (int j = columns - 1; j >= 0; j--) {
        running.add(lines, w * lists + rows + j);
        weighted.add(running);
      }
      perWindow[firstWindow + w] = weighted;
    }
  }

  /** The width with the fewest additions. A digit's top value, 2^(width-1), is negative. */
  private static int width(int terms, int bits) {
    int best = MIN_WIDTH;
    long fewest = Long.MAX_VALUE;
    for (int width = MIN_WIDTH; width <= MAX_WIDTH; width++) {
      int windows = (bits + width - 1) / width;
      long additions = windows * (10L * terms + (STEP_COST << (width - 1)));
      if (additions < fewest) {
        fewest = additions;
        best = width;
      }
    }
    return best;
  }
}
