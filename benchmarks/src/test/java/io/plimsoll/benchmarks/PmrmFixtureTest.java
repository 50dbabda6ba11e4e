package io.plimsoll.benchmarks;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.plimsoll.circuits.Shape;
import io.plimsoll.nativeprover.GnarkProver;
import io.plimsoll.nativeprover.KeyCache;
import io.plimsoll.nativeprover.ProofOutcome;
import io.plimsoll.nativeprover.ProvingInput;
import io.plimsoll.verifier.InvalidFormatException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PmrmFixtureTest {
  private static final String SHAPE = "options=6,expiries=2,scenarios=3,collaterals=2";

  @TempDir private Path keys;

  @Test
  void theAccountIsSolventWithoutAZeroAndItsProofIsAccepted() throws Exception {
    Circuit circuit =
        Circuit.prepare(Circuit.PMRM, Shape.parse(SHAPE), KeyCache.at(keys), (label, stage) -> {});
    try (Fixture fixture = Fixture.open(circuit.keyDirectory());
        GnarkProver prover = fixture.openTunedProver();
        ProvingInput input = fixture.provingInput(fixture.prepareRound())) {
      for (long value : fixture.round.coefficients()) {
        assertNotEquals(0, value);
      }
      for (long value : fixture.heldLots()) {
        assertNotEquals(0, value);
      }
      fixture.requireAccepted(prover.prove(input));
      try (ProvingInput other = fixture.ofAnotherAccount(7)) {
        assertInstanceOf(ProofOutcome.Made.class, prover.proveAll(List.of(other)).get(0));
      }
    }
  }

  @Test
  void otherFamiliesHaveNoFixture() {
    assertThrows(
        InvalidFormatException.class,
        () ->
            Circuit.prepare(
                "cross-margin", Shape.empty(), KeyCache.at(keys), (label, stage) -> {}));
  }
}
