package io.plimsoll.circuits;

import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.StatementLayout;
import io.plimsoll.verifier.Threshold;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A venue's margin rule as a value: a graph of exact integer functions over the owner's holdings,
 * the round's coefficients and the threshold N/D, ending in assertions that a node is at least
 * zero.
 *
 * <p>Built by {@link MarginModelBuilder}, or read from its bytes. Immutable and thread-safe. Every
 * model that exists satisfies the rules of {@code docs/intervals.md}.
 */
public final class MarginModel {
  /** Longest serialised model that {@link #read} accepts, in bytes. */
  public static final int MAX_BYTES = 16 << 20;

  static final int MAX_NODES = 1 << 22;
  static final int MAX_TERMS = 1 << 24;

  private final String name;
  private final Shape shape;
  private final ModelInputs inputs;
  private final List<Node> nodes;
  private final List<Assertion> assertions;
  private final List<Output> outputs;
  private final List<Constraint> constraints;
  private final Map<Integer, String> labels;
  private final IntervalAnalysis analysis;
  private final StatementLayout layout;
  private final byte[] bytes;
  private final Digest digest;

  /**
   * Checks everything.
   *
   * @throws InvalidModelException if a rule is broken
   */
  MarginModel(
      String name,
      Shape shape,
      ModelInputs inputs,
      List<Node> nodes,
      List<Assertion> assertions,
      List<Output> outputs,
      List<Constraint> constraints) {
    this(name, shape, inputs, nodes, assertions, outputs, constraints, Map.of());
  }

  /**
   * Checks everything.
   *
   * @param labels by node, for people; no part of the model's bytes
   * @throws InvalidModelException if a rule is broken
   */
  MarginModel(
      String name,
      Shape shape,
      ModelInputs inputs,
      List<Node> nodes,
      List<Assertion> assertions,
      List<Output> outputs,
      List<Constraint> constraints,
      Map<Integer, String> labels) {
    ModelInputs.requireName("model", name);
    shape.toMap().keySet().forEach(key -> ModelInputs.requireName("shape parameter", key));
    if (inputs.holdingCount() == 0) {
      throw new InvalidModelException("the model has no holding vector");
    }
    this.name = name;
    this.shape = shape;
    this.inputs = inputs;
    this.nodes = List.copyOf(nodes);
    this.assertions = List.copyOf(assertions);
    this.outputs = List.copyOf(outputs);
    this.constraints = List.copyOf(constraints);
    this.labels = Map.copyOf(labels);
    this.analysis = new IntervalAnalysis(inputs);
    checkNodes();
    checkNames();
    analysis.checkConstraints(constraints);
    analysis.checkAssertions(assertions);
    this.layout = layoutOf(inputs);
    this.bytes = ProtoConversions.toBytes(this);
    if (bytes.length > MAX_BYTES) {
      throw new InvalidModelException(
          "the model takes " + bytes.length + " bytes, more than " + MAX_BYTES);
    }
    this.digest = new CanonicalWriter("plimsoll/model/v1").bytes(bytes).digest();
  }

  private void checkNodes() {
    if (nodes.size() > MAX_NODES) {
      throw new InvalidModelException(nodes.size() + " nodes, more than " + MAX_NODES);
    }
    long terms = 0;
    for (Node node : nodes) {
      int index = analysis.size();
      for (int reference : IntervalAnalysis.references(node)) {
        if (reference < 0 || reference >= index) {
          throw new InvalidModelException(
              "node "
                  + index
                  + " refers to node "
                  + Integer.toUnsignedString(reference)
                  + ", which is not an earlier one");
        }
      }
      if (node instanceof Node.Holding holding) {
        requireIndex(index, "holding", holding.index(), inputs.holdingCount());
      } else if (node instanceof Node.Coefficient coefficient) {
        requireIndex(index, "coefficient", coefficient.index(), inputs.coefficientCount());
      } else if (node instanceof Node.Choice choice) {
        requireIndex(index, "choice", choice.index(), inputs.choiceCount());
      } else if (node instanceof Node.Constant constant) {
        requireInteger(index, constant.value());
      } else if (node instanceof Node.RoundDown quotient) {
        requireInteger(index, quotient.divisor());
        if (quotient.divisor().signum() <= 0) {
          throw new InvalidModelException(
              "node " + index + ": divisor " + quotient.divisor() + " is below 1");
        }
      } else if (node instanceof Node.Sum sum) {
        terms += sum.terms().size();
        checkSum(index, sum);
      }
      if (terms > MAX_TERMS) {
        throw new InvalidModelException("more than " + MAX_TERMS + " terms in all sums");
      }
      analysis.add(node);
    }
  }

