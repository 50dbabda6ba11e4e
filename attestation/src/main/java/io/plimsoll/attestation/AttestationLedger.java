package io.plimsoll.attestation;

import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What one attester has said, per venue and account: the highest version that it gave out and its
 * last attestation. A version is durable before its commitment exists, and no version is given out
 * twice, also across crashes; a crash in between leaves a gap in the versions, which is harmless.
 *
 * <p>A ledger belongs to one attester key. Implementations are thread-safe; {@link Attester} holds
 * its ledger's monitor from {@link #reserve} to {@link #record}.
 */
public interface AttestationLedger {
  /**
   * What the next attestation must carry.
   *
   * @param version 1 or more, never given out before
   * @param previousDigest of the last attestation; {@link Digest#ZERO} if there is none
   */
  record Reservation(long version, Digest previousDigest) {}

  /**
   * Gives out the next version, which is durable when this returns.
   *
   * @throws IOException if it could not be made durable; the version is then not to be used
   * @throws InvalidFormatException if the stored entry is damaged
   */
  Reservation reserve(String venue, String account) throws IOException, InvalidFormatException;

  /**
   * Keeps the account's new last attestation, durably. After restoring an old backup, give it the
   * venue's current attestation: versions then go on from there.
   *
   * @throws IOException if it could not be made durable
   * @throws InvalidFormatException if its version is not above the last attestation's, it is
   *     another attester's, or the stored entry is damaged
   */
  void record(Attestation attestation) throws IOException, InvalidFormatException;

  /** The last attestation, to be sent again if it may not have arrived. */
  Optional<Attestation> latest(String venue, String account)
      throws IOException, InvalidFormatException;

  /** A ledger that forgets everything when the process ends: for tests and demonstrations. */
  static AttestationLedger inMemory() {
    return new MemoryAttestationLedger();
  }

  /**
   * A ledger in a directory of its own, created if missing: one file per account, replaced
   * atomically. The directory is locked against other processes until the ledger is closed.
   *
   * @throws IOException if the directory cannot be used or another process has it
   */
  static FileAttestationLedger inDirectory(Path directory) throws IOException {
    return FileAttestationLedger.open(directory);
  }
}
