package io.plimsoll.prover;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/** Waiting for threads that must end before secrets are wiped. */
final class Waiting {
  private Waiting() {}

  /** Waits for an executor that was shut down, also when interrupted; false when time is up. */
  static boolean untilTerminated(ExecutorService executor, long time, TimeUnit unit) {
    long end = System.nanoTime() + Math.min(unit.toNanos(time), Long.MAX_VALUE / 4);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return executor.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
