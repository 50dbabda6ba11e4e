package io.plimsoll.circuits.models;

import io.plimsoll.circuits.Expr;
import io.plimsoll.circuits.ExprArray;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModelBuilder;
import io.plimsoll.circuits.MarginModelFamily;
import io.plimsoll.circuits.Shape;
import io.plimsoll.verifier.InvalidFormatException;
import java.util.List;

/**
 * Isolated margin: each position stands on the margin of its own pocket, and every pocket has to
 * meet the rule by itself.
 *
 * <pre>
 * equity_p      = margin_p + position_p * mark_p
 * requirement_p = grossPosition_p * rate_p
 * asserted:       D * equity_p - N * requirement_p >= 0 for every pocket p
 * </pre>
 *
 * <p>Holdings, for one attester: {@code position} in contracts (4 decimals, to 1,000,000,000 long
 * or short) with its attested magnitude {@code grossPosition}; {@code margin} in money (6 decimals,
 * to 1,000,000,000,000 either way; what was paid for the position is subtracted from it).
 *
 * <p>Round: {@code mark} and {@code rate} (money for a contract, 6 decimals, 0 to 1,000,000).
 */
public final class IsolatedMargin implements MarginModelFamily {
  /** Stateless. */
  public IsolatedMargin() {}

  @Override
  public String name() {
    return "isolated";
  }

  @Override
  public String description() {
    return "each position on the margin of its own pocket";
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        new Parameter("pockets", "slots for isolated positions", 8, 1, 1024), Attesters.PARAMETER);
  }

  @Override
  public MarginModel buildResolved(Shape shape) throws InvalidFormatException {
    int pockets = shape.get("pockets");
    MarginModelBuilder m =
        new MarginModelBuilder(name(), shape, shape.get(Attesters.PARAMETER.name()));
    ExprArray position =
        m.holdings("position")
            .axis("pocket", pockets)
            .scale(4)
            .between("-1000000000", "1000000000")
            .array();
    ExprArray grossPosition = m.magnitudeOf("grossPosition", "position");
    ExprArray margin =
        m.holdings("margin")
            .axis("pocket", pockets)
            .scale(6)
            .between("-1000000000000", "1000000000000")
            .array();
    ExprArray mark =
        m.round("mark").axis("pocket", pockets).scale(6).between("0", "1000000").array();
    ExprArray rate =
        m.round("rate").axis("pocket", pockets).scale(6).between("0", "1000000").array();
    for (int p = 0; p < pockets; p++) {
      Expr equity = margin.get(p).plus(mark.get(p).times(position.get(p)));
      Expr requirement = rate.get(p).times(grossPosition.get(p));
      m.assertNonNegative(
          "solvent." + p, m.denominator().times(equity).minus(m.numerator().times(requirement)));
      m.output("equity." + p, equity);
      m.output("requirement." + p, requirement);
      m.output("surplus." + p, equity.minus(requirement));
    }
    return m.build();
  }
}
