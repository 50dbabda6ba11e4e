package io.plimsoll.verifier;

import java.util.List;
import java.util.Optional;

/**
 * A circuit's verifying key: what commitments are made with and proofs are checked with. Immutable
 * and thread-safe.
 */
public final class VerifyingKey {
  private VerifyingKey() {}

  /**
   * Reads a {@code verifying.key} file ({@code docs/formats.md}) and makes every check of key
   * loading.
   *
   * @throws InvalidFormatException if anything about it is not as it must be
   */
  public static VerifyingKey read(byte[] file) throws InvalidFormatException {
    return RoundPoint.pending();
  }

  /** Digest of model, layout, constraint system, verifying key and setup; everything names it. */
  public Digest circuitId() {
    return RoundPoint.pending();
  }

  /** {@code development}, or {@code ceremony:} and the digest of the transcript in hex. */
  public String setup() {
    return RoundPoint.pending();
  }

  /** Whether whoever made this key could forge proofs with it. */
  public boolean isDevelopment() {
    return RoundPoint.pending();
  }

  /** Digest of the margin model. */
  public Digest modelDigest() {
    return RoundPoint.pending();
  }

  /** Digest of the constraint system file. */
  public Digest constraintSystemDigest() {
    return RoundPoint.pending();
  }

  /** Counts and intervals of what the statement is about. */
  public StatementLayout layout() {
    return RoundPoint.pending();
  }

  /**
   * Commits to one attester's holdings.
   *
   * @param holdings one for each holding of the layout
   * @param blinding 32 bytes, big-endian, uniform in 1 to r - 1 and never used twice
   * @throws InvalidFormatException if a holding is outside its interval (names index, value and
   *     interval), their number is wrong, or the blinding is zero or not below r
   */
  public Commitment commit(long[] holdings, byte[] blinding) throws InvalidFormatException {
    return RoundPoint.pending();
  }

  /**
   * Computes the part of a statement that a round fixes. Takes milliseconds; do it once per round.
   *
   * @param coefficients one for each coefficient of the layout
   * @throws InvalidFormatException if one is outside its interval or their number is wrong
   */
  RoundPoint roundPoint(long[] coefficients) throws InvalidFormatException {
    return RoundPoint.pending();
  }

  /**
   * Checks a proof.
   *
   * @param round of this key
   * @param commitments one per rostered attester, at least one
   * @param context 16 bytes, big-endian
   * @param n the threshold's numerator, 0 to 2^32 - 1
   * @param d the threshold's denominator, 1 to 2^32 - 1
   * @param proof from outside; anything at all
   * @return empty if the proof is valid, or else why not
   * @throws IllegalArgumentException if anything but the proof is not as said above
   */
  Optional<RejectionReason> check(
      RoundPoint round,
      List<Commitment> commitments,
      byte[] context,
      long n,
      long d,
      byte[] proof) {
    return RoundPoint.pending();
  }
}
