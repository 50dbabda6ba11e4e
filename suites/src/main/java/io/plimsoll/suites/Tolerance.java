package io.plimsoll.suites;

import java.math.BigDecimal;

/** How far a computed figure may be from the published one: a rule over exact decimals. */
public sealed interface Tolerance {
  /** The same number, whatever its trailing zeros. */
  static Tolerance exact() {
    return new Exact();
  }

  /**
   * At most 10^-digits of the published figure's magnitude.
   *
   * @param digits 0 to 36
   */
  static Tolerance relative(int digits) {
    return new Relative(digits);
  }

  /**
   * At most this much, inclusive.
   *
   * @param difference 0 or more
   */
  static Tolerance absolute(BigDecimal difference) {
    return new Absolute(difference);
  }

  /** Equal whole units, both truncated toward zero. */
  static Tolerance wholeUnits() {
    return new WholeUnits();
  }

  /** Either this or the other suffices. */
  default Tolerance or(Tolerance other) {
    return new Either(this, other);
  }

  /** Whether the computed figure is close enough. */
  boolean allows(BigDecimal expected, BigDecimal computed);

  /** See {@link Tolerance#exact}. */
  record Exact() implements Tolerance {
    @Override
    public boolean allows(BigDecimal expected, BigDecimal computed) {
      return expected.compareTo(computed) == 0;
    }

    @Override
    public String toString() {
      return "exact";
    }
  }

  /** See {@link Tolerance#relative}. */
  record Relative(int digits) implements Tolerance {
    /** Checks the range. */
    public Relative {
      if (digits < 0 || digits > 36) {
        throw new IllegalArgumentException("relative tolerance of 1e-" + digits);
      }
    }

    @Override
    public boolean allows(BigDecimal expected, BigDecimal computed) {
      return computed.subtract(expected).abs().scaleByPowerOfTen(digits).compareTo(expected.abs())
          <= 0;
    }

    @Override
    public String toString() {
      return "1e-" + digits + " relative";
    }
  }

  /** See {@link Tolerance#absolute}. */
  record Absolute(BigDecimal difference) implements Tolerance {
    /** Checks the sign. */
    public Absolute {
      if (difference.signum() < 0) {
        throw new IllegalArgumentException("absolute tolerance of " + difference);
      }
    }

    @Override
    public boolean allows(BigDecimal expected, BigDecimal computed) {
      return computed.subtract(expected).abs().compareTo(difference) <= 0;
    }

    @Override
    public String toString() {
      return difference.toPlainString() + " absolute";
    }
  }

  /** See {@link Tolerance#wholeUnits}. */
  record WholeUnits() implements Tolerance {
    @Override
    public boolean allows(BigDecimal expected, BigDecimal computed) {
      return expected.toBigInteger().equals(computed.toBigInteger());
    }

    @Override
    public String toString() {
      return "whole units";
    }
  }

  /** See {@link Tolerance#or}. */
  record Either(Tolerance first, Tolerance second) implements Tolerance {
    @Override
    public boolean allows(BigDecimal expected, BigDecimal computed) {
      return first.allows(expected, computed) || second.allows(expected, computed);
    }

    @Override
    public String toString() {
      return first + " or " + second;
    }
  }
}
