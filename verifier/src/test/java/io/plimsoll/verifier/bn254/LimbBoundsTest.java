package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.bn254.bounds.Bounds;
import io.plimsoll.verifier.bn254.bounds.BoundsException;
import io.plimsoll.verifier.bn254.bounds.Machine;
import io.plimsoll.verifier.bn254.bounds.Machine.Obj;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Proves the bounds of {@code docs/security.md} on the compiled code: every operation runs on all
 * inputs inside its contract at once ({@link Machine}), and what comes out is inside the contract
 * of whatever may take it next. Together these cover any sequence of operations.
 */
class LimbBoundsTest {
  private final Bounds bounds = new Bounds();
  private final Machine machine = bounds.machine();

  LimbBoundsTest() {
    // Which memory it is does not matter.
    machine.summarize(
        "Workspace.take()Lio/plimsoll/verifier/bn254/Workspace;",
        arguments -> machine.adopt(Workspace.take()));
    machine.summarize("Workspace.give()V", arguments -> null);
  }

  private static void assertLoose(int k, Obj fp) {
    assertTrue(Bounds.looseness(fp).intValueExact() <= k, () -> "loose " + Bounds.looseness(fp));
  }

  private static void assertAtMost(double v, Obj fp) {
    assertTrue(
        Bounds.ofP(v).contains(Machine.value(fp)), () -> Bounds.multiples(Machine.value(fp)));
  }

  /** Carried, and in (-p, 2p) up to the least bit. */
  private static void assertReduced(Obj fp) {
    assertTrue(Bounds.isCarried(fp));
    assertTrue(
        Bounds.reducedValue().contains(Machine.value(fp)),
        () -> Bounds.multiples(Machine.value(fp)));
  }

  private static void assertTidy(Obj fp) {
    assertTrue(Bounds.isCarried(fp));
    assertAtMost(1.0625, fp);
  }

  // Elements of the tower

  private Obj fp2(Obj re, Obj im) {
    Obj z = machine.blank("Fp2");
    machine.setField(z, "re", re);
    machine.setField(z, "im", im);
    return z;
  }

  private Obj loose2(int k, double v) {
    return fp2(bounds.loose(k, v), bounds.loose(k, v));
  }

  private Obj carried2(double v) {
    return fp2(bounds.carried(v), bounds.carried(v));
  }

  private Obj reduced2() {
    return fp2(bounds.reduced(), bounds.reduced());
  }

  private Obj fp6(Obj c0, Obj c1, Obj c2) {
    Obj z = machine.blank("Fp6");
    machine.setField(z, "c0", c0);
    machine.setField(z, "c1", c1);
    machine.setField(z, "c2", c2);
    return z;
  }

  private Obj carried6(double v) {
    return fp6(carried2(v), carried2(v), carried2(v));
  }

  private Obj loose6(int k, double v) {
    return fp6(loose2(k, v), loose2(k, v), loose2(k, v));
  }

  private Obj fp12(double v) {
    Obj z = machine.blank("Fp12");
    machine.setField(z, "c0", carried6(v));
    machine.setField(z, "c1", carried6(v));
    return z;
  }

  /** An element at rest: any operation may take it. */
  private Obj atRest() {
    return fp12(20);
  }

  private List<Obj> coordinates(Obj element) {
    if (element.type().endsWith("/Fp")) {
      return List.of(element);
    }
    List<Obj> all = new ArrayList<>();
    for (String name : List.of("re", "im", "c0", "c1", "c2")) {
      if (element.has(name)) {
        all.addAll(coordinates((Obj) machine.field(element, name)));
      }
    }
    return all;
  }

  private void assertCarried(double v, Obj element) {
    for (Obj each : coordinates(element)) {
      assertTrue(Bounds.isCarried(each));
      assertAtMost(v, each);
    }
  }

  private Obj tower() {
    return (Obj) machine.adopt(new Tower());
  }

  private static final String FP2 = "Lio/plimsoll/verifier/bn254/Fp2;";
  private static final String FP6 = "Lio/plimsoll/verifier/bn254/Fp6;";
  private static final String FP12 = "Lio/plimsoll/verifier/bn254/Fp12;";

  private static String descriptor(String... parameters) {
    return "(" + String.join("", parameters) + ")V";
  }

  // Fp

  @Test
  void reductionOverflowsNowhereForTheColumnsThatItTakes() {
    bounds.proveReduce(500);
  }

