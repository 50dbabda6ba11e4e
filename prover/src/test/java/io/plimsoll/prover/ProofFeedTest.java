package io.plimsoll.prover;

import static io.plimsoll.prover.TestMarket.AGREED;
import static io.plimsoll.prover.TestMarket.HIGHER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.proto.v1.SolvencyProof;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Purpose;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Lines that are followed from round to round. */
@Timeout(120)
class ProofFeedTest {
  private static final ProofLine ALICE = line("alice");
  private static final ProofLine BOB = line("bob");

  @TempDir static Path keys;
  private static TestMarket market;

  private final Semaphore available = new Semaphore(0);
  private GatedProver prover;
  private ProverEngine engine;

  @BeforeAll
  static void makeKeys() throws Exception {
    market = new TestMarket(keys);
  }

  @BeforeEach
  void start() throws Exception {
    prover = new GatedProver(market.nativeProver());
    prover.allowed.release(1000);
    engine = market.engine(prover).queueCapacity(2).workers(1).build();
  }

  @AfterEach
  void stop() {
    prover.allowed.release(1000);
    engine.close();
  }

  private static ProofLine line(String account) {
    return new ProofLine(account, AGREED, Purpose.MAINTENANCE);
  }

  private ProofWatch watch(ProofLine... lines) {
    return engine.watch(Optional.of(Set.of(lines)), -1, available::release);
  }

  private ProofWatch.Update next(ProofWatch watch) throws Exception {
    while (true) {
      Optional<ProofWatch.Update> update = watch.poll();
      if (update.isPresent()) {
        return update.get();
      }
      assertTrue(available.tryAcquire(60, TimeUnit.SECONDS), "no update");
    }
  }

  private SolvencyProof proof(ProofWatch watch) throws Exception {
    return assertInstanceOf(ProofWatch.Proof.class, next(watch)).proof();
  }

  private void loadRound(long sequence) throws Exception {
    engine.loadRound(market.signedRound(sequence, 100));
  }

  @Test
  void everyFollowedLineIsProvenOnEveryRound() throws Exception {
    engine.openAccount(market.account("alice", 1));
    engine.openAccount(market.account("bob", 1));
    try (ProofWatch watch = watch(ALICE, BOB)) {
      for (long round = 1; round <= 3; round++) {
        loadRound(round);
        Set<String> accounts = new HashSet<>();
        for (int i = 0; i < 2; i++) {
          SolvencyProof proof = proof(watch);
          assertEquals(round, proof.getRoundSequence());
          accounts.add(proof.getAccount());
        }
        assertEquals(Set.of("alice", "bob"), accounts);
      }
      assertEquals(Optional.empty(), watch.poll());
    }
  }

  @Test
  void whoFollowsLaterGetsTheProofThatHasLeftAndOnlyIfItAsksForIt() throws Exception {
    engine.openAccount(market.account("alice", 1));
    SolvencyProof first;
    try (ProofWatch watch = watch(ALICE)) {
      loadRound(5);
      first = proof(watch);
    }
    try (ProofWatch again = watch(ALICE)) {
      assertEquals(first, proof(again));
      assertEquals(1, prover.begun.availablePermits());
    }
    try (ProofWatch knowing = engine.watch(Optional.empty(), 5, available::release)) {
      loadRound(6);
      ProofWatch.Update update = next(knowing);
      // Alice's line with the higher threshold is followed here as well.
      while (!(update instanceof ProofWatch.Proof proof && proof.line().equals(ALICE))) {
        update = next(knowing);
      }
      assertEquals(6, update.roundSequence());
    }
  }

  @Test
  void aNewerRoundTakesThePlaceOfWhatWaitsAndOfWhatIsBeingMade() throws Exception {
    engine.openAccount(market.account("alice", 1));
    engine.openAccount(market.account("bob", 1));
    prover.allowed.drainPermits();
    try (ProofWatch watch = watch(ALICE, BOB)) {
      loadRound(1);
      prover.begun.acquire();
      assertEquals(1, engine.status().queued());
      loadRound(2);
      // Bob's request for round 1 is gone, alice's proof of it goes nowhere.
      assertEquals(2, engine.status().queued());
      prover.allowed.release(1000);
      assertEquals(2, proof(watch).getRoundSequence());
      assertEquals(2, proof(watch).getRoundSequence());
      assertEquals(2, engine.status().proofs());
    }
  }

  @Test
  void roundsThatComeFasterThanProofsDoNotLeaveALineWithoutAny() throws Exception {
    engine.openAccount(market.account("alice", 1));
    prover.allowed.drainPermits();
    try (ProofWatch watch = watch(ALICE)) {
      loadRound(1);
      prover.begun.acquire();
      loadRound(2);
      prover.allowed.release(1);
      prover.begun.acquire();
      // Round 1's proof was dropped while it was made; round 2's may not be.
      loadRound(3);
      prover.allowed.release(1);
      assertEquals(2, proof(watch).getRoundSequence());
      prover.allowed.release(1);
      assertEquals(3, proof(watch).getRoundSequence());
    }
  }

