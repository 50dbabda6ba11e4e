package io.plimsoll.benchmarks;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The figures of {@code docs/benchmarks.md}: tables and plots of rows in the form that {@code
 * --json} prints. What there are no rows for is left out.
 *
 * @param rows of any number of runs on one machine
 */
record Figures(List<JsonObject> rows) {
  static final String DATA = "benchmarks.json";
  static final String PLOTS = "plots";
  private static final String DOCUMENT = "benchmarks.md";
  private static final String BEGIN = "<!-- figures: written by bin/plimsoll bench report -->";
  private static final String END = "<!-- end of figures -->";
  private static final double MICROS = 1_000;
  private static final Pattern NUMBER_AT_END = Pattern.compile("(\\d+)$");
  private static final Pattern PARAMETER = Pattern.compile("(\\w+)=(\\d+)");

  Figures {
    rows = List.copyOf(rows);
  }

  /** Reads what {@link #write} wrote. */
  static Figures read(Path directory) throws IOException, InvalidFormatException {
    List<JsonObject> rows = new ArrayList<>();
    for (String line : Files.readAllLines(directory.resolve(DATA))) {
      if (!line.isBlank()) {
        rows.add(parse(DATA, line));
      }
    }
    return new Figures(rows);
  }

  /** A row in its line. */
  static JsonObject parse(String source, String line) throws InvalidFormatException {
    try {
      return JsonParser.parseString(line).getAsJsonObject();
    } catch (RuntimeException e) {
      throw new InvalidFormatException(source + ": a line is no JSON object: " + e.getMessage());
    }
  }

  /**
   * Writes rows, plots and, if there is a document with the two marks, what stands between them.
   */
  void write(Path directory) throws IOException {
    Files.createDirectories(directory.resolve(PLOTS));
    StringBuilder data = new StringBuilder();
    rows.forEach(row -> data.append(row).append('\n'));
    Files.writeString(directory.resolve(DATA), data);
    Map<String, String> plots = plots();
    for (Map.Entry<String, String> plot : plots.entrySet()) {
      Files.writeString(directory.resolve(PLOTS).resolve(plot.getKey() + ".svg"), plot.getValue());
    }
    Path document = directory.resolve(DOCUMENT);
    if (Files.isRegularFile(document)) {
      Files.writeString(document, replaced(Files.readString(document), markdown(plots.keySet())));
    }
  }

  static String replaced(String document, String figures) {
    int begin = document.indexOf(BEGIN);
    int end = document.indexOf(END);
    if (begin < 0 || end < begin) {
      return document;
    }
    return document.substring(0, begin + BEGIN.length())
        + "\n\n"
        + figures
        + document.substring(end);
  }

  /** SVG by name, of what there are rows for. */
  Map<String, String> plots() {
    Map<String, String> plots = new LinkedHashMap<>();
    ratios().ifPresent(svg -> plots.put("prove-ratio", svg));
    growth("instruments", "scenarios", 16).ifPresent(svg -> plots.put("prove-instruments", svg));
    growth("scenarios", "instruments", 64).ifPresent(svg -> plots.put("prove-scenarios", svg));
    memory().ifPresent(svg -> plots.put("prove-memory", svg));
    latency().ifPresent(svg -> plots.put("service-latency", svg));
    return plots;
  }

