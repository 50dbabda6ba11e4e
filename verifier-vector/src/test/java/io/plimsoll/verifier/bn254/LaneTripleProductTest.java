package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.bn254.Slow.P1;
import io.plimsoll.verifier.bn254.Slow.P2;
import io.plimsoll.verifier.vector.LaneMillerLoops;
import io.plimsoll.verifier.vector.LaneTripleProduct;
import java.math.BigInteger;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LaneTripleProductTest {
  private static final TripleProduct TRIPLE = new LaneTripleProduct();
  private static final BigInteger COFACTOR = Slow.P.shiftLeft(1).subtract(Slow.R);

  private final Random random = new Random(3);

  private FixedPairs fixed(P2 first, P2 second) {
    return new FixedPairs(G2Lines.of(Slow.g2(first)), G2Lines.of(Slow.g2(second)));
  }

  private static Pairing.Pair pair(P1 p, P2 q) {
    return new Pairing.Pair(Slow.g1(p), Slow.g2(q));
  }

  @Test
  void theProductIsThatOfTheTextbook() {
    P1 p = P1.random(random);
    P1 p1 = P1.random(random);
    P1 p2 = P1.random(random);
    P2 q = P2.random(random);
    P2 q1 = P2.random(random);
    P2 q2 = P2.random(random);
    Slow.F12 expected = Slow.pairing(p, q).times(Slow.pairing(p1, q1)).times(Slow.pairing(p2, q2));
    Optional<Gt> product = fixed(q1, q2).with(TRIPLE, pair(p, q), Slow.g1(p1), Slow.g1(p2));
    assertEquals(expected, Slow.big(product.orElseThrow().value));
  }

  @Test
  void theProductIsThePortableOneForRandomEqualAndOppositePoints() {
    P2 q1 = P2.random(random);
    for (int i = 0; i < 40; i++) {
      P2 q2 = i % 4 == 0 ? q1 : i % 4 == 1 ? q1.negate() : P2.random(random);
      P2 q = i % 3 == 0 ? q1 : i % 3 == 1 ? q2.negate() : P2.random(random);
      P1 p = i % 5 == 0 ? P1.GENERATOR : P1.random(random);
      P1 p1 = i % 2 == 0 ? p : P1.random(random);
      FixedPairs fixed = fixed(q1, q2);
      G1 g1 = Slow.g1(p1);
      G1 h1 = Slow.g1(p.negate());
      assertEquals(fixed.portable(pair(p, q), g1, h1), fixed.with(TRIPLE, pair(p, q), g1, h1));
    }
  }

  @Test
  void aProductThatCancelsIsOne() {
    P2 q = P2.random(random);
    P1 p = P1.random(random);
    P1 half = P1.random(random);
    P1 rest = p.plus(half).negate();
    assertEquals(
        Optional.of(Gt.one()), fixed(q, q).with(TRIPLE, pair(p, q), Slow.g1(half), Slow.g1(rest)));
  }

  @Test
  void aPointOutsideTheSubgroupGivesNoProduct() {
    P2 small = P2.INFINITY;
    while (small.isInfinity()) {
      small =
          P2.randomOnCurve(random).times(Slow.R).times(COFACTOR.divide(BigInteger.valueOf(10069)));
    }
    P2 large = P2.randomOnCurve(random);
    FixedPairs fixed = fixed(P2.GENERATOR, P2.GENERATOR);
    G1 g = Slow.g1(P1.GENERATOR);
    for (P2 bad :
        new P2[] {small, small.negate(), large, large.times(Slow.R), P2.GENERATOR.plus(small)}) {
      assertEquals(Optional.empty(), fixed.with(TRIPLE, pair(P1.GENERATOR, bad), g, g));
    }
  }

  /** All coordinates of the running point become zero for (0, 0), and then any comparison holds. */
  @Test
  void aRunningPointThatIsLostAtInfinityGivesNoProduct() {
    G1 g = Slow.g1(P1.GENERATOR);
    Pairing.Pair lost = new Pairing.Pair(g, new G2(new Fp2(), new Fp2()));
    assertEquals(Optional.empty(), fixed(P2.GENERATOR, P2.GENERATOR).with(TRIPLE, lost, g, g));
  }

  @Test
  void manyThreadsShareOne() throws Exception {
    FixedPairs fixed = fixed(P2.random(random), P2.random(random));
    Pairing.Pair pair = pair(P1.random(random), P2.random(random));
    G1 g1 = Slow.g1(P1.random(random));
    Optional<Gt> expected = fixed.portable(pair, g1, g1);
    try (var pool = java.util.concurrent.Executors.newFixedThreadPool(4)) {
      var results =
          pool.invokeAll(java.util.Collections.nCopies(40, () -> fixed.with(TRIPLE, pair, g1, g1)));
      for (var result : results) {
        assertEquals(expected, result.get());
      }
    }
  }

  @Test
  void theTrialFindsBothRightWhateverTheirSpeed() {
    Accelerator accelerator = Accelerator.tried(TRIPLE, new LaneMillerLoops(), Long.MAX_VALUE, 0);
    assertSame(TRIPLE, accelerator.triple().orElseThrow());
    assertNotSame(ScalarMillerLoops.INSTANCE, accelerator.millerLoops(64));
    assertSame(ScalarMillerLoops.INSTANCE, accelerator.millerLoops(1));
    assertTrue(accelerator.status().contains("LaneTripleProduct"), accelerator.status());
  }
}
