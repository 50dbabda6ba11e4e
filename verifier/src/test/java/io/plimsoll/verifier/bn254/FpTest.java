package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Every operation at the ends of what it allows, against {@link BigInteger}. */
class FpTest {
  private static final BigInteger P = Slow.P;
  private static final BigInteger R = BigInteger.ONE.shiftLeft(270);
  private static final BigInteger R_INVERSE = R.modInverse(P);
  private static final long FULL = 1L << 54;

  private final Random random = new Random(1);

  /** The integer that the limbs stand for, with nothing reduced. */
  static BigInteger limbs(Fp x) {
    return sum(x.l0, x.l1, x.l2, x.l3, x.l4);
  }

  private static BigInteger sum(long... columns) {
    BigInteger total = BigInteger.ZERO;
    for (int i = columns.length - 1; i >= 0; i--) {
      total = total.shiftLeft(54).add(BigInteger.valueOf(columns[i]));
    }
    return total;
  }

  private static Fp of(long l0, long l1, long l2, long l3, long l4) {
    Fp z = new Fp();
    z.l0 = l0;
    z.l1 = l1;
    z.l2 = l2;
    z.l3 = l3;
    z.l4 = l4;
    return z;
  }

  /** Values of looseness k and at most v times p: all ends, then random ones. */
  private List<Fp> loose(int k, int v) {
    long limb = k * FULL;
    long top = v * Fp.P4;
    List<Fp> all = new ArrayList<>();
    for (int signs = 0; signs < 243; signs++) {
      int s = signs;
      long[] l = new long[5];
      for (int i = 0; i < 5; i++) {
        l[i] = (s % 3 - 1) * (i < 4 ? limb : top);
        s /= 3;
      }
      all.add(of(l[0], l[1], l[2], l[3], l[4]));
    }
    for (int i = 0; i < 200; i++) {
      all.add(of(between(limb), between(limb), between(limb), between(limb), between(top)));
    }
    return all;
  }

  private long between(long bound) {
    long size = random.nextInt(8) == 0 ? bound : Math.floorMod(random.nextLong(), bound + 1);
    return random.nextBoolean() ? size : -size;
  }

  private static void assertCarried(Fp x) {
    for (long limb : new long[] {x.l0, x.l1, x.l2, x.l3}) {
      assertTrue(limb >= 0 && limb < FULL, "limb " + limb);
    }
  }

  /** Carried, in (-p/16, p + p/16). */
  static void assertTidy(Fp x) {
    assertCarried(x);
    BigInteger sixteenth = P.shiftRight(4);
    assertTrue(limbs(x).compareTo(sixteenth.negate()) > 0);
    assertTrue(limbs(x).compareTo(P.add(sixteenth)) < 0);
  }

  static void assertTidy(Fp2 x) {
    assertTidy(x.re);
    assertTidy(x.im);
  }

  private static void assertReduced(Fp x) {
    assertCarried(x);
    BigInteger value = limbs(x);
    assertTrue(value.compareTo(P.negate()) > 0 && value.compareTo(P.shiftLeft(1)) < 0);
  }

  private static void assertSameModulo(BigInteger expected, BigInteger actual) {
    assertEquals(expected.mod(P), actual.mod(P));
  }

  @Test
  void constantsAreWhatTheyStandFor() {
    assertEquals(P, Fp.MODULUS);
    assertEquals(P, sum(Fp.P0, Fp.P1, Fp.P2, Fp.P3, Fp.P4));
    assertEquals(R.mod(P), limbs(Fp.ONE));
    assertEquals(BigInteger.valueOf(12345), Slow.big(Fp.ofInt(12345)));
    assertEquals(BigInteger.ONE, Slow.big(Fp.ONE));
    assertEquals(Slow.R, Scalars.ORDER);
    BigInteger x = Slow.X;
    BigInteger t = x.pow(2).multiply(BigInteger.valueOf(6)).add(BigInteger.ONE);
    assertEquals(Slow.X, BigInteger.valueOf(Pairing.X));
    assertEquals(P.add(BigInteger.ONE).subtract(t), Slow.R);
    assertEquals(
        P,
        x.pow(4)
            .multiply(BigInteger.valueOf(36))
            .add(x.pow(3).multiply(BigInteger.valueOf(36)))
            .add(x.pow(2).multiply(BigInteger.valueOf(24)))
            .add(x.multiply(BigInteger.valueOf(6)))
            .add(BigInteger.ONE));
  }

