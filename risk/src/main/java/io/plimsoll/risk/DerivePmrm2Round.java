package io.plimsoll.risk;

import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.RoundCoefficients;
import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The public side of Derive's portfolio margin: every coefficient of a {@code derive-pmrm2} model
 * from the venue's feeds and parameters, as {@code PMRM_2.sol} and {@code PMRMLib_2.sol} of
 * derivexyz/v2-core compute them. The steps are in {@code docs/models/derive-pmrm2.md}.
 *
 * <h2>Rounding</h2>
 *
 * <p>Exact decimals and doubles taken as exact decimals are rounded once, to the decimals of the
 * tensor:
 *
 * <ul>
 *   <li>up: rates of contingencies, haircuts, loss and basis factors, factors of shorts;
 *   <li>down: collateral prices, factors of longs;
 *   <li>half to even: values of options, prices that scenarios move, dampening and moves. Their
 *       effect depends on the sign of a private position, so that neither direction is against
 *       every owner: a value is within half a unit of its last decimal, for a contract.
 * </ul>
 */
public final class DerivePmrm2Round {
  private static final MathContext DIGITS = MathContext.DECIMAL128;

  /** Of what makes a requirement larger. */
  private static final RoundingMode REQUIREMENT = RoundingMode.CEILING;

  /** Of what makes an asset more valuable. */
  private static final RoundingMode ASSET = RoundingMode.FLOOR;

  /** Of what may do either, by the sign of a private position. */
  private static final RoundingMode EITHER = RoundingMode.HALF_EVEN;

  private static final long TWAP_SECONDS = 1800;
  private static final long THIRTY_DAYS = 30L * 86_400;

  /** Which margin a round is for. */
  public enum Margin {
    /** To trade: all scenarios, all contingencies, confidence and peg. */
    INITIAL,
    /** Not to be liquidated. */
    MAINTENANCE
  }

  /** How a scenario shocks volatility. */
  public enum VolatilityShock {
    UP,
    DOWN,
    NONE,
    /** Skew: up on one side of the forward, down on the other. */
    LINEAR,
    /** Skew: up on both sides. */
    ABS;

    boolean isSkew() {
      return this == LINEAR || this == ABS;
    }
  }

  /**
   * A scenario.
   *
   * @param spotShock spot after the shock, as a multiple
   * @param volatility shock
   * @param dampening factor of the profit or loss
   */
  public record Scenario(BigDecimal spotShock, VolatilityShock volatility, BigDecimal dampening) {}

  /** An option of an expiry. */
  public record Option(BigDecimal strike, boolean call) {}

  /**
   * Raw SVI parameters of an expiry: total variance at log-moneyness k is {@code a + b (rho (k - m)
   * + sqrt((k - m)^2 + sigma^2))}, k relative to {@code forward}, over {@code years}.
   */
  public record Svi(
      BigDecimal a,
      BigDecimal b,
      BigDecimal rho,
      BigDecimal m,
      BigDecimal sigma,
      BigDecimal forward,
      BigDecimal years) {}

  /**
   * An expiry and the feeds of it.
   *
   * @param seconds to expiry, 0 if it is over
   * @param settled part of the forward price that no longer moves, see {@link #floating(BigDecimal,
   *     long)}
   * @param floating part that still does
   * @param forwardConfidence 0 to 1, as all confidences
   * @param rate of interest for a year, continuous; a negative one counts as 0
   * @param svi not looked at when the expiry is over
   * @param options listed
   */
  public record Expiry(
      long seconds,
      BigDecimal settled,
      BigDecimal floating,
      BigDecimal forwardConfidence,
      BigDecimal rate,
      BigDecimal rateConfidence,
      Svi svi,
      BigDecimal volatilityConfidence,
      List<Option> options) {
    /** Copies the options. */
    public Expiry {
      options = List.copyOf(options);
    }

    /**
     * The part of a forward price that floats: all of it, but in the last half hour, when
     * settlement is a mean over time, the part of that half hour that is left; the rest is settled.
     */
    public static BigDecimal floating(BigDecimal forward, long seconds) {
      return forward
          .multiply(BigDecimal.valueOf(Math.min(seconds, TWAP_SECONDS)))
          .divide(BigDecimal.valueOf(TWAP_SECONDS), DIGITS);
    }
  }

