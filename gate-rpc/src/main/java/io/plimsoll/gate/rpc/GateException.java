package io.plimsoll.gate.rpc;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Objects;

/** Why a call of a gate has no answer. What a gate decides is an answer and no exception. */
public final class GateException extends Exception {
  private static final long serialVersionUID = 1;

  private final Kind kind;

  /** Whose fault it is. */
  public enum Kind {
    /** Something in the request is not as it must be; the message names it. */
    INVALID_ARGUMENT,
    /** The venue does not know the caller. */
    UNAUTHENTICATED,
    /** The caller may not do this. */
    PERMISSION_DENIED,
    /** There is no such account. */
    NOT_FOUND,
    /** There is such an account already. */
    ALREADY_EXISTS,
    /**
     * The venue's server has a policy that is no longer in force; the message names both. Another
     * of its servers may answer.
     */
    FAILED_PRECONDITION,
    /** The caller asks for too much; the message names the limit. */
    RESOURCE_EXHAUSTED,
    /** No answer in time. */
    DEADLINE_EXCEEDED,
    /** The call was given up, or its thread interrupted. */
    CANCELLED,
    /** The venue cannot be reached, or its store does not answer; may be said again. */
    UNAVAILABLE,
    /** A bug of the venue's, or an answer that is not as it must be. */
    INTERNAL
  }

  GateException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = Objects.requireNonNull(kind);
  }

  static GateException of(Throwable failure) {
    if (failure instanceof GateException known) {
      return known;
    }
    Status status = Status.fromThrowable(failure);
    String message =
        status.getDescription() == null ? status.getCode().name() : status.getDescription();
    return new GateException(
        failure instanceof StatusRuntimeException ? kind(status.getCode()) : Kind.INTERNAL,
        message,
        failure);
  }

  private static Kind kind(Status.Code code) {
    for (Kind kind : Kind.values()) {
      if (kind.name().equals(code.name())) {
        return kind;
      }
    }
    return Kind.INTERNAL;
  }

  /** Whose fault it is. */
  public Kind kind() {
    return kind;
  }

  /** Whether the same call may have an answer later. */
  public boolean isTransient() {
    return kind == Kind.UNAVAILABLE
        || kind == Kind.DEADLINE_EXCEEDED
        || kind == Kind.RESOURCE_EXHAUSTED;
  }
}
