package io.plimsoll.verifier.bn254;

/**
 * Multiples of points of G1. Scalars are not treated as secrets: the time taken depends on them.
 * Thread-safe.
 */
public final class G1Msm {
  /** Windows of {@link #addMultiple}. */
  private static final int WINDOW = 4;

  /** Widths of the digits of {@link #addProducts}. */
  private static final int MIN_WIDTH = 2;

  private static final int MAX_WIDTH = 14;

  private G1Msm() {}

  /**
   * Adds the sum of scalars[i] * points[from + i] to {@code sum}, for any signed 64-bit scalars, by
   * buckets (Pippenger) of signed digits.
   */
  public static void addProducts(G1Sum sum, G1[] points, int from, long[] scalars) {
    java.util.Objects.checkFromIndexSize(from, scalars.length, points.length);
    int width = width(scalars);
    G1Sum.Scratch scratch = new G1Sum.Scratch();
    G1Sum[] buckets = new G1Sum[1 << (width - 1)];
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] = new G1Sum(scratch);
    }
    long[] rest = scalars.clone();
    // A digit is at least one bit, and one window more takes the last carry.
    G1Sum[] windows = new G1Sum[Long.SIZE / width + 2];
    int count = 0;
    boolean more = true;
    while (more) {
      more = false;
      boolean any = false;
      for (int i = 0; i < rest.length; i++) {
        long scalar = rest[i];
        if (scalar == 0) {
          continue;
        }
        // The lowest bits as a signed digit; what remains is (scalar - digit) / 2^width, written so
        // that nothing overflows.
        int digit = (int) (scalar << (Long.SIZE - width) >> (Long.SIZE - width));
        scalar = (scalar >> width) + (digit < 0 ? 1 : 0);
        rest[i] = scalar;
        more |= scalar != 0;
        if (digit > 0) {
          buckets[digit - 1].add(points[from + i]);
          any = true;
        } else if (digit < 0) {
          buckets[-digit - 1].subtract(points[from + i]);
          any = true;
        }
      }
      windows[count] = new G1Sum();
      if (any) {
        addWeighted(windows[count], buckets);
      }
      count++;
    }
    G1Sum total = new G1Sum();
    for (int i = count - 1; i >= 0; i--) {
      for (int bit = 0; bit < width; bit++) {
        total.twice();
      }
      total.add(windows[i]);
    }
    sum.add(total);
  }

  /** Adds the sum of (i+1) * buckets[i] and empties the buckets. */
  private static void addWeighted(G1Sum sum, G1Sum[] buckets) {
    G1Sum running = new G1Sum();
    for (int i = buckets.length - 1; i >= 0; i--) {
      running.add(buckets[i]);
      buckets[i].clear();
      sum.add(running);
    }
  }

  /** The width with the fewest additions, one of two sums counting as 1.4 of sum and point. */
  private static int width(long[] scalars) {
    int bits = 1;
    for (long scalar : scalars) {
      bits = Math.max(bits, Long.SIZE + 1 - Long.numberOfLeadingZeros(scalar ^ (scalar >> 63)));
    }
    int best = MIN_WIDTH;
    long fewest = Long.MAX_VALUE;
    for (int width = MIN_WIDTH; width <= MAX_WIDTH; width++) {
      int windows = (bits + width - 1) / width;
      long additions = windows * (10L * scalars.length + (14L << width));
      if (additions < fewest) {
        fewest = additions;
        best = width;
      }
    }
    return best;
  }

  /** Adds scalar * point to {@code sum}, for an unsigned big-endian scalar of any length. */
  public static void addMultiple(G1Sum sum, G1 point, byte[] scalar) {
    G1Sum[] multiples = new G1Sum[1 << WINDOW];
    multiples[0] = new G1Sum();
    for (int i = 1; i < multiples.length; i++) {
      multiples[i] = new G1Sum();
      multiples[i].add(multiples[i - 1]);
      multiples[i].add(point);
    }
    G1Sum total = new G1Sum();
    for (byte b : scalar) {
      for (int shift = Byte.SIZE - WINDOW; shift >= 0; shift -= WINDOW) {
        for (int bit = 0; bit < WINDOW; bit++) {
          total.twice();
        }
        total.add(multiples[(b >> shift) & ((1 << WINDOW) - 1)]);
      }
    }
    sum.add(total);
  }
}
