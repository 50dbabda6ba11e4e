package io.plimsoll.prover;

import java.util.Objects;

/** The owner's policy or the prover's state forbids what was asked. */
public final class RefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Refusal refusal;

  RefusedException(Refusal refusal, String message) {
    super(message);
    this.refusal = Objects.requireNonNull(refusal);
  }

  /** Why. */
  public Refusal refusal() {
    return refusal;
  }
}
