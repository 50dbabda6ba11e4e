package io.plimsoll.benchmarks;

import io.plimsoll.nativeprover.StockGnarkProver;
import io.plimsoll.verifier.SolvencyVerifier.Submission;
import io.plimsoll.verifier.Verdict;
import io.plimsoll.verifier.VerifiedSolvency;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Proofs of as many accounts on one round, checked together. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class BatchBenchmark {
  static final int PROOFS = 64;

  /** Where the circuit's keys are. */
  @Param("")
  public String keyDirectory;

  private Fixture fixture;
  private List<Submission> submissions;

  /** For JMH. */
  public BatchBenchmark() {}

  /** Makes the proofs, which takes seconds. */
  @Setup
  public void setUp() throws Exception {
    fixture = Fixture.open(Path.of(keyDirectory));
    try (StockGnarkProver prover = fixture.openStockProver()) {
      submissions = fixture.submissions(prover, fixture.prepareRound(), PROOFS);
    }
    fixture.close();
  }

  /** One thread. */
  @Benchmark
  public List<Verdict> oneThread() {
    return accepted(fixture.verifier.verifyAll(submissions));
  }

  /** As many parts as there are cores. */
  @Benchmark
  public List<Verdict> allCores() {
    return accepted(
        fixture.verifier.verifyAll(
            submissions, ForkJoinPool.commonPool(), Runtime.getRuntime().availableProcessors()));
  }

  private static List<Verdict> accepted(List<Verdict> verdicts) {
    for (Verdict verdict : verdicts) {
      if (!(verdict instanceof VerifiedSolvency)) {
        throw new IllegalStateException("not accepted: " + verdict);
      }
    }
    return verdicts;
  }
}
