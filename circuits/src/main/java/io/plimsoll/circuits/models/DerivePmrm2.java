package io.plimsoll.circuits.models;

import io.plimsoll.circuits.Expr;
import io.plimsoll.circuits.ExprArray;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModelBuilder;
import io.plimsoll.circuits.MarginModelFamily;
import io.plimsoll.circuits.Shape;
import io.plimsoll.verifier.InvalidFormatException;
import java.util.ArrayList;
import java.util.List;

/**
 * Derive's portfolio margin manager, second version (PMRM_2): the worst of a grid of scenarios and
 * of a basis contingency, with discounts on each expiry's value, skew scenarios, and contingencies
 * for perpetuals, naked options, collateral and oracles of low confidence. One underlying. Source:
 * derivexyz/v2-core, {@code PMRM_2.sol} and {@code PMRMLib_2.sol}; every step in {@code
 * docs/models/derive-pmrm2.md}.
 *
 * <pre>
 * expiryValue_e       = sum_{i of e} position_i * mark_i                     at the present market
 * expiryValue_es      = sum_{i of e} position_i * scenarioValue_is
 * discounted_es       = longFactor_es * max(0, expiryValue_es) - shortFactor_es * max(0, -expiryValue_es)
 * expiryPnl_es        = discounted_es - dampening_s * expiryValue_e
 * expiryPnl_es        = -|expiryPnl_es|                                      in skew scenarios
 * scenarioPnl_s       = sum_e expiryPnl_es + spotMove_s * movesWithSpot
 * movesWithSpot       = perp * perpPrice + sum_c collateral_c * cancellingPrice_c
 * basisContingency    = sum_e basisFactor_e * min(0, basisUp_e - expiryValue_e, basisDown_e - expiryValue_e)
 * worstLoss           = min(basisContingency, scenarioPnl_1, ..., scenarioPnl_S)
 * contingencies       = perp + option + collateral, of maintenance and of initial margin, + confidence
 * requirement         = -lossFactor * worstLoss + contingencies
 * equity              = cash + sum_e expiryValue_e + collateralValue
 * asserted:             D * equity - N * requirement >= 0
 * </pre>
 *
 * <p>The contract calls {@code equity - requirement} margin and wants it to be at least zero: that
 * is the threshold 1. Initial and maintenance margin are the same circuit with other coefficients:
 * a round for maintenance has the maintenance loss factor and zero for every coefficient of the
 * initial contingencies and of confidence.
 *
 * <p>Dampening is folded into public coefficients: {@code longFactor_es} is the static discount of
 * the expiry for a value of at least zero times the scenario's dampening, {@code shortFactor_es}
 * that for a value below zero, {@code spotMove_s} the relative move of spot times dampening. Which
 * of the two discounts is larger does not matter: the sign is exact.
 *
 * <p>The options of expiry e are the block of slots {@code e*n/k} to {@code (e+1)*n/k - 1}, with n
 * options and k expiries. Slots 2j and 2j+1 of a block are a pair; {@code sameStrike} is 1 where
 * they are the call and the put of one strike, whose net short is what counts as naked. The last
 * {@code skewScenarios} scenarios are the skew scenarios. A scenario slot without use has factors
 * of zero: a loss of zero never counts.
 */
public final class DerivePmrm2 implements MarginModelFamily {
  /**
   * Decimals and bounds. Money is that of the venue's cash.
   *
   * @param quantityScale decimals of positions
   * @param quantity most contracts of one slot, long or short
   * @param collateralScale decimals of collateral
   * @param collateral most units of a collateral asset
   * @param valueScale decimals of what an option is worth and of prices that scenarios move
   * @param value most that an option or a unit of anything is worth
   * @param priceScale decimals of collateral prices and of rates in money for a unit
   * @param discountScale decimals of static discounts and of dampening
   * @param moveScale decimals of moves of spot
   * @param discount highest static discount, move or dampening, each with dampening
   * @param factorScale decimals of the loss factor
   * @param fractionScale decimals of basis factors and haircuts
   * @param factor highest loss or basis factor or haircut
   * @param cashScale decimals of cash
   * @param cash most cash, owed or owned
   */
  private record Precision(
      int quantityScale,
      String quantity,
      int collateralScale,
      String collateral,
      int valueScale,
      String value,
      int priceScale,
      int discountScale,
      int moveScale,
      String discount,
      int factorScale,
      int fractionScale,
      String factor,
      int cashScale,
      String cash) {
    /** Reproduces the published figures to 1e-8 of their size. */
    static final Precision REFERENCE =
        new Precision(
            8,
            "10000",
            8,
            "10000000",
            7,
            "10000000",
            10,
            12,
            12,
            "100",
            9,
            10,
            "1000",
            9,
            "1000000000");

    /** For a venue: lots and ticks of 0.01. */
    static final Precision PRODUCTION =
        new Precision(
            2,
            "100000",
            4,
            "100000000",
            2,
            "1000000",
            4,
            6,
            4,
            "16",
            4,
            4,
            "64",
            6,
            "1000000000000");
  }

