package io.plimsoll.benchmarks;

import io.plimsoll.nativeprover.GnarkProver;
import io.plimsoll.nativeprover.HashingBaseline;
import io.plimsoll.nativeprover.ProofOutcome;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.ProvingInput;
import io.plimsoll.nativeprover.StockGnarkProver;
import java.nio.file.Path;
import java.util.ArrayList;
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

/** One proof, keys and circuit already loaded: from openings and round to 128 bytes. */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ProveBenchmark {
  /** Proofs of one call of {@link #many}. */
  static final int ACCOUNTS = 16;

  /** For JMH. */
  public ProveBenchmark() {}

  /** The statement. */
  @State(Scope.Benchmark)
  public static class Inputs {
    /** Where the circuit's keys are. */
    @Param("")
    public String keyDirectory;

    private Fixture fixture;
    private ProvingInput input;
    private long calls;

    /** For JMH. */
    public Inputs() {}

    /** Builds the inputs. */
    @Setup
    public void setUp() throws Exception {
      fixture = Fixture.open(Path.of(keyDirectory));
      input = fixture.provingInput(fixture.prepareRound());
    }

    /** Wipes them. */
    @TearDown
    public void tearDown() {
      input.close();
      fixture.close();
    }
  }

  /** gnark's own prover. */
  @State(Scope.Benchmark)
  public static class Stock {
    private StockGnarkProver prover;

    /** For JMH. */
    public Stock() {}

    /** Loads the keys. */
    @Setup
    public void setUp(Inputs inputs) throws Exception {
      prover = inputs.fixture.openStockProver();
    }

    /** Gives them back. */
    @TearDown
    public void tearDown() {
      prover.close();
    }
  }

  /** As many accounts on one round. */
  @State(Scope.Benchmark)
  public static class Accounts {
    private final List<ProvingInput> inputs = new ArrayList<>();

    /** For JMH. */
    public Accounts() {}

    /** Builds the inputs. */
    @Setup
    public void setUp(Inputs inputs) {
      for (int i = 0; i < ACCOUNTS; i++) {
        this.inputs.add(inputs.fixture.ofAnotherAccountOnOneRound(i));
      }
    }

    /** Wipes them. */
    @TearDown
    public void tearDown() {
      inputs.forEach(ProvingInput::close);
    }
  }

  /** Our own prover. */
  @State(Scope.Benchmark)
  public static class Tuned {
    private GnarkProver prover;

    /** For JMH. */
    public Tuned() {}

    /** Loads the keys and makes sure that a proof is accepted. */
    @Setup
    public void setUp(Inputs inputs) throws Exception {
      prover = inputs.fixture.openTunedProver();
      inputs.fixture.requireAccepted(prover.prove(inputs.input));
    }

    /** Gives them back. */
    @TearDown
    public void tearDown() {
      prover.close();
    }
  }

  /** The statement with hashes in the circuit. */
  @State(Scope.Benchmark)
  public static class Hashed {
    private HashingBaseline prover;

    /** For JMH. */
    public Hashed() {}

    /** Finds or makes its keys. */
    @Setup
    public void setUp(Inputs inputs) throws Exception {
      prover = inputs.fixture.openHashingBaseline(inputs.input);
    }

    /** Gives them back. */
    @TearDown
    public void tearDown() {
      prover.close();
    }
  }

  /** gnark's own prover. */
  @Benchmark
  public byte[] stock(Inputs inputs, Stock stock) throws ProvingException {
    return stock.prover.prove(inputs.input);
  }

  /** Our own prover, for a round and an account that it has proven before. */
  @Benchmark
  public byte[] tuned(Inputs inputs, Tuned tuned) throws ProvingException {
    return tuned.prover.prove(inputs.input);
  }

  /** Our own prover on a round that it has not seen. */
  @Benchmark
  public byte[] newRound(Inputs inputs, Tuned tuned) throws ProvingException {
    try (ProvingInput input = inputs.fixture.onAnotherRound(++inputs.calls)) {
      return tuned.prover.prove(input);
    }
  }

  /** Our own prover for an account that it has not seen, on a round that it has not seen. */
  @Benchmark
  public byte[] newAccount(Inputs inputs, Tuned tuned) throws ProvingException {
    try (ProvingInput input = inputs.fixture.ofAnotherAccount(++inputs.calls)) {
      return tuned.prover.prove(input);
    }
  }

  /** Our own prover for accounts on one round, as many at a time as there are processors. */
  @Benchmark
  public List<ProofOutcome> many(Accounts accounts, Tuned tuned) {
    return tuned.prover.proveAll(accounts.inputs);
  }

  /** gnark's own prover on the statement that hashes table and portfolio in the circuit. */
  @Benchmark
  public void hashed(Hashed hashed) throws ProvingException {
    hashed.prover.prove();
  }
}
