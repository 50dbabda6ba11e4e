package io.plimsoll.circuits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class MarginModelBuilderTest {
  private static MarginModelBuilder builder() {
    return new MarginModelBuilder("test", Shape.empty(), 2);
  }

  private static Expr cash(MarginModelBuilder m) {
    return m.holdings("cash").scale(2).between("-1000", "1000").single();
  }

  private static void assertRefused(String message, Executable call) {
    InvalidModelException e = assertThrows(InvalidModelException.class, call);
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  private static final List<RoundingMode> MODES =
      List.of(RoundingMode.FLOOR, RoundingMode.CEILING, RoundingMode.DOWN);

  /** A random expression next to its meaning in plain decimals. */
  private record Meant(Expr expr, Function<RandomModels.Inputs, BigDecimal> value) {}

  @Test
  void everyOperationMeansWhatPlainDecimalArithmeticMeans() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      MarginModelBuilder m = builder();
      List<Meant> pool = new ArrayList<>();
      ExprArray held = m.holdings("held").axis("slot", 3).scale(2).between("-9.99", "12.5").array();
      ExprArray rate =
          m.round("rate").axis("slot", 3).axis("tier", 2).scale(3).between("-4.5", "7").array();
      for (int i = 0; i < 3; i++) {
        int slot = i;
        pool.add(new Meant(held.get(i), inputs -> BigDecimal.valueOf(inputs.holdings()[slot], 2)));
        pool.add(
            new Meant(
                rate.get(i, 1),
                inputs -> BigDecimal.valueOf(inputs.coefficients()[2 * slot + 1], 3)));
      }
      pool.add(new Meant(m.numerator(), inputs -> BigDecimal.valueOf(inputs.numerator())));
      pool.add(new Meant(m.denominator(), inputs -> BigDecimal.valueOf(inputs.denominator())));
      pool.add(new Meant(m.constant("-0.250"), inputs -> new BigDecimal("-0.250")));
      pool.add(new Meant(m.constant(3), inputs -> new BigDecimal(3)));
      for (int i = 0; i < 25; i++) {
        Meant next = grow(m, random, pool);
        if (next != null) {
          pool.add(next);
        }
      }
      m.assertNonNegative("states something", held.get(0));
      for (int i = 0; i < pool.size(); i++) {
        m.output("expr" + i, pool.get(i).expr());
      }
      MarginModel model = m.build();
      RandomModels inputs = new RandomModels(seed);
      for (int i = 0; i < 5; i++) {
        RandomModels.Inputs values = inputs.inputs(model);
        MarginAssessment assessment =
            model.assess(
                values.coefficients(), values.holdings(), values.numerator(), values.denominator());
        for (int e = 0; e < pool.size(); e++) {
          BigDecimal expected = pool.get(e).value().apply(values);
          BigDecimal actual = assessment.output("expr" + e);
          assertEquals(0, expected.compareTo(actual), expected + " but " + actual);
          assertEquals(pool.get(e).expr().scale(), actual.scale());
        }
      }
    }
  }

  private static Meant grow(MarginModelBuilder m, Random random, List<Meant> pool) {
    Meant a = pool.get(random.nextInt(pool.size()));
    Meant b = pool.get(random.nextInt(pool.size()));
    Meant c = pool.get(random.nextInt(pool.size()));
    try {
      return switch (random.nextInt(21)) {
        case 0 ->
            new Meant(a.expr().plus(b.expr()), in -> a.value().apply(in).add(b.value().apply(in)));
        case 1 ->
            new Meant(
                a.expr().minus(b.expr()), in -> a.value().apply(in).subtract(b.value().apply(in)));
        case 2 ->
            new Meant(
                a.expr().times(b.expr()), in -> a.value().apply(in).multiply(b.value().apply(in)));
        case 3 ->
            new Meant(
                a.expr().times("-1.5"), in -> a.value().apply(in).multiply(new BigDecimal("-1.5")));
        case 4 -> new Meant(a.expr().negate(), in -> a.value().apply(in).negate());
        case 5 ->
            new Meant(a.expr().max(b.expr()), in -> a.value().apply(in).max(b.value().apply(in)));
        case 6 ->
            new Meant(a.expr().min(b.expr()), in -> a.value().apply(in).min(b.value().apply(in)));
        case 7 -> new Meant(a.expr().relu(), in -> a.value().apply(in).max(BigDecimal.ZERO));
        case 8 ->
            new Meant(
                a.expr().clamp(b.expr(), c.expr()),
                in -> a.value().apply(in).max(b.value().apply(in)).min(c.value().apply(in)));
        case 9 -> new Meant(a.expr().abs(), in -> a.value().apply(in).abs());
        case 10 ->
            new Meant(
                a.expr().isNonNegative(),
                in -> a.value().apply(in).signum() >= 0 ? BigDecimal.ONE : BigDecimal.ZERO);
        case 11 ->
            new Meant(
                a.expr().isNonZero(),
                in -> a.value().apply(in).signum() != 0 ? BigDecimal.ONE : BigDecimal.ZERO);
        case 12 ->
            new Meant(
                a.expr().isNonNegative().select(b.expr(), c.expr()),
                in ->
                    a.value().apply(in).signum() >= 0 ? b.value().apply(in) : c.value().apply(in));
        case 13 ->
            new Meant(
                m.max(List.of(a.expr(), b.expr(), c.expr())),
                in -> a.value().apply(in).max(b.value().apply(in)).max(c.value().apply(in)));
        case 14 ->
            new Meant(
                a.expr().isNegative(),
                in -> a.value().apply(in).signum() < 0 ? BigDecimal.ONE : BigDecimal.ZERO);
        case 15 ->
            new Meant(
                a.expr().isPositive(),
                in -> a.value().apply(in).signum() > 0 ? BigDecimal.ONE : BigDecimal.ZERO);
        case 16, 17 -> {
          int divisor = 1 + random.nextInt(12);
          RoundingMode mode = MODES.get(random.nextInt(3));
          Expr quotient =
              switch (mode) {
                case FLOOR -> a.expr().roundDown(divisor);
                case CEILING -> a.expr().roundUp(divisor);
                default -> a.expr().truncate(divisor);
              };
          yield new Meant(
              quotient,
              in -> a.value().apply(in).divide(new BigDecimal(divisor), a.expr().scale(), mode));
        }
        case 18, 19 -> {
          int decimals = random.nextInt(5);
          RoundingMode mode = MODES.get(random.nextInt(3));
          Expr rounded =
              switch (mode) {
                case FLOOR -> a.expr().roundDownTo(decimals);
                case CEILING -> a.expr().roundUpTo(decimals);
                default -> a.expr().truncateTo(decimals);
              };
          yield new Meant(rounded, in -> a.value().apply(in).setScale(decimals, mode));
        }
        default ->
            new Meant(
                m.sum(a.expr(), b.expr(), c.expr()),
                in -> a.value().apply(in).add(b.value().apply(in)).add(c.value().apply(in)));
      };
    } catch (InvalidModelException e) {
      // Too many decimals or beyond 2^250: not what this test is about.
      return null;
    }
  }

  @Test
  void additionAlignsScalesExactlyAndMultiplicationAddsThem() {
    MarginModelBuilder m = builder();
    Expr cents = cash(m);
    Expr fine = m.round("price").scale(5).between("0", "10").single();
    assertEquals(5, cents.plus(fine).scale());
    assertEquals(5, fine.minus(cents).scale());
    assertEquals(5, fine.max(cents).scale());
    assertEquals(7, fine.times(cents).scale());
    assertEquals(4, cents.times("0.25").scale());
    m.assertNonNegative("a", cents);
    m.output("sum", cents.plus(fine));
    m.output("product", cents.times(fine));
    MarginAssessment assessment = m.build().assess(new long[] {123456}, new long[] {-150}, 1, 1);
    assertEquals(new BigDecimal("-0.26544"), assessment.output("sum"));
    assertEquals(new BigDecimal("-1.8518400"), assessment.output("product"));
  }

  @Test
  void tournamentOfOneIsTheExpressionAndOfNoneIsRefused() {
    MarginModelBuilder m = builder();
    Expr cash = cash(m);
    assertEquals(cash.node, m.max(List.of(cash)).node);
    assertRefused("max of nothing", () -> m.max(List.of()));
    assertEquals(BigInteger.ZERO, m.sum().interval().hi());
  }

  @Test
  void tournamentOfSixteenIsBalanced() {
    MarginModelBuilder m = builder();
    ExprArray values = m.round("values").axis("slot", 16).between("-5", "5").array();
    Expr cash = cash(m);
    m.assertNonNegative("a", cash.minus(values.max()));
    MarginModel model = m.build();
    int[] depth = new int[model.nodes().size()];
    int deepest = 0;
    for (int i = 0; i < depth.length; i++) {
      if (model.nodes().get(i) instanceof Node.Maximum maximum) {
        depth[i] = 1 + Math.max(depth[maximum.left()], depth[maximum.right()]);
        deepest = Math.max(deepest, depth[i]);
      }
    }
    assertEquals(4, deepest);
    assertEquals(15, model.nodes().stream().filter(node -> node instanceof Node.Maximum).count());
  }

  @Test
  void equalExpressionsBecomeOneNode() {
    MarginModelBuilder m = builder();
    Expr cash = cash(m);
    Expr price = m.round("price").between("0", "10").single();
    assertEquals(cash.times(price).node, price.times(cash).node);
    assertEquals(cash.max(price).node, price.max(cash).node);
    assertEquals(cash.plus(price).node, price.plus(cash).node);
    assertEquals(cash.minus(price).abs().node, cash.minus(price).abs().node);
  }

  @Test
  void sumsInsideSumsAreOpenedAndCancel() {
    MarginModelBuilder m = builder();
    Expr cash = cash(m);
    Expr price = m.round("price").scale(2).between("0", "10").single();
    assertEquals(cash.node, cash.plus(price).minus(price).node);
    assertEquals(BigInteger.ZERO, cash.plus(price).minus(cash.plus(price)).interval().hi());
  }

  @Test
  void whatTheIntervalsDecideIsFolded() {
    MarginModelBuilder m = builder();
    Expr cash = cash(m);
    Expr price = m.round("price").scale(2).between("0", "10").single();
    assertEquals(price.node, price.abs().node);
    assertEquals(price.node, price.relu().node);
    assertEquals(price.negate().node, price.negate().abs().negate().node);
    assertEquals(cash.node, price.isNonNegative().times(cash).node);
    assertEquals(cash.node, price.isNonNegative().select(cash, price).node);
    assertEquals(m.constant(0).node, price.plus(m.constant(1)).negate().isNonNegative().node);
    assertEquals(m.constant(1).node, price.plus(m.constant(1)).isNonZero().node);
    assertEquals(m.constant(6).node, m.constant(2).times(m.constant(3)).node);
    Expr large = price.plus(m.constant(5000));
    assertEquals(large.node, large.max(cash).node);
    assertEquals(cash.node, cash.roundDown(1).node);
    assertEquals(cash.node, cash.roundUp(1).node);
    assertEquals(cash.node, cash.roundDownTo(2).node);
    assertEquals(m.constant(0).node, price.roundDown(1001).node);
    assertEquals(m.constant(-4).node, m.constant(-7).roundDown(2).node);
    assertEquals(price.roundDown(7).node, price.truncate(7).node);
    assertEquals(price.negate().roundUp(7).node, price.negate().truncate(7).node);
  }

  @Test
  void purposesAreLabelsThenOutputsThenThoseOfTheFirstUser() throws Exception {
    MarginModelBuilder m = builder();
    Expr cash = cash(m);
    Expr price = m.round("price").scale(2).between("0", "10").single();
    Expr gain = cash.times(price).named("gain").relu();
    Expr loss = cash.times(m.numerator());
    m.output("sum", gain.plus(loss));
    m.assertNonNegative("solvent", gain.minus(m.denominator()));
    MarginModel model = m.build();
    List<String> purposes = model.purposes();
    for (int i = 0; i < model.nodes().size(); i++) {
      String purpose = purposes.get(i);
      if (model.nodes().get(i) instanceof Node.Maximum) {
        assertEquals("sum", purpose);
      } else if (model.nodes().get(i) instanceof Node.Coefficient) {
        assertEquals("gain", purpose);
      }
    }
    assertTrue(purposes.contains("solvent"));
    MarginModel read = MarginModel.read(model.toByteArray());
    assertEquals(model.digest(), read.digest());
    assertTrue(!read.purposes().contains("gain"));
  }

  @Test
  void nodesThatNothingNeedsAreDropped() {
    MarginModelBuilder m = builder();
    Expr cash = cash(m);
    Expr unused = cash.times(cash).abs().max(m.numerator());
    assertTrue(unused.interval().hi().signum() > 0);
    m.assertNonNegative("a", cash);
    assertEquals(List.of(new Node.Holding(0)), m.build().nodes());
  }

  @Test
  void builtModelDoesNotChangeWhenTheBuilderGoesOn() {
    MarginModelBuilder m = builder();
    m.assertNonNegative("a", cash(m));
    MarginModel model = m.build();
    m.holdings("more").between("0", "1").single();
    assertEquals(1, model.holdingCount());
    assertEquals(1, model.holdings().size());
  }

  @Test
  void magnitudeVectorTakesTheLargerBoundAndTheSameAxis() {
    MarginModelBuilder m = builder();
    ExprArray held = m.holdings("held").axis("slot", 2).scale(1).between("-30", "20").array();
    ExprArray gross = m.magnitudeOf("gross", "held");
    m.assertNonNegative("a", held.sum().minus(gross.sum()));
    assertEquals(
        new HoldingVector("gross", "slot", 2, 1, 0, 300, "held"), m.build().holdings().get(1));
    assertEquals(Interval.of(0, 600), gross.get(1).interval());
  }

  @Test
  void modelInWhichALargerMagnitudeHelpsIsRefused() {
    MarginModelBuilder m = builder();
    Expr held = m.holdings("held").between("-30", "20").single();
    Expr gross = m.magnitudeOf("gross", "held").get(0);
    Expr signed = m.round("signed").between("-1", "1").single();
    m.assertNonNegative("fine", held.minus(gross));
    MarginModel fine = m.build();
    assertEquals(1, fine.assertions().size());
    m.assertNonNegative("rebate", held.minus(gross.times(signed)));
    assertRefused("assertion 'rebate' may grow with an attested magnitude", m::build);
  }

  @Test
  void oppositeHoldingsOfTwoAttestersCountAsNetForPricesAndGrossForMagnitudes() throws Exception {
    MarginModelBuilder m = builder();
    Expr held = m.holdings("held").between("-30", "30").single();
    Expr gross = m.magnitudeOf("gross", "held").get(0);
    m.assertNonNegative("a", held.minus(gross));
    m.output("net", held);
    m.output("gross", gross);
    MarginModel model = m.build();
    Holdings sum =
        Holdings.of(model, new long[] {5, 5}).plus(Holdings.of(model, new long[] {-5, 5}));
    MarginAssessment assessment = model.assess(RoundCoefficients.of(model, new long[0]), sum, 1, 1);
    assertEquals(new BigDecimal(0), assessment.output("net"));
    assertEquals(new BigDecimal(10), assessment.output("gross"));
    assertEquals(false, assessment.solvent());
  }

  @Test
  void brokenDeclarationsAreRefusedByName() {
    MarginModelBuilder m = builder();
    Expr unused = cash(m);
    assertEquals(2, unused.scale());
    assertRefused(
        "'cash': the name is already taken", () -> m.round("cash").between("0", "1").single());
    assertRefused("[1, 5] does not contain 0", () -> m.holdings("a").between("1", "5").single());
    assertRefused(
        "[-5, -1] does not contain 0", () -> m.holdings("a").between("-5", "-1").single());
    assertRefused("min 5 exceeds max 1", () -> m.round("a").between("5", "1").single());
    assertRefused("has no bounds", () -> m.round("a").single());
    assertRefused(
        "more than 2 decimals", () -> m.round("a").scale(2).between("0", "0.001").single());
    assertRefused("not a plain decimal", () -> m.round("a").between("0", "NaN").single());
    assertRefused("scale is 37", () -> m.round("a").scale(37).between("0", "1").single());
    assertRefused("length is below 1", () -> m.round("a").axis("x", 0).between("0", "1").array());
    assertRefused(
        "1048577 coefficients in all",
        () -> m.round("a").axis("x", (1 << 20) + 1).between("0", "1").array());
    assertRefused(
        "65537 holdings in all",
        () -> m.holdings("a").axis("x", 1 << 16).between("0", "1").array());
    assertRefused(
        "times 2 attesters exceeds 64 bits",
        () -> m.holdings("a").between("0", "4611686018427387904").single());
    assertRefused("no holding vector 'b'", () -> m.magnitudeOf("a", "b"));
    assertRefused("the name is empty", () -> m.round("").between("0", "1").single());
    assertRefused("not printable ASCII", () -> m.round("a\n").between("0", "1").single());
    assertRefused(
        "two dimensions",
        () -> m.holdings("a").axis("x", 1).axis("y", 1).between("0", "1").array());
    ExprArray gross = m.magnitudeOf("gross", "cash");
    assertEquals(1, gross.size());
    assertRefused(
        "'cash' is a magnitude itself".replace("cash", "gross"),
        () -> m.magnitudeOf("g2", "gross"));
    ExprArray tiers = m.round("tiers").axis("tier", 3).between("0", "1").array();
    assertEquals(3, tiers.size());
    assertRefused(
        "axis 'tier' has length 4 here and 3 before",
        () -> m.round("other").axis("tier", 4).between("0", "1").array());
    assertRefused("no input 'nothing'", () -> m.input("nothing"));
    assertRefused(
        "number of attesters is 65", () -> new MarginModelBuilder("m", Shape.empty(), 65));
    assertRefused("number of attesters is 0", () -> new MarginModelBuilder("m", Shape.empty(), 0));
  }

  @Test
  void brokenExpressionsAreRefusedByName() {
    MarginModelBuilder m = builder();
    Expr cash = cash(m);
    assertRefused("it is no bit", () -> cash.select(cash, cash));
    assertRefused("it is no bit", () -> m.constant(2).select(cash, cash));
    assertRefused("belongs to another builder", () -> cash.plus(cash(builder())));
    assertRefused("is not a decimal", () -> cash.times("one"));
    assertRefused("divisor 0 is below 1", () -> cash.roundDown(0));
    assertRefused("divisor -2 is below 1", () -> cash.roundUp(-2));
    assertRefused("divisor 0 is below 1", () -> cash.truncate(0));
    assertRefused("scale is 4294967295", () -> cash.roundDownTo(-1));
    Expr wide = m.constant(1L << 62);
    Expr wider = wide.times(wide).times(wide).times(wide);
    assertRefused("2^250", () -> wider.times(cash));
    Expr fine = m.constant("0." + "0".repeat(34) + "1");
    assertRefused("scale is 37", () -> fine.times(cash));
  }

  @Test
  void brokenStatementsAreRefusedByName() {
    MarginModelBuilder m = builder();
    Expr cash = cash(m);
    assertRefused("no assertion", m::build);
    m.output("cash", cash);
    assertRefused("output 'cash' occurs twice", () -> m.output("cash", cash));
    m.assertNonNegative("vacuous", m.numerator());
    assertRefused("the model states nothing", m::build);
    m.assertNonNegative("real", cash);
    assertRefused("assertion 'real' occurs twice", () -> m.assertNonNegative("real", cash));
    assertEquals(2, m.build().assertions().size());
    m.assertNonNegative("impossible", m.denominator().negate());
    assertRefused("assertion 'impossible' cannot hold", m::build);
    MarginModelBuilder empty = builder();
    empty.assertNonNegative("a", empty.numerator().minus(empty.denominator()));
    assertRefused("no holding vector", empty::build);
  }

  @Test
  void evaluationRefusesInputsOutsideTheirIntervalsWithoutNamingAHolding() {
    MarginModelBuilder m = builder();
    Expr cash = cash(m);
    Expr price = m.round("price").axis("slot", 1).between("0", "10").array().get(0);
    m.assertNonNegative("a", cash.plus(price));
    MarginModel model = m.build();
    assertEquals(2, model.evaluate(new long[] {10}, new long[] {200000}, 0, 1).values().size() - 1);
    assertIllegal("price[0] is 11", () -> model.evaluate(new long[] {11}, new long[1], 1, 1));
    assertIllegal("price[0] is -1", () -> model.evaluate(new long[] {-1}, new long[1], 1, 1));
    assertIllegal("2 coefficients, not 1", () -> model.evaluate(new long[2], new long[1], 1, 1));
    assertIllegal("0 holdings, not 1", () -> model.evaluate(new long[1], new long[0], 1, 1));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> model.evaluate(new long[1], new long[] {200001}, 1, 1));
    assertTrue(e.getMessage().contains("cash[0] is outside"), e.getMessage());
    assertTrue(!e.getMessage().contains("200001"), e.getMessage());
    assertIllegal("denominator is 0", () -> model.evaluate(new long[1], new long[1], 0, 0));
    assertIllegal("numerator is -1", () -> model.evaluate(new long[1], new long[1], -1, 1));
    assertIllegal(
        "numerator is 4294967296", () -> model.evaluate(new long[1], new long[1], 1L << 32, 1));
    assertIllegal(
        "denominator is 4294967296", () -> model.evaluate(new long[1], new long[1], 1, 1L << 32));
  }

  private static void assertIllegal(String message, Executable call) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call);
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void resultsDoNotTellSecretsInTheirText() {
    MarginModelBuilder m = builder();
    Expr cash = cash(m);
    m.assertNonNegative("a", cash);
    m.output("cash", cash);
    MarginModel model = m.build();
    assertTrue(!model.evaluate(new long[0], new long[] {4711}, 1, 1).toString().contains("47"));
    assertTrue(!model.assess(new long[0], new long[] {4711}, 1, 1).toString().contains("47"));
  }

  @Test
  void arraysAreRowMajorAndCheckTheirIndices() {
    MarginModelBuilder m = builder();
    ExprArray grid = m.round("grid").axis("row", 2).axis("column", 3).between("0", "9").array();
    assertEquals(grid.toList().get(5).node, grid.get(1, 2).node);
    assertEquals(grid.get(1, 0).node, grid.row(1).get(0).node);
    assertEquals(grid.get(1, 2).node, grid.slice(1, 2).get(0, 2).node);
    assertEquals(grid.get(0, 0).node, m.input("grid").get(0, 0).node);
    assertThrows(IndexOutOfBoundsException.class, () -> grid.get(0, 3));
    assertThrows(IllegalArgumentException.class, () -> grid.get(1));
    assertThrows(IllegalArgumentException.class, () -> grid.dot(grid.row(0)));
  }
}
