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
 * Derive's standard margin manager: for the options of each expiry the better of isolated margin
 * and maximum loss, a rate for perpetuals, a factor for base assets, and surcharges while the
 * stable coin is off its peg or an oracle unsure. Several markets (underlyings) add up. Source:
 * derivexyz/v2-core, {@code StandardManager.sol} and {@code SRMPortfolioViewer.sol}; every step in
 * {@code docs/models/derive-srm.md}.
 *
 * <pre>
 * short_i          = max(0, -position_i)
 * isolated_e       = -sum_{i of e} isolatedRate_i * short_i
 * payoff_ek        = sum_{i of e} payoff_ik * position_i           settled at zero (k = 0) or at a strike
 * maximumLoss_e    = min(0, payoff_e0, payoff_ek for every strike k held) + unpairedRate_e * min(0, netCalls_e)
 * optionMargin_e   = max(isolated_e, maximumLoss_e) - shortRate_e * sum_{i of e} short_i
 * perpMargin_m     = -perpRate_m * |perp_m|
 * baseMargin_m     = baseMarginRate_m * base_m
 * margin           = cash + sum_e optionMargin_e + sum_m (perpMargin_m + baseMargin_m)
 * equity           = cash + sum_i mark_i * position_i + sum_m basePrice_m * base_m
 * requirement      = max(0, equity - margin)
 * asserted:          D * equity - N * requirement >= 0
 * </pre>
 *
 * <p>The contract wants {@code margin} to be at least zero: that is the threshold 1. Initial and
 * maintenance margin are the same circuit with other coefficients. The requirement is cut at zero
 * because marks that are rounded, or do not fit together, may put the equity of a hedged portfolio
 * below its margin by a little, and a threshold must not become easier by growing.
 *
 * <p>The options of an expiry are a block of {@code options} slots; the expiries of a market are
 * {@code expiries} such blocks. Strike k of a block is that of its slot k - 1, so that a strike is
 * held when the position of its slot is not zero, in which case its slot's bit is 1.
 */
public final class DeriveSrm implements MarginModelFamily {
  private static final int QUANTITY_SCALE = 4;
  private static final String QUANTITY = "100000";
  private static final int BASE_SCALE = 6;
  private static final String BASE = "10000000";
  private static final int PRICE_SCALE = 4;
  private static final String PRICE = "1000000";

  /** Most payoffs: more make a model longer than its limit. */
  private static final int MAX_PAYOFFS = 1 << 16;

  /** Stateless. */
  public DeriveSrm() {}

  @Override
  public String name() {
    return "derive-srm";
  }

