package io.plimsoll.gate;

/**
 * What a gate answers and does not record when there is too much of it: nothing has changed by it.
 */
public enum Unrecorded {
  /** A rejected proof, or bytes that are none; whoever sent it has a receipt. */
  PROOF,
  /** A refused claim of a liquidation. */
  CLAIM,
  /** A refused attestation, under an order or not. */
  ATTESTATION,
  /** A refused change of a roster. */
  ROSTER_CHANGE,
  /** A further contradiction of an attester whose account is suspended for one. */
  CONTRADICTION,
  /** A refused round. */
  ROUND,
  /** A further round with a number that is disputed, while the breaker is open. */
  ROUND_CONFLICT
}
