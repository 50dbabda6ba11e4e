package io.plimsoll.benchmarks;

import java.util.Optional;
import java.util.OptionalLong;
import org.openjdk.jmh.util.Statistics;

/**
 * What one workload took on one circuit.
 *
 * @param cores processors that the measured processes might use
 * @param samples how many calls were measured
 * @param median in microseconds, or in bytes if the workload says so; as the others
 * @param constraints rows of the constraint system that was proven, which for the baseline with
 *     hashes is not the circuit's
 * @param memoryBytes growth of a process's resident memory, where it was measured
 */
record Row(
    Workload workload,
    Circuit circuit,
    int cores,
    long samples,
    double median,
    double p95,
    double p99,
    int constraints,
    OptionalLong memoryBytes) {
  static Row of(
      Workload workload,
      Circuit circuit,
      int cores,
      Statistics values,
      int constraints,
      OptionalLong memoryBytes) {
    return new Row(
        workload,
        circuit,
        cores,
        values.getN(),
        values.getPercentile(50),
        values.getPercentile(95),
        values.getPercentile(99),
        constraints,
        memoryBytes);
  }

  /** The least power of two not below the rows. */
  int fftSize() {
    return constraints < 1 ? circuit.fftSize() : Integer.highestOneBit(2 * constraints - 1);
  }

  /** This row's median over the median of its baseline on the same circuit, if it is there. */
  Optional<Double> ratioToBaseline(Iterable<Row> rows) {
    for (Row row : rows) {
      if (row.circuit.equals(circuit)
          && row.cores == cores
          && workload.baseline().equals(Optional.of(row.workload))) {
        return Optional.of(median / row.median);
      }
    }
    return Optional.empty();
  }
}
