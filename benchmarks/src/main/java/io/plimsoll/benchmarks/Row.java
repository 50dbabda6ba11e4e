package io.plimsoll.benchmarks;

import java.util.Optional;
import org.openjdk.jmh.util.Statistics;

/**
 * What one workload took on one circuit.
 *
 * @param samples how many calls were measured
 * @param median in microseconds, or in bytes if the workload says so; as the others
 */
record Row(
    Workload workload, Circuit circuit, long samples, double median, double p95, double p99) {
  static Row of(Workload workload, Circuit circuit, Statistics values) {
    return new Row(
        workload,
        circuit,
        values.getN(),
        values.getPercentile(50),
        values.getPercentile(95),
        values.getPercentile(99));
  }

  /** This row's median over the median of its baseline on the same circuit, if it is there. */
  Optional<Double> ratioToBaseline(Iterable<Row> rows) {
    for (Row row : rows) {
      if (row.circuit.equals(circuit) && workload.baseline().equals(Optional.of(row.workload))) {
        return Optional.of(median / row.median);
      }
    }
    return Optional.empty();
  }
}
