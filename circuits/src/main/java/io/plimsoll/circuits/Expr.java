package io.plimsoll.circuits;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * An expression of a {@link MarginModelBuilder}: a node and the number of decimals that its integer
 * carries. Adding and comparing align the scales by exact powers of ten; multiplying adds them.
 * Nothing is rounded but where a method's name says so.
 *
 * <p>Immutable; belongs to the builder that made it. Mixing two builders, a node that could reach
 * 2^250, or a scale above 36 decimals is an {@link InvalidModelException}.
 */
public final class Expr {
  final MarginModelBuilder builder;
  final int node;
  final int scale;

  Expr(MarginModelBuilder builder, int node, int scale) {
    ModelInputs.requireScale("expression", scale);
    this.builder = builder;
    this.node = node;
    this.scale = scale;
  }

  /** Decimals that the integer carries. */
  public int scale() {
    return scale;
  }

  /** The integers that the expression can take, over all declared inputs. */
  public Interval interval() {
    return builder.interval(node);
  }

  /** {@code this + other}. */
  public Expr plus(Expr other) {
    return builder.combine(this, other, BigInteger.ONE);
  }

  /** {@code this - other}. */
  public Expr minus(Expr other) {
    return builder.combine(this, other, BigInteger.ONE.negate());
  }

  /** {@code -this}. */
  public Expr negate() {
    return builder.scaled(this, BigInteger.ONE.negate());
  }

  /** The product; the scales add up. */
  public Expr times(Expr other) {
    return builder.product(this, other);
  }

  /** The product with an exact decimal constant, whose decimals are added to the scale. */
  public Expr times(String constant) {
    BigDecimal decimal = MarginModelBuilder.decimal(constant);
    return builder.rescaled(this, decimal.unscaledValue(), scale + decimal.scale());
  }

  /** The larger of the two. */
  public Expr max(Expr other) {
    return builder.maximum(this, other);
  }

  /** The smaller of the two. */
  public Expr min(Expr other) {
    return negate().max(other.negate()).negate();
  }

  /** {@code max(this, 0)}. */
  public Expr relu() {
    return max(builder.constant(0));
  }

  /** {@code min(max(this, lo), hi)}. */
  public Expr clamp(Expr lo, Expr hi) {
    return max(lo).min(hi);
  }

  /** The absolute value. */
  public Expr abs() {
    return builder.magnitude(this);
  }

  /** The bit 1 if this is at least zero, else 0. */
  public Expr isNonNegative() {
    return builder.sign(this);
  }

  /** The bit 1 if this is below zero, else 0. */
  public Expr isNegative() {
    return builder.constant(1).minus(isNonNegative());
  }

  /** The bit 1 if this is above zero, else 0. */
  public Expr isPositive() {
    return negate().isNegative();
  }

  /** The bit 1 if this is not zero, else 0. */
  public Expr isNonZero() {
    return builder.nonZero(this);
  }

  /**
   * {@code ifOne} where this bit is 1, {@code ifZero} where it is 0. Exact at every boundary: the
   * bits of this class have one value for each value of what they look at.
   *
   * @throws InvalidModelException if this is not a bit
   */
  public Expr select(Expr ifOne, Expr ifZero) {
    if (scale != 0 || interval().lo().signum() < 0 || interval().hi().bitLength() > 1) {
      throw new InvalidModelException(
          "select: the expression lies in " + interval() + " at scale " + scale + ", it is no bit");
    }
    return ifZero.plus(times(ifOne.minus(ifZero)));
  }

  /**
   * {@code this / divisor}, rounded down (towards minus infinity) to this expression's decimals.
   *
   * @throws InvalidModelException if the divisor is below 1
   */
  public Expr roundDown(long divisor) {
    return builder.roundDown(this, BigInteger.valueOf(divisor), scale);
  }

  /**
   * {@code this / divisor}, rounded up (towards plus infinity) to this expression's decimals.
   *
   * @throws InvalidModelException if the divisor is below 1
   */
  public Expr roundUp(long divisor) {
    return negate().roundDown(divisor).negate();
  }

  /**
   * {@code this / divisor}, rounded towards zero to this expression's decimals.
   *
   * @throws InvalidModelException if the divisor is below 1
   */
  public Expr truncate(long divisor) {
    return truncated(BigInteger.valueOf(divisor), scale);
  }

  /**
   * This, rounded down (towards minus infinity) to fewer decimals; exact if it has no more.
   *
   * @param decimals the result's {@link #scale}, 0 to 36
   */
  public Expr roundDownTo(int decimals) {
    return scale <= decimals
        ? aligned(decimals)
        : builder.roundDown(this, MarginModelBuilder.powerOfTen(scale - decimals), decimals);
  }

  /** This, rounded up (towards plus infinity) to fewer decimals; exact if it has no more. */
  public Expr roundUpTo(int decimals) {
    return negate().roundDownTo(decimals).negate();
  }

  /** This, rounded towards zero to fewer decimals; exact if it has no more. */
  public Expr truncateTo(int decimals) {
    return scale <= decimals
        ? aligned(decimals)
        : truncated(MarginModelBuilder.powerOfTen(scale - decimals), decimals);
  }

  /** {@code ceil(x / d) = floor((x + d - 1) / d)}: below zero the sign's bit adds d - 1. */
  private Expr truncated(BigInteger divisor, int resultScale) {
    if (interval().isNonPositive()) {
      return builder.roundDown(negate(), divisor, resultScale).negate();
    }
    Expr lift =
        builder
            .constant(1)
            .minus(isNonNegative())
            .timesInteger(divisor.subtract(BigInteger.ONE), scale);
    return builder.roundDown(plus(lift), divisor, resultScale);
  }

  private Expr timesInteger(BigInteger factor, int resultScale) {
    return builder.rescaled(this, factor, resultScale);
  }

  private Expr aligned(int decimals) {
    return timesInteger(MarginModelBuilder.powerOfTen(decimals - scale), decimals);
  }

  /**
   * This, labelled for people: {@code model show} says by these labels where constraints go. Labels
   * are no part of the model. The first label of equal expressions stays.
   */
  public Expr named(String label) {
    builder.label(this, label);
    return this;
  }

  /** The interval and the scale. */
  @Override
  public String toString() {
    return "Expr in " + interval() + " at scale " + scale;
  }
}
