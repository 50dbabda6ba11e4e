package io.plimsoll.gate;

import io.plimsoll.verifier.Digest;
import java.util.Optional;

/**
 * A committed claim: what is liquidated, by whom, and what it is based on. Immutable and
 * thread-safe.
 *
 * @param venue the venue
 * @param account the account
 * @param gateVersion the version of the gate's record that the claim made; names the order among
 *     all of the account's
 * @param accountVersion the account's version that is acted on
 * @param rosterVersion the roster's version
 * @param attestationSetDigest the account's attestations
 * @param lastProofDigest the last proof that was accepted before, if any ever was
 * @param lastRoundSequence the round that it was about
 * @param claimant who claimed
 * @param claimedAtMillis when
 */
public record LiquidationOrder(
    String venue,
    String account,
    long gateVersion,
    long accountVersion,
    long rosterVersion,
    Digest attestationSetDigest,
    Optional<Digest> lastProofDigest,
    Optional<Long> lastRoundSequence,
    String claimant,
    long claimedAtMillis) {}
