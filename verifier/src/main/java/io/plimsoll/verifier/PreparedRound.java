package io.plimsoll.verifier;

/**
 * A risk round whose coefficients lie in their intervals, with the sum of points that they make
 * under one circuit's verifying key. Only {@link SolvencyVerifier#prepare} makes one. Immutable and
 * thread-safe.
 */
public final class PreparedRound {
  private final RiskRound round;
  private final RoundPoint point;
  private final int maxAttesters;

  PreparedRound(RiskRound round, RoundPoint point, int maxAttesters) {
    this.round = round;
    this.point = point;
    this.maxAttesters = maxAttesters;
  }

  /** The round. */
  public RiskRound round() {
    return round;
  }

  RoundPoint point() {
    return point;
  }

  int maxAttesters() {
    return maxAttesters;
  }

  @Override
  public String toString() {
    return "PreparedRound[" + round + "]";
  }
}