  /** Stateless. */
  public DerivePmrm2() {}

  @Override
  public String name() {
    return "derive-pmrm2";
  }

  @Override
  public String description() {
    return "Derive's portfolio margin (PMRM_2): scenarios, skews, basis and contingencies";
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        new Parameter("options", "slots for options, in equal blocks by expiry", 80, 1, 1024),
        new Parameter("expiries", "slots for expiries", 7, 1, 64),
        new Parameter("scenarios", "scenarios, skew scenarios included", 31, 1, 64),
        new Parameter("skewScenarios", "how many of the scenarios are skews", 2, 0, 8),
        new Parameter("collaterals", "slots for collateral assets", 9, 1, 64),
        new Parameter(
            "reference", "1 for the decimals that reproduce published figures, else 0", 0, 0, 1),
        Attesters.PARAMETER);
  }

  @Override
  public MarginModel buildResolved(Shape shape) throws InvalidFormatException {
    requirePlausible(shape);
    return new Builder(
            new MarginModelBuilder(name(), shape, shape.get(Attesters.PARAMETER.name())),
            shape,
            shape.get("reference") == 1 ? Precision.REFERENCE : Precision.PRODUCTION)
        .build();
  }

  private void requirePlausible(Shape shape) throws InvalidFormatException {
    int options = shape.get("options");
    int scenarios = shape.get("scenarios");
    require(
        shape.get("expiries") <= options,
        "expiries is " + shape.get("expiries") + ", more than options, which is " + options);
    require(
        shape.get("skewScenarios") <= scenarios,
        "skewScenarios is "
            + shape.get("skewScenarios")
            + ", more than scenarios, which is "
            + scenarios);
  }

  private void require(boolean condition, String message) throws InvalidFormatException {
    if (!condition) {
      throw new InvalidFormatException("shape of " + name() + ": " + message);
    }
  }

  /** The first slot of an expiry's block, and the end of the one before. */
  private static int blockStart(int options, int expiries, int expiry) {
    return expiry * options / expiries;
  }

  /** The rule, a part at a time. */
  private static final class Builder {
    private static final String OPTION = "option";
    private static final String EXPIRY = "expiry";
    private static final String SCENARIO = "scenario";
    private static final String COLLATERAL = "collateral";

    private final MarginModelBuilder m;
    private final Precision precision;
    private final int options;
    private final int expiries;
    private final int scenarios;
    private final int skews;

    private final ExprArray position;
    private final ExprArray grossPosition;
    private final Expr perp;
    private final Expr grossPerp;
    private final ExprArray collateral;
    private final Expr cash;

    private Builder(MarginModelBuilder m, Shape shape, Precision precision) {
      this.m = m;
      this.precision = precision;
      this.options = shape.get("options");
      this.expiries = shape.get("expiries");
      this.scenarios = shape.get("scenarios");
      this.skews = shape.get("skewScenarios");
      String most = precision.quantity();
      position =
          m.holdings("position")
              .axis(OPTION, options)
              .scale(precision.quantityScale())
              .between("-" + most, most)
              .array();
      grossPosition = m.magnitudeOf("grossPosition", "position");
      perp = m.holdings("perp").scale(precision.quantityScale()).between("-" + most, most).single();
      grossPerp = m.magnitudeOf("grossPerp", "perp").get(0);
      collateral =
          m.holdings("collateral")
              .axis(COLLATERAL, shape.get("collaterals"))
              .scale(precision.collateralScale())
              .between("0", precision.collateral())
              .array();
      cash =
          m.holdings("cash")
              .scale(precision.cashScale())
              .between("-" + precision.cash(), precision.cash())
              .single();
    }

    private MarginModel build() {
      // Options: values at the present market, in scenarios and at the basis shocks.
      ExprArray mark = values("mark").array();
      ExprArray scenarioValue = values("scenarioValue").axis(SCENARIO, scenarios).array();
      ExprArray basisValue = values("basisValue").axis("basis", 2).array();
      List<Expr> expiryValues = new ArrayList<>();
      for (int e = 0; e < expiries; e++) {
        expiryValues.add(expirySum(e, mark));
      }
      Expr optionValue = m.sum(expiryValues);

      Collateral held = collateral();
      Expr perpPrice =
          m.round("perpPrice")
              .scale(precision.valueScale())
              .between("0", precision.value())
              .single();
      Expr movesWithSpot = perp.times(perpPrice).plus(held.riskCancelling());

      List<Expr> losses = scenarioPnls(scenarioValue, expiryValues, optionValue, movesWithSpot);
      for (int s = 0; s < scenarios; s++) {
        m.output("scenarioPnl." + s, losses.get(s));
      }
      Expr basisContingency = basisContingency(basisValue, expiryValues);
      losses.add(basisContingency);
      Expr worstLoss = m.min(losses);
      Expr lossFactor =
          m.round("lossFactor")
              .scale(precision.factorScale())
              .between("0", precision.factor())
              .single();

      Expr perpMaintenance = grossPerp.times(rate("perpMaintenanceRate"));
      Expr perpInitial = grossPerp.times(rate("perpInitialRate"));
      Expr naked = nakedOptions();
      Expr optionMaintenance = naked.times(rate("optionMaintenanceRate"));
      Expr optionInitial = naked.times(rate("optionInitialRate"));
      Expr confidence =
          m.sum(grossPerp.times(rate("perpConfidenceRate")), optionConfidence(), held.confidence());
      Expr maintenance = m.sum(perpMaintenance, optionMaintenance, held.maintenance());
      Expr initial = m.sum(perpInitial, optionInitial, held.initial(), confidence);

      Expr equity = m.sum(cash, optionValue, held.value());
      Expr requirement = m.sum(worstLoss.times(lossFactor).negate(), maintenance, initial);
      m.assertNonNegative(
          "solvent", m.denominator().times(equity).minus(m.numerator().times(requirement)));

      m.output("equity", equity);
      m.output("requirement", requirement);
      m.output("margin", equity.minus(requirement));
      m.output("optionValue", optionValue);
      for (int e = 0; e < expiries; e++) {
        m.output("expiryValue." + e, expiryValues.get(e));
      }
      m.output("collateralValue", held.value());
      m.output("basisContingency", basisContingency);
      m.output("worstLoss", worstLoss);
      m.output("perpMaintenance", perpMaintenance);
      m.output("perpInitial", perpInitial);
      m.output("optionMaintenance", optionMaintenance);
      m.output("optionInitial", optionInitial);
      m.output("collateralMaintenance", held.maintenance());
      m.output("collateralInitial", held.initial());
      m.output("confidence", confidence);
      return m.build();
    }

    private List<Expr> scenarioPnls(
        ExprArray scenarioValue, List<Expr> expiryValues, Expr optionValue, Expr movesWithSpot) {
      ExprArray longFactor = discount("longFactor").axis(SCENARIO, scenarios).array();
      ExprArray shortFactor = discount("shortFactor").axis(SCENARIO, scenarios).array();
      ExprArray dampening =
          m.round("dampening")
              .axis(SCENARIO, scenarios)
              .scale(precision.discountScale())
              .between("0", precision.discount())
              .array();
      ExprArray spotMove =
          m.round("spotMove")
              .axis(SCENARIO, scenarios)
              .scale(precision.moveScale())
              .between("-" + precision.discount(), precision.discount())
              .array();
      List<Expr> pnls = new ArrayList<>();
      for (int s = 0; s < scenarios; s++) {
        boolean skew = s >= scenarios - skews;
        List<Expr> parts = new ArrayList<>();
        for (int e = 0; e < expiries; e++) {
          Expr value = expirySum(e, scenarioValue, s);
          // One sign gadget: relu of a node and of its negative share it.
          Expr discounted =
              longFactor
                  .get(e, s)
                  .times(value.relu())
                  .minus(shortFactor.get(e, s).times(value.negate().relu()));
          parts.add(
              skew
                  ? discounted.minus(dampening.get(s).times(expiryValues.get(e))).abs().negate()
                  : discounted);
        }
        if (!skew) {
          parts.add(dampening.get(s).times(optionValue).negate());
        }
        parts.add(spotMove.get(s).times(movesWithSpot));
        pnls.add(m.sum(parts));
      }
      return pnls;
    }

    private Expr basisContingency(ExprArray basisValue, List<Expr> expiryValues) {
      ExprArray basisFactor = factor("basisFactor").axis(EXPIRY, expiries).array();
      List<Expr> parts = new ArrayList<>();
      for (int e = 0; e < expiries; e++) {
        Expr worse = expirySum(e, basisValue, 0).min(expirySum(e, basisValue, 1));
        parts.add(basisFactor.get(e).times(expiryValues.get(e).minus(worse).relu().negate()));
      }
      return m.sum(parts);
    }

    /** Contracts short that no contract of the other kind at the same strike covers. */
    private Expr nakedOptions() {
      int pairs = 0;
      for (int e = 0; e < expiries; e++) {
        pairs += (start(e + 1) - start(e)) / 2;
      }
      ExprArray sameStrike =
          pairs == 0 ? null : m.round("sameStrike").axis("pair", pairs).between("0", "1").array();
      List<Expr> naked = new ArrayList<>();
      int pair = 0;
      for (int e = 0; e < expiries; e++) {
        int end = start(e + 1);
        int i = start(e);
        for (; i + 1 < end; i += 2) {
          Expr same = sameStrike.get(pair++);
          Expr first = position.get(i);
          Expr second = position.get(i + 1);
          naked.add(first.plus(same.times(second)).negate().relu());
          naked.add(m.constant(1).minus(same).times(shortOf(i + 1)));
        }
        if (i < end) {
          naked.add(shortOf(i));
        }
      }
      return m.sum(naked);
    }

    /** {@code max(0, -position)} by its attested magnitude: no decomposition. */
    private Expr shortOf(int option) {
      return grossPosition.get(option).minus(position.get(option)).times("0.5");
    }

    /** On the gross number of contracts of each expiry; a perpetual held may lower confidence. */
    private Expr optionConfidence() {
      ExprArray rate = rates("optionConfidenceRate").axis(EXPIRY, expiries).array();
      ExprArray extra = rates("optionConfidencePerpExtra").axis(EXPIRY, expiries).array();
      List<Expr> alone = new ArrayList<>();
      List<Expr> withPerp = new ArrayList<>();
      for (int e = 0; e < expiries; e++) {
        Expr gross = grossPosition.slice(start(e), start(e + 1)).sum();
        alone.add(rate.get(e).times(gross));
        withPerp.add(extra.get(e).times(gross));
      }
      return m.sum(alone).plus(m.sum(withPerp).times(perp.isNonZero()));
    }

    private record Collateral(
        Expr value, Expr riskCancelling, Expr maintenance, Expr initial, Expr confidence) {}

    private Collateral collateral() {
      ExprArray price =
          m.round("collateralPrice")
              .axis(COLLATERAL, collateral.size())
              .scale(precision.priceScale())
              .between("0", precision.value())
              .array();
      ExprArray cancellingPrice =
          m.round("cancellingPrice")
              .axis(COLLATERAL, collateral.size())
              .scale(precision.valueScale())
              .between("0", precision.value())
              .array();
      ExprArray maintenance = haircuts("maintenanceHaircut");
      ExprArray initial = haircuts("initialHaircut");
      ExprArray confidence = haircuts("confidenceHaircut");
      List<Expr> values = new ArrayList<>();
      for (int c = 0; c < collateral.size(); c++) {
        values.add(price.get(c).times(collateral.get(c)));
      }
      return new Collateral(
          m.sum(values),
          cancellingPrice.dot(collateral),
          weighted(values, maintenance),
          weighted(values, initial),
          weighted(values, confidence));
    }

    private Expr weighted(List<Expr> values, ExprArray weights) {
      List<Expr> parts = new ArrayList<>();
      for (int c = 0; c < values.size(); c++) {
        parts.add(weights.get(c).times(values.get(c)));
      }
      return m.sum(parts);
    }

    private int start(int expiry) {
      return blockStart(options, expiries, expiry);
    }

    private Expr expirySum(int expiry, ExprArray table, int... column) {
      List<Expr> parts = new ArrayList<>();
      for (int i = start(expiry); i < start(expiry + 1); i++) {
        Expr value = column.length == 0 ? table.get(i) : table.get(i, column[0]);
        parts.add(value.times(position.get(i)));
      }
      return m.sum(parts);
    }

    private MarginModelBuilder.Declaration values(String tensor) {
      return m.round(tensor)
          .axis(OPTION, options)
          .scale(precision.valueScale())
          .between("0", precision.value());
    }

    private MarginModelBuilder.Declaration discount(String tensor) {
      return m.round(tensor)
          .axis(EXPIRY, expiries)
          .scale(precision.discountScale())
          .between("0", precision.discount());
    }

    private MarginModelBuilder.Declaration factor(String tensor) {
      return m.round(tensor).scale(precision.fractionScale()).between("0", precision.factor());
    }

    private ExprArray haircuts(String tensor) {
      return factor(tensor).axis(COLLATERAL, collateral.size()).array();
    }

    private MarginModelBuilder.Declaration rates(String tensor) {
      return m.round(tensor).scale(precision.priceScale()).between("0", "100000000");
    }

    private Expr rate(String tensor) {
      return rates(tensor).single();
    }
  }
}