  @Test
  void reductionOfWiderColumnsCouldOverflow() {
    assertThrows(BoundsException.class, () -> bounds.proveReduce(512));
  }

  @Test
  void tidyMakesAnyLooseValueTidy() {
    bounds.proveTidy(Bounds.TIDY_LOOSENESS, Bounds.TIDY_VALUE);
  }

  @Test
  void tidyOfALooserOrLargerValueCouldFail() {
    assertThrows(BoundsException.class, () -> bounds.proveTidy(64, 4000));
    assertThrows(BoundsException.class, () -> bounds.proveTidy(1 << 9, 128));
  }

  @Test
  void productsStayInsideTheirBounds() {
    int[][] ends = {{10, 10}, {15, 6}, {6, 15}, {1, 15}};
    double[][] values = {{293, 293}, {172, 500}, {500, 172}, {4300, 20}};
    for (int[] loose : ends) {
      for (double[] value : values) {
        Obj z = machine.blank("Fp");
        machine.run(
            "Fp", "mul", z, bounds.loose(loose[0], value[0]), bounds.loose(loose[1], value[1]));
        assertReduced(z);
      }
    }
  }

  @Test
  void productsOfLooserOperandsCouldOverflow() {
    assertThrows(
        BoundsException.class,
        () ->
            machine.run(
                "Fp", "mul", machine.blank("Fp"), bounds.loose(12, 100), bounds.loose(12, 100)));
    assertThrows(
        BoundsException.class,
        () ->
            machine.run(
                "Fp", "mul", machine.blank("Fp"), bounds.loose(17, 100), bounds.loose(1, 100)));
    assertThrows(
        BoundsException.class,
        () -> machine.run("Fp", "square", machine.blank("Fp"), bounds.loose(12, 100)));
  }

  @Test
  void productsOfLargerValuesAreNotReduced() {
    Obj z = machine.blank("Fp");
    machine.run("Fp", "mul", z, bounds.loose(1, 300), bounds.loose(1, 300));
    assertThrows(AssertionError.class, () -> assertReduced(z));
  }

  @Test
  void squaresStayInsideTheirBounds() {
    Obj z = machine.blank("Fp");
    machine.run("Fp", "square", z, bounds.loose(7, 290));
    assertReduced(z);
  }

  @Test
  void carryingKeepsTheValue() {
    Obj z = machine.blank("Fp");
    machine.run("Fp", "addCarried", z, bounds.loose(100, 30), bounds.loose(100, 20));
    assertTrue(Bounds.isCarried(z));
    assertAtMost(50, z);
  }

  /** The steps of {@code Fp.canonical}, whose comparisons the sign of limb 4 decides. */
  @Test
  void addingTheModulusToATidyValueCarries() {
    for (int k : new int[] {1, -1}) {
      Obj x = bounds.carried(1.0625);
      machine.run("Fp", "addModulus", x, k);
      assertTrue(Bounds.isCarried(x));
      assertAtMost(2.0625, x);
    }
  }

  @Test
  void comparingWithZeroOverflowsNowhere() {
    bounds.proveIsZero();
  }

  /** Numbers begin within p and grow by p in each of at most 14 batches of steps. */
  @Test
  void divisionStepsOverflowNowhere() {
    bounds.proveDivisionSteps(15);
  }

  @Test
  void rootsStayInsideTheirBounds() {
    Obj powers = (Obj) machine.adopt(new FpPowers());
    Obj z = machine.blank("Fp");
    machine.run("FpPowers", "sqrt", powers, z, bounds.reduced());
    assertReduced(z);
    machine.run("FpPowers", "rootInverse", powers, z, bounds.reduced());
    assertReduced(z);
  }

  // Fp2

  @Test
  void productsInFp2StayInsideTheirBounds() {
    for (double[] value : new double[][] {{200, 215}, {86, 500}, {500, 86}}) {
      for (int[] loose : new int[][] {{5, 5}, {7, 3}, {3, 7}}) {
        Obj z = loose2(1, 1);
        machine.run(
            "Tower",
            "mul",
            descriptor(FP2, FP2, FP2),
            tower(),
            z,
            loose2(loose[0], value[0]),
            loose2(loose[1], value[1]));
        coordinates(z).forEach(LimbBoundsTest::assertReduced);
      }
    }
  }

