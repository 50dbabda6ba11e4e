package io.plimsoll.gate;

import io.plimsoll.verifier.Rejected;
import io.plimsoll.verifier.RejectionReason;
import io.plimsoll.verifier.Verdict;
import io.plimsoll.verifier.VerifyingKey;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Bounds what rejected proofs can make a journal grow by. What is accepted is always recorded.
 *
 * <p>Bytes that are no proof are not: nobody needs a record to see that, and anybody could send any
 * number of them. Of proofs that are rejected, {@value #MOST_REJECTIONS} are for one account while
 * one round is the last; an honest owner sends a few. Who sends more has a receipt for each, but no
 * record to point at; only the account's owner can send at all, so nobody can use up another's. The
 * count is this gate's own, and begins anew when it starts: it decides nothing but what is written
 * down. Thread-safe.
 */
final class JournalBudget {
  /** Most rejections for one account while one round is the last. */
  static final int MOST_REJECTIONS = 16;

  private static final Set<RejectionReason> NO_PROOF =
      EnumSet.of(
          RejectionReason.PROOF_LENGTH,
          RejectionReason.PROOF_NOT_CANONICAL,
          RejectionReason.PROOF_POINT_AT_INFINITY,
          RejectionReason.PROOF_NOT_ON_CURVE,
          RejectionReason.PROOF_NOT_IN_SUBGROUP);

  private final Map<String, Integer> taken = new HashMap<>();
  private long lastRound = Long.MIN_VALUE;

  /**
   * Whether a verdict is to be recorded.
   *
   * @param received what the store said of the account, which there is
   * @param judged the verdict before it is committed
   */
  boolean records(ProofJudge.Received received, byte[] proof, Verdict judged) {
    if (!(judged instanceof Rejected rejected)) {
      return true;
    }
    if (proof.length != VerifyingKey.PROOF_BYTES || NO_PROOF.contains(rejected.reason())) {
      return false;
    }
    String account = received.record().orElseThrow().state().account();
    return take(account, received.venue().highestSequence());
  }

  private synchronized boolean take(String account, long round) {
    if (round != lastRound) {
      taken.clear();
      lastRound = round;
    }
    return taken.merge(account, 1, (count, one) -> Math.min(count, MOST_REJECTIONS) + one)
        <= MOST_REJECTIONS;
  }
}
