package io.plimsoll.gate.rpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.plimsoll.gate.Decision;
import io.plimsoll.gate.GateStore;
import io.plimsoll.gate.JournalRecord;
import io.plimsoll.gate.PolicyNotInForceException;
import io.plimsoll.rpc.RpcFaults;
import io.plimsoll.verifier.SignedRound;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Tells streams what is new in the journal, whoever wrote it: several gates may share one store. It
 * looks at the store at fixed times and when told to. A stream is sent what its client takes and
 * nothing is kept for it: each reads on from its own place, the latest records from memory and
 * older ones from the store. Thread-safe.
 */
final class JournalFeed implements AutoCloseable {
  private static final Logger LOG = System.getLogger("io.plimsoll.gate.rpc");

  /** Records that are read at a time. */
  private static final int BATCH = 64;

  /** Latest records that are kept in memory for all streams. */
  private static final int RECENT = 1024;

  private static final int THREADS = 2;

  private final GateStore store;
  private final GateMetrics metrics;
  private final ScheduledExecutorService threads;
  private final Set<Subscription<?>> subscriptions = ConcurrentHashMap.newKeySet();
  private final AtomicInteger wanted = new AtomicInteger();
  private volatile boolean ended;

  /** Records {@code head - recent.size() + 1} to {@code head}; guarded by itself, with the head. */
  private final Deque<JournalRecord> recent = new ArrayDeque<>();

  private long head;

  /** Whether the last look failed; guarded by this object's lock. */
  private boolean away;

  /** Whether the latest round has to be read again; guarded by this object's lock. */
  private boolean newRound;

  private volatile Optional<SignedRound> latestRound = Optional.empty();

