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
import java.util.function.Function;

/**
 * Cases of dYdX v4: {@code {"cases": [{"kind", "id", ...}]}}, integers in quantums.
 *
 * <p>A case that states amounts (an equity, a requirement, a notional) instead of positions is
 * computed on an account that has them: a position whose unit price is 1 has its size as notional,
 * and with a margin rate of 1 as requirement; the balance makes up the equity. So every figure is
 * an output of a margin model. What depends on public data alone is computed as the venue does and
 * becomes part of the round: unit prices, and initial margin scaled by open interest.
 *
 * <p>Truth values are 1 and 0; a {@code transition} is 0 (Success), 1 (NewlyUndercollateralized) or
 * 2 (StillUndercollateralized), as the venue numbers them.
 */
final class DydxV4Suite extends CaseSuite {
  private static final BigInteger ZERO = BigInteger.ZERO;
  private static final BigInteger ONE = BigInteger.ONE;
  private static final BigInteger MILLION = BigInteger.valueOf(1_000_000);
  private static final BigInteger MAX_UINT64 = ONE.shiftLeft(64).subtract(ONE);

  /** Far beyond what the venue stores, and small enough to compute with at once. */
  private static final BigInteger LARGEST = BigInteger.TEN.pow(60);

  private static final int LARGEST_EXPONENT = 30;
  private static final String INITIAL = "initial";
  private static final String MAINTENANCE = "maintenance";
  private static final String UPDATE = "update";
  private static final List<String> RESULTS =
      List.of("Success", "NewlyUndercollateralized", "StillUndercollateralized");

  @Override
  public String name() {
    return "dydx-v4";
  }

  @Override
  public String description() {
    return "requirements, portfolios, liquidations and updates of dYdX v4, exact";
  }

  @Override
  List<SuiteCase> compute(List<Entry> entries) throws InvalidFormatException {
    List<Case> cases = new ArrayList<>();
    for (Entry entry : entries) {
      cases.add(read(entry.json()));
    }
    Models models = Models.covering(cases);
    List<SuiteCase> computed = new ArrayList<>();
    for (Case c : cases) {
      computed.add(c.compute(models));
    }
    return computed;
  }

  // Reading

  private static Case read(Json json) throws InvalidFormatException {
    String kind = json.get("kind").text();
    String id = json.get("id").text();
    Case c = new Case(json.place(), id);
    switch (kind) {
      case "funding" -> readFunding(json, c);
      case "notional" -> readNotional(json, c);
      case "requirement" -> readRequirement(json, c);
      case "initialMargin" -> readInitialMargin(json, c);
      case "adjustedPpm" -> readAdjustedPpm(json, c);
      case "initialOk", "maintenanceOk" -> readComparison(json, c, "collateralized");
      case "liquidatable" -> readComparison(json, c, "liquidatable");
      case "riskOrder" -> readRiskOrder(json, c);
      case "transition" -> readTransition(json, c);
      case "portfolio" -> readPortfolio(json, c);
      default -> throw json.get("kind").refuse("not a kind of case that is known");
    }
    return c;
  }

  private static void readFunding(Json json, Case c) throws InvalidFormatException {
    json.only("kind", "id", "fundingIndex", "positionIndex", "size", "expectedPpm");
    BigInteger size = amount(json, "size");
    Position position = new Position(size, UnitPrice.NONE);
    position.fundingIndex = amount(json, "fundingIndex");
    State state = new State(ZERO, List.of(position));
    state.fundingBasis = size.multiply(amount(json, "positionIndex"));
    c.accounts.put(MAINTENANCE, state);
    c.figure(
        "settlement, ppm",
        json.get("expectedPpm").decimal(),
        MAINTENANCE,
        a -> a.output("settlement").movePointRight(6));
  }

  private static void readNotional(Json json, Case c) throws InvalidFormatException {
    json.only("kind", "id", "price", "exponent", "resolution", "size", "expected");
    c.accounts.put(
        MAINTENANCE, new State(ZERO, List.of(new Position(amount(json, "size"), unitPrice(json)))));
    c.figure("notional", json.get("expected").decimal(), MAINTENANCE, a -> a.output("notional"));
  }

