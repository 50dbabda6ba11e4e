package io.plimsoll.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.plimsoll.circuits.Shape;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.util.MultisetStatistics;

class ReportTest {
  private static final Machine MACHINE =
      new Machine("CPU of test", 2, 4096, "OS of test", "JDK of test", "0.0.1", 0.5);

  private static Circuit circuit(int instruments) {
    try {
      return new Circuit(
          Circuit.PORTFOLIO,
          instruments + "x1/1x1",
          Shape.parse("instruments=" + instruments),
          Path.of("nowhere"),
          7_000,
          8_192,
          1_265,
          137,
          "0.0.1");
    } catch (InvalidFormatException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Row row(Workload workload, int instruments, double median) {
    return new Row(
        workload,
        circuit(instruments),
        2,
        10,
        median,
        2 * median,
        3 * median,
        7_000,
        OptionalLong.of(12_300_000));
  }

  private static String table(List<Row> rows) {
    StringWriter out = new StringWriter();
    PrintWriter writer = new PrintWriter(out);
    new Report(MACHINE, rows).printTable(writer);
    writer.flush();
    return out.toString();
  }

  @Test
  void theRatioIsOurMedianOverTheBaselinesOnTheSameCircuit() {
    Row ours = row(Workload.VERIFY, 64, 600);
    List<Row> rows =
        List.of(row(Workload.VERIFY_GNARK, 8, 1), ours, row(Workload.VERIFY_GNARK, 64, 2_400));
    assertEquals(Optional.of(0.25), ours.ratioToBaseline(rows));
    assertEquals(Optional.empty(), rows.get(0).ratioToBaseline(rows));
  }

  @Test
  void thereIsNoRatioWithoutTheBaselineOfTheSameCircuit() {
    Row ours = row(Workload.VERIFY, 64, 600);
    assertEquals(
        Optional.empty(), ours.ratioToBaseline(List.of(ours, row(Workload.VERIFY_GNARK, 8, 1))));
  }

  @Test
  void percentilesAreThoseOfAllSamples() {
    MultisetStatistics samples = new MultisetStatistics();
    for (int i = 1; i <= 100; i++) {
      samples.addValue(i, 1);
    }
    Row row = Row.of(Workload.COMMIT, circuit(64), 2, samples, 7_000, OptionalLong.empty());
    assertEquals(100, row.samples());
    assertEquals(50.5, row.median(), 0.5);
    assertEquals(95.5, row.p95(), 0.5);
    assertEquals(99.5, row.p99(), 0.5);
  }

  @Test
  void theTableHasMachineCircuitsTimesAndRatios() {
    String table =
        table(
            List.of(
                row(Workload.VERIFY, 64, 612.5),
                row(Workload.VERIFY_GNARK, 64, 2_450),
                row(Workload.PROVE_STOCK, 49, 58_000)));
    for (String part :
        List.of(
            "CPU of test",
            "4,096 MiB",
            "OS of test",
            "JDK of test",
            "gnark 0.0.1",
            "load 0.5",
            "7,000",
            "8,192",
            "1,265",
            "137",
            "instruments=49",
            "64x1/1x1",
            "12 MB",
            "0.613",
            "1.225",
            "1.838",
            "58.000",
            "0.25 of verify-gnark")) {
      assertTrue(table.contains(part), () -> part + " in\n" + table);
    }
  }

  @Test
  void jsonHasNullsWhereThereIsNoBaseline() {
    StringWriter out = new StringWriter();
    PrintWriter writer = new PrintWriter(out);
    new Report(MACHINE, List.of(row(Workload.PROVE_STOCK, 64, 58_000))).printJson(writer);
    writer.flush();
    JsonObject json = JsonParser.parseString(out.toString()).getAsJsonObject();
    assertTrue(json.get("baseline").isJsonNull());
    assertTrue(json.get("ratioToBaseline").isJsonNull());
    assertEquals("CPU of test", json.getAsJsonObject("machine").get("cpu").getAsString());
  }

  @Test
  void aMachineIsBusyWhenMoreThanHalfOfItsCoresAreTaken() {
    assertFalse(MACHINE.isBusy());
    assertTrue(new Machine("", 2, 1, "", "", "", 1.5).isBusy());
    assertFalse(new Machine("", 2, 1, "", "", "", -1).isBusy());
  }

  @Test
  void thisMachineIsDescribed() {
    Machine here = Machine.here("0.0.1");
    assertTrue(here.cores() >= 1);
    assertTrue(here.memoryMebibytes() > 0);
    for (String text : List.of(here.cpu(), here.os(), here.jdk())) {
      assertFalse(text.isBlank() || text.contains("null"), text);
    }
  }
}
