package io.plimsoll.suites;

import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.RoundCoefficients;
import io.plimsoll.circuits.Shape;
import io.plimsoll.circuits.models.DeriveSrm;
import io.plimsoll.risk.DeriveSrmRound;
import io.plimsoll.risk.DeriveSrmRound.Expiry;
import io.plimsoll.risk.DeriveSrmRound.Margin;
import io.plimsoll.risk.DeriveSrmRound.Market;
import io.plimsoll.risk.DeriveSrmRound.Option;
import io.plimsoll.risk.DeriveSrmRound.Parameters;
import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Cases of Derive's standard margin manager, from the tests of derivexyz/v2-core, as plain
 * decimals: {@code {"cases": [{"id", "cash", "stablePrice", "baseMarginFactor", "markets": [...],
 * "expected", "tolerance"}]}}. The venue's parameters are those of its tests, the same in all
 * cases.
 *
 * <p>Profit of perpetuals and funding not yet settled count as cash, as the contract adds them.
 */
final class DeriveSrmSuite extends CaseSuite {
  private static final Parameters PARAMETERS =
      new Parameters(
          new DeriveSrmRound.OptionParameters(
              new BigDecimal("0.15"),
              new BigDecimal("0.1"),
              new BigDecimal("0.075"),
              new BigDecimal("0.075"),
              new BigDecimal("0.075"),
              new BigDecimal("1.2"),
              new BigDecimal("1.1"),
              new BigDecimal("1.05")),
          new DeriveSrmRound.PerpParameters(new BigDecimal("0.05"), new BigDecimal("0.065")),
          new DeriveSrmRound.OracleParameters(
              new BigDecimal("0.4"),
              new BigDecimal("0.4"),
              new BigDecimal("0.4"),
              new BigDecimal("0.4")),
          new DeriveSrmRound.PegParameters(new BigDecimal("0.98"), new BigDecimal("1.2")));

  /** Decimals of strikes and quantities that the model has. */
  private static final int PLAIN_DECIMALS = 4;

  private static final int MARKETS = 2;
  private static final int EXPIRIES = 3;
  private static final int OPTIONS = 8;

  @Override
  public String name() {
    return "derive-srm";
  }

  @Override
  public String description() {
    return "Derive's standard margin: initial and maintenance margin, mark to market";
  }

  /** What is held in one market. */
  private record Position(
      List<List<BigDecimal>> options, BigDecimal perp, BigDecimal base, BigDecimal unsettled) {}

  private record Case(
      String id,
      Json expected,
      Tolerance tolerance,
      BigDecimal stablePrice,
      BigDecimal cash,
      List<Market> markets,
      List<Position> positions) {}

  @Override
  List<SuiteCase> compute(List<Entry> entries) throws InvalidFormatException {
    List<Case> cases = new ArrayList<>();
    for (Entry entry : entries) {
      cases.add(read(entry.json()));
    }
    MarginModel model = new DeriveSrm().build(shape(cases));
    List<SuiteCase> computed = new ArrayList<>();
    for (Case c : cases) {
      computed.add(compute(model, c));
    }
    return computed;
  }

  private static Shape shape(List<Case> cases) {
    int markets = MARKETS;
    int expiries = EXPIRIES;
    int options = OPTIONS;
    for (Case c : cases) {
      markets = Math.max(markets, c.markets().size());
      for (Market market : c.markets()) {
        expiries = Math.max(expiries, market.expiries().size());
        for (Expiry expiry : market.expiries()) {
          options = Math.max(options, expiry.options().size());
        }
      }
    }
    return Shape.empty()
        .with("markets", markets)
        .with("expiries", expiries)
        .with("options", options)
        .with("attesters", 1);
  }

  private static Case read(Json json) throws InvalidFormatException {
    json.only("id", "cash", "stablePrice", "baseMarginFactor", "markets", "expected", "tolerance");
    List<Market> markets = new ArrayList<>();
    List<Position> positions = new ArrayList<>();
    for (Json market : json.get("markets").list()) {
      readMarket(market, json.get("baseMarginFactor").decimal(), markets, positions);
    }
    return new Case(
        json.get("id").text(),
        json.get("expected"),
        tolerance(json.get("tolerance")),
        json.get("stablePrice").decimal(),
        json.get("cash").decimal(),
        markets,
        positions);
  }

  private static Tolerance tolerance(Json json) throws InvalidFormatException {
    return switch (json.text()) {
      case "relative 1e-3" -> Tolerance.relative(3);
      case "whole dollars, truncated toward zero" -> Tolerance.wholeUnits();
      default -> throw json.refuse("not a tolerance of this suite");
    };
  }

