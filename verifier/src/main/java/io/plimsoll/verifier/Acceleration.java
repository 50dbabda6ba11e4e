package io.plimsoll.verifier;

import io.plimsoll.verifier.bn254.Accelerator;
import java.time.Duration;

/** What may do a verifier's pairings. Verdicts are the same with all. */
public enum Acceleration {
  /** The portable implementation, always. */
  NONE,

  /**
   * What module {@code io.plimsoll.verifier.vector} offers, if it is there, gives the right results
   * in a trial on this machine, and is faster; else the portable implementation. The trial runs in
   * the background when the first verifier is created; the portable implementation is used until it
   * ends, and after it when a result ever differs.
   */
  AUTOMATIC;

  Accelerator accelerator() {
    return this == NONE ? Accelerator.none() : Accelerator.shared();
  }

  /**
   * Waits until it is decided what does the pairings: for a venue that would rather start later
   * than start slower.
   *
   * @return whether it is decided
   */
  public boolean await(Duration atMost) throws InterruptedException {
    return accelerator().awaitTrial(atMost.toNanos());
  }

  /**
   * What does the pairings now, and why, in one line: {@code portable}, or the accelerated
   * implementation with its time as part of the portable one's. The same line goes to the system
   * logger {@code io.plimsoll.verifier.bn254.Accelerator} when it changes.
   */
  public String status() {
    return accelerator().status();
  }
}
