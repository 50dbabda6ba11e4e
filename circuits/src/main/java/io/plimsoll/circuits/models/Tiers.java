package io.plimsoll.circuits.models;

import io.plimsoll.circuits.Expr;
import io.plimsoll.circuits.ExprArray;
import io.plimsoll.circuits.MarginModelBuilder;
import io.plimsoll.circuits.RoundTensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Piecewise linear functions of amounts, one tier after the other, written by the kinks between
 * them: {@code slope * amount -+ sum over kinks of step * max(0, amount - from)}. Steps are at
 * least 0 by their declared interval, so a function whose steps are taken off is concave and one
 * whose steps are added convex, whatever a round says. A kink compares an amount, which has fewer
 * digits than a value: a comparison of lines would cost more rows.
 */
final class Tiers {
  private final MarginModelBuilder m;
  private final String prefix;
  private final RoundTensor.Dimension of;
  private final RoundTensor.Dimension kinks;

  /**
   * Tiers whose tensors are {@code prefixSlope}, {@code prefixStep} and {@code prefixFrom}.
   *
   * @param of which things have tiers
   * @param kinkAxis name of the kinks' dimension, of which there is one less than tiers
   */
  Tiers(MarginModelBuilder m, String prefix, RoundTensor.Dimension of, String kinkAxis, int tiers) {
    this.m = m;
    this.prefix = prefix;
    this.of = of;
    this.kinks = new RoundTensor.Dimension(kinkAxis, tiers - 1);
  }

  /** The values of amounts when each kink takes its step off the slope. */
  List<Expr> concave(ExprArray amounts, int slopeScale, int fromScale, String maxFrom) {
    return declare(amounts, slopeScale, fromScale, maxFrom, false);
  }

  /** The values of amounts when each kink adds its step to the slope. */
  List<Expr> convex(ExprArray amounts, int slopeScale, int fromScale, String maxFrom) {
    return declare(amounts, slopeScale, fromScale, maxFrom, true);
  }

  private List<Expr> declare(
      ExprArray amounts, int slopeScale, int fromScale, String maxFrom, boolean rising) {
    ExprArray slope =
        m.round(prefix + "Slope")
            .axis(of.axis(), of.length())
            .scale(slopeScale)
            .between("0", "1000000")
            .array();
    List<Expr> values = new ArrayList<>();
    for (int i = 0; i < of.length(); i++) {
      values.add(slope.get(i).times(amounts.get(i)));
    }
    if (kinks.length() == 0) {
      return values;
    }
    ExprArray step =
        m.round(prefix + "Step")
            .axis(of.axis(), of.length())
            .axis(kinks.axis(), kinks.length())
            .scale(slopeScale)
            .between("0", "1000000")
            .array();
    ExprArray from =
        m.round(prefix + "From")
            .axis(of.axis(), of.length())
            .axis(kinks.axis(), kinks.length())
            .scale(fromScale)
            .between("0", maxFrom)
            .array();
    for (int i = 0; i < of.length(); i++) {
      for (int k = 0; k < kinks.length(); k++) {
        Expr beyond = amounts.get(i).minus(from.get(i, k)).relu();
        Expr part = step.get(i, k).times(beyond);
        values.set(i, rising ? values.get(i).plus(part) : values.get(i).minus(part));
      }
    }
    return values;
  }
}
