package io.plimsoll.circuits.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.Decomposition;
import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.Node;
import io.plimsoll.circuits.RandomModels;
import io.plimsoll.circuits.RoundCoefficients;
import io.plimsoll.circuits.Shape;
import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PortfolioMarginTest {
  /** Long 10 calls at 500, short 5 puts at 300, 1.5 units of collateral, 2,000 cash. */
  private static FamilyCase book(String shape) throws Exception {
    return new FamilyCase("portfolio", shape)
        .axis("instrument", "CALL", "PUT")
        .axis("collateral", "COIN")
        .round("mark", "500 300")
        .round("scenarioValue", "700 400 200 150 350 600")
        .round("delta", "0.6 -0.4")
        .round("vega", "12 10")
        .round("liquidityRate", "2 3")
        .round("deltaRate", "50")
        .round("vegaRate", "1.5")
        .round("haircutSlope", "9000")
        .round("haircutStep", "1000")
        .round("haircutFrom", "1")
        .holds("position", "CALL", "10")
        .holds("position", "PUT", "-5")
        .holds("collateral", "COIN", "1.5")
        .holds("cash", "", "2000");
  }

  private static FamilyCase book() throws Exception {
    return book("instruments=2,scenarios=3,collaterals=1,tiers=2,underlyings=1,attesters=2");
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
    assertOutput("2000", assessment, "cash");
    assertOutput("3500", assessment, "positionValue"); // 10 * 500 - 5 * 300
    assertOutput("13000", assessment, "collateralValue"); // 9000 * 1 + 8000 * 0.5
    assertOutput("18500", assessment, "equity");
    // -10 * 200 - 5 * 150, 10 * 100 + 5 * 50, 10 * 300 + 5 * 300
    assertOutput("4500", assessment, "worstLoss");
    assertOutput("400", assessment, "deltaRequirement"); // |10 * 0.6 + 5 * 0.4| * 50
    assertOutput("105", assessment, "vegaBuffer"); // |10 * 12 - 5 * 10| * 1.5
    assertOutput("35", assessment, "liquidityBuffer"); // 10 * 2 + 5 * 3
    assertOutput("5040", assessment, "requirement");
    assertOutput("13460", assessment, "surplus");
    assertTrue(assessment.solvent());
  }

  @Test
  void accountExactlyAtTheThresholdIsSolventAndTheSmallestUnitBelowIsNot() throws Exception {
    // 18500 / 5040 = 925 / 252
    assertEquals(BigInteger.ZERO, book().assess(925, 252).assertions().get("solvent"));
    assertTrue(book().assess(925, 252).solvent());
    assertFalse(book().holds("cash", "", "1999.999999").assess(925, 252).solvent());
    assertFalse(book().assess(926, 252).solvent());
    assertTrue(book().assess(925, 253).solvent());
  }

  @Test
  void worstLossIsZeroWhenEveryScenarioGains() throws Exception {
    MarginAssessment assessment =
        book()
            .holds("position", "PUT", "0")
            .round("scenarioValue", "501 502 503 0 0 0")
            .assess(1, 1);
    assertOutput("0", assessment, "worstLoss");
    assertOutput("500", assessment, "requirement"); // 6 * 50 + 120 * 1.5 + 10 * 2
  }

  @Test
  void emptyAccountHasNoRequirementAndIsSolventAtAnyThreshold() throws Exception {
    MarginAssessment assessment =
        book()
            .holds("position", "CALL", "0")
            .holds("position", "PUT", "0")
            .holds("collateral", "COIN", "0")
            .holds("cash", "", "0")
            .assess((1L << 32) - 1, 1);
    assertOutput("0", assessment, "equity");
    assertOutput("0", assessment, "requirement");
    assertTrue(assessment.solvent());
  }

  @Test
  void loanAloneIsNotSolvent() throws Exception {
    assertFalse(
        book()
            .holds("position", "CALL", "0")
            .holds("position", "PUT", "0")
            .holds("collateral", "COIN", "0")
            .holds("cash", "", "-0.000001")
            .assess(0, 1)
            .solvent());
  }

  @Test
  void collateralExactlyAtATierBoundaryHasTheFirstHaircutOnAllOfIt() throws Exception {
    assertOutput("9000", book().holds("collateral", "COIN", "1").assess(1, 1), "collateralValue");
    assertOutput(
        "8999.991", book().holds("collateral", "COIN", "0.999999").assess(1, 1), "collateralValue");
    assertOutput(
        "9000.008", book().holds("collateral", "COIN", "1.000001").assess(1, 1), "collateralValue");
  }

  @Test
  void paddingSlotsChangeNothing() throws Exception {
    MarginAssessment padded =
        book("instruments=3,scenarios=4,collaterals=2,tiers=3,underlyings=1,attesters=2")
            .round("mark", "500 300 0")
            .round("scenarioValue", "700 400 200 500 150 350 600 300 0 0 0 0")
            .round("delta", "0.6 -0.4 0")
            .round("vega", "12 10 0")
            .round("liquidityRate", "2 3 0")
            .round("haircutSlope", "9000 0")
            .round("haircutStep", "1000 0 0 0")
            .round("haircutFrom", "1 0 0 0")
            .assess(1, 1);
    assertOutput("5040", padded, "requirement");
    assertOutput("18500", padded, "equity");
  }

  @Test
  void underlyingsAreBlocksOfSlotsAndDoNotNetAgainstEachOther() throws Exception {
    MarginAssessment assessment =
        book("instruments=2,scenarios=3,collaterals=1,tiers=2,underlyings=2,attesters=2")
            .axis("underlying", "A", "B")
            .round("delta", "0.6 0.4")
            .round("deltaRate", "50 70")
            .round("vegaRate", "1.5 0")
            .assess(1, 1);
    assertOutput("440", assessment, "deltaRequirement"); // 6 * 50 + |-2| * 70
    assertOutput("180", assessment, "vegaBuffer"); // 120 * 1.5
  }

  @Test
  void oppositePositionsAtTwoAttestersNetInValueAndCountGrossInTheLiquidityBuffer()
      throws Exception {
    FamilyCase one = book();
    MarginAssessment assessment =
        one.model.assess(
            RoundCoefficients.of(one.model, coefficientsOf(one)),
            one.holds("position", "PUT", "0")
                .holdings()
                .plus(one.holds("position", "CALL", "-10").holdings()),
            1,
            1);
    assertOutput("0", assessment, "positionValue");
    assertOutput("0", assessment, "worstLoss");
    assertOutput("40", assessment, "liquidityBuffer");
  }

  private static long[] coefficientsOf(FamilyCase one) {
    long[] coefficients = new long[one.model.coefficientCount()];
    int rates = one.model.coefficientOffset("liquidityRate");
    coefficients[rates] = 2_0000;
    coefficients[rates + 1] = 3_0000;
    return coefficients;
  }

  @Test
  void instrumentsThatDoNotDivideIntoUnderlyingsAreRefused() {
    InvalidFormatException e =
        assertThrows(
            InvalidFormatException.class,
            () -> new PortfolioMargin().build(Shape.parse("instruments=10,underlyings=3")));
    assertTrue(e.getMessage().contains("instruments is 10, not a multiple"), e.getMessage());
  }

  @Test
  void standardShapeStaysSmall() throws Exception {
    MarginModel model = new PortfolioMargin().build(Shape.empty());
    assertEquals(
        "instruments=64,scenarios=16,collaterals=8,tiers=4,underlyings=1,attesters=4",
        model.shape().toString());
    long rows = model.nodes().stream().filter(node -> node instanceof Node.Product).count();
    for (Decomposition decomposition : model.decompositions()) {
      rows += decomposition.bits() + (decomposition.kind() == Decomposition.Kind.ASSERTION ? 1 : 2);
    }
    assertTrue(rows < 4060, "rows: " + rows);
  }

  @Test
  void outputsEqualAPlainDecimalImplementationOnRandomInputs() throws Exception {
    RandomModels random = new RandomModels(21);
    for (int i = 0; i < 200; i++) {
      MarginModel model = random.smallMember(new PortfolioMargin());
      RandomModels.Inputs inputs = random.inputs(model);
      MarginAssessment assessment =
          model.assess(
              inputs.coefficients(), inputs.holdings(), inputs.numerator(), inputs.denominator());
      Plain plain = new Plain(model, inputs);
      int instruments = model.shape().get("instruments");
      int underlyings = model.shape().get("underlyings");
      BigDecimal positionValue = plain.dot("position", "mark");
      BigDecimal collateral = plain.collateralValue(model.shape().get("tiers"));
      BigDecimal equity = plain.held("cash", 0).add(positionValue).add(collateral);
      BigDecimal worst = BigDecimal.ZERO;
      int scenarios = model.shape().get("scenarios");
      for (int s = 0; s < scenarios; s++) {
        BigDecimal loss = BigDecimal.ZERO;
        for (int n = 0; n < instruments; n++) {
          BigDecimal change =
              plain.rate("scenarioValue", n * scenarios + s).subtract(plain.rate("mark", n));
          loss = loss.subtract(plain.held("position", n).multiply(change));
        }
        worst = worst.max(loss);
      }
      BigDecimal[] nets = new BigDecimal[2 * underlyings];
      Arrays.fill(nets, BigDecimal.ZERO);
      for (int n = 0; n < instruments; n++) {
        int u = n / (instruments / underlyings);
        BigDecimal q = plain.held("position", n);
        nets[u] = nets[u].add(q.multiply(plain.rate("delta", n)));
        nets[underlyings + u] = nets[underlyings + u].add(q.multiply(plain.rate("vega", n)));
      }
      BigDecimal delta = BigDecimal.ZERO;
      BigDecimal vega = BigDecimal.ZERO;
      for (int u = 0; u < underlyings; u++) {
        delta = delta.add(nets[u].abs().multiply(plain.rate("deltaRate", u)));
        vega = vega.add(nets[underlyings + u].abs().multiply(plain.rate("vegaRate", u)));
      }
      BigDecimal liquidity = plain.dot("grossPosition", "liquidityRate");
      BigDecimal requirement = worst.add(delta).add(vega).add(liquidity);
      assertOutput(positionValue.toPlainString(), assessment, "positionValue");
      assertOutput(collateral.toPlainString(), assessment, "collateralValue");
      assertOutput(equity.toPlainString(), assessment, "equity");
      assertOutput(worst.toPlainString(), assessment, "worstLoss");
      assertOutput(delta.toPlainString(), assessment, "deltaRequirement");
      assertOutput(vega.toPlainString(), assessment, "vegaBuffer");
      assertOutput(liquidity.toPlainString(), assessment, "liquidityBuffer");
      assertOutput(requirement.toPlainString(), assessment, "requirement");
      assertOutput(equity.subtract(requirement).toPlainString(), assessment, "surplus");
      assertEquals(plain.meets(equity, requirement), assessment.solvent());
    }
  }
}
