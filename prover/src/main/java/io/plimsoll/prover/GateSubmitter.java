package io.plimsoll.prover;

import io.plimsoll.proto.v1.SolvencyProof;
import io.plimsoll.prover.ProverMetrics.Submission;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.SignedRound;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Joins an engine to its venue: takes the venue's rounds, opens the accounts of the agreement as
 * the venue has them and again when their attestations change, and hands the newest proof of every
 * line to the venue's gate, until there is a receipt that holds. When the venue does not answer, it
 * tries again, less and less often; a proof that a newer one has replaced is not tried any more.
 * Receipts are kept in the engine's store.
 *
 * <p>What the venue says of an account is believed no further than its attesters' signatures go: a
 * venue that leaves one out gets a proof of something else than it relies on, which it rejects
 * itself.
 *
 * <p>Thread-safe.
 */
public final class GateSubmitter implements AutoCloseable {
  /** Proofs on their way to the venue at a time. */
  private static final int SUBMISSIONS = 4;

  /** How often a venue may answer a proof with a receipt that does not hold. */
  private static final int BAD_RECEIPTS = 3;

  /** An account is asked for once a second, or less often if there are more than ten. */
  private static final long ACCOUNT_MILLIS = 1_000;

  private static final long LEAST_PAUSE_MILLIS = 100;

  private final ProverEngine engine;
  private final VenuePort venue;
  private final BlockingQueue<String> outdated = new LinkedBlockingQueue<>();
  private final Backoff backoff;
  private final Semaphore available = new Semaphore(0);
  private final ProofWatch watch;
  private final List<Thread> threads = new ArrayList<>();

