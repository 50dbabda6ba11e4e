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

import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.Rejected;
import io.plimsoll.verifier.RejectionReason;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.VerifiedSolvency;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Attesters, publishers and owners who do what they should not; and a venue that stumbles. */
class AdversaryTest {
  @AfterEach
  void journalLeadsToTheSameDecisions() {
    GateHarness.auditAll();
  }

  private static RejectionReason rejection(Submission submission) {
    return assertInstanceOf(Rejected.class, submission.verdict()).reason();
  }

  /** Publishes as often as an honest venue does; the account is looked at every time. */
  private static long liquidatableAfter(GateHarness gate, Runnable everyStep) {
    long start = gate.now;
    while (!(gate.status() instanceof AccountStatus.Liquidatable)) {
      gate.now += 10;
      if (gate.now - gate.round.asOfMillis() >= ROUND_AGE / 2) {
        gate.publish();
      }
      everyStep.run();
      assertTrue(gate.now - start < 100_000, "never liquidatable");
    }
    return gate.now - start;
  }

  // Two tables with one number.

  @Test
  void twoTablesWithOneSequenceNumberCountForNobody() {
    GateHarness gate = GateHarness.ready();
    RiskRound first = gate.round;
    RiskRound second = Fixtures.round(first.sequence(), first.asOfMillis(), 2, -2);
    assertInstanceOf(
        RoundUpdate.Conflict.class, gate.gate.publishRound(GateHarness.signed(second)));
    gate.gate.closeBreaker();
    AccountState state = gate.gate.account(ACCOUNT);
    for (RiskRound round : new RiskRound[] {first, second}) {
      assertEquals(
          RejectionReason.DISPUTED_ROUND,
          rejection(
              gate.gate.submitProof(ACCOUNT, round.sequence(), Fixtures.proof(state, round))));
    }
    gate.publish();
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
  }

  // A set of attestations that is not whole.

  @Test
  void omittedLiabilityAttesterMeansNoProofAtAll() {
    GateHarness gate = new GateHarness();
    gate.publish();
    gate.open(CUSTODIAN, LENDER);
    gate.attest(CUSTODIAN, 1_000_000);
    assertEquals(RejectionReason.MISSING_ATTESTATION, rejection(gate.prove()));
    assertInstanceOf(AccountStatus.Suspended.class, gate.status());
    // Nor does a proof of the account without it fit one that has it.
    byte[] without = Fixtures.proof(gate.gate.account(ACCOUNT), gate.round);
    gate.attest(LENDER, 1_000_000);
    assertEquals(
        RejectionReason.PROOF_DOES_NOT_VERIFY,
        rejection(gate.gate.submitProof(ACCOUNT, 1, without)));
  }

  @Test
  void liabilityAttesterLeavesByAClosingAttestationOfItsOwnKeyOnly() {
    GateHarness gate = GateHarness.solvent();
    Attestation closing = gate.next(LENDER, 1_000_000, true);
    // The custodian's signature under the lender's name is no attestation at all.
    assertThrows(
        InvalidFormatException.class,
        () -> Attestation.of(closing.body(), CUSTODIAN.sign(closing.body().toByteArray())));
    // Under its own name it is about itself.
    AccountState before = gate.gate.account(ACCOUNT);
    for (var stranger : new io.plimsoll.verifier.TestKey[] {CUSTODIAN, NEWCOMER}) {
      Attestation forged =
          stranger.attest(
              Fixtures.body()
                  .version(2)
                  .previousDigest(before.attestation(LENDER.publicKey()).get().digest())
                  .asOfMillis(gate.now)
                  .notAfterMillis(1_000_000)
                  .closing(true));
      assertInstanceOf(
          AccountUpdate.Refused.class,
          gate.gate.changeRoster(ACCOUNT, new RosterChange.Leave(forged)));
    }
    assertEquals(before.roster(), gate.gate.account(ACCOUNT).roster());
    assertInstanceOf(
        AccountUpdate.Accepted.class,
        gate.gate.changeRoster(ACCOUNT, new RosterChange.Leave(closing)));
  }