  /**
   * A collateral asset.
   *
   * @param price in dollars
   * @param riskCancelling whether scenarios move it
   * @param initialHaircut on top of the one for maintenance
   */
  public record Collateral(
      BigDecimal price,
      BigDecimal confidence,
      boolean riskCancelling,
      BigDecimal maintenanceHaircut,
      BigDecimal initialHaircut) {}

  /** The venue's feeds. Prices are in dollars, {@code stablePrice} that of one unit of cash. */
  public record Market(
      BigDecimal spot,
      BigDecimal spotConfidence,
      BigDecimal perpPrice,
      BigDecimal perpConfidence,
      BigDecimal stablePrice,
      List<Expiry> expiries,
      List<Collateral> collaterals) {
    /** Copies the lists. */
    public Market {
      expiries = List.copyOf(expiries);
      collaterals = List.copyOf(collaterals);
    }
  }

  /** Volatility moves up and down, scaled by time to expiry. */
  public record VolatilityShocks(
      BigDecimal up,
      BigDecimal down,
      BigDecimal shortTermPower,
      BigDecimal longTermPower,
      long floorSeconds,
      BigDecimal leastUp) {}

  /** The cap of a skew shock: {@code base + slope * sqrt(years)}. */
  public record SkewCap(BigDecimal base, BigDecimal slope) {}

  /**
   * Log-moneyness at which a skew shock is capped: {@code max(least, sqrt(years) * scale *
   * (volatility + volatilitySlope * sqrt(years)))}.
   */
  public record SkewWidth(
      BigDecimal least, BigDecimal scale, BigDecimal volatility, BigDecimal volatilitySlope) {}

  /** Loss factors and static discounts. */
  public record LossParameters(
      BigDecimal initialFactor,
      BigDecimal maintenanceFactor,
      BigDecimal longBase,
      BigDecimal longRateMultiple,
      BigDecimal longRateAdded,
      BigDecimal shortBase,
      BigDecimal shortRateMultiple,
      BigDecimal shortRateAdded) {}

  /** Basis contingency. */
  public record BasisParameters(
      BigDecimal spotUp, BigDecimal spotDown, BigDecimal added, BigDecimal multiple) {}

  /** The other contingencies; those of initial margin are on top of those of maintenance. */
  public record ContingencyParameters(
      BigDecimal pegThreshold,
      BigDecimal pegFactor,
      BigDecimal confidenceThreshold,
      BigDecimal confidenceMargin,
      BigDecimal maintenancePerp,
      BigDecimal initialPerp,
      BigDecimal maintenanceOption,
      BigDecimal initialOption) {}

  /** The venue's parameters. */
  public record Parameters(
      List<Scenario> scenarios,
      VolatilityShocks volatilityShocks,
      SkewCap linearSkew,
      SkewCap absSkew,
      SkewWidth skewWidth,
      LossParameters loss,
      BasisParameters basis,
      ContingencyParameters contingency) {
    /** Copies the list. */
    public Parameters {
      scenarios = List.copyOf(scenarios);
    }

    /**
     * The same with the three scenarios that the contract looks at for a trusted risk assessor, who
     * needs maintenance margin alone: basis up, basis down, no move.
     */
    public Parameters forTrustedAssessor() {
      List<Scenario> three = new ArrayList<>();
      for (BigDecimal spot : List.of(basis.spotUp(), basis.spotDown(), BigDecimal.ONE)) {
        three.add(new Scenario(spot, VolatilityShock.NONE, BigDecimal.ONE));
      }
      return new Parameters(
          three, volatilityShocks, linearSkew, absSkew, skewWidth, loss, basis, contingency);
    }
  }

  private final MarginModel model;
  private final Market market;
  private final Parameters parameters;
  private final Margin margin;
  private final CoefficientWriter round;

  private DerivePmrm2Round(MarginModel model, Market market, Parameters parameters, Margin margin) {
    this.model = model;
    this.market = market;
    this.parameters = parameters;
    this.margin = margin;
    this.round = new CoefficientWriter(model);
  }

