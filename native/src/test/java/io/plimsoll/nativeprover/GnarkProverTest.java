package io.plimsoll.nativeprover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GnarkProverTest extends SolvencyProverContract {
  @TempDir Path temporary;

  @Override
  SolvencyProver open() throws ProvingException {
    return GnarkProver.open(TestKeys.directory(), TestKeys.CIRCUIT_ID, DevelopmentKeys.ALLOWED);
  }

  @Test
  void aDamagedBundleIsMadeAgain() throws Exception {
    Path directory = copyOfTheKeys();
    prove(directory);
    Path bundle = directory.resolve("prover.bundle");
    byte[] whole = Files.readAllBytes(bundle);
    byte[] damaged = whole.clone();
    damaged[damaged.length / 2] ^= 1;
    Files.delete(bundle);
    Files.write(bundle, damaged);
    prove(directory);
    assertNotEquals(damaged[damaged.length / 2], Files.readAllBytes(bundle)[whole.length / 2]);
  }

  @Test
  void aBundleOfOtherKeysIsMadeAgain() throws Exception {
    Path directory = copyOfTheKeys();
    prove(directory);
    Path bundle = directory.resolve("prover.bundle");
    byte[] foreign = Files.readAllBytes(bundle);
    foreign[64] ^= 1;
    Files.delete(bundle);
    Files.write(bundle, foreign);
    prove(directory);
    assertNotEquals(foreign[64], Files.readAllBytes(bundle)[64]);
  }

  private Path copyOfTheKeys() throws IOException {
    Path copy = Files.createDirectory(temporary.resolve(TestKeys.CIRCUIT_ID.toString()));
    for (String file :
        new String[] {
          "model.bin", "circuit.r1cs", "proving.key", "verifying.key", "manifest.json"
        }) {
      Files.copy(TestKeys.directory().resolve(file), copy.resolve(file));
    }
    return copy;
  }

  private static void prove(Path directory) throws ProvingException {
    try (SolvencyProver prover =
            GnarkProver.open(directory, TestKeys.CIRCUIT_ID, DevelopmentKeys.ALLOWED);
        StockGnarkProver reference = TestKeys.prover();
        ProvingInput input = TestModel.atThreshold().build()) {
      byte[] proof = prover.prove(input);
      assertEquals(SolvencyProver.PROOF_BYTES, proof.length);
      assertTrue(reference.verifyWithFullVector(PublicVector.of(input), proof));
    }
  }
}
