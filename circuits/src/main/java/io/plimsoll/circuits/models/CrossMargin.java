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
 * Cross margin: one pool of equity against rates for each instrument that grow with size.
 *
 * <pre>
 * equity          = cash + sum_i position_i * mark_i + collateralValue
 * collateralValue = sum_c min_t (haircutSlope_ct * collateral_c + haircutIntercept_ct)
 * requirement_i   = max_t (marginSlope_it * grossPosition_i + marginIntercept_it)
 * requirement     = sum_i requirement_i
 * asserted:         D * equity - N * requirement >= 0
 * </pre>
 *
 * <p>Rates that do not fall from size tier to size tier make the requirement a convex function of
 * size, and a convex piecewise linear function is the largest of its lines; the first line's
 * intercept is 0, the others' are at most 0. Initial, maintenance and close-out margin are this
 * circuit with other coefficients or another threshold.
 *
 * <p>Holdings, for one attester: {@code position} in contracts (4 decimals, to 1,000,000,000 long
 * or short) with its attested magnitude {@code grossPosition}; {@code collateral} in units (6
 * decimals, 0 to 1,000,000,000); {@code cash} in money (6 decimals, to 1,000,000,000,000 either
 * way). A future or perpetual held at an entry price is a position with {@code -position * entry
 * price} of cash.
 *
 * <p>Round: {@code mark} (money for a contract, 6 decimals, 0 to 1,000,000), {@code marginSlope}
 * (money for a contract, 6 decimals, 0 to 1,000,000), {@code marginIntercept} (money, 4 decimals,
 * -1,000,000,000,000 to 0), {@code haircutSlope} (money for a unit, 4 decimals, 0 to 1,000,000),
 * {@code haircutIntercept} (money, 4 decimals, 0 to 1,000,000,000,000).
 */
public final class CrossMargin implements MarginModelFamily {
  /** Stateless. */
  public CrossMargin() {}

  @Override
  public String name() {
    return "cross";
  }

  @Override
  public String description() {
    return "rates with size tiers for each instrument, against one pool of equity";
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        new Parameter("instruments", "slots for instruments", 16, 1, 4096),
        new Parameter("tiers", "size tiers of each instrument", 3, 1, 16),
        new Parameter("collaterals", "slots for collateral assets", 4, 1, 256),
        new Parameter("collateralTiers", "haircut tiers of each collateral", 3, 1, 16),
        Attesters.PARAMETER);
  }

  @Override
  public MarginModel buildResolved(Shape shape) throws InvalidFormatException {
    int instruments = shape.get("instruments");
    int tiers = shape.get("tiers");
    MarginModelBuilder m =
        new MarginModelBuilder(name(), shape, shape.get(Attesters.PARAMETER.name()));

    ExprArray position =
        m.holdings("position")
            .axis("instrument", instruments)
            .scale(4)
            .between("-1000000000", "1000000000")
            .array();
    ExprArray grossPosition = m.magnitudeOf("grossPosition", "position");
    ExprArray collateral = Haircuts.declareCollateral(m, shape.get("collaterals"));
    Expr cash = m.holdings("cash").scale(6).between("-1000000000000", "1000000000000").single();

    ExprArray mark =
        m.round("mark").axis("instrument", instruments).scale(6).between("0", "1000000").array();
    ExprArray marginSlope =
        m.round("marginSlope")
            .axis("instrument", instruments)
            .axis("tier", tiers)
            .scale(6)
            .between("0", "1000000")
            .array();
    ExprArray marginIntercept =
        m.round("marginIntercept")
            .axis("instrument", instruments)
            .axis("tier", tiers)
            .scale(4)
            .between("-1000000000000", "0")
            .array();
    Expr collateralValue =
        Haircuts.declareLinesAndValue(
            m, collateral, "collateralTier", shape.get("collateralTiers"));

    Expr positionValue = mark.dot(position);
    Expr equity = m.sum(cash, positionValue, collateralValue);
    List<Expr> requirements = new ArrayList<>();
    for (int i = 0; i < instruments; i++) {
      List<Expr> lines = new ArrayList<>();
      for (int t = 0; t < tiers; t++) {
        lines.add(
            marginSlope.get(i, t).times(grossPosition.get(i)).plus(marginIntercept.get(i, t)));
      }
      requirements.add(m.max(lines));
    }
    Expr requirement = m.sum(requirements);

    m.assertNonNegative(
        "solvent", m.denominator().times(equity).minus(m.numerator().times(requirement)));
    m.output("equity", equity);
    m.output("requirement", requirement);
    m.output("surplus", equity.minus(requirement));
    m.output("cash", cash);
    m.output("positionValue", positionValue);
    m.output("collateralValue", collateralValue);
    return m.build();
  }
}
