package io.plimsoll.verifier.bn254;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A random combination of many equations of the form {@code e(A, B) * e(kSum, -gamma) * e(Krs,
 * -delta) * e(alpha, -beta) = 1} into one. Each equation is raised to a coefficient of its own, and
 * all are multiplied; if one of them does not hold, the product is 1 for at most one coefficient in
 * 2^128 (small exponents test of Bellare, Garay and Rabin, "Fast batch verification for modular
 * exponentiation and digital signatures", EUROCRYPT 1998; with points of G2 in their subgroup,
 * which is checked singly). See {@code docs/adr/0090-batches.md}. Not thread-safe; used once.
 *
 * <p>A coefficient is a + b*lambda modulo r, where lambda is the eigenvalue of the endomorphism (x,
 * y) to (beta*x, y), and a and b are uniform among the odd numbers between -2^64 and 2^64: 16
 * digits of base 16, each odd, from one random nibble. No two pairs (a, b) give the same
 * coefficient, and none gives zero, because (a - a') + (b - b')*lambda = 0 modulo r has no solution
 * with both below 2^66 but zero. For the same reason no addition below is exceptional.
 */
public final class ProofBatch {
  /** Random bytes that each equation takes. */
  public static final int RANDOM_BYTES = 16;

  /** A cube root of 1 in Fp. */
  private static final Fp BETA =
      Fp.ofHex("000000000000000059e26bcea0d48bacd4f263f1acdb5c4f5763473177fffffe");

  /** The cube root of 1 modulo r that belongs to it. */
  static final BigInteger LAMBDA =
      new BigInteger("b3c4d79d41a917585bfc41088d8daaa78b17ea66b99c90dd", 16);

  private static final int DIGITS = 16;
  private static final int BASE_BITS = 4;

  /** 1, 3, .. 15. */
  private static final int MULTIPLES = 8;

  private final byte[] random;
  private final Multiples multiples;
  private final int size;
  private final BigInteger[] coefficients;
  private final AffineSums sums = new AffineSums();

  /**
   * Takes the randomness for a number of equations.
   *
   * @param random {@value #RANDOM_BYTES} bytes for each; uniform, and unknown to anybody before all
   *     that the equations consist of was fixed
   */
  public ProofBatch(byte[] random) {
    this(random, null);
  }

  /**
   * The same, with another implementation of the coefficients' multiples.
   *
   * @param multiples or null
   */
  public ProofBatch(byte[] random, Multiples multiples) {
    this.random = random.clone();
    this.multiples = multiples;
    this.size = random.length / RANDOM_BYTES;
    this.coefficients = new BigInteger[size];
    for (int j = 0; j < size; j++) {
      coefficients[j] = number(2 * j).add(number(2 * j + 1).multiply(LAMBDA)).mod(Scalars.ORDER);
    }
  }

  /** The coefficients, modulo r. */
  public List<BigInteger> coefficients() {
    return List.of(coefficients);
  }

  /** Digit w of half h: a nibble whose lowest bit is the sign, and the rest which odd number. */
  private int nibble(int half, int w) {
    int b = random[half * (RANDOM_BYTES / 2) + w / 2];
    return (w % 2 == 0 ? b : b >> 4) & 15;
  }

  private BigInteger number(int half) {
    BigInteger value = BigInteger.ZERO;
    for (int w = DIGITS - 1; w >= 0; w--) {
      int nibble = nibble(half, w);
      int digit = 2 * (nibble >> 1) + 1;
      value =
          value.shiftLeft(BASE_BITS).add(BigInteger.valueOf((nibble & 1) == 0 ? digit : -digit));
    }
    return value;
  }

