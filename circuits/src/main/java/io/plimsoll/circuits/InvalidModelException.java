package io.plimsoll.circuits;

/**
 * A margin model that breaks a rule, found while it was built. The message names the input or node,
 * the value and the limit.
 */
public final class InvalidModelException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  InvalidModelException(String message) {
    super(message);
  }
}
