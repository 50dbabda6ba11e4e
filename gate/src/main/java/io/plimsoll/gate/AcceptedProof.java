package io.plimsoll.gate;

import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.Threshold;

/**
 * The last proof that a gate accepted for an account. Immutable and thread-safe.
 *
 * @param proofDigest SHA-256 of the bytes as submitted; proofs can be re-randomised, so this names
 *     a submission and not a statement
 * @param accountVersion the account's version
 * @param rosterVersion the roster's version
 * @param attestationSetDigest the attestations that were added up
 * @param roundSequence the round's number
 * @param roundDigest the round's digest
 * @param roundAsOfMillis the round's time
 * @param threshold what was met
 * @param purpose what for
 * @param acceptedAtMillis when it was accepted
 */
public record AcceptedProof(
    Digest proofDigest,
    long accountVersion,
    long rosterVersion,
    Digest attestationSetDigest,
    long roundSequence,
    Digest roundDigest,
    long roundAsOfMillis,
    Threshold threshold,
    Purpose purpose,
    long acceptedAtMillis) {}
