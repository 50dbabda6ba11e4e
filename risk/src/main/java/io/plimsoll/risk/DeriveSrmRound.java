package io.plimsoll.risk;

import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.RoundCoefficients;
import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;

/**
 * The public side of Derive's standard margin: every coefficient of a {@code derive-srm} model from
 * the venue's feeds and parameters, as {@code StandardManager.sol} of derivexyz/v2-core computes
 * them. The steps are in {@code docs/models/derive-srm.md}.
 *
 * <h2>Rounding</h2>
 *
 * <p>Rates of requirements up; prices and margin rates of base assets down; marks half to even, a
 * mark being a tick price by definition. Payoffs are differences of strikes and exact: a strike
 * with more decimals than the model is refused.
 */
public final class DeriveSrmRound {
  private static final MathContext DIGITS = MathContext.DECIMAL128;

  /** Of what makes a requirement larger. */
  private static final RoundingMode REQUIREMENT = RoundingMode.CEILING;

  /** Of what makes an asset more valuable. */
  private static final RoundingMode ASSET = RoundingMode.FLOOR;

  /** Of a tick price. */
  private static final RoundingMode TICK = RoundingMode.HALF_EVEN;

  /** Which margin a round is for. */
  public enum Margin {
    /** To trade. */
    INITIAL,
    /** Not to be liquidated. */
    MAINTENANCE
  }

  /** An option of an expiry. */
  public record Option(BigDecimal strike, boolean call, BigDecimal impliedVolatility) {}

  /**
   * An expiry.
   *
   * @param seconds to expiry, 0 if it is over
   */
  public record Expiry(
      long seconds,
      BigDecimal forward,
      BigDecimal forwardConfidence,
      BigDecimal volatilityConfidence,
      List<Option> options) {
    /** Copies the options. */
    public Expiry {
      options = List.copyOf(options);
    }
  }

  /**
   * An underlying.
   *
   * @param baseMarginFactor part of the value of a base asset that counts as margin
   * @param baseInitialScale what that is multiplied by for initial margin
   */
  public record Market(
      BigDecimal spot,
      BigDecimal spotConfidence,
      BigDecimal perpPrice,
      BigDecimal perpConfidence,
      BigDecimal baseMarginFactor,
      BigDecimal baseInitialScale,
      List<Expiry> expiries) {
    /** Copies the expiries. */
    public Market {
      expiries = List.copyOf(expiries);
    }
  }

  /**
   * Isolated margin and maximum loss; all but the scales and {@code maintenancePutMark} of spot.
   */
  public record OptionParameters(
      BigDecimal mostInitial,
      BigDecimal leastInitial,
      BigDecimal maintenanceCall,
      BigDecimal maintenancePut,
      BigDecimal maintenancePutMark,
      BigDecimal unpairedInitial,
      BigDecimal unpairedMaintenance,
      BigDecimal initialOffset) {}

  /** Fractions of the perpetual's price. */
  public record PerpParameters(BigDecimal maintenance, BigDecimal initial) {}

  /** Confidences below which an oracle costs; a threshold of 0 switches that off. */
  public record OracleParameters(
      BigDecimal perpThreshold,
      BigDecimal optionThreshold,
      BigDecimal baseThreshold,
      BigDecimal factor) {}

  /** Surcharge below a price of the stable coin. */
  public record PegParameters(BigDecimal threshold, BigDecimal factor) {}

  /** The venue's parameters, the same for every market. */
  public record Parameters(
      OptionParameters option, PerpParameters perp, OracleParameters oracle, PegParameters peg) {}

  private final MarginModel model;
  private final List<Market> markets;
  private final BigDecimal stablePrice;
  private final Parameters parameters;
  private final boolean initial;
  private final CoefficientWriter round;

  private DeriveSrmRound(
      MarginModel model,
      List<Market> markets,
      BigDecimal stablePrice,
      Parameters parameters,
      Margin margin) {
    this.model = model;
    this.markets = markets;
    this.stablePrice = stablePrice;
    this.parameters = parameters;
    this.initial = margin == Margin.INITIAL;
    this.round = new CoefficientWriter(model);
  }

