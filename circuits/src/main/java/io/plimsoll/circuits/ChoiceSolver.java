package io.plimsoll.circuits;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ojalgo.optimisation.Expression;
import org.ojalgo.optimisation.ExpressionsBasedModel;
import org.ojalgo.optimisation.Optimisation;
import org.ojalgo.optimisation.Variable;
import org.ojalgo.optimisation.integer.IntegerStrategy;
import org.ojalgo.type.context.NumberContext;

/**
 * Looks for the owner's best choice. For fixed other inputs every node is linear in the choices, so
 * this is a mixed-integer linear programme. The solver computes in floating point and only
 * proposes: its proposal is rounded to integers, and integers decide whether it fulfils every
 * constraint. Single use.
 */
final class ChoiceSolver {
  /** Milliseconds after which the best proposal so far has to do, and after which there is none. */
  private static final long SUFFICE_MILLIS = 2_000;

  private static final long ABORT_MILLIS = 10_000;

  /** Digits that a coefficient of the programme keeps before the decimal point. */
  private static final int DIGITS = 8;

  /** {@code constant + sum of coefficient * choice}. */
  private record Form(BigInteger constant, Map<Integer, BigInteger> coefficients) {
    BigInteger at(long[] choices) {
      BigInteger value = constant;
      for (Map.Entry<Integer, BigInteger> term : coefficients.entrySet()) {
        value = value.add(term.getValue().multiply(BigInteger.valueOf(choices[term.getKey()])));
      }
      return value;
    }
  }

  private final MarginModel model;
  private final Evaluation base;
  private final Map<Integer, Form> forms = new HashMap<>();

  /**
   * @param base the values of all nodes when every choice is zero
   */
  ChoiceSolver(MarginModel model, Evaluation base) {
    this.model = model;
    this.base = base;
    List<Node> nodes = model.nodes();
    for (int i = 0; i < nodes.size(); i++) {
      if (model.dependsOnChoice(i)) {
        forms.put(i, new Form(base.value(i), coefficients(nodes.get(i))));
      }
    }
  }

  private Map<Integer, BigInteger> coefficients(Node node) {
    Map<Integer, BigInteger> result = new TreeMap<>();
    if (node instanceof Node.Choice choice) {
      result.put(choice.index(), BigInteger.ONE);
    } else if (node instanceof Node.Sum sum) {
      for (Node.Term term : sum.terms()) {
        addMultiple(result, term.node(), term.coefficient());
      }
    } else if (node instanceof Node.Product product) {
      addMultiple(result, product.left(), base.value(product.right()));
      addMultiple(result, product.right(), base.value(product.left()));
    } else {
      throw new AssertionError(node);
    }
    return result;
  }

  /** Adds a multiple of a node's coefficients; nothing if the node depends on no choice. */
  private void addMultiple(Map<Integer, BigInteger> to, int node, BigInteger factor) {
    Form form = forms.get(node);
    if (form == null || factor.signum() == 0) {
      return;
    }
    form.coefficients()
        .forEach(
            (choice, coefficient) ->
                to.merge(choice, coefficient.multiply(factor), BigInteger::add));
    to.values().removeIf(coefficient -> coefficient.signum() == 0);
  }

  /** The best choice that was found; fulfils every constraint. */
  long[] solve() {
    List<Form> assertions =
        model.assertions().stream()
            .map(Assertion::node)
            .distinct()
            .map(forms::get)
            .filter(form -> form != null)
            .toList();
    long[] best = propose(assertions, false);
    if (best == null) {
      throw new NoFeasibleChoiceException(
          "the solver found no choice of "
              + String.join(", ", model.choices().stream().map(ChoiceTensor::name).toList())
              + " that fulfils every constraint of model "
              + model.name());
    }
    if (assertions.size() > 1 && !allHold(assertions, best)) {
      long[] fair = propose(assertions, true);
      return fair == null ? best : fair;
    }
    return best;
  }

  private static boolean allHold(List<Form> assertions, long[] choices) {
    return assertions.stream().allMatch(form -> form.at(choices).signum() >= 0);
  }

