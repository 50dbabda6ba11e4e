package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.bn254.Slow.F12;
import io.plimsoll.verifier.bn254.Slow.F2;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The tower against schoolbook arithmetic, with operands at the ends of their bounds. */
class TowerTest {
  private final Random random = new Random(2);
  private final Tower tower = new Tower();

  /** Adds k*p to an element without changing what it stands for, and carries. */
  private static void shift(Fp x, int k) {
    Fp multiple = new Fp();
    multiple.l0 = Fp.P0;
    multiple.l1 = Fp.P1;
    multiple.l2 = Fp.P2;
    multiple.l3 = Fp.P3;
    multiple.l4 = Fp.P4;
    Fp.times(multiple, multiple, k);
    Fp.addCarried(x, x, multiple);
  }

  /** An element with limbs as full as carried limbs can be, and a value near v times p. */
  private static void fill(Fp x, int v) {
    x.l0 = Fp.MASK;
    x.l1 = Fp.MASK;
    x.l2 = Fp.MASK;
    x.l3 = Fp.MASK;
    x.l4 = v > 0 ? v * Fp.P4 - 1 : v * Fp.P4;
  }

  /** Coordinates: random, shifted by up to v times p, or full. */
  private Fp2 element(int v) {
    Fp2 x = Slow.fp2(F2.random(random));
    for (Fp c : new Fp[] {x.re, x.im}) {
      switch (random.nextInt(4)) {
        case 0 -> fill(c, random.nextBoolean() ? v : -v);
        case 1 -> shift(c, random.nextBoolean() ? v - 1 : -v);
        case 2 -> c.setZero();
        default -> {}
      }
    }
    return x;
  }

  private Fp12 element12(int v) {
    Fp12 x = new Fp12();
    for (int k = 0; k < 6; k++) {
      x.coordinate(k).set(element(v));
    }
    return x;
  }

  private static Fp12 full(int v) {
    Fp12 x = new Fp12();
    for (int k = 0; k < 6; k++) {
      fill(x.coordinate(k).re, v);
      fill(x.coordinate(k).im, v);
    }
    return x;
  }

  private static void assertAtMost(int v, Fp2 x) {
    BigInteger bound = Slow.P.multiply(BigInteger.valueOf(v));
    for (Fp c : new Fp[] {x.re, x.im}) {
      assertTrue(FpTest.limbs(c).abs().compareTo(bound) <= 0);
      assertTrue(((c.l0 | c.l1 | c.l2 | c.l3) & ~Fp.MASK) == 0, "carried");
    }
  }

  private static void assertAtMost(int v0, int v1, Fp12 x) {
    for (int k = 0; k < 6; k++) {
      assertAtMost(k % 2 == 0 ? v0 : v1, x.coordinate(k));
    }
  }

  @Test
  void productsAndSquaresInFp2() {
    for (int i = 0; i < 500; i++) {
      Fp2 x = element(2);
      Fp2 y = element(2);
      F2 a = Slow.big(x);
      F2 b = Slow.big(y);
      Fp2 z = new Fp2();
      tower.mul(z, x, y);
      assertEquals(a.times(b), Slow.big(z));
      assertAtMost(2, z);
      tower.square(z, x);
      assertEquals(a.times(a), Slow.big(z));
      assertAtMost(2, z);
      // Loose operands: 5-loose squares, and 5-loose times 5-loose.
      Fp2 loose = new Fp2();
      Fp2.times(loose, x, 5);
      tower.square(z, loose);
      assertEquals(a.times(a).times(BigInteger.valueOf(25)), Slow.big(z));
      tower.mul(z, loose, loose);
      assertEquals(a.times(a).times(BigInteger.valueOf(25)), Slow.big(z));
      tower.mulByFp(z, x, y.re);
      assertEquals(a.times(b.re()), Slow.big(z));
      z.set(x);
      tower.mul(z, z, z);
      assertEquals(a.times(a), Slow.big(z));
      z.set(x);
      tower.square(z, z);
      assertEquals(a.times(a), Slow.big(z));
      Fp2.addXi(z, x, y);
      assertEquals(a.plus(b.times(Slow.XI)), Slow.big(z));
    }
  }

  @Test
  void inversesInFp2() {
    for (int i = 0; i < 20; i++) {
      Fp2 x = element(2);
      if (x.isZero()) {
        continue;
      }
      Fp2 z = new Fp2();
      tower.invert(z, x);
      assertEquals(F2.ONE, Slow.big(z).times(Slow.big(x)));
      assertAtMost(2, z);
    }
    Fp2 zero = new Fp2();
    tower.invert(zero, zero);
    assertTrue(zero.isZero());
  }

