package io.plimsoll.verifier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.ProvingInput;
import io.plimsoll.nativeprover.PublicVector;
import io.plimsoll.nativeprover.StockGnarkProver;
import io.plimsoll.nativeprover.TestKeys;
import io.plimsoll.nativeprover.TestModel;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The aggregated verifier, which sees commitments, against gnark's, which sees the full public
 * vector: they must agree on every proof. In the verifier's package, because the bare check is not
 * public.
 */
class AggregatedVerifierDifferentialTest {
  private static final BigInteger R = PublicVector.R;
  private static final long MAX_THRESHOLD = (1L << 32) - 1;

  private static StockGnarkProver gnark;
  private static VerifyingKey key;

  @BeforeAll
  static void open() throws ProvingException, IOException, InvalidFormatException {
    gnark = TestKeys.prover();
    key = VerifyingKey.read(Files.readAllBytes(TestKeys.CACHE.verifyingKey(TestKeys.CIRCUIT_ID)));
  }

  @AfterAll
  static void close() {
    gnark.close();
  }

  /** One statement with all that is secret in it. Nothing compares two of them. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Case(
      byte[] context,
      long numerator,
      long denominator,
      long[] coefficients,
      List<long[]> holdings,
      List<byte[]> blindings) {
    ProvingInput input() {
      long[] sum = new long[holdings.get(0).length];
      for (long[] one : holdings) {
        for (int i = 0; i < sum.length; i++) {
          sum[i] += one[i];
        }
      }
      BigInteger blinding = BigInteger.ZERO;
      for (byte[] one : blindings) {
        blinding = blinding.add(new BigInteger(1, one)).mod(R);
      }
      return ProvingInput.builder()
          .context(context)
          .threshold(numerator, denominator)
          .coefficients(coefficients)
          .holdings(sum)
          .blinding(bytes(blinding))
          .build();
    }

    Case with(byte[] context, long numerator, long denominator, long[] coefficients) {
      return new Case(context, numerator, denominator, coefficients, holdings, blindings);
    }
  }

  private static Optional<RejectionReason> java(Case c, byte[] proof)
      throws InvalidFormatException {
    List<Commitment> commitments = new ArrayList<>();
    for (int i = 0; i < c.holdings.size(); i++) {
      commitments.add(key.commit(c.holdings.get(i), c.blindings.get(i)));
    }
    return key.check(
        key.roundPoint(c.coefficients), commitments, c.context, c.numerator, c.denominator, proof);
  }

  private static boolean gnark(Case c, byte[] proof) throws ProvingException {
    try (ProvingInput input = c.input()) {
      return gnark.verifyWithFullVector(PublicVector.of(input), proof);
    }
  }

  /** Both verdicts, which must agree. */
  private static Optional<RejectionReason> verdict(Case c, byte[] proof)
      throws InvalidFormatException, ProvingException {
    Optional<RejectionReason> reason = java(c, proof);
    assertEquals(gnark(c, proof), reason.isEmpty(), () -> "Java says " + reason);
    return reason;
  }

  private static byte[] prove(Case c) throws ProvingException {
    try (ProvingInput input = c.input()) {
      return gnark.prove(input);
    }
  }

  @Test
  void theyReadTheSameCircuitId() {
    assertEquals(TestKeys.CIRCUIT_ID, key.circuitId());
    assertEquals(TestModel.ATTESTERS, key.layout().maxAttesters());
  }

