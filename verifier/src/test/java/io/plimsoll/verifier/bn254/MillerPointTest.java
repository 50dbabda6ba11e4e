package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.bn254.Slow.P2;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The subgroup check inside the Miller loop against the plain one, [r]Q = infinity. */
class MillerPointTest {
  /** h2 = 2p - r, the cofactor of G2 in the twist. */
  private static final BigInteger COFACTOR = Slow.P.shiftLeft(1).subtract(Slow.R);

  private static final BigInteger SMALL_FACTOR = BigInteger.valueOf(10069);

  private final Random random = new Random(3);

  private static boolean plainCheck(P2 q) {
    return q.isOnCurve() && q.times(Slow.R).isInfinity();
  }

  private static void assertAgrees(boolean expected, P2 q) {
    assertEquals(expected, plainCheck(q));
    assertEquals(expected, Slow.g2(q).isInSubgroup());
  }

  /** Whatever takes a line may take a tidy one. */
  @Test
  void everyLineIsTidy() {
    for (int i = 0; i < 20; i++) {
      MillerPoint point = new MillerPoint(new Tower(), Slow.g2(P2.random(random)));
      for (int step = 0; step < 10; step++) {
        point.twice();
        assertTidyLine(point);
        point.add(step % 2 == 0 ? 1 : -1);
        assertTidyLine(point);
      }
      point.addPsi();
      assertTidyLine(point);
      point.subtractPsiSquared();
      assertTidyLine(point);
    }
  }

  private static void assertTidyLine(MillerPoint point) {
    FpTest.assertTidy(point.yFactor);
    FpTest.assertTidy(point.xFactor);
    FpTest.assertTidy(point.constant);
  }

  @Test
  void loopNumberIsSixXPlusTwo() {
    BigInteger number = BigInteger.ZERO;
    for (int i = MillerPoint.LOOP.length - 1; i >= 0; i--) {
      number = number.shiftLeft(1).add(BigInteger.valueOf(MillerPoint.LOOP[i]));
    }
    assertEquals(Slow.X.multiply(BigInteger.valueOf(6)).add(BigInteger.TWO), number);
  }

  /** What moving points by xP/yP relies on. */
  @Test
  void noPointOfTheCurveHasTheAbscissaZero() {
    BigInteger half = Slow.P.shiftRight(1);
    assertEquals(
        Slow.P.subtract(BigInteger.ONE),
        BigInteger.valueOf(3).modPow(half, Slow.P),
        "3 is a square");
  }

  /** A moved point takes the same way as one that is not, up to the move. */
  @Test
  void movedPointsAreInTheSubgroupIffTheyWereBefore() {
    for (int i = 0; i < 5; i++) {
      G1 at = Slow.g1(Slow.P1.random(random));
      for (P2 q : new P2[] {P2.random(random), P2.randomOnCurve(random)}) {
        MillerPoint point = new MillerPoint(new Tower());
        point.start(Slow.g2(q), at);
        for (int digit = MillerPoint.LOOP.length - 2; digit >= 0; digit--) {
          point.twice();
          if (MillerPoint.LOOP[digit] != 0) {
            point.add(MillerPoint.LOOP[digit]);
          }
        }
        point.addPsi();
        point.subtractPsiSquared();
        assertEquals(plainCheck(q), point.endsInSubgroup());
      }
    }
  }

  @Test
  void pointsOfOrderRPass() {
    assertAgrees(true, P2.GENERATOR);
    assertAgrees(true, P2.GENERATOR.negate());
    for (int i = 0; i < 5; i++) {
      assertAgrees(true, P2.random(random));
      assertAgrees(true, P2.randomOnCurve(random).times(COFACTOR));
    }
  }

  @Test
  void pointsOfLargeWrongOrderFail() {
    for (int i = 0; i < 10; i++) {
      P2 q = P2.randomOnCurve(random);
      assertAgrees(false, q);
      // Without the part of order r: the order divides the cofactor.
      P2 h = q.times(Slow.R);
      assertFalse(h.isInfinity());
      assertAgrees(false, h);
      // A point of G2 and a point of the cofactor's part.
      assertAgrees(false, P2.GENERATOR.plus(h));
    }
  }

