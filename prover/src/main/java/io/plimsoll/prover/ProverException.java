package io.plimsoll.prover;

import java.util.Objects;
import java.util.Optional;

/** A call to a prover service failed. */
public final class ProverException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Whose side a failure is on. The names are gRPC's. */
  public enum Kind {
    /** The request: the message names the input, its value and its bounds. */
    INVALID_ARGUMENT,
    /** No such account or round. */
    NOT_FOUND,
    /** The owner's policy, or the state of the account or round. */
    FAILED_PRECONDITION,
    /** The queue is full, or the message too large. Try again later, or send less. */
    RESOURCE_EXHAUSTED,
    /** No answer in time. A proof may have been made and may count as the one of its round. */
    DEADLINE_EXCEEDED,
    /** The caller gave up. */
    CANCELLED,
    /** The service cannot be reached, or shuts down. */
    UNAVAILABLE,
    /** A fault of the service; its log says more. */
    INTERNAL
  }

  private final Kind kind;
  private final Refusal refusal;

  ProverException(Kind kind, Refusal refusal, String message, Throwable cause) {
    super(message, cause);
    this.kind = Objects.requireNonNull(kind);
    this.refusal = refusal;
  }

  /** Whose side the failure is on. */
  public Kind kind() {
    return kind;
  }

  /** The reason, when the service gave one. */
  public Optional<Refusal> refusal() {
    return Optional.ofNullable(refusal);
  }
}
