package io.plimsoll.nativeprover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.nativeprover.ProvingException.Kind;
import io.plimsoll.verifier.BareCheck;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every {@link SolvencyProver} has to do. A subclass per implementation says how to open one.
 */
abstract class SolvencyProverContract {
  private SolvencyProver prover;
  private StockGnarkProver reference;

  /** Opens the implementation on the keys of {@link TestKeys}. */
  abstract SolvencyProver open() throws ProvingException;

  @BeforeEach
  void openBoth() throws ProvingException {
    prover = open();
    reference = TestKeys.prover();
  }

  @AfterEach
  void closeBoth() {
    prover.close();
    reference.close();
  }

  private boolean accepts(ProvingInput input, byte[] proof) throws ProvingException {
    return reference.verifyWithFullVector(PublicVector.of(input), proof);
  }

  @Test
  void provesManyInputsAtOnceInTheirOrder() throws ProvingException {
    List<ProvingInput> inputs = new ArrayList<>();
    for (long cash = 498; cash < 506; cash++) {
      inputs.add(TestModel.atThreshold().holdings(new long[] {10, -20, cash}).build());
    }
    List<ProofOutcome> outcomes = prover.proveAll(inputs);
    assertEquals(inputs.size(), outcomes.size());
    for (int i = 0; i < inputs.size(); i++) {
      ProofOutcome outcome = outcomes.get(i);
      if (outcome instanceof ProofOutcome.Made made) {
        assertTrue(i >= 2, "input " + i + " is below the threshold");
        assertTrue(accepts(inputs.get(i), made.proof()));
      } else {
        assertTrue(i < 2, "input " + i + " meets the threshold");
        assertEquals(Kind.NOT_SOLVENT, ((ProofOutcome.Failed) outcome).cause().kind());
      }
    }
    inputs.forEach(ProvingInput::close);
    assertEquals(List.of(), prover.proveAll(List.of()));
    assertThrows(IllegalStateException.class, () -> prover.proveAll(inputs));
  }

  @Test
  void namesItsCircuit() {
    assertEquals(TestKeys.CIRCUIT_ID, prover.circuitId());
  }

  @Test
  void provesHoldingsExactlyAtTheThreshold() throws ProvingException {
    try (ProvingInput input = TestModel.atThreshold().build()) {
      byte[] proof = prover.prove(input);
      assertEquals(SolvencyProver.PROOF_BYTES, proof.length);
      assertTrue(accepts(input, proof));
    }
  }

  @Test
  void theVerifierThatVenuesUseAcceptsItsProofs() throws Exception {
    try (ProvingInput input = TestModel.atThreshold().build()) {
      assertTrue(
          BareCheck.accepts(
              TestKeys.CACHE.verifyingKey(TestKeys.CIRCUIT_ID),
              input.context,
              input.numerator,
              input.denominator,
              input.coefficients,
              input.holdings,
              input.blinding,
              prover.prove(input)));
    }
  }

  @Test
  void refusesHoldingsOneUnitBelowTheThreshold() {
    try (ProvingInput input = TestModel.atThreshold().holdings(new long[] {10, -20, 499}).build()) {
      assertEquals(Kind.NOT_SOLVENT, kindOf(input));
    }
  }

  @Test
  void refusesAThresholdJustAboveTheHoldings() {
    long most = (1L << 32) - 1;
    try (ProvingInput input = TestModel.atThreshold().threshold(most, most - 1).build()) {
      assertEquals(Kind.NOT_SOLVENT, kindOf(input));
    }
  }

