package io.plimsoll.gate;

import io.plimsoll.verifier.Rejected;
import io.plimsoll.verifier.RejectionReason;
import io.plimsoll.verifier.Verdict;
import io.plimsoll.verifier.VerifyingKey;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Bounds what can make a journal grow although it changes nothing: rejected proofs, refused claims,
 * attestations, roster changes and rounds, and evidence against whoever is stopped already. What
 * changes something is always recorded.
 *
 * <p>Bytes that are no proof are not: nobody needs a record to see that, and anybody could send any
 * number of them. Of each kind of the rest, {@value #MOST} are recorded for one account and one
 * sender while one round is the last; honest parties send a few. Who sends more has an answer to
 * each, but no record to point at, and uses up nobody else's. What has no record is counted. The
 * budget is this gate's own, and begins anew when it starts: it decides nothing but what is written
 * down. Thread-safe.
 */
final class JournalBudget {
  /** Most of one kind, for one account and sender, while one round is the last. */
  static final int MOST = 16;

  private static final Set<RejectionReason> NO_PROOF =
      EnumSet.of(
          RejectionReason.PROOF_LENGTH,
          RejectionReason.PROOF_NOT_CANONICAL,
          RejectionReason.PROOF_POINT_AT_INFINITY,
          RejectionReason.PROOF_NOT_ON_CURVE,
          RejectionReason.PROOF_NOT_IN_SUBGROUP);

  private record Key(Unrecorded kind, String account, String sender) {}

  private final int most;
  private final Map<Key, Integer> taken = new HashMap<>();
  private final Map<Unrecorded, Long> unrecorded = new EnumMap<>(Unrecorded.class);
  private long lastRound = Long.MIN_VALUE;

  private JournalBudget(int most) {
    this.most = most;
  }

  static JournalBudget bounded() {
    return new JournalBudget(MOST);
  }

  /** For who repeats what a journal has: everything in it was recorded. */
  static JournalBudget unbounded() {
    return new JournalBudget(Integer.MAX_VALUE);
  }

  /** Counts since this gate began, of the kinds of which there were any. */
  synchronized Map<Unrecorded, Long> unrecorded() {
    return Map.copyOf(unrecorded);
  }

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
      dropped(Unrecorded.PROOF);
      return false;
    }
    return take(
        new Key(Unrecorded.PROOF, received.record().orElseThrow().state().account(), ""),
        received.venue().highestSequence());
  }

  /** What one call may have recorded; begin it outside the call's transaction. */
  Entry entry() {
    return new Entry();
  }

  /**
   * One call's part of the budget. A transaction may run several times, and takes it once. Not
   * thread-safe.
   */
  final class Entry {
    private Optional<Key> asked = Optional.empty();
    private boolean granted;

    /**
     * Whether something that changes nothing is to be recorded.
     *
     * @param account empty if it concerns all
     * @param sender who else may not use it up; empty if that is the account's owner
     * @param round the last one's number
     */
    boolean records(Unrecorded kind, String account, String sender, long round) {
      Optional<Key> key = Optional.of(new Key(kind, account, sender));
      if (!key.equals(asked)) {
        asked = key;
        granted = take(key.get(), round);
      }
      return granted;
    }
  }

  private synchronized boolean take(Key key, long round) {
    if (round != lastRound) {
      taken.clear();
      lastRound = round;
    }
    int before = taken.getOrDefault(key, 0);
    if (before >= most) {
      dropped(key.kind());
      return false;
    }
    taken.put(key, before + 1);
    return true;
  }

  private synchronized void dropped(Unrecorded kind) {
    unrecorded.merge(kind, 1L, Long::sum);
  }
}