  /** Whose time to be tried again has come. */
  private final Queue<Attempt> due = new ConcurrentLinkedQueue<>();

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "plimsoll-venue-timer");
            thread.setDaemon(true);
            return thread;
          });
  private volatile boolean closed;

  private GateSubmitter(ProverEngine engine, VenuePort venue, Backoff backoff) {
    this.engine = engine;
    this.venue = venue;
    this.backoff = backoff;
    // What left before a restart may not have arrived: all of it is handed in again.
    this.watch = engine.watch(Optional.empty(), -1, available::release);
    threads.add(new Thread(this::followRounds, "plimsoll-venue-rounds"));
    threads.add(new Thread(this::followAccounts, "plimsoll-venue-accounts"));
    for (int i = 0; i < SUBMISSIONS; i++) {
      threads.add(new Thread(this::submitAll, "plimsoll-venue-proofs"));
    }
    threads.forEach(
        thread -> {
          thread.setDaemon(true);
          thread.start();
        });
  }

  /**
   * Joins them, until it is closed.
   *
   * @param venue which is closed with this
   */
  public static GateSubmitter start(ProverEngine engine, VenuePort venue) {
    return start(engine, venue, Backoff.STANDARD);
  }

  static GateSubmitter start(ProverEngine engine, VenuePort venue, Backoff backoff) {
    return new GateSubmitter(engine, venue, backoff);
  }

  /**
   * How long to wait before trying again.
   *
   * @param first after the first failure
   * @param longest however often it failed
   */
  record Backoff(Duration first, Duration longest) {
    static final Backoff STANDARD = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(5));

    /** Twice as long each time, half of it by chance, so that clients do not come back at once. */
    Duration after(int failures) {
      long most =
          Math.min(longest.toMillis(), first.toMillis() << Math.min(20, Math.max(0, failures - 1)));
      long half = Math.max(1, most / 2);
      return Duration.ofMillis(half + ThreadLocalRandom.current().nextLong(half + 1));
    }
  }

  private void followRounds() {
    int failures = 0;
    while (!closed) {
      long before = engine.newestSequence();
      try {
        venue.followRounds(Math.max(0, before), this::round);
      } catch (VenueUnavailableException e) {
        failures = engine.newestSequence() > before ? 1 : failures + 1;
        if (failures == 1) {
          StructuredLog.of("venue_rounds_lost").with("cause", e.getMessage()).warn();
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        failures++;
        StructuredLog.of("venue_rounds_failed").error(e);
      }
      if (!sleep(backoff.after(failures))) {
        return;
      }
    }
  }

  private void round(SignedRound round) {
    try {
      engine.loadRound(round);
    } catch (RefusedException | InvalidFormatException e) {
      // The engine has counted and logged it; the venue may go on to better rounds.
      StructuredLog.of("venue_round_refused").with("round", round.round().sequence()).debug();
    }
  }

  private void followAccounts() {
    List<String> accounts = List.copyOf(new TreeSet<>(engine.policy().accounts()));
    if (accounts.isEmpty()) {
      return;
    }
    long pause = Math.max(LEAST_PAUSE_MILLIS, ACCOUNT_MILLIS / accounts.size());
    Map<String, Seen> seen = new HashMap<>();
    Set<String> unknown = new HashSet<>();
    int failures = 0;
    int next = 0;
    String urgent = null;
    try {
      while (!closed) {
        String account = urgent;
        if (account == null) {
          account = accounts.get(next);
          next = (next + 1) % accounts.size();
        }
        long wait = pause;
        try {
          refresh(account, seen);
          failures = 0;
          unknown.remove(account);
        } catch (VenueUnavailableException e) {
          failures++;
          wait = backoff.after(failures).toMillis();
          if (unknown.add(account)) {
            StructuredLog.of("venue_account_unknown")
                .with("account", account)
                .with("cause", e.getMessage())
                .warn();
          }
        } catch (RuntimeException e) {
          StructuredLog.of("venue_account_failed").with("account", account).error(e);
        }
        if (failures > 0) {
          // The venue is down: what is urgent waits with the rest.
          Thread.sleep(wait);
          urgent = outdated.poll();
        } else {
          urgent = outdated.poll(wait, TimeUnit.MILLISECONDS);
        }
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  /**
   * How opening an account as the venue has it went.
   *
   * @param version which was opened or refused
   * @param failures how often this prover could not take it; 0 if there is no more to be done
   * @param notBeforeNanos when it is tried again
   */
  private record Seen(long version, int failures, long notBeforeNanos) {
    static final Seen NOTHING = new Seen(0, 0, 0);

    boolean settles(long next, long nowNanos) {
      return next < version
          || (next == version && (failures == 0 || nowNanos - notBeforeNanos < 0));
    }
  }

  private void refresh(String account, Map<String, Seen> seen)
      throws VenueUnavailableException, InterruptedException {
    AccountState state = venue.account(engine.circuitId(), account);
    Seen before = seen.getOrDefault(account, Seen.NOTHING);
    if (before.settles(state.version(), System.nanoTime())) {
      return;
    }
    int failures = 0;
    try {
      if (state.account().equals(account)) {
        engine.openAccount(state);
      }
    } catch (RefusedException e) {
      // What the account is refused for changes with a new version alone; what this prover lacks
      // may be there in a moment.
      if (isPassing(e.refusal())) {
        failures = before.version() == state.version() ? before.failures() + 1 : 1;
      }
      refused(state, e, failures);
    } catch (InvalidFormatException e) {
      refused(state, e, 0);
    }
    seen.put(
        account,
        new Seen(
            state.version(),
            failures,
            failures == 0 ? 0 : System.nanoTime() + backoff.after(failures).toNanos()));
  }

  private static boolean isPassing(Refusal refusal) {
    return switch (refusal.kind()) {
      case UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED -> true;
      default -> false;
    };
  }

  /** Says so once for a version. */
  private static void refused(AccountState state, Exception why, int failures) {
    if (failures <= 1) {
      StructuredLog.of("venue_account_refused")
          .with("account", state.account())
          .with("version", state.version())
          .with("cause", why.getMessage())
          .with("again", failures > 0)
          .info();
    }
  }

  private static boolean sleep(Duration time) {
    try {
      Thread.sleep(time.toMillis());
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  /** A proof that is to be handed in, and how that went so far. */
  private record Attempt(ProofWatch.Proof update, int failures, int badReceipts) {}

  private void submitAll() {
    while (!closed) {
      try {
        available.acquire();
        // One permit may stand for several updates.
        for (Optional<Attempt> attempt = next(); attempt.isPresent(); attempt = next()) {
          submit(attempt.get());
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        StructuredLog.of("submission_failed").error(e);
      }
    }
  }

  private Optional<Attempt> next() {
    Attempt again = due.poll();
    if (again != null) {
      return Optional.of(again);
    }
    for (Optional<ProofWatch.Update> update = watch.poll();
        update.isPresent();
        update = watch.poll()) {
      if (update.get() instanceof ProofWatch.Proof proof) {
        return Optional.of(new Attempt(proof, 0, 0));
      }
    }
    return Optional.empty();
  }

  /** Tries once. What has to wait waits beside the threads, or one line would hold up another. */
  private void submit(Attempt attempt) throws InterruptedException {
    SolvencyProof proof = attempt.update().proof();
    if (closed || !watch.isNewest(attempt.update())) {
      engine.metrics().submission(Submission.SUPERSEDED);
      return;
    }
    int badReceipts = attempt.badReceipts();
    try {
      byte[] receipt = venue.submit(proof);
      VenuePort.Receipt checked = venue.check(receipt, proof);
      engine.metrics().submission(checked.accepted() ? Submission.ACCEPTED : Submission.REJECTED);
      StructuredLog event =
          StructuredLog.of(checked.accepted() ? "proof_accepted" : "proof_rejected")
              .with("account", proof.getAccount())
              .with("version", proof.getAccountVersion())
              .with("round", proof.getRoundSequence());
      if (checked.accepted()) {
        event.debug();
      } else {
        event.with("reason", checked.detail()).warn();
        outdated.add(proof.getAccount());
      }
      keep(proof, receipt);
      return;
    } catch (VenueUnavailableException e) {
      engine.metrics().submission(Submission.UNAVAILABLE);
      if (attempt.failures() == 0) {
        StructuredLog.of("venue_unavailable")
            .with("round", proof.getRoundSequence())
            .with("cause", e.getMessage())
            .warn();
      }
    } catch (InvalidFormatException e) {
      badReceipts++;
      engine.metrics().submission(Submission.BAD_RECEIPT);
      StructuredLog.of("receipt_refused")
          .with("account", proof.getAccount())
          .with("round", proof.getRoundSequence())
          .with("cause", e.getMessage())
          .error();
      if (badReceipts >= BAD_RECEIPTS) {
        return;
      }
    }
    again(new Attempt(attempt.update(), attempt.failures() + 1, badReceipts));
  }

  private void again(Attempt attempt) {
    try {
      var unused =
          timer.schedule(
              () -> {
                due.add(attempt);
                available.release();
              },
              backoff.after(attempt.failures()).toMillis(),
              TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // Closed meanwhile.
      engine.metrics().submission(Submission.SUPERSEDED);
    }
  }

  private void keep(SolvencyProof proof, byte[] receipt) {
    if (engine.store().isEmpty()) {
      return;
    }
    try {
      engine.store().get().addReceipt(proof.getAccount(), receipt);
    } catch (IOException | InvalidFormatException e) {
      StructuredLog.of("receipt_lost").with("account", proof.getAccount()).error(e);
    }
  }

  /** Hands in nothing more and hangs up. */
  @Override
  public void close() {
    closed = true;
    watch.close();
    timer.shutdownNow();
    threads.forEach(Thread::interrupt);
    venue.close();
    boolean interrupted = false;
    for (Thread thread : threads) {
      try {
        thread.join(1_000);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
