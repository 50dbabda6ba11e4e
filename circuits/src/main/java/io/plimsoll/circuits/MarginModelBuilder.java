package io.plimsoll.circuits;

import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Writes a margin rule as a venue's documentation reads:
 *
 * <pre>{@code
 * MarginModelBuilder m = new MarginModelBuilder("linear", shape, 4);
 * ExprArray position = m.holdings("position").axis("instrument", 16).scale(4)
 *     .between("-1000000", "1000000").array();
 * ExprArray gross = m.magnitudeOf("grossPosition", "position");
 * Expr cash = m.holdings("cash").scale(6).between("-1000000000", "1000000000").single();
 * ExprArray mark = m.round("mark").axis("instrument", 16).scale(4).between("0", "1000000").array();
 * ExprArray rate = m.round("rate").axis("instrument", 16).scale(4).between("0", "1000").array();
 *
 * Expr equity = cash.plus(position.dot(mark));
 * Expr requirement = gross.dot(rate);
 * m.assertNonNegative("solvent",
 *     m.denominator().times(equity).minus(m.numerator().times(requirement)));
 * m.output("equity", equity);
 * MarginModel model = m.build();
 * }</pre>
 *
 * Equal expressions become one node, sums of sums become one sum, what the intervals decide is
 * folded, and nodes that nothing needs are dropped. Every broken rule is an {@link
 * InvalidModelException} at the call that breaks it. Not thread-safe.
 */
public final class MarginModelBuilder {
  private final String name;
  private final Shape shape;
  private final ModelInputs inputs;
  private final IntervalAnalysis graph;
  private final Map<Node, Integer> indices = new HashMap<>();
  private final Map<String, ExprArray> declared = new HashMap<>();
  private final Map<String, Integer> axisLengths = new HashMap<>();
  private final List<Assertion> assertions = new ArrayList<>();
  private final List<Output> outputs = new ArrayList<>();
  private final List<Constraint> constraints = new ArrayList<>();
  private final Map<Integer, String> labels = new HashMap<>();

  /**
   * Starts a model.
   *
   * @param name of the family
   * @param shape that the family is instantiated with
   * @param maxAttesters how many attestations one statement may add up, 1 to 64
   */
  public MarginModelBuilder(String name, Shape shape, int maxAttesters) {
    this.name = name;
    this.shape = shape;
    this.inputs = new ModelInputs(maxAttesters);
    this.graph = new IntervalAnalysis(inputs);
  }

  /** Declares a private vector; see {@link Declaration}. */
  public Declaration holdings(String vector) {
    return new Declaration(vector, Kind.HOLDING, "");
  }

  /** Declares a public tensor of the round; see {@link Declaration}. */
  public Declaration round(String tensor) {
    return new Declaration(tensor, Kind.COEFFICIENT, "");
  }

  /**
   * Declares values that the owner picks, 0 to a bound, under the constraints that {@link
   * #constrainEqual} and {@link #constrainAtMost} set: the pairing of long with short options, or a
   * value that must be at least each of several others. The model must be such that <em>every</em>
   * feasible choice is a valid bound; the builder cannot see that, so the model says why. What
   * depends on a choice may be added up, multiplied with what depends on none, constrained and
   * asserted, and nothing else: no sign, maximum, selection or rounding.
   *
   * @param tensor its name
   * @param because why every feasible choice is a valid bound, in one line of printable ASCII
   */
  public Declaration choose(String tensor, String because) {
    return new Declaration(tensor, Kind.CHOICE, because);
  }

  /** Demands of the owner's choices that the two expressions are equal: one row. */
  public void constrainEqual(String constraint, Expr left, Expr right) {
    constrain(constraint, right.minus(left), Constraint.Relation.ZERO);
  }

  /**
   * Demands of the owner's choices that {@code smaller <= larger}: the width of their difference.
   */
  public void constrainAtMost(String constraint, Expr smaller, Expr larger) {
    constrain(constraint, larger.minus(smaller), Constraint.Relation.NON_NEGATIVE);
  }

  private void constrain(String constraint, Expr expression, Constraint.Relation relation) {
    ModelInputs.requireName("constraint", constraint);
    if (constraints.stream().anyMatch(other -> other.name().equals(constraint))) {
      throw new InvalidModelException("constraint '" + constraint + "' occurs twice");
    }
    Constraint added = new Constraint(constraint, own(expression).node, relation);
    graph.checkConstraints(List.of(added));
    constraints.add(added);
  }

