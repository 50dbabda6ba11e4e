package io.plimsoll.verifier;

import java.util.List;

/**
 * A risk round with the signatures that came with it. That they are enough is for {@link
 * PublisherPolicy#check} to say. Immutable and thread-safe.
 *
 * @param round what is signed
 * @param signatures at most {@value #MAX_SIGNATURES}
 */
public record SignedRound(RiskRound round, List<RoundSignature> signatures) {
  /** Most signatures that are looked at. */
  public static final int MAX_SIGNATURES = PublisherPolicy.MAX_PUBLISHERS;

  /**
   * @throws IllegalArgumentException if there are too many signatures
   */
  public SignedRound {
    signatures = List.copyOf(signatures);
    if (signatures.size() > MAX_SIGNATURES) {
      throw new IllegalArgumentException(
          signatures.size() + " round signatures, more than " + MAX_SIGNATURES);
    }
  }
}
