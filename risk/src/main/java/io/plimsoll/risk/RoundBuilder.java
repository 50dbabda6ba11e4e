package io.plimsoll.risk;

import io.plimsoll.circuits.Listing;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.ProtoConversions;
import io.plimsoll.circuits.RoundCoefficients;
import io.plimsoll.circuits.RoundTensor;
import io.plimsoll.proto.v1.MarketSnapshot;
import io.plimsoll.proto.v1.RiskRound;
import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Builds the draft of a risk round: every coefficient of a {@code portfolio}, {@code cross} or
 * {@code isolated} model from a market snapshot. Immutable and thread-safe.
 *
 * <h2>Slots</h2>
 *
 * <p>{@code portfolio}: the options of each underlying that has any, expiry by expiry in the
 * snapshot's order, one block of slots for each underlying; {@code cross} and {@code isolated}: the
 * futures of all underlyings. Collateral slots are the assets. Slots left over have coefficients of
 * zero; those between two blocks are labelled {@code NAME unused SLOT}, because a listing has no
 * gaps.
 *
 * <h2>Scenarios</h2>
 *
 * <p>Price moves times volatility moves, the volatility move varying faster. An option's scenario
 * value is Black-76 at the moved forward and volatility, mid implied volatility before the move,
 * with time standing still.
 *
 * <h2>Rounding</h2>
 *
 * <p>A position's sign is private, so no rounding of its price is against every owner. What is
 * certain instead:
 *
 * <ul>
 *   <li>A <b>mark</b> is a tick price by definition: the theoretical price rounded to the model's
 *       tick, half to even. Equity is measured in marks, and losses are losses from the mark.
 *   <li><b>Scenario values</b> are rounded down, by e_is = v_is - V_is, at least 0 and below a
 *       tick; <b>delta</b> and <b>vega</b> to the nearest unit, by d_i and n_i either way.
 *   <li>Rates and the slopes of all margin tiers are rounded up, those of all haircut tiers down;
 *       kinks begin earlier. Steps are the exact differences of rounded slopes, at least 0 since
 *       the market's rates and haircuts do not fall from tier to tier.
 *   <li>The <b>liquidity rate</b> of an instrument, which is charged on |q_i|, pays for the first
 *       three: rounded up from {@code rate + max_s e_is + |d_i| * R + |n_i| * W}, with R and W the
 *       rounded delta and vega rates of its underlying.
 * </ul>
 *
 * <p>Then the requirement on the round is never below the requirement with exact values, whatever
 * the positions q_i: the rounded loss of scenario s is the exact one plus sum q_i e_is, so the
 * worst loss falls by at most sum |q_i| max_s e_is; |sum q_i (delta_i - d_i)| is at least |sum q_i
 * delta_i| - sum |q_i| |d_i|, and rates only rise, so the delta requirement falls by at most sum
 * |q_i| |d_i| R, and vega's likewise; the liquidity buffer rises by at least the sum of the three.
 */
public final class RoundBuilder {
  private final MarginModel model;
  private final Family family;

  private enum Family {
    PORTFOLIO,
    CROSS,
    ISOLATED
  }

  /**
   * A builder for a model.
   *
   * @throws InvalidFormatException if its family is not one of the three
   */
  public RoundBuilder(MarginModel model) throws InvalidFormatException {
    this.model = model;
    this.family =
        switch (model.name()) {
          case "portfolio" -> Family.PORTFOLIO;
          case "cross" -> Family.CROSS;
          case "isolated" -> Family.ISOLATED;
          default ->
              throw new InvalidFormatException(
                  "no rounds are built for model '"
                      + model.name()
                      + "', only for portfolio, cross and isolated");
        };
  }

  /**
   * Which instrument of the market each slot stands for. Later rounds of the same listing go by
   * {@link #build(Listing, MarketSnapshot)}: attestations hold for one listing.
   *
   * @throws InvalidFormatException if the market is not plausible or does not fit the shape
   */
  public Listing listing(MarketSnapshot snapshot) throws InvalidFormatException {
    return listing(Market.read(snapshot));
  }

  /**
   * A round with the market's own listing.
   *
   * @return a draft, without venue, circuit, sequence and signatures
   * @throws InvalidFormatException if the market is not plausible, does not fit the shape, or a
   *     coefficient would be outside its interval
   */
  public RiskRound build(MarketSnapshot snapshot) throws InvalidFormatException {
    Market market = Market.read(snapshot);
    return build(listing(market), market);
  }

