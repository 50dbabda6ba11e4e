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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.MultisetStatistics;

/**
 * Runs workloads with JMH, each in JVMs of its own, which get this JVM's options.
 *
 * @param verbose whether JMH's own report goes to the standard error output
 * @param progress told what is being measured
 * @param launcher runs in place of this JVM's own {@code java}; null for that one
 */
record Measurement(Effort effort, boolean verbose, PrintWriter progress, Path launcher) {
  /** A workload on a circuit. */
  record Task(Workload workload, Circuit circuit) {}

  /** The name of JMH's figure of allocated bytes per call ends like this. */
  private static final String ALLOCATED = "gc.alloc.rate.norm";

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
    Map<Task, MultisetStatistics> samples = new LinkedHashMap<>();
    tasks.forEach(task -> samples.put(task, new MultisetStatistics()));
    for (int pass = 1; pass <= effort.passes(); pass++) {
      for (Map.Entry<Task, MultisetStatistics> entry : samples.entrySet()) {
        Task task = entry.getKey();
        progress.printf(
            "bench: pass %d of %d, %s %s%n",
            pass, effort.passes(), task.workload().rowName(), task.circuit().label());
        progress.flush();
        measure(task, entry.getValue());
      }
    }
    List<Row> rows = new ArrayList<>();
    samples.forEach((task, all) -> rows.add(Row.of(task.workload(), task.circuit(), all)));
    return rows;
  }

  private void measure(Task task, MultisetStatistics samples)
      throws RunnerException, IOException, InvalidFormatException, ProvingException {
    Workload.Way way = task.workload().way();
    if (way instanceof Workload.Way.Jmh jmh) {
      measure(jmh, task.circuit(), samples);
    } else if (way instanceof Workload.Way.Gnark gnark) {
      measure(gnark.timer(), task.circuit(), samples);
    } else {
      samples.addValue((double) verifierBytes(), 1);
    }
  }

  private void measure(Workload.Way.Jmh jmh, Circuit circuit, MultisetStatistics samples)
      throws RunnerException {
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
          .measurementTime(effort.iterationTime());
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
