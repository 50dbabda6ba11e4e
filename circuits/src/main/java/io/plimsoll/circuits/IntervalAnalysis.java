package io.plimsoll.circuits;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * The interval of every node, its direction in the attested magnitudes, and the widths of the bit
 * decompositions: the rules of {@code docs/intervals.md}, which the compiler to constraints follows
 * too. Grows with the graph, so that the builder can fold what an interval decides.
 */
final class IntervalAnalysis {
  /** Every node and every intermediate stays strictly between -LIMIT and LIMIT. */
  static final BigInteger LIMIT = BigInteger.ONE.shiftLeft(250);

  static final Interval NUMERATOR = Interval.of(0, (1L << 32) - 1);
  static final Interval DENOMINATOR = Interval.of(1, (1L << 32) - 1);

  /** How a node moves when attested magnitudes grow and all other inputs stay. */
  enum Direction {
    INDEPENDENT,
    NON_DECREASING,
    NON_INCREASING,
    UNKNOWN;

    Direction join(Direction other) {
      if (this == INDEPENDENT || this == other) {
        return other;
      }
      return other == INDEPENDENT ? this : UNKNOWN;
    }

    Direction times(Interval factor) {
      if (this == INDEPENDENT || factor.isZero()) {
        return INDEPENDENT;
      }
      if (factor.isNonNegative()) {
        return this;
      }
      return factor.isNonPositive() ? opposite() : UNKNOWN;
    }

    private Direction opposite() {
      return switch (this) {
        case NON_DECREASING -> NON_INCREASING;
        case NON_INCREASING -> NON_DECREASING;
        default -> this;
      };
    }
  }

  private final ModelInputs inputs;
  private final List<Node> nodes = new ArrayList<>();
  private final List<Interval> intervals = new ArrayList<>();
  private final List<Direction> directions = new ArrayList<>();
  private final BitSet chosen = new BitSet();

  IntervalAnalysis(ModelInputs inputs) {
    this.inputs = inputs;
  }

  int size() {
    return nodes.size();
  }

  Node node(int index) {
    return nodes.get(index);
  }

  Interval interval(int node) {
    return intervals.get(node);
  }

  Direction direction(int node) {
    return directions.get(node);
  }

  /** Whether the node's value depends on what the owner chooses. */
  boolean dependsOnChoice(int node) {
    return chosen.get(node);
  }

  /** Appends a node whose references are all smaller than its index; returns the index. */
  int add(Node node) {
    int index = nodes.size();
    if (index == MarginModel.MAX_NODES) {
      throw new InvalidModelException("more than " + MarginModel.MAX_NODES + " nodes");
    }
    Interval interval = intervalOf(index, node);
    checkLimit(index, node, interval);
    boolean choice = dependsOnChoice(index, node) && !interval.isConstant();
    nodes.add(node);
    intervals.add(interval);
    directions.add(interval.isConstant() ? Direction.INDEPENDENT : directionOf(node));
    chosen.set(index, choice);
    return index;
  }

  /**
   * Whether a node depends on a choice. Refuses all that a choice must not feed: everything but
   * sums and products with what depends on none, so that each node is linear in the choices and no
   * bit is the owner's to pick.
   */
  private boolean dependsOnChoice(int index, Node node) {
    if (node instanceof Node.Choice) {
      return true;
    }
    int[] references = references(node);
    long dependent = Arrays.stream(references).filter(chosen::get).count();
    boolean allowed = node instanceof Node.Sum || (node instanceof Node.Product && dependent == 1);
    if (dependent > 0 && !allowed) {
      throw new InvalidModelException(
          "node "
              + index
              + " ("
              + node.getClass().getSimpleName()
              + ") depends on a choice; only a sum may, or a product with what depends on none");
    }
    return dependent > 0;
  }

