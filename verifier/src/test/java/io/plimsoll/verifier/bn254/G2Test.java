package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.bn254.InvalidPointException.Fault;
import io.plimsoll.verifier.bn254.Slow.F2;
import io.plimsoll.verifier.bn254.Slow.P2;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

class G2Test {
  private final Random random = new Random(6);

  /** x and y, imaginary parts first. */
  private static byte[] uncompressed(P2 p) {
    byte[] out = new byte[128];
    BigInteger[] parts = {p.x().im(), p.x().re(), p.y().im(), p.y().re()};
    for (int i = 0; i < 4; i++) {
      System.arraycopy(Slow.bytes(parts[i]), 0, out, 32 * i, 32);
    }
    return out;
  }

  private static boolean isLarger(F2 y) {
    BigInteger decisive = y.im().signum() != 0 ? y.im() : y.re();
    return decisive.compareTo(Slow.P.shiftRight(1)) > 0;
  }

  @Test
  void generatorIsTheUsualOne() {
    assertEquals(P2.GENERATOR, Slow.big(G2.GENERATOR));
    assertTrue(P2.GENERATOR.isOnCurve());
  }

  @Test
  void pointsAreWrittenAndReadBackInBothForms() throws Exception {
    boolean[] seen = new boolean[2];
    for (int i = 0; i < 30; i++) {
      P2 p = P2.randomOnCurve(random);
      G2 point = Slow.g2(p);
      byte[] bytes = uncompressed(p);
      assertArrayEquals(bytes, point.encodeUncompressed());
      byte[] padded = new byte[140];
      System.arraycopy(bytes, 0, padded, 5, 128);
      G2 read = G2.decodeUncompressed(padded, 5);
      assertEquals(point, read);
      assertEquals(point.hashCode(), read.hashCode());
      boolean larger = isLarger(p.y());
      seen[larger ? 1 : 0] = true;
      byte[] compressed = new byte[70];
      System.arraycopy(bytes, 0, compressed, 3, 64);
      compressed[3] |= (byte) (larger ? 0xc0 : 0x80);
      assertArrayEquals(java.util.Arrays.copyOfRange(compressed, 3, 67), point.encodeCompressed());
      assertEquals(point, G2.decodeCompressed(compressed, 3));
      compressed[3] ^= 0x40;
      assertEquals(point.negate(), G2.decodeCompressed(compressed, 3));
      assertNotEquals(point, point.negate());
    }
    assertTrue(seen[0] && seen[1]);
  }

  @Test
  void negativesAreTidy() {
    for (int i = 0; i < 40; i++) {
      G2 point = Slow.g2(P2.random(random));
      FpTest.assertTidy(point.negate().y);
      FpTest.assertTidy(point.negate().negate().y);
    }
  }

  @Test
  void pointWithRealRootIsDecidedByItsRealPart() throws Exception {
    // Points with a real y: x^3 = y^2 - 3/xi for a cube.
    int found = 0;
    for (int i = 1; found < 2 && i < 200; i++) {
      F2 y = F2.of(i, 0);
      F2 cube = y.times(y).minus(P2.B);
      F2 x = cubeRoot(cube);
      if (x == null) {
        continue;
      }
      found++;
      for (F2 root : new F2[] {y, y.negate()}) {
        P2 p = new P2(x, root);
        assertTrue(p.isOnCurve());
        byte[] compressed = Slow.g2(p).encodeCompressed();
        assertEquals(isLarger(root), (compressed[0] & 0x40) != 0);
        assertEquals(p, Slow.big(G2.decodeCompressed(compressed, 0)));
      }
    }
    assertEquals(2, found);
  }

  /** A cube root for the few cubes where one power gives it, or null. */
  private F2 cubeRoot(F2 a) {
    BigInteger order = Slow.P.multiply(Slow.P).subtract(BigInteger.ONE);
    BigInteger three = BigInteger.valueOf(3);
    BigInteger q = order;
    BigInteger part = BigInteger.ONE;
    while (q.mod(three).signum() == 0) {
      q = q.divide(three);
      part = part.multiply(three);
    }
    // a^(1/3 mod q) is right up to a root of unity of order `part`.
    F2 root = a.power(three.modInverse(q));
    F2 unity = Slow.XI.power(q);
    for (BigInteger i = BigInteger.ZERO; i.compareTo(part) < 0; i = i.add(BigInteger.ONE)) {
      if (root.times(root).times(root).equals(a)) {
        return root;
      }
      root = root.times(unity);
    }
    return null;
  }

