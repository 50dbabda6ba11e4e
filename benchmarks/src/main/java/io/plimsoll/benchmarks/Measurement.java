package io.plimsoll.benchmarks;

import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.VerifyingKey;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.MultisetStatistics;

/**
 * Runs workloads with JMH, each in JVMs of its own, which get this JVM's options.
 *
 * @param verbose whether JMH's own report goes to the standard error output
 * @param progress told what is being measured
 * @param cores processors that the measured processes may use
 * @param launcher runs in place of this JVM's own {@code java}; null for that one
 */
record Measurement(Effort effort, boolean verbose, PrintWriter progress, int cores, Path launcher) {
  /** A workload on a circuit. */
  record Task(Workload workload, Circuit circuit) {}

  /** The name of JMH's figure of allocated bytes per call ends like this. */
  private static final String ALLOCATED = "gc.alloc.rate.norm";

  /** A proof with hashes takes a second, and one call is not enough for a median. */
  private static final TimeValue HASHED_TIME = TimeValue.seconds(6);

  private static final int CALLS_AT_ONCE = 8;
  private static final double NANOS_PER_MICRO = 1_000;

  /**
   * Measures every task in every pass.
   *
   * @return a row for each task, in order
   * @throws RunnerException if a benchmark fails
   */
  List<Row> run(List<Task> tasks)
      throws RunnerException, IOException, InvalidFormatException, ProvingException {
    Map<Circuit, List<ColdStart>> starts = new HashMap<>();
    Map<Circuit, List<ColdStart>> stockStarts = new HashMap<>();
    Map<Task, MultisetStatistics> samples = new LinkedHashMap<>();
    tasks.forEach(task -> samples.put(task, new MultisetStatistics()));
    for (int pass = 1; pass <= effort.passes(); pass++) {
      for (Map.Entry<Task, MultisetStatistics> entry : samples.entrySet()) {
        Task task = entry.getKey();
        if (task.workload().way() instanceof Workload.Way.SameAs) {
          continue;
        }
        progress.printf(
            "bench: pass %d of %d, %s %s%n",
            pass, effort.passes(), task.workload().rowName(), task.circuit().label());
        progress.flush();
        if (task.workload().way() instanceof Workload.Way.ColdStart) {
          startCold(task.circuit(), pass, starts, true);
          startCold(task.circuit(), 1, stockStarts, false);
        } else {
          measure(task, entry.getValue());
        }
      }
    }
    List<Row> rows = new ArrayList<>();
    for (Map.Entry<Task, MultisetStatistics> entry : samples.entrySet()) {
      Task task = entry.getKey();
      MultisetStatistics all = entry.getValue();
      if (task.workload().way() instanceof Workload.Way.SameAs same) {
        all = samples.get(new Task(same.other(), task.circuit()));
      } else if (task.workload().way() instanceof Workload.Way.ColdStart cold) {
        for (ColdStart start : starts.get(task.circuit())) {
          all.addValue(cold.figure().of(start), 1);
        }
      }
      int constraints =
          task.workload() == Workload.PROVE_HASHED
              ? task.circuit().hashedConstraints()
              : task.circuit().constraints();
      OptionalLong memory =
          switch (task.workload()) {
            case PROVE -> memory(starts.get(task.circuit()));
            case PROVE_STOCK -> memory(stockStarts.get(task.circuit()));
            default -> OptionalLong.empty();
          };
      rows.add(Row.of(task.workload(), task.circuit(), cores, all, constraints, memory));
    }
    return rows;
  }

  /** As many processes as belong to the passes so far. */
  private void startCold(
      Circuit circuit, int passes, Map<Circuit, List<ColdStart>> all, boolean tuned)
      throws IOException {
    List<ColdStart> starts = all.computeIfAbsent(circuit, none -> new ArrayList<>());
    while (starts.size() < passes * effort.coldForks()) {
      starts.add(ColdStart.run(launcher, circuit.keyDirectory(), tuned));
    }
  }

