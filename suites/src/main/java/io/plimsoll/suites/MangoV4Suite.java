package io.plimsoll.suites;

import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModels;
import io.plimsoll.circuits.Shape;
import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * Health cases of Mango v4, in tokens, prices and weights as its tests write them:
 *
 * <pre>{@code
 * {"cases": [{
 *   "id": "example", "type": "init", "health": 16.2,
 *   "tokens": [{"name": "USDC", "price": 1, "initW": 0.2, "maintW": 0.1, "balance": 100,
 *       "stable": 1, "depositScaleStart": 1000, "totalDeposits": 100,
 *       "borrowScaleStart": 1000, "totalBorrows": 100}],
 *   "spotMarkets": [{"base": 1, "quote": 0, "baseReserved": 15, "quoteReserved": 20,
 *       "lowestAsk": 0, "highestBidInv": 0}],
 *   "perps": [{"settle": 0, "price": 5, "stable": 5, "lot": 10, "baseLots": 3, "quote": -131,
 *       "bids": 7, "asks": 11, "initBaseW": 0.2, "maintBaseW": 0.1,
 *       "initPnlW": 0.05, "maintPnlW": 0.02}]}]}
 * }</pre>
 *
 * <p>A weight w means assets at 1 - w and liabilities at 1 + w. {@code type} is {@code init},
 * {@code maint} or {@code liquidationEnd}; {@code base}, {@code quote} and {@code settle} count
 * tokens from 0. Without {@code stable} the stable price is the oracle's; without a start of
 * scaling nothing is scaled. {@code potentialSerumTokens} are added to the deposits. A worst order
 * price of 0 is unknown. Other members are no inputs and are ignored.
 *
 * <p>Rounding, to the model's decimals: asset prices, weights and rates down, those of liabilities
 * up; reserves at the worst order price down, as Mango's fixed point does. A liability weight above
 * the model's bound, as of a token that may not be borrowed at all, is the bound.
 */
final class MangoV4Suite extends CaseSuite {
  private static final int PRICE_SCALE = 9;
  private static final int WEIGHT_SCALE = 12;
  private static final BigDecimal MAX_LIABILITY_WEIGHT = new BigDecimal(10_000);
  private static final Tolerance TOLERANCE = Tolerance.relative(9);

  @Override
  public String name() {
    return "mango-v4";
  }

  @Override
  public String description() {
    return "health of Mango v4 accounts, to 1e-9";
  }

  @Override
  List<Entry> entries(CaseFiles.CaseFile file) throws InvalidFormatException {
    // Other members tell where the cases are from.
    return entries(file.content().get("cases"));
  }

  @Override
  List<SuiteCase> compute(List<Entry> entries) throws InvalidFormatException {
    List<Json> cases = entries.stream().map(Entry::json).toList();
    MarginModel model = model(cases);
    List<SuiteCase> read = new ArrayList<>();
    for (Json json : cases) {
      Account account = account(json, model);
      read.add(
          new SuiteCase(
              json.get("id").text(),
              List.of(
                  new Figure(
                      "health",
                      json.get("health").decimal(),
                      account.assess().output("health"),
                      TOLERANCE)),
              List.of(account)));
    }
    return read;
  }

  /** The smallest member of the family that holds every case. */
  static MarginModel model(List<Json> cases) throws InvalidFormatException {
    int tokens = 1;
    int spotMarkets = 1;
    int perpMarkets = 1;
    for (Json json : cases) {
      tokens = Math.max(tokens, json.get("tokens").list().size());
      spotMarkets = Math.max(spotMarkets, json.get("spotMarkets").list().size());
      perpMarkets = Math.max(perpMarkets, json.get("perps").list().size());
    }
    return MarginModels.byName("mango-v4")
        .build(
            Shape.empty()
                .with("tokens", tokens)
                .with("spotMarkets", spotMarkets)
                .with("perpMarkets", perpMarkets)
                .with("attesters", 1));
  }

  /** One case's account. */
  static Account account(Json json, MarginModel model) throws InvalidFormatException {
    HealthType type = HealthType.of(json.get("type"));
    Inputs inputs = new Inputs(json.place(), model);
    List<Json> tokens = json.get("tokens").list();
    for (int t = 0; t < tokens.size(); t++) {
      token(inputs, t, tokens.get(t), type);
    }
    List<Json> markets = json.get("spotMarkets").list();
    for (int s = 0; s < markets.size(); s++) {
      spotMarket(inputs, s, markets.get(s), tokens.size());
    }
    List<Json> perps = json.get("perps").list();
    for (int p = 0; p < perps.size(); p++) {
      perp(inputs, p, perps.get(p), tokens.size(), type);
    }
    return inputs.account(type.label);
  }

