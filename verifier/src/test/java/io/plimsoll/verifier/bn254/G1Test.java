package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.bn254.InvalidPointException.Fault;
import io.plimsoll.verifier.bn254.Slow.P1;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bouncycastle.math.ec.ECCurve;
import org.bouncycastle.math.ec.ECPoint;
import org.junit.jupiter.api.Test;

/** G1 against BouncyCastle's curve arithmetic. */
class G1Test {
  private static final ECCurve CURVE =
      new ECCurve.Fp(Slow.P, BigInteger.ZERO, BigInteger.valueOf(3), Slow.R, BigInteger.ONE);
  private static final ECPoint GENERATOR = CURVE.createPoint(BigInteger.ONE, BigInteger.TWO);

  private final Random random = new Random(5);

  private ECPoint randomPoint() {
    return GENERATOR.multiply(new BigInteger(300, random).mod(Slow.R)).normalize();
  }

  private static G1 ours(ECPoint point) {
    ECPoint p = point.normalize();
    return p.isInfinity()
        ? G1.INFINITY
        : Slow.g1(new P1(p.getAffineXCoord().toBigInteger(), p.getAffineYCoord().toBigInteger()));
  }

  private static byte[] scalar(BigInteger k) {
    return Slow.bytes(k);
  }

  @Test
  void sumsAgreeInEveryCase() {
    ECPoint infinity = CURVE.getInfinity();
    for (int i = 0; i < 50; i++) {
      ECPoint p = randomPoint();
      ECPoint q = randomPoint();
      for (ECPoint[] pair :
          new ECPoint[][] {
            {p, q}, {p, p}, {p, p.negate()}, {p, infinity}, {infinity, q}, {infinity, infinity}
          }) {
        G1 expected = ours(pair[0].add(pair[1]));
        assertEquals(expected, ours(pair[0]).plus(ours(pair[1])));
        // Sum and sum, neither of them affine.
        G1Sum left = new G1Sum();
        left.add(ours(q));
        left.add(ours(pair[0]));
        left.subtract(ours(q));
        G1Sum right = new G1Sum();
        right.add(ours(p.twice().add(q)));
        right.twice();
        right.add(ours(pair[1]));
        right.subtract(ours(p.multiply(BigInteger.valueOf(4)).add(q.twice())));
        left.add(right);
        assertEquals(expected, left.toPoint());
        assertEquals(expected.isInfinity(), left.isInfinity());
      }
      G1Sum sum = new G1Sum();
      sum.twice();
      assertTrue(sum.isInfinity());
      sum.add(ours(p));
      sum.twice();
      assertEquals(ours(p.twice()), sum.toPoint());
      sum.clear();
      assertSame(G1.INFINITY, sum.toPoint());
      sum.subtract(ours(p));
      assertEquals(ours(p.negate()), sum.toPoint());
      assertEquals(ours(p.negate()), ours(p).negate());
    }
    assertSame(G1.INFINITY, G1.INFINITY.negate());
  }

  @Test
  void negativesAreTidy() {
    for (int i = 0; i < 40; i++) {
      G1 point = ours(randomPoint());
      FpTest.assertTidy(point.negate().y);
      FpTest.assertTidy(point.negate().negate().y);
    }
  }

