package io.plimsoll.benchmarks;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.openjdk.jmh.util.ListStatistics;

/** {@code bench service}: runs {@link ServiceBenchmark} in JVMs of its own and shows its rows. */
final class ServiceMeasurement {
  private static final double NANOS_PER_MICRO = 1_000;

  /**
   * What is measured.
   *
   * @param name of the row
   * @param accounts that are proven on every round; 0: the prover alone, the others' baseline
   * @param rounds enough for a 99.9th percentile of the proofs
   * @param quickRounds for a glance
   * @param slotMillis length of a release slot; 0: none
   */
  private record Scenario(
      String name, int accounts, int rounds, int quickRounds, long slotMillis) {}

  private static final Scenario BARE = new Scenario("service-bare-prover", 0, 1_000, 30, 0);

  private static final List<Scenario> ALL =
      List.of(
          BARE,
          new Scenario("service-1-account", 1, 1_000, 30, 0),
          new Scenario("service-10-accounts", 10, 150, 5, 0),
          new Scenario("service-100-accounts", 100, 30, 2, 0),
          new Scenario("service-1-account-slots-50ms", 1, 200, 5, 50));

  private record Measured(Scenario scenario, Circuit circuit, ListStatistics micros) {}

  private final boolean quick;
  private final Path java;
  private final PrintWriter progress;

  /**
   * @param java what starts the measured JVMs; this JVM's own if absent
   */
  ServiceMeasurement(boolean quick, Optional<Path> java, PrintWriter progress) {
    this.quick = quick;
    this.java = java.orElseGet(() -> Path.of(System.getProperty("java.home"), "bin", "java"));
    this.progress = progress;
  }

  /**
   * Measures and prints.
   *
   * @throws IOException if a measurement fails
   */
  void run(List<Circuit> circuits, Machine machine, boolean json, PrintWriter out)
      throws IOException {
    List<Measured> rows = new ArrayList<>();
    for (Circuit circuit : circuits) {
      for (Scenario scenario : ALL) {
        progress.printf("bench: %s %s%n", scenario.name(), circuit.label());
        progress.flush();
        rows.add(new Measured(scenario, circuit, measure(scenario, circuit)));
      }
    }
    if (json) {
      printJson(rows, machine, out);
    } else {
      printTable(rows, machine, out);
    }
    out.flush();
  }

  private ListStatistics measure(Scenario scenario, Circuit circuit) throws IOException {
    int rounds = quick ? scenario.quickRounds() : scenario.rounds();
    // The virtual machine compiles what runs often, and the service proves 100 times as much.
    int warmups = quick ? 2 : Math.max(5, 200 / Math.max(1, scenario.accounts()));
    Process process =
        new ProcessBuilder(
                java.toString(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                ServiceBenchmark.class.getName(),
                circuit.keyDirectory().toString(),
                Integer.toString(scenario.accounts()),
                Integer.toString(warmups),
                Integer.toString(rounds),
                Long.toString(scenario.slotMillis()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    ListStatistics micros = new ListStatistics();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        micros.addValue(Long.parseLong(line) / NANOS_PER_MICRO);
      }
      if (process.waitFor() != 0) {
        throw new IOException(scenario.name() + " failed");
      }
    } catch (NumberFormatException e) {
      throw new IOException(scenario.name() + " failed: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      process.destroy();
    }
    return micros;
  }

  private static double ratio(Measured row, List<Measured> rows) {
    return row.micros().getPercentile(50)
        / rows.stream()
            .filter(each -> each.scenario().equals(BARE) && each.circuit().equals(row.circuit()))
            .findFirst()
            .orElseThrow()
            .micros()
            .getPercentile(50);
  }

  private static void printJson(List<Measured> rows, Machine machine, PrintWriter out) {
    Gson gson = new GsonBuilder().serializeNulls().disableHtmlEscaping().create();
    for (Measured row : rows) {
      boolean isBaseline = row.scenario().equals(BARE);
      JsonObject json = new JsonObject();
      json.addProperty("name", row.scenario().name());
      json.addProperty("shape", row.circuit().shape().toString());
      json.addProperty("cores", machine.cores());
      json.addProperty("samples", row.micros().getN());
      json.addProperty("accounts", row.scenario().accounts());
      json.addProperty("medianMicros", rounded(row.micros().getPercentile(50)));
      json.addProperty("p95Micros", rounded(row.micros().getPercentile(95)));
      json.addProperty("p99Micros", rounded(row.micros().getPercentile(99)));
      json.addProperty("p999Micros", rounded(row.micros().getPercentile(99.9)));
      json.addProperty("baseline", isBaseline ? null : BARE.name());
      json.addProperty("ratioToBaseline", isBaseline ? null : rounded(ratio(row, rows)));
      json.addProperty("constraints", row.circuit().constraints());
      json.add("machine", gson.toJsonTree(machine));
      out.println(gson.toJson(json));
    }
  }

  private static void printTable(List<Measured> rows, Machine machine, PrintWriter out) {
    out.printf(
        "machine  %s, %d cores, load %.1f%n",
        machine.cpu(), machine.cores(), machine.loadAverage());
    out.println("from a round's publication to the verified proof of an account");
    out.println();
    out.printf(
        "%-30s %-14s %10s %10s %10s %10s %8s  %s%n",
        "milliseconds",
        "circuit",
        "median",
        "p95",
        "p99",
        "p99.9",
        "proofs",
        "median / baseline's");
    for (Measured row : rows) {
      out.printf(
          "%-30s %-14s %10s %10s %10s %10s %8d  %s%n",
          row.scenario().name(),
          row.circuit().label(),
          milliseconds(row.micros().getPercentile(50)),
          milliseconds(row.micros().getPercentile(95)),
          milliseconds(row.micros().getPercentile(99)),
          milliseconds(row.micros().getPercentile(99.9)),
          row.micros().getN(),
          row.scenario().equals(BARE)
              ? ""
              : String.format(Locale.ROOT, "%.2f of %s", ratio(row, rows), BARE.name()));
    }
  }

  private static String milliseconds(double micros) {
    return String.format(Locale.ROOT, "%.3f", micros / NANOS_PER_MICRO);
  }

  private static BigDecimal rounded(double value) {
    return BigDecimal.valueOf(value).setScale(3, RoundingMode.HALF_UP);
  }
}
