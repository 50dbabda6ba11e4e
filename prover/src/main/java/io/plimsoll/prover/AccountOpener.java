package io.plimsoll.prover;

import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.InvalidFormatException;

/** Opens what attesters sealed to the owner. Thread-safe. */
@FunctionalInterface
interface AccountOpener {
  /**
   * Opens every attestation of an account, checks each against its commitment, and adds up.
   *
   * @throws InvalidFormatException if one does not open, or does not open its commitment; it names
   *     the attester and no holding
   */
  OpenedAccount open(AccountState state) throws InvalidFormatException;
}