  @Test
  void multiplicationIsExactAtTheEndsOfItsBounds() {
    // looseness j*k <= 100 with j, k < 16; values V*W <= 86000
    for (int[] bounds :
        new int[][] {{1, 1, 2, 2}, {15, 6, 290, 290}, {10, 10, 86, 999}, {6, 15, 84, 1000}}) {
      List<Fp> left = loose(bounds[0], Math.min(bounds[2], 511));
      List<Fp> right = loose(bounds[1], Math.min(bounds[3], 168));
      for (int i = 0; i < 3000; i++) {
        Fp x = left.get(random.nextInt(left.size()));
        Fp y = right.get(random.nextInt(right.size()));
        BigInteger product = limbs(x).multiply(limbs(y));
        Fp z = new Fp();
        Fp.mul(z, x, y);
        assertReduced(z);
        assertSameModulo(product.multiply(R_INVERSE), limbs(z));
        Wide w = new Wide();
        Wide.mul(w, x, y);
        assertEquals(product, sum(w.c0, w.c1, w.c2, w.c3, w.c4, w.c5, w.c6, w.c7, w.c8, w.c9));
      }
    }
  }

  @Test
  void squaringIsExactAtTheEndsOfItsBounds() {
    for (Fp x : loose(7, 290)) {
      BigInteger square = limbs(x).pow(2);
      Fp z = new Fp();
      Fp.square(z, x);
      assertReduced(z);
      assertSameModulo(square.multiply(R_INVERSE), limbs(z));
    }
  }

  @Test
  void resultMayBeAnOperand() {
    Fp x = Slow.fp(Slow.random(random));
    Fp y = Slow.fp(Slow.random(random));
    Fp expected = new Fp();
    Fp.mul(expected, x, y);
    Fp z = x.copy();
    Fp.mul(z, z, y);
    assertEquals(limbs(expected), limbs(z));
    z = y.copy();
    Fp.mul(z, x, z);
    assertEquals(limbs(expected), limbs(z));
    Fp.square(expected, x);
    z = x.copy();
    Fp.square(z, z);
    assertEquals(limbs(expected), limbs(z));
    z = x.copy();
    Fp.mul(z, z, z);
    assertEquals(limbs(expected), limbs(z));
  }

