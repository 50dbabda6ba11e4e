package io.plimsoll.prover;

import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.Threshold;
import java.util.Objects;

/**
 * A line of an account agreement: what is proven again on every round. Immutable and thread-safe.
 *
 * @param account the account's name
 * @param threshold the margin ratio to meet
 * @param purpose what the venue asks for it for
 */
public record ProofLine(String account, Threshold threshold, Purpose purpose) {
  /** Checks that nothing is null. */
  public ProofLine {
    Objects.requireNonNull(account);
    Objects.requireNonNull(threshold);
    Objects.requireNonNull(purpose);
  }
}