  private enum Kind {
    HOLDING,
    COEFFICIENT,
    CHOICE
  }

  /**
   * Declares the attested magnitudes of a vector: |x| of each element, derived by the attester's
   * library and taken as given by the circuit. With several attesters the sum of their magnitudes
   * is only an upper bound of the magnitude of the sum, so a model in which a larger one could help
   * the owner is refused.
   */
  public ExprArray magnitudeOf(String magnitudes, String vector) {
    HoldingVector base = inputs.vector(vector);
    if (base == null) {
      throw new InvalidModelException(
          "holding vector '" + magnitudes + "': no holding vector '" + vector + "'");
    }
    // The product with the number of attesters was checked for both ends, so negation is safe.
    long max = Math.max(-base.min(), base.max());
    int offset = inputs.holdingCount();
    inputs.add(
        new HoldingVector(
            /* name= */ magnitudes,
            base.axis(),
            base.length(),
            base.scale(),
            /* min= */ 0,
            max,
            /* magnitudeOf= */ base.name()));
    List<Expr> elements = new ArrayList<>();
    for (int i = 0; i < base.length(); i++) {
      elements.add(new Expr(this, intern(new Node.Holding(offset + i)), base.scale()));
    }
    ExprArray array = new ExprArray(elements, base.length());
    declared.put(magnitudes, array);
    return array;
  }

  /** The declared input of this name. */
  public ExprArray input(String inputName) {
    ExprArray array = declared.get(inputName);
    if (array == null) {
      throw new InvalidModelException("no input '" + inputName + "'");
    }
    return array;
  }

  /** An input being declared: dimensions, decimals and bounds, then {@link #array}. */
  public final class Declaration {
    private final String input;
    private final Kind kind;
    private final String because;
    private final List<RoundTensor.Dimension> dimensions = new ArrayList<>();
    private int scale;
    private String min;
    private String max;

    private Declaration(String input, Kind kind, String because) {
      this.input = input;
      this.kind = kind;
      this.because = because;
    }

    /** Adds a dimension, outermost first. An axis has one length in a model. */
    public Declaration axis(String axis, int length) {
      ModelInputs.requireName("input '" + input + "': axis", axis);
      dimensions.add(new RoundTensor.Dimension(axis, length));
      return this;
    }

    /** Sets the number of decimals, 0 to 36; 0 by default. */
    public Declaration scale(int decimals) {
      scale = decimals;
      return this;
    }

    /**
     * Sets the bounds, both inclusive, as decimals of at most {@link #scale} places. The smallest
     * choice is 0.
     */
    public Declaration between(String smallest, String largest) {
      min = smallest;
      max = largest;
      return this;
    }

    /** Declares the input and yields its elements. */
    public ExprArray array() {
      if (min == null) {
        throw new InvalidModelException("input '" + input + "' has no bounds");
      }
      ModelInputs.requireScale("input '" + input + "'", scale);
      long low = bound(min);
      long high = bound(max);
      int offset =
          switch (kind) {
            case HOLDING -> inputs.holdingCount();
            case COEFFICIENT -> inputs.coefficientCount();
            case CHOICE -> inputs.choiceCount();
          };
      int[] lengths = dimensions.stream().mapToInt(RoundTensor.Dimension::length).toArray();
      int size;
      if (kind == Kind.HOLDING) {
        if (dimensions.size() > 1) {
          throw new InvalidModelException("holding vector '" + input + "' has two dimensions");
        }
        String axis = dimensions.isEmpty() ? "" : dimensions.get(0).axis();
        size = dimensions.isEmpty() ? 1 : lengths[0];
        inputs.add(new HoldingVector(input, axis, size, scale, low, high, ""));
      } else if (kind == Kind.COEFFICIENT) {
        RoundTensor tensor = new RoundTensor(input, dimensions, scale, low, high);
        inputs.add(tensor);
        size = tensor.size();
      } else {
        if (low != 0) {
          throw new InvalidModelException("choice '" + input + "': min is " + min + ", not 0");
        }
        ChoiceTensor tensor = new ChoiceTensor(input, dimensions, scale, high, because);
        inputs.add(tensor);
        size = tensor.size();
      }
      for (RoundTensor.Dimension dimension : dimensions) {
        Integer other = axisLengths.putIfAbsent(dimension.axis(), dimension.length());
        if (other != null && other != dimension.length()) {
          throw new InvalidModelException(
              "input '"
                  + input
                  + "': axis '"
                  + dimension.axis()
                  + "' has length "
                  + dimension.length()
                  + " here and "
                  + other
                  + " before");
        }
      }
      List<Expr> elements = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        Node node =
            switch (kind) {
              case HOLDING -> new Node.Holding(offset + i);
              case COEFFICIENT -> new Node.Coefficient(offset + i);
              case CHOICE -> new Node.Choice(offset + i);
            };
        elements.add(new Expr(MarginModelBuilder.this, intern(node), scale));
      }
      ExprArray array = new ExprArray(elements, lengths);
      declared.put(input, array);
      return array;
    }

