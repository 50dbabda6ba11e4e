package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.bn254.Slow.P1;
import io.plimsoll.verifier.bn254.Slow.P2;
import io.plimsoll.verifier.vector.LaneRoots;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LaneRootsTest {
  private static final Roots ROOTS = new LaneRoots();
  private static final int PROOF_BYTES = 2 * G1.COMPRESSED_BYTES + G2.COMPRESSED_BYTES;

  private final Random random = new Random(9);

  private static byte[] proof(G1 a, G2 b, G1 krs) {
    byte[] proof = Arrays.copyOf(a.encodeCompressed(), PROOF_BYTES);
    System.arraycopy(b.encodeCompressed(), 0, proof, 32, 64);
    System.arraycopy(krs.encodeCompressed(), 0, proof, 96, 32);
    return proof;
  }

  private static ProposedRoots proposed(byte[][] proofs) {
    return new ProposedRoots(ROOTS, proofs, 0, 96, 32);
  }

  @Test
  void everyPointIsDecodedAsWithoutProposals() throws Exception {
    for (int n : new int[] {1, 7, 8, 19}) {
      byte[][] proofs = new byte[n][];
      for (int i = 0; i < n; i++) {
        proofs[i] =
            proof(
                Slow.g1(P1.random(random)),
                Slow.g2(P2.randomOnCurve(random)),
                Slow.g1(P1.random(random)));
      }
      ProposedRoots proposed = proposed(proofs);
      for (int i = 0; i < n; i++) {
        assertEquals(G1.decodeCompressed(proofs[i], 0), proposed.a(i));
        assertEquals(G2.decodeCompressed(proofs[i], 32), proposed.b(i));
        assertEquals(G1.decodeCompressed(proofs[i], 96), proposed.krs(i));
      }
    }
  }

  @Test
  void whatIsProposedIsARootAndNotOnlyOverruled() {
    int n = 16;
    long[] x1 = new long[n * MillerLoops.LIMBS];
    long[] x2 = new long[n * Roots.PAIR_LONGS];
    P1[] p = new P1[n];
    P2[] q = new P2[n];
    for (int i = 0; i < n; i++) {
      p[i] = P1.random(random);
      q[i] = P2.randomOnCurve(random);
      write(Slow.fp(p[i].x()), x1, i * MillerLoops.LIMBS);
      write(Slow.fp(q[i].x().re()), x2, i * Roots.PAIR_LONGS);
      write(Slow.fp(q[i].x().im()), x2, i * Roots.PAIR_LONGS + MillerLoops.LIMBS);
    }
    long[] y1 = new long[x1.length];
    long[] y2 = new long[x2.length];
    ROOTS.ofCurve(x1, n, y1);
    ROOTS.ofTwist(x2, n, y2);
    for (int i = 0; i < n; i++) {
      Fp y = new Fp();
      y.read(y1, i * MillerLoops.LIMBS);
      assertEquals(p[i].y().multiply(p[i].y()).mod(Slow.P), Slow.big(y).pow(2).mod(Slow.P));
      Fp2 yy = new Fp2();
      yy.re.read(y2, i * Roots.PAIR_LONGS);
      yy.im.read(y2, i * Roots.PAIR_LONGS + MillerLoops.LIMBS);
      Slow.F2 square = Slow.big(yy).times(Slow.big(yy));
      Slow.F2 expected = q[i].y().times(q[i].y());
      assertTrue(square.equals(expected) || square.negate().equals(expected));
    }
  }

  private static void write(Fp value, long[] limbs, int offset) {
    value.canonical();
    value.write(limbs, offset);
  }

  @Test
  void whatIsNoPointIsRefusedForTheSameReason() throws Exception {
    byte[] good =
        proof(Slow.g1(P1.random(random)), Slow.g2(P2.random(random)), Slow.g1(P1.random(random)));
    for (int i = 0; i < 300; i++) {
      byte[] bad = good.clone();
      bad[random.nextInt(PROOF_BYTES)] ^= (byte) (1 << random.nextInt(8));
      if (i % 10 == 0) {
        Arrays.fill(bad, 0, 32, (byte) 0xbf);
      }
      ProposedRoots proposed = proposed(new byte[][] {good, bad});
      assertSame(() -> G1.decodeCompressed(bad, 0), () -> proposed.a(1));
      assertSame(() -> G2.decodeCompressed(bad, 32), () -> proposed.b(1));
      assertSame(() -> G1.decodeCompressed(bad, 96), () -> proposed.krs(1));
    }
  }

  private interface Decoding {
    Object run() throws InvalidPointException;
  }

  private static void assertSame(Decoding expected, Decoding actual) throws InvalidPointException {
    Object point;
    try {
      point = expected.run();
    } catch (InvalidPointException e) {
      assertEquals(e.fault(), assertThrows(InvalidPointException.class, actual::run).fault());
      return;
    }
    assertEquals(point, actual.run());
  }
}