  /**
   * Multiplies the pairings of the coefficients' multiples of each A with its B.
   *
   * @param loops what computes the Miller loops
   * @param as finite
   * @param outside receives whether a B is not in its subgroup
   * @return the product before the final exponentiation, or null if a B is outside
   */
  Fp12 multiply(MillerLoops loops, List<G1> as, List<G2> bs, boolean[] outside) {
    long[] scaled = scale(as);
    long[] pairs = new long[MillerLoops.PAIR_LONGS * size];
    Fp t = new Fp();
    for (int j = 0; j < size; j++) {
      int offset = MillerLoops.PAIR_LONGS * j;
      G2 b = bs.get(j);
      t.read(scaled, AffineSums.POINT * j);
      put(t, pairs, offset);
      t.read(scaled, AffineSums.POINT * j + MillerLoops.LIMBS);
      put(t, pairs, offset + MillerLoops.LIMBS);
      t.set(b.x.re);
      put(t, pairs, offset + 2 * MillerLoops.LIMBS);
      t.set(b.x.im);
      put(t, pairs, offset + 3 * MillerLoops.LIMBS);
      t.set(b.y.re);
      put(t, pairs, offset + 4 * MillerLoops.LIMBS);
      t.set(b.y.im);
      put(t, pairs, offset + 5 * MillerLoops.LIMBS);
    }
    long[] product = new long[MillerLoops.PRODUCT_LONGS];
    MillerLoops chosen = size >= loops.minimum() ? loops : ScalarMillerLoops.INSTANCE;
    if (!chosen.multiply(pairs, size, product, outside)) {
      return null;
    }
    Fp12 f = new Fp12();
    for (int k = 0; k < 6; k++) {
      f.coordinate(k).re.read(product, 2 * MillerLoops.LIMBS * k);
      f.coordinate(k).im.read(product, 2 * MillerLoops.LIMBS * k + MillerLoops.LIMBS);
    }
    return f;
  }

  private static void put(Fp value, long[] pairs, int offset) {
    value.canonical();
    value.write(pairs, offset);
  }

  /** Each point times its coefficient, all in step. */
  long[] scale(List<G1> points) {
    if (multiples != null) {
      long[] results = new long[Multiples.RESULT_LONGS * size];
      multiples.scale(canonical(points), size, random, results);
      return affine(results, size);
    }
    // Point j's multiple 2k+1 is number k*size + j; those under the endomorphism follow all others.
    int half = MULTIPLES * size;
    long[] table = new long[AffineSums.POINT * 2 * half];
    long[] doubles = new long[AffineSums.POINT * size];
    for (int j = 0; j < size; j++) {
      AffineSums.write(points.get(j), table, j);
    }
    System.arraycopy(table, 0, doubles, 0, doubles.length);
    sums.twice(doubles, 0, size);
    int[] left = new int[half];
    int[] right = new int[half];
    for (int t = size; t < half; t++) {
      left[t] = 2 * (t - size);
      right[t] = 2 * (t % size);
    }
    for (int k = 1; k < MULTIPLES; k++) {
      sums.add(table, left, doubles, right, table, k * size, (k + 1) * size);
    }
    applyEndomorphism(table, 0, half, half);
    long[] running = new long[AffineSums.POINT * size];
    for (int j = 0; j < size; j++) {
      int reference = reference(j, 2 * j, DIGITS - 1);
      System.arraycopy(
          table,
          AffineSums.POINT * (reference >> 1),
          running,
          AffineSums.POINT * j,
          AffineSums.POINT);
      if ((reference & 1) != 0) {
        negate(running, j);
      }
      left[j] = 2 * j;
    }
    for (int w = DIGITS - 1; w >= 0; w--) {
      if (w < DIGITS - 1) {
        for (int bit = 0; bit < BASE_BITS; bit++) {
          sums.twice(running, 0, size);
        }
        for (int j = 0; j < size; j++) {
          right[j] = reference(j, 2 * j, w);
        }
        sums.add(running, left, table, right, running, 0, size);
      }
      for (int j = 0; j < size; j++) {
        right[j] = reference(j, 2 * j + 1, w) + 2 * half;
      }
      sums.add(running, left, table, right, running, 0, size);
    }
    return running;
  }

