package io.plimsoll.prover;

import io.plimsoll.attestation.Opening;
import io.plimsoll.attestation.OwnerWallet;
import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.NoFeasibleChoiceException;
import io.plimsoll.prover.RoundBook.Kept;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.Threshold;
import java.util.Arrays;

/**
 * An account whose attestations are opened: the owner's secrets, summed over the attesters. Closing
 * wipes them as soon as nothing works with them any more. Thread-safe.
 */
final class OpenedAccount implements AutoCloseable {
  private final AccountState state;
  private final long[] holdings;
  private final byte[] blinding;
  private int users;
  private boolean closed;

  private OpenedAccount(AccountState state, long[] holdings, byte[] blinding) {
    this.state = state;
    this.holdings = holdings;
    this.blinding = blinding;
  }

  /**
   * Opens every attestation of an account, checks each against its commitment, and adds up.
   *
   * @throws InvalidFormatException if one does not open, or not its commitment; it names the
   *     attester and no holding
   */
  static OpenedAccount open(OwnerWallet wallet, AccountState state) throws InvalidFormatException {
    try (Opening opening = wallet.openAccount(state)) {
      return new OpenedAccount(state, opening.holdings().toLongArray(), opening.blinding());
    }
  }

  AccountState state() {
    return state;
  }

  /** Keeps the secrets from being wiped until {@link #release}; false when it is closed already. */
  synchronized boolean retain() {
    if (closed) {
      return false;
    }
    users++;
    return true;
  }

  synchronized void release() {
    users--;
    wipeIfUnused();
  }

  @Override
  public synchronized void close() {
    closed = true;
    wipeIfUnused();
  }

  private void wipeIfUnused() {
    if (closed && users == 0) {
      Arrays.fill(holdings, 0);
      Arrays.fill(blinding, (byte) 0);
    }
  }

  /** Not a copy; only for who retains this. */
  long[] holdings() {
    return holdings;
  }

  /** Not a copy; only for who retains this. */
  byte[] blinding() {
    return blinding;
  }

  /**
   * Evaluates the margin rule exactly; only for who retains this.
   *
   * @throws RefusedException if no choice fulfils the model's constraints
   */
  MarginAssessment assess(MarginModel model, Kept round, Threshold threshold)
      throws RefusedException {
    try {
      return model.assess(
          round.coefficients(), holdings, threshold.numerator(), threshold.denominator());
    } catch (NoFeasibleChoiceException e) {
      // Its message names no value.
      throw new RefusedException(Refusal.NO_FEASIBLE_CHOICE, e.getMessage());
    }
  }

  /** Names no holding. */
  @Override
  public String toString() {
    return "OpenedAccount[" + state + ", openings redacted]";
  }
}
