package io.plimsoll.verifier;

/**
 * Bytes or values from outside that are not what the format allows. The message names the field,
 * the value and the limit, and never contains a secret.
 */
public final class InvalidFormatException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param message names the field, the value and the limit
   */
  public InvalidFormatException(String message) {
    super(message);
  }
}
