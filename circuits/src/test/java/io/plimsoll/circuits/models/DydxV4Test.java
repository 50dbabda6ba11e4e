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

class DydxV4Test {
  static final BigInteger MILLION = BigInteger.valueOf(1_000_000);

  /** Two markets whose base quantum is worth about five quote quantums, and 1/100,000 of one. */
  private static FamilyCase book() throws Exception {
    return new FamilyCase("dydx-v4", "markets=2,attesters=2")
        .axis("market", "BIG", "DUST")
        .round("unitPrice", "5 0.00001")
        .round("fundingIndex", "0 0")
        .round("marginRate", "0.05 0.1")
        .round("marginFraction", "0.6 0.5");
  }

  static void assertOutput(String expected, MarginAssessment assessment, String output) {
    assertEquals(
        0,
        new BigDecimal(expected).compareTo(assessment.output(output)),
        () -> output + " is " + assessment.output(output) + ", not " + expected);
  }

  @Test
  void workedExample() throws Exception {
    MarginAssessment assessment =
        book()
            .round("fundingIndex", "0.000002 0")
            .holds("quote", "", "-400")
            .holds("size", "BIG", "101")
            .holds("size", "DUST", "-250000")
            .holds("fundingBasis", "", "0.000101")
            .assess(1, 1);
    assertOutput("503", assessment, "notional"); // 101 * 5 - 2.5, towards zero
    assertOutput("-0.000101", assessment, "settlement"); // 101 * (0.000001 - 0.000002)
    assertOutput("102", assessment, "equity"); // -400 + 503 - 1
    assertOutput("17", assessment, "requirement"); // up(up(25.25) * 0.6) + up(up(0.2) * 0.5)
    assertOutput("1", assessment, "collateralized");
    assertOutput("0", assessment, "liquidatable");
  }

  @Test
  void eachPositionHasTwoCeilingsNotOneOnTheTotal() throws Exception {
    // 165 * 0.05 = 8.25, up to 9; 9 * 0.9 = 8.1, up to 9. At once it would be 7.425, up to 8.
    assertOutput(
        "9",
        book().round("marginFraction", "0.9 0.5").holds("size", "BIG", "33").assess(1, 1),
        "requirement");
    // A published case: 74,523 contracts at 123,456, initial margin 25 %, maintenance 60 % of it.
    FamilyCase published =
        new FamilyCase("dydx-v4", "markets=2,priceDecimals=0,attesters=1")
            .axis("market", "A", "B")
            .round("unitPrice", "123456 123456")
            .round("fundingIndex", "0 0")
            .round("marginRate", "0.25 0.25")
            .round("marginFraction", "0.6 0.6")
            .holds("size", "A", "74523");
    assertOutput("1380046724", published.assess(1, 1), "requirement");
    // 2,300,077,872 * 0.6 = 1,380,046,723.2: together 2,760,093,446.4, one by one one more.
    assertOutput("2760093448", published.holds("size", "B", "-74523").assess(1, 1), "requirement");
  }

  @Test
  void initialMarginIsTheSameRuleWithAFractionOfOne() throws Exception {
    MarginAssessment initial =
        book().round("marginFraction", "1 1").holds("size", "BIG", "101").assess(1, 1);
    assertOutput("26", initial, "requirement"); // up(505 * 0.05), and nothing more
  }

  @Test
  void notionalsAreRoundedTowardsZeroOneByOne() throws Exception {
    MarginAssessment dust = book().holds("size", "DUST", "-99999").assess(1, 1);
    assertOutput("0", dust, "notional");
    assertOutput("0", dust, "requirement");
    assertOutput("-1", book().holds("size", "DUST", "-199999").assess(1, 1), "notional");
    assertOutput("1", book().holds("size", "DUST", "199999").assess(1, 1), "notional");
  }

  @Test
  void fundingIsRoundedDownOverAllPositionsTogether() throws Exception {
    FamilyCase account = book().round("fundingIndex", "0.000001 0.000001");
    assertOutput("-1", account.holds("size", "DUST", "1").assess(1, 1), "equity");
    // Owing a millionth in each of two markets costs one quantum, not two.
    assertOutput("4", account.holds("size", "BIG", "1").assess(1, 1), "equity");
    MarginAssessment received =
        account.holds("size", "BIG", "0").holds("size", "DUST", "-3").assess(1, 1);
    assertOutput("0.000003", received, "settlement");
    assertOutput("0", received, "equity");
  }

  @Test
  void withoutRequirementANegativeEquityIsNeitherCollateralizedNorLiquidatable() throws Exception {
    MarginAssessment debt = book().holds("quote", "", "-1").assess(1, 1);
    assertOutput("0", debt, "requirement");
    assertOutput("0", debt, "collateralized");
    assertOutput("0", debt, "liquidatable");
    assertFalse(debt.solvent());
    assertFalse(book().holds("quote", "", "-1").assess(0, 1).solvent());
  }

