package io.plimsoll.gate;

import io.plimsoll.gate.GateStore.Transaction;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PreparedRound;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.SolvencyVerifier;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Takes risk rounds, and has those ready on which proofs can be judged. Thread-safe; what is ready
 * is a cache of what the store has.
 */
final class RoundIntake {
  private final PolicedStore store;
  private final SolvencyVerifier verifier;
  private final PublisherPolicy publishers;
  private final GatePolicy policy;
  private final OutageLog outages;
  private final JournalBudget budget;

  /** By sequence number; replaced as a whole, under this object's lock. */
  private volatile Map<Long, PreparedRound> prepared = Map.of();

  RoundIntake(
      PolicedStore store,
      SolvencyVerifier verifier,
      PublisherPolicy publishers,
      OutageLog outages,
      JournalBudget budget) {
    this.store = store;
    this.verifier = verifier;
    this.publishers = publishers;
    this.policy = store.policy();
    this.outages = outages;
    this.budget = budget;
  }

  RoundUpdate publish(SignedRound signed) {
    RiskRound round = signed.round();
    if (!round.venue().equals(store.venue())) {
      return refused(
          RoundUpdate.Refusal.WRONG_VENUE,
          "round is for " + round.venue() + ", not " + store.venue());
    }
    if (!round.circuitId().equals(verifier.circuitId())) {
      return refused(
          RoundUpdate.Refusal.WRONG_CIRCUIT,
          "round is for circuit " + round.circuitId() + ", not " + verifier.circuitId());
    }
    PublisherPolicy.SignatureReport signatures = publishers.check(signed);
    if (!signatures.accepted()) {
      return refused(RoundUpdate.Refusal.NOT_SIGNED, signatures.toString());
    }
    Optional<PreparedRound> usable = Optional.empty();
    String outOfBounds = "";
    try {
      usable = Optional.of(prepare(round));
    } catch (InvalidFormatException e) {
      outOfBounds = e.getMessage();
    }
    // Entered even if unusable, so far as to see whether its number is taken.
    Optional<String> unusable = usable.isPresent() ? Optional.empty() : Optional.of(outOfBounds);
    JournalBudget.Entry entry = budget.entry();
    RoundUpdate update =
        store.decide(
            transaction -> {
              long last = transaction.venue().highestSequence();
              if (isTooMuch(transaction, round)
                  && !entry.records(Unrecorded.ROUND_CONFLICT, "", "", last)) {
                return conflict(transaction, signed);
              }
              boolean known = isKnown(transaction, round);
              RoundUpdate entered = enter(transaction, signed, unusable);
              boolean refused = entered instanceof RoundUpdate.Refused;
              if (!known && !(refused && !entry.records(Unrecorded.ROUND, "", "", last))) {
                transaction.append(
                    new Decision.RoundDecided(transaction.nowMillis(), signed, outcome(entered)));
              }
              return entered;
            });
    if (update instanceof RoundUpdate.Published published) {
      ready(usable.orElseThrow(), published.round());
    }
    return update;
  }

  /** By what has changed since the last round, where there is one: most values stay. */
  private PreparedRound prepare(RiskRound round) throws InvalidFormatException {
    Optional<PreparedRound> last =
        prepared.values().stream().max(Comparator.comparingLong(each -> each.round().sequence()));
    return last.isPresent() ? verifier.prepareNext(last.get(), round) : verifier.prepare(round);
  }

  /** Whether the gate has decided on this very round before, in a way that still stands. */
  private static boolean isKnown(Transaction transaction, RiskRound round) {
    Optional<PublishedRound> known = transaction.round(round.sequence());
    return known.isPresent()
        && (known.get().digest().equals(round.digest())
            || transaction.evidence().stream().anyMatch(kept -> isAbout(kept, round)));
  }

  /** Whether a round is one more of those that have stopped the venue already. */
  private boolean isTooMuch(Transaction transaction, RiskRound round) {
    VenueRecord record = transaction.venue();
    Optional<PublishedRound> known = transaction.round(round.sequence());
    return known.isPresent()
        && !known.get().digest().equals(round.digest())
        && known.get().disputed()
        && stopped(record, round, transaction.nowMillis()).equals(record)
        && !isKnown(transaction, round);
  }

  private VenueRecord stopped(VenueRecord record, RiskRound round, long now) {
    VenueRecord stopped =
        round.sequence() == record.highestSequence() ? record.withoutFreshRound(now) : record;
    return stopped.withBreakerOpen(now, policy.maximumSuspensionMillis());
  }

  private static RoundUpdate.Conflict conflict(Transaction transaction, SignedRound signed) {
    return new RoundUpdate.Conflict(
        new Evidence.TwoRounds(
            transaction.round(signed.round().sequence()).orElseThrow(),
            signed,
            transaction.nowMillis()));
  }

