package io.plimsoll.gate;

import io.plimsoll.verifier.Ed25519PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a gate knows that concerns all accounts. Immutable and thread-safe.
 *
 * @param version grows by one with every change; 0 before the first
 * @param highestSequence the number of the last round; -1 before the first
 * @param highestAsOfMillis the time of the last round
 * @param roundsFreshUntilMillis until when there is a round fresh enough to prove on, exclusive; 0
 *     before the first
 * @param outages times at which no account could be judged, as far as any account still needs them;
 *     one may still last
 * @param revokedAtMillis since when each revoked attester key is revoked
 */
public record VenueRecord(
    long version,
    long highestSequence,
    long highestAsOfMillis,
    long roundsFreshUntilMillis,
    List<Suspension> outages,
    Map<Ed25519PublicKey, Long> revokedAtMillis) {
  /** Before anything has happened. */
  public static final VenueRecord EMPTY = new VenueRecord(0, -1, 0, 0, List.of(), Map.of());

  /** Copies list and map. */
  public VenueRecord {
    outages = List.copyOf(outages);
    revokedAtMillis = Map.copyOf(revokedAtMillis);
  }

  VenueRecord withRound(PublishedRound round, long maximumAgeMillis, long now) {
    long freshUntil = round.asOfMillis() + maximumAgeMillis;
    List<Suspension> changed = new ArrayList<>(outages);
    if (freshUntil <= now) {
      // Too old to prove on: a gap in rounds, if there is one, goes on.
      freshUntil = roundsFreshUntilMillis;
    } else if (roundsFreshUntilMillis < now) {
      changed.add(new Suspension(SuspensionCause.ROUND_MISSING, roundsFreshUntilMillis, now));
    }
    return new VenueRecord(
        version,
        round.sequence(),
        round.asOfMillis(),
        Math.max(freshUntil, roundsFreshUntilMillis),
        changed,
        revokedAtMillis);
  }

  /**
   * With the breaker open from now on. One that is open already stays so, with its own start; but
   * one that has been open for as long as it may suspend anybody makes way: it must not hide the
   * next fault.
   */
  VenueRecord withBreakerOpen(long now, long maximumSuspensionMillis) {
    List<Suspension> changed = new ArrayList<>();
    for (Suspension outage : outages) {
      if (outage.lasts() && now - outage.fromMillis() < maximumSuspensionMillis) {
        return this;
      }
      changed.add(outage.lasts() ? outage.endedAt(now) : outage);
    }
    changed.add(Suspension.since(SuspensionCause.CIRCUIT_BREAKER, now));
    return withOutages(changed);
  }

  VenueRecord withBreakerClosed(long now) {
    List<Suspension> changed = new ArrayList<>();
    for (Suspension outage : outages) {
      changed.add(outage.lasts() ? outage.endedAt(now) : outage);
    }
    return withOutages(changed);
  }

  /** Without the outages that ended at {@code millis} or before. */
  VenueRecord withoutOutagesUntil(long millis) {
    return withOutages(
        outages.stream().filter(outage -> outage.lasts() || outage.toMillis() > millis).toList());
  }

  /** No round counts from now until the next one is published. */
  VenueRecord withoutFreshRound(long now) {
    return new VenueRecord(
        version,
        highestSequence,
        highestAsOfMillis,
        Math.min(roundsFreshUntilMillis, now),
        outages,
        revokedAtMillis);
  }

  VenueRecord withRevoked(Ed25519PublicKey attester, long now) {
    Map<Ed25519PublicKey, Long> changed = new TreeMap<>(revokedAtMillis);
    changed.putIfAbsent(attester, now);
    return new VenueRecord(
        version, highestSequence, highestAsOfMillis, roundsFreshUntilMillis, outages, changed);
  }

  /** The same as the next version, to be put. */
  VenueRecord next() {
    return new VenueRecord(
        version + 1,
        highestSequence,
        highestAsOfMillis,
        roundsFreshUntilMillis,
        outages,
        revokedAtMillis);
  }

  /** Whether the circuit breaker is open. */
  public boolean breakerIsOpen() {
    return outages.stream().anyMatch(Suspension::lasts);
  }

  private VenueRecord withOutages(List<Suspension> changed) {
    return new VenueRecord(
        version,
        highestSequence,
        highestAsOfMillis,
        roundsFreshUntilMillis,
        changed,
        revokedAtMillis);
  }
}
