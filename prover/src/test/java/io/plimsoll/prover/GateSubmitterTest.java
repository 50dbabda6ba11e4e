package io.plimsoll.prover;

import static io.plimsoll.prover.TestMarket.AGREED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.proto.v1.SolvencyProof;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Purpose;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An engine joined to a venue that answers, is down, or lies. */
@Timeout(120)
class GateSubmitterTest {
  private static final GateSubmitter.Backoff SHORT =
      new GateSubmitter.Backoff(Duration.ofMillis(2), Duration.ofMillis(10));

  @TempDir static Path keys;
  private static TestMarket market;

  private final MemoryEntries disk = new MemoryEntries();
  private final FakeVenue venue = new FakeVenue();
  private ProverEngine engine;
  private GateSubmitter submitter;

  @BeforeAll
  static void makeKeys() throws Exception {
    market = new TestMarket(keys);
  }

  @BeforeEach
  void start() throws Exception {
    ProverPolicy policy =
        market.policy(List.of()).agree("alice", AGREED, Purpose.MAINTENANCE).build();
    engine =
        market.engine(market.nativeProver()).policy(policy).store(new ProverStore(disk)).build();
    engine.openAccount(market.account("alice", 1));
    submitter = GateSubmitter.start(engine, venue, SHORT);
  }

  @AfterEach
  void stop() {
    submitter.close();
    engine.close();
  }

  private SolvencyProof received() throws Exception {
    SolvencyProof proof = venue.received.poll(60, TimeUnit.SECONDS);
    assertNotNull(proof, "the venue received nothing");
    return proof;
  }

