package io.plimsoll.attester;

import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Everything that an attester knows of one account at a venue: one file. Immutable.
 *
 * @param id account and venue
 * @param pool the custody account
 * @param highestVersion the highest that was given out or seen at the venue; 0 before the first
 * @param held the versions that a venue may rely on, ascending
 * @param heads by circuit, the last attestation that the venue is known to have taken
 * @param outbox what is signed and not known to be taken; one at most
 * @param movements withdrawals and liquidations, oldest first
 * @param clockMillis the last time that was acted on: time does not go back
 */
record AccountRecord(
    PledgeId id,
    String pool,
    long highestVersion,
    List<HeldVersion> held,
    SortedMap<Digest, Attestation> heads,
    List<Pending> outbox,
    List<Movement> movements,
    long clockMillis) {
  /**
   * A signed attestation on its way to the venue.
   *
   * @param forced the minimum spacing does not apply to it
   * @param order the liquidation order that it was made under
   */
  record Pending(Attestation attestation, boolean forced, Optional<Digest> order) {}

  AccountRecord {
    held = List.copyOf(held);
    heads = new TreeMap<>(heads);
    outbox = List.copyOf(outbox);
    movements = List.copyOf(movements);
  }

  static AccountRecord first(PledgeId id, String pool) {
    return new AccountRecord(id, pool, 0, List.of(), new TreeMap<>(), List.of(), List.of(), 0);
  }

  /** The last attestation under a circuit: in the outbox, or else the head. */
  Optional<Attestation> last(Digest circuitId) {
    for (int i = outbox.size() - 1; i >= 0; i--) {
      if (outbox.get(i).attestation().body().circuitId().equals(circuitId)) {
        return Optional.of(outbox.get(i).attestation());
      }
    }
    return Optional.ofNullable(heads.get(circuitId));
  }

  /** The newest attestation of any circuit that was signed here. */
  Optional<HeldVersion> newest() {
    return held.isEmpty() ? Optional.empty() : Optional.of(held.get(held.size() - 1));
  }

  Optional<Movement> movement(String movementId) {
    return movements.stream().filter(each -> each.id().equals(movementId)).findFirst();
  }

  AccountRecord reserved(long version, long now) {
    return new AccountRecord(id, pool, version, held, heads, outbox, movements, later(now));
  }

  AccountRecord withHeld(List<HeldVersion> versions, long now) {
    return new AccountRecord(
        id, pool, highestVersion, versions, heads, outbox, movements, later(now));
  }

  /**
   * With an attestation to be delivered, in the place of one that was not taken: it follows what
   * the venue is known to have, or a version that never arrives would block all later ones. The
   * lock of the one that it replaces stays.
   */
  AccountRecord pending(Pending next, HeldVersion version, long now) {
    List<HeldVersion> more = new ArrayList<>(held);
    more.add(version);
    return new AccountRecord(
        id,
        pool,
        Math.max(highestVersion, version.version()),
        more,
        heads,
        List.of(next),
        movements,
        later(now));
  }

  /**
   * The venue has taken an attestation; what does not follow it can no longer be taken. If that was
   * what an order has left, it has to be attested under the order again.
   */
  AccountRecord taken(Attestation attestation) {
    Set<Digest> lost =
        outbox.stream()
            .filter(each -> !each.attestation().digest().equals(attestation.digest()))
            .filter(each -> !follows(each, attestation))
            .flatMap(each -> each.order().stream())
            .collect(Collectors.toSet());
    SortedMap<Digest, Attestation> further = new TreeMap<>(heads);
    further.put(attestation.body().circuitId(), attestation);
    return new AccountRecord(
        id,
        pool,
        Math.max(highestVersion, attestation.body().version()),
        held,
        further,
        outbox.stream().filter(each -> follows(each, attestation)).toList(),
        movements.stream()
            .map(
                each ->
                    each.order().isPresent() && lost.contains(each.order().get().message().digest())
                        ? each.toAttestAgain()
                        : each)
            .toList(),
        clockMillis);
  }

  private static boolean follows(Pending pending, Attestation attestation) {
    return pending.attestation().body().previousDigest().equals(attestation.digest());
  }

  /** Nothing more is delivered: what is in the outbox can no longer be taken. */
  AccountRecord withoutOutbox() {
    return new AccountRecord(
        id, pool, highestVersion, held, heads, List.of(), movements, clockMillis);
  }

  /** Without a movement that need not be remembered. */
  AccountRecord without(Movement movement) {
    List<Movement> rest = new ArrayList<>(movements);
    rest.remove(movement);
    return new AccountRecord(id, pool, highestVersion, held, heads, outbox, rest, clockMillis);
  }

  AccountRecord with(Movement movement, long now) {
    List<Movement> more = new ArrayList<>(movements);
    more.removeIf(each -> each.id().equals(movement.id()));
    more.add(movement);
    return new AccountRecord(id, pool, highestVersion, held, heads, outbox, more, later(now));
  }

  AccountRecord withMovements(UnaryOperator<Movement> change) {
    return new AccountRecord(
        id,
        pool,
        highestVersion,
        held,
        heads,
        outbox,
        movements.stream().map(change).toList(),
        clockMillis);
  }

  private long later(long now) {
    return Math.max(clockMillis, now);
  }

  /** Account and venue alone. */
  @Override
  public String toString() {
    return "AccountRecord[" + id + "]";
  }
}