  private static void readRequirement(Json json, Case c) throws InvalidFormatException {
    json.only(
        "kind",
        "id",
        "price",
        "exponent",
        "resolution",
        "openInterest",
        "tier",
        "size",
        "expectedIMR",
        "expectedMMR");
    Market market = market(json);
    BigInteger size = amount(json, "size");
    c.accounts.put(INITIAL, new State(ZERO, List.of(market.initial(size))));
    c.accounts.put(MAINTENANCE, new State(ZERO, List.of(market.maintenance(size))));
    c.figure("IMR", json.get("expectedIMR").decimal(), INITIAL, a -> a.output("requirement"));
    c.figure("MMR", json.get("expectedMMR").decimal(), MAINTENANCE, a -> a.output("requirement"));
  }

  private static void readInitialMargin(Json json, Case c) throws InvalidFormatException {
    json.only(
        "kind", "id", "initialPpm", "oiLower", "oiUpper", "oiNotional", "notional", "expected");
    Position position = new Position(amount(json, "notional"), UnitPrice.ONE);
    position.rate = scaledPpm(json, amount(json, "oiNotional"));
    c.accounts.put(INITIAL, new State(ZERO, List.of(position)));
    c.figure("IMR", json.get("expected").decimal(), INITIAL, a -> a.output("requirement"));
  }

  /** The margin of a notional of a million is the rate in millionths. */
  private static void readAdjustedPpm(Json json, Case c) throws InvalidFormatException {
    json.only("kind", "id", "initialPpm", "oiLower", "oiUpper", "oiNotional", "expected");
    Position position = new Position(MILLION, UnitPrice.ONE);
    position.rate = scaledPpm(json, amount(json, "oiNotional"));
    c.accounts.put(INITIAL, new State(ZERO, List.of(position)));
    c.figure(
        "IMR of a notional of 1000000",
        json.get("expected").decimal(),
        INITIAL,
        a -> a.output("requirement"));
  }

  private static void readComparison(Json json, Case c, String output)
      throws InvalidFormatException {
    json.only("kind", "id", "equity", "requirement", "expected");
    BigInteger requirement = requirement(json, "requirement");
    Position position = new Position(requirement, UnitPrice.ONE);
    position.rate = MILLION;
    c.accounts.put(
        MAINTENANCE, new State(amount(json, "equity").subtract(requirement), List.of(position)));
    c.figure(output, truth(json.get("expected")), MAINTENANCE, a -> a.output(output));
  }

  /** Account 1 is the state after the update, account 2 the one before. */
  private static void readRiskOrder(Json json, Case c) throws InvalidFormatException {
    json.only("kind", "id", "equity1", "requirement1", "equity2", "requirement2", "expected");
    c.update =
        new Update(
            amount(json, "equity2"),
            ZERO,
            requirement(json, "requirement2"),
            amount(json, "equity1"),
            requirement(json, "requirement1"));
    c.figure("risk order", json.get("expected").decimal(), UPDATE, a -> a.output("riskOrder"));
  }

  private static void readTransition(Json json, Case c) throws InvalidFormatException {
    json.only(
        "kind",
        "id",
        "oldEquity",
        "oldInitial",
        "oldMaintenance",
        "newEquity",
        "newMaintenance",
        "expected");
    c.update =
        new Update(
            amount(json, "oldEquity"),
            requirement(json, "oldInitial"),
            requirement(json, "oldMaintenance"),
            amount(json, "newEquity"),
            requirement(json, "newMaintenance"));
    int result = RESULTS.indexOf(json.get("expected").text());
    if (result < 0) {
      throw json.get("expected").refuse("not one of " + RESULTS);
    }
    c.figure("transition", BigDecimal.valueOf(result), UPDATE, a -> a.output("result"));
  }

