package io.plimsoll.circuits.models;

import io.plimsoll.circuits.Expr;
import io.plimsoll.circuits.ExprArray;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModelBuilder;
import io.plimsoll.circuits.MarginModelFamily;
import io.plimsoll.circuits.Shape;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * Cross margin of Drift v2, to the millionth of a dollar.
 *
 * <pre>
 * Deposit or debt of each token:
 *   tokens       down(balance * (balance >= 0 ? depositIndex : borrowIndex))
 *   value        down(tokens * (balance >= 0 ? priceLow : priceHigh))
 *   of the quote token, a value above zero is collateral, the rest requirement
 * Of other tokens, for either side of the open orders, as if all of them were filled:
 *   cash         down(-orders * priceHigh)
 *   left         value - cash
 *   weighted     zero(left * (left > 0 ? assetWeight : liabilityWeight))
 * Of the side with the smaller weighted + cash (the asks, if both are equal):
 *   collateral   zero(left * asset weight) if left > 0; cash if cash > 0
 *   requirement  -zero(left * liability weight) if left < 0; -cash if cash < 0
 * Each perpetual market:
 *   worst        down(down(max(|base + bids|, |base + asks|) * price) * quotePriceHigh)
 *   requirement  down(worst * margin ratio)
 *   pnl          quoteAmount + zero(base * price)
 *   collateral   zero(zero(pnl * pnlWeight) * quotePriceLow) if pnl > 0, at most 100 if initial
 *                zero(pnl * quotePriceHigh) if pnl < 0
 * Requirement also: 0.01 for each open order.
 * asserted:      D * collateral - N * requirement >= 0
 *                nothing is owed, ordered or held as a perpetual in a market whose price is 0
 * </pre>
 *
 * <p>{@code down} rounds towards minus infinity, {@code zero} towards zero, both to a whole unit:
 * the smallest part of a token, or a millionth of a dollar. Rounding losses and requirements
 * towards zero is in favour of the trader; it is the venue's rule, and so it is reproduced.
 *
 * <p>A custom margin ratio r replaces the weights of the <em>chosen</em> side by
 * max(initialLiabilityWeight, 1 + r) and min(initialAssetWeight, max(0, 1 - r)), and the ratio of a
 * perpetual by max(marginRatio, r). It is the largest of {@code ratioOverride}, which the venue
 * imposes, and, where {@code initial} is 1, the user's own ratio, for a perpetual also the
 * position's.
 *
 * <p>With {@code buffer=1} in the shape, the requirement grows by {@code liquidationBuffer} times
 * each liability, and collateral falls by that part of each loss: what an account in liquidation
 * has to meet to leave it.
 *
 * <p>Source: drift-labs/protocol-v2, {@code programs/drift/src}: {@code math/margin.rs}, {@code
 * math/spot_balance.rs}, {@code math/position.rs}, {@code state/user.rs}, {@code
 * state/margin_calculation.rs}. Not covered: weights that grow with the square root of a position
 * ({@code imf_factor}), isolated positions, prediction and expired markets. Funding is settled into
 * {@code quoteAmount} by the attester.
 */
public final class DriftV2 implements MarginModelFamily {
  private static final String SPOT = "spot";
  private static final String PERP = "perp";

  /** Decimals of dollars. */
  private static final int MONEY = 6;

  /** Decimals of weights and ratios. */
  private static final int WEIGHT = 4;

  /** Decimals of balances and of base amounts of perpetuals. */
  private static final int BASE = 9;

  /** Decimals of interest indices. */
  private static final int INTEREST = 10;

  /** Decimals of the quote token, which are those of dollars. */
  private static final int QUOTE_DECIMALS = MONEY;

  /** Dollars for each open order. */
  private static final String ORDER_MARGIN = "0.01";

  /** Most profit of one market that counts as initial collateral, in dollars. */
  private static final String INITIAL_PROFIT_CAP = "100";

  private static final String LARGEST_PRICE = "1000000";

  /** Of the quote token, in dollars. */
  private static final String LARGEST_QUOTE_PRICE = "100";

  /** What a deposit or debt grows to at most, as a multiple. */
  private static final int LARGEST_INTEREST = 100;

  /** Stateless. */
  public DriftV2() {}

  @Override
  public String name() {
    return "drift-v2";
  }