  @Override
  public String description() {
    return "Derive's standard margin: isolated margin or maximum loss by expiry, perps, base";
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        new Parameter("markets", "slots for underlyings", 2, 1, 16),
        new Parameter("expiries", "slots for expiries of each underlying", 3, 1, 32),
        new Parameter("options", "slots for options of each expiry", 8, 1, 128),
        Attesters.PARAMETER);
  }

  @Override
  public MarginModel buildResolved(Shape shape) throws InvalidFormatException {
    int markets = shape.get("markets");
    int options = shape.get("options");
    int blocks = markets * shape.get("expiries");
    int payoffs = blocks * options * (options + 1);
    if (payoffs > MAX_PAYOFFS) {
      throw new InvalidFormatException(
          "shape of derive-srm: markets x expiries x options x (options + 1) is "
              + payoffs
              + ", more than "
              + MAX_PAYOFFS);
    }
    MarginModelBuilder m =
        new MarginModelBuilder(name(), shape, shape.get(Attesters.PARAMETER.name()));

    ExprArray position =
        m.holdings("position")
            .axis("option", blocks * options)
            .scale(QUANTITY_SCALE)
            .between("-" + QUANTITY, QUANTITY)
            .array();
    ExprArray grossPosition = m.magnitudeOf("grossPosition", "position");
    // The margin of a perpetual is by its size alone; its profit is cash.
    m.holdings("perp")
        .axis("market", markets)
        .scale(QUANTITY_SCALE)
        .between("-" + QUANTITY, QUANTITY)
        .array();
    ExprArray grossPerp = m.magnitudeOf("grossPerp", "perp");
    ExprArray base =
        m.holdings("base").axis("market", markets).scale(BASE_SCALE).between("0", BASE).array();
    Expr cash = m.holdings("cash").scale(6).between("-1000000000000", "1000000000000").single();

    ExprArray mark = price(m, "mark").axis("option", blocks * options).array();
    ExprArray isolatedRate = rate(m, "isolatedRate").axis("option", blocks * options).array();
    ExprArray payoff =
        price(m, "payoff").axis("option", blocks * options).axis("price", options + 1).array();
    ExprArray isCall = m.round("isCall").axis("option", blocks * options).between("0", "1").array();
    ExprArray unpairedRate = rate(m, "unpairedRate").axis("expiry", blocks).array();
    ExprArray shortRate = rate(m, "shortRate").axis("expiry", blocks).array();
    ExprArray perpRate = rate(m, "perpRate").axis("market", markets).array();
    ExprArray basePrice = price(m, "basePrice").axis("market", markets).array();
    ExprArray baseMarginRate =
        m.round("baseMarginRate")
            .axis("market", markets)
            .scale(PRICE_SCALE)
            .between("-" + PRICE, PRICE)
            .array();

    List<Expr> shorts = new ArrayList<>();
    for (int i = 0; i < position.size(); i++) {
      // max(0, -q) by the attested magnitude: no decomposition.
      shorts.add(grossPosition.get(i).minus(position.get(i)).times("0.5"));
    }
    List<Expr> optionMargins = new ArrayList<>();
    for (int e = 0; e < blocks; e++) {
      int start = e * options;
      ExprArray held = position.slice(start, start + options);
      List<Expr> isolated = new ArrayList<>();
      for (int i = start; i < start + options; i++) {
        isolated.add(isolatedRate.get(i).times(shorts.get(i)));
      }
      List<Expr> losses = new ArrayList<>();
      losses.add(m.constant(0));
      for (int k = 0; k <= options; k++) {
        List<Expr> settled = new ArrayList<>();
        for (int i = start; i < start + options; i++) {
          settled.add(payoff.get(i, k).times(position.get(i)));
        }
        Expr total = m.sum(settled);
        losses.add(k == 0 ? total : total.times(held.get(k - 1).isNonZero()));
      }
      Expr netCalls = isCall.slice(start, start + options).dot(held);
      Expr maximumLoss = m.min(losses).minus(unpairedRate.get(e).times(netCalls.negate().relu()));
      optionMargins.add(m.sum(isolated).negate().max(maximumLoss));
      optionMargins.add(
          shortRate.get(e).times(m.sum(shorts.subList(start, start + options))).negate());
    }
    Expr optionMargin = m.sum(optionMargins);
    Expr perpMargin = perpRate.dot(grossPerp).negate();
    Expr baseMargin = baseMarginRate.dot(base);
    Expr optionValue = mark.dot(position);
    Expr baseValue = basePrice.dot(base);

    Expr margin = m.sum(cash, optionMargin, perpMargin, baseMargin);
    Expr equity = m.sum(cash, optionValue, baseValue);
    Expr requirement = equity.minus(margin).relu();
    m.assertNonNegative(
        "solvent", m.denominator().times(equity).minus(m.numerator().times(requirement)));
    m.output("equity", equity);
    m.output("requirement", requirement);
    m.output("margin", margin);
    m.output("optionValue", optionValue);
    m.output("optionMargin", optionMargin);
    m.output("perpMargin", perpMargin);
    m.output("baseValue", baseValue);
    m.output("baseMargin", baseMargin);
    return m.build();
  }

  /** Money for a unit. */
  private static MarginModelBuilder.Declaration price(MarginModelBuilder m, String tensor) {
    return m.round(tensor).scale(PRICE_SCALE).between("0", PRICE);
  }

  /** Money for a unit; a requirement may be more than a price. */
  private static MarginModelBuilder.Declaration rate(MarginModelBuilder m, String tensor) {
    return m.round(tensor).scale(PRICE_SCALE).between("0", "10000000");
  }
}