  /** A feed that has seen all that is in the store now. */
  JournalFeed(GateStore store, Duration interval, GateMetrics metrics) {
    this.store = store;
    this.metrics = metrics;
    this.head = lastIndex(store);
    this.latestRound = latestRound(store);
    this.threads =
        Executors.newScheduledThreadPool(
            THREADS,
            work -> {
              Thread thread = new Thread(work, "plimsoll-journal-feed");
              thread.setDaemon(true);
              return thread;
            });
    metrics.gauge("journal.index", "Index of the journal's last record", this::head);
    metrics.gauge("streams", "Streams that are being told", subscriptions::size);
    var unused =
        threads.scheduleWithFixedDelay(
            this::look, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** The index of the last record, by doubling and halving: a store has no other way to ask. */
  private static long lastIndex(GateStore store) {
    long there = 0;
    long step = 1;
    while (isThere(store, there + step)) {
      there += step;
      step *= 2;
    }
    for (; step > 0; step /= 2) {
      if (isThere(store, there + step)) {
        there += step;
      }
    }
    return there;
  }

  private static boolean isThere(GateStore store, long index) {
    return !store.read(view -> view.journal(index, 1)).isEmpty();
  }

  private static Optional<SignedRound> latestRound(GateStore store) {
    return store.read(
        view ->
            view.round(view.venue().highestSequence())
                .filter(entry -> !entry.disputed())
                .flatMap(entry -> view.signedRound(entry.sequence())));
  }

  /** Looks at the store soon: something was committed. */
  void nudge() {
    if (!ended && wanted.getAndIncrement() == 0) {
      try {
        threads.execute(
            () -> {
              wanted.set(0);
              look();
            });
      } catch (RejectedExecutionException e) {
        // The server is gone; so are its streams.
        wanted.set(0);
      }
    }
  }

  private synchronized void look() {
    try {
      while (!ended) {
        long from = head() + 1;
        List<JournalRecord> records = store.read(view -> view.journal(from, BATCH));
        if (records.isEmpty()) {
          break;
        }
        for (JournalRecord record : records) {
          add(record);
          metrics.record(record.decision().getClass().getSimpleName());
          LOG.log(Level.INFO, () -> line(record));
          newRound |= record.decision() instanceof Decision.RoundDecided;
        }
      }
      if (newRound) {
        latestRound = latestRound(store);
        newRound = false;
      }
      if (away) {
        away = false;
        LOG.log(Level.INFO, "event=journal outcome=readable");
      }
    } catch (RuntimeException e) {
      // A store that is away now may be back at the next look.
      if (!away) {
        away = true;
        LOG.log(Level.WARNING, () -> "event=journal outcome=unreadable" + RpcFaults.trace(e));
      }
    }
    subscriptions.forEach(Subscription::schedule);
  }

  /** For the log: what the journal has, but for the proofs and commitments. */
  private static String line(JournalRecord record) {
    Decision decision = record.decision();
    return "event=decision index="
        + record.index()
        + " at="
        + decision.atMillis()
        + " kind="
        + decision.getClass().getSimpleName()
        + " account="
        + quoted(decision.account())
        + " outcome="
        + quoted(decision.outcome());
  }

  static String quoted(String text) {
    return '"' + text.replaceAll("[\\p{Cntrl}]", "?").replaceAll("([\"\\\\])", "\\\\$1") + '"';
  }

  private long head() {
    synchronized (recent) {
      return head;
    }
  }

  private void add(JournalRecord record) {
    synchronized (recent) {
      recent.addLast(record);
      head = record.index();
      if (recent.size() > RECENT) {
        recent.removeFirst();
      }
    }
  }

  /** Records from {@code from} on, as many as come at a time; none if there are none yet. */
  private List<JournalRecord> from(long from) {
    synchronized (recent) {
      if (from > head) {
        return List.of();
      }
      long first = head - recent.size() + 1;
      if (from >= first) {
        List<JournalRecord> records = new ArrayList<>();
        for (JournalRecord record : recent) {
          if (record.index() >= from && records.size() < BATCH) {
            records.add(record);
          }
        }
        return records;
      }
    }
    return store.read(view -> view.journal(from, BATCH));
  }

  /** What a stream of records sends. */
  interface Selection<A> {
    /** The message for a record; empty if this client does not get it. */
    Optional<A> of(JournalRecord record);

    /** The message that says how far the stream has looked. */
    A through(long index);
  }

  /**
   * Sends the journal from a record on.
   *
   * @param from index of the first record; 0 is the same as 1
   * @param out of the call that is being begun
   */
  <A> void records(long from, Selection<A> selection, ServerCallStreamObserver<A> out) {
    add(new Records<>(Math.max(1, from), selection, out));
  }

  /** Sends the latest round, now and whenever there is a newer one. */
  <A> void rounds(
      long fromSequence, Function<SignedRound, A> message, ServerCallStreamObserver<A> out) {
    add(new Rounds<>(fromSequence, message, out));
  }

  private void add(Subscription<?> subscription) {
    subscriptions.add(subscription);
    subscription.schedule();
  }

  /** Ends all streams; clients may come back to another server and go on where they were. */
  void end() {
    ended = true;
    subscriptions.forEach(Subscription::schedule);
  }

  /** Ends the streams that are there now: who may be told may have changed. */
  void breakOff() {
    subscriptions.forEach(Subscription::breakOff);
  }

  @Override
  public void close() {
    end();
    threads.shutdown();
  }

  /** One client's stream. Sends from one thread at a time. */
  private abstract class Subscription<A> {
    final ServerCallStreamObserver<A> out;
    private final AtomicInteger due = new AtomicInteger();
    private volatile boolean over;
    private volatile boolean broken;

    Subscription(ServerCallStreamObserver<A> out) {
      this.out = Objects.requireNonNull(out);
      out.setOnReadyHandler(this::schedule);
      out.setOnCancelHandler(this::forget);
    }

    final void breakOff() {
      broken = true;
      schedule();
    }

    private void forget() {
      over = true;
      subscriptions.remove(this);
    }

    final void schedule() {
      if (!over && due.getAndIncrement() == 0) {
        submit();
      }
    }

    private void submit() {
      try {
        threads.execute(this::run);
      } catch (RejectedExecutionException e) {
        // The server is gone, and with it this call.
        forget();
      }
    }

    private void run() {
      int done = due.get();
      step();
      if (due.addAndGet(-done) != 0) {
        // Behind the others: one who reads the journal from its beginning keeps nobody waiting.
        submit();
      }
    }

    private void step() {
      if (over) {
        return;
      }
      try {
        if (ended) {
          forget();
          out.onError(
              Status.UNAVAILABLE
                  .withDescription("the server shuts down; come back later")
                  .asRuntimeException());
        } else if (broken) {
          forget();
          out.onError(Callers.rolesChanged());
        } else {
          send();
        }
      } catch (RuntimeException e) {
        if (out.isCancelled()) {
          forget();
          return;
        }
        forget();
        if (e instanceof PolicyNotInForceException) {
          out.onError(
              Status.FAILED_PRECONDITION.withDescription(e.getMessage()).asRuntimeException());
          return;
        }
        LOG.log(Level.WARNING, () -> "a stream ends" + RpcFaults.trace(e));
        out.onError(
            Status.UNAVAILABLE
                .withDescription("the stream broke; begin again where it ended")
                .asRuntimeException());
      }
    }

    /** Sends what there is and the client takes. */
    abstract void send();
  }

  private final class Records<A> extends Subscription<A> {
    private final Selection<A> selection;
    private long next;
    private long told;

    Records(long from, Selection<A> selection, ServerCallStreamObserver<A> out) {
      super(out);
      this.selection = selection;
      this.next = from;
      this.told = from - 1;
    }

    /** A batch, and the next one when it is this stream's turn again. */
    @Override
    void send() {
      if (!out.isReady()) {
        return;
      }
      List<JournalRecord> records = from(next);
      if (records.isEmpty()) {
        if (next - 1 > told) {
          told = next - 1;
          out.onNext(selection.through(told));
        }
        return;
      }
      for (JournalRecord record : records) {
        if (!out.isReady()) {
          return;
        }
        Optional<A> message = selection.of(record);
        next = record.index() + 1;
        if (message.isPresent()) {
          told = record.index();
          out.onNext(message.get());
        }
      }
      schedule();
    }
  }

  private final class Rounds<A> extends Subscription<A> {
    private final Function<SignedRound, A> message;
    private long next;

    Rounds(long fromSequence, Function<SignedRound, A> message, ServerCallStreamObserver<A> out) {
      super(out);
      this.message = message;
      this.next = fromSequence;
    }

    @Override
    void send() {
      Optional<SignedRound> latest = latestRound;
      if (latest.isPresent() && latest.get().round().sequence() >= next && out.isReady()) {
        next = latest.get().round().sequence() + 1;
        out.onNext(message.apply(latest.get()));
      }
    }
  }
}