  static Stream<Arguments> boundaries() {
    byte[] largestContext = new byte[16];
    Arrays.fill(largestContext, (byte) 0xff);
    long largest = (1L << 32) - 1;
    return Stream.of(
        valid("largest context", b -> b.context(largestContext)),
        valid("zero context", b -> b.context(new byte[16])),
        valid("blinding 0", b -> b.blinding(new byte[32])),
        valid("blinding r - 1", b -> b.blinding(bytes(PublicVector.R.subtract(BigInteger.ONE)))),
        valid("numerator 0", b -> b.threshold(0, 1)),
        valid("largest threshold", b -> b.threshold(largest, largest)),
        valid("largest denominator", b -> b.threshold(1, largest)),
        valid(
            "J_max times the largest holdings",
            b ->
                b.holdings(
                    new long[] {
                      TestModel.ATTESTERS * TestModel.MAX_POSITION,
                      TestModel.ATTESTERS * TestModel.MAX_POSITION,
                      TestModel.ATTESTERS * TestModel.MAX_CASH
                    })),
        valid("no holdings", b -> b.holdings(new long[3])),
        valid(
            "largest coefficients",
            b -> b.coefficients(new long[] {1000, 0, 1000, 0}).holdings(new long[] {1, 1, 0})));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("boundaries")
  void provesAtTheBoundsOfItsInputs(String name, UnaryOperator<ProvingInput.Builder> change)
      throws ProvingException {
    try (ProvingInput input = change.apply(TestModel.atThreshold()).build()) {
      assertTrue(accepts(input, prover.prove(input)), name);
    }
  }

  static Stream<Arguments> invalidInputs() {
    return Stream.of(
        invalid("context", b -> b.context(new byte[15])),
        invalid("context", b -> b.context(new byte[17])),
        invalid("context", b -> b.context(new byte[0])),
        invalid("numerator", b -> b.threshold(1L << 32, 1)),
        invalid("numerator", b -> b.threshold(-1, 1)),
        invalid("denominator", b -> b.threshold(1, 0)),
        invalid("denominator", b -> b.threshold(1, 1L << 32)),
        invalid("denominator", b -> b.threshold(1, -1)),
        invalid("coefficients[0]", b -> b.coefficients(new long[] {1001, 0, 0, 0})),
        invalid("coefficients[3]", b -> b.coefficients(new long[] {0, 0, 0, -1})),
        invalid("coefficients[1]", b -> b.coefficients(new long[] {0, Long.MIN_VALUE, 0, 0})),
        invalid("coefficients", b -> b.coefficients(new long[3])),
        invalid("coefficients", b -> b.coefficients(new long[5])),
        invalid("coefficients", b -> b.coefficients(new long[0])),
        invalid("holdings[0]", b -> b.holdings(new long[] {4001, 0, 0})),
        invalid("holdings[1]", b -> b.holdings(new long[] {0, -4001, 0})),
        invalid("holdings[2]", b -> b.holdings(new long[] {0, 0, Long.MAX_VALUE})),
        invalid("holdings", b -> b.holdings(new long[2])),
        invalid("holdings", b -> b.holdings(new long[4])),
        invalid("holdings", b -> b.holdings(new long[0])),
        invalid("blinding", b -> b.blinding(new byte[31])),
        invalid("blinding", b -> b.blinding(new byte[33])),
        invalid("blinding", b -> b.blinding(bytes(PublicVector.R))),
        invalid("blinding", b -> b.blinding(new byte[0])));
  }

  @ParameterizedTest(name = "{0} #{index}")
  @MethodSource("invalidInputs")
  void namesTheInputThatIsInvalid(String name, UnaryOperator<ProvingInput.Builder> change) {
    try (ProvingInput input = change.apply(TestModel.atThreshold()).build()) {
      ProvingException e = assertThrows(ProvingException.class, () -> prover.prove(input));
      assertEquals(Kind.INVALID_ARGUMENT, e.kind(), e.getMessage());
      assertTrue(e.getMessage().contains(name), e.getMessage());
    }
  }

  @Test
  void twoProofsOfOneStatementShareNoPoint() throws ProvingException {
    try (ProvingInput input = TestModel.atThreshold().build()) {
      Set<String> points = new HashSet<>();
      for (int i = 0; i < 8; i++) {
        byte[] proof = prover.prove(input);
        assertTrue(points.add(new BigInteger(1, Arrays.copyOfRange(proof, 0, 32)).toString(16)));
        assertTrue(points.add(new BigInteger(1, Arrays.copyOfRange(proof, 32, 96)).toString(16)));
        assertTrue(points.add(new BigInteger(1, Arrays.copyOfRange(proof, 96, 128)).toString(16)));
      }
    }
  }

  @Test
  void aProofIsForItsOwnStatementOnly() throws ProvingException {
    try (ProvingInput input = TestModel.atThreshold().build();
        ProvingInput other = TestModel.atThreshold().context(new byte[16]).build()) {
      assertFalse(accepts(other, prover.prove(input)));
    }
  }

  @Test
  void provesAfterAFailure() throws ProvingException {
    try (ProvingInput input = TestModel.atThreshold().build();
        ProvingInput insolvent = TestModel.atThreshold().holdings(new long[] {0, 0, -1}).build();
        ProvingInput malformed = TestModel.atThreshold().blinding(new byte[1]).build()) {
      assertEquals(Kind.NOT_SOLVENT, kindOf(insolvent));
      assertEquals(Kind.INVALID_ARGUMENT, kindOf(malformed));
      assertTrue(accepts(input, prover.prove(input)));
    }
  }

  @Test
  void manyThreadsProveAtOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        long cash = 490L + i;
        tasks.add(
            () -> {
              try (ProvingInput input =
                  TestModel.atThreshold().holdings(new long[] {10, -20, cash}).build()) {
                if (cash < 500) {
                  return kindOf(input) == Kind.NOT_SOLVENT;
                }
                return accepts(input, prover.prove(input));
              }
            });
      }
      for (Future<Boolean> result : threads.invokeAll(tasks)) {
        assertTrue(result.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void closingWhileProvingEndsEveryProofOrRefusesIt() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Boolean>> results = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        results.add(
            threads.submit(
                () -> {
                  try (ProvingInput input = TestModel.atThreshold().build()) {
                    return accepts(input, prover.prove(input));
                  } catch (IllegalStateException closed) {
                    return true;
                  }
                }));
      }
      results.get(0).get();
      prover.close();
      for (Future<Boolean> result : results) {
        assertTrue(result.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aClosedProverRefuses() {
    prover.close();
    prover.close();
    try (ProvingInput input = TestModel.atThreshold().build()) {
      assertThrows(IllegalStateException.class, () -> prover.prove(input));
    }
  }

  @Test
  void aClosedInputIsRefused() {
    ProvingInput input = TestModel.atThreshold().build();
    input.close();
    assertThrows(IllegalStateException.class, () -> prover.prove(input));
  }

  private Kind kindOf(ProvingInput input) {
    return assertThrows(ProvingException.class, () -> prover.prove(input)).kind();
  }

  private static byte[] bytes(BigInteger value) {
    byte[] minimal = value.toByteArray();
    byte[] out = new byte[32];
    System.arraycopy(minimal, 0, out, 32 - minimal.length, minimal.length);
    return out;
  }

  private static Arguments valid(String name, UnaryOperator<ProvingInput.Builder> change) {
    return Arguments.of(name, change);
  }

  private static Arguments invalid(String name, UnaryOperator<ProvingInput.Builder> change) {
    return Arguments.of(name, change);
  }
}
