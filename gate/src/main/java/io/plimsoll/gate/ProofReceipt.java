package io.plimsoll.gate;

import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Verdict;

/**
 * What the venue says it received and made of it. Every submission gets one. Immutable and
 * thread-safe.
 *
 * @param venue the venue
 * @param account the account as submitted
 * @param accountVersion the account's version when the proof was received; 0 if there is no such
 *     account
 * @param roundSequence the round as submitted
 * @param proofDigest SHA-256 of the bytes as submitted
 * @param receivedAtMillis when it was received, before verification
 * @param verdict accepted, or why not
 */
public record ProofReceipt(
    String venue,
    String account,
    long accountVersion,
    long roundSequence,
    Digest proofDigest,
    long receivedAtMillis,
    Verdict verdict) {}
