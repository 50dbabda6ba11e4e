package io.plimsoll.benchmarks;

import org.openjdk.jmh.runner.options.TimeValue;

/**
 * How much is measured.
 *
 * @param passes how often all rows are measured, one after the other, each time in a fresh JVM: so
 *     a row and its baseline see the same of what else the machine does
 * @param coldForks fresh JVMs, in each pass, for what is measured only once in each
 * @param warmups iterations whose times are not counted
 * @param iterations iterations whose times are counted
 * @param iterationTime length of an iteration, and at least one call
 */
record Effort(int passes, int coldForks, int warmups, int iterations, TimeValue iterationTime) {
  static final Effort FULL = new Effort(3, 5, 2, 3, TimeValue.milliseconds(1_500));
  static final Effort QUICK = new Effort(1, 2, 4, 2, TimeValue.milliseconds(500));
}
