package io.plimsoll.attester;

import io.plimsoll.rpc.RpcFaults;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Runs an engine's steps, at times that are multiples of an interval, until it is closed or the
 * ledger's disk fails: then only opening the ledger again says what is on it. Thread-safe.
 */
public final class AttesterRunner implements AutoCloseable {
  private static final Logger LOG = System.getLogger("io.plimsoll.attester");

  private final AttesterEngine engine;
  private final long intervalMillis;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread;
  private final Map<PledgeId, Optional<String>> said = new HashMap<>();
  private volatile Optional<Exception> failure = Optional.empty();

  private AttesterRunner(AttesterEngine engine, Duration interval) {
    this.engine = engine;
    this.intervalMillis = interval.toMillis();
    this.thread = new Thread(this::run, "plimsoll-attester");
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
    runner.thread.start();
    return runner;
  }

  private void run() {
    try {
      while (!stop.await(untilNext(), TimeUnit.MILLISECONDS)) {
        engine.step();
        report();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | InvalidFormatException | RuntimeException e) {
      LOG.log(Level.ERROR, () -> "the attester stops" + RpcFaults.trace(e));
      failure = Optional.of(e);
      stop.countDown();
    }
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
    thread.join();
    return failure;
  }

  /** Lets the step that is under way finish, and ends. The engine stays the caller's to close. */
  @Override
  public void close() {
    stop.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