  @Override
  public String description() {
    return "Drift v2: spot balances and perpetuals, worst side of open orders";
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        new Parameter("spots", "slots for spot markets beside the quote market", 6, 1, 64),
        new Parameter("perps", "slots for perpetual markets", 8, 1, 64),
        new Parameter("amountDigits", "digits of an amount, in its smallest unit", 17, 1, 18),
        new Parameter("minDecimals", "fewest decimals of a token", 5, 0, 10),
        new Parameter("moreDecimals", "how many more another token may have", 4, 0, 5),
        new Parameter("buffer", "1 with, 0 without the liquidation buffer", 0, 0, 1),
        Attesters.PARAMETER);
  }

  @Override
  public MarginModel buildResolved(Shape shape) {
    return new Rule(shape).build();
  }

  /** The rule while it is written: every position adds to the totals. */
  private final class Rule {
    private final Shape shape;
    private final MarginModelBuilder m;
    private final Expr one;
    private final int minDecimals;
    private final int maxDecimals;
    private final List<Expr> collateral = new ArrayList<>();
    private final List<Expr> requirement = new ArrayList<>();
    private final List<Expr> liabilities = new ArrayList<>();
    private final List<Expr> losses = new ArrayList<>();
    private final List<Expr> usedWithoutPrice = new ArrayList<>();
    private Expr quotePriceLow;
    private Expr quotePriceHigh;
    private Expr initial;

    Rule(Shape shape) {
      this.shape = shape;
      m = new MarginModelBuilder(name(), shape, shape.get(Attesters.PARAMETER.name()));
      one = m.constant(1);
      minDecimals = shape.get("minDecimals");
      maxDecimals = minDecimals + shape.get("moreDecimals");
    }

    MarginModel build() {
      // Private: what the account holds, has open, and has chosen for itself.
      Expr quoteBalance = amounts("quoteBalance", BASE, true, true).single();
      ExprArray balance = spot(amounts("balance", BASE, true, true));
      ExprArray bids = spot(amounts("bids", 0, false, true));
      ExprArray asks = spot(amounts("asks", 0, true, false));
      ExprArray base = perp(amounts("base", BASE, true, true));
      ExprArray quoteAmount = perp(amounts("quoteAmount", MONEY, true, true));
      ExprArray perpBids = perp(amounts("perpBids", BASE, false, true));
      ExprArray perpAsks = perp(amounts("perpAsks", BASE, true, false));
      Expr openOrders = m.holdings("openOrders").between("0", "1000").single();
      Expr userRatio = m.holdings("userRatio").scale(WEIGHT).between("0", "100").single();
      ExprArray positionRatio = perp(m.holdings("positionRatio").scale(WEIGHT).between("0", "100"));

      // Public: interest, prices (low for assets, high for liabilities), weights.
      String interest = Integer.toString(LARGEST_INTEREST);
      Expr quoteDepositIndex =
          m.round("quoteDepositIndex").scale(INTEREST).between("0", interest).single();
      Expr quoteBorrowIndex =
          m.round("quoteBorrowIndex").scale(INTEREST).between("0", interest).single();
      quotePriceLow =
          m.round("quotePriceLow").scale(MONEY).between("0", LARGEST_QUOTE_PRICE).single();
      quotePriceHigh =
          m.round("quotePriceHigh").scale(MONEY).between("0", LARGEST_QUOTE_PRICE).single();
      ExprArray depositIndex = spot(indices("depositIndex"));
      ExprArray borrowIndex = spot(indices("borrowIndex"));
      ExprArray priceLow = spot(prices("priceLow"));
      ExprArray priceHigh = spot(prices("priceHigh"));
      ExprArray assetWeight = spot(weights("assetWeight"));
      ExprArray liabilityWeight = spot(weights("liabilityWeight"));
      ExprArray initialAssetWeight = spot(weights("initialAssetWeight"));
      ExprArray initialLiabilityWeight = spot(weights("initialLiabilityWeight"));
      ExprArray price = perp(m.round("price").scale(MONEY).between("0", LARGEST_PRICE));
      ExprArray marginRatio = perp(m.round("marginRatio").scale(WEIGHT).between("0", "10"));
      ExprArray pnlWeight = perp(m.round("pnlWeight").scale(WEIGHT).between("0", "10"));
      initial = m.round("initial").between("0", "1").single();
      Expr ratioOverride = m.round("ratioOverride").scale(WEIGHT).between("0", "100").single();

      quote(quoteBalance, quoteDepositIndex, quoteBorrowIndex);
      Expr custom = ratioOverride.max(initial.times(userRatio));
      for (int i = 0; i < shape.get("spots"); i++) {
        Expr value =
            value(
                balance.get(i),
                new Expr[] {depositIndex.get(i), borrowIndex.get(i)},
                new Expr[] {priceLow.get(i), priceHigh.get(i)});
        useWithoutPrice(
            priceHigh.get(i),
            one.minus(balance.get(i).isNonNegative()),
            bids.get(i).minus(asks.get(i)).isNonZero());
        Weights standard = new Weights(assetWeight.get(i), liabilityWeight.get(i));
        Weights customized =
            new Weights(
                initialAssetWeight.get(i).min(one.minus(custom).relu()),
                initialLiabilityWeight.get(i).max(one.plus(custom)));
        spotMarket(
            new Side(value, bids.get(i), priceHigh.get(i), standard),
            new Side(value, asks.get(i), priceHigh.get(i), standard),
            Weights.select(custom.isNonZero(), customized, standard));
      }
      for (int i = 0; i < shape.get("perps"); i++) {
        Expr worst =
            base.get(i).plus(perpBids.get(i)).max(base.get(i).plus(perpAsks.get(i)).negate());
        Expr ratio =
            m.max(
                List.of(
                    marginRatio.get(i),
                    custom,
                    // Not the larger of user's and position's: the user's is in the custom ratio.
                    initial.times(positionRatio.get(i))));
        useWithoutPrice(
            price.get(i).times(quotePriceHigh),
            base.get(i).isNonZero(),
            perpBids.get(i).minus(perpAsks.get(i)).isNonZero());
        perpMarket(worst, base.get(i), quoteAmount.get(i), price.get(i), ratio, pnlWeight.get(i));
      }
      requirement.add(openOrders.times(ORDER_MARGIN));
      return finish();
    }

    /** The quote token has neither weights nor orders. */
    private void quote(Expr balance, Expr depositIndex, Expr borrowIndex) {
      Expr held = balance.isNonNegative();
      Expr tokens =
          balance.times(held.select(depositIndex, borrowIndex)).roundDownTo(QUOTE_DECIMALS);
      Expr value = tokens.times(held.select(quotePriceLow, quotePriceHigh)).roundDownTo(MONEY);
      useWithoutPrice(quotePriceHigh, one.minus(held));
      Expr asset = held.times(value);
      Expr debt = asset.minus(value);
      collateral.add(asset);
      requirement.add(debt);
      liabilities.add(debt);
    }

    /**
     * Adds up what would cost nothing because there is no price.
     *
     * @param uses bits: what is there that could lower the account's value
     */
    private void useWithoutPrice(Expr price, Expr... uses) {
      usedWithoutPrice.add(one.minus(price.isNonZero()).times(m.sum(uses)));
    }

    private Expr value(Expr balance, Expr[] index, Expr[] unitPrice) {
      Expr held = balance.isNonNegative();
      Expr tokens = balance.times(held.select(index[0], index[1])).roundDownTo(0);
      return tokens.times(held.select(unitPrice[0], unitPrice[1])).roundDownTo(MONEY);
    }

    private void spotMarket(Side bids, Side asks, Weights weights) {
      Expr asksAreWorse = bids.contribution.minus(asks.contribution).isNonNegative();
      // A choice between two bits is one; intervals cannot tell, two rows can.
      Expr isAsset = asksAreWorse.select(asks.isAsset, bids.isAsset).isNonZero();
      Expr left = asksAreWorse.select(asks.magnitude, bids.magnitude);
      Expr weighted =
          left.times(isAsset.select(weights.asset, weights.liability)).roundDownTo(MONEY);
      Expr asset = isAsset.times(weighted);
      collateral.add(asset);
      requirement.add(weighted.minus(asset));
      liabilities.add(left.minus(isAsset.times(left)));
      // Filled asks bring cash in, filled bids cost it.
      collateral.add(asksAreWorse.times(asks.cash));
      Expr spent = one.minus(asksAreWorse).times(bids.cash.negate());
      requirement.add(spent);
      liabilities.add(spent);
    }

    private void perpMarket(
        Expr worstBase, Expr base, Expr quoteAmount, Expr price, Expr ratio, Expr pnlWeight) {
      Expr worst =
          worstBase.times(price).roundDownTo(MONEY).times(quotePriceHigh).roundDownTo(MONEY);
      requirement.add(worst.times(ratio).roundDownTo(MONEY));
      liabilities.add(worst);

      Expr baseValue = base.abs().times(price).roundDownTo(MONEY);
      Expr pnl = quoteAmount.plus(base.isNonNegative().select(baseValue, baseValue.negate()));
      Expr isProfit = pnl.isNonNegative();
      Expr weighted =
          pnl.abs()
              .times(isProfit.select(pnlWeight, one))
              .roundDownTo(MONEY)
              .times(isProfit.select(quotePriceLow, quotePriceHigh))
              .roundDownTo(MONEY);
      Expr profit = isProfit.times(weighted);
      Expr loss = weighted.minus(profit);
      Expr aboveCap = profit.minus(m.constant(INITIAL_PROFIT_CAP)).relu();
      collateral.add(profit.minus(initial.times(aboveCap)));
      collateral.add(loss.negate());
      losses.add(loss);
    }

    private MarginModel finish() {
      Expr totalCollateral = m.sum(collateral);
      Expr totalRequirement = m.sum(requirement);
      m.output("collateral", totalCollateral);
      m.output("requirement", totalRequirement);
      if (shape.get("buffer") == 1) {
        Expr buffer = m.round("liquidationBuffer").scale(WEIGHT).between("0", "1").single();
        totalCollateral = totalCollateral.minus(m.sum(shares(losses, buffer)));
        totalRequirement = totalRequirement.plus(m.sum(shares(liabilities, buffer)));
        m.output("collateralWithBuffer", totalCollateral);
        m.output("requirementWithBuffer", totalRequirement);
      }
      m.output("surplus", totalCollateral.minus(totalRequirement));
      m.assertNonNegative(
          "solvent",
          m.denominator().times(totalCollateral).minus(m.numerator().times(totalRequirement)));
      m.assertNonNegative("priced", m.sum(usedWithoutPrice).negate());
      return m.build();
    }

    /** Rounded one by one, as the venue adds them up. */
    private List<Expr> shares(List<Expr> amounts, Expr buffer) {
      return amounts.stream().map(amount -> amount.times(buffer).roundDownTo(MONEY)).toList();
    }

    /** The tokens and the cash of one market if all bids, or all asks, are filled. */
    private static final class Side {
      final Expr cash;
      final Expr isAsset;
      final Expr magnitude;
      final Expr contribution;

      Side(Expr value, Expr orders, Expr priceHigh, Weights weights) {
        cash = orders.negate().times(priceHigh).roundDownTo(MONEY);
        Expr left = value.minus(cash);
        isAsset = left.isNonNegative();
        magnitude = left.abs();
        Expr weighted =
            magnitude.times(isAsset.select(weights.asset, weights.liability)).roundDownTo(MONEY);
        contribution = isAsset.select(weighted, weighted.negate()).plus(cash);
      }
    }

    private MarginModelBuilder.Declaration amounts(
        String name, int scale, boolean negative, boolean positive) {
      String bound =
          new BigDecimal(BigInteger.TEN.pow(shape.get("amountDigits")), scale).toPlainString();
      return m.holdings(name)
          .scale(scale)
          .between(negative ? "-" + bound : "0", positive ? bound : "0");
    }

    /** Smallest parts of the token for one of balance. */
    private MarginModelBuilder.Declaration indices(String name) {
      return m.round(name)
          .scale(Math.max(0, INTEREST - minDecimals))
          .between("0", LARGEST_INTEREST + "0".repeat(maxDecimals));
    }

    /** Dollars for the smallest part of the token. */
    private MarginModelBuilder.Declaration prices(String name) {
      return m.round(name)
          .scale(MONEY + maxDecimals)
          .between("0", new BigDecimal(LARGEST_PRICE).movePointLeft(minDecimals).toPlainString());
    }

    private MarginModelBuilder.Declaration weights(String name) {
      return m.round(name).scale(WEIGHT).between("0", "10");
    }

    private ExprArray spot(MarginModelBuilder.Declaration declaration) {
      return declaration.axis(SPOT, shape.get("spots")).array();
    }

    private ExprArray perp(MarginModelBuilder.Declaration declaration) {
      return declaration.axis(PERP, shape.get("perps")).array();
    }
  }

  /** Part of a token's value that counts as collateral, and multiple that counts as requirement. */
  private record Weights(Expr asset, Expr liability) {
    static Weights select(Expr bit, Weights ifOne, Weights ifZero) {
      return new Weights(
          bit.select(ifOne.asset, ifZero.asset), bit.select(ifOne.liability, ifZero.liability));
    }
  }
}