  /** Every K: the round's point and the commitment of Java are the sums that gnark makes. */
  @Test
  void theyAddUpTheSameRoundsAndCommitments() throws InvalidFormatException, ProvingException {
    Random random = new Random(11);
    for (int i = 0; i < 50; i++) {
      Case c = random(random);
      List<BigInteger> round = new ArrayList<>();
      round.add(BigInteger.ONE);
      round.addAll(List.of(BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO));
      Arrays.stream(c.coefficients).mapToObj(BigInteger::valueOf).forEach(round::add);
      assertArrayEquals(
          gnark.publicSum(0, scalars(round)),
          key.roundPoint(c.coefficients).point().encodeCompressed());
      List<BigInteger> opening = new ArrayList<>();
      Arrays.stream(c.holdings.get(0)).mapToObj(BigInteger::valueOf).forEach(opening::add);
      opening.add(new BigInteger(1, c.blindings.get(0)));
      assertArrayEquals(
          gnark.publicSum(4 + c.coefficients.length, scalars(opening)),
          key.commit(c.holdings.get(0), c.blindings.get(0)).toByteArray());
    }
  }

  private static byte[] scalars(List<BigInteger> values) {
    ByteBuffer out = ByteBuffer.allocate(32 * values.size());
    values.forEach(value -> out.put(bytes(value.mod(R))));
    return out.array();
  }

  @Test
  void theyAcceptProofsOfRandomAndBoundaryStatements()
      throws InvalidFormatException, ProvingException {
    Random random = new Random(12);
    for (int i = 0; i < 200; i++) {
      Case c = random(random);
      assertEquals(Optional.empty(), verdict(c, prove(c)));
    }
  }

  @Test
  void theyRejectProofsOfOtherStatements() throws InvalidFormatException, ProvingException {
    Random random = new Random(13);
    for (int i = 0; i < 60; i++) {
      Case c = random(random);
      byte[] proof = prove(c);
      byte[] context = c.context.clone();
      context[random.nextInt(16)] ^= (byte) (1 << random.nextInt(8));
      long[] coefficients = c.coefficients.clone();
      int at = random.nextInt(coefficients.length);
      coefficients[at] = coefficients[at] == 0 ? 1 : coefficients[at] - 1;
      List<Case> others =
          new ArrayList<>(
              List.of(
                  c.with(context, c.numerator, c.denominator, c.coefficients),
                  c.with(c.context, c.numerator ^ 1, c.denominator, c.coefficients),
                  c.with(
                      c.context,
                      c.numerator,
                      c.denominator == 1 ? 2 : c.denominator - 1,
                      c.coefficients),
                  c.with(c.context, c.numerator, c.denominator, coefficients)));
      others.add(withHolding(c, random));
      others.add(withBlinding(c, random));
      for (Case other : others) {
        assertEquals(Optional.of(RejectionReason.PROOF_DOES_NOT_VERIFY), verdict(other, proof));
      }
    }
  }

  @Test
  void leavingOutACommitmentOrCountingItTwiceIsRejected()
      throws InvalidFormatException, ProvingException {
    Random random = new Random(14);
    Case c = random(random, 3);
    byte[] proof = prove(c);
    Case without =
        new Case(
            c.context,
            c.numerator,
            c.denominator,
            c.coefficients,
            c.holdings.subList(0, 2),
            c.blindings.subList(0, 2));
    assertFalse(verdict(without, proof).isEmpty());
    List<long[]> holdings = new ArrayList<>(c.holdings);
    holdings.add(c.holdings.get(0));
    List<byte[]> blindings = new ArrayList<>(c.blindings);
    blindings.add(c.blindings.get(0));
    Case twice =
        new Case(c.context, c.numerator, c.denominator, c.coefficients, holdings, blindings);
    assertFalse(verdict(twice, proof).isEmpty());
  }

  @Test
  void everyFlippedBitOfAProofIsRejected() throws InvalidFormatException, ProvingException {
    Case c = random(new Random(15), 2);
    byte[] proof = prove(c);
    Map<RejectionReason, Integer> reasons = new EnumMap<>(RejectionReason.class);
    for (int bit = 0; bit < 8 * proof.length; bit++) {
      byte[] mutated = proof.clone();
      mutated[bit / 8] ^= (byte) (1 << (bit % 8));
      reasons.merge(verdict(c, mutated).orElseThrow(), 1, Integer::sum);
    }
    // Each kind of fault was met, so that the comparison means something.
    for (RejectionReason reason :
        List.of(
            RejectionReason.PROOF_NOT_CANONICAL,
            RejectionReason.PROOF_NOT_ON_CURVE,
            RejectionReason.PROOF_NOT_IN_SUBGROUP,
            RejectionReason.PROOF_DOES_NOT_VERIFY)) {
      assertTrue(reasons.getOrDefault(reason, 0) > 0, () -> reason + " never occurred: " + reasons);
    }
  }

