package io.plimsoll.attester;

/** When to try again what has failed. Not thread-safe: the engine's lock guards it. */
final class BackOff {
  private int failures;
  private long notBeforeMillis;

  /** Whether to try by now. */
  boolean isOver(long now) {
    return now >= notBeforeMillis;
  }

  /** Twice as long each time, from a hundredth of a slot up to a quarter of one. */
  void failed(long now, long cadenceMillis) {
    failures = Math.min(failures + 1, 16);
    long wait = Math.min(cadenceMillis / 4, Math.max(1, cadenceMillis / 100) << (failures - 1));
    notBeforeMillis = now + Math.max(1, wait);
  }

  /** The next failure is the first again. */
  void succeeded() {
    failures = 0;
  }
}
