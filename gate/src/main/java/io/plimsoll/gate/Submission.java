package io.plimsoll.gate;

import io.plimsoll.verifier.Verdict;

/**
 * What became of a proof that was submitted. Immutable and thread-safe.
 *
 * @param verdict accepted, or why not, with the detail for people
 * @param receipt the venue's word for it
 */
public record Submission(Verdict verdict, VenueSigned<ProofReceipt> receipt) {}
