package io.plimsoll.circuits.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.RandomModels;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class DriftV2Test {
  private static final BigInteger ONE_WEIGHT = BigInteger.valueOf(10_000);
  private static final BigInteger ONE_DOLLAR = BigInteger.valueOf(1_000_000);

  /**
   * Initial margin. Tokens: COIN at 100 dollars with 9 decimals, weights 0.8 and 1.2; BEAN at half
   * a dollar with 5 decimals, weights 0.5 and 2. One perpetual at 100 dollars, margin ratio 0.1.
   */
  private static FamilyCase book(String shape) throws Exception {
    return new FamilyCase("drift-v2", "spots=2,perps=1,attesters=1" + shape)
        .axis("spot", "COIN", "BEAN")
        .axis("perp", "COIN-PERP")
        .round("quoteDepositIndex", "1")
        .round("quoteBorrowIndex", "1")
        .round("quotePriceLow", "1")
        .round("quotePriceHigh", "1")
        .round("depositIndex", "1000000000 100000")
        .round("borrowIndex", "1000000000 100000")
        .round("priceLow", "0.0000001 0.000005")
        .round("priceHigh", "0.0000001 0.000005")
        .round("assetWeight", "0.8 0.5")
        .round("liabilityWeight", "1.2 2")
        .round("initialAssetWeight", "0.8 0.5")
        .round("initialLiabilityWeight", "1.2 2")
        .round("price", "100")
        .round("marginRatio", "0.1")
        .round("pnlWeight", "0.9")
        .round("initial", "1")
        .round("ratioOverride", "0");
  }

  private static FamilyCase book() throws Exception {
    return book("");
  }

  private static void assertMargin(String collateral, String requirement, MarginAssessment actual) {
    DydxV4Test.assertOutput(collateral, actual, "collateral");
    DydxV4Test.assertOutput(requirement, actual, "requirement");
  }

  @Test
  void workedExample() throws Exception {
    MarginAssessment assessment =
        book()
            .holds("quoteBalance", "", "500")
            .holds("balance", "COIN", "2") // 200 dollars, weighted 160
            .holds("balance", "BEAN", "-40") // -20 dollars, weighted -40
            .holds("base", "COIN-PERP", "-3")
            .holds("quoteAmount", "COIN-PERP", "290") // a loss of 10
            .holds("openOrders", "", "2")
            .assess(1, 1);
    assertMargin("650", "70.02", assessment); // 500 + 160 - 10; 40 + 30 + 0.02
    assertTrue(assessment.solvent());
  }

  @Test
  void positionWithOnlyOpenOrdersHasARequirement() throws Exception {
    assertMargin("0", "0.01", book().holds("openOrders", "", "1").assess(1, 1));
    // All bids of a perpetual filled: 5 contracts at 100, ratio 0.1.
    assertMargin("0", "50", book().holds("perpBids", "COIN-PERP", "5").assess(1, 1));
    assertMargin("0", "70", book().holds("perpAsks", "COIN-PERP", "-7").assess(1, 1));
  }

  @Test
  void theWorseSideOfOpenOrdersCounts() throws Exception {
    FamilyCase bids = book().holds("quoteBalance", "", "1000").holds("bids", "COIN", "3000000000");
    // 300 dollars spent, 240 come back as collateral.
    assertMargin("1240", "300", bids.assess(1, 1));
    // Two coins held and eight for sale: 800 of cash less 720 for six coins owed is less than the
    // bids' 400 for five coins less 300.
    bids.holds("balance", "COIN", "2").holds("asks", "COIN", "-8000000000");
    assertMargin("1800", "720", bids.assess(1, 1));
    // Seven for sale leave 100 too, and of equal sides the asks count.
    assertMargin("1700", "600", bids.holds("asks", "COIN", "-7000000000").assess(1, 1));
    assertMargin("1400", "300", bids.holds("asks", "COIN", "-6000000000").assess(1, 1));
  }

  @Test
  void sideIsChosenBeforeACustomRatioApplies() throws Exception {
    // Asks leave nothing owed, bids cost 20 % of a coin: the bids are worse at standard weights.
    FamilyCase both =
        book()
            .holds("balance", "COIN", "1")
            .holds("bids", "COIN", "1000000000")
            .holds("asks", "COIN", "-1000000000");
    assertMargin("160", "100", both.assess(1, 1));
    assertMargin("100", "100", both.holds("userRatio", "", "0.5").assess(1, 1));
  }

  @Test
  void worstSidesOfTwoMarketsDoNotDependOnTheirOrder() throws Exception {
    MarginAssessment one =
        book()
            .holds("bids", "COIN", "3000000000")
            .holds("asks", "BEAN", "-700000")
            .holds("balance", "BEAN", "2")
            .assess(1, 1);
    MarginAssessment other =
        book()
            .axis("spot", "BEAN", "COIN")
            .round("depositIndex", "100000 1000000000")
            .round("borrowIndex", "100000 1000000000")
            .round("priceLow", "0.000005 0.0000001")
            .round("priceHigh", "0.000005 0.0000001")
            .round("assetWeight", "0.5 0.8")
            .round("liabilityWeight", "2 1.2")
            .round("initialAssetWeight", "0.5 0.8")
            .round("initialLiabilityWeight", "2 1.2")
            .holds("bids", "COIN", "3000000000")
            .holds("asks", "BEAN", "-700000")
            .holds("balance", "BEAN", "2")
            .assess(1, 1);
    assertEquals(one.outputs(), other.outputs());
  }

  @Test
  void dustDebtCostsAtLeastOneUnitAndDustDepositsNothing() throws Exception {
    // A billionth of a coin is worth a tenth of a millionth of a dollar.
    FamilyCase dust = book().holds("userRatio", "", "2");
    assertMargin("0", "0.000003", dust.holds("balance", "COIN", "-0.000000001").assess(1, 1));
    assertMargin("0", "0", dust.holds("balance", "COIN", "0.000000001").assess(1, 1));
    assertMargin("0", "0.000001", book().holds("quoteBalance", "", "-0.000000001").assess(1, 1));
    assertMargin("0", "0", book().holds("quoteBalance", "", "0.000000999").assess(1, 1));
  }

  @Test
  void weightedLossesAndRequirementsAreRoundedInFavourOfTheTrader() throws Exception {
    // The venue's own rule; a debt of one unit times 1.2 stays one unit.
    assertMargin("0", "0.000001", book().holds("balance", "COIN", "-0.00000001").assess(1, 1));
    // A short of 9 billionths: 0.9 millionths of a dollar vanish from loss and requirement.
    assertMargin("0", "0", book().holds("base", "COIN-PERP", "-0.000000009").assess(1, 1));
    assertMargin("-0.000001", "0", book().holds("base", "COIN-PERP", "-0.000000019").assess(1, 1));
  }

  @Test
  void customRatioReplacesWeightsOfInitialMarginAlone() throws Exception {
    FamilyCase account =
        book()
            .holds("balance", "COIN", "1")
            .holds("balance", "BEAN", "-200")
            .holds("base", "COIN-PERP", "1")
            .holds("quoteAmount", "COIN-PERP", "-100")
            .holds("userRatio", "", "4");
    assertMargin("0", "900", account.assess(1, 1)); // asset 0; 100 * 5; 100 * 4
    assertMargin("80", "210", account.round("initial", "0").assess(1, 1)); // 100 * 2; 100 * 0.1
    assertMargin(
        "50", "250", account.round("ratioOverride", "0.5").assess(1, 1)); // 100 * 2; 100 * 0.5
  }

  @Test
  void ratioOfAPositionMovesThatPositionAlone() throws Exception {
    FamilyCase account =
        book()
            .holds("balance", "COIN", "1")
            .holds("base", "COIN-PERP", "1")
            .holds("quoteAmount", "COIN-PERP", "-100")
            .holds("positionRatio", "COIN-PERP", "2");
    assertMargin("80", "200", account.assess(1, 1));
    assertMargin("0", "400", account.holds("userRatio", "", "4").assess(1, 1));
    assertMargin(
        "80", "10", account.round("initial", "0").holds("userRatio", "", "0").assess(1, 1));
  }

  @Test
  void profitIsWeightedAndCappedInInitialMarginAndLossesAreNot() throws Exception {
    FamilyCase profit = book().holds("quoteAmount", "COIN-PERP", "100");
    assertMargin("90", "0", profit.assess(1, 1));
    assertMargin("100", "0", profit.holds("quoteAmount", "COIN-PERP", "1000").assess(1, 1));
    assertMargin("900", "0", profit.round("initial", "0").assess(1, 1));
    assertMargin("-1000", "0", profit.holds("quoteAmount", "COIN-PERP", "-1000").assess(1, 1));
  }

  @Test
  void strictPricesCountAssetsLowAndLiabilitiesHigh() throws Exception {
    FamilyCase strict =
        book()
            .round("quotePriceLow", "0.95")
            .round("quotePriceHigh", "1.05")
            .round("priceLow", "0.00000009 0.000005")
            .round("priceHigh", "0.00000011 0.000005");
    assertMargin("95", "0", strict.holds("quoteBalance", "", "100").assess(1, 1));
    assertMargin("0", "105", strict.holds("quoteBalance", "", "-100").assess(1, 1));
    strict.holds("quoteBalance", "", "0");
    assertMargin("72", "0", strict.holds("balance", "COIN", "1").assess(1, 1));
    assertMargin("0", "132", strict.holds("balance", "COIN", "-1").assess(1, 1));
    strict.holds("balance", "COIN", "0").holds("base", "COIN-PERP", "1");
    assertMargin("85.5", "10.5", strict.assess(1, 1)); // profit 100 * 0.9 * 0.95
    assertMargin("-105", "10.5", strict.holds("quoteAmount", "COIN-PERP", "-200").assess(1, 1));
  }

  @Test
  void tokenWithoutWeightNeedsNoPrice() throws Exception {
    MarginAssessment unpriced =
        book()
            .round("priceLow", "0 0.000005")
            .round("priceHigh", "0 0.000005")
            .round("assetWeight", "0 0.5")
            .round("initialAssetWeight", "0 0.5")
            .holds("balance", "COIN", "1000")
            .assess(1, 1);
    assertMargin("0", "0", unpriced);
  }

  @Test
  void debtsOrdersAndPerpetualsWithoutAPriceMakeTheStatementImpossible() throws Exception {
    for (String[] use :
        new String[][] {
          {"balance", "COIN", "-0.000000001"},
          {"bids", "COIN", "1"},
          {"asks", "COIN", "-1"},
          {"base", "COIN-PERP", "0.000000001"},
          {"base", "COIN-PERP", "-0.000000001"},
          {"perpBids", "COIN-PERP", "0.000000001"},
          {"perpAsks", "COIN-PERP", "-0.000000001"}
        }) {
      FamilyCase rich = book().holds("quoteBalance", "", "1000").holds(use[0], use[1], use[2]);
      assertTrue(rich.assess(1, 1).solvent(), use[0]);
      FamilyCase unpriced =
          book()
              .round("priceLow", "0 0.000005")
              .round("priceHigh", "0 0.000005")
              .round("price", "0")
              .holds("quoteBalance", "", "1000")
              .holds(use[0], use[1], use[2]);
      assertFalse(unpriced.assess(1, 1).solvent(), use[0]);
      assertFalse(unpriced.assess(0, 1).solvent(), use[0]);
    }
    FamilyCase without = book().round("quotePriceLow", "0").round("quotePriceHigh", "0");
    assertTrue(without.assess(1, 1).solvent());
    assertFalse(without.holds("quoteBalance", "", "-1").assess(0, 1).solvent());
  }

  @Test
  void liquidationBufferAddsToLiabilitiesAndLosses() throws Exception {
    FamilyCase account =
        book(",buffer=1")
            .round("liquidationBuffer", "0.02")
            .round("initial", "0")
            .holds("quoteBalance", "", "100")
            .holds("balance", "COIN", "-1")
            .holds("base", "COIN-PERP", "2")
            .holds("quoteAmount", "COIN-PERP", "-250");
    MarginAssessment assessment = account.assess(1, 1);
    assertMargin("50", "140", assessment); // 100 - 50; 120 + 20
    DydxV4Test.assertOutput("49", assessment, "collateralWithBuffer");
    DydxV4Test.assertOutput("146", assessment, "requirementWithBuffer"); // + (100 + 200) * 0.02
    assertFalse(account.assess(50, 140).solvent());
    assertTrue(account.assess(49, 146).solvent());
  }

  @Test
  void requirementZeroNeedsCollateralThatIsNotNegative() throws Exception {
    FamilyCase loss = book().holds("quoteAmount", "COIN-PERP", "-0.000001");
    assertFalse(loss.assess(1, 1).solvent());
    assertFalse(loss.assess(0, 1).solvent());
    assertTrue(book().assess(1, 1).solvent());
  }

  @Test
  void outputsEqualAPlainImplementationOnRandomInputs() {
    RandomModels random = new RandomModels(33);
    int bidsWorse = 0;
    for (int i = 0; i < 600; i++) {
      MarginModel model = random.smallMember(new DriftV2());
      RandomModels.Inputs inputs = random.inputs(model);
      Venue venue = new Venue(model, new Plain(model, inputs));
      venue.run();
      bidsWorse += venue.bidsWorse ? 1 : 0;
      MarginAssessment assessment =
          model.assess(
              inputs.coefficients(), inputs.holdings(), inputs.numerator(), inputs.denominator());
      assertMargin(dollars(venue.collateral), dollars(venue.requirement), assessment);
      BigInteger collateral = venue.collateral;
      BigInteger requirement = venue.requirement;
      if (venue.buffered) {
        collateral = collateral.add(venue.lossBuffer);
        requirement = requirement.add(venue.liabilityBuffer);
        DydxV4Test.assertOutput(dollars(collateral), assessment, "collateralWithBuffer");
        DydxV4Test.assertOutput(dollars(requirement), assessment, "requirementWithBuffer");
      }
      assertEquals(
          venue.priced
              && new Plain(model, inputs)
                  .meets(new BigDecimal(collateral), new BigDecimal(requirement)),
          assessment.solvent());
    }
    assertTrue(bidsWorse > 50, "the bids are the worse side in " + bidsWorse);
  }

  private static String dollars(BigInteger units) {
    return new BigDecimal(units, 6).toPlainString();
  }

  /** The venue's calculation step by step on its own integers. */
  private static final class Venue {
    private final MarginModel model;
    private final Plain plain;
    final boolean buffered;
    BigInteger collateral = BigInteger.ZERO;
    BigInteger requirement = BigInteger.ZERO;
    BigInteger liabilityBuffer = BigInteger.ZERO;
    BigInteger lossBuffer = BigInteger.ZERO;
    boolean bidsWorse;

    /** Whether everything that could lower the account's value has a price. */
    boolean priced = true;

    Venue(MarginModel model, Plain plain) {
      this.model = model;
      this.plain = plain;
      buffered = model.shape().get("buffer") == 1;
    }

    private BigInteger held(String vector, int i) {
      return plain.heldUnits(vector, i);
    }

    private BigInteger rate(String tensor, int i) {
      return plain.rateUnits(tensor, i);
    }

    private void addCollateral(BigInteger amount) {
      collateral = collateral.add(amount);
      if (buffered && amount.signum() < 0) {
        lossBuffer =
            lossBuffer.add(amount.multiply(rate("liquidationBuffer", 0)).divide(ONE_WEIGHT));
      }
    }

    private void addRequirement(BigInteger amount, BigInteger liability) {
      requirement = requirement.add(amount);
      if (buffered) {
        liabilityBuffer =
            liabilityBuffer.add(
                liability.multiply(rate("liquidationBuffer", 0)).divide(ONE_WEIGHT));
      }
    }

    void run() {
      BigInteger ratio = rate("ratioOverride", 0);
      if (rate("initial", 0).signum() > 0) {
        ratio = ratio.max(held("userRatio", 0));
      }
      quote();
      int minDecimals = model.shape().get("minDecimals");
      int maxDecimals = minDecimals + model.shape().get("moreDecimals");
      for (int i = 0; i < model.shape().get("spots"); i++) {
        spot(
            i,
            ratio,
            BigInteger.TEN.pow(9 + Math.max(0, 10 - minDecimals)),
            BigInteger.TEN.pow(maxDecimals));
      }
      for (int i = 0; i < model.shape().get("perps"); i++) {
        BigInteger own = rate("initial", 0).signum() > 0 ? held("positionRatio", i) : ratio;
        perp(i, ratio.max(own));
      }
      addRequirement(held("openOrders", 0).multiply(BigInteger.valueOf(10_000)), BigInteger.ZERO);
      requirePrices();
    }

    private void requirePrices() {
      boolean quoted = rate("quotePriceHigh", 0).signum() > 0;
      priced &= quoted || held("quoteBalance", 0).signum() >= 0;
      for (int i = 0; i < model.shape().get("spots"); i++) {
        priced &=
            rate("priceHigh", i).signum() > 0
                || (held("balance", i).signum() >= 0
                    && held("bids", i).signum() == 0
                    && held("asks", i).signum() == 0);
      }
      for (int i = 0; i < model.shape().get("perps"); i++) {
        priced &=
            (quoted && rate("price", i).signum() > 0)
                || (held("base", i).signum() == 0
                    && held("perpBids", i).signum() == 0
                    && held("perpAsks", i).signum() == 0);
      }
    }

    private void quote() {
      BigInteger balance = held("quoteBalance", 0);
      boolean deposit = balance.signum() >= 0;
      BigInteger index = rate(deposit ? "quoteDepositIndex" : "quoteBorrowIndex", 0);
      BigInteger tokens = DydxV4Test.floor(balance.multiply(index), BigInteger.TEN.pow(13));
      BigInteger price = rate(deposit ? "quotePriceLow" : "quotePriceHigh", 0);
      BigInteger value = DydxV4Test.floor(tokens.multiply(price), ONE_DOLLAR);
      if (deposit) {
        addCollateral(value);
      } else {
        addRequirement(value.negate(), value.negate());
      }
    }

    private void spot(int i, BigInteger ratio, BigInteger indexUnit, BigInteger priceUnit) {
      BigInteger balance = held("balance", i);
      boolean deposit = balance.signum() >= 0;
      BigInteger index = rate(deposit ? "depositIndex" : "borrowIndex", i);
      BigInteger tokens = DydxV4Test.floor(balance.multiply(index), indexUnit);
      BigInteger price = rate(deposit ? "priceLow" : "priceHigh", i);
      BigInteger value = DydxV4Test.floor(tokens.multiply(price), priceUnit);
      BigInteger[] bid = side(i, value, held("bids", i), priceUnit);
      BigInteger[] ask = side(i, value, held("asks", i), priceUnit);
      boolean asksWorse = ask[2].compareTo(bid[2]) <= 0;
      bidsWorse |= !asksWorse;
      BigInteger left = asksWorse ? ask[0] : bid[0];
      BigInteger cash = asksWorse ? ask[1] : bid[1];
      BigInteger weighted = weighted(left, rate("assetWeight", i), rate("liabilityWeight", i));
      if (ratio.signum() > 0) {
        weighted =
            weighted(
                left,
                rate("initialAssetWeight", i).min(ONE_WEIGHT.subtract(ratio).max(BigInteger.ZERO)),
                rate("initialLiabilityWeight", i).max(ONE_WEIGHT.add(ratio)));
      }
      if (left.signum() > 0) {
        addCollateral(weighted);
      } else if (left.signum() < 0) {
        addRequirement(weighted.negate(), left.negate());
      }
      if (cash.signum() > 0) {
        addCollateral(cash);
      } else if (cash.signum() < 0) {
        addRequirement(cash.negate(), cash.negate());
      }
    }

    /** What is left, the cash, and both together after weighting. */
    private BigInteger[] side(int i, BigInteger value, BigInteger orders, BigInteger priceUnit) {
      BigInteger cash = DydxV4Test.floor(orders.negate().multiply(rate("priceHigh", i)), priceUnit);
      BigInteger left = value.subtract(cash);
      BigInteger weighted = weighted(left, rate("assetWeight", i), rate("liabilityWeight", i));
      return new BigInteger[] {left, cash, weighted.add(cash)};
    }

    private static BigInteger weighted(BigInteger value, BigInteger asset, BigInteger liability) {
      return value.multiply(value.signum() > 0 ? asset : liability).divide(ONE_WEIGHT);
    }

    private void perp(int i, BigInteger ratio) {
      BigInteger base = held("base", i);
      BigInteger price = rate("price", i);
      BigInteger billion = BigInteger.TEN.pow(9);
      BigInteger bids = base.add(held("perpBids", i)).abs().multiply(price).divide(billion);
      BigInteger asks = base.add(held("perpAsks", i)).abs().multiply(price).divide(billion);
      BigInteger worst = bids.max(asks).multiply(rate("quotePriceHigh", 0)).divide(ONE_DOLLAR);
      addRequirement(worst.multiply(ratio.max(rate("marginRatio", i))).divide(ONE_WEIGHT), worst);
      BigInteger pnl = base.multiply(price).divide(billion).add(held("quoteAmount", i));
      boolean profit = pnl.signum() > 0;
      BigInteger counted =
          pnl.multiply(profit ? rate("pnlWeight", i) : ONE_WEIGHT)
              .divide(ONE_WEIGHT)
              .multiply(rate(profit ? "quotePriceLow" : "quotePriceHigh", 0))
              .divide(ONE_DOLLAR);
      if (rate("initial", 0).signum() > 0) {
        counted = counted.min(ONE_DOLLAR.multiply(BigInteger.valueOf(100)));
      }
      addCollateral(counted);
    }
  }
}
