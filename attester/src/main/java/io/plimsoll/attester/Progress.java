package io.plimsoll.attester;

import java.util.Optional;

/**
 * What is known of an account between steps, and need not survive: whether its venue was asked what
 * it has, what stands in the way, and when what the venue has put off is tried again. Not
 * thread-safe: the engine's lock guards it.
 */
final class Progress {
  private boolean reconciled;
  private Optional<String> trouble = Optional.empty();
  private final BackOff backOff = new BackOff();
  private long hurriedSlot;
  private int hurried;

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

  /** Whether one more loss may be told in a slot before the venue's spacing has passed. */
  boolean mayHurry(long slot) {
    return slot != hurriedSlot || hurried < Schedule.FORCED_PER_SLOT;
  }

  /** A loss was told before the spacing had passed. */
  void hurried(long slot) {
    hurried = slot == hurriedSlot ? hurried + 1 : 1;
    hurriedSlot = slot;
  }

  /** When the venue is asked about this account again, after it put something off. */
  BackOff backOff() {
    return backOff;
  }
}