  /** Two attestations for one account with one version say nothing of another account. */
  @Test
  void contradictionAboutOneAccountSuspendsNoOther() throws Exception {
    GateHarness gate = GateHarness.solvent();
    gate.gate.openAccount("another", java.util.List.of(NEWCOMER.publicKey()));
    assertInstanceOf(
        AccountUpdate.Accepted.class,
        gate.gate.attest(
            NEWCOMER.attest(
                Fixtures.body().account("another").asOfMillis(1).notAfterMillis(1_000_000))));
    long records = gate.journal().size();
    Attestation second =
        NEWCOMER.attest(
            Fixtures.body()
                .account("another")
                .asOfMillis(2)
                .notAfterMillis(1_000_000)
                .closing(true));
    AccountUpdate.Refused refused =
        assertInstanceOf(
            AccountUpdate.Refused.class,
            gate.gate.changeRoster(ACCOUNT, new RosterChange.Leave(second)));
    assertEquals(AccountUpdate.Refusal.WRONG_ACCOUNT, refused.reason());
    assertInstanceOf(AccountStatus.Solvent.class, gate.status());
    assertEquals(records, gate.journal().size());
    assertEquals(
        refused.reason(),
        assertInstanceOf(
                AccountUpdate.Refused.class,
                gate.gate.changeRoster("no such account", new RosterChange.Leave(second)))
            .reason());
  }

  /** Its contradictions are kept, but nothing rests on its word any more. */
  @Test
  void attesterThatHasLeftSuspendsNothing() {
    GateHarness gate = GateHarness.solvent();
    gate.leave(LENDER);
    gate.now += 200;
    gate.publish();
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
    Attestation second =
        LENDER.attest(Fixtures.body().version(1).asOfMillis(5).notAfterMillis(900_000));
    assertInstanceOf(AccountUpdate.Equivocation.class, gate.gate.attest(second));
    assertInstanceOf(AccountStatus.Solvent.class, gate.status());
    int kept = gate.store.read(view -> view.evidence().size());
    assertEquals(1, kept);
  }

  /** Who has nothing to do with an account can write nothing, and sees nothing in the journal. */
  @Test
  void strangersAttestationsLeaveNoRecord() {
    GateHarness gate = GateHarness.solvent();
    long records = gate.journal().size();
    for (long version = 1; version < 50; version++) {
      Attestation stranger =
          NEWCOMER.attest(
              Fixtures.body().version(version).asOfMillis(gate.now).notAfterMillis(1_000_000));
      AccountUpdate.Refused refused =
          assertInstanceOf(AccountUpdate.Refused.class, gate.gate.attest(stranger));
      assertEquals(AccountUpdate.Refusal.NOT_ROSTERED, refused.reason());
    }
    assertEquals(records, gate.journal().size());
  }

  @Test
  void attestationThatComesTwiceIsOneAttestation() {
    GateHarness gate = GateHarness.solvent();
    AccountState before = gate.gate.account(ACCOUNT);
    long records = gate.journal().size();
    assertInstanceOf(
        AccountUpdate.Refused.class,
        gate.gate.attest(before.attestation(LENDER.publicKey()).orElseThrow()));
    assertEquals(before.attestationSetDigest(), gate.gate.account(ACCOUNT).attestationSetDigest());
    assertEquals(records, gate.journal().size());
    assertThrows(
        InvalidFormatException.class,
        () ->
            gate.gate.openAccount(
                "twice", java.util.List.of(LENDER.publicKey(), LENDER.publicKey())));
  }

  // What attesters can do to an owner: never liquidatable before the stated bounds.

  /** Who cannot open an attestation cannot prove on it: the owner has it suspended. */
  @Test
  void unopenableAttestationNeverMakesLiquidatableBeforeSuspensionAndGrace() {
    GateHarness gate = GateHarness.solvent();
    gate.now += SPACING;
    gate.attest(CUSTODIAN, 1_000_000);
    assertEquals(new AccountStatus.Solvent(gate.now + REPROOF), gate.status());
    gate.gate.suspend(ACCOUNT, SuspensionCause.OPENING_DISPUTED);
    assertEquals(
        SUSPENSION + GRACE + SKEW,
        liquidatableAfter(gate, () -> {}),
        "suspended as long as that may last, then in grace");
  }

