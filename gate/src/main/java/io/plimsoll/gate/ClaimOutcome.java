package io.plimsoll.gate;

/** What became of a claim to liquidate an account. */
public sealed interface ClaimOutcome {
  /**
   * The claim is committed; the account is liquidating.
   *
   * @param order what may be liquidated
   */
  record Claimed(LiquidationOrder order) implements ClaimOutcome {}

  /**
   * The account is not liquidatable, or somebody was first.
   *
   * @param status what it is instead
   */
  record Refused(AccountStatus status) implements ClaimOutcome {}
}
