package io.plimsoll.prover.cli;

import io.plimsoll.circuits.MarginModel;
import io.plimsoll.nativeprover.DevelopmentKeys;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.StockGnarkProver;
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
  static KeyDirectory read(Path path) throws InvalidFormatException, IOException {
    Path file = path.resolve("verifying.key");
    if (!Files.isRegularFile(file)) {
      throw new InvalidFormatException("--keys " + path + ": no file verifying.key in it");
    }
    return new KeyDirectory(path, VerifyingKey.read(Files.readAllBytes(file)));
  }

  /** The margin model, checked against the model digest that the circuit id covers. */
  MarginModel model() throws InvalidFormatException, IOException {
    Path file = path.resolve("model.bin");
    long size = Files.size(file);
    if (size > MarginModel.MAX_BYTES) {
      throw new InvalidFormatException(
          "--keys "
              + path
              + ": model.bin has "
              + size
              + " bytes, more than "
              + MarginModel.MAX_BYTES);
    }
    MarginModel model = MarginModel.read(Files.readAllBytes(file));
    if (!model.digest().equals(key.modelDigest())) {
      throw new InvalidFormatException("--keys " + path + ": model.bin is another circuit's model");
    }
    return model;
  }

  StockGnarkProver prover(DevelopmentKeys developmentKeys) throws ProvingException {
    return StockGnarkProver.open(path, key.circuitId(), developmentKeys);
  }
}