  /**
   * The round of a market.
   *
   * @throws InvalidFormatException if the model is of another family, its shape is too small for
   *     the market, a number is not one that the formulas take, or a coefficient would be outside
   *     its interval
   */
  public static RoundCoefficients build(
      MarginModel model, Market market, Parameters parameters, Margin margin)
      throws InvalidFormatException {
    if (!model.name().equals("derive-pmrm2")) {
      throw new InvalidFormatException(
          "model is '" + model.name() + "', not derive-pmrm2, which this round is for");
    }
    return new DerivePmrm2Round(model, market, parameters, margin).build();
  }

  /**
   * The slot of every option, by expiry and option as in the market. Options of one strike come
   * first, in pairs of slots.
   *
   * @throws InvalidFormatException if the model has fewer slots
   */
  public static List<List<Integer>> slots(MarginModel model, List<Expiry> expiries)
      throws InvalidFormatException {
    int options = model.shape().get("options");
    int blocks = model.shape().get("expiries");
    requireFits("expiries", expiries.size(), blocks);
    List<List<Integer>> slots = new ArrayList<>();
    for (int e = 0; e < expiries.size(); e++) {
      int start = e * options / blocks;
      List<Option> listed = expiries.get(e).options();
      requireFits("options of expiry " + e, listed.size(), (e + 1) * options / blocks - start);
      slots.add(slots(start, listed));
    }
    return slots;
  }

  private static List<Integer> slots(int start, List<Option> listed) throws InvalidFormatException {
    Map<BigDecimal, List<Integer>> strikes = new HashMap<>();
    for (int i = 0; i < listed.size(); i++) {
      Option option = listed.get(i);
      List<Integer> same =
          strikes.computeIfAbsent(option.strike().stripTrailingZeros(), k -> new ArrayList<>());
      if (same.stream().anyMatch(other -> listed.get(other).call() == option.call())) {
        throw new InvalidFormatException(
            "market: the "
                + (option.call() ? "call" : "put")
                + " at strike "
                + option.strike().toPlainString()
                + " is listed twice");
      }
      same.add(i);
    }
    Integer[] slots = new Integer[listed.size()];
    int next = start;
    for (int size = 2; size >= 1; size--) {
      for (Option option : listed) {
        List<Integer> same = strikes.get(option.strike().stripTrailingZeros());
        if (same.size() == size && slots[same.get(0)] == null) {
          for (int i : same) {
            slots[i] = next++;
          }
        }
      }
    }
    return Arrays.asList(slots);
  }

  private static void requireFits(String what, int count, int limit) throws InvalidFormatException {
    if (count > limit) {
      throw new InvalidFormatException(
          "market: " + what + " are " + count + ", more than the model's " + limit);
    }
  }

  private RoundCoefficients build() throws InvalidFormatException {
    checkMarket();
    List<Integer> scenarioSlots = scenarioSlots();
    List<List<Integer>> slots = slots(model, market.expiries());
    int pair = 0;
    int options = model.shape().get("options");
    int blocks = model.shape().get("expiries");
    for (int e = 0; e < blocks; e++) {
      int start = e * options / blocks;
      int end = (e + 1) * options / blocks;
      if (e < market.expiries().size()) {
        Expiry expiry = market.expiries().get(e);
        options(expiry, slots.get(e), scenarioSlots);
        discounts(e, expiry, scenarioSlots);
        confidence(e, expiry);
        for (int p = 0; p < coveredStrikes(expiry); p++) {
          round.put("sameStrike", BigDecimal.ONE, RoundingMode.UNNECESSARY, pair + p);
        }
      }
      pair += (end - start) / 2;
    }
    for (int s = 0; s < scenarioSlots.size(); s++) {
      Scenario scenario = parameters.scenarios().get(s);
      int slot = scenarioSlots.get(s);
      round.put("dampening", scenario.dampening(), EITHER, slot);
      round.put(
          "spotMove",
          scenario.spotShock().subtract(BigDecimal.ONE).multiply(scenario.dampening()),
          EITHER,
          slot);
    }
    contingencies();
    collaterals();
    return round.toRound();
  }

