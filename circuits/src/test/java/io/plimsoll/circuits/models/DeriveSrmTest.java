package io.plimsoll.circuits.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.RandomModels;
import io.plimsoll.circuits.Shape;
import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class DeriveSrmTest {
  /**
   * Short 2 calls at 100, long 1 call at 120, short 1 put at 90; short 3 perpetuals; 0.5 of the
   * base asset; 1,000 of cash.
   */
  private static FamilyCase book() throws Exception {
    return new FamilyCase("derive-srm", "markets=1,expiries=1,options=3,attesters=2")
        .axis("option", "C100", "C120", "P90")
        .axis("market", "COIN")
        .round("mark", "10 4 3")
        .round("isolatedRate", "25 18 14")
        // At 0, 100, 120 and 90.
        .round("payoff", "0 0 20 0 0 0 0 0 90 0 0 0")
        .round("isCall", "1 1 0")
        .round("unpairedRate", "120")
        .round("shortRate", "2")
        .round("perpRate", "6")
        .round("basePrice", "104")
        .round("baseMarginRate", "80")
        .holds("position", "C100", "-2")
        .holds("position", "C120", "1")
        .holds("position", "P90", "-1")
        .holds("perp", "COIN", "-3")
        .holds("base", "COIN", "0.5")
        .holds("cash", "", "1000");
  }

  private static void assertOutput(String expected, MarginAssessment assessment, String output) {
    assertEquals(
        0,
        new BigDecimal(expected).compareTo(assessment.output(output)),
        () -> output + " is " + assessment.output(output) + ", not " + expected);
  }

  @Test
  void workedExample() throws Exception {
    MarginAssessment a = book().assess(1, 1);
    // Isolated -2 * 25 - 14 = -64; at most lost 90 at zero and 120 for the call that nothing pairs.
    assertOutput("-70", a, "optionMargin"); // -64 and 3 short at 2
    assertOutput("-18", a, "perpMargin");
    assertOutput("40", a, "baseMargin");
    assertOutput("952", a, "margin");
    assertOutput("1033", a, "equity"); // 1000 - 20 + 4 - 3 + 52
    assertOutput("81", a, "requirement");
    assertTrue(a.solvent());
    assertTrue(book().assess(1033, 81).solvent());
    assertFalse(book().assess(1034, 81).solvent());
  }

  @Test
  void maximumLossCountsWhereItIsBetterThanIsolatedMargin() throws Exception {
    FamilyCase spread = book().holds("position", "C120", "2").holds("position", "P90", "0");
    // At most 2 * 20 lost; isolated 50.
    assertOutput("-44", spread.assess(1, 1), "optionMargin");
  }

  @Test
  void lossIsCutAtZeroNotTakenByItsMagnitude() throws Exception {
    FamilyCase longOnly =
        book()
            .holds("position", "C100", "2")
            .holds("position", "C120", "0")
            .holds("position", "P90", "1");
    assertOutput("0", longOnly.assess(1, 1), "optionMargin");
  }

  @Test
  void strikeThatIsNotHeldDoesNotCount() throws Exception {
    FamilyCase naked =
        book()
            .holds("position", "C100", "-1")
            .holds("position", "C120", "0")
            .holds("position", "P90", "0")
            .round("isolatedRate", "500 18 14");
    // The call loses 20 at 120, but only strikes held are looked at: 120 for the unpaired call.
    assertOutput("-122", naked.assess(1, 1), "optionMargin");
    assertOutput(
        "-142", naked.holds("position", "C120", "0.0001").assess(1, 1), "optionMargin", "0.1");
  }

  private static void assertOutput(
      String expected, MarginAssessment assessment, String output, String tolerance) {
    BigDecimal difference = new BigDecimal(expected).subtract(assessment.output(output)).abs();
    assertTrue(
        difference.compareTo(new BigDecimal(tolerance)) < 0,
        () -> output + " is " + assessment.output(output) + ", not about " + expected);
  }

  @Test
  void requirementIsNeverBelowZeroSoThatNoThresholdGetsEasier() throws Exception {
    // A hedged position whose rounded marks are worth a little less than it can lose.
    FamilyCase hedged =
        book()
            .holds("position", "C100", "-2")
            .holds("position", "C120", "2")
            .holds("position", "P90", "0")
            .holds("perp", "COIN", "0")
            .holds("base", "COIN", "0")
            .round("mark", "24.0001 4 3")
            .round("shortRate", "0")
            .holds("cash", "", "40.0001");
    MarginAssessment a = hedged.assess(1, 1);
    assertOutput("-0.0001", a, "equity");
    assertOutput("0.0001", a, "margin");
    assertOutput("0", a, "requirement");
    // With a requirement of -0.0002 a threshold of 2 would be met.
    assertFalse(hedged.assess(2, 1).solvent());
    assertFalse(hedged.assess((1L << 32) - 1, 1).solvent());
  }

  @Test
  void negativeEquityMeetsNoThreshold() throws Exception {
    FamilyCase broke = book().holds("cash", "", "-34");
    assertOutput("-1", broke.assess(1, 1), "equity");
    for (long numerator : new long[] {0, 1, (1L << 32) - 1}) {
      assertFalse(broke.assess(numerator, 1).solvent());
    }
  }

  @Test
  void tooManyPayoffsAreRefusedNamingTheLimit() throws Exception {
    Shape shape = Shape.parse("markets=16,expiries=32,options=128");
    InvalidFormatException e =
        assertThrows(InvalidFormatException.class, () -> new DeriveSrm().build(shape));
    assertTrue(e.getMessage().contains("more than 65536"), e.getMessage());
  }

  @Test
  void outputsEqualAPlainDecimalImplementationOnRandomInputs() throws Exception {
    RandomModels random = new RandomModels(42);
    for (int i = 0; i < 300; i++) {
      MarginModel model = random.smallMember(new DeriveSrm());
      RandomModels.Inputs inputs = random.inputs(model);
      MarginAssessment assessment =
          model.assess(
              inputs.coefficients(), inputs.holdings(), inputs.numerator(), inputs.denominator());
      Plain in = new Plain(model, inputs);
      BigDecimal margin = in.held("cash", 0);
      int options = model.shape().get("options");
      for (int e = 0; e < model.shape().get("markets") * model.shape().get("expiries"); e++) {
        margin = margin.add(optionMargin(in, e, options));
      }
      BigDecimal equity =
          in.held("cash", 0).add(in.dot("position", "mark")).add(in.dot("base", "basePrice"));
      margin =
          margin.subtract(in.dot("grossPerp", "perpRate")).add(in.dot("base", "baseMarginRate"));
      assertOutput(margin.toPlainString(), assessment, "margin");
      assertOutput(equity.toPlainString(), assessment, "equity");
      assertEquals(
          in.meets(equity, equity.subtract(margin).max(BigDecimal.ZERO)), assessment.solvent());
    }
  }

  /** The options of one expiry as the contract goes about them. */
  private static BigDecimal optionMargin(Plain in, int e, int options) {
    BigDecimal isolated = BigDecimal.ZERO;
    BigDecimal shorts = BigDecimal.ZERO;
    BigDecimal netCalls = BigDecimal.ZERO;
    BigDecimal loss = payoff(in, e, options, 0).min(BigDecimal.ZERO);
    for (int i = 0; i < options; i++) {
      int slot = e * options + i;
      BigDecimal held = in.held("position", slot);
      BigDecimal twice = in.held("grossPosition", slot).subtract(held);
      shorts = shorts.add(twice.divide(BigDecimal.valueOf(2)));
      isolated =
          isolated.subtract(
              twice.multiply(in.rate("isolatedRate", slot)).divide(BigDecimal.valueOf(2)));
      netCalls = netCalls.add(held.multiply(in.rate("isCall", slot)));
      if (held.signum() != 0) {
        loss = loss.min(payoff(in, e, options, i + 1));
      }
    }
    if (netCalls.signum() < 0) {
      loss = loss.add(netCalls.multiply(in.rate("unpairedRate", e)));
    }
    return isolated.max(loss).subtract(shorts.multiply(in.rate("shortRate", e)));
  }

  private static BigDecimal payoff(Plain in, int e, int options, int column) {
    BigDecimal total = BigDecimal.ZERO;
    for (int i = 0; i < options; i++) {
      int slot = e * options + i;
      total =
          total.add(
              in.held("position", slot).multiply(in.rate("payoff", slot * (options + 1) + column)));
    }
    return total;
  }
}