  /** Holdings after the updates; a trade enters the funding basis at the current index. */
  private static void readPortfolio(Json json, Case c) throws InvalidFormatException {
    json.only("kind", "id", "quote", "quoteDelta", "markets", "positions", "expected");
    Map<BigInteger, Market> markets = new LinkedHashMap<>();
    for (Json market : json.get("markets").list()) {
      if (markets.put(market.get("id").integer(), market(market)) != null) {
        throw market.get("id").refuse("the id of two markets");
      }
    }
    BigInteger quote = amount(json, "quote");
    if (json.has("quoteDelta")) {
      quote = quote.add(amount(json, "quoteDelta"));
    }
    List<Position> initial = new ArrayList<>();
    List<Position> maintenance = new ArrayList<>();
    BigInteger fundingBasis = ZERO;
    for (Json position : json.get("positions").list()) {
      position.only("id", "size", "index", "delta");
      Market market = markets.get(position.get("id").integer());
      if (market == null) {
        throw position.get("id").refuse("the id of no market");
      }
      BigInteger size = amount(position, "size");
      BigInteger delta = position.has("delta") ? amount(position, "delta") : ZERO;
      fundingBasis =
          fundingBasis
              .add(size.multiply(amount(position, "index")))
              .add(delta.multiply(market.fundingIndex));
      initial.add(market.initial(size.add(delta)));
      maintenance.add(market.maintenance(size.add(delta)));
    }
    for (String label : List.of(INITIAL, MAINTENANCE)) {
      State state = new State(quote, label.equals(INITIAL) ? initial : maintenance);
      state.fundingBasis = fundingBasis;
      c.accounts.put(label, state);
    }
    Json expected = json.get("expected").only("equity", "IMR", "MMR");
    if (expected.has("equity")) {
      c.figure("equity", expected.get("equity").decimal(), MAINTENANCE, a -> a.output("equity"));
    }
    if (expected.has("IMR")) {
      c.figure("IMR", expected.get("IMR").decimal(), INITIAL, a -> a.output("requirement"));
    }
    if (expected.has("MMR")) {
      c.figure("MMR", expected.get("MMR").decimal(), MAINTENANCE, a -> a.output("requirement"));
    }
    if (c.figures.isEmpty()) {
      throw new InvalidFormatException(expected.place() + " has no figure");
    }
  }

  private static BigInteger amount(Json json, String name) throws InvalidFormatException {
    return json.get(name).integer(LARGEST.negate(), LARGEST);
  }

  private static BigInteger requirement(Json json, String name) throws InvalidFormatException {
    return json.get(name).integer(ZERO, LARGEST);
  }

  private static BigInteger ppm(Json json, String name) throws InvalidFormatException {
    return json.get(name).integer(ZERO, MILLION);
  }

  private static BigDecimal truth(Json json) throws InvalidFormatException {
    return json.bool() ? BigDecimal.ONE : BigDecimal.ZERO;
  }

  private static UnitPrice unitPrice(Json json) throws InvalidFormatException {
    int exponent =
        json.get("exponent").integer(-LARGEST_EXPONENT, LARGEST_EXPONENT)
            + json.get("resolution").integer(-LARGEST_EXPONENT, LARGEST_EXPONENT)
            + 6;
    return new UnitPrice(json.get("price").integer(ZERO, MAX_UINT64), exponent);
  }

  private static Market market(Json json) throws InvalidFormatException {
    Json tier = json.get("tier").only("initialPpm", "maintFractionPpm", "oiLower", "oiUpper");
    UnitPrice unitPrice = unitPrice(json);
    BigInteger openInterest = unitPrice.notional(amount(json, "openInterest"));
    return new Market(
        unitPrice,
        json.has("fundingIndex") ? amount(json, "fundingIndex") : ZERO,
        ppm(tier, "initialPpm"),
        ppm(tier, "maintFractionPpm"),
        scaledPpm(tier, openInterest));
  }

  /**
   * Initial margin scaled by open interest: linear from the base at the lower cap to 1 at the upper
   * one, rounded down. An upper cap of zero switches it off; equal caps make a step, and nothing is
   * divided.
   */
  private static BigInteger scaledPpm(Json tier, BigInteger openInterest)
      throws InvalidFormatException {
    BigInteger base = ppm(tier, "initialPpm");
    BigInteger lower = tier.get("oiLower").integer(ZERO, MAX_UINT64);
    BigInteger upper = tier.get("oiUpper").integer(ZERO, MAX_UINT64);
    if (upper.compareTo(lower) < 0) {
      throw tier.get("oiUpper").refuse("less than oiLower, which is " + lower);
    }
    if (upper.signum() == 0 || openInterest.compareTo(lower) <= 0) {
      return base;
    }
    if (openInterest.compareTo(upper) >= 0) {
      return MILLION;
    }
    return base.add(
        MILLION
            .subtract(base)
            .multiply(openInterest.subtract(lower))
            .divide(upper.subtract(lower)));
  }

  // Neutral form

