package io.plimsoll.example;

import io.plimsoll.circuits.Expr;
import io.plimsoll.circuits.ExprArray;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModelBuilder;
import io.plimsoll.circuits.MarginModelFamily;
import io.plimsoll.circuits.Shape;
import java.util.ArrayList;
import java.util.List;

/** The worked example of {@code docs/your-own-rule.md}. */
public final class HarbourMargin implements MarginModelFamily {
  @Override
  public String name() {
    return "harbour";
  }

  @Override
  public String description() {
    return "perpetuals at a rate of their notional, doubled beyond a limit";
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        new Parameter("instruments", "slots for perpetuals", 4, 1, 256),
        new Parameter("attesters", "attestations that one statement may add up", 2, 1, 64));
  }

  @Override
  public MarginModel buildResolved(Shape shape) {
    int instruments = shape.get("instruments");
    MarginModelBuilder m = new MarginModelBuilder(name(), shape, shape.get("attesters"));

    // What attesters vouch for, and nobody else sees.
    ExprArray position =
        m.holdings("position")
            .axis("instrument", instruments)
            .scale(3)
            .between("-10000", "10000")
            .array();
    ExprArray gross = m.magnitudeOf("grossPosition", "position");
    Expr wallet = m.holdings("wallet").scale(2).between("-100000000", "100000000").single();

    // What the venue publishes with every round.
    ExprArray mark =
        m.round("mark").axis("instrument", instruments).scale(2).between("0", "200000").array();
    ExprArray rate =
        m.round("rate").axis("instrument", instruments).scale(4).between("0", "1").array();
    ExprArray limit =
        m.round("limit").axis("instrument", instruments).scale(0).between("0", "100000000").array();

    // Rule 1: equity is the wallet and every position at its mark.
    Expr equity = wallet.plus(mark.dot(position));

    // Rule 2: a position is charged its rate on its notional, twice on what is beyond the limit,
    // rounded up to the cent.
    List<Expr> charges = new ArrayList<>();
    for (int i = 0; i < instruments; i++) {
      Expr notional = mark.get(i).times(gross.get(i));
      Expr beyond = notional.minus(limit.get(i)).relu().named("beyond the limit");
      Expr charge = rate.get(i).times(notional.plus(beyond));
      charges.add(charge.roundUpTo(2).named("cents"));
    }

    // Rule 3: whoever holds anything is charged at least 50.
    Expr minimum = gross.sum().isNonZero().select(m.constant(50), m.constant(0));
    Expr requirement = m.sum(charges).max(minimum).named("minimum charge");

    m.assertNonNegative(
        "solvent", m.denominator().times(equity).minus(m.numerator().times(requirement)));
    m.output("equity", equity);
    m.output("requirement", requirement);
    return m.build();
  }
}
