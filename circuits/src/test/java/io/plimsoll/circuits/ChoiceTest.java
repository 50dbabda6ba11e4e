package io.plimsoll.circuits;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Values that the owner picks: what a model may do with them, and which ones are found. */
class ChoiceTest {
  /**
   * Each short contract is covered by a long one or stands naked, at a public cost each; no long
   * one covers more than there is of it.
   */
  private static MarginModel pairing(int shorts, int longs, long most) {
    MarginModelBuilder m = new MarginModelBuilder("pairing", Shape.empty(), 1);
    String bound = Long.toString(most);
    ExprArray sold = m.holdings("sold").axis("short", shorts).between("0", bound).array();
    ExprArray bought = m.holdings("bought").axis("long", longs).between("0", bound).array();
    Expr cash = m.holdings("cash").between("-1000000000000000", "1000000000000000").single();
    ExprArray cost =
        m.round("cost").axis("short", shorts).axis("cover", longs + 1).between("0", "1000").array();
    ExprArray pair =
        m.choose("pair", "every pairing is margined at no less than its loss")
            .axis("short", shorts)
            .axis("cover", longs + 1)
            .between("0", bound)
            .array();
    for (int i = 0; i < shorts; i++) {
      m.constrainEqual("placed." + i, pair.row(i).sum(), sold.get(i));
    }
    for (int j = 0; j < longs; j++) {
      List<Expr> used = new ArrayList<>();
      for (int i = 0; i < shorts; i++) {
        used.add(pair.get(i, j));
      }
      m.constrainAtMost("covered." + j, m.sum(used), bought.get(j));
    }
    Expr requirement = cost.dot(pair);
    m.assertNonNegative(
        "solvent", m.denominator().times(cash).minus(m.numerator().times(requirement)));
    m.output("requirement", requirement);
    return m.build();
  }

  private static BigInteger surplus(MarginModel model, Evaluation evaluation) {
    return evaluation.value(model.assertions().get(0).node());
  }

  /** Every choice in range, as a list of digits in a mixed radix of one radix. */
  private static void eachChoice(int count, long max, Consumer<long[]> visit) {
    long[] choices = new long[count];
    int at = 0;
    while (at < count) {
      visit.accept(choices);
      at = 0;
      while (at < count && choices[at] == max) {
        choices[at++] = 0;
      }
      if (at < count) {
        choices[at]++;
      }
    }
  }

  @Test
  void solverFindsWhatAnExhaustiveSearchFinds() {
    Random random = new Random(1);
    MarginModel model = pairing(2, 2, 2);
    for (int i = 0; i < 60; i++) {
      long[] costs = random.longs(6, 0, i % 2 == 0 ? 4 : 1001).toArray();
      long[] holdings = random.longs(5, 0, 3).toArray();
      BigInteger[] best = new BigInteger[1];
      eachChoice(
          6,
          2,
          choices -> {
            Evaluation evaluation = model.evaluate(costs, holdings, choices, 1, 1);
            if (model.isFeasible(evaluation)) {
              BigInteger surplus = surplus(model, evaluation);
              best[0] = best[0] == null ? surplus : best[0].max(surplus);
            }
          });
      Evaluation found = model.evaluate(costs, holdings, 1, 1);
      assertTrue(model.isFeasible(found));
      assertEquals(best[0], surplus(model, found), () -> "case with costs " + List.of(costs));
      assertArrayEquals(found.choices(), model.assess(costs, holdings, 1, 1).choices());
    }
  }

  @Test
  void noFeasibleChoiceAssessesAboveTheBest() {
    Random random = new Random(2);
    MarginModel model = pairing(4, 3, 1_000_000);
    for (int i = 0; i < 20; i++) {
      long[] costs = random.longs(16, 0, 1001).toArray();
      long[] holdings = random.longs(8, 0, 1_000_001).toArray();
      BigInteger best = surplus(model, model.evaluate(costs, holdings, 3, 2));
      for (int j = 0; j < 50; j++) {
        long[] choices = new long[16];
        long[] left = {holdings[4], holdings[5], holdings[6]};
        for (int s = 0; s < 4; s++) {
          long rest = holdings[s];
          for (int l = 0; l < 3; l++) {
            long most = Math.min(rest, left[l]);
            long used = random.nextBoolean() ? most : random.nextLong(most + 1);
            choices[4 * s + l] = used;
            left[l] -= used;
            rest -= used;
          }
          choices[4 * s + 3] = rest;
        }
        Evaluation evaluation = model.evaluate(costs, holdings, choices, 3, 2);
        assertTrue(model.isFeasible(evaluation));
        assertTrue(surplus(model, evaluation).compareTo(best) <= 0);
      }
    }
  }

