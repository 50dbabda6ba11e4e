package io.plimsoll.gate;

/** What became of an attester's wish to be released from its older attestations. */
public sealed interface ReleaseOutcome {
  /**
   * The release is committed. Asked again, the venue says the same bytes, until the attester's next
   * version is proven.
   *
   * @param release with the venue's signature
   */
  record Released(VenueSigned<Release> release) implements ReleaseOutcome {}

  /**
   * Nothing is released that was not before.
   *
   * @param reason why
   * @param detail the value and what it should have been; no secrets
   */
  record Refused(Refusal reason, String detail) implements ReleaseOutcome {}

  /** Why nothing is released. */
  enum Refusal {
    /** There is no such account. */
    UNKNOWN_ACCOUNT,
    /** The attester has no attestation for the account, and no closing one. */
    NOT_ATTESTED,
    /** There is no version before the attester's current one. */
    NOTHING_BEFORE,
    /** No accepted proof is about the attester's current version. */
    NOT_PROVEN,
    /** The account is not solvent now. */
    NOT_SOLVENT
  }
}
