package io.plimsoll.benchmarks;

import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.ProvingInput;
import io.plimsoll.nativeprover.StockGnarkProver;
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

/** One proof, keys and circuit already loaded: from openings and round to 128 bytes. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ProveBenchmark {
  /** Where the circuit's keys are. */
  @Param("")
  public String keyDirectory;

  private Fixture fixture;
  private StockGnarkProver prover;
  private ProvingInput input;

  /** For JMH. */
  public ProveBenchmark() {}

  /** Loads the keys. */
  @Setup
  public void setUp() throws Exception {
    fixture = Fixture.open(Path.of(keyDirectory));
    prover = fixture.openStockProver();
    input = fixture.provingInput(fixture.prepareRound());
  }

  /** Gives the keys back. */
  @TearDown
  public void tearDown() {
    input.close();
    prover.close();
    fixture.close();
  }

  /** gnark's own prover. */
  @Benchmark
  public byte[] stock() throws ProvingException {
    return prover.prove(input);
  }
}