  private static void readMarket(
      Json json, BigDecimal baseMarginFactor, List<Market> markets, List<Position> positions)
      throws InvalidFormatException {
    json.only(
        "underlying",
        "spot",
        "spotConfidence",
        "perpConfidence",
        "perpPrice",
        "perp",
        "perpUnrealisedPnlAndFunding",
        "base",
        "feeds",
        "options");
    Map<Long, Json> feeds = new LinkedHashMap<>();
    for (Json feed : json.get("feeds").list()) {
      feed.only("expirySeconds", "forward", "forwardConfidence", "volConfidence");
      if (feeds.put(seconds(feed), feed) != null) {
        throw feed.get("expirySeconds").refuse("an expiry that occurs twice");
      }
    }
    Map<Long, List<Json>> options = new LinkedHashMap<>();
    for (Json option : json.get("options").list()) {
      option.only("expirySeconds", "strike", "isCall", "amount", "impliedVol");
      if (!feeds.containsKey(seconds(option))) {
        throw option.get("expirySeconds").refuse("an expiry without feed");
      }
      options.computeIfAbsent(seconds(option), e -> new ArrayList<>()).add(option);
    }
    List<Expiry> expiries = new ArrayList<>();
    List<List<BigDecimal>> held = new ArrayList<>();
    for (Map.Entry<Long, List<Json>> entry : options.entrySet()) {
      List<Option> listed = new ArrayList<>();
      List<BigDecimal> amounts = new ArrayList<>();
      for (Json option : entry.getValue()) {
        listed.add(
            new Option(
                plain(option.get("strike").decimal()),
                option.get("isCall").bool(),
                option.get("impliedVol").decimal()));
        amounts.add(plain(option.get("amount").decimal()));
      }
      Json feed = feeds.get(entry.getKey());
      expiries.add(
          new Expiry(
              entry.getKey(),
              feed.get("forward").decimal(),
              feed.get("forwardConfidence").decimal(),
              feed.get("volConfidence").decimal(),
              listed));
      held.add(amounts);
    }
    markets.add(
        new Market(
            json.get("spot").decimal(),
            json.get("spotConfidence").decimal(),
            json.get("perpPrice").decimal(),
            json.get("perpConfidence").decimal(),
            baseMarginFactor,
            BigDecimal.ONE,
            expiries));
    positions.add(
        new Position(
            held,
            plain(json.get("perp").decimal()),
            plain(json.get("base").decimal()),
            json.get("perpUnrealisedPnlAndFunding").decimal()));
  }

  /** Strikes and quantities were binary fractions once: 23000.000000000004 is 23000. */
  private static BigDecimal plain(BigDecimal decimal) {
    return decimal.setScale(PLAIN_DECIMALS, RoundingMode.HALF_EVEN);
  }

  private static long seconds(Json json) throws InvalidFormatException {
    return json.get("expirySeconds").integer(0, Integer.MAX_VALUE);
  }

  private static SuiteCase compute(MarginModel model, Case c) throws InvalidFormatException {
    try {
      Account initial = account("initial", model, c, Margin.INITIAL);
      Account maintenance = account("maintenance", model, c, Margin.MAINTENANCE);
      List<Figure> figures = new ArrayList<>();
      for (Map.Entry<String, Json> expected : c.expected().object().entrySet()) {
        BigDecimal computed =
            switch (expected.getKey()) {
              case "IM" -> initial.assess().output("margin");
              case "MM" -> maintenance.assess().output("margin");
              case "portfolioMtM" -> initial.assess().output("equity");
              default -> throw expected.getValue().refuse("a figure that is not known");
            };
        figures.add(
            new Figure(expected.getKey(), expected.getValue().decimal(), computed, c.tolerance()));
      }
      return new SuiteCase(c.id(), figures, List.of(initial, maintenance));
    } catch (InvalidFormatException e) {
      throw new InvalidFormatException("case '" + c.id() + "': " + e.getMessage());
    }
  }

  private static Account account(String label, MarginModel model, Case c, Margin margin)
      throws InvalidFormatException {
    RoundCoefficients round =
        DeriveSrmRound.build(model, c.markets(), c.stablePrice(), PARAMETERS, margin);
    Inputs inputs = new Inputs("case '" + c.id() + "'", model);
    int expiries = model.shape().get("expiries");
    int options = model.shape().get("options");
    BigDecimal cash = c.cash();
    for (int m = 0; m < c.positions().size(); m++) {
      Position position = c.positions().get(m);
      for (int e = 0; e < position.options().size(); e++) {
        for (int i = 0; i < position.options().get(e).size(); i++) {
          inputs.holding(
              "position", (m * expiries + e) * options + i, position.options().get(e).get(i));
        }
      }
      inputs.holding("perp", m, position.perp());
      inputs.holding("base", m, position.base());
      cash = cash.add(position.unsettled());
    }
    inputs.holding("cash", 0, cash.setScale(6, RoundingMode.FLOOR));
    return new Account(label, model, round, inputs.account(label).holdings());
  }
}
