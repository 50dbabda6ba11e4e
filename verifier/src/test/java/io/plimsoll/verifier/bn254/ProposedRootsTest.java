package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.bn254.Slow.F2;
import io.plimsoll.verifier.bn254.Slow.P1;
import io.plimsoll.verifier.bn254.Slow.P2;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Proposals save time, and decide nothing: right or wrong, the same is read and refused. */
class ProposedRootsTest {
  private static final int B = G1.COMPRESSED_BYTES;
  private static final int KRS = B + G2.COMPRESSED_BYTES;

  private final Random random = new Random(31);

  /** Roots by the textbook, changed by somebody before they are proposed. */
  private static final class Changed implements Roots {
    private final UnaryOperator<BigInteger> onCurve;
    private final UnaryOperator<F2> onTwist;
    private final List<BigInteger> onCurveAsked = new ArrayList<>();
    private final List<F2> onTwistAsked = new ArrayList<>();

    Changed(UnaryOperator<BigInteger> onCurve, UnaryOperator<F2> onTwist) {
      this.onCurve = onCurve;
      this.onTwist = onTwist;
    }

    private static BigInteger read(long[] limbs, int offset) {
      Fp x = new Fp();
      x.read(limbs, offset);
      // Carried, in [0, p).
      for (int i = 0; i < MillerLoops.LIMBS; i++) {
        assertEquals(0, limbs[offset + i] >> Fp.LIMB_BITS);
      }
      BigInteger value = FpTest.limbs(x);
      assertTrue(value.signum() >= 0 && value.compareTo(Slow.P) < 0);
      return Slow.big(x);
    }

    @Override
    public void ofCurve(long[] x, int count, long[] y) {
      assertEquals(count * MillerLoops.LIMBS, x.length);
      for (int i = 0; i < count; i++) {
        BigInteger asked = read(x, i * MillerLoops.LIMBS);
        onCurveAsked.add(asked);
        BigInteger root = Slow.sqrt(asked.pow(3).add(BigInteger.valueOf(3)));
        if (root != null) {
          Slow.fp(onCurve.apply(root).mod(Slow.P)).write(y, i * MillerLoops.LIMBS);
        }
      }
    }

    @Override
    public void ofTwist(long[] x, int count, long[] y) {
      assertEquals(count * Roots.PAIR_LONGS, x.length);
      for (int i = 0; i < count; i++) {
        int at = i * Roots.PAIR_LONGS;
        F2 at2 = new F2(read(x, at), read(x, at + MillerLoops.LIMBS));
        onTwistAsked.add(at2);
        F2 root = at2.times(at2).times(at2).plus(P2.B).sqrt();
        if (root != null) {
          F2 changed = onTwist.apply(root);
          Slow.fp(changed.re()).write(y, at);
          Slow.fp(changed.im()).write(y, at + MillerLoops.LIMBS);
        }
      }
    }
  }

  private byte[] proof() {
    byte[] proof = new byte[KRS + G1.COMPRESSED_BYTES];
    put(proof, 0, Slow.g1(P1.random(random)).encodeCompressed());
    put(proof, B, Slow.g2(P2.randomOnCurve(random)).encodeCompressed());
    put(proof, KRS, Slow.g1(P1.random(random)).encodeCompressed());
    return proof;
  }

  private static void put(byte[] proof, int at, byte[] part) {
    System.arraycopy(part, 0, proof, at, part.length);
  }

