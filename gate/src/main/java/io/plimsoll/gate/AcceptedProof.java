package io.plimsoll.gate;

import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.Threshold;
import java.util.Map;

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
 * @param attested of each attester whose attestation was added up, its version; of each that has
 *     left, that of its closing attestation: what the proof has taken note of
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
    Map<Ed25519PublicKey, Long> attested,
    long acceptedAtMillis) {
  /** Copies the map. */
  public AcceptedProof {
    attested = Map.copyOf(attested);
  }
}
