package io.plimsoll.risk;

import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.math.MathContext;

/**
 * The transcendental formulas of Derive's risk managers, in double precision: derivexyz/v2-core
 * {@code PMRMLib_2.sol} and derivexyz/lyra-utils {@code SVI.sol} and {@code Black76.sol}, which
 * evaluate them in fixed point with 18 decimals. Like {@link Black76}, a class with floating point
 * inside: arguments and results are decimals, and a result is exactly the double that was computed,
 * not rounded.
 */
final class DeriveFormulas {
  /** Seconds of Derive's year. */
  private static final BigDecimal YEAR = BigDecimal.valueOf(365L * 86_400);

  /** Volatility times root of time from which a call is worth its forward. */
  private static final double MAX_TOTAL_VOLATILITY = 24;

  /** Total variance that SVI is cut at. */
  private static final double MAX_TOTAL_VARIANCE = 20;

  /**
   * Total volatilities of log-moneyness, as SVI has at the forward, beyond which wings are flat.
   */
  private static final double WING = 4;

  private DeriveFormulas() {}

  /** Years of 365 days, to 34 digits. */
  static BigDecimal years(long seconds) {
    return BigDecimal.valueOf(seconds).divide(YEAR, MathContext.DECIMAL128);
  }

  /** {@code exp(-max(0, rate) * years)}. */
  static BigDecimal discount(BigDecimal rate, BigDecimal years) throws InvalidFormatException {
    return exact("discount factor", Math.exp(-Math.max(rate.doubleValue(), 0) * value(years)));
  }

  /**
   * Implied volatility at a strike. The slice's forward and years, and the strike, are positive.
   */
  static BigDecimal volatility(DerivePmrm2Round.Svi svi, BigDecimal strike)
      throws InvalidFormatException {
    double atForward = value(svi.a()) + value(svi.b()) * value(svi.sigma());
    if (atForward < 0) {
      throw new InvalidFormatException("SVI: a + b sigma is " + atForward + ", below 0");
    }
    double wing = WING * Math.sqrt(atForward);
    double k = Math.log(value(strike) / value(svi.forward()));
    double x = Math.max(-wing, Math.min(wing, k)) - value(svi.m());
    double variance =
        value(svi.a())
            + value(svi.b())
                * (value(svi.rho()) * x
                    + Math.sqrt(x * x + value(svi.sigma()) * value(svi.sigma())));
    if (variance < 0) {
      throw new InvalidFormatException(
          "SVI: total variance at strike "
              + strike.toPlainString()
              + " is "
              + variance
              + ", below 0");
    }
    return exact(
        "implied volatility",
        Math.sqrt(Math.min(variance, MAX_TOTAL_VARIANCE) / value(svi.years())));
  }

  /**
   * What volatility shocks are scaled by: {@code (30 days / max(seconds, floorSeconds)) ^ power}.
   *
   * @param seconds to expiry; with {@code floorSeconds} not both 0
   */
  static BigDecimal termMultiplier(long seconds, long floorSeconds, BigDecimal power)
      throws InvalidFormatException {
    double months = 30.0 * 86_400 / Math.max(seconds, floorSeconds);
    return exact("volatility shock", Math.pow(months, value(power)));
  }

  /**
   * What a skew shock multiplies the volatility at a strike by, at least 0.
   *
   * @param linear the shock falls with the sign of log-moneyness, else with its magnitude
   * @param baseCap and {@code capSlope}: most that volatility changes by, {@code baseCap + capSlope
   *     * sqrt(years)}; the contract does not expect it to be negative, and here as there it is
   *     then no cap
   */
  static BigDecimal skewMultiplier(
      boolean linear,
      BigDecimal strike,
      BigDecimal forward,
      BigDecimal years,
      BigDecimal baseCap,
      BigDecimal capSlope,
      DerivePmrm2Round.SkewWidth width)
      throws InvalidFormatException {
    double root = Math.sqrt(value(years));
    double cap = value(baseCap) + value(capSlope) * root;
    double flat =
        Math.max(
            value(width.least()),
            root
                * value(width.scale())
                * (value(width.volatility()) + value(width.volatilitySlope()) * root));
    if (flat <= 0) {
      throw new InvalidFormatException("skew shock: k* is " + flat + ", not above 0");
    }
    double k = Math.log(value(strike) / value(forward));
    if (!linear) {
      k = Math.abs(k);
    }
    double change = k >= 0 ? Math.min(cap, k * cap / flat) : Math.max(-cap, k * cap / flat);
    return exact("skew shock", Math.max(0, 1 + change));
  }

  /** {@code base * exp(-years * (rate * multiple + added))}, for a value of at least zero. */
  static BigDecimal longDiscount(
      BigDecimal base, BigDecimal years, BigDecimal rate, BigDecimal multiple, BigDecimal added)
      throws InvalidFormatException {
    double shocked = Math.max(value(rate), 0) * value(multiple) + value(added);
    return exact("static discount of longs", value(base) * Math.exp(-value(years) * shocked));
  }

  /**
   * {@code min(1 / discount, base * exp(years * (rate * multiple + added)))}, for a value below
   * zero.
   */
  static BigDecimal shortDiscount(
      BigDecimal base, BigDecimal years, BigDecimal rate, BigDecimal multiple, BigDecimal added)
      throws InvalidFormatException {
    double positive = Math.max(value(rate), 0);
    double shocked = positive * value(multiple) + value(added);
    double factor = value(base) * Math.exp(value(years) * shocked);
    return exact("static discount of shorts", Math.min(Math.exp(positive * value(years)), factor));
  }

  /**
   * Discounted value of an option, also where Black-76 has no formula: at expiry, without
   * volatility, at a strike or forward of zero.
   */
  static BigDecimal optionValue(
      boolean call,
      BigDecimal forward,
      BigDecimal strike,
      BigDecimal volatility,
      BigDecimal years,
      BigDecimal discount) {
    BigDecimal exercised = call ? forward.subtract(strike) : strike.subtract(forward);
    double total = value(volatility) * Math.sqrt(value(years));
    if (total == 0 || forward.signum() == 0 || strike.signum() == 0) {
      return exercised.max(BigDecimal.ZERO).multiply(discount);
    }
    if (total >= MAX_TOTAL_VOLATILITY) {
      return (call ? forward : strike).multiply(discount);
    }
    return Black76.price(call, forward, strike, volatility, years, discount);
  }

  private static double value(BigDecimal decimal) {
    return decimal.doubleValue();
  }

  private static BigDecimal exact(String what, double value) throws InvalidFormatException {
    if (!Double.isFinite(value)) {
      throw new InvalidFormatException(what + " is " + value + ", not a number");
    }
    return new BigDecimal(value);
  }
}
