package io.plimsoll.benchmarks;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  /**
   * Measures every task in every pass.
   *
   * @return a row for each task, in order
   * @throws RunnerException if a benchmark fails
   */
  List<Row> run(List<Task> tasks) throws RunnerException {
    Map<Task, MultisetStatistics> samples = new LinkedHashMap<>();
    tasks.forEach(task -> samples.put(task, new MultisetStatistics()));
    for (int pass = 1; pass <= effort.passes(); pass++) {
      for (Task task : samples.keySet()) {
        progress.printf(
            "bench: pass %d of %d, %s %s%n",
            pass, effort.passes(), task.workload().rowName(), task.circuit().label());
        progress.flush();
        measure(task)
            .getPrimaryResult()
            .getStatistics()
            .getRawData()
            .forEachRemaining(
                value -> samples.get(task).addValue(value.getKey(), value.getValue()));
      }
    }
    List<Row> rows = new ArrayList<>();
    samples.forEach((task, all) -> rows.add(Row.of(task.workload(), task.circuit(), all)));
    return rows;
  }

  private RunResult measure(Task task) throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(task.workload().include())
            .param("keyDirectory", task.circuit().keyDirectory().toString())
            .jvmArgsAppend("--enable-native-access=ALL-UNNAMED")
            .shouldFailOnError(true);
    if (launcher != null) {
      options.jvm(launcher.toString());
    }
    if (task.workload().isCold()) {
      options.forks(effort.coldForks()).warmupIterations(0).measurementIterations(1);
    } else {
      options
          .forks(1)
          .warmupIterations(effort.warmups())
          .warmupTime(effort.iterationTime())
          .measurementIterations(effort.iterations())
          .measurementTime(effort.iterationTime());
    }
    return new Runner(options.build(), output()).runSingle();
  }

  private OutputFormat output() {
    PrintStream stderr = System.err;
    return OutputFormatFactory.createFormatInstance(
        stderr, verbose ? VerboseMode.NORMAL : VerboseMode.SILENT);
  }
}