  /** Good ones, and each of the ways for a point to be none, in each place. */
  private byte[][] proofs() {
    List<byte[]> proofs = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      proofs.add(proof());
    }
    for (int at : new int[] {0, B, KRS}) {
      byte[] noFlags = proof();
      noFlags[at] &= 0x3f;
      byte[] infinity = proof();
      put(infinity, at, new byte[at == B ? G2.COMPRESSED_BYTES : G1.COMPRESSED_BYTES]);
      infinity[at] = 0x40;
      byte[] notBelowP = proof();
      put(notBelowP, at, Slow.bytes(Slow.P));
      notBelowP[at] |= (byte) 0x80;
      proofs.addAll(List.of(noFlags, infinity, notBelowP));
      for (int i = 1; i < 6; i++) {
        byte[] other = proof();
        other[at + 31] = (byte) (other[at + 31] + i);
        proofs.add(other);
      }
    }
    return proofs.toArray(byte[][]::new);
  }

  private interface Reading<T> {
    T read() throws InvalidPointException;
  }

  private static Object outcome(Reading<?> reading) {
    try {
      return reading.read();
    } catch (InvalidPointException e) {
      return e.fault();
    }
  }

  private void assertSameAsWithout(Changed roots) {
    byte[][] proofs = proofs();
    ProposedRoots proposed = new ProposedRoots(roots, proofs, 0, KRS, B);
    for (int i = 0; i < proofs.length; i++) {
      int which = i;
      assertEquals(
          outcome(() -> G1.decodeCompressed(proofs[which], 0)), outcome(() -> proposed.a(which)));
      assertEquals(
          outcome(() -> G2.decodeCompressed(proofs[which], B)), outcome(() -> proposed.b(which)));
      assertEquals(
          outcome(() -> G1.decodeCompressed(proofs[which], KRS)),
          outcome(() -> proposed.krs(which)));
    }
    // Every number that is one was asked for, at its place.
    assertEquals(2 * proofs.length, roots.onCurveAsked.size());
    assertEquals(proofs.length, roots.onTwistAsked.size());
    for (int i = 0; i < proofs.length; i++) {
      assertAsked(roots.onCurveAsked.get(2 * i), number(proofs[i], 0, true));
      assertAsked(roots.onCurveAsked.get(2 * i + 1), number(proofs[i], KRS, true));
      BigInteger im = number(proofs[i], B, true);
      if (im.compareTo(Slow.P) < 0) {
        assertEquals(new F2(number(proofs[i], B + 32, false), im), roots.onTwistAsked.get(i));
      }
    }
  }

  private static void assertAsked(BigInteger asked, BigInteger number) {
    assertEquals(number.compareTo(Slow.P) < 0 ? number : BigInteger.ZERO, asked);
  }

  private static BigInteger number(byte[] proof, int at, boolean flags) {
    byte[] in = Arrays.copyOfRange(proof, at, at + 32);
    if (flags) {
      in[0] &= 0x3f;
    }
    return new BigInteger(1, in);
  }

  @Test
  void rightProposalsOfEitherSignAreTaken() {
    assertSameAsWithout(new Changed(y -> y, y -> y));
    assertSameAsWithout(new Changed(BigInteger::negate, F2::negate));
  }

  /** On the twist a proposal may be the root's product with i. */
  @Test
  void productsWithTheImaginaryUnitAreTakenOnTheTwist() {
    F2 unit = F2.of(0, 1);
    assertSameAsWithout(new Changed(y -> y, y -> y.times(unit)));
    assertSameAsWithout(new Changed(y -> y, y -> y.times(unit).negate()));
  }

  @Test
  void wrongProposalsChangeNothing() {
    assertSameAsWithout(new Changed(y -> BigInteger.ZERO, y -> F2.ZERO));
    assertSameAsWithout(new Changed(y -> y.add(BigInteger.ONE), y -> y.plus(F2.ONE)));
    assertSameAsWithout(new Changed(y -> y.shiftLeft(1), F2::conjugate));
  }

  /** A product overflows with such limbs, and what is no root squares to the same. */
  @Test
  void proposalsWithLimbsThatAreNotCarriedAreNotTaken() {
    for (long[] limb : new long[][] {{0, Long.MIN_VALUE}, {4, 1L << 62}, {2, 1L << 54}}) {
      Changed right = new Changed(y -> y, y -> y);
      Roots overflowing =
          new Roots() {
            @Override
            public void ofCurve(long[] x, int count, long[] y) {
              right.ofCurve(x, count, y);
              overflow(y);
            }

            @Override
            public void ofTwist(long[] x, int count, long[] y) {
              right.ofTwist(x, count, y);
              overflow(y);
            }

            private void overflow(long[] y) {
              for (int i = (int) limb[0]; i < y.length; i += MillerLoops.LIMBS) {
                y[i] += limb[1];
              }
            }
          };
      byte[][] proofs = {proof(), proof()};
      ProposedRoots proposed = new ProposedRoots(overflowing, proofs, 0, KRS, B);
      for (int i = 0; i < proofs.length; i++) {
        int which = i;
        assertEquals(
            outcome(() -> G1.decodeCompressed(proofs[which], 0)), outcome(() -> proposed.a(which)));
        assertEquals(
            outcome(() -> G2.decodeCompressed(proofs[which], B)), outcome(() -> proposed.b(which)));
      }
    }
  }
}
