package io.plimsoll.verifier.bn254;

/**
 * Decodes compressed points of many proofs, with {@link Roots} to propose their y. What is decoded,
 * and what is refused and why, is the same without.
 */
public final class ProposedRoots {
  private static final int PROOF_G1 = 2;

  private final byte[][] proofs;
  private final int[] at;
  private final long[] g1;
  private final long[] g2;

  /**
   * Computes the proposals.
   *
   * @param roots computes them
   * @param proofs each of A, B, Krs
   * @param g1First offset of A
   * @param g1Second offset of Krs
   * @param g2Only offset of B
   */
  ProposedRoots(Roots roots, byte[][] proofs, int g1First, int g1Second, int g2Only) {
    this.proofs = proofs;
    at = new int[] {g1First, g1Second, g2Only};
    int limbs = MillerLoops.LIMBS;
    long[] x1 = new long[proofs.length * PROOF_G1 * limbs];
    long[] x2 = new long[proofs.length * Roots.PAIR_LONGS];
    Fp x = new Fp();
    Fp2 xx = new Fp2();
    for (int i = 0; i < proofs.length; i++) {
      for (int j = 0; j < PROOF_G1; j++) {
        if (x.decode(proofs[i], at[j], Flags.MASK)) {
          x.canonical();
          x.write(x1, (PROOF_G1 * i + j) * limbs);
        }
      }
      if (xx.decode(proofs[i], g2Only, Flags.MASK)) {
        xx.re.canonical();
        xx.im.canonical();
        xx.re.write(x2, i * Roots.PAIR_LONGS);
        xx.im.write(x2, i * Roots.PAIR_LONGS + limbs);
      }
    }
    g1 = new long[x1.length];
    g2 = new long[x2.length];
    roots.ofCurve(x1, proofs.length * PROOF_G1, g1);
    roots.ofTwist(x2, proofs.length, g2);
  }

  /** A of a proof. */
  public G1 a(int proof) throws InvalidPointException {
    return g1(proof, 0);
  }

  /** Krs of a proof. */
  public G1 krs(int proof) throws InvalidPointException {
    return g1(proof, 1);
  }

  private G1 g1(int proof, int which) throws InvalidPointException {
    Fp y = new Fp();
    y.read(g1, (PROOF_G1 * proof + which) * MillerLoops.LIMBS);
    return G1.decodeCompressed(proofs[proof], at[which], y.isReduced() ? y : null);
  }

  /** B of a proof. */
  public G2 b(int proof) throws InvalidPointException {
    Fp2 y = new Fp2();
    y.re.read(g2, proof * Roots.PAIR_LONGS);
    y.im.read(g2, proof * Roots.PAIR_LONGS + MillerLoops.LIMBS);
    boolean usable = y.re.isReduced() && y.im.isReduced();
    return G2.decodeCompressed(proofs[proof], at[PROOF_G1], usable ? y : null);
  }
}
