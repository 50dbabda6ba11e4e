package io.plimsoll.prover;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Lets proofs leave at fixed times after their round alone: at the round's time plus a whole number
 * of slots, at least one. How long a proof took tells a little of the holdings; the slot in which
 * it leaves does not, as long as a slot is longer than a proof takes. Thread-safe.
 */
final class ReleaseSlots implements AutoCloseable {
  /** Runs something at a time. */
  interface Timer extends AutoCloseable {
    void at(long epochMillis, Runnable release);

    /** Runs what still waits, at its time. */
    @Override
    void close();
  }

  private final Optional<Duration> slot;
  private final InstantSource clock;
  private final Timer timer;

  /**
   * @param slot length of a slot, whole milliseconds; absent: proofs leave when they are ready
   */
  ReleaseSlots(Optional<Duration> slot, InstantSource clock, Timer timer) {
    this.slot = slot;
    this.clock = clock;
    this.timer = timer;
  }

  static Timer realTime(InstantSource clock) {
    return new RealTime(clock);
  }

  /** Runs {@code release} in the next slot of the round of that time. */
  void release(long roundMillis, Runnable release) {
    if (slot.isEmpty()) {
      release.run();
      return;
    }
    timer.at(next(roundMillis, clock.millis(), slot.get().toMillis()), release);
  }

  /** The first end of a slot that has not passed. */
  static long next(long roundMillis, long nowMillis, long slotMillis) {
    long passed = Math.max(1, nowMillis - roundMillis);
    return roundMillis + Math.multiplyExact((passed - 1) / slotMillis + 1, slotMillis);
  }

  @Override
  public void close() {
    timer.close();
  }

  private static final class RealTime implements Timer {
    private final InstantSource clock;
    private final ScheduledThreadPoolExecutor thread =
        new ScheduledThreadPoolExecutor(
            1,
            work -> {
              Thread worker = new Thread(work, "plimsoll-release");
              worker.setDaemon(true);
              return worker;
            });

    RealTime(InstantSource clock) {
      this.clock = clock;
    }

    @Override
    public void at(long epochMillis, Runnable release) {
      long micros =
          Duration.between(clock.instant(), java.time.Instant.ofEpochMilli(epochMillis)).toNanos()
              / 1000;
      // Rounded up: never before the slot.
      var unused = thread.schedule(release, Math.max(0, micros + 1), TimeUnit.MICROSECONDS);
    }

    @Override
    public void close() {
      thread.shutdown();
      boolean unused = Waiting.untilTerminated(thread, 1, TimeUnit.HOURS);
    }
  }
}
