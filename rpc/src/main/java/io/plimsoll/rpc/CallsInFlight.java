package io.plimsoll.rpc;

import java.time.Duration;

/** How many calls have begun and not ended. Thread-safe. */
final class CallsInFlight {
  private int calls;

  synchronized void begin() {
    calls++;
  }

  synchronized void end() {
    calls--;
    if (calls == 0) {
      notifyAll();
    }
  }

  /** Waits until there are none; false if there still are after {@code patience}. */
  synchronized boolean awaitNone(Duration patience) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    while (calls > 0) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      // Rounded up, so that the wait is never zero, which would mean for ever.
      wait(left / 1_000_000 + 1);
    }
    return true;
  }
}
