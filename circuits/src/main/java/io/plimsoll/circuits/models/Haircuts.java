package io.plimsoll.circuits.models;

import io.plimsoll.circuits.Expr;
import io.plimsoll.circuits.ExprArray;
import io.plimsoll.circuits.MarginModelBuilder;
import java.util.ArrayList;
import java.util.List;

/**
 * Collateral after tiered haircuts: {@code min over tiers of slope * amount + intercept}, the lower
 * envelope of one line for each tier. Haircuts that do not fall from tier to tier make value a
 * concave function of amount, and a concave piecewise linear function is the least of its lines.
 */
final class Haircuts {
  /** Decimals of an amount: 0.000001 units. */
  static final int AMOUNT_SCALE = 6;

  /** Decimals of a slope: money for a unit, after the haircut. */
  static final int SLOPE_SCALE = 4;

  /** Decimals of an intercept: money. */
  static final int INTERCEPT_SCALE = 4;

  private Haircuts() {}

  static ExprArray declareCollateral(MarginModelBuilder m, int collaterals) {
    return m.holdings("collateral")
        .axis("collateral", collaterals)
        .scale(AMOUNT_SCALE)
        .between("0", "1000000000")
        .array();
  }

  /**
   * Declares the lines of each collateral and yields the value of all.
   *
   * @param tierAxis name of the tiers' dimension
   */
  static Expr declareLinesAndValue(
      MarginModelBuilder m, ExprArray collateral, String tierAxis, int tiers) {
    int collaterals = collateral.size();
    ExprArray slope =
        m.round("haircutSlope")
            .axis("collateral", collaterals)
            .axis(tierAxis, tiers)
            .scale(SLOPE_SCALE)
            .between("0", "1000000")
            .array();
    ExprArray intercept =
        m.round("haircutIntercept")
            .axis("collateral", collaterals)
            .axis(tierAxis, tiers)
            .scale(INTERCEPT_SCALE)
            .between("0", "1000000000000")
            .array();
    List<Expr> values = new ArrayList<>();
    for (int c = 0; c < collaterals; c++) {
      List<Expr> lines = new ArrayList<>();
      for (int t = 0; t < tiers; t++) {
        lines.add(slope.get(c, t).times(collateral.get(c)).plus(intercept.get(c, t)));
      }
      values.add(m.min(lines));
    }
    return m.sum(values);
  }
}