  private void checkMarket() throws InvalidFormatException {
    requireAtLeast("spot", market.spot(), BigDecimal.ZERO);
    if (market.stablePrice().signum() <= 0) {
      throw new InvalidFormatException(
          "market: stablePrice is " + market.stablePrice().toPlainString() + ", not above 0");
    }
    requireConfidence("spotConfidence", market.spotConfidence());
    requireConfidence("perpConfidence", market.perpConfidence());
    for (int e = 0; e < market.expiries().size(); e++) {
      Expiry expiry = market.expiries().get(e);
      String at = "expiry " + e + ": ";
      if (expiry.seconds() < 0) {
        throw new InvalidFormatException(
            "market: " + at + "seconds is " + expiry.seconds() + ", below 0");
      }
      requireAtLeast(at + "settled", expiry.settled(), BigDecimal.ZERO);
      requireAtLeast(at + "floating", expiry.floating(), BigDecimal.ZERO);
      if (expiry.settled().add(expiry.floating()).signum() == 0) {
        throw new InvalidFormatException("market: " + at + "forward is 0, not above 0");
      }
      requireConfidence(at + "forwardConfidence", expiry.forwardConfidence());
      requireConfidence(at + "rateConfidence", expiry.rateConfidence());
      requireConfidence(at + "volatilityConfidence", expiry.volatilityConfidence());
      if (expiry.seconds() > 0
          && (expiry.svi().forward().signum() <= 0 || expiry.svi().years().signum() <= 0)) {
        throw new InvalidFormatException(
            "market: " + at + "forward or years of its SVI parameters is not above 0");
      }
      for (Option option : expiry.options()) {
        if (option.strike().signum() <= 0) {
          throw new InvalidFormatException(
              "market: " + at + "strike is " + option.strike().toPlainString() + ", not above 0");
        }
      }
    }
    for (int c = 0; c < market.collaterals().size(); c++) {
      requireAtLeast(
          "collateral " + c + ": price", market.collaterals().get(c).price(), BigDecimal.ZERO);
      requireConfidence(
          "collateral " + c + ": confidence", market.collaterals().get(c).confidence());
    }
  }

  private static void requireConfidence(String field, BigDecimal value)
      throws InvalidFormatException {
    requireAtLeast(field, value, BigDecimal.ZERO);
    if (value.compareTo(BigDecimal.ONE) > 0) {
      throw new InvalidFormatException(
          "market: " + field + " is " + value.toPlainString() + ", above 1");
    }
  }

  private static void requireAtLeast(String field, BigDecimal value, BigDecimal least)
      throws InvalidFormatException {
    if (value.compareTo(least) < 0) {
      throw new InvalidFormatException(
          "market: " + field + " is " + value.toPlainString() + ", below " + least.toPlainString());
    }
  }

  /** Skew scenarios have the last slots, all others the first ones. */
  private List<Integer> scenarioSlots() throws InvalidFormatException {
    int skewSlots = model.shape().get("skewScenarios");
    int plainSlots = model.shape().get("scenarios") - skewSlots;
    List<Integer> slots = new ArrayList<>();
    int plain = 0;
    int skew = 0;
    for (Scenario scenario : parameters.scenarios()) {
      if (scenario.volatility().isSkew()) {
        slots.add(plainSlots + skew++);
      } else {
        slots.add(plain++);
      }
    }
    requireFits("scenarios that are no skews", plain, plainSlots);
    requireFits("skew scenarios", skew, skewSlots);
    return slots;
  }

  private static int coveredStrikes(Expiry expiry) {
    return expiry.options().size()
        - (int)
            expiry.options().stream()
                .map(option -> option.strike().stripTrailingZeros())
                .distinct()
                .count();
  }

