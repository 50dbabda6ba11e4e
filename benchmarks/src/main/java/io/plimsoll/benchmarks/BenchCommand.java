package io.plimsoll.benchmarks;

import com.google.gson.JsonObject;
import io.plimsoll.circuits.Shape;
import io.plimsoll.nativeprover.KeyCache;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code bin/plimsoll bench}. */
@Command(
    name = "bench",
    description =
        "Measures how long things take, beside gnark doing the same. Without a command, measures"
            + " everything but the service.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:a benchmark failed", "2:bad input"})
public final class BenchCommand implements Callable<Integer> {
  /** The demonstration's circuit. */
  static final String DEMONSTRATION = "instruments=49,scenarios=21,collaterals=3,tiers=3";

  private static final int DONE = 0;
  private static final int FAILED = 1;
  private static final int BAD_INPUT = 2;

  /** The family's defaults: 64 instruments x 16 scenarios, 8 collaterals x 4 tiers. */
  private static final String STANDARD = "";

  private static final String LARGE = "instruments=512,scenarios=16";

  private static final int[] SUM_COEFFICIENTS = {1_500, 16_000};
  private static final int[] SUM_HOLDINGS = {64, 512};

  @Spec private CommandSpec spec;

  @Option(
      names = "--quick",
      scope = ScopeType.INHERIT,
      description = "a glance: few calls each, and verifications on the first circuit alone")
  private boolean quick;

  @Option(names = "--json", scope = ScopeType.INHERIT, description = "one JSON object per row")
  private boolean json;

  @Option(
      names = "--shape",
      scope = ScopeType.INHERIT,
      paramLabel = "K=V,...",
      description =
          "shape of the model to measure instead of the standard statements; may be repeated")
  private List<String> shapes = List.of();

  @Option(
      names = "--model",
      scope = ScopeType.INHERIT,
      paramLabel = "NAME",
      description = "whose shapes --shape has: portfolio (the default) or derive-pmrm2")
  private String model;

  @Option(
      names = "--key-cache",
      scope = ScopeType.INHERIT,
      paramLabel = "DIR",
      description = "where development keys are kept; by default the key cache")
  private Path keyCache;