  @Test
  void mutatedPointsGetTheSameVerdict() throws InvalidFormatException, ProvingException {
    Random random = new Random(16);
    for (int i = 0; i < 20; i++) {
      Case c = random(random);
      byte[] proof = prove(c);
      byte[] other = prove(c);
      // e(-A, -B) = e(A, B): a re-randomised proof of the same statement.
      assertTrue(verdict(c, negated(negated(proof, 0), 32)).isEmpty());
      assertFalse(verdict(c, negated(proof, 0)).isEmpty());
      assertFalse(verdict(c, negated(proof, 32)).isEmpty());
      assertFalse(verdict(c, negated(proof, 96)).isEmpty());
      assertFalse(verdict(c, spliced(proof, other, 0, 32)).isEmpty());
      assertFalse(verdict(c, spliced(proof, other, 32, 96)).isEmpty());
      assertFalse(verdict(c, spliced(proof, other, 96, 128)).isEmpty());
      assertFalse(verdict(c, swapped(proof)).isEmpty());
      for (int at : new int[] {0, 32, 96}) {
        int length = at == 32 ? 64 : 32;
        byte[] infinite = proof.clone();
        Arrays.fill(infinite, at, at + length, (byte) 0);
        infinite[at] = 0x40;
        assertEquals(Optional.of(RejectionReason.PROOF_POINT_AT_INFINITY), verdict(c, infinite));
        byte[] zero = proof.clone();
        Arrays.fill(zero, at, at + length, (byte) 0);
        assertFalse(verdict(c, zero).isEmpty());
        byte[] full = proof.clone();
        Arrays.fill(full, at, at + length, (byte) 0xff);
        assertEquals(Optional.of(RejectionReason.PROOF_NOT_CANONICAL), verdict(c, full));
      }
    }
  }

  @Test
  void randomBytesAreRejected() throws InvalidFormatException, ProvingException {
    Random random = new Random(17);
    Case c = random(random);
    for (int i = 0; i < 2_000; i++) {
      byte[] proof = new byte[128];
      random.nextBytes(proof);
      for (int at : new int[] {0, 32, 96}) {
        proof[at] = (byte) (0x80 | (proof[at] & 0x6f));
      }
      assertFalse(verdict(c, proof).isEmpty());
    }
  }

  private static Case random(Random random) {
    return random(random, 1 + random.nextInt(TestModel.ATTESTERS));
  }

  /** A solvent statement, often at the bounds of its inputs. */
  private static Case random(Random random, int attesters) {
    while (true) {
      byte[] context = new byte[16];
      switch (random.nextInt(4)) {
        case 0 -> Arrays.fill(context, (byte) 0xff);
        case 1 -> {}
        default -> random.nextBytes(context);
      }
      long[] coefficients = new long[4];
      for (int i = 0; i < coefficients.length; i++) {
        coefficients[i] = bounded(random, 0, TestModel.MAX_COEFFICIENT);
      }
      List<long[]> holdings = new ArrayList<>();
      List<byte[]> blindings = new ArrayList<>();
      for (int i = 0; i < attesters; i++) {
        holdings.add(
            new long[] {
              bounded(random, -TestModel.MAX_POSITION, TestModel.MAX_POSITION),
              bounded(random, -TestModel.MAX_POSITION, TestModel.MAX_POSITION),
              bounded(random, -TestModel.MAX_CASH, TestModel.MAX_CASH)
            });
        blindings.add(blinding(random, blindings));
      }
      Case c =
          new Case(
              context,
              bounded(random, 0, MAX_THRESHOLD),
              bounded(random, 1, MAX_THRESHOLD),
              coefficients,
              holdings,
              blindings);
      if (solvent(c)) {
        return c;
      }
    }
  }

