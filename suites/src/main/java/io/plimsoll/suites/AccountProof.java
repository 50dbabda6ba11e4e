package io.plimsoll.suites;

/**
 * What came of proving an account.
 *
 * @param label the account's
 * @param thresholds where the boundary is, by the evaluator
 * @param accepted whether the verifier accepted a proof at the largest threshold that is met
 * @param impossible whether no proof could be made at the smallest one that is not met
 */
record AccountProof(String label, Thresholds thresholds, boolean accepted, boolean impossible) {
  /** Whether prover and verifier agree with the evaluator on both sides of the boundary. */
  boolean holds() {
    return accepted == thresholds.largest().isPresent()
        && impossible == thresholds.above().isPresent();
  }
}
