package io.plimsoll.gate;

import java.util.Optional;

/** What became of a published round. */
public sealed interface RoundUpdate {
  /**
   * Proofs on it are taken from now on; also when the same round was published before.
   *
   * @param round its entry in the log
   * @param deviation how it lies further from the round before than the policy allows, for which
   *     the circuit breaker was opened; empty if it does not, or was published before
   */
  record Published(PublishedRound round, Optional<String> deviation) implements RoundUpdate {}

  /**
   * It does not count.
   *
   * @param reason why
   * @param detail the value and what it should have been
   */
  record Refused(Refusal reason, String detail) implements RoundUpdate {}

  /**
   * Enough publishers have signed two rounds with one number. It does not count, neither does the
   * first, and the circuit breaker is open.
   *
   * @param evidence both
   */
  record Conflict(Evidence.TwoRounds evidence) implements RoundUpdate {}

  /** Why a round does not count. */
  enum Refusal {
    /** It is for another venue. */
    WRONG_VENUE,
    /** It is for another circuit. */
    WRONG_CIRCUIT,
    /** Too few valid signatures of publishers. */
    NOT_SIGNED,
    /** A coefficient is out of its interval, or their number is wrong. */
    OUT_OF_BOUNDS,
    /** Its number or its time is not above that of a round published before. */
    OUT_OF_ORDER,
    /** Its time is ahead of the venue's clock by more than the policy's skew. */
    FUTURE
  }
}
