package io.plimsoll.gate.rpc;

import io.plimsoll.gate.JudgedProof;
import io.plimsoll.gate.Submission;
import io.plimsoll.gate.SubmittedProof;
import io.plimsoll.rpc.RpcFaults;
import io.plimsoll.verifier.Rejected;
import io.plimsoll.verifier.RejectionReason;
import io.plimsoll.verifier.VerifiedSolvency;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Predicate;

/**
 * Proofs that wait for a processor, of all clients. Whichever worker is free takes what is waiting,
 * up to {@value #MOST_TOGETHER} of them, and has them judged together; it never waits for more, so
 * a proof that comes alone is judged alone, at once. What was judged is committed one by one.
 *
 * <p>A client's proofs are decided in the order in which they came: what it has in hand of one
 * worker no other worker overtakes. Clients take turns, one proof each, so that those who send many
 * share with each other what those who send few leave. A batch has one proof of an account.
 *
 * <p>A proof that does not verify makes the batch that it came in dearer by a bisection, which is
 * about as much as another {@value #TO_BE_TRUSTED} single checks. So its sender's proofs are judged
 * by themselves from then on, one at each turn, until as many have been valid: each bad proof in a
 * batch stands against as many single checks that its sender has paid for in turns of its own.
 * Thread-safe.
 */
final class ProofQueue {
  private static final Logger LOG = System.getLogger("io.plimsoll.gate.rpc");

  /** More gain little, and the last of them would wait for longer. */
  static final int MOST_TOGETHER = 64;

  /** Valid proofs until a client's proofs are judged with those of others again. */
  static final int TO_BE_TRUSTED = 64;

  /** What becomes of a proof. One of the two is called, once, on a worker's thread. */
  interface Answer {
    void decided(Submission submission);

    /** Nothing is known of it; it may have been committed. */
    void failed(Throwable fault);
  }

  private record Waiting(Client client, SubmittedProof proof, Answer answer) {}

  /** Guarded by the queue's lock. */
  private static final class Client {
    private final String name;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private int inHand;

    /** Valid proofs that it owes. */
    private int owes;

    Client(String name) {
      this.name = name;
    }
  }

  private final Function<List<SubmittedProof>, List<JudgedProof>> judge;
  private final Executor workers;
  private final int mostWorkers;
  private final Predicate<Throwable> concernsAll;
  private final IntConsumer batches;

  /** Those with something waiting or in hand, or in debt. */
  private final Map<String, Client> clients = new HashMap<>();

  /** Those with something waiting and nothing in hand, in the order of their turns. */
  private final Deque<Client> turns = new ArrayDeque<>();

  private int working;

  /**
   * A queue.
   *
   * @param judge judges proofs of different accounts together
   * @param workers runs up to {@code mostWorkers} of this queue's workers at a time; each ends when
   *     nothing is waiting
   * @param concernsAll faults that no other proof of the batch would escape
   * @param batches is told the size of each batch
   */
  ProofQueue(
      Function<List<SubmittedProof>, List<JudgedProof>> judge,
      Executor workers,
      int mostWorkers,
      Predicate<Throwable> concernsAll,
      IntConsumer batches) {
    this.judge = judge;
    this.workers = workers;
    this.mostWorkers = mostWorkers;
    this.concernsAll = concernsAll;
    this.batches = batches;
  }

  /**
   * Has a proof decided.
   *
   * @param client who sends it; accounts of different clients are different
   * @throws RejectedExecutionException if the workers have ended
   */
  void submit(String client, SubmittedProof proof, Answer answer) {
    synchronized (this) {
      Client sender = clients.computeIfAbsent(client, Client::new);
      sender.waiting.add(new Waiting(sender, proof, answer));
      if (sender.inHand == 0 && sender.waiting.size() == 1) {
        turns.add(sender);
      }
    }
    wake();
  }

  /** How many proofs of a client have come and have no answer. */
  synchronized int unanswered(String client) {
    Client known = clients.get(client);
    return known == null ? 0 : known.waiting.size() + known.inHand;
  }

  private void wake() {
    synchronized (this) {
      if (turns.isEmpty() || working >= mostWorkers) {
        return;
      }
      working++;
    }
    try {
      workers.execute(this::work);
    } catch (RuntimeException e) {
      synchronized (this) {
        working--;
      }
      throw e;
    }
  }

