package io.plimsoll.nativeprover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.Evaluation;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModelFamily;
import io.plimsoll.circuits.MarginModels;
import io.plimsoll.circuits.RandomModels;
import io.plimsoll.nativeprover.ProvingException.Kind;
import java.math.BigInteger;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A model has two interpreters: the circuit, compiled in Go, and Java's evaluator. Node by node
 * they must give the same integers, and the circuit must have a solution exactly when every
 * assertion holds.
 */
class CircuitDifferentialTest {
  private static final int RANDOM_MODELS = 3_000;
  private static final int MEMBERS_OF_EACH_FAMILY = 40;
  private static final int INPUTS_OF_EACH_MEMBER = 10;

  @Test
  void randomModelsHaveTheSameValuesInBothInterpreters() throws ProvingException {
    RandomModels random = new RandomModels(7);
    int solvent = 0;
    for (int i = 0; i < RANDOM_MODELS; i++) {
      RandomModels.Case c = random.next();
      try (CompiledModel compiled = CompiledModel.compile(c.model().toByteArray())) {
        compare(i, compiled, c.model(), c.inputs(), c.evaluation());
      }
      solvent += c.solvent() ? 1 : 0;
    }
    // Neither verdict may be rare, or the comparison would mean little.
    assertTrue(
        solvent > RANDOM_MODELS / 5 && solvent < RANDOM_MODELS * 4 / 5, "solvent: " + solvent);
  }

  static Stream<MarginModelFamily> families() {
    return MarginModels.all().stream();
  }

  @ParameterizedTest
  @MethodSource("families")
  void membersOfAFamilyHaveTheSameValuesInBothInterpreters(MarginModelFamily family)
      throws ProvingException {
    RandomModels random = new RandomModels(family.name().hashCode());
    for (int i = 0; i < MEMBERS_OF_EACH_FAMILY; i++) {
      MarginModel model = random.smallMember(family);
      try (CompiledModel compiled = CompiledModel.compile(model.toByteArray())) {
        for (int j = 0; j < INPUTS_OF_EACH_MEMBER; j++) {
          RandomModels.Inputs inputs = random.inputs(model);
          compare(i, compiled, model, inputs, RandomModels.evaluate(model, inputs));
        }
      }
    }
  }

  private static void compare(
      int index,
      CompiledModel compiled,
      MarginModel model,
      RandomModels.Inputs inputs,
      Evaluation expected)
      throws ProvingException {
    List<BigInteger> actual =
        compiled.evaluate(
            inputs.numerator(),
            inputs.denominator(),
            inputs.coefficients(),
            inputs.holdings(),
            expected.choices(),
            model.nodes().size());
    for (int node = 0; node < actual.size(); node++) {
      int at = node;
      assertEquals(
          expected.value(node),
          actual.get(node),
          () -> "model " + index + ", node " + at + ": " + model.nodes().get(at));
    }
    boolean solvent =
        model.assertions().stream()
            .allMatch(assertion -> expected.value(assertion.node()).signum() >= 0);
    assertEquals(solvent, satisfied(compiled, inputs, expected.choices()), () -> "model " + index);
  }

  private static boolean satisfied(
      CompiledModel compiled, RandomModels.Inputs inputs, long[] choices) throws ProvingException {
    byte[] blinding = new byte[32];
    blinding[31] = 1;
    try (ProvingInput input =
        ProvingInput.builder()
            .context(new byte[16])
            .threshold(inputs.numerator(), inputs.denominator())
            .coefficients(inputs.coefficients())
            .holdings(inputs.holdings())
            .choices(choices)
            .blinding(blinding)
            .build()) {
      compiled.requireSatisfied(input);
      return true;
    } catch (ProvingException e) {
      if (e.kind() == Kind.NOT_SOLVENT) {
        return false;
      }
      throw e;
    }
  }
}
