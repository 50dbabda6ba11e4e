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
 * Portfolio margin: the worst loss over a grid of scenarios, with delta, vega and liquidity
 * buffers.
 *
 * <pre>
 * equity           = cash + sum_i position_i * mark_i + collateralValue
 * collateralValue  = sum_c (haircutSlope_c * collateral_c
 *                           - sum_k haircutStep_ck * max(0, collateral_c - haircutFrom_ck))
 * scenario loss s  = sum_i position_i * (mark_i - scenarioValue_is)
 * worstLoss        = max(0, loss_1, ..., loss_S)
 * deltaRequirement = sum_u |sum_{i of u} position_i * delta_i| * deltaRate_u
 * vegaBuffer       = sum_u |sum_{i of u} position_i * vega_i| * vegaRate_u
 * liquidityBuffer  = sum_i grossPosition_i * liquidityRate_i
 * requirement      = worstLoss + deltaRequirement + vegaBuffer + liquidityBuffer
 * asserted:          D * equity - N * requirement >= 0
 * </pre>
 *
 * <p>Money has one unit throughout. The instruments of underlying u are the block of slots {@code
 * u*n/k} to {@code (u+1)*n/k - 1}, with n instruments and k underlyings.
 *
 * <p>Holdings, for one attester: {@code position} in contracts (4 decimals, to 100,000 long or
 * short) with its attested magnitude {@code grossPosition}; {@code collateral} in units (6
 * decimals, 0 to 100,000,000); {@code cash} in money (6 decimals, to 1,000,000,000,000 either way;
 * negative cash is a loan).
 *
 * <p>Round: {@code mark} (money for a contract, 4 decimals, 0 to 1,000,000), {@code scenarioValue}
 * (4 decimals, 0 to 1,000,000), {@code delta} (units of the underlying for a contract, 6 decimals,
 * to 1,000 either way), {@code vega} (money for a contract and volatility point, 4 decimals, to
 * 1,000,000 either way), {@code liquidityRate} (money for a contract, 4 decimals, 0 to 1,000,000),
 * {@code deltaRate} (money for a unit of net delta, 4 decimals, 0 to 1,000,000), {@code vegaRate}
 * (money for one money-per-point of net vega, 6 decimals, 0 to 1,000), {@code haircutSlope} and
 * {@code haircutStep} (money for a unit, 4 decimals, 0 to 1,000,000), {@code haircutFrom} (units, 6
 * decimals, 0 to 500,000,000).
 */
public final class PortfolioMargin implements MarginModelFamily {
  /**
   * Most scenario values: more make a model longer than its limit, which takes long to find out.
   */
  private static final int MAX_SCENARIO_VALUES = 1 << 18;

  /** Stateless. */
  public PortfolioMargin() {}

  @Override
  public String name() {
    return "portfolio";
  }

  @Override
  public String description() {
    return "worst loss over a scenario grid, with delta, vega and liquidity buffers";
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        new Parameter("instruments", "slots for instruments", 64, 1, 4096),
        new Parameter("scenarios", "scenarios of the grid", 16, 1, 1024),
        new Parameter("collaterals", "slots for collateral assets", 8, 1, 256),
        new Parameter("tiers", "haircut tiers of each collateral", 4, 1, 16),
        new Parameter("underlyings", "equal blocks of instrument slots", 1, 1, 64),
        Attesters.PARAMETER);
  }

  @Override
  public MarginModel buildResolved(Shape shape) throws InvalidFormatException {
    int instruments = shape.get("instruments");
    int scenarios = shape.get("scenarios");
    int underlyings = shape.get("underlyings");
    int tiers = shape.get("tiers");
    if (instruments % underlyings != 0) {
      throw new InvalidFormatException(
          "shape of portfolio: instruments is "
              + instruments
              + ", not a multiple of underlyings, which is "
              + underlyings);
    }
    if (instruments * scenarios > MAX_SCENARIO_VALUES) {
      throw new InvalidFormatException(
          "shape of portfolio: instruments x scenarios is "
              + instruments * scenarios
              + ", more than "
              + MAX_SCENARIO_VALUES);
    }
    MarginModelBuilder m =
        new MarginModelBuilder(name(), shape, shape.get(Attesters.PARAMETER.name()));

    ExprArray position =
        m.holdings("position")
            .axis("instrument", instruments)
            .scale(4)
            .between("-100000", "100000")
            .array();
    ExprArray grossPosition = m.magnitudeOf("grossPosition", "position");
    ExprArray collateral = Collateral.declare(m, shape.get("collaterals"));
    Expr cash = m.holdings("cash").scale(6).between("-1000000000000", "1000000000000").single();

    ExprArray mark =
        m.round("mark").axis("instrument", instruments).scale(4).between("0", "1000000").array();
    ExprArray scenarioValue =
        m.round("scenarioValue")
            .axis("instrument", instruments)
            .axis("scenario", scenarios)
            .scale(4)
            .between("0", "1000000")
            .array();
    ExprArray delta =
        m.round("delta").axis("instrument", instruments).scale(6).between("-1000", "1000").array();
    ExprArray vega =
        m.round("vega")
            .axis("instrument", instruments)
            .scale(4)
            .between("-1000000", "1000000")
            .array();
    ExprArray liquidityRate =
        m.round("liquidityRate")
            .axis("instrument", instruments)
            .scale(4)
            .between("0", "1000000")
            .array();
    ExprArray deltaRate =
        m.round("deltaRate")
            .axis("underlying", underlyings)
            .scale(4)
            .between("0", "1000000")
            .array();
    ExprArray vegaRate =
        m.round("vegaRate").axis("underlying", underlyings).scale(6).between("0", "1000").array();
    Expr collateralValue = Collateral.value(m, collateral, "kink", tiers);

    Expr positionValue = mark.dot(position);
    Expr equity = m.sum(cash, positionValue, collateralValue);

    List<Expr> losses = new ArrayList<>();
    losses.add(m.constant(0));
    for (int s = 0; s < scenarios; s++) {
      List<Expr> parts = new ArrayList<>();
      for (int i = 0; i < instruments; i++) {
        parts.add(mark.get(i).minus(scenarioValue.get(i, s)).times(position.get(i)));
      }
      losses.add(m.sum(parts));
    }
    Expr worstLoss = m.max(losses);

    List<Expr> deltas = new ArrayList<>();
    List<Expr> vegas = new ArrayList<>();
    int block = instruments / underlyings;
    for (int u = 0; u < underlyings; u++) {
      int from = u * block;
      ExprArray held = position.slice(from, from + block);
      deltas.add(delta.slice(from, from + block).dot(held).abs().times(deltaRate.get(u)));
      vegas.add(vega.slice(from, from + block).dot(held).abs().times(vegaRate.get(u)));
    }
    Expr deltaRequirement = m.sum(deltas);
    Expr vegaBuffer = m.sum(vegas);
    Expr liquidityBuffer = liquidityRate.dot(grossPosition);
    Expr requirement = m.sum(worstLoss, deltaRequirement, vegaBuffer, liquidityBuffer);

    m.assertNonNegative(
        "solvent", m.denominator().times(equity).minus(m.numerator().times(requirement)));
    m.output("equity", equity);
    m.output("requirement", requirement);
    m.output("surplus", equity.minus(requirement));
    m.output("cash", cash);
    m.output("positionValue", positionValue);
    m.output("collateralValue", collateralValue);
    m.output("worstLoss", worstLoss);
    m.output("deltaRequirement", deltaRequirement);
    m.output("vegaBuffer", vegaBuffer);
    m.output("liquidityBuffer", liquidityBuffer);
    return m.build();
  }
}