  @Option(
      names = "--cores",
      scope = ScopeType.INHERIT,
      paramLabel = "N",
      description =
          "processors that the measured processes may use (Linux, with taskset); all by default")
  private int cores;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "JMH's own report, on the standard error output")
  private boolean verbose;

  private final Effort quickEffort;

  private BenchCommand(Effort quickEffort) {
    this.quickEffort = quickEffort;
  }

  /** Runs the benchmarks and exits: 0 done, 1 a benchmark failed, 2 bad input. */
  public static void main(String[] arguments) {
    System.exit(commandLine(Effort.QUICK).execute(arguments));
  }

  /** The command line with its error handling, for {@link #main} and for tests. */
  static CommandLine commandLine(Effort quickEffort) {
    return new CommandLine(new BenchCommand(quickEffort))
        .setParameterExceptionHandler(BenchCommand::badParameter)
        .setExecutionExceptionHandler(BenchCommand::failed);
  }

  @Override
  public Integer call() throws Exception {
    return measure(
        Stream.of(proofs(), verifications(), sums(), rounds(), commitments())
            .flatMap(List::stream));
  }

  @Command(
      name = "prove",
      description =
          "One proof: ours, gnark's, and gnark's of the statement that hashes its table; loading the"
              + " keys, and memory.")
  int prove() throws Exception {
    return measure(proofs().stream());
  }

  @Command(
      name = "verify",
      description =
          "The verifier: verifications one at a time, in batches and in a fresh JVM, rounds and"
              + " commitments of full-width values, and gnark's of each on one thread.")
  int verify() throws Exception {
    return measure(Stream.concat(verifications().stream(), sums().stream()));
  }

  @Command(name = "round", description = "Preparation of a risk round.")
  int round() throws Exception {
    return measure(rounds().stream());
  }

  @Command(
      name = "service",
      description =
          "The prover service: from a round's publication to the verified proof, for 1, 10 and 100"
              + " accounts over gRPC, and the prover called directly.")
  int service() throws Exception {
    PrintWriter err = spec.commandLine().getErr();
    KeyCache cache = keyCache == null ? KeyCache.standard() : KeyCache.at(keyCache);
    if (model != null && !model.equals(Circuit.PORTFOLIO)) {
      throw new InvalidFormatException(
          "--model is '" + model + "'; the service is measured with " + Circuit.PORTFOLIO);
    }
    List<Circuit> circuits = new ArrayList<>();
    for (String shape : shapes.isEmpty() ? List.of(STANDARD) : shapes) {
      circuits.add(prepare(Circuit.PORTFOLIO, shape, cache, err));
    }
    Machine machine = Machine.here(circuits.get(0).gnarkVersion());
    if (cores < 0 || cores > machine.cores()) {
      throw new InvalidFormatException(
          "--cores is " + cores + ", not 1 to the " + machine.cores() + " that there are");
    }
    PrintWriter out = spec.subcommands().get("service").getOut();
    if (cores == 0 || cores == machine.cores()) {
      new ServiceMeasurement(quick, Optional.empty(), err).run(circuits, machine, json, out);
    } else {
      try (PinnedJava java = PinnedJava.to(cores)) {
        new ServiceMeasurement(quick, Optional.of(java.launcher()), err)
            .run(circuits, machine.withCores(cores), json, out);
      }
    }
    return DONE;
  }

  @Command(name = "commit", description = "An attester's commitment and attestation.")
  int commit() throws Exception {
    return measure(commitments().stream());
  }

  @Command(
      name = "report",
      description =
          "Measures the figures of docs/benchmarks.md, proofs on all cores and on one, how they grow,"
              + " verification, and the service, and writes benchmarks.json, plots/*.svg and the"
              + " tables of benchmarks.md. Takes about half an hour; --quick a quarter of that.")
  int report(
      @Option(
              names = "--out",
              required = true,
              paramLabel = "DIR",
              description = "where to write, such as docs")
          Path directory,
      @Option(names = "--render", description = "measures nothing: draws DIR/benchmarks.json again")
          boolean render)
      throws Exception {
    if (!render) {
      new Figures(figures()).write(directory);
    } else {
      Figures.read(directory).write(directory);
    }
    return DONE;
  }

  private List<JsonObject> figures() throws Exception {
    List<JsonObject> rows = new ArrayList<>(measured(proofs(), 0).json());
    List<Plan> onOne = new ArrayList<>();
    onOne.add(new Plan(Workload.PROVE_WARM, Circuit.PORTFOLIO, STANDARD));
    onOne.add(new Plan(Workload.PROVE_WARM, Circuit.PORTFOLIO, LARGE));
    onOne.add(new Plan(Workload.PROVE_WARM, Circuit.PMRM, STANDARD));
    if (Runtime.getRuntime().availableProcessors() > 1 && PinnedJava.isAvailable()) {
      rows.addAll(measured(onOne, 1).json());
    }
    List<Plan> growing = new ArrayList<>();
    for (int instruments :
        quick ? new int[] {16, 256, 1_024} : new int[] {16, 32, 128, 256, 1_024}) {
      growing.add(
          new Plan(
              Workload.PROVE_WARM,
              Circuit.PORTFOLIO,
              "instruments=" + instruments + ",scenarios=16"));
    }
    for (int scenarios : quick ? new int[] {4, 64} : new int[] {4, 8, 32, 64}) {
      growing.add(
          new Plan(
              Workload.PROVE_WARM, Circuit.PORTFOLIO, "instruments=64,scenarios=" + scenarios));
    }
    rows.addAll(measured(growing, 0).json());
    rows.addAll(measured(plans(Workload.VERIFY_ALL, STANDARD), 0).json());
    CommandLine service = spec.root().commandLine().getSubcommands().get("service");
    if (service != null) {
      StringWriter lines = new StringWriter();
      PrintWriter before = service.getOut();
      service.setOut(new PrintWriter(lines));
      int status = quick ? service.execute("--quick", "--json") : service.execute("--json");
      service.setOut(before);
      if (status != DONE) {
        throw new IOException("bench service ended with " + status);
      }
      for (String line : lines.toString().lines().toList()) {
        rows.add(Figures.parse("bench service", line));
      }
    }
    return rows;
  }

  /**
   * Workloads for one shape, or for a key of the given size.
   *
   * @param coefficients of a key without a circuit
   * @param holdings of a key without a circuit; with both zero it is the shape that counts
   */
  private record Plan(
      List<Workload> workloads, String model, String shape, int coefficients, int holdings) {
    Plan(List<Workload> workloads, String model, String shape) {
      this(workloads, model, shape, 0, 0);
    }

    boolean isSum() {
      return coefficients + holdings > 0;
    }
  }

  private List<Plan> proofs() {
    if (!shapes.isEmpty() || model != null) {
      return plans(Workload.PROVE_ALL, STANDARD);
    }
    return List.of(
        new Plan(Workload.PROVE_ALL, Circuit.PORTFOLIO, STANDARD),
        // Keys of a million rows would take minutes to make.
        new Plan(Workload.PROVE_UNHASHED, Circuit.PORTFOLIO, LARGE),
        new Plan(quick ? Workload.PROVE_UNHASHED : Workload.PROVE_ALL, Circuit.PMRM, STANDARD));
  }

  private List<Plan> verifications() {
    List<Workload> workloads = new ArrayList<>(Workload.VERIFY_ALL);
    if (VectorBenchmark.isAvailable()) {
      workloads.addAll(Workload.VECTOR_ALL);
    } else {
      PrintWriter err = spec.commandLine().getErr();
      err.println(
          "bench: verify-vector is not available: it needs a build and a run on JDK 25 or newer");
      err.flush();
    }
    return quick ? plans(workloads, STANDARD) : plans(workloads, STANDARD, DEMONSTRATION);
  }

  private List<Plan> rounds() {
    return plans(Workload.ROUND_ALL, STANDARD, DEMONSTRATION, LARGE);
  }

  private List<Plan> commitments() {
    return plans(Workload.COMMIT_ALL, STANDARD);
  }

  private List<Plan> plans(List<Workload> workloads, String... standardShapes) {
    List<String> chosen = shapes.isEmpty() ? List.of(standardShapes) : shapes;
    String family = model == null ? Circuit.PORTFOLIO : model;
    return chosen.stream().map(shape -> new Plan(workloads, family, shape)).toList();
  }

  /** Sums whose sizes are not a circuit's. */
  private static List<Plan> sums() {
    List<Plan> plans = new ArrayList<>();
    for (int coefficients : SUM_COEFFICIENTS) {
      plans.add(new Plan(Workload.SUM_ROUND_ALL, "", "", coefficients, 0));
    }
    for (int holdings : SUM_HOLDINGS) {
      plans.add(new Plan(Workload.SUM_COMMIT_ALL, "", "", 0, holdings));
    }
    return plans;
  }

  private int measure(Stream<Plan> plans)
      throws InvalidFormatException, ProvingException, IOException, RunnerException {
    Report report = measured(plans.toList(), cores);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      report.printJson(out);
    } else {
      report.printTable(out);
    }
    out.flush();
    return DONE;
  }

  private Report measured(List<Plan> plans, int wantedCores)
      throws InvalidFormatException, ProvingException, IOException, RunnerException {
    Path temporary = Files.createTempDirectory("plimsoll-bench");
    try {
      return measured(plans, wantedCores, temporary);
    } finally {
      delete(temporary);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private Report measured(List<Plan> plans, int wantedCores, Path temporary)
      throws InvalidFormatException, ProvingException, IOException, RunnerException {
    PrintWriter err = spec.commandLine().getErr();
    KeyCache cache = keyCache == null ? KeyCache.standard() : KeyCache.at(keyCache);
    Map<String, Circuit> circuits = new LinkedHashMap<>();
    List<Measurement.Task> tasks = new ArrayList<>();
    for (Plan plan : plans) {
      Circuit circuit;
      if (plan.isSum()) {
        // Made after the circuits, one of which lends its key.
        circuit =
            SumCircuit.prepare(
                temporary.resolve(plan.coefficients() + "-" + plan.holdings()),
                circuits.values().iterator().next(),
                plan.coefficients(),
                plan.holdings());
      } else {
        String name = plan.model() + " " + plan.shape();
        circuit = circuits.get(name);
        if (circuit == null) {
          circuit = prepare(plan.model(), plan.shape(), cache, err);
          circuits.put(name, circuit);
        }
      }
      for (Workload workload : plan.workloads()) {
        tasks.add(new Measurement.Task(workload, circuit));
      }
    }
    Machine machine = Machine.here(tasks.get(0).circuit().gnarkVersion());
    if (wantedCores < 0 || wantedCores > machine.cores()) {
      throw new InvalidFormatException(
          "--cores is " + wantedCores + ", not 1 to the " + machine.cores() + " that there are");
    }
    if (machine.isBusy()) {
      err.printf(
          Locale.ROOT,
          "bench: the machine is busy (load %.1f on %d cores): expect noise%n",
          machine.loadAverage(),
          machine.cores());
    }
    Effort effort = quick ? quickEffort : Effort.FULL;
    if (wantedCores == 0 || wantedCores == machine.cores()) {
      return new Report(
          machine, new Measurement(effort, verbose, err, machine.cores(), null).run(tasks));
    }
    try (PinnedJava java = PinnedJava.to(wantedCores)) {
      return new Report(
          machine.withCores(wantedCores),
          new Measurement(effort, verbose, err, wantedCores, java.launcher()).run(tasks));
    }
  }

  private static Circuit prepare(String family, String shape, KeyCache cache, PrintWriter err)
      throws InvalidFormatException, ProvingException, IOException {
    return Circuit.prepare(
        family,
        Shape.parse(shape),
        cache,
        (label, stage) -> {
          err.println("bench: keys of " + label + ": " + stage.name().toLowerCase(Locale.ROOT));
          err.flush();
        });
  }

  private static int badParameter(ParameterException e, String[] arguments) {
    PrintWriter err = e.getCommandLine().getErr();
    err.println("plimsoll: " + e.getMessage());
    err.println("Try 'bin/plimsoll bench --help'.");
    return BAD_INPUT;
  }

  private static int failed(Exception e, CommandLine commandLine, CommandLine.ParseResult result) {
    PrintWriter err = commandLine.getErr();
    if (e instanceof InvalidFormatException) {
      err.println("plimsoll: " + e.getMessage());
      return BAD_INPUT;
    }
    if (e instanceof ProvingException || e instanceof IOException) {
      err.println("plimsoll: " + e.getMessage());
      return FAILED;
    }
    err.println("plimsoll: a benchmark failed (--verbose tells more): " + e);
    return FAILED;
  }
}
