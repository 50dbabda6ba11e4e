package io.plimsoll.risk;

import io.plimsoll.proto.v1.AssetMarket;
import io.plimsoll.proto.v1.ExpiryMarket;
import io.plimsoll.proto.v1.FutureMarket;
import io.plimsoll.proto.v1.HaircutTier;
import io.plimsoll.proto.v1.MarketSnapshot;
import io.plimsoll.proto.v1.OptionQuote;
import io.plimsoll.proto.v1.OptionType;
import io.plimsoll.proto.v1.RateTier;
import io.plimsoll.proto.v1.ScenarioGrid;
import io.plimsoll.proto.v1.UnderlyingMarket;
import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A market snapshot whose every value has been checked; prices are money, exact. */
record Market(
    long asOfMillis,
    List<Underlying> underlyings,
    List<Asset> assets,
    List<BigDecimal> priceMoves,
    List<BigDecimal> volatilityMoves) {

  private static final String MAX_PRICE = "1000000000000";
  private static final String MAX_RATE = "1000";
  private static final String MAX_AMOUNT = "1000000000000000";
  private static final String MAX_VOLATILITY = "20";
  private static final String MAX_YEARS = "100";

  /**
   * An underlying.
   *
   * @param spot its price; the nearest forward, or a future's mark, stands in
   */
  record Underlying(
      String name,
      BigDecimal spot,
      BigDecimal deltaRate,
      BigDecimal vegaRate,
      BigDecimal liquidityRate,
      List<Option> options,
      List<Future> futures) {}

  /**
   * A European option on one unit of the underlying.
   *
   * @param volatility mid of bid and ask implied volatility
   */
  record Option(
      String instrument,
      boolean call,
      BigDecimal strike,
      BigDecimal forward,
      BigDecimal volatility,
      BigDecimal years,
      BigDecimal discountFactor) {
    /** Value after relative moves of forward and volatility. */
    BigDecimal price(BigDecimal priceMove, BigDecimal volatilityMove) {
      return Black76.price(
          call,
          forward.multiply(BigDecimal.ONE.add(priceMove)),
          strike,
          volatility.multiply(BigDecimal.ONE.add(volatilityMove)),
          years,
          discountFactor);
    }

    Black76.Valuation value() {
      return Black76.value(call, forward, strike, volatility, years, discountFactor);
    }
  }

  /** A future; the tiers' slopes are marginal rates, fractions of notional that never fall. */
  record Future(String instrument, BigDecimal mark, List<Tier> rates) {}

  /** An asset; the tiers' slopes are marginal haircuts, fractions that never fall. */
  record Asset(String name, BigDecimal price, List<Tier> haircuts) {}

  /**
   * Reads and checks everything.
   *
   * @throws InvalidFormatException naming the field, its value and its limit
   */
  static Market read(MarketSnapshot snapshot) throws InvalidFormatException {
    if (snapshot.getAsOfMillis() < 0) {
      throw new InvalidFormatException(
          "market: as_of_millis is " + snapshot.getAsOfMillis() + ", less than 0");
    }
    Set<String> instruments = new HashSet<>();
    Set<String> names = new HashSet<>();
    List<Underlying> underlyings = new ArrayList<>();
    for (UnderlyingMarket underlying : snapshot.getUnderlyingsList()) {
      String name = Fields.name("name of underlying " + underlyings.size(), underlying.getName());
      requireNew("underlying", name, names);
      underlyings.add(underlying(name, underlying, instruments));
    }
    names.clear();
    List<Asset> assets = new ArrayList<>();
    for (AssetMarket asset : snapshot.getAssetsList()) {
      String name = Fields.name("name of asset " + assets.size(), asset.getName());
      requireNew("asset", name, names);
      assets.add(
          new Asset(
              name,
              Fields.positive("price of asset " + name, asset.getPrice(), MAX_PRICE),
              haircuts(name, asset.getTiersList())));
    }
    ScenarioGrid grid = snapshot.getScenarios();
    return new Market(
        snapshot.getAsOfMillis(),
        List.copyOf(underlyings),
        List.copyOf(assets),
        moves("price move", grid.getPriceMovesList()),
        moves("volatility move", grid.getVolatilityMovesList()));
  }

  private static Underlying underlying(
      String name, UnderlyingMarket market, Set<String> instruments) throws InvalidFormatException {
    List<Option> options = new ArrayList<>();
    for (ExpiryMarket expiry : market.getExpiriesList()) {
      options(name, expiry, instruments, options);
    }
    List<Future> futures = new ArrayList<>();
    for (FutureMarket future : market.getFuturesList()) {
      String instrument = Fields.name("instrument of a future of " + name, future.getInstrument());
      requireNew("instrument", instrument, instruments);
      futures.add(
          new Future(
              instrument,
              Fields.positive("mark of " + instrument, future.getMark(), MAX_PRICE),
              rates(instrument, future.getTiersList())));
    }
    // Rates that nothing is charged by may be missing.
    boolean charged = !options.isEmpty();
    return new Underlying(
        name,
        spot(name, market, options, futures),
        rate("delta_rate of " + name, market.getDeltaRate(), charged),
        rate("vega_rate of " + name, market.getVegaRate(), charged),
        rate("liquidity_rate of " + name, market.getLiquidityRate(), charged),
        List.copyOf(options),
        List.copyOf(futures));
  }

  private static void options(
      String underlying, ExpiryMarket expiry, Set<String> instruments, List<Option> options)
      throws InvalidFormatException {
    String what = underlying + " " + Fields.printable(expiry.getLabel());
    BigDecimal years =
        Fields.positive("years_to_expiry of " + what, expiry.getYearsToExpiry(), MAX_YEARS);
    BigDecimal forward = Fields.positive("forward of " + what, expiry.getForward(), MAX_PRICE);
    BigDecimal discountFactor =
        Fields.positive("discount_factor of " + what, expiry.getDiscountFactor(), "2");
    for (OptionQuote quote : expiry.getOptionsList()) {
      String instrument = Fields.name("instrument of an option of " + what, quote.getInstrument());
      requireNew("instrument", instrument, instruments);
      if (quote.getType() != OptionType.OPTION_TYPE_CALL
          && quote.getType() != OptionType.OPTION_TYPE_PUT) {
        throw new InvalidFormatException(
            "market: type of "
                + instrument
                + " is "
                + quote.getTypeValue()
                + ", not OPTION_TYPE_CALL or OPTION_TYPE_PUT");
      }
      BigDecimal bid =
          Fields.decimal(
              "bid_implied_volatility of " + instrument,
              quote.getBidImpliedVolatility(),
              "0",
              MAX_VOLATILITY);
      BigDecimal ask =
          Fields.positive(
              "ask_implied_volatility of " + instrument,
              quote.getAskImpliedVolatility(),
              MAX_VOLATILITY);
      if (bid.compareTo(ask) > 0) {
        throw new InvalidFormatException(
            "market: bid_implied_volatility of "
                + instrument
                + " is "
                + bid
                + ", above the ask, "
                + ask);
      }
      options.add(
          new Option(
              instrument,
              quote.getType() == OptionType.OPTION_TYPE_CALL,
              Fields.positive("strike of " + instrument, quote.getStrike(), MAX_PRICE),
              forward,
              bid.add(ask).divide(BigDecimal.valueOf(2)),
              years,
              discountFactor));
    }
  }

  private static BigDecimal spot(
      String name, UnderlyingMarket market, List<Option> options, List<Future> futures)
      throws InvalidFormatException {
    if (!market.getSpot().isEmpty()) {
      return Fields.positive("spot of " + name, market.getSpot(), MAX_PRICE);
    }
    Optional<BigDecimal> nearest =
        options.stream().min(Comparator.comparing(Option::years)).map(Option::forward);
    return nearest
        .or(() -> futures.stream().map(Future::mark).findFirst())
        .orElseThrow(
            () ->
                new InvalidFormatException(
                    "market: spot of " + name + " is missing, and it has no forward or future"));
  }

  private static BigDecimal rate(String field, String text, boolean required)
      throws InvalidFormatException {
    return text.isEmpty() && !required
        ? BigDecimal.ZERO
        : Fields.decimal(field, text, "0", MAX_RATE);
  }

  private static List<Tier> rates(String instrument, List<RateTier> tiers)
      throws InvalidFormatException {
    List<Tier> checked = new ArrayList<>();
    for (RateTier tier : tiers) {
      String what = "of tier " + checked.size() + " of " + instrument;
      checked.add(
          tier(
              what,
              tier.getUpTo(),
              Fields.decimal("rate " + what, tier.getRate(), "0", MAX_RATE),
              checked.size() == tiers.size() - 1));
    }
    requireSchedule("rate", instrument, checked);
    return List.copyOf(checked);
  }

  private static List<Tier> haircuts(String asset, List<HaircutTier> tiers)
      throws InvalidFormatException {
    List<Tier> checked = new ArrayList<>();
    for (HaircutTier tier : tiers) {
      String what = "of tier " + checked.size() + " of asset " + asset;
      checked.add(
          tier(
              what,
              tier.getUpTo(),
              Fields.decimal("haircut " + what, tier.getHaircut(), "0", "1"),
              checked.size() == tiers.size() - 1));
    }
    requireSchedule("haircut", "asset " + asset, checked);
    return List.copyOf(checked);
  }

  private static Tier tier(String what, String upTo, BigDecimal slope, boolean last)
      throws InvalidFormatException {
    if (last) {
      if (!upTo.isEmpty()) {
        throw new InvalidFormatException(
            "market: up_to "
                + what
                + " is '"
                + Fields.printable(upTo)
                + "', but the last tier has no end");
      }
      return new Tier(Optional.empty(), slope);
    }
    return new Tier(Optional.of(Fields.positive("up_to " + what, upTo, MAX_AMOUNT)), slope);
  }

  /** Bounds rise; rates and haircuts do not fall: else a kink would have a negative step. */
  private static void requireSchedule(String rate, String what, List<Tier> tiers)
      throws InvalidFormatException {
    if (tiers.isEmpty()) {
      throw new InvalidFormatException("market: tiers of " + what + " are missing");
    }
    for (int t = 1; t < tiers.size(); t++) {
      Tier before = tiers.get(t - 1);
      Tier tier = tiers.get(t);
      if (tier.slope().compareTo(before.slope()) < 0) {
        throw new InvalidFormatException(
            "market: "
                + rate
                + " of tier "
                + t
                + " of "
                + what
                + " is "
                + tier.slope()
                + ", below the tier before it, "
                + before.slope());
      }
      if (tier.upTo().isPresent()
          && tier.upTo().get().compareTo(before.upTo().orElseThrow()) <= 0) {
        throw new InvalidFormatException(
            "market: up_to of tier "
                + t
                + " of "
                + what
                + " is "
                + tier.upTo().get()
                + ", not above the tier before it, "
                + before.upTo().get());
      }
    }
  }

  private static List<BigDecimal> moves(String what, List<String> texts)
      throws InvalidFormatException {
    List<BigDecimal> moves = new ArrayList<>();
    for (String text : texts) {
      // Above -1: what moves stays above zero.
      BigDecimal move =
          Fields.decimal(what + " " + moves.size() + " of the scenarios", text, "-0.999", "10");
      for (BigDecimal other : moves) {
        if (other.compareTo(move) == 0) {
          throw new InvalidFormatException(
              "market: " + what + " " + text + " of the scenarios occurs twice");
        }
      }
      moves.add(move);
    }
    return List.copyOf(moves);
  }

  private static void requireNew(String what, String name, Set<String> seen)
      throws InvalidFormatException {
    if (!seen.add(name)) {
      throw new InvalidFormatException("market: " + what + " '" + name + "' occurs twice");
    }
  }
}
