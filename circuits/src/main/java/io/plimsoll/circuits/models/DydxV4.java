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
 * Cross margin of dYdX v4, to the quantum.
 *
 * <pre>
 * notional_i  = size_i * unitPrice_i, rounded towards zero
 * margin_i    = up(up(|notional_i| * marginRate_i) * marginFraction_i)
 * settlement  = fundingBasis - sum_i size_i * fundingIndex_i
 * equity      = quote + sum_i notional_i + down(settlement)
 * requirement = sum_i margin_i
 * asserted:     D * equity - N * requirement >= 0
 * </pre>
 *
 * <p>Amounts are integers in quantums: quote quantums of 10^-6 USDC, base quantums of the market's
 * atomic resolution. {@code up} and {@code down} round to a whole quote quantum. Both ceilings are
 * taken for each position by itself, so requirements of two positions do not share a rounding.
 *
 * <p>One member serves both requirements of the venue; the round says which:
 *
 * <ul>
 *   <li>maintenance: {@code marginRate} is the liquidity tier's initial margin, {@code
 *       marginFraction} its maintenance fraction;
 *   <li>initial: {@code marginRate} is the initial margin scaled by open interest (or the account's
 *       own higher one), {@code marginFraction} is 1, so that the second ceiling does nothing.
 * </ul>
 *
 * <p>{@code fundingBasis} is the sum of size times funding index at which each position last
 * settled. A trade adds its size times the current index to it; a settlement moves the difference
 * to {@code quote}. That keeps a private product per market out of the rule.
 *
 * <p>Source: dydxprotocol/v4-chain, {@code x/perpetuals/lib/lib.go}, {@code
 * x/perpetuals/types/liquidity_tier.go}, {@code x/subaccounts/lib/updates.go}, {@code
 * lib/margin/risk.go}. Funding is divided there by {@code big.Int.Div}, which rounds down, over the
 * sum of all positions.
 */
public final class DydxV4 implements MarginModelFamily {
  static final String MARKET = "market";
  static final Parameter MARKETS =
      new Parameter("markets", "slots for perpetual markets", 8, 1, 1024);
  static final Parameter SIZE_DIGITS =
      Digits.parameter("sizeDigits", "digits of a position in base quantums", 17);
  static final Parameter QUOTE_DIGITS =
      Digits.parameter("quoteDigits", "digits of the balance in quote quantums", 17);
  static final Parameter PRICE_DIGITS =
      Digits.parameter("priceDigits", "digits of a unit price, decimals included", 15);
  static final Parameter PRICE_DECIMALS =
      new Parameter("priceDecimals", "decimals of a unit price", 9, 0, 36);
  static final Parameter FUNDING_DIGITS =
      Digits.parameter("fundingDigits", "digits of the funding basis, in millionths", 30);

  /** Stateless. */
  public DydxV4() {}

  @Override
  public String name() {
    return "dydx-v4";
  }

  @Override
  public String description() {
    return "dYdX v4: perpetuals in cross margin, two ceilings per position";
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        MARKETS,
        SIZE_DIGITS,
        QUOTE_DIGITS,
        PRICE_DIGITS,
        PRICE_DECIMALS,
        FUNDING_DIGITS,
        Attesters.PARAMETER);
  }

  @Override
  public MarginModel buildResolved(Shape shape) {
    int markets = shape.get(MARKETS.name());
    MarginModelBuilder m =
        new MarginModelBuilder(name(), shape, shape.get(Attesters.PARAMETER.name()));
    Expr quote = Digits.holding(m, "quote", 0, shape.get(QUOTE_DIGITS.name()));
    List<Expr> size = Digits.holdings(m, "size", MARKET, markets, shape.get(SIZE_DIGITS.name()));
    Expr fundingBasis = Digits.holding(m, "fundingBasis", 6, shape.get(FUNDING_DIGITS.name()));
    List<Expr> unitPrice = unitPrices(m, shape);
    ExprArray fundingIndex = fundingIndices(m, markets);
    ExprArray marginRate = rates(m, "marginRate", markets);
    ExprArray marginFraction = rates(m, "marginFraction", markets);

    List<Expr> notionals = new ArrayList<>();
    List<Expr> margins = new ArrayList<>();
    for (int i = 0; i < markets; i++) {
      Position position = new Position(size.get(i), unitPrice.get(i));
      notionals.add(position.notional);
      margins.add(position.margin(marginRate.get(i), marginFraction.get(i)));
    }
    Expr settlement = fundingBasis.minus(accrued(m, size, fundingIndex));
    Expr equity = m.sum(quote, m.sum(notionals), settlement.roundDownTo(0));
    Expr requirement = m.sum(margins);

    m.assertNonNegative(
        "solvent", m.denominator().times(equity).minus(m.numerator().times(requirement)));
    Expr surplus = equity.minus(requirement);
    Expr collateralized = surplus.isNonNegative();
    m.output("equity", equity);
    m.output("requirement", requirement);
    m.output("surplus", surplus);
    m.output("notional", m.sum(notionals));
    m.output("settlement", settlement);
    m.output("collateralized", collateralized);
    m.output("liquidatable", requirement.isNonZero().times(m.constant(1).minus(collateralized)));
    return m.build();
  }

  /** Quote quantums for a base quantum: price * 10^(exponent + resolution + 6). */
  static List<Expr> unitPrices(MarginModelBuilder m, Shape shape) {
    return Digits.round(
        m,
        "unitPrice",
        MARKET,
        shape.get(MARKETS.name()),
        shape.get(PRICE_DECIMALS.name()),
        shape.get(PRICE_DIGITS.name()));
  }

  /** Quote quantums for a base quantum since the market began; the venue counts millionths. */
  static ExprArray fundingIndices(MarginModelBuilder m, int markets) {
    return m.round("fundingIndex")
        .axis(MARKET, markets)
        .scale(6)
        .between("-1000000000000", "1000000000000")
        .array();
  }

  /** Parts of one; the venue counts millionths. */
  static ExprArray rates(MarginModelBuilder m, String name, int markets) {
    return m.round(name).axis(MARKET, markets).scale(6).between("0", "1").array();
  }

  /** What longs have paid since the markets began, and shorts received. */
  static Expr accrued(MarginModelBuilder m, List<Expr> size, ExprArray fundingIndex) {
    List<Expr> parts = new ArrayList<>();
    for (int i = 0; i < size.size(); i++) {
      parts.add(size.get(i).times(fundingIndex.get(i)));
    }
    return m.sum(parts);
  }

  /** One perpetual position at the oracle price. */
  static final class Position {
    private final Expr magnitude;
    final Expr notional;

    Position(Expr size, Expr unitPrice) {
      // Rounding the magnitude down is rounding the signed value towards zero.
      magnitude = size.abs().times(unitPrice).roundDownTo(0);
      notional = size.isNonNegative().select(magnitude, magnitude.negate());
    }

    /** Two ceilings, one after the other. */
    Expr margin(Expr rate, Expr fraction) {
      return margin(rate).times(fraction).roundUpTo(0);
    }

    /** One ceiling. */
    Expr margin(Expr rate) {
      return magnitude.times(rate).roundUpTo(0);
    }
  }
}
