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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DerivePmrm2Test {
  /**
   * Long 10 calls and short 4 puts of one strike in one expiry, short 3 calls in the other; short 2
   * perpetuals; 5 units of a coin that scenarios move; 1,000 of cash. Two scenarios and a skew.
   */
  private static FamilyCase book() throws Exception {
    return new FamilyCase(
            "derive-pmrm2",
            "options=4,expiries=2,scenarios=3,skewScenarios=1,collaterals=1,attesters=2")
        .axis("option", "NEAR-C", "NEAR-P", "FAR-C")
        .axis("collateral", "COIN")
        .round("mark", "30 20 50 0")
        .round("scenarioValue", "50 5 25 5 60 22 90 20 70 0 0 0")
        .round("basisValue", "40 22 12 28 60 41 0 0")
        .round("longFactor", "0.9 0.5 0.9 0.8 0.5 0.8")
        .round("shortFactor", "1.1 0.5 1.1 1.2 0.5 1.2")
        .round("dampening", "1 0.5 1")
        .round("spotMove", "0.2 -0.1 0")
        .round("basisFactor", "2 3")
        .round("sameStrike", "1 0")
        .round("lossFactor", "1.5")
        .round("perpPrice", "100")
        .round("perpMaintenanceRate", "2")
        .round("perpInitialRate", "1")
        .round("perpConfidenceRate", "3")
        .round("optionMaintenanceRate", "4")
        .round("optionInitialRate", "5")
        .round("optionConfidenceRate", "0.5 0")
        .round("optionConfidencePerpExtra", "0.25 2")
        .round("collateralPrice", "80")
        .round("cancellingPrice", "80")
        .round("maintenanceHaircut", "0.1")
        .round("initialHaircut", "0.05")
        .round("confidenceHaircut", "0.2")
        .holds("position", "NEAR-C", "10")
        .holds("position", "NEAR-P", "-4")
        .holds("position", "FAR-C", "-3")
        .holds("perp", "", "-2")
        .holds("collateral", "COIN", "5")
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
    assertOutput("220", a, "expiryValue.0"); // 10 * 30 - 4 * 20
    assertOutput("-150", a, "expiryValue.1"); // -3 * 50
    assertOutput("70", a, "optionValue");
    assertOutput("400", a, "collateralValue");
    assertOutput("1470", a, "equity");
    // Near 500 - 20 = 480 at 0.9, far -270 at 1.2; spot moves -2 * 100 + 5 * 80 = 200 by 0.2.
    assertOutput("78", a, "scenarioPnl.0"); // 432 - 324 - 70 + 40
    // Near 50 - 240 = -190 at 0.5, far -60 at 0.5.
    assertOutput("-180", a, "scenarioPnl.1"); // -95 - 30 - 35 - 20
    // Near 250 - 88 = 162: 145.8 - 220 = -74.2; far -210: -252 + 150 = -102.
    assertOutput("-176.2", a, "scenarioPnl.2"); // -74.2 - 102
    // Near 400 - 48 and 220 - 112: 352, 108, least 108 - 220; far -180, -123, least -30.
    assertOutput("-314", a, "basisContingency"); // -112 * 2 - 30 * 3
    assertOutput("-314", a, "worstLoss");
    assertOutput("4", a, "perpMaintenance");
    assertOutput("2", a, "perpInitial");
    assertOutput(
        "12", a, "optionMaintenance"); // 3 naked: the short puts are at the strike of long calls
    assertOutput("15", a, "optionInitial");
    assertOutput("40", a, "collateralMaintenance");
    assertOutput("20", a, "collateralInitial");
    // perp 2 * 3, near 14 * (0.5 + 0.25), far 3 * 2, collateral 400 * 0.2
    assertOutput("102.5", a, "confidence");
    assertOutput("666.5", a, "requirement"); // 314 * 1.5 + 56 + 37 + 102.5
    assertOutput("803.5", a, "margin");
    assertTrue(a.solvent());
  }

  @Test
  void gainOfASkewScenarioCountsAsLossInEachExpiry() throws Exception {
    // Near gains 450 - 88 = 362: 325.8 - 220 = 105.8, far loses 102.
    MarginAssessment a =
        book().round("scenarioValue", "50 5 45 5 60 22 90 20 70 0 0 0").assess(1, 1);
    assertOutput("-207.8", a, "scenarioPnl.2");
  }

  @Test
  void valueOfAtLeastZeroIsDiscountedAsLongWhicheverFactorIsLarger() throws Exception {
    MarginAssessment a =
        book()
            .round("longFactor", "1.3 0.5 0.9 0.8 0.5 0.8")
            .round("shortFactor", "0.7 0.5 1.1 1.2 0.5 1.2")
            .assess(1, 1);
    assertOutput("270", a, "scenarioPnl.0"); // 480 * 1.3 = 624, 192 more than at 0.9
  }

  @Test
  void gainAtBothBasisShocksIsNoCreditAgainstAnotherExpiry() throws Exception {
    // Near 400 - 48 and 310 - 40, both above 220; far -30 as before.
    MarginAssessment a = book().round("basisValue", "40 31 12 10 60 41 0 0").assess(1, 1);
    assertOutput("-90", a, "basisContingency");
  }

  @Test
  void confidenceOfThePerpetualCostsOnlyWhoHoldsOne() throws Exception {
    assertOutput("87", book().holds("perp", "", "0").assess(1, 1), "confidence"); // 7 + 80
    assertOutput("96.53", book().holds("perp", "", "0.01").assess(1, 1), "confidence");
  }

  @Test
  void perpetualsThatCancelOverTwoAttestersAreNotHeldButTheirMagnitudesCount() throws Exception {
    FamilyCase one = book();
    FamilyCase other =
        book()
            .holds("perp", "", "2")
            .holds("position", "NEAR-C", "0")
            .holds("position", "NEAR-P", "0")
            .holds("position", "FAR-C", "0")
            .holds("collateral", "COIN", "0")
            .holds("cash", "", "0");
    MarginModel model = one.model;
    MarginAssessment a =
        model.assess(one.coefficients(), one.holdings().plus(other.holdings()), 1, 1);
    assertOutput("99", a, "confidence"); // 4 * 3 + 14 * 0.5 + 80
  }

  @Test
  void onlyShortsThatNothingAtTheStrikeCoversAreNaked() throws Exception {
    assertOutput("12", book().assess(1, 1), "optionMaintenance");
    // Not max(0, ...) of |net|: a net long of one strike is no naked option.
    assertOutput("12", book().holds("position", "NEAR-P", "40").assess(1, 1), "optionMaintenance");
    assertOutput("20", book().holds("position", "NEAR-P", "-12").assess(1, 1), "optionMaintenance");
    assertOutput("28", book().round("sameStrike", "0 0").assess(1, 1), "optionMaintenance");
  }

  @Test
  void lossOfNoScenarioIsBelowZeroRequirement() throws Exception {
    MarginAssessment a =
        book()
            .holds("position", "NEAR-C", "0")
            .holds("position", "NEAR-P", "0")
            .holds("position", "FAR-C", "0")
            .holds("perp", "", "0")
            .round("spotMove", "0.2 0.1 0")
            .assess(1, 1);
    assertOutput("0", a, "worstLoss"); // both scenarios gain
    assertOutput("140", a, "requirement"); // haircuts and confidence
  }

  @Test
  void requirementOfZeroIsMetByEquityOfZeroAtAnyThresholdAndByNoDebt() throws Exception {
    FamilyCase cashOnly =
        book()
            .holds("position", "NEAR-C", "0")
            .holds("position", "NEAR-P", "0")
            .holds("position", "FAR-C", "0")
            .holds("perp", "", "0")
            .holds("collateral", "COIN", "0");
    assertOutput("0", cashOnly.assess(1, 1), "requirement");
    assertTrue(cashOnly.holds("cash", "", "0").assess((1L << 32) - 1, 1).solvent());
    assertFalse(cashOnly.holds("cash", "", "-0.000001").assess(1, 1).solvent());
    assertFalse(cashOnly.holds("cash", "", "-0.000001").assess(0, 1).solvent());
  }

  @Test
  void negativeEquityMeetsNoThresholdHoweverLargeTheRequirement() throws Exception {
    FamilyCase broke = book().holds("cash", "", "-471");
    assertOutput("-1", broke.assess(1, 1), "equity");
    for (long numerator : new long[] {0, 1, (1L << 32) - 1}) {
      assertFalse(broke.assess(numerator, 1).solvent());
      assertFalse(broke.round("lossFactor", "60").assess(numerator, 1).solvent());
    }
  }

  @Test
  void unusedScenarioNeverCounts() throws Exception {
    MarginAssessment a =
        book()
            .round("longFactor", "0 0 0 0 0 0")
            .round("shortFactor", "0 0 0 0 0 0")
            .round("dampening", "0 0 0")
            .round("spotMove", "0 0 0")
            .assess(1, 1);
    assertOutput("0", a, "scenarioPnl.0");
    assertOutput("-314", a, "worstLoss");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "options=3,expiries=4 | expiries is 4, more than options, which is 3",
        "scenarios=1,skewScenarios=2 | skewScenarios is 2, more than scenarios, which is 1",
        "options=1024,scenarios=64,expiries=1025 | expiries is 1025, not 1 to 64",
        "reference=2 | reference is 2, not 0 to 1",
      })
  void shapeThatIsNoneIsRefusedNamingTheLimit(String shape, String why) throws Exception {
    Shape parsed = Shape.parse(shape);
    InvalidFormatException e =
        assertThrows(InvalidFormatException.class, () -> new DerivePmrm2().build(parsed));
    assertTrue(e.getMessage().contains(why), e.getMessage());
  }

  @Test
  void outputsEqualAPlainDecimalImplementationOnRandomInputs() throws Exception {
    RandomModels random = new RandomModels(74);
    for (int i = 0; i < 300; i++) {
      MarginModel model = random.smallMember(new DerivePmrm2());
      RandomModels.Inputs inputs = random.inputs(model);
      MarginAssessment assessment =
          model.assess(
              inputs.coefficients(), inputs.holdings(), inputs.numerator(), inputs.denominator());
      Oracle oracle = new Oracle(model, new Plain(model, inputs));
      assertOutput(oracle.worstLoss().toPlainString(), assessment, "worstLoss");
      assertOutput(oracle.naked().toPlainString(), assessment, "optionMaintenance");
      assertOutput(oracle.confidence().toPlainString(), assessment, "confidence");
      assertOutput(oracle.equity().toPlainString(), assessment, "equity");
      assertOutput(oracle.requirement().toPlainString(), assessment, "requirement");
      assertEquals(
          new Plain(model, inputs).meets(oracle.equity(), oracle.requirement()),
          assessment.solvent());
    }
  }

  /** The rule as the contract goes about it: loops and branches over plain decimals. */
  private static final class Oracle {
    private final Plain in;
    private final int options;
    private final int expiries;
    private final int scenarios;
    private final int skews;
    private final int collaterals;

    Oracle(MarginModel model, Plain in) {
      this.in = in;
      this.options = model.shape().get("options");
      this.expiries = model.shape().get("expiries");
      this.scenarios = model.shape().get("scenarios");
      this.skews = model.shape().get("skewScenarios");
      this.collaterals = model.shape().get("collaterals");
    }

    private BigDecimal expiry(int e, String table, int columns, int column) {
      BigDecimal total = BigDecimal.ZERO;
      for (int i = e * options / expiries; i < (e + 1) * options / expiries; i++) {
        total = total.add(in.held("position", i).multiply(in.rate(table, i * columns + column)));
      }
      return total;
    }

    private BigDecimal mark(int e) {
      return expiry(e, "mark", 1, 0);
    }

    private BigDecimal pnl(int s) {
      BigDecimal moves = in.held("perp", 0).multiply(in.rate("perpPrice", 0));
      for (int c = 0; c < collaterals; c++) {
        moves = moves.add(in.held("collateral", c).multiply(in.rate("cancellingPrice", c)));
      }
      BigDecimal pnl = moves.multiply(in.rate("spotMove", s));
      for (int e = 0; e < expiries; e++) {
        BigDecimal value = expiry(e, "scenarioValue", scenarios, s);
        String factor = value.signum() >= 0 ? "longFactor" : "shortFactor";
        BigDecimal change =
            value
                .multiply(in.rate(factor, e * scenarios + s))
                .subtract(mark(e).multiply(in.rate("dampening", s)));
        boolean skew = s >= scenarios - skews;
        pnl = skew && change.signum() > 0 ? pnl.subtract(change) : pnl.add(change);
      }
      return pnl;
    }

    BigDecimal worstLoss() {
      BigDecimal worst = BigDecimal.ZERO;
      for (int e = 0; e < expiries; e++) {
        BigDecimal up = expiry(e, "basisValue", 2, 0).subtract(mark(e));
        BigDecimal down = expiry(e, "basisValue", 2, 1).subtract(mark(e));
        worst = worst.add(up.min(down).min(BigDecimal.ZERO).multiply(in.rate("basisFactor", e)));
      }
      for (int s = 0; s < scenarios; s++) {
        worst = worst.min(pnl(s));
      }
      return worst;
    }

    private BigDecimal nakedContracts() {
      BigDecimal twice = BigDecimal.ZERO;
      int pair = 0;
      for (int e = 0; e < expiries; e++) {
        int start = e * options / expiries;
        int end = (e + 1) * options / expiries;
        for (int i = start; i < end; i++) {
          boolean paired = (i - start) % 2 == 0 && i + 1 < end;
          if (paired && in.rate("sameStrike", pair++).signum() == 1) {
            BigDecimal net = in.held("position", i).add(in.held("position", i + 1));
            twice = twice.add(net.negate().max(BigDecimal.ZERO).multiply(BigDecimal.valueOf(2)));
            i++;
          } else if (paired) {
            // The first of two strikes by its net, the second by its attested magnitude.
            BigDecimal first = in.held("position", i).negate().max(BigDecimal.ZERO);
            twice = twice.add(first.multiply(BigDecimal.valueOf(2))).add(twiceShort(i + 1));
            i++;
          } else {
            twice = twice.add(twiceShort(i));
          }
        }
      }
      return twice.divide(BigDecimal.valueOf(2));
    }

    private BigDecimal twiceShort(int i) {
      return in.held("grossPosition", i).subtract(in.held("position", i));
    }

    BigDecimal naked() {
      return nakedContracts().multiply(in.rate("optionMaintenanceRate", 0));
    }

    BigDecimal confidence() {
      BigDecimal total = in.held("grossPerp", 0).multiply(in.rate("perpConfidenceRate", 0));
      for (int e = 0; e < expiries; e++) {
        BigDecimal gross = BigDecimal.ZERO;
        for (int i = e * options / expiries; i < (e + 1) * options / expiries; i++) {
          gross = gross.add(in.held("grossPosition", i));
        }
        BigDecimal rate = in.rate("optionConfidenceRate", e);
        if (in.held("perp", 0).signum() != 0) {
          rate = rate.add(in.rate("optionConfidencePerpExtra", e));
        }
        total = total.add(gross.multiply(rate));
      }
      return total.add(collateral("confidenceHaircut"));
    }

    private BigDecimal collateral(String haircut) {
      BigDecimal total = BigDecimal.ZERO;
      for (int c = 0; c < collaterals; c++) {
        BigDecimal value = in.held("collateral", c).multiply(in.rate("collateralPrice", c));
        total = total.add(haircut.isEmpty() ? value : value.multiply(in.rate(haircut, c)));
      }
      return total;
    }

    BigDecimal equity() {
      BigDecimal total = in.held("cash", 0).add(collateral(""));
      for (int e = 0; e < expiries; e++) {
        total = total.add(mark(e));
      }
      return total;
    }

    BigDecimal requirement() {
      return worstLoss()
          .negate()
          .multiply(in.rate("lossFactor", 0))
          .add(
              in.held("grossPerp", 0)
                  .multiply(in.rate("perpMaintenanceRate", 0).add(in.rate("perpInitialRate", 0))))
          .add(
              nakedContracts()
                  .multiply(
                      in.rate("optionMaintenanceRate", 0).add(in.rate("optionInitialRate", 0))))
          .add(collateral("maintenanceHaircut"))
          .add(collateral("initialHaircut"))
          .add(confidence());
    }
  }
}
