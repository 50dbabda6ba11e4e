package io.plimsoll.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.bn254.Slow;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Real commitments, rounds and pairings: a valid proof counts for the one statement it is of. */
class ReplayTest {
  private static final TestKey CUSTODIAN = TestKey.of(1);
  private static final TestKey LENDER = TestKey.of(2);
  private static final TrapdoorKey TRAPDOOR = new TrapdoorKey(Fixtures.layout(), 7);
  private static final VerifyingKey KEY = TRAPDOOR.key();
  private static final SolvencyVerifier VERIFIER = verifier();
  private static final long[] COEFFICIENTS = {3, -10};

  /** What each attestation commits to; nobody but the owner knows it. */
  private static final Map<Digest, Opening> OPENINGS = new TreeMap<>();

  private record Opening(long holding, BigInteger blinding) {}

  private static SolvencyVerifier verifier() {
    try {
      return SolvencyVerifier.create(KEY, VerifierPolicy.allowingDevelopment(KEY.circuitId()));
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  private static Attestation attest(
      TestKey attester, String venue, String account, long version, Digest previous, long holding) {
    BigInteger blinding = TRAPDOOR.scalar();
    try {
      Commitment commitment = KEY.commit(new long[] {holding}, TrapdoorKey.bytes(blinding));
      Attestation attestation =
          new ScopeProofs(TRAPDOOR, holding, blinding)
              .attest(
                  attester,
                  Fixtures.body()
                      .venue(venue)
                      .account(account)
                      .circuitId(KEY.circuitId())
                      .version(version)
                      .previousDigest(previous)
                      .commitment(commitment.toByteArray()));
      OPENINGS.put(attestation.digest(), new Opening(holding, blinding));
      return attestation;
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  private static AccountState account(String venue, String account, long holding) {
    try {
      AccountState state =
          AccountState.open(
              venue, account, KEY.circuitId(), List.of(CUSTODIAN.publicKey(), LENDER.publicKey()));
      state =
          Fixtures.accepted(state.with(attest(CUSTODIAN, venue, account, 1, Digest.ZERO, holding)));
      return Fixtures.accepted(state.with(attest(LENDER, venue, account, 1, Digest.ZERO, -1)));
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  private static PreparedRound round(String venue, long sequence) {
    try {
      return VERIFIER.prepare(
          RiskRound.of(KEY.circuitId(), venue, Fixtures.LISTING, sequence, 100, COEFFICIENTS));
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  private static SolvencyStatement statement(AccountState account, PreparedRound round) {
    return statement(account, round, Fixtures.THRESHOLD, Fixtures.PURPOSE);
  }

  private static SolvencyStatement statement(
      AccountState account, PreparedRound round, Threshold threshold, Purpose purpose) {
    return assertInstanceOf(
        SolvencyStatement.class, SolvencyStatement.form(account, round, threshold, purpose, 100));
  }

  /** The public sum that an honest prover's witness has. */
  private static BigInteger sum(SolvencyStatement statement) {
    long holding = 0;
    BigInteger blinding = BigInteger.ZERO;
    for (Attestation attestation : statement.account().attestations()) {
      Opening opening = OPENINGS.get(attestation.digest());
      holding += opening.holding;
      blinding = blinding.add(opening.blinding);
    }
    return TRAPDOOR.publicSum(
        statement.context(),
        statement.threshold().numerator(),
        statement.threshold().denominator(),
        COEFFICIENTS,
        new long[] {holding},
        blinding);
  }

  private final AccountState account = account("venue", "account", 5);
  private final PreparedRound round = round("venue", 7);

  @Test
  void proofOfTheStatementIsAcceptedAndSoIsItsRerandomisation() {
    SolvencyStatement statement = statement(account, round);
    BigInteger sum = sum(statement);
    BigInteger a = TRAPDOOR.scalar();
    BigInteger b = TRAPDOOR.scalar();
    BigInteger factor = TRAPDOOR.scalar();
    byte[] proof = TRAPDOOR.prove(sum, a, b);
    byte[] rerandomised =
        TRAPDOOR.prove(sum, a.multiply(factor), b.multiply(factor.modInverse(Slow.R)));
    assertTrue(!java.util.Arrays.equals(proof, rerandomised));
    for (byte[] each : List.of(proof, rerandomised)) {
      VerifiedSolvency verified =
          assertInstanceOf(VerifiedSolvency.class, VERIFIER.verify(statement, each));
      assertEquals(account.version(), verified.accountVersion());
    }
  }

  @Test
  void proofOfAnotherStatementIsRejectedAndSoIsItsRerandomisation() {
    SolvencyStatement current = statement(account, round);
    Attestation last = account.attestation(CUSTODIAN.publicKey()).orElseThrow();
    AccountState next =
        Fixtures.accepted(account.with(attest(CUSTODIAN, "venue", "account", 2, last.digest(), 5)));
    List<SolvencyStatement> others = new ArrayList<>();
    others.add(statement(next, round));
    others.add(statement(account, round("venue", 6)));
    others.add(statement(account("venue", "other", 5), round));
    others.add(statement(account("other", "account", 5), round("other", 7)));
    others.add(statement(account, round, new Threshold(10, 10), Fixtures.PURPOSE));
    others.add(statement(account, round, new Threshold(22, 20), Fixtures.PURPOSE));
    others.add(statement(account, round, Fixtures.THRESHOLD, Purpose.INITIAL));
    for (SolvencyStatement other : others) {
      byte[] proof = TRAPDOOR.prove(sum(other));
      assertInstanceOf(VerifiedSolvency.class, VERIFIER.verify(other, proof));
      Rejected rejected = assertInstanceOf(Rejected.class, VERIFIER.verify(current, proof));
      assertEquals(RejectionReason.PROOF_DOES_NOT_VERIFY, rejected.reason(), other.toString());
      byte[] again = TRAPDOOR.prove(sum(other));
      assertInstanceOf(Rejected.class, VERIFIER.verify(current, again), other.toString());
    }
  }

  @Test
  void contextAloneKeepsStatementsApart() {
    // The same commitments and round under another account version: only the context differs.
    SolvencyStatement current = statement(account, round);
    AccountState renumbered;
    try {
      renumbered =
          AccountState.of(
              account.venue(),
              account.account(),
              account.circuitId(),
              account.version() + 1,
              account.roster(),
              account.attestations());
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
    byte[] proof = TRAPDOOR.prove(sum(statement(renumbered, round)));
    assertInstanceOf(Rejected.class, VERIFIER.verify(current, proof));
  }

  @Test
  void proofFromOtherHoldingsThanTheAttestedOnesIsRejected() {
    SolvencyStatement statement = statement(account, round);
    BigInteger oneMore =
        TRAPDOOR.publicSum(
            statement.context(),
            11,
            10,
            COEFFICIENTS,
            new long[] {5},
            OPENINGS.values().iterator().next().blinding);
    assertInstanceOf(Rejected.class, VERIFIER.verify(statement, TRAPDOOR.prove(oneMore)));
  }

  @Test
  void everyFlippedByteOfAProofIsRejected() {
    SolvencyStatement statement = statement(account, round);
    byte[] proof = TRAPDOOR.prove(sum(statement));
    for (int i = 0; i < proof.length; i++) {
      byte[] flipped = proof.clone();
      flipped[i] ^= 1;
      assertInstanceOf(Rejected.class, VERIFIER.verify(statement, flipped), "byte " + i);
    }
  }

  @Test
  void developmentKeyIsRefusedUnlessNamed() {
    for (VerifierPolicy policy :
        List.of(
            VerifierPolicy.production(), VerifierPolicy.allowingDevelopment(Fixtures.CIRCUIT))) {
      InvalidFormatException e =
          assertThrows(InvalidFormatException.class, () -> SolvencyVerifier.create(KEY, policy));
      assertTrue(e.getMessage().contains(KEY.circuitId().toString()), e.getMessage());
    }
  }

  private static SolvencyVerifier.Submission submission(SolvencyStatement about, byte[] proof) {
    return new SolvencyVerifier.Submission(about, proof);
  }

  @Test
  void aBatchOfAccountsRoundsThresholdsAndPurposesGivesEachItsVerdict() {
    List<SolvencyVerifier.Submission> submissions = new ArrayList<>();
    List<SolvencyStatement> statements =
        List.of(
            statement(account, round),
            statement(account("venue", "other", 4), round),
            statement(account, round("venue", 8)),
            statement(account, round, new Threshold(3, 2), Purpose.INITIAL),
            statement(account("venue", "third", 3), round));
    for (SolvencyStatement about : statements) {
      submissions.add(submission(about, TRAPDOOR.prove(sum(about))));
    }
    // A proof of another account's statement.
    submissions.set(4, submission(statements.get(4), submissions.get(0).proof()));
    for (List<Verdict> verdicts :
        List.of(
            VERIFIER.verifyAll(submissions), VERIFIER.verifyAll(submissions, Runnable::run, 3))) {
      for (int i = 0; i < 4; i++) {
        VerifiedSolvency verified =
            assertInstanceOf(VerifiedSolvency.class, verdicts.get(i), "statement " + i);
        assertEquals(statements.get(i).account().account(), verified.account());
        assertEquals(statements.get(i).threshold(), verified.threshold());
        assertEquals(statements.get(i).round().round().sequence(), verified.roundSequence());
      }
      assertEquals(
          RejectionReason.PROOF_DOES_NOT_VERIFY,
          assertInstanceOf(Rejected.class, verdicts.get(4)).reason());
    }
  }

  /**
   * An executor with one thread less than there are parts keeps all of them busy; none is empty.
   */
  @Test
  void theCallerChecksTheFirstPartOfABatchItself() {
    List<SolvencyVerifier.Submission> submissions = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      SolvencyStatement about = statement(account("venue", "account " + i, 4), round);
      submissions.add(submission(about, TRAPDOOR.prove(sum(about))));
    }
    for (int parts : new int[] {1, 2, 3, 5, Integer.MAX_VALUE}) {
      List<Runnable> given = new ArrayList<>();
      List<Verdict> verdicts =
          VERIFIER.verifyAll(
              submissions,
              task -> {
                given.add(task);
                task.run();
              },
              parts);
      assertEquals(Math.min(parts, 3) - 1, given.size());
      assertEquals(3, verdicts.size());
      for (int i = 0; i < 3; i++) {
        VerifiedSolvency verified = assertInstanceOf(VerifiedSolvency.class, verdicts.get(i));
        assertEquals("account " + i, verified.account());
      }
    }
  }

  @Test
  void aBatchWithAStatementOfAnotherCircuitIsRefusedAsAWhole() throws Exception {
    SolvencyStatement mine = statement(account, round);
    VerifyingKey other = new TrapdoorKey(Fixtures.layout(), 77).key();
    SolvencyVerifier theirs =
        SolvencyVerifier.create(other, VerifierPolicy.allowingDevelopment(other.circuitId()));
    List<SolvencyVerifier.Submission> submissions =
        List.of(submission(mine, TRAPDOOR.prove(sum(mine))));
    assertThrows(IllegalArgumentException.class, () -> theirs.verifyAll(submissions));
    assertThrows(
        IllegalArgumentException.class, () -> theirs.verifyAll(submissions, Runnable::run, 1));
    assertThrows(
        IllegalArgumentException.class, () -> VERIFIER.verifyAll(submissions, Runnable::run, 0));
    assertEquals(List.of(), theirs.verifyAll(List.of()));
    assertThrows(NullPointerException.class, () -> submission(mine, null));
  }
}
