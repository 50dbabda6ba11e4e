package io.plimsoll.attester;

/**
 * How far a withdrawal is.
 *
 * @param id as its owner named it
 * @param state how far
 * @param offeredVersion the first version of the attestation without it; 0 before there is one
 */
public record WithdrawalStatus(String id, State state, long offeredVersion) {
  /** How far. */
  public enum State {
    /** Asked for: the next attestation leaves it out. */
    REQUESTED,
    /** Left out of what is attested; the venue has not released what was attested before. */
    OFFERED,
    /** Released, and with the custodian. */
    PAYING,
    /** The custodian has paid; its books do not show it yet. */
    PAID,
    /** Paid, and in the books. */
    SETTLED,
    /** Called off, or refused by the custodian. */
    CANCELLED
  }
}