  private void options(Expiry expiry, List<Integer> slots, List<Integer> scenarioSlots)
      throws InvalidFormatException {
    Pricing pricing = new Pricing(expiry, parameters);
    for (int i = 0; i < slots.size(); i++) {
      Option option = expiry.options().get(i);
      int slot = slots.get(i);
      BigDecimal volatility =
          expiry.seconds() == 0
              ? BigDecimal.ZERO
              : DeriveFormulas.volatility(expiry.svi(), option.strike());
      round.put(
          "mark",
          pricing.shocked(option, volatility, BigDecimal.ONE, VolatilityShock.NONE),
          EITHER,
          slot);
      for (int s = 0; s < scenarioSlots.size(); s++) {
        Scenario scenario = parameters.scenarios().get(s);
        round.put(
            "scenarioValue",
            pricing.shocked(option, volatility, scenario.spotShock(), scenario.volatility()),
            EITHER,
            slot,
            scenarioSlots.get(s));
      }
      List<BigDecimal> shocks = List.of(parameters.basis().spotUp(), parameters.basis().spotDown());
      for (int b = 0; b < shocks.size(); b++) {
        round.put(
            "basisValue",
            pricing.shocked(option, volatility, shocks.get(b), VolatilityShock.NONE),
            EITHER,
            slot,
            b);
      }
    }
  }

  /** Values of the options of one expiry after shocks. */
  private static final class Pricing {
    private final Expiry expiry;
    private final Parameters parameters;
    private final BigDecimal years;
    private final BigDecimal discount;
    private final BigDecimal upMultiplier;
    private final BigDecimal downMultiplier;

    private Pricing(Expiry expiry, Parameters parameters) throws InvalidFormatException {
      this.expiry = expiry;
      this.parameters = parameters;
      years = DeriveFormulas.years(expiry.seconds());
      discount = DeriveFormulas.discount(expiry.rate(), years);
      VolatilityShocks shocks = parameters.volatilityShocks();
      // At expiry volatility is worth nothing, whatever it is multiplied by.
      BigDecimal term =
          expiry.seconds() == 0
              ? BigDecimal.ZERO
              : DeriveFormulas.termMultiplier(
                  expiry.seconds(),
                  shocks.floorSeconds(),
                  expiry.seconds() <= THIRTY_DAYS
                      ? shocks.shortTermPower()
                      : shocks.longTermPower());
      upMultiplier = BigDecimal.ONE.add(shocks.up().multiply(term));
      downMultiplier = BigDecimal.ONE.subtract(shocks.down().multiply(term)).max(BigDecimal.ZERO);
    }

    /** Skew shocks leave the forward where it is. */
    private BigDecimal shocked(
        Option option, BigDecimal volatility, BigDecimal spotShock, VolatilityShock shock)
        throws InvalidFormatException {
      BigDecimal spot = shock.isSkew() ? BigDecimal.ONE : spotShock;
      BigDecimal forward = expiry.settled().add(expiry.floating().multiply(spot));
      BigDecimal shocked =
          switch (shock) {
            case NONE -> volatility;
            case UP ->
                volatility.multiply(upMultiplier).max(parameters.volatilityShocks().leastUp());
            case DOWN -> volatility.multiply(downMultiplier);
            case LINEAR, ABS ->
                expiry.seconds() == 0
                    ? volatility
                    : volatility.multiply(skew(option, forward, shock));
          };
      return DeriveFormulas.optionValue(
          option.call(), forward, option.strike(), shocked, years, discount);
    }

    private BigDecimal skew(Option option, BigDecimal forward, VolatilityShock shock)
        throws InvalidFormatException {
      boolean linear = shock == VolatilityShock.LINEAR;
      SkewCap cap = linear ? parameters.linearSkew() : parameters.absSkew();
      return DeriveFormulas.skewMultiplier(
          linear, option.strike(), forward, years, cap.base(), cap.slope(), parameters.skewWidth());
    }
  }

