package io.plimsoll.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.venue.JdbcGateStore;
import io.plimsoll.venue.StoreAudit;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.TestKey;
import io.plimsoll.verifier.VerifiedSolvency;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * A proof against a claim, many times, from two gates on one database, as from two processes: never
 * both, never neither. Then the whole history is checked from the journal.
 */
class GateRaceTest {
  private static final SolvencyVerifier VERIFIER = Fixtures.verifier();
  private static final String ACCOUNT = Fixtures.ACCOUNT;

  @Test
  void proofAndClaimOnPostgresExcludeEachOther() throws Exception {
    race(Databases.postgres(), 3000);
  }

  @Test
  void proofAndClaimOnH2InMemoryExcludeEachOther() throws Exception {
    race("jdbc:h2:mem:race", 7000);
  }

  @Test
  void proofAndClaimOnH2InAFileExcludeEachOther() throws Exception {
    race(Databases.h2(), 200);
  }

  private static LiquidationGate gate(GateStore store) throws InvalidFormatException {
    return LiquidationGate.create(
        Fixtures.VENUE,
        VERIFIER,
        PublisherPolicy.of(1, List.of(GateHarness.PUBLISHERS.get(0).publicKey())),
        GateHarness.policy(),
        store,
        GateHarness.VENUE_SIGNER);
  }

  private static void race(String url, int races) throws Exception {
    AtomicLong now = new AtomicLong(10_000);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (JdbcGateStore one = Databases.open(url, () -> Instant.ofEpochMilli(now.get()));
        JdbcGateStore two = Databases.open(url, () -> Instant.ofEpochMilli(now.get()))) {
      LiquidationGate owner = gate(one);
      LiquidationGate desk = gate(two);
      TestKey attester = TestKey.of(1);
      owner.openAccount(ACCOUNT, List.of(attester.publicKey()));
      assertInstanceOf(
          AccountUpdate.Accepted.class,
          owner.attest(
              attester.attest(
                  Fixtures.body()
                      .version(1)
                      .previousDigest(Digest.ZERO)
                      .asOfMillis(now.get())
                      .notAfterMillis(Long.MAX_VALUE / 4))));
      CyclicBarrier start = new CyclicBarrier(2);
      int proven = 0;
      for (int i = 1; i <= races; i++) {
        // Liquidatable, on a fresh round on which the owner could still prove.
        now.addAndGet(GateHarness.ROUND_AGE - 1);
        publish(owner, i * 2L - 1, now.get());
        now.addAndGet(GateHarness.GRACE + GateHarness.SKEW + 1);
        RiskRound round = publish(owner, i * 2L, now.get());
        assertInstanceOf(AccountStatus.Liquidatable.class, owner.decide(ACCOUNT), "race " + i);
        byte[] proof = Fixtures.proof(owner.account(ACCOUNT), round);
        Future<Submission> submitted =
            threads.submit(
                () -> {
                  start.await();
                  return owner.submitProof(ACCOUNT, round.sequence(), proof);
                });
        Future<ClaimOutcome> claimed =
            threads.submit(
                () -> {
                  start.await();
                  return desk.claimLiquidation(ACCOUNT, "desk");
                });
        boolean solvent = submitted.get().verdict() instanceof VerifiedSolvency;
        ClaimOutcome outcome = claimed.get();
        assertNotEquals(solvent, outcome instanceof ClaimOutcome.Claimed, "race " + i);
        AccountStatus status = desk.decide(ACCOUNT);
        if (outcome instanceof ClaimOutcome.Claimed won) {
          assertEquals(new AccountStatus.Liquidating(won.order(), List.of()), status);
          assertTrue(desk.completeLiquidation(won.order()));
        } else {
          assertInstanceOf(AccountStatus.Solvent.class, status);
          proven++;
        }
      }
      assertInstanceOf(StoreAudit.Sound.class, StoreAudit.run(one, circuit -> VERIFIER));
      System.out.println(
          url.replaceAll("/.*", "") + ": the proof won " + proven + " of " + races + " races");
    } finally {
      threads.shutdownNow();
      assertTrue(threads.awaitTermination(10, TimeUnit.SECONDS));
    }
  }

  private static RiskRound publish(LiquidationGate gate, long sequence, long asOf) {
    RiskRound round = Fixtures.round(sequence, asOf);
    assertInstanceOf(
        RoundUpdate.Published.class,
        gate.publishRound(Fixtures.signed(round, GateHarness.PUBLISHERS.get(0))));
    return round;
  }
}
