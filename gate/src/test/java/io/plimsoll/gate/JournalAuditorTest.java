package io.plimsoll.gate;

import static io.plimsoll.gate.GateHarness.ACCOUNT;
import static io.plimsoll.gate.GateHarness.CUSTODIAN;
import static io.plimsoll.gate.GateHarness.GRACE;
import static io.plimsoll.gate.GateHarness.LENDER;
import static io.plimsoll.gate.GateHarness.NEWCOMER;
import static io.plimsoll.gate.GateHarness.ROUND_AGE;
import static io.plimsoll.gate.GateHarness.SKEW;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.ColumnRange;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.RejectionReason;
import io.plimsoll.verifier.StatementLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A history with every kind of decision, and what an auditor finds when it is changed. */
class JournalAuditorTest {
  private static final GateHarness HARNESS = history(new GateHarness());
  private static final List<JournalRecord> JOURNAL = HARNESS.journal();

  /** Every kind of decision, by a new gate. */
  static GateHarness history(GateHarness gate) {
    gate.makeSolvent();
    gate.gate.release(ACCOUNT, CUSTODIAN.publicKey());
    gate.gate.submitProof(ACCOUNT, 1, new byte[3]);
    gate.gate.submitProof(ACCOUNT, 9, new byte[128]);
    byte[] wrong = Fixtures.proof(gate.gate.account(ACCOUNT), gate.round);
    wrong[70] ^= 1;
    gate.gate.submitProof(ACCOUNT, 1, wrong);
    gate.gate.claimLiquidation(ACCOUNT, "desk");
    gate.join(NEWCOMER);
    gate.now += 100;
    gate.attest(NEWCOMER, 1_000_000);
    gate.leave(NEWCOMER);
    gate.gate.suspend(ACCOUNT, SuspensionCause.VENUE_FAULT);
    gate.prove();
    gate.gate.resume(ACCOUNT);
    gate.prove();
    gate.now += ROUND_AGE - 1;
    gate.publish();
    gate.now += GRACE + SKEW + 500;
    gate.gate.claimLiquidation(ACCOUNT, "desk");
    gate.execute(CUSTODIAN);
    gate.execute(LENDER);
    gate.gate.cancelLiquidation(liquidation(gate));
    gate.gate.claimLiquidation(ACCOUNT, "desk");
    gate.execute(CUSTODIAN);
    gate.now += GateHarness.ORDER + SKEW;
    gate.publish();
    gate.attestForced(LENDER);
    gate.gate.claimLiquidation(ACCOUNT, "desk");
    gate.now += GRACE + SKEW;
    gate.gate.claimLiquidation(ACCOUNT, "desk");
    gate.gate.completeLiquidation(liquidation(gate));
    gate.gate.openBreaker();
    gate.gate.closeBreaker();
    gate.gate.publishRound(
        GateHarness.signed(Fixtures.round(gate.round.sequence(), gate.now, 2, 2)));
    gate.gate.revokeAttester(LENDER.publicKey());
    gate.gate.changeRoster(
        ACCOUNT, new RosterChange.Replace(LENDER.publicKey(), NEWCOMER.publicKey()));
    gate.gate.attestForcedDecrease(gate.next(CUSTODIAN, 1_000_000, false));
    return gate;
  }

  private static LiquidationOrder liquidation(GateHarness gate) {
    return gate.store
        .read(view -> view.account(ACCOUNT))
        .orElseThrow()
        .liquidation()
        .orElseThrow()
        .order();
  }

  private static Optional<JournalAuditor.Finding> audit(List<JournalRecord> journal) {
    JournalAuditor auditor = new JournalAuditor(Fixtures.verifier());
    for (JournalRecord record : journal) {
      Optional<JournalAuditor.Finding> finding = auditor.check(record);
      if (finding.isPresent()) {
        return finding;
      }
    }
    return Optional.empty();
  }

