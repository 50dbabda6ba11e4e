package io.plimsoll.benchmarks;

import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PreparedRound;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The first rounds under a key, one thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class FirstSumBenchmark {
  /** Where the key is. */
  @Param("")
  public String keyDirectory;

  private SumFixture fixture;

  /** For JMH. */
  public FirstSumBenchmark() {}

  /** Reads the key again, which nobody has used then. */
  @Setup(Level.Invocation)
  public void setUp() throws Exception {
    fixture = SumFixture.open(Path.of(keyDirectory));
  }

  /** A round under a key that has been read just now. */
  @Benchmark
  public PreparedRound first() throws InvalidFormatException {
    return fixture.prepare();
  }

  /** The first two rounds: the second one makes the table for those that follow. */
  @Benchmark
  public PreparedRound firstTwo() throws InvalidFormatException {
    fixture.prepare();
    return fixture.prepare();
  }
}
