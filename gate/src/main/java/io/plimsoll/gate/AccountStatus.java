package io.plimsoll.gate;

import io.plimsoll.verifier.Ed25519PublicKey;
import java.util.List;

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
   * is still accepted, and collateral may be added.
   *
   * @param sinceMillis when the window ended, not counting suspended time
   * @param fraction how much of each position one claim may liquidate now, at most
   * @param wholeAtMillis from when on that is all of it, if nothing happens before
   */
  record Liquidatable(long sinceMillis, Fraction fraction, long wholeAtMillis)
      implements AccountStatus {}

  /**
   * A liquidation has been claimed. No proof is accepted until it ends, or until every attester
   * that the order names has said what is left: then a proof on that ends it.
   *
   * @param order what was claimed
   * @param attested the attesters that have said so, ascending
   */
  record Liquidating(LiquidationOrder order, List<Ed25519PublicKey> attested)
      implements AccountStatus {
    /** Copies the list. */
    public Liquidating {
      attested = List.copyOf(attested);
    }
  }

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
