package io.plimsoll.gate;

import static io.plimsoll.gate.GateHarness.ACCOUNT;
import static io.plimsoll.gate.GateHarness.CUSTODIAN;
import static io.plimsoll.gate.GateHarness.LENDER;
import static io.plimsoll.gate.GateHarness.NEWCOMER;
import static io.plimsoll.gate.GateHarness.ROUND_AGE;
import static io.plimsoll.gate.GateHarness.SPACING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.plimsoll.gate.ReleaseOutcome.Refusal;
import io.plimsoll.gate.ReleaseOutcome.Refused;
import io.plimsoll.gate.ReleaseOutcome.Released;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.TestKey;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When an attester may hand out what its older attestations kept, and not before. */
class ReleaseTest {
  @AfterEach
  void journalLeadsToTheSameDecisions() {
    GateHarness.auditAll();
  }

  private static ReleaseOutcome release(GateHarness gate, TestKey attester) {
    return gate.gate.release(ACCOUNT, attester.publicKey());
  }

  private static Release released(GateHarness gate, TestKey attester) {
    return assertInstanceOf(Released.class, release(gate, attester)).release().message();
  }

  private static void assertRefused(Refusal reason, ReleaseOutcome outcome) {
    assertEquals(reason, assertInstanceOf(Refused.class, outcome).reason());
  }

  @Test
  void olderVersionsAreReleasedByAProofOnTheLaterOneAndNotBefore() {
    GateHarness gate = GateHarness.solvent();
    gate.now += SPACING;
    gate.attest(CUSTODIAN, 1_000_000);
    // Solvent still, but by a proof on version 1.
    assertInstanceOf(AccountStatus.Solvent.class, gate.status());
    assertRefused(Refusal.NOT_PROVEN, release(gate, CUSTODIAN));
    gate.prove();
    Attestation second = gate.gate.account(ACCOUNT).attestation(CUSTODIAN.publicKey()).get();
    assertEquals(
        new Release(
            Fixtures.VENUE,
            ACCOUNT,
            Fixtures.CIRCUIT,
            CUSTODIAN.publicKey(),
            1,
            2,
            second.digest(),
            gate.gate.account(ACCOUNT).version(),
            gate.now),
        released(gate, CUSTODIAN));
  }

  @Test
  void releaseIsTheSameBytesWheneverItIsAskedForAgain() {
    GateHarness gate = GateHarness.solvent();
    var first = assertInstanceOf(Released.class, release(gate, CUSTODIAN)).release();
    long records = gate.journal().size();
    gate.now += 100;
    gate.gate.openBreaker();
    assertInstanceOf(AccountStatus.Suspended.class, gate.status());
    gate.gate = gate.gate(Fixtures.verifier());
    assertEquals(first, assertInstanceOf(Released.class, release(gate, CUSTODIAN)).release());
    assertEquals(Optional.of(first), gate.gate.lastRelease(ACCOUNT, CUSTODIAN.publicKey()));
    assertEquals(Optional.empty(), gate.gate.lastRelease(ACCOUNT, LENDER.publicKey()));
    assertEquals(Optional.empty(), gate.gate.lastRelease("nobody", LENDER.publicKey()));
    assertEquals(records + 1, gate.journal().size());
  }

  @Test
  void onlyASolventAccountReleasesAnything() {
    for (AccountStatus at : new AccountStatus[] {new AccountStatus.InGrace(0, 0), null}) {
      GateHarness gate = GateHarness.solvent();
      gate.now += SPACING;
      gate.attest(CUSTODIAN, 1_000_000);
      gate.prove();
      if (at == null) {
        gate.gate.suspend(ACCOUNT, SuspensionCause.VENUE_FAULT);
      } else {
        gate.now += ROUND_AGE;
        gate.publish();
        assertInstanceOf(at.getClass(), gate.status());
      }
      assertRefused(Refusal.NOT_SOLVENT, release(gate, CUSTODIAN));
    }
  }

  /** Another attester's new version does not take back what a proof has shown of this one's. */
  @Test
  void laterVersionOfAnotherAttesterDoesNotHoldBackARelease() {
    GateHarness gate = GateHarness.solvent();
    gate.now += SPACING;
    gate.attest(CUSTODIAN, 1_000_000);
    gate.prove();
    gate.attest(LENDER, 1_000_000);
    assertEquals(2, released(gate, CUSTODIAN).successorVersion());
    assertRefused(Refusal.NOT_PROVEN, release(gate, LENDER));
    gate.prove();
    assertEquals(2, released(gate, LENDER).successorVersion());
  }

  @Test
  void attesterThatLeavesIsReleasedByAProofWithoutIt() {
    GateHarness gate = GateHarness.solvent();
    gate.leave(LENDER);
    assertRefused(Refusal.NOT_PROVEN, release(gate, LENDER));
    gate.prove();
    Release release = released(gate, LENDER);
    assertEquals(1, release.throughVersion());
    assertEquals(2, release.successorVersion());
    // It comes back: what it says next is not released by what was proven before.
    gate.now += SPACING;
    gate.join(LENDER);
    gate.attest(LENDER, 1_000_000);
    assertRefused(Refusal.NOT_PROVEN, release(gate, LENDER));
    gate.prove();
    assertEquals(2, released(gate, LENDER).throughVersion());
  }

  @Test
  void whoHasNotAttestedIsNotReleased() {
    GateHarness gate = GateHarness.solvent();
    assertRefused(Refusal.NOT_ATTESTED, release(gate, NEWCOMER));
    assertRefused(Refusal.UNKNOWN_ACCOUNT, gate.gate.release("nobody", CUSTODIAN.publicKey()));
    gate.join(NEWCOMER);
    gate.gate.attest(
        NEWCOMER.attest(
            Fixtures.body()
                .version(0)
                .previousDigest(Digest.ZERO)
                .asOfMillis(gate.now)
                .notAfterMillis(1_000_000)));
    gate.prove();
    assertRefused(Refusal.NOTHING_BEFORE, release(gate, NEWCOMER));
  }

  @Test
  void proofOnTheOldVersionThatIsVerifiedMeanwhileReleasesNothing() {
    GateHarness gate = GateHarness.solvent();
    byte[] old = Fixtures.proof(gate.gate.account(ACCOUNT), gate.round);
    gate.now += SPACING;
    gate.attest(CUSTODIAN, 1_000_000);
    gate.gate.submitProof(ACCOUNT, gate.round.sequence(), old);
    assertRefused(Refusal.NOT_PROVEN, release(gate, CUSTODIAN));
  }
}
