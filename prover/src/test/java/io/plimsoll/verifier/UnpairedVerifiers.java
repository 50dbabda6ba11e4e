package io.plimsoll.verifier;

import java.util.Optional;

/** Verifiers without a pairing, for tests of what stands around them. */
public final class UnpairedVerifiers {
  private UnpairedVerifiers() {}

  /** Prepares rounds of a circuit, checks their intervals, and accepts every proof. */
  public static SolvencyVerifier accepting(Digest circuitId, StatementLayout layout) {
    return SolvencyVerifier.withCheck(
        circuitId,
        layout,
        coefficients -> null,
        (round, commitments, context, n, d, proof) -> Optional.empty());
  }
}
