package io.plimsoll.risk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class DeriveFormulasTest {
  private static BigDecimal d(String decimal) {
    return new BigDecimal(decimal);
  }

  private static DerivePmrm2Round.Svi svi(String a, String b, String rho, String m, String sigma) {
    return new DerivePmrm2Round.Svi(d(a), d(b), d(rho), d(m), d(sigma), d("100"), d("0.25"));
  }

  private static double volatility(DerivePmrm2Round.Svi svi, String strike) throws Exception {
    return DeriveFormulas.volatility(svi, d(strike)).doubleValue();
  }

  @Test
  void sviHasTheVarianceOfItsParametersAtTheForward() throws Exception {
    // k = m = 0: w = a + b sigma = 0.04 + 0.1 * 0.5 = 0.09; sqrt(0.09 / 0.25) = 0.6.
    assertEquals(0.6, volatility(svi("0.04", "0.1", "-0.3", "0", "0.5"), "100"), 1e-15);
  }

  @Test
  void sviIsFlatBeyondItsWings() throws Exception {
    DerivePmrm2Round.Svi svi = svi("0.04", "0.1", "-0.3", "0", "0.5");
    // The wing is at 4 * 0.3 in log-moneyness: 100 exp(1.2) = 332.01.
    assertEquals(volatility(svi, "333"), volatility(svi, "100000"), 0);
    assertEquals(volatility(svi, "30"), volatility(svi, "0.001"), 0);
    assertTrue(volatility(svi, "331") < volatility(svi, "333"));
    double x = 1.2;
    double w = 0.04 + 0.1 * (-0.3 * x + Math.sqrt(x * x + 0.25));
    assertEquals(Math.sqrt(w / 0.25), volatility(svi, "333"), 1e-12);
  }

  @Test
  void sviWithVarianceBelowZeroIsRefused() {
    assertThrows(
        InvalidFormatException.class, () -> volatility(svi("-1", "0.1", "0", "0", "0.5"), "100"));
    assertThrows(
        InvalidFormatException.class,
        () -> volatility(svi("-0.04", "0.1", "-1", "-3", "0.5"), "300"));
  }

  @Test
  void volatilityShocksFadeWithTimeAndStopAtTheFloor() throws Exception {
    long day = 86_400;
    assertEquals(1, DeriveFormulas.termMultiplier(30 * day, day, d("0.3")).doubleValue(), 0);
    assertEquals(
        Math.pow(0.5, 0.13),
        DeriveFormulas.termMultiplier(60 * day, day, d("0.13")).doubleValue(),
        1e-15);
    assertEquals(
        Math.pow(30, 0.3), DeriveFormulas.termMultiplier(60, day, d("0.3")).doubleValue(), 1e-13);
    assertThrows(InvalidFormatException.class, () -> DeriveFormulas.termMultiplier(0, 0, d("0.3")));
  }

  private static double skew(boolean linear, String strike, String base, String slope)
      throws Exception {
    return DeriveFormulas.skewMultiplier(
            linear,
            d(strike),
            d("100"),
            d("0.25"),
            d(base),
            d(slope),
            new DerivePmrm2Round.SkewWidth(d("0.01"), d("4"), d("0.6"), d("-0.2")))
        .doubleValue();
  }

  @Test
  void skewGrowsWithLogMoneynessUpToItsCap() throws Exception {
    // k* = 0.5 * 4 * (0.6 - 0.2 * 0.5) = 1; cap = 0.2 - 0.1 * 0.5 = 0.15.
    double k = Math.log(1.1);
    assertEquals(1 + 0.15 * k, skew(true, "110", "0.2", "-0.1"), 1e-15);
    assertEquals(1 + 0.15 * Math.log(0.9), skew(true, "90", "0.2", "-0.1"), 1e-15);
    assertEquals(1 - 0.15 * Math.log(0.9), skew(false, "90", "0.2", "-0.1"), 1e-15);
    assertEquals(1.15, skew(true, "1000", "0.2", "-0.1"), 1e-15);
    assertEquals(0.85, skew(true, "1", "0.2", "-0.1"), 1e-15);
    assertEquals(1.15, skew(false, "1", "0.2", "-0.1"), 1e-15);
  }

  @Test
  void negativeSkewCapIsNoCapAsInTheContract() throws Exception {
    // cap = 0.2 - 1 * 0.5 = -0.3: min(-0.3, k * -0.3) and max(0.3, k * -0.3).
    assertEquals(1 - 0.3, skew(true, "110", "0.2", "-1"), 1e-15);
    assertEquals(1 + 0.3, skew(true, "90", "0.2", "-1"), 1e-15);
    assertEquals(1 - 0.3 * Math.log(1000), skew(true, "100000", "0.2", "-1"), 1.2);
    assertEquals(0, skew(true, "100000", "0.2", "-5"), 0);
  }

  @Test
  void shortDiscountIsCappedByInterest() throws Exception {
    BigDecimal years = d("0.5");
    assertEquals(
        0.95 * Math.exp(-0.5 * (0.2 + 0.08)),
        DeriveFormulas.longDiscount(d("0.95"), years, d("0.2"), d("1"), d("0.08")).doubleValue(),
        1e-15);
    assertEquals(
        Math.exp(0.5 * 0.2),
        DeriveFormulas.shortDiscount(d("1.04"), years, d("0.2"), d("0.5"), d("0.08")).doubleValue(),
        1e-15);
    assertEquals(
        0.9 * Math.exp(0.5 * (0.1 + 0.02)),
        DeriveFormulas.shortDiscount(d("0.9"), years, d("0.2"), d("0.5"), d("0.02")).doubleValue(),
        1e-15);
    // A rate below zero counts as zero.
    assertEquals(
        1, DeriveFormulas.shortDiscount(d("2"), years, d("-0.2"), d("1"), d("0")).doubleValue(), 0);
    assertEquals(1, DeriveFormulas.discount(d("-0.2"), years).doubleValue(), 0);
  }

  @Test
  void optionsHaveAValueWhereBlack76HasNoFormula() {
    BigDecimal discount = d("0.9");
    assertEquals(0, d("9").compareTo(value(true, "110", "100", "0.5", "0", discount)));
    assertEquals(0, d("0").compareTo(value(false, "110", "100", "0.5", "0", discount)));
    assertEquals(0, d("9").compareTo(value(false, "90", "100", "0", "1", discount)));
    assertEquals(0, d("99").compareTo(value(true, "110", "100", "25", "1", discount)));
    assertEquals(0, d("90").compareTo(value(false, "110", "100", "25", "1", discount)));
    assertEquals(0, d("90").compareTo(value(false, "0", "100", "0.5", "1", discount)));
    assertEquals(0, d("99").compareTo(value(true, "110", "0", "0.5", "1", discount)));
  }

  private static BigDecimal value(
      boolean call,
      String forward,
      String strike,
      String volatility,
      String years,
      BigDecimal discount) {
    return DeriveFormulas.optionValue(
        call, d(forward), d(strike), d(volatility), d(years), discount);
  }
}
