package io.plimsoll.verifier;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A margin ratio: the statement is numerator x requirement {@literal <=} denominator x equity.
 * Never reduced and never a floating-point number: 11/10 and 22/20 are two thresholds, because a
 * proof is about the two integers. Immutable and thread-safe.
 *
 * @param numerator N, 0 to 2^32 - 1
 * @param denominator D, 1 to 2^32 - 1
 */
public record Threshold(long numerator, long denominator) {
  /** Largest numerator and denominator: 2^32 - 1. */
  public static final long MAX = 0xffff_ffffL;

  private static final Pattern RATIO = Pattern.compile("(0|[1-9][0-9]{0,9})/([1-9][0-9]{0,9})");

  /**
   * @throws IllegalArgumentException if one of the two is outside its range
   */
  public Threshold {
    if (numerator < 0 || numerator > MAX) {
      throw new IllegalArgumentException(
          "threshold numerator is " + numerator + ", not 0 to " + MAX);
    }
    if (denominator < 1 || denominator > MAX) {
      throw new IllegalArgumentException(
          "threshold denominator is " + denominator + ", not 1 to " + MAX);
    }
  }

  /**
   * A threshold from two numbers that come from outside.
   *
   * @throws InvalidFormatException if one of the two is outside its range
   */
  public static Threshold of(long numerator, long denominator) throws InvalidFormatException {
    try {
      return new Threshold(numerator, denominator);
    } catch (IllegalArgumentException e) {
      throw new InvalidFormatException(e.getMessage());
    }
  }

  /**
   * Reads {@code N/D}, for example {@code 11/10}: decimal digits without leading zeros.
   *
   * @throws InvalidFormatException if it is anything else or out of range
   */
  public static Threshold parse(String text) throws InvalidFormatException {
    Matcher ratio = RATIO.matcher(text);
    if (!ratio.matches()) {
      String shown = text.length() > 40 ? text.substring(0, 40) + "..." : text;
      throw new InvalidFormatException(
          "threshold is '" + shown + "', not N/D with 0 <= N <= " + MAX + ", 1 <= D <= " + MAX);
    }
    return of(Long.parseLong(ratio.group(1)), Long.parseLong(ratio.group(2)));
  }

  /** {@code N/D}, as {@link #parse} reads it. */
  @Override
  public String toString() {
    return numerator + "/" + denominator;
  }
}