  private static void assertCompressed(Fault expected, byte[] in) {
    assertEquals(
        expected,
        assertThrows(InvalidPointException.class, () -> G2.decodeCompressed(in, 0)).fault());
  }

  private static void assertUncompressed(Fault expected, byte[] in) {
    assertEquals(
        expected,
        assertThrows(InvalidPointException.class, () -> G2.decodeUncompressed(in, 0)).fault());
  }

  @Test
  void everyOtherCompressedFormIsRefused() {
    byte[] good = G2.GENERATOR.encodeCompressed();
    byte[] bad = good.clone();
    bad[0] &= 0x3f;
    assertCompressed(Fault.NOT_CANONICAL, bad);
    bad[0] |= 0x40;
    assertCompressed(Fault.NOT_CANONICAL, bad);
    byte[] infinity = new byte[64];
    infinity[0] = 0x40;
    assertCompressed(Fault.INFINITY, infinity);
    infinity[63] = 1;
    assertCompressed(Fault.NOT_CANONICAL, infinity);
    for (int half = 0; half < 2; half++) {
      for (BigInteger x :
          new BigInteger[] {Slow.P, BigInteger.ONE.shiftLeft(254).subtract(BigInteger.ONE)}) {
        bad = good.clone();
        System.arraycopy(Slow.bytes(x), 0, bad, 32 * half, 32);
        bad[0] = (byte) ((bad[0] & 0x3f) | 0x80);
        assertCompressed(Fault.NOT_CANONICAL, bad);
      }
    }
    // Flags in the second coordinate are no flags.
    for (int flag : new int[] {0x40, 0x80}) {
      bad = good.clone();
      bad[32] |= (byte) flag;
      assertCompressed(Fault.NOT_CANONICAL, bad);
    }
    int off = 0;
    for (int i = 0; i < 20; i++) {
      F2 x = F2.random(random);
      if (x.times(x).times(x).plus(P2.B).sqrt() == null) {
        byte[] bytes = new byte[64];
        System.arraycopy(Slow.bytes(x.im()), 0, bytes, 0, 32);
        System.arraycopy(Slow.bytes(x.re()), 0, bytes, 32, 32);
        bytes[0] |= (byte) 0x80;
        assertCompressed(Fault.NOT_ON_CURVE, bytes);
        off++;
      }
    }
    assertTrue(off > 2);
  }

  @Test
  void everyOtherUncompressedFormIsRefused() {
    byte[] good = G2.GENERATOR.encodeUncompressed();
    for (int flags : new int[] {0x80, 0xc0, 0x40}) {
      byte[] bad = good.clone();
      bad[0] |= (byte) flags;
      assertUncompressed(Fault.NOT_CANONICAL, bad);
    }
    byte[] infinity = new byte[128];
    assertUncompressed(Fault.NOT_ON_CURVE, infinity);
    infinity[0] = 0x40;
    assertUncompressed(Fault.INFINITY, infinity);
    for (int i = 0; i < 128; i++) {
      byte[] bad = good.clone();
      bad[i] ^= 1;
      assertUncompressed(Fault.NOT_ON_CURVE, bad);
    }
    for (int part = 0; part < 4; part++) {
      byte[] bad = good.clone();
      System.arraycopy(Slow.bytes(Slow.P), 0, bad, 32 * part, 32);
      assertUncompressed(Fault.NOT_CANONICAL, bad);
    }
  }

  @Test
  void decodingDoesNotCheckTheSubgroup() throws Exception {
    G2 outside = Slow.g2(P2.randomOnCurve(random));
    assertEquals(outside, G2.decodeCompressed(outside.encodeCompressed(), 0));
    assertFalse(outside.isInSubgroup());
  }
}
