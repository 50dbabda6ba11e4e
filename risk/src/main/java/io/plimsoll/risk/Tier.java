package io.plimsoll.risk;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A marginal slope of a piecewise linear function of an amount that starts at 0 and has no jumps.
 *
 * @param upTo amount up to which it applies; empty in the last tier alone
 * @param slope for each unit inside the tier
 */
record Tier(Optional<BigDecimal> upTo, BigDecimal slope) {
  /** Where the next tier begins, and by how much its slope differs: at least 0 either way. */
  record Kink(BigDecimal from, BigDecimal step) {}

  /**
   * The schedule with every slope rounded to a scale.
   *
   * @param rounding of the slopes, so that the rounded function is on one side of the exact one
   */
  static List<Tier> rounded(List<Tier> tiers, int scale, RoundingMode rounding) {
    return tiers.stream()
        .map(tier -> new Tier(tier.upTo(), tier.slope().setScale(scale, rounding)))
        .toList();
  }

  /** The kinks between a schedule's tiers. */
  static List<Kink> kinks(List<Tier> tiers) {
    List<Kink> kinks = new ArrayList<>();
    for (int t = 1; t < tiers.size(); t++) {
      Tier before = tiers.get(t - 1);
      BigDecimal step = tiers.get(t).slope().subtract(before.slope()).abs();
      kinks.add(new Kink(before.upTo().orElseThrow(), step));
    }
    return kinks;
  }
}
