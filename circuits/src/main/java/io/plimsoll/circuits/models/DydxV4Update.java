package io.plimsoll.circuits.models;

import io.plimsoll.circuits.Expr;
import io.plimsoll.circuits.ExprArray;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModelBuilder;
import io.plimsoll.circuits.MarginModelFamily;
import io.plimsoll.circuits.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether dYdX v4 lets an account make an update: it has to meet initial margin afterwards, or be
 * no riskier than before.
 *
 * <pre>
 * after          = before + delta, in quote and in each size
 * E, I, M        = equity, initial and maintenance requirement, as {@link DydxV4} computes them
 * collateralized = D * E(after) - N * I(after) >= 0
 * noRiskier      = M(after) <= M(before) and
 *                  either both M are zero and E(after) > E(before),
 *                  or neither is zero and E(after) * M(before) >= E(before) * M(after)
 * asserted:        collateralized or noRiskier
 * </pre>
 *
 * <p>The condition M(after) {@literal <=} M(before) is what keeps the comparison of ratios
 * meaningful: with a negative equity, a larger requirement alone makes the ratio larger. A
 * requirement of zero is a case of its own, because there the product on one side vanishes.
 *
 * <p>Outputs, beside the amounts: {@code result} as the venue numbers it (0 allowed, 1 newly
 * undercollateralized, 2 still undercollateralized), and {@code riskOrder}, the venue's strict
 * order of the account after the update against the one before (-1 less risky, 0 equal, 1 riskier;
 * of equal ratios the larger requirement is riskier, and of two without requirement the smaller
 * equity).
 *
 * <p>Source: dydxprotocol/v4-chain, {@code x/subaccounts/lib/updates.go} ({@code
 * IsValidStateTransitionForUndercollateralizedSubaccount}) and {@code lib/margin/risk.go}.
 */
public final class DydxV4Update implements MarginModelFamily {
  /** Stateless. */
  public DydxV4Update() {}

  @Override
  public String name() {
    return "dydx-v4-update";
  }

  @Override
  public String description() {
    return "dYdX v4: an update leaves an account collateralized or no riskier";
  }

  @Override
  public List<Parameter> parameters() {
    return new DydxV4().parameters();
  }

  @Override
  public MarginModel buildResolved(Shape shape) {
    int markets = shape.get(DydxV4.MARKETS.name());
    int sizeDigits = shape.get(DydxV4.SIZE_DIGITS.name());
    int quoteDigits = shape.get(DydxV4.QUOTE_DIGITS.name());
    MarginModelBuilder m =
        new MarginModelBuilder(name(), shape, shape.get(Attesters.PARAMETER.name()));
    Expr quote = Digits.holding(m, "quote", 0, quoteDigits);
    List<Expr> size = Digits.holdings(m, "size", DydxV4.MARKET, markets, sizeDigits);
    Expr fundingBasis =
        Digits.holding(m, "fundingBasis", 6, shape.get(DydxV4.FUNDING_DIGITS.name()));
    Expr quoteDelta = Digits.holding(m, "quoteDelta", 0, quoteDigits);
    List<Expr> sizeDelta = Digits.holdings(m, "sizeDelta", DydxV4.MARKET, markets, sizeDigits);
    List<Expr> unitPrice = DydxV4.unitPrices(m, shape);
    ExprArray fundingIndex = DydxV4.fundingIndices(m, markets);
    ExprArray initialRate = DydxV4.rates(m, "initialRate", markets);
    ExprArray baseRate = DydxV4.rates(m, "baseRate", markets);
    ExprArray maintenanceFraction = DydxV4.rates(m, "maintenanceFraction", markets);

    // The venue settles funding before an update, so both states have it.
    Expr settled =
        quote.plus(fundingBasis.minus(DydxV4.accrued(m, size, fundingIndex)).roundDownTo(0));
    List<Expr> sizeAfter = new ArrayList<>();
    for (int i = 0; i < markets; i++) {
      sizeAfter.add(size.get(i).plus(sizeDelta.get(i)));
    }
    Risk before = new Risk(m, settled, size, unitPrice, initialRate, baseRate, maintenanceFraction);
    Risk after =
        new Risk(
            m,
            settled.plus(quoteDelta),
            sizeAfter,
            unitPrice,
            initialRate,
            baseRate,
            maintenanceFraction);

    Expr one = m.constant(1);
    Expr collateralized =
        m.denominator()
            .times(after.equity)
            .minus(m.numerator().times(after.initial))
            .isNonNegative();
    Expr noLargerRequirement = before.maintenance.minus(after.maintenance).isNonNegative();
    Expr requiredBefore = before.maintenance.isNonZero();
    Expr requiredAfter = after.maintenance.isNonZero();
    Expr neitherRequired = one.minus(requiredBefore).times(one.minus(requiredAfter));
    Expr moreEquity = isPositive(m, after.equity.minus(before.equity));
    // Positive: the ratio of equity to requirement is larger after the update.
    Expr ratioGain =
        after.equity.times(before.maintenance).minus(before.equity.times(after.maintenance));
    Expr noRiskier =
        noLargerRequirement.times(
            neitherRequired
                .times(moreEquity)
                .plus(requiredBefore.times(requiredAfter).times(ratioGain.isNonNegative())));
    Expr allowed = collateralized.plus(noRiskier).minus(collateralized.times(noRiskier));
    m.assertNonNegative("allowed", allowed.minus(one));

    m.output("equityBefore", before.equity);
    m.output("initialBefore", before.initial);
    m.output("maintenanceBefore", before.maintenance);
    m.output("equityAfter", after.equity);
    m.output("initialAfter", after.initial);
    m.output("maintenanceAfter", after.maintenance);
    m.output("noRiskier", noRiskier);
    Expr wasCollateralized = before.equity.minus(before.initial).isNonNegative();
    m.output("result", one.minus(allowed).times(m.constant(2).minus(wasCollateralized)));
    Expr tied =
        neitherRequired.select(
            sign(m, before.equity.minus(after.equity)),
            sign(m, after.maintenance.minus(before.maintenance)));
    m.output("riskOrder", ratioGain.isNonZero().select(sign(m, ratioGain).negate(), tied));
    return m.build();
  }

  /** Net collateral and both requirements of one state. */
  private static final class Risk {
    final Expr equity;
    final Expr initial;
    final Expr maintenance;

    Risk(
        MarginModelBuilder m,
        Expr quote,
        List<Expr> size,
        List<Expr> unitPrice,
        ExprArray initialRate,
        ExprArray baseRate,
        ExprArray maintenanceFraction) {
      List<Expr> values = new ArrayList<>(List.of(quote));
      List<Expr> initials = new ArrayList<>();
      List<Expr> maintenances = new ArrayList<>();
      for (int i = 0; i < size.size(); i++) {
        DydxV4.Position position = new DydxV4.Position(size.get(i), unitPrice.get(i));
        values.add(position.notional);
        initials.add(position.margin(initialRate.get(i)));
        maintenances.add(position.margin(baseRate.get(i), maintenanceFraction.get(i)));
      }
      equity = m.sum(values);
      initial = m.sum(initials);
      maintenance = m.sum(maintenances);
    }
  }

  /** 1, 0 or -1. */
  private static Expr sign(MarginModelBuilder m, Expr x) {
    return x.isNonNegative().minus(m.constant(1)).plus(isPositive(m, x));
  }

  private static Expr isPositive(MarginModelBuilder m, Expr x) {
    return m.constant(1).minus(x.negate().isNonNegative());
  }
}