  private static boolean solvent(Case c) {
    BigInteger equity = BigInteger.ZERO;
    BigInteger requirement = BigInteger.ZERO;
    for (int i = 0; i < 2; i++) {
      long position = 0;
      for (long[] one : c.holdings) {
        position += one[i];
      }
      equity = equity.add(BigInteger.valueOf(position * c.coefficients[i]));
      requirement = requirement.add(BigInteger.valueOf(Math.abs(position) * c.coefficients[2 + i]));
    }
    for (long[] one : c.holdings) {
      equity = equity.add(BigInteger.valueOf(one[2]));
    }
    return BigInteger.valueOf(c.denominator)
            .multiply(equity)
            .compareTo(BigInteger.valueOf(c.numerator).multiply(requirement))
        >= 0;
  }

  /** Often a bound, 0, 1 or -1. */
  private static long bounded(Random random, long min, long max) {
    return switch (random.nextInt(6)) {
      case 0 -> min;
      case 1 -> max;
      case 2 -> Math.max(min, Math.min(max, random.nextInt(3) - 1));
      default -> min + random.nextLong(max - min + 1);
    };
  }

  /** Often 1 or r - 1; sometimes what makes the sum of all blindings zero. */
  private static byte[] blinding(Random random, List<byte[]> others) {
    BigInteger sum = BigInteger.ZERO;
    for (byte[] other : others) {
      sum = sum.add(new BigInteger(1, other)).mod(R);
    }
    BigInteger value =
        switch (random.nextInt(5)) {
          case 0 -> BigInteger.ONE;
          case 1 -> R.subtract(BigInteger.ONE);
          case 2 -> R.subtract(sum).mod(R);
          default -> new BigInteger(256, random).mod(R);
        };
    return bytes(value.signum() == 0 ? BigInteger.ONE : value);
  }

  private static Case withHolding(Case c, Random random) {
    List<long[]> holdings = new ArrayList<>(c.holdings);
    int who = random.nextInt(holdings.size());
    long[] changed = holdings.get(who).clone();
    int at = random.nextInt(changed.length);
    changed[at] += changed[at] > 0 ? -1 : 1;
    holdings.set(who, changed);
    return new Case(c.context, c.numerator, c.denominator, c.coefficients, holdings, c.blindings);
  }

  private static Case withBlinding(Case c, Random random) {
    List<byte[]> blindings = new ArrayList<>(c.blindings);
    int who = random.nextInt(blindings.size());
    BigInteger value = new BigInteger(1, blindings.get(who));
    blindings.set(
        who, bytes(value.equals(BigInteger.ONE) ? BigInteger.TWO : value.subtract(BigInteger.ONE)));
    return new Case(c.context, c.numerator, c.denominator, c.coefficients, c.holdings, blindings);
  }

  private static byte[] negated(byte[] proof, int at) {
    byte[] mutated = proof.clone();
    mutated[at] ^= 0x40;
    return mutated;
  }

  private static byte[] spliced(byte[] proof, byte[] other, int from, int to) {
    byte[] mutated = proof.clone();
    System.arraycopy(other, from, mutated, from, to - from);
    return mutated;
  }

  private static byte[] swapped(byte[] proof) {
    byte[] mutated = proof.clone();
    System.arraycopy(proof, 0, mutated, 96, 32);
    System.arraycopy(proof, 96, mutated, 0, 32);
    return mutated;
  }

  private static byte[] bytes(BigInteger value) {
    byte[] minimal = value.toByteArray();
    byte[] out = new byte[32];
    int length = Math.min(32, minimal.length);
    System.arraycopy(minimal, minimal.length - length, out, 32 - length, length);
    return out;
  }
}
