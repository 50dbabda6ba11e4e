/**
 * How long things take: JMH benchmarks of proving, verifying, preparing a round and committing,
 * each beside gnark doing the same, and the command {@code bench} that runs them.
 */
package io.plimsoll.benchmarks;