  /**
   * A round with a given listing.
   *
   * @return a draft, without venue, circuit, sequence and signatures
   * @throws InvalidFormatException if the market lacks a listed instrument or has another, and as
   *     {@link #build(MarketSnapshot)}
   */
  public RiskRound build(Listing listing, MarketSnapshot snapshot) throws InvalidFormatException {
    return build(listing, Market.read(snapshot));
  }

  private Listing listing(Market market) throws InvalidFormatException {
    Map<String, List<String>> axes = new LinkedHashMap<>();
    switch (family) {
      case PORTFOLIO -> {
        List<Market.Underlying> underlyings = optionMarkets(market);
        axes.put("instrument", optionSlots(underlyings));
        axes.put("underlying", underlyings.stream().map(Market.Underlying::name).toList());
      }
      case CROSS -> axes.put("instrument", futureSlots(market, "instruments"));
      case ISOLATED -> axes.put("pocket", futureSlots(market, "pockets"));
    }
    if (family != Family.ISOLATED) {
      axes.put("collateral", market.assets().stream().map(Market.Asset::name).toList());
      requireFits("assets", market.assets().size(), "collaterals");
    }
    return Listing.of(model, axes);
  }

  private static List<Market.Underlying> optionMarkets(Market market) {
    return market.underlyings().stream().filter(each -> !each.options().isEmpty()).toList();
  }

  private List<String> optionSlots(List<Market.Underlying> underlyings)
      throws InvalidFormatException {
    requireFits("underlyings with options", underlyings.size(), "underlyings");
    int block = block();
    List<String> slots = new ArrayList<>();
    for (Market.Underlying underlying : underlyings) {
      while (slots.size() % block != 0) {
        Market.Underlying before = underlyings.get(slots.size() / block);
        slots.add(unused(before.name(), slots.size()));
      }
      if (underlying.options().size() > block) {
        throw new InvalidFormatException(
            "market: "
                + underlying.options().size()
                + " options of "
                + underlying.name()
                + ", more than its "
                + block
                + " slots in shape "
                + model.shape());
      }
      underlying.options().forEach(option -> slots.add(option.instrument()));
    }
    return slots;
  }

  private static String unused(String underlying, int slot) {
    return underlying + " unused " + slot;
  }

  private int block() {
    return model.shape().get("instruments") / model.shape().get("underlyings");
  }

  private List<String> futureSlots(Market market, String parameter) throws InvalidFormatException {
    List<String> slots = new ArrayList<>();
    for (Market.Underlying underlying : market.underlyings()) {
      underlying.futures().forEach(future -> slots.add(future.instrument()));
    }
    requireFits("futures", slots.size(), parameter);
    return slots;
  }

  private void requireFits(String what, int count, String parameter) throws InvalidFormatException {
    if (count > model.shape().get(parameter)) {
      throw new InvalidFormatException(
          "market: "
              + count
              + " "
              + what
              + ", more than the shape's "
              + model.shape().get(parameter)
              + " "
              + parameter);
    }
  }

  private RiskRound build(Listing listing, Market market) throws InvalidFormatException {
    Sheet sheet = new Sheet(model);
    switch (family) {
      case PORTFOLIO -> {
        portfolio(listing, market, sheet);
        collateral(listing, market, model.shape().get("tiers"), sheet);
      }
      case CROSS -> {
        cross(listing, market, sheet);
        collateral(listing, market, model.shape().get("collateralTiers"), sheet);
      }
      case ISOLATED -> isolated(listing, market, sheet);
    }
    return RiskRound.newBuilder()
        .setModel(model.name())
        .addAllShape(ProtoConversions.toProto(model.shape()))
        .setListing(ProtoConversions.toProto(listing))
        .setAsOfMillis(market.asOfMillis())
        .addAllCoefficients(
            ProtoConversions.toProto(RoundCoefficients.parse(model, sheet.decimals())))
        .build();
  }

