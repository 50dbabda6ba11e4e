package io.plimsoll.gate;

/** What became of a claim to liquidate an account. */
public sealed interface ClaimOutcome {
  /**
   * The claim is committed; the account is liquidating.
   *
   * @param signed what may be liquidated, with the venue's signature, for the attesters
   */
  record Claimed(VenueSigned<LiquidationOrder> signed) implements ClaimOutcome {
    /** What may be liquidated. */
    public LiquidationOrder order() {
      return signed.message();
    }
  }

  /**
   * The account is not liquidatable, or somebody was first.
   *
   * @param status what it is instead
   */
  record Refused(AccountStatus status) implements ClaimOutcome {}
}
