package io.plimsoll.gate;

import static io.plimsoll.gate.GateHarness.ACCOUNT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.RejectionReason;
import io.plimsoll.verifier.TestKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** An owner says that it proved; the venue's journal says something else, or nothing. */
class DisputeTest {
  private final GateHarness gate = GateHarness.solvent();
  private final VenueSigned<ProofReceipt> receipt = later();

  private VenueSigned<ProofReceipt> later() {
    gate.now += 10;
    VenueSigned<ProofReceipt> proven = gate.prove().receipt();
    gate.gate.openBreaker();
    gate.gate.closeBreaker();
    return proven;
  }

  private static Optional<JournalAuditor.Finding> audit(
      List<JournalRecord> journal, List<VenueSigned<ProofReceipt>> receipts) {
    JournalAuditor auditor = new JournalAuditor(Fixtures.verifier());
    receipts.forEach(auditor::expect);
    for (JournalRecord record : journal) {
      Optional<JournalAuditor.Finding> finding = auditor.check(record);
      if (finding.isPresent()) {
        return finding;
      }
    }
    return auditor.missing();
  }

  private Optional<JournalAuditor.Finding> audit(VenueSigned<ProofReceipt> given) {
    return audit(gate.journal(), List.of(given));
  }

  private static List<JournalRecord> chain(List<Decision> decisions) {
    List<JournalRecord> journal = new ArrayList<>();
    Digest last = Digest.ZERO;
    for (Decision decision : decisions) {
      journal.add(new JournalRecord(journal.size() + 1, last, decision));
      last = journal.get(journal.size() - 1).digest();
    }
    return journal;
  }

  private static VenueSigned<ProofReceipt> signed(ProofReceipt receipt) {
    return VenueSigned.sign(receipt, GateHarness.VENUE_SIGNER);
  }

  @Test
  void receiptAgreesWithTheJournalThatItCameFrom() {
    assertEquals(Optional.empty(), audit(receipt));
    assertEquals(Optional.empty(), audit(gate.journal(), List.of(receipt, receipt)));
  }

  /** Everything else in the journal still follows: only the receipt shows it. */
  @Test
  void proofDroppedFromTheJournalIsFoundByItsReceipt() {
    long index = receipt.message().journalIndex();
    List<Decision> decisions =
        new ArrayList<>(gate.journal().stream().map(JournalRecord::decision).toList());
    decisions.remove((int) index - 1);
    List<JournalRecord> without = chain(decisions);
    assertEquals(Optional.empty(), audit(without, List.of()));
    assertEquals(index, audit(without, List.of(receipt)).orElseThrow().index());
  }

  @Test
  void recordCutOffTheEndOfTheJournalIsFoundByItsReceipt() {
    long index = receipt.message().journalIndex();
    List<JournalRecord> cut = gate.journal().subList(0, (int) index - 1);
    assertEquals(Optional.empty(), audit(cut, List.of()));
    JournalAuditor.Finding finding = audit(cut, List.of(receipt)).orElseThrow();
    assertEquals(index, finding.index());
    assertTrue(finding.detail().contains(ACCOUNT), finding.detail());
    assertEquals(index, audit(List.of(), List.of(receipt)).orElseThrow().index());
  }

  @Test
  void receiptWithAnotherTimeOrVerdictThanTheJournalIsFound() {
    ProofReceipt said = receipt.message();
    for (ProofReceipt other :
        List.of(
            changed(said, said.receivedAtMillis() - 1, said.decidedAtMillis(), said.rejection()),
            changed(said, said.receivedAtMillis(), said.decidedAtMillis() + 1, said.rejection()),
            changed(
                said,
                said.receivedAtMillis(),
                said.decidedAtMillis(),
                Optional.of(RejectionReason.STALE_ROUND)))) {
      assertEquals(said.journalIndex(), audit(signed(other)).orElseThrow().index());
    }
  }

  private static ProofReceipt changed(
      ProofReceipt said, long received, long decided, Optional<RejectionReason> rejection) {
    return new ProofReceipt(
        said.venue(),
        said.account(),
        said.circuitId(),
        said.accountVersion(),
        said.roundSequence(),
        said.proofDigest(),
        received,
        decided,
        rejection,
        rejection.isPresent() ? 0 : said.solventUntilMillis(),
        said.journalIndex(),
        said.journalDigest());
  }

  @Test
  void receiptThatTheVenueDidNotSignProvesNothing() throws Exception {
    TestKey stranger = TestKey.of(99);
    for (ProofReceipt message :
        List.of(
            receipt.message(),
            gate.gate.submitProof(ACCOUNT, 1, new byte[1]).receipt().message())) {
      VenueSigned<ProofReceipt> forged =
          VenueSigned.of(message, stranger.publicKey(), stranger.sign(message.toByteArray()));
      assertTrue(audit(forged).orElseThrow().detail().contains("is signed by"));
    }
  }

  @Test
  void rejectionWithoutARecordIsBelievedToItsSignature() {
    VenueSigned<ProofReceipt> junk = gate.gate.submitProof(ACCOUNT, 1, new byte[7]).receipt();
    assertEquals(0, junk.message().journalIndex());
    assertEquals(Optional.empty(), audit(junk));
  }

  /** One key may sign for two venues. */
  @Test
  void rejectionWithoutARecordOfAnotherVenueOrCircuitIsFound() {
    ProofReceipt junk = gate.gate.submitProof(ACCOUNT, 1, new byte[7]).receipt().message();
    for (boolean venue : new boolean[] {true, false}) {
      ProofReceipt elsewhere =
          new ProofReceipt(
              venue ? "elsewhere" : junk.venue(),
              junk.account(),
              venue ? junk.circuitId() : Digest.ZERO,
              junk.accountVersion(),
              junk.roundSequence(),
              junk.proofDigest(),
              junk.receivedAtMillis(),
              junk.decidedAtMillis(),
              junk.rejection(),
              0,
              0,
              Digest.ZERO);
      assertTrue(audit(VenueSigned.sign(elsewhere, GateHarness.VENUE_SIGNER)).isPresent());
    }
  }

  @Test
  void receiptMustComeBeforeItsRecord() {
    JournalAuditor auditor = new JournalAuditor(Fixtures.verifier());
    gate.journal().forEach(auditor::check);
    assertThrows(IllegalStateException.class, () -> auditor.expect(receipt));
  }
}