  /**
   * The round of some markets, in the model's order of slots: option i of expiry e of market m has
   * slot {@code (m * expiries + e) * options + i}.
   *
   * @param stablePrice in dollars of a unit of cash, above 0
   * @throws InvalidFormatException if the model is of another family, its shape is too small for
   *     the markets, a number is not one that the formulas take, or a coefficient would be outside
   *     its interval
   */
  public static RoundCoefficients build(
      MarginModel model,
      List<Market> markets,
      BigDecimal stablePrice,
      Parameters parameters,
      Margin margin)
      throws InvalidFormatException {
    if (!model.name().equals("derive-srm")) {
      throw new InvalidFormatException(
          "model is '" + model.name() + "', not derive-srm, which this round is for");
    }
    requirePositive("stablePrice", stablePrice);
    return new DeriveSrmRound(model, markets, stablePrice, parameters, margin).build();
  }

  private RoundCoefficients build() throws InvalidFormatException {
    int expiries = model.shape().get("expiries");
    requireFits("markets", markets.size(), model.shape().get("markets"));
    for (int m = 0; m < markets.size(); m++) {
      Market market = markets.get(m);
      String at = "market " + m + ": ";
      requirePositive(at + "spot", market.spot());
      requireConfidence(at + "spotConfidence", market.spotConfidence());
      requireConfidence(at + "perpConfidence", market.perpConfidence());
      requireFits(at + "expiries", market.expiries().size(), expiries);
      perpAndBase(m, market);
      for (int e = 0; e < market.expiries().size(); e++) {
        expiry(at + "expiry " + e + ": ", m * expiries + e, market, market.expiries().get(e));
      }
    }
    return round.toRound();
  }

  private void perpAndBase(int m, Market market) throws InvalidFormatException {
    PerpParameters perp = parameters.perp();
    OracleParameters oracle = parameters.oracle();
    BigDecimal unsure =
        oracle(market.spotConfidence().min(market.perpConfidence()), oracle.perpThreshold());
    BigDecimal surcharge = market.spot().multiply(unsure.add(offPeg()));
    round.put(
        "perpRate",
        market.perpPrice().multiply(initial ? perp.initial() : perp.maintenance()).add(surcharge),
        REQUIREMENT,
        m);
    round.put("basePrice", market.spot().divide(stablePrice, DIGITS), ASSET, m);
    BigDecimal factor = market.baseMarginFactor();
    if (initial) {
      factor =
          factor
              .multiply(market.baseInitialScale())
              .subtract(oracle(market.spotConfidence(), oracle.baseThreshold()));
    }
    round.put("baseMarginRate", market.spot().multiply(factor), ASSET, m);
  }

  /** Surcharge as a fraction of spot while the stable coin is off its peg. */
  private BigDecimal offPeg() {
    PegParameters peg = parameters.peg();
    return initial
        ? peg.threshold().subtract(stablePrice).max(BigDecimal.ZERO).multiply(peg.factor())
        : BigDecimal.ZERO;
  }

  /** Surcharge as a fraction of spot while an oracle is unsure; jumps at the threshold. */
  private BigDecimal oracle(BigDecimal confidence, BigDecimal threshold) {
    return initial && confidence.compareTo(threshold) < 0
        ? BigDecimal.ONE.subtract(confidence).multiply(parameters.oracle().factor())
        : BigDecimal.ZERO;
  }

