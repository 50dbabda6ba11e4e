package io.plimsoll.circuits.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.RandomModels;
import java.math.BigDecimal;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IsolatedMarginTest {
  /** Long 2 bought at 100 with 50 of margin; short 1 sold at 50 with 10 of margin. */
  private static FamilyCase book() throws Exception {
    return new FamilyCase("isolated", "pockets=2,attesters=2")
        .axis("pocket", "LONG", "SHORT")
        .round("mark", "100 50")
        .round("rate", "20 9")
        .holds("position", "LONG", "2")
        .holds("margin", "LONG", "-150")
        .holds("position", "SHORT", "-1")
        .holds("margin", "SHORT", "60");
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
    assertOutput("50", assessment, "equity.0"); // -150 + 2 * 100
    assertOutput("40", assessment, "requirement.0"); // 2 * 20
    assertOutput("10", assessment, "equity.1"); // 60 - 50
    assertOutput("9", assessment, "requirement.1");
    assertOutput("1", assessment, "surplus.1");
    assertTrue(assessment.solvent());
  }

  @Test
  void onePocketBelowItsRequirementIsNotSavedByTheOther() throws Exception {
    MarginAssessment assessment = book().holds("margin", "SHORT", "58.999999").assess(1, 1);
    assertOutput("-0.000001", assessment, "surplus.1");
    assertOutput("10", assessment, "surplus.0");
    assertFalse(assessment.solvent());
    assertTrue(book().holds("margin", "SHORT", "59").assess(1, 1).solvent());
  }

  @Test
  void everyPocketHasItsOwnAssertion() throws Exception {
    assertEquals(Set.of("solvent.0", "solvent.1"), book().assess(1, 1).assertions().keySet());
  }

  @Test
  void verdictEqualsAPlainDecimalImplementationOnRandomInputs() throws Exception {
    RandomModels random = new RandomModels(23);
    for (int i = 0; i < 200; i++) {
      MarginModel model = random.smallMember(new IsolatedMargin());
      RandomModels.Inputs inputs = random.inputs(model);
      MarginAssessment assessment =
          model.assess(
              inputs.coefficients(), inputs.holdings(), inputs.numerator(), inputs.denominator());
      Plain plain = new Plain(model, inputs);
      boolean solvent = true;
      for (int p = 0; p < model.shape().get("pockets"); p++) {
        BigDecimal equity =
            plain.held("margin", p).add(plain.held("position", p).multiply(plain.rate("mark", p)));
        BigDecimal requirement = plain.held("grossPosition", p).multiply(plain.rate("rate", p));
        assertOutput(equity.subtract(requirement).toPlainString(), assessment, "surplus." + p);
        solvent &= plain.meets(equity, requirement);
      }
      assertEquals(solvent, assessment.solvent());
    }
  }
}
