package io.plimsoll.circuits;

import java.math.BigInteger;

/**
 * A closed interval of integers, {@code lo <= hi}. Immutable. The operations are the interval rules
 * of {@code docs/intervals.md}: for all x and y inside the operands the result contains the
 * operation's value.
 *
 * @param lo smallest value
 * @param hi largest value
 */
public record Interval(BigInteger lo, BigInteger hi) {
  static final Interval BIT = new Interval(BigInteger.ZERO, BigInteger.ONE);

  /** Checks the order of the ends. */
  public Interval {
    if (lo.compareTo(hi) > 0) {
      throw new IllegalArgumentException("empty interval [" + lo + ", " + hi + "]");
    }
  }

  static Interval of(long lo, long hi) {
    return new Interval(BigInteger.valueOf(lo), BigInteger.valueOf(hi));
  }

  static Interval of(BigInteger value) {
    return new Interval(value, value);
  }

  /** Whether {@code value} lies inside, ends included. */
  public boolean contains(BigInteger value) {
    return lo.compareTo(value) <= 0 && value.compareTo(hi) <= 0;
  }

  boolean isNonNegative() {
    return lo.signum() >= 0;
  }

  boolean isNonPositive() {
    return hi.signum() <= 0;
  }

  Interval plus(Interval other) {
    return new Interval(lo.add(other.lo), hi.add(other.hi));
  }

  Interval minus(Interval other) {
    return new Interval(lo.subtract(other.hi), hi.subtract(other.lo));
  }

  Interval times(BigInteger factor) {
    BigInteger a = lo.multiply(factor);
    BigInteger b = hi.multiply(factor);
    return factor.signum() >= 0 ? new Interval(a, b) : new Interval(b, a);
  }

  Interval times(Interval other) {
    BigInteger a = lo.multiply(other.lo);
    BigInteger b = lo.multiply(other.hi);
    BigInteger c = hi.multiply(other.lo);
    BigInteger d = hi.multiply(other.hi);
    return new Interval(a.min(b).min(c.min(d)), a.max(b).max(c.max(d)));
  }

  /** The quotients rounded down; the divisor is at least 1. */
  Interval roundDown(BigInteger divisor) {
    return new Interval(roundDown(lo, divisor), roundDown(hi, divisor));
  }

  /** The greatest integer that is at most {@code value / divisor}, for a divisor of at least 1. */
  static BigInteger roundDown(BigInteger value, BigInteger divisor) {
    BigInteger[] parts = value.divideAndRemainder(divisor);
    return parts[1].signum() < 0 ? parts[0].subtract(BigInteger.ONE) : parts[0];
  }

  Interval magnitude() {
    if (isNonNegative()) {
      return this;
    }
    if (isNonPositive()) {
      return new Interval(hi.negate(), lo.negate());
    }
    return new Interval(BigInteger.ZERO, lo.negate().max(hi));
  }

  Interval square() {
    BigInteger a = lo.multiply(lo);
    BigInteger b = hi.multiply(hi);
    return new Interval(contains(BigInteger.ZERO) ? BigInteger.ZERO : a.min(b), a.max(b));
  }

  boolean isConstant() {
    return lo.equals(hi);
  }

  boolean isZero() {
    return lo.signum() == 0 && hi.signum() == 0;
  }

  /** Width of the sign gadget: y = x when x >= 0 and -x - 1 when x < 0. */
  int signBits() {
    return hi.max(lo.not()).bitLength();
  }

  /** Width of the quotient in {@link #roundDown}, whose range is this interval. */
  int quotientBits() {
    return hi.subtract(lo).bitLength();
  }

  Interval maximum(Interval other) {
    return new Interval(lo.max(other.lo), hi.max(other.hi));
  }

  /** {@code [lo, hi]} in decimal. */
  @Override
  public String toString() {
    return "[" + lo + ", " + hi + "]";
  }
}