  private static void token(Inputs inputs, int t, Json json, HealthType type)
      throws InvalidFormatException {
    Prices prices = Prices.of(json, type);
    BigDecimal weight = json.get(type.weights + "W").decimal();
    BigDecimal assetWeight = BigDecimal.ONE.subtract(weight);
    BigDecimal liabilityWeight = BigDecimal.ONE.add(weight);
    if (type == HealthType.INITIAL) {
      // Scaling looks at the pessimistic price on both sides.
      BigDecimal deposited =
          optional(json, "totalDeposits")
              .add(optional(json, "potentialSerumTokens"))
              .multiply(prices.liability);
      BigDecimal borrowed = optional(json, "totalBorrows").multiply(prices.liability);
      if (json.has("depositScaleStart")) {
        BigDecimal start = json.get("depositScaleStart").decimal();
        if (deposited.compareTo(start) > 0) {
          assetWeight =
              assetWeight.multiply(start).divide(deposited, WEIGHT_SCALE, RoundingMode.DOWN);
        }
      }
      if (json.has("borrowScaleStart")) {
        BigDecimal start = json.get("borrowScaleStart").decimal();
        if (borrowed.compareTo(start) > 0) {
          liabilityWeight =
              start.signum() == 0
                  ? MAX_LIABILITY_WEIGHT
                  : liabilityWeight.multiply(borrowed).divide(start, WEIGHT_SCALE, RoundingMode.UP);
        }
      }
    }
    if (prices.asset.compareTo(prices.liability) != 0) {
      assetWeight =
          assetWeight
              .multiply(prices.asset)
              .divide(prices.liability, WEIGHT_SCALE, RoundingMode.DOWN);
    }
    inputs
        .coefficient("assetPrice", prices.asset, t)
        .coefficient("liabilityPrice", prices.liability, t)
        .coefficient("assetWeight", assetWeight, t)
        .coefficient("liabilityWeight", liabilityWeight.min(MAX_LIABILITY_WEIGHT), t)
        .holding("balance", t, json.get("balance").decimal());
  }

  private static void spotMarket(Inputs inputs, int s, Json json, int tokens)
      throws InvalidFormatException {
    BigDecimal base = json.get("baseReserved").decimal();
    BigDecimal quote = json.get("quoteReserved").decimal();
    inputs
        .coefficient("spotBase", BigDecimal.ONE, s, json.get("base").integer(0, tokens - 1))
        .coefficient("spotQuote", BigDecimal.ONE, s, json.get("quote").integer(0, tokens - 1))
        .holding("spotBaseReserved", s, base)
        .holding("spotQuoteReserved", s, quote)
        .holding("spotBaseAtLowestAsk", s, down(base.multiply(optional(json, "lowestAsk"))))
        .holding("spotQuoteAtHighestBid", s, down(quote.multiply(optional(json, "highestBidInv"))));
  }

  private static void perp(Inputs inputs, int p, Json json, int tokens, HealthType type)
      throws InvalidFormatException {
    Prices prices = Prices.of(json, type);
    BigDecimal lot = json.get("lot").decimal();
    BigDecimal weight = json.get(type.weights + "BaseW").decimal();
    BigDecimal ask = prices.asset.multiply(lot);
    BigDecimal bid = prices.liability.multiply(lot);
    inputs
        .coefficient("perpSettle", BigDecimal.ONE, p, json.get("settle").integer(0, tokens - 1))
        .coefficient("perpAssetRate", down(BigDecimal.ONE.subtract(weight).multiply(ask)), p)
        .coefficient("perpLiabilityRate", up(BigDecimal.ONE.add(weight).multiply(bid)), p)
        .coefficient("perpAskPrice", down(ask), p)
        .coefficient("perpBidPrice", up(bid), p)
        .coefficient(
            "perpProfitWeight",
            BigDecimal.ONE.subtract(json.get(type.weights + "PnlW").decimal()),
            p)
        .holding("perpBase", p, json.get("baseLots").decimal())
        .holding("perpBids", p, json.get("bids").decimal())
        .holding("perpAsks", p, json.get("asks").decimal())
        .holding("perpQuote", p, json.get("quote").decimal());
  }

  private static BigDecimal optional(Json json, String name) throws InvalidFormatException {
    return json.has(name) ? json.get(name).decimal() : BigDecimal.ZERO;
  }

  private static BigDecimal down(BigDecimal value) {
    return value.setScale(PRICE_SCALE, RoundingMode.FLOOR);
  }

  private static BigDecimal up(BigDecimal value) {
    return value.setScale(PRICE_SCALE, RoundingMode.CEILING);
  }

  /** The three healths. */
  private enum HealthType {
    INITIAL("init", "init"),
    MAINTENANCE("maint", "maint"),
    LIQUIDATION_END("liquidationEnd", "init");

    final String label;

    /** Begins the names of the weights. */
    final String weights;

    HealthType(String label, String weights) {
      this.label = label;
      this.weights = weights;
    }

    static HealthType of(Json json) throws InvalidFormatException {
      for (HealthType type : values()) {
        if (type.label.equals(json.text())) {
          return type;
        }
      }
      throw json.refuse("not init, maint or liquidationEnd");
    }
  }

  /** What an asset and a liability are valued at. */
  private record Prices(BigDecimal asset, BigDecimal liability) {
    static Prices of(Json json, HealthType type) throws InvalidFormatException {
      BigDecimal oracle = json.get("price").decimal();
      BigDecimal stable =
          type == HealthType.INITIAL && json.has("stable") ? json.get("stable").decimal() : oracle;
      return new Prices(down(oracle.min(stable)), up(oracle.max(stable)));
    }
  }
}
