package io.plimsoll.benchmarks;

import com.google.gson.JsonParser;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModels;
import io.plimsoll.circuits.Shape;
import io.plimsoll.nativeprover.KeyCache;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.SetupStage;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BiConsumer;

/**
 * A {@code portfolio} circuit with development keys.
 *
 * @param label short name for a table: instruments x scenarios / collaterals x tiers
 * @param shape every parameter
 * @param keyDirectory where its keys are
 * @param constraints rows of the constraint system
 * @param fftSize the least power of two not below it
 * @param coefficients of a round
 * @param holdings of an account, attested magnitudes included
 * @param gnarkVersion of the gnark that made the keys, which is the one that is measured
 */
record Circuit(
    String label,
    Shape shape,
    Path keyDirectory,
    int constraints,
    int fftSize,
    int coefficients,
    int holdings,
    String gnarkVersion) {
  private static final String FAMILY = "portfolio";

  /**
   * Finds the circuit's keys in a cache, or makes them.
   *
   * @param progress told label and stage if keys are made
   * @throws InvalidFormatException if the shape is none of the family
   */
  static Circuit prepare(Shape shape, KeyCache cache, BiConsumer<String, SetupStage> progress)
      throws InvalidFormatException, ProvingException, IOException {
    MarginModel model = MarginModels.byName(FAMILY).build(shape);
    Shape full = model.shape();
    String label =
        "%dx%d/%dx%d"
            .formatted(
                full.get("instruments"),
                full.get("scenarios"),
                full.get("collaterals"),
                full.get("tiers"));
    Digest circuitId =
        cache.developmentKeys(model.toByteArray(), stage -> progress.accept(label, stage));
    Path directory = cache.directory(circuitId);
    var manifest =
        JsonParser.parseString(Files.readString(directory.resolve("manifest.json")))
            .getAsJsonObject();
    return new Circuit(
        label,
        full,
        directory,
        manifest.get("constraints").getAsInt(),
        manifest.get("fft_size").getAsInt(),
        model.coefficientCount(),
        model.holdingCount(),
        manifest.get("gnark").getAsString());
  }
}
