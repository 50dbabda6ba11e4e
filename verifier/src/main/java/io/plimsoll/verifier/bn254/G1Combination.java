package io.plimsoll.verifier.bn254;

import java.util.Arrays;

/**
 * A linear combination of points of G1 in the making: scalars of any length, unlike the 64 bits of
 * {@link G1Msm#addProducts}. Scalars are not treated as secrets: the time taken depends on them.
 * Mutable, not thread-safe.
 */
public final class G1Combination {
  private static final int MIN_WIDTH = 2;
  private static final int MAX_WIDTH = 12;

  private G1[] points = new G1[16];
  private byte[][] scalars = new byte[16][];
  private int count;

  /** Adds scalar * point, for an unsigned big-endian scalar of any length, which is copied. */
  public void add(G1 point, byte[] scalar) {
    if (point.isInfinity()) {
      return;
    }
    if (count == points.length) {
      points = Arrays.copyOf(points, 2 * count);
      scalars = Arrays.copyOf(scalars, 2 * count);
    }
    points[count] = point;
    scalars[count] = scalar.clone();
    count++;
  }

  /** The sum, by buckets (Pippenger) of signed digits. */
  public G1 toPoint() {
    int bits = 1;
    for (int i = 0; i < count; i++) {
      bits = Math.max(bits, bitLength(scalars[i]));
    }
    int width = width(bits);
    // One window more takes the last carry.
    int windows = bits / width + 1;
    G1Sum.Scratch scratch = new G1Sum.Scratch();
    G1Sum[] buckets = new G1Sum[1 << (width - 1)];
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] = new G1Sum(scratch);
    }
    boolean[] carries = new boolean[count];
    G1Sum[] sums = new G1Sum[windows];
    for (int w = 0; w < windows; w++) {
      for (int i = 0; i < count; i++) {
        int digit = digit(scalars[i], w * width, width) + (carries[i] ? 1 : 0);
        carries[i] = digit > buckets.length;
        if (carries[i]) {
          digit -= 1 << width;
        }
        if (digit > 0) {
          buckets[digit - 1].add(points[i]);
        } else if (digit < 0) {
          buckets[-digit - 1].subtract(points[i]);
        }
      }
      sums[w] = weightedSum(buckets);
    }
    G1Sum total = new G1Sum();
    for (int w = windows - 1; w >= 0; w--) {
      for (int bit = 0; bit < width; bit++) {
        total.twice();
      }
      total.add(sums[w]);
    }
    return total.toPoint();
  }

  /** The sum of (i+1) * buckets[i]; empties the buckets. */
  private static G1Sum weightedSum(G1Sum[] buckets) {
    G1Sum running = new G1Sum();
    G1Sum sum = new G1Sum();
    for (int i = buckets.length - 1; i >= 0; i--) {
      running.add(buckets[i]);
      buckets[i].clear();
      sum.add(running);
    }
    return sum;
  }

  /** The width with the fewest additions, one of two sums counting as 1.4 of sum and point. */
  private int width(int bits) {
    int best = MIN_WIDTH;
    long fewest = Long.MAX_VALUE;
    for (int width = MIN_WIDTH; width <= MAX_WIDTH; width++) {
      long additions = (bits / width + 1) * (10L * count + (14L << width));
      if (additions < fewest) {
        fewest = additions;
        best = width;
      }
    }
    return best;
  }

  private static int bitLength(byte[] scalar) {
    int first = 0;
    while (first < scalar.length && scalar[first] == 0) {
      first++;
    }
    return first == scalar.length
        ? 0
        : Byte.SIZE * (scalar.length - first)
            - (Integer.numberOfLeadingZeros(scalar[first] & 0xff) - (Integer.SIZE - Byte.SIZE));
  }

  /** {@code width} bits from bit {@code from} on, bit 0 being the lowest; zeros beyond the end. */
  private static int digit(byte[] scalar, int from, int width) {
    int byteIndex = scalar.length - 1 - from / Byte.SIZE;
    int word = 0;
    for (int i = 0; i < 3; i++) {
      if (byteIndex - i >= 0) {
        word |= (scalar[byteIndex - i] & 0xff) << (Byte.SIZE * i);
      }
    }
    return (word >> (from % Byte.SIZE)) & ((1 << width) - 1);
  }
}
