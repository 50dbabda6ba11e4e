package io.plimsoll.nativeprover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.HoldingVector;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModels;
import io.plimsoll.circuits.RoundTensor;
import io.plimsoll.circuits.Shape;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * {@code circuits/ledger.json} has what each standard shape costs, so that a change shows in
 * review. To update it, run this test with {@code -Dplimsoll.ledger.update=true} and commit the
 * file.
 */
class ConstraintLedgerTest {
  private static final Path LEDGER =
      Path.of(System.getProperty("plimsoll.root"), "circuits", "ledger.json");

  /** The defaults, the demonstration's shape, and sizes that the prover is measured at. */
  private static final List<String[]> STANDARD_SHAPES =
      List.of(
          new String[] {"isolated", ""},
          new String[] {"isolated", "pockets=64"},
          new String[] {"cross", ""},
          new String[] {"cross", "instruments=128,tiers=4,collaterals=8"},
          new String[] {"portfolio", ""},
          new String[] {"portfolio", "instruments=49,scenarios=21,collaterals=3,tiers=3"},
          new String[] {"portfolio", "instruments=128,scenarios=33,underlyings=2"},
          new String[] {"portfolio", "instruments=512,underlyings=4"},
          new String[] {"dydx-v4", ""},
          new String[] {"dydx-v4", "markets=64"},
          new String[] {"dydx-v4-update", ""},
          new String[] {"drift-v2", ""},
          new String[] {"drift-v2", "buffer=1"},
          new String[] {"mango-v4", ""},
          new String[] {"mango-v4", "tokens=16,spotMarkets=8,perpMarkets=8"},
          new String[] {"reg-t-strategy", ""},
          new String[] {"reg-t-strategy", "options=32"},
          new String[] {"derive-pmrm2", ""},
          new String[] {"derive-pmrm2", "reference=1"},
          new String[] {"derive-pmrm2", "options=105,reference=1,attesters=1"},
          new String[] {"derive-srm", ""});

  @Test
  void standardShapesCostWhatTheLedgerSays()
      throws InvalidFormatException, ProvingException, IOException {
    List<String> entries = new ArrayList<>();
    for (String[] standard : STANDARD_SHAPES) {
      Shape shape = standard[1].isEmpty() ? Shape.empty() : Shape.parse(standard[1]);
      MarginModel model = MarginModels.byName(standard[0]).build(shape);
      try (CompiledModel compiled = CompiledModel.compile(model.toByteArray())) {
        entries.add(entry(model, compiled.statistics()));
      }
    }
    String costs = entries.stream().collect(Collectors.joining(",\n", "[\n", "\n]\n"));
    if (Boolean.getBoolean("plimsoll.ledger.update")) {
      Files.writeString(LEDGER, costs);
    }
    String ledger = Files.exists(LEDGER) ? Files.readString(LEDGER) : "";
    assertEquals(
        ledger,
        costs,
        "what a standard shape costs has changed; if that is meant, run"
            + " mvn -pl native -am test -Dtest=ConstraintLedgerTest"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dplimsoll.ledger.update=true"
            + " and commit circuits/ledger.json");
  }

  private static String entry(MarginModel model, CircuitStatistics statistics) {
    assertTrue(
        statistics.kernelInputs().stream()
            .allMatch(input -> input > 0 && input < statistics.publicInputs() - 1));
    return """
      {
        "model": "%s",
        "shape": "%s",
        "constraints": %d,
        "fftSize": %d,
        "wires": %d,
        "publicInputs": %d,
        "decompositions": %d,
        "decomposedBits": %d,
        "kernelDimension": %d,
        "kernelInputs": "%s",
        "verifyingKeyBytes": %d,
        "provingKeyBytes": %d
      }"""
        .formatted(
            model.name(),
            model.shape(),
            statistics.constraints(),
            statistics.fftSize(),
            statistics.wires(),
            statistics.publicInputs(),
            statistics.decompositions().size(),
            statistics.decompositions().stream()
                .mapToInt(CircuitStatistics.Decomposition::bits)
                .sum(),
            statistics.kernelDimension(),
            String.join(", ", vectors(model, statistics.kernelInputs())),
            statistics.verifyingKeyBytes(),
            statistics.provingKeyBytes())
        .indent(2)
        .stripTrailing();
  }

  /** The vectors and tensors that public inputs belong to. */
  private static Set<String> vectors(MarginModel model, List<Integer> inputs) {
    Set<String> names = new LinkedHashSet<>();
    for (int input : inputs) {
      names.add(name(model, input));
    }
    return names;
  }

  private static String name(MarginModel model, int input) {
    int index = input - 3;
    if (index < 0) {
      return "threshold";
    }
    for (RoundTensor tensor : model.round()) {
      index -= tensor.size();
      if (index < 0) {
        return tensor.name();
      }
    }
    for (HoldingVector vector : model.holdings()) {
      index -= vector.length();
      if (index < 0) {
        return vector.name();
      }
    }
    throw new AssertionError(input);
  }
}
