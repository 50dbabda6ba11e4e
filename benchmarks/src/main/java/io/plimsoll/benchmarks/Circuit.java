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
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BiConsumer;

/**
 * A circuit with development keys.
 *
 * @param model its family
 * @param label short name for a table: instruments x scenarios / collaterals x tiers, or options,
 *     expiries and scenarios
 * @param shape every parameter
 * @param keyDirectory where its keys are
 * @param constraints rows of the constraint system
 * @param fftSize the least power of two not below it
 * @param coefficients of a round
 * @param holdings of an account, attested magnitudes included
 * @param gnarkVersion of the gnark that made the keys, which is the one that is measured
 */
record Circuit(
    String model,
    String label,
    Shape shape,
    Path keyDirectory,
    int constraints,
    int fftSize,
    int coefficients,
    int holdings,
    String gnarkVersion) {
  /** The family that most rows are about. */
  static final String PORTFOLIO = "portfolio";

  /** Derive's portfolio margin, whose default shape is the largest standard statement. */
  static final String PMRM = "derive-pmrm2";

  private static final String BASELINE_KEY = "baseline-";

  /**
   * Finds the circuit's keys in a cache, or makes them.
   *
   * @param family name of a model family
   * @param progress told label and stage if keys are made
   * @throws InvalidFormatException if the shape is none of the family
   */
  static Circuit prepare(
      String family, Shape shape, KeyCache cache, BiConsumer<String, SetupStage> progress)
      throws InvalidFormatException, ProvingException, IOException {
    if (!family.equals(PORTFOLIO) && !family.equals(PMRM)) {
      throw new InvalidFormatException(
          "--model is '" + family + "'; " + PORTFOLIO + " and " + PMRM + " are measured");
    }
    MarginModel model = MarginModels.byName(family).build(shape);
    Shape full = model.shape();
    String label =
        family.equals(PMRM)
            ? "pmrm %d/%d/%d"
                .formatted(full.get("options"), full.get("expiries"), full.get("scenarios"))
            : "%dx%d/%dx%d"
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
        family,
        label,
        full,
        directory,
        manifest.get("constraints").getAsInt(),
        manifest.get("fft_size").getAsInt(),
        model.coefficientCount(),
        model.holdingCount(),
        manifest.get("gnark").getAsString());
  }

  /** Rows of the circuit that hashes its table, once that has been compiled; 0 before. */
  int hashedConstraints() throws IOException {
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(keyDirectory, BASELINE_KEY + "*.key")) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        return Integer.parseInt(name.substring(BASELINE_KEY.length(), name.length() - 4));
      }
    }
    return 0;
  }
}
