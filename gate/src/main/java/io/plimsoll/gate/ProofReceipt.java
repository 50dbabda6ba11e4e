package io.plimsoll.gate;

import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.RejectionReason;
import java.util.Optional;

/**
 * What the venue says it received and made of it. Every submission gets one. It names the record of
 * the journal that holds the decision, so the venue can neither deny the submission nor cut the
 * journal off before it. Immutable and thread-safe.
 *
 * @param venue the venue
 * @param account the account as submitted
 * @param circuitId the circuit
 * @param accountVersion the account's version when the proof was received; 0 if there is no such
 *     account
 * @param roundSequence the round as submitted
 * @param proofDigest SHA-256 of the bytes as submitted
 * @param receivedAtMillis when it was received, before verification
 * @param decidedAtMillis when it was decided
 * @param rejection why it does not count; empty if it was accepted
 * @param solventUntilMillis until when it counts, exclusive; 0 if it was rejected
 * @param journalIndex the record that holds the decision; 0 if there is none, which only a
 *     rejection can have
 * @param journalDigest digest of that record; {@link Digest#ZERO} if there is none
 */
public record ProofReceipt(
    String venue,
    String account,
    Digest circuitId,
    long accountVersion,
    long roundSequence,
    Digest proofDigest,
    long receivedAtMillis,
    long decidedAtMillis,
    Optional<RejectionReason> rejection,
    long solventUntilMillis,
    long journalIndex,
    Digest journalDigest)
    implements VenueMessage {
  static final String TAG = "plimsoll/receipt/v1";
  private static final String WHAT = "receipt";

  /** Accepted has a record. */
  public ProofReceipt {
    if (rejection.isEmpty() && journalIndex == 0) {
      throw new IllegalArgumentException("an accepted proof without a record");
    }
    if (rejection.isPresent() && solventUntilMillis != 0) {
      throw new IllegalArgumentException("a rejected proof that counts");
    }
    if (journalIndex == 0 && !journalDigest.equals(Digest.ZERO)) {
      throw new IllegalArgumentException("a digest of no record");
    }
  }

  /** The receipt that a record makes; empty if it is about something else than a proof. */
  static Optional<ProofReceipt> of(String venue, Digest circuitId, JournalRecord record) {
    return record.decision() instanceof Decision.ProofJudged judged
        ? Optional.of(
            new ProofReceipt(
                venue,
                judged.account(),
                circuitId,
                judged.accountVersion(),
                judged.roundSequence(),
                judged.proofDigest(),
                judged.receivedAtMillis(),
                judged.atMillis(),
                judged.rejection(),
                judged.solventUntilMillis(),
                record.index(),
                record.digest()))
        : Optional.empty();
  }

  /** Whether the proof was accepted. */
  public boolean accepted() {
    return rejection.isEmpty();
  }

  @Override
  public byte[] toByteArray() {
    return new FieldWriter(TAG)
        .text(venue)
        .text(account)
        .digest(circuitId)
        .u64(accountVersion)
        .i64(roundSequence)
        .digest(proofDigest)
        .u64(receivedAtMillis)
        .u64(decidedAtMillis)
        .name(rejection)
        .u64(solventUntilMillis)
        .u64(journalIndex)
        .digest(journalDigest)
        .toByteArray();
  }

  /**
   * Reads the canonical bytes.
   *
   * @throws InvalidFormatException if they are anything but what {@link #toByteArray} writes
   */
  public static ProofReceipt decode(byte[] bytes) throws InvalidFormatException {
    FieldReader in = new FieldReader(WHAT, bytes, TAG);
    try {
      ProofReceipt receipt =
          new ProofReceipt(
              in.text("venue"),
              in.text("account"),
              in.digest("circuit id"),
              in.u64("account version"),
              in.i64("round sequence"),
              in.digest("proof digest"),
              in.u64("received at"),
              in.u64("decided at"),
              in.optionalName("rejection", RejectionReason.class),
              in.u64("solvent until"),
              in.u64("journal index"),
              in.digest("journal digest"));
      in.end();
      return receipt;
    } catch (IllegalArgumentException e) {
      throw new InvalidFormatException(WHAT + ": " + e.getMessage());
    }
  }
}
