package io.plimsoll.prover.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemonstrationTest {
  @Test
  void theStoryEndsAsItShould(@TempDir Path keys) {
    CommandLineTest.Run run = CommandLineTest.run("demo", "--key-cache", keys.toString());
    run.expect(PlimsollCommand.ACCEPTED);
    for (String part :
        List.of(
            "solvent until",
            "PROOF_DOES_NOT_VERIFY",
            "MISSING_ATTESTATION",
            "not solvent, no proof",
            "in grace",
            "liquidatable",
            "claimed",
            "LIQUIDATING",
            "refused: NOT_PROVEN",
            "nothing is lost",
            "is released through",
            "harbour-custody pays",
            "harbour-custody  keeps 2 BTC",
            "keel-trust       keeps 1 BTC",
            "receipts compared")) {
      assertTrue(run.out().contains(part), part);
    }
    assertEquals(8, run.out().split("refused: ", -1).length - 1, "attacks refused");
  }
}