  /** The journal with one decision changed and every later digest made to fit. */
  private static List<JournalRecord> rechained(List<Decision> decisions) {
    List<JournalRecord> journal = new ArrayList<>();
    Digest last = Digest.ZERO;
    for (Decision decision : decisions) {
      JournalRecord record = new JournalRecord(journal.size() + 1, last, decision);
      journal.add(record);
      last = record.digest();
    }
    return journal;
  }

  private static List<Decision> decisions() {
    return new ArrayList<>(JOURNAL.stream().map(JournalRecord::decision).toList());
  }

  @Test
  void everyKindOfDecisionIsComeToAgain() {
    assertEquals(13, JOURNAL.stream().map(r -> r.decision().getClass()).distinct().count());
    GateHarness.auditAll();
    assertEquals(Optional.empty(), audit(JOURNAL));
    JournalAuditor auditor = new JournalAuditor(Fixtures.verifier());
    JOURNAL.forEach(record -> assertEquals(Optional.empty(), auditor.check(record)));
    assertEquals(JOURNAL.size(), auditor.records());
    assertEquals(JOURNAL.get(JOURNAL.size() - 1).digest(), auditor.lastDigest());
    assertEquals(2, auditor.policy().orElseThrow().requiredPublishers());
  }

  @Test
  void bytesOfEveryDecisionAreReadBack() throws InvalidFormatException {
    for (JournalRecord record : JOURNAL) {
      byte[] bytes = record.decision().toByteArray();
      assertArrayEquals(bytes, Decision.decode(bytes).toByteArray());
      assertThrows(
          InvalidFormatException.class,
          () -> Decision.decode(Arrays.copyOf(bytes, bytes.length + 1)));
      for (int length = 0; length < bytes.length; length += 1 + bytes.length / 50) {
        byte[] cut = Arrays.copyOf(bytes, length);
        assertThrows(InvalidFormatException.class, () -> Decision.decode(cut));
      }
    }
  }

  /** Whatever byte is changed: it cannot be read, or the record it is in is found. */
  @Test
  void anyByteChangedIsFound() {
    for (int i = 0; i < JOURNAL.size(); i++) {
      byte[] bytes = JOURNAL.get(i).decision().toByteArray();
      for (int at = 0; at < bytes.length; at += 1 + bytes.length / 16) {
        byte[] changed = bytes.clone();
        changed[at] ^= 1;
        Decision decision;
        try {
          decision = Decision.decode(changed);
        } catch (InvalidFormatException e) {
          continue;
        }
        List<JournalRecord> journal = new ArrayList<>(JOURNAL);
        JournalRecord record = JOURNAL.get(i);
        journal.set(i, new JournalRecord(record.index(), record.previous(), decision));
        long found = audit(journal).orElseThrow().index();
        assertTrue(
            found == record.index() || found == record.index() + 1 || i == JOURNAL.size() - 1,
            "byte " + at + " of record " + record.index() + " found at " + found);
      }
    }
  }

  @Test
  void recordLeftOutOrPutInOrMovedIsFound() {
    for (int i = 1; i < JOURNAL.size() - 1; i++) {
      List<JournalRecord> without = new ArrayList<>(JOURNAL);
      without.remove(i);
      assertEquals(i + 2, audit(without).orElseThrow().index());
      List<JournalRecord> twice = new ArrayList<>(JOURNAL);
      twice.add(i, JOURNAL.get(i));
      assertEquals(i + 1, audit(twice).orElseThrow().index());
    }
  }

  private static void assertForgeryIsFound(Class<?> kind, UnaryOperator<Decision> forge) {
    List<Decision> decisions = decisions();
    for (int i = 0; i < decisions.size(); i++) {
      if (kind.isInstance(decisions.get(i))) {
        Decision forged = forge.apply(decisions.get(i));
        if (!forged.equals(decisions.get(i))) {
          List<Decision> changed = decisions();
          changed.set(i, forged);
          assertEquals(i + 1, audit(rechained(changed)).orElseThrow().index());
          return;
        }
      }
    }
    throw new AssertionError("nothing to forge");
  }

