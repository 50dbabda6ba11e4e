package io.plimsoll.gate;

/**
 * What may be concluded about an account at one instant. All times are milliseconds since the epoch
 * on the store's clock.
 */
public sealed interface AccountStatus {
  /**
   * A valid proof for the account's attestations, on a round that is fresh enough, was accepted.
   *
   * @param untilMillis when it stops counting, exclusive
   */
  record Solvent(long untilMillis) implements AccountStatus {}

  /**
   * No proof counts any more. No new risk; the owner may still prove, or add collateral.
   *
   * @param sinceMillis when the last proof stopped counting, or the account was opened
   * @param liquidatableAtMillis when the account becomes liquidatable if nothing happens before;
   *     the clock skew is added in the owner's favour
   */
  record InGrace(long sinceMillis, long liquidatableAtMillis) implements AccountStatus {}

  /**
   * The grace window has passed without a proof. A liquidation may be claimed; until it is, a proof
   * is still accepted.
   *
   * @param sinceMillis when the window ended, not counting suspended time
   */
  record Liquidatable(long sinceMillis) implements AccountStatus {}

  /**
   * A liquidation has been claimed. No proof is accepted until it ends.
   *
   * @param order what was claimed
   */
  record Liquidating(LiquidationOrder order) implements AccountStatus {}

  /**
   * The account cannot be judged, through no fault of its owner. No new risk, no payouts, no
   * liquidation; grace stands still.
   *
   * @param cause the cause that has lasted longest
   * @param sinceMillis since when
   * @param untilMillis when it ends at the latest, exclusive, unless a proof is accepted before
   */
  record Suspended(SuspensionCause cause, long sinceMillis, long untilMillis)
      implements AccountStatus {}
}
