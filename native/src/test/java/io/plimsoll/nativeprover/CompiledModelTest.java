package io.plimsoll.nativeprover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.nativeprover.ProvingException.Kind;
import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompiledModelTest {
  private static final long[] COEFFICIENTS = {100, 30, 50, 20};

  @Test
  void statisticsDescribeTheCircuit() throws ProvingException {
    try (CompiledModel compiled = CompiledModel.compile(TestModel.bytes())) {
      CircuitStatistics statistics = compiled.statistics();
      assertEquals(4 + 4 + 3, statistics.publicInputs());
      assertTrue(statistics.constraints() > 0);
      assertTrue(statistics.wires() > statistics.publicInputs());
      assertTrue(statistics.fftSize() >= statistics.constraints());
      assertEquals(1, Integer.bitCount(statistics.fftSize()));
      // Two magnitudes and the assertion.
      assertEquals(3, statistics.decompositions().size());
      assertTrue(statistics.kernelInputs().stream().allMatch(i -> i > 0 && i < 10));
    }
  }

  @Test
  void statisticsOfOneModelAreTheSameEveryTime() throws ProvingException {
    try (CompiledModel one = CompiledModel.compile(TestModel.bytes());
        CompiledModel two = CompiledModel.compile(TestModel.bytes())) {
      assertEquals(one.statistics(), two.statistics());
    }
  }

  @Test
  void evaluatesNegativeAndPositiveNodes() throws ProvingException {
    try (CompiledModel compiled = CompiledModel.compile(TestModel.bytes())) {
      List<BigInteger> values =
          compiled.evaluate(
              3, 3, COEFFICIENTS, new long[] {10, -20, 500}, new long[0], TestModel.NODES);
      assertEquals(BigInteger.valueOf(-20), values.get(1));
      assertEquals(BigInteger.valueOf(900), values.get(TestModel.EQUITY));
      assertEquals(BigInteger.valueOf(900), values.get(TestModel.REQUIREMENT));
      assertEquals(BigInteger.ZERO, values.get(TestModel.SURPLUS));
    }
  }

  @Test
  void evaluatesInsolventHoldingsToo() throws ProvingException {
    try (CompiledModel compiled = CompiledModel.compile(TestModel.bytes())) {
      List<BigInteger> values =
          compiled.evaluate(
              3, 3, COEFFICIENTS, new long[] {10, -20, 499}, new long[0], TestModel.NODES);
      assertEquals(BigInteger.valueOf(-3), values.get(TestModel.SURPLUS));
    }
  }

  @Test
  void solvesWithoutKeys() throws ProvingException {
    try (CompiledModel compiled = CompiledModel.compile(TestModel.bytes());
        ProvingInput solvent = TestModel.atThreshold().build();
        ProvingInput below = TestModel.atThreshold().holdings(new long[] {10, -20, 499}).build()) {
      compiled.requireSatisfied(solvent);
      assertEquals(
          Kind.NOT_SOLVENT,
          assertThrows(ProvingException.class, () -> compiled.requireSatisfied(below)).kind());
    }
  }

  @Test
  void inputsOutOfBoundsAreNamed() throws ProvingException {
    try (CompiledModel compiled = CompiledModel.compile(TestModel.bytes())) {
      ProvingException e =
          assertThrows(
              ProvingException.class,
              () ->
                  compiled.evaluate(
                      3, 3, COEFFICIENTS, new long[] {4001, 0, 0}, new long[0], TestModel.NODES));
      assertEquals(Kind.INVALID_ARGUMENT, e.kind());
      assertTrue(e.getMessage().contains("holdings[0]"), e.getMessage());
      assertThrows(
          ProvingException.class,
          () ->
              compiled.evaluate(3, 3, COEFFICIENTS, new long[3], new long[0], TestModel.NODES - 1));
    }
  }

  @Test
  void aClosedModelRefusesAndKeepsItsStatistics() throws ProvingException {
    CompiledModel compiled = CompiledModel.compile(TestModel.bytes());
    compiled.close();
    compiled.close();
    assertThrows(
        IllegalStateException.class,
        () -> compiled.evaluate(3, 3, COEFFICIENTS, new long[3], new long[0], TestModel.NODES));
    assertTrue(compiled.statistics().constraints() > 0);
  }
}
