package io.plimsoll.circuits.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.RandomModels;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MangoV4Test {
  /** 100 USDC, 10 SOL owed at 20, weights 0.8 / 1.2 and 0.5 / 1.5; a perp settling in USDC. */
  private static FamilyCase book() throws Exception {
    return new FamilyCase("mango-v4", "tokens=2,spotMarkets=1,perpMarkets=2,attesters=2")
        .axis("token", "USDC", "SOL")
        .axis("spotMarket", "SOL/USDC")
        .axis("perpMarket", "SOL-PERP", "BTC-PERP")
        .round("assetPrice", "1 20")
        .round("liabilityPrice", "1 20")
        .round("assetWeight", "0.8 0.5")
        .round("liabilityWeight", "1.2 1.5")
        .round("unpriced", "0 0")
        .round("spotBase", "0 1")
        .round("spotQuote", "1 0")
        .round("spotUnpriced", "0")
        .round("perpSettle", "1 0 1 0")
        .round("perpAssetRate", "16 40")
        .round("perpLiabilityRate", "24 60")
        .round("perpBidPrice", "20 50")
        .round("perpAskPrice", "20 50")
        .round("perpProfitWeight", "0.95 0.9")
        .round("perpUnpriced", "0 0");
  }

  private static void assertOutput(String expected, MarginAssessment assessment, String output) {
    assertEquals(
        0,
        new BigDecimal(expected).compareTo(assessment.output(output)),
        () -> output + " is " + assessment.output(output) + ", not " + expected);
  }

  @Test
  void tokensAreWeighedByTheirSign() throws Exception {
    MarginAssessment assessment =
        book().holds("balance", "USDC", "400").holds("balance", "SOL", "-10").assess(1, 1);
    assertOutput("20", assessment, "health"); // 400 * 0.8 - 10 * 20 * 1.5
    assertOutput("320", assessment, "assets");
    assertOutput("300", assessment, "liabilities");
    assertTrue(assessment.solvent());
  }

  @Test
  void thresholdIsTheHealthRatioPlusOne() throws Exception {
    FamilyCase book = book().holds("balance", "USDC", "400").holds("balance", "SOL", "-10");
    assertTrue(book.assess(320, 300).solvent()); // a health ratio of 6.67 %
    assertFalse(book.assess(320_000_001, 300_000_000).solvent());
    assertTrue(book().holds("balance", "USDC", "0.000000001").assess(4_000_000_000L, 1).solvent());
    assertTrue(book().assess(4_000_000_000L, 1).solvent()); // nothing is owed
    MarginAssessment negative = book().holds("balance", "SOL", "-0.000000001").assess(1, 1);
    assertFalse(negative.solvent());
  }

  @Test
  void perpTakesTheWorseOfBidsAndAsksFilled() throws Exception {
    MarginAssessment bids =
        book()
            .holds("perpBase", "SOL-PERP", "3")
            .holds("perpBids", "SOL-PERP", "7")
            .holds("perpAsks", "SOL-PERP", "1")
            .holds("perpQuote", "SOL-PERP", "100")
            .assess(1, 1);
    // bids: 10 * 16 - 7 * 20 = 20; asks: 2 * 16 + 20 = 52; (100 + 20) * 0.95 * 0.8
    assertOutput("91.2", bids, "health");
    MarginAssessment asks =
        book()
            .holds("perpBase", "SOL-PERP", "-3")
            .holds("perpBids", "SOL-PERP", "1")
            .holds("perpAsks", "SOL-PERP", "7")
            .holds("perpQuote", "SOL-PERP", "50")
            .assess(1, 1);
    // bids: -2 * 24 - 20 = -68; asks: -10 * 24 + 7 * 20 = -100; -50 * 1.2
    assertOutput("-60", asks, "health");
  }

  @Test
  void openPerpOrdersAloneCount() throws Exception {
    MarginAssessment orders = book().holds("perpBids", "SOL-PERP", "5").assess(1, 1);
    assertOutput("-24", orders, "health"); // 5 * 16 - 5 * 20 = -20 owed, times 1.2
    assertFalse(orders.solvent());
  }

  @Test
  void unsettledProfitIsCutBeforeItMeetsTheBalance() throws Exception {
    MarginAssessment profit =
        book().holds("balance", "USDC", "-95").holds("perpQuote", "SOL-PERP", "100").assess(1, 1);
    assertOutput("0", profit, "health"); // 100 * 0.95 - 95
    assertTrue(profit.solvent());
    assertOutput("114", profit, "liabilities"); // the balance alone, times 1.2
  }

  @Test
  void twoPerpsSettlingInOneTokenAddUpBeforeTheTokensWeightApplies() throws Exception {
    FamilyCase book =
        book()
            .holds("balance", "USDC", "-50")
            .holds("perpBase", "SOL-PERP", "5")
            .holds("perpQuote", "SOL-PERP", "-20")
            .holds("perpBase", "BTC-PERP", "-1")
            .holds("perpQuote", "BTC-PERP", "38");
    // SOL-PERP: (80 - 20) * 0.95 = 57; BTC-PERP: -60 + 38 = -22; (-50 + 57 - 22) * 1.2
    MarginAssessment assessment = book.assess(1, 1);
    assertOutput("-18", assessment, "health");
    assertOutput("86.4", assessment, "liabilities"); // (50 + 22) * 1.2: no netting inside the token
    assertOutput("68.4", assessment, "assets");
    assertTrue(book.assess(684, 864).solvent());
    assertFalse(book.assess(684_000_001, 864_000_000).solvent());
  }

  @Test
  void ordersThatCrossTheOracleAreNotValuedAtIt() throws Exception {
    FamilyCase atOracle =
        book()
            .holds("balance", "USDC", "-1000")
            .holds("balance", "SOL", "1000")
            .holds("spotBaseReserved", "SOL/USDC", "10");
    // All as USDC: 10 * 20 * 1.2 = 240; all as SOL: 10 * 20 * 0.5 = 100
    assertOutput("8900", atOracle.assess(1, 1), "health"); // -1200 + 10000 + 100
    MarginAssessment crossing =
        atOracle.holds("spotBaseAtLowestAsk", "SOL/USDC", "50").assess(1, 1);
    assertOutput("8860", crossing, "health"); // as USDC only 10 * 5 * 1.2 = 60
    MarginAssessment beyond = atOracle.holds("spotBaseAtLowestAsk", "SOL/USDC", "500").assess(1, 1);
    assertOutput("8900", beyond, "health"); // an ask above the oracle changes nothing
  }

  @Test
  void reservesThatCrossTheZeroOfABalanceAreSplit() throws Exception {
    MarginAssessment assessment =
        book()
            .holds("balance", "SOL", "-4")
            .holds("spotBaseReserved", "SOL/USDC", "10")
            .assess(1, 1);
    // SOL: 6 * 20 * 0.5 + 4 * 20 * 1.5 = 180; USDC: 10 * 20 * 0.8 = 160; tokens -4 * 20 * 1.5
    assertOutput("40", assessment, "health");
  }

  @Test
  void whatHasNoPriceMayBeHeldButNotOwedNorTraded() throws Exception {
    assertTrue(
        unpriced()
            .holds("balance", "SOL", "1000")
            .holds("balance", "USDC", "1")
            .assess(1, 1)
            .solvent());
    assertOutput(
        "0.8",
        unpriced().holds("balance", "SOL", "1000").holds("balance", "USDC", "1").assess(1, 1),
        "health");
    for (String[] used :
        new String[][] {
          {"balance", "SOL", "-0.000000001"},
          {"spotBaseReserved", "SOL/USDC", "0.000000001"},
          {"spotQuoteReserved", "SOL/USDC", "0.000000001"},
          {"perpBase", "SOL-PERP", "1"},
          {"perpBase", "SOL-PERP", "-1"},
          {"perpBids", "SOL-PERP", "1"},
          {"perpAsks", "SOL-PERP", "1"},
          {"perpQuote", "SOL-PERP", "0.000000001"},
        }) {
      MarginAssessment assessment =
          unpriced()
              .holds("balance", "USDC", "1000000")
              .holds(used[0], used[1], used[2])
              .assess(1, 1);
      assertFalse(assessment.solvent(), String.join(" ", used));
      assertTrue(assessment.assertions().get("solvent").signum() >= 0, String.join(" ", used));
    }
  }

  private static FamilyCase unpriced() throws Exception {
    return book()
        .round("assetPrice", "1 0")
        .round("liabilityPrice", "1 0")
        .round("unpriced", "0 1")
        .round("spotUnpriced", "1")
        .round("perpAssetRate", "0 0")
        .round("perpLiabilityRate", "0 0")
        .round("perpBidPrice", "0 0")
        .round("perpAskPrice", "0 0")
        .round("perpUnpriced", "1 1");
  }

  @Test
  void outputsEqualAPlainDecimalImplementationOnRandomInputs() throws Exception {
    RandomModels random = new RandomModels(31);
    for (int i = 0; i < 400; i++) {
      MarginModel model = random.smallMember(new MangoV4());
      RandomModels.Inputs inputs = random.inputs(model);
      MarginAssessment assessment =
          model.assess(
              inputs.coefficients(), inputs.holdings(), inputs.numerator(), inputs.denominator());
      Oracle oracle = new Oracle(model, new Plain(model, inputs));
      assertOutput(oracle.health.toPlainString(), assessment, "health");
      assertOutput(oracle.liabilities.toPlainString(), assessment, "liabilities");
      Plain plain = new Plain(model, inputs);
      assertEquals(
          plain.meets(oracle.health.add(oracle.liabilities), oracle.liabilities) && oracle.priced,
          assessment.solvent());
    }
  }

  /** The rule in amounts of tokens, with a sum over tokens wherever a round selects one. */
  private static final class Oracle {
    private final Plain plain;
    private final int tokens;
    BigDecimal health = BigDecimal.ZERO;
    BigDecimal liabilities = BigDecimal.ZERO;
    boolean priced = true;

    Oracle(MarginModel model, Plain plain) {
      this.plain = plain;
      tokens = model.shape().get("tokens");
      int markets = model.shape().get("spotMarkets");
      List<BigDecimal> values = new ArrayList<>();
      for (int t = 0; t < tokens; t++) {
        BigDecimal balance = plain.held("balance", t);
        BigDecimal owed = negativePart(balance);
        for (int p = 0; p < model.shape().get("perpMarkets"); p++) {
          BigDecimal settled = plain.rate("perpSettle", p * tokens + t);
          balance = balance.add(settled.multiply(hupnl(p)));
          owed = owed.add(settled.multiply(negativePart(hupnl(p))));
        }
        BigDecimal value = balance.multiply(plain.rate("liabilityPrice", t));
        values.add(value);
        health =
            health.add(
                value.multiply(
                    plain.rate(value.signum() >= 0 ? "assetWeight" : "liabilityWeight", t)));
        liabilities =
            liabilities.add(
                owed.multiply(plain.rate("liabilityPrice", t))
                    .multiply(plain.rate("liabilityWeight", t)));
        priced &= plain.rate("unpriced", t).signum() == 0 || owed.signum() == 0;
      }
      List<BigDecimal> potentials = new ArrayList<>(values);
      for (int s = 0; s < markets; s++) {
        priced &=
            plain.rate("spotUnpriced", s).signum() == 0
                || (plain.held("spotBaseReserved", s).signum() == 0
                    && plain.held("spotQuoteReserved", s).signum() == 0);
        for (int t = 0; t < tokens; t++) {
          potentials.set(
              t,
              potentials
                  .get(t)
                  .add(plain.rate("spotBase", s * tokens + t).multiply(asBase(s)))
                  .add(plain.rate("spotQuote", s * tokens + t).multiply(asQuote(s))));
        }
      }
      for (int s = 0; s < markets; s++) {
        health =
            health.add(
                effect("spotBase", s, asBase(s), potentials)
                    .min(effect("spotQuote", s, asQuote(s), potentials)));
      }
      for (int p = 0; p < model.shape().get("perpMarkets"); p++) {
        boolean flat = true;
        for (String vector : List.of("perpBase", "perpBids", "perpAsks", "perpQuote")) {
          flat &= plain.held(vector, p).signum() == 0;
        }
        priced &= plain.rate("perpUnpriced", p).signum() == 0 || flat;
      }
    }

    private BigDecimal hupnl(int p) {
      BigDecimal base = plain.held("perpBase", p);
      BigDecimal bids = plain.held("perpBids", p);
      BigDecimal asks = plain.held("perpAsks", p);
      BigDecimal ifBids =
          weighed(p, base.add(bids)).subtract(bids.multiply(plain.rate("perpBidPrice", p)));
      BigDecimal ifAsks =
          weighed(p, base.subtract(asks)).add(asks.multiply(plain.rate("perpAskPrice", p)));
      BigDecimal pnl = plain.held("perpQuote", p).add(ifBids.min(ifAsks));
      return pnl.signum() > 0 ? pnl.multiply(plain.rate("perpProfitWeight", p)) : pnl;
    }

    private BigDecimal weighed(int p, BigDecimal lots) {
      return lots.multiply(
          plain.rate(lots.signum() >= 0 ? "perpAssetRate" : "perpLiabilityRate", p));
    }

    private BigDecimal asBase(int s) {
      return reserves(
          picked("spotBase", s, "liabilityPrice"),
          plain.held("spotBaseReserved", s),
          picked("spotQuote", s, "assetPrice"),
          plain.held("spotQuoteReserved", s),
          plain.held("spotQuoteAtHighestBid", s));
    }

    private BigDecimal asQuote(int s) {
      return reserves(
          picked("spotQuote", s, "liabilityPrice"),
          plain.held("spotQuoteReserved", s),
          picked("spotBase", s, "assetPrice"),
          plain.held("spotBaseReserved", s),
          plain.held("spotBaseAtLowestAsk", s));
    }

    private static BigDecimal reserves(
        BigDecimal price,
        BigDecimal own,
        BigDecimal otherPrice,
        BigDecimal other,
        BigDecimal worst) {
      BigDecimal converted = other.multiply(otherPrice);
      if (worst.signum() != 0 && worst.multiply(price).compareTo(converted) < 0) {
        converted = worst.multiply(price);
      }
      return own.multiply(price).add(converted);
    }

    private BigDecimal effect(
        String which, int s, BigDecimal reserves, List<BigDecimal> potentials) {
      BigDecimal room = BigDecimal.ZERO;
      for (int t = 0; t < tokens; t++) {
        room =
            room.add(
                plain.rate(which, s * tokens + t).multiply(potentials.get(t).max(BigDecimal.ZERO)));
      }
      BigDecimal part = reserves.compareTo(room) <= 0 ? reserves : room;
      return part.multiply(picked(which, s, "assetWeight"))
          .add(reserves.subtract(part).multiply(picked(which, s, "liabilityWeight")));
    }

    private BigDecimal picked(String which, int s, String tensor) {
      BigDecimal total = BigDecimal.ZERO;
      for (int t = 0; t < tokens; t++) {
        total = total.add(plain.rate(which, s * tokens + t).multiply(plain.rate(tensor, t)));
      }
      return total;
    }

    private static BigDecimal negativePart(BigDecimal x) {
      return x.negate().max(BigDecimal.ZERO);
    }
  }
}
