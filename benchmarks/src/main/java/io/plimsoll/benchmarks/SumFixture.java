package io.plimsoll.benchmarks;

import io.plimsoll.nativeprover.GnarkReference;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.verifier.Acceleration;
import io.plimsoll.verifier.Commitment;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PreparedRound;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.VerifierPolicy;
import io.plimsoll.verifier.VerifyingKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Random scalars of 64 bits, signed, for every coefficient and holding of a {@link SumCircuit}. */
final class SumFixture {
  private static final int FIRST_COEFFICIENT = 4;
  private static final byte[] NO_BLINDING = {};

  final VerifyingKey key;
  final SolvencyVerifier verifier;
  final RiskRound round;
  final long[] holdings;
  final byte[] blinding = new byte[32];
  private final byte[] file;

  private SumFixture(byte[] file) throws InvalidFormatException {
    this.file = file;
    key = VerifyingKey.read(file);
    verifier =
        SolvencyVerifier.create(
            key, VerifierPolicy.allowingDevelopment(key.circuitId()), Acceleration.NONE);
    SplittableRandom random = new SplittableRandom(4);
    round =
        RiskRound.of(
            key.circuitId(),
            "venue",
            Digest.ZERO,
            1,
            1,
            random
                .longs(key.layout().coefficientCount(), -Long.MAX_VALUE, Long.MAX_VALUE)
                .toArray());
    holdings = random.longs(key.layout().holdingCount(), -Long.MAX_VALUE, Long.MAX_VALUE).toArray();
    random.nextBytes(blinding);
    blinding[0] &= 0x1f;
  }

  static SumFixture open(Path keyDirectory) throws IOException, InvalidFormatException {
    return new SumFixture(Files.readAllBytes(keyDirectory.resolve(Fixture.VERIFYING_KEY)));
  }

  PreparedRound prepare() throws InvalidFormatException {
    return verifier.prepare(round);
  }

  Commitment commit() throws InvalidFormatException {
    return key.commit(holdings, blinding);
  }

  GnarkReference openGnark() throws ProvingException {
    return GnarkReference.open(file);
  }

  /** How long gnark takes for the same as {@link #prepare}. */
  long[] timeGnarkPrepare(GnarkReference gnark, int calls) throws ProvingException {
    return gnark.timeSum(0, roundScalars(), NO_BLINDING, calls);
  }

  /** How long gnark takes for the same as {@link #commit}. */
  long[] timeGnarkCommit(GnarkReference gnark, int calls) throws ProvingException {
    return gnark.timeSum(firstHolding(), holdings, blinding, calls);
  }

  /** The prepared round's point by gnark, compressed. */
  byte[] gnarkRound(GnarkReference gnark) throws ProvingException {
    return gnark.sum(0, roundScalars(), NO_BLINDING);
  }

  /** The commitment by gnark, compressed. */
  byte[] gnarkCommitment(GnarkReference gnark) throws ProvingException {
    return gnark.sum(firstHolding(), holdings, blinding);
  }

  private int firstHolding() {
    return FIRST_COEFFICIENT + key.layout().coefficientCount();
  }

  private long[] roundScalars() {
    long[] coefficients = round.coefficients();
    long[] scalars = new long[FIRST_COEFFICIENT + coefficients.length];
    Arrays.fill(scalars, 0, FIRST_COEFFICIENT, 0);
    scalars[0] = 1;
    System.arraycopy(coefficients, 0, scalars, FIRST_COEFFICIENT, coefficients.length);
    return scalars;
  }
}
