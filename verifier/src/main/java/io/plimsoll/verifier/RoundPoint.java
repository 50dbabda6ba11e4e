package io.plimsoll.verifier;

/**
 * The part of a statement that a risk round fixes, K[0] + sum of K[4+i]*coefficient[i], under one
 * verifying key. Immutable and thread-safe.
 */
final class RoundPoint {
  RoundPoint() {}

  @SuppressWarnings("TypeParameterUnusedInFormals") // gone with the last stub
  static <T> T pending() {
    T none = null;
    if (none == null) {
      throw new UnsupportedOperationException();
    }
    return none;
  }
}
