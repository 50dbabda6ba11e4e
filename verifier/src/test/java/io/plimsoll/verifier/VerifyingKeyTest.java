package io.plimsoll.verifier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.bn254.G1;
import io.plimsoll.verifier.bn254.Slow;
import io.plimsoll.verifier.bn254.Slow.P2;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Keys, commitments and the check, on a key whose trapdoor is known. */
class VerifyingKeyTest {
  private static final long MAX = (1L << 32) - 1;
  private static final long WIDE = Long.MAX_VALUE / 3;
  private static final BigInteger COFACTOR = Slow.P.shiftLeft(1).subtract(Slow.R);

  private static StatementLayout layout;
  private static TrapdoorKey trapdoor;
  private static VerifyingKey key;

  private final Random random = new Random(7);

  @BeforeAll
  static void makeKey() throws Exception {
    layout =
        StatementLayout.of(
            3,
            new long[] {Long.MIN_VALUE, -5, 0},
            new long[] {Long.MAX_VALUE, 5, 1000},
            new long[] {-WIDE, 0},
            new long[] {WIDE, 100});
    trapdoor = new TrapdoorKey(layout, 1);
    key = trapdoor.key();
  }

  /** A statement with everything that goes into it. */
  private final class Case {
    final long[] coefficients = {random.nextLong(), random.nextInt(11) - 5, random.nextInt(1001)};
    final List<Commitment> commitments = new ArrayList<>();
    final long[] holdings = new long[2];
    BigInteger blinding = BigInteger.ZERO;
    final byte[] context = new byte[16];
    long n = random.nextInt() & MAX;
    long d = 1 + (random.nextInt() & (MAX >> 1));

    Case(int attesters) {
      random.nextBytes(context);
      for (int i = 0; i < attesters; i++) {
        attest(Math.floorMod(random.nextLong(), 2 * WIDE + 1) - WIDE, random.nextInt(101));
      }
    }

    void attest(long... mine) {
      BigInteger v = trapdoor.scalar();
      commitments.add(commit(mine, v));
      holdings[0] += mine[0];
      holdings[1] += mine[1];
      blinding = blinding.add(v).mod(Slow.R);
    }

    BigInteger publicSum() {
      return trapdoor.publicSum(context, n, d, coefficients, holdings, blinding);
    }

    byte[] proof() {
      return trapdoor.prove(publicSum());
    }

    Optional<RejectionReason> check(byte[] proof) throws Exception {
      return key.check(key.roundPoint(coefficients), commitments, context, n, d, proof);
    }
  }

