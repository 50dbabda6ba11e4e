package io.plimsoll.gate;

/**
 * How much of an account's positions may be liquidated: above 0, at most 1. Immutable and
 * thread-safe.
 *
 * @param numerator 1 to {@code denominator}
 * @param denominator 1 to {@value #MAX_DENOMINATOR}
 */
public record Fraction(long numerator, long denominator) {
  /** Largest denominator. */
  public static final long MAX_DENOMINATOR = 1_000_000_000;

  /** All of it. */
  public static final Fraction WHOLE = new Fraction(1, 1);

  /**
   * Checks both.
   *
   * @throws IllegalArgumentException if one is out of range
   */
  public Fraction {
    if (denominator < 1 || denominator > MAX_DENOMINATOR) {
      throw new IllegalArgumentException(
          "denominator is " + denominator + ", not 1 to " + MAX_DENOMINATOR);
    }
    if (numerator < 1 || numerator > denominator) {
      throw new IllegalArgumentException("numerator is " + numerator + ", not 1 to " + denominator);
    }
  }

  @Override
  public String toString() {
    return numerator + "/" + denominator;
  }
}