  private static long[] canonical(List<G1> points) {
    long[] limbs = new long[AffineSums.POINT * points.size()];
    Fp t = new Fp();
    for (int j = 0; j < points.size(); j++) {
      if (!points.get(j).isInfinity()) {
        t.set(points.get(j).x);
        put(t, limbs, AffineSums.POINT * j);
        t.set(points.get(j).y);
        put(t, limbs, AffineSums.POINT * j + MillerLoops.LIMBS);
      }
    }
    return limbs;
  }

  /** From X, Y, Z to x and y, all with one inversion. Infinity makes all of them infinity. */
  private static long[] affine(long[] results, int count) {
    long[] points = new long[AffineSums.POINT * count];
    Fp t = new Fp();
    Fp product = Fp.ONE.copy();
    for (int j = 0; j < count; j++) {
      product.write(points, AffineSums.POINT * j);
      t.read(results, Multiples.RESULT_LONGS * j + 2 * MillerLoops.LIMBS);
      Fp.mul(product, product, t);
    }
    Fp.invert(product, product);
    Fp inverse = new Fp();
    for (int j = count - 1; j >= 0; j--) {
      int result = Multiples.RESULT_LONGS * j;
      inverse.read(points, AffineSums.POINT * j);
      Fp.mul(inverse, inverse, product);
      t.read(results, result + 2 * MillerLoops.LIMBS);
      Fp.mul(product, product, t);
      for (int i = 0; i < 2; i++) {
        t.read(results, result + i * MillerLoops.LIMBS);
        Fp.mul(t, t, inverse);
        t.tidy();
        t.write(points, AffineSums.POINT * j + i * MillerLoops.LIMBS);
      }
    }
    return points;
  }

  private int reference(int point, int half, int w) {
    int nibble = nibble(half, w);
    return 2 * ((nibble >> 1) * size + point) + (nibble & 1);
  }

  private static void negate(long[] points, int number) {
    Fp y = new Fp();
    y.read(points, AffineSums.POINT * number + MillerLoops.LIMBS);
    Fp.neg(y, y);
    y.tidy();
    y.write(points, AffineSums.POINT * number + MillerLoops.LIMBS);
  }

  /** Writes the images of {@code count} points from {@code from} to {@code to} and on. */
  private static void applyEndomorphism(long[] points, int from, int to, int count) {
    Fp x = new Fp();
    for (int i = 0; i < count; i++) {
      x.read(points, AffineSums.POINT * (from + i));
      // Infinity, all zero, stays what it is.
      Fp.mul(x, x, BETA);
      x.write(points, AffineSums.POINT * (to + i));
      System.arraycopy(
          points,
          AffineSums.POINT * (from + i) + MillerLoops.LIMBS,
          points,
          AffineSums.POINT * (to + i) + MillerLoops.LIMBS,
          MillerLoops.LIMBS);
    }
  }

