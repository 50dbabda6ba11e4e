package io.plimsoll.prover;

import io.plimsoll.proto.v1.SolvencyProof;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What one party follows: the newest proof of each line, as proofs leave. It holds at most two
 * updates for each line, the newest proof and the newest reason why there is none, however slowly
 * they are taken: a newer one replaces the older. Thread-safe.
 */
public final class ProofWatch implements AutoCloseable {
  /** Something new on a line. */
  public sealed interface Update {
    /** The line. */
    ProofLine line();

    /** The round that it is about. */
    long roundSequence();
  }

  /**
   * A proof that was verified and has left.
   *
   * @param line what it proves
   * @param proof for the venue
   */
  public record Proof(ProofLine line, SolvencyProof proof) implements Update {
    @Override
    public long roundSequence() {
      return proof.getRoundSequence();
    }
  }

  /**
   * There is no proof on this round. For the owner alone.
   *
   * @param line what was to be proven
   * @param roundSequence the round
   * @param result why: {@link ProofResult.NotSolvent} or {@link ProofResult.Refused}
   */
  public record NoProof(ProofLine line, long roundSequence, ProofResult result) implements Update {
    /** Checks that nothing is null. */
    public NoProof {
      Objects.requireNonNull(line);
      Objects.requireNonNull(result);
    }
  }

  private record Slot(ProofLine line, boolean proof) {}

  private final ProofFeed feed;
  private final Optional<Set<ProofLine>> lines;
  private final long afterRound;
  private final Executor notifier;
  private final Runnable available;
  private final AtomicBoolean notifying = new AtomicBoolean();

  /** In the order of first arrival, so that no line waits for ever; guarded by this lock. */
  private final Map<Slot, Update> pending = new LinkedHashMap<>();

  /** The newest proof that each line was ever given, lest one is given twice. */
  private final Map<ProofLine, SolvencyProof> given = new HashMap<>();

  ProofWatch(
      ProofFeed feed,
      Optional<Set<ProofLine>> lines,
      long afterRound,
      Executor notifier,
      Runnable available) {
    this.feed = feed;
    this.lines = lines;
    this.afterRound = afterRound;
    this.notifier = notifier;
    this.available = available;
  }

  boolean covers(ProofLine line) {
    return lines.isEmpty() || lines.get().contains(line);
  }

  /** A proof that left before: unless who follows has said that it knows its round. */
  void offerEarlier(Proof proof) {
    if (proof.roundSequence() > afterRound) {
      offer(proof);
    }
  }

  void offer(Update update) {
    synchronized (this) {
      if (update instanceof Proof proof) {
        SolvencyProof before = given.get(proof.line());
        if (before != null && !isNewer(proof.proof(), before)) {
          return;
        }
        given.put(proof.line(), proof.proof());
      }
      pending.put(new Slot(update.line(), update instanceof Proof), update);
    }
    if (notifying.compareAndSet(false, true)) {
      notifier.execute(
          () -> {
            notifying.set(false);
            available.run();
          });
    }
  }

  private static boolean isNewer(SolvencyProof proof, SolvencyProof before) {
    int byRound = Long.compare(proof.getRoundSequence(), before.getRoundSequence());
    return byRound > 0 || (byRound == 0 && proof.getAccountVersion() > before.getAccountVersion());
  }

  synchronized void forget(String account) {
    given.keySet().removeIf(line -> line.account().equals(account));
  }

  /** Takes the next update; nothing if there is none. */
  public synchronized Optional<Update> poll() {
    var first = pending.entrySet().iterator();
    if (!first.hasNext()) {
      return Optional.empty();
    }
    Update update = first.next().getValue();
    first.remove();
    return Optional.of(update);
  }

  /** Whether no newer proof of the same line has come. */
  synchronized boolean isNewest(Proof proof) {
    return proof.proof().equals(given.get(proof.line()));
  }

  /** How many updates wait to be taken. */
  synchronized int waiting() {
    return pending.size();
  }

  /** Follows no more. Work that nobody else follows is dropped. */
  @Override
  public void close() {
    feed.close(this);
  }
}
