package io.plimsoll.gate;

import java.util.Objects;

/**
 * A proof that somebody submits. Immutable and thread-safe.
 *
 * @param account as the submitter says
 * @param roundSequence which of the venue's own rounds the proof is about, as the submitter says
 * @param proof from outside; anything at all
 */
public record SubmittedProof(String account, long roundSequence, ProofBytes proof) {
  /** Everything is there. */
  public SubmittedProof {
    Objects.requireNonNull(account);
    Objects.requireNonNull(proof);
  }
}
