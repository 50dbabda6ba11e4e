package io.plimsoll.benchmarks;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * All rows of one run.
 *
 * @param rows in the order in which they are shown
 */
record Report(Machine machine, List<Row> rows) {
  private static final Gson GSON =
      new GsonBuilder().serializeNulls().disableHtmlEscaping().create();

  Report {
    rows = List.copyOf(rows);
  }

  /** One JSON object per line and row. */
  void printJson(PrintWriter out) {
    json().forEach(json -> out.println(GSON.toJson(json)));
  }

  /** An object for each row. */
  List<JsonObject> json() {
    List<JsonObject> all = new ArrayList<>();
    for (Row row : rows) {
      JsonObject json = new JsonObject();
      json.addProperty("name", row.workload().rowName());
      json.addProperty("model", row.circuit().model());
      json.addProperty("shape", row.circuit().shape().toString());
      json.addProperty("cores", row.cores());
      json.addProperty("samples", row.samples());
      boolean bytes = row.workload().isBytes();
      json.addProperty("medianMicros", bytes ? null : rounded(row.median()));
      json.addProperty("p95Micros", bytes ? null : rounded(row.p95()));
      json.addProperty("p99Micros", bytes ? null : rounded(row.p99()));
      json.addProperty("bytes", bytes ? rounded(row.median()) : null);
      json.addProperty("baseline", row.workload().baseline().map(Workload::rowName).orElse(null));
      json.addProperty(
          "ratioToBaseline", row.ratioToBaseline(rows).map(Report::rounded).orElse(null));
      json.addProperty("constraints", row.constraints());
      json.addProperty("fftSize", row.fftSize());
      json.addProperty("coefficients", row.circuit().coefficients());
      json.addProperty("holdings", row.circuit().holdings());
      json.addProperty(
          "memoryBytes", row.memoryBytes().isPresent() ? row.memoryBytes().getAsLong() : null);
      json.add("machine", GSON.toJsonTree(machine));
      all.add(json);
    }
    return all;
  }

  /** Tables for people: the machine, the circuits, the times. */
  void printTable(PrintWriter out) {
    out.printf("machine  %s%n", machine.cpu());
    out.printf(
        "         %d cores, %,d MiB, load %s%n",
        machine.cores(),
        machine.memoryMebibytes(),
        machine.loadAverage() < 0 ? "unknown" : number("%.1f", machine.loadAverage()));
    out.printf("         %s; %s; gnark %s%n", machine.os(), machine.jdk(), machine.gnark());
    out.println();
    out.printf(
        "%-14s %12s %9s %13s %9s%n",
        "circuit", "constraints", "FFT size", "coefficients", "holdings");
    Set<Circuit> circuits = new LinkedHashSet<>();
    rows.forEach(row -> circuits.add(row.circuit()));
    circuits.removeIf(circuit -> circuit.constraints() == 0);
    for (Circuit circuit : circuits) {
      out.printf(
          "%-14s %,12d %,9d %,13d %,9d  %s%n",
          circuit.label(),
          circuit.constraints(),
          circuit.fftSize(),
          circuit.coefficients(),
          circuit.holdings(),
          circuit.shape());
    }
    out.println();
    out.printf(
        "%-20s %-14s %12s %12s %12s %8s %8s  %s%n",
        "milliseconds",
        "circuit",
        "median",
        "p95",
        "p99",
        "calls",
        "memory",
        "median / baseline's");
    for (Row row : rows) {
      if (row.workload().isBytes()) {
        out.printf(
            "%-20s %-14s %12s bytes%n",
            row.workload().rowName(), row.circuit().label(), number("%,.0f", row.median()));
        continue;
      }
      out.printf(
          "%-20s %-14s %12s %12s %12s %8d %8s  %s%n",
          row.workload().rowName(),
          row.circuit().label(),
          milliseconds(row.median()),
          milliseconds(row.p95()),
          milliseconds(row.p99()),
          row.samples(),
          row.memoryBytes().isPresent()
              ? number("%.0f MB", row.memoryBytes().getAsLong() / 1e6)
              : "",
          row.ratioToBaseline(rows)
              .map(ratio -> number("%.2f of ", ratio) + row.workload().baseline().get().rowName())
              .orElse(""));
    }
  }

  private static String milliseconds(double micros) {
    return number("%.3f", micros / 1_000);
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  /** To a nanosecond, or to a thousandth. */
  private static BigDecimal rounded(double value) {
    return BigDecimal.valueOf(value).setScale(3, RoundingMode.HALF_UP);
  }
}
