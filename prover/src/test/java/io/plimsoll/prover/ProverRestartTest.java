package io.plimsoll.prover;

import static io.plimsoll.prover.TestMarket.AGREED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.attestation.SealingIdentity;
import io.plimsoll.attestation.StorageSecret;
import io.plimsoll.proto.v1.SolvencyProof;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.SignedRound;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a prover knows after a restart, wherever it was stopped. */
@Timeout(120)
class ProverRestartTest {
  private static final ProofLine ALICE = new ProofLine("alice", AGREED, Purpose.MAINTENANCE);

  @TempDir static Path keys;
  private static TestMarket market;

  @BeforeAll
  static void makeKeys() throws Exception {
    market = new TestMarket(keys);
  }

  private static ProverEngine engine(MemoryEntries disk) throws Exception {
    return market.engine(market.nativeProver()).store(new ProverStore(disk)).build();
  }

  private static ProofResult prove(ProverEngine engine, long round) throws Exception {
    return engine.prove(ProofRequest.of("alice", round, AGREED, Purpose.MAINTENANCE));
  }

  private static Refusal refusal(ProofResult result) {
    return assertInstanceOf(ProofResult.Refused.class, result).refusal();
  }

  private static Refusal refusalOf(org.junit.jupiter.api.function.Executable executable) {
    return assertThrows(RefusedException.class, executable).refusal();
  }

  @Test
  void accountsRoundsAndProvenPlacesAreThereAfterARestart() throws Exception {
    MemoryEntries disk = new MemoryEntries();
    SolvencyProof first;
    try (ProverEngine before = engine(disk)) {
      before.openAccount(market.account("alice", 3));
      before.loadAccount(market.account("bob", 1));
      before.loadRound(market.signedRound(7, 100));
      first = assertInstanceOf(ProofResult.Proved.class, prove(before, 7)).proof();
    }
    try (ProverEngine after = engine(disk.afterCrash())) {
      assertEquals(1, after.status().accounts());
      assertEquals(1, after.status().rounds());
      assertEquals(Refusal.ALREADY_PROVEN, refusal(prove(after, 7)));
      assertEquals(Refusal.SEQUENCE, refusalOf(() -> after.loadRound(market.signedRound(6, 100))));
      assertEquals(Refusal.SEQUENCE, refusalOf(() -> after.loadRound(market.signedRound(7, 101))));
      assertEquals(
          Refusal.IMPLAUSIBLE_ROUND, refusalOf(() -> after.loadRound(market.signedRound(8, 60))));
      AccountState older = market.account("alice", 2);
      assertEquals(Refusal.STALE_ACCOUNT, refusalOf(() -> after.openAccount(older)));
      // Whoever follows gets the very proof that left, not another one.
      Semaphore available = new Semaphore(0);
      try (ProofWatch watch = after.watch(Optional.of(Set.of(ALICE)), -1, available::release)) {
        assertTrue(available.tryAcquire(60, TimeUnit.SECONDS));
        ProofWatch.Update update = watch.poll().orElseThrow();
        assertEquals(first, assertInstanceOf(ProofWatch.Proof.class, update).proof());
      }
      after.loadRound(market.signedRound(8, 100));
      assertInstanceOf(ProofResult.Proved.class, prove(after, 8));
    }
  }

  @Test
  void aClosedAccountIsGoneAfterARestart() throws Exception {
    MemoryEntries disk = new MemoryEntries();
    try (ProverEngine before = engine(disk)) {
      before.openAccount(market.account("alice", 3));
      before.closeAccount("alice");
    }
    assertTrue(disk.names().stream().noneMatch(name -> name.contains("alice")));
    try (ProverEngine after = engine(disk)) {
      assertEquals(0, after.status().accounts());
    }
  }

  @Test
  void whereverTheDiskBreaksNoProofThatLeftIsForgottenAndNothingElseIsLost() throws Exception {
    AccountState first = market.account("alice", 1);
    AccountState second = market.account("alice", 2);
    SignedRound one = market.signedRound(1, 100);
    SignedRound two = market.signedRound(2, 101);
    boolean complete = false;
    for (int writes = 0; !complete; writes++) {
      MemoryEntries disk = new MemoryEntries();
      disk.breakAfter(writes);
      boolean[] left = new boolean[3];
      boolean opened = false;
      boolean reopened = false;
      try (ProverEngine engine = engine(disk)) {
        try {
          engine.openAccount(first);
          opened = true;
          engine.loadRound(one);
          left[1] = prove(engine, 1) instanceof ProofResult.Proved;
          engine.loadRound(two);
          engine.openAccount(second);
          reopened = true;
          left[2] = prove(engine, 2) instanceof ProofResult.Proved;
          complete = left[1] && left[2];
        } catch (RefusedException e) {
          assertEquals(Refusal.STORE, e.refusal());
        }
      }
      try (ProverEngine restarted = engine(disk.afterCrash())) {
        assertEquals(opened ? 1 : 0, restarted.status().accounts());
        if (left[1] && !reopened) {
          assertInstanceOf(ProofResult.Refused.class, prove(restarted, 1));
        }
        restarted.loadRound(two);
        restarted.openAccount(second);
        ProofResult again = prove(restarted, 2);
        assertEquals(
            left[2],
            again instanceof ProofResult.Refused refused
                && refused.refusal() == Refusal.ALREADY_PROVEN,
            "after " + writes + " writes: " + again);
      }
    }
  }