  @Test
  void manySumsBecomePointsTogether() {
    List<ECPoint> expected = new ArrayList<>();
    List<G1Sum> sums = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      ECPoint p = i % 5 == 0 ? CURVE.getInfinity() : randomPoint();
      expected.add(p.twice());
      G1Sum sum = new G1Sum();
      sum.add(ours(p));
      sum.twice();
      sums.add(sum);
    }
    G1[] points = G1Sum.toPoints(sums.toArray(G1Sum[]::new));
    for (int i = 0; i < points.length; i++) {
      assertEquals(ours(expected.get(i)), points[i]);
    }
  }

  @Test
  void multiplesAgree() {
    List<BigInteger> scalars =
        new ArrayList<>(
            List.of(
                BigInteger.ZERO,
                BigInteger.ONE,
                BigInteger.TWO,
                BigInteger.valueOf(15),
                BigInteger.valueOf(16),
                Slow.R.subtract(BigInteger.ONE),
                Slow.R,
                Slow.R.add(BigInteger.ONE),
                BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE)));
    for (int i = 0; i < 10; i++) {
      scalars.add(new BigInteger(256, random));
    }
    ECPoint p = randomPoint();
    List<G1Table> tables = List.of(new G1Table(ours(p), 32, 4), new G1Table(ours(p), 32, 8));
    ECPoint start = randomPoint();
    for (BigInteger k : scalars) {
      G1 expected = ours(start.add(p.multiply(k)));
      G1Sum sum = new G1Sum();
      sum.add(ours(start));
      G1Msm.addMultiple(sum, ours(p), scalar(k));
      assertEquals(expected, sum.toPoint());
      for (G1Table table : tables) {
        sum.clear();
        sum.add(ours(start));
        table.addMultiple(sum, scalar(k));
        assertEquals(expected, sum.toPoint());
        if (k.bitLength() < Long.SIZE) {
          sum.clear();
          sum.add(ours(start));
          table.addMultiple(sum, k.longValueExact());
          assertEquals(expected, sum.toPoint());
        }
      }
    }
    assertThrows(
        IllegalArgumentException.class, () -> tables.get(0).addMultiple(new G1Sum(), new byte[31]));
    assertThrows(IllegalArgumentException.class, () -> new G1Table(ours(p), 32, 5));
  }

  @Test
  void sumsOfProductsAgreeForAnySizeAndAnySignedScalars() {
    for (int n : new int[] {0, 1, 2, 3, 7, 8, 33, 100, 700}) {
      G1[] points = new G1[n + 3];
      ECPoint[] theirs = new ECPoint[n + 3];
      for (int i = 0; i < points.length; i++) {
        // Equal, opposite and infinite points meet in buckets.
        theirs[i] =
            switch (i % 11) {
              case 3 -> theirs[i - 1];
              case 4 -> theirs[i - 1].negate();
              case 5 -> CURVE.getInfinity();
              default -> i < 30 ? randomPoint() : theirs[i - 17].twice();
            };
        points[i] = ours(theirs[i]);
      }
      for (int kind = 0; kind < 4; kind++) {
        long[] scalars = new long[n];
        for (int i = 0; i < n; i++) {
          scalars[i] =
              switch (kind) {
                case 0 -> random.nextLong();
                case 1 -> random.nextInt(5) - 2;
                case 2 ->
                    switch (i % 6) {
                      case 0 -> Long.MIN_VALUE;
                      case 1 -> Long.MAX_VALUE;
                      case 2 -> Long.MIN_VALUE + 1;
                      case 3 -> -1;
                      case 4 -> 0;
                      default -> 1L << random.nextInt(63);
                    };
                default -> 0;
              };
        }
        ECPoint expected = theirs[0];
        for (int i = 0; i < n; i++) {
          expected = expected.add(theirs[i + 2].multiply(BigInteger.valueOf(scalars[i])));
        }
        G1Sum sum = new G1Sum();
        sum.add(points[0]);
        G1Msm.addProducts(sum, points, 2, scalars);
        assertEquals(ours(expected), sum.toPoint(), n + " points, kind " + kind);
      }
    }
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> G1Msm.addProducts(new G1Sum(), new G1[2], 1, new long[2]));
  }

  @Test
  void pointsAreWrittenAndReadBackInBothForms() throws Exception {
    boolean[] seen = new boolean[2];
    for (int i = 0; i < 40; i++) {
      ECPoint p = randomPoint();
      G1 point = ours(p);
      BigInteger x = p.getAffineXCoord().toBigInteger();
      BigInteger y = p.getAffineYCoord().toBigInteger();
      boolean larger = y.compareTo(Slow.P.shiftRight(1)) > 0;
      seen[larger ? 1 : 0] = true;
      byte[] compressed = Slow.bytes(x);
      compressed[0] |= (byte) (larger ? 0xc0 : 0x80);
      assertArrayEquals(compressed, point.encodeCompressed());
      byte[] uncompressed = Arrays.copyOf(Slow.bytes(x), 64);
      System.arraycopy(Slow.bytes(y), 0, uncompressed, 32, 32);
      assertArrayEquals(uncompressed, point.encodeUncompressed());
      byte[] padded = new byte[100];
      System.arraycopy(compressed, 0, padded, 7, 32);
      assertEquals(point, G1.decodeCompressed(padded, 7));
      System.arraycopy(uncompressed, 0, padded, 7, 64);
      G1 read = G1.decodeUncompressed(padded, 7);
      assertEquals(point, read);
      assertEquals(point.hashCode(), read.hashCode());
      compressed[0] ^= 0x40;
      assertEquals(point.negate(), G1.decodeCompressed(compressed, 0));
      assertNotEquals(point, point.negate());
      assertNotEquals(point, G1.INFINITY);
    }
    assertTrue(seen[0] && seen[1]);
    assertThrows(IllegalStateException.class, G1.INFINITY::encodeCompressed);
    assertThrows(IllegalStateException.class, G1.INFINITY::encodeUncompressed);
  }

  private static void assertCompressed(Fault expected, byte[] in) {
    assertEquals(
        expected,
        assertThrows(InvalidPointException.class, () -> G1.decodeCompressed(in, 0)).fault());
  }

  private static void assertUncompressed(Fault expected, byte[] in) {
    assertEquals(
        expected,
        assertThrows(InvalidPointException.class, () -> G1.decodeUncompressed(in, 0)).fault());
  }

  @Test
  void everyOtherCompressedFormIsRefused() {
    byte[] good = ours(randomPoint()).encodeCompressed();
    byte[] bad = good.clone();
    bad[0] &= 0x3f;
    assertCompressed(Fault.NOT_CANONICAL, bad);
    bad[0] |= 0x40;
    assertCompressed(Fault.NOT_CANONICAL, bad);
    byte[] infinity = new byte[32];
    assertCompressed(Fault.NOT_CANONICAL, infinity);
    infinity[0] = 0x40;
    assertCompressed(Fault.INFINITY, infinity);
    infinity[31] = 1;
    assertCompressed(Fault.NOT_CANONICAL, infinity);
    for (byte flags : new byte[] {(byte) 0x80, (byte) 0xc0}) {
      for (BigInteger x :
          new BigInteger[] {
            Slow.P,
            Slow.P.add(BigInteger.ONE),
            BigInteger.ONE.shiftLeft(254).subtract(BigInteger.ONE)
          }) {
        byte[] large = Slow.bytes(x);
        large[0] |= flags;
        assertCompressed(Fault.NOT_CANONICAL, large);
      }
      // 0 + 3 is no square, and neither is that of 4.
      for (int x : new int[] {0, 4}) {
        BigInteger right = BigInteger.valueOf((long) x * x * x + 3);
        assertTrue(Slow.sqrt(right) == null);
        byte[] off = Slow.bytes(BigInteger.valueOf(x));
        off[0] |= flags;
        assertCompressed(Fault.NOT_ON_CURVE, off);
      }
    }
  }

  @Test
  void everyOtherUncompressedFormIsRefused() {
    ECPoint p = randomPoint();
    byte[] good = ours(p).encodeUncompressed();
    for (int flags : new int[] {0x80, 0xc0, 0x40}) {
      byte[] bad = good.clone();
      bad[0] |= (byte) flags;
      assertUncompressed(Fault.NOT_CANONICAL, bad);
    }
    byte[] infinity = new byte[64];
    assertUncompressed(Fault.NOT_ON_CURVE, infinity);
    infinity[0] = 0x40;
    assertUncompressed(Fault.INFINITY, infinity);
    for (int i = 0; i < 64; i++) {
      byte[] bad = good.clone();
      bad[i] ^= 1;
      assertUncompressed(Fault.NOT_ON_CURVE, bad);
    }
    // The same point with p added to a coordinate.
    BigInteger x = p.getAffineXCoord().toBigInteger();
    BigInteger y = p.getAffineYCoord().toBigInteger();
    for (BigInteger[] pair : new BigInteger[][] {{x.add(Slow.P), y}, {x, y.add(Slow.P)}}) {
      byte[] bad = Arrays.copyOf(Slow.bytes(pair[0]), 64);
      System.arraycopy(Slow.bytes(pair[1]), 0, bad, 32, 32);
      if ((bad[0] & 0xc0) == 0) {
        assertUncompressed(Fault.NOT_CANONICAL, bad);
      }
    }
  }
}
