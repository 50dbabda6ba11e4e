package io.plimsoll.gate;

import static io.plimsoll.gate.GateHarness.ACCOUNT;
import static io.plimsoll.gate.JournalBudget.MOST_REJECTIONS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.Rejected;
import io.plimsoll.verifier.VerifiedSolvency;
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
    assertEquals(MOST_REJECTIONS, grownBy(MOST_REJECTIONS + 50, wrong));
    // What is accepted always is.
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
    assertEquals(0, grownBy(1, wrong));
    gate.publish();
    assertEquals(MOST_REJECTIONS, grownBy(MOST_REJECTIONS + 50, wrong));
    GateHarness.auditAll();
  }

  @Test
  void oneAccountDoesNotUseUpAnothers() throws Exception {
    gate.gate.openAccount("another", java.util.List.of());
    byte[] wrong = new byte[128];
    assertEquals(MOST_REJECTIONS, grownBy(MOST_REJECTIONS + 1, wrong));
    long before = gate.journal().size();
    gate.gate.submitProof("another", 1, Fixtures.proof(gate.gate.account(ACCOUNT), gate.round));
    assertEquals(before + 1, gate.journal().size());
  }
}
