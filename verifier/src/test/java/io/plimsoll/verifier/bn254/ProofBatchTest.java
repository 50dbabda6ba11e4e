package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.bn254.Slow.P1;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProofBatchTest {
  private static final BigInteger LIMIT = BigInteger.ONE.shiftLeft(66);

  private final Random random = new Random(21);

  private byte[] bytes(int equations) {
    byte[] bytes = new byte[ProofBatch.RANDOM_BYTES * equations];
    random.nextBytes(bytes);
    return bytes;
  }

  @Test
  void coefficientsAreDifferentForDifferentBytesAndNeverZero() {
    Set<BigInteger> seen = new HashSet<>();
    byte[] base = bytes(1);
    for (int bit = 0; bit < 8 * base.length; bit++) {
      byte[] changed = base.clone();
      changed[bit / 8] ^= (byte) (1 << (bit % 8));
      seen.add(new ProofBatch(changed).coefficients().get(0));
    }
    seen.add(new ProofBatch(base).coefficients().get(0));
    assertEquals(8 * base.length + 1, seen.size());
    assertTrue(seen.stream().noneMatch(c -> c.signum() == 0));
  }

  /** All odd numbers of 64 bits and a sign, once each: here for two digits of them. */
  @Test
  void digitsGiveEveryOddNumberOnce() {
    Set<BigInteger> seen = new HashSet<>();
    BigInteger top = new ProofBatch(new byte[16]).coefficients().get(0);
    for (int low = 0; low < 256; low++) {
      byte[] bytes = new byte[16];
      bytes[0] = (byte) low;
      BigInteger difference = new ProofBatch(bytes).coefficients().get(0).subtract(top).mod(Slow.R);
      if (difference.compareTo(LIMIT) > 0) {
        difference = difference.subtract(Slow.R);
      }
      // Digits 0 are 1 and 1 here.
      BigInteger value = difference.add(BigInteger.valueOf(17));
      assertTrue(value.testBit(0) && value.abs().bitLength() <= 8, value.toString());
      seen.add(value);
    }
    assertEquals(256, seen.size());
  }

  /**
   * Numbers below 2^66 that are not both zero never make a + b*lambda zero: the lattice of those
   * that do has a reduced basis whose vectors are longer.
   */
  @Test
  void noSmallNumbersMakeACoefficientZero() {
    BigInteger[] v = {Slow.R, BigInteger.ZERO};
    BigInteger[] w = {ProofBatch.LAMBDA.negate(), BigInteger.ONE};
    // Gauss reduction.
    while (true) {
      if (dot(v, v).compareTo(dot(w, w)) > 0) {
        BigInteger[] t = v;
        v = w;
        w = t;
      }
      BigInteger numerator = dot(v, w).shiftLeft(1).add(dot(v, v));
      BigInteger[] parts = numerator.divideAndRemainder(dot(v, v).shiftLeft(1));
      BigInteger q = parts[1].signum() < 0 ? parts[0].subtract(BigInteger.ONE) : parts[0];
      if (q.signum() == 0) {
        break;
      }
      w = new BigInteger[] {w[0].subtract(q.multiply(v[0])), w[1].subtract(q.multiply(v[1]))};
    }
    // v is a shortest vector. Both entries below 2^66 have a norm below 2^133.
    assertTrue(dot(v, v).bitLength() > 134);
  }

  private static BigInteger dot(BigInteger[] a, BigInteger[] b) {
    return a[0].multiply(b[0]).add(a[1].multiply(b[1]));
  }

  @Test
  void sumsAreThoseOfTheCoefficientsMultiples() {
    for (int n : new int[] {1, 2, 5}) {
      ProofBatch batch = new ProofBatch(bytes(n));
      List<List<List<G1>>> points = new ArrayList<>();
      List<P1> expected = new ArrayList<>();
      for (int kind = 0; kind < 2; kind++) {
        List<List<G1>> lists = new ArrayList<>();
        P1 sum = P1.INFINITY;
        for (int j = 0; j < n; j++) {
          P1 a = P1.random(random);
          P1 b = j % 2 == 0 ? a : j % 3 == 0 ? a.negate() : P1.random(random);
          lists.add(kind == 0 ? List.of(Slow.g1(a), Slow.g1(b)) : List.of(Slow.g1(a)));
          P1 together = kind == 0 ? a.plus(b) : a;
          sum = sum.plus(together.times(batch.coefficients().get(j)));
        }
        points.add(lists);
        expected.add(sum);
      }
      List<G1Sum> sums = batch.sums(points);
      assertEquals(expected.get(0), Slow.big(sums.get(0).toPoint()));
      assertEquals(expected.get(1), Slow.big(sums.get(1).toPoint()));
    }
  }

  @Test
  void theProductIsThatOfThePairingsOfTheCoefficientsMultiples() {
    for (int n : new int[] {1, 3}) {
      ProofBatch batch = new ProofBatch(bytes(n));
      List<G1> as = new ArrayList<>();
      List<G2> bs = new ArrayList<>();
      Slow.F12 expected = Slow.F12.one();
      for (int j = 0; j < n; j++) {
        P1 a = P1.random(random);
        Slow.P2 b = Slow.P2.random(random);
        as.add(Slow.g1(a));
        bs.add(Slow.g2(b));
        expected = expected.times(Slow.pairing(a.times(batch.coefficients().get(j)), b));
      }
      Fp12 f = batch.multiply(ScalarMillerLoops.INSTANCE, as, bs, new boolean[n]);
      Pairing.finalExponentiation(new Tower(), f);
      assertEquals(expected, Slow.big(f));
    }
  }

  @Test
  void everyDigitHasItsPlaceInTheScaledPoint() {
    P1 a = P1.random(random);
    for (int b : new int[] {0x00, 0xff, 0x1e, 0x80}) {
      byte[] bytes = new byte[ProofBatch.RANDOM_BYTES];
      Arrays.fill(bytes, (byte) b);
      ProofBatch batch = new ProofBatch(bytes);
      Fp12 f =
          batch.multiply(
              ScalarMillerLoops.INSTANCE,
              List.of(Slow.g1(a)),
              List.of(G2.GENERATOR),
              new boolean[1]);
      Pairing.finalExponentiation(new Tower(), f);
      Gt expected = Pairing.of(Slow.g1(a.times(batch.coefficients().get(0))), G2.GENERATOR);
      assertEquals(expected, new Gt(f));
      assertNotEquals(Gt.one(), new Gt(f));
    }
  }

  /** So many equations e(A, B) * e(-sum, G2) = 1, of which some are made not to hold. */
  private ProofBatch.Outcome check(int n, int wrong, G2 outsider) {
    ProofBatch batch = new ProofBatch(bytes(n));
    List<G1> as = new ArrayList<>();
    List<G2> bs = new ArrayList<>();
    BigInteger logarithm = BigInteger.ZERO;
    for (int j = 0; j < n; j++) {
      BigInteger a = new BigInteger(40, random).add(BigInteger.ONE);
      as.add(Slow.g1(P1.GENERATOR.times(a)));
      bs.add(j == 0 && outsider != null ? outsider : G2.GENERATOR);
      logarithm = logarithm.add((j < wrong ? a.negate() : a).multiply(batch.coefficients().get(j)));
    }
    P1 sum = P1.GENERATOR.times(logarithm.mod(Slow.R));
    return batch.check(
        ScalarMillerLoops.INSTANCE,
        as,
        bs,
        List.of(new Pairing.PreparedPair(Slow.g1(sum.negate()), G2Lines.of(G2.GENERATOR))),
        new boolean[n]);
  }

  /** All at once: a batch that only halves of it pass would take longer, and nobody would know. */
  @Test
  void equationsThatHoldDoSoTogether() {
    for (int n : new int[] {1, 2, 31, 32, 33, 64, 70}) {
      assertEquals(ProofBatch.Outcome.HOLDS, check(n, 0, null), n + " equations");
      assertEquals(ProofBatch.Outcome.FAILS, check(n, 1, null), n + " equations");
      assertEquals(ProofBatch.Outcome.FAILS, check(n, n, null), n + " equations");
    }
    G2 outsider = Slow.g2(Slow.P2.randomOnCurve(random));
    assertEquals(ProofBatch.Outcome.OUTSIDE, check(3, 0, outsider));
  }

  /** Loops are given what their interface promises, and no fewer pairs than they ask for. */
  @Test
  void loopsAreUsedFromTheirMinimumOnAndGivenCanonicalNumbers() {
    List<Integer> counts = new ArrayList<>();
    MillerLoops loops =
        new MillerLoops() {
          @Override
          public boolean multiply(long[] pairs, int count, long[] product, boolean[] outside) {
            counts.add(count);
            Fp x = new Fp();
            for (int at = 0; at < pairs.length; at += LIMBS) {
              x.read(pairs, at);
              assertEquals(0, (x.l0 | x.l1 | x.l2 | x.l3) >> Fp.LIMB_BITS);
              BigInteger value = FpTest.limbs(x);
              assertTrue(value.signum() >= 0 && value.compareTo(Slow.P) < 0);
            }
            return ScalarMillerLoops.INSTANCE.multiply(pairs, count, product, outside);
          }

          @Override
          public int minimum() {
            return 4;
          }
        };
    for (int n = 1; n <= 6; n++) {
      ProofBatch batch = new ProofBatch(bytes(n));
      List<G1> as = new ArrayList<>();
      List<G2> bs = new ArrayList<>();
      for (int j = 0; j < n; j++) {
        as.add(Slow.g1(P1.random(random)).negate());
        bs.add(Slow.g2(Slow.P2.random(random)).negate());
      }
      batch.multiply(loops, as, bs, new boolean[n]);
    }
    assertEquals(List.of(4, 5, 6), counts);
  }
}