  private Interval intervalOf(int index, Node node) {
    if (node instanceof Node.Constant constant) {
      return Interval.of(constant.value());
    }
    if (node instanceof Node.Holding holding) {
      return inputs.summedHoldingInterval(holding.index());
    }
    if (node instanceof Node.Coefficient coefficient) {
      return inputs.coefficientInterval(coefficient.index());
    }
    if (node instanceof Node.Choice choice) {
      return Interval.of(0, inputs.choiceTensor(choice.index()).max());
    }
    if (node instanceof Node.Threshold threshold) {
      return threshold.part() == Node.Threshold.Part.NUMERATOR ? NUMERATOR : DENOMINATOR;
    }
    if (node instanceof Node.Sum sum) {
      Interval total = Interval.of(sum.constant());
      for (Node.Term term : sum.terms()) {
        total = total.plus(interval(term.node()).times(term.coefficient()));
      }
      return total;
    }
    if (node instanceof Node.Product product) {
      Interval left = interval(product.left());
      if (product.left() == product.right()) {
        return left.square();
      }
      int positivePart = positivePartOf(product);
      if (positivePart >= 0) {
        return interval(positivePart).maximum(Interval.of(BigInteger.ZERO));
      }
      return left.times(interval(product.right()));
    }
    if (node instanceof Node.Sign sign) {
      Interval x = interval(sign.of());
      return Interval.of(x.isNonNegative() ? 1 : 0, x.hi().signum() < 0 ? 0 : 1);
    }
    if (node instanceof Node.Magnitude magnitude) {
      return interval(magnitude.of()).magnitude();
    }
    if (node instanceof Node.NonZero nonZero) {
      Interval x = interval(nonZero.of());
      return Interval.of(x.contains(BigInteger.ZERO) ? 0 : 1, x.isZero() ? 0 : 1);
    }
    if (node instanceof Node.Maximum maximum) {
      Interval left = interval(maximum.left());
      Interval right = interval(maximum.right());
      checkLimit(index, node, left.minus(right));
      checkLimit(index, node, left.plus(right));
      return left.maximum(right);
    }
    if (node instanceof Node.RoundDown quotient) {
      return interval(quotient.of()).roundDown(quotient.divisor());
    }
    throw new AssertionError(node);
  }

  private Direction directionOf(Node node) {
    if (node instanceof Node.Holding holding) {
      return inputs.holdingVector(holding.index()).isMagnitude()
          ? Direction.NON_DECREASING
          : Direction.INDEPENDENT;
    }
    if (node instanceof Node.Sum sum) {
      Direction total = Direction.INDEPENDENT;
      for (Node.Term term : sum.terms()) {
        total = total.join(direction(term.node()).times(Interval.of(term.coefficient())));
      }
      return total;
    }
    if (node instanceof Node.Product product) {
      int positivePart = positivePartOf(product);
      if (positivePart >= 0) {
        return direction(positivePart);
      }
      return direction(product.left())
          .times(interval(product.right()))
          .join(direction(product.right()).times(interval(product.left())));
    }
    if (node instanceof Node.Sign sign) {
      return direction(sign.of());
    }
    if (node instanceof Node.Magnitude magnitude) {
      return direction(magnitude.of()).times(interval(magnitude.of()));
    }
    if (node instanceof Node.NonZero nonZero) {
      return direction(nonZero.of()).times(interval(nonZero.of()));
    }
    if (node instanceof Node.Maximum maximum) {
      return direction(maximum.left()).join(direction(maximum.right()));
    }
    if (node instanceof Node.RoundDown quotient) {
      return direction(quotient.of());
    }
    return Direction.INDEPENDENT;
  }

  /** The node x when the product is sign(x) * x in either order, else -1. */
  private int positivePartOf(Node.Product product) {
    if (nodes.get(product.left()) instanceof Node.Sign sign && sign.of() == product.right()) {
      return product.right();
    }
    if (nodes.get(product.right()) instanceof Node.Sign sign && sign.of() == product.left()) {
      return product.left();
    }
    return -1;
  }

  private static void checkLimit(int index, Node node, Interval interval) {
    if (interval.hi().compareTo(LIMIT) >= 0 || interval.lo().negate().compareTo(LIMIT) >= 0) {
      throw new InvalidModelException(
          "node "
              + index
              + " ("
              + node.getClass().getSimpleName()
              + ") reaches "
              + interval
              + ", not strictly inside -2^250 and 2^250");
    }
  }

  /** Checks that each constraint can hold and that no attested magnitude relaxes it. */
  void checkConstraints(List<Constraint> constraints) {
    for (Constraint constraint : constraints) {
      String what = "constraint '" + constraint.name() + "'";
      Interval interval = interval(constraint.node());
      boolean equality = constraint.relation() == Constraint.Relation.ZERO;
      if (!dependsOnChoice(constraint.node())) {
        throw new InvalidModelException(what + " depends on no choice");
      }
      if (interval.hi().signum() < 0 || (equality && interval.lo().signum() > 0)) {
        throw new InvalidModelException(what + " cannot hold: its node lies in " + interval);
      }
      Direction direction = direction(constraint.node());
      if (direction != Direction.INDEPENDENT
          && (equality || direction != Direction.NON_INCREASING)) {
        throw new InvalidModelException(
            what
                + " may be relaxed by a larger attested magnitude, which is only an upper bound of"
                + " |x|");
      }
    }
  }

