package io.plimsoll.gate.rpc;

import static io.plimsoll.gate.rpc.ProofQueue.MOST_TOGETHER;
import static io.plimsoll.gate.rpc.ProofQueue.TO_BE_TRUSTED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.gate.Judged;
import io.plimsoll.gate.JudgedProof;
import io.plimsoll.gate.ProofBytes;
import io.plimsoll.gate.Submission;
import io.plimsoll.gate.SubmittedProof;
import io.plimsoll.verifier.Rejected;
import io.plimsoll.verifier.RejectionReason;
import io.plimsoll.verifier.Verdict;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who is judged with whom, and when: workers run when a test says so. */
class ProofQueueTest {
  private static final Verdict VALID = Judged.valid();

  private final Deque<Runnable> workers = new ArrayDeque<>();
  private final List<List<String>> batches = new ArrayList<>();
  private final List<String> answers = new ArrayList<>();
  private final Set<String> bad = new HashSet<>();
  private final Set<String> junk = new HashSet<>();
  private final Set<String> faulty = new HashSet<>();
  private final Set<String> uncommitted = new HashSet<>();
  private Runnable meanwhile = () -> {};

  private static final class Away extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private final ProofQueue queue =
      new ProofQueue(this::judge, workers::add, 2, Away.class::isInstance, size -> {});

  private List<JudgedProof> judge(List<SubmittedProof> proofs) {
    batches.add(proofs.stream().map(SubmittedProof::account).toList());
    meanwhile.run();
    List<JudgedProof> judged = new ArrayList<>();
    for (SubmittedProof proof : proofs) {
      String account = proof.account();
      if (faulty.contains(account)) {
        throw new IllegalStateException(account);
      }
      Verdict verdict =
          bad.contains(account)
              ? new Rejected(RejectionReason.PROOF_DOES_NOT_VERIFY, "")
              : junk.contains(account) ? new Rejected(RejectionReason.STALE_ROUND, "") : VALID;
      judged.add(
          Judged.as(
              verdict,
              () -> {
                if (uncommitted.contains(account)) {
                  throw new Away();
                }
                return new Submission(verdict, null);
              }));
    }
    return judged;
  }

  private void submit(String client, String account) {
    queue.submit(
        client,
        new SubmittedProof(account, 1, ProofBytes.of(new byte[0])),
        new ProofQueue.Answer() {
          @Override
          public void decided(Submission submission) {
            if (account.equals("untold")) {
              throw new IllegalArgumentException(account);
            }
            answers.add(account);
          }

          @Override
          public void failed(Throwable fault) {
            answers.add(account + " " + fault.getClass().getSimpleName());
          }
        });
  }

  private void submit(String client, int from, int to) {
    IntStream.range(from, to).forEach(i -> submit(client, client + i));
  }

  private void run() {
    while (!workers.isEmpty()) {
      workers.remove().run();
    }
  }

  private List<Integer> sizes() {
    return batches.stream().map(List::size).toList();
  }

  @Test
  void oneProofIsJudgedAtOnceAndAlone() {
    submit("a", "a0");
    assertEquals(1, workers.size());
    run();
    assertEquals(List.of(List.of("a0")), batches);
    assertEquals(List.of("a0"), answers);
    assertEquals(0, queue.unanswered("a"));
  }

  @Test
  void whatIsWaitingIsJudgedTogetherAndAnsweredInOrder() {
    submit("a", 0, 150);
    run();
    assertEquals(List.of(MOST_TOGETHER, MOST_TOGETHER, 150 - 2 * MOST_TOGETHER), sizes());
    assertEquals(IntStream.range(0, 150).mapToObj(i -> "a" + i).toList(), answers);
  }

  @Test
  void whatComesWhileABatchIsJudgedIsTheNextBatch() {
    submit("a", 0, 3);
    meanwhile =
        () -> {
          meanwhile = () -> {};
          submit("a", 3, 10);
          submit("b", 0, 2);
          assertEquals(10, queue.unanswered("a"));
          // Another worker takes what is nobody's in hand.
          assertEquals(1, workers.size());
          workers.remove().run();
          assertEquals(List.of("b0", "b1"), answers);
        };
    run();
    assertEquals(List.of(3, 2, 7), sizes());
    assertEquals(IntStream.range(0, 10).mapToObj(i -> "a" + i).toList(), answers.subList(2, 12));
  }

