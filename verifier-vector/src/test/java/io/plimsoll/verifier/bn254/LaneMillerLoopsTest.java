package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertFalse;
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

  /** All coordinates of the running point become zero for (0, 0), and then any comparison holds. */
  @Test
  void aRunningPointThatIsLostAtInfinityIsOutside() {
    boolean[] outside = new boolean[1];
    long[] zeros = new long[MillerLoops.PAIR_LONGS];
    assertFalse(LOOPS.multiply(zeros, 1, new long[MillerLoops.PRODUCT_LONGS], outside));
    assertTrue(outside[0]);
  }
}
