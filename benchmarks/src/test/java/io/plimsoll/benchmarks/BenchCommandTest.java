package io.plimsoll.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.plimsoll.circuits.MarginModels;
import io.plimsoll.circuits.Shape;
import io.plimsoll.prover.cli.DemonstrationShape;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine;

class BenchCommandTest {
  private static final String LOCK = "jmh.ignoreLock";
  private static final Effort HARDLY_ANY = new Effort(1, 1, 0, 1, TimeValue.milliseconds(1));

  @TempDir private static Path keys;

  /**
   * JMH refuses to run twice at once on a machine, for the sake of figures that nobody reads here.
   */
  @BeforeAll
  static void ignoreLock() {
    System.setProperty(LOCK, "true");
  }

  @AfterAll
  static void restoreLock() {
    System.clearProperty(LOCK);
  }

  private record Run(int exitCode, String out, String err) {
    static Run of(String... arguments) {
      StringWriter out = new StringWriter();
      StringWriter err = new StringWriter();
      CommandLine commandLine =
          BenchCommand.commandLine(HARDLY_ANY)
              .setOut(new PrintWriter(out))
              .setErr(new PrintWriter(err));
      return new Run(commandLine.execute(arguments), out.toString(), err.toString());
    }
  }

  @Test
  void jsonHasARowForEveryWorkloadWithThePromisedFields() throws Exception {
    Run run =
        Run.of("--quick", "--json", "--shape", TestKeys.SHAPE, "--key-cache", keys.toString());
    assertEquals(0, run.exitCode(), run.err());
    List<JsonObject> rows =
        run.out().lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
    assertEquals(
        List.of(
            "prove",
            "prove-new-round",
            "prove-new-account",
            "prove-many",
            "prove-load",
            "prove-first",
            "prove-stock",
            "prove-hashed",
            "prove-to-hashed",
            "verify",
            "verify-to-jna",
            "verify-batch-64",
            "verify-batch-64-cores",
            "verify-gnark",
            "verify-gnark-fixed",
            "verify-gnark-jna",
            "verify-gnark-full",
            "verify-cold",
            "verify-allocation",
            "verifier-jar",
            "sum-round",
            "sum-round-first",
            "sum-round-first-two",
            "sum-round-gnark",
            "sum-round",
            "sum-round-first",
            "sum-round-first-two",
            "sum-round-gnark",
            "sum-commit",
            "sum-commit-gnark",
            "sum-commit",
            "sum-commit-gnark",
            "prepare-round",
            "prepare-round-gnark",
            "commit",
            "commit-gnark",
            "attest"),
        rows.stream().map(row -> row.get("name").getAsString()).toList());
    String shape =
        MarginModels.byName("portfolio").build(Shape.parse(TestKeys.SHAPE)).shape().toString();
    for (JsonObject row : rows) {
      boolean sum = row.get("name").getAsString().startsWith("sum-");
      assertEquals(!sum, row.get("shape").getAsString().equals(shape), row.toString());
      assertTrue(row.get("cores").getAsInt() >= 1);
      assertTrue(row.get("samples").getAsLong() >= 1);
      assertEquals(row.get("bytes").isJsonNull(), !row.get("medianMicros").isJsonNull());
      if (row.get("medianMicros").isJsonNull()) {
        assertTrue(row.get("bytes").getAsDouble() >= 0);
        continue;
      }
      assertTrue(row.get("medianMicros").getAsDouble() > 0);
      assertTrue(row.get("p95Micros").getAsDouble() >= row.get("medianMicros").getAsDouble());
      assertTrue(row.get("p99Micros").getAsDouble() >= row.get("p95Micros").getAsDouble());
      assertTrue(row.get("constraints").getAsInt() <= row.get("fftSize").getAsInt());
      assertEquals(row.get("baseline").isJsonNull(), row.get("ratioToBaseline").isJsonNull());
    }
    JsonObject cold = rows.get(17);
    assertEquals("verify-gnark", cold.get("baseline").getAsString());
    assertEquals(
        cold.get("medianMicros").getAsDouble() / rows.get(13).get("medianMicros").getAsDouble(),
        cold.get("ratioToBaseline").getAsDouble(),
        0.001);
  }

  @Test
  void aCommandMeasuresItsPartAndPrintsATable() {
    Run run = Run.of("round", "--quick", "--shape", TestKeys.SHAPE, "--key-cache", keys.toString());
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.out().contains("of prepare-round-gnark"), run.out());
    assertTrue(run.out().contains("3x2/2x2"), run.out());
    assertFalse(run.out().contains("verify"), run.out());
  }

  @Test
  void theServiceIsMeasuredForOneTenAndAHundredAccounts() {
    Run run =
        Run.of(
            "service",
            "--quick",
            "--json",
            "--shape",
            TestKeys.SHAPE,
            "--key-cache",
            keys.toString());
    assertEquals(0, run.exitCode(), run.err());
    List<JsonObject> rows =
        run.out().lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
    assertEquals(
        List.of(
            "service-bare-prover",
            "service-1-account",
            "service-10-accounts",
            "service-100-accounts",
            "service-1-account-slots-50ms"),
        rows.stream().map(row -> row.get("name").getAsString()).toList());
    assertEquals(
        List.of(30L, 30L, 50L, 200L, 5L),
        rows.stream().map(row -> row.get("samples").getAsLong()).toList());
    for (JsonObject row : rows) {
      double last = 0;
      for (String figure : List.of("medianMicros", "p95Micros", "p99Micros", "p999Micros")) {
        assertTrue(row.get(figure).getAsDouble() >= last, row.toString());
        last = row.get(figure).getAsDouble();
      }
      boolean isBaseline = row.get("accounts").getAsInt() == 0;
      assertEquals(isBaseline, row.get("baseline").isJsonNull());
      assertEquals(isBaseline, row.get("ratioToBaseline").isJsonNull());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"instruments=0", "instruments", "wings=2", "instruments=1,instruments=1"})
  void aShapeThatIsNoneIsBadInput(String shape) {
    Run run = Run.of("prove", "--quick", "--shape", shape, "--key-cache", keys.toString());
    assertEquals(2, run.exitCode());
    assertTrue(run.err().startsWith("plimsoll: shape"), run.err());
    assertEquals("", run.out());
  }

  @Test
  void anUnknownOptionIsBadInput() {
    assertEquals(2, Run.of("--slow").exitCode());
    assertEquals(2, Run.of("hash").exitCode());
  }

  @Test
  void theDemonstrationsShapeIsTheDemonstrations() {
    assertEquals(DemonstrationShape.SHAPE, BenchCommand.DEMONSTRATION);
  }
}