  @Test
  void aBatchHasOneProofOfAnAccountAndKeepsTheOrderOfAClient() {
    for (String account : List.of("x", "y", "x", "z")) {
      submit("a", account);
    }
    run();
    assertEquals(List.of(List.of("x", "y"), List.of("x", "z")), batches);
  }

  @Test
  void whoSendsManyDoesNotKeepOthersWaiting() {
    submit("many", 0, 500);
    submit("few", "few0");
    run();
    assertTrue(batches.get(0).contains("few0"), batches.get(0).toString());
    batches.clear();
    submit("many", 0, 500);
    submit("other", 0, 500);
    run();
    assertEquals(
        MOST_TOGETHER / 2,
        batches.get(0).stream().filter(account -> account.startsWith("other")).count());
  }

  @Test
  void moreClientsThanABatchHoldsTakeTurns() {
    for (int i = 0; i < MOST_TOGETHER + 10; i++) {
      submit("client " + i, 0, 2);
    }
    run();
    assertEquals(
        IntStream.range(0, MOST_TOGETHER).mapToObj(i -> "client " + i + "0").toList(),
        batches.get(0));
    assertEquals("client " + MOST_TOGETHER + "0", batches.get(1).get(0));
  }

  @Test
  void afterABadProofItsSenderIsJudgedByItselfUntilItHasProvenAsOften() {
    bad.add("rogue0");
    submit("rogue", "rogue0");
    submit("honest", 0, 5);
    run();
    assertEquals(List.of(6), sizes());
    batches.clear();
    // From here on it has its turns, and nobody else pays for what it sends.
    bad.add("rogue2");
    submit("rogue", 1, 3);
    submit("honest", 0, 4);
    run();
    assertEquals(
        List.of(
            List.of("rogue1"),
            List.of("honest0", "honest1", "honest2", "honest3"),
            List.of("rogue2")),
        batches);
    batches.clear();
    submit("rogue", 100, 100 + TO_BE_TRUSTED);
    run();
    assertEquals(TO_BE_TRUSTED, batches.size());
    batches.clear();
    submit("rogue", 200, 210);
    submit("honest", 0, 2);
    run();
    assertEquals(List.of(12), sizes());
  }

  /** It would have been judged alone at most once in a while: what costs nobody costs nothing. */
  @Test
  void rejectionsThatCostNoBisectionAreNoReasonToBeJudgedAlone() {
    junk.add("a0");
    submit("a", "a0");
    run();
    batches.clear();
    submit("a", 0, 5);
    run();
    assertEquals(List.of(5), sizes());
  }

  @Test
  void aFaultIsNotThatOfTheOthersInItsBatch() {
    faulty.add("a2");
    submit("a", 0, 4);
    run();
    assertEquals(List.of("a0", "a1", "a2 IllegalStateException", "a3"), answers);
    submit("a", "a9");
    run();
    assertEquals("a9", answers.get(4));
  }

  @Test
  void anAnswerThatCannotBeGivenIsAFailureAndTheOthersAreGiven() {
    submit("a", "untold");
    submit("a", "a1");
    run();
    assertEquals(List.of("untold IllegalStateException", "a1"), answers);
  }

  @Test
  void aStoreThatIsAwayIsAskedOnceForABatch() {
    uncommitted.addAll(List.of("a1", "a2", "a3"));
    submit("a", 0, 4);
    run();
    assertEquals(List.of("a0", "a1 Away", "a2 Away", "a3 Away"), answers);
    assertEquals(0, queue.unanswered("a"));
  }

  @Test
  void noMoreWorkersBeginThanThereMayBe() {
    submit("a", "a0");
    submit("b", "b0");
    submit("c", "c0");
    assertEquals(2, workers.size());
    run();
    assertEquals(3, answers.size());
  }

  @Test
  void withoutWorkersNothingIsTaken() {
    ProofQueue ended =
        new ProofQueue(
            this::judge,
            work -> {
              throw new RejectedExecutionException();
            },
            1,
            fault -> false,
            size -> {});
    assertThrows(
        RejectedExecutionException.class,
        () -> ended.submit("a", new SubmittedProof("a", 1, ProofBytes.of(new byte[0])), null));
  }
}
