package io.plimsoll.circuits.models;

import io.plimsoll.circuits.Expr;
import io.plimsoll.circuits.ExprArray;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModelBuilder;
import io.plimsoll.circuits.MarginModelFamily;
import io.plimsoll.circuits.RoundTensor;
import io.plimsoll.circuits.Shape;
import io.plimsoll.verifier.InvalidFormatException;
import java.util.List;

/**
 * Cross margin: one pool of equity against rates for each instrument that grow with size.
 *
 * <pre>
 * equity          = cash + sum_i position_i * mark_i + collateralValue
 * collateralValue = sum_c (haircutSlope_c * collateral_c
 *                          - sum_k haircutStep_ck * max(0, collateral_c - haircutFrom_ck))
 * requirement_i   = marginSlope_i * grossPosition_i
 *                   + sum_k marginStep_ik * max(0, grossPosition_i - marginFrom_ik)
 * requirement     = sum_i requirement_i
 * asserted:         D * equity - N * requirement >= 0
 * </pre>
 *
 * <p>Each size tier charges its rate on the contracts inside it. Rates do not fall from tier to
 * tier, since steps are at least 0, so a larger size never costs less. Initial, maintenance and
 * close-out margin are this circuit with other coefficients or another threshold.
 *
 * <p>Holdings, for one attester: {@code position} in contracts (4 decimals, to 100,000,000 long or
 * short) with its attested magnitude {@code grossPosition}; {@code collateral} in units (6
 * decimals, 0 to 100,000,000); {@code cash} in money (6 decimals, to 1,000,000,000,000 either way).
 * A future or perpetual held at an entry price is a position with {@code -position * entry price}
 * of cash.
 *
 * <p>Round: {@code mark} (money for a contract, 6 decimals, 0 to 1,000,000), {@code marginSlope}
 * and {@code marginStep} (money for a contract, 6 decimals, 0 to 1,000,000), {@code marginFrom}
 * (contracts, 4 decimals, 0 to 400,000,000), {@code haircutSlope} and {@code haircutStep} (money
 * for a unit, 4 decimals, 0 to 1,000,000), {@code haircutFrom} (units, 6 decimals, 0 to
 * 500,000,000).
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
    MarginModelBuilder m =
        new MarginModelBuilder(name(), shape, shape.get(Attesters.PARAMETER.name()));

    ExprArray position =
        m.holdings("position")
            .axis("instrument", instruments)
            .scale(4)
            .between("-100000000", "100000000")
            .array();
    ExprArray grossPosition = m.magnitudeOf("grossPosition", "position");
    ExprArray collateral = Collateral.declare(m, shape.get("collaterals"));
    Expr cash = m.holdings("cash").scale(6).between("-1000000000000", "1000000000000").single();

    ExprArray mark =
        m.round("mark").axis("instrument", instruments).scale(6).between("0", "1000000").array();
    List<Expr> requirements =
        new Tiers(
                m,
                "margin",
                new RoundTensor.Dimension("instrument", instruments),
                "kink",
                shape.get("tiers"))
            .convex(grossPosition, 6, 4, "400000000");
    Expr collateralValue =
        Collateral.value(m, collateral, "collateralKink", shape.get("collateralTiers"));

    Expr positionValue = mark.dot(position);
    Expr equity = m.sum(cash, positionValue, collateralValue);
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
