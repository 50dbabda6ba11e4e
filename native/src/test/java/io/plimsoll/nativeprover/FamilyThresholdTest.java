package io.plimsoll.nativeprover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.HoldingVector;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModelFamily;
import io.plimsoll.circuits.MarginModels;
import io.plimsoll.circuits.RandomModels;
import io.plimsoll.nativeprover.ProvingException.Kind;
import io.plimsoll.verifier.BareCheck;
import io.plimsoll.verifier.Digest;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * From model over setup and proof to the verifier, for each family, on both sides of the threshold.
 */
class FamilyThresholdTest {
  private static final int STATEMENTS = 6;

  @TempDir private Path directory;

  static Stream<MarginModelFamily> families() {
    return MarginModels.all().stream();
  }

  @ParameterizedTest
  @MethodSource("families")
  void provesAtTheThresholdAndNotOneUnitBelow(MarginModelFamily family) throws Exception {
    RandomModels random = new RandomModels(41);
    MarginModel model = random.smallMember(family);
    KeyCache keys = KeyCache.at(directory);
    Digest circuitId = keys.developmentKeys(model.toByteArray(), stage -> {});
    try (SolvencyProver prover =
        StockGnarkProver.open(keys.directory(circuitId), circuitId, DevelopmentKeys.ALLOWED)) {
      // Nothing held in a round of zeros: equity and requirement are both zero.
      RandomModels.Inputs nothing =
          new RandomModels.Inputs(
              new long[model.coefficientCount()], new long[model.holdingCount()], 3, 2);
      bothSides(model, prover, keys.verifyingKey(circuitId), nothing);
      int found = 1;
      while (found < STATEMENTS) {
        RandomModels.Inputs inputs = random.inputs(model);
        RandomModels.Inputs one =
            new RandomModels.Inputs(
                inputs.coefficients(),
                random.holdingsOfOneAttester(model),
                inputs.numerator(),
                inputs.denominator());
        if (lowerToTheThreshold(model, one)) {
          bothSides(model, prover, keys.verifyingKey(circuitId), one);
          found++;
        }
      }
    }
  }

  /** Proves for holdings, lowers one of them by one unit, and fails to prove. */
  private static void bothSides(
      MarginModel model, SolvencyProver prover, Path verifyingKey, RandomModels.Inputs inputs)
      throws Exception {
    byte[] blinding = new byte[32];
    blinding[30] = 5;
    byte[] context = new byte[16];
    context[0] = (byte) 0x80;
    ProvingInput.Builder builder =
        ProvingInput.builder()
            .context(context)
            .threshold(inputs.numerator(), inputs.denominator())
            .coefficients(inputs.coefficients())
            .blinding(blinding);
    try (ProvingInput at =
        builder
            .holdings(inputs.holdings())
            .choices(best(model, inputs, inputs.holdings()))
            .build()) {
      assertTrue(
          BareCheck.accepts(
              verifyingKey,
              context,
              inputs.numerator(),
              inputs.denominator(),
              inputs.coefficients(),
              inputs.holdings(),
              blinding,
              prover.prove(at)));
    }
    long[] below = inputs.holdings().clone();
    OptionalInt decisive = decisive(model, inputs);
    if (decisive.isEmpty()) {
      // In a round of zeros a debt may be worth nothing.
      assertTrue(Arrays.stream(inputs.coefficients()).allMatch(c -> c == 0));
      return;
    }
    below[decisive.getAsInt()]--;
    try (ProvingInput one = builder.holdings(below).choices(best(model, inputs, below)).build()) {
      assertEquals(
          Kind.NOT_SOLVENT, assertThrows(ProvingException.class, () -> prover.prove(one)).kind());
    }
  }

  private static long[] best(MarginModel model, RandomModels.Inputs inputs, long[] holdings) {
    return model.choose(inputs.coefficients(), holdings, inputs.numerator(), inputs.denominator());
  }

  /** A holding of which one unit less makes the account insolvent. */
  private static OptionalInt decisive(MarginModel model, RandomModels.Inputs inputs) {
    return adjustable(model)
        .filter(
            i -> {
              long[] below = inputs.holdings().clone();
              below[i]--;
              return below[i] >= model.maxAttesters() * vector(model, i).min()
                  && !solvent(model, inputs, below);
            })
        .findFirst();
  }

  /** Halves the interval of one holding until it is the smallest that is still solvent. */
  private static boolean lowerToTheThreshold(MarginModel model, RandomModels.Inputs inputs) {
    long[] holdings = inputs.holdings();
    for (int i : adjustable(model).toArray()) {
      long before = holdings[i];
      long low = vector(model, i).min();
      long high = vector(model, i).max();
      holdings[i] = low;
      boolean always = solvent(model, inputs, holdings);
      holdings[i] = high;
      if (always || !solvent(model, inputs, holdings)) {
        holdings[i] = before;
        continue;
      }
      while (high - low > 1) {
        holdings[i] = low + (high - low) / 2;
        if (solvent(model, inputs, holdings)) {
          high = holdings[i];
        } else {
          low = holdings[i];
        }
      }
      holdings[i] = high;
      return true;
    }
    return false;
  }

  /** Holdings that no other holding depends on: neither magnitudes nor what they belong to. */
  private static IntStream adjustable(MarginModel model) {
    return IntStream.range(0, model.holdingCount())
        .filter(
            i -> {
              HoldingVector vector = vector(model, i);
              return !vector.isMagnitude()
                  && model.holdings().stream()
                      .noneMatch(other -> other.magnitudeOf().equals(vector.name()));
            });
  }

  private static HoldingVector vector(MarginModel model, int holding) {
    for (HoldingVector vector : model.holdings()) {
      int first = model.holdingOffset(vector.name());
      if (holding >= first && holding < first + vector.length()) {
        return vector;
      }
    }
    throw new AssertionError(holding);
  }

  private static boolean solvent(MarginModel model, RandomModels.Inputs inputs, long[] holdings) {
    return model
        .assess(inputs.coefficients(), holdings, inputs.numerator(), inputs.denominator())
        .solvent();
  }
}
