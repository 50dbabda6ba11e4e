package io.plimsoll.gate.rpc;

import static io.plimsoll.gate.rpc.TestVenue.CUSTODIAN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.gate.GateStore;
import io.plimsoll.gate.InMemoryGateStore;
import io.plimsoll.gate.JournalRecord;
import io.plimsoll.gate.JudgedProof;
import io.plimsoll.gate.LiquidationGate;
import io.plimsoll.gate.ProofBytes;
import io.plimsoll.gate.Submission;
import io.plimsoll.gate.SubmittedProof;
import io.plimsoll.gate.SuspensionCause;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.VerifiedSolvency;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Proofs that are judged together are decided as if each had come alone. */
@Timeout(120)
class ProofBatchTest {
  private static final List<String> ACCOUNTS =
      IntStream.range(0, 20).mapToObj(i -> "account " + (char) ('a' + i)).toList();

  @TempDir Path directory;

  private volatile CountDownLatch held = new CountDownLatch(0);
  private final AtomicInteger looks = new AtomicInteger();
  private TestVenue venue;

  @BeforeEach
  void start() throws Exception {
    venue = new TestVenue(directory, clock -> held(new InMemoryGateStore(clock))).start();
  }

  @AfterEach
  void stop() throws Exception {
    venue.close();
  }

  private GateStore held(GateStore store) {
    return new GateStore() {
      @Override
      public <R> R transact(Function<Transaction, R> work) {
        return store.transact(work);
      }

      @Override
      public <R> R read(Function<View, R> work) {
        if (Thread.currentThread().getName().equals("plimsoll-proofs")) {
          looks.incrementAndGet();
          try {
            assertTrue(held.await(60, TimeUnit.SECONDS));
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        }
        return store.read(work);
      }
    };
  }

  /** Opens and attests the accounts at every gate alike. */
  private void makeReady(LiquidationGate... gates) throws Exception {
    SignedRound round = venue.nextRound();
    for (LiquidationGate gate : gates) {
      gate.publishRound(round);
    }
    for (String account : ACCOUNTS) {
      Attestation attestation = venue.next(CUSTODIAN, account, 4, false);
      for (LiquidationGate gate : gates) {
        gate.openAccount(account, List.of(CUSTODIAN.publicKey()));
        assertInstanceOf(AccountUpdate.Accepted.class, gate.attest(attestation));
      }
    }
  }

  private List<SubmittedProof> proofs(LiquidationGate gate) {
    List<SubmittedProof> proofs = new ArrayList<>();
    for (String account : ACCOUNTS) {
      proofs.add(proof(account, 1, venue.proof(gate.account(account))));
    }
    return proofs;
  }

  private static SubmittedProof proof(String account, long round, byte[] proof) {
    return new SubmittedProof(account, round, ProofBytes.of(proof));
  }

  private static List<JournalRecord> journal(GateStore store) {
    return store.read(view -> view.journal(1, 10_000));
  }

  @Test
  void oneBadProofAmongManyLeavesVerdictsReceiptsAndJournalAsSinglySubmitted() throws Exception {
    GateStore second = new InMemoryGateStore(() -> java.time.Instant.ofEpochMilli(venue.now()));
    LiquidationGate together = venue.gate();
    LiquidationGate singly = venue.gate(second);
    makeReady(together, singly);
    List<SubmittedProof> proofs = new ArrayList<>(proofs(together));
    // Well-formed and wrong: it is another account's.
    proofs.set(7, proof(ACCOUNTS.get(7), 1, proofs.get(8).proof().toByteArray()));
    // And what no check is made for.
    proofs.set(11, proof(ACCOUNTS.get(11), 1, new byte[127]));
    proofs.set(12, proof(ACCOUNTS.get(12), 2, proofs.get(12).proof().toByteArray()));
    proofs.add(13, proof("nobody's", 1, new byte[128]));
    together.suspend(ACCOUNTS.get(15), SuspensionCause.VENUE_FAULT);
    singly.suspend(ACCOUNTS.get(15), SuspensionCause.VENUE_FAULT);

    List<Submission> batch =
        together.judgeProofs(proofs).stream().map(JudgedProof::commit).toList();
    List<Submission> single = new ArrayList<>();
    for (SubmittedProof each : proofs) {
      single.add(
          singly.submitProof(each.account(), each.roundSequence(), each.proof().toByteArray()));
    }

    for (int i = 0; i < proofs.size(); i++) {
      assertEquals(single.get(i).verdict().toString(), batch.get(i).verdict().toString());
      assertArrayEquals(
          single.get(i).receipt().toByteArray(), batch.get(i).receipt().toByteArray());
    }
    assertEquals(
        16, batch.stream().filter(each -> each.verdict() instanceof VerifiedSolvency).count());
    assertEquals(
        journal(second).stream().map(JournalRecord::digest).toList(),
        journal(venue.store()).stream().map(JournalRecord::digest).toList());
  }

  @Test
  void anAccountComesOnceInABatchAndAVerdictIsCommittedOnce() throws Exception {
    LiquidationGate gate = venue.gate();
    makeReady(gate);
    SubmittedProof proof = proofs(gate).get(0);
    assertThrows(IllegalArgumentException.class, () -> gate.judgeProofs(List.of(proof, proof)));
    JudgedProof judged = gate.judgeProofs(List.of(proof)).get(0);
    assertInstanceOf(VerifiedSolvency.class, judged.commit().verdict());
    assertThrows(IllegalStateException.class, judged::commit);
  }

  /** What an account becomes between verdict and commit decides, in a batch as singly. */
  @Test
  void aVerdictOfABatchThatFitsNoMoreIsNotCommitted() throws Exception {
    LiquidationGate gate = venue.gate();
    makeReady(gate);
    List<JudgedProof> judged = gate.judgeProofs(proofs(gate).subList(0, 4));
    gate.suspend(ACCOUNTS.get(2), SuspensionCause.VENUE_FAULT);
    List<Boolean> accepted =
        judged.stream().map(each -> each.commit().verdict() instanceof VerifiedSolvency).toList();
    assertEquals(List.of(true, true, false, true), accepted);
  }

  @Test
  void proofsOfAStreamThatWaitAreJudgedTogetherAndAnsweredInTheirOrder() throws Exception {
    venue.server().close();
    venue.serve(venue.builder(venue.rolesWithAccountsOfAlice(ACCOUNTS)));
    venue.awaitConnected("alice");
    makeReady(venue.gate());
    List<SubmittedProof> proofs = proofs(venue.gate());
    held = new CountDownLatch(1);
    looks.set(0);
    List<CompletableFuture<GateClient.Submitted>> answers = new ArrayList<>();
    try (ProofStream stream = venue.as("alice").submitProofs(100)) {
      for (SubmittedProof each : proofs) {
        answers.add(stream.submit(each.account(), 1, each.proof().toByteArray()));
      }
      // The first is under way alone; the others come in while it is.
      while (venue.server().unanswered("alice") < proofs.size()) {
        Thread.sleep(5);
      }
      held.countDown();
      for (int i = 0; i < proofs.size(); i++) {
        GateClient.Submitted answer = answers.get(i).get(60, TimeUnit.SECONDS);
        assertTrue(answer.accepted(), answer.detail());
        assertEquals(ACCOUNTS.get(i), answer.receipt().message().account());
      }
    }
    assertTrue(looks.get() <= 4, looks + " looks at the store for " + proofs.size() + " proofs");
  }
}