  @Test
  void equityThatEqualsTheRequirementIsEnough() throws Exception {
    FamilyCase account = book().holds("size", "BIG", "100").holds("quote", "", "-485");
    MarginAssessment equal = account.assess(1, 1); // equity 15, requirement up(25 * 0.6) = 15
    assertOutput("0", equal, "surplus");
    assertTrue(equal.solvent());
    assertOutput("0", equal, "liquidatable");
    MarginAssessment below = account.holds("quote", "", "-486").assess(1, 1);
    assertFalse(below.solvent());
    assertOutput("1", below, "liquidatable");
  }

  @Test
  void marketWithoutAPriceCostsNothingWhateverIsHeld() throws Exception {
    MarginAssessment unpriced =
        book().round("unitPrice", "5 0").holds("size", "DUST", "-99999999").assess(1, 1);
    assertOutput("0", unpriced, "equity");
    assertOutput("0", unpriced, "requirement");
  }

  @Test
  void orderOfMarketsDoesNotMatter() throws Exception {
    MarginAssessment swapped =
        new FamilyCase("dydx-v4", "markets=2,attesters=2")
            .axis("market", "DUST", "BIG")
            .round("unitPrice", "0.00001 5")
            .round("fundingIndex", "0 0.000002")
            .round("marginRate", "0.1 0.05")
            .round("marginFraction", "0.5 0.6")
            .holds("quote", "", "-400")
            .holds("size", "BIG", "101")
            .holds("size", "DUST", "-250000")
            .holds("fundingBasis", "", "0.000101")
            .assess(1, 1);
    assertOutput("102", swapped, "equity");
    assertOutput("17", swapped, "requirement");
  }

  @Test
  void numbersOfSeveralPartsAreTheirSum() throws Exception {
    // The largest unsigned 64-bit size and price, as the venue tests them: 100 millionths.
    FamilyCase largest =
        new FamilyCase(
                "dydx-v4",
                "markets=1,sizeDigits=20,quoteDigits=17,priceDigits=22,priceDecimals=0,attesters=1")
            .axis("market", "MAX")
            .round("unitPrice", "46744073709551616")
            .round("unitPriceE17", "18440")
            .round("fundingIndex", "0")
            .round("marginRate", "0.0001")
            .round("marginFraction", "1")
            .holds("size", "MAX", "46744073709551615")
            .holds("sizeE17", "MAX", "184");
    // (2^64 - 1) * (1844046744073709551616) * 0.0001, up.
    BigInteger size = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
    BigInteger notional = size.multiply(new BigInteger("1844046744073709551616"));
    assertOutput(notional.toString(), largest.assess(1, 1), "notional");
    assertOutput(
        ceiling(notional, BigInteger.valueOf(10_000)).toString(),
        largest.assess(1, 1),
        "requirement");
  }

  static BigInteger ceiling(BigInteger numerator, BigInteger divisor) {
    BigInteger[] parts = numerator.divideAndRemainder(divisor);
    return parts[1].signum() > 0 ? parts[0].add(BigInteger.ONE) : parts[0];
  }

  static BigInteger floor(BigInteger numerator, BigInteger divisor) {
    return ceiling(numerator.negate(), divisor).negate();
  }

  @Test
  void outputsEqualAPlainImplementationOnRandomInputs() {
    RandomModels random = new RandomModels(31);
    for (int i = 0; i < 400; i++) {
      MarginModel model = random.smallMember(new DydxV4());
      RandomModels.Inputs inputs = random.inputs(model);
      MarginAssessment assessment =
          model.assess(
              inputs.coefficients(), inputs.holdings(), inputs.numerator(), inputs.denominator());
      Plain plain = new Plain(model, inputs);
      BigInteger priceUnit = BigInteger.TEN.pow(model.shape().get("priceDecimals"));
      BigInteger equity = plain.heldUnits("quote", 0);
      BigInteger settlement = plain.heldUnits("fundingBasis", 0);
      BigInteger requirement = BigInteger.ZERO;
      for (int n = 0; n < model.shape().get("markets"); n++) {
        BigInteger size = plain.heldUnits("size", n);
        // BigInteger divides towards zero, as the venue's Quo does.
        BigInteger notional = size.multiply(plain.rateUnits("unitPrice", n)).divide(priceUnit);
        equity = equity.add(notional);
        settlement = settlement.subtract(size.multiply(plain.rateUnits("fundingIndex", n)));
        BigInteger initial =
            ceiling(notional.abs().multiply(plain.rateUnits("marginRate", n)), MILLION);
        requirement =
            requirement.add(
                ceiling(initial.multiply(plain.rateUnits("marginFraction", n)), MILLION));
      }
      equity = equity.add(floor(settlement, MILLION));
      assertOutput(equity.toString(), assessment, "equity");
      assertOutput(requirement.toString(), assessment, "requirement");
      boolean collateralized = equity.compareTo(requirement) >= 0;
      assertOutput(collateralized ? "1" : "0", assessment, "collateralized");
      assertOutput(
          requirement.signum() > 0 && !collateralized ? "1" : "0", assessment, "liquidatable");
      assertEquals(
          plain.meets(new BigDecimal(equity), new BigDecimal(requirement)), assessment.solvent());
    }
  }
}
