package io.plimsoll.gate.rpc;

import static io.plimsoll.gate.rpc.TestVenue.ALICE;
import static io.plimsoll.gate.rpc.TestVenue.CUSTODIAN;
import static io.plimsoll.gate.rpc.TestVenue.LENDER;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.gate.AccountStatus;
import io.plimsoll.gate.ClaimOutcome;
import io.plimsoll.gate.Execution;
import io.plimsoll.gate.Fraction;
import io.plimsoll.gate.GateStore;
import io.plimsoll.gate.JournalRecord;
import io.plimsoll.gate.LiquidationOrder;
import io.plimsoll.gate.Release;
import io.plimsoll.gate.ReleaseOutcome;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.RejectionReason;
import io.plimsoll.verifier.SignedRound;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A venue from opening to liquidation, over the network, with every role, on any store. */
@Timeout(120)
@SuppressWarnings("try") // A watch tells its listener; nobody asks it anything.
public abstract class GateServerContract {
  @TempDir Path directory;

  private TestVenue venue;

  /** The store, opened again over the same data each time. */
  protected abstract GateStore open(InstantSource clock);

  @BeforeEach
  void start() throws Exception {
    venue = new TestVenue(directory, this::open).start();
  }

  @AfterEach
  void stop() throws Exception {
    venue.close();
  }

  /** What a watch has told so far. */
  static class Heard<T> implements Watch.Listener<T> {
    record Event<T>(long index, T what) {}

    final LinkedBlockingQueue<Event<T>> events = new LinkedBlockingQueue<>();
    final LinkedBlockingQueue<GateException> ended = new LinkedBlockingQueue<>();

    @Override
    public void on(long index, T what) {
      events.add(new Event<>(index, what));
    }

    @Override
    public void ended(GateException why) {
      ended.add(why);
    }

    Event<T> next() throws InterruptedException {
      Event<T> event = events.poll(30, TimeUnit.SECONDS);
      assertTrue(event != null, () -> "nothing came; " + ended);
      return event;
    }
  }

  @Test
  void fromOpeningToSolventAndBackOverTheNetwork() throws Exception {
    GateClient.Venue about = venue.as("alice").venue();
    assertEquals(TestVenue.VENUE, about.name());
    assertEquals(TestVenue.circuitId(), about.circuitId());
    assertEquals(TestVenue.VENUE_KEY.publicKey(), about.key());
    assertEquals(
        GateConversions.toProto(TestVenue.policy()), GateConversions.toProto(about.policy()));
    assertEquals("alice", about.caller());
    assertEquals(List.of("owner"), about.callerRoles());
    venue.makeReady();
    assertInstanceOf(AccountStatus.InGrace.class, venue.as("alice").status(ALICE));
    GateClient.Submitted submitted = venue.prove();
    assertTrue(submitted.accepted(), submitted.detail());
    assertEquals("", submitted.detail());
    var receipt = submitted.receipt().message();
    JournalRecord record = venue.store().read(v -> v.journal(receipt.journalIndex(), 1)).get(0);
    assertEquals(record.digest(), receipt.journalDigest());
    AccountStatus.Solvent solvent =
        assertInstanceOf(AccountStatus.Solvent.class, venue.as("liquidator").status(ALICE));
    assertEquals(receipt.solventUntilMillis(), solvent.untilMillis());
    List<String> accounts = new ArrayList<>();
    venue.as("auditor").accounts(listed -> accounts.add(listed.account()));
    assertEquals(List.of(ALICE), accounts);
  }

  @Test
  void aRejectedProofIsAReceiptAndNoError() throws Exception {
    venue.makeReady();
    GateClient alice = venue.as("alice");
    for (byte[] proof : List.of(new byte[0], new byte[128], new byte[4096])) {
      GateClient.Submitted submitted = alice.submitProof(ALICE, 1, proof);
      assertFalse(submitted.accepted());
      assertEquals(Digest.of(proof), submitted.receipt().message().proofDigest());
      assertFalse(submitted.detail().isEmpty());
    }
    byte[] proof = venue.proof(alice.account(TestVenue.circuitId(), ALICE));
    assertEquals(
        Optional.of(RejectionReason.UNKNOWN_ROUND),
        alice.submitProof(ALICE, 9, proof).receipt().message().rejection());
  }