  private void expiry(String at, int block, Market market, Expiry expiry)
      throws InvalidFormatException {
    int options = model.shape().get("options");
    requireFits(at + "options", expiry.options().size(), options);
    requirePositive(at + "forward", expiry.forward());
    requireConfidence(at + "forwardConfidence", expiry.forwardConfidence());
    requireConfidence(at + "volatilityConfidence", expiry.volatilityConfidence());
    if (expiry.seconds() < 0) {
      throw new InvalidFormatException(
          "market: " + at + "seconds is " + expiry.seconds() + ", below 0");
    }
    OptionParameters option = parameters.option();
    round.put(
        "unpairedRate",
        expiry
            .forward()
            .multiply(initial ? option.unpairedInitial() : option.unpairedMaintenance()),
        REQUIREMENT,
        block);
    BigDecimal unsure =
        oracle(
            market
                .spotConfidence()
                .min(expiry.forwardConfidence())
                .min(expiry.volatilityConfidence()),
            parameters.oracle().optionThreshold());
    round.put("shortRate", market.spot().multiply(unsure.add(offPeg())), REQUIREMENT, block);
    for (int i = 0; i < expiry.options().size(); i++) {
      option(at + "option " + i + ": ", block * options + i, i, market, expiry);
    }
  }

  private void option(String at, int slot, int index, Market market, Expiry expiry)
      throws InvalidFormatException {
    Option option = expiry.options().get(index);
    if (option.strike().signum() < 0 || option.impliedVolatility().signum() < 0) {
      throw new InvalidFormatException("market: " + at + "strike or impliedVolatility is below 0");
    }
    BigDecimal mark =
        DeriveFormulas.optionValue(
            option.call(),
            expiry.forward(),
            option.strike(),
            option.impliedVolatility(),
            DeriveFormulas.years(expiry.seconds()),
            BigDecimal.ONE);
    round.put("mark", mark, TICK, slot);
    round.put("isolatedRate", isolated(market.spot(), option, mark), REQUIREMENT, slot);
    round.put(
        "isCall", option.call() ? BigDecimal.ONE : BigDecimal.ZERO, RoundingMode.UNNECESSARY, slot);
    payoff(slot, 0, option, BigDecimal.ZERO);
    for (int k = 0; k < expiry.options().size(); k++) {
      payoff(slot, k + 1, option, expiry.options().get(k).strike());
    }
  }

  private void payoff(int slot, int column, Option option, BigDecimal settlement)
      throws InvalidFormatException {
    BigDecimal exercised =
        option.call() ? settlement.subtract(option.strike()) : option.strike().subtract(settlement);
    try {
      round.put("payoff", exercised.max(BigDecimal.ZERO), RoundingMode.UNNECESSARY, slot, column);
    } catch (ArithmeticException e) {
      throw new InvalidFormatException(
          "market: strike "
              + option.strike().toPlainString()
              + " or "
              + settlement.toPlainString()
              + " has more decimals than the model");
    }
  }

  /** Margin of one contract short by itself. */
  private BigDecimal isolated(BigDecimal spot, Option option, BigDecimal mark) {
    OptionParameters p = parameters.option();
    BigDecimal maintenance =
        option.call()
            ? mark.add(p.maintenanceCall().multiply(spot))
            : mark.add(
                p.maintenancePut().multiply(spot).max(p.maintenancePutMark().multiply(mark)));
    if (!initial) {
      return maintenance;
    }
    BigDecimal out =
        option.call() ? option.strike().subtract(spot) : spot.subtract(option.strike());
    BigDecimal ratio = out.max(BigDecimal.ZERO).divide(spot, DIGITS);
    BigDecimal ofSpot = p.mostInitial().subtract(ratio).max(p.leastInitial());
    BigDecimal own = mark.add(ofSpot.multiply(spot));
    return option.call() ? own : own.max(p.initialOffset().multiply(maintenance));
  }

  private static void requireFits(String what, int count, int limit) throws InvalidFormatException {
    if (count > limit) {
      throw new InvalidFormatException(
          "market: " + what + " are " + count + ", more than the model's " + limit);
    }
  }

  private static void requirePositive(String field, BigDecimal value)
      throws InvalidFormatException {
    if (value.signum() <= 0) {
      throw new InvalidFormatException(
          "market: " + field + " is " + value.toPlainString() + ", not above 0");
    }
  }

  private static void requireConfidence(String field, BigDecimal value)
      throws InvalidFormatException {
    if (value.signum() < 0 || value.compareTo(BigDecimal.ONE) > 0) {
      throw new InvalidFormatException(
          "market: " + field + " is " + value.toPlainString() + ", not 0 to 1");
    }
  }
}