  @Test
  void choicesOfRealisticSizeAreExact() {
    long most = 1_000_000_000_000L;
    MarginModel model = pairing(3, 2, most);
    long[] costs = {7, 11, 1000, 3, 900, 1000, 5, 6, 1000};
    long[] holdings = {most, most - 1, 7, most - 3, 999_999_999_998L, 0};
    Evaluation best = model.evaluate(costs, holdings, 1, 1);
    assertTrue(model.isFeasible(best));
    // The second is covered by the first long as far as that goes, the first by the second.
    assertEquals(
        BigInteger.valueOf(3).multiply(BigInteger.valueOf(most - 3)),
        BigInteger.valueOf(best.choices()[3]).multiply(BigInteger.valueOf(3)));
  }

  @Test
  void infeasibleConstraintsAreAnErrorThatNamesNoValue() {
    MarginModelBuilder m = new MarginModelBuilder("m", Shape.empty(), 1);
    Expr held = m.holdings("held").between("0", "4711").single();
    Expr picked = m.choose("picked", "test").between("0", "100").single();
    m.constrainEqual("all", picked, held);
    m.assertNonNegative("a", picked.minus(m.numerator()));
    MarginModel model = m.build();
    assertEquals(1, model.choose(new long[0], new long[] {100}, 1, 1).length);
    NoFeasibleChoiceException e =
        assertThrows(
            NoFeasibleChoiceException.class,
            () -> model.assess(new long[0], new long[] {4711}, 1, 1));
    assertTrue(e.getMessage().contains("picked"), e.getMessage());
    assertFalse(e.getMessage().contains("4711"), e.getMessage());
  }

  @Test
  void withSeveralAssertionsAllHoldWhereTheyCan() {
    MarginModelBuilder m = new MarginModelBuilder("m", Shape.empty(), 1);
    ExprArray need = m.holdings("need").axis("pocket", 2).between("0", "1000").array();
    Expr cash = m.holdings("cash").between("0", "1000").single();
    ExprArray given =
        m.choose("given", "cash in a pocket stands nowhere else")
            .axis("pocket", 2)
            .between("0", "1000")
            .array();
    m.constrainAtMost("cash", given.sum(), cash);
    // The first pocket is worth more in the sum, so a sum alone would starve the second.
    m.assertNonNegative("first", given.get(0).times("3").minus(need.get(0)));
    m.assertNonNegative("second", given.get(1).minus(need.get(1)));
    MarginModel model = m.build();
    assertTrue(model.assess(new long[0], new long[] {30, 90, 100}, 1, 1).solvent());
    assertFalse(model.assess(new long[0], new long[] {31, 90, 100}, 1, 1).solvent());
  }

  @Test
  void epigraphValueStandsForAMaximum() {
    MarginModelBuilder m = new MarginModelBuilder("m", Shape.empty(), 1);
    ExprArray loss = m.holdings("loss").axis("scenario", 3).between("-1000", "1000").array();
    Expr cash = m.holdings("cash").between("0", "1000").single();
    Expr worst = m.choose("worst", "at least every loss").between("0", "1000").single();
    loss.toList().forEach(one -> m.constrainAtMost("loss." + one.node, one, worst));
    m.assertNonNegative("solvent", cash.minus(worst));
    m.output("worst", worst);
    MarginModel model = m.build();
    MarginAssessment assessment = model.assess(new long[0], new long[] {-5, 70, 12, 70}, 1, 1);
    assertTrue(assessment.solvent());
    assertEquals(70, assessment.output("worst").intValueExact());
    assertFalse(model.assess(new long[0], new long[] {-5, 71, 12, 70}, 1, 1).solvent());
  }

