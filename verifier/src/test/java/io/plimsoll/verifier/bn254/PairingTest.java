package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.bn254.Pairing.Pair;
import io.plimsoll.verifier.bn254.Pairing.PreparedPair;
import io.plimsoll.verifier.bn254.Slow.P1;
import io.plimsoll.verifier.bn254.Slow.P2;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PairingTest {
  private final Random random = new Random(4);

  @Test
  void digitsOfThePowersMakeUpTheCurvesX() {
    long sum = 0;
    for (int i = 0; i < Pairing.X_DIGITS.length; i++) {
      sum += (long) Pairing.X_DIGITS[i] << i;
      assertTrue(Set.of(0, 1, 9, 19, 57).contains(Math.abs(Pairing.X_DIGITS[i])));
    }
    assertEquals(Pairing.X, sum);
  }

  @Test
  void agreesWithTheTextbookPairing() {
    for (int i = 0; i < 3; i++) {
      P1 p = P1.random(random);
      P2 q = P2.random(random);
      Slow.F12 expected = Slow.pairing(p, q);
      assertEquals(expected, Slow.big(Pairing.of(Slow.g1(p), Slow.g2(q)).value));
      PreparedPair prepared = new PreparedPair(Slow.g1(p), G2Lines.of(Slow.g2(q)));
      assertEquals(
          expected, Slow.big(Pairing.product(List.of(), List.of(prepared)).orElseThrow().value));
    }
  }

  @Test
  void finalExponentiationIsThePower() {
    Slow.F12 f = Slow.F12.random(random);
    Fp12 z = Slow.fp12(f);
    Pairing.finalExponentiation(new Tower(), z);
    assertEquals(Slow.finalExponentiation(f), Slow.big(z));
  }

  @Test
  void isBilinearAndNotDegenerate() {
    G2 g2 = G2.GENERATOR;
    Gt base = Pairing.of(Slow.g1(P1.GENERATOR), g2);
    assertFalse(base.equals(Gt.one()));
    for (int i = 0; i < 20; i++) {
      BigInteger a = new BigInteger(300, random).mod(Slow.R);
      BigInteger b = new BigInteger(300, random).mod(Slow.R);
      Gt left = Pairing.of(Slow.g1(P1.GENERATOR.times(a)), Slow.g2(P2.GENERATOR.times(b)));
      Gt right = Pairing.of(Slow.g1(P1.GENERATOR.times(a.multiply(b).mod(Slow.R))), g2);
      assertEquals(right, left);
    }
  }

  @Test
  void productOfManyPairsIsTheProductOfTheirPairings() {
    // sum of a_i*b_i = 0, over variable and prepared pairs in every mixture.
    for (int variable = 0; variable <= 3; variable++) {
      for (int fixed = 0; fixed <= Pairing.MAX_PREPARED; fixed++) {
        List<Pair> pairs = new ArrayList<>();
        List<PreparedPair> prepared = new ArrayList<>();
        BigInteger exponent = BigInteger.ZERO;
        for (int i = 0; i < variable + fixed; i++) {
          BigInteger a = new BigInteger(300, random).mod(Slow.R);
          BigInteger b = new BigInteger(300, random).mod(Slow.R);
          exponent = exponent.add(a.multiply(b)).mod(Slow.R);
          G1 g1 = Slow.g1(P1.GENERATOR.times(a));
          G2 g2 = Slow.g2(P2.GENERATOR.times(b));
          if (i < variable) {
            pairs.add(new Pair(g1, g2));
          } else {
            prepared.add(new PreparedPair(g1, G2Lines.of(g2)));
          }
        }
        Gt expected =
            exponent.signum() == 0
                ? Gt.one()
                : Pairing.of(Slow.g1(P1.GENERATOR.times(exponent)), G2.GENERATOR);
        assertEquals(expected, Pairing.product(pairs, prepared).orElseThrow());
      }
    }
  }

  @Test
  void infinityInG1PairsToOne() {
    G2Lines lines = G2Lines.of(G2.GENERATOR);
    assertEquals(Gt.one(), Pairing.of(G1.INFINITY, G2.GENERATOR));
    assertEquals(
        Gt.one(),
        Pairing.product(List.of(), List.of(new PreparedPair(G1.INFINITY, lines))).orElseThrow());
    G1 g1 = Slow.g1(P1.random(random));
    assertEquals(
        Pairing.of(g1, G2.GENERATOR),
        Pairing.product(
                List.of(new Pair(G1.INFINITY, G2.GENERATOR)),
                List.of(new PreparedPair(G1.INFINITY, lines), new PreparedPair(g1, lines)))
            .orElseThrow());
  }

  @Test
  void pointOutsideTheSubgroupGivesNoValue() {
    G2 bad = Slow.g2(P2.randomOnCurve(random));
    G1 g1 = Slow.g1(P1.random(random));
    assertTrue(Pairing.product(List.of(new Pair(g1, bad)), List.of()).isEmpty());
    assertTrue(
        Pairing.product(List.of(new Pair(g1, G2.GENERATOR), new Pair(g1, bad)), List.of())
            .isEmpty());
    // Even where the pairing would not look at it.
    assertTrue(Pairing.product(List.of(new Pair(G1.INFINITY, bad)), List.of()).isEmpty());
    assertThrows(IllegalArgumentException.class, () -> Pairing.of(g1, bad));
    assertThrows(IllegalArgumentException.class, () -> G2Lines.of(bad));
  }

  @Test
  void tooManyPreparedPairsAreRefused() {
    PreparedPair pair = new PreparedPair(G1.INFINITY, G2Lines.of(G2.GENERATOR));
    List<PreparedPair> five = List.of(pair, pair, pair, pair, pair);
    assertThrows(IllegalArgumentException.class, () -> Pairing.product(List.of(), five));
  }
}