  private static boolean isAbout(Evidence kept, RiskRound second) {
    return kept instanceof Evidence.TwoRounds two
        && two.second().round().digest().equals(second.digest());
  }

  private static String outcome(RoundUpdate update) {
    if (update instanceof RoundUpdate.Refused refused) {
      return "refused: " + refused.reason();
    }
    if (update instanceof RoundUpdate.Published published) {
      return published.deviation().isPresent()
          ? Decision.RoundDecided.PUBLISHED_DEVIATING
          : Decision.RoundDecided.PUBLISHED;
    }
    return "conflict";
  }

  private RoundUpdate enter(
      Transaction transaction, SignedRound signed, Optional<String> unusable) {
    RiskRound round = signed.round();
    long now = transaction.nowMillis();
    VenueRecord record = transaction.venue();
    Optional<PublishedRound> known = transaction.round(round.sequence());
    if (known.isPresent() && !known.get().digest().equals(round.digest())) {
      for (Evidence kept : transaction.evidence()) {
        if (isAbout(kept, round)) {
          return new RoundUpdate.Conflict((Evidence.TwoRounds) kept);
        }
      }
      Evidence.TwoRounds evidence = new Evidence.TwoRounds(known.get(), signed, now);
      transaction.append(evidence);
      if (!known.get().disputed()) {
        transaction.append(known.get().asDisputed());
      }
      outages.put(transaction, stopped(record, round, now));
      return new RoundUpdate.Conflict(evidence);
    }
    if (unusable.isPresent()) {
      return refused(RoundUpdate.Refusal.OUT_OF_BOUNDS, unusable.get());
    }
    if (known.isPresent()) {
      return new RoundUpdate.Published(known.get(), Optional.empty());
    }
    if (round.asOfMillis() > now + policy.clockSkewMillis()) {
      return refused(
          RoundUpdate.Refusal.FUTURE,
          "round is of "
              + round.asOfMillis()
              + ", it is "
              + now
              + ", skew "
              + policy.clockSkewMillis());
    }
    if (round.sequence() <= record.highestSequence()
        || round.asOfMillis() < record.highestAsOfMillis()) {
      return refused(
          RoundUpdate.Refusal.OUT_OF_ORDER,
          "round "
              + round.sequence()
              + " of "
              + round.asOfMillis()
              + " comes after round "
              + record.highestSequence()
              + " of "
              + record.highestAsOfMillis());
    }
    PublishedRound entry =
        new PublishedRound(
            round.sequence(), round.digest(), round.asOfMillis(), now, signed.signatures(), false);
    Optional<String> deviation = deviation(transaction, record, round);
    VenueRecord changed = record.withRound(entry, policy.maximumRoundAgeMillis(), now);
    if (deviation.isPresent()) {
      changed = changed.withBreakerOpen(now, policy.maximumSuspensionMillis());
    }
    transaction.append(entry);
    outages.put(transaction, changed);
    return new RoundUpdate.Published(entry, deviation);
  }

  private Optional<String> deviation(Transaction transaction, VenueRecord record, RiskRound round) {
    return policy
        .roundDeviation()
        .flatMap(
            most ->
                transaction
                    .signedRound(record.highestSequence())
                    .flatMap(before -> most.exceededBy(before.round(), round)));
  }

  private static RoundUpdate refused(RoundUpdate.Refusal reason, String detail) {
    return new RoundUpdate.Refused(reason, detail);
  }

  synchronized void ready(PreparedRound round, PublishedRound entry) {
    Map<Long, PreparedRound> changed = new TreeMap<>(prepared);
    long oldest = entry.publishedAtMillis() - policy.maximumRoundAgeMillis();
    changed.values().removeIf(old -> old.round().asOfMillis() < oldest);
    changed.put(entry.sequence(), round);
    prepared = Map.copyOf(changed);
  }

  /** The round that the log names, prepared here before or now. */
  Optional<PreparedRound> prepared(long sequence, Optional<PublishedRound> logged) {
    if (logged.isEmpty()) {
      return Optional.empty();
    }
    PreparedRound known = prepared.get(sequence);
    if (known != null && known.round().digest().equals(logged.get().digest())) {
      return Optional.of(known);
    }
    Optional<SignedRound> kept = store.read(view -> view.signedRound(sequence));
    if (kept.isEmpty() || !kept.get().round().digest().equals(logged.get().digest())) {
      return Optional.empty();
    }
    try {
      PreparedRound again = verifier.prepare(kept.get().round());
      ready(again, logged.get());
      return Optional.of(again);
    } catch (InvalidFormatException e) {
      throw new IllegalStateException("a published round is not in bounds: " + e.getMessage(), e);
    }
  }
}