  private static Commitment commit(long[] holdings, BigInteger blinding) {
    try {
      return key.commit(holdings, TrapdoorKey.bytes(blinding));
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertRejected(RejectionReason reason, Optional<RejectionReason> actual) {
    assertEquals(Optional.of(reason), actual);
  }

  @Test
  void validProofsAreAcceptedForOneToAllAttesters() throws Exception {
    for (int attesters = 1; attesters <= 3; attesters++) {
      for (int i = 0; i < 5; i++) {
        Case c = new Case(attesters);
        assertEquals(Optional.empty(), c.check(c.proof()));
        assertEquals(Optional.empty(), c.check(c.proof()));
      }
    }
  }

  @Test
  void validProofsAreAcceptedAtTheEndsOfEveryRange() throws Exception {
    long[][] coefficients = {
      {Long.MIN_VALUE, -5, 0}, {Long.MAX_VALUE, 5, 1000}, {0, 0, 0}, {-1, -1, 1}
    };
    long[][] holdings = {{-WIDE, 0}, {WIDE, 100}, {0, 0}, {-1, 1}};
    long[][] thresholds = {{0, 1}, {MAX, MAX}, {MAX, 1}, {1, MAX}};
    for (int i = 0; i < 4; i++) {
      Case c = new Case(0);
      System.arraycopy(coefficients[i], 0, c.coefficients, 0, 3);
      for (int attester = 0; attester < 3; attester++) {
        c.attest(holdings[i]);
      }
      c.n = thresholds[i][0];
      c.d = thresholds[i][1];
      Arrays.fill(c.context, (byte) (i % 2 == 0 ? 0 : 0xff));
      assertEquals(Optional.empty(), c.check(c.proof()));
    }
  }

  @Test
  void proofOfAnotherStatementIsRejected() throws Exception {
    Case c = new Case(2);
    byte[] proof = c.proof();
    RoundPoint round = key.roundPoint(c.coefficients);
    assertEquals(Optional.empty(), c.check(proof));
    RejectionReason reason = RejectionReason.PROOF_DOES_NOT_VERIFY;
    for (int i = 0; i < 128; i++) {
      byte[] context = c.context.clone();
      context[i / 8] ^= (byte) (1 << (i % 8));
      assertRejected(reason, key.check(round, c.commitments, context, c.n, c.d, proof));
    }
    assertRejected(reason, key.check(round, c.commitments, c.context, c.n ^ 1, c.d, proof));
    assertRejected(reason, key.check(round, c.commitments, c.context, c.n, c.d + 1, proof));
    assertRejected(reason, key.check(round, c.commitments, c.context, c.d, c.n | 1, proof));
    assertRejected(
        reason, key.check(round, c.commitments.subList(0, 1), c.context, c.n, c.d, proof));
    List<Commitment> twice = List.of(c.commitments.get(0), c.commitments.get(0));
    assertRejected(reason, key.check(round, twice, c.context, c.n, c.d, proof));
    for (int i = 0; i < 3; i++) {
      long[] coefficients = c.coefficients.clone();
      coefficients[i] += coefficients[i] < 5 ? 1 : -1;
      assertRejected(
          reason,
          key.check(key.roundPoint(coefficients), c.commitments, c.context, c.n, c.d, proof));
    }
    List<Commitment> other =
        List.of(c.commitments.get(0), commit(new long[] {1, 1}, BigInteger.ONE));
    assertRejected(reason, key.check(round, other, c.context, c.n, c.d, proof));
  }

  @Test
  void everyBitOfAProofCounts() throws Exception {
    Case c = new Case(1);
    byte[] proof = c.proof();
    RoundPoint round = key.roundPoint(c.coefficients);
    for (int bit = 0; bit < 8 * VerifyingKey.PROOF_BYTES; bit++) {
      byte[] flipped = proof.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      Optional<RejectionReason> reason =
          key.check(round, c.commitments, c.context, c.n, c.d, flipped);
      assertTrue(reason.isPresent(), "bit " + bit);
    }
  }

  @Test
  void proofOfAnyOtherLengthIsRejected() throws Exception {
    Case c = new Case(1);
    byte[] proof = c.proof();
    for (int length : new int[] {0, 1, 32, 127, 129, 256, 100_000}) {
      assertRejected(RejectionReason.PROOF_LENGTH, c.check(Arrays.copyOf(proof, length)));
    }
  }

  @Test
  void randomBytesAreRejectedAndNeverThrow() throws Exception {
    Case c = new Case(1);
    byte[] proof = new byte[128];
    for (int i = 0; i < 500; i++) {
      random.nextBytes(proof);
      for (int start : new int[] {0, 32, 96}) {
        // Flags and coordinates that get past the first look, mostly.
        proof[start] = (byte) ((proof[start] & 0x1f) | (random.nextBoolean() ? 0x80 : 0xc0));
      }
      proof[64] &= 0x1f;
      assertTrue(c.check(proof).isPresent());
    }
  }

  @Test
  void eachWayForAPointToBeWrongHasItsReason() throws Exception {
    Case c = new Case(1);
    byte[] proof = c.proof();
    int[] starts = {0, 32, 96};
    int[] lengths = {32, 64, 32};
    for (int point = 0; point < 3; point++) {
      int start = starts[point];
      byte[] bad = proof.clone();
      Arrays.fill(bad, start, start + lengths[point], (byte) 0);
      assertRejected(RejectionReason.PROOF_NOT_CANONICAL, c.check(bad));
      bad[start] = 0x40;
      assertRejected(RejectionReason.PROOF_POINT_AT_INFINITY, c.check(bad));
      bad[start + lengths[point] - 1] = 1;
      assertRejected(RejectionReason.PROOF_NOT_CANONICAL, c.check(bad));
      bad = proof.clone();
      bad[start] &= 0x3f;
      assertRejected(RejectionReason.PROOF_NOT_CANONICAL, c.check(bad));
      bad = proof.clone();
      System.arraycopy(Slow.P.toByteArray(), 0, bad, start, 32);
      bad[start] |= (byte) 0x80;
      assertRejected(RejectionReason.PROOF_NOT_CANONICAL, c.check(bad));
      bad = proof.clone();
      int i = 0;
      do {
        bad[start + lengths[point] - 1]++;
      } while (c.check(bad).orElseThrow() != RejectionReason.PROOF_NOT_ON_CURVE && ++i < 50);
      assertRejected(RejectionReason.PROOF_NOT_ON_CURVE, c.check(bad));
      // The negative point is a point, and wrong.
      bad = proof.clone();
      bad[start] ^= 0x40;
      assertRejected(RejectionReason.PROOF_DOES_NOT_VERIFY, c.check(bad));
    }
    // The last third of B is a coordinate without flags.
    byte[] bad = proof.clone();
    System.arraycopy(Slow.P.toByteArray(), 0, bad, 64, 32);
    assertRejected(RejectionReason.PROOF_NOT_CANONICAL, c.check(bad));
  }

  @Test
  void secondPointOutsideTheSubgroupIsRejected() throws Exception {
    Case c = new Case(1);
    BigInteger sum = c.publicSum();
    BigInteger a = trapdoor.scalar();
    BigInteger b = trapdoor.scalar();
    byte[] valid = trapdoor.prove(sum, a, b);
    assertEquals(Optional.empty(), c.check(valid));
    P2 large = P2.randomOnCurve(random);
    P2 small = P2.INFINITY;
    while (small.isInfinity()) {
      small =
          P2.randomOnCurve(random).times(Slow.R).times(COFACTOR.divide(BigInteger.valueOf(10069)));
    }
    for (P2 point :
        List.of(
            large,
            large.times(Slow.R),
            small,
            P2.GENERATOR.times(b).plus(small),
            P2.GENERATOR.times(b).plus(large.times(Slow.R)))) {
      byte[] bad = valid.clone();
      System.arraycopy(TrapdoorKey.compressed(point), 0, bad, 32, 64);
      assertRejected(RejectionReason.PROOF_NOT_IN_SUBGROUP, c.check(bad));
    }
  }

  @Test
  void sumsAtInfinityAreHandled() throws Exception {
    Case c = new Case(0);
    // A commitment that makes the public sum infinity, as only the trapdoor's owner can.
    BigInteger rest =
        trapdoor.publicSum(c.context, c.n, c.d, c.coefficients, new long[2], BigInteger.ZERO);
    c.commitments.add(new Commitment(TrapdoorKey.g1(rest.negate())));
    assertEquals(Optional.empty(), c.check(trapdoor.prove(BigInteger.ZERO)));
    assertRejected(RejectionReason.PROOF_DOES_NOT_VERIFY, c.check(trapdoor.prove(BigInteger.ONE)));
    // Commitments that cancel each other.
    c.commitments.clear();
    G1 point = TrapdoorKey.g1(trapdoor.scalar());
    c.commitments.add(new Commitment(point));
    c.commitments.add(new Commitment(point.negate()));
    assertEquals(Optional.empty(), c.check(trapdoor.prove(rest)));
    Commitment infinity = new Commitment(point).plus(new Commitment(point.negate()));
    c.commitments.clear();
    c.commitments.add(infinity);
    assertEquals(Optional.empty(), c.check(trapdoor.prove(rest)));
  }

  @Test
  void oneKeyServesManyThreads() throws Exception {
    Case c = new Case(2);
    byte[] valid = c.proof();
    byte[] invalid = trapdoor.prove(c.publicSum().add(BigInteger.ONE));
    RoundPoint round = key.roundPoint(c.coefficients);
    byte[] blinding = TrapdoorKey.bytes(BigInteger.TEN);
    byte[] commitment = key.commit(new long[] {5, 6}, blinding).toByteArray();
    List<Boolean> right =
        IntStream.range(0, 200)
            .parallel()
            .mapToObj(
                i -> {
                  byte[] proof = i % 2 == 0 ? valid : invalid;
                  boolean accepted =
                      key.check(round, c.commitments, c.context, c.n, c.d, proof).isEmpty();
                  byte[] again = commit(new long[] {5, 6}, BigInteger.TEN).toByteArray();
                  return accepted == (i % 2 == 0) && Arrays.equals(commitment, again);
                })
            .toList();
    assertFalse(right.contains(false));
  }

  @Test
  void impossibleArgumentsAreExceptions() throws Exception {
    Case c = new Case(1);
    byte[] proof = c.proof();
    RoundPoint round = key.roundPoint(c.coefficients);
    List<Commitment> one = c.commitments;
    Class<IllegalArgumentException> type = IllegalArgumentException.class;
    assertThrows(type, () -> key.check(round, List.of(), c.context, c.n, c.d, proof));
    Commitment commitment = one.get(0);
    List<Commitment> four = List.of(commitment, commitment, commitment, commitment);
    assertThrows(type, () -> key.check(round, four, c.context, c.n, c.d, proof));
    for (int length : new int[] {0, 15, 17, 32}) {
      assertThrows(type, () -> key.check(round, one, new byte[length], c.n, c.d, proof));
    }
    for (long n : new long[] {-1, Long.MIN_VALUE, MAX + 1, Long.MAX_VALUE}) {
      assertThrows(type, () -> key.check(round, one, c.context, n, c.d, proof));
    }
    for (long d : new long[] {0, -1, Long.MIN_VALUE, MAX + 1, Long.MAX_VALUE}) {
      assertThrows(type, () -> key.check(round, one, c.context, c.n, d, proof));
    }
    RoundPoint foreign = new RoundPoint(Digest.ZERO, round.point());
    assertThrows(type, () -> key.check(foreign, one, c.context, c.n, c.d, proof));
  }

  @Test
  void commitmentIsTheSumOfItsTerms() throws Exception {
    for (int i = 0; i < 10; i++) {
      long[] holdings = {i == 0 ? -WIDE : i == 1 ? WIDE : random.nextInt(), random.nextInt(101)};
      BigInteger blinding = i < 3 ? BigInteger.valueOf(i + 1) : trapdoor.scalar();
      Commitment commitment = commit(holdings, blinding);
      G1 expected = TrapdoorKey.g1(trapdoor.commitmentExponent(holdings, blinding));
      assertArrayEquals(expected.encodeCompressed(), commitment.toByteArray());
    }
    BigInteger last = Slow.R.subtract(BigInteger.ONE);
    assertArrayEquals(
        TrapdoorKey.g1(trapdoor.commitmentExponent(new long[2], last)).encodeCompressed(),
        commit(new long[2], last).toByteArray());
  }

  @Test
  void commitmentsAddUpAndDependOnEverything() {
    BigInteger v = trapdoor.scalar();
    BigInteger w = trapdoor.scalar();
    Commitment left = commit(new long[] {-3, 7}, v);
    Commitment right = commit(new long[] {10, 2}, w);
    Commitment both = commit(new long[] {7, 9}, v.add(w).mod(Slow.R));
    assertEquals(both, left.plus(right));
    assertEquals(both.hashCode(), left.plus(right).hashCode());
    assertNotEquals(left, commit(new long[] {-3, 7}, w));
    assertNotEquals(left, commit(new long[] {-3, 8}, v));
    assertNotEquals(left, commit(new long[] {-2, 7}, v));
  }

  private static String refusal(long[] holdings, byte[] blinding) {
    return assertThrows(InvalidFormatException.class, () -> key.commit(holdings, blinding))
        .getMessage();
  }

  @Test
  void holdingOutsideItsIntervalIsRefusedByNameAndNothingElseIsTold() {
    byte[] blinding = TrapdoorKey.bytes(trapdoor.scalar());
    assertEquals("holding 1 is 101, not 0 to 100", refusal(new long[] {77, 101}, blinding));
    assertEquals("holding 1 is -1, not 0 to 100", refusal(new long[] {77, -1}, blinding));
    assertTrue(
        refusal(new long[] {WIDE + 1, 5}, blinding).startsWith("holding 0 is " + (WIDE + 1)));
    assertTrue(refusal(new long[] {-WIDE - 1, 5}, blinding).startsWith("holding 0 is "));
    assertEquals("1 holdings, not 2", refusal(new long[1], blinding));
    assertEquals("3 holdings, not 2", refusal(new long[3], blinding));
  }

  @Test
  void blindingMustBeAScalarAndIsNeverTold() {
    long[] holdings = {1, 2};
    for (BigInteger bad :
        List.of(
            BigInteger.ZERO,
            Slow.R,
            Slow.R.add(BigInteger.ONE),
            BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE))) {
      assertEquals("blinding is not 1 to r - 1", refusal(holdings, TrapdoorKey.bytes(bad)));
    }
    assertEquals("blinding has 31 bytes, not 32", refusal(holdings, new byte[31]));
    assertEquals("blinding has 33 bytes, not 32", refusal(holdings, new byte[33]));
  }

  @Test
  void coefficientOutsideItsIntervalIsRefused() {
    for (long[] bad : new long[][] {{0, 6, 0}, {0, -6, 0}, {0, 0, -1}, {0, 0, 1001}}) {
      String message =
          assertThrows(InvalidFormatException.class, () -> key.roundPoint(bad)).getMessage();
      assertTrue(message.startsWith("coefficient "), message);
    }
    assertThrows(InvalidFormatException.class, () -> key.roundPoint(new long[2]));
    assertThrows(InvalidFormatException.class, () -> key.roundPoint(new long[4]));
  }

  @Test
  void badCommitmentsAreRefused() {
    byte[] good = commit(new long[] {1, 2}, BigInteger.TEN).toByteArray();
    for (int length : new int[] {0, 31, 33, 64}) {
      assertThrows(
          InvalidFormatException.class, () -> Commitment.decode(Arrays.copyOf(good, length)));
    }
    byte[] infinity = new byte[32];
    infinity[0] = 0x40;
    assertDecodeRefused("is infinity", infinity);
    byte[] flags = good.clone();
    flags[0] &= 0x3f;
    assertDecodeRefused("is not canonical", flags);
    byte[] large = Slow.P.toByteArray();
    large[0] |= (byte) 0x80;
    assertDecodeRefused("is not canonical", large);
    byte[] off = new byte[32];
    off[0] = (byte) 0x80;
    assertDecodeRefused("is not on the curve", off);
    assertThrows(IllegalStateException.class, () -> new Commitment(G1.INFINITY).toByteArray());
    assertEquals("infinity", new Commitment(G1.INFINITY).toString());
  }

  private static void assertDecodeRefused(String what, byte[] bytes) {
    String message =
        assertThrows(InvalidFormatException.class, () -> Commitment.decode(bytes)).getMessage();
    assertTrue(message.endsWith(what), message);
  }

  @Test
  void commitmentIsReadBack() throws Exception {
    Commitment commitment = commit(new long[] {1, 2}, BigInteger.TEN);
    Commitment read = Commitment.decode(commitment.toByteArray());
    assertEquals(commitment, read);
    assertEquals(commitment.toString(), read.toString());
    assertArrayEquals(commitment.toByteArray(), read.toByteArray());
  }

  // Key loading.

  private static String keyRefusal(byte[] keyBytes) {
    byte[] file = trapdoor.file("development", keyBytes);
    return assertThrows(InvalidFormatException.class, () -> VerifyingKey.read(file)).getMessage();
  }

  @Test
  void keyTellsWhatTheFileSays() throws Exception {
    assertTrue(key.isDevelopment());
    assertEquals("development", key.setup());
    assertEquals(Digest.of(new byte[] {1}), key.modelDigest());
    assertEquals(Digest.of(new byte[] {2}), key.constraintSystemDigest());
    assertEquals(layout, key.layout());
    Digest circuit =
        new CanonicalWriter("plimsoll/circuit/v1")
            .digest(Digest.of(new byte[] {1}))
            .digest(layout.digest())
            .digest(Digest.of(new byte[] {2}))
            .digest(Digest.of(trapdoor.keyBytes()))
            .text("development")
            .digest();
    assertEquals(circuit, key.circuitId());
  }

  @Test
  void setupIsOneOfTheTwoForms() {
    for (String setup :
        List.of(
            "",
            "Development",
            "development ",
            "ceremony",
            "ceremony:",
            "ceremony:" + "0a".repeat(31),
            "ceremony:" + "0a".repeat(33),
            "ceremony:" + "0A".repeat(32))) {
      byte[] file = trapdoor.file(setup, trapdoor.keyBytes());
      assertThrows(InvalidFormatException.class, () -> VerifyingKey.read(file));
    }
  }

  @Test
  void degenerateKeysAreRefused() {
    byte[] gamma = trapdoor.g2Bytes(TrapdoorKey.GAMMA);
    assertEquals(
        "verifying key file: delta is gamma or its negative",
        keyRefusal(trapdoor.withG2(TrapdoorKey.DELTA, gamma)));
    byte[] delta = trapdoor.g2Bytes(TrapdoorKey.DELTA);
    byte[] negative = delta.clone();
    for (int half = 64; half < 128; half += 32) {
      BigInteger y = new BigInteger(1, Arrays.copyOfRange(delta, half, half + 32));
      System.arraycopy(TrapdoorKey.bytes(Slow.P.subtract(y)), 0, negative, half, 32);
    }
    assertEquals(
        "verifying key file: delta is gamma or its negative",
        keyRefusal(trapdoor.withG2(TrapdoorKey.GAMMA, negative)));
    for (P2 generator : List.of(P2.GENERATOR, P2.GENERATOR.negate())) {
      assertEquals(
          "verifying key file: delta is the generator or its negative",
          keyRefusal(trapdoor.withG2(TrapdoorKey.DELTA, TrapdoorKey.bytes(generator))));
    }
  }

  @Test
  void gammaMayBeTheGeneratorAsInCeremonies() throws Exception {
    byte[] bytes = trapdoor.withG2(TrapdoorKey.GAMMA, TrapdoorKey.bytes(P2.GENERATOR));
    assertTrue(VerifyingKey.read(trapdoor.file("development", bytes)).isDevelopment());
  }

  @Test
  void badPointsOfG2AreRefused() {
    String[] names = {"beta", "gamma", "delta"};
    P2 large = P2.randomOnCurve(random);
    P2 small = P2.INFINITY;
    while (small.isInfinity()) {
      small =
          P2.randomOnCurve(random).times(Slow.R).times(COFACTOR.divide(BigInteger.valueOf(10069)));
    }
    byte[] infinity = new byte[128];
    infinity[0] = 0x40;
    byte[] off = TrapdoorKey.bytes(P2.GENERATOR);
    off[127] ^= 1;
    byte[] notBelowP = TrapdoorKey.bytes(P2.GENERATOR);
    System.arraycopy(Slow.P.toByteArray(), 0, notBelowP, 96, 32);
    for (int i = 0; i < 3; i++) {
      String name = "verifying key file: " + names[i];
      assertEquals(
          name + " is not in the subgroup",
          keyRefusal(trapdoor.withG2(i, TrapdoorKey.bytes(large))));
      assertEquals(
          name + " is not in the subgroup",
          keyRefusal(trapdoor.withG2(i, TrapdoorKey.bytes(small))));
      assertEquals(name + " is infinity", keyRefusal(trapdoor.withG2(i, infinity)));
      assertEquals(name + " is not on the curve", keyRefusal(trapdoor.withG2(i, off)));
      assertEquals(name + " is not on the curve", keyRefusal(trapdoor.withG2(i, new byte[128])));
      assertEquals(name + " is not canonical", keyRefusal(trapdoor.withG2(i, notBelowP)));
    }
  }

  @Test
  void badPointsOfG1AreRefused() {
    byte[] bytes = trapdoor.keyBytes();
    int firstK = 64 + 3 * 128 + 4;
    for (int i = -1; i < 10; i++) {
      int start = i < 0 ? 0 : firstK + 64 * i;
      String name = "verifying key file: " + (i < 0 ? "alpha" : "K[" + i + "]");
      byte[] bad = bytes.clone();
      Arrays.fill(bad, start, start + 64, (byte) 0);
      assertEquals(name + " is not on the curve", keyRefusal(bad));
      bad[start] = 0x40;
      assertEquals(name + " is infinity", keyRefusal(bad));
      bad = bytes.clone();
      bad[start + 63] ^= 1;
      assertEquals(name + " is not on the curve", keyRefusal(bad));
      bad = bytes.clone();
      bad[start] |= (byte) 0x80;
      assertEquals(name + " is not canonical", keyRefusal(bad));
    }
  }

  @Test
  void numberOfPointsMustBeThatOfTheLayout() {
    byte[] bytes = trapdoor.keyBytes();
    int at = 64 + 3 * 128;
    for (int count : new int[] {0, 9, 11, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      byte[] bad = bytes.clone();
      java.nio.ByteBuffer.wrap(bad).putInt(at, count);
      assertTrue(keyRefusal(bad).endsWith(" points K, not 10"));
    }
    assertTrue(keyRefusal(Arrays.copyOf(bytes, bytes.length + 1)).contains("bytes, not"));
    assertTrue(keyRefusal(Arrays.copyOf(bytes, bytes.length + 64)).contains("bytes, not"));
    assertTrue(keyRefusal(Arrays.copyOf(bytes, bytes.length - 1)).contains("bytes, not"));
    assertTrue(keyRefusal(Arrays.copyOf(bytes, at + 3)).contains("fewer than"));
    assertTrue(keyRefusal(new byte[0]).contains("fewer than"));
  }

  @Test
  void fileCutOffAnywhereOrWithBytesAfterItIsRefused() {
    byte[] file = trapdoor.file();
    for (int length = 0; length < file.length; length++) {
      byte[] cut = Arrays.copyOf(file, length);
      assertThrows(InvalidFormatException.class, () -> VerifyingKey.read(cut));
    }
    byte[] longer = Arrays.copyOf(file, file.length + 1);
    assertThrows(InvalidFormatException.class, () -> VerifyingKey.read(longer));
  }

  @Test
  void fileWithAnyByteChangedIsRefusedOrAnotherCircuit() {
    byte[] file = trapdoor.file();
    int accepted = 0;
    for (int i = 0; i < file.length; i++) {
      byte[] changed = file.clone();
      changed[i] ^= (byte) (1 << random.nextInt(8));
      try {
        assertNotEquals(key.circuitId(), VerifyingKey.read(changed).circuitId(), "byte " + i);
        accepted++;
      } catch (InvalidFormatException expected) {
        // Refused, as most are.
      }
    }
    // The two digests, and bounds in the layout; no point.
    assertTrue(accepted >= 64 && accepted < 64 + 5 * 16, accepted + " accepted");
  }

  @Test
  void textFormShowsNoMoreThanCircuitAndSetup() {
    assertEquals("VerifyingKey[" + key.circuitId() + ", development]", key.toString());
  }
}