  /** Checks what a statement needs of its assertions. */
  void checkAssertions(List<Assertion> assertions) {
    if (assertions.isEmpty()) {
      throw new InvalidModelException("the model has no assertion");
    }
    boolean states = false;
    for (Assertion assertion : assertions) {
      Interval interval = interval(assertion.node());
      if (interval.hi().signum() < 0) {
        throw new InvalidModelException(
            "assertion '"
                + assertion.name()
                + "' cannot hold: its node lies in "
                + interval
                + ", below 0");
      }
      states |= interval.lo().signum() < 0;
      Direction direction = direction(assertion.node());
      if (direction == Direction.NON_DECREASING || direction == Direction.UNKNOWN) {
        throw new InvalidModelException(
            "assertion '"
                + assertion.name()
                + "' may grow with an attested magnitude, which is only an upper bound of |x|: a"
                + " larger magnitude must never help the owner");
      }
    }
    if (!states) {
      throw new InvalidModelException(
          "no assertion can fail on the declared intervals: the model states nothing");
    }
  }

  /** Bit decompositions of everything that has to hold depends on, in node order. */
  List<Decomposition> decompositions(List<Constraint> constraints, List<Assertion> assertions) {
    BitSet needed = new BitSet();
    for (Constraint constraint : constraints) {
      needed.set(constraint.node());
    }
    for (Assertion assertion : assertions) {
      needed.set(assertion.node());
    }
    for (int i = nodes.size() - 1; i >= 0; i--) {
      if (needed.get(i)) {
        for (int reference : references(nodes.get(i))) {
          needed.set(reference);
        }
      }
    }
    List<Decomposition> result = new ArrayList<>();
    BitSet signed = new BitSet();
    for (int i = needed.nextSetBit(0); i >= 0; i = needed.nextSetBit(i + 1)) {
      Node node = nodes.get(i);
      if (interval(i).isConstant()) {
        continue;
      }
      int of =
          node instanceof Node.Sign sign
              ? sign.of()
              : node instanceof Node.Magnitude magnitude ? magnitude.of() : -1;
      if (of >= 0 && !signed.get(of)) {
        Interval x = interval(of);
        boolean mixed =
            x.lo().signum() < 0 && x.hi().signum() > (node instanceof Node.Sign ? -1 : 0);
        if (mixed) {
          signed.set(of);
          result.add(new Decomposition(Decomposition.Kind.SIGN, of, x.signBits()));
        }
      } else if (node instanceof Node.Maximum maximum) {
        Interval left = interval(maximum.left());
        Interval right = interval(maximum.right());
        if (left.lo().compareTo(right.hi()) < 0 && right.lo().compareTo(left.hi()) < 0) {
          result.add(
              new Decomposition(Decomposition.Kind.MAXIMUM, i, left.minus(right).signBits()));
        }
      } else if (node instanceof Node.RoundDown quotient
          && !quotient.divisor().equals(BigInteger.ONE)) {
        int bits = quotient.divisor().subtract(BigInteger.ONE).bitLength();
        result.add(
            new Decomposition(Decomposition.Kind.QUOTIENT, i, bits + interval(i).quotientBits()));
      } else if (node instanceof Node.Choice) {
        result.add(new Decomposition(Decomposition.Kind.CHOICE, i, interval(i).hi().bitLength()));
      }
    }
    for (Constraint constraint : constraints) {
      Interval x = interval(constraint.node());
      if (constraint.relation() == Constraint.Relation.NON_NEGATIVE && x.lo().signum() < 0) {
        result.add(
            new Decomposition(
                Decomposition.Kind.CONSTRAINT, constraint.node(), x.hi().bitLength()));
      }
    }
    for (Assertion assertion : assertions) {
      Interval x = interval(assertion.node());
      if (x.lo().signum() < 0) {
        result.add(
            new Decomposition(Decomposition.Kind.ASSERTION, assertion.node(), x.hi().bitLength()));
      }
    }
    return List.copyOf(result);
  }

  /** Indices of the nodes that a node refers to. */
  static int[] references(Node node) {
    if (node instanceof Node.Sum sum) {
      return sum.terms().stream().mapToInt(Node.Term::node).toArray();
    }
    if (node instanceof Node.Product product) {
      return new int[] {product.left(), product.right()};
    }
    if (node instanceof Node.Maximum maximum) {
      return new int[] {maximum.left(), maximum.right()};
    }
    if (node instanceof Node.Sign sign) {
      return new int[] {sign.of()};
    }
    if (node instanceof Node.Magnitude magnitude) {
      return new int[] {magnitude.of()};
    }
    if (node instanceof Node.NonZero nonZero) {
      return new int[] {nonZero.of()};
    }
    if (node instanceof Node.RoundDown quotient) {
      return new int[] {quotient.of()};
    }
    return new int[0];
  }
}
