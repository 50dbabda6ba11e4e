package io.plimsoll.verifier;

import io.plimsoll.verifier.bn254.G1;
import io.plimsoll.verifier.bn254.G1Combination;
import io.plimsoll.verifier.bn254.Scalars;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The equation of scope proofs, for one proof or for many at once. Many are one sum with random
 * coefficients rho, drawn after all proofs are fixed: if one of the equations does not hold, the
 * sum is infinity for at most one in 2^128 values of its rho. All points are of prime order, so
 * nothing hides in a cofactor. Only the check of a single proof makes a verdict against it.
 * Immutable and thread-safe.
 */
final class ScopeCheck {
  private static final int COEFFICIENT_BITS = 128;

  private final G1[] k;
  private final int firstHolding;
  private final SecureRandom random;

  /**
   * @param k the verifying key's points: those of the holdings from {@code firstHolding} on, and
   *     that of the blinding, the last
   */
  ScopeCheck(G1[] k, int firstHolding, SecureRandom random) {
    this.k = k;
    this.firstHolding = firstHolding;
    this.random = random;
  }

  private int holdingCount() {
    return k.length - 1 - firstHolding;
  }

  /** Why the body's scope is not proven, if it is not. */
  Optional<String> refusal(AttestationBody body) {
    Optional<String> unfit = unfit(body);
    if (unfit.isPresent()) {
      return unfit;
    }
    return holds(List.of(body), List.of(BigInteger.ONE))
        ? Optional.empty()
        : Optional.of("scope proof is not valid for the commitment");
  }

  /** Whether each body's scope is proven. */
  boolean[] areProven(List<AttestationBody> bodies) {
    boolean[] proven = new boolean[bodies.size()];
    List<Integer> candidates = new ArrayList<>();
    for (int i = 0; i < bodies.size(); i++) {
      if (unfit(bodies.get(i)).isEmpty()) {
        candidates.add(i);
      }
    }
    split(bodies, candidates, proven);
    return proven;
  }

  /** Checks the candidates together, and in halves if that fails. */
  private void split(List<AttestationBody> bodies, List<Integer> candidates, boolean[] proven) {
    if (candidates.isEmpty()) {
      return;
    }
    if (candidates.size() == 1) {
      int only = candidates.get(0);
      proven[only] = refusal(bodies.get(only)).isEmpty();
      return;
    }
    List<AttestationBody> together = new ArrayList<>();
    List<BigInteger> coefficients = new ArrayList<>();
    for (int candidate : candidates) {
      together.add(bodies.get(candidate));
      coefficients.add(coefficient());
    }
    if (holds(together, coefficients)) {
      candidates.forEach(candidate -> proven[candidate] = true);
      return;
    }
    int middle = candidates.size() / 2;
    split(bodies, candidates.subList(0, middle), proven);
    split(bodies, candidates.subList(middle, candidates.size()), proven);
  }

  /** Uniform in 1 to 2^128 - 1. */
  private BigInteger coefficient() {
    BigInteger coefficient;
    do {
      coefficient = new BigInteger(COEFFICIENT_BITS, random);
    } while (coefficient.signum() == 0);
    return coefficient;
  }

  private Optional<String> unfit(AttestationBody body) {
    if (body.scopeProof().isEmpty()) {
      return Optional.of("there is no scope proof");
    }
    int end = body.scope().get(body.scope().size() - 1).to();
    return end > holdingCount()
        ? Optional.of("scope ends at column " + end + ", the circuit has " + holdingCount())
        : Optional.empty();
  }

  /** Whether the sum of rho * (sum of z[i]*K[i] - T - c*C) over all bodies is infinity. */
  private boolean holds(List<AttestationBody> bodies, List<BigInteger> coefficients) {
    BigInteger[] scalars = new BigInteger[holdingCount() + 1];
    G1Combination sum = new G1Combination();
    for (int j = 0; j < bodies.size(); j++) {
      AttestationBody body = bodies.get(j);
      BigInteger rho = coefficients.get(j);
      ScopeProof proof = body.scopeProof().orElseThrow();
      int index = 0;
      for (ColumnRange range : body.scope()) {
        for (int column = range.from(); column < range.to(); column++) {
          addProduct(scalars, column, rho, proof.response(index++));
        }
      }
      addProduct(scalars, holdingCount(), rho, proof.response(index));
      BigInteger challenge =
          new BigInteger(1, ScopeProof.challenge(body, proof.announcementBytes()));
      // The negatives of the points keep these scalars as short as they are.
      sum.add(proof.announcement().negate(), rho.toByteArray());
      sum.add(body.commitment().point().negate(), rho.multiply(challenge).toByteArray());
    }
    for (int i = 0; i < scalars.length; i++) {
      if (scalars[i] != null) {
        sum.add(k[firstHolding + i], scalars[i].mod(Scalars.ORDER).toByteArray());
      }
    }
    return sum.toPoint().isInfinity();
  }

  private static void addProduct(BigInteger[] sums, int index, BigInteger x, BigInteger y) {
    BigInteger product = x.multiply(y);
    sums[index] = sums[index] == null ? product : sums[index].add(product);
  }
}
