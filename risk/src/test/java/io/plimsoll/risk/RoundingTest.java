package io.plimsoll.risk;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.Holdings;
import io.plimsoll.circuits.Listing;
import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.circuits.ProtoConversions;
import io.plimsoll.circuits.RoundCoefficients;
import io.plimsoll.proto.v1.MarketSnapshot;
import io.plimsoll.proto.v1.RiskRound;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** No rounding is in the owner's favour: the rounded round against exact decimals. */
class RoundingTest {
  private static final int MARKETS = 60;
  private static final int BOOKS = 30;

  private boolean differed;

  @Test
  void portfolioRequirementIsNeverBelowTheExactOne() throws Exception {
    MarginModel model =
        Markets.model(
            "portfolio", "instruments=10,scenarios=6,collaterals=2,tiers=4,underlyings=2");
    Random random = new Random(20211021);
    for (int m = 0; m < MARKETS; m++) {
      MarketSnapshot snapshot = Markets.random(random, 2, 5);
      Market market = Market.read(snapshot);
      Round round = new Round(model, snapshot);
      for (int b = 0; b < BOOKS; b++) {
        Map<String, BigDecimal> book = new HashMap<>();
        // One instrument alone is the sharpest case; so are large ones.
        int held = 1 + random.nextInt(b % 3 == 0 ? 1 : 10);
        for (int i = 0; i < held; i++) {
          book.put(
              "U" + random.nextInt(2) + "-" + random.nextInt(5),
              BigDecimal.valueOf(
                  Math.round((random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(8) + 2)),
                  4));
        }
        BigDecimal rounded = round.assess("position", book).output("requirement");
        requireAtLeast(rounded, exactPortfolioRequirement(market, book));
      }
    }
    assertTrue(differed, "rounding never mattered");
  }

  @Test
  void collateralIsNeverWorthMoreThanItsExactValue() throws Exception {
    MarginModel model =
        Markets.model("portfolio", "instruments=2,scenarios=6,collaterals=3,tiers=4");
    Random random = new Random(2);
    for (int m = 0; m < MARKETS; m++) {
      MarketSnapshot snapshot = Markets.random(random, 1, 2);
      Market market = Market.read(snapshot);
      Round round = new Round(model, snapshot);
      for (int b = 0; b < BOOKS; b++) {
        Map<String, BigDecimal> book = new HashMap<>();
        BigDecimal exact = BigDecimal.ZERO;
        for (Market.Asset asset : market.assets()) {
          BigDecimal amount = amount(random, asset.haircuts());
          book.put(asset.name(), amount);
          exact =
              exact.add(
                  walk(asset.haircuts(), amount, haircut -> BigDecimal.ONE.subtract(haircut))
                      .multiply(asset.price()));
        }
        requireAtLeast(exact, round.assess("collateral", book).output("collateralValue"));
      }
    }
    assertTrue(differed, "rounding never mattered");
  }

  @Test
  void crossRequirementIsNeverBelowTheExactOne() throws Exception {
    MarginModel model = Markets.model("cross", "instruments=3,tiers=4");
    Random random = new Random(3);
    for (int m = 0; m < MARKETS; m++) {
      MarketSnapshot snapshot = Markets.random(random, 2, 1);
      Market market = Market.read(snapshot);
      Round round = new Round(model, snapshot);
      for (int b = 0; b < BOOKS; b++) {
        Map<String, BigDecimal> book = new HashMap<>();
        BigDecimal exact = BigDecimal.ZERO;
        for (Market.Underlying underlying : market.underlyings()) {
          Market.Future future = underlying.futures().get(0);
          BigDecimal size = amount(random, future.rates()).setScale(4, RoundingMode.DOWN);
          book.put(future.instrument(), random.nextBoolean() ? size : size.negate());
          exact = exact.add(walk(future.rates(), size, rate -> rate).multiply(future.mark()));
        }
        requireAtLeast(round.assess("position", book).output("requirement"), exact);
      }
    }
    assertTrue(differed, "rounding never mattered");
  }

  @Test
  void isolatedRequirementIsNeverBelowTheExactOne() throws Exception {
    MarginModel model = Markets.model("isolated", "pockets=2");
    Random random = new Random(4);
    for (int m = 0; m < MARKETS; m++) {
      MarketSnapshot snapshot = Markets.random(random, 1, 1);
      Market.Future future = Market.read(snapshot).underlyings().get(0).futures().get(0);
      BigDecimal size = amount(random, future.rates()).setScale(4, RoundingMode.DOWN);
      BigDecimal highest = future.rates().get(future.rates().size() - 1).slope();
      requireAtLeast(
          new Round(model, snapshot)
              .assess("position", Map.of("F0", size.negate()))
              .output("requirement.0"),
          size.multiply(highest).multiply(future.mark()));
    }
    assertTrue(differed, "rounding never mattered");
  }

