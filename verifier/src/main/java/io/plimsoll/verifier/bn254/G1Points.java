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

  /**
   * What one step of a weighted sum of buckets costs, in additions of points to buckets, times 10.
   */
  private static final long STEP_COST = 36;

  /** Windows whose buckets are filled together have about as many terms, for the caches' sake. */
  private static final int TOGETHER = 4096;

  private final long[] limbs;

  private G1Points(long[] limbs) {
    this.limbs = limbs;
  }

  /** Some of the points of an array, which may be infinity. */
  public static G1Points of(G1[] points, int from, int to) {
    Objects.checkFromToIndex(from, to, points.length);
    long[] limbs = new long[AffineSums.POINT * (to - from)];
    for (int i = from; i < to; i++) {
      AffineSums.write(points[i], limbs, i - from);
    }
    return new G1Points(limbs);
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
    int width = width(terms, bits);
    // One window more than the bits fill takes the last carry.
    G1Sum[] perWindow = new G1Sum[bits / width + 2];
    AffineSums sums = new AffineSums();
    int windows = 0;
    while (!isZero(rest)) {
      int together = Math.min(perWindow.length - windows, Math.max(1, TOGETHER / terms));
      weigh(sumBuckets(sums, numbers, rest, width, together), width, perWindow, windows, together);
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
   * @return for each window, the sums for the digits 1 to 2^(width-1); negative digits count as
   *     positive ones of negated points
   */
  private long[] sumBuckets(AffineSums sums, int[] numbers, long[] rest, int width, int windows) {
    int buckets = 1 << (width - 1);
    int[] starts = new int[windows * buckets + 1];
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
          starts[w * buckets + Math.abs(digit)]++;
        }
      }
      rest[i] = scalar;
    }
    for (int i = 0; i < windows * buckets; i++) {
      starts[i + 1] += starts[i];
    }
    int[] references = new int[starts[windows * buckets]];
    int[] next = starts.clone();
    for (int i = 0; i < digits.length; i++) {
      int digit = digits[i];
      if (digit != 0) {
        int bucket = i % windows * buckets + Math.abs(digit) - 1;
        references[next[bucket]++] = 2 * numbers[i / windows] + (digit < 0 ? 1 : 0);
      }
    }
    return sums.sumLists(limbs, references, starts);
  }

  /** For each window, the sum of its buckets times their digits. */
  private static void weigh(
      long[] filled, int width, G1Sum[] perWindow, int firstWindow, int windows) {
    int buckets = 1 << (width - 1);
    G1Sum running = new G1Sum();
    for (int w = 0; w < windows; w++) {
      running.clear();
      G1Sum weighted = new G1Sum();
      for (int i = buckets - 1; i >= 0; i--) {
        running.add(filled, w * buckets + i);
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
