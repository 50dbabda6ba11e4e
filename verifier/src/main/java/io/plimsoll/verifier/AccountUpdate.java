package io.plimsoll.verifier;

/** What became of a change to an account: an attestation, an attester who joins or leaves. */
public sealed interface AccountUpdate {
  /**
   * The account as it is now.
   *
   * @param state one version further
   */
  record Accepted(AccountState state) implements AccountUpdate {}

  /**
   * The account is as it was.
   *
   * @param reason why
   * @param detail the value and what it should have been; no secrets
   */
  record Refused(Refusal reason, String detail) implements AccountUpdate {}

  /**
   * The account is as it was, and the attester has signed two attestations with one version. Both
   * carry its valid signature, so anyone can check this.
   *
   * @param known the one that counted
   * @param second the one that was refused
   */
  record Equivocation(Attestation known, Attestation second) implements AccountUpdate {}

  /** Why a change was refused. */
  enum Refusal {
    /** There is no such account. */
    UNKNOWN_ACCOUNT,
    /** It is for another venue. */
    WRONG_VENUE,
    /** It is for another account. */
    WRONG_ACCOUNT,
    /** It is for another circuit. */
    WRONG_CIRCUIT,
    /** The attester is not on the account's roster. */
    NOT_ROSTERED,
    /** The attester is on the account's roster already. */
    ALREADY_ROSTERED,
    /** The roster is as long as the circuit's widths allow. */
    ROSTER_FULL,
    /** This very attestation is the current one. */
    ALREADY_KNOWN,
    /** The version is not above the attester's last one. */
    VERSION_NOT_INCREASING,
    /** The previous digest is not that of the attester's last attestation. */
    WRONG_PREVIOUS_DIGEST,
    /** A closing attestation where an ordinary one belongs, or the other way round. */
    WRONG_KIND,
    /** It has expired already. */
    EXPIRED,
    /** Its time is ahead of the venue's clock by more than the policy's skew. */
    FUTURE,
    /** It follows the attester's last one sooner than the policy allows. */
    TOO_SOON,
    /** The scope proof is missing or not valid. */
    SCOPE_NOT_PROVEN,
    /** The scope has a column that the venue's policy does not trust the attester for. */
    SCOPE_NOT_TRUSTED,
    /** The attester's key has been revoked. */
    REVOKED,
    /** The roster does not change while a liquidation runs. */
    LIQUIDATING,
    /** No liquidation runs under that order, or it does not name the attester or its time. */
    WRONG_ORDER
  }
}
