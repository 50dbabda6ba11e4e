package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.plimsoll.verifier.bn254.Slow.F2;
import io.plimsoll.verifier.bn254.Slow.P1;
import io.plimsoll.verifier.bn254.Slow.P2;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ScalarMillerLoopsTest extends MillerLoopsContract {
  @Override
  MillerLoops loops() {
    return ScalarMillerLoops.INSTANCE;
  }

  /**
   * Affine steps do not ask which curve a point is on, and no point of the twist is known that
   * meets a denominator that is zero. On other curves there are some: (x, 0) has order 2, and (0,
   * y) order 3.
   */
  @Test
  void pointThatMeetsAZeroDenominatorIsNamedAndDisturbsNoOther() {
    Random random = new Random(12);
    P2 second = new P2(F2.random(random), F2.ZERO);
    P2 third = new P2(F2.ZERO, F2.random(random));
    for (int n : new int[] {1, 2, 5, 34}) {
      for (int at = 0; at < n; at += 1 + n / 4) {
        for (P2 bad : List.of(second, third)) {
          List<Pair> pairs = new ArrayList<>();
          boolean[] expected = new boolean[n];
          for (int i = 0; i < n; i++) {
            expected[i] = i == at || i == at / 2;
            pairs.add(new Pair(P1.GENERATOR, expected[i] ? bad : P2.GENERATOR));
          }
          boolean[] outside = new boolean[n];
          assertFalse(
              loops().multiply(limbs(pairs), n, new long[MillerLoops.PRODUCT_LONGS], outside));
          assertArrayEquals(expected, outside);
        }
      }
    }
  }
}