  @Test
  void productsInFp2OfLooserOperandsCouldOverflow() {
    assertThrows(
        BoundsException.class,
        () ->
            machine.run(
                "Tower",
                "mul",
                descriptor(FP2, FP2, FP2),
                tower(),
                loose2(1, 1),
                loose2(7, 10),
                loose2(7, 10)));
  }

  @Test
  void otherOperationsInFp2StayInsideTheirBounds() {
    Obj z = loose2(1, 1);
    machine.run("Tower", "square", descriptor(FP2, FP2), tower(), z, loose2(5, 140));
    coordinates(z).forEach(LimbBoundsTest::assertReduced);
    machine.run("Tower", "mulByFp", tower(), z, loose2(10, 293), bounds.loose(10, 293));
    coordinates(z).forEach(LimbBoundsTest::assertReduced);
    machine.run("Tower", "invert", descriptor(FP2, FP2), tower(), z, loose2(5, 140));
    assertCarried(2, z);
    machine.run("Tower", "sqrt", tower(), z, reduced2());
    assertCarried(2, z);
  }

  // Fp6

  @Test
  void productsInFp6StayInsideTheirBounds() {
    for (double[] value : new double[][] {{40, 50}, {20, 100}, {100, 20}}) {
      Obj z = carried6(1);
      machine.run(
          "Tower", "mulAdd", tower(), z, carried6(value[0]), carried6(value[1]), loose6(16, 40));
      assertCarried(42, z);
      machine.run(
          "Tower",
          "mul",
          descriptor(FP6, FP6, FP6),
          tower(),
          z,
          carried6(value[0]),
          carried6(value[1]));
      coordinates(z).forEach(LimbBoundsTest::assertReduced);
    }
  }

  @Test
  void productsInFp6OfLooseOperandsCouldOverflow() {
    assertThrows(
        BoundsException.class,
        () ->
            machine.run(
                "Tower",
                "mulAdd",
                tower(),
                carried6(1),
                loose6(4, 40),
                carried6(40),
                loose6(16, 40)));
    assertThrows(
        BoundsException.class,
        () ->
            machine.run(
                "Tower",
                "mulAdd",
                tower(),
                carried6(1),
                carried6(40),
                carried6(40),
                loose6(400, 40)));
  }

  // Fp12: at rest in, at rest out

  @Test
  void productsInFp12EndAtRest() {
    Obj z = fp12(1);
    machine.run("Tower", "mul", descriptor(FP12, FP12, FP12), tower(), z, atRest(), atRest());
    assertCarried(6, z);
    Obj x = atRest();
    machine.run("Tower", "mul", descriptor(FP12, FP12, FP12), tower(), x, x, x);
    assertCarried(6, x);
  }

  @Test
  void squaresInFp12EndAtRest() {
    Obj z = fp12(1);
    machine.run("Tower", "square", descriptor(FP12, FP12), tower(), z, atRest());
    assertCarried(15, (Obj) machine.field(z, "c0"));
    assertCarried(4, (Obj) machine.field(z, "c1"));
  }

  @Test
  void cyclotomicSquaresEndTidy() {
    Obj z = fp12(1);
    machine.run("Tower", "cyclotomicSquare", tower(), z, atRest());
    coordinates(z).forEach(LimbBoundsTest::assertTidy);
  }

  @Test
  void conjugatesInversesAndPowersOfFrobeniusEndAtRest() {
    Obj z = fp12(1);
    machine.run("Fp12", "conjugate", z, atRest());
    assertCarried(20, z);
    machine.run("Tower", "invert", descriptor(FP12, FP12), tower(), z, atRest());
    assertCarried(2, z);
    for (int k = 1; k <= 3; k++) {
      machine.run("Tower", "frobenius", tower(), z, atRest(), k);
      assertCarried(20, z);
    }
  }

  @Test
  void linesEndAtRest() {
    // After a squaring, a few lines with a constant of one, then another line or a tidy.
    Obj f = fp12(15);
    for (int i = 1; i <= 4; i++) {
      machine.run(
          "Tower", "mulByLine", descriptor(FP12, FP2, FP2), tower(), f, loose2(1, 2), loose2(1, 2));
      assertCarried(15 + 1.2 * i, f);
    }
    machine.run(
        "Tower",
        "mulByLine",
        descriptor(FP12, FP2, FP2, FP2),
        tower(),
        f,
        carried2(4),
        carried2(4),
        carried2(4));
    assertCarried(6, f);
  }

