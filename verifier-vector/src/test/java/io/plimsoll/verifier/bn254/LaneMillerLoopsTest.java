package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.vector.LaneMillerLoops;
import org.junit.jupiter.api.Test;

class LaneMillerLoopsTest extends MillerLoopsContract {
  private static final MillerLoops LOOPS = new LaneMillerLoops();

  @Override
  MillerLoops loops() {
    return LOOPS;
  }

  @Test
  void noPairGivesOne() {
    long[] product = new long[MillerLoops.PRODUCT_LONGS];
    assertTrue(LOOPS.multiply(new long[0], 0, product, new boolean[0]));
    Fp12 f = FixedPairs.function(product);
    Pairing.finalExponentiation(new Tower(), f);
    assertTrue(f.isOne());
  }
}