  @Test
  void unopenableAttestationThatIsReplacedInTimeHarmsNobody() {
    GateHarness gate = GateHarness.solvent();
    gate.now += SPACING;
    gate.attest(CUSTODIAN, 1_000_000);
    gate.gate.suspend(ACCOUNT, SuspensionCause.OPENING_DISPUTED);
    gate.now += SUSPENSION - 100;
    gate.publish();
    gate.attest(CUSTODIAN, 1_000_000);
    gate.gate.resume(ACCOUNT);
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
  }

  /** A version as often as the gate takes one: the owner still proves in between. */
  @Test
  void versionStormLeavesTheOwnerTimeToProve() {
    GateHarness gate = GateHarness.solvent();
    gate.now += SPACING;
    for (int i = 0; i < 200; i++) {
      gate.now += SPACING / 2;
      AccountUpdate update = gate.attest(i % 2 == 0 ? CUSTODIAN : LENDER, 1_000_000);
      assertInstanceOf(AccountUpdate.Accepted.class, update);
      assertInstanceOf(AccountStatus.Solvent.class, gate.status());
      AccountUpdate again = gate.attest(i % 2 == 0 ? CUSTODIAN : LENDER, 1_000_000);
      assertInstanceOf(AccountUpdate.Refused.class, again);
      // Proven before the next version can come.
      gate.now += SPACING / 2 - 1;
      if (i % 10 == 0) {
        gate.publish();
      }
      assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
      gate.now += 1;
    }
  }

  /** Even if no proof ever comes through: not before the reproof time and grace. */
  @Test
  void versionStormNeverMakesLiquidatableBeforeReproofTimeAndGrace() {
    GateHarness gate = GateHarness.solvent();
    gate.attestForced(CUSTODIAN);
    long after =
        liquidatableAfter(
            gate,
            () -> {
              gate.attestForced(CUSTODIAN);
              gate.attestForced(LENDER);
            });
    assertEquals(REPROOF + GRACE + SKEW, after);
  }

  @Test
  void silentAttesterNeverMakesLiquidatableBeforeSuspensionAndGrace() {
    GateHarness gate = new GateHarness();
    gate.publish();
    gate.open(CUSTODIAN, LENDER);
    gate.attest(CUSTODIAN, 1_000_000);
    gate.attest(LENDER, gate.now + 300);
    gate.prove();
    assertEquals(300 + SUSPENSION + GRACE + SKEW, liquidatableAfter(gate, () -> {}));
    // One that never spoke at all.
    GateHarness never = new GateHarness();
    never.publish();
    never.open(CUSTODIAN, LENDER);
    never.attest(CUSTODIAN, 1_000_000);
    assertEquals(SUSPENSION + GRACE + SKEW, liquidatableAfter(never, () -> {}));
  }

  @Test
  void revokedKeyNeverMakesLiquidatableBeforeSuspensionAndGrace() {
    GateHarness gate = GateHarness.solvent();
    gate.gate.revokeAttester(LENDER.publicKey());
    // Until the round of its last proof is too old the account would have been solvent anyway.
    assertEquals(SUSPENSION + GRACE + SKEW, liquidatableAfter(gate, () -> {}));
  }

  /** What a proof said on a revoked key's word does not come back with its successor. */
  @Test
  void replacingARevokedKeyDoesNotReviveTheProofThatRestedOnIt() {
    GateHarness gate = GateHarness.solvent();
    gate.gate.revokeAttester(LENDER.publicKey());
    gate.gate.changeRoster(
        ACCOUNT, new RosterChange.Replace(LENDER.publicKey(), NEWCOMER.publicKey()));
    gate.attest(NEWCOMER, 1_000_000);
    assertInstanceOf(AccountStatus.InGrace.class, gate.status());
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
    assertInstanceOf(AccountStatus.Solvent.class, gate.status());
  }

  // A venue that stumbles.