  private static void checkSum(int index, Node.Sum sum) {
    requireInteger(index, sum.constant());
    Set<Integer> named = new HashSet<>();
    for (Node.Term term : sum.terms()) {
      requireInteger(index, term.coefficient());
      if (term.coefficient().signum() == 0) {
        throw new InvalidModelException("node " + index + ": a term's coefficient is 0");
      }
      if (!named.add(term.node())) {
        throw new InvalidModelException(
            "node " + index + ": the sum names node " + term.node() + " twice");
      }
    }
  }

  private static void requireIndex(int node, String what, int index, int count) {
    if (index < 0 || index >= count) {
      throw new InvalidModelException(
          "node "
              + node
              + ": "
              + what
              + " "
              + Integer.toUnsignedString(index)
              + " of "
              + count
              + " declared");
    }
  }

  private static void requireInteger(int node, BigInteger value) {
    if (value.abs().compareTo(IntervalAnalysis.LIMIT) >= 0) {
      throw new InvalidModelException(
          "node " + node + ": integer " + value + " is not strictly inside -2^250 and 2^250");
    }
  }

  private void checkNames() {
    Set<String> names = new HashSet<>();
    for (Assertion assertion : assertions) {
      ModelInputs.requireName("assertion", assertion.name());
      if (!names.add(assertion.name())) {
        throw new InvalidModelException("assertion '" + assertion.name() + "' occurs twice");
      }
      requireIndexOf("assertion '" + assertion.name() + "'", assertion.node());
    }
    for (Constraint constraint : constraints) {
      ModelInputs.requireName("constraint", constraint.name());
      if (!names.add(constraint.name())) {
        throw new InvalidModelException(
            "constraint '" + constraint.name() + "': the name is already taken");
      }
      requireIndexOf("constraint '" + constraint.name() + "'", constraint.node());
    }
    names.clear();
    for (Output output : outputs) {
      ModelInputs.requireName("output", output.name());
      if (!names.add(output.name())) {
        throw new InvalidModelException("output '" + output.name() + "' occurs twice");
      }
      requireIndexOf("output '" + output.name() + "'", output.node());
      ModelInputs.requireScale("output '" + output.name() + "'", output.scale());
    }
  }

  private void requireIndexOf(String what, int node) {
    if (node < 0 || node >= nodes.size()) {
      throw new InvalidModelException(
          what + ": node " + Integer.toUnsignedString(node) + " of " + nodes.size());
    }
  }

  private static StatementLayout layoutOf(ModelInputs inputs) {
    int coefficients = inputs.coefficientCount();
    long[] coefficientMin = new long[coefficients];
    long[] coefficientMax = new long[coefficients];
    for (int i = 0; i < coefficients; i++) {
      coefficientMin[i] = inputs.coefficientTensor(i).min();
      coefficientMax[i] = inputs.coefficientTensor(i).max();
    }
    int holdings = inputs.holdingCount();
    long[] holdingMin = new long[holdings];
    long[] holdingMax = new long[holdings];
    for (int i = 0; i < holdings; i++) {
      holdingMin[i] = inputs.holdingVector(i).min();
      holdingMax[i] = inputs.holdingVector(i).max();
    }
    try {
      return StatementLayout.of(
          inputs.maxAttesters(), coefficientMin, coefficientMax, holdingMin, holdingMax);
    } catch (InvalidFormatException e) {
      throw new InvalidModelException(e.getMessage());
    }
  }

  /**
   * Reads the canonical bytes of a model.
   *
   * @throws InvalidFormatException if the bytes are longer than {@value #MAX_BYTES}, are not the
   *     one form that {@link #toByteArray} writes, or describe a model that breaks a rule
   */
  public static MarginModel read(byte[] bytes) throws InvalidFormatException {
    return ProtoConversions.readModel(bytes);
  }

  /** The {@code MarginModel} message of the schema, in the one form that it has. A fresh copy. */
  public byte[] toByteArray() {
    return bytes.clone();
  }

  /** SHA-256 over the tag {@code plimsoll/model/v1} and {@link #toByteArray}. */
  public Digest digest() {
    return digest;
  }

  /** Name of the family, for example {@code portfolio}. */
  public String name() {
    return name;
  }

