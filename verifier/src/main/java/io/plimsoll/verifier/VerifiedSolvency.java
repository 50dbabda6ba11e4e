package io.plimsoll.verifier;

/**
 * A statement that a valid proof was checked against. Holding one shows that the check ran: nothing
 * else makes an instance. Immutable and thread-safe.
 */
public final class VerifiedSolvency implements Verdict {
  private final SolvencyStatement statement;

  VerifiedSolvency(SolvencyStatement statement) {
    this.statement = statement;
  }

  /** The circuit. */
  public Digest circuitId() {
    return statement.account().circuitId();
  }

  /** The venue. */
  public String venue() {
    return statement.account().venue();
  }

  /** The account at the venue. */
  public String account() {
    return statement.account().account();
  }

  /** The account's version. */
  public long accountVersion() {
    return statement.account().version();
  }

  /** The roster's version. */
  public long rosterVersion() {
    return statement.account().roster().version();
  }

  /** Digest of the attestations that were added up. */
  public Digest attestationSetDigest() {
    return statement.attestationSetDigest();
  }

  /** When the first of the attestations expires, milliseconds since the epoch. */
  public long earliestNotAfterMillis() {
    return statement.earliestNotAfterMillis();
  }

  /** The round's number. */
  public long roundSequence() {
    return statement.round().round().sequence();
  }

  /** The round's digest. */
  public Digest roundDigest() {
    return statement.round().round().digest();
  }

  /** The round's time, milliseconds since the epoch. */
  public long roundAsOfMillis() {
    return statement.round().round().asOfMillis();
  }

  /** The threshold that is met. */
  public Threshold threshold() {
    return statement.threshold();
  }

  /** The purpose. */
  public Purpose purpose() {
    return statement.purpose();
  }

  @Override
  public String toString() {
    return "VerifiedSolvency[" + statement + "]";
  }
}
