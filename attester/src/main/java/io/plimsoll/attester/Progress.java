package io.plimsoll.attester;

import java.util.Optional;

/**
 * What is known of an account between steps, and need not survive: whether its venue was asked what
 * it has, what stands in the way, and when a venue that failed is asked again. Not thread-safe.
 */
final class Progress {
  private boolean reconciled;
  private Optional<String> trouble = Optional.empty();
  private int failures;
  private long notBeforeMillis;

  /** Whether what the venue has agrees with the ledger, as far as is known. */
  boolean isReconciled() {
    return reconciled;
  }

  void reconciled(boolean agrees) {
    reconciled = agrees;
  }

  /** What somebody should know; no quantities, no secrets. */
  Optional<String> trouble() {
    return trouble;
  }

  void trouble(String message) {
    trouble = Optional.of(message);
  }

  void noTrouble() {
    trouble = Optional.empty();
  }

  /** Whether the venue may be asked again. */
  boolean mayAsk(long now) {
    return now >= notBeforeMillis;
  }

  /** Twice as long each time, from a hundredth of a slot up to a quarter of one. */
  void backOff(long now, long cadenceMillis) {
    failures = Math.min(failures + 1, 16);
    long wait = Math.min(cadenceMillis / 4, Math.max(1, cadenceMillis / 100) << (failures - 1));
    notBeforeMillis = now + Math.max(1, wait);
  }

  /** The next failure is the first again. */
  void delivered() {
    failures = 0;
  }
}
