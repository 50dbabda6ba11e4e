package io.plimsoll.circuits.models;

import static io.plimsoll.circuits.models.DydxV4Test.MILLION;
import static io.plimsoll.circuits.models.DydxV4Test.assertOutput;
import static io.plimsoll.circuits.models.DydxV4Test.ceiling;
import static io.plimsoll.circuits.models.DydxV4Test.floor;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.RandomModels;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class DydxV4UpdateTest {
  private static final int ALLOWED = 0;
  private static final int NEWLY_UNDERCOLLATERALIZED = 1;
  private static final int STILL_UNDERCOLLATERALIZED = 2;

  /** Unit price 1, maintenance 10 % and initial 20 % of the size. */
  private static MarginAssessment update(String quote, String size, String quoteDelta, String delta)
      throws Exception {
    return new FamilyCase("dydx-v4-update", "markets=1,attesters=1")
        .axis("market", "M")
        .round("unitPrice", "1")
        .round("fundingIndex", "0")
        .round("initialRate", "0.2")
        .round("baseRate", "0.2")
        .round("maintenanceFraction", "0.5")
        .holds("quote", "", quote)
        .holds("size", "M", size)
        .holds("quoteDelta", "", quoteDelta)
        .holds("sizeDelta", "M", delta)
        .assess(1, 1);
  }

  private static void assertResult(int expected, MarginAssessment assessment) {
    assertOutput(Integer.toString(expected), assessment, "result");
    assertEquals(expected == ALLOWED, assessment.solvent());
  }

  @Test
  void updateThatLeavesInitialMarginMetIsAllowed() throws Exception {
    assertResult(ALLOWED, update("0", "0", "-800", "1000")); // equity 200, initial 200
    assertResult(NEWLY_UNDERCOLLATERALIZED, update("0", "0", "-801", "1000"));
  }

  @Test
  void undercollateralizedAccountMayReduceItsRiskAndNotRaiseIt() throws Exception {
    // Equity 50, maintenance 100. Selling half at the price keeps the equity.
    assertResult(ALLOWED, update("-950", "1000", "500", "-500"));
    // Selling half and losing 25: the ratio 25/50 is the one before.
    assertResult(ALLOWED, update("-950", "1000", "475", "-500"));
    assertResult(STILL_UNDERCOLLATERALIZED, update("-950", "1000", "474", "-500"));
    // A better ratio does not make up for a larger requirement.
    assertResult(STILL_UNDERCOLLATERALIZED, update("-950", "1000", "0", "10"));
  }

  @Test
  void negativeEquityOverALargerRequirementDoesNotRankSafer() throws Exception {
    // -100/150 exceeds -100/100, and yet the larger position is refused.
    MarginAssessment grown = update("-1100", "1000", "-500", "500");
    assertOutput("-100", grown, "equityAfter");
    assertOutput("150", grown, "maintenanceAfter");
    assertOutput("-1", grown, "riskOrder");
    assertResult(STILL_UNDERCOLLATERALIZED, grown);
  }

  @Test
  void withoutAnyRequirementOnlyMoreEquityIsAnImprovement() throws Exception {
    assertResult(STILL_UNDERCOLLATERALIZED, update("-2", "0", "0", "0"));
    assertResult(ALLOWED, update("-2", "0", "1", "0"));
    assertResult(STILL_UNDERCOLLATERALIZED, update("-2", "0", "-1", "0"));
  }

  @Test
  void closingTheLastPositionIntoDebtIsRefused() throws Exception {
    // The product with a requirement of zero would compare nothing.
    MarginAssessment closed = update("-1100", "1000", "1000", "-1000");
    assertOutput("0", closed, "maintenanceAfter");
    assertOutput("-100", closed, "equityAfter");
    assertResult(STILL_UNDERCOLLATERALIZED, closed);
  }

  @Test
  void ofEqualRatiosTheLargerRequirementIsRiskier() throws Exception {
    assertOutput("1", update("-900", "1000", "-900", "1000"), "riskOrder"); // 100/100, 200/200
    assertOutput("-1", update("-1800", "2000", "900", "-1000"), "riskOrder");
    assertOutput("0", update("-900", "1000", "0", "0"), "riskOrder");
    assertOutput("-1", update("5", "0", "1", "0"), "riskOrder");
    assertOutput("1", update("5", "0", "-1", "0"), "riskOrder");
  }

  @Test
  void outputsEqualAPlainImplementationOnRandomInputs() {
    RandomModels random = new RandomModels(32);
    int[] results = new int[3];
    for (int i = 0; i < 2_000; i++) {
      MarginModel model = random.smallMember(new DydxV4Update());
      RandomModels.Inputs inputs = random.inputs(model);
      MarginAssessment assessment = model.assess(inputs.coefficients(), inputs.holdings(), 1, 1);
      Plain plain = new Plain(model, inputs);
      int markets = model.shape().get("markets");
      BigInteger settlement = plain.heldUnits("fundingBasis", 0);
      for (int n = 0; n < markets; n++) {
        settlement =
            settlement.subtract(
                plain.heldUnits("size", n).multiply(plain.rateUnits("fundingIndex", n)));
      }
      BigInteger quote = plain.heldUnits("quote", 0).add(floor(settlement, MILLION));
      BigInteger[] before = risk(model, plain, quote, false);
      BigInteger[] after = risk(model, plain, quote.add(plain.heldUnits("quoteDelta", 0)), true);
      String[] names = {"equity", "initial", "maintenance"};
      for (int n = 0; n < 3; n++) {
        assertOutput(before[n].toString(), assessment, names[n] + "Before");
        assertOutput(after[n].toString(), assessment, names[n] + "After");
      }
      assertOutput(Integer.toString(order(after, before)), assessment, "riskOrder");
      int result = result(before, after);
      results[result]++;
      assertResult(result, assessment);
    }
    for (int count : results) {
      assertEquals(true, count > 20, "each result occurs: " + java.util.Arrays.toString(results));
    }
  }

  private static BigInteger[] risk(
      MarginModel model, Plain plain, BigInteger quote, boolean updated) {
    BigInteger priceUnit = BigInteger.TEN.pow(model.shape().get("priceDecimals"));
    BigInteger equity = quote;
    BigInteger initial = BigInteger.ZERO;
    BigInteger maintenance = BigInteger.ZERO;
    for (int n = 0; n < model.shape().get("markets"); n++) {
      BigInteger size = plain.heldUnits("size", n);
      if (updated) {
        size = size.add(plain.heldUnits("sizeDelta", n));
      }
      BigInteger notional = size.multiply(plain.rateUnits("unitPrice", n)).divide(priceUnit);
      equity = equity.add(notional);
      BigInteger magnitude = notional.abs();
      initial =
          initial.add(ceiling(magnitude.multiply(plain.rateUnits("initialRate", n)), MILLION));
      BigInteger base = ceiling(magnitude.multiply(plain.rateUnits("baseRate", n)), MILLION);
      maintenance =
          maintenance.add(
              ceiling(base.multiply(plain.rateUnits("maintenanceFraction", n)), MILLION));
    }
    return new BigInteger[] {equity, initial, maintenance};
  }

  private static int order(BigInteger[] a, BigInteger[] b) {
    int ratios = b[0].multiply(a[2]).compareTo(a[0].multiply(b[2]));
    if (ratios != 0) {
      return ratios;
    }
    return a[2].signum() == 0 && b[2].signum() == 0 ? b[0].compareTo(a[0]) : a[2].compareTo(b[2]);
  }

  private static int result(BigInteger[] before, BigInteger[] after) {
    if (after[0].compareTo(after[1]) >= 0) {
      return ALLOWED;
    }
    int refused =
        before[1].compareTo(before[0]) <= 0 ? NEWLY_UNDERCOLLATERALIZED : STILL_UNDERCOLLATERALIZED;
    if (after[2].compareTo(before[2]) > 0) {
      return refused;
    }
    if (after[2].signum() == 0 || before[2].signum() == 0) {
      return after[2].signum() == 0 && before[2].signum() == 0 && after[0].compareTo(before[0]) > 0
          ? ALLOWED
          : refused;
    }
    return order(after, before) > 0 ? refused : ALLOWED;
  }
}
