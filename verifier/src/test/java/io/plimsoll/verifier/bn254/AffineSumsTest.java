package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

  /** What is written can be read by any operation: tidy, in (-p/16, p + p/16). */
  private static void assertTidy(long[] points) {
    Fp x = new Fp();
    for (int offset = 0; offset < points.length; offset += MillerLoops.LIMBS) {
      x.read(points, offset);
      FpTest.assertTidy(x);
    }
  }

  @Test
  void whateverIsWrittenIsTidy() {
    List<P1> points = new ArrayList<>(pool());
    int n = points.size();
    long[] limbs = limbs(points);
    int[] l = new int[4 * n * n];
    int[] r = new int[4 * n * n];
    for (int i = 0; i < l.length; i++) {
      l[i] = i % (2 * n);
      r[i] = i / (2 * n);
    }
    long[] out = new long[AffineSums.POINT * l.length];
    sums.add(limbs, l, limbs, r, out, 0, l.length);
    assertTidy(out);
    // Lists of one and two, of points and of negated points.
    int[] references = {3, 4, 7, 5, 9, 1};
    assertTidy(sums.sumLists(limbs, references, new int[] {0, 1, 2, 3, 5, 6}));
    long[] finite = limbs(points.subList(1, n));
    for (int i = 0; i < 20; i++) {
      sums.twice(finite, 0, n - 1);
      assertTidy(finite);
    }
  }

  @Test
  void infinityIsWrittenOverAnotherPoint() {
    long[] points = limbs(List.of(P1.GENERATOR, P1.GENERATOR));
    AffineSums.write(G1.INFINITY, points, 1);
    assertTrue(AffineSums.read(points, 1).isInfinity());
    assertEquals(P1.GENERATOR, Slow.big(AffineSums.read(points, 0)));
  }

  /** A point whose y is one limb, and not infinity for all that. */
  @Test
  void pointWithFourLimbsOfItsYZeroIsNotInfinity() {
    BigInteger radix = BigInteger.ONE.shiftLeft(270);
    for (int k = 1; ; k++) {
      BigInteger y = BigInteger.valueOf(k).multiply(radix.modInverse(Slow.P)).mod(Slow.P);
      BigInteger x = cubeRoot(y.multiply(y).subtract(BigInteger.valueOf(3)).mod(Slow.P));
      if (x == null) {
        continue;
      }
      P1 point = new P1(x, y);
      assertTrue(point.isOnCurve());
      Fp ownX = Slow.fp(x);
      Fp ownY = Slow.fp(y);
      ownY.canonical();
      assertEquals(BigInteger.valueOf(k), FpTest.limbs(ownY));
      long[] points = new long[2 * AffineSums.POINT];
      AffineSums.write(G1.ofAffine(ownX, ownY), points, 0);
      AffineSums.write(Slow.g1(P1.GENERATOR), points, 1);
      assertEquals(point, Slow.big(AffineSums.read(points, 0)));
      long[] out = new long[AffineSums.POINT];
      sums.add(points, new int[] {0}, points, new int[] {2}, out, 0, 1);
      assertEquals(point.plus(P1.GENERATOR), Slow.big(AffineSums.read(out, 0)));
      return;
    }
  }

  /** By trying: the power that is right up to a cube root of unity. */
  private static BigInteger cubeRoot(BigInteger a) {
    BigInteger three = BigInteger.valueOf(3);
    BigInteger q = Slow.P.subtract(BigInteger.ONE);
    BigInteger part = BigInteger.ONE;
    while (q.mod(three).signum() == 0) {
      q = q.divide(three);
      part = part.multiply(three);
    }
    BigInteger root = a.modPow(three.modInverse(q), Slow.P);
    // 3 is no cube.
    BigInteger unity = three.modPow(q, Slow.P);
    for (BigInteger i = BigInteger.ZERO; i.compareTo(part) < 0; i = i.add(BigInteger.ONE)) {
      if (root.modPow(three, Slow.P).equals(a)) {
        return root;
      }
      root = root.multiply(unity).mod(Slow.P);
    }
    return null;
  }

  /** Differences that fit into 64 bits, that just do not, that are zero, and all at once. */
  @Test
  void differencesOfScalarsAddUp() {
    long[] values = {
      0, 1, -1, 5, Long.MAX_VALUE, Long.MAX_VALUE - 1, Long.MIN_VALUE, Long.MIN_VALUE + 1, 1L << 62
    };
    P1 point = P1.random(random);
    for (long from : values) {
      for (long to : values) {
        assertDifferences(List.of(point), new long[] {from}, new long[] {to});
      }
    }
    List<P1> points = new ArrayList<>();
    long[] from = new long[values.length * values.length];
    long[] to = new long[from.length];
    for (int i = 0; i < from.length; i++) {
      points.add(P1.random(random));
      from[i] = values[i % values.length];
      to[i] = values[i / values.length];
    }
    assertDifferences(points, from, to);
    assertDifferences(points, from, from);
    G1Points one = G1Points.of(new G1[] {G1.INFINITY}, 0, 1);
    assertThrows(
        IllegalArgumentException.class,
        () -> one.addDifferences(new G1Sum(), new long[2], new long[1]));
    assertThrows(
        IllegalArgumentException.class,
        () -> one.addDifferences(new G1Sum(), new long[1], new long[2]));
  }

  private void assertDifferences(List<P1> points, long[] from, long[] to) {
    G1[] array = points.stream().map(Slow::g1).toArray(G1[]::new);
    P1 expected = P1.GENERATOR;
    for (int i = 0; i < from.length; i++) {
      BigInteger difference = BigInteger.valueOf(to[i]).subtract(BigInteger.valueOf(from[i]));
      expected = expected.plus(points.get(i).times(difference));
    }
    G1Sum actual = new G1Sum();
    actual.add(Slow.g1(P1.GENERATOR));
    G1Points.of(array, 0, array.length).addDifferences(actual, from, to);
    assertEquals(expected, Slow.big(actual.toPoint()), Arrays.toString(from) + Arrays.toString(to));
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
        points.add(P1.GENERATOR.times(BigInteger.valueOf(i < 10 ? i + 1 : 9 - i)));
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
