package io.plimsoll.prover;

import io.plimsoll.verifier.AccountState;
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

  /**
   * Takes over the arrays.
   *
   * @param holdings in public-vector order
   * @param blinding 32 bytes, big-endian
   */
  OpenedAccount(AccountState state, long[] holdings, byte[] blinding) {
    this.state = state;
    this.holdings = holdings;
    this.blinding = blinding;
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

  /** Names no holding. */
  @Override
  public String toString() {
    return "OpenedAccount[" + state + ", openings redacted]";
  }
}
