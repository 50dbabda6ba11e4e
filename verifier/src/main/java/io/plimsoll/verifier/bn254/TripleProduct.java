package io.plimsoll.verifier.bn254;

/**
 * The three pairings of one check, final exponentiation included: one of a variable point of the
 * twist, and two of prepared points. Module {@code io.plimsoll.verifier.vector} may provide one as
 * a service; without, {@link Pairing} does it. Numbers are as for {@link MillerLoops}.
 * Implementations are thread-safe.
 */
public interface TripleProduct {
  /** Lines of the Miller loop of a prepared point. */
  int LINES = MillerPoint.LINES;

  /** Longs of a line: real and imaginary part of the slope, and of the constant. */
  int LINE_LONGS = 4 * MillerLoops.LIMBS;

  /** Longs of the points that the prepared lines are taken at: x, y of the first, of the second. */
  int POINTS_LONGS = 4 * MillerLoops.LIMBS;

  /** Two prepared points in the implementation's own form. Immutable. */
  interface Prepared {}

  /**
   * Takes the lines {@code y + slope*x*w + constant*w^3} of two points, {@link #LINES} of each, in
   * the order of the loop.
   *
   * @param first limbs carried, values in [0, p); not kept
   */
  Prepared prepare(long[] first, long[] second);

  /**
   * Computes the product of the three pairings.
   *
   * @param pair P on the curve and Q on the twist but in its subgroup or not, both finite: {@link
   *     MillerLoops#PAIR_LONGS} longs, limbs carried, values in [0, p). Not changed
   * @param prepared from this implementation
   * @param points finite, of the curve; form and bounds as for {@code pair}. Not changed
   * @param value receives {@link MillerLoops#PRODUCT_LONGS} longs, carried, values in (-p, 2p);
   *     anything at all when the result is false
   * @return whether Q is in the subgroup
   */
  boolean multiply(long[] pair, Prepared prepared, long[] points, long[] value);
}
