package io.plimsoll.verifier;

import io.plimsoll.verifier.bn254.G1;
import io.plimsoll.verifier.bn254.Slow;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes scope proofs from the logarithms of a trapdoor key's points: for honest attesters, and for
 * those that know an opening over other points than those of their scope.
 */
public final class ScopeProofs {
  private final TrapdoorKey trapdoor;
  private final int firstHolding;
  private final int holdings;

  /** What the attester puts on each point K, by index. */
  private final BigInteger[] weights;

  /** An attester that knows an opening. */
  public ScopeProofs(TrapdoorKey trapdoor, StatementLayout layout, long[] values, BigInteger v) {
    this.trapdoor = trapdoor;
    this.firstHolding = 4 + layout.coefficientCount();
    this.holdings = layout.holdingCount();
    this.weights = new BigInteger[5 + layout.coefficientCount() + holdings];
    java.util.Arrays.fill(weights, BigInteger.ZERO);
    for (int i = 0; i < values.length; i++) {
      weights[firstHolding + i] = BigInteger.valueOf(values[i]);
    }
    weights[weights.length - 1] = v;
  }

  /** An attester of {@link Fixtures#layout}. */
  ScopeProofs(TrapdoorKey trapdoor, long holding, BigInteger v) {
    this(trapdoor, Fixtures.layout(), new long[] {holding}, v);
  }

  /** The point that the weights make. */
  public byte[] commitment() {
    return TrapdoorKey.g1(logarithm(allIndices(), List.of(weights))).encodeCompressed();
  }

  /** Adds to the weight of point K number {@code index}, which need not be a holding's. */
  public ScopeProofs plus(int index, BigInteger weight) {
    weights[index] = weights[index].add(weight);
    return this;
  }

  /** Signs a body with its scope proof. */
  public Attestation attest(TestKey attester, AttestationBody.Builder body) {
    try {
      AttestationBody mine = body.attester(attester.publicKey()).build();
      return attester.attest(body.scopeProof(prove(mine)));
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  /** The proof about the body's scope, from the weights on the scope and the blinding. */
  public byte[] prove(AttestationBody body) {
    List<Integer> indices = new ArrayList<>();
    for (ColumnRange range : body.scope()) {
      for (int column = range.from(); column < range.to(); column++) {
        indices.add(firstHolding + column);
      }
    }
    indices.add(weights.length - 1);
    return prove(body, indices);
  }

  /** A proof that pretends that these points are those of the scope and the blinding. */
  byte[] prove(AttestationBody body, List<Integer> indices) {
    List<BigInteger> nonces = indices.stream().map(i -> trapdoor.scalar()).toList();
    G1 announcement = TrapdoorKey.g1(logarithm(indices, nonces));
    byte[] t = announcement.encodeCompressed();
    BigInteger challenge = new BigInteger(1, ScopeProof.challenge(body, t));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(t);
    for (int i = 0; i < indices.size(); i++) {
      BigInteger weight = weights[indices.get(i)];
      out.writeBytes(TrapdoorKey.bytes(nonces.get(i).add(challenge.multiply(weight)).mod(Slow.R)));
    }
    return out.toByteArray();
  }

  private BigInteger logarithm(List<Integer> indices, List<BigInteger> scalars) {
    BigInteger sum = BigInteger.ZERO;
    for (int i = 0; i < indices.size(); i++) {
      sum = sum.add(trapdoor.k(indices.get(i)).multiply(scalars.get(i)));
    }
    return sum.mod(Slow.R);
  }

  private List<Integer> allIndices() {
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < weights.length; i++) {
      all.add(i);
    }
    return all;
  }
}
