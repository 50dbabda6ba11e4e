package io.plimsoll.verifier.bn254.bounds;

/** A bound that could not be proven. */
public final class BoundsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BoundsException(String message) {
    super(message);
  }
}
