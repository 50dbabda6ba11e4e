package io.plimsoll.verifier.bn254;

import java.util.List;

/**
 * Multiples of points of G1. Scalars are not treated as secrets: the time taken depends on them.
 * Thread-safe.
 */
public final class G1Msm {
  /** Windows of {@link #addMultiple}. */
  private static final int WINDOW = 4;

  private G1Msm() {}

  /**
   * Adds the sum of scalars[i] * points[from + i] to {@code sum}, for any signed 64-bit scalars;
   * see {@link G1Points}.
   */
  public static void addProducts(G1Sum sum, G1[] points, int from, long[] scalars) {
    java.util.Objects.checkFromIndexSize(from, scalars.length, points.length);
    G1Points.of(points, from, from + scalars.length).addProducts(sum, scalars);
  }

  /**
   * Adds the sum of scalars[i] * points[i] to {@code sum}, for a few unsigned big-endian scalars of
   * one length: all share the doublings (Straus).
   */
  public static void addMultiples(G1Sum sum, List<G1> points, List<byte[]> scalars) {
    G1Sum[][] multiples = new G1Sum[points.size()][];
    for (int i = 0; i < multiples.length; i++) {
      multiples[i] = multiples(points.get(i));
    }
    int length = scalars.get(0).length;
    G1Sum total = new G1Sum();
    for (int at = 0; at < length; at++) {
      for (int shift = Byte.SIZE - WINDOW; shift >= 0; shift -= WINDOW) {
        for (int bit = 0; bit < WINDOW; bit++) {
          total.twice();
        }
        for (int i = 0; i < multiples.length; i++) {
          total.add(multiples[i][(scalars.get(i)[at] >> shift) & ((1 << WINDOW) - 1)]);
        }
      }
    }
    sum.add(total);
  }

  private static G1Sum[] multiples(G1 point) {
    G1Sum[] multiples = new G1Sum[1 << WINDOW];
    multiples[0] = new G1Sum();
    for (int i = 1; i < multiples.length; i++) {
      multiples[i] = new G1Sum();
      multiples[i].add(multiples[i - 1]);
      multiples[i].add(point);
    }
    return multiples;
  }

  /** Adds scalar * point to {@code sum}, for an unsigned big-endian scalar of any length. */
  public static void addMultiple(G1Sum sum, G1 point, byte[] scalar) {
    addMultiples(sum, List.of(point), List.of(scalar));
  }
}