  private void portfolio(Listing listing, Market market, Sheet sheet)
      throws InvalidFormatException {
    int scenarios = model.shape().get("scenarios");
    int moves = market.priceMoves().size() * market.volatilityMoves().size();
    if (moves != scenarios) {
      throw new InvalidFormatException(
          "market: "
              + market.priceMoves().size()
              + " price moves x "
              + market.volatilityMoves().size()
              + " volatility moves make "
              + moves
              + " scenarios, the shape has "
              + scenarios);
    }
    Slots slots = new Slots(listing, "instrument");
    Slots underlyingSlots = new Slots(listing, "underlying");
    for (Market.Underlying underlying : optionMarkets(market)) {
      int u = underlyingSlots.take(underlying.name());
      BigDecimal deltaRate =
          sheet.put(
              "deltaRate of " + underlying.name(),
              underlying.deltaRate().multiply(underlying.spot()),
              RoundingMode.CEILING,
              "deltaRate",
              u);
      BigDecimal vegaRate =
          sheet.put(
              "vegaRate of " + underlying.name(),
              underlying.vegaRate(),
              RoundingMode.CEILING,
              "vegaRate",
              u);
      BigDecimal liquidity = underlying.liquidityRate().multiply(underlying.spot());
      for (Market.Option option : underlying.options()) {
        int slot = slots.take(option.instrument());
        if (slot / block() != u) {
          throw new InvalidFormatException(
              "market: instrument '"
                  + option.instrument()
                  + "' of "
                  + underlying.name()
                  + " is listed in slot "
                  + slot
                  + ", which is another underlying's");
        }
        BigDecimal cover = option(market, option, slot, deltaRate, vegaRate, sheet);
        sheet.put(
            "liquidityRate of " + option.instrument(),
            liquidity.add(cover),
            RoundingMode.CEILING,
            "liquidityRate",
            slot);
      }
      int end = Math.min((u + 1) * block(), slots.size());
      for (int slot = u * block(); slot < end; slot++) {
        slots.takeIf(slot, unused(underlying.name(), slot));
      }
    }
    slots.requireAllTaken();
    underlyingSlots.requireAllTaken();
  }

  /**
   * Writes one option's coefficients.
   *
   * @return what a unit of it must be charged for their rounding
   */
  private static BigDecimal option(
      Market market,
      Market.Option option,
      int slot,
      BigDecimal deltaRate,
      BigDecimal vegaRate,
      Sheet sheet)
      throws InvalidFormatException {
    String name = option.instrument();
    Black76.Valuation now = option.value();
    sheet.put("mark of " + name, now.price(), RoundingMode.HALF_EVEN, "mark", slot);
    BigDecimal delta =
        sheet.put("delta of " + name, now.delta(), RoundingMode.HALF_EVEN, "delta", slot);
    BigDecimal vega =
        sheet.put("vega of " + name, now.vega(), RoundingMode.HALF_EVEN, "vega", slot);
    BigDecimal worst = BigDecimal.ZERO;
    int scenario = 0;
    for (BigDecimal priceMove : market.priceMoves()) {
      for (BigDecimal volatilityMove : market.volatilityMoves()) {
        BigDecimal exact = option.price(priceMove, volatilityMove);
        BigDecimal rounded =
            sheet.put(
                "scenarioValue " + scenario + " of " + name,
                exact,
                RoundingMode.FLOOR,
                "scenarioValue",
                slot,
                scenario);
        worst = worst.max(exact.subtract(rounded));
        scenario++;
      }
    }
    return worst
        .add(now.delta().subtract(delta).abs().multiply(deltaRate))
        .add(now.vega().subtract(vega).abs().multiply(vegaRate));
  }

  private void cross(Listing listing, Market market, Sheet sheet) throws InvalidFormatException {
    int tiers = model.shape().get("tiers");
    Slots slots = new Slots(listing, "instrument");
    for (Market.Underlying underlying : market.underlyings()) {
      for (Market.Future future : underlying.futures()) {
        String name = future.instrument();
        int slot = slots.take(name);
        sheet.put("mark of " + name, future.mark(), RoundingMode.HALF_EVEN, "mark", slot);
        requireTiers("tiers of " + name, future.rates().size(), tiers);
        List<Tier> charges =
            future.rates().stream()
                .map(tier -> new Tier(tier.upTo(), tier.slope().multiply(future.mark())))
                .toList();
        tiers("margin", name, charges, RoundingMode.CEILING, slot, sheet);
      }
    }
    slots.requireAllTaken();
  }

  /** A pocket has one rate for all sizes: the last tier's, the highest. */
  private static void isolated(Listing listing, Market market, Sheet sheet)
      throws InvalidFormatException {
    Slots slots = new Slots(listing, "pocket");
    for (Market.Underlying underlying : market.underlyings()) {
      for (Market.Future future : underlying.futures()) {
        String name = future.instrument();
        int slot = slots.take(name);
        sheet.put("mark of " + name, future.mark(), RoundingMode.HALF_EVEN, "mark", slot);
        BigDecimal highest = future.rates().get(future.rates().size() - 1).slope();
        sheet.put(
            "rate of " + name, highest.multiply(future.mark()), RoundingMode.CEILING, "rate", slot);
      }
    }
    slots.requireAllTaken();
  }

