package io.plimsoll.circuits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.IntervalAnalysis.Direction;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IntervalAnalysisTest {
  private static final BigInteger ONE = BigInteger.ONE;
  private static final BigInteger LIMIT = ONE.shiftLeft(250);

  /** A graph whose node i lies in the i-th interval. */
  private static IntervalAnalysis coefficients(long... ends) {
    ModelInputs inputs = new ModelInputs(1);
    for (int i = 0; i < ends.length; i += 2) {
      inputs.add(new RoundTensor("c" + i, List.of(), 0, ends[i], ends[i + 1]));
    }
    IntervalAnalysis graph = new IntervalAnalysis(inputs);
    for (int i = 0; i < ends.length / 2; i++) {
      graph.add(new Node.Coefficient(i));
    }
    return graph;
  }

  private static Interval after(IntervalAnalysis graph, Node node) {
    return graph.interval(graph.add(node));
  }

  private static Node.Term term(int node, long coefficient) {
    return new Node.Term(node, BigInteger.valueOf(coefficient));
  }

  @Test
  void sumAddsEndsByTheSignOfTheCoefficient() {
    Node sum = new Node.Sum(List.of(term(0, 3), term(1, -2)), BigInteger.valueOf(10));
    assertEquals(Interval.of(10 - 6 - 14, 10 + 15 + 2), after(coefficients(-2, 5, -1, 7), sum));
    assertEquals(
        Interval.of(4, 4),
        after(coefficients(0, 0), new Node.Sum(List.of(), BigInteger.valueOf(4))));
  }

  @Test
  void productTakesTheExtremesOfTheFourCorners() {
    assertEquals(Interval.of(-14, 35), after(coefficients(-2, 5, -1, 7), new Node.Product(0, 1)));
    assertEquals(Interval.of(-35, -2), after(coefficients(-5, -1, 2, 7), new Node.Product(0, 1)));
  }

  @Test
  void squareIsNeverNegative() {
    assertEquals(Interval.of(0, 25), after(coefficients(-2, 5), new Node.Product(0, 0)));
    assertEquals(Interval.of(4, 25), after(coefficients(-5, -2), new Node.Product(0, 0)));
    assertEquals(Interval.of(4, 25), after(coefficients(2, 5), new Node.Product(0, 0)));
  }

  @Test
  void productOfSignAndItsNodeIsThePositivePartInEitherOrder() {
    for (boolean signFirst : new boolean[] {true, false}) {
      IntervalAnalysis graph = coefficients(-9, 5);
      int sign = graph.add(new Node.Sign(0));
      assertEquals(
          Interval.of(0, 5),
          after(graph, signFirst ? new Node.Product(sign, 0) : new Node.Product(0, sign)));
    }
    IntervalAnalysis other = coefficients(-9, 5, -9, 5);
    int sign = other.add(new Node.Sign(0));
    assertEquals(Interval.of(-9, 5), after(other, new Node.Product(sign, 1)));
  }

  @Test
  void signMagnitudeNonZeroAndMaximumFollowTheTable() {
    assertEquals(Interval.of(0, 1), after(coefficients(-1, 0), new Node.Sign(0)));
    assertEquals(Interval.of(1, 1), after(coefficients(0, 4), new Node.Sign(0)));
    assertEquals(Interval.of(0, 0), after(coefficients(-4, -1), new Node.Sign(0)));
    assertEquals(Interval.of(0, 9), after(coefficients(-9, 5), new Node.Magnitude(0)));
    assertEquals(Interval.of(2, 5), after(coefficients(2, 5), new Node.Magnitude(0)));
    assertEquals(Interval.of(0, 9), after(coefficients(-9, 0), new Node.Magnitude(0)));
    assertEquals(Interval.of(0, 1), after(coefficients(0, 5), new Node.NonZero(0)));
    assertEquals(Interval.of(1, 1), after(coefficients(1, 5), new Node.NonZero(0)));
    assertEquals(Interval.of(0, 0), after(coefficients(0, 0), new Node.NonZero(0)));
    assertEquals(Interval.of(-1, 7), after(coefficients(-2, 5, -1, 7), new Node.Maximum(0, 1)));
  }

  @Test
  void roundedDownQuotientTakesTheFloorsOfTheEnds() {
    assertEquals(Interval.of(-3, 2), after(coefficients(-7, 6), roundDown(0, 3)));
    assertEquals(Interval.of(-1, 0), after(coefficients(-1, 1), roundDown(0, 1000)));
    assertEquals(Interval.of(-7, 6), after(coefficients(-7, 6), roundDown(0, 1)));
    assertEquals(Interval.of(1, 1), after(coefficients(6, 11), roundDown(0, 6)));
  }

  private static Node.RoundDown roundDown(int of, long divisor) {
    return new Node.RoundDown(of, BigInteger.valueOf(divisor));
  }

  @Test
  void holdingIsTakenTimesTheNumberOfAttesters() {
    ModelInputs inputs = new ModelInputs(3);
    inputs.add(new HoldingVector("held", "", 1, 0, -5, 7, ""));
    assertEquals(Interval.of(-15, 21), after(new IntervalAnalysis(inputs), new Node.Holding(0)));
  }

  @Test
  void thresholdPartsAre32BitsAndTheDenominatorIsPositive() {
    IntervalAnalysis graph = coefficients();
    assertEquals(
        Interval.of(0, 0xffffffffL),
        after(graph, new Node.Threshold(Node.Threshold.Part.NUMERATOR)));
    assertEquals(
        Interval.of(1, 0xffffffffL),
        after(graph, new Node.Threshold(Node.Threshold.Part.DENOMINATOR)));
  }

  @Test
  void nodeJustInsideTheLimitIsAllowedAndAtTheLimitRefused() {
    IntervalAnalysis graph = coefficients(0, 1);
    assertEquals(LIMIT.subtract(ONE), after(graph, new Node.Constant(LIMIT.subtract(ONE))).hi());
    assertEquals(ONE.subtract(LIMIT), after(graph, new Node.Constant(ONE.subtract(LIMIT))).lo());
    for (BigInteger value : List.of(LIMIT, LIMIT.add(ONE), LIMIT.negate())) {
      InvalidModelException e =
          assertThrows(InvalidModelException.class, () -> graph.add(new Node.Constant(value)));
      assertTrue(e.getMessage().contains("2^250"), e.getMessage());
    }
    Node sum = new Node.Sum(List.of(term(0, 1)), LIMIT.subtract(ONE));
    assertThrows(InvalidModelException.class, () -> graph.add(sum));
  }

  @Test
  void maximumIsRefusedWhenOnlyItsIntermediateReachesTheLimit() {
    IntervalAnalysis graph = coefficients(0, 1);
    BigInteger half = LIMIT.shiftRight(1);
    int up = graph.add(new Node.Sum(List.of(term(0, 1)), half.subtract(ONE)));
    int down = graph.add(new Node.Constant(half.negate()));
    int same = graph.add(new Node.Constant(half));
    assertThrows(InvalidModelException.class, () -> graph.add(new Node.Maximum(up, down)));
    assertThrows(InvalidModelException.class, () -> graph.add(new Node.Maximum(up, same)));
  }

  @Test
  void widthsFollowTheIntervals() {
    assertEquals(8, Interval.of(-5, 255).signBits());
    assertEquals(9, Interval.of(-5, 256).signBits());
    assertEquals(8, Interval.of(-256, 3).signBits());
    assertEquals(9, Interval.of(-257, 3).signBits());
    assertEquals(0, Interval.of(-1, 0).signBits());
  }

  @Test
  void decompositionsAreListedOnceAndOnlyWhereTheIntervalLeavesAChoice() {
    ModelInputs inputs = new ModelInputs(2);
    inputs.add(new HoldingVector("held", "", 1, 0, -10, 10, ""));
    inputs.add(new RoundTensor("up", List.of(), 0, 30, 40));
    List<Node> nodes =
        List.of(
            new Node.Holding(0), // 0: [-20, 20]
            new Node.Coefficient(0), // 1: [30, 40]
            new Node.Sign(0),
            new Node.Magnitude(0),
            new Node.Magnitude(1),
            new Node.Maximum(0, 1), // decided by the intervals
            new Node.Maximum(3, 0), // 6: difference in [-20, 40]
            new Node.Sum(List.of(term(2, 1), term(4, 1), term(5, 1), term(6, -1)), BigInteger.ZERO),
            new Node.Sign(7), // needed by no assertion
            roundDown(0, 6), // 9: remainder in [0, 5], quotient in [-4, 3]
            roundDown(1, 100), // 0 whatever the coefficient is
            new Node.Sum(List.of(term(0, 1), term(9, 1), term(10, 1)), BigInteger.ZERO));
    MarginModel model =
        new MarginModel(
            "widths",
            Shape.empty(),
            inputs,
            nodes,
            List.of(new Assertion("a", 7), new Assertion("b", 0), new Assertion("c", 11)),
            List.of(),
            List.of());
    assertEquals(Interval.of(0 + 30 + 30 - 20, 1 + 40 + 40 - 0), model.interval(7));
    assertEquals(
        List.of(
            new Decomposition(Decomposition.Kind.SIGN, 0, 5),
            new Decomposition(Decomposition.Kind.MAXIMUM, 6, 6),
            new Decomposition(Decomposition.Kind.QUOTIENT, 9, 3 + 3),
            new Decomposition(Decomposition.Kind.ASSERTION, 0, 5),
            new Decomposition(Decomposition.Kind.ASSERTION, 11, 5)),
        model.decompositions());
  }

  @Test
  void directionsFollowTheTable() {
    ModelInputs inputs = new ModelInputs(1);
    inputs.add(new HoldingVector("q", "", 1, 0, -10, 10, ""));
    inputs.add(new HoldingVector("gross", "", 1, 0, 0, 10, "q"));
    inputs.add(new RoundTensor("mixed", List.of(), 0, -3, 3));
    inputs.add(new RoundTensor("down", List.of(), 0, -3, 0));
    IntervalAnalysis graph = new IntervalAnalysis(inputs);
    int q = graph.add(new Node.Holding(0));
    int gross = graph.add(new Node.Holding(1));
    int mixed = graph.add(new Node.Coefficient(0));
    int down = graph.add(new Node.Coefficient(1));
    assertEquals(Direction.INDEPENDENT, graph.direction(q));
    assertEquals(Direction.NON_DECREASING, graph.direction(gross));
    int falling = graph.add(new Node.Sum(List.of(term(gross, -2)), BigInteger.ZERO));
    assertDirection(Direction.NON_INCREASING, graph, graph.node(falling));
    assertDirection(
        Direction.UNKNOWN,
        graph,
        new Node.Sum(List.of(term(gross, 1), term(falling, 1)), BigInteger.ZERO));
    assertDirection(
        Direction.NON_INCREASING,
        graph,
        new Node.Sum(List.of(term(q, 5), term(falling, 1)), BigInteger.ZERO));
    assertDirection(Direction.UNKNOWN, graph, new Node.Product(mixed, gross));
    assertDirection(Direction.NON_INCREASING, graph, new Node.Product(down, gross));
    assertDirection(Direction.NON_DECREASING, graph, new Node.Product(falling, down));
    assertDirection(Direction.NON_DECREASING, graph, new Node.Product(gross, gross));
    assertDirection(Direction.NON_INCREASING, graph, new Node.Product(falling, gross));
    assertDirection(Direction.INDEPENDENT, graph, new Node.Product(mixed, q));
    assertDirection(Direction.NON_INCREASING, graph, new Node.Sign(falling));
    assertDirection(Direction.NON_INCREASING, graph, roundDown(falling, 3));
    assertDirection(Direction.INDEPENDENT, graph, roundDown(gross, 11));
    assertDirection(Direction.NON_DECREASING, graph, new Node.Magnitude(falling));
    assertDirection(Direction.NON_DECREASING, graph, new Node.NonZero(gross));
    int either = graph.add(new Node.Sum(List.of(term(gross, 1)), BigInteger.valueOf(-5)));
    assertDirection(Direction.UNKNOWN, graph, new Node.Magnitude(either));
    assertDirection(Direction.UNKNOWN, graph, new Node.NonZero(either));
    int sign = graph.add(new Node.Sign(either));
    assertDirection(Direction.NON_DECREASING, graph, new Node.Product(sign, either));
    assertDirection(Direction.NON_DECREASING, graph, new Node.Maximum(gross, q));
    assertDirection(Direction.UNKNOWN, graph, new Node.Maximum(gross, falling));
    int constant = graph.add(new Node.Sum(List.of(term(gross, 1)), BigInteger.ONE));
    assertDirection(Direction.INDEPENDENT, graph, new Node.Sign(constant));
  }

  private static void assertDirection(Direction expected, IntervalAnalysis graph, Node node) {
    assertEquals(expected, graph.direction(graph.add(node)), node::toString);
  }

  @Test
  void intervalContainsTheValueOfEveryNodeOnRandomModels() {
    RandomModels models = new RandomModels(1);
    for (int i = 0; i < 2000; i++) {
      RandomModels.Case one = models.next();
      assertContained(one.model(), one.evaluation());
      for (int j = 0; j < 3; j++) {
        assertContained(
            one.model(), RandomModels.evaluate(one.model(), models.inputs(one.model())));
      }
    }
  }

  private static void assertContained(MarginModel model, Evaluation evaluation) {
    for (int n = 0; n < model.nodes().size(); n++) {
      int node = n;
      assertTrue(
          model.interval(n).contains(evaluation.value(n)),
          () -> model.nodes().get(node) + ": " + evaluation.value(node));
    }
  }

  @Test
  void largerMagnitudeNeverHelpsOnRandomModels() {
    RandomModels models = new RandomModels(2);
    Random random = new Random(3);
    int raised = 0;
    for (int i = 0; i < 2000; i++) {
      RandomModels.Case one = models.next();
      List<Integer> magnitudes = new ArrayList<>();
      for (int h = 0; h < one.model().holdingCount(); h++) {
        if (one.model().inputs().holdingVector(h).isMagnitude()) {
          magnitudes.add(h);
        }
      }
      if (magnitudes.isEmpty()) {
        continue;
      }
      int h = magnitudes.get(random.nextInt(magnitudes.size()));
      long[] holdings = one.inputs().holdings().clone();
      HoldingVector vector = one.model().inputs().holdingVector(h);
      long room = vector.max() * one.model().maxAttesters() - holdings[h];
      if (room == 0) {
        continue;
      }
      raised++;
      holdings[h] += 1 + Math.floorMod(random.nextLong(), room);
      Evaluation after =
          one.model()
              .evaluate(
                  one.inputs().coefficients(),
                  holdings,
                  one.inputs().numerator(),
                  one.inputs().denominator());
      for (Assertion assertion : one.model().assertions()) {
        assertTrue(
            after.value(assertion.node()).compareTo(one.evaluation().value(assertion.node())) <= 0,
            assertion::toString);
      }
    }
    assertTrue(raised > 300, "magnitudes raised: " + raised);
  }

  @Test
  void randomCasesCoverBothVerdictsAndTheBoundary() {
    RandomModels models = new RandomModels(4);
    int solvent = 0;
    int boundary = 0;
    int one = 0;
    for (int i = 0; i < 500; i++) {
      RandomModels.Case next = models.next();
      solvent += next.solvent() ? 1 : 0;
      for (Assertion assertion : next.model().assertions()) {
        BigInteger value = next.evaluation().value(assertion.node());
        boundary += value.signum() == 0 ? 1 : 0;
        one += value.equals(ONE.negate()) ? 1 : 0;
      }
    }
    assertTrue(solvent > 100 && solvent < 400, "solvent " + solvent);
    assertTrue(boundary > 50 && one > 50, boundary + " on the boundary, " + one + " below");
  }
}