  // The running point

  private Obj millerPoint() {
    Obj point = (Obj) machine.adopt(new MillerPoint(new Tower(), G2.GENERATOR));
    machine.setField(point, "qx", reduced2());
    machine.setField(point, "qy", reduced2());
    machine.setField(point, "negativeY", loose2(1, 2));
    machine.setField(point, "threeB", reduced2());
    machine.setField(point, "factor", bounds.reduced());
    for (String name : List.of("x", "y", "z")) {
      machine.setField(point, name, loose2(1, 4));
    }
    return point;
  }

  private void assertPointAtRest(Obj point) {
    for (String name : List.of("x", "y", "z")) {
      for (Obj each : coordinates((Obj) machine.field(point, name))) {
        assertLoose(1, each);
        assertAtMost(4, each);
      }
    }
    for (String name : List.of("yFactor", "xFactor", "constant")) {
      coordinates((Obj) machine.field(point, name)).forEach(LimbBoundsTest::assertTidy);
    }
    Obj f = fp12(20);
    machine.run("MillerPoint", "multiplyByLine", point, f);
    assertCarried(6, f);
  }

  @Test
  void runningPointsBeginAtRest() {
    Obj q = machine.blank("G2");
    machine.setField(q, "x", reduced2());
    machine.setField(q, "y", reduced2());
    Obj point = (Obj) machine.adopt(new MillerPoint(new Tower()));
    machine.run(
        "MillerPoint",
        "start",
        "(Lio/plimsoll/verifier/bn254/G2;Lio/plimsoll/verifier/bn254/G1;)V",
        point,
        q,
        g1());
    for (String name : List.of("qx", "qy", "x", "y", "z", "threeB")) {
      coordinates((Obj) machine.field(point, name)).forEach(LimbBoundsTest::assertReduced);
    }
    assertReduced((Obj) machine.field(point, "factor"));
    machine.run("MillerPoint", "start", "(Lio/plimsoll/verifier/bn254/G2;)V", point, q);
    for (Obj each : coordinates((Obj) machine.field(point, "negativeY"))) {
      assertLoose(1, each);
      assertAtMost(2, each);
    }
  }

  @Test
  void stepsOfTheRunningPointEndAtRest() {
    Obj point = millerPoint();
    machine.run("MillerPoint", "twice", point);
    assertPointAtRest(point);
    for (int sign : new int[] {1, -1}) {
      point = millerPoint();
      machine.run("MillerPoint", "add", point, sign);
      assertPointAtRest(point);
    }
    point = millerPoint();
    machine.run("MillerPoint", "addPsi", point);
    assertPointAtRest(point);
    machine.run("MillerPoint", "subtractPsiSquared", point);
    assertPointAtRest(point);
    machine.run("MillerPoint", "endsInSubgroup", point);
  }

  // G1

  private Obj sum(boolean infinity) {
    Obj sum = (Obj) machine.adopt(new G1Sum());
    machine.setField(sum, "x", bounds.loose(3, 6));
    machine.setField(sum, "y", bounds.loose(1, 4));
    machine.setField(sum, "zz", bounds.reduced());
    machine.setField(sum, "zzz", bounds.reduced());
    machine.setField(sum, "infinity", infinity ? 1 : 0);
    return sum;
  }

  private Obj g1() {
    Obj point = machine.blank("G1");
    machine.setField(point, "x", bounds.reduced());
    machine.setField(point, "y", bounds.reduced());
    return point;
  }

  private void assertSumAtRest(Obj sum) {
    assertLoose(3, (Obj) machine.field(sum, "x"));
    assertAtMost(6, (Obj) machine.field(sum, "x"));
    assertLoose(1, (Obj) machine.field(sum, "y"));
    assertAtMost(4, (Obj) machine.field(sum, "y"));
    assertReduced((Obj) machine.field(sum, "zz"));
    assertReduced((Obj) machine.field(sum, "zzz"));
  }