  private void work() {
    List<Waiting> batch = take();
    while (!batch.isEmpty()) {
      decide(batch);
      batch = take();
    }
  }

  /** What is to be judged next; empty, and the worker is counted no more, if there is nothing. */
  private synchronized List<Waiting> take() {
    Client first = turns.poll();
    List<Waiting> batch = new ArrayList<>();
    if (first == null) {
      working--;
      return batch;
    }
    if (first.owes > 0) {
      batch.add(hand(first));
      return batch;
    }
    List<Client> together = new ArrayList<>(List.of(first));
    turns.removeIf(
        client -> {
          boolean joins = client.owes == 0 && together.size() < MOST_TOGETHER;
          return joins && together.add(client);
        });
    Set<String> accounts = new HashSet<>();
    for (int before = -1; before < batch.size() && batch.size() < MOST_TOGETHER; ) {
      before = batch.size();
      for (Client client : together) {
        Waiting next = client.waiting.peek();
        if (next != null && batch.size() < MOST_TOGETHER && accounts.add(next.proof().account())) {
          batch.add(hand(client));
        }
      }
    }
    return batch;
  }

  private static Waiting hand(Client client) {
    client.inHand++;
    return client.waiting.remove();
  }

  private void decide(List<Waiting> batch) {
    batches.accept(batch.size());
    List<JudgedProof> judged;
    try {
      judged = judge.apply(batch.stream().map(Waiting::proof).toList());
    } catch (RuntimeException | Error fault) {
      if (batch.size() == 1 || concernsAll.test(fault)) {
        batch.forEach(each -> fail(each, fault));
      } else {
        // Something is wrong with one of them: the others are not to suffer for it.
        batch.forEach(each -> decide(List.of(each)));
      }
      return;
    }
    for (int i = 0; i < batch.size(); i++) {
      Optional<Throwable> fault = commit(batch.get(i), judged.get(i));
      if (fault.isPresent() && concernsAll.test(fault.get())) {
        batch.subList(i + 1, batch.size()).forEach(each -> fail(each, fault.get()));
        return;
      }
    }
  }

  private Optional<Throwable> commit(Waiting proof, JudgedProof judged) {
    Submission submission;
    try {
      submission = judged.commit();
    } catch (RuntimeException | Error fault) {
      fail(proof, fault);
      return Optional.of(fault);
    }
    boolean valid = judged.verdict() instanceof VerifiedSolvency;
    done(proof.client(), valid ? -1 : isDear(judged) ? TO_BE_TRUSTED : 0);
    if (!tell(() -> proof.answer().decided(submission))) {
      tell(() -> proof.answer().failed(new IllegalStateException("the answer was not taken")));
    }
    return Optional.empty();
  }

  private void fail(Waiting proof, Throwable fault) {
    done(proof.client(), 0);
    tell(() -> proof.answer().failed(fault));
  }

  /** Whether the answer was taken: nobody is to wait for one that cannot be given. */
  private static boolean tell(Runnable answer) {
    try {
      answer.run();
      return true;
    } catch (RuntimeException bug) {
      LOG.log(Level.ERROR, () -> "an answer was not taken" + RpcFaults.trace(bug));
      return false;
    }
  }

  /** Whether only its own check could tell that it is bad. */
  private static boolean isDear(JudgedProof judged) {
    return judged.verdict() instanceof Rejected rejected
        && (rejected.reason() == RejectionReason.PROOF_DOES_NOT_VERIFY
            || rejected.reason() == RejectionReason.PROOF_NOT_IN_SUBGROUP);
  }

  private void done(Client client, int debt) {
    synchronized (this) {
      client.owes = debt > 0 ? debt : Math.max(0, client.owes + debt);
      client.inHand--;
      if (client.inHand > 0) {
        return;
      }
      if (!client.waiting.isEmpty()) {
        turns.add(client);
      } else if (client.owes == 0) {
        clients.remove(client.name);
      }
    }
    try {
      wake();
    } catch (RejectedExecutionException e) {
      LOG.log(Level.DEBUG, "no more workers begin: this one goes on alone");
    }
  }
}
