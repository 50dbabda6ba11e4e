package io.plimsoll.verifier.bn254;

/**
 * Multiples of many points of G1 by the coefficients of a {@link ProofBatch}. Module {@code
 * io.plimsoll.verifier.vector} may provide one as a service; without, the batch does it itself.
 * Numbers are as for {@link MillerLoops}. Implementations are thread-safe.
 */
public interface Multiples {
  /** Longs of a point: x and y. Infinity is all zero. */
  int POINT_LONGS = 2 * MillerLoops.LIMBS;

  /** Longs of a result: X, Y, Z with x = X/Z and y = Y/Z. Z is zero for infinity. */
  int RESULT_LONGS = 3 * MillerLoops.LIMBS;

  /**
   * Multiplies each point by its coefficient.
   *
   * @param points limbs carried, values in [0, p); on the curve, or infinity. Not changed
   * @param random {@link ProofBatch#RANDOM_BYTES} bytes for each point, which its coefficient is
   *     made of as there. Not changed
   * @param results receives {@value #RESULT_LONGS} longs for each, carried, values in (-p, 2p)
   */
  void scale(long[] points, int count, byte[] random, long[] results);

  /** Adds up the same multiples, to one result. */
  void sum(long[] points, int count, byte[] random, long[] result);
}