  @Test
  void sumsOfPointsEndAtRest() {
    for (boolean empty : new boolean[] {false, true}) {
      // Whatever the comparisons say.
      for (int zero : new int[] {0, 1}) {
        bounds.isZeroSays(zero);
        Obj sum = sum(empty);
        machine.run("G1Sum", "add", "(Lio/plimsoll/verifier/bn254/G1;)V", sum, g1());
        assertSumAtRest(sum);
        sum = sum(empty);
        machine.run("G1Sum", "subtract", sum, g1());
        assertSumAtRest(sum);
        sum = sum(empty);
        machine.run("G1Sum", "add", "(Lio/plimsoll/verifier/bn254/G1Sum;)V", sum, sum(false));
        assertSumAtRest(sum);
      }
    }
    bounds.isZeroSays(0);
    Obj sum = sum(false);
    machine.run("G1Sum", "twice", sum);
    assertSumAtRest(sum);
    Obj point = (Obj) machine.run("G1Sum", "toPoint", sum(false));
    assertReduced((Obj) machine.field(point, "x"));
    assertReduced((Obj) machine.field(point, "y"));
  }

  @Test
  void rightSidesOfTheCurveEquationsEndTidy() {
    Obj z = machine.blank("Fp");
    machine.run("G1", "rightSide", z, bounds.reduced());
    assertTidy(z);
    Obj z2 = loose2(1, 1);
    machine.run("G2", "rightSide", tower(), z2, reduced2());
    coordinates(z2).forEach(LimbBoundsTest::assertTidy);
  }

  @Test
  void proposedRootsAndImagesStayInsideTheirBounds() {
    for (int zero : new int[] {0, 1}) {
      bounds.isZeroSays(zero);
      machine.run("G1", "isRoot", bounds.reduced(), bounds.carried(1.0625));
      Obj y = loose2(1, 1);
      machine.run("G2", "root", tower(), y, reduced2(), carried2(1.0625));
      coordinates(y).forEach(LimbBoundsTest::assertReduced);
    }
    Obj q = machine.blank("G2");
    machine.setField(q, "x", reduced2());
    machine.setField(q, "y", reduced2());
    Obj image = (Obj) machine.run("G2", "psi", q);
    for (String name : List.of("x", "y")) {
      coordinates((Obj) machine.field(image, name)).forEach(LimbBoundsTest::assertReduced);
    }
  }

  @Test
  void negativesAndImagesOfPointsEndAtRest() {
    Obj negative = (Obj) machine.run("G1", "negate", g1());
    assertTidy((Obj) machine.field(negative, "y"));
    Obj q = machine.blank("G2");
    machine.setField(q, "x", reduced2());
    machine.setField(q, "y", reduced2());
    negative = (Obj) machine.run("G2", "negate", q);
    coordinates((Obj) machine.field(negative, "y")).forEach(LimbBoundsTest::assertTidy);
    Object[] points = Bounds.limbsOf(tidies(4));
    machine.run("ProofBatch", "negate", points, 1);
    machine.run("ProofBatch", "applyEndomorphism", points, 1, 0, 1);
    assertReduced(bounds.fromLimbs(points, 0));
    for (int i = 1; i < 4; i++) {
      assertTidy(bounds.fromLimbs(points, i));
    }
  }

  @Test
  void anyLooseValueLeavesMontgomeryFormInsideItsBounds() {
    Obj x = bounds.loose(Bounds.TIDY_LOOSENESS, 128);
    machine.run("Fp", "toInteger", x);
    assertReduced(x);
    Obj t = machine.blank("Fp");
    machine.run("Fp", "isLarger", bounds.loose(Bounds.TIDY_LOOSENESS, 128), t);
    assertReduced(t);
  }

  /** The bounds of a line that is prepared are those of a line. */
  @Test
  void preparedLinesAreDividedInsideTheirBounds() {
    Obj lines = (Obj) machine.adopt(G2Lines.of(G2.GENERATOR));
    Object[] slopes = new Object[MillerPoint.LINES];
    Object[] constants = new Object[MillerPoint.LINES];
    Object[] divisors = new Object[MillerPoint.LINES];
    for (int i = 0; i < slopes.length; i++) {
      slopes[i] = loose2(3, 12);
      constants[i] = carried2(1.0625);
      divisors[i] = loose2(3, 12);
    }
    machine.setField(lines, "slopes", slopes);
    machine.setField(lines, "constants", constants);
    machine.run("G2Lines", "divide", lines, tower(), divisors);
    for (int i = 0; i < slopes.length; i++) {
      coordinates((Obj) slopes[i]).forEach(LimbBoundsTest::assertReduced);
      coordinates((Obj) constants[i]).forEach(LimbBoundsTest::assertReduced);
    }
  }

