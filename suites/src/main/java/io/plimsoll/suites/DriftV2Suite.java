package io.plimsoll.suites;

import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModels;
import io.plimsoll.circuits.Shape;
import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Cases of Drift v2: {@code {"cases": [{"id", "type", "strict", ..., "expected"}]}}, integers with
 * the venue's scales (weights 10^-4, prices 10^-6, interest 10^-10, dollars 10^-6).
 *
 * <p>Public data becomes the round as the venue has it: in strict mode prices are the smaller of
 * oracle and five-minute mean for assets, the larger for liabilities; weights and ratios are those
 * of the margin type.
 */
final class DriftV2Suite extends CaseSuite {
  private static final BigInteger ZERO = BigInteger.ZERO;
  private static final BigInteger ONE_WEIGHT = BigInteger.valueOf(10_000);
  private static final BigInteger UINT32 = BigInteger.ONE.shiftLeft(32).subtract(BigInteger.ONE);
  private static final BigInteger UINT64 = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
  private static final int QUOTE_DECIMALS = 6;
  private static final int MAX_DECIMALS = 18;

  /** Margin types; {@code fill} takes the mean of the two others, rounded down. */
  private enum Type {
    INITIAL,
    FILL,
    MAINTENANCE;

    BigInteger of(BigInteger initial, BigInteger maintenance) {
      return switch (this) {
        case INITIAL -> initial;
        case FILL -> initial.add(maintenance).shiftRight(1);
        case MAINTENANCE -> maintenance;
      };
    }
  }

  @Override
  public String name() {
    return "drift-v2";
  }

  @Override
  public String description() {
    return "margin requirement and collateral of Drift v2, exact";
  }

  @Override
  List<SuiteCase> compute(List<Entry> entries) throws InvalidFormatException {
    List<Case> cases = new ArrayList<>();
    for (Entry entry : entries) {
      cases.add(new Case(entry.json()));
    }
    MarginModel model = covering(cases);
    List<SuiteCase> computed = new ArrayList<>();
    for (Case c : cases) {
      computed.add(c.compute(model));
    }
    return computed;
  }

  private static MarginModel covering(List<Case> cases) throws InvalidFormatException {
    Map<String, Integer> shape = new LinkedHashMap<>();
    shape.put("spots", 2);
    shape.put("perps", 2);
    shape.put("amountDigits", 17);
    shape.put("buffer", 0);
    shape.put("attesters", 1);
    int minDecimals = 5;
    int maxDecimals = 9;
    for (Case c : cases) {
      shape.merge("spots", c.spots.size(), Math::max);
      shape.merge("perps", c.perps.size(), Math::max);
      shape.merge("buffer", c.buffered() ? 1 : 0, Math::max);
      shape.merge("amountDigits", c.digits(), Math::max);
      for (Spot spot : c.spots) {
        minDecimals = Math.min(minDecimals, spot.market.decimals);
        maxDecimals = Math.max(maxDecimals, spot.market.decimals);
      }
    }
    shape.put("minDecimals", minDecimals);
    shape.put("moreDecimals", maxDecimals - minDecimals);
    Shape built = Shape.empty();
    for (Map.Entry<String, Integer> entry : shape.entrySet()) {
      built = built.with(entry.getKey(), entry.getValue());
    }
    return MarginModels.byName("drift-v2").build(built);
  }

  private static BigInteger unsigned(Json json, String name, BigInteger max)
      throws InvalidFormatException {
    return json.get(name).integer(ZERO, max);
  }

  private static BigInteger signed(Json json, String name) throws InvalidFormatException {
    return json.get(name).integer(UINT64.negate(), UINT64);
  }

  /** Weights that grow with the square root of a position are not in the model. */
  private static void requireNoSizeFactor(Json market) throws InvalidFormatException {
    if (market.has("imf") && market.get("imf").integer().signum() != 0) {
      throw market.get("imf").refuse("not 0: margin that grows with size is not covered");
    }
  }