  @Test
  void reductionTakesFullColumnsOfEitherSign() {
    long limit = 500 * FULL;
    for (int i = 0; i < 2000; i++) {
      long[] c = new long[10];
      for (int j = 0; j < 9; j++) {
        c[j] = i < 1024 ? (i >> j & 1) == 0 ? limit : -limit : between(limit);
      }
      c[9] = between(Fp.P4 - 501);
      BigInteger total = sum(c);
      Fp z = new Fp();
      Fp.reduce(z, c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9]);
      assertReduced(z);
      assertSameModulo(total.multiply(R_INVERSE), limbs(z));
      // z is in (T/R, T/R + p)
      BigInteger above = limbs(z).multiply(R).subtract(total);
      assertTrue(above.signum() >= 0 && above.compareTo(P.multiply(R)) < 0);
    }
  }

  @Test
  void columnsAndOperandsOutOfBoundsAreNoticedWhenAssertionsAreEnabled() {
    assertThrows(
        AssertionError.class, () -> Fp.reduce(new Fp(), 0, 0, 500 * FULL + 1, 0, 0, 0, 0, 0, 0, 0));
    Fp wide = of(16 * FULL, 0, 0, 0, 0);
    assertThrows(AssertionError.class, () -> Fp.mul(new Fp(), wide, Fp.ONE));
    Fp eleven = of(11 * FULL, 0, 0, 0, 0);
    Fp ten = of(0, -10 * FULL, 0, 0, 0);
    assertThrows(AssertionError.class, () -> Fp.mul(new Fp(), eleven, ten));
  }

  @Test
  void tidyKeepsTheValueAndMakesItSmall() {
    BigInteger sixteenth = P.shiftRight(4);
    List<Fp> all = loose(64, 127);
    for (int i = -127; i <= 127; i++) {
      // Next to multiples of p, where the quotient changes.
      for (long off : new long[] {-1, 0, 1}) {
        all.add(of(i * Fp.P0 + off, i * Fp.P1, i * Fp.P2, i * Fp.P3, i * Fp.P4));
      }
    }
    for (Fp x : all) {
      BigInteger before = limbs(x);
      boolean zero = before.mod(P).signum() == 0;
      assertEquals(zero, x.isZero());
      x.tidy();
      assertCarried(x);
      assertSameModulo(before, limbs(x));
      assertTrue(limbs(x).compareTo(sixteenth.negate()) > 0);
      assertTrue(limbs(x).compareTo(P.add(sixteenth)) < 0);
    }
  }

  @Test
  void linearOperationsAreThoseOfIntegers() {
    List<Fp> all = loose(3, 9);
    for (int i = 0; i < 500; i++) {
      Fp x = all.get(random.nextInt(all.size()));
      Fp y = all.get(random.nextInt(all.size()));
      BigInteger a = limbs(x);
      BigInteger b = limbs(y);
      Fp z = new Fp();
      Fp.add(z, x, y);
      assertEquals(a.add(b), limbs(z));
      Fp.sub(z, x, y);
      assertEquals(a.subtract(b), limbs(z));
      Fp.neg(z, x);
      assertEquals(a.negate(), limbs(z));
      Fp.times(z, x, 7);
      assertEquals(a.multiply(BigInteger.valueOf(7)), limbs(z));
      Fp.combine(z, 3, x, -12, y);
      assertEquals(
          a.multiply(BigInteger.valueOf(3)).subtract(b.multiply(BigInteger.valueOf(12))), limbs(z));
      Fp.addCarried(z, x, y);
      assertEquals(a.add(b), limbs(z));
      assertCarried(z);
      Fp.subCarried(z, x, y);
      assertEquals(a.subtract(b), limbs(z));
      assertCarried(z);
    }
    for (Fp x : loose(50, 60)) {
      Fp z = new Fp();
      Fp.addCarried(z, x, x);
      assertEquals(limbs(x).shiftLeft(1), limbs(z));
      assertCarried(z);
      Fp negative = new Fp();
      Fp.neg(negative, x);
      Fp.subCarried(z, x, negative);
      assertEquals(limbs(x).shiftLeft(1), limbs(z));
      assertCarried(z);
    }
  }

  @Test
  void equalityIsModuloP() {
    Fp x = Slow.fp(Slow.random(random));
    Fp y =
        of(
            x.l0 + 3 * Fp.P0,
            x.l1 + 3 * Fp.P1,
            x.l2 + 3 * Fp.P2,
            x.l3 + 3 * Fp.P3,
            x.l4 + 3 * Fp.P4);
    assertTrue(Fp.same(x, y));
    y.l0++;
    assertFalse(Fp.same(x, y));
  }

  @Test
  void inverseTimesElementIsOneAndZeroHasZero() {
    for (int i = 0; i < 20; i++) {
      BigInteger a = i == 0 ? P.subtract(BigInteger.ONE) : Slow.random(random);
      Fp z = new Fp();
      Fp.invert(z, Slow.fp(a));
      assertEquals(a.modInverse(P), Slow.big(z));
    }
    Fp zero = new Fp();
    Fp.invert(zero, zero);
    assertTrue(zero.isZero());
  }

  /** Tidying comes first, so that the division steps begin with what they may begin with. */
  @Test
  void anyLooseValueHasItsInverse() {
    FpPowers powers = new FpPowers();
    for (Fp x : loose(64, 127)) {
      BigInteger value = limbs(x).multiply(R_INVERSE).mod(P);
      if (value.signum() != 0) {
        Fp z = new Fp();
        powers.invert(z, x);
        assertReduced(z);
        assertEquals(value.modInverse(P), Slow.big(z));
      }
    }
  }

  @Test
  void canonicalIsTheOneCarriedRepresentativeBelowP() {
    List<BigInteger> numbers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      numbers.add(BigInteger.valueOf(i));
      numbers.add(P.subtract(BigInteger.valueOf(i + 1)));
      numbers.add(BigInteger.ONE.shiftLeft(54 * (i + 1)));
      numbers.add(BigInteger.ONE.shiftLeft(54 * (i + 1)).subtract(BigInteger.ONE));
      numbers.add(P.subtract(BigInteger.ONE.shiftLeft(54 * (i + 1))));
      numbers.add(Slow.random(random));
    }
    for (BigInteger number : numbers) {
      for (int k : new int[] {-127, -2, -1, 0, 1, 2, 126}) {
        Fp x =
            of(
                number.and(BigInteger.valueOf(Fp.MASK)).longValue() + k * Fp.P0,
                number.shiftRight(54).and(BigInteger.valueOf(Fp.MASK)).longValue() + k * Fp.P1,
                number.shiftRight(108).and(BigInteger.valueOf(Fp.MASK)).longValue() + k * Fp.P2,
                number.shiftRight(162).and(BigInteger.valueOf(Fp.MASK)).longValue() + k * Fp.P3,
                number.shiftRight(216).longValue() + k * Fp.P4);
        x.canonical();
        assertCarried(x);
        assertEquals(number, limbs(x));
      }
    }
    for (Fp x : loose(64, 127)) {
      BigInteger value = limbs(x).mod(P);
      x.canonical();
      assertCarried(x);
      assertEquals(value, limbs(x));
    }
  }

  /** Numbers that differ from (p-1)/2 in one limb alone, so that each of them decides once. */
  @Test
  void largerIsDecidedByTheHighestLimbThatDiffersFromHalf() {
    BigInteger half = P.shiftRight(1);
    assertFalse(Slow.fp(half).isLarger());
    for (int limb = 0; limb < 5; limb++) {
      BigInteger unit = BigInteger.ONE.shiftLeft(54 * limb);
      assertTrue(Slow.fp(half.add(unit)).isLarger());
      assertFalse(Slow.fp(half.subtract(unit)).isLarger());
      // A lower limb that says otherwise.
      for (int lower = 0; lower < limb; lower++) {
        BigInteger other = BigInteger.ONE.shiftLeft(54 * lower);
        assertTrue(Slow.fp(half.add(unit).subtract(other)).isLarger());
        assertFalse(Slow.fp(half.subtract(unit).add(other)).isLarger());
      }
    }
  }

  @Test
  void constantsAreReadFromTheirDigits() {
    for (BigInteger number : List.of(BigInteger.ONE, P.subtract(BigInteger.ONE), Slow.X)) {
      assertEquals(number, Slow.big(Fp.ofHex(String.format("%064x", number))));
    }
    assertEquals(R.pow(2).mod(P), limbs(Fp.rSquared()).mod(P));
  }

  @Test
  void squareRootExistsExactlyForSquares() {
    int squares = 0;
    for (int i = 0; i < 60; i++) {
      BigInteger a = i < 4 ? BigInteger.valueOf(i) : Slow.random(random);
      Fp z = new Fp();
      boolean exists = new FpPowers().sqrt(z, Slow.fp(a));
      assertEquals(Slow.sqrt(a) != null, exists);
      BigInteger square = Slow.big(z).pow(2);
      assertSameModulo(exists ? a : a.negate(), square);
      squares += exists ? 1 : 0;
    }
    assertTrue(squares > 10 && squares < 50);
  }

  @Test
  void everyNumberBelowPIsReadAndWrittenBack() {
    List<BigInteger> numbers = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      numbers.add(Slow.random(random));
    }
    for (int i = 0; i < 4; i++) {
      numbers.add(BigInteger.valueOf(i));
      numbers.add(P.subtract(BigInteger.valueOf(i + 1)));
      numbers.add(P.shiftRight(1).add(BigInteger.valueOf(i - 1)));
    }
    for (int bit = 0; bit < 253; bit++) {
      numbers.add(BigInteger.ONE.shiftLeft(bit));
    }
    for (BigInteger number : numbers) {
      byte[] in = Slow.bytes(number);
      Fp x = new Fp();
      assertTrue(x.decode(in, 0, 0));
      assertReduced(x);
      byte[] out = new byte[32];
      x.encode(out, 0);
      assertArrayEquals(in, out);
      assertEquals(number.compareTo(P.shiftRight(1)) > 0, x.isLarger());
      // Written the same from any representative.
      for (int k : new int[] {-100, -1, 1, 100}) {
        Fp y =
            of(
                x.l0 + k * Fp.P0,
                x.l1 + k * Fp.P1,
                x.l2 + k * Fp.P2,
                x.l3 + k * Fp.P3,
                x.l4 + k * Fp.P4);
        y.encode(out, 0);
        assertArrayEquals(in, out);
      }
    }
  }

  @Test
  void numberNotBelowPIsRefusedAndFlagsAreNoPartOfIt() {
    BigInteger two256 = BigInteger.ONE.shiftLeft(256);
    List<BigInteger> numbers =
        new ArrayList<>(List.of(P, P.add(BigInteger.ONE), two256.subtract(BigInteger.ONE)));
    for (int i = 0; i < 50; i++) {
      numbers.add(new BigInteger(600, random).mod(two256.subtract(P)).add(P));
    }
    for (BigInteger number : numbers) {
      Fp x = Fp.ONE.copy();
      assertFalse(x.decode(Slow.bytes(number), 0, 0));
      assertEquals(limbs(Fp.ONE), limbs(x));
    }
    byte[] flagged = Slow.bytes(BigInteger.TEN);
    flagged[0] |= (byte) 0xc0;
    Fp x = new Fp();
    assertTrue(x.decode(flagged, 0, 0xc0));
    assertEquals(BigInteger.TEN, Slow.big(x));
    assertThrows(IllegalArgumentException.class, () -> Fp.ofHex("f".repeat(64)));
  }
}