  /**
   * Sums of the coefficients' multiples.
   *
   * @param points for each sum, lists of points whose sum is what equation j's coefficient
   *     multiplies
   */
  public List<G1Sum> sums(List<List<List<G1>>> points) {
    if (multiples != null) {
      return points.stream().map(this::sum).toList();
    }
    int kinds = points.size();
    long[] terms = new long[AffineSums.POINT * 2 * kinds * size];
    for (int kind = 0; kind < kinds; kind++) {
      System.arraycopy(
          addUp(points.get(kind)),
          0,
          terms,
          AffineSums.POINT * kind * size,
          AffineSums.POINT * size);
    }
    int half = kinds * size;
    applyEndomorphism(terms, 0, half, half);
    // One list for each sum, window and digit.
    int lists = kinds * DIGITS * MULTIPLES;
    int[] starts = new int[lists + 1];
    int[] next = new int[lists];
    int[] references = new int[2 * half * DIGITS];
    for (int pass = 0; pass < 2; pass++) {
      for (int kind = 0; kind < kinds; kind++) {
        for (int j = 0; j < size; j++) {
          for (int h = 0; h < 2; h++) {
            for (int w = 0; w < DIGITS; w++) {
              int nibble = nibble(2 * j + h, w);
              int list = (kind * DIGITS + w) * MULTIPLES + (nibble >> 1);
              if (pass == 0) {
                starts[list + 1]++;
              } else {
                references[next[list]++] = 2 * (h * half + kind * size + j) + (nibble & 1);
              }
            }
          }
        }
      }
      if (pass == 0) {
        for (int list = 0; list < lists; list++) {
          starts[list + 1] += starts[list];
          next[list] = starts[list];
        }
      }
    }
    long[] buckets = sums.sumLists(terms, references, starts);
    List<G1Sum> results = new ArrayList<>();
    for (int kind = 0; kind < kinds; kind++) {
      G1Sum total = new G1Sum();
      for (int w = DIGITS - 1; w >= 0; w--) {
        for (int bit = 0; bit < BASE_BITS; bit++) {
          total.twice();
        }
        // Sum of (2k+1) * bucket k.
        G1Sum running = new G1Sum();
        G1Sum weighted = new G1Sum();
        for (int k = MULTIPLES - 1; k > 0; k--) {
          running.add(buckets, (kind * DIGITS + w) * MULTIPLES + k);
          weighted.add(running);
        }
        running.add(buckets, (kind * DIGITS + w) * MULTIPLES);
        weighted.twice();
        total.add(weighted);
        total.add(running);
      }
      results.add(total);
    }
    return results;
  }

  private G1Sum sum(List<List<G1>> lists) {
    long[] terms = addUp(lists);
    List<G1> points = new ArrayList<>();
    for (int j = 0; j < size; j++) {
      points.add(AffineSums.read(terms, j));
    }
    long[] result = new long[Multiples.RESULT_LONGS];
    multiples.sum(canonical(points), size, random, result);
    G1Sum sum = new G1Sum();
    sum.add(AffineSums.read(affine(result, 1), 0));
    return sum;
  }

  /** The sum of each list. */
  private long[] addUp(List<List<G1>> lists) {
    int[] starts = new int[size + 1];
    int count = 0;
    for (int j = 0; j < size; j++) {
      count += lists.get(j).size();
      starts[j + 1] = count;
    }
    long[] points = new long[AffineSums.POINT * count];
    int[] references = new int[count];
    int number = 0;
    for (List<G1> list : lists) {
      for (G1 point : list) {
        AffineSums.write(point, points, number);
        references[number] = 2 * number;
        number++;
      }
    }
    return sums.sumLists(points, references, starts);
  }

  /** What a combination showed. */
  public enum Outcome {
    /** Every equation holds, but for a chance of one in 2^128, and every B is in its subgroup. */
    HOLDS,
    /** An equation does not hold. */
    FAILS,
    /** A B is outside its subgroup. */
    OUTSIDE
  }

  /**
   * Checks the combination.
   *
   * @param as finite
   * @param bs on the twist
   * @param prepared what the coefficients' sums are paired with; at most {@value
   *     Pairing#MAX_PREPARED}
   * @param outside receives which B are outside the subgroup, if the outcome is that
   */
  public Outcome check(
      MillerLoops loops,
      List<G1> as,
      List<G2> bs,
      List<Pairing.PreparedPair> prepared,
      boolean[] outside) {
    Arrays.fill(outside, false);
    Fp12 f = multiply(loops, as, bs, outside);
    if (f == null) {
      // Loops that name nobody are no reason to try the same again.
      boolean named = false;
      for (boolean each : outside) {
        named |= each;
      }
      return named ? Outcome.OUTSIDE : Outcome.FAILS;
    }
    Tower tower = new Tower();
    tower.mul(f, f, Pairing.millerFunction(tower, List.of(), prepared));
    Pairing.finalExponentiation(tower, f);
    return f.isOne() ? Outcome.HOLDS : Outcome.FAILS;
  }
}
