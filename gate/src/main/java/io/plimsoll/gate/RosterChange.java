package io.plimsoll.gate;

import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Ed25519PublicKey;

/** A change of the attesters that must be present. */
public sealed interface RosterChange {
  /**
   * One more attester; no proof is taken until it has attested. The owner's wish is the owner's
   * risk: until a proof has counted an attester that the owner has asked for, nothing that becomes
   * of that attester suspends the account beyond the time at which the last proof stops counting.
   *
   * @param attester its key
   * @param byVenue whether the venue demands it, and not the owner
   */
  record Join(Ed25519PublicKey attester, boolean byVenue) implements RosterChange {
    /** As the owner asks for it. */
    public Join(Ed25519PublicKey attester) {
      this(attester, /* byVenue= */ false);
    }
  }

  /**
   * An attester leaves, on its own word only.
   *
   * @param closing its closing attestation
   */
  record Leave(Attestation closing) implements RosterChange {}

  /**
   * Another key in the place of a revoked one, which cannot close.
   *
   * @param revoked a key that the gate knows to be revoked
   * @param successor its successor
   */
  record Replace(Ed25519PublicKey revoked, Ed25519PublicKey successor) implements RosterChange {}
}
