package io.plimsoll.gate;

import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.Roster;
import java.util.List;
import java.util.Optional;

/**
 * A committed claim: what is liquidated, by whom, and what it is based on. The attesters that it
 * names liquidate the positions that they hold, up to the fraction of each and before {@code
 * notAfterMillis}, and then say what is left ({@link Execution}). Immutable and thread-safe.
 *
 * @param venue the venue
 * @param account the account
 * @param circuitId the account's circuit
 * @param gateVersion the version of the gate's record that the claim made; names the order among
 *     all of the account's
 * @param accountVersion the account's version that is acted on
 * @param rosterVersion the roster's version
 * @param attestationSetDigest the account's attestations
 * @param attesters the roster, ascending: who is to execute it
 * @param roundSequence the venue's last round when it was claimed; -1 if there was none
 * @param lastProofDigest the last proof that was accepted before, if any ever was
 * @param lastRoundSequence the round that it was about
 * @param claimant who claimed
 * @param fraction how much of each position, at most
 * @param claimedAtMillis when
 * @param notAfterMillis until when it may be executed, exclusive
 */
public record LiquidationOrder(
    String venue,
    String account,
    Digest circuitId,
    long gateVersion,
    long accountVersion,
    long rosterVersion,
    Digest attestationSetDigest,
    List<Ed25519PublicKey> attesters,
    long roundSequence,
    Optional<Digest> lastProofDigest,
    Optional<Long> lastRoundSequence,
    String claimant,
    Fraction fraction,
    long claimedAtMillis,
    long notAfterMillis)
    implements VenueMessage {
  static final String TAG = "plimsoll/liquidation-order/v1";
  private static final String WHAT = "liquidation order";

  /** Copies the list; the last proof has a digest and a round, or neither. */
  public LiquidationOrder {
    attesters = List.copyOf(attesters);
    if (lastProofDigest.isPresent() != lastRoundSequence.isPresent()) {
      throw new IllegalArgumentException("last proof has a digest or a round, not both");
    }
    if (notAfterMillis < claimedAtMillis) {
      throw new IllegalArgumentException(
          "not after is " + notAfterMillis + ", before claimed at, " + claimedAtMillis);
    }
  }

  @Override
  public byte[] toByteArray() {
    FieldWriter out =
        new FieldWriter(TAG)
            .text(venue)
            .text(account)
            .digest(circuitId)
            .u64(gateVersion)
            .u64(accountVersion)
            .u64(rosterVersion)
            .digest(attestationSetDigest)
            .keys(attesters)
            .i64(roundSequence)
            .flag(lastProofDigest.isPresent());
    lastProofDigest.ifPresent(out::digest);
    lastRoundSequence.ifPresent(out::u64);
    return out.text(claimant)
        .fraction(fraction)
        .u64(claimedAtMillis)
        .u64(notAfterMillis)
        .toByteArray();
  }

  /**
   * Reads the canonical bytes.
   *
   * @throws InvalidFormatException if they are anything but what {@link #toByteArray} writes
   */
  public static LiquidationOrder decode(byte[] bytes) throws InvalidFormatException {
    FieldReader in = new FieldReader(WHAT, bytes, TAG);
    String venue = in.text("venue");
    String account = in.text("account");
    Digest circuitId = in.digest("circuit id");
    long gateVersion = in.u64("gate version");
    long accountVersion = in.u64("account version");
    long rosterVersion = in.u64("roster version");
    Digest set = in.digest("attestation set digest");
    List<Ed25519PublicKey> attesters = in.keys("attesters", Roster.MAX_ATTESTERS);
    long round = in.i64("round");
    boolean proven = in.flag("whether there is a last proof");
    Optional<Digest> lastProof =
        proven ? Optional.of(in.digest("last proof digest")) : Optional.empty();
    Optional<Long> lastRound =
        proven ? Optional.of(in.u64("last round sequence")) : Optional.empty();
    try {
      LiquidationOrder order =
          new LiquidationOrder(
              venue,
              account,
              circuitId,
              gateVersion,
              accountVersion,
              rosterVersion,
              set,
              attesters,
              round,
              lastProof,
              lastRound,
              in.text("claimant"),
              in.fraction(),
              in.u64("claimed at"),
              in.u64("not after"));
      in.end();
      return order;
    } catch (IllegalArgumentException e) {
      throw new InvalidFormatException(WHAT + ": " + e.getMessage());
    }
  }
}