  /**
   * Quote quantums for a base quantum.
   *
   * @param mantissa of the price
   * @param exponent of ten
   */
  private record UnitPrice(BigInteger mantissa, int exponent) {
    static final UnitPrice NONE = new UnitPrice(ZERO, 0);
    static final UnitPrice ONE = new UnitPrice(BigInteger.ONE, 0);

    int decimals() {
      return Math.max(0, -exponent);
    }

    /** In units of 10^-decimals. */
    BigInteger units(int decimals) {
      return mantissa.multiply(BigInteger.TEN.pow(exponent + decimals));
    }

    BigInteger notional(BigInteger size) {
      return size.multiply(units(decimals())).divide(BigInteger.TEN.pow(decimals()));
    }
  }

  private record Market(
      UnitPrice unitPrice,
      BigInteger fundingIndex,
      BigInteger basePpm,
      BigInteger fractionPpm,
      BigInteger scaledPpm) {
    Position initial(BigInteger size) {
      Position position = new Position(size, unitPrice);
      position.fundingIndex = fundingIndex;
      position.rate = scaledPpm;
      return position;
    }

    Position maintenance(BigInteger size) {
      Position position = new Position(size, unitPrice);
      position.fundingIndex = fundingIndex;
      position.rate = basePpm;
      position.fraction = fractionPpm;
      return position;
    }
  }

  private static final class Position {
    final BigInteger size;
    final UnitPrice unitPrice;
    BigInteger fundingIndex = ZERO;
    BigInteger rate = ZERO;
    BigInteger fraction = MILLION;

    Position(BigInteger size, UnitPrice unitPrice) {
      this.size = size;
      this.unitPrice = unitPrice;
    }
  }

  /** Holdings and the round that they are valued on. */
  private static final class State {
    final BigInteger quote;
    final List<Position> positions;
    BigInteger fundingBasis = ZERO;

    State(BigInteger quote, List<Position> positions) {
      this.quote = quote;
      this.positions = positions;
    }
  }

  /**
   * Equities and requirements before and after. In market 0 a unit of size is one of maintenance
   * requirement, in market 1 one of initial requirement. The initial requirement after the update
   * exceeds the equity, because otherwise the venue does not ask.
   */
  private record Update(
      BigInteger oldEquity,
      BigInteger oldInitial,
      BigInteger oldMaintenance,
      BigInteger newEquity,
      BigInteger newMaintenance) {
    BigInteger newInitial() {
      return newEquity.add(ONE).max(ZERO);
    }

    BigInteger oldQuote() {
      return oldEquity.subtract(oldInitial).subtract(oldMaintenance);
    }

    BigInteger newQuote() {
      return newEquity.subtract(newInitial()).subtract(newMaintenance);
    }
  }

  private static final class Case {
    private record Expected(
        String name,
        BigDecimal value,
        String account,
        Function<MarginAssessment, BigDecimal> output) {}

    final String place;
    final String id;
    final Map<String, State> accounts = new LinkedHashMap<>();
    final List<Expected> figures = new ArrayList<>();
    Update update;

    Case(String place, String id) {
      this.place = place;
      this.id = id;
    }

    void figure(
        String name,
        BigDecimal expected,
        String account,
        Function<MarginAssessment, BigDecimal> output) {
      figures.add(new Expected(name, expected, account, output));
    }

    SuiteCase compute(Models models) throws InvalidFormatException {
      Map<String, Account> built = new LinkedHashMap<>();
      for (Map.Entry<String, State> entry : accounts.entrySet()) {
        built.put(entry.getKey(), models.account(place, entry.getKey(), entry.getValue()));
      }
      if (update != null) {
        built.put(UPDATE, models.account(place, UPDATE, update));
      }
      Map<String, MarginAssessment> assessed = new LinkedHashMap<>();
      built.forEach((label, account) -> assessed.put(label, account.assess()));
      return new SuiteCase(
          id,
          figures.stream()
              .map(
                  figure ->
                      new Figure(
                          figure.name(),
                          figure.value(),
                          figure.output().apply(assessed.get(figure.account())),
                          Tolerance.exact()))
              .toList(),
          List.copyOf(built.values()));
    }
  }

  /** One member of each family that takes every case. */
  private static final class Models {
    private final MarginModel risk;
    private final MarginModel update;
    private final int priceDecimals;

