package io.plimsoll.gate;

import static io.plimsoll.gate.GateHarness.ACCOUNT;
import static io.plimsoll.gate.GateHarness.CUSTODIAN;
import static io.plimsoll.gate.GateHarness.GRACE;
import static io.plimsoll.gate.GateHarness.LENDER;
import static io.plimsoll.gate.GateHarness.NEWCOMER;
import static io.plimsoll.gate.GateHarness.ORDER;
import static io.plimsoll.gate.GateHarness.PART;
import static io.plimsoll.gate.GateHarness.ROUND_AGE;
import static io.plimsoll.gate.GateHarness.SKEW;
import static io.plimsoll.gate.GateHarness.SOFT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.gate.AccountStatus.InGrace;
import io.plimsoll.gate.AccountStatus.Liquidatable;
import io.plimsoll.gate.AccountStatus.Liquidating;
import io.plimsoll.gate.AccountStatus.Solvent;
import io.plimsoll.gate.AccountStatus.Suspended;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.AccountUpdate.Refusal;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.Rejected;
import io.plimsoll.verifier.RejectionReason;
import io.plimsoll.verifier.VerifiedSolvency;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Orders: how much, for how long, and how a liquidation that is under way ends. */
class PartialLiquidationTest {
  @AfterEach
  void journalLeadsToTheSameDecisions() {
    GateHarness.auditAll();
  }

  /** Liquidatable since now, with a fresh round to prove on. */
  private static GateHarness liquidatable() {
    GateHarness gate = GateHarness.solvent();
    gate.now += ROUND_AGE - 1;
    gate.publish();
    gate.now += 1 + SKEW + GRACE;
    assertEquals(new Liquidatable(gate.now, PART, gate.now + SOFT), gate.status());
    return gate;
  }

  private static VenueSigned<LiquidationOrder> claim(GateHarness gate) {
    return assertInstanceOf(ClaimOutcome.Claimed.class, gate.gate.claimLiquidation(ACCOUNT, "desk"))
        .signed();
  }

  private static void assertRejected(RejectionReason reason, Submission submission) {
    assertEquals(reason, assertInstanceOf(Rejected.class, submission.verdict()).reason());
  }

  private static void assertRefused(Refusal reason, AccountUpdate update) {
    assertEquals(reason, assertInstanceOf(AccountUpdate.Refused.class, update).reason());
  }

  @Test
  void withinTheSoftWindowOneOrderIsForAPartAndAfterItForTheWhole() {
    GateHarness gate = liquidatable();
    gate.now += SOFT - 1;
    LiquidationOrder part = claim(gate).message();
    assertEquals(PART, part.fraction());
    gate.execute(CUSTODIAN);
    gate.execute(LENDER);
    assertTrue(gate.gate.cancelLiquidation(part));
    gate.now += 1;
    assertEquals(Fraction.WHOLE, claim(gate).message().fraction());
  }

  @Test
  void softWindowStandsStillWhileTheAccountIsSuspended() {
    GateHarness gate = liquidatable();
    gate.gate.openBreaker();
    gate.now += 150;
    gate.gate.closeBreaker();
    gate.now += SOFT - 1;
    gate.publish();
    assertEquals(PART, assertInstanceOf(Liquidatable.class, gate.status()).fraction());
    gate.now += 1;
    assertEquals(Fraction.WHOLE, assertInstanceOf(Liquidatable.class, gate.status()).fraction());
  }

  @Test
  void ownerMayAddCollateralAndProveInTheSoftWindow() {
    GateHarness gate = liquidatable();
    gate.now += SOFT / 2;
    gate.attest(CUSTODIAN, 1_000_000);
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
  }

  @Test
  void proofEndsALiquidationWhenAllThatTheOrderNamesHaveSaidWhatIsLeft() {
    GateHarness gate = liquidatable();
    LiquidationOrder order = claim(gate).message();
    assertRejected(RejectionReason.LIQUIDATING, gate.prove());
    assertInstanceOf(AccountUpdate.Accepted.class, gate.execute(CUSTODIAN));
    assertEquals(new Liquidating(order, List.of(CUSTODIAN.publicKey())), gate.status());
    assertRejected(RejectionReason.LIQUIDATING, gate.prove());
    assertInstanceOf(AccountUpdate.Accepted.class, gate.execute(LENDER));
    byte[] onWhatWas = Fixtures.proof(gate.gate.account(ACCOUNT), gate.round);
    // One more version, as a forced decrease: a proof on the one before does not count.
    gate.gate.attestForcedDecrease(gate.next(LENDER, 1_000_000, false));
    assertRejected(
        RejectionReason.PROOF_DOES_NOT_VERIFY,
        gate.gate.submitProof(ACCOUNT, gate.round.sequence(), onWhatWas));
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
    assertInstanceOf(Solvent.class, gate.status());
    assertFalse(gate.gate.completeLiquidation(order));
    assertFalse(gate.gate.cancelLiquidation(order));
    assertInstanceOf(
        ReleaseOutcome.Released.class, gate.gate.release(ACCOUNT, CUSTODIAN.publicKey()));
  }

