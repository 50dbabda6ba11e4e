package io.plimsoll.benchmarks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.nativeprover.GnarkReference;
import io.plimsoll.nativeprover.ProvingInput;
import io.plimsoll.nativeprover.StockGnarkProver;
import io.plimsoll.verifier.BareRound;
import io.plimsoll.verifier.PreparedRound;
import io.plimsoll.verifier.Rejected;
import io.plimsoll.verifier.VerifiedSolvency;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is measured does what it is said to do: a benchmark of a rejected proof is worth nothing.
 */
class FixtureTest {
  @TempDir private static Path keys;
  private static Fixture fixture;
  private static StockGnarkProver gnark;

  @BeforeAll
  static void open() throws Exception {
    fixture = Fixture.open(TestKeys.circuit(keys).keyDirectory());
    gnark = fixture.openStockProver();
  }

  @AfterAll
  static void close() {
    gnark.close();
    fixture.close();
  }

  @Test
  void everySlotIsFilled() {
    assertTrue(Arrays.stream(fixture.round.coefficients()).allMatch(value -> value != 0));
    assertTrue(Arrays.stream(fixture.heldLots()).allMatch(value -> value != 0));
    assertEquals(fixture.model.holdingCount(), fixture.heldLots().length);
  }

  @Test
  void theProofIsAcceptedByBothVerifiersAndAnAlteredOneByNeither() throws Exception {
    PreparedRound prepared = fixture.prepareRound();
    byte[] proof;
    try (ProvingInput input = fixture.provingInput(prepared)) {
      proof = gnark.prove(input);
    }
    byte[] vector = fixture.fullPublicVector(prepared);
    assertInstanceOf(VerifiedSolvency.class, fixture.verify(prepared, proof));
    assertTrue(gnark.verifyWithFullVector(vector, proof));
    vector[vector.length - 1] ^= 1;
    assertFalse(gnark.verifyWithFullVector(vector, proof));
    proof[proof.length - 1] ^= 1;
    assertInstanceOf(Rejected.class, fixture.verify(prepared, proof));
  }

  @Test
  void theBaselineChecksTheSameStatementAndProofInEveryWay() throws Exception {
    PreparedRound prepared = fixture.prepareRound();
    byte[] proof;
    try (ProvingInput input = fixture.provingInput(prepared)) {
      proof = gnark.prove(input);
    }
    try (GnarkReference reference = fixture.openReference()) {
      GnarkReference.Statement statement = fixture.referenceStatement(reference, prepared);
      for (GnarkReference.Method method : GnarkReference.Method.values()) {
        assertTrue(reference.verify(method, statement, proof));
        assertEquals(3, reference.timeVerify(method, statement, proof, 3).length);
      }
      proof[proof.length - 1] ^= 1;
      for (GnarkReference.Method method : GnarkReference.Method.values()) {
        assertFalse(reference.verify(method, statement, proof));
        assertThrows(
            IllegalArgumentException.class,
            () -> reference.timeVerify(method, statement, proof, 1));
      }
    }
  }

  @Test
  void theBaselineAddsUpTheSameSums(@TempDir Path directory) throws Exception {
    SumFixture sums =
        SumFixture.open(SumCircuit.prepare(directory, TestKeys.circuit(keys), 5, 7).keyDirectory());
    try (GnarkReference reference = sums.openGnark()) {
      assertArrayEquals(sums.commit().toByteArray(), sums.gnarkCommitment(reference));
      assertArrayEquals(
          BareRound.point(sums.key, sums.round.coefficients()), sums.gnarkRound(reference));
    }
  }

  @Test
  void gnarksSumOfTheSameScalarsIsTheCommitment() throws Exception {
    assertArrayEquals(
        fixture.key.commit(fixture.heldLots(), fixture.blinding()).toByteArray(),
        gnark.publicSum(fixture.firstHolding(), fixture.commitmentScalars()));
  }

  @Test
  void theRoundsScalarsAreTheOnesOfTheFullVectorWithoutThresholdAndContext() throws Exception {
    byte[] vector = fixture.fullPublicVector(fixture.prepareRound());
    byte[] scalars = fixture.roundScalars();
    // The vector leaves out the constant one; context, N and D stand in front in both.
    assertArrayEquals(
        Arrays.copyOfRange(vector, 3 * 32, (3 + fixture.model.coefficientCount()) * 32),
        Arrays.copyOfRange(scalars, 4 * 32, scalars.length));
    byte[] constantOneAlone = new byte[4 * 32];
    constantOneAlone[31] = 1;
    assertArrayEquals(constantOneAlone, Arrays.copyOf(scalars, 4 * 32));
  }
}