  /** Whoever can write the whole chain anew still cannot make a decision that does not follow. */
  @Test
  void verdictThatDoesNotFollowIsFoundInAChainThatFits() {
    for (Optional<RejectionReason> verdict :
        List.of(
            Optional.<RejectionReason>empty(),
            Optional.of(RejectionReason.PROOF_DOES_NOT_VERIFY))) {
      assertForgeryIsFound(
          Decision.ProofJudged.class,
          decision -> {
            Decision.ProofJudged judged = assertInstanceOf(Decision.ProofJudged.class, decision);
            return new Decision.ProofJudged(
                judged.atMillis(),
                judged.receivedAtMillis(),
                judged.account(),
                judged.gateVersion(),
                judged.venueVersion(),
                judged.accountVersion(),
                judged.attestationSetDigest(),
                judged.roundSequence(),
                judged.threshold(),
                judged.purpose(),
                judged.proofDigest(),
                judged.proof(),
                verdict,
                judged.solventUntilMillis());
          });
    }
    assertForgeryIsFound(
        Decision.ClaimDecided.class,
        decision -> new Decision.ClaimDecided(decision.atMillis(), ACCOUNT, "desk", 1, "claimed"));
    assertForgeryIsFound(
        Decision.RoundDecided.class,
        decision ->
            new Decision.RoundDecided(
                decision.atMillis(),
                ((Decision.RoundDecided) decision).round(),
                "refused: NOT_SIGNED"));
    assertForgeryIsFound(
        Decision.Attested.class,
        decision ->
            new Decision.Attested(
                decision.atMillis(),
                ((Decision.Attested) decision).attestation(),
                false,
                "refused: TOO_SOON"));
    assertForgeryIsFound(
        Decision.BreakerMoved.class,
        decision -> new Decision.BreakerMoved(decision.atMillis(), false));
  }

  @Test
  void timeThatGoesBackIsFound() {
    List<Decision> decisions = decisions();
    decisions.add(new Decision.BreakerMoved(5, false));
    assertEquals(decisions.size(), audit(rechained(decisions)).orElseThrow().index());
  }

  @Test
  void decisionBeforeAnyPolicyIsFound() {
    List<Decision> decisions = decisions();
    decisions.remove(0);
    assertEquals(1, audit(rechained(decisions)).orElseThrow().index());
  }

  /** A journal whose last proof is said to have come at another time, or on another basis. */
  private static Optional<JournalAuditor.Finding> withReceipt(
      GateHarness gate,
      long receivedAt,
      long gateVersion,
      long venueVersion,
      RejectionReason... rejection) {
    List<Decision> decisions =
        new ArrayList<>(gate.journal().stream().map(JournalRecord::decision).toList());
    Decision.ProofJudged judged =
        assertInstanceOf(Decision.ProofJudged.class, decisions.get(decisions.size() - 1));
    decisions.set(
        decisions.size() - 1,
        new Decision.ProofJudged(
            judged.atMillis(),
            receivedAt,
            judged.account(),
            gateVersion,
            venueVersion,
            judged.accountVersion(),
            judged.attestationSetDigest(),
            judged.roundSequence(),
            judged.threshold(),
            judged.purpose(),
            judged.proofDigest(),
            judged.proof(),
            Arrays.stream(rejection).findFirst(),
            rejection.length == 0 ? judged.solventUntilMillis() : 0));
    return audit(rechained(decisions));
  }

  @Test
  void proofSaidToHaveComeBeforeItsBasisIsFound() {
    GateHarness gate = GateHarness.solvent();
    Decision.ProofJudged judged =
        (Decision.ProofJudged) gate.journal().get(gate.journal().size() - 1).decision();
    long version = judged.gateVersion();
    long venue = judged.venueVersion();
    assertEquals(Optional.empty(), withReceipt(gate, gate.now, version, venue));
    assertTrue(withReceipt(gate, 0, version, venue, RejectionReason.FUTURE_ROUND).isPresent());
  }

