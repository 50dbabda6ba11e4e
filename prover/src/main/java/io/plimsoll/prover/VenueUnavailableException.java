package io.plimsoll.prover;

/** The venue did not answer; it may have received what was said. Saying it again does no harm. */
public final class VenueUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param message for the log, without secrets
   */
  public VenueUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
