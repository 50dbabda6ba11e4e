package io.plimsoll.gate.rpc;

import io.plimsoll.verifier.Digest;
import java.util.Optional;

/** What a venue says became of a round. */
public sealed interface RoundOutcome {
  /**
   * Proofs on it are taken.
   *
   * @param sequence its number
   * @param digest its digest
   * @param publishedAtMillis when the venue took it
   * @param deviation how it lies too far from the one before, for which the circuit breaker was
   *     opened
   */
  record Published(long sequence, Digest digest, long publishedAtMillis, Optional<String> deviation)
      implements RoundOutcome {}

  /**
   * It does not count.
   *
   * @param reason a name out of {@link io.plimsoll.gate.RoundUpdate.Refusal}
   * @param detail the value and what it should have been
   */
  record Refused(String reason, String detail) implements RoundOutcome {}

  /**
   * Two rounds were signed with one number, and the circuit breaker is open.
   *
   * @param sequence the number
   * @param known digest of the first
   * @param second digest of the second
   */
  record Conflict(long sequence, Digest known, Digest second) implements RoundOutcome {}
}