  @Test
  void choicesOutsideTheirRangeAreRefusedWithoutTheirValue() {
    MarginModel model = pairing(1, 1, 5);
    long[] costs = new long[2];
    long[] holdings = new long[3];
    for (long[] choices : List.of(new long[] {0, 6}, new long[] {0, -1})) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> model.evaluate(costs, holdings, choices, 1, 1));
      assertEquals("pair[0][1] is outside [0, 5]", e.getMessage());
    }
    assertThrows(
        IllegalArgumentException.class, () -> model.evaluate(costs, holdings, new long[1], 1, 1));
  }

  private static void assertRefused(String message, Consumer<MarginModelBuilder> build) {
    MarginModelBuilder m = new MarginModelBuilder("m", Shape.empty(), 2);
    m.holdings("held").between("-10", "10").single();
    m.magnitudeOf("gross", "held");
    m.choose("picked", "test").between("0", "9").single();
    InvalidModelException e = assertThrows(InvalidModelException.class, () -> build.accept(m));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  private static Expr picked(MarginModelBuilder m) {
    return m.input("picked").get();
  }

  private static Expr held(MarginModelBuilder m) {
    return m.input("held").get();
  }

  @Test
  void choicesFeedNothingButSumsProductsConstraintsAndAssertions() {
    assertRefused("depends on a choice", m -> picked(m).minus(held(m)).isNonNegative());
    assertRefused("depends on a choice", m -> picked(m).isNonZero());
    assertRefused("depends on a choice", m -> picked(m).minus(held(m)).abs());
    assertRefused("depends on a choice", m -> picked(m).max(held(m)));
    assertRefused("depends on a choice", m -> held(m).max(picked(m)));
    assertRefused("depends on a choice", m -> picked(m).roundDown(2));
    assertRefused("depends on a choice", m -> picked(m).times(picked(m)));
    assertRefused(
        "depends on a choice", m -> picked(m).times(held(m)).times(picked(m).plus(held(m))));
    MarginModelBuilder fine = new MarginModelBuilder("m", Shape.empty(), 1);
    Expr held = fine.holdings("held").between("-10", "10").single();
    Expr picked = fine.choose("picked", "test").between("0", "9").single();
    assertEquals(picked.node, picked.relu().node);
    assertEquals(Interval.of(-90, 90), picked.times(held).interval());
  }

  @Test
  void brokenChoicesAndConstraintsAreRefusedByName() {
    assertRefused(
        "choice 'c': min is 1, not 0", m -> m.choose("c", "x").between("1", "2").single());
    assertRefused(
        "choice 'c': max 0 is below 1", m -> m.choose("c", "x").between("0", "0").single());
    assertRefused(
        "valid bound: the name is empty", m -> m.choose("c", "").between("0", "1").array());
    assertRefused("name is already taken", m -> m.choose("held", "x").between("0", "1").array());
    assertRefused(
        "constraint 'c' depends on no choice", m -> m.constrainEqual("c", held(m), m.constant(0)));
    assertRefused(
        "constraint 'c' cannot hold",
        m -> m.constrainAtMost("c", picked(m).plus(m.constant(10)), m.constant(9)));
    assertRefused(
        "constraint 'c' cannot hold", m -> m.constrainEqual("c", picked(m), m.constant(10)));
    assertRefused(
        "relaxed by a larger attested magnitude",
        m -> m.constrainAtMost("c", picked(m), m.input("gross").get(0)));
    assertRefused(
        "relaxed by a larger attested magnitude",
        m -> m.constrainEqual("c", picked(m), m.input("gross").get(0)));
    assertRefused(
        "occurs twice",
        m -> {
          m.constrainAtMost("c", picked(m), held(m));
          m.constrainAtMost("c", picked(m), held(m));
        });
  }

  @Test
  void modelWithChoicesSurvivesTheRoundTripByteByByte() throws Exception {
    MarginModel model = pairing(2, 3, 9);
    MarginModel read = MarginModel.read(model.toByteArray());
    assertEquals(model.digest(), read.digest());
    assertEquals(model.choices(), read.choices());
    assertEquals(model.constraints(), read.constraints());
    assertEquals(8, read.choiceCount());
    assertEquals(0, read.choiceOffset("pair"));
  }

  @Test
  void constraintsAndChoicesAreAmongTheDecompositions() {
    List<Decomposition> decompositions = pairing(1, 1, 5).decompositions();
    assertEquals(
        List.of(
            Decomposition.Kind.CHOICE,
            Decomposition.Kind.CHOICE,
            Decomposition.Kind.CONSTRAINT,
            Decomposition.Kind.ASSERTION),
        decompositions.stream().map(Decomposition::kind).toList());
    assertEquals(3, decompositions.get(0).bits());
  }
}
