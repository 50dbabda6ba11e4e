package io.plimsoll.benchmarks;

import io.plimsoll.nativeprover.GnarkReference;
import io.plimsoll.nativeprover.GnarkReference.Method;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.ProvingInput;
import io.plimsoll.nativeprover.StockGnarkProver;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PreparedRound;
import java.io.IOException;
import java.nio.file.Path;

/** What gnark is timed doing inside Go, on one thread, without a call from Java in between. */
enum GnarkTimer {
  /** One verification, as gnark's own verifier does it. */
  VERIFY {
    @Override
    Session open(Path keyDirectory) throws IOException, InvalidFormatException, ProvingException {
      return verification(keyDirectory, Method.AGGREGATED);
    }
  },
  /** One verification with precomputed lines. */
  VERIFY_FIXED_LINES {
    @Override
    Session open(Path keyDirectory) throws IOException, InvalidFormatException, ProvingException {
      return verification(keyDirectory, Method.FIXED_LINES);
    }
  },
  /** The sum of a round. */
  PREPARE {
    @Override
    Session open(Path keyDirectory) throws IOException, InvalidFormatException, ProvingException {
      SumFixture fixture = SumFixture.open(keyDirectory);
      GnarkReference gnark = fixture.openGnark();
      return new Session(gnark, calls -> fixture.timeGnarkPrepare(gnark, calls));
    }
  },
  /** The sum of a commitment. */
  COMMIT {
    @Override
    Session open(Path keyDirectory) throws IOException, InvalidFormatException, ProvingException {
      SumFixture fixture = SumFixture.open(keyDirectory);
      GnarkReference gnark = fixture.openGnark();
      return new Session(gnark, calls -> fixture.timeGnarkCommit(gnark, calls));
    }
  };

  /** Loads keys and inputs. */
  abstract Session open(Path keyDirectory)
      throws IOException, InvalidFormatException, ProvingException;

  /** Makes a number of calls. */
  @FunctionalInterface
  interface Calls {
    /** Nanoseconds of each. */
    long[] time(int calls) throws ProvingException;
  }

  /** What can be timed, until it is closed. */
  record Session(GnarkReference gnark, Calls calls) implements AutoCloseable {
    @Override
    public void close() {
      gnark.close();
    }
  }

  private static Session verification(Path keyDirectory, Method method)
      throws IOException, InvalidFormatException, ProvingException {
    GnarkReference gnark;
    GnarkReference.Statement statement;
    byte[] proof;
    try (Fixture fixture = Fixture.open(keyDirectory);
        StockGnarkProver prover = fixture.openStockProver()) {
      PreparedRound prepared = fixture.prepareRound();
      try (ProvingInput input = fixture.provingInput(prepared)) {
        proof = prover.prove(input);
      }
      gnark = fixture.openReference();
      statement = fixture.referenceStatement(gnark, prepared);
    }
    return new Session(gnark, calls -> gnark.timeVerify(method, statement, proof, calls));
  }
}
