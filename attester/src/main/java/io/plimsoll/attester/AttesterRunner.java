package io.plimsoll.attester;

import io.plimsoll.rpc.RpcFaults;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Runs an engine until it is closed or the ledger's disk fails: then only opening the ledger again
 * says what is on it. One thread reads the books, attests and pays; one for each venue talks with
 * it, so that a venue that does not answer delays nothing but its own accounts. Each looks at times
 * that are multiples of an interval, and as soon as another has done something that may concern it.
 * Thread-safe.
 */
public final class AttesterRunner implements AutoCloseable {
  private static final Logger LOG = System.getLogger("io.plimsoll.attester");

  /** How long a call of a venue is waited for at the end. */
  private static final Duration PATIENCE = Duration.ofSeconds(35);

  private final AttesterEngine engine;
  private final long intervalMillis;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Worker custodian;
  private final Map<String, Worker> venues = new LinkedHashMap<>();
  private final Map<PledgeId, Optional<String>> said = new HashMap<>();
  private Optional<Exception> failure = Optional.empty();

  private AttesterRunner(AttesterEngine engine, Duration interval) {
    this.engine = engine;
    this.intervalMillis = interval.toMillis();
    this.custodian = new Worker("plimsoll-attester", atSlot -> decide());
    for (String venue : engine.venues()) {
      venues.put(
          venue, new Worker("plimsoll-attester-" + venue, atSlot -> talkWith(venue, atSlot)));
    }
  }

  /**
   * Begins.
   *
   * @param interval how often to look; at least a millisecond
   */
  public static AttesterRunner start(AttesterEngine engine, Duration interval) {
    if (interval.toMillis() < 1) {
      throw new IllegalArgumentException("interval is " + interval + ", less than a millisecond");
    }
    AttesterRunner runner = new AttesterRunner(engine, interval);
    runner.venues.values().forEach(worker -> worker.thread.start());
    runner.custodian.thread.start();
    return runner;
  }

  private interface Work {
    /**
     * @param atSlot a multiple of the interval has passed; else another worker has asked for it
     */
    void run(boolean atSlot) throws IOException, InvalidFormatException;
  }

  /** One thread, which does its work in each slot, and once more if it was woken meanwhile. */
  private final class Worker {
    private final Work work;
    private final Thread thread;
    private final Semaphore wakes = new Semaphore(0);

    Worker(String name, Work work) {
      this.work = work;
      this.thread = new Thread(this::run, name);
      // What a venue never answers keeps no process from ending.
      thread.setDaemon(true);
    }

    void wake() {
      wakes.release();
    }

    private void run() {
      try {
        long last = slot();
        while (stop.getCount() > 0) {
          boolean woken = wakes.tryAcquire(untilNext(), TimeUnit.MILLISECONDS);
          int more = wakes.drainPermits();
          long slot = slot();
          if (stop.getCount() > 0 && (slot != last || woken || more > 0)) {
            work.run(slot != last);
          }
          last = slot;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        end(Optional.empty());
      } catch (IOException | InvalidFormatException | RuntimeException e) {
        end(Optional.of(e));
      } catch (Error e) {
        end(Optional.of(new IllegalStateException(e)));
        throw e;
      }
    }
  }

  private void decide() throws IOException, InvalidFormatException {
    engine.decide();
    report();
    venues.forEach(
        (venue, worker) -> {
          if (engine.hasMail(venue)) {
            worker.wake();
          }
        });
  }

  private void talkWith(String venue, boolean atSlot) throws IOException, InvalidFormatException {
    if (atSlot ? engine.converse(venue) : engine.deliver(venue)) {
      custodian.wake();
    }
  }

  /** Everybody ends; the first to say why is believed. */
  private void end(Optional<Exception> why) {
    synchronized (stop) {
      if (stop.getCount() == 0) {
        return;
      }
      failure = why;
      stop.countDown();
    }
    why.ifPresent(e -> LOG.log(Level.ERROR, () -> "the attester stops" + RpcFaults.trace(e)));
    custodian.wake();
    venues.values().forEach(Worker::wake);
  }

  private long slot() {
    return Math.floorDiv(System.currentTimeMillis(), intervalMillis);
  }

  private long untilNext() {
    return intervalMillis - Math.floorMod(System.currentTimeMillis(), intervalMillis);
  }

  /** What is new, once. */
  private void report() throws InvalidFormatException {
    for (Pledge pledge : engine.pledges()) {
      Optional<String> trouble = engine.report(pledge.id()).trouble();
      if (!trouble.equals(said.put(pledge.id(), trouble)) && trouble.isPresent()) {
        LOG.log(Level.WARNING, () -> pledge.id() + ": " + trouble.get());
      }
    }
  }

  /**
   * Waits until it has ended.
   *
   * @return why, unless it was closed
   */
  public Optional<Exception> awaitEnd() throws InterruptedException {
    custodian.thread.join();
    long until = System.nanoTime() + PATIENCE.toNanos();
    for (Worker worker : venues.values()) {
      long left = Math.max(1, Duration.ofNanos(until - System.nanoTime()).toMillis());
      worker.thread.join(left);
    }
    synchronized (stop) {
      return failure;
    }
  }

  /**
   * Lets what is under way finish, and ends; a call that a venue does not answer is given up. The
   * engine stays the caller's to close.
   */
  @Override
  public void close() {
    end(Optional.empty());
    try {
      Optional<Exception> unused = awaitEnd();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