  private void discounts(int e, Expiry expiry, List<Integer> scenarioSlots)
      throws InvalidFormatException {
    BigDecimal years = DeriveFormulas.years(expiry.seconds());
    LossParameters loss = parameters.loss();
    BigDecimal longs =
        DeriveFormulas.longDiscount(
            loss.longBase(), years, expiry.rate(), loss.longRateMultiple(), loss.longRateAdded());
    BigDecimal shorts =
        DeriveFormulas.shortDiscount(
            loss.shortBase(),
            years,
            expiry.rate(),
            loss.shortRateMultiple(),
            loss.shortRateAdded());
    for (int s = 0; s < scenarioSlots.size(); s++) {
      BigDecimal dampening = parameters.scenarios().get(s).dampening();
      int slot = scenarioSlots.get(s);
      round.put("longFactor", longs.multiply(dampening), ASSET, e, slot);
      round.put("shortFactor", shorts.multiply(dampening), REQUIREMENT, e, slot);
    }
    BasisParameters basis = parameters.basis();
    round.put("basisFactor", basis.added().add(basis.multiple().multiply(years)), REQUIREMENT, e);
  }

  private void confidence(int e, Expiry expiry) throws InvalidFormatException {
    if (margin == Margin.MAINTENANCE) {
      return;
    }
    BigDecimal alone =
        market
            .spotConfidence()
            .min(expiry.forwardConfidence())
            .min(expiry.rateConfidence())
            .min(expiry.volatilityConfidence());
    BigDecimal rate = market.spot().multiply(confidenceHaircut(alone));
    BigDecimal withPerp =
        market.spot().multiply(confidenceHaircut(alone.min(market.perpConfidence())));
    round.put("optionConfidenceRate", rate, REQUIREMENT, e);
    round.put("optionConfidencePerpExtra", withPerp.subtract(rate), REQUIREMENT, e);
  }

  /** Fraction of value that low confidence costs: jumps at the threshold. */
  private BigDecimal confidenceHaircut(BigDecimal confidence) {
    ContingencyParameters contingency = parameters.contingency();
    return confidence.compareTo(contingency.confidenceThreshold()) < 0
        ? BigDecimal.ONE.subtract(confidence).multiply(contingency.confidenceMargin())
        : BigDecimal.ZERO;
  }

  private void contingencies() throws InvalidFormatException {
    ContingencyParameters contingency = parameters.contingency();
    LossParameters loss = parameters.loss();
    BigDecimal spot = market.spot();
    round.put("perpPrice", market.perpPrice(), EITHER);
    round.put("perpMaintenanceRate", spot.multiply(contingency.maintenancePerp()), REQUIREMENT);
    round.put("optionMaintenanceRate", spot.multiply(contingency.maintenanceOption()), REQUIREMENT);
    if (margin == Margin.MAINTENANCE) {
      round.put("lossFactor", loss.maintenanceFactor(), REQUIREMENT);
      return;
    }
    BigDecimal offPeg =
        contingency.pegThreshold().subtract(market.stablePrice()).max(BigDecimal.ZERO);
    round.put(
        "lossFactor",
        loss.initialFactor().add(offPeg.multiply(contingency.pegFactor())),
        REQUIREMENT);
    round.put("perpInitialRate", spot.multiply(contingency.initialPerp()), REQUIREMENT);
    round.put("optionInitialRate", spot.multiply(contingency.initialOption()), REQUIREMENT);
    round.put(
        "perpConfidenceRate",
        spot.multiply(confidenceHaircut(market.spotConfidence().min(market.perpConfidence()))),
        REQUIREMENT);
  }

  private void collaterals() throws InvalidFormatException {
    requireFits("collaterals", market.collaterals().size(), model.shape().get("collaterals"));
    for (int c = 0; c < market.collaterals().size(); c++) {
      Collateral collateral = market.collaterals().get(c);
      BigDecimal price = collateral.price().divide(market.stablePrice(), DIGITS);
      round.put("collateralPrice", price, ASSET, c);
      if (collateral.riskCancelling()) {
        round.put("cancellingPrice", price, EITHER, c);
      }
      round.put("maintenanceHaircut", collateral.maintenanceHaircut(), REQUIREMENT, c);
      if (margin == Margin.INITIAL) {
        round.put("initialHaircut", collateral.initialHaircut(), REQUIREMENT, c);
        round.put(
            "confidenceHaircut",
            confidenceHaircut(market.spotConfidence().min(collateral.confidence())),
            REQUIREMENT,
            c);
      }
    }
  }
}