  private static final class SpotMarket {
    final int decimals;
    final BigInteger price;
    final BigInteger twap;
    final BigInteger depositIndex;
    final BigInteger borrowIndex;
    final BigInteger initialAsset;
    final BigInteger maintenanceAsset;
    final BigInteger initialLiability;
    final BigInteger maintenanceLiability;

    SpotMarket(Json json) throws InvalidFormatException {
      json.only(
          "index",
          "decimals",
          "price",
          "twap5",
          "depositIndex",
          "borrowIndex",
          "initAsset",
          "maintAsset",
          "initLiab",
          "maintLiab",
          "imf");
      requireNoSizeFactor(json);
      decimals = json.get("decimals").integer(0, MAX_DECIMALS);
      price = unsigned(json, "price", UINT64);
      twap = unsigned(json, "twap5", UINT64);
      depositIndex = unsigned(json, "depositIndex", UINT64);
      borrowIndex = unsigned(json, "borrowIndex", UINT64);
      initialAsset = unsigned(json, "initAsset", UINT32);
      maintenanceAsset = unsigned(json, "maintAsset", UINT32);
      initialLiability = unsigned(json, "initLiab", UINT32);
      maintenanceLiability = unsigned(json, "maintLiab", UINT32);
    }

    BigInteger low(boolean strict) {
      return strict ? price.min(twap) : price;
    }

    BigInteger high(boolean strict) {
      return strict ? price.max(twap) : price;
    }
  }

  private static final class PerpMarket {
    final BigInteger price;
    final BigInteger initialRatio;
    final BigInteger maintenanceRatio;
    final BigInteger initialPnl;
    final BigInteger maintenancePnl;

    PerpMarket(Json json) throws InvalidFormatException {
      json.only("index", "price", "initRatio", "maintRatio", "imf", "pnlInit", "pnlMaint");
      requireNoSizeFactor(json);
      // The venue takes a price that is not positive as zero.
      price = signed(json, "price").max(ZERO);
      initialRatio = unsigned(json, "initRatio", UINT32);
      maintenanceRatio = unsigned(json, "maintRatio", UINT32);
      initialPnl = unsigned(json, "pnlInit", UINT32);
      maintenancePnl = unsigned(json, "pnlMaint", UINT32);
    }
  }

  private static final class Spot {
    final SpotMarket market;
    final BigInteger balance;
    final BigInteger orders;
    final BigInteger bids;
    final BigInteger asks;

    Spot(Json json, SpotMarket market) throws InvalidFormatException {
      json.only("index", "borrow", "scaled", "orders", "bids", "asks");
      this.market = market;
      BigInteger scaled = unsigned(json, "scaled", UINT64);
      balance = json.get("borrow").bool() ? scaled.negate() : scaled;
      orders = unsigned(json, "orders", UINT32);
      bids = unsigned(json, "bids", UINT64);
      asks = json.get("asks").integer(UINT64.negate(), ZERO);
    }
  }

  private static final class Perp {
    final PerpMarket market;
    final BigInteger base;
    final BigInteger quote;
    final BigInteger orders;
    final BigInteger bids;
    final BigInteger asks;
    final BigInteger maxRatio;

    Perp(Json json, PerpMarket market) throws InvalidFormatException {
      json.only("index", "base", "quote", "orders", "bids", "asks", "maxRatio");
      this.market = market;
      base = signed(json, "base");
      quote = signed(json, "quote");
      orders = unsigned(json, "orders", UINT32);
      bids = unsigned(json, "bids", UINT64);
      asks = json.get("asks").integer(UINT64.negate(), ZERO);
      maxRatio = json.has("maxRatio") ? unsigned(json, "maxRatio", UINT32) : ZERO;
    }
  }

  private static final class Case {
    private static final Map<String, String> OUTPUTS =
        Map.of(
            "requirement", "requirement",
            "collateral", "collateral",
            "requirementWithBuffer", "requirementWithBuffer",
            "collateralWithBuffer", "collateralWithBuffer");

