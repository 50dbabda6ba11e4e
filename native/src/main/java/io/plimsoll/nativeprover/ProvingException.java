package io.plimsoll.nativeprover;

/** Why the native library could not do what it was asked for. The message contains no secret. */
public final class ProvingException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Whose side a failure is on. */
  public enum Kind {
    /** An input is wrong; the message names it and its limit. */
    INVALID_ARGUMENT,
    /** All inputs are within their bounds, and an assertion of the model does not hold. */
    NOT_SOLVENT,
    /** A key directory is not what its circuit id promises, or the policy refuses its setup. */
    KEY_REJECTED,
    /** A ceremony's directory is not what it has to be, or the step is not allowed. */
    CEREMONY_REJECTED,
    /** Reading or writing files failed. */
    IO,
    /** A defect of the library. */
    INTERNAL
  }

  private final Kind kind;

  ProvingException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  ProvingException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** Whose side the failure is on. */
  public Kind kind() {
    return kind;
  }
}
