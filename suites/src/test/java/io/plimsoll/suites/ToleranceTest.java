package io.plimsoll.suites;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class ToleranceTest {
  private static void assertAllows(
      boolean allowed, Tolerance rule, String expected, String computed) {
    assertEquals(
        allowed,
        rule.allows(new BigDecimal(expected), new BigDecimal(computed)),
        () -> rule + ": " + expected + ", " + computed);
  }

  @Test
  void exactIgnoresTrailingZerosAlone() {
    assertAllows(true, Tolerance.exact(), "1", "1.000");
    assertAllows(false, Tolerance.exact(), "1", "1.001");
  }

  @Test
  void relativeIsMeasuredAgainstThePublishedMagnitudeInclusive() {
    assertAllows(true, Tolerance.relative(3), "-1000", "-1001");
    assertAllows(true, Tolerance.relative(3), "-1000", "-999");
    assertAllows(false, Tolerance.relative(3), "-1000", "-1001.000001");
    assertAllows(false, Tolerance.relative(3), "-1000", "1000");
    assertAllows(true, Tolerance.relative(3), "0", "0");
    assertAllows(false, Tolerance.relative(3), "0", "0.0000001");
  }

  @Test
  void absoluteIsInclusive() {
    Tolerance cent = Tolerance.absolute(new BigDecimal("0.01"));
    assertAllows(true, cent, "5", "5.01");
    assertAllows(true, cent, "5", "4.99");
    assertAllows(false, cent, "5", "4.9899");
  }

  @Test
  void rulesOutOfRangeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Tolerance.relative(-1));
    assertThrows(IllegalArgumentException.class, () -> Tolerance.relative(37));
    assertThrows(IllegalArgumentException.class, () -> Tolerance.absolute(new BigDecimal("-0.1")));
  }
}
