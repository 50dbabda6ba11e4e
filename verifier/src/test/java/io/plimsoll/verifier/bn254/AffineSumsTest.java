package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.plimsoll.verifier.bn254.Slow.P1;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Additions and sums that share inversions against the textbook. */
class AffineSumsTest {
  private final Random random = new Random(9);
  private final AffineSums sums = new AffineSums();

  private static long[] limbs(List<P1> points) {
    long[] limbs = new long[AffineSums.POINT * points.size()];
    for (int i = 0; i < points.size(); i++) {
      AffineSums.write(Slow.g1(points.get(i)), limbs, i);
    }
    return limbs;
  }

  /** Few enough that equal and opposite ones meet often. */
  private List<P1> pool() {
    List<P1> pool = new ArrayList<>();
    pool.add(P1.INFINITY);
    for (int i = 1; i <= 4; i++) {
      pool.add(P1.GENERATOR.times(BigInteger.valueOf(i)));
      pool.add(P1.GENERATOR.times(BigInteger.valueOf(-i)));
    }
    pool.add(P1.random(random));
    return pool;
  }

  @Test
  void everyPairOfPointsAndNegativesAddsUp() {
    List<P1> pool = pool();
    int n = pool.size();
    int[] l = new int[4 * n * n];
    int[] r = new int[4 * n * n];
    List<P1> expected = new ArrayList<>();
    for (int i = 0; i < 2 * n; i++) {
      for (int j = 0; j < 2 * n; j++) {
        l[expected.size()] = i;
        r[expected.size()] = j;
        P1 left = pool.get(i / 2);
        P1 right = pool.get(j / 2);
        expected.add((i % 2 == 0 ? left : left.negate()).plus(j % 2 == 0 ? right : right.negate()));
      }
    }
    long[] points = limbs(pool);
    long[] out = new long[AffineSums.POINT * expected.size()];
    sums.add(points, l, points, r, out, 0, expected.size());
    for (int t = 0; t < expected.size(); t++) {
      assertEquals(expected.get(t), Slow.big(AffineSums.read(out, t)), l[t] + " " + r[t]);
    }
  }

  @Test
  void additionsInPlaceAndDoublingsAddUp() {
    List<P1> points = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      points.add(P1.GENERATOR.times(BigInteger.valueOf(3 * i + 1)));
    }
    long[] limbs = limbs(points);
    sums.twice(limbs, 0, 300);
    int[] l = new int[300];
    int[] r = new int[300];
    long[] once = limbs(points);
    for (int i = 0; i < 300; i++) {
      l[i] = 2 * i;
      r[i] = 2 * i;
    }
    sums.add(limbs, l, once, r, limbs, 0, 300);
    for (int i : new int[] {0, 1, 255, 256, 299}) {
      assertEquals(points.get(i).times(BigInteger.valueOf(3)), Slow.big(AffineSums.read(limbs, i)));
    }
  }

  @Test
  void listsOfAnyLengthWithEqualOppositeAndNoPointsAddUp() {
    List<P1> pool = pool();
    long[] points = limbs(pool);
    for (int round = 0; round < 30; round++) {
      int lists = 1 + random.nextInt(6);
      int[] starts = new int[lists + 1];
      List<Integer> references = new ArrayList<>();
      List<P1> expected = new ArrayList<>();
      for (int i = 0; i < lists; i++) {
        P1 sum = P1.INFINITY;
        int length = random.nextInt(round % 3 == 0 ? 2 : 12);
        for (int j = 0; j < length; j++) {
          int reference = random.nextInt(2 * pool.size());
          references.add(reference);
          P1 point = pool.get(reference / 2);
          sum = sum.plus(reference % 2 == 0 ? point : point.negate());
        }
        expected.add(sum);
        starts[i + 1] = references.size();
      }
      long[] out =
          sums.sumLists(points, references.stream().mapToInt(Integer::intValue).toArray(), starts);
      for (int i = 0; i < lists; i++) {
        assertEquals(expected.get(i), Slow.big(AffineSums.read(out, i)));
      }
    }
  }

  private static P1 sum(List<P1> points, long[] scalars) {
    P1 sum = P1.INFINITY;
    for (int i = 0; i < scalars.length; i++) {
      sum = sum.plus(points.get(i).times(BigInteger.valueOf(scalars[i])));
    }
    return sum;
  }

  private void assertProducts(List<P1> points, long... scalars) {
    G1[] array = points.stream().map(Slow::g1).toArray(G1[]::new);
    G1Sum actual = new G1Sum();
    G1Points.of(array, 0, array.length).addProducts(actual, scalars);
    assertEquals(sum(points, scalars), Slow.big(actual.toPoint()), Arrays.toString(scalars));
  }

  @Test
  void productsOfExtremeScalarsAddUp() {
    long[] extremes = {
      0, 1, -1, 2, Long.MAX_VALUE, Long.MIN_VALUE, Long.MIN_VALUE + 1, 1L << 62, -(1L << 62), 100
    };
    P1 point = P1.random(random);
    P1 other = P1.random(random);
    for (long a : extremes) {
      assertProducts(List.of(point), a);
      for (long b : extremes) {
        assertProducts(List.of(point, other), a, b);
        assertProducts(List.of(point, point), a, b);
        assertProducts(List.of(point, point.negate()), a, b);
        assertProducts(List.of(point, P1.INFINITY), a, b);
      }
    }
  }

  @Test
  void productsOfManyPointsThatCollideInTheirBucketsAddUp() {
    List<P1> pool = pool();
    for (int n : new int[] {3, 17, 200}) {
      List<P1> points = new ArrayList<>();
      long[] scalars = new long[n];
      for (int i = 0; i < n; i++) {
        points.add(pool.get(random.nextInt(pool.size())));
        scalars[i] = i % 5 == 0 ? random.nextInt(9) - 4 : random.nextLong() >> random.nextInt(64);
      }
      assertProducts(points, scalars);
    }
  }

  @Test
  void aWrongNumberOfScalarsIsRefused() {
    G1Points points = G1Points.of(new G1[] {G1.INFINITY}, 0, 1);
    assertThrows(
        IllegalArgumentException.class, () -> points.addProducts(new G1Sum(), new long[2]));
  }

  /**
   * From the second sum on a table is used, unless a point is infinity or few scalars are not 0.
   */
  @Test
  void laterSumsOverTheSamePointsAddUpToo() {
    for (boolean withInfinity : new boolean[] {false, true}) {
      List<P1> points = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        points.add(P1.GENERATOR.times(BigInteger.valueOf(i < 10 ? i + 1 : 10 - i)));
      }
      if (withInfinity) {
        points.set(7, P1.INFINITY);
      }
      G1Points laidOut = G1Points.of(points.stream().map(Slow::g1).toArray(G1[]::new), 0, 20);
      for (int round = 0; round < 6; round++) {
        long[] scalars = new long[20];
        for (int i = 0; i < 20; i++) {
          scalars[i] =
              switch (round % 3) {
                case 0 -> random.nextLong();
                case 1 -> i % 2 == 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
                default -> i == 3 ? -1 : 0;
              };
        }
        G1Sum actual = new G1Sum();
        laidOut.addProducts(actual, scalars);
        assertEquals(sum(points, scalars), Slow.big(actual.toPoint()));
      }
    }
  }
}
