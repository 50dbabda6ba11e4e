package io.plimsoll.gate.rpc;

import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.Digest;
import java.util.Optional;

/** What a venue says became of an attestation or a roster change. */
public sealed interface ChangeOutcome {
  /**
   * It counts.
   *
   * @param accountVersion the account's version now
   * @param rosterVersion its roster's
   */
  record Accepted(long accountVersion, long rosterVersion) implements ChangeOutcome {}

  /**
   * The account is as it was.
   *
   * @param reason a name out of {@link AccountUpdate.Refusal}; a newer venue may have more
   * @param detail the value and what it should have been
   */
  record Refused(String reason, String detail) implements ChangeOutcome {
    /** The reason, if it is one that is known here. */
    public Optional<AccountUpdate.Refusal> refusal() {
      for (AccountUpdate.Refusal refusal : AccountUpdate.Refusal.values()) {
        if (refusal.name().equals(reason)) {
          return Optional.of(refusal);
        }
      }
      return Optional.empty();
    }
  }

  /**
   * The attester has signed two attestations with one version; the venue keeps both.
   *
   * @param known digest of the one that counted
   * @param second digest of the other
   */
  record Contradicted(Digest known, Digest second) implements ChangeOutcome {}
}