  /** A feasible choice with a large sum of the assertions, or null. */
  private long[] propose(List<Form> assertions, boolean allHold) {
    for (boolean integer : new boolean[] {true, false}) {
      ExpressionsBasedModel programme = programme(assertions, allHold, integer);
      Optimisation.Result result;
      try {
        result = programme.maximise();
      } catch (RuntimeException e) {
        continue; // The solver's own failure is no more than the lack of a proposal.
      }
      long[] choices = rounded(result);
      if (choices != null && isFeasible(choices) && (!allHold || allHold(assertions, choices))) {
        return choices;
      }
    }
    return null;
  }

  private ExpressionsBasedModel programme(List<Form> assertions, boolean allHold, boolean integer) {
    Optimisation.Options options = new Optimisation.Options();
    options.time_suffice = SUFFICE_MILLIS;
    options.time_abort = ABORT_MILLIS;
    options.integer(IntegerStrategy.newConfigurable().withGapTolerance(NumberContext.of(15, 12)));
    ExpressionsBasedModel programme = new ExpressionsBasedModel(options);
    Map<Integer, BigInteger> objective = new TreeMap<>();
    for (Form assertion : assertions) {
      assertion.coefficients().forEach((c, weight) -> objective.merge(c, weight, BigInteger::add));
    }
    int shift = shift(objective.values());
    List<Variable> variables = new ArrayList<>();
    for (int i = 0; i < model.choiceCount(); i++) {
      variables.add(
          programme
              .newVariable("c" + i)
              .lower(0)
              .upper(model.inputs().choiceTensor(i).max())
              .integer(integer)
              .weight(new BigDecimal(objective.getOrDefault(i, BigInteger.ZERO), shift)));
    }
    int rows = 0;
    for (Constraint constraint : model.constraints()) {
      Form form = forms.get(constraint.node());
      addRow(programme, variables, rows++, form, constraint.relation());
    }
    if (allHold) {
      for (Form assertion : assertions) {
        addRow(programme, variables, rows++, assertion, Constraint.Relation.NON_NEGATIVE);
      }
    }
    return programme;
  }

  private static void addRow(
      ExpressionsBasedModel programme,
      List<Variable> variables,
      int row,
      Form form,
      Constraint.Relation relation) {
    // Whole multiples of the divisor on the left: the bound on the right can be rounded to one.
    BigInteger divisor =
        form.coefficients().values().stream().reduce(BigInteger.ZERO, BigInteger::gcd);
    if (divisor.signum() == 0) {
      return; // all coefficients are zero on this round; the exact check has the last word
    }
    List<BigInteger> reduced =
        form.coefficients().values().stream().map(x -> x.divide(divisor)).toList();
    int shift = shift(reduced);
    Expression expression = programme.newExpression("r" + row);
    int at = 0;
    for (Integer choice : form.coefficients().keySet()) {
      expression.set(variables.get(choice), new BigDecimal(reduced.get(at++), shift));
    }
    BigInteger negated = form.constant().negate();
    if (relation == Constraint.Relation.ZERO) {
      BigDecimal level =
          new BigDecimal(negated).divide(new BigDecimal(divisor), 12, RoundingMode.HALF_EVEN);
      expression.level(level.movePointLeft(shift));
    } else {
      // The smallest integer that is at least -constant / divisor.
      BigInteger bound = Interval.roundDown(form.constant(), divisor).negate();
      expression.lower(new BigDecimal(bound, shift));
    }
  }

  /** The power of ten by which numbers are divided, so that the largest has few digits. */
  private static int shift(Iterable<BigInteger> numbers) {
    int digits = 0;
    for (BigInteger number : numbers) {
      digits = Math.max(digits, number.abs().toString().length());
    }
    return Math.max(0, digits - DIGITS);
  }

  private long[] rounded(Optimisation.Result result) {
    if (result.count() < model.choiceCount()) {
      return null;
    }
    long[] choices = new long[model.choiceCount()];
    for (int i = 0; i < choices.length; i++) {
      BigInteger value = result.get(i).setScale(0, RoundingMode.HALF_EVEN).toBigInteger();
      if (value.bitLength() > 62) {
        return null;
      }
      choices[i] = Math.max(0, Math.min(model.inputs().choiceTensor(i).max(), value.longValue()));
    }
    return choices;
  }

  private boolean isFeasible(long[] choices) {
    return model.constraints().stream()
        .allMatch(constraint -> constraint.holds(forms.get(constraint.node()).at(choices)));
  }
}