    /** Declares a single element, such as cash. */
    public Expr single() {
      if (!dimensions.isEmpty()) {
        throw new InvalidModelException("input '" + input + "' has dimensions, it is not single");
      }
      return array().get();
    }

    private long bound(String text) {
      try {
        return Decimals.parse(
            "bound of input '" + input + "'",
            text,
            scale,
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            RoundingMode.UNNECESSARY);
      } catch (InvalidFormatException e) {
        throw new InvalidModelException(e.getMessage());
      }
    }
  }

  /** N of the threshold N/D. */
  public Expr numerator() {
    return new Expr(this, intern(new Node.Threshold(Node.Threshold.Part.NUMERATOR)), 0);
  }

  /** D of the threshold N/D. */
  public Expr denominator() {
    return new Expr(this, intern(new Node.Threshold(Node.Threshold.Part.DENOMINATOR)), 0);
  }

  /** An integer. */
  public Expr constant(long value) {
    return new Expr(this, constantNode(BigInteger.valueOf(value)), 0);
  }

  /** An exact decimal, with the decimals that are written. */
  public Expr constant(String decimal) {
    BigDecimal value = decimal(decimal);
    return new Expr(this, constantNode(value.unscaledValue()), value.scale());
  }

  static BigDecimal decimal(String text) {
    try {
      BigDecimal value = new BigDecimal(text);
      return value.scale() < 0 ? value.setScale(0) : value;
    } catch (NumberFormatException e) {
      throw new InvalidModelException("constant '" + text + "' is not a decimal");
    }
  }

  /** The sum of the expressions; zero if there are none. */
  public Expr sum(List<Expr> expressions) {
    int scale = expressions.stream().mapToInt(Expr::scale).max().orElse(0);
    Linear linear = new Linear();
    for (Expr expression : expressions) {
      linear.add(own(expression).node, powerOfTen(scale - expression.scale));
    }
    return new Expr(this, linear.toNode(), scale);
  }

  /** The sum of the expressions. */
  public Expr sum(Expr... expressions) {
    return sum(Arrays.asList(expressions));
  }

  /** The largest of the expressions, of which there is at least one, by a balanced tournament. */
  public Expr max(List<Expr> expressions) {
    if (expressions.isEmpty()) {
      throw new InvalidModelException("max of nothing");
    }
    List<Expr> round = expressions;
    while (round.size() > 1) {
      List<Expr> winners = new ArrayList<>();
      for (int i = 0; i + 1 < round.size(); i += 2) {
        winners.add(round.get(i).max(round.get(i + 1)));
      }
      if (round.size() % 2 == 1) {
        winners.add(round.get(round.size() - 1));
      }
      round = winners;
    }
    return own(round.get(0));
  }

  /** The smallest of the expressions, of which there is at least one. */
  public Expr min(List<Expr> expressions) {
    return max(expressions.stream().map(Expr::negate).toList()).negate();
  }

  /** Demands that the expression is at least zero. */
  public void assertNonNegative(String assertion, Expr expression) {
    ModelInputs.requireName("assertion", assertion);
    if (assertions.stream().anyMatch(other -> other.name().equals(assertion))) {
      throw new InvalidModelException("assertion '" + assertion + "' occurs twice");
    }
    assertions.add(new Assertion(assertion, own(expression).node));
  }

  /** Names a result, for people. */
  public void output(String output, Expr expression) {
    ModelInputs.requireName("output", output);
    if (outputs.stream().anyMatch(other -> other.name().equals(output))) {
      throw new InvalidModelException("output '" + output + "' occurs twice");
    }
    outputs.add(new Output(output, own(expression).node, expression.scale));
  }

  /**
   * The model, with the nodes that assertions and outputs need.
   *
   * @throws InvalidModelException if a rule of the whole is broken: no assertion, or one that a
   *     larger attested magnitude could help
   */
  public MarginModel build() {
    BitSet needed = new BitSet();
    assertions.forEach(assertion -> needed.set(assertion.node()));
    outputs.forEach(output -> needed.set(output.node()));
    constraints.forEach(constraint -> needed.set(constraint.node()));
    for (int i = graph.size() - 1; i >= 0; i--) {
      if (needed.get(i)) {
        for (int reference : IntervalAnalysis.references(graph.node(i))) {
          needed.set(reference);
        }
      }
    }
    int[] renumbered = new int[graph.size()];
    List<Node> nodes = new ArrayList<>();
    for (int i = needed.nextSetBit(0); i >= 0; i = needed.nextSetBit(i + 1)) {
      renumbered[i] = nodes.size();
      nodes.add(renumber(graph.node(i), renumbered));
    }
    return new MarginModel(
        name,
        shape,
        inputs.copy(),
        nodes,
        assertions.stream()
            .map(assertion -> new Assertion(assertion.name(), renumbered[assertion.node()]))
            .toList(),
        outputs.stream()
            .map(output -> new Output(output.name(), renumbered[output.node()], output.scale()))
            .toList(),
        constraints.stream()
            .map(
                constraint ->
                    new Constraint(
                        constraint.name(), renumbered[constraint.node()], constraint.relation()))
            .toList(),
        labels.entrySet().stream()
            .filter(label -> needed.get(label.getKey()))
            .collect(Collectors.toMap(label -> renumbered[label.getKey()], Map.Entry::getValue)));
  }

  private static Node renumber(Node node, int[] to) {
    if (node instanceof Node.Sum sum) {
      return new Node.Sum(
          sum.terms().stream()
              .map(term -> new Node.Term(to[term.node()], term.coefficient()))
              .toList(),
          sum.constant());
    }
    if (node instanceof Node.Product product) {
      return new Node.Product(to[product.left()], to[product.right()]);
    }
    if (node instanceof Node.Maximum maximum) {
      return new Node.Maximum(to[maximum.left()], to[maximum.right()]);
    }
    if (node instanceof Node.Sign sign) {
      return new Node.Sign(to[sign.of()]);
    }
    if (node instanceof Node.Magnitude magnitude) {
      return new Node.Magnitude(to[magnitude.of()]);
    }
    if (node instanceof Node.NonZero nonZero) {
      return new Node.NonZero(to[nonZero.of()]);
    }
    if (node instanceof Node.RoundDown quotient) {
      return new Node.RoundDown(to[quotient.of()], quotient.divisor());
    }
    return node;
  }

  void label(Expr expression, String label) {
    ModelInputs.requireName("label", label);
    labels.putIfAbsent(own(expression).node, label);
  }

  Interval interval(int node) {
    return graph.interval(node);
  }

  Expr combine(Expr left, Expr right, BigInteger rightFactor) {
    int scale = Math.max(left.scale, right.scale);
    Linear linear = new Linear();
    linear.add(own(left).node, powerOfTen(scale - left.scale));
    linear.add(own(right).node, powerOfTen(scale - right.scale).multiply(rightFactor));
    return new Expr(this, linear.toNode(), scale);
  }

  Expr scaled(Expr x, BigInteger factor) {
    return rescaled(x, factor, x.scale);
  }

  Expr rescaled(Expr x, BigInteger factor, int scale) {
    Linear linear = new Linear();
    linear.add(own(x).node, factor);
    return new Expr(this, linear.toNode(), scale);
  }

  private Expr aligned(Expr x, int scale) {
    return rescaled(x, powerOfTen(scale - x.scale), scale);
  }

  Expr product(Expr left, Expr right) {
    int scale = own(left).scale + own(right).scale;
    Interval a = graph.interval(left.node);
    Interval b = graph.interval(right.node);
    if (a.isConstant()) {
      return rescaled(right, a.lo(), scale);
    }
    if (b.isConstant()) {
      return rescaled(left, b.lo(), scale);
    }
    Integer swapped = indices.get(new Node.Product(right.node, left.node));
    int node = swapped != null ? swapped : intern(new Node.Product(left.node, right.node));
    return new Expr(this, node, scale);
  }

  Expr maximum(Expr left, Expr right) {
    int scale = Math.max(own(left).scale, own(right).scale);
    Expr a = aligned(left, scale);
    Expr b = aligned(right, scale);
    if (a.interval().lo().compareTo(b.interval().hi()) >= 0) {
      return a;
    }
    if (b.interval().lo().compareTo(a.interval().hi()) >= 0 || a.node == b.node) {
      return b;
    }
    Integer swapped = indices.get(new Node.Maximum(b.node, a.node));
    int node = swapped != null ? swapped : intern(new Node.Maximum(a.node, b.node));
    return new Expr(this, node, scale);
  }

  Expr sign(Expr x) {
    return new Expr(this, intern(new Node.Sign(own(x).node)), 0);
  }

  Expr magnitude(Expr x) {
    Interval interval = graph.interval(own(x).node);
    if (interval.isNonNegative()) {
      return x;
    }
    if (interval.isNonPositive()) {
      return x.negate();
    }
    return new Expr(this, intern(new Node.Magnitude(x.node)), x.scale);
  }

  Expr nonZero(Expr x) {
    return new Expr(this, intern(new Node.NonZero(own(x).node)), 0);
  }

  /** The quotient rounded down, carrying {@code scale} decimals. */
  Expr roundDown(Expr x, BigInteger divisor, int scale) {
    if (divisor.signum() <= 0) {
      throw new InvalidModelException("divisor " + divisor + " is below 1");
    }
    int node = own(x).node;
    if (!divisor.equals(BigInteger.ONE)) {
      node = intern(new Node.RoundDown(node, divisor));
    }
    return new Expr(this, node, scale);
  }

  private Expr own(Expr expression) {
    if (expression.builder != this) {
      throw new InvalidModelException("the expression belongs to another builder");
    }
    return expression;
  }

  private int constantNode(BigInteger value) {
    return intern(new Node.Constant(value));
  }

  /** The index of a node; a node whose interval is one value becomes that constant. */
  private int intern(Node node) {
    Integer index = indices.get(node);
    if (index != null) {
      return index;
    }
    int added = graph.add(node);
    Interval interval = graph.interval(added);
    boolean input =
        node instanceof Node.Holding
            || node instanceof Node.Coefficient
            || node instanceof Node.Constant;
    if (interval.isConstant() && !input) {
      added = constantNode(interval.lo());
    }
    indices.put(node, added);
    return added;
  }

  static BigInteger powerOfTen(int exponent) {
    return BigInteger.TEN.pow(exponent);
  }

  /** A sum being collected: sums inside it are opened, equal nodes are joined. */
  private final class Linear {
    private final TreeMap<Integer, BigInteger> terms = new TreeMap<>();
    private BigInteger constant = BigInteger.ZERO;

    void add(int index, BigInteger factor) {
      if (factor.signum() == 0) {
        return;
      }
      Node node = graph.node(index);
      if (node instanceof Node.Constant value) {
        constant = constant.add(value.value().multiply(factor));
      } else if (node instanceof Node.Sum sum) {
        constant = constant.add(sum.constant().multiply(factor));
        for (Node.Term term : sum.terms()) {
          addTerm(term.node(), term.coefficient().multiply(factor));
        }
      } else {
        addTerm(index, factor);
      }
    }

    private void addTerm(int index, BigInteger factor) {
      terms.merge(index, factor, BigInteger::add);
      terms.remove(index, BigInteger.ZERO);
    }

    int toNode() {
      if (terms.isEmpty()) {
        return constantNode(constant);
      }
      Map.Entry<Integer, BigInteger> first = terms.firstEntry();
      if (terms.size() == 1 && constant.signum() == 0 && first.getValue().equals(BigInteger.ONE)) {
        return first.getKey();
      }
      List<Node.Term> list = new ArrayList<>(terms.size());
      terms.forEach((node, factor) -> list.add(new Node.Term(node, factor)));
      return intern(new Node.Sum(list, constant));
    }
  }
}
