package io.plimsoll.risk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Black76Test {
  /**
   * J. Hull, "Options, Futures and Other Derivatives", example on futures options: a put, forward
   * 20, strike 20, four months, 9 % rate, 25 % volatility, is worth 1.12.
   */
  @Test
  void agreesWithTheTextbookExample() {
    BigDecimal discount = BigDecimal.valueOf(Math.exp(-0.09 * 4 / 12));
    BigDecimal price =
        Black76.price(false, decimal(20), decimal(20), decimal(0.25), decimal(4.0 / 12), discount);
    assertEquals(1.12, price.doubleValue(), 0.005);
  }

  @Test
  void agreesWithAnIndependentFormula() {
    Random random = new Random(76);
    for (int i = 0; i < 2000; i++) {
      double forward = Math.exp(random.nextDouble() * 12 - 1);
      double strike = forward * Math.exp(random.nextGaussian());
      double volatility = 0.02 + 3 * random.nextDouble();
      double years = 0.001 + 3 * random.nextDouble();
      double discount = 0.7 + 0.4 * random.nextDouble();
      boolean call = random.nextBoolean();
      Black76.Valuation actual =
          Black76.value(
              call,
              decimal(forward),
              decimal(strike),
              decimal(volatility),
              decimal(years),
              decimal(discount));
      double deviation = volatility * Math.sqrt(years);
      double d1 = Math.log(forward / strike) / deviation + deviation / 2;
      double d2 = d1 - deviation;
      double price =
          call
              ? discount * (forward * normal(d1) - strike * normal(d2))
              : discount * (strike * normal(-d2) - forward * normal(-d1));
      double delta = call ? discount * normal(d1) : -discount * normal(-d1);
      double vega =
          discount
              * forward
              * Math.exp(-d1 * d1 / 2)
              / Math.sqrt(2 * Math.PI)
              * Math.sqrt(years)
              / 100;
      double tolerance = 1e-10 * (forward + strike);
      assertEquals(price, actual.price().doubleValue(), tolerance);
      assertEquals(delta, actual.delta().doubleValue(), 1e-10);
      assertEquals(vega, actual.vega().doubleValue(), tolerance);
    }
  }

  @Test
  void greeksAreTheSlopesOfThePrice() {
    BigDecimal step = new BigDecimal("0.001");
    for (boolean call : new boolean[] {true, false}) {
      Black76.Valuation at =
          Black76.value(
              call, decimal(100), decimal(110), decimal(0.8), decimal(0.5), decimal(0.97));
      BigDecimal up =
          Black76.price(
              call,
              decimal(100).add(step),
              decimal(110),
              decimal(0.8),
              decimal(0.5),
              decimal(0.97));
      assertEquals(
          at.delta().doubleValue(), up.subtract(at.price()).divide(step).doubleValue(), 1e-4);
      BigDecimal higher =
          Black76.price(
              call, decimal(100), decimal(110), decimal(0.81), decimal(0.5), decimal(0.97));
      assertEquals(at.vega().doubleValue(), higher.subtract(at.price()).doubleValue(), 1e-3);
    }
  }

  @Test
  void callMinusPutIsTheDiscountedForward() {
    for (int strike = 10; strike <= 400; strike += 10) {
      double parity = priceOf(true, strike) - priceOf(false, strike);
      assertEquals(0.97 * (100 - strike), parity, 1e-11);
    }
  }

  @Test
  void farOutOfTheMoneyIsNeverNegative() {
    for (int strike = 1; strike <= 100_000; strike *= 2) {
      assertTrue(priceOf(true, strike) >= 0);
      assertTrue(priceOf(false, strike) >= 0);
    }
  }

  private static double priceOf(boolean call, double strike) {
    return Black76.price(
            call, decimal(100), decimal(strike), decimal(0.3), decimal(0.1), decimal(0.97))
        .doubleValue();
  }

  private static BigDecimal decimal(double value) {
    return new BigDecimal(value);
  }

  /**
   * The normal distribution from its Taylor series around 0 and, in the tails, its continued
   * fraction: Abramowitz and Stegun 26.2.11 and 26.2.14.
   */
  private static double normal(double x) {
    if (x > 0) {
      return 1 - normal(-x);
    }
    double density = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    double z = -x;
    if (z < 5) {
      double term = z;
      double sum = z;
      for (int n = 1; n < 200; n++) {
        term *= z * z / (2 * n + 1);
        sum += term;
      }
      return 0.5 - density * sum;
    }
    double fraction = z;
    for (int n = 100; n >= 1; n--) {
      fraction = z + n / fraction;
    }
    return density / fraction;
  }
}