  @Test
  void whoNeverReadsHasTheNewestOfEachLineWaitingAndNoMore() throws Exception {
    engine.openAccount(market.account("alice", 1));
    engine.openAccount(market.account("bob", 1));
    try (ProofWatch idle = engine.watch(Optional.of(Set.of(ALICE, BOB)), -1, () -> {});
        ProofWatch watch = watch(ALICE, BOB)) {
      for (long round = 1; round <= 10; round++) {
        loadRound(round);
        proof(watch);
        proof(watch);
        // Behind the feed's back for a moment only.
        watch().close();
        assertTrue(idle.waiting() <= 2, idle.waiting() + " updates wait");
      }
      assertEquals(10, idle.poll().orElseThrow().roundSequence());
      assertEquals(10, idle.poll().orElseThrow().roundSequence());
      assertEquals(Optional.empty(), idle.poll());
    }
  }

  @Test
  void insolvencyIsToldOnceAndTheEarlierProofIsNotLost() throws Exception {
    engine.openAccount(market.account("alice", 1));
    try (ProofWatch watch = watch(ALICE)) {
      loadRound(1);
      assertTrue(available.tryAcquire(60, TimeUnit.SECONDS));
      engine.loadRound(market.signedRound(2, 75));
      while (watch.waiting() < 2) {
        assertTrue(available.tryAcquire(60, TimeUnit.SECONDS));
      }
      assertEquals(1, proof(watch).getRoundSequence());
      ProofWatch.NoProof none = assertInstanceOf(ProofWatch.NoProof.class, next(watch));
      assertEquals(2, none.roundSequence());
      assertInstanceOf(ProofResult.NotSolvent.class, none.result());
      assertEquals(Optional.empty(), watch.poll());
    }
  }

  @Test
  void whoFollowsAnInsolventLineLaterIsToldToo() throws Exception {
    engine.openAccount(market.account("alice", 1));
    engine.loadRound(market.signedRound(1, 75));
    try (ProofWatch first = watch(ALICE)) {
      assertInstanceOf(ProofWatch.NoProof.class, next(first));
      try (ProofWatch second = watch(ALICE)) {
        assertInstanceOf(ProofWatch.NoProof.class, next(second));
      }
    }
  }

  @Test
  void aNewVersionOfAnAccountIsProvenOnTheRoundThatIsThere() throws Exception {
    engine.openAccount(market.account("alice", 1));
    try (ProofWatch watch = watch(ALICE)) {
      loadRound(1);
      assertEquals(1, proof(watch).getAccountVersion());
      engine.openAccount(market.account("alice", 2));
      SolvencyProof second = proof(watch);
      assertEquals(2, second.getAccountVersion());
      assertEquals(1, second.getRoundSequence());
    }
  }

  @Test
  void accountsThatAreOpenedLaterAreFollowedByWhoFollowsAll() throws Exception {
    loadRound(1);
    try (ProofWatch watch = engine.watch(Optional.empty(), -1, available::release)) {
      engine.openAccount(market.account("carol", 1, "1"));
      Set<ProofLine> lines = new HashSet<>();
      for (int i = 0; i < 2; i++) {
        lines.add(next(watch).line());
      }
      assertEquals(Set.of(line("carol"), new ProofLine("carol", HIGHER, Purpose.INITIAL)), lines);
      engine.closeAccount("carol");
      loadRound(2);
      engine.openAccount(market.account("alice", 1));
      assertEquals("alice", next(watch).line().account());
    }
  }

  @Test
  void aProofThatSomebodyElseAskedForReachesWhoFollows() throws Exception {
    engine.openAccount(market.account("alice", 1));
    prover.allowed.drainPermits();
    loadRound(1);
    CompletableFuture<ProofResult> other =
        engine.submit(ProofRequest.of("alice", 1, AGREED, Purpose.MAINTENANCE));
    prover.begun.acquire();
    try (ProofWatch watch = watch(ALICE)) {
      prover.allowed.release(1);
      SolvencyProof proof = proof(watch);
      assertEquals(
          assertInstanceOf(ProofResult.Proved.class, other.get(60, TimeUnit.SECONDS)).proof(),
          proof);
      assertEquals(0, prover.begun.availablePermits());
    }
  }

  @Test
  void whenSomebodyElseGivesUpTheLineIsProvenAfterAll() throws Exception {
    engine.openAccount(market.account("alice", 1));
    prover.allowed.drainPermits();
    loadRound(1);
    CompletableFuture<ProofResult> other =
        engine.submit(ProofRequest.of("alice", 1, AGREED, Purpose.MAINTENANCE));
    prover.begun.acquire();
    try (ProofWatch watch = watch(ALICE)) {
      assertTrue(other.cancel(false));
      prover.allowed.release(1000);
      assertEquals(1, proof(watch).getRoundSequence());
    }
  }

