package io.plimsoll.gate;

import io.plimsoll.verifier.Verdict;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * A proof with the verdict on what the store said when it came. Nothing has followed from it yet:
 * that is for {@link #commit}. Thread-safe.
 */
public final class JudgedProof {
  private final Verdict verdict;
  private final Supplier<Submission> decision;
  private final AtomicBoolean committed = new AtomicBoolean();

  JudgedProof(Verdict verdict, Supplier<Submission> decision) {
    this.verdict = verdict;
    this.decision = decision;
  }

  /** What {@link #commit} may still turn into a rejection, if the account has changed since. */
  public Verdict verdict() {
    return verdict;
  }

  /**
   * Enters the verdict in the store if it still fits what the store says now, as {@link
   * LiquidationGate#submitProof} does.
   *
   * @throws IllegalStateException if it was called before
   */
  public Submission commit() {
    if (committed.getAndSet(true)) {
      throw new IllegalStateException("the verdict was committed before");
    }
    return decision.get();
  }
}