  /** The margin rule in exact decimals: marks are ticks, everything else is not rounded. */
  private static BigDecimal exactPortfolioRequirement(Market market, Map<String, BigDecimal> book) {
    BigDecimal requirement = BigDecimal.ZERO;
    List<BigDecimal> losses = new ArrayList<>();
    for (BigDecimal p : market.priceMoves()) {
      for (BigDecimal v : market.volatilityMoves()) {
        BigDecimal loss = BigDecimal.ZERO;
        for (Market.Underlying underlying : market.underlyings()) {
          for (Market.Option option : underlying.options()) {
            BigDecimal mark = option.value().price().setScale(4, RoundingMode.HALF_EVEN);
            loss =
                loss.add(
                    book.getOrDefault(option.instrument(), BigDecimal.ZERO)
                        .multiply(mark.subtract(option.price(p, v))));
          }
        }
        losses.add(loss);
      }
    }
    requirement = requirement.add(losses.stream().reduce(BigDecimal.ZERO, BigDecimal::max));
    for (Market.Underlying underlying : market.underlyings()) {
      BigDecimal delta = BigDecimal.ZERO;
      BigDecimal vega = BigDecimal.ZERO;
      for (Market.Option option : underlying.options()) {
        BigDecimal held = book.getOrDefault(option.instrument(), BigDecimal.ZERO);
        delta = delta.add(held.multiply(option.value().delta()));
        vega = vega.add(held.multiply(option.value().vega()));
        requirement =
            requirement.add(
                held.abs().multiply(underlying.liquidityRate()).multiply(underlying.spot()));
      }
      requirement =
          requirement
              .add(delta.abs().multiply(underlying.deltaRate()).multiply(underlying.spot()))
              .add(vega.abs().multiply(underlying.vegaRate()));
    }
    return requirement;
  }

  /** Unit by unit through the tiers: what slopes and kinks have to come to. */
  private static BigDecimal walk(
      List<Tier> tiers, BigDecimal amount, java.util.function.UnaryOperator<BigDecimal> weight) {
    BigDecimal total = BigDecimal.ZERO;
    BigDecimal from = BigDecimal.ZERO;
    for (Tier tier : tiers) {
      BigDecimal to = tier.upTo().orElse(amount).min(amount);
      if (to.compareTo(from) > 0) {
        total = total.add(to.subtract(from).multiply(weight.apply(tier.slope())));
        from = to;
      }
    }
    return total;
  }

  /** An amount with six decimals: within, at and around the bounds of the tiers. */
  private static BigDecimal amount(Random random, List<Tier> tiers) {
    BigDecimal bound = tiers.get(random.nextInt(tiers.size())).upTo().orElse(BigDecimal.TEN);
    return switch (random.nextInt(4)) {
      case 0 -> bound.setScale(6, RoundingMode.DOWN);
      case 1 -> bound.setScale(6, RoundingMode.UP);
      case 2 -> new BigDecimal("0.000001");
      default ->
          bound
              .multiply(BigDecimal.valueOf(3 * random.nextDouble()))
              .setScale(6, RoundingMode.DOWN);
    };
  }

  private void requireAtLeast(BigDecimal larger, BigDecimal smaller) {
    assertTrue(larger.compareTo(smaller) >= 0, () -> larger + " is below " + smaller);
    differed |= larger.compareTo(smaller) > 0;
  }

  /** A round with the reader of its listing. */
  private static final class Round {
    private final MarginModel model;
    private final RoundCoefficients coefficients;
    private final PortfolioReader reader;

    Round(MarginModel model, MarketSnapshot market) throws Exception {
      RiskRound draft = new RoundBuilder(model).build(market);
      Listing listing = ProtoConversions.listing(model, draft.getListing());
      this.model = model;
      this.coefficients = ProtoConversions.coefficients(model, draft);
      this.reader = new PortfolioReader(model, listing);
    }

    MarginAssessment assess(String vector, Map<String, BigDecimal> book) throws Exception {
      List<PortfolioReader.Line> lines = new ArrayList<>();
      book.forEach(
          (label, quantity) ->
              lines.add(new PortfolioReader.Line(vector, label, quantity.toPlainString())));
      try (Holdings holdings = reader.read(lines)) {
        return model.assess(coefficients, holdings, 1, 1);
      }
    }
  }
}
