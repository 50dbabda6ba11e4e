package io.plimsoll.gate;

/** Whose fault it is that an account cannot be judged; never the owner's. */
public enum SuspensionCause {
  /** A rostered attester has not attested, or the roster is empty. */
  ATTESTATION_MISSING,
  /** A rostered attester's attestation has expired. */
  ATTESTATION_EXPIRED,
  /** A rostered attester's key has been revoked. */
  ATTESTER_REVOKED,
  /** An attester has signed two attestations with one version, or is at fault otherwise. */
  ATTESTER_FAULT,
  /**
   * An attester that the owner has asked for, and that no accepted proof has counted yet, has
   * signed two attestations with one version. It stops proofs, and suspends no longer than the last
   * one counts; nobody suspends for it but the gate itself.
   */
  NEWCOMER_FAULT,
  /** The owner says that an attestation's opening does not open it. */
  OPENING_DISPUTED,
  /** There is no fresh risk round to prove on. */
  ROUND_MISSING,
  /**
   * Two rounds were signed with one sequence number, a round lies further from the one before than
   * the policy allows, or the venue has stopped judging.
   */
  CIRCUIT_BREAKER,
  /** Something of the venue's is out of order. */
  VENUE_FAULT
}