  @Test
  void faultIsNotHiddenByALiquidationThatAProofWouldEnd() {
    GateHarness gate = liquidatable();
    claim(gate);
    gate.execute(CUSTODIAN);
    gate.execute(LENDER);
    gate.gate.openBreaker();
    assertRejected(RejectionReason.SUSPENDED, gate.prove());
    gate.gate.closeBreaker();
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
  }

  @Test
  void whatIsLeftMayHaveBeenAttestedBefore() {
    GateHarness gate = liquidatable();
    LiquidationOrder order = claim(gate).message();
    Attestation left = gate.next(CUSTODIAN, 1_000_000, false);
    assertInstanceOf(AccountUpdate.Accepted.class, gate.gate.attest(left));
    assertEquals(new Liquidating(order, List.of()), gate.status());
    Execution execution = GateHarness.execution(CUSTODIAN, order.digest(), left);
    assertInstanceOf(AccountUpdate.Accepted.class, gate.gate.attestExecution(execution));
    assertEquals(new Liquidating(order, List.of(CUSTODIAN.publicKey())), gate.status());
    long records = gate.journal().size();
    assertRefused(Refusal.ALREADY_KNOWN, gate.gate.attestExecution(execution));
    assertEquals(records, gate.journal().size());
  }

  @Test
  void executionOfAnotherOrderOrByAStrangerOrOfBeforeTheClaimIsRefused() {
    GateHarness gate = liquidatable();
    Attestation early = gate.next(CUSTODIAN, 1_000_000, false);
    gate.now += SKEW + 1;
    gate.publish();
    LiquidationOrder first = claim(gate).message();
    assertRefused(
        Refusal.WRONG_ORDER,
        gate.gate.attestExecution(GateHarness.execution(CUSTODIAN, first.digest(), early)));
    gate.execute(CUSTODIAN);
    gate.execute(LENDER);
    gate.gate.cancelLiquidation(first);
    assertRefused(
        Refusal.WRONG_ORDER,
        gate.gate.attestExecution(
            GateHarness.execution(
                CUSTODIAN, first.digest(), gate.next(CUSTODIAN, 1_000_000, false))));
    LiquidationOrder second = claim(gate).message();
    assertRefused(
        Refusal.WRONG_ORDER,
        gate.gate.attestExecution(
            GateHarness.execution(
                CUSTODIAN, first.digest(), gate.next(CUSTODIAN, 1_000_000, false))));
    assertRefused(
        Refusal.NOT_ROSTERED,
        gate.gate.attestExecution(
            GateHarness.execution(
                NEWCOMER, second.digest(), gate.next(NEWCOMER, 1_000_000, false))));
    assertEquals(new Liquidating(second, List.of()), gate.status());
  }

  @Test
  void contradictionInAnExecutionIsEvidence() {
    GateHarness gate = liquidatable();
    LiquidationOrder order = claim(gate).message();
    gate.attest(CUSTODIAN, 1_000_000);
    Attestation current = gate.gate.account(ACCOUNT).attestation(CUSTODIAN.publicKey()).get();
    Attestation second =
        CUSTODIAN.attest(
            Fixtures.body()
                .version(current.body().version())
                .asOfMillis(gate.now)
                .notAfterMillis(999_999));
    assertInstanceOf(
        AccountUpdate.Equivocation.class,
        gate.gate.attestExecution(GateHarness.execution(CUSTODIAN, order.digest(), second)));
    assertEquals(1, gate.gate.evidence().size());
  }

  @Test
  void orderThatNobodyExecutesLapsesAndLeavesTheAccountAsItWas() {
    GateHarness gate = liquidatable();
    long since = gate.now;
    LiquidationOrder order = claim(gate).message();
    assertEquals(gate.now + ORDER, order.notAfterMillis());
    gate.now += ORDER + SKEW - 1;
    gate.publish();
    assertInstanceOf(Liquidating.class, gate.status());
    assertRejected(RejectionReason.LIQUIDATING, gate.prove());
    gate.now += 1;
    long ended = gate.now;
    assertEquals(
        new Suspended(SuspensionCause.ATTESTATION_MISSING, ended, ended + GateHarness.SUSPENSION),
        gate.status());
    assertEquals(Optional.empty(), gate.gate.runningOrder(ACCOUNT));
    assertFalse(gate.gate.completeLiquidation(order));
    JournalRecord last = gate.journal().get(gate.journal().size() - 1);
    assertEquals(
        new Decision.LiquidationEnded(
            gate.now, ACCOUNT, order.gateVersion(), Decision.Ending.LAPSED),
        last.decision());
    assertRejected(RejectionReason.MISSING_ATTESTATION, gate.prove());
    gate.attest(CUSTODIAN, 1_000_000);
    gate.attest(LENDER, 1_000_000);
    assertEquals(new Liquidatable(since, Fraction.WHOLE, since + SOFT), gate.status());
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
  }

