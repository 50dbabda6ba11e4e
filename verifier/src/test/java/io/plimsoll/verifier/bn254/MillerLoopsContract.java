package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.bn254.Slow.P1;
import io.plimsoll.verifier.bn254.Slow.P2;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What every {@link MillerLoops} has to do, against the textbook. */
abstract class MillerLoopsContract {
  private static final BigInteger COFACTOR = Slow.P.shiftLeft(1).subtract(Slow.R);

  private final Random random = new Random(11);

  abstract MillerLoops loops();

  record Pair(P1 p, P2 q) {}

  private final Map<Pair, Slow.F12> pairings = new HashMap<>();

  static long[] limbs(List<Pair> pairs) {
    long[] limbs = new long[MillerLoops.PAIR_LONGS * pairs.size()];
    int offset = 0;
    for (Pair pair : pairs) {
      for (BigInteger coordinate :
          List.of(
              pair.p.x(),
              pair.p.y(),
              pair.q.x().re(),
              pair.q.x().im(),
              pair.q.y().re(),
              pair.q.y().im())) {
        Fp value = Slow.fp(coordinate);
        value.canonical();
        value.write(limbs, offset);
        offset += MillerLoops.LIMBS;
      }
    }
    return limbs;
  }

  private static Fp12 read(long[] product) {
    Fp12 f = new Fp12();
    for (int k = 0; k < 6; k++) {
      f.coordinate(k).re.read(product, 2 * MillerLoops.LIMBS * k);
      f.coordinate(k).im.read(product, 2 * MillerLoops.LIMBS * k + MillerLoops.LIMBS);
    }
    return f;
  }

  private Pair randomPair() {
    return new Pair(P1.random(random), P2.random(random));
  }

  private void assertPairings(List<Pair> pairs) {
    long[] limbs = limbs(pairs);
    long[] before = limbs.clone();
    long[] product = new long[MillerLoops.PRODUCT_LONGS];
    boolean[] outside = new boolean[pairs.size()];
    Arrays.fill(outside, true);
    assertTrue(loops().multiply(limbs, pairs.size(), product, outside));
    assertArrayEquals(before, limbs);
    for (boolean each : outside) {
      assertFalse(each);
    }
    for (int i = 0; i < product.length; i++) {
      if (i % MillerLoops.LIMBS != MillerLoops.LIMBS - 1) {
        assertEquals(0, product[i] >> Fp.LIMB_BITS, "limb " + i + " is not carried");
      }
    }
    Fp12 f = read(product);
    for (int k = 0; k < 6; k++) {
      for (Fp each : List.of(f.coordinate(k).re, f.coordinate(k).im)) {
        BigInteger value = FpTest.limbs(each);
        assertTrue(value.compareTo(Slow.P.negate()) > 0);
        assertTrue(value.compareTo(Slow.P.shiftLeft(1)) < 0);
      }
    }
    Pairing.finalExponentiation(new Tower(), f);
    Slow.F12 expected = Slow.F12.one();
    for (Pair pair : pairs) {
      // The textbook takes its time.
      expected = expected.times(pairings.computeIfAbsent(pair, x -> Slow.pairing(x.p, x.q)));
    }
    assertEquals(expected, Slow.big(f));
  }

  @Test
  void onePairGivesItsPairing() {
    assertPairings(List.of(new Pair(P1.GENERATOR, P2.GENERATOR)));
    assertPairings(List.of(randomPair()));
  }

  @Test
  void anyNumberOfPairsGivesTheProductOfTheirPairings() {
    List<Pair> pairs = new ArrayList<>();
    for (int n = 1; n <= 9; n++) {
      pairs.add(randomPair());
    }
    for (int n : new int[] {2, 3, 7, 8, 9}) {
      assertPairings(pairs.subList(0, n));
    }
  }

  /** More than an implementation may take at a time: no part of the product is left out. */
  @Test
  void manyPairsGiveTheProductOfAllOfThem() {
    List<Pair> few = List.of(randomPair(), randomPair(), randomPair());
    for (int n : new int[] {31, 32, 33, 64, 65, 100}) {
      List<Pair> pairs = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        pairs.add(few.get(i % 7 % 3));
      }
      assertPairings(pairs);
    }
  }

  @Test
  void equalAndOppositePairsAreNoSpecialCase() {
    Pair pair = randomPair();
    Pair opposite = new Pair(pair.p.negate(), pair.q);
    Pair twisted = new Pair(pair.p, pair.q.negate());
    assertPairings(List.of(pair, pair));
    assertPairings(List.of(pair, opposite));
    assertPairings(List.of(pair, twisted, pair, opposite));
  }

  @Test
  void everyPointOutsideTheSubgroupIsNamed() {
    P2 small = P2.INFINITY;
    while (small.isInfinity()) {
      small =
          P2.randomOnCurve(random).times(Slow.R).times(COFACTOR.divide(BigInteger.valueOf(10069)));
    }
    P2 large = P2.randomOnCurve(random);
    List<P2> bad = List.of(small, large, large.times(Slow.R), P2.GENERATOR.plus(small));
    for (int n : new int[] {1, 2, 8, 17}) {
      for (int at = 0; at < n; at += 1 + n / 3) {
        for (P2 q : bad) {
          List<Pair> pairs = new ArrayList<>();
          boolean[] expected = new boolean[n];
          for (int i = 0; i < n; i++) {
            pairs.add(new Pair(P1.GENERATOR, i == at ? q : P2.GENERATOR));
          }
          expected[at] = true;
          boolean[] outside = new boolean[n];
          assertFalse(
              loops().multiply(limbs(pairs), n, new long[MillerLoops.PRODUCT_LONGS], outside));
          assertArrayEquals(expected, outside);
        }
      }
    }
  }

  @Test
  void allPointsOutsideAreAllNamed() {
    int n = 10;
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      pairs.add(new Pair(P1.GENERATOR, P2.randomOnCurve(random)));
    }
    boolean[] outside = new boolean[n];
    assertFalse(loops().multiply(limbs(pairs), n, new long[MillerLoops.PRODUCT_LONGS], outside));
    for (boolean each : outside) {
      assertTrue(each);
    }
  }
}
