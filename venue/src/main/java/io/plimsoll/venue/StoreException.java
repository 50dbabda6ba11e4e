package io.plimsoll.venue;

/** A database that cannot be reached, does not answer, or holds what no gate has written. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  StoreException(String message) {
    super(message);
  }

  StoreException(String message, Throwable cause) {
    super(
        cause == null || cause.getMessage() == null || message.contains(": ")
            ? message
            : message + ": " + cause.getMessage(),
        cause);
  }
}
