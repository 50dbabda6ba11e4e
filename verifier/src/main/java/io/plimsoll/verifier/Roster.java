package io.plimsoll.verifier;

import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * The attesters whose current attestation must be in every statement about an account. Immutable
 * and thread-safe.
 *
 * @param version grows by one with every change, 0 or more
 * @param attesters distinct keys, sorted
 */
public record Roster(long version, List<Ed25519PublicKey> attesters) {
  /** Most attesters of an account. */
  public static final int MAX_ATTESTERS = StatementLayout.MAX_ATTESTERS;

  /**
   * @throws IllegalArgumentException if the version is negative, or there are too many attesters,
   *     or they are not sorted and distinct
   */
  public Roster {
    attesters = List.copyOf(attesters);
    if (version < 0) {
      throw new IllegalArgumentException("roster version is " + version + ", less than 0");
    }
    if (attesters.size() > MAX_ATTESTERS) {
      throw new IllegalArgumentException(
          attesters.size() + " attesters, more than " + MAX_ATTESTERS);
    }
    for (int i = 1; i < attesters.size(); i++) {
      if (attesters.get(i - 1).compareTo(attesters.get(i)) >= 0) {
        throw new IllegalArgumentException("attesters are not sorted and distinct");
      }
    }
  }

  /**
   * A roster from keys in any order.
   *
   * @throws InvalidFormatException if the version is negative, a key is listed twice, or there are
   *     more than {@value #MAX_ATTESTERS}
   */
  public static Roster of(long version, Collection<Ed25519PublicKey> attesters)
      throws InvalidFormatException {
    RiskRound.requireNotNegative("roster: version", version);
    TreeSet<Ed25519PublicKey> sorted = new TreeSet<>(attesters);
    if (sorted.size() != attesters.size()) {
      throw new InvalidFormatException("roster: an attester key is listed twice");
    }
    if (sorted.size() > MAX_ATTESTERS) {
      throw new InvalidFormatException(
          "roster: " + sorted.size() + " attesters, more than " + MAX_ATTESTERS);
    }
    return new Roster(version, List.copyOf(sorted));
  }

  /** Whether {@code attester} is on it. */
  public boolean contains(Ed25519PublicKey attester) {
    return attesters.contains(attester);
  }

  Roster with(Ed25519PublicKey attester) {
    TreeSet<Ed25519PublicKey> changed = new TreeSet<>(attesters);
    changed.add(attester);
    return new Roster(Math.addExact(version, 1), List.copyOf(changed));
  }

  Roster without(Ed25519PublicKey attester) {
    TreeSet<Ed25519PublicKey> changed = new TreeSet<>(attesters);
    changed.remove(attester);
    return new Roster(Math.addExact(version, 1), List.copyOf(changed));
  }
}