  private static void await(BooleanSupplier condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "it did not come to that");
      Thread.sleep(2);
    }
  }

  private List<String> receipts() throws Exception {
    return engine.store().orElseThrow().receipts("alice").stream()
        .map(receipt -> new String(receipt, StandardCharsets.UTF_8))
        .toList();
  }

  private void awaitReceipts(int number) throws Exception {
    while (receipts().size() < number) {
      Thread.sleep(2);
    }
  }

  @Test
  void theVenuesRoundsAreProvenAndTheProofsHandedInAndTheReceiptsKept() throws Exception {
    for (long round = 1; round <= 3; round++) {
      venue.rounds.add(market.signedRound(round, 100));
      SolvencyProof proof = received();
      assertEquals(round, proof.getRoundSequence());
      awaitReceipts((int) round);
      assertEquals(FakeVenue.receiptFor(proof, true), receipts().get((int) round - 1));
    }
  }

  @Test
  void anAccountIsOpenedAsTheVenueHasItAndAgainWhenItChanges() throws Exception {
    engine.closeAccount("alice");
    venue.accounts.put("alice", market.account("alice", 1));
    venue.rounds.add(market.signedRound(1, 100));
    assertEquals(1, received().getAccountVersion());
    venue.accounts.put("alice", market.account("alice", 2));
    SolvencyProof again = received();
    assertEquals(2, again.getAccountVersion());
    assertEquals(1, again.getRoundSequence());
  }

  @Test
  void anAccountThatDoesNotFitIsRefusedOnceAndTheNextVersionOpened() throws Exception {
    venue.rounds.add(market.signedRound(1, 100));
    assertEquals(1, received().getAccountVersion());
    try (CapturedLog log = new CapturedLog()) {
      venue.accounts.put(
          "alice", AccountState.open(TestMarket.VENUE, "alice", engine.circuitId(), List.of()));
      int before = venue.asked.get();
      await(() -> venue.asked.get() > before + 2);
      assertTrue(log.text().split("venue_account_refused", -1).length <= 2, log.text());
    }
    venue.accounts.put("alice", market.account("alice", 3));
    assertEquals(3, received().getAccountVersion());
  }

  /** What this prover lacked for a moment must not cost the account its proofs. */
  @Test
  void anAccountThatTheStoreCouldNotTakeIsOpenedWhenItCan() throws Exception {
    venue.rounds.add(market.signedRound(1, 100));
    assertEquals(1, received().getAccountVersion());
    awaitReceipts(1);
    disk.breakAfter(0);
    try (CapturedLog log = new CapturedLog()) {
      venue.accounts.put("alice", market.account("alice", 2));
      await(() -> log.text().split("event=store_failed", -1).length > 3);
      assertEquals(2, log.text().split("event=venue_account_refused", -1).length, log.text());
    }
    disk.mend();
    assertEquals(2, received().getAccountVersion());
  }

  /** It is polled at once, and once: what it has to be asked about is not asked twice. */
  @Test
  void anAccountWhoseProofWasRejectedIsAskedForAtOnce() throws Exception {
    submitter.close();
    engine.close();
    ProverPolicy.Builder policy = market.policy(List.of());
    // So many that alice's turn is far away.
    for (int i = 0; i < 500; i++) {
      policy.agree("account-" + i, AGREED, Purpose.MAINTENANCE);
      venue.accounts.put("account-" + i, market.account("account-" + i, 1));
    }
    policy.agree("zoe", AGREED, Purpose.MAINTENANCE);
    engine = market.engine(market.nativeProver()).policy(policy.build()).build();
    engine.openAccount(market.account("zoe", 1));
    venue.accounts.put("zoe", market.account("zoe", 2));
    venue.rejects.set(true);
    submitter = GateSubmitter.start(engine, venue, SHORT);
    engine.loadRound(market.signedRound(1, 100));
    SolvencyProof proof = received();
    while (!proof.getAccount().equals("zoe") || proof.getAccountVersion() == 1) {
      proof = received();
    }
    assertTrue(venue.asked.get() < 250, () -> "asked " + venue.asked.get() + " times");
  }

  @Test
  void aRejectionIsKeptToo() throws Exception {
    venue.rejects.set(true);
    venue.rounds.add(market.signedRound(1, 100));
    SolvencyProof proof = received();
    awaitReceipts(1);
    assertEquals(List.of(FakeVenue.receiptFor(proof, false)), receipts());
    assertEquals(1, venue.attempts.get());
  }

  @Test
  void accountsThatTheVenueDeniesDoNotHoldUpAnother() throws Exception {
    submitter.close();
    engine.close();
    List<String> accounts = List.of("a", "b", "c", "d", "e", "f", "heron");
    ProverPolicy.Builder policy = market.policy(List.of());
    accounts.forEach(account -> policy.agree(account, AGREED, Purpose.MAINTENANCE));
    engine = market.engine(market.nativeProver()).policy(policy.build()).build();
    for (String account : accounts) {
      engine.openAccount(market.account(account, 1));
    }
    venue.denied.addAll(accounts.subList(0, 6));
    submitter = GateSubmitter.start(engine, venue, SHORT);
    engine.loadRound(market.signedRound(1, 100));
    assertEquals("heron", received().getAccount());
    // And one that is let in later need not wait for the next round.
    venue.denied.remove("c");
    assertEquals("c", received().getAccount());
  }

  @Test
  void aRoundThatThePolicyRefusesDoesNotEndTheStream() throws Exception {
    venue.rounds.add(market.signedRound(1, 100));
    received();
    venue.rounds.add(market.signedRound(2, 60));
    venue.rounds.add(market.signed(market.round(2, 100), 1));
    venue.rounds.add(market.signedRound(3, 101));
    assertEquals(3, received().getRoundSequence());
  }

  @Test
  void aVenueThatWasDownGetsTheNewestProofWhenItIsBack() throws Exception {
    venue.down.set(true);
    engine.loadRound(market.signedRound(1, 100));
    await(() -> venue.attempts.get() >= 2);
    engine.loadRound(market.signedRound(2, 100));
    await(() -> engine.status().proofs() == 2);
    int before = venue.attempts.get();
    await(() -> venue.attempts.get() >= before + 8);
    venue.down.set(false);
    assertEquals(2, received().getRoundSequence());
    awaitReceipts(1);
    // And its rounds come again, too.
    venue.rounds.add(market.signedRound(3, 100));
    assertEquals(3, received().getRoundSequence());
    assertTrue(venue.received.isEmpty());
  }

  @Test
  void aForgedReceiptIsRefusedAndAskedForAgainAFewTimes() throws Exception {
    venue.forges.set(true);
    try (CapturedLog log = new CapturedLog()) {
      engine.loadRound(market.signedRound(1, 100));
      for (int i = 0; i < 3; i++) {
        assertEquals(1, received().getRoundSequence());
      }
      await(() -> log.text().split("event=receipt_refused", -1).length == 4);
    }
    assertEquals(List.of(), receipts());
    venue.forges.set(false);
    engine.loadRound(market.signedRound(2, 100));
    assertEquals(2, received().getRoundSequence());
    awaitReceipts(1);
    assertEquals(4, venue.attempts.get());
  }

  @Test
  void whatWasProvenBeforeARestartArrivesAfterIt() throws Exception {
    venue.down.set(true);
    engine.loadRound(market.signedRound(1, 100));
    await(() -> engine.status().proofs() == 1);
    submitter.close();
    engine.close();
    venue.down.set(false);
    engine = market.engine(market.nativeProver()).store(new ProverStore(disk.afterCrash())).build();
    submitter = GateSubmitter.start(engine, venue, SHORT);
    SolvencyProof proof = received();
    assertEquals("alice", proof.getAccount());
    assertEquals(1, proof.getRoundSequence());
    awaitReceipts(1);
  }

  @Test
  void waitingGrowsFromTheFirstToTheLongestAndNeverBeyond() {
    GateSubmitter.Backoff backoff = GateSubmitter.Backoff.STANDARD;
    for (int failures = 0; failures < 100; failures++) {
      Duration time = backoff.after(failures);
      assertTrue(time.compareTo(Duration.ofMillis(25)) >= 0, time.toString());
      assertTrue(time.compareTo(Duration.ofMillis(5_001)) <= 0, time.toString());
      if (failures > 10) {
        assertTrue(time.compareTo(Duration.ofMillis(2_500)) >= 0, time.toString());
      }
    }
  }
}