  @Test
  void whoHangsUpAndComesBackWhileAProofIsMadeGetsOneOnThatRound() throws Exception {
    engine.openAccount(market.account("alice", 1));
    prover.allowed.drainPermits();
    ProofWatch first = watch(ALICE);
    loadRound(1);
    prover.begun.acquire();
    first.close();
    try (ProofWatch again = watch(ALICE)) {
      prover.allowed.release(1000);
      assertEquals(1, proof(again).getRoundSequence());
      assertEquals(1, engine.status().proofs());
    }
  }

  @Test
  void anAccountThatIsOpenedAgainWhileItsProofIsMadeIsProvenOnThatRound() throws Exception {
    AccountState state = market.account("alice", 1);
    engine.openAccount(state);
    prover.allowed.drainPermits();
    try (ProofWatch watch = watch(ALICE)) {
      loadRound(1);
      prover.begun.acquire();
      engine.openAccount(state);
      prover.allowed.release(1000);
      assertEquals(1, proof(watch).getRoundSequence());
      assertEquals(1, engine.status().proofs());
    }
  }

  @Test
  void whatWasNotBegunInItsUsefulTimeIsDropped() throws Exception {
    engine.close();
    prover = new GatedProver(market.nativeProver());
    engine = market.engine(prover).workers(1).usefulTime(Duration.ofNanos(1)).build();
    engine.openAccount(market.account("alice", 1));
    try (ProofWatch watch = watch(ALICE)) {
      loadRound(1);
      ProofWatch.NoProof none = assertInstanceOf(ProofWatch.NoProof.class, next(watch));
      assertEquals(
          Refusal.DEADLINE, assertInstanceOf(ProofResult.Refused.class, none.result()).refusal());
      assertEquals(0, prover.begun.availablePermits());
    }
  }

  @Test
  void nobodysLinesAreNotProven() throws Exception {
    engine.openAccount(market.account("alice", 1));
    prover.allowed.drainPermits();
    ProofWatch watch = watch(ALICE);
    loadRound(1);
    prover.begun.acquire();
    watch.close();
    loadRound(2);
    prover.allowed.release(1000);
    assertInstanceOf(
        ProofResult.Proved.class,
        engine.prove(ProofRequest.of("alice", 2, AGREED, Purpose.MAINTENANCE)));
    assertEquals(1, engine.status().proofs());
    assertEquals(Optional.empty(), watch.poll());
  }

  @Test
  void oneThatWaitsAloneHasAllProcessorsAndManyAreMadeAtATime() throws Exception {
    engine.close();
    prover = new GatedProver(market.nativeProver());
    engine = market.engine(prover).workers(2).build();
    for (String account : List.of("alice", "bob", "carol", "dave")) {
      engine.openAccount(market.account(account, 1));
    }
    try (ProofWatch first = watch(line("alice"))) {
      loadRound(1);
      prover.begun.acquire();
      try (ProofWatch others = watch(line("bob"), line("carol"), line("dave"))) {
        while (engine.status().queued() < 3) {
          Thread.sleep(1);
        }
        // The first came alone; nothing else begins beside it.
        assertFalse(prover.begun.tryAcquire(200, TimeUnit.MILLISECONDS));
        assertEquals(List.of(), prover.batches());
        prover.allowed.release(1);
        prover.begun.acquire(2);
        assertEquals(List.of(2), prover.batches());
        prover.allowed.release(2);
        prover.begun.acquire();
        prover.allowed.release(1);
        proof(first);
        for (int i = 0; i < 3; i++) {
          proof(others);
        }
        assertEquals(List.of(2), prover.batches());
      }
    }
  }

  @Test
  void oneBadProofOfABatchBlocksTheKeyForAllOfIt() throws Exception {
    engine.close();
    prover = new GatedProver(market.nativeProver());
    engine = market.engine(prover).workers(2).build();
    for (String account : List.of("alice", "bob", "carol")) {
      engine.openAccount(market.account(account, 1));
    }
    loadRound(1);
    CompletableFuture<ProofResult> alone =
        engine.submit(ProofRequest.of("alice", 1, AGREED, Purpose.MAINTENANCE));
    prover.begun.acquire();
    List<CompletableFuture<ProofResult>> batch =
        List.of(
            engine.submit(ProofRequest.of("bob", 1, AGREED, Purpose.MAINTENANCE)),
            engine.submit(ProofRequest.of("carol", 1, AGREED, Purpose.MAINTENANCE)));
    prover.allowed.release(1);
    assertInstanceOf(ProofResult.Proved.class, alone.get(60, TimeUnit.SECONDS));
    prover.begun.acquire(2);
    prover.spoil.set(true);
    prover.allowed.release(2);
    for (CompletableFuture<ProofResult> spoilt : batch) {
      assertEquals(
          Refusal.KEY_BLOCKED,
          assertInstanceOf(ProofResult.Refused.class, spoilt.get(60, TimeUnit.SECONDS)).refusal());
    }
    assertTrue(engine.status().keyBlocked());
  }
}
