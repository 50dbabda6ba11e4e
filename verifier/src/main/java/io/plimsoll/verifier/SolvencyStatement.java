package io.plimsoll.verifier;

import io.plimsoll.verifier.bn254.Pool;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * "Valued on this round, the holdings behind these attestations meet the margin rule at this
 * threshold", formed from a venue's own state. A proof is valid for exactly one statement: the
 * context names every field of it. Immutable and thread-safe.
 */
public final class SolvencyStatement implements Statement {
  /** Length of the context in bytes. */
  public static final int CONTEXT_BYTES = 16;

  private static final String CONTEXT_TAG = "plimsoll/context/v1";

  private static final Pool<CanonicalWriter> WRITERS =
      new Pool<>(() -> new CanonicalWriter(CONTEXT_TAG));

  private final AccountState account;
  private final PreparedRound round;
  private final Threshold threshold;
  private final Purpose purpose;
  private final Digest attestationSetDigest;
  private final long earliestNotAfterMillis;

  private SolvencyStatement(
      AccountState account,
      PreparedRound round,
      Threshold threshold,
      Purpose purpose,
      long earliestNotAfterMillis) {
    this.account = account;
    this.round = round;
    this.threshold = threshold;
    this.purpose = purpose;
    this.attestationSetDigest = account.attestationSetDigest();
    this.earliestNotAfterMillis = earliestNotAfterMillis;
  }

  /**
   * Forms the statement, or says why there is none: it takes exactly one attestation of each
   * rostered attester, unexpired, under the round's listing, and as many as the circuit's widths
   * allow at most. A missing attestation never counts as zero.
   *
   * @param atMillis the time at which the attestations must not have expired, milliseconds since
   *     the epoch; an attestation has expired at its <em>not after</em>
   */
  public static Statement form(
      AccountState account,
      PreparedRound round,
      Threshold threshold,
      Purpose purpose,
      long atMillis) {
    Objects.requireNonNull(threshold);
    Objects.requireNonNull(purpose);
    RiskRound risk = round.round();
    if (!account.circuitId().equals(risk.circuitId())) {
      return new Rejected(
          RejectionReason.WRONG_CIRCUIT,
          "account is under circuit " + account.circuitId() + ", round " + risk.circuitId());
    }
    if (!account.venue().equals(risk.venue())) {
      return new Rejected(
          RejectionReason.WRONG_VENUE,
          "account is at venue " + account.venue() + ", round at " + risk.venue());
    }
    List<Ed25519PublicKey> attesters = account.roster().attesters();
    if (attesters.isEmpty()) {
      return new Rejected(RejectionReason.EMPTY_ROSTER, "no attester is on the roster");
    }
    if (attesters.size() > round.maxAttesters()) {
      return new Rejected(
          RejectionReason.TOO_MANY_ATTESTATIONS,
          attesters.size() + " attesters, the circuit allows " + round.maxAttesters());
    }
    long earliest = Long.MAX_VALUE;
    for (Ed25519PublicKey attester : attesters) {
      Optional<Attestation> attestation = account.attestation(attester);
      if (attestation.isEmpty()) {
        return new Rejected(
            RejectionReason.MISSING_ATTESTATION, "attester " + attester + " has not attested");
      }
      AttestationBody body = attestation.get().body();
      if (body.notAfterMillis() <= atMillis) {
        return new Rejected(
            RejectionReason.EXPIRED_ATTESTATION,
            "attestation of "
                + attester
                + " is good before "
                + body.notAfterMillis()
                + ", needed at "
                + atMillis);
      }
      if (!body.listingDigest().equals(risk.listingDigest())) {
        return new Rejected(
            RejectionReason.WRONG_LISTING,
            "attestation of "
                + attester
                + " is under listing "
                + body.listingDigest()
                + ", round under "
                + risk.listingDigest());
      }
      earliest = Math.min(earliest, body.notAfterMillis());
    }
    return new SolvencyStatement(account, round, threshold, purpose, earliest);
  }

  /** The account as it was when the statement was formed. */
  public AccountState account() {
    return account;
  }

  /** The round. */
  public PreparedRound round() {
    return round;
  }

  /** The threshold. */
  public Threshold threshold() {
    return threshold;
  }

  /** The purpose. */
  public Purpose purpose() {
    return purpose;
  }

  /** Digest of the attestations that are added up. */
  public Digest attestationSetDigest() {
    return attestationSetDigest;
  }

  /** When the first of the attestations expires, milliseconds since the epoch. */
  public long earliestNotAfterMillis() {
    return earliestNotAfterMillis;
  }

  /** The commitments that are added up, by attester key. */
  public List<Commitment> commitments() {
    Collection<Attestation> attestations = account.current();
    Commitment[] commitments = new Commitment[attestations.size()];
    int next = 0;
    for (Attestation attestation : attestations) {
      commitments[next++] = attestation.body().commitment();
    }
    return List.of(commitments);
  }

  /** The public input {@code context}: {@value #CONTEXT_BYTES} bytes, a big-endian integer. */
  public byte[] context() {
    Digest digest =
        context(
            account.circuitId(),
            account.venue(),
            account.account(),
            account.version(),
            account.roster().version(),
            attestationSetDigest,
            round.round().digest(),
            round.round().sequence(),
            threshold,
            purpose);
    return digest.first(CONTEXT_BYTES);
  }

  static Digest context(
      Digest circuitId,
      String venue,
      String account,
      long accountVersion,
      long rosterVersion,
      Digest attestationSetDigest,
      Digest roundDigest,
      long roundSequence,
      Threshold threshold,
      Purpose purpose) {
    CanonicalWriter writer = WRITERS.take();
    Digest digest =
        writer
            .restart(CONTEXT_TAG)
            .digest(circuitId)
            .text(venue)
            .text(account)
            .u64(accountVersion)
            .u64(rosterVersion)
            .digest(attestationSetDigest)
            .digest(roundDigest)
            .u64(roundSequence)
            .u64(threshold.numerator())
            .u64(threshold.denominator())
            .u8(purpose.code())
            .digest();
    WRITERS.give(writer);
    return digest;
  }

  /** Account, round, threshold and purpose. */
  @Override
  public String toString() {
    return "SolvencyStatement["
        + account
        + ", "
        + round.round()
        + ", "
        + threshold
        + " "
        + purpose
        + "]";
  }
}
