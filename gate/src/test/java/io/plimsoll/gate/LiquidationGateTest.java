package io.plimsoll.gate;

import static io.plimsoll.gate.GateHarness.ACCOUNT;
import static io.plimsoll.gate.GateHarness.CUSTODIAN;
import static io.plimsoll.gate.GateHarness.GRACE;
import static io.plimsoll.gate.GateHarness.LENDER;
import static io.plimsoll.gate.GateHarness.NEWCOMER;
import static io.plimsoll.gate.GateHarness.REPROOF;
import static io.plimsoll.gate.GateHarness.ROUND_AGE;
import static io.plimsoll.gate.GateHarness.SKEW;
import static io.plimsoll.gate.GateHarness.SPACING;
import static io.plimsoll.gate.GateHarness.SUSPENSION;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.gate.AccountStatus.InGrace;
import io.plimsoll.gate.AccountStatus.Liquidatable;
import io.plimsoll.gate.AccountStatus.Liquidating;
import io.plimsoll.gate.AccountStatus.Solvent;
import io.plimsoll.gate.AccountStatus.Suspended;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.AccountUpdate.Refusal;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.Rejected;
import io.plimsoll.verifier.RejectionReason;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.Threshold;
import io.plimsoll.verifier.VerifiedSolvency;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class LiquidationGateTest {
  @AfterEach
  void journalLeadsToTheSameDecisions() {
    GateHarness.auditAll();
  }

  // Opening.

  @Test
  void newAccountIsSuspendedUntilAllHaveAttestedAndInGraceUntilItIsProven() {
    GateHarness gate = new GateHarness();
    gate.publish();
    long opened = gate.now;
    gate.open(CUSTODIAN, LENDER);
    assertEquals(
        new Suspended(SuspensionCause.ATTESTATION_MISSING, opened, opened + SUSPENSION),
        gate.status());
    gate.attest(CUSTODIAN, 1_000_000);
    assertInstanceOf(Suspended.class, gate.status());
    gate.now += 30;
    gate.attest(LENDER, 1_000_000);
    assertEquals(new InGrace(opened, opened + 30 + SKEW + GRACE), gate.status());
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
    assertInstanceOf(Solvent.class, gate.status());
  }

  @Test
  void accountOpensOnceWithAsManyAttestersAsTheCircuitAllows() {
    GateHarness gate = new GateHarness();
    gate.open(CUSTODIAN, LENDER, NEWCOMER);
    assertThrows(IllegalArgumentException.class, () -> gate.open(CUSTODIAN));
    assertThrows(
        InvalidFormatException.class,
        () ->
            gate.gate.openAccount(
                "other",
                List.of(
                    CUSTODIAN.publicKey(),
                    LENDER.publicKey(),
                    NEWCOMER.publicKey(),
                    GateHarness.PUBLISHERS.get(0).publicKey())));
    assertThrows(InvalidFormatException.class, () -> gate.gate.openAccount("", List.of()));
    assertThrows(IllegalArgumentException.class, () -> gate.gate.decide("nobody"));
  }

  // Solvent, in grace, liquidatable.

  @Test
  void solventUntilTheRoundIsTooOld() {
    GateHarness gate = GateHarness.solvent();
    long until = gate.round.asOfMillis() + ROUND_AGE;
    assertEquals(new Solvent(until), gate.status());
    gate.now = until - 1;
    gate.publish();
    assertEquals(new Solvent(until), gate.status());
    assertEquals(new InGrace(until, until + SKEW + GRACE), gate.statusAt(until));
    assertInstanceOf(InGrace.class, gate.statusAt(until + SKEW + GRACE - 1));
    long liquidatableAt = until + SKEW + GRACE;
    assertEquals(
        new Liquidatable(liquidatableAt, GateHarness.PART, liquidatableAt + GateHarness.SOFT),
        gate.statusAt(liquidatableAt));
  }

  @Test
  void validityRunsFromTheRoundAndNotFromAcceptance() {
    GateHarness gate = GateHarness.ready();
    long asOf = gate.round.asOfMillis();
    gate.now = asOf + ROUND_AGE / 2;
    gate.prove();
    assertEquals(new Solvent(asOf + ROUND_AGE), gate.status());
  }

  @Test
  void solventUntilTheFirstAttestationExpires() {
    GateHarness gate = new GateHarness();
    gate.publish();
    gate.open(CUSTODIAN, LENDER);
    long notAfter = gate.now + 300;
    gate.attest(CUSTODIAN, notAfter);
    gate.attest(LENDER, 1_000_000);
    gate.prove();
    assertEquals(new Solvent(notAfter), gate.status());
    assertEquals(
        new Suspended(SuspensionCause.ATTESTATION_EXPIRED, notAfter, notAfter + SUSPENSION),
        gate.statusAt(notAfter));
  }

  @Test
  void ownerMayProveInGraceAndWhileLiquidatable() {
    for (long late : new long[] {0, SKEW + GRACE}) {
      GateHarness gate = GateHarness.solvent();
      gate.now += ROUND_AGE;
      gate.publish();
      gate.now += late;
      assertFalse(gate.status() instanceof Solvent);
      assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
      assertEquals(new Solvent(gate.round.asOfMillis() + ROUND_AGE), gate.status());
    }
  }

  // Proofs that do not count.

  @Test
  void receiptSaysWhatWasReceivedWhenAndWhatCameOfIt() {
    GateHarness gate = GateHarness.ready();
    byte[] proof = Fixtures.proof(gate.gate.account(ACCOUNT), gate.round);
    Submission submission = gate.gate.submitProof(ACCOUNT, 1, proof);
    assertInstanceOf(VerifiedSolvency.class, submission.verdict());
    JournalRecord last = gate.journal().get(gate.journal().size() - 1);
    assertEquals(
        new ProofReceipt(
            Fixtures.VENUE,
            ACCOUNT,
            Fixtures.CIRCUIT,
            3,
            1,
            Digest.of(proof),
            gate.now,
            gate.now,
            Optional.empty(),
            gate.round.asOfMillis() + ROUND_AGE,
            last.index(),
            last.digest()),
        submission.receipt().message());
    assertEquals(GateHarness.VENUE_KEY.publicKey(), submission.receipt().signer());
    assertEquals(Optional.of(submission.receipt()), gate.gate.receipt(last.index()));
    assertEquals(Optional.empty(), gate.gate.receipt(last.index() - 1));
    assertEquals(Optional.empty(), gate.gate.receipt(last.index() + 1));
  }

  @Test
  void badProofsChangeNothing() {
    GateHarness gate = GateHarness.solvent();
    AccountStatus before = gate.status();
    assertRejected(RejectionReason.PROOF_LENGTH, gate.gate.submitProof(ACCOUNT, 1, new byte[127]));
    assertRejected(
        RejectionReason.PROOF_DOES_NOT_VERIFY, gate.gate.submitProof(ACCOUNT, 1, new byte[128]));
    assertRejected(RejectionReason.UNKNOWN_ROUND, gate.gate.submitProof(ACCOUNT, 2, new byte[128]));
    assertRejected(
        RejectionReason.UNKNOWN_ROUND, gate.gate.submitProof(ACCOUNT, -1, new byte[128]));
    Submission unknown = gate.gate.submitProof("nobody", 1, new byte[128]);
    assertRejected(RejectionReason.UNKNOWN_ACCOUNT, unknown);
    assertEquals(0, unknown.receipt().message().accountVersion());
    assertEquals(before, gate.status());
  }

  @Test
  void proofForAnotherThresholdOrPurposeDoesNotCount() {
    GateHarness gate = GateHarness.ready();
    AccountState state = gate.gate.account(ACCOUNT);
    for (byte[] proof :
        List.of(
            Fixtures.proof(state, gate.round, new Threshold(1, 1), Fixtures.PURPOSE),
            Fixtures.proof(state, gate.round, Fixtures.THRESHOLD, Purpose.INITIAL))) {
      assertRejected(
          RejectionReason.PROOF_DOES_NOT_VERIFY, gate.gate.submitProof(ACCOUNT, 1, proof));
    }
  }

  @Test
  void proofOfAnOlderVersionOrRoundOrOfAnotherAccountDoesNotCount() throws Exception {
    GateHarness gate = GateHarness.ready();
    AccountState old = gate.gate.account(ACCOUNT);
    RiskRound first = gate.round;
    gate.now += SPACING;
    gate.attest(CUSTODIAN, 1_000_000);
    gate.publish();
    assertRejected(
        RejectionReason.PROOF_DOES_NOT_VERIFY,
        gate.gate.submitProof(ACCOUNT, 2, Fixtures.proof(old, gate.round)));
    byte[] onFirst = Fixtures.proof(gate.gate.account(ACCOUNT), first);
    assertRejected(
        RejectionReason.PROOF_DOES_NOT_VERIFY, gate.gate.submitProof(ACCOUNT, 2, onFirst));
    gate.gate.openAccount("other", List.of(NEWCOMER.publicKey()));
    gate.gate.attest(NEWCOMER.attest(Fixtures.body().account("other").notAfterMillis(1_000_000)));
    byte[] ofOther = Fixtures.proof(gate.gate.account("other"), gate.round);
    assertRejected(
        RejectionReason.PROOF_DOES_NOT_VERIFY, gate.gate.submitProof(ACCOUNT, 2, ofOther));
    assertInstanceOf(VerifiedSolvency.class, gate.gate.submitProof("other", 2, ofOther).verdict());
    assertInstanceOf(VerifiedSolvency.class, gate.gate.submitProof(ACCOUNT, 1, onFirst).verdict());
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
    assertRejected(RejectionReason.STALE_ROUND, gate.gate.submitProof(ACCOUNT, 1, onFirst));
  }

  @Test
  void roundIsFreshOnlyIfItIsSoOnTheSlowestClock() {
    GateHarness gate = GateHarness.ready();
    gate.now = gate.round.asOfMillis() + ROUND_AGE - SKEW;
    assertRejected(RejectionReason.STALE_ROUND, gate.prove());
    gate.now--;
    // The store's time stands still when the clock goes back.
    assertRejected(RejectionReason.STALE_ROUND, gate.prove());
    GateHarness again = GateHarness.ready();
    again.now = again.round.asOfMillis() + ROUND_AGE - SKEW - 1;
    assertInstanceOf(VerifiedSolvency.class, again.prove().verdict());
  }

  @Test
  void attestationIsFreshOnlyIfItIsSoOnTheSlowestClock() {
    GateHarness gate = new GateHarness();
    gate.publish();
    gate.open(CUSTODIAN);
    long notAfter = gate.now + 300;
    gate.attest(CUSTODIAN, notAfter);
    gate.now = notAfter - SKEW;
    assertRejected(RejectionReason.EXPIRED_ATTESTATION, gate.prove());
  }

  @Test
  void proofWithAMissingAttestationIsRefusedByItsReason() {
    GateHarness gate = new GateHarness();
    gate.publish();
    gate.open(CUSTODIAN, LENDER);
    gate.attest(CUSTODIAN, 1_000_000);
    assertRejected(RejectionReason.MISSING_ATTESTATION, gate.prove());
  }

  // Attestations.

  @Test
  void newVersionEndsAnExistingSolventNotBeforeTheReproofTime() {
    GateHarness gate = GateHarness.solvent();
    gate.now += SPACING;
    long first = gate.now;
    assertInstanceOf(AccountUpdate.Accepted.class, gate.attest(CUSTODIAN, 1_000_000));
    assertEquals(new Solvent(first + REPROOF), gate.status());
    gate.now += SPACING;
    gate.attest(CUSTODIAN, 1_000_000);
    assertEquals(new Solvent(first + REPROOF), gate.status(), "a storm prolongs nothing");
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
    assertEquals(new Solvent(gate.round.asOfMillis() + ROUND_AGE), gate.status());
  }

  @Test
  void newVersionDoesNotProlongAnExistingSolvent() {
    GateHarness gate = GateHarness.solvent();
    long until = gate.round.asOfMillis() + ROUND_AGE;
    gate.now = until - 5;
    gate.attest(CUSTODIAN, 1_000_000);
    assertEquals(new Solvent(until), gate.status());
  }

  @Test
  void attestationDoesNotRestartGrace() {
    GateHarness gate = GateHarness.solvent();
    long until = gate.round.asOfMillis() + ROUND_AGE;
    gate.now = until - 1;
    gate.publish();
    gate.now = until + 100;
    gate.attest(CUSTODIAN, 1_000_000);
    assertEquals(new InGrace(until, until + SKEW + GRACE), gate.status());
  }

  @Test
  void versionsCloserTogetherThanTheMinimumAreRefusedUnlessForced() {
    GateHarness gate = GateHarness.ready();
    gate.now += SPACING - 1;
    assertRefused(Refusal.TOO_SOON, gate.attest(CUSTODIAN, 1_000_000));
    assertInstanceOf(
        AccountUpdate.Accepted.class,
        gate.gate.attestForcedDecrease(gate.next(CUSTODIAN, 1_000_000, false)));
    gate.now += SPACING;
    assertInstanceOf(AccountUpdate.Accepted.class, gate.attest(CUSTODIAN, 1_000_000));
  }

  @Test
  void attestationsFromTheFutureOrThePastAreRefused() {
    GateHarness gate = new GateHarness();
    gate.open(CUSTODIAN);
    long notAfter = 1_000_000;
    assertRefused(
        Refusal.FUTURE,
        gate.gate.attest(
            CUSTODIAN.attest(
                Fixtures.body().asOfMillis(gate.now + SKEW + 1).notAfterMillis(notAfter))));
    assertRefused(Refusal.EXPIRED, gate.attest(CUSTODIAN, gate.now + SKEW));
    assertInstanceOf(
        AccountUpdate.Accepted.class,
        gate.gate.attest(
            CUSTODIAN.attest(
                Fixtures.body().asOfMillis(gate.now + SKEW).notAfterMillis(notAfter))));
  }

  @Test
  void attestationForSomebodyElseIsRefused() {
    GateHarness gate = GateHarness.ready();
    assertRefused(
        Refusal.UNKNOWN_ACCOUNT,
        gate.gate.attest(CUSTODIAN.attest(Fixtures.body().account("nobody"))));
    assertRefused(
        Refusal.WRONG_VENUE,
        gate.gate.attest(CUSTODIAN.attest(Fixtures.body().venue("other").version(2))));
    assertRefused(
        Refusal.NOT_ROSTERED,
        gate.gate.attest(NEWCOMER.attest(Fixtures.body().notAfterMillis(1_000_000))));
  }

  @Test
  void twoAttestationsWithOneVersionAreKeptAsEvidenceAndSuspendTheAccount() {
    GateHarness gate = GateHarness.solvent();
    Attestation known = gate.gate.account(ACCOUNT).attestations().get(0);
    gate.now += SPACING;
    Attestation contradiction = contradiction(gate, known);
    assertEquals(
        new AccountUpdate.Equivocation(known, contradiction), gate.gate.attest(contradiction));
    assertEquals(
        List.of(new Evidence.TwoAttestations(known, contradiction, gate.now)),
        gate.gate.evidence());
    assertEquals(
        new Suspended(SuspensionCause.ATTESTER_FAULT, gate.now, gate.now + SUSPENSION),
        gate.status());
  }

  @Test
  void evidenceThatIsKeptAlreadyDoesNotSuspendTheAccountAgain() {
    GateHarness gate = GateHarness.solvent();
    Attestation known = gate.gate.account(ACCOUNT).attestations().get(0);
    Attestation contradiction = contradiction(gate, known);
    AccountUpdate equivocation = gate.gate.attest(contradiction);
    gate.gate.resume(ACCOUNT);
    assertEquals(equivocation, gate.gate.attest(contradiction));
    assertInstanceOf(Solvent.class, gate.status());
    assertEquals(1, gate.gate.evidence().size());
  }

  @Test
  void contradictionToAnOlderVersionIsEvidenceToo() {
    GateHarness gate = GateHarness.ready();
    Attestation known = gate.gate.account(ACCOUNT).attestations().get(0);
    gate.now += SPACING;
    gate.attest(key(known), 1_000_000);
    gate.now += SPACING;
    Attestation contradiction = contradiction(gate, known);
    assertInstanceOf(AccountUpdate.Equivocation.class, gate.gate.attest(contradiction));
    assertRefused(Refusal.VERSION_NOT_INCREASING, gate.gate.attest(known));
    assertEquals(1, gate.gate.evidence().size());
  }

  private static io.plimsoll.verifier.TestKey key(Attestation attestation) {
    return attestation.body().attester().equals(CUSTODIAN.publicKey()) ? CUSTODIAN : LENDER;
  }

  private static Attestation contradiction(GateHarness gate, Attestation known) {
    return key(known)
        .attest(
            Fixtures.body()
                .version(known.body().version())
                .asOfMillis(gate.now)
                .notAfterMillis(1_000_000)
                .sealedOpening(new byte[] {8}));
  }

  // The roster.

  @Test
  void attesterThatJoinsMustAttestBeforeTheAccountIsJudged() {
    GateHarness gate = GateHarness.solvent();
    gate.join(NEWCOMER);
    assertEquals(
        new Suspended(SuspensionCause.ATTESTATION_MISSING, gate.now, gate.now + REPROOF),
        gate.status());
    gate.attest(NEWCOMER, 1_000_000);
    assertEquals(new Solvent(gate.now + REPROOF), gate.status());
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
    assertRefused(Refusal.ROSTER_FULL, gate.join(GateHarness.PUBLISHERS.get(0)));
  }

  @Test
  void attesterLeavesOnItsOwnWordOnly() {
    GateHarness gate = GateHarness.solvent();
    Attestation custodians = gate.next(CUSTODIAN, 1_000_000, true);
    assertRefused(
        Refusal.WRONG_KIND,
        gate.gate.changeRoster(
            ACCOUNT, new RosterChange.Leave(gate.next(LENDER, 1_000_000, false))));
    assertRefused(Refusal.WRONG_KIND, gate.gate.attest(custodians));
    assertRefused(
        Refusal.WRONG_KIND,
        gate.gate.changeRoster(
            ACCOUNT, new RosterChange.Replace(LENDER.publicKey(), NEWCOMER.publicKey())));
    assertTrue(gate.gate.account(ACCOUNT).roster().contains(LENDER.publicKey()));
    assertInstanceOf(AccountUpdate.Accepted.class, gate.leave(LENDER));
    assertFalse(gate.gate.account(ACCOUNT).roster().contains(LENDER.publicKey()));
    assertEquals(new Solvent(gate.now + REPROOF), gate.status());
  }

  @Test
  void closingAttestationOfAnotherAccountIsRefused() throws Exception {
    GateHarness gate = GateHarness.solvent();
    gate.gate.openAccount("other", List.of(LENDER.publicKey()));
    assertRefused(
        Refusal.WRONG_ACCOUNT,
        gate.gate.changeRoster(
            "other", new RosterChange.Leave(gate.next(LENDER, 1_000_000, true))));
  }

  @Test
  void rosterStandsStillWhileALiquidationRuns() {
    GateHarness gate = liquidatable();
    assertInstanceOf(ClaimOutcome.Claimed.class, gate.gate.claimLiquidation(ACCOUNT, "desk"));
    assertRefused(Refusal.LIQUIDATING, gate.join(NEWCOMER));
    assertRefused(Refusal.LIQUIDATING, gate.leave(LENDER));
    assertInstanceOf(AccountUpdate.Accepted.class, gate.attest(CUSTODIAN, 1_000_000));
  }

  @Test
  void revokedKeySuspendsUntilAnotherTakesItsPlace() {
    GateHarness gate = GateHarness.solvent();
    long revoked = gate.now;
    gate.gate.revokeAttester(LENDER.publicKey());
    gate.gate.revokeAttester(LENDER.publicKey());
    assertEquals(
        new Suspended(SuspensionCause.ATTESTER_REVOKED, revoked, revoked + SUSPENSION),
        gate.status());
    assertRejected(RejectionReason.REVOKED_ATTESTER, gate.prove());
    gate.now += SPACING;
    assertRefused(Refusal.REVOKED, gate.attest(LENDER, 1_000_000));
    assertRefused(Refusal.REVOKED, gate.leave(LENDER));
    gate.now += 1;
    assertInstanceOf(
        AccountUpdate.Accepted.class,
        gate.gate.changeRoster(
            ACCOUNT, new RosterChange.Replace(LENDER.publicKey(), NEWCOMER.publicKey())));
    assertRefused(Refusal.REVOKED, gate.join(LENDER));
    assertThrows(
        InvalidFormatException.class,
        () -> gate.gate.openAccount("other", List.of(LENDER.publicKey())));
    gate.attest(NEWCOMER, 1_000_000);
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
  }

  // Rounds.

  @Test
  void roundsNeedSignaturesOrderAndBounds() throws Exception {
    GateHarness gate = new GateHarness();
    gate.publish(5, gate.now);
    assertRefused(
        RoundUpdate.Refusal.NOT_SIGNED,
        gate.gate.publishRound(
            Fixtures.signed(Fixtures.round(6, gate.now), GateHarness.PUBLISHERS.get(0))));
    assertRefused(
        RoundUpdate.Refusal.OUT_OF_BOUNDS,
        gate.gate.publishRound(GateHarness.signed(Fixtures.round(6, gate.now, 11, 0))));
    assertRefused(RoundUpdate.Refusal.OUT_OF_ORDER, gate.publish(4, gate.now));
    assertRefused(RoundUpdate.Refusal.OUT_OF_ORDER, gate.publish(6, gate.now - 1));
    assertRefused(RoundUpdate.Refusal.FUTURE, gate.publish(6, gate.now + SKEW + 1));
    assertInstanceOf(RoundUpdate.Published.class, gate.publish(6, gate.now + SKEW));
    long[] values = {1, -1};
    assertRefused(
        RoundUpdate.Refusal.WRONG_VENUE,
        gate.gate.publishRound(
            GateHarness.signed(
                RiskRound.of(Fixtures.CIRCUIT, "other", Fixtures.LISTING, 7, gate.now, values))));
    assertRefused(
        RoundUpdate.Refusal.WRONG_CIRCUIT,
        gate.gate.publishRound(
            GateHarness.signed(
                RiskRound.of(
                    Fixtures.LISTING, Fixtures.VENUE, Fixtures.LISTING, 7, gate.now, values))));
  }

  @Test
  void sameRoundAgainIsNothingNew() {
    GateHarness gate = GateHarness.solvent();
    RoundUpdate again = gate.gate.publishRound(GateHarness.signed(gate.round));
    assertEquals(1, assertInstanceOf(RoundUpdate.Published.class, again).round().sequence());
    assertInstanceOf(Solvent.class, gate.status());
    assertEquals(List.of(), gate.gate.evidence());
  }

  @Test
  void secondDigestForASequenceIsKeptAndOpensTheBreaker() {
    GateHarness gate = GateHarness.solvent();
    SignedRound second = GateHarness.signed(Fixtures.round(1, gate.now, 2, 2));
    RoundUpdate.Conflict conflict =
        assertInstanceOf(RoundUpdate.Conflict.class, gate.gate.publishRound(second));
    assertEquals(gate.round.digest(), conflict.evidence().known().digest());
    assertEquals(second, conflict.evidence().second());
    assertEquals(List.of(conflict.evidence()), gate.gate.evidence());
    assertInstanceOf(Suspended.class, gate.status());
    assertRejected(RejectionReason.DISPUTED_ROUND, gate.prove());
    gate.publish();
    assertEquals(
        new Suspended(SuspensionCause.CIRCUIT_BREAKER, gate.now, gate.now + SUSPENSION),
        gate.status());
    assertRejected(RejectionReason.SUSPENDED, gate.prove());
    gate.gate.closeBreaker();
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
  }

  @Test
  void evidenceThatIsKeptAlreadyDoesNotOpenTheBreakerAgain() {
    GateHarness gate = GateHarness.solvent();
    long asOf = gate.now;
    RoundUpdate conflict =
        gate.gate.publishRound(GateHarness.signed(Fixtures.round(1, asOf, 2, 2)));
    gate.gate.closeBreaker();
    gate.publish();
    // Both rounds are public: whoever likes may send them again.
    gate.now += 1;
    assertEquals(
        conflict, gate.gate.publishRound(GateHarness.signed(Fixtures.round(1, asOf, 2, 2))));
    assertEquals(1, gate.gate.evidence().size());
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
    // Another contradiction is news.
    gate.gate.publishRound(GateHarness.signed(Fixtures.round(1, gate.now, 3, 3)));
    assertEquals(2, gate.gate.evidence().size());
    assertInstanceOf(Suspended.class, gate.status());
  }

  @Test
  void contradictionIsSeenEvenIfItsCoefficientsAreOutOfBounds() {
    GateHarness gate = GateHarness.solvent();
    assertInstanceOf(
        RoundUpdate.Conflict.class,
        gate.gate.publishRound(GateHarness.signed(Fixtures.round(1, gate.now, 11, 11))));
  }

  @Test
  void unsignedContradictionDoesNotOpenTheBreaker() {
    GateHarness gate = GateHarness.solvent();
    assertRefused(
        RoundUpdate.Refusal.NOT_SIGNED,
        gate.gate.publishRound(Fixtures.signed(Fixtures.round(1, gate.now, 2, 2))));
    assertInstanceOf(Solvent.class, gate.status());
  }

  @Test
  void withoutAFreshRoundEverybodyIsSuspendedAndGraceStandsStill() {
    GateHarness gate = GateHarness.solvent();
    long until = gate.round.asOfMillis() + ROUND_AGE;
    assertEquals(
        new Suspended(SuspensionCause.ROUND_MISSING, until, until + SUSPENSION),
        gate.statusAt(until));
    gate.now = until + 700;
    gate.publish();
    assertEquals(new InGrace(until, until + 700 + SKEW + GRACE), gate.status());
  }

  @Test
  void gateThatHasNotPreparedARoundTakesItFromTheStore() {
    GateHarness gate = GateHarness.ready();
    gate.gate = gate.gate(Fixtures.verifier());
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
  }

  @Test
  void storeOfAnotherVenueIsRefused() {
    GateHarness gate = GateHarness.ready();
    assertThrows(
        IllegalArgumentException.class,
        () ->
            LiquidationGate.create(
                "another",
                Fixtures.verifier(),
                PublisherPolicy.of(1, List.of(GateHarness.PUBLISHERS.get(0).publicKey())),
                GateHarness.policy(),
                gate.store,
                GateHarness.VENUE_SIGNER));
  }

  @Test
  void gateWhosePolicyIsNoLongerInForceDecidesNothing() {
    GateHarness gate = GateHarness.ready();
    LiquidationGate before = gate.gate;
    gate.gate = gate.gate(Fixtures.verifier(), 3);
    Digest inForce = gate.gate.policyInForce().digest();
    for (Executable call :
        List.<Executable>of(
            before::openBreaker,
            () -> before.claimLiquidation(ACCOUNT, "desk"),
            () -> before.submitProof(ACCOUNT, 1, new byte[128]),
            () -> before.publishRound(GateHarness.signed(Fixtures.round(2, gate.now))),
            // Nor does it conclude anything: its bounds are not those in force.
            () -> before.decide(ACCOUNT))) {
      PolicyNotInForceException refused = assertThrows(PolicyNotInForceException.class, call);
      assertEquals(before.policyInForce().digest(), refused.own());
      assertEquals(inForce, refused.inForce());
      assertTrue(refused.getMessage().contains(refused.own().toString()), refused.getMessage());
      assertTrue(refused.getMessage().contains(inForce.toString()), refused.getMessage());
    }
    gate.gate.openBreaker();
    gate.gate = gate.gate(Fixtures.verifier());
    gate.gate.closeBreaker();
  }

  // Suspension.

  @Test
  void suspensionEndsByItselfThenGraceThenLiquidatable() {
    GateHarness gate = new GateHarness();
    gate.publish();
    gate.open(CUSTODIAN);
    long notAfter = gate.now + 300;
    gate.attest(CUSTODIAN, notAfter);
    gate.prove();
    // Rounds keep coming; the attester stays silent.
    for (long t = gate.now; t < notAfter + SUSPENSION; t += 100) {
      gate.now = t;
      gate.publish();
    }
    long end = notAfter + SUSPENSION;
    assertInstanceOf(Suspended.class, gate.statusAt(end - 1));
    assertEquals(new InGrace(notAfter, end + SKEW + GRACE), gate.statusAt(end));
    assertInstanceOf(InGrace.class, gate.statusAt(end + SKEW + GRACE - 1));
    assertInstanceOf(Liquidatable.class, gate.statusAt(end + SKEW + GRACE));
  }

  @Test
  void suspendedAccountIsNeitherProvenNorLiquidated() {
    GateHarness gate = liquidatable();
    long since = gate.now;
    assertEquals(
        new Suspended(SuspensionCause.VENUE_FAULT, since, since + SUSPENSION),
        gate.gate.suspend(ACCOUNT, SuspensionCause.VENUE_FAULT));
    assertInstanceOf(ClaimOutcome.Refused.class, gate.gate.claimLiquidation(ACCOUNT, "desk"));
    assertRejected(RejectionReason.SUSPENDED, gate.prove());
    gate.now += 100;
    assertEquals(
        new Suspended(SuspensionCause.VENUE_FAULT, since, since + SUSPENSION),
        gate.gate.suspend(ACCOUNT, SuspensionCause.ATTESTER_FAULT),
        "a lasting suspension keeps its start");
    assertInstanceOf(Liquidatable.class, gate.gate.resume(ACCOUNT));
    assertInstanceOf(Liquidatable.class, gate.gate.resume(ACCOUNT));
  }

  @Test
  void suspensionThatRanOutDoesNotHideTheNextFault() {
    GateHarness gate = GateHarness.solvent();
    gate.gate.suspend(ACCOUNT, SuspensionCause.VENUE_FAULT);
    for (long end = gate.now + SUSPENSION; gate.now < end; gate.now += 100) {
      gate.publish();
    }
    gate.publish();
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
    assertEquals(
        new Suspended(SuspensionCause.OPENING_DISPUTED, gate.now, gate.now + SUSPENSION),
        gate.gate.suspend(ACCOUNT, SuspensionCause.OPENING_DISPUTED));
  }

  @Test
  void suspendedTimeDoesNotCountAsGrace() {
    GateHarness gate = GateHarness.solvent();
    long until = gate.round.asOfMillis() + ROUND_AGE;
    gate.now = until - 1;
    gate.publish();
    gate.now = until + 100;
    gate.gate.suspend(ACCOUNT, SuspensionCause.OPENING_DISPUTED);
    gate.now = until + 300;
    assertEquals(new InGrace(until, until + 200 + SKEW + GRACE), gate.gate.resume(ACCOUNT));
  }

  @Test
  void overlappingCausesCountOnce() {
    GateHarness gate = GateHarness.solvent();
    long until = gate.round.asOfMillis() + ROUND_AGE;
    gate.now = until - 1;
    gate.publish();
    gate.now = until + 100;
    gate.gate.suspend(ACCOUNT, SuspensionCause.OPENING_DISPUTED);
    gate.now = until + 150;
    gate.gate.openBreaker();
    gate.gate.openBreaker();
    gate.now = until + 200;
    gate.gate.resume(ACCOUNT);
    assertEquals(SuspensionCause.CIRCUIT_BREAKER, ((Suspended) gate.status()).cause());
    gate.now = until + 250;
    gate.gate.closeBreaker();
    gate.gate.closeBreaker();
    assertEquals(new InGrace(until, until + 150 + SKEW + GRACE), gate.status());
  }

  @Test
  void lapsingAgainAndAgainDoesNotPutOffLiquidationForEver() {
    GateHarness gate = new GateHarness();
    gate.publish();
    gate.open(CUSTODIAN);
    gate.attest(CUSTODIAN, gate.now + 300);
    gate.prove();
    long due = ((Solvent) gate.status()).untilMillis();
    long liquidatable = 0;
    gate.now = due;
    while (gate.now < due + SUSPENSION + SKEW + GRACE + 1000) {
      long elapsed = gate.now - due;
      if (elapsed % 500 == 0) {
        gate.publish();
      }
      if (elapsed % 170 == 0) {
        gate.attest(CUSTODIAN, gate.now + SPACING + SKEW + 1);
      }
      boolean claimable = gate.status() instanceof Liquidatable;
      assertFalse(claimable && gate.now < due + SKEW + GRACE, "too soon");
      liquidatable += claimable ? 1 : 0;
      gate.now++;
    }
    assertTrue(liquidatable >= 1000, "claimable for " + liquidatable + " ms");
  }

  @Test
  void acceptedProofStartsTheSuspensionBudgetAnew() {
    GateHarness gate = GateHarness.solvent();
    gate.gate.suspend(ACCOUNT, SuspensionCause.VENUE_FAULT);
    gate.now += SUSPENSION - 100;
    gate.publish();
    gate.gate.resume(ACCOUNT);
    gate.prove();
    assertEquals(
        new Suspended(SuspensionCause.VENUE_FAULT, gate.now, gate.now + SUSPENSION),
        gate.gate.suspend(ACCOUNT, SuspensionCause.VENUE_FAULT));
  }

  @Test
  void forgottenSuspensionDoesNotComeBackWithTheNextProof() {
    GateHarness gate = GateHarness.solvent();
    gate.gate.suspend(ACCOUNT, SuspensionCause.VENUE_FAULT);
    gate.now += SUSPENSION;
    gate.publish();
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
    assertInstanceOf(Solvent.class, gate.status());
  }

  @Test
  void restartKeepsEveryDeadline() {
    GateHarness gate = GateHarness.solvent();
    long until = gate.round.asOfMillis() + ROUND_AGE;
    gate.now = until - 1;
    gate.publish();
    AccountStatus before = gate.statusAt(until + 200);
    assertInstanceOf(InGrace.class, before);
    gate.gate = gate.gate(Fixtures.verifier());
    assertEquals(before, gate.status());
  }

  @Test
  void clockThatGoesBackTakesNothingBack() {
    GateHarness gate = GateHarness.solvent();
    gate.now += ROUND_AGE;
    gate.publish();
    AccountStatus inGrace = gate.status();
    assertInstanceOf(InGrace.class, inGrace);
    gate.now -= 3_600_000;
    assertEquals(inGrace, gate.status(), "solvent again");
    gate.now += 3_600_000 + SKEW + GRACE;
    assertInstanceOf(Liquidatable.class, gate.status());
  }

  // Liquidation.

  @Test
  void orderNamesTheVersionAndTheLastProof() {
    GateHarness gate = GateHarness.ready();
    byte[] proof = Fixtures.proof(gate.gate.account(ACCOUNT), gate.round);
    gate.gate.submitProof(ACCOUNT, 1, proof);
    makeLiquidatable(gate);
    ClaimOutcome.Claimed claimed =
        assertInstanceOf(ClaimOutcome.Claimed.class, gate.gate.claimLiquidation(ACCOUNT, "desk"));
    AccountState state = gate.gate.account(ACCOUNT);
    LiquidationOrder order = claimed.order();
    assertEquals(
        new LiquidationOrder(
            Fixtures.VENUE,
            ACCOUNT,
            Fixtures.CIRCUIT,
            order.gateVersion(),
            state.version(),
            state.roster().version(),
            state.attestationSetDigest(),
            state.roster().attesters(),
            gate.round.sequence(),
            Optional.of(Digest.of(proof)),
            Optional.of(1L),
            "desk",
            GateHarness.PART,
            gate.now,
            gate.now + GateHarness.ORDER),
        order);
    assertEquals(new Liquidating(order, List.of()), gate.status());
  }

  @Test
  void onlyALiquidatableAccountIsClaimedAndOnlyOnce() {
    GateHarness gate = GateHarness.solvent();
    assertEquals(
        new ClaimOutcome.Refused(gate.status()), gate.gate.claimLiquidation(ACCOUNT, "desk"));
    gate.now += ROUND_AGE;
    gate.publish();
    assertEquals(
        new ClaimOutcome.Refused(gate.status()), gate.gate.claimLiquidation(ACCOUNT, "desk"));
    gate.now += SKEW + GRACE;
    assertInstanceOf(ClaimOutcome.Claimed.class, gate.gate.claimLiquidation(ACCOUNT, "desk"));
    assertEquals(
        new ClaimOutcome.Refused(gate.status()), gate.gate.claimLiquidation(ACCOUNT, "desk"));
    assertThrows(
        IllegalArgumentException.class, () -> gate.gate.claimLiquidation("nobody", "desk"));
  }

  @Test
  void afterAClaimNoProofCountsUntilTheLiquidationEnds() {
    GateHarness gate = liquidatable();
    LiquidationOrder order = claim(gate);
    assertRejected(RejectionReason.LIQUIDATING, gate.prove());
    assertEquals(
        new Liquidating(order, List.of()), gate.gate.suspend(ACCOUNT, SuspensionCause.VENUE_FAULT));
    gate.gate.resume(ACCOUNT);
    assertTrue(gate.gate.cancelLiquidation(order));
    assertFalse(gate.gate.cancelLiquidation(order));
    assertFalse(gate.gate.completeLiquidation(order));
    assertInstanceOf(Suspended.class, gate.status());
    assertRejected(RejectionReason.MISSING_ATTESTATION, gate.prove());
    gate.now = order.notAfterMillis();
    gate.publish();
    gate.attest(CUSTODIAN, 1_000_000);
    assertRejected(RejectionReason.MISSING_ATTESTATION, gate.prove());
    gate.attest(LENDER, 1_000_000);
    assertInstanceOf(Liquidatable.class, gate.status());
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
  }

  @Test
  void afterAProofNoClaimCounts() {
    GateHarness gate = liquidatable();
    gate.prove();
    assertEquals(
        new ClaimOutcome.Refused(gate.status()), gate.gate.claimLiquidation(ACCOUNT, "desk"));
  }

  @Test
  void completedLiquidationLeavesTheAccountInGraceWithoutItsOldProof() {
    GateHarness gate = liquidatable();
    LiquidationOrder order = claim(gate);
    gate.now += 200;
    gate.execute(CUSTODIAN);
    gate.execute(LENDER);
    assertTrue(gate.gate.completeLiquidation(order));
    assertFalse(gate.gate.completeLiquidation(order));
    assertEquals(new InGrace(gate.now, gate.now + SKEW + GRACE), gate.status());
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
  }

  @Test
  void orderOfAnEarlierLiquidationDoesNotEndALaterOne() {
    GateHarness gate = liquidatable();
    LiquidationOrder first = claim(gate);
    gate.execute(CUSTODIAN);
    gate.execute(LENDER);
    gate.gate.cancelLiquidation(first);
    LiquidationOrder second = claim(gate);
    assertFalse(gate.gate.completeLiquidation(first));
    assertEquals(new Liquidating(second, List.of()), gate.status());
  }

  // Between verification and commit.

  @Test
  void verdictThatNoLongerFitsIsNotCommitted() {
    record Meanwhile(RejectionReason expected, java.util.function.Consumer<GateHarness> event) {}
    List<Meanwhile> table =
        List.of(
            new Meanwhile(
                RejectionReason.ACCOUNT_CHANGED, gate -> gate.attest(CUSTODIAN, 1_000_000)),
            new Meanwhile(RejectionReason.ACCOUNT_CHANGED, gate -> gate.join(NEWCOMER)),
            new Meanwhile(RejectionReason.ACCOUNT_CHANGED, gate -> gate.leave(LENDER)),
            new Meanwhile(RejectionReason.LIQUIDATING, LiquidationGateTest::claim),
            new Meanwhile(
                RejectionReason.SUSPENDED,
                gate -> gate.gate.suspend(ACCOUNT, SuspensionCause.VENUE_FAULT)),
            new Meanwhile(RejectionReason.SUSPENDED, gate -> gate.gate.openBreaker()),
            new Meanwhile(
                RejectionReason.REVOKED_ATTESTER,
                gate -> gate.gate.revokeAttester(LENDER.publicKey())),
            new Meanwhile(
                RejectionReason.DISPUTED_ROUND,
                gate ->
                    gate.gate.publishRound(
                        GateHarness.signed(Fixtures.round(gate.round.sequence(), gate.now, 2, 2)))),
            new Meanwhile(RejectionReason.STALE_ROUND, gate -> gate.now += ROUND_AGE),
            new Meanwhile(
                RejectionReason.STALE_ROUND,
                gate -> {
                  gate.publish();
                  gate.prove();
                }));
    for (Meanwhile row : table) {
      GateHarness[] harness = new GateHarness[1];
      boolean[] running = {false};
      harness[0] =
          new GateHarness(
              Fixtures.verifier(
                  () -> {
                    if (!running[0]) {
                      running[0] = true;
                      row.event.accept(harness[0]);
                    }
                  }));
      GateHarness gate = harness[0];
      gate.publish();
      gate.open(CUSTODIAN, LENDER);
      gate.attest(CUSTODIAN, 1_000_000);
      gate.attest(LENDER, 1_000_000);
      makeLiquidatable(gate);
      RiskRound round = gate.round;
      Submission receipt =
          gate.gate.submitProof(
              ACCOUNT, round.sequence(), Fixtures.proof(gate.gate.account(ACCOUNT), round));
      assertRejected(row.expected, receipt);
    }
  }

  @Test
  void verdictOfAnExpiredAttestationIsNotCommitted() {
    GateHarness[] harness = new GateHarness[1];
    harness[0] = new GateHarness(Fixtures.verifier(() -> harness[0].now += 300));
    GateHarness gate = harness[0];
    gate.publish();
    gate.open(CUSTODIAN);
    gate.attest(CUSTODIAN, gate.now + 300);
    assertRejected(RejectionReason.EXPIRED_ATTESTATION, gate.prove());
  }

  // The policy.

  @Test
  void policyRefusesTimesThatMakeNoSense() {
    assertThrows(NullPointerException.class, () -> GatePolicy.builder().build());
    assertRefusedPolicy(b -> b.grace(Duration.ZERO));
    assertRefusedPolicy(b -> b.grace(Duration.ofMillis(-1)));
    assertRefusedPolicy(b -> b.grace(GatePolicy.MAX.plusMillis(1)));
    assertRefusedPolicy(b -> b.maximumSuspension(Duration.ZERO));
    assertRefusedPolicy(b -> b.reproofTime(Duration.ofNanos(999_999)));
    assertRefusedPolicy(b -> b.clockSkew(Duration.ofMillis(-1)));
    assertRefusedPolicy(b -> b.clockSkew(Duration.ofMillis(ROUND_AGE)));
    assertRefusedPolicy(b -> b.minimumVersionSpacing(Duration.ofMillis(-1)));
  }

  private static void assertRefusedPolicy(
      java.util.function.UnaryOperator<GatePolicy.Builder> change) {
    GatePolicy.Builder builder =
        GatePolicy.builder()
            .require(Fixtures.THRESHOLD, Fixtures.PURPOSE)
            .maximumRoundAge(Duration.ofMillis(ROUND_AGE))
            .grace(Duration.ofMillis(1))
            .clockSkew(Duration.ZERO)
            .maximumSuspension(Duration.ofMillis(1))
            .minimumVersionSpacing(Duration.ZERO)
            .reproofTime(Duration.ofMillis(1))
            .orderLifetime(Duration.ofMillis(1));
    builder.build();
    assertThrows(IllegalArgumentException.class, change.apply(builder)::build);
  }

  private static GateHarness liquidatable() {
    GateHarness gate = GateHarness.solvent();
    makeLiquidatable(gate);
    return gate;
  }

  /** Moves on to where the account is liquidatable and there is a fresh round to prove on. */
  private static void makeLiquidatable(GateHarness gate) {
    long end = gate.now + ROUND_AGE + SKEW + GRACE + 1;
    while (gate.now < end) {
      gate.now += ROUND_AGE / 2;
      gate.publish();
    }
    assertInstanceOf(Liquidatable.class, gate.status());
  }

  private static LiquidationOrder claim(GateHarness gate) {
    return assertInstanceOf(ClaimOutcome.Claimed.class, gate.gate.claimLiquidation(ACCOUNT, "desk"))
        .order();
  }

  private static void assertRejected(RejectionReason reason, Submission receipt) {
    Rejected rejected = assertInstanceOf(Rejected.class, receipt.verdict(), "expected " + reason);
    assertEquals(reason, rejected.reason(), rejected.toString());
  }

  private static void assertRefused(Refusal reason, AccountUpdate update) {
    assertEquals(
        reason, assertInstanceOf(AccountUpdate.Refused.class, update).reason(), update.toString());
  }

  private static void assertRefused(RoundUpdate.Refusal reason, RoundUpdate update) {
    assertEquals(
        reason, assertInstanceOf(RoundUpdate.Refused.class, update).reason(), update.toString());
  }
}
