package io.plimsoll.gate;

import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Ed25519PublicKey;

/** A change of the attesters that must be present. */
public sealed interface RosterChange {
  /**
   * One more attester; the account cannot be judged until it has attested.
   *
   * @param attester its key
   */
  record Join(Ed25519PublicKey attester) implements RosterChange {}

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