  /** The median. */
  private static OptionalLong memory(List<ColdStart> starts) {
    if (starts == null) {
      return OptionalLong.empty();
    }
    long[] bytes = starts.stream().mapToLong(ColdStart::memoryBytes).sorted().toArray();
    long median = bytes[bytes.length / 2];
    return median > 0 ? OptionalLong.of(median) : OptionalLong.empty();
  }

  private void measure(Task task, MultisetStatistics samples)
      throws RunnerException, IOException, InvalidFormatException, ProvingException {
    Workload.Way way = task.workload().way();
    if (way instanceof Workload.Way.Jmh jmh) {
      measure(jmh, task, samples);
    } else if (way instanceof Workload.Way.Gnark gnark) {
      measure(gnark.timer(), task.circuit(), samples);
    } else {
      samples.addValue((double) verifierBytes(), 1);
    }
  }

  private void measure(Workload.Way.Jmh jmh, Task task, MultisetStatistics samples)
      throws RunnerException {
    Circuit circuit = task.circuit();
    TimeValue time =
        task.workload() == Workload.PROVE_HASHED ? HASHED_TIME : effort.iterationTime();
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(jmh.include())
            .param("keyDirectory", circuit.keyDirectory().toString())
            .jvmArgsAppend("--enable-native-access=ALL-UNNAMED")
            .shouldFailOnError(true);
    if (launcher != null) {
      options.jvm(launcher.toString());
    }
    if (jmh.cold()) {
      options.forks(effort.coldForks()).warmupIterations(0).measurementIterations(1);
    } else {
      options
          .forks(1)
          .warmupIterations(effort.warmups())
          .warmupTime(effort.iterationTime())
          .measurementIterations(effort.iterations())
          .measurementTime(time);
    }
    if (jmh.allocation()) {
      options.addProfiler(GCProfiler.class);
    }
    RunResult result = new Runner(options.build(), output()).runSingle();
    if (jmh.allocation()) {
      String name =
          result.getSecondaryResults().keySet().stream()
              .filter(label -> label.endsWith(ALLOCATED))
              .findFirst()
              .orElseThrow(() -> new RunnerException("the JVM does not count allocated bytes"));
      samples.addValue(result.getSecondaryResults().get(name).getScore(), 1);
      return;
    }
    result
        .getPrimaryResult()
        .getStatistics()
        .getRawData()
        .forEachRemaining(
            value -> samples.addValue(value.getKey() / jmh.operations(), value.getValue()));
  }

  /** As many calls as fit into the time, after as long a warm-up. */
  private void measure(GnarkTimer timer, Circuit circuit, MultisetStatistics samples)
      throws IOException, InvalidFormatException, ProvingException {
    long iterationNanos = effort.iterationTime().convertTo(TimeUnit.NANOSECONDS);
    try (GnarkTimer.Session session = timer.open(circuit.keyDirectory())) {
      repeat(session.calls(), effort.warmups() * iterationNanos);
      for (long nanos : repeat(session.calls(), effort.iterations() * iterationNanos)) {
        samples.addValue(nanos / NANOS_PER_MICRO, 1);
      }
    }
  }

  private static List<Long> repeat(GnarkTimer.Calls calls, long nanos) throws ProvingException {
    List<Long> durations = new ArrayList<>();
    long end = System.nanoTime() + nanos;
    do {
      for (long duration : calls.time(CALLS_AT_ONCE)) {
        durations.add(duration);
      }
    } while (System.nanoTime() < end);
    return durations;
  }

  /** What a venue deploys: the jar, or the classes when this runs from a build's directory. */
  private static long verifierBytes() throws IOException {
    Path place;
    try {
      place =
          Path.of(VerifyingKey.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
    try (Stream<Path> files = Files.walk(place)) {
      long bytes = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
      return bytes;
    }
  }

  private OutputFormat output() {
    PrintStream stderr = System.err;
    return OutputFormatFactory.createFormatInstance(
        stderr, verbose ? VerboseMode.NORMAL : VerboseMode.SILENT);
  }
}