  /** The shape that the family was instantiated with. */
  public Shape shape() {
    return shape;
  }

  /** J_max: how many attestations one statement may add up. */
  public int maxAttesters() {
    return inputs.maxAttesters();
  }

  /** The private inputs in public-vector order. */
  public List<HoldingVector> holdings() {
    return inputs.vectors();
  }

  /** The public coefficients in public-vector order. */
  public List<RoundTensor> round() {
    return inputs.tensors();
  }

  /** The graph in topological order. */
  public List<Node> nodes() {
    return nodes;
  }

  /** What has to hold. */
  public List<Assertion> assertions() {
    return assertions;
  }

  /** What the owner picks, in order; empty for most models. */
  public List<ChoiceTensor> choices() {
    return inputs.choiceTensors();
  }

  /** What the owner's choices must fulfil. */
  public List<Constraint> constraints() {
    return constraints;
  }

  /** The named results. */
  public List<Output> outputs() {
    return outputs;
  }

  /** What a verifier has to know of the model. */
  public StatementLayout layout() {
    return layout;
  }

  /** The interval of a node over all declared inputs and up to {@link #maxAttesters} attesters. */
  public Interval interval(int node) {
    return analysis.interval(node);
  }

  /**
   * The bit decompositions of a circuit for this model, in node order, then constraints, assertions
   * last.
   */
  public List<Decomposition> decompositions() {
    return analysis.decompositions(constraints, assertions);
  }

  /**
   * What each node is for, in node order: the label that its {@link Expr#named} gave it, else the
   * output, constraint or assertion that it is, else what the first node is for that uses it.
   * Labels are known of a model that a builder made, not of one that was read.
   */
  public List<String> purposes() {
    String[] own = new String[nodes.size()];
    assertions.forEach(assertion -> own[assertion.node()] = assertion.name());
    constraints.forEach(constraint -> own[constraint.node()] = constraint.name());
    for (int i = outputs.size() - 1; i >= 0; i--) {
      own[outputs.get(i).node()] = outputs.get(i).name();
    }
    labels.forEach((node, label) -> own[node] = label);
    String[] purposes = own.clone();
    for (int i = purposes.length - 1; i >= 0; i--) {
      if (purposes[i] == null) {
        purposes[i] = "nothing";
      }
      for (int reference : IntervalAnalysis.references(nodes.get(i))) {
        // Users come in descending order, so the first one has the last word.
        if (own[reference] == null) {
          purposes[reference] = purposes[i];
        }
      }
    }
    return List.of(purposes);
  }

  /** Number of holdings: the lengths of all holding vectors together. */
  public int holdingCount() {
    return inputs.holdingCount();
  }

  /** Number of coefficients: the sizes of all round tensors together. */
  public int coefficientCount() {
    return inputs.coefficientCount();
  }

  /** Number of choices: the sizes of all choice tensors together. */
  public int choiceCount() {
    return inputs.choiceCount();
  }

  /**
   * Index of a choice tensor's first value among all choices.
   *
   * @throws IllegalArgumentException if the model has no such tensor
   */
  public int choiceOffset(String tensor) {
    if (inputs.choiceTensors().stream().noneMatch(choice -> choice.name().equals(tensor))) {
      throw new IllegalArgumentException("no choice '" + tensor + "' in model " + name);
    }
    return inputs.offset(tensor);
  }

  /**
   * Index of a vector's first element among all holdings.
   *
   * @throws IllegalArgumentException if the model has no such vector
   */
  public int holdingOffset(String vector) {
    if (inputs.vector(vector) == null) {
      throw new IllegalArgumentException("no holding vector '" + vector + "' in model " + name);
    }
    return inputs.offset(vector);
  }

  /**
   * Index of a tensor's first element among all coefficients.
   *
   * @throws IllegalArgumentException if the model has no such tensor
   */
  public int coefficientOffset(String tensor) {
    if (inputs.tensor(tensor) == null) {
      throw new IllegalArgumentException("no round tensor '" + tensor + "' in model " + name);
    }
    return inputs.offset(tensor);
  }

  ModelInputs inputs() {
    return inputs;
  }

  /**
   * Evaluates every node exactly, at the best choice if the model has choices; see {@link #choose}.
   *
   * @param coefficients in public-vector order, each in its interval
   * @param holdings in public-vector order, summed over the attesters, each inside J_max times its
   *     interval
   * @param numerator N, 0 to 2^32 - 1
   * @param denominator D, 1 to 2^32 - 1
   * @throws IllegalArgumentException if a length is wrong or a value is outside its interval; a
   *     holding's value is not in the message
   */
  public Evaluation evaluate(
      long[] coefficients, long[] holdings, long numerator, long denominator) {
    long[] choices = choose(coefficients, holdings, numerator, denominator);
    return evaluate(coefficients, holdings, choices, numerator, denominator);
  }