  private Object[] reducedElements(int count) {
    Object[] all = new Object[count];
    for (int i = 0; i < count; i++) {
      all[i] = reduced2();
    }
    return all;
  }

  /** Functions of every weight up to the largest: how many terms a coordinate has differs. */
  @Test
  void valuesOfMergedLinesEndAtRest() {
    for (int weight = 3; weight <= MillerPoint.MAX_WEIGHT; weight++) {
      Object[] coefficients = reducedElements(weight + 1);
      Object[] monomials = new Object[weight + 1];
      for (int i = 2; i <= weight; i++) {
        monomials[i] = bounds.reduced();
      }
      Obj z = fp12(1);
      machine.run("Tower", "evaluate", tower(), z, coefficients, monomials);
      assertCarried(4, z);
    }
  }

  /** A step on coefficients that are tidy leaves tidy ones, and so does every further step. */
  @Test
  void mergingLinesEndsTidy() throws Exception {
    bounds.isZeroSays(1);
    for (int size = 0; size <= 3; size++) {
      Obj merged = (Obj) machine.adopt(new MergedLines(new Tower(), new Fp2()));
      machine.setField(merged, "x", carried2(1.0625));
      machine.run("MergedLines", "restart", merged);
      Object[] a = new Object[size + 2];
      Object[] b = new Object[size];
      for (int i = 0; i < a.length; i++) {
        a[i] = carried2(1.0625);
      }
      for (int i = 0; i < size; i++) {
        b[i] = carried2(1.0625);
      }
      machine.setField(merged, "a", a);
      machine.setField(merged, "b", b);
      machine.run("MergedLines", "twice", merged, reduced2(), reduced2());
      assertTidyFunction(merged);
      machine.run("MergedLines", "add", merged, reduced2(), reduced2(), reduced2());
      assertTidyFunction(merged);
      for (Object each : (Object[]) machine.run("MergedLines", "byWeight", merged)) {
        coordinates((Obj) each).forEach(LimbBoundsTest::assertTidy);
      }
    }
  }

  private void assertTidyFunction(Obj merged) {
    for (String name : List.of("a", "b")) {
      for (Object each : (Object[]) machine.field(merged, name)) {
        coordinates((Obj) each).forEach(LimbBoundsTest::assertTidy);
      }
    }
    coordinates((Obj) machine.field(merged, "x")).forEach(LimbBoundsTest::assertTidy);
  }

  /** A shift too many, or a limb that is kept too large, is seen. */
  @Test
  void addingUpUncarriedIsSeenAtTheLatestInAProduct() {
    Obj x = bounds.carried(1);
    for (int i = 0; i < 4; i++) {
      machine.run("Fp", "add", x, x, x);
    }
    assertEquals(16, Bounds.looseness(x).intValueExact());
    assertThrows(BoundsException.class, () -> machine.run("Fp", "square", machine.blank("Fp"), x));
    for (int i = 0; i < 5; i++) {
      machine.run("Fp", "add", x, x, x);
    }
    assertThrows(BoundsException.class, () -> machine.run("Fp", "add", x, x, x));
  }

  // Affine steps