  private Optional<String> ratios() {
    List<Plot.Group> groups = new ArrayList<>();
    for (String statement : main()) {
      List<Plot.Bar> bars = new ArrayList<>();
      for (int cores : cores()) {
        find("prove", statement, cores)
            .flatMap(row -> number(row, "ratioToBaseline"))
            .ifPresent(
                ratio ->
                    bars.add(
                        new Plot.Bar(
                            cores == 1 ? "on 1 core" : "on " + cores + " cores",
                            cores == 1 ? 1 : 0,
                            1 / ratio,
                            format("%.1f", 1 / ratio))));
      }
      if (!bars.isEmpty()) {
        groups.add(new Plot.Group(statement, bars));
      }
    }
    return groups.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Plot.bars(
                "How many times faster than gnark",
                "One proof of the same statement with the same keys in the same run; medians",
                groups));
  }

  private Optional<String> growth(String axis, String fixed, int value) {
    List<Plot.Line> lines = new ArrayList<>();
    int colour = 0;
    for (String[] line : new String[][] {{"prove", "Plimsoll"}, {"prove-stock", "gnark"}}) {
      Map<Integer, Double> points = new TreeMap<>();
      for (JsonObject row : rows) {
        Map<String, Integer> shape = shape(row);
        if (text(row, "name").equals(line[0])
            && text(row, "model").equals(Circuit.PORTFOLIO)
            && shape.getOrDefault(fixed, 0) == value
            && shape.getOrDefault("collaterals", 0) == 8
            && (int) number(row, "cores").orElse(0.0).doubleValue() == mostCores()) {
          number(row, "medianMicros")
              .ifPresent(micros -> points.put(shape.get(axis), micros / MICROS));
        }
      }
      if (points.size() > 1) {
        lines.add(
            new Plot.Line(
                line[1],
                colour,
                points.entrySet().stream()
                    .map(point -> new Plot.Point(point.getKey(), point.getValue()))
                    .toList()));
      }
      colour++;
    }
    return lines.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Plot.logarithmic(
                "One proof by " + axis,
                value
                    + " "
                    + fixed
                    + ", 8 collaterals x 4 tiers, "
                    + mostCores()
                    + " cores; medians",
                axis,
                "milliseconds",
                lines));
  }

  private Optional<String> memory() {
    List<Plot.Group> groups = new ArrayList<>();
    for (String statement : statements()) {
      List<Plot.Bar> bars = new ArrayList<>();
      for (String[] bar : new String[][] {{"prove", "Plimsoll"}, {"prove-stock", "gnark"}}) {
        find(bar[0], statement, mostCores())
            .flatMap(row -> number(row, "memoryBytes"))
            .ifPresent(
                bytes ->
                    bars.add(
                        new Plot.Bar(
                            bar[1], bars.size(), bytes / 1e6, format("%.0f MB", bytes / 1e6))));
      }
      if (!bars.isEmpty()) {
        groups.add(new Plot.Group(statement, bars));
      }
    }
    return groups.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Plot.bars(
                "Memory of a prover",
                "Growth of a process's resident memory by opening the keys and 21 proofs, in MB",
                groups));
  }

  private Optional<String> latency() {
    Map<Integer, JsonObject> byAccounts = new TreeMap<>();
    for (JsonObject row : rows) {
      // Release slots and the bare prover are in the table.
      if (text(row, "name").startsWith("service")
          && !text(row, "name").contains("slots")
          && number(row, "p999Micros").isPresent()
          && number(row, "medianMicros").isPresent()) {
        accounts(row)
            .filter(accounts -> accounts > 0)
            .ifPresent(accounts -> byAccounts.putIfAbsent(accounts, row));
      }
    }
    if (byAccounts.isEmpty()) {
      return Optional.empty();
    }
    List<Plot.Line> lines = new ArrayList<>();
    for (String[] line :
        new String[][] {
          {"p999Micros", "p99.9"}, {"p99Micros", "p99"}, {"medianMicros", "median"}
        }) {
      List<Plot.Point> points = new ArrayList<>();
      byAccounts.forEach(
          (accounts, row) ->
              number(row, line[0])
                  .ifPresent(micros -> points.add(new Plot.Point(accounts, micros / MICROS))));
      lines.add(new Plot.Line(line[1], 2 - lines.size(), points));
    }
    return Optional.of(
        Plot.logarithmic(
            "From a published round to a verified proof",
            "Through the service, for every account on every round",
            "accounts",
            "milliseconds",
            lines));
  }

  private static Optional<Integer> accounts(JsonObject row) {
    Optional<Double> field = number(row, "accounts");
    if (field.isPresent()) {
      return Optional.of(field.get().intValue());
    }
    Integer parameter = shape(row).get("accounts");
    if (parameter != null) {
      return Optional.of(parameter);
    }
    Matcher end = NUMBER_AT_END.matcher(text(row, "name"));
    return end.find() ? Optional.of(Integer.parseInt(end.group(1))) : Optional.empty();
  }

  /** Tables and references to plots. */
  String markdown(Set<String> plots) {
    StringBuilder out = new StringBuilder();
    rows.stream()
        .filter(row -> row.has("machine"))
        .findFirst()
        .map(row -> row.getAsJsonObject("machine"))
        .ifPresent(
            machine ->
                out.append(
                    format(
                        "%s with %.0f cores, %.0f MiB; %s; %s; gnark %s; load %.1f at the start.\n\n",
                        text(machine, "cpu"),
                        number(machine, "cores").orElse(0.0),
                        number(machine, "memoryMebibytes").orElse(0.0),
                        text(machine, "os"),
                        text(machine, "jdk"),
                        text(machine, "gnark"),
                        number(machine, "loadAverage").orElse(0.0))));
    ratioTable(out);
    proofTable(out);
    latencyTable(out);
    otherTable(out);
    for (String plot : plots) {
      out.append("![%s](%s/%s.svg)\n\n".formatted(plot.replace('-', ' '), PLOTS, plot));
    }
    return out.toString();
  }

  private void ratioTable(StringBuilder out) {
    StringBuilder lines = new StringBuilder();
    for (String statement : main()) {
      StringBuilder line = new StringBuilder("| " + statement + " |");
      boolean any = false;
      Optional<JsonObject> most = find("prove", statement, mostCores());
      line.append(
          most.flatMap(row -> number(row, "constraints"))
              .map(rows -> format(" %,.0f |", rows))
              .orElse(" |"));
      for (int cores : cores()) {
        Optional<Double> ratio =
            find("prove", statement, cores).flatMap(row -> number(row, "ratioToBaseline"));
        any |= ratio.isPresent();
        line.append(ratio.map(r -> format(" **%.1f x** |", 1 / r)).orElse(" |"));
      }
      line.append(
          find("prove-to-hashed", statement, mostCores())
              .flatMap(row -> number(row, "ratioToBaseline"))
              .map(r -> format(" %.0f x |", 1 / r))
              .orElse(" |"));
      if (any) {
        lines.append(line).append('\n');
      }
    }
    if (lines.isEmpty()) {
      return;
    }
    out.append("| Times faster than gnark | constraints |");
    StringBuilder rule = new StringBuilder("|---|---|");
    for (int cores : cores()) {
      out.append(cores == 1 ? " 1 core |" : " " + cores + " cores |");
      rule.append("---|");
    }
    out.append(" than hashing the table in the circuit |\n").append(rule).append("---|\n");
    out.append(lines).append('\n');
  }

  private void proofTable(StringBuilder out) {
    table(
        out,
        row ->
            text(row, "name").startsWith("prove") && !text(row, "name").equals("prove-to-hashed"));
  }

  private void latencyTable(StringBuilder out) {
    table(out, row -> text(row, "name").startsWith("service"));
  }

  private void otherTable(StringBuilder out) {
    table(
        out,
        row -> !text(row, "name").startsWith("prove") && !text(row, "name").startsWith("service"));
  }

  private void table(StringBuilder out, Predicate<JsonObject> which) {
    List<JsonObject> chosen =
        rows.stream()
            .filter(which)
            .filter(row -> number(row, "medianMicros").isPresent())
            .sorted(
                Comparator.comparing((JsonObject row) -> statements().indexOf(statement(row)))
                    .thenComparing(row -> -number(row, "cores").orElse(0.0)))
            .toList();
    if (chosen.isEmpty()) {
      return;
    }
    boolean tail = chosen.stream().anyMatch(row -> number(row, "p999Micros").isPresent());
    out.append("| Row | statement | cores | median, ms | p95 | p99 |");
    out.append(tail ? " p99.9 |" : "").append(" samples | memory, MB | / baseline |\n");
    out.append(
        tail
            ? "|---|---|---|---|---|---|---|---|---|---|\n"
            : "|---|---|---|---|---|---|---|---|---|\n");
    for (JsonObject row : chosen) {
      out.append("| `%s` | %s |".formatted(text(row, "name"), statement(row)));
      out.append(format(" %.0f |", number(row, "cores").orElse(0.0)));
      for (String field : List.of("medianMicros", "p95Micros", "p99Micros")) {
        out.append(millis(row, field));
      }
      out.append(tail ? millis(row, "p999Micros") : "");
      out.append(number(row, "samples").map(n -> format(" %,.0f |", n)).orElse(" |"));
      out.append(
          number(row, "memoryBytes").map(bytes -> format(" %.0f |", bytes / 1e6)).orElse(" |"));
      out.append(
              number(row, "ratioToBaseline")
                  .map(ratio -> format(" %.3f of `%s` |", ratio, text(row, "baseline")))
                  .orElse(" |"))
          .append('\n');
    }
    out.append('\n');
  }

  private static String millis(JsonObject row, String field) {
    return number(row, field)
        .map(micros -> micros / MICROS)
        .map(ms -> format(ms >= 100 ? " %.0f |" : ms >= 10 ? " %.1f |" : " %.2f |", ms))
        .orElse(" |");
  }

  /** Names of the statements, in their order. */
  private List<String> statements() {
    Set<String> statements = new LinkedHashSet<>();
    rows.forEach(row -> statements.add(statement(row)));
    return List.copyOf(statements);
  }

  /** Statements that were proven on every number of cores. */
  private List<String> main() {
    return statements().stream()
        .filter(
            statement ->
                cores().stream().allMatch(cores -> find("prove", statement, cores).isPresent()))
        .toList();
  }

  private static String statement(JsonObject row) {
    Map<String, Integer> shape = shape(row);
    if (shape.containsKey("instruments")) {
      String size = shape.get("instruments") + " x " + shape.get("scenarios");
      return shape.get("collaterals") == 8 && shape.get("tiers") == 4
          ? size
          : size + ", " + shape.get("collaterals") + " x " + shape.get("tiers");
    }
    if (shape.containsKey("expiries")) {
      return "PMRM, " + shape.get("options") + " options";
    }
    return text(row, "shape");
  }

  private Optional<JsonObject> find(String name, String statement, int cores) {
    return rows.stream()
        .filter(row -> text(row, "name").equals(name))
        .filter(row -> statement(row).equals(statement))
        .filter(row -> number(row, "cores").orElse(0.0) == cores)
        .findFirst();
  }

  /** What there are rows for, the most first. */
  private List<Integer> cores() {
    return rows.stream()
        .filter(row -> text(row, "name").equals("prove"))
        .map(row -> number(row, "cores").orElse(0.0).intValue())
        .distinct()
        .sorted(Comparator.reverseOrder())
        .toList();
  }

  private int mostCores() {
    return cores().stream().findFirst().orElse(0);
  }

  private static Map<String, Integer> shape(JsonObject row) {
    Map<String, Integer> shape = new LinkedHashMap<>();
    Matcher parameter = PARAMETER.matcher(text(row, "shape"));
    while (parameter.find()) {
      shape.put(parameter.group(1), Integer.parseInt(parameter.group(2)));
    }
    return shape;
  }

  private static String text(JsonObject row, String field) {
    JsonElement value = row.get(field);
    return value == null || value.isJsonNull() ? "" : value.getAsString();
  }

  private static Optional<Double> number(JsonObject row, String field) {
    JsonElement value = row.get(field);
    return value == null || value.isJsonNull()
        ? Optional.empty()
        : Optional.of(value.getAsDouble());
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
