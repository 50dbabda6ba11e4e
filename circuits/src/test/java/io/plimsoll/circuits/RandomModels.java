package io.plimsoll.circuits;

import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Random margin models, shapes and inputs, boundary values included, for tests that compare a
 * circuit with the evaluator. Deterministic for a seed. Graphs are random too, so they hold what a
 * builder would fold away: constants in every place, products of a sign with its own node, nodes
 * without use, maxima of disjoint intervals. Not thread-safe.
 */
public final class RandomModels {
  private final Random random;

  /** A generator that yields the same models and inputs for the same seed. */
  public RandomModels(long seed) {
    this.random = new Random(seed);
  }

  /**
   * Inputs of a model, inside their intervals.
   *
   * @param holdings summed over 1 to J_max attesters
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  public record Inputs(long[] coefficients, long[] holdings, long numerator, long denominator) {}

  /** A model, inputs for it, and what the evaluator says of them. */
  public record Case(MarginModel model, Inputs inputs, Evaluation evaluation) {
    /** Whether every assertion holds, so that a circuit has to be satisfiable. */
    public boolean solvent() {
      return model.assertions().stream()
          .allMatch(assertion -> evaluation.value(assertion.node()).signum() >= 0);
    }
  }

  /**
   * A random model with inputs. About half of the cases are solvent, many of them exactly at the
   * boundary, and many of the others exactly one unit below it.
   */
  public Case next() {
    while (true) {
      try {
        return tryNext();
      } catch (InvalidModelException e) {
        // A rule was broken by chance, most often that a magnitude must not help: draw again.
      }
    }
  }

