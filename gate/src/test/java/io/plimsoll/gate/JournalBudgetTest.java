package io.plimsoll.gate;

import static io.plimsoll.gate.GateHarness.ACCOUNT;
import static io.plimsoll.gate.GateHarness.CUSTODIAN;
import static io.plimsoll.gate.GateHarness.LENDER;
import static io.plimsoll.gate.JournalBudget.MOST;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.Rejected;
import io.plimsoll.verifier.VerifiedSolvency;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is sent in cannot make the journal grow without end. */
class JournalBudgetTest {
  private final GateHarness gate = GateHarness.solvent();

  private long grownBy(int submissions, byte[] proof) {
    long before = gate.journal().size();
    for (int i = 0; i < submissions; i++) {
      Submission submission = gate.gate.submitProof(ACCOUNT, gate.round.sequence(), proof);
      assertInstanceOf(Rejected.class, submission.verdict());
      ProofReceipt receipt = submission.receipt().message();
      boolean recorded = gate.journal().size() == receipt.journalIndex();
      assertEquals(recorded, receipt.journalIndex() != 0);
    }
    return gate.journal().size() - before;
  }

  @Test
  void bytesThatAreNoProofAreAnsweredAndNotRecorded() {
    assertEquals(0, grownBy(50, new byte[127]));
    assertEquals(0, grownBy(50, new byte[0]));
    gate.gate.openBreaker();
    assertEquals(0, grownBy(50, new byte[129]));
  }

  @Test
  void soManyRejectionsAreRecordedForAnAccountAndRound() {
    byte[] wrong = new byte[128];
    assertEquals(MOST, grownBy(MOST + 50, wrong));
    // What is accepted always is.
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
    assertEquals(0, grownBy(1, wrong));
    gate.publish();
    assertEquals(MOST, grownBy(MOST + 50, wrong));
    GateHarness.auditAll();
  }

  @Test
  void oneAccountDoesNotUseUpAnothers() throws Exception {
    gate.gate.openAccount("another", java.util.List.of());
    byte[] wrong = new byte[128];
    assertEquals(MOST, grownBy(MOST + 1, wrong));
    long before = gate.journal().size();
    gate.gate.submitProof("another", 1, Fixtures.proof(gate.gate.account(ACCOUNT), gate.round));
    assertEquals(before + 1, gate.journal().size());
  }

  private long grownBy(Runnable calls) {
    long before = gate.journal().size();
    calls.run();
    return gate.journal().size() - before;
  }

  private void times(int times, Runnable call) {
    for (int i = 0; i < times; i++) {
      call.run();
    }
  }

  private void claim(String claimant) {
    assertInstanceOf(ClaimOutcome.Refused.class, gate.gate.claimLiquidation(ACCOUNT, claimant));
  }

  @Test
  void refusedClaimsAreBoundedForEachClaimantAndCounted() {
    assertEquals(MOST, grownBy(() -> times(100, () -> claim("desk"))));
    assertEquals(Map.of(Unrecorded.CLAIM, 100L - MOST), gate.gate.unrecorded());
    // Another's are another's, and the next round's are the next round's.
    assertEquals(MOST, grownBy(() -> times(100, () -> claim("rival"))));
    gate.publish();
    assertEquals(1, grownBy(() -> claim("desk")));
    // The one that changes something is recorded whatever came before it.
    times(100, () -> claim("desk"));
    gate.now += 100_000;
    times(1, gate::publish);
    gate.now += 100_000;
    gate.publish();
    assertInstanceOf(AccountStatus.Liquidatable.class, gate.status());
    assertEquals(1, grownBy(() -> assertInstanceOf(ClaimOutcome.Claimed.class, claimed())));
    assertEquals(MOST, grownBy(() -> times(100, () -> claim("desk"))));
    GateHarness.auditAll();
  }

  private ClaimOutcome claimed() {
    return gate.gate.claimLiquidation(ACCOUNT, "desk");
  }

  private Attestation contradiction(int which) {
    return CUSTODIAN.attest(Fixtures.body().asOfMillis(gate.now).notAfterMillis(900_000L + which));
  }

  @Test
  void contradictionsThatChangeNothingAreBoundedAndCounted() {
    long grown =
        grownBy(
            () -> {
              for (int i = 0; i < 100; i++) {
                assertInstanceOf(
                    AccountUpdate.Equivocation.class, gate.gate.attest(contradiction(i)));
              }
            });
    // The first one suspends the account, and counts for itself.
    assertEquals(1 + MOST, grown);
    assertEquals(1 + MOST, gate.gate.evidence().size());
    assertEquals(Map.of(Unrecorded.CONTRADICTION, 99L - MOST), gate.gate.unrecorded());
    // What is on record undoes no resumption; what is not is as good as new, and is recorded.
    gate.gate.resume(ACCOUNT);
    gate.gate.attest(contradiction(3));
    assertInstanceOf(AccountStatus.Solvent.class, gate.status());
    assertEquals(1, grownBy(() -> gate.gate.attest(contradiction(99))));
    assertInstanceOf(AccountStatus.Suspended.class, gate.status());
    assertEquals(2 + MOST, gate.gate.evidence().size());
    GateHarness.auditAll();
  }

  @Test
  void refusedAttestationsAndRosterChangesAreBoundedAndCounted() {
    Attestation early = gate.next(CUSTODIAN, 1_000_000, false);
    assertEquals(MOST, grownBy(() -> times(50, () -> gate.gate.attest(early))));
    assertEquals(MOST, grownBy(() -> times(50, () -> gate.join(CUSTODIAN))));
    assertEquals(1, grownBy(() -> gate.gate.attest(gate.next(LENDER, 1_000_000, false))));
    assertEquals(
        Map.of(Unrecorded.ATTESTATION, 50L - MOST, Unrecorded.ROSTER_CHANGE, 50L - MOST),
        gate.gate.unrecorded());
    GateHarness.auditAll();
  }

  @Test
  void refusedRoundsAndFurtherConflictsAreBoundedAndCounted() {
    assertEquals(MOST, grownBy(() -> times(50, () -> gate.publish(9, gate.now + 5000))));
    long grown =
        grownBy(
            () -> {
              for (int i = 1; i <= 100; i++) {
                assertInstanceOf(
                    RoundUpdate.Conflict.class,
                    gate.gate.publishRound(
                        GateHarness.signed(Fixtures.round(1, gate.round.asOfMillis() - i))));
              }
            });
    assertEquals(1 + MOST, grown);
    assertEquals(1 + MOST, gate.gate.evidence().size());
    assertEquals(
        Map.of(Unrecorded.ROUND, 50L - MOST, Unrecorded.ROUND_CONFLICT, 99L - MOST),
        gate.gate.unrecorded());
    // A closed breaker is opened by a conflict that is not on record, which is recorded then.
    gate.gate.closeBreaker();
    long before = gate.journal().size();
    gate.gate.publishRound(GateHarness.signed(Fixtures.round(1, gate.round.asOfMillis() - 100)));
    assertEquals(before + 1, gate.journal().size());
    GateHarness.auditAll();
  }

  @Test
  void bytesThatAreNoProofAreCounted() {
    grownBy(50, new byte[127]);
    assertEquals(Map.of(Unrecorded.PROOF, 50L), gate.gate.unrecorded());
  }
}