    private Models(MarginModel risk, MarginModel update, int priceDecimals) {
      this.risk = risk;
      this.update = update;
      this.priceDecimals = priceDecimals;
    }

    static Models covering(List<Case> cases) throws InvalidFormatException {
      Map<String, Integer> shape = new LinkedHashMap<>();
      // The defaults of the family, as far as they go.
      MarginModels.byName("dydx-v4")
          .parameters()
          .forEach(parameter -> shape.put(parameter.name(), parameter.defaultValue()));
      shape.put("attesters", 1);
      List<State> states = cases.stream().flatMap(c -> c.accounts.values().stream()).toList();
      for (State state : states) {
        raise(shape, "markets", state.positions.size());
        raise(shape, "quoteDigits", digits(state.quote));
        raise(shape, "fundingDigits", digits(state.fundingBasis));
        for (Position position : state.positions) {
          raise(shape, "sizeDigits", digits(position.size));
          raise(shape, "priceDecimals", position.unitPrice.decimals());
        }
      }
      int decimals = shape.get("priceDecimals");
      for (State state : states) {
        for (Position position : state.positions) {
          raise(shape, "priceDigits", digits(position.unitPrice.units(decimals)));
        }
      }
      Map<String, Integer> updateShape = new LinkedHashMap<>();
      updateShape.put("markets", 2);
      updateShape.put("attesters", 1);
      for (Case c : cases) {
        if (c.update != null) {
          // A size or a balance is at most the sum of three of the amounts.
          int most =
              1
                  + digits(
                      c.update
                          .oldEquity
                          .abs()
                          .max(c.update.oldInitial)
                          .max(c.update.oldMaintenance)
                          .max(c.update.newEquity.abs())
                          .max(c.update.newMaintenance));
          raise(updateShape, "sizeDigits", Math.max(17, most));
          raise(updateShape, "quoteDigits", Math.max(17, most));
        }
      }
      return new Models(
          MarginModels.byName("dydx-v4").build(shape(shape)),
          MarginModels.byName("dydx-v4-update").build(shape(updateShape)),
          decimals);
    }

    private static void raise(Map<String, Integer> shape, String name, int value) {
      shape.merge(name, value, Math::max);
    }

    private static Shape shape(Map<String, Integer> values) {
      Shape shape = Shape.empty();
      for (Map.Entry<String, Integer> entry : values.entrySet()) {
        shape = shape.with(entry.getKey(), entry.getValue());
      }
      return shape;
    }

    /** Such that the number is at most ten to them. */
    private static int digits(BigInteger number) {
      return Math.max(1, number.abs().toString().length());
    }

    Account account(String place, String label, State state) throws InvalidFormatException {
      Inputs inputs = new Inputs(place, risk);
      inputs.wideHolding("quote", 0, state.quote);
      inputs.wideHolding("fundingBasis", 0, state.fundingBasis);
      for (int i = 0; i < state.positions.size(); i++) {
        Position position = state.positions.get(i);
        inputs.wideHolding("size", i, position.size);
        inputs.wideCoefficient("unitPrice", i, position.unitPrice.units(priceDecimals));
        inputs.coefficient("fundingIndex", position.fundingIndex, i);
        inputs.coefficient("marginRate", position.rate, i);
        inputs.coefficient("marginFraction", position.fraction, i);
      }
      return inputs.account(label);
    }

    Account account(String place, String label, Update u) throws InvalidFormatException {
      Inputs inputs = new Inputs(place, update);
      inputs.wideHolding("quote", 0, u.oldQuote());
      inputs.wideHolding("quoteDelta", 0, u.newQuote().subtract(u.oldQuote()));
      inputs.wideHolding("size", 0, u.oldMaintenance);
      inputs.wideHolding("size", 1, u.oldInitial);
      inputs.wideHolding("sizeDelta", 0, u.newMaintenance.subtract(u.oldMaintenance));
      inputs.wideHolding("sizeDelta", 1, u.newInitial().subtract(u.oldInitial));
      for (int i = 0; i < 2; i++) {
        inputs.wideCoefficient("unitPrice", i, UnitPrice.ONE.units(9));
      }
      inputs.coefficient("baseRate", MILLION, 0);
      inputs.coefficient("maintenanceFraction", MILLION, 0);
      inputs.coefficient("initialRate", MILLION, 1);
      return inputs.account(label);
    }
  }
}
