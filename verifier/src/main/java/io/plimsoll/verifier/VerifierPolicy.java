package io.plimsoll.verifier;

import java.util.Set;

/**
 * Which verifying keys a verifier accepts. Keys from a ceremony always, as they are read with its
 * {@link CeremonyRecord} alone; a development key, whose maker can forge proofs, only when its
 * circuit is named here. Immutable and thread-safe.
 *
 * @param developmentCircuits ids of the circuits whose development keys are allowed
 */
public record VerifierPolicy(Set<Digest> developmentCircuits) {
  /** Copies the set. */
  public VerifierPolicy {
    developmentCircuits = Set.copyOf(developmentCircuits);
  }

  /** No development key at all. */
  public static VerifierPolicy production() {
    return new VerifierPolicy(Set.of());
  }

  /** Development keys of these circuits as well; for tests and demonstrations. */
  public static VerifierPolicy allowingDevelopment(Digest... circuitIds) {
    return new VerifierPolicy(Set.of(circuitIds));
  }

  /**
   * Refuses a key that the policy does not allow.
   *
   * @throws InvalidFormatException naming the circuit and the setup
   */
  public void requireAllowed(Digest circuitId, String setup, boolean development)
      throws InvalidFormatException {
    if (development && !developmentCircuits.contains(circuitId)) {
      throw new InvalidFormatException(
          "verifying key of circuit "
              + circuitId
              + " has setup '"
              + setup
              + "', and the policy allows no development key of that circuit");
    }
  }
}
