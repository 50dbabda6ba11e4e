package io.plimsoll.verifier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.bn254.G1;
import io.plimsoll.verifier.bn254.Scalars;
import io.plimsoll.verifier.bn254.Slow;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Whoever may choose a commitment can put anything into it, unless it has to prove its scope. */
class ScopeProofTest {
  private static final int COEFFICIENTS = 3;
  private static final int HOLDINGS = 6;
  private static final int FIRST_HOLDING = 4 + COEFFICIENTS;
  private static final int BLINDING = FIRST_HOLDING + HOLDINGS;
  private static final StatementLayout LAYOUT = layout();
  private static final TrapdoorKey TRAPDOOR = new TrapdoorKey(LAYOUT, 21);
  private static final VerifyingKey KEY = TRAPDOOR.key();
  private static final VerifyingKey OTHER_KEY = new TrapdoorKey(LAYOUT, 22).key();
  private static final TestKey ATTESTER = TestKey.of(1);
  private static final TestKey OTHER = TestKey.of(2);

  /** Columns 1, 2 and 4. */
  private static final List<ColumnRange> SCOPE =
      List.of(new ColumnRange(1, 3), new ColumnRange(4, 5));

  private static final long[] HELD = {0, 7, -100, 0, 1, 0};

  private static StatementLayout layout() {
    long[] low = new long[HOLDINGS];
    long[] high = new long[HOLDINGS];
    Arrays.fill(low, -1000);
    Arrays.fill(high, 1000);
    try {
      return StatementLayout.of(3, new long[COEFFICIENTS], new long[] {9, 9, 9}, low, high);
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  private static AttestationBody.Builder body() {
    return Fixtures.body().circuitId(KEY.circuitId()).scope(SCOPE);
  }

  private static ScopeProofs holder(long... holdings) {
    return new ScopeProofs(TRAPDOOR, LAYOUT, holdings, TRAPDOOR.scalar());
  }

  private static Attestation honest() {
    ScopeProofs holder = holder(HELD);
    return holder.attest(ATTESTER, body().commitment(holder.commitment()));
  }

  private static AttestationBody.Builder copy(AttestationBody body) {
    return AttestationBody.builder()
        .venue(body.venue())
        .account(body.account())
        .circuitId(body.circuitId())
        .listingDigest(body.listingDigest())
        .attester(body.attester())
        .scope(body.scope())
        .version(body.version())
        .asOfMillis(body.asOfMillis())
        .notAfterMillis(body.notAfterMillis())
        .previousDigest(body.previousDigest())
        .commitment(body.commitment().toByteArray())
        .sealedOpening(body.sealedOpening())
        .scopeProof(body.scopeProof().map(ScopeProof::toByteArray).orElse(new byte[0]));
  }

  private static void assertProven(Attestation attestation) {
    assertEquals(Optional.empty(), KEY.scopeRefusal(attestation));
    assertTrue(attestation.isScopeProvenUnder(KEY.circuitId()));
  }

  private static void assertRefused(Attestation attestation) {
    assertTrue(KEY.scopeRefusal(attestation).isPresent());
    assertEquals(List.of(attestation), KEY.withUnprovenScope(List.of(attestation)));
    assertFalse(attestation.isScopeProvenUnder(KEY.circuitId()));
  }

  @Test
  void honestAttestersScopeIsProven() {
    for (int i = 0; i < 5; i++) {
      assertProven(honest());
    }
  }

  @Test
  void everyScopeOfEveryHoldingIsProven() {
    List<List<ColumnRange>> scopes =
        List.of(
            List.of(new ColumnRange(0, HOLDINGS)),
            List.of(new ColumnRange(0, 1)),
            List.of(new ColumnRange(HOLDINGS - 1, HOLDINGS)),
            List.of(new ColumnRange(0, 1), new ColumnRange(2, 3), new ColumnRange(4, 6)));
    for (List<ColumnRange> scope : scopes) {
      for (long value : new long[] {0, 1, -1, 1000, -1000}) {
        long[] holdings = new long[HOLDINGS];
        scope.forEach(range -> Arrays.fill(holdings, range.from(), range.to(), value));
        ScopeProofs holder = holder(holdings);
        assertProven(holder.attest(ATTESTER, body().scope(scope).commitment(holder.commitment())));
      }
    }
  }

  @Test
  void commitmentOfTheKeyIsTheOneThatTheLogarithmsMake() throws Exception {
    BigInteger blinding = TRAPDOOR.scalar();
    ScopeProofs holder = new ScopeProofs(TRAPDOOR, LAYOUT, HELD, blinding);
    assertArrayEquals(
        KEY.commit(HELD, TrapdoorKey.bytes(blinding)).toByteArray(), holder.commitment());
    byte[][] scalars = new byte[4][];
    scalars[0] = TrapdoorKey.bytes(BigInteger.valueOf(7));
    scalars[1] = TrapdoorKey.bytes(Slow.R.subtract(BigInteger.valueOf(100)));
    scalars[2] = TrapdoorKey.bytes(BigInteger.ONE);
    scalars[3] = TrapdoorKey.bytes(blinding);
    assertArrayEquals(holder.commitment(), KEY.commitToScope(SCOPE, scalars).toByteArray());
    List<ColumnRange> beyond = List.of(new ColumnRange(4, HOLDINGS + 1));
    assertThrows(InvalidFormatException.class, () -> KEY.commitToScope(beyond, scalars));
    assertThrows(IllegalArgumentException.class, () -> KEY.commitToScope(SCOPE, new byte[3][32]));
    assertThrows(IllegalArgumentException.class, () -> KEY.commitToScope(SCOPE, new byte[4][32]));
  }

  /** Every one of these knows what is in its commitment; it is not holdings of its scope. */
  @Test
  void nothingButHoldingsOfTheScopeCanBeInACommitment() {
    for (int k = 0; k < BLINDING; k++) {
      boolean inScope = k == FIRST_HOLDING + 1 || k == FIRST_HOLDING + 2 || k == FIRST_HOLDING + 4;
      for (BigInteger weight :
          List.of(BigInteger.ONE, BigInteger.valueOf(-11), BigInteger.valueOf(1L << 40))) {
        ScopeProofs holder = holder(HELD).plus(k, weight);
        Attestation attestation = holder.attest(ATTESTER, body().commitment(holder.commitment()));
        if (inScope) {
          assertProven(attestation);
        } else {
          assertRefused(attestation);
        }
      }
    }
  }

  @Test
  void tableOffsetIsRefused() {
    ScopeProofs forger = holder(HELD).plus(4, BigInteger.valueOf(1_000_000));
    assertRefused(forger.attest(ATTESTER, body().commitment(forger.commitment())));
  }

  @Test
  void thresholdCannotBeTakenOut() {
    ScopeProofs forger =
        holder(HELD).plus(2, BigInteger.valueOf(Fixtures.THRESHOLD.numerator()).negate());
    assertRefused(forger.attest(ATTESTER, body().commitment(forger.commitment())));
  }

  /** Writing another column, with a proof that puts it in the place of one of the scope's. */
  @Test
  void proofOverOtherPointsIsRefused() throws Exception {
    ScopeProofs forger = holder(1, 0, 0, 0, 0, 0);
    AttestationBody body =
        body().commitment(forger.commitment()).attester(ATTESTER.publicKey()).build();
    List<Integer> honestPoints =
        List.of(FIRST_HOLDING + 1, FIRST_HOLDING + 2, FIRST_HOLDING + 4, BLINDING);
    for (int place = 0; place < 4; place++) {
      for (int k : new int[] {0, 1, 2, 3, 4, FIRST_HOLDING, FIRST_HOLDING + 3}) {
        List<Integer> points = new ArrayList<>(honestPoints);
        points.set(place, k);
        assertRefused(
            ATTESTER.attest(
                body().commitment(forger.commitment()).scopeProof(forger.prove(body, points))));
      }
    }
  }

  /**
   * C* - C: its maker does not know an opening of it. Neither the honest attester's proof nor its
   * own about C*, nor their difference, proves it.
   */
  @Test
  void differenceToAnotherAttestersCommitmentIsRefused() throws Exception {
    Attestation victim = honest();
    ScopeProofs wanted = holder(0, 900, 0, 0, 0, 0);
    G1 difference =
        Commitment.decode(wanted.commitment())
            .point()
            .plus(victim.body().commitment().point().negate());
    AttestationBody.Builder forged = body().commitment(difference.encodeCompressed());
    assertRefused(wanted.attest(OTHER, forged));
    byte[] copied = victim.body().scopeProof().orElseThrow().toByteArray();
    assertRefused(
        OTHER.attest(body().commitment(difference.encodeCompressed()).scopeProof(copied)));
    AttestationBody mine =
        body().commitment(difference.encodeCompressed()).attester(OTHER.publicKey()).build();
    byte[] own = wanted.prove(mine);
    byte[] mixed = own.clone();
    for (int i = 0; i < 4; i++) {
      BigInteger z = response(own, i).subtract(response(copied, i)).mod(Slow.R);
      System.arraycopy(TrapdoorKey.bytes(z), 0, mixed, 32 + 32 * i, 32);
    }
    G1 t = G1.decodeCompressed(own, 0).plus(G1.decodeCompressed(copied, 0).negate());
    System.arraycopy(t.encodeCompressed(), 0, mixed, 0, 32);
    assertRefused(OTHER.attest(body().commitment(difference.encodeCompressed()).scopeProof(mixed)));
  }

  private static BigInteger response(byte[] proof, int index) {
    return new BigInteger(1, Arrays.copyOfRange(proof, 32 + 32 * index, 64 + 32 * index));
  }

  @Test
  void proofOfAnotherCommitmentIsRefused() {
    Attestation one = honest();
    ScopeProofs other = holder(HELD);
    assertRefused(ATTESTER.attest(copy(one.body()).commitment(other.commitment())));
    byte[] negative = one.body().commitment().toByteArray();
    negative[0] ^= 0x40;
    assertRefused(ATTESTER.attest(copy(one.body()).commitment(negative)));
  }

  /** The proof stays as it is; what it is about changes, and the attester signs that. */
  @Test
  void proofIsBoundToWhatItIsAbout() {
    List<UnaryOperator<AttestationBody.Builder>> swaps =
        List.of(
            b -> b.venue("elsewhere"),
            b -> b.account("another"),
            b -> b.version(2),
            b -> b.scope(List.of(new ColumnRange(1, 4))),
            b -> b.scope(List.of(new ColumnRange(0, 2), new ColumnRange(4, 5))));
    for (UnaryOperator<AttestationBody.Builder> swap : swaps) {
      assertRefused(ATTESTER.attest(swap.apply(copy(honest().body()))));
    }
    assertRefused(OTHER.attest(copy(honest().body())));
    // What the challenge does not cover is under the same signature.
    assertProven(ATTESTER.attest(copy(honest().body()).asOfMillis(1).sealedOpening(new byte[9])));
  }

  @Test
  void everythingThatAProofIsAboutChangesTheChallenge() throws Exception {
    AttestationBody body = honest().body();
    byte[] t = body.scopeProof().orElseThrow().announcementBytes();
    Set<String> challenges = new HashSet<>();
    List<UnaryOperator<AttestationBody.Builder>> swaps =
        List.of(
            b -> b,
            b -> b.venue("elsewhere"),
            b -> b.account("another"),
            b -> b.version(2),
            b -> b.circuitId(OTHER_KEY.circuitId()),
            b -> b.attester(OTHER.publicKey()),
            b -> b.commitment(Fixtures.POINT),
            b -> b.scope(List.of(new ColumnRange(1, 4))));
    for (UnaryOperator<AttestationBody.Builder> swap : swaps) {
      challenges.add(Arrays.toString(ScopeProof.challenge(swap.apply(copy(body)).build(), t)));
    }
    challenges.add(Arrays.toString(ScopeProof.challenge(body, Fixtures.POINT)));
    assertEquals(swaps.size() + 1, challenges.size());
    assertArrayEquals(
        ScopeProof.challenge(body, t),
        ScopeProof.challenge(copy(body).scopeProof(new byte[0]).build(), t));
  }

  @Test
  void attestationOfAnotherCircuitIsRefused() {
    Attestation attestation = honest();
    assertTrue(OTHER_KEY.scopeRefusal(attestation).isPresent());
    assertProven(attestation);
    assertTrue(OTHER_KEY.scopeRefusal(attestation).isPresent());
    assertEquals(List.of(attestation), OTHER_KEY.withUnprovenScope(List.of(attestation)));
    Attestation moved = ATTESTER.attest(copy(honest().body()).circuitId(OTHER_KEY.circuitId()));
    assertTrue(OTHER_KEY.scopeRefusal(moved).isPresent());
  }

  @Test
  void missingProofAndColumnsBeyondTheCircuitAreRefused() {
    assertRefused(ATTESTER.attest(copy(honest().body()).scopeProof(new byte[0])));
    ScopeProofs holder = holder(HELD);
    List<ColumnRange> beyond = List.of(new ColumnRange(HOLDINGS - 1, HOLDINGS + 1));
    Attestation attestation =
        ATTESTER.attest(
            body()
                .scope(beyond)
                .commitment(holder.commitment())
                .scopeProof(Arrays.copyOf(Fixtures.POINT, ScopeProof.bytes(2))));
    assertTrue(KEY.scopeRefusal(attestation).orElseThrow().contains("ends at column 7"));
    assertRefused(attestation);
  }

  @Test
  void everyFlippedBitIsAFormatErrorOrARefusal() throws Exception {
    Attestation good = honest();
    byte[] proof = good.body().scopeProof().orElseThrow().toByteArray();
    int refused = 0;
    for (int bit = 0; bit < 8 * proof.length; bit++) {
      byte[] flipped = proof.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      AttestationBody body;
      try {
        body = copy(good.body()).scopeProof(flipped).build();
      } catch (InvalidFormatException e) {
        assertTrue(e.getMessage().contains("scope proof"), e.getMessage());
        continue;
      }
      refused++;
      assertTrue(KEY.scopeRefusal(ATTESTER.attest(copy(body))).isPresent(), "bit " + bit);
    }
    assertTrue(refused > 8 * 32 * 4 - 16, "refused " + refused);
  }

  @Test
  void responsesHaveOneForm() throws Exception {
    Attestation good = honest();
    byte[] proof = good.body().scopeProof().orElseThrow().toByteArray();
    for (int i = 0; i < 4; i++) {
      BigInteger above = response(proof, i).add(Scalars.ORDER);
      byte[] changed = proof.clone();
      System.arraycopy(TrapdoorKey.bytes(above), 0, changed, 32 + 32 * i, 32);
      assertNotDecoded("response " + i + " is not below r", changed);
      System.arraycopy(TrapdoorKey.bytes(Slow.R), 0, changed, 32 + 32 * i, 32);
      assertNotDecoded("response " + i + " is not below r", changed);
      BigInteger largest = Slow.R.subtract(BigInteger.ONE);
      System.arraycopy(TrapdoorKey.bytes(largest), 0, changed, 32 + 32 * i, 32);
      assertArrayEquals(changed, ScopeProof.decode(changed, 3).toByteArray());
      Arrays.fill(changed, 32 + 32 * i, 64 + 32 * i, (byte) 0);
      assertArrayEquals(changed, ScopeProof.decode(changed, 3).toByteArray());
    }
    for (int length = 0; length <= proof.length + 33; length++) {
      if (length != proof.length) {
        assertNotDecoded("bytes, not the 160 of 3 columns", Arrays.copyOf(proof, length));
      }
    }
    byte[] infinity = proof.clone();
    Arrays.fill(infinity, 0, 32, (byte) 0);
    infinity[0] = 0x40;
    assertNotDecoded("infinity", infinity);
  }

  private static void assertNotDecoded(String why, byte[] proof) {
    String message =
        assertThrows(InvalidFormatException.class, () -> ScopeProof.decode(proof, 3)).getMessage();
    assertTrue(message.contains(why), message);
  }

  @Test
  void equalProofsAreEqual() throws Exception {
    ScopeProof proof = honest().body().scopeProof().orElseThrow();
    ScopeProof same = ScopeProof.decode(proof.toByteArray(), 3);
    assertEquals(proof, same);
    assertEquals(proof.hashCode(), same.hashCode());
    assertNotEquals(proof, honest().body().scopeProof().orElseThrow());
    assertEquals("ScopeProof[160 bytes]", proof.toString());
  }

  @Test
  void scopeProofSurvivesTheBytesOfAnAttestation() throws Exception {
    Attestation attestation = honest();
    Attestation read =
        Attestation.decode(attestation.body().toByteArray(), attestation.signature());
    assertEquals(attestation, read);
    assertEquals(attestation.body().scopeProof(), read.body().scopeProof());
    assertProven(read);
    AttestationBody without = copy(attestation.body()).scopeProof(new byte[0]).build();
    assertArrayEquals(
        attestation.body().toByteArray(),
        without.withScopeProof(attestation.body().scopeProof().orElseThrow()).toByteArray());
  }

  @Test
  void batchFindsTheBadOnesAmongMany() {
    List<Attestation> good = new ArrayList<>();
    for (int i = 0; i < 33; i++) {
      good.add(honest());
    }
    assertEquals(List.of(), KEY.withUnprovenScope(good));
    good.forEach(each -> assertTrue(each.isScopeProvenUnder(KEY.circuitId())));
    for (int[] bad : new int[][] {{0}, {32}, {16}, {0, 1}, {3, 17, 30}, {31, 32}}) {
      List<Attestation> mixed = new ArrayList<>();
      List<Attestation> expected = new ArrayList<>();
      for (int i = 0; i < 33; i++) {
        int index = i;
        if (Arrays.stream(bad).anyMatch(each -> each == index)) {
          ScopeProofs forger = holder(HELD).plus(i % 5, BigInteger.ONE);
          Attestation forged = forger.attest(ATTESTER, body().commitment(forger.commitment()));
          mixed.add(forged);
          expected.add(forged);
        } else {
          mixed.add(honest());
        }
      }
      assertEquals(expected, KEY.withUnprovenScope(mixed));
    }
    List<Attestation> none = List.of();
    assertEquals(none, KEY.withUnprovenScope(none));
  }

  /** Two faults that cancel when they are simply added up do not cancel with random weights. */
  @Test
  void faultsThatCancelEachOtherAreFound() {
    for (int round = 0; round < 5; round++) {
      List<Attestation> pair = new ArrayList<>();
      Attestation first = honest();
      Attestation second = honest();
      for (int sign : new int[] {1, -1}) {
        Attestation each = sign > 0 ? first : second;
        byte[] proof = each.body().scopeProof().orElseThrow().toByteArray();
        BigInteger shifted = response(proof, 1).add(BigInteger.valueOf(sign)).mod(Slow.R);
        System.arraycopy(TrapdoorKey.bytes(shifted), 0, proof, 64, 32);
        pair.add(ATTESTER.attest(copy(each.body()).scopeProof(proof)));
      }
      assertEquals(pair, KEY.withUnprovenScope(pair));
    }
  }

  /** In a batch as well, wherever the unproven ones stand. */
  @Test
  void batchRefusesStatementsWithAnUnprovenScopeAndNoOthers() throws Exception {
    SolvencyVerifier verifier =
        SolvencyVerifier.create(KEY, VerifierPolicy.allowingDevelopment(KEY.circuitId()));
    long[] coefficients = {1, 2, 3};
    PreparedRound round =
        verifier.prepare(
            RiskRound.of(KEY.circuitId(), Fixtures.VENUE, Fixtures.LISTING, 1, 100, coefficients));
    List<SolvencyVerifier.Submission> submissions = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      BigInteger blinding = TRAPDOOR.scalar();
      ScopeProofs holder = new ScopeProofs(TRAPDOOR, LAYOUT, HELD, blinding);
      Attestation proven = holder.attest(ATTESTER, body().commitment(holder.commitment()));
      Attestation attestation =
          i % 3 == 0 ? ATTESTER.attest(copy(proven.body()).scopeProof(new byte[0])) : proven;
      AccountState account =
          Fixtures.accepted(
              AccountState.open(
                      Fixtures.VENUE,
                      Fixtures.ACCOUNT,
                      KEY.circuitId(),
                      List.of(ATTESTER.publicKey()))
                  .with(attestation));
      SolvencyStatement statement =
          (SolvencyStatement)
              SolvencyStatement.form(account, round, Fixtures.THRESHOLD, Fixtures.PURPOSE, 100);
      BigInteger sum =
          TRAPDOOR.publicSum(statement.context(), 11, 10, coefficients, HELD, blinding);
      byte[] proof = TRAPDOOR.prove(i == 4 ? sum.add(BigInteger.ONE).mod(Slow.R) : sum);
      submissions.add(new SolvencyVerifier.Submission(statement, proof));
    }
    List<Verdict> verdicts = verifier.verifyAll(submissions);
    assertEquals(9, verdicts.size());
    for (int i = 0; i < 9; i++) {
      if (i % 3 == 0 || i == 4) {
        assertEquals(
            i == 4 ? RejectionReason.PROOF_DOES_NOT_VERIFY : RejectionReason.SCOPE_NOT_PROVEN,
            assertInstanceOf(Rejected.class, verdicts.get(i)).reason());
      } else {
        assertInstanceOf(VerifiedSolvency.class, verdicts.get(i));
      }
    }
  }

  @Test
  void verifierRefusesAStatementWithAnUnprovenScope() throws Exception {
    SolvencyVerifier verifier =
        SolvencyVerifier.create(KEY, VerifierPolicy.allowingDevelopment(KEY.circuitId()));
    BigInteger blinding = TRAPDOOR.scalar();
    long[] coefficients = {1, 2, 3};
    PreparedRound round =
        verifier.prepare(
            RiskRound.of(KEY.circuitId(), Fixtures.VENUE, Fixtures.LISTING, 1, 100, coefficients));
    ScopeProofs holder = new ScopeProofs(TRAPDOOR, LAYOUT, HELD, blinding);
    Attestation proven = holder.attest(ATTESTER, body().commitment(holder.commitment()));
    Attestation unproven = ATTESTER.attest(copy(proven.body()).scopeProof(new byte[0]));
    for (Attestation attestation : List.of(proven, unproven)) {
      AccountState account =
          Fixtures.accepted(
              AccountState.open(
                      Fixtures.VENUE,
                      Fixtures.ACCOUNT,
                      KEY.circuitId(),
                      List.of(ATTESTER.publicKey()))
                  .with(attestation));
      SolvencyStatement statement =
          assertInstanceOf(
              SolvencyStatement.class,
              SolvencyStatement.form(account, round, Fixtures.THRESHOLD, Fixtures.PURPOSE, 100));
      byte[] proof =
          TRAPDOOR.prove(
              TRAPDOOR.publicSum(
                  statement.context(),
                  Fixtures.THRESHOLD.numerator(),
                  Fixtures.THRESHOLD.denominator(),
                  coefficients,
                  HELD,
                  blinding));
      Verdict verdict = verifier.verify(statement, proof);
      if (attestation.equals(proven)) {
        assertInstanceOf(VerifiedSolvency.class, verdict);
        assertEquals(Optional.empty(), verifier.scopeRefusal(attestation));
      } else {
        Rejected rejected = assertInstanceOf(Rejected.class, verdict);
        assertEquals(RejectionReason.SCOPE_NOT_PROVEN, rejected.reason());
        assertTrue(rejected.detail().contains(ATTESTER.publicKey().toString()), rejected.detail());
      }
    }
  }
}
