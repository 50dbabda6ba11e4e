package io.plimsoll.benchmarks;

import io.plimsoll.verifier.Commitment;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PreparedRound;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Sums of full-width multiples of the key's points, one thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SumBenchmark {
  /** The second sum over a key's points makes a table for all that follow. */
  private static final int SUMS_UNTIL_TABLE = 2;

  /** Where the key is. */
  @Param("")
  public String keyDirectory;

  private SumFixture fixture;

  /** For JMH. */
  public SumBenchmark() {}

  /** Loads the key, and makes the sums after which its tables are there. */
  @Setup
  public void setUp() throws Exception {
    fixture = SumFixture.open(Path.of(keyDirectory));
    for (int i = 0; i < SUMS_UNTIL_TABLE; i++) {
      fixture.prepare();
      fixture.commit();
    }
  }

  /** A round: intervals checked, points added up. */
  @Benchmark
  public PreparedRound prepare() throws InvalidFormatException {
    return fixture.prepare();
  }

  /** A commitment. */
  @Benchmark
  public Commitment commit() throws InvalidFormatException {
    return fixture.commit();
  }
}