  @Test
  void pointsOfOrder10069Fail() {
    assertEquals(BigInteger.ZERO, COFACTOR.mod(SMALL_FACTOR));
    P2 small = P2.INFINITY;
    while (small.isInfinity()) {
      small = P2.randomOnCurve(random).times(Slow.R).times(COFACTOR.divide(SMALL_FACTOR));
    }
    assertTrue(small.times(SMALL_FACTOR).isInfinity());
    P2 multiple = P2.INFINITY;
    for (int i = 1; i <= 200; i++) {
      multiple = multiple.plus(small);
      assertFalse(Slow.g2(multiple).isInSubgroup());
      // With a part in the group.
      assertFalse(Slow.g2(multiple.plus(P2.GENERATOR)).isInSubgroup());
    }
    assertAgrees(false, small);
    assertAgrees(false, P2.random(random).plus(small));
  }

  @Test
  void sumThatMeetsInfinityOnTheWayFails() {
    // T = Q and T = -Q before an addition, brought about by hand.
    P2 q = P2.random(random);
    MillerPoint point = new MillerPoint(new Tower(), Slow.g2(q));
    point.add(1);
    finish(point);
    point = new MillerPoint(new Tower(), Slow.g2(q));
    point.add(-1);
    finish(point);
    // T = 2Q - Q = Q, and then minus Q.
    point = new MillerPoint(new Tower(), Slow.g2(q));
    point.twice();
    point.add(-1);
    point.add(-1);
    finish(point);
  }

  private static void finish(MillerPoint degenerate) {
    for (int i = 0; i < 5; i++) {
      assertFalse(degenerate.endsInSubgroup());
      degenerate.twice();
      degenerate.add(i % 2 == 0 ? 1 : -1);
    }
    degenerate.addPsi();
    degenerate.subtractPsiSquared();
    assertFalse(degenerate.endsInSubgroup());
  }

  /** The numbers of docs/security.md: why eta(Q) = 0 means that Q has order r. */
  @Test
  void normOfEtaIsDivisibleByROnceAndPrimeToTheCofactor() {
    BigInteger p = Slow.P;
    BigInteger r = Slow.R;
    BigInteger t = p.add(BigInteger.ONE).subtract(r);
    BigInteger loop = Slow.X.multiply(BigInteger.valueOf(6)).add(BigInteger.TWO);
    // psi^2 = t*psi - p, so eta = loop + psi - psi^2 + psi^3 = a + b*psi.
    BigInteger a = loop.add(p).subtract(t.multiply(p));
    BigInteger b = BigInteger.ONE.subtract(t).add(t.multiply(t)).subtract(p);
    BigInteger norm = a.multiply(a).add(a.multiply(b).multiply(t)).add(b.multiply(b).multiply(p));
    assertEquals(BigInteger.ZERO, norm.mod(r));
    assertNotEquals(BigInteger.ZERO, norm.mod(r.multiply(r)));
    assertEquals(BigInteger.ONE, norm.gcd(COFACTOR));
    assertNotEquals(BigInteger.ZERO, COFACTOR.mod(r));
    assertTrue(r.isProbablePrime(100) && p.isProbablePrime(100));
    // On G2 psi is multiplication by p, and eta is a multiple of r.
    BigInteger eta = loop.add(p).subtract(p.pow(2)).add(p.pow(3));
    assertEquals(BigInteger.ZERO, eta.mod(r));
    // r*h2 is the order of the twist.
    P2 q = P2.randomOnCurve(random);
    assertTrue(q.times(r.multiply(COFACTOR)).isInfinity());
    // psi satisfies its equation.
    P2 left = q.psi().psi().plus(q.times(p));
    assertEquals(q.psi().times(t), left);
    assertEquals(P2.GENERATOR.times(p.mod(r)), P2.GENERATOR.psi());
    // The order of the twist is odd: no point has y = 0.
    assertTrue(r.multiply(COFACTOR).testBit(0));
  }

  /** Why a point of order r meets no exceptional case. */
  @Test
  void noPrefixOfTheLoopIsDegenerateModuloR() {
    BigInteger p = Slow.P;
    BigInteger r = Slow.R;
    BigInteger k = BigInteger.ONE;
    for (int i = MillerPoint.LOOP.length - 2; i >= 0; i--) {
      k = k.shiftLeft(1);
      if (MillerPoint.LOOP[i] != 0) {
        assertDifferent(k, BigInteger.ONE, r);
        k = k.add(BigInteger.valueOf(MillerPoint.LOOP[i]));
      }
    }
    assertDifferent(k, p, r);
    k = k.add(p);
    assertDifferent(k, p.pow(2), r);
  }

  private static void assertDifferent(BigInteger k, BigInteger m, BigInteger r) {
    assertNotEquals(BigInteger.ZERO, k.mod(r));
    assertNotEquals(BigInteger.ZERO, k.subtract(m).mod(r));
    assertNotEquals(BigInteger.ZERO, k.add(m).mod(r));
  }
}
