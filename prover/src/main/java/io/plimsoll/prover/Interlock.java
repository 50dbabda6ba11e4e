package io.plimsoll.prover;

import io.plimsoll.verifier.Digest;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What stops the whole prover, and for good: it shuts down, or its proving key is blocked.
 *
 * <p>The key is blocked when a proof of a solvent account cannot be made or is not accepted by the
 * verifier. A faulty or planted proving key could otherwise tell one bit of the holdings by each
 * failure, so there is only one, and it lasts until the process starts anew.
 *
 * <p>Thread-safe, and without a lock: it may be asked under any.
 */
final class Interlock {
  private final Digest circuitId;
  private final AtomicBoolean keyBlocked = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();

  Interlock(Digest circuitId) {
    this.circuitId = circuitId;
  }

  void requireOpen() throws RefusedException {
    if (closed.get()) {
      throw closed();
    }
  }

  /** What everybody hears once the prover shuts down. */
  static RefusedException closed() {
    return new RefusedException(Refusal.CLOSED, "the prover shuts down");
  }

  void requireKey() throws RefusedException {
    if (keyBlocked.get()) {
      throw new RefusedException(
          Refusal.KEY_BLOCKED, "the proving key is blocked: a proof failed its own verification");
    }
  }

  /** Blocks the key, and says so in the log; the refusal is for the proof that failed. */
  RefusedException block(String what) {
    keyBlocked.set(true);
    StructuredLog.of("key_blocked").with("circuit", circuitId).with("why", what).error();
    return new RefusedException(Refusal.KEY_BLOCKED, "the proving key is blocked: " + what);
  }

  boolean isKeyBlocked() {
    return keyBlocked.get();
  }

  /** Shuts down; false when that was done before. */
  boolean close() {
    return closed.compareAndSet(false, true);
  }
}