  @Test
  void withoutTheDiskNothingLeavesAndThePlaceIsFreeAgain() throws Exception {
    MemoryEntries disk = new MemoryEntries();
    try (ProverEngine engine = engine(disk)) {
      engine.openAccount(market.account("alice", 1));
      disk.breakAfter(0);
      engine.loadRound(market.signedRound(1, 100));
      assertEquals(Refusal.STORE, refusal(prove(engine, 1)));
      AccountState bob = market.account("bob", 1);
      assertEquals(Refusal.STORE, refusalOf(() -> engine.openAccount(bob)));
      assertEquals(Refusal.STORE, refusalOf(() -> engine.closeAccount("alice")));
      assertEquals(1, engine.status().accounts());
      assertEquals(0, engine.status().proofs());
      disk.breakAfter(100);
      assertInstanceOf(ProofResult.Proved.class, prove(engine, 1));
    }
  }

  @Test
  void aRoundWithoutEnoughSignaturesUnderTodaysPolicyIsNotProvenOnButItsNumberCounts()
      throws Exception {
    MemoryEntries disk = new MemoryEntries();
    try (ProverEngine before = engine(disk)) {
      before.openAccount(market.account("alice", 1));
      before.loadRound(market.signedRound(5, 100));
      assertInstanceOf(ProofResult.Proved.class, prove(before, 5));
    }
    for (int restarts = 0; restarts < 2; restarts++) {
      try (ProverEngine stricter =
          market
              .engine(market.nativeProver())
              .policy(market.policy().publishers(market.allPublishers()).build())
              .store(new ProverStore(disk))
              .build()) {
        assertEquals(0, stricter.status().rounds());
        assertEquals(Refusal.UNKNOWN_ROUND, refusal(prove(stricter, 5)));
        SignedRound again = market.signed(market.round(5, 100), 3);
        assertEquals(Refusal.SEQUENCE, refusalOf(() -> stricter.loadRound(again)));
        stricter.loadAccount(market.account("bob", 1));
      }
    }
  }

  @Test
  void aStoreOfAnotherOwnerOrVenueIsOneClearError() throws Exception {
    MemoryEntries disk = new MemoryEntries();
    try (ProverEngine before = engine(disk)) {
      before.openAccount(market.account("alice", 1));
      before.loadRound(market.signedRound(5, 100));
      assertInstanceOf(ProofResult.Proved.class, prove(before, 5));
    }
    InvalidFormatException stranger =
        assertThrows(
            InvalidFormatException.class,
            () ->
                market
                    .engine(market.nativeProver())
                    .identity(SealingIdentity.generate())
                    .store(new ProverStore(disk))
                    .build());
    assertTrue(stranger.getMessage().startsWith("prover store: "), stranger.getMessage());
    InvalidFormatException elsewhere =
        assertThrows(
            InvalidFormatException.class,
            () ->
                market
                    .engine(market.nativeProver())
                    .policy(market.policy().venue("elsewhere").build())
                    .store(new ProverStore(disk))
                    .build());
    assertTrue(elsewhere.getMessage().contains("'elsewhere'"), elsewhere.getMessage());
  }

  @Test
  void receiptsAreKeptUpToTheirNumber() throws Exception {
    MemoryEntries disk = new MemoryEntries();
    ProverStore store = new ProverStore(disk);
    for (int i = 0; i < ProverStore.RECEIPTS_KEPT + 3; i++) {
      store.addReceipt("alice", new byte[] {(byte) i});
    }
    ProverStore again = new ProverStore(disk.afterCrash());
    assertEquals(ProverStore.RECEIPTS_KEPT, again.receipts("alice").size());
    assertEquals(3, again.receipts("alice").get(0)[0]);
    assertEquals(0, again.receipts("bob").size());
  }

  @Test
  void onARealDiskEverythingComesBackToWhoKnowsThePassword(@TempDir Path directory)
      throws Exception {
    Path place = directory.resolve("store");
    try (StorageSecret secret = StorageSecret.password("correct horse".toCharArray());
        ProverEngine before =
            market.engine(market.nativeProver()).store(ProverStore.open(place, secret)).build()) {
      before.openAccount(market.account("alice", 1));
      before.loadRound(market.signedRound(5, 100));
      assertInstanceOf(ProofResult.Proved.class, prove(before, 5));
      assertThrows(IOException.class, () -> ProverStore.open(place, secret));
    }
    try (StorageSecret wrong = StorageSecret.password("correct house".toCharArray())) {
      assertThrows(InvalidFormatException.class, () -> ProverStore.open(place, wrong));
    }
    try (StorageSecret secret = StorageSecret.password("correct horse".toCharArray());
        ProverEngine after =
            market.engine(market.nativeProver()).store(ProverStore.open(place, secret)).build()) {
      assertEquals(Refusal.ALREADY_PROVEN, refusal(prove(after, 5)));
    }
  }
}
