package io.plimsoll.benchmarks;

import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.StockGnarkProver;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Commitment;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
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

/** Once per attestation: from holdings to a commitment, and to the signed attestation. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class CommitBenchmark {
  /** Where the circuit's keys are. */
  @Param("")
  public String keyDirectory;

  private Fixture fixture;
  private StockGnarkProver gnark;
  private long[] lots;
  private byte[] blinding;
  private byte[] scalars;

  /** For JMH. */
  public CommitBenchmark() {}

  /** Loads the keys. */
  @Setup
  public void setUp() throws Exception {
    fixture = Fixture.open(Path.of(keyDirectory));
    gnark = fixture.openStockProver();
    lots = fixture.heldLots();
    blinding = fixture.blinding();
    scalars = fixture.commitmentScalars();
  }

  /** Gives the keys back. */
  @TearDown
  public void tearDown() {
    gnark.close();
    fixture.close();
  }

  /** The commitment alone. */
  @Benchmark
  public Commitment commit() throws InvalidFormatException {
    return fixture.key.commit(lots, blinding);
  }

  /** The same sum with gnark's multi-scalar multiplication on all cores. */
  @Benchmark
  public byte[] gnark() throws ProvingException {
    return gnark.publicSum(fixture.firstHolding(), scalars);
  }

  /** The whole attestation: blinding, commitment, sealed opening, signature, ledger in memory. */
  @Benchmark
  public Attestation attest() throws InvalidFormatException, IOException {
    return fixture.attester.attest(fixture.terms, fixture.holdings);
  }
}