  @Test
  void squareRootInFp2ExistsExactlyForSquares() {
    int squares = 0;
    for (int i = 0; i < 80; i++) {
      F2 a = F2.random(random);
      switch (i % 8) {
        case 0 -> a = new F2(a.re(), BigInteger.ZERO);
        case 1 -> a = new F2(BigInteger.ZERO, a.im());
        case 2 -> a = a.times(a);
        case 3 -> a = new F2(a.re().multiply(a.re()), BigInteger.ZERO);
        case 4 -> a = new F2(a.re().multiply(a.re()).negate(), BigInteger.ZERO);
        default -> {}
      }
      Fp2 z = new Fp2();
      boolean exists = tower.sqrt(z, Slow.fp2(a));
      assertEquals(a.sqrt() != null, exists, a.toString());
      if (exists) {
        assertEquals(a, Slow.big(z).times(Slow.big(z)));
        assertAtMost(2, z);
        squares++;
      }
    }
    assertTrue(squares > 40 && squares < 75);
    Fp2 z = new Fp2();
    assertTrue(tower.sqrt(z, new Fp2()));
    assertTrue(z.isZero());
  }

  @Test
  void largerIsDecidedByTheImaginaryPartFirst() {
    BigInteger half = Slow.P.shiftRight(1);
    BigInteger above = half.add(BigInteger.ONE);
    assertTrue(Slow.fp2(new F2(BigInteger.ONE, above)).isLarger());
    assertFalse(Slow.fp2(new F2(above, half)).isLarger());
    assertTrue(Slow.fp2(new F2(above, BigInteger.ZERO)).isLarger());
    assertFalse(Slow.fp2(new F2(half, BigInteger.ZERO)).isLarger());
  }

  @Test
  void productsAndSquaresInFp12() {
    for (int i = 0; i < 100; i++) {
      Fp12 x = i == 0 ? full(20) : i == 1 ? full(-20) : element12(20);
      Fp12 y = i % 7 == 0 ? full(20) : i % 7 == 1 ? full(-20) : element12(20);
      F12 a = Slow.big(x);
      F12 b = Slow.big(y);
      Fp12 z = new Fp12();
      tower.mul(z, x, y);
      assertEquals(a.times(b), Slow.big(z));
      assertAtMost(2, 6, z);
      tower.square(z, x);
      assertEquals(a.times(a), Slow.big(z));
      assertAtMost(15, 4, z);
      z.set(x);
      tower.mul(z, z, y);
      assertEquals(a.times(b), Slow.big(z));
      z.set(x);
      tower.square(z, z);
      assertEquals(a.times(a), Slow.big(z));
    }
  }

  @Test
  void productsWithLines() {
    for (int i = 0; i < 100; i++) {
      Fp12 x = i == 0 ? full(18) : i == 1 ? full(-18) : element12(18);
      Fp2 a = element(4);
      Fp2 b0 = element(4);
      Fp2 b1 = element(4);
      if (i < 4) {
        for (Fp2 c : new Fp2[] {a, b0, b1}) {
          fill(c.re, i % 2 == 0 ? 4 : -4);
          fill(c.im, i < 2 ? 4 : -4);
        }
      }
      F12 f = Slow.big(x);
      Fp12 z = x.copy();
      tower.mulByLine(z, b0, b1);
      F12 line = F12.of(F2.ONE, twice(b0), F2.ZERO, twice(b1), F2.ZERO, F2.ZERO);
      assertEquals(f.times(line), Slow.big(z));
      assertAtMost(20, 20, z);
      z = x.copy();
      tower.mulByLine(z, a, b0, b1);
      line = F12.of(twice(a), twice(b0), F2.ZERO, twice(b1), F2.ZERO, F2.ZERO);
      assertEquals(f.times(line), Slow.big(z));
      assertAtMost(2, 6, z);
    }
  }

  private static F2 twice(Fp2 x) {
    return Slow.big(x).plus(Slow.big(x));
  }

  @Test
  void inversesInFp12() {
    for (int i = 0; i < 10; i++) {
      Fp12 x = i == 0 ? full(20) : element12(20);
      Fp12 z = new Fp12();
      tower.invert(z, x);
      assertEquals(F12.one(), Slow.big(z).times(Slow.big(x)));
      assertAtMost(2, 2, z);
    }
  }

  @Test
  void frobeniusIsThePower() {
    F12 a = F12.random(random);
    for (int k = 1; k <= 3; k++) {
      Fp12 z = new Fp12();
      tower.frobenius(z, Slow.fp12(a), k);
      assertEquals(a.power(Slow.P.pow(k)), Slow.big(z));
      assertAtMost(2, 2, z);
    }
  }

  @Test
  void cyclotomicSquaringAndConjugation() {
    F12 a =
        F12.random(random)
            .power(Slow.P.pow(6).subtract(BigInteger.ONE))
            .power(Slow.P.pow(2).add(BigInteger.ONE));
    Fp12 x = Slow.fp12(a);
    for (int i = 0; i < 40; i++) {
      // Any representative up to 20p.
      for (int k = 0; k < 6; k++) {
        shift(x.coordinate(k).re, random.nextInt(38) - 19);
        shift(x.coordinate(k).im, i % 2 == 0 ? 18 : -19);
      }
      tower.cyclotomicSquare(x, x);
      a = a.times(a);
      assertEquals(a, Slow.big(x));
      assertAtMost(2, 2, x);
    }
    Fp12 inverse = new Fp12();
    Fp12.conjugate(inverse, x);
    assertAtMost(2, 2, inverse);
    tower.mul(inverse, inverse, x);
    assertTrue(inverse.isOne());
  }
}
