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
 * Health of Mango v4: tokens lent and borrowed, spot orders, perpetuals, in one pool.
 *
 * <p>Source of the rule: blockworks-foundation/mango-v4 at 1303a4a, {@code
 * programs/mango-v4/src/health/cache.rs}, and {@code state/bank.rs} for the scaled weights.
 *
 * <pre>
 * perp p     weigh(x) = x * perpAssetRate    if x >= 0, else x * perpLiabilityRate
 *            ifBids   = weigh(base + bids) - bids * perpBidPrice
 *            ifAsks   = weigh(base - asks) + asks * perpAskPrice
 *            pnl      = quote + min(ifBids, ifAsks)
 *            hupnl    = pnl * perpProfitWeight if pnl > 0, else pnl
 * token t    value    = (balance + sum of the hupnl settled in t) * liabilityPrice
 *            health   = value * assetWeight    if value >= 0, else value * liabilityWeight
 * market m   asBase   = baseReserved * liabilityPrice[base]
 *                       + least of quoteReserved * assetPrice[quote]
 *                                  and quoteAtHighestBid * liabilityPrice[base], if that is not 0
 *            asQuote    the same with the sides exchanged
 *            potential of a token = value + all that the markets could turn into it
 *            effect(r, t) = part * assetWeight + (r - part) * liabilityWeight
 *                           with part = min(r, max(0, potential of t))
 *            health   = min(effect(asBase, base), effect(asQuote, quote))
 * health      = sum over tokens and markets
 * liabilities = sum over tokens of liabilityWeight * liabilityPrice
 *               * (max(0, -balance) + sum of the max(0, -hupnl) settled in t)
 * assets      = health + liabilities
 * asserted:     D * assets - N * liabilities >= 0, and nothing owed or traded without a price
 * </pre>
 *
 * <p>Mango converts the reserves of an order into the other token by dividing prices. Both tokens'
 * amounts are only ever compared with amounts of the same token, so here each is multiplied by that
 * token's liability price instead, which is the divisor: the comparisons are the same and nothing
 * is rounded. {@code assetWeight} is Mango's weight times its asset price over its liability price
 * (these differ only for initial health).
 *
 * <p>The three health types are three rounds on one circuit: initial (scaled weights, the worse of
 * oracle and stable price), maintenance, liquidation end (initial weights unscaled, oracle price).
 * The threshold is Mango's health ratio: N/D = 1 + ratio/100, so 1/1 is health at least zero. The
 * liabilities are those of the published ratio, in which a balance and a negative perp of one token
 * do not net against a positive one.
 *
 * <p>Neither convex nor concave in the holdings: a spot order of a debtor may raise or lower health
 * with the same balance, so every comparison is an exact selection.
 *
 * <p>Bounds and scales: {@code docs/models/mango-v4.md}.
 */
public final class MangoV4 implements MarginModelFamily {
  private static final String TOKENS = "tokens";
  private static final String SPOT_MARKETS = "spotMarkets";
  private static final String PERP_MARKETS = "perpMarkets";

  /** Stateless. */
  public MangoV4() {}

  @Override
  public String name() {
    return "mango-v4";
  }

