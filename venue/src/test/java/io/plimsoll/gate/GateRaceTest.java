package io.plimsoll.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.venue.JdbcGateStore;
import io.plimsoll.venue.StoreAudit;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.TestKey;
import io.plimsoll.verifier.VerifiedSolvency;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * A proof against a claim, many times, from two gates on one database, as from two processes: never
 * both, never neither; now and then the attestations change at the same time. Then the whole
 * history is checked: by what the threads saw, and by the auditor.
 */
class GateRaceTest {
  private static final SolvencyVerifier VERIFIER = Fixtures.verifier();
  private static final String ACCOUNT = Fixtures.ACCOUNT;
  private static final TestKey ATTESTER = TestKey.of(1);

  @Test
  void proofAndClaimOnPostgresExcludeEachOther() throws Exception {
    race(Databases.postgres(), 2000);
  }

  @Test
  void proofAndClaimOnH2InMemoryExcludeEachOther() throws Exception {
    race("jdbc:h2:mem:race", 7900);
  }

  @Test
  void proofAndClaimOnH2InAFileExcludeEachOther() throws Exception {
    race(Databases.h2(), 100);
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
    GateHistory history = new GateHistory();
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try (JdbcGateStore one = Databases.open(url, () -> Instant.ofEpochMilli(now.get()));
        JdbcGateStore two = Databases.open(url, () -> Instant.ofEpochMilli(now.get()))) {
      LiquidationGate owner = gate(one);
      LiquidationGate desk = gate(two);
      owner.openAccount(ACCOUNT, List.of(ATTESTER.publicKey()));
      attest(history, owner, next(owner, now.get()));
      int proven = 0;
      for (int i = 1; i <= races; i++) {
        // Liquidatable, on a round on which the owner could still prove: the next one came just
        // before the last proof stopped counting.
        now.addAndGet(GateHarness.ROUND_AGE - GateHarness.GRACE - GateHarness.SKEW - 2);
        RiskRound round = publish(owner, i, now.get());
        now.addAndGet(GateHarness.GRACE + GateHarness.SKEW + 1);
        assertInstanceOf(AccountStatus.Liquidatable.class, owner.decide(ACCOUNT), "race " + i);
        byte[] proof = Fixtures.proof(owner.account(ACCOUNT), round);
        String claimant = "desk " + i;
        List<Callable<Object>> racers = new ArrayList<>();
        racers.add(() -> submit(history, owner, round, proof));
        racers.add(() -> claim(history, desk, claimant));
        boolean versionMoves = i % 4 == 0;
        if (versionMoves) {
          Attestation next = next(owner, now.get());
          racers.add(() -> attest(history, desk, next));
        }
        Optional<LiquidationOrder> order = run(threads, racers);
        assertEquals(
            Optional.empty(),
            GateHistory.raceFault(history.last(racers.size()), tag(proof), claimant),
            "race " + i);
        if (versionMoves) {
          // The winner may have been the claim, the proof, or the attestation: the proof is old.
          assertFalse(submit(history, owner, round, proof), "race " + i);
        }
        if (order.isPresent()) {
          assertEquals(new AccountStatus.Liquidating(order.get(), List.of()), desk.decide(ACCOUNT));
          executeAndComplete(history, desk, order.get(), now.get());
        } else {
          assertInstanceOf(AccountStatus.Solvent.class, desk.decide(ACCOUNT));
          proven++;
        }
      }
      List<GateHistory.Entry> entries =
          GateHistory.entries(one.read(view -> view.journal(1, Integer.MAX_VALUE)));
      assertEquals(List.of(), GateHistory.faults(history.calls(), entries, GateHarness.policy()));
      assertInstanceOf(StoreAudit.Sound.class, StoreAudit.run(one, circuit -> VERIFIER));
      System.out.println(
          url.replaceAll("/.*", "") + ": the proof won " + proven + " of " + races + " races");
    } finally {
      threads.shutdownNow();
      assertTrue(threads.awaitTermination(10, TimeUnit.SECONDS));
    }
  }

  /** All at once; the order if the claim won. */
  private static Optional<LiquidationOrder> run(
      ExecutorService threads, List<Callable<Object>> racers) throws Exception {
    CyclicBarrier start = new CyclicBarrier(racers.size());
    List<Future<Object>> running = new ArrayList<>();
    for (Callable<Object> racer : racers) {
      running.add(
          threads.submit(
              () -> {
                start.await();
                return racer.call();
              }));
    }
    Optional<LiquidationOrder> order = Optional.empty();
    for (Future<Object> racer : running) {
      if (racer.get() instanceof ClaimOutcome.Claimed won) {
        order = Optional.of(won.order());
      }
    }
    return order;
  }

  private static String tag(byte[] proof) {
    return GateHistory.tag(Digest.of(proof));
  }

  private static boolean submit(
      GateHistory history, LiquidationGate gate, RiskRound round, byte[] proof) throws Exception {
    return history
            .call(
                GateHistory.Kind.PROVE,
                () -> gate.submitProof(ACCOUNT, round.sequence(), proof),
                submission -> tag(proof) + " " + submission.receipt().message().journalIndex(),
                submission -> submission.verdict() instanceof VerifiedSolvency)
            .verdict()
        instanceof VerifiedSolvency;
  }

  private static ClaimOutcome claim(GateHistory history, LiquidationGate gate, String claimant)
      throws Exception {
    return history.call(
        GateHistory.Kind.CLAIM,
        () -> gate.claimLiquidation(ACCOUNT, claimant),
        outcome -> claimant,
        outcome -> outcome instanceof ClaimOutcome.Claimed);
  }

  private static AccountUpdate attest(
      GateHistory history, LiquidationGate gate, Attestation attestation) throws Exception {
    return history.call(
        GateHistory.Kind.ATTEST,
        () -> gate.attest(attestation),
        update -> GateHistory.tag(attestation.digest()),
        update -> update instanceof AccountUpdate.Accepted);
  }

  private static void executeAndComplete(
      GateHistory history, LiquidationGate gate, LiquidationOrder order, long now)
      throws Exception {
    Attestation left = next(gate, now);
    Execution execution =
        Execution.of(
            order.digest(), left, ATTESTER.sign(Execution.signedBytes(order.digest(), left)));
    AccountUpdate update =
        history.call(
            GateHistory.Kind.EXECUTE,
            () -> gate.attestExecution(execution),
            executed -> GateHistory.tag(left.digest()),
            executed -> executed instanceof AccountUpdate.Accepted);
    assertInstanceOf(AccountUpdate.Accepted.class, update);
    boolean ended =
        history.call(
            GateHistory.Kind.END,
            () -> gate.completeLiquidation(order),
            done -> String.valueOf(order.gateVersion()),
            done -> done);
    assertTrue(ended);
  }

  private static Attestation next(LiquidationGate gate, long now) {
    Optional<Attestation> last = gate.account(ACCOUNT).attestation(ATTESTER.publicKey());
    return ATTESTER.attest(
        Fixtures.body()
            .version(last.map(before -> before.body().version() + 1).orElse(1L))
            .previousDigest(last.map(Attestation::digest).orElse(Digest.ZERO))
            .asOfMillis(now)
            .notAfterMillis(Long.MAX_VALUE / 4));
  }

  private static RiskRound publish(LiquidationGate gate, long sequence, long asOf) {
    RiskRound round = Fixtures.round(sequence, asOf);
    assertInstanceOf(
        RoundUpdate.Published.class,
        gate.publishRound(Fixtures.signed(round, GateHarness.PUBLISHERS.get(0))));
    return round;
  }
}
