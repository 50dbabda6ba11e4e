package io.plimsoll.verifier.bn254;

/**
 * The part of a batch of pairings that is worth doing many at a time: Miller loops of variable
 * points, whose functions are multiplied into one, and the subgroup checks of the points of the
 * twist that go with them. {@link ScalarMillerLoops} is the one that is always there; module {@code
 * io.plimsoll.verifier.vector} may provide another as a service. Implementations are thread-safe.
 *
 * <p>An element of Fp is {@value #LIMBS} longs: limbs of 54 bits, lowest first, in Montgomery form
 * with R = 2^270, as the package describes.
 */
public interface MillerLoops {
  /** Longs of an element of Fp. */
  int LIMBS = 5;

  /** Longs of a pair: x, y of P, and the real and imaginary parts of x and y of Q. */
  int PAIR_LONGS = 6 * LIMBS;

  /** Longs of an element of Fp12: for w^0 to w^5, real and imaginary part of its coefficient. */
  int PRODUCT_LONGS = 12 * LIMBS;

  /**
   * Multiplies the Miller functions of 6x+2, with their two last lines, of all Q at their P: the
   * product of the pairings before the final exponentiation. Factors in Fp4 or Fp6, which the final
   * exponentiation takes to 1, do not matter.
   *
   * @param pairs pair j at {@code PAIR_LONGS * j}: P on the curve, Q on the twist but in its
   *     subgroup or not, both finite; limbs carried (0 to 3 in [0, 2^54)), values in [0, p). Not
   *     changed
   * @param count how many, 1 or more
   * @param product receives {@link #PRODUCT_LONGS} longs, carried, values in (-p, 2p); anything at
   *     all when a Q is outside
   * @param outside receives for each pair whether its Q is outside the subgroup of order r
   * @return whether no Q is outside
   */
  boolean multiply(long[] pairs, int count, long[] product, boolean[] outside);

  /**
   * How many pairs at a time are worth using this for. Fewer are done by {@link ScalarMillerLoops}.
   */
  int minimum();

  /**
   * Inverts an element, for implementations; zero gives zero.
   *
   * @param x limbs carried, value in (-p, 2p); receives the inverse, carried, in [0, p)
   */
  static void invert(long[] x) {
    Fp inverse = new Fp();
    inverse.read(x, 0);
    Fp.invert(inverse, inverse);
    inverse.canonical();
    inverse.write(x, 0);
  }
}
