package io.plimsoll.prover;

import io.plimsoll.prover.PlausibilityPolicy.Tensor;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PreparedRound;
import io.plimsoll.verifier.PublisherPolicy.SignatureReport;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.Threshold;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The last rounds that the policy let in, and which proofs have been made on each. A round that has
 * gone never comes back, because the sequence grows; so neither does a second proof on it.
 *
 * <p>Thread-safe.
 */
final class RoundBook {
  /** {@link io.plimsoll.verifier.SolvencyVerifier#prepare}. */
  @FunctionalInterface
  interface Preparation {
    PreparedRound prepare(RiskRound round) throws InvalidFormatException;
  }

  private record Key(String account, long version, Threshold threshold, Purpose purpose) {}

  /** A round that was let in. */
  static final class Kept {
    private final PreparedRound prepared;
    private final long[] coefficients;
    private final Set<Key> proven = ConcurrentHashMap.newKeySet();

    private Kept(PreparedRound prepared) {
      this.prepared = prepared;
      this.coefficients = prepared.round().coefficients();
    }

    PreparedRound prepared() {
      return prepared;
    }

    /** Not a copy; nobody writes to it. */
    long[] coefficients() {
      return coefficients;
    }

    /** Takes the only place for a proof of this statement, if it is free. */
    Place take(String account, long version, Threshold threshold, Purpose purpose)
        throws RefusedException {
      Key key = new Key(account, version, threshold, purpose);
      if (!proven.add(key)) {
        throw new RefusedException(
            Refusal.ALREADY_PROVEN,
            "account '"
                + account
                + "' version "
                + version
                + ": a proof on round "
                + prepared.round().sequence()
                + " for threshold "
                + threshold
                + " "
                + purpose
                + " has left or is being made");
      }
      return new Place(proven, key);
    }
  }

  /** The one place for a proof of a statement. */
  static final class Place {
    private final Set<Key> proven;
    private final Key key;
    private final AtomicBoolean given = new AtomicBoolean();

    private Place(Set<Key> proven, Key key) {
      this.proven = proven;
      this.key = key;
    }

    /** Frees the place, because no proof has left. Once; later calls do nothing. */
    void giveBack() {
      if (given.compareAndSet(false, true)) {
        proven.remove(key);
      }
    }
  }

  private final ProverPolicy policy;
  private final List<Tensor> tensors;
  private final Preparation preparation;
  private final InstantSource clock;
  private final TreeMap<Long, Kept> kept = new TreeMap<>();

  RoundBook(
      ProverPolicy policy, List<Tensor> tensors, Preparation preparation, InstantSource clock) {
    policy.plausibility().requireTensorsOf(tensors);
    this.policy = policy;
    this.tensors = tensors;
    this.preparation = preparation;
    this.clock = clock;
  }

  /** Lets a round in, or finds that it is in already. */
  Kept admit(SignedRound signed) throws InvalidFormatException, RefusedException {
    RiskRound round = signed.round();
    if (!round.venue().equals(policy.venue())) {
      throw new RefusedException(
          Refusal.WRONG_VENUE,
          "round is of venue '" + round.venue() + "', not '" + policy.venue() + "'");
    }
    synchronized (this) {
      Optional<Kept> same = requireNext(round);
      if (same.isPresent()) {
        return same.get();
      }
    }
    requireRecent(round);
    SignatureReport report = policy.publishers().check(signed);
    if (!report.accepted()) {
      throw new RefusedException(Refusal.TOO_FEW_SIGNATURES, report.toString());
    }
    // Outside the lock: it takes milliseconds, and proofs look rounds up meanwhile.
    Kept next = new Kept(preparation.prepare(round));
    synchronized (this) {
      Optional<Kept> same = requireNext(round);
      if (same.isPresent()) {
        return same.get();
      }
      if (!kept.isEmpty()) {
        Kept last = kept.lastEntry().getValue();
        Optional<String> objection =
            policy.plausibility().objection(tensors, last.coefficients, next.coefficients);
        if (objection.isPresent()) {
          throw new RefusedException(
              Refusal.IMPLAUSIBLE_ROUND,
              "round "
                  + round.sequence()
                  + " is not plausible after round "
                  + last.prepared.round().sequence()
                  + ": "
                  + objection.get());
        }
      }
      kept.put(round.sequence(), next);
      if (kept.size() > policy.roundsKept()) {
        kept.pollFirstEntry();
      }
      return next;
    }
  }

  /**
   * Refuses history: every round of the past is signed and plausible after the one before, and a
   * proof on each would tell what the account is worth in as many markets.
   */
  private void requireRecent(RiskRound round) throws RefusedException {
    if (policy.maximumRoundAge().isEmpty()) {
      return;
    }
    Instant oldest = clock.instant().minus(policy.maximumRoundAge().get());
    if (round.asOfMillis() < oldest.toEpochMilli()) {
      throw new RefusedException(
          Refusal.IMPLAUSIBLE_ROUND,
          "round "
              + round.sequence()
              + " is of "
              + round.asOfMillis()
              + ", the oldest that the policy allows is of "
              + oldest.toEpochMilli());
    }
  }

  /** The round if it is in already; refuses one that may not come next. */
  private Optional<Kept> requireNext(RiskRound round) throws RefusedException {
    if (kept.isEmpty()) {
      return Optional.empty();
    }
    Kept same = kept.get(round.sequence());
    if (same != null) {
      if (same.prepared.round().digest().equals(round.digest())) {
        return Optional.of(same);
      }
      throw new RefusedException(
          Refusal.SEQUENCE,
          "round "
              + round.sequence()
              + " is "
              + same.prepared.round().digest()
              + " already, not "
              + round.digest());
    }
    if (round.sequence() <= kept.lastKey()) {
      throw new RefusedException(
          Refusal.SEQUENCE,
          "round sequence is " + round.sequence() + ", not above the last one, " + kept.lastKey());
    }
    long last = kept.lastEntry().getValue().prepared.round().asOfMillis();
    if (round.asOfMillis() < last) {
      throw new RefusedException(
          Refusal.SEQUENCE,
          "round "
              + round.sequence()
              + " is of "
              + round.asOfMillis()
              + ", before the last one's time, "
              + last);
    }
    return Optional.empty();
  }

  synchronized Kept get(long sequence) throws RefusedException {
    Kept found = kept.get(sequence);
    if (found == null) {
      throw new RefusedException(
          Refusal.UNKNOWN_ROUND,
          kept.isEmpty()
              ? "no round " + sequence + ": no round is loaded"
              : "no round "
                  + sequence
                  + ": loaded are "
                  + kept.size()
                  + " rounds from "
                  + kept.firstKey()
                  + " to "
                  + kept.lastKey());
    }
    return found;
  }

  synchronized int size() {
    return kept.size();
  }
}
