package io.plimsoll.circuits.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.Evaluation;
import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.MarginModel;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegTStrategyTest {
  /**
   * At 98: puts of 100 at 5, of 95 at 4 and of 80 at 1 that expire together, a call of 105 at 2
   * that expires with them and one of 110 at 1 that expires before.
   */
  private static FamilyCase book() throws Exception {
    return new FamilyCase("reg-t-strategy", "options=5,attesters=1")
        .axis("option", "P100", "P95", "P80", "C105", "C110-early")
        .axis("strike", "100", "95", "80", "105", "110")
        .axis("other", "P100", "P95", "P80", "C105", "C110-early")
        .round("isCall", "0 0 0 1 1")
        .round("premium", "500 400 100 200 100")
        .round("longRequirement", "500 400 100 200 100")
        .round("shortRequirement", "2460 2060 900 1460 1080")
        .round("payoff", "0 500 2000 0 0 0 0 1500 0 0 0 0 0 0 0 0 0 0 0 500 0 0 0 0 0")
        .round("covers", "1 1 1 0 0 1 1 1 0 0 1 1 1 0 0 0 0 0 1 0 0 0 0 1 1")
        .round("hosts", "0 0 0 0 0 0 0 0 0 0 0 0 0 1 1 1 1 0 0 0 1 1 0 0 0")
        .round("rides", "1 0 0 0 0 1 1 0 0 0 1 1 1 0 0 0 0 0 1 0 0 0 0 1 1")
        .round("longShareRequirement", "49")
        .round("shortShareRequirement", "147");
  }

  private static void assertOutput(String expected, MarginAssessment assessment, String output) {
    assertEquals(
        0,
        new BigDecimal(expected).compareTo(assessment.output(output)),
        () -> output + " is " + assessment.output(output) + ", not " + expected);
  }

  private static FamilyCase spread() throws Exception {
    return book()
        .holds("position", "P100", "-1")
        .holds("position", "P95", "1")
        .holds("position", "P80", "1");
  }

  @Test
  void ownerCoversWithTheLongThatLosesLeast() throws Exception {
    MarginAssessment assessment = spread().holds("funds", "", "500").assess(1, 1);
    // 100 less 95 is lost at most, less the credit of 100; and the put of 80 is paid.
    assertOutput("500", assessment, "requirement");
    assertOutput("500", assessment, "maxLoss");
    assertTrue(assessment.solvent());
    assertFalse(spread().holds("funds", "", "499.99").assess(1, 1).solvent());
    assertTrue(spread().holds("funds", "", "550").assess(11, 10).solvent());
    assertFalse(spread().holds("funds", "", "549.99").assess(11, 10).solvent());
  }

  @Test
  void nothingHeldNeedsNothing() throws Exception {
    assertOutput("0", book().assess(1, 1), "requirement");
  }

  @Test
  void onlyTheGreaterSideOfAStrangleIsMargined() throws Exception {
    MarginAssessment strangle =
        book().holds("position", "P95", "-2").holds("position", "C105", "-1").assess(1, 1);
    assertOutput("4320", strangle, "requirement"); // twice 2060, and the call's premium
  }

  @Test
  void sharesCarryCallsWhenHeldAndPutsWhenShort() throws Exception {
    assertOutput(
        "4900",
        book().holds("position", "C105", "-1").holds("shares", "", "100").assess(1, 1),
        "requirement");
    assertOutput(
        "6311",
        book().holds("position", "C105", "-1").holds("shares", "", "99").assess(1, 1),
        "requirement");
    assertOutput(
        "14700",
        book().holds("position", "P95", "-1").holds("shares", "", "-100").assess(1, 1),
        "requirement");
    assertOutput(
        "16160",
        book().holds("position", "C105", "-1").holds("shares", "", "-100").assess(1, 1),
        "requirement");
  }

  /** One of each: short P100, long P95, long P80, short C105, long C110 of an earlier expiry. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 0 0 0 0 | 0 0 0 0 0 | 0 0 0 0 0 | 0 | true",
        "1 1 0 0 0 | 0 0 0 0 0 | 0 0 0 0 0 | 500 | true",
        "1 1 0 0 0 | 0 0 0 0 0 | 0 0 0 0 0 | 499.99 | false", // less than the loss at 95
        "1 1 0 0 0 | 0 0 0 0 0 | 0 0 0 0 0 | 10000 | true",
        "1 0 1 0 0 | 0 0 0 0 0 | 0 0 0 0 0 | 2000 | true",
        "1 1 1 0 0 | 0 0 0 0 0 | 0 0 0 0 0 | 500 | false", // two longs for one short
        "1 0 0 0 0 | 0 0 0 0 0 | 0 0 0 0 0 | 2000 | false", // covered by nothing
        "0 1 0 0 0 | 0 0 0 0 0 | 0 0 0 0 0 | 0 | false", // covers nothing
        "2 1 1 0 0 | 0 0 0 0 0 | 0 0 0 0 0 | 2500 | false", // more than is short
        "1 2 0 0 0 | 0 0 0 0 0 | 0 0 0 0 0 | 500 | false", // more than is held
        "0 0 0 1 1 | 0 0 0 0 0 | 0 0 0 0 0 | 500 | false", // the long expires first
        "0 1 0 1 0 | 0 0 0 0 0 | 0 0 0 0 0 | 500 | false", // a put for a call
        "0 0 0 0 0 | 0 0 0 0 0 | 0 0 0 1 0 | 0 | true", // the put needs more
        "0 0 0 0 0 | 0 0 0 0 0 | 1 0 0 0 0 | 0 | false", // the call needs less
        "0 0 0 0 0 | 0 0 0 0 0 | 1 0 0 1 0 | 0 | false", // each the lesser side of the other
        "1 1 0 0 0 | 0 0 0 0 0 | 0 0 0 1 0 | 500 | false", // the put is in a spread
        "0 0 0 0 0 | 0 0 0 1 0 | 0 0 0 0 0 | 0 | true", // 100 shares are held
        "0 0 0 0 0 | 1 0 0 0 0 | 0 0 0 0 0 | 0 | false", // but none short
        "0 0 0 0 0 | 0 0 0 1 0 | 0 0 0 1 0 | 0 | false", // one contract in two places
        "0 0 0 0 0 | 0 0 0 0 1 | 0 0 0 0 0 | 0 | false", // a long on stock
      })
  void onlyWaysToHoldThePositionMayBeChosen(
      String inSpreads, String onStock, String lesserSide, BigDecimal maxLoss, boolean feasible)
      throws Exception {
    FamilyCase book =
        spread()
            .holds("position", "C105", "-1")
            .holds("position", "C110-early", "1")
            .holds("shares", "", "100");
    MarginModel model = book.model;
    long[] choices = new long[model.choiceCount()];
    int at = 0;
    for (String tensor : List.of(inSpreads, onStock, lesserSide)) {
      for (String value : tensor.split(" ", -1)) {
        choices[at++] = Long.parseLong(value);
      }
    }
    choices[at] = maxLoss.movePointRight(2).longValueExact();
    Evaluation evaluation =
        model.evaluate(
            book.coefficients().toLongArray(), book.holdings().toLongArray(), choices, 1, 1);
    assertEquals(feasible, model.isFeasible(evaluation));
  }
}
