package io.plimsoll.benchmarks;

import java.util.Optional;
import org.openjdk.jmh.util.Statistics;

/**
 * What one workload took on one circuit. Times are in microseconds.
 *
 * @param samples how many calls were timed
 */
record Row(
    Workload workload,
    Circuit circuit,
    long samples,
    double medianMicros,
    double p95Micros,
    double p99Micros) {
  static Row of(Workload workload, Circuit circuit, Statistics micros) {
    return new Row(
        workload,
        circuit,
        micros.getN(),
        micros.getPercentile(50),
        micros.getPercentile(95),
        micros.getPercentile(99));
  }

  /** This row's median over the median of its baseline on the same circuit, if it is there. */
  Optional<Double> ratioToBaseline(Iterable<Row> rows) {
    for (Row row : rows) {
      if (row.circuit.equals(circuit) && workload.baseline().equals(Optional.of(row.workload))) {
        return Optional.of(medianMicros / row.medianMicros);
      }
    }
    return Optional.empty();
  }
}
