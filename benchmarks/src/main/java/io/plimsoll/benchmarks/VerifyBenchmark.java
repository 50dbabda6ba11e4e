package io.plimsoll.benchmarks;

import io.plimsoll.nativeprover.GnarkReference;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.ProvingInput;
import io.plimsoll.nativeprover.StockGnarkProver;
import io.plimsoll.verifier.PreparedRound;
import io.plimsoll.verifier.SolvencyStatement;
import io.plimsoll.verifier.VerifiedSolvency;
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

/** One verification of one proof. */
@State(Scope.Benchmark)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class VerifyBenchmark {
  /** Where the circuit's keys are. */
  @Param("")
  public String keyDirectory;

  private Fixture fixture;
  private StockGnarkProver gnark;
  private PreparedRound prepared;
  private byte[] proof;
  private byte[] publicVector;
  private SolvencyStatement statement;
  private GnarkReference reference;
  private GnarkReference.Statement referenceStatement;

  /** For JMH. */
  public VerifyBenchmark() {}

  /** Makes the proof. No Java pairing but that of reading the key happens here. */
  @Setup
  public void setUp() throws Exception {
    fixture = Fixture.open(Path.of(keyDirectory));
    gnark = fixture.openStockProver();
    prepared = fixture.prepareRound();
    try (ProvingInput input = fixture.provingInput(prepared)) {
      proof = gnark.prove(input);
    }
    publicVector = fixture.fullPublicVector(prepared);
    statement = fixture.statement(prepared);
    reference = fixture.openReference();
    referenceStatement = fixture.referenceStatement(reference, prepared);
  }

  /** Gives the keys back. */
  @TearDown
  public void tearDown() {
    gnark.close();
    reference.close();
    fixture.close();
  }

  /** Form the statement from the venue's state and check the proof. */
  @Benchmark
  @BenchmarkMode(Mode.SampleTime)
  public VerifiedSolvency warm() {
    return (VerifiedSolvency) fixture.verify(prepared, proof);
  }

  /** The same, once per process. */
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  public VerifiedSolvency cold() {
    return (VerifiedSolvency) fixture.verify(prepared, proof);
  }

  /** The check alone, of a statement that has been formed. */
  @Benchmark
  @BenchmarkMode(Mode.SampleTime)
  public VerifiedSolvency check() {
    return (VerifiedSolvency) fixture.verifier.verify(statement, proof);
  }

  /** gnark-crypto's check of four pairs, called from Java. */
  @Benchmark
  @BenchmarkMode(Mode.SampleTime)
  public boolean fourPairs() throws ProvingException {
    if (!reference.verify(GnarkReference.Method.FOUR_PAIRS, referenceStatement, proof)) {
      throw new IllegalStateException("gnark does not accept the proof");
    }
    return true;
  }

  /** gnark's verifier with the full public vector, which no venue has. */
  @Benchmark
  @BenchmarkMode(Mode.SampleTime)
  public boolean gnark() throws ProvingException {
    if (!gnark.verifyWithFullVector(publicVector, proof)) {
      throw new IllegalStateException("gnark does not accept the proof");
    }
    return true;
  }
}