  @Override
  public String description() {
    return "Mango v4 health: tokens, spot orders and perpetuals in one pool";
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        new Parameter(TOKENS, "slots for tokens", 8, 1, 64),
        new Parameter(SPOT_MARKETS, "slots for spot markets", 4, 1, 64),
        new Parameter(PERP_MARKETS, "slots for perpetual markets", 4, 1, 64),
        Attesters.PARAMETER);
  }

  @Override
  public MarginModel buildResolved(Shape shape) throws InvalidFormatException {
    MarginModelBuilder m =
        new MarginModelBuilder(name(), shape, shape.get(Attesters.PARAMETER.name()));
    Tokens tokens = new Tokens(m, shape.get(TOKENS));
    Spots spots = new Spots(m, shape.get(SPOT_MARKETS), tokens.count);
    Perps perps = new Perps(m, shape.get(PERP_MARKETS), tokens.count);

    List<Expr> values = new ArrayList<>();
    List<Expr> liabilities = new ArrayList<>();
    List<Expr> owedWithoutPrice = new ArrayList<>(spots.usedWithoutPrice);
    owedWithoutPrice.addAll(perps.usedWithoutPrice);
    for (int t = 0; t < tokens.count; t++) {
      List<Expr> balances = new ArrayList<>(List.of(tokens.balance.get(t)));
      List<Expr> owed = new ArrayList<>(List.of(tokens.balance.get(t).negate().relu()));
      for (int p = 0; p < perps.count; p++) {
        Expr settled = perps.settle.get(p, t);
        balances.add(settled.times(perps.hupnl.get(p)));
        owed.add(settled.times(perps.loss.get(p)));
      }
      values.add(tokens.liabilityPrice.get(t).times(m.sum(balances)));
      Expr owedAmount = m.sum(owed);
      liabilities.add(
          tokens.liabilityWeight.get(t).times(tokens.liabilityPrice.get(t).times(owedAmount)));
      owedWithoutPrice.add(tokens.unpriced.get(t).times(owedAmount));
    }

    List<Expr> asBase = new ArrayList<>();
    List<Expr> asQuote = new ArrayList<>();
    for (int s = 0; s < spots.count; s++) {
      ExprArray base = spots.base.row(s);
      ExprArray quote = spots.quote.row(s);
      asBase.add(
          reserves(
              base.dot(tokens.liabilityPrice),
              spots.baseReserved.get(s),
              quote.dot(tokens.assetPrice),
              spots.quoteReserved.get(s),
              spots.quoteAtHighestBid.get(s)));
      asQuote.add(
          reserves(
              quote.dot(tokens.liabilityPrice),
              spots.quoteReserved.get(s),
              base.dot(tokens.assetPrice),
              spots.baseReserved.get(s),
              spots.baseAtLowestAsk.get(s)));
    }

    List<Expr> contributions = new ArrayList<>();
    List<Expr> potentials = new ArrayList<>();
    for (int t = 0; t < tokens.count; t++) {
      Expr value = values.get(t);
      Expr held = value.relu();
      contributions.add(
          tokens
              .assetWeight
              .get(t)
              .times(held)
              .minus(tokens.liabilityWeight.get(t).times(held.minus(value))));
      List<Expr> parts = new ArrayList<>(List.of(value));
      for (int s = 0; s < spots.count; s++) {
        parts.add(spots.base.get(s, t).times(asBase.get(s)));
        parts.add(spots.quote.get(s, t).times(asQuote.get(s)));
      }
      potentials.add(m.sum(parts).relu());
    }
    for (int s = 0; s < spots.count; s++) {
      Expr ifBase = effect(m, tokens, potentials, spots.base.row(s), asBase.get(s));
      Expr ifQuote = effect(m, tokens, potentials, spots.quote.row(s), asQuote.get(s));
      contributions.add(ifBase.min(ifQuote));
    }

    Expr health = m.sum(contributions);
    Expr liability = m.sum(liabilities);
    Expr assets = health.plus(liability);
    m.assertNonNegative(
        "solvent", m.denominator().times(assets).minus(m.numerator().times(liability)));
    m.assertNonNegative("priced", m.sum(owedWithoutPrice).negate());
    m.output("health", health);
    m.output("assets", assets);
    m.output("liabilities", liability);
    return m.build();
  }

  /**
   * All reserves of a market as one of its tokens, at that token's liability price.
   *
   * @param own reserved in the token itself
   * @param other reserved in the market's other token
   * @param atWorstOrder {@code other} as that token at the worst price of an open order; 0 if that
   *     is not known
   */
  private static Expr reserves(
      Expr liabilityPrice, Expr own, Expr otherAssetPrice, Expr other, Expr atWorstOrder) {
    Expr atOracle = otherAssetPrice.times(other);
    Expr atOrder = liabilityPrice.times(atWorstOrder);
    // Orders that cross the oracle price must not be valued as if they were filled at it.
    Expr converted = atWorstOrder.isNonZero().select(atOracle.min(atOrder), atOracle);
    return liabilityPrice.times(own).plus(converted);
  }

  /** What it does to health if a market's reserves become the token that {@code which} selects. */
  private static Expr effect(
      MarginModelBuilder m, Tokens tokens, List<Expr> potentials, ExprArray which, Expr reserves) {
    List<Expr> picked = new ArrayList<>();
    for (int t = 0; t < potentials.size(); t++) {
      picked.add(which.get(t).times(potentials.get(t)));
    }
    Expr part = reserves.min(m.sum(picked));
    return which
        .dot(tokens.assetWeight)
        .times(part)
        .plus(which.dot(tokens.liabilityWeight).times(reserves.minus(part)));
  }

  /** Tokens: balances of one, prices and weights of all. */
  private static final class Tokens {
    final int count;
    final ExprArray balance;
    final ExprArray assetPrice;
    final ExprArray liabilityPrice;
    final ExprArray assetWeight;
    final ExprArray liabilityWeight;
    final ExprArray unpriced;

    Tokens(MarginModelBuilder m, int count) {
      this.count = count;
      balance =
          m.holdings("balance")
              .axis("token", count)
              .scale(9)
              .between("-100000000", "100000000")
              .array();
      assetPrice =
          m.round("assetPrice").axis("token", count).scale(9).between("0", "1000000").array();
      liabilityPrice =
          m.round("liabilityPrice").axis("token", count).scale(9).between("0", "1000000").array();
      assetWeight = m.round("assetWeight").axis("token", count).scale(12).between("0", "1").array();
      liabilityWeight =
          m.round("liabilityWeight").axis("token", count).scale(12).between("0", "10000").array();
      unpriced = m.round("unpriced").axis("token", count).between("0", "1").array();
    }
  }

  /** Spot markets: what open orders have reserved, and which tokens they trade. */
  private static final class Spots {
    final int count;
    final ExprArray baseReserved;
    final ExprArray quoteReserved;
    final ExprArray baseAtLowestAsk;
    final ExprArray quoteAtHighestBid;
    final ExprArray base;
    final ExprArray quote;
    final List<Expr> usedWithoutPrice = new ArrayList<>();

    Spots(MarginModelBuilder m, int count, int tokens) {
      this.count = count;
      baseReserved = reserved(m, "spotBaseReserved");
      quoteReserved = reserved(m, "spotQuoteReserved");
      baseAtLowestAsk = reserved(m, "spotBaseAtLowestAsk");
      quoteAtHighestBid = reserved(m, "spotQuoteAtHighestBid");
      base = selector(m, "spotBase", "spotMarket", count, tokens);
      quote = selector(m, "spotQuote", "spotMarket", count, tokens);
      ExprArray unpriced =
          m.round("spotUnpriced").axis("spotMarket", count).between("0", "1").array();
      for (int s = 0; s < count; s++) {
        usedWithoutPrice.add(unpriced.get(s).times(baseReserved.get(s).plus(quoteReserved.get(s))));
      }
    }

    private ExprArray reserved(MarginModelBuilder m, String vector) {
      return m.holdings(vector)
          .axis("spotMarket", count)
          .scale(9)
          .between("0", "100000000")
          .array();
    }
  }

  /** Perpetual markets: positions, orders and what they come to. */
  private static final class Perps {
    final int count;
    final ExprArray settle;
    final List<Expr> hupnl = new ArrayList<>();
    final List<Expr> loss = new ArrayList<>();
    final List<Expr> usedWithoutPrice = new ArrayList<>();

    Perps(MarginModelBuilder m, int count, int tokens) {
      this.count = count;
      ExprArray base =
          m.holdings("perpBase")
              .axis("perpMarket", count)
              .between("-1000000000", "1000000000")
              .array();
      ExprArray bids =
          m.holdings("perpBids").axis("perpMarket", count).between("0", "1000000000").array();
      ExprArray asks =
          m.holdings("perpAsks").axis("perpMarket", count).between("0", "1000000000").array();
      ExprArray quote =
          m.holdings("perpQuote")
              .axis("perpMarket", count)
              .scale(9)
              .between("-100000000", "100000000")
              .array();
      settle = selector(m, "perpSettle", "perpMarket", count, tokens);
      ExprArray assetRate = rate(m, "perpAssetRate");
      ExprArray liabilityRate = rate(m, "perpLiabilityRate");
      ExprArray bidPrice = rate(m, "perpBidPrice");
      ExprArray askPrice = rate(m, "perpAskPrice");
      ExprArray profitWeight =
          m.round("perpProfitWeight").axis("perpMarket", count).scale(4).between("0", "1").array();
      ExprArray unpriced =
          m.round("perpUnpriced").axis("perpMarket", count).between("0", "1").array();
      for (int p = 0; p < count; p++) {
        Expr ifBids =
            weigh(base.get(p).plus(bids.get(p)), assetRate.get(p), liabilityRate.get(p))
                .minus(bidPrice.get(p).times(bids.get(p)));
        Expr ifAsks =
            weigh(base.get(p).minus(asks.get(p)), assetRate.get(p), liabilityRate.get(p))
                .plus(askPrice.get(p).times(asks.get(p)));
        Expr pnl = quote.get(p).plus(ifBids.min(ifAsks));
        Expr profit = pnl.relu();
        loss.add(profit.minus(pnl));
        hupnl.add(profitWeight.get(p).times(profit).minus(loss.get(p)));
        usedWithoutPrice.add(
            unpriced
                .get(p)
                .times(
                    m.sum(
                        base.get(p).isNonZero(),
                        bids.get(p),
                        asks.get(p),
                        quote.get(p).isNonZero())));
      }
    }

    private ExprArray rate(MarginModelBuilder m, String tensor) {
      return m.round(tensor).axis("perpMarket", count).scale(9).between("0", "1000000").array();
    }

    private static Expr weigh(Expr lots, Expr assetRate, Expr liabilityRate) {
      Expr held = lots.relu();
      return assetRate.times(held).minus(liabilityRate.times(held.minus(lots)));
    }
  }

  /** For each market a row with a 1 at its token. */
  private static ExprArray selector(
      MarginModelBuilder m, String tensor, String market, int markets, int tokens) {
    return m.round(tensor).axis(market, markets).axis("token", tokens).between("0", "1").array();
  }
}
