package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.plimsoll.verifier.bn254.Slow.P1;
import io.plimsoll.verifier.bn254.Slow.P2;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MergedLinesTest {
  private final Random random = new Random(71);
  private final Tower tower = new Tower();

  private Gt exponentiated(Fp12 f) {
    Pairing.finalExponentiation(tower, f);
    return new Gt(f);
  }

  /** The functions differ by factors in Fp6, which the final exponentiation takes away. */
  @Test
  void mergedLinesAreTheProductOfTheSingleOnes() {
    for (int i = 0; i < 10; i++) {
      G2Lines lines = G2Lines.of(Slow.g2(P2.random(random)));
      G1 p = Slow.g1(P1.random(random));
      Gt merged =
          exponentiated(
              Pairing.millerFunction(
                  tower, List.of(), List.of(new Pairing.PreparedPair(p, lines))));
      assertEquals(exponentiated(LineByLine.millerFunction(lines, p)), merged);
      assertNotEquals(Gt.one(), merged);
    }
  }

  @Test
  void everyGroupOfStepsHasTheWeightThatItsDigitsGive() {
    G2Lines lines = G2Lines.of(G2.GENERATOR);
    int group = 0;
    int weight = 2;
    int largest = 0;
    for (int i = MillerPoint.LOOP.length - 2; i >= 0; i--) {
      weight = 2 * weight - 1 + Math.abs(MillerPoint.LOOP[i]);
      if (MillerPoint.endsGroup(i)) {
        assertEquals(weight, lines.functions[group++].length - 1);
        largest = Math.max(largest, weight);
        weight = 2;
      }
    }
    assertEquals(weight + 2, lines.functions[group++].length - 1);
    assertEquals(MillerPoint.GROUPS, group);
    assertEquals(MillerPoint.MAX_WEIGHT, largest);
  }

  /** The coefficient of the largest weight is one, and there is none of weight 1. */
  @Test
  void functionsAreMonic() {
    for (Fp2[] function : G2Lines.of(G2.GENERATOR).functions) {
      Fp2 one = new Fp2();
      one.setOne();
      assertEquals(true, Fp2.same(one, function[function.length - 1]));
      assertEquals(true, function[1].isZero());
      assertEquals(false, function[0].isZero());
    }
  }

  /** What is kept for as long as a key is, at rest. */
  @Test
  void functionsAreTidy() {
    for (int i = 0; i < 5; i++) {
      for (Fp2[] function : G2Lines.of(Slow.g2(P2.random(random))).functions) {
        for (Fp2 coefficient : function) {
          FpTest.assertTidy(coefficient);
        }
      }
    }
  }

  @Test
  void lineOfAnotherPointIsRefused() {
    G2 q = Slow.g2(P2.random(random));
    G2Lines lines = G2Lines.of(q);
    G2Lines others = G2Lines.of(Slow.g2(P2.random(random)));
    MergedLines merged = new MergedLines(tower, q.x);
    merged.twice(lines.slopes[0], lines.constants[0]);
    assertThrows(
        IllegalStateException.class, () -> merged.twice(others.slopes[1], others.constants[1]));
  }

  @Test
  void infinityIsLeftOut() {
    G2Lines lines = G2Lines.of(G2.GENERATOR);
    G1 p = Slow.g1(P1.random(random));
    assertEquals(
        Pairing.product(List.of(), List.of(new Pairing.PreparedPair(p, lines))),
        Pairing.product(
            List.of(),
            List.of(
                new Pairing.PreparedPair(G1.INFINITY, lines), new Pairing.PreparedPair(p, lines))));
  }
}
