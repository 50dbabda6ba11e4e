package io.plimsoll.circuits.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.RandomModels;
import io.plimsoll.circuits.RoundCoefficients;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class CrossMarginTest {
  /** Short 3 at 1,000 and long 4 at 20, 10 units of collateral at a haircut of 10 %, 3,500 cash. */
  private static FamilyCase book() throws Exception {
    return new FamilyCase(
            "cross", "instruments=2,tiers=2,collaterals=1,collateralTiers=1,attesters=3")
        .axis("instrument", "BIG", "SMALL")
        .axis("collateral", "COIN")
        .round("mark", "1000 20")
        .round("marginSlope", "50 1")
        .round("marginStep", "30 1")
        .round("marginFrom", "2 10")
        .round("haircutSlope", "0.9")
        .holds("position", "BIG", "-3")
        .holds("position", "SMALL", "4")
        .holds("collateral", "COIN", "10")
        .holds("cash", "", "3500");
  }

  private static void assertOutput(String expected, MarginAssessment assessment, String output) {
    assertEquals(
        0,
        new BigDecimal(expected).compareTo(assessment.output(output)),
        () -> output + " is " + assessment.output(output) + ", not " + expected);
  }

  @Test
  void workedExample() throws Exception {
    MarginAssessment assessment = book().assess(1, 1);
    assertOutput("-2920", assessment, "positionValue"); // -3 * 1000 + 4 * 20
    assertOutput("9", assessment, "collateralValue"); // 10 * 0.9
    assertOutput("589", assessment, "equity");
    assertOutput("184", assessment, "requirement"); // 50 * 2 + 80 * 1 + 1 * 4
    assertOutput("405", assessment, "surplus");
    assertTrue(assessment.solvent());
  }

  @Test
  void positionExactlyAtASizeTierPaysTheFirstRateForAllOfIt() throws Exception {
    MarginAssessment at =
        book().holds("position", "BIG", "2").holds("position", "SMALL", "0").assess(1, 1);
    assertOutput("100", at, "requirement"); // 50 * 2
    MarginAssessment below =
        book().holds("position", "BIG", "1.9999").holds("position", "SMALL", "0").assess(1, 1);
    assertOutput("99.995", below, "requirement"); // 50 * 1.9999
    MarginAssessment above =
        book().holds("position", "BIG", "2.0001").holds("position", "SMALL", "0").assess(1, 1);
    assertOutput("100.008", above, "requirement"); // 50 * 2 + 80 * 0.0001
  }

  @Test
  void initialMaintenanceAndCloseOutAreOtherCoefficientsOrAnotherThreshold() throws Exception {
    MarginAssessment initial =
        book().round("marginSlope", "100 2").round("marginStep", "60 2").assess(1, 1);
    assertOutput("368", initial, "requirement");
    assertTrue(book().assess(2, 1).solvent() == initial.solvent());
    assertTrue(book().assess(589, 184).solvent());
    assertFalse(book().assess(590, 184).solvent());
    assertFalse(book().holds("cash", "", "3499.999999").assess(589, 184).solvent());
  }

  @Test
  void sizeTiersLookAtTheSumOverAttestersOfTheMagnitudes() throws Exception {
    FamilyCase one = book();
    MarginModel model = one.model;
    long[] coefficients = new long[model.coefficientCount()];
    coefficients[model.coefficientOffset("marginSlope")] = 50_000_000;
    coefficients[model.coefficientOffset("marginStep")] = 30_000_000;
    coefficients[model.coefficientOffset("marginFrom")] = 2_0000;
    MarginAssessment assessment =
        model.assess(
            RoundCoefficients.of(model, coefficients),
            one.holdings().plus(one.holds("position", "BIG", "3").holdings()),
            1,
            1);
    assertOutput("420", assessment, "requirement"); // net 0, gross 6: 50 * 2 + 80 * 4
  }

  @Test
  void outputsEqualAPlainDecimalImplementationOnRandomInputs() throws Exception {
    RandomModels random = new RandomModels(22);
    for (int i = 0; i < 200; i++) {
      MarginModel model = random.smallMember(new CrossMargin());
      RandomModels.Inputs inputs = random.inputs(model);
      MarginAssessment assessment =
          model.assess(
              inputs.coefficients(), inputs.holdings(), inputs.numerator(), inputs.denominator());
      Plain plain = new Plain(model, inputs);
      BigDecimal equity =
          plain
              .held("cash", 0)
              .add(plain.dot("position", "mark"))
              .add(plain.collateralValue(model.shape().get("collateralTiers")));
      BigDecimal requirement = BigDecimal.ZERO;
      int tiers = model.shape().get("tiers");
      for (int n = 0; n < model.shape().get("instruments"); n++) {
        BigDecimal gross = plain.held("grossPosition", n);
        requirement = requirement.add(plain.tiered("margin", gross, n, tiers, 1));
      }
      assertOutput(equity.toPlainString(), assessment, "equity");
      assertOutput(requirement.toPlainString(), assessment, "requirement");
      assertEquals(plain.meets(equity, requirement), assessment.solvent());
    }
  }
}