  @Test
  void proofJudgedOnVersionsThatWereNeverTogetherIsFound() {
    GateHarness gate = GateHarness.ready();
    gate.prove();
    Decision.ProofJudged judged =
        (Decision.ProofJudged) gate.journal().get(gate.journal().size() - 1).decision();
    long version = judged.gateVersion();
    assertTrue(withReceipt(gate, gate.now, version, 0, RejectionReason.UNKNOWN_ROUND).isPresent());
  }

  /** What a policy can hold can be read again; more it does not hold. */
  @Test
  void policyHoldsAsManyTrustedScopesAsCanBeReadAgain() {
    GatePolicy.Builder few = GateHarness.policyBuilder();
    List<ColumnRange> most = Collections.nCopies(1 << 16, new ColumnRange(0, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> few.trustOnlyFor(CUSTODIAN.publicKey(), manyRanges(most)));
  }

  private static List<ColumnRange> manyRanges(List<ColumnRange> ranges) {
    List<ColumnRange> more = new ArrayList<>(ranges);
    while (more.size() <= StatementLayout.MAX_HOLDINGS) {
      more.addAll(ranges);
    }
    return more;
  }

  @Test
  void policyInAnotherOrderIsNotRead() throws InvalidFormatException {
    Decision.PolicySet set = (Decision.PolicySet) JOURNAL.get(0).decision();
    GatePolicy policy =
        GatePolicy.builder()
            .require(Fixtures.THRESHOLD, Fixtures.PURPOSE)
            .maximumRoundAge(Duration.ofMillis(1000))
            .grace(Duration.ofMillis(1))
            .clockSkew(Duration.ZERO)
            .maximumSuspension(Duration.ofMillis(1))
            .minimumVersionSpacing(Duration.ZERO)
            .reproofTime(Duration.ofMillis(1))
            .orderLifetime(Duration.ofMillis(1))
            .trustOnlyFor(CUSTODIAN.publicKey(), List.of(ColumnRange.of(0, 1)))
            .trustOnlyFor(LENDER.publicKey(), List.of(ColumnRange.of(0, 1)))
            .build();
    byte[] bytes =
        new Decision.PolicySet(
                0,
                set.venue(),
                set.circuitId(),
                policy,
                set.requiredPublishers(),
                set.publishers(),
                set.venueKey())
            .toByteArray();
    Decision.decode(bytes);
    // Two entries of the same length: key, number of ranges, from, to; each with its length.
    int entry = 4 + 32 + 3 * 8;
    byte[] first = CUSTODIAN.publicKey().toByteArray();
    byte[] second = LENDER.publicKey().toByteArray();
    int at = Math.min(indexOf(bytes, first), indexOf(bytes, second)) - 4;
    byte[] swapped = bytes.clone();
    System.arraycopy(bytes, at, swapped, at + entry, entry);
    System.arraycopy(bytes, at + entry, swapped, at, entry);
    assertThrows(InvalidFormatException.class, () -> Decision.decode(swapped));
    byte[] twice = bytes.clone();
    System.arraycopy(bytes, at, twice, at + entry, entry);
    assertThrows(InvalidFormatException.class, () -> Decision.decode(twice));
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int at = 0; at + part.length <= bytes.length; at++) {
      if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
        return at;
      }
    }
    throw new AssertionError("not there");
  }

  /** It decides for how long the account is suspended, so it must not get lost. */
  @Test
  void whoAskedForAnAttesterIsPartOfTheJournal() throws InvalidFormatException {
    for (boolean byVenue : new boolean[] {false, true}) {
      Decision.RosterDecided decided =
          new Decision.RosterDecided(
              7, ACCOUNT, new RosterChange.Join(NEWCOMER.publicKey(), byVenue), "accepted");
      assertEquals(decided, Decision.decode(decided.toByteArray()));
    }
    GateHarness gate = GateHarness.solvent();
    gate.joinByVenue(NEWCOMER);
    gate.now += 2 * ROUND_AGE;
    gate.publish();
    gate.gate.claimLiquidation(ACCOUNT, "desk");
    GateHarness.auditAll();
  }
}