  @Test
  void restartInsideGraceAndSoftWindowKeepsBoth() {
    GateHarness gate = GateHarness.solvent();
    gate.now += ROUND_AGE;
    gate.publish();
    gate.now += GRACE / 2;
    AccountStatus inGrace = gate.status();
    gate.gate = gate.gate(Fixtures.verifier());
    assertEquals(inGrace, gate.status());
    assertInstanceOf(AccountStatus.InGrace.class, inGrace);
    gate.now += GRACE / 2 + SKEW + GateHarness.SOFT / 2;
    AccountStatus soft = gate.status();
    gate.gate = gate.gate(Fixtures.verifier());
    assertEquals(soft, gate.status());
    assertEquals(
        GateHarness.PART, assertInstanceOf(AccountStatus.Liquidatable.class, soft).fraction());
  }

  @Test
  void clockOneHourBackEndsNothingAndBeginsNothing() {
    GateHarness gate = GateHarness.solvent();
    gate.now += ROUND_AGE;
    gate.publish();
    gate.now += GRACE + SKEW;
    LiquidationOrder order =
        assertInstanceOf(ClaimOutcome.Claimed.class, gate.gate.claimLiquidation(ACCOUNT, "desk"))
            .order();
    long claimed = gate.now;
    AccountStatus before = gate.status();
    gate.now -= 3_600_000;
    assertEquals(before, gate.status());
    assertEquals(RejectionReason.LIQUIDATING, rejection(gate.prove()));
    gate.gate = gate.gate(Fixtures.verifier());
    assertEquals(order, gate.gate.runningOrder(ACCOUNT).orElseThrow().message());
    gate.now = claimed + order.notAfterMillis() - order.claimedAtMillis() + SKEW;
    assertFalse(gate.status() instanceof AccountStatus.Liquidating);
  }

  // An owner that asks for attesters.

  private static long liquidatableAt(GateHarness gate) {
    return assertInstanceOf(AccountStatus.InGrace.class, gate.status()).liquidatableAtMillis();
  }

  /** Solvent, with rounds published, until its proof has stopped counting. */
  private static GateHarness inGrace() {
    GateHarness gate = GateHarness.solvent();
    gate.now += ROUND_AGE - 100;
    gate.publish();
    gate.now += 150;
    return gate;
  }

  @Test
  void joinInGraceDoesNotPutOffLiquidation() {
    GateHarness gate = inGrace();
    long before = liquidatableAt(gate);
    gate.join(NEWCOMER);
    assertEquals(before, liquidatableAt(gate));
    gate.now = before;
    assertInstanceOf(AccountStatus.Liquidatable.class, gate.status());
    assertInstanceOf(ClaimOutcome.Claimed.class, gate.gate.claimLiquidation(ACCOUNT, "desk"));
  }

  @Test
  void joinOfALiquidatableAccountStopsNoClaim() {
    GateHarness gate = inGrace();
    gate.now = liquidatableAt(gate);
    gate.publish();
    gate.join(NEWCOMER);
    assertInstanceOf(AccountStatus.Liquidatable.class, gate.status());
  }

  /** A moment before the proof stops counting is not another matter than a moment after it. */
  @Test
  void joinWhileSolventSuspendsNoLongerThanTheProofCounts() {
    GateHarness gate = GateHarness.solvent();
    long due = ((AccountStatus.Solvent) gate.status()).untilMillis();
    gate.now += ROUND_AGE / 2;
    gate.publish();
    gate.now = due - 1;
    gate.join(NEWCOMER);
    assertEquals(
        new AccountStatus.Suspended(SuspensionCause.ATTESTATION_MISSING, due - 1, due),
        gate.status());
    gate.now = due;
    assertEquals(due + GRACE + SKEW, liquidatableAt(gate));
  }