  private Case tryNext() {
    ModelInputs declared = declarations();
    IntervalAnalysis graph = new IntervalAnalysis(declared);
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < declared.holdingCount(); i++) {
      append(graph, nodes, new Node.Holding(i));
    }
    for (int i = 0; i < declared.coefficientCount(); i++) {
      append(graph, nodes, new Node.Coefficient(i));
    }
    append(graph, nodes, new Node.Threshold(Node.Threshold.Part.NUMERATOR));
    append(graph, nodes, new Node.Threshold(Node.Threshold.Part.DENOMINATOR));
    int target = nodes.size() + 5 + random.nextInt(30);
    while (nodes.size() < target) {
      try {
        append(graph, nodes, node(nodes.size()));
      } catch (InvalidModelException e) {
        // The node would reach 2^250: another one.
      }
    }
    // A draft with an assertion that can always be made tells the nodes' values.
    MarginModel draft = draft(declared, nodes);
    Inputs inputs = inputs(draft);
    Evaluation evaluation = evaluate(draft, inputs);
    List<Assertion> assertions = new ArrayList<>();
    int count = 1 + random.nextInt(2);
    for (int i = 0; i < count; i++) {
      int of = nodes.size() - 1 - random.nextInt(Math.min(nodes.size(), 12));
      BigInteger margin = BigInteger.valueOf(random.nextInt(4) - 1);
      // x - value(x) + margin, or its negative: on the boundary, or a unit or two beside it.
      BigInteger side = random.nextBoolean() ? BigInteger.ONE : BigInteger.ONE.negate();
      BigInteger constant = evaluation.value(of).multiply(side).negate().add(margin);
      append(graph, nodes, new Node.Sum(List.of(new Node.Term(of, side)), constant));
      assertions.add(new Assertion("assertion" + i, nodes.size() - 1));
    }
    List<Output> outputs = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      outputs.add(new Output("output" + i, random.nextInt(nodes.size()), random.nextInt(20)));
    }
    MarginModel model =
        new MarginModel(
            "random",
            Shape.empty().with("size", nodes.size()),
            declared,
            nodes,
            assertions,
            outputs,
            List.of());
    return new Case(model, inputs, evaluate(model, inputs));
  }

  private static void append(IntervalAnalysis graph, List<Node> nodes, Node node) {
    graph.add(node);
    nodes.add(node);
  }

  private static MarginModel draft(ModelInputs declared, List<Node> nodes) {
    List<Node> copy = new ArrayList<>(nodes);
    // -D < 0 on some inputs and N >= 0 on others: N - D can fail and does not see a magnitude.
    int numerator = copy.indexOf(new Node.Threshold(Node.Threshold.Part.NUMERATOR));
    copy.add(
        new Node.Sum(
            List.of(
                new Node.Term(numerator, BigInteger.ONE),
                new Node.Term(numerator + 1, BigInteger.ONE.negate())),
            BigInteger.ZERO));
    return new MarginModel(
        "draft",
        Shape.empty(),
        declared,
        copy,
        List.of(new Assertion("draft", copy.size() - 1)),
        List.of(),
        List.of());
  }

  private ModelInputs declarations() {
    ModelInputs declared = new ModelInputs(1 + random.nextInt(5));
    int vectors = 1 + random.nextInt(3);
    for (int i = 0; i < vectors; i++) {
      long min = -bound(40);
      long max = bound(40);
      int length = 1 + random.nextInt(3);
      String axis = "axis" + i;
      declared.add(new HoldingVector("held" + i, axis, length, random.nextInt(7), min, max, ""));
      if (random.nextBoolean()) {
        HoldingVector base = declared.vector("held" + i);
        declared.add(
            new HoldingVector(
                "gross" + i, axis, length, base.scale(), 0, Math.max(-min, max), "held" + i));
      }
    }
    int tensors = random.nextInt(4);
    for (int i = 0; i < tensors; i++) {
      List<RoundTensor.Dimension> dimensions = new ArrayList<>();
      for (int d = random.nextInt(3); d > 0; d--) {
        dimensions.add(new RoundTensor.Dimension("dimension" + d, 1 + random.nextInt(2)));
      }
      long a = random.nextBoolean() ? bound(63) : -bound(63);
      long b = random.nextBoolean() ? bound(40) : -bound(40);
      declared.add(
          new RoundTensor(
              "tensor" + i, dimensions, random.nextInt(9), Math.min(a, b), Math.max(a, b)));
    }
    return declared;
  }

  /** 0 to 2^bits - 1, small and extreme values often. */
  private long bound(int bits) {
    return switch (random.nextInt(6)) {
      case 0 -> random.nextInt(3);
      case 1 -> (1L << random.nextInt(bits)) - 1;
      case 2 -> 1L << random.nextInt(bits - 1);
      case 3 -> -1L >>> (64 - bits);
      default -> random.nextLong() >>> (64 - 1 - random.nextInt(bits));
    };
  }

  private Node node(int size) {
    return switch (random.nextInt(11)) {
      case 0 -> new Node.Constant(constant());
      case 1, 2 -> sum(size);
      case 3 -> new Node.Product(pick(size), pick(size));
      case 4 -> {
        int x = pick(size);
        yield random.nextInt(4) == 0 ? new Node.Product(x, x) : new Node.Product(x, pick(size));
      }
      case 5 -> new Node.Sign(pick(size));
      case 6 -> new Node.Magnitude(pick(size));
      case 7 -> new Node.NonZero(pick(size));
      case 8 -> new Node.RoundDown(pick(size), constant().abs().max(BigInteger.ONE));
      default -> new Node.Maximum(pick(size), pick(size));
    };
  }

  /** An earlier node, recent ones more often. */
  private int pick(int size) {
    return random.nextBoolean()
        ? size - 1 - random.nextInt(Math.min(size, 6))
        : random.nextInt(size);
  }

  private BigInteger constant() {
    return switch (random.nextInt(8)) {
      case 0 -> BigInteger.ZERO;
      case 1 -> BigInteger.ONE;
      case 2 -> BigInteger.ONE.negate();
      case 3 -> BigInteger.ONE.shiftLeft(random.nextInt(120)).negate();
      default -> {
        BigInteger value = new BigInteger(1 + random.nextInt(70), random);
        yield random.nextBoolean() ? value : value.negate();
      }
    };
  }

  private Node sum(int size) {
    List<Node.Term> terms = new ArrayList<>();
    int[] picked = new int[random.nextInt(5)];
    Arrays.setAll(picked, i -> pick(size));
    Arrays.stream(picked)
        .distinct()
        .forEach(
            x -> {
              BigInteger coefficient = random.nextBoolean() ? BigInteger.ONE : constant();
              terms.add(new Node.Term(x, coefficient.signum() == 0 ? BigInteger.TWO : coefficient));
            });
    return new Node.Sum(terms, constant());
  }

  /** Random inputs of a model; each value is an end of its interval, zero, or anything between. */
  public Inputs inputs(MarginModel model) {
    long[] coefficients = new long[model.coefficientCount()];
    for (int i = 0; i < coefficients.length; i++) {
      RoundTensor tensor = model.inputs().coefficientTensor(i);
      coefficients[i] = between(tensor.min(), tensor.max());
    }
    int attesters = random.nextInt(3) == 0 ? model.maxAttesters() : 1;
    long[] holdings = new long[model.holdingCount()];
    for (int a = 0; a < attesters; a++) {
      long[] one = holdingsOfOneAttester(model);
      for (int i = 0; i < holdings.length; i++) {
        holdings[i] += one[i];
      }
    }
    return new Inputs(
        coefficients, holdings, between(0, (1L << 32) - 1), between(1, (1L << 32) - 1));
  }

  /** Random holdings of one attester, magnitudes derived, in public-vector order. */
  public long[] holdingsOfOneAttester(MarginModel model) {
    long[] holdings = new long[model.holdingCount()];
    for (int i = 0; i < holdings.length; i++) {
      HoldingVector vector = model.inputs().holdingVector(i);
      holdings[i] =
          vector.isMagnitude()
              ? Math.abs(
                  holdings[
                      model.holdingOffset(vector.magnitudeOf())
                          + i
                          - model.holdingOffset(vector.name())])
              : between(vector.min(), vector.max());
    }
    return holdings;
  }

  /** A member of a family with a small random shape. */
  public MarginModel smallMember(MarginModelFamily family) {
    Shape shape = Shape.empty();
    for (MarginModelFamily.Parameter parameter : family.parameters()) {
      int largest = Math.min(parameter.max(), parameter.name().equals("attesters") ? 5 : 4);
      shape =
          shape.with(
              parameter.name(), parameter.min() + random.nextInt(largest - parameter.min() + 1));
    }
    if (shape.toMap().containsKey("underlyings")) {
      shape = shape.with("instruments", shape.get("underlyings") * (1 + random.nextInt(2)));
    }
    if (shape.toMap().containsKey("skewScenarios")) {
      shape = shape.with("options", shape.get("expiries") * shape.get("options"));
      shape = shape.with("scenarios", shape.get("scenarios") + shape.get("skewScenarios"));
    }
    try {
      return family.build(shape);
    } catch (InvalidFormatException e) {
      throw new AssertionError(shape.toString(), e);
    }
  }

  private long between(long min, long max) {
    return switch (random.nextInt(6)) {
      case 0 -> min;
      case 1 -> max;
      case 2 -> clamp(0, min, max);
      case 3 -> clamp(random.nextInt(7) - 3, min, max);
      default -> {
        BigInteger width =
            BigInteger.valueOf(max).subtract(BigInteger.valueOf(min)).add(BigInteger.ONE);
        yield new BigInteger(width.bitLength() + 8, random)
            .mod(width)
            .add(BigInteger.valueOf(min))
            .longValueExact();
      }
    };
  }

  private static long clamp(long value, long min, long max) {
    return Math.max(min, Math.min(max, value));
  }

  /** The evaluator on these inputs. */
  public static Evaluation evaluate(MarginModel model, Inputs inputs) {
    return model.evaluate(
        inputs.coefficients(), inputs.holdings(), inputs.numerator(), inputs.denominator());
  }
}