  @Test
  void manyProofsOnAStreamAreAnsweredInTheirOrder() throws Exception {
    venue.makeReady();
    GateClient alice = venue.as("alice");
    byte[] proof = venue.proof(alice.account(TestVenue.circuitId(), ALICE));
    try (ProofStream stream = alice.submitProofs(4)) {
      List<java.util.concurrent.CompletableFuture<GateClient.Submitted>> answers =
          new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        answers.add(stream.submit(ALICE, 1, i == 20 ? proof : new byte[] {(byte) i}));
      }
      for (int i = 0; i < 30; i++) {
        GateClient.Submitted answer = answers.get(i).get(30, TimeUnit.SECONDS);
        assertEquals(i == 20, answer.accepted());
        assertEquals(
            Digest.of(i == 20 ? proof : new byte[] {(byte) i}),
            answer.receipt().message().proofDigest());
      }
    }
  }

  @Test
  void decreaseIsReleasedOnlyAfterAProofAndTheReleaseReachesItsAttesterOnce() throws Exception {
    Heard<VenueSigned<Release>> releases = new Heard<>();
    Heard<VenueSigned<Release>> others = new Heard<>();
    try (Watch watch = venue.as("custodian").watchReleases(1, releases);
        Watch other = venue.as("lender").watchReleases(1, others)) {
      venue.makeReady();
      assertTrue(venue.prove().accepted());
      venue.pass(TestVenue.SPACING);
      GateClient custodian = venue.as("custodian");
      assertInstanceOf(
          ChangeOutcome.Accepted.class, custodian.attest(venue.next(CUSTODIAN, ALICE, 3, false)));
      assertEquals(
          ReleaseOutcome.Refusal.NOT_PROVEN,
          assertInstanceOf(ReleaseOutcome.Refused.class, custodian.requestRelease(ALICE)).reason());
      assertTrue(venue.prove().accepted());
      VenueSigned<Release> release =
          assertInstanceOf(ReleaseOutcome.Released.class, custodian.requestRelease(ALICE))
              .release();
      assertEquals(1, release.message().throughVersion());
      assertEquals(2, release.message().successorVersion());
      assertEquals(release, releases.next().what());
      VenueSigned<Release> again =
          assertInstanceOf(ReleaseOutcome.Released.class, custodian.requestRelease(ALICE))
              .release();
      assertArrayEquals(release.toByteArray(), again.toByteArray());
      venue.as("operator").openBreaker();
      assertEquals(0, releases.events.size());
      assertEquals(0, others.events.size());
    }
  }

  @Test
  void liquidationIsClaimedExecutedAndEndedByAProofOnWhatIsLeft() throws Exception {
    venue.makeReady();
    assertTrue(venue.prove().accepted());
    Heard<VenueSigned<LiquidationOrder>> toLender = new Heard<>();
    Heard<VenueSigned<LiquidationOrder>> toRival = new Heard<>();
    try (Watch watch = venue.as("lender").watchOrders(1, toLender);
        Watch other = venue.as("rival").watchOrders(1, toRival)) {
      venue.pass(TestVenue.ROUND_AGE.minusSeconds(1));
      venue.as("publisher").publishRound(venue.nextRound());
      venue.pass(TestVenue.GRACE.plusSeconds(5));
      GateClient liquidator = venue.as("liquidator");
      AccountStatus.Liquidatable before =
          assertInstanceOf(AccountStatus.Liquidatable.class, liquidator.status(ALICE));
      assertEquals(new Fraction(1, 2), before.fraction());
      VenueSigned<LiquidationOrder> order =
          assertInstanceOf(ClaimOutcome.Claimed.class, liquidator.claimLiquidation(ALICE)).signed();
      assertEquals("liquidator", order.message().claimant());
      assertEquals(new Fraction(1, 2), order.message().fraction());
      assertEquals(order, toLender.next().what());
      assertInstanceOf(ClaimOutcome.Refused.class, venue.as("rival").claimLiquidation(ALICE));
      assertEquals(
          Optional.of(RejectionReason.LIQUIDATING), venue.prove().receipt().message().rejection());
      venue.pass(Duration.ofSeconds(1));
      execute("custodian", CUSTODIAN, 2, order);
      execute("lender", LENDER, 0, order);
      GateClient.Submitted ending = venue.prove();
      assertTrue(ending.accepted(), ending.detail());
      assertInstanceOf(AccountStatus.Solvent.class, liquidator.status(ALICE));
      assertFalse(liquidator.completeLiquidation(ALICE, order.message().gateVersion()));
      assertEquals(0, toRival.events.size());
    }
  }

  private void execute(
      String party,
      io.plimsoll.verifier.TestKey attester,
      long left,
      VenueSigned<LiquidationOrder> order)
      throws Exception {
    Attestation attestation = venue.next(attester, ALICE, left, false);
    Digest digest = order.message().digest();
    ChangeOutcome outcome =
        venue
            .as(party)
            .attestExecution(
                Execution.of(
                    digest,
                    attestation,
                    attester.sign(Execution.signedBytes(digest, attestation))));
    assertInstanceOf(ChangeOutcome.Accepted.class, outcome, outcome.toString());
  }

  @Test
  void aLiquidationIsEndedByItsClaimantOrAnOperator() throws Exception {
    venue.makeReady();
    assertTrue(venue.prove().accepted());
    venue.pass(TestVenue.ROUND_AGE.minusSeconds(1));
    venue.as("publisher").publishRound(venue.nextRound());
    venue.pass(TestVenue.GRACE.plusSeconds(5));
    long first =
        assertInstanceOf(ClaimOutcome.Claimed.class, venue.as("liquidator").claimLiquidation(ALICE))
            .order()
            .gateVersion();
    assertFalse(venue.as("liquidator").cancelLiquidation(ALICE, first + 1));
    assertTrue(venue.as("liquidator").cancelLiquidation(ALICE, first));
    assertInstanceOf(AccountStatus.Suspended.class, venue.as("alice").status(ALICE));
    // What the order named may have been sold: its attesters say what is left after its end.
    venue.pass(TestVenue.ORDER);
    venue.as("custodian").attest(venue.next(CUSTODIAN, ALICE, 3, false));
    venue.as("lender").attest(venue.next(LENDER, ALICE, -1, false));
    long second =
        assertInstanceOf(ClaimOutcome.Claimed.class, venue.as("rival").claimLiquidation(ALICE))
            .order()
            .gateVersion();
    GateException denied =
        assertThrows(
            GateException.class, () -> venue.as("liquidator").cancelLiquidation(ALICE, second));
    assertEquals(GateException.Kind.PERMISSION_DENIED, denied.kind());
    assertTrue(venue.as("operator").completeLiquidation(ALICE, second));
    assertInstanceOf(AccountStatus.Suspended.class, venue.as("alice").status(ALICE));
  }

  /** It would be in grace anew, and could be claimed and completed again before anybody else. */
  @Test
  void aClaimantCompletesNothingThatNobodyHasExecuted() throws Exception {
    venue.makeReady();
    assertTrue(venue.prove().accepted());
    venue.pass(TestVenue.ROUND_AGE.minusSeconds(1));
    venue.as("publisher").publishRound(venue.nextRound());
    venue.pass(TestVenue.GRACE.plusSeconds(5));
    GateClient liquidator = venue.as("liquidator");
    VenueSigned<LiquidationOrder> order =
        assertInstanceOf(ClaimOutcome.Claimed.class, liquidator.claimLiquidation(ALICE)).signed();
    long gateVersion = order.message().gateVersion();
    GateException denied =
        assertThrows(GateException.class, () -> liquidator.completeLiquidation(ALICE, gateVersion));
    assertEquals(GateException.Kind.PERMISSION_DENIED, denied.kind());
    assertInstanceOf(AccountStatus.Liquidating.class, liquidator.status(ALICE));
    venue.pass(Duration.ofSeconds(1));
    execute("custodian", CUSTODIAN, 2, order);
    assertTrue(liquidator.completeLiquidation(ALICE, gateVersion));
  }

  @Test
  void theJournalIsToldWholeAndOnceOverARestartOfTheServer() throws Exception {
    Heard<JournalRecord> whole = new Heard<>();
    Heard<JournalRecord> alices = new Heard<>();
    Heard<SignedRound> rounds = new Heard<>();
    try (Watch watch = venue.as("auditor").watchDecisions(1, "", whole);
        Watch other = venue.as("alice").watchDecisions(1, ALICE, alices);
        Watch round = venue.as("bob").watchRounds(0, rounds)) {
      venue.makeReady();
      assertTrue(venue.prove().accepted());
      assertEquals(1, rounds.next().index());
      venue.stop();
      venue.start();
      venue.awaitConnected("alice", "publisher", "custodian");
      assertInstanceOf(AccountStatus.Solvent.class, venue.as("alice").status(ALICE));
      venue.pass(TestVenue.SPACING);
      venue.as("publisher").publishRound(venue.nextRound());
      venue.as("custodian").attest(venue.next(CUSTODIAN, ALICE, 2, false));
      assertTrue(venue.prove().accepted());
      assertEquals(2, rounds.next().index());
      List<JournalRecord> kept = venue.store().read(v -> v.journal(1, 1000));
      for (JournalRecord record : kept) {
        Heard.Event<JournalRecord> told = whole.next();
        assertEquals(record.index(), told.index());
        assertEquals(record.digest(), told.what().digest());
      }
      for (JournalRecord record : kept) {
        if (record.decision().account().equals(ALICE)) {
          assertEquals(record.index(), alices.next().index());
        }
      }
      assertEquals(0, whole.events.size());
      assertEquals(0, alices.events.size());
      assertEquals(0, rounds.events.size());
      assertEquals(0, whole.ended.size() + alices.ended.size() + rounds.ended.size());
    }
  }

  @Test
  void whatAnotherGateOnTheStoreDecidesIsToldToo() throws Exception {
    venue.makeReady();
    Heard<JournalRecord> heard = new Heard<>();
    long from = venue.store().read(v -> v.journal(1, 1000)).size() + 1L;
    try (Watch watch = venue.as("operator").watchDecisions(from, "", heard)) {
      venue.gate().openBreaker();
      assertEquals(from, heard.next().index());
    }
  }

  @Test
  void aRoundThatDeviatesOpensTheBreakerAndTheOperatorClosesIt() throws Exception {
    venue.makeReady();
    RoundOutcome.Published published =
        assertInstanceOf(
            RoundOutcome.Published.class,
            venue.as("publisher").publishRound(venue.nextRound(9, -9)));
    assertTrue(published.deviation().isPresent());
    assertInstanceOf(AccountStatus.Suspended.class, venue.as("alice").status(ALICE));
    venue.as("operator").closeBreaker();
    assertInstanceOf(AccountStatus.InGrace.class, venue.as("alice").status(ALICE));
  }
}
