package io.plimsoll.verifier.bn254;

/**
 * Proposals for the y of many points at a time, each of which is checked: a wrong one costs time
 * and nothing else. Module {@code io.plimsoll.verifier.vector} may provide one as a service.
 * Numbers are as for {@link MillerLoops}. Implementations are thread-safe.
 */
public interface Roots {
  /** Longs of an element of Fp2. */
  int PAIR_LONGS = 2 * MillerLoops.LIMBS;

  /**
   * For points of the curve.
   *
   * @param x {@link MillerLoops#LIMBS} longs for each, limbs carried, values in [0, p)
   * @param y receives for each, carried and in (-p, 2p), a root of x^3 + 3 if there is one
   */
  void ofCurve(long[] x, int count, long[] y);

  /**
   * For points of the twist.
   *
   * @param x {@link #PAIR_LONGS} longs for each, real part first, as above
   * @param y receives for each (a, b) such that a + b*i or -b + a*i is a root of x^3 + 3/xi if
   *     there is one, but for a few x
   */
  void ofTwist(long[] x, int count, long[] y);
}
