package io.plimsoll.circuits.models;

import io.plimsoll.circuits.Expr;
import io.plimsoll.circuits.ExprArray;
import io.plimsoll.circuits.MarginModelBuilder;
import io.plimsoll.circuits.RoundTensor;

/**
 * Collateral after tiered haircuts. Haircuts do not fall from tier to tier, so value is a concave
 * function of the amount: {@code slope * amount - sum_k step_k * max(0, amount - from_k)}.
 */
final class Collateral {
  private Collateral() {}

  /** Declares the amounts: in units, 6 decimals, 0 to 100,000,000 at one attester. */
  static ExprArray declare(MarginModelBuilder m, int collaterals) {
    return m.holdings("collateral")
        .axis("collateral", collaterals)
        .scale(6)
        .between("0", "100000000")
        .array();
  }

  /**
   * Declares the haircuts and yields the value of all collateral.
   *
   * @param kinkAxis name of the kinks' dimension
   */
  static Expr value(MarginModelBuilder m, ExprArray collateral, String kinkAxis, int tiers) {
    RoundTensor.Dimension each = new RoundTensor.Dimension("collateral", collateral.size());
    return m.sum(
        new Tiers(m, "haircut", each, kinkAxis, tiers).concave(collateral, 4, 6, "500000000"));
  }
}