  private static void collateral(Listing listing, Market market, int tiers, Sheet sheet)
      throws InvalidFormatException {
    Slots slots = new Slots(listing, "collateral");
    for (Market.Asset asset : market.assets()) {
      int slot = slots.take(asset.name());
      requireTiers("tiers of asset " + asset.name(), asset.haircuts().size(), tiers);
      List<Tier> values =
          asset.haircuts().stream()
              .map(
                  tier ->
                      new Tier(
                          tier.upTo(),
                          BigDecimal.ONE.subtract(tier.slope()).multiply(asset.price())))
              .toList();
      tiers("haircut", asset.name(), values, RoundingMode.FLOOR, slot, sheet);
    }
    slots.requireAllTaken();
  }

  /**
   * Writes a schedule: the first slope, and the kinks to the other tiers. A kink rounded down
   * begins earlier, which takes value off collateral and adds margin to a position.
   */
  private static void tiers(
      String prefix, String name, List<Tier> exact, RoundingMode rounding, int slot, Sheet sheet)
      throws InvalidFormatException {
    List<Tier> tiers = Tier.rounded(exact, sheet.scale(prefix + "Slope"), rounding);
    sheet.put(prefix + "Slope of " + name, tiers.get(0).slope(), rounding, prefix + "Slope", slot);
    List<Tier.Kink> kinks = Tier.kinks(tiers);
    for (int k = 0; k < kinks.size(); k++) {
      String what = " " + k + " of " + name;
      Tier.Kink kink = kinks.get(k);
      sheet.put(
          prefix + "Step" + what, kink.step(), RoundingMode.UNNECESSARY, prefix + "Step", slot, k);
      sheet.put(prefix + "From" + what, kink.from(), RoundingMode.FLOOR, prefix + "From", slot, k);
    }
  }

  private static void requireTiers(String what, int count, int limit)
      throws InvalidFormatException {
    if (count > limit) {
      throw new InvalidFormatException(
          "market: " + count + " " + what + ", more than the shape's " + limit);
    }
  }

  /** The slots of one axis of a listing, each taken by one instrument of the market. */
  private static final class Slots {
    private final Listing listing;
    private final String axis;
    private final boolean[] taken;

    Slots(Listing listing, String axis) {
      this.listing = listing;
      this.axis = axis;
      this.taken = new boolean[listing.labels(axis).size()];
    }

    int size() {
      return taken.length;
    }

    int take(String label) throws InvalidFormatException {
      int slot = listing.slot(axis, label);
      if (slot < 0) {
        throw new InvalidFormatException(
            "market: " + axis + " '" + label + "' is not in the listing");
      }
      taken[slot] = true;
      return slot;
    }

    void takeIf(int slot, String label) {
      taken[slot] |= listing.labels(axis).get(slot).equals(label);
    }

    void requireAllTaken() throws InvalidFormatException {
      for (int slot = 0; slot < taken.length; slot++) {
        if (!taken[slot]) {
          throw new InvalidFormatException(
              "market: no price of listed " + axis + " '" + listing.labels(axis).get(slot) + "'");
        }
      }
    }
  }

  /** The coefficients as they are written: zero until put. */
  private static final class Sheet {
    private final Map<String, RoundTensor> tensors = new HashMap<>();
    private final Map<String, List<String>> decimals = new LinkedHashMap<>();

    Sheet(MarginModel model) {
      for (RoundTensor tensor : model.round()) {
        List<String> elements = new ArrayList<>(tensor.size());
        for (int i = 0; i < tensor.size(); i++) {
          elements.add("0");
        }
        tensors.put(tensor.name(), tensor);
        decimals.put(tensor.name(), elements);
      }
    }

    int scale(String tensorName) {
      return tensors.get(tensorName).scale();
    }

    /** Rounds to the tensor's scale, writes, and yields what was written. */
    BigDecimal put(
        String what, BigDecimal exact, RoundingMode rounding, String tensorName, int... indices)
        throws InvalidFormatException {
      RoundTensor tensor = tensors.get(tensorName);
      BigDecimal rounded = exact.setScale(tensor.scale(), rounding);
      BigDecimal min = BigDecimal.valueOf(tensor.min(), tensor.scale());
      BigDecimal max = BigDecimal.valueOf(tensor.max(), tensor.scale());
      if (rounded.compareTo(min) < 0 || rounded.compareTo(max) > 0) {
        throw new InvalidFormatException(
            "market: "
                + what
                + " is "
                + rounded.toPlainString()
                + ", outside the model's "
                + min.stripTrailingZeros().toPlainString()
                + " to "
                + max.stripTrailingZeros().toPlainString());
      }
      int offset = 0;
      for (int d = 0; d < indices.length; d++) {
        offset = offset * tensor.dimensions().get(d).length() + indices[d];
      }
      decimals.get(tensorName).set(offset, rounded.toPlainString());
      return rounded;
    }

    Map<String, List<String>> decimals() {
      return decimals;
    }
  }
}
