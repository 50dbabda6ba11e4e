package io.plimsoll.attester;

import io.plimsoll.verifier.Digest;
import java.util.List;
import java.util.Optional;

/**
 * How an account stands at its attester; no quantities.
 *
 * @param id account and venue
 * @param pool custody account
 * @param circuitId what it is attested in
 * @param reconciled whether the venue's last attestation is known here: nothing is attested before
 * @param trouble what is in the way, if anything is
 * @param version of the last attestation that the venue has taken
 * @param notAfterMillis of that one
 * @param lockedVersions the versions that a venue may rely on, ascending
 * @param undelivered how many attestations wait to be delivered
 * @param movements withdrawals and liquidations that are under way
 */
public record AccountReport(
    PledgeId id,
    String pool,
    Digest circuitId,
    boolean reconciled,
    Optional<String> trouble,
    Optional<Long> version,
    Optional<Long> notAfterMillis,
    List<Long> lockedVersions,
    int undelivered,
    List<String> movements) {
  /** Copies the lists. */
  public AccountReport {
    lockedVersions = List.copyOf(lockedVersions);
    movements = List.copyOf(movements);
  }
}
