package io.plimsoll.benchmarks;

import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.StockGnarkProver;
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
import org.openjdk.jmh.annotations.TearDown;

/** Once per round: from coefficients to the point that all of the round's verifications share. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class RoundBenchmark {
  /** Where the circuit's keys are. */
  @Param("")
  public String keyDirectory;

  private Fixture fixture;
  private StockGnarkProver gnark;
  private byte[] scalars;

  /** For JMH. */
  public RoundBenchmark() {}

  /** Loads the keys. */
  @Setup
  public void setUp() throws Exception {
    fixture = Fixture.open(Path.of(keyDirectory));
    gnark = fixture.openStockProver();
    scalars = fixture.roundScalars();
  }

  /** Gives the keys back. */
  @TearDown
  public void tearDown() {
    gnark.close();
    fixture.close();
  }

  /** The venue's: intervals checked, points added up. */
  @Benchmark
  public PreparedRound prepare() throws InvalidFormatException {
    return fixture.prepareRound();
  }

  /** The same sum with gnark's multi-scalar multiplication on all cores. */
  @Benchmark
  public byte[] gnark() throws ProvingException {
    return gnark.publicSum(0, scalars);
  }
}
