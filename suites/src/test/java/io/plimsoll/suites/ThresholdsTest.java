package io.plimsoll.suites;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.plimsoll.verifier.Threshold;
import java.math.BigInteger;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ThresholdsTest {
  private static final BigInteger MAX = BigInteger.valueOf(Threshold.MAX);

  /** equity / requirement, with the rule's own inequality. */
  private static Thresholds of(BigInteger equity, BigInteger requirement) {
    return Thresholds.search(t -> meets(t, equity, requirement));
  }

  private static boolean meets(Threshold t, BigInteger equity, BigInteger requirement) {
    return equity
            .multiply(BigInteger.valueOf(t.denominator()))
            .compareTo(requirement.multiply(BigInteger.valueOf(t.numerator())))
        >= 0;
  }

  private static Thresholds of(long equity, long requirement) {
    return of(BigInteger.valueOf(equity), BigInteger.valueOf(requirement));
  }

  @Test
  void largestThresholdIsTheRatioItselfIfItsTermsFit() {
    assertEquals(Optional.of(new Threshold(11, 10)), of(22, 20).largest());
    assertEquals(Optional.of(new Threshold(1, 1)), of(7, 7).largest());
    assertEquals(
        Optional.of(new Threshold(Threshold.MAX, Threshold.MAX - 1)),
        of(Threshold.MAX, Threshold.MAX - 1).largest());
  }

  @Test
  void withoutEquityOnlyThresholdZeroIsMet() {
    Thresholds zero = of(0, 5);
    assertEquals(Optional.of(new Threshold(0, 1)), zero.largest());
    assertEquals(Optional.of(new Threshold(1, Threshold.MAX)), zero.above());
  }

  @Test
  void negativeEquityMeetsNoThreshold() {
    assertEquals(new Thresholds(Optional.empty(), Optional.of(new Threshold(0, 1))), of(-1, 5));
    assertEquals(new Thresholds(Optional.empty(), Optional.of(new Threshold(0, 1))), of(-1, 0));
  }

  @Test
  void withoutRequirementEveryThresholdIsMet() {
    assertEquals(
        new Thresholds(Optional.of(new Threshold(Threshold.MAX, 1)), Optional.empty()), of(0, 0));
  }

  @Test
  void thereIsNoThresholdBetweenTheTwo() {
    Random random = new Random(5);
    for (int i = 0; i < 2_000; i++) {
      BigInteger equity = new BigInteger(1 + random.nextInt(90), random);
      BigInteger requirement = new BigInteger(1 + random.nextInt(90), random).add(BigInteger.ONE);
      Thresholds found = of(equity, requirement);
      if (found.above().isEmpty()) {
        assertEquals(new Threshold(Threshold.MAX, 1), found.largest().orElseThrow());
        continue;
      }
      Threshold low = found.largest().orElseThrow();
      Threshold high = found.above().orElseThrow();
      assertEquals(true, meets(low, equity, requirement));
      assertEquals(false, meets(high, equity, requirement));
      // Neighbours: the determinant is 1, and the fraction between them is out of range.
      BigInteger determinant =
          BigInteger.valueOf(high.numerator())
              .multiply(BigInteger.valueOf(low.denominator()))
              .subtract(
                  BigInteger.valueOf(low.numerator())
                      .multiply(BigInteger.valueOf(high.denominator())));
      assertEquals(BigInteger.ONE, determinant);
      assertEquals(
          true,
          BigInteger.valueOf(low.numerator() + high.numerator()).compareTo(MAX) > 0
              || BigInteger.valueOf(low.denominator() + high.denominator()).compareTo(MAX) > 0);
    }
  }
}