  /**
   * Evaluates every node exactly at given choices, whether these fulfil the constraints or not; see
   * {@link #isFeasible}.
   *
   * @param coefficients in public-vector order, each in its interval
   * @param holdings in public-vector order, summed over the attesters, each inside J_max times its
   *     interval
   * @param choices in order, each 0 to its maximum
   * @param numerator N, 0 to 2^32 - 1
   * @param denominator D, 1 to 2^32 - 1
   * @throws IllegalArgumentException if a length is wrong or a value is outside its interval; the
   *     value of a holding or a choice is not in the message
   */
  public Evaluation evaluate(
      long[] coefficients, long[] holdings, long[] choices, long numerator, long denominator) {
    requireInputs(coefficients, holdings, numerator, denominator);
    requireChoices(choices);
    BigInteger[] values = new BigInteger[nodes.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          value(nodes.get(i), values, coefficients, holdings, choices, numerator, denominator);
    }
    return new Evaluation(values, choices);
  }

  /** Whether an evaluation's choices fulfil every constraint. */
  public boolean isFeasible(Evaluation evaluation) {
    return constraints.stream()
        .allMatch(constraint -> constraint.holds(evaluation.value(constraint.node())));
  }

  /**
   * The best choice that a linear solver finds: the one with the largest assertion. With several
   * assertions, one at which all of them hold if there is any, else the one with the largest sum of
   * them. The solver works with floating point, so it only proposes; the choice that is returned
   * fulfils every constraint exactly, and a better one may exist. Empty for a model without
   * choices.
   *
   * @return the choices in order; the owner's secret
   * @throws NoFeasibleChoiceException if the solver proposes nothing that fulfils the constraints
   * @throws IllegalArgumentException as {@link #evaluate(long[], long[], long, long)}
   */
  public long[] choose(long[] coefficients, long[] holdings, long numerator, long denominator) {
    if (choiceCount() == 0) {
      return new long[0];
    }
    Evaluation base =
        evaluate(coefficients, holdings, new long[choiceCount()], numerator, denominator);
    return new ChoiceSolver(this, base).solve();
  }

  /** Whether a node's value depends on the owner's choices. */
  boolean dependsOnChoice(int node) {
    return analysis.dependsOnChoice(node);
  }

  private void requireChoices(long[] choices) {
    if (choices.length != choiceCount()) {
      throw new IllegalArgumentException(choices.length + " choices, not " + choiceCount());
    }
    for (int i = 0; i < choices.length; i++) {
      long max = inputs.choiceTensor(i).max();
      if (choices[i] < 0 || choices[i] > max) {
        throw new IllegalArgumentException(inputs.choiceName(i) + " is outside [0, " + max + "]");
      }
    }
  }

  private static BigInteger value(
      Node node,
      BigInteger[] values,
      long[] coefficients,
      long[] holdings,
      long[] choices,
      long numerator,
      long denominator) {
    if (node instanceof Node.Product product) {
      return values[product.left()].multiply(values[product.right()]);
    }
    if (node instanceof Node.Sum sum) {
      BigInteger total = sum.constant();
      for (Node.Term term : sum.terms()) {
        BigInteger x = values[term.node()];
        BigInteger factor = term.coefficient();
        total = total.add(factor.equals(BigInteger.ONE) ? x : x.multiply(factor));
      }
      return total;
    }
    if (node instanceof Node.Coefficient coefficient) {
      return BigInteger.valueOf(coefficients[coefficient.index()]);
    }
    if (node instanceof Node.Holding holding) {
      return BigInteger.valueOf(holdings[holding.index()]);
    }
    if (node instanceof Node.Choice choice) {
      return BigInteger.valueOf(choices[choice.index()]);
    }
    if (node instanceof Node.Constant constant) {
      return constant.value();
    }
    if (node instanceof Node.Threshold threshold) {
      return BigInteger.valueOf(
          threshold.part() == Node.Threshold.Part.NUMERATOR ? numerator : denominator);
    }
    if (node instanceof Node.Sign sign) {
      return values[sign.of()].signum() >= 0 ? BigInteger.ONE : BigInteger.ZERO;
    }
    if (node instanceof Node.Magnitude magnitude) {
      return values[magnitude.of()].abs();
    }
    if (node instanceof Node.NonZero nonZero) {
      return values[nonZero.of()].signum() != 0 ? BigInteger.ONE : BigInteger.ZERO;
    }
    if (node instanceof Node.Maximum maximum) {
      return values[maximum.left()].max(values[maximum.right()]);
    }
    if (node instanceof Node.RoundDown quotient) {
      return Interval.roundDown(values[quotient.of()], quotient.divisor());
    }
    throw new AssertionError(node);
  }

