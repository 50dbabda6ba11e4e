package io.plimsoll.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.VerifyingKey.Claim;
import io.plimsoll.verifier.bn254.Accelerator;
import io.plimsoll.verifier.bn254.FailingLoops;
import io.plimsoll.verifier.bn254.G1;
import io.plimsoll.verifier.bn254.InvalidPointException;
import io.plimsoll.verifier.bn254.Slow;
import io.plimsoll.verifier.bn254.Slow.P2;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Many proofs at once, on a key whose trapdoor is known. */
class BatchTest {
  private static final BigInteger COFACTOR = Slow.P.shiftLeft(1).subtract(Slow.R);
  private static final int KRS = 96;
  private static final Optional<RejectionReason> VALID = Optional.empty();
  private static final Optional<RejectionReason> INVALID =
      Optional.of(RejectionReason.PROOF_DOES_NOT_VERIFY);

  private static TrapdoorKey trapdoor;
  private static VerifyingKey key;
  private static List<Claim> valid;

  private final SecureRandom secure = new SecureRandom();
  private final Random random = new Random(5);

  @BeforeAll
  static void makeKey() throws Exception {
    StatementLayout layout =
        StatementLayout.of(
            3,
            new long[] {Long.MIN_VALUE, 0},
            new long[] {Long.MAX_VALUE, 1000},
            new long[] {-1000, 0},
            new long[] {1000, 100});
    trapdoor = new TrapdoorKey(layout, 1);
    key = trapdoor.key();
    Random random = new Random(6);
    valid = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      valid.add(claim(random, 1 + i % 3));
    }
  }

  /** A valid claim with a round, a threshold and a context of its own. */
  private static Claim claim(Random random, int attesters) throws Exception {
    long[] coefficients = {random.nextLong(), random.nextInt(1001)};
    byte[] context = new byte[16];
    random.nextBytes(context);
    long n = random.nextInt() & 0xffffffffL;
    long d = 1 + (random.nextInt() & 0xffffffL);
    long[] holdings = new long[2];
    BigInteger blinding = BigInteger.ZERO;
    List<Commitment> commitments = new ArrayList<>();
    for (int i = 0; i < attesters; i++) {
      long[] mine = {random.nextInt(2001) - 1000, random.nextInt(101)};
      BigInteger v = trapdoor.scalar();
      commitments.add(key.commit(mine, TrapdoorKey.bytes(v)));
      holdings[0] += mine[0];
      holdings[1] += mine[1];
      blinding = blinding.add(v).mod(Slow.R);
    }
    byte[] proof =
        trapdoor.prove(trapdoor.publicSum(context, n, d, coefficients, holdings, blinding));
    return new Claim(key.roundPoint(coefficients), commitments, context, n, d, proof);
  }

  private static Claim with(Claim claim, byte[] proof) {
    return new Claim(
        claim.round(), claim.commitments(), claim.context(), claim.n(), claim.d(), proof);
  }

  /** The proof with Krs moved by a multiple of the generator. */
  private static Claim moved(Claim claim, long by) {
    byte[] proof = claim.proof().clone();
    try {
      G1 krs = G1.decodeCompressed(proof, KRS);
      byte[] changed =
          krs.plus(TrapdoorKey.g1(BigInteger.valueOf(by).mod(Slow.R))).encodeCompressed();
      System.arraycopy(changed, 0, proof, KRS, changed.length);
    } catch (InvalidPointException e) {
      throw new AssertionError(e);
    }
    return with(claim, proof);
  }

  /** The proof with B moved by a point outside the subgroup. */
  private Claim withOutsideB(Claim claim, boolean smallOrder) {
    P2 outside = P2.INFINITY;
    while (outside.isInfinity()) {
      outside = P2.randomOnCurve(random).times(Slow.R);
      if (smallOrder) {
        outside = outside.times(COFACTOR.divide(BigInteger.valueOf(10069)));
      }
    }
    byte[] proof = claim.proof().clone();
    byte[] b = TrapdoorKey.compressed(P2.GENERATOR.plus(outside));
    System.arraycopy(b, 0, proof, 32, b.length);
    return with(claim, proof);
  }

  private List<Optional<RejectionReason>> checkAll(List<Claim> claims) {
    return key.checkAll(claims, secure);
  }

  private static Optional<RejectionReason> single(Claim c) {
    return key.check(c.round(), c.commitments(), c.context(), c.n(), c.d(), c.proof());
  }

  private void assertLikeSingles(List<Claim> claims) {
    assertEquals(claims.stream().map(BatchTest::single).toList(), checkAll(claims));
  }

  @Test
  void validProofsOfDifferentRoundsThresholdsAndAttestersAreAcceptedInBatchesOfAnySize() {
    for (int size : new int[] {0, 1, 2, 3, 4, 5, 31, 33, 64}) {
      assertEquals(Collections.nCopies(size, VALID), checkAll(valid.subList(0, size)));
    }
  }

  @Test
  void validProofsOfOneRoundAreAccepted() throws Exception {
    long[] coefficients = {-77, 500};
    RoundPoint round = key.roundPoint(coefficients);
    List<Claim> claims = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      byte[] context = new byte[16];
      context[15] = (byte) i;
      BigInteger v = trapdoor.scalar();
      long[] holdings = {i, 2L * i};
      byte[] proof = trapdoor.prove(trapdoor.publicSum(context, 11, 10, coefficients, holdings, v));
      Commitment commitment = key.commit(holdings, TrapdoorKey.bytes(v));
      claims.add(new Claim(round, List.of(commitment), context, 11, 10, proof));
    }
    assertEquals(Collections.nCopies(8, VALID), checkAll(claims));
    // Each proof is valid for its own account alone.
    List<Claim> swapped = new ArrayList<>(claims);
    swapped.set(0, with(claims.get(0), claims.get(1).proof()));
    swapped.set(1, with(claims.get(1), claims.get(0).proof()));
    List<Optional<RejectionReason>> results = checkAll(swapped);
    assertEquals(List.of(INVALID, INVALID), results.subList(0, 2));
    assertEquals(Collections.nCopies(6, VALID), results.subList(2, 8));
  }

  /** A plain product of the equations would hold. */
  @Test
  void errorsThatCancelAreBothFound() {
    List<Claim> claims = new ArrayList<>(valid.subList(0, 8));
    claims.set(2, moved(claims.get(2), 1));
    claims.set(6, moved(claims.get(6), -1));
    List<Optional<RejectionReason>> expected = new ArrayList<>(Collections.nCopies(8, VALID));
    expected.set(2, INVALID);
    expected.set(6, INVALID);
    assertEquals(expected, checkAll(claims));
  }

  @Test
  void oneBadProofAmongManyIsTheOneThatIsNamed() {
    for (int at : new int[] {0, 17, 63}) {
      List<Claim> claims = new ArrayList<>(valid);
      claims.set(at, moved(claims.get(at), 1));
      List<Optional<RejectionReason>> expected =
          new ArrayList<>(Collections.nCopies(claims.size(), VALID));
      expected.set(at, INVALID);
      assertEquals(expected, checkAll(claims));
    }
  }

  @Test
  void everyProofIsRejectedWhenAllAreBad() {
    List<Claim> claims = valid.stream().limit(12).map(claim -> moved(claim, 1)).toList();
    assertEquals(Collections.nCopies(12, INVALID), checkAll(claims));
  }

  @Test
  void everyPointOutsideTheSubgroupIsNamed() {
    List<Claim> claims = new ArrayList<>(valid.subList(0, 9));
    claims.set(0, withOutsideB(claims.get(0), true));
    claims.set(5, withOutsideB(claims.get(5), false));
    claims.set(7, moved(claims.get(7), 3));
    List<Optional<RejectionReason>> results = checkAll(claims);
    Optional<RejectionReason> outside = Optional.of(RejectionReason.PROOF_NOT_IN_SUBGROUP);
    for (int i = 0; i < claims.size(); i++) {
      assertEquals(i == 0 || i == 5 ? outside : i == 7 ? INVALID : VALID, results.get(i));
    }
  }

  @Test
  void aProofMayOccurMoreThanOnce() {
    Claim good = valid.get(0);
    Claim bad = moved(valid.get(1), 1);
    assertEquals(
        List.of(VALID, VALID, INVALID, INVALID, VALID),
        checkAll(List.of(good, good, bad, bad, good)));
  }

  @Test
  void malformedProofsSpoilNoOthers() {
    List<Claim> claims = new ArrayList<>(valid.subList(0, 8));
    claims.set(1, with(claims.get(1), new byte[128]));
    claims.set(2, with(claims.get(2), new byte[0]));
    claims.set(3, with(claims.get(3), Arrays.copyOf(claims.get(3).proof(), 129)));
    byte[] infinity = claims.get(4).proof().clone();
    Arrays.fill(infinity, 0, 32, (byte) 0);
    infinity[0] = 0x40;
    claims.set(4, with(claims.get(4), infinity));
    List<Optional<RejectionReason>> results = checkAll(claims);
    assertEquals(Optional.of(RejectionReason.PROOF_NOT_CANONICAL), results.get(1));
    assertEquals(Optional.of(RejectionReason.PROOF_LENGTH), results.get(2));
    assertEquals(Optional.of(RejectionReason.PROOF_LENGTH), results.get(3));
    assertEquals(Optional.of(RejectionReason.PROOF_POINT_AT_INFINITY), results.get(4));
    for (int i : new int[] {0, 5, 6, 7}) {
      assertEquals(VALID, results.get(i));
    }
  }

  @Test
  void aBatchSaysWhatSingleChecksSayOfRandomMixes() {
    for (int round = 0; round < 6; round++) {
      List<Claim> claims = new ArrayList<>();
      int size = 1 + random.nextInt(20);
      for (int i = 0; i < size; i++) {
        Claim claim = valid.get(random.nextInt(valid.size()));
        claims.add(
            switch (random.nextInt(8)) {
              case 0 -> moved(claim, random.nextInt(5) - 2);
              case 1 -> with(claim, valid.get(random.nextInt(valid.size())).proof());
              case 2 -> {
                byte[] proof = claim.proof().clone();
                proof[random.nextInt(proof.length)] ^= (byte) (1 << random.nextInt(8));
                yield with(claim, proof);
              }
              default -> claim;
            });
      }
      assertLikeSingles(claims);
    }
  }

  @Test
  void aClaimOfAnotherCircuitOrOutOfRangeIsRefusedBeforeAnythingIsChecked() {
    Claim good = valid.get(0);
    for (Claim bad :
        List.of(
            new Claim(
                new RoundPoint(Digest.ZERO, good.round().point()),
                good.commitments(),
                good.context(),
                good.n(),
                good.d(),
                good.proof()),
            new Claim(good.round(), List.of(), good.context(), 1, 1, good.proof()),
            new Claim(
                good.round(),
                Collections.nCopies(4, good.commitments().get(0)),
                good.context(),
                1,
                1,
                good.proof()),
            new Claim(good.round(), good.commitments(), new byte[15], 1, 1, good.proof()),
            new Claim(good.round(), good.commitments(), good.context(), -1, 1, good.proof()),
            new Claim(good.round(), good.commitments(), good.context(), 1, 0, good.proof()))) {
      assertThrows(IllegalArgumentException.class, () -> checkAll(List.of(good, bad)));
    }
  }

  /** If the coefficients were known in advance, errors could be made to cancel. */
  @Test
  void errorsMadeToCancelUnderKnownCoefficientsPassThoseAndNoOthers() {
    List<Claim> claims = new ArrayList<>(valid.subList(0, 4));
    SecureRandom fixed =
        new SecureRandom() {
          private static final long serialVersionUID = 1;

          @Override
          public void nextBytes(byte[] bytes) {
            Arrays.fill(bytes, (byte) 0);
          }
        };
    // All coefficients are equal under this generator.
    claims.set(1, moved(claims.get(1), 1));
    claims.set(3, moved(claims.get(3), -1));
    assertEquals(Collections.nCopies(4, VALID), key.checkAll(claims, fixed));
    assertEquals(List.of(VALID, INVALID, VALID, INVALID), checkAll(claims));
    assertTrue(single(claims.get(1)).isPresent());
  }

  @Test
  void loopsThatFailAreNoExceptionAndNotUsedAnyMore() {
    Accelerator accelerator =
        FailingLoops.accelerator(
            () -> {
              throw new IllegalStateException("broken");
            });
    List<Claim> claims = new ArrayList<>(valid.subList(0, 8));
    claims.set(3, moved(claims.get(3), 1));
    assertEquals(
        claims.stream().map(BatchTest::single).toList(), key.checkAll(claims, secure, accelerator));
    assertTrue(accelerator.status().contains("it failed with"), accelerator.status());
  }

  @Test
  void loopsThatFindAPointOutsideAndNameNoneAreOverruled() {
    Accelerator accelerator = FailingLoops.accelerator(() -> false);
    assertEquals(
        Collections.nCopies(8, VALID), key.checkAll(valid.subList(0, 8), secure, accelerator));
    assertTrue(accelerator.status().contains("is off"), accelerator.status());
  }
}