  /** However an order ends, what it was made on may be gone. */
  @Test
  void attestationsThatAnOrderNamedCountForNoProofHoweverItEnds() {
    for (int how = 0; how < 3; how++) {
      GateHarness gate = liquidatable();
      LiquidationOrder order = claim(gate).message();
      if (how == 0) {
        gate.gate.cancelLiquidation(order);
      } else if (how == 1) {
        gate.gate.completeLiquidation(order);
      } else {
        gate.now = order.notAfterMillis() + SKEW;
      }
      gate.publish();
      assertRejected(RejectionReason.MISSING_ATTESTATION, gate.prove());
      // A later version alone shows nothing: it may have been signed before the order arrived.
      gate.gate.attestForcedDecrease(
          CUSTODIAN.attest(
              Fixtures.body()
                  .version(2)
                  .previousDigest(
                      gate.gate
                          .account(ACCOUNT)
                          .attestation(CUSTODIAN.publicKey())
                          .orElseThrow()
                          .digest())
                  .asOfMillis(order.notAfterMillis() - 1)
                  .notAfterMillis(1_000_000)));
      gate.now = Math.max(gate.now, order.notAfterMillis());
      gate.publish();
      gate.attestForced(LENDER);
      assertRejected(RejectionReason.MISSING_ATTESTATION, gate.prove());
      gate.attestForced(CUSTODIAN);
      assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict(), "ending " + how);
    }
  }

  /** Claiming and cancelling in turn does not keep an account in limbo. */
  @Test
  void cancelledOrdersUseUpTheSuspensionThatTheyCause() {
    GateHarness gate = liquidatable();
    long start = gate.now;
    long suspended = 0;
    while (gate.now - start < 20_000) {
      if (gate.status() instanceof Liquidatable) {
        gate.gate.cancelLiquidation(claim(gate).message());
      }
      if (gate.status() instanceof Suspended) {
        suspended += 50;
      }
      gate.now += 50;
      gate.publish();
    }
    assertTrue(suspended <= GateHarness.SUSPENSION, suspended + " ms");
  }

  @Test
  void lockCoverEndsSolventSoLongBeforeTheFirstAttestationExpires() {
    GateHarness gate = new GateHarness();
    gate.policy = GateHarness.policyBuilder().lockCover(Duration.ofMillis(500)).build();
    gate.gate = gate.gate(Fixtures.verifier());
    gate.publish();
    gate.open(CUSTODIAN);
    long notAfter = gate.now + 900;
    assertRefused(Refusal.EXPIRED, gate.attest(CUSTODIAN, gate.now + 500 + SKEW));
    gate.attest(CUSTODIAN, notAfter);
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
    assertEquals(new Solvent(notAfter - 500), gate.status());
    // The attester is late, not the owner.
    assertEquals(
        new Suspended(
            SuspensionCause.ATTESTATION_EXPIRED,
            notAfter - 500,
            notAfter - 500 + GateHarness.SUSPENSION),
        gate.statusAt(notAfter - 500));
    gate.now = notAfter - 500 - SKEW;
    assertRejected(RejectionReason.EXPIRED_ATTESTATION, gate.prove());
  }

  /** Nobody looks for long after: what follows is the same as if somebody had at once. */
  @Test
  void lapsingDoesNotWaitForSomebodyToLook() {
    GateHarness looked = liquidatable();
    GateHarness slept = liquidatable();
    for (GateHarness gate : List.of(looked, slept)) {
      claim(gate);
      gate.execute(LENDER);
      gate.now += ORDER;
      gate.attest(CUSTODIAN, 1_000_000);
      gate.now += SKEW;
      gate.publish();
    }
    long ended = looked.now;
    looked.gate.resume(ACCOUNT);
    looked.gate.release(ACCOUNT, LENDER.publicKey());
    assertEquals(new InGrace(ended, ended + GRACE + SKEW), looked.status());
    for (long later : new long[] {0, 1, GRACE + SKEW - 1, GRACE + SKEW, 3000, 9000}) {
      assertEquals(looked.statusAt(ended + later), slept.statusAt(ended + later));
    }
    slept.publish(looked.round.sequence() + 1, slept.now);
    looked.publish(looked.round.sequence() + 1, looked.now);
    assertEquals(looked.prove().verdict().getClass(), slept.prove().verdict().getClass());
  }

  @Test
  void orderIsMadeAgainToTheSameBytes() {
    GateHarness gate = liquidatable();
    VenueSigned<LiquidationOrder> order = claim(gate);
    gate.execute(LENDER);
    gate.gate = gate.gate(Fixtures.verifier());
    assertEquals(Optional.of(order), gate.gate.runningOrder(ACCOUNT));
  }
}
