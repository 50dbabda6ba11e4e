package io.plimsoll.verifier;

/** Why a proof does not count. */
public enum RejectionReason {
  /** The proof is not 128 bytes long. */
  PROOF_LENGTH,
  /**
   * A coordinate is not below the field modulus, or a point's flags are not those of a compressed
   * point.
   */
  PROOF_NOT_CANONICAL,
  /** A point of the proof is infinity. */
  PROOF_POINT_AT_INFINITY,
  /** A point of the proof is not on its curve. */
  PROOF_NOT_ON_CURVE,
  /** A point of the proof is on the curve but not in the subgroup. */
  PROOF_NOT_IN_SUBGROUP,
  /** The pairing equation does not hold for the statement that the venue's own state makes. */
  PROOF_DOES_NOT_VERIFY,
  /** The account, its attestations or the round belong to another circuit. */
  WRONG_CIRCUIT,
  /** The account or the round belongs to another venue. */
  WRONG_VENUE,
  /** An attestation numbers its columns by another listing than the round. */
  WRONG_LISTING,
  /** The roster is empty. */
  EMPTY_ROSTER,
  /** A rostered attester has no attestation. */
  MISSING_ATTESTATION,
  /** A rostered attester's attestation has expired. */
  EXPIRED_ATTESTATION,
  /** An attestation's scope proof is missing or not valid. */
  SCOPE_NOT_PROVEN,
  /** More attestations than the circuit's widths allow. */
  TOO_MANY_ATTESTATIONS,
  /** A rostered attester's key has been revoked. */
  REVOKED_ATTESTER,
  /** The venue has no such account. */
  UNKNOWN_ACCOUNT,
  /** The venue has no such round, or is not ready to check proofs on it. */
  UNKNOWN_ROUND,
  /** Two rounds were signed with this sequence number. */
  DISPUTED_ROUND,
  /** The round is older than the policy allows, or older than the last accepted one. */
  STALE_ROUND,
  /** The round's time is ahead of the venue's clock by more than the policy's skew. */
  FUTURE_ROUND,
  /** The threshold or purpose is not the one that the venue asks for. */
  WRONG_THRESHOLD,
  /** The account has changed since the proof was checked. */
  ACCOUNT_CHANGED,
  /** A liquidation of the account has been claimed. */
  LIQUIDATING,
  /** The account is suspended. */
  SUSPENDED
}
