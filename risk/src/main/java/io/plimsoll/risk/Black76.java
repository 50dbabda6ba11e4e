package io.plimsoll.risk;

import java.math.BigDecimal;
import net.finmath.functions.AnalyticFormulas;

/**
 * European options on a forward: F. Black, "The pricing of commodity contracts", 1976, evaluated by
 * finmath-lib in double precision. This is the one place with floating point: every argument and
 * result is a decimal, and a result is exactly the double that was computed, not rounded.
 */
final class Black76 {
  /** Vega is per this much volatility: one point. */
  private static final double VOLATILITY_POINT = 0.01;

  private Black76() {}

  /**
   * One option, in money per unit of the underlying.
   *
   * @param price discounted value
   * @param delta change of value per unit of the forward
   * @param vega change of value per volatility point (0.01)
   */
  record Valuation(BigDecimal price, BigDecimal delta, BigDecimal vega) {}

  /**
   * Discounted value. All arguments are positive.
   *
   * @param volatility per square root of a year, as a fraction
   * @param years to expiry
   */
  static BigDecimal price(
      boolean call,
      BigDecimal forward,
      BigDecimal strike,
      BigDecimal volatility,
      BigDecimal years,
      BigDecimal discountFactor) {
    double f = forward.doubleValue();
    double k = strike.doubleValue();
    // A put is the call with forward and strike exchanged; parity would cancel digits instead.
    double value =
        AnalyticFormulas.blackScholesGeneralizedOptionValue(
            call ? f : k,
            volatility.doubleValue(),
            years.doubleValue(),
            call ? k : f,
            discountFactor.doubleValue());
    // Far out of the money both products are tiny, and their difference may come out below zero.
    return exact(Math.max(value, 0));
  }

  /** Value, delta and vega, with the arguments of {@link #price}. */
  static Valuation value(
      boolean call,
      BigDecimal forward,
      BigDecimal strike,
      BigDecimal volatility,
      BigDecimal years,
      BigDecimal discountFactor) {
    double f = forward.doubleValue();
    double k = strike.doubleValue();
    double v = volatility.doubleValue();
    double t = years.doubleValue();
    double discount = discountFactor.doubleValue();
    // The Black-Scholes greeks at a rate of zero, with the forward for the spot, are the
    // undiscounted ones with respect to the forward.
    double callDelta = AnalyticFormulas.blackScholesOptionDelta(f, 0, v, t, k);
    double vega = AnalyticFormulas.blackScholesOptionVega(f, 0, v, t, k);
    return new Valuation(
        price(call, forward, strike, volatility, years, discountFactor),
        exact(discount * (call ? callDelta : callDelta - 1)),
        exact(discount * vega * VOLATILITY_POINT));
  }

  private static BigDecimal exact(double value) {
    if (!Double.isFinite(value)) {
      throw new ArithmeticException("Black-76 gave " + value);
    }
    return new BigDecimal(value);
  }
}
