package io.plimsoll.risk;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One line of a piecewise linear function of an amount, {@code slope * amount + intercept}, exact.
 *
 * <p>A schedule of marginal slopes, each up to a bound, continued from 0 without jumps, is on every
 * tier the line of that tier. If slopes never rise from tier to tier the function is concave and
 * the least of its lines; if they never fall it is convex and the largest.
 */
record TierLine(BigDecimal slope, BigDecimal intercept) {
  /**
   * A marginal slope.
   *
   * @param upTo amount up to which it applies; empty in the last tier alone
   */
  record Tier(Optional<BigDecimal> upTo, BigDecimal slope) {}

  /** The lines of a schedule; at least one tier, bounds ascending. */
  static List<TierLine> of(List<Tier> tiers) {
    List<TierLine> lines = new ArrayList<>();
    BigDecimal intercept = BigDecimal.ZERO;
    for (int t = 0; t < tiers.size(); t++) {
      if (t > 0) {
        // Both lines meet at the bound between them.
        Tier before = tiers.get(t - 1);
        BigDecimal step = before.slope().subtract(tiers.get(t).slope());
        intercept = intercept.add(step.multiply(before.upTo().orElseThrow()));
      }
      lines.add(new TierLine(tiers.get(t).slope(), intercept));
    }
    return lines;
  }
}
