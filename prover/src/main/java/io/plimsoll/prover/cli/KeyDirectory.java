package io.plimsoll.prover.cli;

import io.plimsoll.circuits.MarginModel;
import io.plimsoll.nativeprover.DevelopmentKeys;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.SolvencyProver;
import io.plimsoll.verifier.CeremonyRecord;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.VerifyingKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A key directory, as {@code setup} makes it.
 *
 * @param path the directory, named by the circuit id
 * @param key read from {@code verifying.key}, and so what computes the circuit id
 */
record KeyDirectory(Path path, VerifyingKey key) {
  private static final String VERIFYING_KEY = "verifying.key";
  private static final String MODEL = "model.bin";
  private static final String CEREMONY = "ceremony.record";

  static KeyDirectory read(Path path) throws InvalidFormatException, IOException {
    byte[] key = file(path, VERIFYING_KEY, VerifyingKey.MAX_FILE_BYTES);
    if (!Files.exists(path.resolve(CEREMONY))) {
      return new KeyDirectory(path, VerifyingKey.read(key));
    }
    byte[] record = file(path, CEREMONY, CeremonyRecord.MAX_BYTES);
    return new KeyDirectory(path, VerifyingKey.read(key, CeremonyRecord.read(record)));
  }

  /** The margin model, checked against the model digest that the circuit id covers. */
  MarginModel model() throws InvalidFormatException, IOException {
    MarginModel model = MarginModel.read(file(path, MODEL, MarginModel.MAX_BYTES));
    if (!model.digest().equals(key.modelDigest())) {
      throw new InvalidFormatException(
          "--keys " + path + ": " + MODEL + " is another circuit's model");
    }
    return model;
  }

  private static byte[] file(Path directory, String name, long limit)
      throws InvalidFormatException, IOException {
    Path file = directory.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw new InvalidFormatException("--keys " + directory + ": no file " + name + " in it");
    }
    long size = Files.size(file);
    if (size > limit) {
      throw new InvalidFormatException(
          "--keys " + directory + ": " + name + " has " + size + " bytes, more than " + limit);
    }
    return Files.readAllBytes(file);
  }

  /** Loads the keys for the chosen prover. */
  SolvencyProver prover(ProverOption chosen, DevelopmentKeys developmentKeys)
      throws ProvingException {
    return chosen.open(path, key.circuitId(), developmentKeys);
  }
}
