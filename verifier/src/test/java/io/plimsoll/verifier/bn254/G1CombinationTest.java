package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bouncycastle.math.ec.ECCurve;
import org.bouncycastle.math.ec.ECPoint;
import org.junit.jupiter.api.Test;

/** Sums with long scalars against BouncyCastle's curve arithmetic. */
class G1CombinationTest {
  private static final ECCurve CURVE =
      new ECCurve.Fp(Slow.P, BigInteger.ZERO, BigInteger.valueOf(3), Slow.R, BigInteger.ONE);
  private static final ECPoint GENERATOR = CURVE.createPoint(BigInteger.ONE, BigInteger.TWO);

  private final Random random = new Random(8);

  private static byte[] bytes(BigInteger value) {
    byte[] out = new byte[32];
    byte[] all = value.toByteArray();
    int length = Math.min(all.length, 32);
    System.arraycopy(all, all.length - length, out, 32 - length, length);
    return out;
  }

  private static G1 convert(ECPoint point) {
    ECPoint affine = point.normalize();
    byte[] in = new byte[64];
    System.arraycopy(bytes(affine.getAffineXCoord().toBigInteger()), 0, in, 0, 32);
    System.arraycopy(bytes(affine.getAffineYCoord().toBigInteger()), 0, in, 32, 32);
    try {
      return G1.decodeUncompressed(in, 0);
    } catch (InvalidPointException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertSum(List<ECPoint> points, List<BigInteger> scalars) {
    ECPoint expected = CURVE.getInfinity();
    G1Combination sum = new G1Combination();
    for (int i = 0; i < points.size(); i++) {
      expected = expected.add(points.get(i).multiply(scalars.get(i)));
      sum.add(convert(points.get(i)), scalars.get(i).toByteArray());
    }
    G1 actual = sum.toPoint();
    assertEquals(expected.isInfinity(), actual.isInfinity());
    if (!expected.isInfinity()) {
      assertArrayEquals(convert(expected).encodeUncompressed(), actual.encodeUncompressed());
    }
  }

  @Test
  void sumsOfEverySizeAgree() {
    for (int size : new int[] {0, 1, 2, 3, 7, 16, 17, 33, 100, 300}) {
      for (int bits : new int[] {1, 8, 128, 254, 300}) {
        List<ECPoint> points = new ArrayList<>();
        List<BigInteger> scalars = new ArrayList<>();
        for (int i = 0; i < size; i++) {
          points.add(GENERATOR.multiply(new BigInteger(64, random).add(BigInteger.ONE)));
          scalars.add(new BigInteger(bits, random));
        }
        assertSum(points, scalars);
      }
    }
  }

  @Test
  void scalarsAtEveryCarryAgree() {
    for (int shift = 0; shift < 256; shift++) {
      BigInteger power = BigInteger.ONE.shiftLeft(shift);
      assertSum(List.of(GENERATOR), List.of(power));
      assertSum(List.of(GENERATOR), List.of(power.subtract(BigInteger.ONE)));
      assertSum(List.of(GENERATOR, GENERATOR), List.of(power, power.subtract(BigInteger.ONE)));
    }
    assertSum(List.of(GENERATOR), List.of(BigInteger.ZERO));
    assertSum(List.of(GENERATOR), List.of(Slow.R));
    assertSum(List.of(GENERATOR), List.of(Slow.R.add(BigInteger.ONE)));
  }

  @Test
  void pointsThatCancelOrRepeatAreHandled() {
    ECPoint negative = GENERATOR.negate();
    BigInteger k = new BigInteger(254, random);
    assertSum(List.of(GENERATOR, negative), List.of(k, k));
    assertSum(List.of(GENERATOR, GENERATOR, GENERATOR), List.of(k, k, k));
    assertSum(List.of(GENERATOR, negative, GENERATOR), List.of(k, k, BigInteger.ONE));
    G1Combination infinite = new G1Combination();
    infinite.add(G1.INFINITY, new byte[] {7});
    assertTrue(infinite.toPoint().isInfinity());
  }

  @Test
  void scalarsAreCopied() {
    G1Combination sum = new G1Combination();
    byte[] scalar = {3};
    sum.add(convert(GENERATOR), scalar);
    scalar[0] = 4;
    assertEquals(convert(GENERATOR.multiply(BigInteger.valueOf(3))), sum.toPoint());
  }

  /** The numbers of docs/security.md on batches: no coefficient is zero modulo r, none repeats. */
  @Test
  void coefficientsOf128BitsAreDifferentModuloR() {
    assertTrue(BigInteger.ONE.shiftLeft(128).compareTo(Slow.R) < 0);
    // A multiple of the cofactor's least factor is not: why batches do not test subgroups.
    BigInteger cofactor = Slow.P.shiftLeft(1).subtract(Slow.R);
    assertEquals(BigInteger.ZERO, cofactor.mod(BigInteger.valueOf(10069)));
    for (int factor = 2; factor < 10069; factor++) {
      assertTrue(cofactor.mod(BigInteger.valueOf(factor)).signum() != 0);
    }
  }
}
