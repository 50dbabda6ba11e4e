package io.plimsoll.benchmarks;

import io.plimsoll.nativeprover.ProvingInput;
import io.plimsoll.nativeprover.StockGnarkProver;
import io.plimsoll.verifier.Acceleration;
import io.plimsoll.verifier.PreparedRound;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.Verdict;
import io.plimsoll.verifier.VerifiedSolvency;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Verification with the optional module of vectors, after its trial. */
@State(Scope.Benchmark)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class VectorBenchmark {
  /** Proofs of a batch. */
  static final int BATCH = 64;

  private static final String MODULE = "jdk.incubator.vector";
  private static final String IMPLEMENTATION = "io.plimsoll.verifier.vector.LaneTripleProduct";
  private static final Duration TRIAL = Duration.ofMinutes(3);

  /** Where the circuit's keys are. */
  @Param("")
  public String keyDirectory;

  private Fixture fixture;
  private SolvencyVerifier verifier;
  private PreparedRound prepared;
  private byte[] proof;
  private List<SolvencyVerifier.Submission> submissions;

  /** For JMH. */
  public VectorBenchmark() {}

  /** Whether this JVM has the module and what it needs. */
  static boolean isAvailable() {
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      return false;
    }
    try {
      Class.forName(IMPLEMENTATION, false, VectorBenchmark.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }

  /** Makes the proofs, which takes seconds, and waits for the trial. */
  @Setup
  public void setUp() throws Exception {
    fixture = Fixture.open(Path.of(keyDirectory));
    verifier = fixture.acceleratedVerifier();
    prepared = fixture.prepareRound();
    try (StockGnarkProver gnark = fixture.openStockProver();
        ProvingInput input = fixture.provingInput(prepared)) {
      proof = gnark.prove(input);
      submissions = fixture.submissions(gnark, prepared, BATCH);
    }
    if (!Acceleration.AUTOMATIC.await(TRIAL)) {
      throw new IllegalStateException("the trial did not end");
    }
    System.err.println("bench: pairings: " + Acceleration.AUTOMATIC.status());
  }

  /** Gives the keys back. */
  @TearDown
  public void tearDown() {
    fixture.close();
  }

  /** Form the statement from the venue's state and check the proof. */
  @Benchmark
  @BenchmarkMode(Mode.SampleTime)
  public VerifiedSolvency one() {
    return (VerifiedSolvency) fixture.verify(verifier, prepared, proof);
  }

  /** Proofs of as many accounts. */
  @Benchmark
  @BenchmarkMode(Mode.SampleTime)
  public List<Verdict> batch() {
    List<Verdict> verdicts = verifier.verifyAll(submissions);
    for (Verdict verdict : verdicts) {
      if (!(verdict instanceof VerifiedSolvency)) {
        throw new IllegalStateException("refused: " + verdict);
      }
    }
    return verdicts;
  }
}