  private void requireInputs(
      long[] coefficients, long[] holdings, long numerator, long denominator) {
    if (coefficients.length != coefficientCount()) {
      throw new IllegalArgumentException(
          coefficients.length + " coefficients, not " + coefficientCount());
    }
    if (holdings.length != holdingCount()) {
      throw new IllegalArgumentException(holdings.length + " holdings, not " + holdingCount());
    }
    for (int i = 0; i < coefficients.length; i++) {
      RoundTensor tensor = inputs.coefficientTensor(i);
      if (coefficients[i] < tensor.min() || coefficients[i] > tensor.max()) {
        throw new IllegalArgumentException(
            inputs.coefficientName(i)
                + " is "
                + coefficients[i]
                + ", outside ["
                + tensor.min()
                + ", "
                + tensor.max()
                + "]");
      }
    }
    for (int i = 0; i < holdings.length; i++) {
      HoldingVector vector = inputs.holdingVector(i);
      // The products fit: checked when the vector was declared.
      if (holdings[i] < vector.min() * maxAttesters()
          || holdings[i] > vector.max() * maxAttesters()) {
        throw new IllegalArgumentException(
            inputs.holdingName(i)
                + " is outside "
                + maxAttesters()
                + " times ["
                + vector.min()
                + ", "
                + vector.max()
                + "]");
      }
    }
    requireThreshold("numerator", numerator, IntervalAnalysis.NUMERATOR);
    requireThreshold("denominator", denominator, IntervalAnalysis.DENOMINATOR);
  }

  private static void requireThreshold(String part, long value, Interval interval) {
    if (!interval.contains(BigInteger.valueOf(value))) {
      throw new IllegalArgumentException(
          "threshold " + part + " is " + value + ", outside " + interval);
    }
  }

  /** {@link #evaluate}, reduced to the assertions and the named outputs. */
  public MarginAssessment assess(
      long[] coefficients, long[] holdings, long numerator, long denominator) {
    Evaluation evaluation = evaluate(coefficients, holdings, numerator, denominator);
    Map<String, BigInteger> asserted = new LinkedHashMap<>();
    for (Assertion assertion : assertions) {
      asserted.put(assertion.name(), evaluation.value(assertion.node()));
    }
    Map<String, BigDecimal> named = new LinkedHashMap<>();
    for (Output output : outputs) {
      named.put(output.name(), new BigDecimal(evaluation.value(output.node()), output.scale()));
    }
    return new MarginAssessment(asserted, named, evaluation.choices());
  }

  /**
   * {@link #assess(long[], long[], long, long)} of a round and an owner's holdings.
   *
   * @throws IllegalArgumentException if one of them belongs to another model
   */
  public MarginAssessment assess(RoundCoefficients round, Holdings holdings, Threshold threshold) {
    return assess(round, holdings, threshold.numerator(), threshold.denominator());
  }

  /**
   * {@link #assess(long[], long[], long, long)} of a round and an owner's holdings.
   *
   * @throws IllegalArgumentException if one of them belongs to another model, or the threshold is
   *     out of range
   */
  public MarginAssessment assess(
      RoundCoefficients round, Holdings holdings, long numerator, long denominator) {
    if (!equals(round.model()) || !equals(holdings.model())) {
      throw new IllegalArgumentException("the round or the holdings belong to another model");
    }
    long[] values = holdings.toLongArray();
    try {
      return assess(round.toLongArray(), values, numerator, denominator);
    } finally {
      Arrays.fill(values, 0);
    }
  }

  /** Equal bytes. */
  @Override
  public boolean equals(Object other) {
    return other instanceof MarginModel model && digest.equals(model.digest);
  }

  @Override
  public int hashCode() {
    return digest.hashCode();
  }

  /** Name, shape and digest. */
  @Override
  public String toString() {
    return name + "(" + shape + ") " + digest;
  }
}
