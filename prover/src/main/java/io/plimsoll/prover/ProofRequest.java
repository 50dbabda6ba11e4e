package io.plimsoll.prover;

import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.Threshold;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What is to be proven. Immutable and thread-safe.
 *
 * @param account the account's name
 * @param state the account's state, if it is not loaded; nothing of it is kept
 * @param roundSequence a round that is loaded
 * @param threshold the margin ratio to meet
 * @param purpose what the venue asks for it for
 * @param timeout after which nobody waits any more; no limit when absent
 */
public record ProofRequest(
    String account,
    Optional<AccountState> state,
    long roundSequence,
    Threshold threshold,
    Purpose purpose,
    Optional<Duration> timeout) {
  /** Checks that nothing is null. */
  public ProofRequest {
    Objects.requireNonNull(account);
    Objects.requireNonNull(state);
    Objects.requireNonNull(threshold);
    Objects.requireNonNull(purpose);
    Objects.requireNonNull(timeout);
  }

  /** About an account that is loaded. */
  public static ProofRequest of(
      String account, long roundSequence, Threshold threshold, Purpose purpose) {
    return new ProofRequest(
        account, Optional.empty(), roundSequence, threshold, purpose, Optional.empty());
  }

  /** About an account that is opened for this proof alone. */
  public static ProofRequest of(
      AccountState state, long roundSequence, Threshold threshold, Purpose purpose) {
    return new ProofRequest(
        state.account(), Optional.of(state), roundSequence, threshold, purpose, Optional.empty());
  }

  /** The same on another round. */
  public ProofRequest on(long otherRoundSequence) {
    return new ProofRequest(account, state, otherRoundSequence, threshold, purpose, timeout);
  }

  /** The same, but dropped if its turn has not come after {@code timeout}. */
  public ProofRequest within(Duration timeout) {
    return new ProofRequest(
        account, state, roundSequence, threshold, purpose, Optional.of(timeout));
  }
}