  /** With a key of its own, that contradicts what it said when it left before. */
  @Test
  void joinsLeavesAndContradictionsInTurnPutOffNothing() {
    GateHarness gate = inGrace();
    long before = liquidatableAt(gate);
    for (int i = 0; i < 3; i++) {
      assertInstanceOf(AccountUpdate.Accepted.class, gate.join(NEWCOMER));
      Attestation closing = gate.next(NEWCOMER, gate.now + 1_000_000, true);
      assertInstanceOf(
          AccountUpdate.Accepted.class,
          gate.gate.changeRoster(ACCOUNT, new RosterChange.Leave(closing)));
      assertInstanceOf(AccountUpdate.Accepted.class, gate.join(NEWCOMER));
      Attestation contradiction =
          NEWCOMER.attest(
              Fixtures.body()
                  .version(closing.body().version())
                  .previousDigest(closing.body().previousDigest())
                  .asOfMillis(gate.now)
                  .notAfterMillis(gate.now + 2_000_000)
                  .closing(true));
      assertInstanceOf(
          AccountUpdate.Equivocation.class,
          gate.gate.changeRoster(ACCOUNT, new RosterChange.Leave(contradiction)));
      assertEquals(before, liquidatableAt(gate));
      assertInstanceOf(AccountUpdate.Accepted.class, gate.leave(NEWCOMER));
      gate.now += 10;
    }
    gate.now = before;
    assertInstanceOf(AccountStatus.Liquidatable.class, gate.status());
  }

  /** Its word is taken no more than before, only the clock goes on. */
  @Test
  void contradictionOfANewcomerStopsProofsAndNotTheClock() {
    GateHarness gate = inGrace();
    long before = liquidatableAt(gate);
    gate.join(NEWCOMER);
    gate.attest(NEWCOMER, 1_000_000);
    gate.gate.attest(NEWCOMER.attest(Fixtures.body().asOfMillis(gate.now).notAfterMillis(999_999)));
    assertEquals(before, liquidatableAt(gate));
    assertEquals(RejectionReason.SUSPENDED, rejection(gate.prove()));
    // Nor is a fault of the venue's hidden by it.
    gate.gate.suspend(ACCOUNT, SuspensionCause.VENUE_FAULT);
    assertEquals(
        SuspensionCause.VENUE_FAULT,
        assertInstanceOf(AccountStatus.Suspended.class, gate.status()).cause());
    gate.gate.resume(ACCOUNT);
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
    assertThrows(
        IllegalArgumentException.class,
        () -> gate.gate.suspend(ACCOUNT, SuspensionCause.NEWCOMER_FAULT));
  }

  @Test
  void newcomerThatExpiresOrIsRevokedPutsOffNothing() {
    GateHarness gate = inGrace();
    long before = liquidatableAt(gate);
    gate.join(NEWCOMER);
    gate.attest(NEWCOMER, gate.now + 50);
    gate.now += 60;
    assertEquals(before, liquidatableAt(gate));
    gate.gate.revokeAttester(NEWCOMER.publicKey());
    assertEquals(before, liquidatableAt(gate));
    gate.gate.changeRoster(
        ACCOUNT,
        new RosterChange.Replace(NEWCOMER.publicKey(), GateHarness.PUBLISHERS.get(0).publicKey()));
    assertEquals(before, liquidatableAt(gate));
  }

  @Test
  void attestersThatHaveAllLeftPutOffNothing() {
    GateHarness gate = inGrace();
    long before = liquidatableAt(gate);
    gate.leave(CUSTODIAN);
    gate.leave(LENDER);
    assertEquals(before, liquidatableAt(gate));
  }

  /** No fault of the owner's: the venue has asked, or a proof rests on the attester. */
  @Test
  void attesterThatTheVenueAsksForOrThatAProofHasCountedSuspendsAsEver() {
    GateHarness gate = inGrace();
    gate.joinByVenue(NEWCOMER);
    assertEquals(
        new AccountStatus.Suspended(
            SuspensionCause.ATTESTATION_MISSING, gate.now, gate.now + SUSPENSION),
        gate.status());
    gate.attest(NEWCOMER, 1_000_000);
    gate.leave(NEWCOMER);
    gate.join(NEWCOMER);
    gate.now += SPACING;
    gate.attest(NEWCOMER, 1_000_000);
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
    gate.gate.attest(
        NEWCOMER.attest(
            Fixtures.body()
                .version(
                    gate.gate
                        .account(ACCOUNT)
                        .attestation(NEWCOMER.publicKey())
                        .orElseThrow()
                        .body()
                        .version())
                .asOfMillis(gate.now)
                .notAfterMillis(999_999)));
    assertEquals(
        new AccountStatus.Suspended(
            SuspensionCause.ATTESTER_FAULT, gate.now, gate.now + SUSPENSION),
        gate.status());
  }
}