    final String place;
    final String id;
    final Type type;
    final boolean strict;
    final BigInteger override;
    final BigInteger userRatio;
    final BigInteger buffer;
    final SpotMarket quoteMarket;
    final Spot quote;
    final List<Spot> spots = new ArrayList<>();
    final List<Perp> perps = new ArrayList<>();
    final Map<String, BigInteger> expected = new LinkedHashMap<>();

    Case(Json json) throws InvalidFormatException {
      json.only(
          "id",
          "type",
          "strict",
          "override",
          "userRatio",
          "buffer",
          "spotMarkets",
          "perpMarkets",
          "spot",
          "perp",
          "expected");
      place = json.place();
      id = json.get("id").text();
      type =
          switch (json.get("type").text()) {
            case "initial" -> Type.INITIAL;
            case "fill" -> Type.FILL;
            case "maintenance" -> Type.MAINTENANCE;
            default -> throw json.get("type").refuse("not initial, fill or maintenance");
          };
      strict = json.get("strict").bool();
      override = json.has("override") ? unsigned(json, "override", UINT32) : ZERO;
      userRatio = json.has("userRatio") ? unsigned(json, "userRatio", UINT32) : ZERO;
      buffer = json.has("buffer") ? unsigned(json, "buffer", ONE_WEIGHT) : ZERO;

      Map<BigInteger, SpotMarket> spotMarkets = new LinkedHashMap<>();
      for (Json market : json.get("spotMarkets").list()) {
        put(spotMarkets, market, new SpotMarket(market));
      }
      Map<BigInteger, PerpMarket> perpMarkets = new LinkedHashMap<>();
      for (Json market : json.get("perpMarkets").list()) {
        put(perpMarkets, market, new PerpMarket(market));
      }
      quoteMarket = spotMarkets.get(ZERO);
      if (quoteMarket == null) {
        throw new InvalidFormatException(
            json.get("spotMarkets").place() + ": the quote market, index 0, is missing");
      }
      if (quoteMarket.decimals != QUOTE_DECIMALS) {
        throw new InvalidFormatException(
            json.get("spotMarkets").place()
                + ": the quote market has "
                + quoteMarket.decimals
                + " decimals, not "
                + QUOTE_DECIMALS);
      }
      Spot inQuote = null;
      Map<BigInteger, Spot> held = new LinkedHashMap<>();
      for (Json position : json.get("spot").list()) {
        put(held, position, new Spot(position, find(spotMarkets, position)));
      }
      for (Map.Entry<BigInteger, Spot> entry : held.entrySet()) {
        if (entry.getKey().signum() == 0) {
          inQuote = entry.getValue();
        } else {
          spots.add(entry.getValue());
        }
      }
      quote = inQuote;
      Map<BigInteger, Perp> open = new LinkedHashMap<>();
      for (Json position : json.get("perp").list()) {
        put(open, position, new Perp(position, find(perpMarkets, position)));
      }
      perps.addAll(open.values());
      for (Map.Entry<String, Json> figure : json.get("expected").object().entrySet()) {
        if (!OUTPUTS.containsKey(figure.getKey())) {
          throw new InvalidFormatException(
              figure.getValue().place() + " is no figure that is known: " + OUTPUTS.keySet());
        }
        expected.put(figure.getKey(), figure.getValue().integer());
      }
      if (expected.isEmpty()) {
        throw new InvalidFormatException(json.get("expected").place() + " has no figure");
      }
    }

    private static <T> void put(Map<BigInteger, T> map, Json json, T value)
        throws InvalidFormatException {
      if (map.put(json.get("index").integer(), value) != null) {
        throw json.get("index").refuse("the index of two");
      }
    }

    private static <T> T find(Map<BigInteger, T> markets, Json position)
        throws InvalidFormatException {
      T market = markets.get(position.get("index").integer());
      if (market == null) {
        throw position.get("index").refuse("the index of no market");
      }
      return market;
    }

    boolean buffered() {
      return buffer.signum() > 0 || expected.keySet().stream().anyMatch(n -> n.endsWith("Buffer"));
    }

