package io.plimsoll.suites;

import java.math.BigDecimal;
import java.util.Objects;

/**
 * A published figure beside the computed one. Immutable.
 *
 * @param name as published
 * @param expected as published
 * @param computed from the outputs of the margin model's evaluator, in the same unit
 * @param tolerance how far the two may differ
 * @param note the reason, where the source is known to be at fault; else empty
 */
public record Figure(
    String name, BigDecimal expected, BigDecimal computed, Tolerance tolerance, String note) {
  /** Requires every part. */
  public Figure {
    Objects.requireNonNull(name);
    Objects.requireNonNull(expected);
    Objects.requireNonNull(computed);
    Objects.requireNonNull(tolerance);
    Objects.requireNonNull(note);
  }

  /** A figure of which no fault is known. */
  public Figure(String name, BigDecimal expected, BigDecimal computed, Tolerance tolerance) {
    this(name, expected, computed, tolerance, "");
  }

  /** Whether the two are within the tolerance. */
  public boolean agrees() {
    return tolerance.allows(expected, computed);
  }
}
