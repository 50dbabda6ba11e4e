package io.plimsoll.verifier.bn254.bounds;

import java.math.BigInteger;

/** All integers from {@code lo} to {@code hi}, both inclusive. */
public record Interval(BigInteger lo, BigInteger hi) {
  public Interval {
    if (lo.compareTo(hi) > 0) {
      throw new IllegalArgumentException("empty: " + lo + " to " + hi);
    }
  }

  public static Interval of(BigInteger lo, BigInteger hi) {
    return new Interval(lo, hi);
  }

  public static Interval exactly(BigInteger value) {
    return new Interval(value, value);
  }

  /** Everything of at most this size. */
  public static Interval atMost(BigInteger size) {
    return new Interval(size.negate(), size);
  }

  public Interval plus(Interval other) {
    return new Interval(lo.add(other.lo), hi.add(other.hi));
  }

  public Interval times(BigInteger factor) {
    BigInteger a = lo.multiply(factor);
    BigInteger b = hi.multiply(factor);
    return new Interval(a.min(b), a.max(b));
  }

  public Interval times(Interval other) {
    BigInteger a = lo.multiply(other.lo);
    BigInteger b = lo.multiply(other.hi);
    BigInteger c = hi.multiply(other.lo);
    BigInteger d = hi.multiply(other.hi);
    return new Interval(a.min(b).min(c).min(d), a.max(b).max(c).max(d));
  }

  /** All squares. */
  public Interval squared() {
    BigInteger a = lo.multiply(lo);
    BigInteger b = hi.multiply(hi);
    boolean zeroInside = lo.signum() <= 0 && hi.signum() >= 0;
    return new Interval(zeroInside ? BigInteger.ZERO : a.min(b), a.max(b));
  }

  /** All quotients by 2^bits, rounded down. */
  public Interval shiftRight(int bits) {
    return new Interval(lo.shiftRight(bits), hi.shiftRight(bits));
  }

  public Interval intersect(Interval other) {
    return new Interval(lo.max(other.lo), hi.min(other.hi));
  }

  public boolean contains(Interval other) {
    return lo.compareTo(other.lo) <= 0 && hi.compareTo(other.hi) >= 0;
  }
}