    /** Digits of the largest amount. */
    int digits() {
      BigInteger most = quote == null ? ZERO : quote.balance.abs();
      for (Spot spot : spots) {
        most = most.max(spot.balance.abs()).max(spot.bids).max(spot.asks.abs());
      }
      for (Perp perp : perps) {
        most = most.max(perp.base.abs()).max(perp.quote.abs());
        most = most.max(perp.bids).max(perp.asks.abs());
      }
      return most.toString().length();
    }

    SuiteCase compute(MarginModel model) throws InvalidFormatException {
      int minDecimals = model.shape().get("minDecimals");
      int maxDecimals = minDecimals + model.shape().get("moreDecimals");
      Inputs inputs = new Inputs(place, model);
      inputs.coefficient("initial", type == Type.INITIAL ? BigInteger.ONE : ZERO);
      inputs.coefficient("ratioOverride", override);
      inputs.coefficient("quoteDepositIndex", quoteMarket.depositIndex);
      inputs.coefficient("quoteBorrowIndex", quoteMarket.borrowIndex);
      inputs.coefficient("quotePriceLow", quoteMarket.low(strict));
      inputs.coefficient("quotePriceHigh", quoteMarket.high(strict));
      if (model.shape().get("buffer") == 1) {
        inputs.coefficient("liquidationBuffer", buffer);
      }
      inputs.holding("userRatio", 0, userRatio);
      BigInteger orders = ZERO;
      if (quote != null) {
        inputs.holding("quoteBalance", 0, quote.balance);
      }
      for (int i = 0; i < spots.size(); i++) {
        Spot spot = spots.get(i);
        SpotMarket market = spot.market;
        // Interest has ten decimals, balances nine: smallest parts are 10^(decimals - 19) of them.
        BigInteger parts = BigInteger.TEN.pow(market.decimals - 10 + Math.max(0, 10 - minDecimals));
        inputs.coefficient("depositIndex", market.depositIndex.multiply(parts), i);
        inputs.coefficient("borrowIndex", market.borrowIndex.multiply(parts), i);
        BigInteger perPart = BigInteger.TEN.pow(maxDecimals - market.decimals);
        inputs.coefficient("priceLow", market.low(strict).multiply(perPart), i);
        inputs.coefficient("priceHigh", market.high(strict).multiply(perPart), i);
        inputs.coefficient("assetWeight", type.of(market.initialAsset, market.maintenanceAsset), i);
        inputs.coefficient(
            "liabilityWeight", type.of(market.initialLiability, market.maintenanceLiability), i);
        inputs.coefficient("initialAssetWeight", market.initialAsset, i);
        inputs.coefficient("initialLiabilityWeight", market.initialLiability, i);
        inputs.holding("balance", i, spot.balance);
        inputs.holding("bids", i, spot.bids);
        inputs.holding("asks", i, spot.asks);
        orders = orders.add(spot.orders);
      }
      for (int i = 0; i < perps.size(); i++) {
        Perp perp = perps.get(i);
        inputs.coefficient("price", perp.market.price, i);
        inputs.coefficient(
            "marginRatio", type.of(perp.market.initialRatio, perp.market.maintenanceRatio), i);
        inputs.coefficient(
            "pnlWeight",
            type == Type.MAINTENANCE ? perp.market.maintenancePnl : perp.market.initialPnl,
            i);
        inputs.holding("base", i, perp.base);
        inputs.holding("quoteAmount", i, perp.quote);
        inputs.holding("perpBids", i, perp.bids);
        inputs.holding("perpAsks", i, perp.asks);
        inputs.holding("positionRatio", i, perp.maxRatio);
        orders = orders.add(perp.orders);
      }
      inputs.holding("openOrders", 0, orders);
      Account account = inputs.account("account");
      MarginAssessment assessment = account.assess();
      List<Figure> figures = new ArrayList<>();
      for (Map.Entry<String, BigInteger> figure : expected.entrySet()) {
        figures.add(
            new Figure(
                figure.getKey(),
                new BigDecimal(figure.getValue()),
                assessment.output(OUTPUTS.get(figure.getKey())).movePointRight(6),
                Tolerance.exact()));
      }
      return new SuiteCase(id, figures, List.of(account));
    }
  }
}
