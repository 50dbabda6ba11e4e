package io.plimsoll.prover;

import io.plimsoll.proto.v1.SolvencyProof;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Proves every line that somebody follows on the newest round, again with each round.
 *
 * <p>A new round takes the place of the older ones: what waits for them is dropped, and so is a
 * proof that is being made, unless the same was done to the line's last one, or rounds that come
 * faster than proofs are made would leave it without any. Lines whose last proof is oldest come
 * first, for the same reason. At most one request of a line waits at a time.
 *
 * <p>Thread-safe. One lock, this object's, guards who follows what and each line's request. It
 * comes before all others of the prover: the engine is asked, and requests are ended, while it is
 * held, so nothing here is called by who holds another.
 */
final class ProofFeed {
  /** A request on its way. */
  interface Ticket {
    CompletableFuture<ProofResult> future();

    /** Whether its proof is being made. */
    boolean isRunning();

    /**
     * Drops it because of a newer round.
     *
     * @param runningToo also if its proof is being made
     * @return false if it goes on
     */
    boolean supersede(boolean runningToo);
  }

  /** The engine, as far as the feed needs it. */
  interface Source {
    Ticket submitStanding(ProofLine line, long roundSequence);

    /** The newest proof that has left, on a round after that one. */
    Optional<SolvencyProof> proofAfter(ProofLine line, long roundSequence);

    OptionalLong newestRound();

    /** Lines of the agreement of every account that is open. */
    List<ProofLine> openLines();
  }

  private static final class Standing {
    private final ProofLine line;
    private long round = -1;
    private long lastProven = -1;
    private Ticket ticket;
    private boolean lastWasDropped;

    Standing(ProofLine line) {
      this.line = line;
    }
  }

  private final Source source;
  private final ProverMetrics metrics;
  private final Executor notifier;
  private final Map<ProofLine, Standing> standing = new LinkedHashMap<>();
  private final Set<ProofWatch> watches = new HashSet<>();

  ProofFeed(Source source, ProverMetrics metrics, Executor notifier) {
    this.source = source;
    this.metrics = metrics;
    this.notifier = notifier;
  }

  /**
   * Follows lines.
   *
   * @param lines absent: those of the agreements of all accounts that are or will be open
   * @param afterRound proofs that left before count if they are on a later round than this
   * @param available runs on a thread of the engine's when there is something to take
   */
  ProofWatch watch(Optional<Set<ProofLine>> lines, long afterRound, Runnable available) {
    ProofWatch watch = new ProofWatch(this, lines, afterRound, notifier, available);
    synchronized (this) {
      watches.add(watch);
      for (ProofLine line : source.openLines()) {
        if (watch.covers(line)) {
          source
              .proofAfter(line, afterRound)
              .ifPresent(proof -> watch.offerEarlier(new ProofWatch.Proof(line, proof)));
          Standing entry = standing.computeIfAbsent(line, Standing::new);
          source.newestRound().ifPresent(newest -> catchUp(entry, newest));
        }
      }
    }
    return watch;
  }

  /** Proves a line on the newest round unless that is under way; if it was done, says so again. */
  private void catchUp(Standing entry, long newest) {
    if (entry.ticket == null || entry.ticket.future().isDone()) {
      start(entry, newest);
    }
  }

  synchronized void close(ProofWatch watch) {
    watches.remove(watch);
    standing
        .values()
        .removeIf(
            entry -> {
              boolean unwatched = watches.stream().noneMatch(each -> each.covers(entry.line));
              if (unwatched) {
                drop(entry);
              }
              return unwatched;
            });
  }

  private static void drop(Standing entry) {
    Ticket before = entry.ticket;
    // First, as a place that becomes free by it is not for this line.
    entry.ticket = null;
    if (before != null) {
      boolean unused = before.supersede(true);
    }
  }

  synchronized int watches() {
    return watches.size();
  }

  synchronized void roundAdmitted(long sequence) {
    List<Standing> order = new ArrayList<>(standing.values());
    order.sort(Comparator.comparingLong(entry -> entry.lastProven));
    for (Standing entry : order) {
      if (sequence > entry.round) {
        start(entry, sequence);
      }
    }
  }

  /** An account was opened, perhaps in a new version, whose proof is another. */
  synchronized void accountOpened(String account) {
    for (ProofLine line : source.openLines()) {
      if (line.account().equals(account)
          && watches.stream().anyMatch(watch -> watch.covers(line))) {
        Standing entry = standing.computeIfAbsent(line, Standing::new);
        source.newestRound().ifPresent(sequence -> start(entry, sequence));
      }
    }
  }

  synchronized void accountClosed(String account) {
    standing
        .values()
        .removeIf(
            entry -> {
              boolean closed = entry.line.account().equals(account);
              if (closed) {
                drop(entry);
              }
              return closed;
            });
    watches.forEach(watch -> watch.forget(account));
  }

  private void start(Standing entry, long sequence) {
    Ticket before = entry.ticket;
    entry.ticket = null;
    entry.round = sequence;
    if (before != null && !before.future().isDone()) {
      boolean running = before.isRunning();
      if (before.supersede(!entry.lastWasDropped)) {
        metrics.dropped(running);
        entry.lastWasDropped |= running;
      }
    }
    Ticket ticket = source.submitStanding(entry.line, sequence);
    entry.ticket = ticket;
    CompletableFuture<ProofResult> unused =
        ticket
            .future()
            .whenComplete((result, failure) -> ended(entry, ticket, sequence, result, failure));
  }

  private synchronized void ended(
      Standing entry, Ticket ticket, long sequence, ProofResult result, Throwable failure) {
    if (ticket.future().isCancelled() || entry.round != sequence) {
      return;
    }
    ProofResult outcome =
        failure == null
            ? result
            : new ProofResult.Refused(Refusal.FAULT, "a fault of the prover; its log says where");
    if (outcome instanceof ProofResult.Proved) {
      // Those who follow get it by `left`, as they get a proof that somebody else asked for.
      return;
    }
    if (outcome instanceof ProofResult.Refused refused
        && refused.refusal() == Refusal.ALREADY_PROVEN) {
      source
          .proofAfter(entry.line, sequence - 1)
          .ifPresent(
              proof ->
                  watches.stream()
                      .filter(watch -> watch.covers(entry.line))
                      .forEach(
                          watch -> watch.offerEarlier(new ProofWatch.Proof(entry.line, proof))));
      return;
    }
    offer(new ProofWatch.NoProof(entry.line, sequence, outcome));
  }

  /** A proof has left, whoever asked for it. */
  synchronized void left(ProofLine line, SolvencyProof proof) {
    Standing entry = standing.get(line);
    if (entry != null) {
      entry.lastProven = Math.max(entry.lastProven, proof.getRoundSequence());
      entry.lastWasDropped = false;
      offer(new ProofWatch.Proof(line, proof));
    }
  }

  /**
   * A place on a round is free again, because whoever asked for the proof gave up: somebody else,
   * or this feed itself, before the line was followed again.
   */
  synchronized void placeFree(ProofLine line, long sequence) {
    Standing entry = standing.get(line);
    if (entry != null
        && entry.round == sequence
        && entry.ticket != null
        && entry.ticket.future().isDone()) {
      start(entry, sequence);
    }
  }

  private void offer(ProofWatch.Update update) {
    for (ProofWatch watch : watches) {
      if (watch.covers(update.line())) {
        watch.offer(update);
      }
    }
  }
}