  private List<Obj> tidies(int count) {
    List<Obj> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(bounds.carried(1.0625));
    }
    return all;
  }

  @Test
  void affineSumsEndTidy() {
    for (int zero : new int[] {0, 1}) {
      bounds.isZeroSays(zero);
      Obj sums = (Obj) machine.adopt(new AffineSums());
      Object[] left = Bounds.limbsOf(tidies(4));
      Object[] right = Bounds.limbsOf(tidies(4));
      Object[] out = Bounds.limbsOf(tidies(6));
      // Both signs of either operand; the lowest bit of a reference negates.
      machine.run(
          "AffineSums",
          "add",
          sums,
          left,
          new Object[] {0, 1, 3},
          right,
          new Object[] {0, 3, 2},
          out,
          0,
          3);
      for (int i = 0; i < 6; i++) {
        assertTidy(bounds.fromLimbs(out, i));
      }
    }
    bounds.isZeroSays(0);
    Object[] points = Bounds.limbsOf(tidies(4));
    machine.run("AffineSums", "twice", machine.adopt(new AffineSums()), points, 0, 2);
    for (int i = 0; i < 4; i++) {
      assertTidy(bounds.fromLimbs(points, i));
    }
  }

  /** Two pairs at a time, at every number of lines since f was tidied last. */
  @Test
  void affineStepsOfABatchEndAtRest() throws Exception {
    int most = (int) constant(ScalarMillerLoops.class, "LINES");
    for (int lines = 0; lines <= most; lines++) {
      for (String step : List.of("twice", "add")) {
        Obj group = machine.blank("ScalarMillerLoops$Group");
        machine.run(
            "ScalarMillerLoops$Group",
            "<init>",
            group,
            tower(),
            Bounds.limbsOf(tidies(12)),
            0,
            2,
            new Object[] {0, 0});
        machine.setField(group, "f", fp12(15 + 1.2 * lines));
        machine.setField(group, "lines", lines);
        for (String name : List.of("x", "y", "px", "py", "qx", "qy")) {
          machine.setField(group, name, new Object[] {loose2(1, 2), loose2(1, 2)});
        }
        machine.run("ScalarMillerLoops$Group", step, group);
        for (String name : List.of("x", "y")) {
          for (Object each : (Object[]) machine.field(group, name)) {
            coordinates((Obj) each).forEach(LimbBoundsTest::assertTidy);
          }
        }
        int now = (Integer) machine.field(group, "lines");
        assertTrue(now <= most);
        assertCarried(15 + 1.2 * now, (Obj) machine.field(group, "f"));
        assertTrue(15 + 1.2 * most <= 20);
      }
    }
  }

  // Whole computations, from what comes in to what goes out, with every value in between what it
  // can be after all that went before. Loops have a few digits of each kind: every round ends with
  // values at rest, as the tests above have it, so that more rounds add nothing; with {@code
  // -Dplimsoll.bounds.full=true} they have all their digits, which takes minutes.

  private static final boolean FULL = Boolean.getBoolean("plimsoll.bounds.full");

  private void shortenLoops() {
    if (!FULL) {
      machine.setStatic("MillerPoint", "LOOP", new Object[] {0, 1, 0, -1, 0, 0, 1});
      machine.setStatic("Pairing", "X_DIGITS", new Object[] {9, 0, -57, 19, 1});
    }
  }

  @Test
  void finalExponentiationOfAnythingAtRestEndsAtRest() {
    shortenLoops();
    Obj exponentiation = (Obj) machine.adopt(new Pairing.FinalExponentiation(new Tower()));
    Obj z = fp12(1);
    machine.run("Pairing$FinalExponentiation", "apply", exponentiation, z, atRest());
    assertCarried(6, z);
  }

  @Test
  void millerLoopOfPairsAndPreparedPairsEndsAtRest() {
    shortenLoops();
    Obj loop = (Obj) machine.adopt(new Pairing.MillerLoop(new Tower()));
    Obj lines = (Obj) machine.adopt(G2Lines.of(G2.GENERATOR));
    Object[] functions = (Object[]) machine.field(lines, "functions");
    for (int i = 0; i < functions.length; i++) {
      functions[i] = reducedElements(((Object[]) functions[i]).length);
    }
    List<Object> pairs = new ArrayList<>();
    List<Object> prepared = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Obj pair = machine.blank("Pairing$Pair");
      Obj q = machine.blank("G2");
      machine.setField(q, "x", reduced2());
      machine.setField(q, "y", reduced2());
      machine.setField(pair, "g1", g1());
      machine.setField(pair, "g2", q);
      pairs.add(pair);
      Obj fixed = machine.blank("Pairing$PreparedPair");
      machine.setField(fixed, "g1", g1());
      machine.setField(fixed, "g2", lines);
      prepared.add(fixed);
    }
    // No point is at infinity.
    bounds.isZeroSays(0);
    machine.run("Pairing$MillerLoop", "run", loop, pairs, prepared);
    assertCarried(20, (Obj) machine.field(loop, "f"));
  }

  @Test
  void millerLoopsOfABatchEndTidy() {
    shortenLoops();
    bounds.isZeroSays(0);
    int pairs = 2;
    List<Obj> canonical = new ArrayList<>();
    for (int i = 0; i < 6 * pairs; i++) {
      canonical.add(bounds.carried(1));
    }
    Object[] product = Bounds.limbsOf(tidies(12));
    Object[] outside = {0, 0};
    machine.run(
        "ScalarMillerLoops",
        "multiply",
        machine.adopt(ScalarMillerLoops.INSTANCE),
        Bounds.limbsOf(canonical),
        pairs,
        product,
        outside);
    for (int i = 0; i < 12; i++) {
      assertTidy(bounds.fromLimbs(product, i));
    }
  }

  private static Object constant(Class<?> owner, String name) throws ReflectiveOperationException {
    java.lang.reflect.Field field = owner.getDeclaredField(name);
    field.setAccessible(true);
    return field.get(null);
  }

  // Completeness

  /** What applies proven operations, one after the other, to values at rest, and nothing else. */
  private static final Set<String> SEQUENCES =
      Set.of(
          "Fp.copy",
          "Fp.ofInt",
          "Fp12.copy",
          "Fp2.ofHex",
          "FpPowers.apply",
          "FpPowers.applyModP",
          "FpPowers.invert",
          "FpPowers.rCubed",
          "Frobenius.cubes",
          "Frobenius.squares",
          "G1.decodeCompressed",
          "G1.decodeUncompressed",
          "G1Sum.toPoints",
          "G2.decodeCompressed",
          "G2.decodeUncompressed",
          "MillerLoops.invert",
          "ProofBatch.affine",
          "ProofBatch.canonical",
          "ProofBatch.check",
          "ProofBatch.multiply");

  private static final Set<String> ENTERED = new TreeSet<>();
  private static int ran;

  @AfterEach
  void remember() {
    ENTERED.addAll(machine.entered());
    ran++;
  }

  /** Methods with arithmetic on longs that are no arithmetic on limbs, and why. */
  private static final Map<String, String> OTHERS =
      Map.ofEntries(
          Map.entry("Fp.decode", "cuts 32 bytes into limbs"),
          Map.entry("Fp.encode", "puts limbs together to 32 bytes"),
          Map.entry("Fp.word", "reads bytes"),
          Map.entry("Wide.operandsFit", "is an assertion"),
          Map.entry("Wide.looseness", "is an assertion"),
          Map.entry("Wide.columnsFit", "is an assertion"),
          Map.entry("Fp.putWord", "writes bytes"),
          Map.entry("Fp.isReduced", "looks at limbs"),
          Map.entry("FpPowers.steps", "is a matrix of integers: 54 doublings at most"),
          Map.entry("G1Points.addDifferences", "subtracts scalars, of which the next one decides"),
          Map.entry("G1Points.overflows", "is about 64-bit scalars"),
          Map.entry("G1Points.addTerms", "takes 64-bit scalars apart"),
          Map.entry("G1Points.sumBuckets", "takes 64-bit scalars apart"),
          Map.entry("G1Points.width", "counts additions"),
          Map.entry("G1Points.tableWidth", "counts additions"),
          Map.entry("Accelerator$Race.best", "measures time"),
          Map.entry("Accelerator$Race.run", "measures time"),
          Map.entry("G1Table.addMultiple", "takes scalars apart"),
          Map.entry("G1Combination.width", "counts additions"));

  /** What computes with limbs and is not proven here would be a hole in the proof. */
  @AfterAll
  static void everyMethodThatComputesWithLimbsWasProven() throws Exception {
    long tests =
        Arrays.stream(LimbBoundsTest.class.getDeclaredMethods())
            .filter(method -> method.isAnnotationPresent(Test.class))
            .count();
    if (ran < tests) {
      return;
    }
    Machine all = new Bounds().machine();
    Set<String> missing = new TreeSet<>(all.methodsWithLongArithmetic());
    missing.removeAll(ENTERED);
    Set<String> names = names(missing);
    names.removeAll(OTHERS.keySet());
    names.removeAll(SEQUENCES);
    assertEquals(Set.of(), names);
    // An exception that is none any more would hide what comes after it.
    Set<String> needless = new TreeSet<>(SEQUENCES);
    needless.addAll(OTHERS.keySet());
    needless.removeAll(names(missing));
    assertEquals(Set.of(), needless);
    // A sequence has no arithmetic of its own.
    Set<String> computing = new TreeSet<>(SEQUENCES);
    computing.removeAll(names(all.methodsWithoutLongArithmetic()));
    assertEquals(Set.of(), computing);
  }

  private static Set<String> names(Set<String> methods) {
    Set<String> names = new TreeSet<>();
    methods.forEach(each -> names.add(each.substring(0, each.indexOf('('))));
    return names;
  }
}
