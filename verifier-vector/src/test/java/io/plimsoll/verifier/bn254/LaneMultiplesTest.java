package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.bn254.Slow.P1;
import io.plimsoll.verifier.vector.LaneMillerLoops;
import io.plimsoll.verifier.vector.LaneMultiples;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LaneMultiplesTest {
  private static final Multiples MULTIPLES = new LaneMultiples();

  private final Random random = new Random(21);

  private byte[] bytes(int equations) {
    byte[] bytes = new byte[ProofBatch.RANDOM_BYTES * equations];
    random.nextBytes(bytes);
    return bytes;
  }

  private static void assertMultiples(List<P1> points, byte[] bytes) {
    ProofBatch batch = new ProofBatch(bytes, MULTIPLES);
    List<G1> encoded = points.stream().map(Slow::g1).toList();
    long[] scaled = batch.scale(encoded);
    P1 total = P1.INFINITY;
    for (int j = 0; j < points.size(); j++) {
      P1 expected = points.get(j).times(batch.coefficients().get(j));
      assertEquals(expected, Slow.big(AffineSums.read(scaled, j)), "point " + j);
      total = total.plus(expected);
    }
    assertSum(total, points, batch);
  }

  private static void assertSum(P1 expected, List<P1> points, ProofBatch batch) {
    List<List<G1>> lists =
        points.stream().map(p -> p.isInfinity() ? List.<G1>of() : List.of(Slow.g1(p))).toList();
    assertEquals(expected, Slow.big(batch.sums(List.of(lists)).get(0).toPoint()));
  }

  @Test
  void multiplesAndSumsAreThoseOfTheTextbookForAnyNumberOfPoints() {
    for (int n : new int[] {1, 7, 8, 9, 24}) {
      List<P1> points = new ArrayList<>();
      for (int j = 0; j < n; j++) {
        points.add(j == 3 ? P1.GENERATOR : P1.random(random));
      }
      assertMultiples(points, bytes(n));
    }
  }

  @Test
  void everyDigitHasItsPlace() {
    P1 a = P1.random(random);
    for (int b : new int[] {0x00, 0xff, 0x1e, 0x80, 0x01, 0xf0}) {
      byte[] bytes = new byte[3 * ProofBatch.RANDOM_BYTES];
      Arrays.fill(bytes, (byte) b);
      assertMultiples(List.of(a, P1.GENERATOR, a.negate()), bytes);
    }
    for (int at = 0; at < ProofBatch.RANDOM_BYTES; at++) {
      byte[] bytes = new byte[ProofBatch.RANDOM_BYTES];
      bytes[at] = (byte) random.nextInt(1, 256);
      assertMultiples(List.of(a), bytes);
    }
  }

  /** The running point of a lane meets itself and its negative. */
  @Test
  void sumsOfEqualAndOppositePointsWithEqualCoefficientsAreRight() {
    P1 a = P1.random(random);
    byte[] one = bytes(1);
    byte[] bytes = new byte[40 * ProofBatch.RANDOM_BYTES];
    for (int j = 0; j < 40; j++) {
      System.arraycopy(one, 0, bytes, j * one.length, one.length);
    }
    List<P1> equal = java.util.Collections.nCopies(40, a);
    assertMultiples(equal, bytes);
    List<P1> opposite = new ArrayList<>(equal);
    for (int j = 0; j < 40; j += 2) {
      opposite.set(j, a.negate());
    }
    // Lanes hold equal points, and cancel; then neighbours in a lane are opposite.
    assertSum(P1.INFINITY, opposite, new ProofBatch(bytes, MULTIPLES));
    for (int j = 0; j < 40; j++) {
      opposite.set(j, j / 8 % 2 == 0 ? a : a.negate());
    }
    ProofBatch batch = new ProofBatch(bytes, MULTIPLES);
    assertSum(
        a.times(batch.coefficients().get(0)).times(java.math.BigInteger.valueOf(8)),
        opposite,
        batch);
  }

  @Test
  void infinityAddsNothing() {
    List<P1> points = new ArrayList<>();
    for (int j = 0; j < 12; j++) {
      points.add(j % 3 == 0 ? P1.INFINITY : P1.random(random));
    }
    ProofBatch batch = new ProofBatch(bytes(12), MULTIPLES);
    P1 total = P1.INFINITY;
    for (int j = 0; j < 12; j++) {
      total = total.plus(points.get(j).times(batch.coefficients().get(j)));
    }
    assertSum(total, points, batch);
    assertSum(P1.INFINITY, java.util.Collections.nCopies(12, P1.INFINITY), batch);
  }

  @Test
  void theTrialFindsThemRightAndTheyAreForBatches() {
    Accelerator accelerator =
        Accelerator.tried(null, new LaneMillerLoops(), MULTIPLES, Long.MAX_VALUE, 0);
    assertNotNull(accelerator.multiples(64));
    assertNull(accelerator.multiples(1));
    assertTrue(accelerator.status().contains("LaneMultiples"), accelerator.status());
    accelerator.disable("a test says so");
    assertNull(accelerator.multiples(64));
  }

  @Test
  void wrongMultiplesSwitchEverythingOff() {
    for (int wrong = 0; wrong < 3; wrong++) {
      int which = wrong;
      Multiples broken =
          new Multiples() {
            @Override
            public void scale(long[] points, int count, byte[] bytes, long[] results) {
              MULTIPLES.scale(points, count, bytes, results);
              if (which == 0) {
                results[RESULT_LONGS * (count - 1)]++;
              }
            }

            @Override
            public void sum(long[] points, int count, byte[] bytes, long[] result) {
              // Without the last point, or with one of its coordinates wrong.
              MULTIPLES.sum(points, which == 1 ? count - 1 : count, bytes, result);
              if (which == 2) {
                result[MillerLoops.LIMBS] ^= 1;
              }
            }
          };
      Accelerator accelerator =
          Accelerator.tried(null, new LaneMillerLoops(), broken, Long.MAX_VALUE, 0);
      assertNull(accelerator.multiples(64));
      assertTrue(accelerator.status().contains("is off"), accelerator.status());
    }
  }
}
