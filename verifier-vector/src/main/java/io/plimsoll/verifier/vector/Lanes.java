package io.plimsoll.verifier.vector;

import java.math.BigInteger;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Arithmetic modulo p on eight numbers at a time: the four operations that everything in this
 * package is made of. They run on a workspace, an array of <em>slots</em> and constants, as told by
 * an array of offsets into it that {@link Program} makes and checks. Stateless.
 *
 * <p>A slot is {@value #SLOT} longs: nine rows of eight lanes, row j holding limb j of each number.
 * A number is the sum of its limbs times 2^(29j), in Montgomery form with R = 2^261. Every slot is
 * <em>balanced</em>: limbs 0 to 7 in [-2^28, 2^28), and limb 8, which has the sign, at most 2^28 in
 * absolute value; so a number is at most {@link Program#MAX_VALUE} thousandths of p.
 *
 * <p>Products of two limbs are at most 2^56. A column of the product of two numbers is a sum of at
 * most nine, and 64 bits have room for 127 of them.
 *
 * <p>The kernels are long on purpose. With a helper method for something as small as a load or a
 * shift, the compiler boxes vectors between the two and the kernel takes ten times as long; with
 * all nine rows of a product unrolled together with its reduction, a hundred times. With all nine
 * rows and their seventeen columns in one loop it keeps dozens of vectors on the stack, and takes
 * up to twice as long if the stack happens to lie across cache lines.
 */
final class Lanes {
  /** Numbers side by side. */
  static final int WIDTH = 8;

  static final int LIMBS = 9;
  static final int LIMB_BITS = 29;

  /** Longs of a slot. */
  static final int SLOT = WIDTH * LIMBS;

  /** Lanes that a wide slot turns. */
  static final int TURNING = 6;

  /** Longs from a row of a wide slot to the next one. */
  static final int WIDE_ROW = 2 * WIDTH;

  static final int WIDE_SLOT = WIDE_ROW * LIMBS;

  static final long MASK = (1L << LIMB_BITS) - 1;

  /** What makes limbs balanced: added before a number is cut at the limb's end, then taken away. */
  private static final long HALF = 1L << (LIMB_BITS - 1);

  static final BigInteger MODULUS =
      new BigInteger("30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47", 16);

  private static final VectorSpecies<Long> SPECIES = LongVector.SPECIES_512;

  /** -1/p modulo 2^29. */
  private static final long NEGATIVE_INVERSE =
      MODULUS.negate().modInverse(BigInteger.ONE.shiftLeft(LIMB_BITS)).longValueExact();

  /** About 2^QUOTIENT_SHIFT / (p / 2^232). */
  private static final long QUOTIENT =
      BigInteger.ONE
          .shiftLeft((LIMBS - 1) * LIMB_BITS + Lanes.QUOTIENT_SHIFT)
          .divide(MODULUS)
          .longValueExact();

  private static final int QUOTIENT_SHIFT = 45;

  private static final long[] MODULUS_LIMBS = balanced(MODULUS);
  private static final long[] SHIFT_LIMBS = inversePower(LIMB_BITS);
  private static final long[] TWO_SHIFTS_LIMBS = inversePower(2 * LIMB_BITS);
  private static final long[] THREE_SHIFTS_LIMBS = inversePower(3 * LIMB_BITS);

  private static final long P0 = MODULUS_LIMBS[0];
  private static final long P1 = MODULUS_LIMBS[1];
  private static final long P2 = MODULUS_LIMBS[2];
  private static final long P3 = MODULUS_LIMBS[3];
  private static final long P4 = MODULUS_LIMBS[4];
  private static final long P5 = MODULUS_LIMBS[5];
  private static final long P6 = MODULUS_LIMBS[6];
  private static final long P7 = MODULUS_LIMBS[7];
  private static final long P8 = MODULUS_LIMBS[8];
  private static final long N0 = SHIFT_LIMBS[0];
  private static final long N1 = SHIFT_LIMBS[1];
  private static final long N2 = SHIFT_LIMBS[2];
  private static final long N3 = SHIFT_LIMBS[3];
  private static final long N4 = SHIFT_LIMBS[4];
  private static final long N5 = SHIFT_LIMBS[5];
  private static final long N6 = SHIFT_LIMBS[6];
  private static final long N7 = SHIFT_LIMBS[7];
  private static final long N8 = SHIFT_LIMBS[8];
  private static final long Q0 = TWO_SHIFTS_LIMBS[0];
  private static final long Q1 = TWO_SHIFTS_LIMBS[1];
  private static final long Q2 = TWO_SHIFTS_LIMBS[2];
  private static final long Q3 = TWO_SHIFTS_LIMBS[3];
  private static final long Q4 = TWO_SHIFTS_LIMBS[4];
  private static final long Q5 = TWO_SHIFTS_LIMBS[5];
  private static final long Q6 = TWO_SHIFTS_LIMBS[6];
  private static final long Q7 = TWO_SHIFTS_LIMBS[7];
  private static final long Q8 = TWO_SHIFTS_LIMBS[8];
  private static final long R0 = THREE_SHIFTS_LIMBS[0];
  private static final long R1 = THREE_SHIFTS_LIMBS[1];
  private static final long R2 = THREE_SHIFTS_LIMBS[2];
  private static final long R3 = THREE_SHIFTS_LIMBS[3];
  private static final long R4 = THREE_SHIFTS_LIMBS[4];
  private static final long R5 = THREE_SHIFTS_LIMBS[5];
  private static final long R6 = THREE_SHIFTS_LIMBS[6];
  private static final long R7 = THREE_SHIFTS_LIMBS[7];
  private static final long R8 = THREE_SHIFTS_LIMBS[8];

  private Lanes() {}

  /** 2^-k modulo p, balanced, at most p/2. */
  private static long[] inversePower(int k) {
    BigInteger value = BigInteger.ONE.shiftLeft(k).modInverse(MODULUS);
    return balanced(value.compareTo(MODULUS.shiftRight(1)) > 0 ? value.subtract(MODULUS) : value);
  }

  /** The balanced limbs of a number. */
  static long[] balanced(BigInteger value) {
    long[] limbs = new long[LIMBS];
    BigInteger rest = value;
    for (int j = 0; j < LIMBS - 1; j++) {
      long limb = ((rest.longValue() + HALF) & MASK) - HALF;
      limbs[j] = limb;
      rest = rest.subtract(BigInteger.valueOf(limb)).shiftRight(LIMB_BITS);
    }
    limbs[LIMBS - 1] = rest.longValueExact();
    return limbs;
  }

  /**
   * Sums of products, each reduced once. For every output, {@code plan} has where it goes, the
   * number of products, at most {@link Program#MAX_PRODUCTS}, and the two operands of each. An
   * output may be an operand of later outputs; none may be one of its own.
   *
   * <p>Output = (sum of products)/2^261 modulo p, at most 1.501p more than the quotient.
   */
  static void dot(long[] w, int[] plan) {
    for (int at = 0; at < plan.length; ) {
      int end = at + 2 + 2 * plan[at + 1];
      dot(w, plan, at + 2, end, plan[at]);
      at = end;
    }
  }

  /**
   * Three rows of every product at a time, limbs 3k to 3k + 2 of the first operands, into a window
   * of eleven columns. The lowest three columns are complete then and are taken off, and the window
   * moves on: so nothing but the operands and the result is in memory.
   *
   * <p>Three limbs m, n, l in [0, 2^29) are taken off the low end: with T = m + n*2^29 + l*2^58 +
   * T'*2^87, T/2^87 is T' + m*2^-87 + n*2^-58 + l*2^-29 modulo p, and these powers are at most p/2.
   * The last three go differently: two of them as above, and then the last one as Montgomery does
   * it, adding m*p with m in [-2^28, 2^28), which makes it zero. So T shrinks to T/2^232 and what
   * was added, of which all but the last 2*2^29*p/2 is shrunk too; and the last limb leaves at most
   * |T|/2^261 + p + p/2, and a little.
   *
   * <p>A column is at most 13*8*2^56 from the products (one of nine is with a limb 8 that is far
   * smaller; its two are less than one), 2^57 from each of eight limbs that were taken off, 2^56
   * from the last one, and a carry: (104 + 2 + 16 + 1)*2^56 and a little; 2^63 is 128*2^56.
   */
  private static void dot(long[] w, int[] plan, int from, int end, int z) {
    LongVector zero = LongVector.zero(SPECIES);
    LongVector c0 = zero;
    LongVector c1 = zero;
    LongVector c2 = zero;
    LongVector c3 = zero;
    LongVector c4 = zero;
    LongVector c5 = zero;
    LongVector c6 = zero;
    LongVector c7 = zero;
    LongVector c8 = zero;
    LongVector c9 = zero;
    LongVector c10 = zero;
    LongVector m;
    LongVector n;
    LongVector l;
    LongVector t1;
    LongVector t2;
    for (int row = 0; row < 6 * WIDTH; row += 3 * WIDTH) {
      for (int u = from; u < end; u += 2) {
        int x = plan[u] + row;
        int y = plan[u + 1];
        LongVector a0 = LongVector.fromArray(SPECIES, w, x + 0 * WIDTH);
        LongVector a1 = LongVector.fromArray(SPECIES, w, x + 1 * WIDTH);
        LongVector a2 = LongVector.fromArray(SPECIES, w, x + 2 * WIDTH);
        LongVector b;
        b = LongVector.fromArray(SPECIES, w, y + 0 * WIDTH);
        c0 = c0.add(a0.mul(b));
        c1 = c1.add(a1.mul(b));
        c2 = c2.add(a2.mul(b));
        b = LongVector.fromArray(SPECIES, w, y + 1 * WIDTH);
        c1 = c1.add(a0.mul(b));
        c2 = c2.add(a1.mul(b));
        c3 = c3.add(a2.mul(b));
        b = LongVector.fromArray(SPECIES, w, y + 2 * WIDTH);
        c2 = c2.add(a0.mul(b));
        c3 = c3.add(a1.mul(b));
        c4 = c4.add(a2.mul(b));
        b = LongVector.fromArray(SPECIES, w, y + 3 * WIDTH);
        c3 = c3.add(a0.mul(b));
        c4 = c4.add(a1.mul(b));
        c5 = c5.add(a2.mul(b));
        b = LongVector.fromArray(SPECIES, w, y + 4 * WIDTH);
        c4 = c4.add(a0.mul(b));
        c5 = c5.add(a1.mul(b));
        c6 = c6.add(a2.mul(b));
        b = LongVector.fromArray(SPECIES, w, y + 5 * WIDTH);
        c5 = c5.add(a0.mul(b));
        c6 = c6.add(a1.mul(b));
        c7 = c7.add(a2.mul(b));
        b = LongVector.fromArray(SPECIES, w, y + 6 * WIDTH);
        c6 = c6.add(a0.mul(b));
        c7 = c7.add(a1.mul(b));
        c8 = c8.add(a2.mul(b));
        b = LongVector.fromArray(SPECIES, w, y + 7 * WIDTH);
        c7 = c7.add(a0.mul(b));
        c8 = c8.add(a1.mul(b));
        c9 = c9.add(a2.mul(b));
        b = LongVector.fromArray(SPECIES, w, y + 8 * WIDTH);
        c8 = c8.add(a0.mul(b));
        c9 = c9.add(a1.mul(b));
        c10 = c10.add(a2.mul(b));
      }
      m = c0.and(MASK);
      t1 = c1.add(c0.lanewise(VectorOperators.ASHR, LIMB_BITS));
      n = t1.and(MASK);
      t2 = c2.add(t1.lanewise(VectorOperators.ASHR, LIMB_BITS));
      l = t2.and(MASK);
      c0 =
          c3.add(t2.lanewise(VectorOperators.ASHR, LIMB_BITS))
              .add(m.mul(R0))
              .add(n.mul(Q0))
              .add(l.mul(N0));
      c1 = c4.add(m.mul(R1)).add(n.mul(Q1)).add(l.mul(N1));
      c2 = c5.add(m.mul(R2)).add(n.mul(Q2)).add(l.mul(N2));
      c3 = c6.add(m.mul(R3)).add(n.mul(Q3)).add(l.mul(N3));
      c4 = c7.add(m.mul(R4)).add(n.mul(Q4)).add(l.mul(N4));
      c5 = c8.add(m.mul(R5)).add(n.mul(Q5)).add(l.mul(N5));
      c6 = c9.add(m.mul(R6)).add(n.mul(Q6)).add(l.mul(N6));
      c7 = c10.add(m.mul(R7)).add(n.mul(Q7)).add(l.mul(N7));
      c8 = m.mul(R8).add(n.mul(Q8)).add(l.mul(N8));
      c9 = zero;
      c10 = zero;
    }
    for (int u = from; u < end; u += 2) {
      int x = plan[u] + 6 * WIDTH;
      int y = plan[u + 1];
      LongVector a0 = LongVector.fromArray(SPECIES, w, x + 0 * WIDTH);
      LongVector a1 = LongVector.fromArray(SPECIES, w, x + 1 * WIDTH);
      LongVector a2 = LongVector.fromArray(SPECIES, w, x + 2 * WIDTH);
      LongVector b;
      b = LongVector.fromArray(SPECIES, w, y + 0 * WIDTH);
      c0 = c0.add(a0.mul(b));
      c1 = c1.add(a1.mul(b));
      c2 = c2.add(a2.mul(b));
      b = LongVector.fromArray(SPECIES, w, y + 1 * WIDTH);
      c1 = c1.add(a0.mul(b));
      c2 = c2.add(a1.mul(b));
      c3 = c3.add(a2.mul(b));
      b = LongVector.fromArray(SPECIES, w, y + 2 * WIDTH);
      c2 = c2.add(a0.mul(b));
      c3 = c3.add(a1.mul(b));
      c4 = c4.add(a2.mul(b));
      b = LongVector.fromArray(SPECIES, w, y + 3 * WIDTH);
      c3 = c3.add(a0.mul(b));
      c4 = c4.add(a1.mul(b));
      c5 = c5.add(a2.mul(b));
      b = LongVector.fromArray(SPECIES, w, y + 4 * WIDTH);
      c4 = c4.add(a0.mul(b));
      c5 = c5.add(a1.mul(b));
      c6 = c6.add(a2.mul(b));
      b = LongVector.fromArray(SPECIES, w, y + 5 * WIDTH);
      c5 = c5.add(a0.mul(b));
      c6 = c6.add(a1.mul(b));
      c7 = c7.add(a2.mul(b));
      b = LongVector.fromArray(SPECIES, w, y + 6 * WIDTH);
      c6 = c6.add(a0.mul(b));
      c7 = c7.add(a1.mul(b));
      c8 = c8.add(a2.mul(b));
      b = LongVector.fromArray(SPECIES, w, y + 7 * WIDTH);
      c7 = c7.add(a0.mul(b));
      c8 = c8.add(a1.mul(b));
      c9 = c9.add(a2.mul(b));
      b = LongVector.fromArray(SPECIES, w, y + 8 * WIDTH);
      c8 = c8.add(a0.mul(b));
      c9 = c9.add(a1.mul(b));
      c10 = c10.add(a2.mul(b));
    }
    m = c0.and(MASK);
    t1 = c1.add(c0.lanewise(VectorOperators.ASHR, LIMB_BITS));
    n = t1.and(MASK);
    c2 = c2.add(t1.lanewise(VectorOperators.ASHR, LIMB_BITS)).add(m.mul(Q0)).add(n.mul(N0));
    c3 = c3.add(m.mul(Q1)).add(n.mul(N1));
    c4 = c4.add(m.mul(Q2)).add(n.mul(N2));
    c5 = c5.add(m.mul(Q3)).add(n.mul(N3));
    c6 = c6.add(m.mul(Q4)).add(n.mul(N4));
    c7 = c7.add(m.mul(Q5)).add(n.mul(N5));
    c8 = c8.add(m.mul(Q6)).add(n.mul(N6));
    c9 = c9.add(m.mul(Q7)).add(n.mul(N7));
    c10 = c10.add(m.mul(Q8)).add(n.mul(N8));
    m = c2.mul(NEGATIVE_INVERSE).add(HALF).and(MASK).sub(HALF);
    c3 = c3.add(c2.add(m.mul(P0)).lanewise(VectorOperators.ASHR, LIMB_BITS)).add(m.mul(P1));
    c4 = c4.add(m.mul(P2));
    c5 = c5.add(m.mul(P3));
    c6 = c6.add(m.mul(P4));
    c7 = c7.add(m.mul(P5));
    c8 = c8.add(m.mul(P6));
    c9 = c9.add(m.mul(P7));
    c10 = c10.add(m.mul(P8));
    LongVector t;
    t = c3.add(HALF);
    t.and(MASK).sub(HALF).intoArray(w, z);
    t = c4.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 1 * WIDTH);
    t = c5.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 2 * WIDTH);
    t = c6.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 3 * WIDTH);
    t = c7.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 4 * WIDTH);
    t = c8.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 5 * WIDTH);
    t = c9.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 6 * WIDTH);
    t = c10.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 7 * WIDTH);
    t.lanewise(VectorOperators.ASHR, LIMB_BITS).intoArray(w, z + 8 * WIDTH);
  }

  /**
   * {@link #dot} where all lanes are multiplied by the same number: the first operand of a product
   * is the offset of one lane, and the second an offset into a wide slot, whose rows are as far
   * apart as {@link #WIDE_ROW} says.
   */
  static void turn(long[] w, int[] plan) {
    for (int at = 0; at < plan.length; ) {
      int end = at + 2 + 2 * plan[at + 1];
      turn(w, plan, at + 2, end, plan[at]);
      at = end;
    }
  }

  /** As {@link #dot(long[], int[], int, int, int)}, which has the bounds. */
  private static void turn(long[] w, int[] plan, int from, int end, int z) {
    LongVector zero = LongVector.zero(SPECIES);
    LongVector c0 = zero;
    LongVector c1 = zero;
    LongVector c2 = zero;
    LongVector c3 = zero;
    LongVector c4 = zero;
    LongVector c5 = zero;
    LongVector c6 = zero;
    LongVector c7 = zero;
    LongVector c8 = zero;
    LongVector c9 = zero;
    LongVector c10 = zero;
    LongVector m;
    LongVector n;
    LongVector l;
    LongVector t1;
    LongVector t2;
    for (int row = 0; row < 6 * WIDTH; row += 3 * WIDTH) {
      for (int u = from; u < end; u += 2) {
        int x = plan[u] + row;
        int y = plan[u + 1];
        LongVector a0 = LongVector.broadcast(SPECIES, w[x + 0 * WIDTH]);
        LongVector a1 = LongVector.broadcast(SPECIES, w[x + 1 * WIDTH]);
        LongVector a2 = LongVector.broadcast(SPECIES, w[x + 2 * WIDTH]);
        LongVector b;
        b = LongVector.fromArray(SPECIES, w, y + 0 * WIDE_ROW);
        c0 = c0.add(a0.mul(b));
        c1 = c1.add(a1.mul(b));
        c2 = c2.add(a2.mul(b));
        b = LongVector.fromArray(SPECIES, w, y + 1 * WIDE_ROW);
        c1 = c1.add(a0.mul(b));
        c2 = c2.add(a1.mul(b));
        c3 = c3.add(a2.mul(b));
        b = LongVector.fromArray(SPECIES, w, y + 2 * WIDE_ROW);
        c2 = c2.add(a0.mul(b));
        c3 = c3.add(a1.mul(b));
        c4 = c4.add(a2.mul(b));
        b = LongVector.fromArray(SPECIES, w, y + 3 * WIDE_ROW);
        c3 = c3.add(a0.mul(b));
        c4 = c4.add(a1.mul(b));
        c5 = c5.add(a2.mul(b));
        b = LongVector.fromArray(SPECIES, w, y + 4 * WIDE_ROW);
        c4 = c4.add(a0.mul(b));
        c5 = c5.add(a1.mul(b));
        c6 = c6.add(a2.mul(b));
        b = LongVector.fromArray(SPECIES, w, y + 5 * WIDE_ROW);
        c5 = c5.add(a0.mul(b));
        c6 = c6.add(a1.mul(b));
        c7 = c7.add(a2.mul(b));
        b = LongVector.fromArray(SPECIES, w, y + 6 * WIDE_ROW);
        c6 = c6.add(a0.mul(b));
        c7 = c7.add(a1.mul(b));
        c8 = c8.add(a2.mul(b));
        b = LongVector.fromArray(SPECIES, w, y + 7 * WIDE_ROW);
        c7 = c7.add(a0.mul(b));
        c8 = c8.add(a1.mul(b));
        c9 = c9.add(a2.mul(b));
        b = LongVector.fromArray(SPECIES, w, y + 8 * WIDE_ROW);
        c8 = c8.add(a0.mul(b));
        c9 = c9.add(a1.mul(b));
        c10 = c10.add(a2.mul(b));
      }
      m = c0.and(MASK);
      t1 = c1.add(c0.lanewise(VectorOperators.ASHR, LIMB_BITS));
      n = t1.and(MASK);
      t2 = c2.add(t1.lanewise(VectorOperators.ASHR, LIMB_BITS));
      l = t2.and(MASK);
      c0 =
          c3.add(t2.lanewise(VectorOperators.ASHR, LIMB_BITS))
              .add(m.mul(R0))
              .add(n.mul(Q0))
              .add(l.mul(N0));
      c1 = c4.add(m.mul(R1)).add(n.mul(Q1)).add(l.mul(N1));
      c2 = c5.add(m.mul(R2)).add(n.mul(Q2)).add(l.mul(N2));
      c3 = c6.add(m.mul(R3)).add(n.mul(Q3)).add(l.mul(N3));
      c4 = c7.add(m.mul(R4)).add(n.mul(Q4)).add(l.mul(N4));
      c5 = c8.add(m.mul(R5)).add(n.mul(Q5)).add(l.mul(N5));
      c6 = c9.add(m.mul(R6)).add(n.mul(Q6)).add(l.mul(N6));
      c7 = c10.add(m.mul(R7)).add(n.mul(Q7)).add(l.mul(N7));
      c8 = m.mul(R8).add(n.mul(Q8)).add(l.mul(N8));
      c9 = zero;
      c10 = zero;
    }
    for (int u = from; u < end; u += 2) {
      int x = plan[u] + 6 * WIDTH;
      int y = plan[u + 1];
      LongVector a0 = LongVector.broadcast(SPECIES, w[x + 0 * WIDTH]);
      LongVector a1 = LongVector.broadcast(SPECIES, w[x + 1 * WIDTH]);
      LongVector a2 = LongVector.broadcast(SPECIES, w[x + 2 * WIDTH]);
      LongVector b;
      b = LongVector.fromArray(SPECIES, w, y + 0 * WIDE_ROW);
      c0 = c0.add(a0.mul(b));
      c1 = c1.add(a1.mul(b));
      c2 = c2.add(a2.mul(b));
      b = LongVector.fromArray(SPECIES, w, y + 1 * WIDE_ROW);
      c1 = c1.add(a0.mul(b));
      c2 = c2.add(a1.mul(b));
      c3 = c3.add(a2.mul(b));
      b = LongVector.fromArray(SPECIES, w, y + 2 * WIDE_ROW);
      c2 = c2.add(a0.mul(b));
      c3 = c3.add(a1.mul(b));
      c4 = c4.add(a2.mul(b));
      b = LongVector.fromArray(SPECIES, w, y + 3 * WIDE_ROW);
      c3 = c3.add(a0.mul(b));
      c4 = c4.add(a1.mul(b));
      c5 = c5.add(a2.mul(b));
      b = LongVector.fromArray(SPECIES, w, y + 4 * WIDE_ROW);
      c4 = c4.add(a0.mul(b));
      c5 = c5.add(a1.mul(b));
      c6 = c6.add(a2.mul(b));
      b = LongVector.fromArray(SPECIES, w, y + 5 * WIDE_ROW);
      c5 = c5.add(a0.mul(b));
      c6 = c6.add(a1.mul(b));
      c7 = c7.add(a2.mul(b));
      b = LongVector.fromArray(SPECIES, w, y + 6 * WIDE_ROW);
      c6 = c6.add(a0.mul(b));
      c7 = c7.add(a1.mul(b));
      c8 = c8.add(a2.mul(b));
      b = LongVector.fromArray(SPECIES, w, y + 7 * WIDE_ROW);
      c7 = c7.add(a0.mul(b));
      c8 = c8.add(a1.mul(b));
      c9 = c9.add(a2.mul(b));
      b = LongVector.fromArray(SPECIES, w, y + 8 * WIDE_ROW);
      c8 = c8.add(a0.mul(b));
      c9 = c9.add(a1.mul(b));
      c10 = c10.add(a2.mul(b));
    }
    m = c0.and(MASK);
    t1 = c1.add(c0.lanewise(VectorOperators.ASHR, LIMB_BITS));
    n = t1.and(MASK);
    c2 = c2.add(t1.lanewise(VectorOperators.ASHR, LIMB_BITS)).add(m.mul(Q0)).add(n.mul(N0));
    c3 = c3.add(m.mul(Q1)).add(n.mul(N1));
    c4 = c4.add(m.mul(Q2)).add(n.mul(N2));
    c5 = c5.add(m.mul(Q3)).add(n.mul(N3));
    c6 = c6.add(m.mul(Q4)).add(n.mul(N4));
    c7 = c7.add(m.mul(Q5)).add(n.mul(N5));
    c8 = c8.add(m.mul(Q6)).add(n.mul(N6));
    c9 = c9.add(m.mul(Q7)).add(n.mul(N7));
    c10 = c10.add(m.mul(Q8)).add(n.mul(N8));
    m = c2.mul(NEGATIVE_INVERSE).add(HALF).and(MASK).sub(HALF);
    c3 = c3.add(c2.add(m.mul(P0)).lanewise(VectorOperators.ASHR, LIMB_BITS)).add(m.mul(P1));
    c4 = c4.add(m.mul(P2));
    c5 = c5.add(m.mul(P3));
    c6 = c6.add(m.mul(P4));
    c7 = c7.add(m.mul(P5));
    c8 = c8.add(m.mul(P6));
    c9 = c9.add(m.mul(P7));
    c10 = c10.add(m.mul(P8));
    LongVector t;
    t = c3.add(HALF);
    t.and(MASK).sub(HALF).intoArray(w, z);
    t = c4.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 1 * WIDTH);
    t = c5.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 2 * WIDTH);
    t = c6.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 3 * WIDTH);
    t = c7.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 4 * WIDTH);
    t = c8.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 5 * WIDTH);
    t = c9.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 6 * WIDTH);
    t = c10.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 7 * WIDTH);
    t.lanewise(VectorOperators.ASHR, LIMB_BITS).intoArray(w, z + 8 * WIDTH);
  }

  /**
   * Makes wide slots: for each, where it goes, and two slots. Of the first, a row has lanes 0 to 5;
   * those of the second follow. Read from an offset of 6 - i on, a row is the second slot turned by
   * i of its six lanes, with lanes of the first in place of those that come around.
   */
  static void widen(long[] w, int[] plan) {
    for (int at = 0; at < plan.length; at += 3) {
      int z = plan[at];
      int x = plan[at + 1];
      int y = plan[at + 2];
      LongVector.fromArray(SPECIES, w, x + 0 * WIDTH).intoArray(w, z + 0 * WIDE_ROW);
      LongVector.fromArray(SPECIES, w, y + 0 * WIDTH).intoArray(w, z + 0 * WIDE_ROW + TURNING);
      LongVector.fromArray(SPECIES, w, x + 1 * WIDTH).intoArray(w, z + 1 * WIDE_ROW);
      LongVector.fromArray(SPECIES, w, y + 1 * WIDTH).intoArray(w, z + 1 * WIDE_ROW + TURNING);
      LongVector.fromArray(SPECIES, w, x + 2 * WIDTH).intoArray(w, z + 2 * WIDE_ROW);
      LongVector.fromArray(SPECIES, w, y + 2 * WIDTH).intoArray(w, z + 2 * WIDE_ROW + TURNING);
      LongVector.fromArray(SPECIES, w, x + 3 * WIDTH).intoArray(w, z + 3 * WIDE_ROW);
      LongVector.fromArray(SPECIES, w, y + 3 * WIDTH).intoArray(w, z + 3 * WIDE_ROW + TURNING);
      LongVector.fromArray(SPECIES, w, x + 4 * WIDTH).intoArray(w, z + 4 * WIDE_ROW);
      LongVector.fromArray(SPECIES, w, y + 4 * WIDTH).intoArray(w, z + 4 * WIDE_ROW + TURNING);
      LongVector.fromArray(SPECIES, w, x + 5 * WIDTH).intoArray(w, z + 5 * WIDE_ROW);
      LongVector.fromArray(SPECIES, w, y + 5 * WIDTH).intoArray(w, z + 5 * WIDE_ROW + TURNING);
      LongVector.fromArray(SPECIES, w, x + 6 * WIDTH).intoArray(w, z + 6 * WIDE_ROW);
      LongVector.fromArray(SPECIES, w, y + 6 * WIDTH).intoArray(w, z + 6 * WIDE_ROW + TURNING);
      LongVector.fromArray(SPECIES, w, x + 7 * WIDTH).intoArray(w, z + 7 * WIDE_ROW);
      LongVector.fromArray(SPECIES, w, y + 7 * WIDTH).intoArray(w, z + 7 * WIDE_ROW + TURNING);
      LongVector.fromArray(SPECIES, w, x + 8 * WIDTH).intoArray(w, z + 8 * WIDE_ROW);
      LongVector.fromArray(SPECIES, w, y + 8 * WIDTH).intoArray(w, z + 8 * WIDE_ROW + TURNING);
    }
  }

  /**
   * Linear combinations. For every output, {@code plan} has where it goes, the number of terms, and
   * of each the operand and a row of factors, one for each lane. Outputs may be operands.
   */
  static void sum(long[] w, int[] plan) {
    for (int at = 0; at < plan.length; ) {
      int end = at + 2 + 2 * plan[at + 1];
      sum(w, plan, at + 2, end, plan[at]);
      at = end;
    }
  }

  private static void sum(long[] w, int[] plan, int from, int end, int z) {
    LongVector zero = LongVector.zero(SPECIES);
    LongVector c0 = zero;
    LongVector c1 = zero;
    LongVector c2 = zero;
    LongVector c3 = zero;
    LongVector c4 = zero;
    LongVector c5 = zero;
    LongVector c6 = zero;
    LongVector c7 = zero;
    LongVector c8 = zero;
    for (int t = from; t < end; t += 2) {
      int x = plan[t];
      LongVector k = LongVector.fromArray(SPECIES, w, plan[t + 1]);
      c0 = c0.add(LongVector.fromArray(SPECIES, w, x + 0 * WIDTH).mul(k));
      c1 = c1.add(LongVector.fromArray(SPECIES, w, x + 1 * WIDTH).mul(k));
      c2 = c2.add(LongVector.fromArray(SPECIES, w, x + 2 * WIDTH).mul(k));
      c3 = c3.add(LongVector.fromArray(SPECIES, w, x + 3 * WIDTH).mul(k));
      c4 = c4.add(LongVector.fromArray(SPECIES, w, x + 4 * WIDTH).mul(k));
      c5 = c5.add(LongVector.fromArray(SPECIES, w, x + 5 * WIDTH).mul(k));
      c6 = c6.add(LongVector.fromArray(SPECIES, w, x + 6 * WIDTH).mul(k));
      c7 = c7.add(LongVector.fromArray(SPECIES, w, x + 7 * WIDTH).mul(k));
      c8 = c8.add(LongVector.fromArray(SPECIES, w, x + 8 * WIDTH).mul(k));
    }
    LongVector t;
    t = c0.add(HALF);
    t.and(MASK).sub(HALF).intoArray(w, z);
    t = c1.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 1 * WIDTH);
    t = c2.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 2 * WIDTH);
    t = c3.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 3 * WIDTH);
    t = c4.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 4 * WIDTH);
    t = c5.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 5 * WIDTH);
    t = c6.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 6 * WIDTH);
    t = c7.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 7 * WIDTH);
    c8.add(t.lanewise(VectorOperators.ASHR, LIMB_BITS)).intoArray(w, z + 8 * WIDTH);
  }

  /**
   * Linear combinations across lanes. As {@link #sum}, with a third offset for each term: of a row
   * that says for each lane which lane of the operand it takes.
   */
  static void mix(long[] w, int[] plan) {
    for (int at = 0; at < plan.length; ) {
      int end = at + 2 + 3 * plan[at + 1];
      mix(w, plan, at + 2, end, plan[at]);
      at = end;
    }
  }

  private static void mix(long[] w, int[] plan, int from, int end, int z) {
    LongVector zero = LongVector.zero(SPECIES);
    LongVector c0 = zero;
    LongVector c1 = zero;
    LongVector c2 = zero;
    LongVector c3 = zero;
    LongVector c4 = zero;
    LongVector c5 = zero;
    LongVector c6 = zero;
    LongVector c7 = zero;
    LongVector c8 = zero;
    for (int t = from; t < end; t += 3) {
      int x = plan[t];
      LongVector k = LongVector.fromArray(SPECIES, w, plan[t + 1]);
      LongVector lanes = LongVector.fromArray(SPECIES, w, plan[t + 2]);
      c0 = c0.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 0 * WIDTH)).mul(k));
      c1 = c1.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 1 * WIDTH)).mul(k));
      c2 = c2.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 2 * WIDTH)).mul(k));
      c3 = c3.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 3 * WIDTH)).mul(k));
      c4 = c4.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 4 * WIDTH)).mul(k));
      c5 = c5.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 5 * WIDTH)).mul(k));
      c6 = c6.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 6 * WIDTH)).mul(k));
      c7 = c7.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 7 * WIDTH)).mul(k));
      c8 = c8.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 8 * WIDTH)).mul(k));
    }
    LongVector t;
    t = c0.add(HALF);
    t.and(MASK).sub(HALF).intoArray(w, z);
    t = c1.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 1 * WIDTH);
    t = c2.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 2 * WIDTH);
    t = c3.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 3 * WIDTH);
    t = c4.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 4 * WIDTH);
    t = c5.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 5 * WIDTH);
    t = c6.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 6 * WIDTH);
    t = c7.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 7 * WIDTH);
    c8.add(t.lanewise(VectorOperators.ASHR, LIMB_BITS)).intoArray(w, z + 8 * WIDTH);
  }

  /**
   * As {@link #mix}, and then takes away the multiple of p that is nearest: at most 0.501p is left.
   *
   * <p>Of the number, limb 8 and the carry of limb 7 tell it to about one part in 2^21 of p, and
   * QUOTIENT is off by one part in 2^23.
   */
  static void tidy(long[] w, int[] plan) {
    for (int at = 0; at < plan.length; ) {
      int end = at + 2 + 3 * plan[at + 1];
      tidy(w, plan, at + 2, end, plan[at]);
      at = end;
    }
  }

  private static void tidy(long[] w, int[] plan, int from, int end, int z) {
    LongVector zero = LongVector.zero(SPECIES);
    LongVector c0 = zero;
    LongVector c1 = zero;
    LongVector c2 = zero;
    LongVector c3 = zero;
    LongVector c4 = zero;
    LongVector c5 = zero;
    LongVector c6 = zero;
    LongVector c7 = zero;
    LongVector c8 = zero;
    for (int t = from; t < end; t += 3) {
      int x = plan[t];
      LongVector k = LongVector.fromArray(SPECIES, w, plan[t + 1]);
      LongVector lanes = LongVector.fromArray(SPECIES, w, plan[t + 2]);
      c0 = c0.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 0 * WIDTH)).mul(k));
      c1 = c1.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 1 * WIDTH)).mul(k));
      c2 = c2.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 2 * WIDTH)).mul(k));
      c3 = c3.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 3 * WIDTH)).mul(k));
      c4 = c4.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 4 * WIDTH)).mul(k));
      c5 = c5.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 5 * WIDTH)).mul(k));
      c6 = c6.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 6 * WIDTH)).mul(k));
      c7 = c7.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 7 * WIDTH)).mul(k));
      c8 = c8.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 8 * WIDTH)).mul(k));
    }
    LongVector q =
        c8.add(c7.lanewise(VectorOperators.ASHR, LIMB_BITS))
            .mul(QUOTIENT)
            .add(1L << (QUOTIENT_SHIFT - 1))
            .lanewise(VectorOperators.ASHR, QUOTIENT_SHIFT);
    c0 = c0.sub(q.mul(P0));
    c1 = c1.sub(q.mul(P1));
    c2 = c2.sub(q.mul(P2));
    c3 = c3.sub(q.mul(P3));
    c4 = c4.sub(q.mul(P4));
    c5 = c5.sub(q.mul(P5));
    c6 = c6.sub(q.mul(P6));
    c7 = c7.sub(q.mul(P7));
    c8 = c8.sub(q.mul(P8));
    LongVector t;
    t = c0.add(HALF);
    t.and(MASK).sub(HALF).intoArray(w, z);
    t = c1.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 1 * WIDTH);
    t = c2.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 2 * WIDTH);
    t = c3.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 3 * WIDTH);
    t = c4.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 4 * WIDTH);
    t = c5.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 5 * WIDTH);
    t = c6.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 6 * WIDTH);
    t = c7.add(HALF).add(t.lanewise(VectorOperators.ASHR, LIMB_BITS));
    t.and(MASK).sub(HALF).intoArray(w, z + 7 * WIDTH);
    c8.add(t.lanewise(VectorOperators.ASHR, LIMB_BITS)).intoArray(w, z + 8 * WIDTH);
  }

  /**
   * As {@link #mix}, without carries: the only slots that are not balanced, with limbs that many
   * times larger. They may be operands of {@link #dot} alone.
   */
  static void pick(long[] w, int[] plan) {
    for (int at = 0; at < plan.length; ) {
      int end = at + 2 + 3 * plan[at + 1];
      pick(w, plan, at + 2, end, plan[at]);
      at = end;
    }
  }

  private static void pick(long[] w, int[] plan, int from, int end, int z) {
    LongVector zero = LongVector.zero(SPECIES);
    LongVector c0 = zero;
    LongVector c1 = zero;
    LongVector c2 = zero;
    LongVector c3 = zero;
    LongVector c4 = zero;
    LongVector c5 = zero;
    LongVector c6 = zero;
    LongVector c7 = zero;
    LongVector c8 = zero;
    for (int t = from; t < end; t += 3) {
      int x = plan[t];
      LongVector k = LongVector.fromArray(SPECIES, w, plan[t + 1]);
      LongVector lanes = LongVector.fromArray(SPECIES, w, plan[t + 2]);
      c0 = c0.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 0 * WIDTH)).mul(k));
      c1 = c1.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 1 * WIDTH)).mul(k));
      c2 = c2.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 2 * WIDTH)).mul(k));
      c3 = c3.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 3 * WIDTH)).mul(k));
      c4 = c4.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 4 * WIDTH)).mul(k));
      c5 = c5.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 5 * WIDTH)).mul(k));
      c6 = c6.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 6 * WIDTH)).mul(k));
      c7 = c7.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 7 * WIDTH)).mul(k));
      c8 = c8.add(lanes.selectFrom(LongVector.fromArray(SPECIES, w, x + 8 * WIDTH)).mul(k));
    }
    c0.intoArray(w, z + 0 * WIDTH);
    c1.intoArray(w, z + 1 * WIDTH);
    c2.intoArray(w, z + 2 * WIDTH);
    c3.intoArray(w, z + 3 * WIDTH);
    c4.intoArray(w, z + 4 * WIDTH);
    c5.intoArray(w, z + 5 * WIDTH);
    c6.intoArray(w, z + 6 * WIDTH);
    c7.intoArray(w, z + 7 * WIDTH);
    c8.intoArray(w, z + 8 * WIDTH);
  }

  /** {@link #pick} for one term each: an output, an operand, a row of factors and one of lanes. */
  static void permute(long[] w, int[] plan) {
    for (int at = 0; at < plan.length; at += 4) {
      int z = plan[at];
      int x = plan[at + 1];
      LongVector k = LongVector.fromArray(SPECIES, w, plan[at + 2]);
      LongVector row = LongVector.fromArray(SPECIES, w, plan[at + 3]);
      row.selectFrom(LongVector.fromArray(SPECIES, w, x + 0 * WIDTH))
          .mul(k)
          .intoArray(w, z + 0 * WIDTH);
      row.selectFrom(LongVector.fromArray(SPECIES, w, x + 1 * WIDTH))
          .mul(k)
          .intoArray(w, z + 1 * WIDTH);
      row.selectFrom(LongVector.fromArray(SPECIES, w, x + 2 * WIDTH))
          .mul(k)
          .intoArray(w, z + 2 * WIDTH);
      row.selectFrom(LongVector.fromArray(SPECIES, w, x + 3 * WIDTH))
          .mul(k)
          .intoArray(w, z + 3 * WIDTH);
      row.selectFrom(LongVector.fromArray(SPECIES, w, x + 4 * WIDTH))
          .mul(k)
          .intoArray(w, z + 4 * WIDTH);
      row.selectFrom(LongVector.fromArray(SPECIES, w, x + 5 * WIDTH))
          .mul(k)
          .intoArray(w, z + 5 * WIDTH);
      row.selectFrom(LongVector.fromArray(SPECIES, w, x + 6 * WIDTH))
          .mul(k)
          .intoArray(w, z + 6 * WIDTH);
      row.selectFrom(LongVector.fromArray(SPECIES, w, x + 7 * WIDTH))
          .mul(k)
          .intoArray(w, z + 7 * WIDTH);
      row.selectFrom(LongVector.fromArray(SPECIES, w, x + 8 * WIDTH))
          .mul(k)
          .intoArray(w, z + 8 * WIDTH);
    }
  }

  /** {@link #pick} for two terms each: an output, and twice what {@link #permute} has. */
  static void pickTwo(long[] w, int[] plan) {
    for (int at = 0; at < plan.length; at += 7) {
      int z = plan[at];
      int x = plan[at + 1];
      int y = plan[at + 4];
      LongVector j = LongVector.fromArray(SPECIES, w, plan[at + 2]);
      LongVector firstRow = LongVector.fromArray(SPECIES, w, plan[at + 3]);
      LongVector k = LongVector.fromArray(SPECIES, w, plan[at + 5]);
      LongVector secondRow = LongVector.fromArray(SPECIES, w, plan[at + 6]);
      firstRow
          .selectFrom(LongVector.fromArray(SPECIES, w, x + 0 * WIDTH))
          .mul(j)
          .add(secondRow.selectFrom(LongVector.fromArray(SPECIES, w, y + 0 * WIDTH)).mul(k))
          .intoArray(w, z + 0 * WIDTH);
      firstRow
          .selectFrom(LongVector.fromArray(SPECIES, w, x + 1 * WIDTH))
          .mul(j)
          .add(secondRow.selectFrom(LongVector.fromArray(SPECIES, w, y + 1 * WIDTH)).mul(k))
          .intoArray(w, z + 1 * WIDTH);
      firstRow
          .selectFrom(LongVector.fromArray(SPECIES, w, x + 2 * WIDTH))
          .mul(j)
          .add(secondRow.selectFrom(LongVector.fromArray(SPECIES, w, y + 2 * WIDTH)).mul(k))
          .intoArray(w, z + 2 * WIDTH);
      firstRow
          .selectFrom(LongVector.fromArray(SPECIES, w, x + 3 * WIDTH))
          .mul(j)
          .add(secondRow.selectFrom(LongVector.fromArray(SPECIES, w, y + 3 * WIDTH)).mul(k))
          .intoArray(w, z + 3 * WIDTH);
      firstRow
          .selectFrom(LongVector.fromArray(SPECIES, w, x + 4 * WIDTH))
          .mul(j)
          .add(secondRow.selectFrom(LongVector.fromArray(SPECIES, w, y + 4 * WIDTH)).mul(k))
          .intoArray(w, z + 4 * WIDTH);
      firstRow
          .selectFrom(LongVector.fromArray(SPECIES, w, x + 5 * WIDTH))
          .mul(j)
          .add(secondRow.selectFrom(LongVector.fromArray(SPECIES, w, y + 5 * WIDTH)).mul(k))
          .intoArray(w, z + 5 * WIDTH);
      firstRow
          .selectFrom(LongVector.fromArray(SPECIES, w, x + 6 * WIDTH))
          .mul(j)
          .add(secondRow.selectFrom(LongVector.fromArray(SPECIES, w, y + 6 * WIDTH)).mul(k))
          .intoArray(w, z + 6 * WIDTH);
      firstRow
          .selectFrom(LongVector.fromArray(SPECIES, w, x + 7 * WIDTH))
          .mul(j)
          .add(secondRow.selectFrom(LongVector.fromArray(SPECIES, w, y + 7 * WIDTH)).mul(k))
          .intoArray(w, z + 7 * WIDTH);
      firstRow
          .selectFrom(LongVector.fromArray(SPECIES, w, x + 8 * WIDTH))
          .mul(j)
          .add(secondRow.selectFrom(LongVector.fromArray(SPECIES, w, y + 8 * WIDTH)).mul(k))
          .intoArray(w, z + 8 * WIDTH);
    }
  }

  /**
   * Chooses one of eight slots of a table for each lane, and its sign.
   *
   * @param at the first of the eight, which are {@code stride} longs apart
   * @param numbers of a row of w: which, 0 to 7
   * @param signs of a row of w: 0, or -1 for the negative; of that, limbs may be 2^28, which is
   *     within what products take
   */
  static void choose(long[] table, int at, int stride, long[] w, int numbers, int signs, int z) {
    LongVector number = LongVector.fromArray(SPECIES, w, numbers);
    LongVector sign = LongVector.fromArray(SPECIES, w, signs);
    // All ones where the number is k: then number ^ k is zero, and nothing else is below one.
    LongVector m0 = number.sub(1).lanewise(VectorOperators.ASHR, 63);
    LongVector m1 =
        number.lanewise(VectorOperators.XOR, 1).sub(1).lanewise(VectorOperators.ASHR, 63);
    LongVector m2 =
        number.lanewise(VectorOperators.XOR, 2).sub(1).lanewise(VectorOperators.ASHR, 63);
    LongVector m3 =
        number.lanewise(VectorOperators.XOR, 3).sub(1).lanewise(VectorOperators.ASHR, 63);
    LongVector m4 =
        number.lanewise(VectorOperators.XOR, 4).sub(1).lanewise(VectorOperators.ASHR, 63);
    LongVector m5 =
        number.lanewise(VectorOperators.XOR, 5).sub(1).lanewise(VectorOperators.ASHR, 63);
    LongVector m6 =
        number.lanewise(VectorOperators.XOR, 6).sub(1).lanewise(VectorOperators.ASHR, 63);
    LongVector m7 =
        number.lanewise(VectorOperators.XOR, 7).sub(1).lanewise(VectorOperators.ASHR, 63);
    for (int row = 0; row < SLOT; row += WIDTH) {
      int x = at + row;
      LongVector.fromArray(SPECIES, table, x)
          .and(m0)
          .or(LongVector.fromArray(SPECIES, table, x + 1 * stride).and(m1))
          .or(LongVector.fromArray(SPECIES, table, x + 2 * stride).and(m2))
          .or(LongVector.fromArray(SPECIES, table, x + 3 * stride).and(m3))
          .or(LongVector.fromArray(SPECIES, table, x + 4 * stride).and(m4))
          .or(LongVector.fromArray(SPECIES, table, x + 5 * stride).and(m5))
          .or(LongVector.fromArray(SPECIES, table, x + 6 * stride).and(m6))
          .or(LongVector.fromArray(SPECIES, table, x + 7 * stride).and(m7))
          .lanewise(VectorOperators.XOR, sign)
          .sub(sign)
          .intoArray(w, z + row);
    }
  }

  /** Copies a slot. */
  static void copy(long[] from, int x, long[] to, int z) {
    System.arraycopy(from, x, to, z, SLOT);
  }

  /** Sets one lane of a slot to balanced limbs. */
  static void set(long[] w, int slot, int lane, long[] limbs) {
    for (int j = 0; j < LIMBS; j++) {
      w[slot + j * WIDTH + lane] = limbs[j];
    }
  }

  /** The number in a lane of a slot. */
  static BigInteger value(long[] w, int slot, int lane) {
    BigInteger value = BigInteger.ZERO;
    for (int j = LIMBS - 1; j >= 0; j--) {
      value = value.shiftLeft(LIMB_BITS).add(BigInteger.valueOf(w[slot + j * WIDTH + lane]));
    }
    return value;
  }

  /** Whether a lane of a slot, at most 1.999p, is zero modulo p: balanced limbs are unique. */
  static boolean isZero(long[] w, int slot, int lane) {
    long zero = 0;
    long plus = 0;
    long minus = 0;
    for (int j = 0; j < LIMBS; j++) {
      long limb = w[slot + j * WIDTH + lane];
      zero |= limb;
      plus |= limb ^ MODULUS_LIMBS[j];
      minus |= limb ^ NEGATIVE_MODULUS_LIMBS[j];
    }
    return zero == 0 || plus == 0 || minus == 0;
  }

  private static final long[] NEGATIVE_MODULUS_LIMBS = balanced(MODULUS.negate());

  // Limbs of 54 bits, as the verifier has them.

  private static final int WIDE_LIMBS = 5;
  private static final int WIDE_BITS = 54;
  private static final long WIDE_MASK = (1L << WIDE_BITS) - 1;

  private static final long[] WIDE_MODULUS = wide(MODULUS);

  private static long[] wide(BigInteger value) {
    long[] limbs = new long[WIDE_LIMBS];
    for (int j = 0; j < WIDE_LIMBS; j++) {
      limbs[j] = value.shiftRight(WIDE_BITS * j).longValue() & WIDE_MASK;
    }
    return limbs;
  }

  /** Sets one lane of a slot to a carried number of five limbs in [0, p). */
  static void read(long[] from, int offset, long[] w, int slot, int lane) {
    long carry = 0;
    for (int j = 0; j < LIMBS - 1; j++) {
      int bit = j * LIMB_BITS;
      int limb = bit / WIDE_BITS;
      int shift = bit % WIDE_BITS;
      long bits = from[offset + limb] >>> shift;
      if (shift + LIMB_BITS > WIDE_BITS) {
        bits |= from[offset + limb + 1] << (WIDE_BITS - shift);
      }
      long t = (bits & MASK) + carry + HALF;
      w[slot + j * WIDTH + lane] = (t & MASK) - HALF;
      carry = t >> LIMB_BITS;
    }
    int bit = (LIMBS - 1) * LIMB_BITS - (WIDE_LIMBS - 1) * WIDE_BITS;
    w[slot + (LIMBS - 1) * WIDTH + lane] = (from[offset + WIDE_LIMBS - 1] >> bit) + carry;
  }

  /** Writes a lane of a slot, at most 1.999p, as five carried limbs of a value in (-p, 2p). */
  static void write(long[] w, int slot, int lane, long[] to, int offset) {
    // Unsigned limbs of 29 bits, limb 8 with the sign; then their bits.
    long[] limbs = new long[LIMBS];
    long carry = 0;
    for (int j = 0; j < LIMBS; j++) {
      long t = w[slot + j * WIDTH + lane] + carry;
      limbs[j] = j < LIMBS - 1 ? t & MASK : t;
      carry = t >> LIMB_BITS;
    }
    boolean negative = limbs[LIMBS - 1] < 0;
    long rest = 0;
    for (int j = 0; j < WIDE_LIMBS; j++) {
      long t = bits(limbs, j) + (negative ? WIDE_MODULUS[j] : 0) + rest;
      to[offset + j] = j < WIDE_LIMBS - 1 ? t & WIDE_MASK : t;
      rest = t >> WIDE_BITS;
    }
  }

  /** Bits 54j to 54j + 53; the last of them with the sign. */
  private static long bits(long[] limbs, int j) {
    int bit = j * WIDE_BITS;
    int limb = bit / LIMB_BITS;
    int shift = bit % LIMB_BITS;
    long bits = limbs[limb] >> shift;
    if (limb + 1 < LIMBS) {
      bits |= limbs[limb + 1] << (LIMB_BITS - shift);
    }
    if (limb + 2 < LIMBS) {
      bits |= limbs[limb + 2] << (2 * LIMB_BITS - shift);
    }
    return j < WIDE_LIMBS - 1 ? bits & WIDE_MASK : bits;
  }
}
