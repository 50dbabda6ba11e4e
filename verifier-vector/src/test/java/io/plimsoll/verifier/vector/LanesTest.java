package io.plimsoll.verifier.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LanesTest {
  private static final BigInteger P = Lanes.MODULUS;
  private static final BigInteger RADIX = BigInteger.ONE.shiftLeft(261);
  private static final long HALF = 1L << 28;

  private static final int ROWS = 0;
  private static final int SLOTS = ROWS + 8 * Lanes.WIDTH;
  private static final int OUT = slot(40);

  private final Random random = new Random(7);
  private static final int WIDE = slot(41);
  private final long[] w = new long[WIDE + 12 * Lanes.WIDE_SLOT];

  private static int slot(int index) {
    return SLOTS + index * Lanes.SLOT;
  }

  /** Limbs in [-2^28, 2^28), some of them at the ends; limb 8 up to the given bound. */
  private void fill(int slot, long top) {
    for (int lane = 0; lane < Lanes.WIDTH; lane++) {
      for (int j = 0; j < Lanes.LIMBS; j++) {
        long bound = j == Lanes.LIMBS - 1 ? top : HALF;
        w[slot + j * Lanes.WIDTH + lane] =
            switch (random.nextInt(4)) {
              case 0 -> -bound;
              case 1 -> bound - 1;
              default -> random.nextLong(-bound, bound);
            };
      }
    }
  }

  private void fillAll(int slot, long limb) {
    for (int i = 0; i < Lanes.SLOT; i++) {
      w[slot + i] = limb;
    }
  }

  private void row(int row, long[] lanes) {
    System.arraycopy(lanes, 0, w, row, Lanes.WIDTH);
  }

  private void assertBalanced(int slot, BigInteger largest) {
    for (int lane = 0; lane < Lanes.WIDTH; lane++) {
      for (int j = 0; j < Lanes.LIMBS - 1; j++) {
        long limb = w[slot + j * Lanes.WIDTH + lane];
        assertTrue(-HALF <= limb && limb < HALF, "limb " + j + " is " + limb);
      }
      assertTrue(Lanes.value(w, slot, lane).abs().compareTo(largest) <= 0);
    }
  }

  private static BigInteger thousandths(long value) {
    return P.multiply(BigInteger.valueOf(value)).divide(BigInteger.valueOf(1000));
  }

  private void assertDot(int[] operands) {
    int[] plan = new int[2 + operands.length];
    plan[0] = OUT;
    plan[1] = operands.length / 2;
    System.arraycopy(operands, 0, plan, 2, operands.length);
    BigInteger[] exact = new BigInteger[Lanes.WIDTH];
    for (int lane = 0; lane < Lanes.WIDTH; lane++) {
      exact[lane] = BigInteger.ZERO;
      for (int i = 0; i < operands.length; i += 2) {
        exact[lane] =
            exact[lane].add(
                Lanes.value(w, operands[i], lane).multiply(Lanes.value(w, operands[i + 1], lane)));
      }
    }
    Lanes.dot(w, plan);
    for (int lane = 0; lane < Lanes.WIDTH; lane++) {
      BigInteger result = Lanes.value(w, OUT, lane);
      assertEquals(exact[lane].mod(P), result.multiply(RADIX).mod(P));
      BigInteger excess = result.subtract(exact[lane].divide(RADIX)).abs();
      assertTrue(excess.compareTo(thousandths(Program.REDUCTION)) <= 0, "excess " + excess);
    }
    for (int j = 0; j < Lanes.LIMBS - 1; j++) {
      for (int lane = 0; lane < Lanes.WIDTH; lane++) {
        long limb = w[OUT + j * Lanes.WIDTH + lane];
        assertTrue(-HALF <= limb && limb < HALF);
      }
    }
  }

  @Test
  void sumsOfProductsAreExactForAnyBalancedOperands() {
    for (int round = 0; round < 300; round++) {
      int count = 1 + random.nextInt(Program.MAX_PRODUCTS);
      int[] operands = new int[2 * count];
      for (int i = 0; i < operands.length; i++) {
        operands[i] = slot(i);
        fill(slot(i), 1L << 22);
      }
      assertDot(operands);
    }
  }

  @Test
  void columnsDoNotOverflowWithEveryLimbAtItsExtremeAndLoosenessAtItsLimit() {
    for (long sign : new long[] {-1, 1}) {
      for (int j = 0; j < 26; j++) {
        // 13 products of the largest balanced limbs, limb 8 included.
        fillAll(slot(j), j % 2 == 0 ? sign * HALF : -HALF);
      }
      int[] operands = new int[26];
      for (int i = 0; i < 26; i++) {
        operands[i] = slot(i);
        for (int lane = 0; lane < Lanes.WIDTH; lane++) {
          // As the assembler has it: one of the two is a number of a few p.
          if (i % 2 == 1) {
            w[slot(i) + 8 * Lanes.WIDTH + lane] = -(1L << 23);
          }
        }
      }
      assertDot(operands);
    }
  }

  /** As {@link #assertDot}: lane by lane of the first operands, times the second ones turned. */
  private void assertTurn(int[] lanes, int[] wide, int[] by) {
    int[] plan = new int[2 + 2 * lanes.length];
    plan[0] = OUT;
    plan[1] = lanes.length;
    BigInteger[] exact = new BigInteger[Lanes.TURNING];
    java.util.Arrays.fill(exact, BigInteger.ZERO);
    for (int i = 0; i < lanes.length; i++) {
      // Of slots 0 to 11 the lanes; 12 and on are what comes around, then what is turned.
      plan[2 + 2 * i] = slot(i) + lanes[i];
      plan[3 + 2 * i] = WIDE + wide[i] * Lanes.WIDE_SLOT + Lanes.TURNING - by[i];
      for (int lane = 0; lane < Lanes.TURNING; lane++) {
        int from = lane - by[i];
        BigInteger y =
            from < 0
                ? Lanes.value(w, slot(12 + 2 * wide[i]), from + Lanes.TURNING)
                : Lanes.value(w, slot(13 + 2 * wide[i]), from);
        exact[lane] = exact[lane].add(y.multiply(Lanes.value(w, slot(i), lanes[i])));
      }
    }
    int[] widening = new int[36];
    for (int i = 0; i < 12; i++) {
      widening[3 * i] = WIDE + i * Lanes.WIDE_SLOT;
      widening[3 * i + 1] = slot(12 + 2 * i);
      widening[3 * i + 2] = slot(13 + 2 * i);
    }
    Lanes.widen(w, widening);
    Lanes.turn(w, plan);
    for (int lane = 0; lane < Lanes.TURNING; lane++) {
      BigInteger result = Lanes.value(w, OUT, lane);
      assertEquals(exact[lane].mod(P), result.multiply(RADIX).mod(P));
      BigInteger excess = result.subtract(exact[lane].divide(RADIX)).abs();
      assertTrue(excess.compareTo(thousandths(Program.REDUCTION)) <= 0, "excess " + excess);
    }
    for (int j = 0; j < Lanes.LIMBS - 1; j++) {
      for (int lane = 0; lane < Lanes.WIDTH; lane++) {
        long limb = w[OUT + j * Lanes.WIDTH + lane];
        assertTrue(-HALF <= limb && limb < HALF);
      }
    }
  }

  @Test
  void sumsOfTurnedProductsAreExactForAnyBalancedOperands() {
    for (int round = 0; round < 200; round++) {
      int count = 1 + random.nextInt(Program.MAX_PRODUCTS);
      for (int i = 0; i < 36; i++) {
        fill(slot(i), 1L << 22);
      }
      int[] lanes = random.ints(count, 0, Lanes.WIDTH).toArray();
      int[] wide = random.ints(count, 0, 12).toArray();
      int[] by = random.ints(count, 0, Lanes.TURNING).toArray();
      assertTurn(lanes, wide, by);
    }
  }

  @Test
  void columnsOfTurnedProductsDoNotOverflowWithEveryLimbAtItsExtreme() {
    for (long sign : new long[] {-1, 1}) {
      for (int i = 0; i < 36; i++) {
        fillAll(slot(i), i < 12 ? sign * HALF : -HALF);
        for (int lane = 0; i >= 12 && lane < Lanes.WIDTH; lane++) {
          w[slot(i) + 8 * Lanes.WIDTH + lane] = -(1L << 23);
        }
      }
      int[] all = new int[Program.MAX_PRODUCTS];
      int[] which = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
      for (int by = 0; by < Lanes.TURNING; by++) {
        java.util.Arrays.fill(all, by);
        assertTurn(all, which, all);
      }
    }
  }

  @Test
  void productsMayHaveTheSameOperandsAndZeroGivesAMultipleOfTheModulus() {
    fill(slot(0), 1L << 22);
    assertDot(new int[] {slot(0), slot(0)});
    fillAll(slot(1), 0);
    assertDot(new int[] {slot(0), slot(1)});
    for (int lane = 0; lane < Lanes.WIDTH; lane++) {
      assertTrue(Lanes.isZero(w, OUT, lane));
    }
  }

  @Test
  void linearCombinationsAreExactInEveryLane() {
    for (int round = 0; round < 300; round++) {
      int count = 1 + random.nextInt(5);
      int[] sum = new int[2 + 2 * count];
      int[] mix = new int[2 + 3 * count];
      sum[0] = mix[0] = OUT;
      sum[1] = mix[1] = count;
      long[][] factors = new long[count][Lanes.WIDTH];
      long[][] lanes = new long[count][Lanes.WIDTH];
      for (int i = 0; i < count; i++) {
        fill(slot(i), 1L << 22);
        for (int lane = 0; lane < Lanes.WIDTH; lane++) {
          factors[i][lane] = random.nextLong(-15, 16);
          lanes[i][lane] = random.nextInt(Lanes.WIDTH);
        }
        sum[2 + 2 * i] = mix[2 + 3 * i] = slot(i);
        sum[3 + 2 * i] = mix[3 + 3 * i] = ROWS + 2 * (i % 4) * Lanes.WIDTH;
        mix[4 + 3 * i] = ROWS + (2 * (i % 4) + 1) * Lanes.WIDTH;
        factors[i] = factors[i % 4];
        lanes[i] = lanes[i % 4];
        row(sum[3 + 2 * i], factors[i]);
        row(mix[4 + 3 * i], lanes[i]);
      }
      List<BigInteger> straight = new ArrayList<>();
      List<BigInteger> across = new ArrayList<>();
      for (int lane = 0; lane < Lanes.WIDTH; lane++) {
        BigInteger s = BigInteger.ZERO;
        BigInteger a = BigInteger.ZERO;
        for (int i = 0; i < count; i++) {
          BigInteger k = BigInteger.valueOf(factors[i][lane]);
          s = s.add(k.multiply(Lanes.value(w, slot(i), lane)));
          a = a.add(k.multiply(Lanes.value(w, slot(i), (int) lanes[i][lane])));
        }
        straight.add(s);
        across.add(a);
      }
      BigInteger any = P.shiftLeft(10);
      Lanes.sum(w, sum);
      assertBalanced(OUT, any);
      assertLanes(straight);
      Lanes.mix(w, mix);
      assertBalanced(OUT, any);
      assertLanes(across);
      Lanes.pick(w, mix);
      assertLanes(across);
      Lanes.tidy(w, mix);
      assertBalanced(OUT, thousandths(Program.TIDY));
      for (int lane = 0; lane < Lanes.WIDTH; lane++) {
        assertEquals(across.get(lane).mod(P), Lanes.value(w, OUT, lane).mod(P));
      }
      Lanes.permute(w, new int[] {OUT, mix[2], mix[3], mix[4]});
      for (int lane = 0; lane < Lanes.WIDTH; lane++) {
        assertEquals(
            BigInteger.valueOf(factors[0][lane])
                .multiply(Lanes.value(w, slot(0), (int) lanes[0][lane])),
            Lanes.value(w, OUT, lane));
      }
    }
  }

  private void assertLanes(List<BigInteger> expected) {
    for (int lane = 0; lane < Lanes.WIDTH; lane++) {
      assertEquals(expected.get(lane), Lanes.value(w, OUT, lane));
    }
  }

  @Test
  void tidyIsExactAtTheLargestOperand() {
    BigInteger largest = thousandths(Program.MAX_VALUE);
    row(ROWS, new long[] {1, 1, 1, 1, 1, 1, 1, 1});
    row(ROWS + Lanes.WIDTH, new long[] {0, 1, 2, 3, 4, 5, 6, 7});
    for (int round = 0; round < 200; round++) {
      BigInteger[] values = new BigInteger[Lanes.WIDTH];
      for (int lane = 0; lane < Lanes.WIDTH; lane++) {
        BigInteger value =
            switch (random.nextInt(4)) {
              case 0 -> largest;
              // Next to the middle between two multiples of p.
              case 1 ->
                  P.multiply(BigInteger.valueOf(random.nextInt(83)))
                      .add(P.shiftRight(1))
                      .add(BigInteger.valueOf(random.nextInt(3) - 1));
              default -> new BigInteger(300, random).mod(largest);
            };
        values[lane] = random.nextBoolean() ? value : value.negate();
        Lanes.set(w, slot(0), lane, Lanes.balanced(values[lane]));
      }
      Lanes.tidy(w, new int[] {OUT, 1, slot(0), ROWS, ROWS + Lanes.WIDTH});
      assertBalanced(OUT, thousandths(Program.TIDY));
      for (int lane = 0; lane < Lanes.WIDTH; lane++) {
        assertEquals(values[lane].mod(P), Lanes.value(w, OUT, lane).mod(P));
      }
    }
  }

  @Test
  void everyLaneIsGivenTheSlotAndTheSignThatItChooses() {
    int numbers = slot(20);
    int signs = numbers + Lanes.WIDTH;
    int stride = 2 * Lanes.SLOT;
    for (int round = 0; round < 100; round++) {
      for (int k = 0; k < 8; k++) {
        fill(slot(2 * k), HALF);
      }
      for (int lane = 0; lane < Lanes.WIDTH; lane++) {
        w[numbers + lane] = round == 0 ? lane : random.nextInt(8);
        w[signs + lane] = -random.nextInt(2);
      }
      Lanes.choose(w, slot(0), stride, w, numbers, signs, OUT);
      for (int lane = 0; lane < Lanes.WIDTH; lane++) {
        int chosen = slot(0) + (int) w[numbers + lane] * stride;
        for (int j = 0; j < Lanes.LIMBS; j++) {
          long limb = w[chosen + j * Lanes.WIDTH + lane];
          assertEquals(w[signs + lane] == 0 ? limb : -limb, w[OUT + j * Lanes.WIDTH + lane]);
        }
      }
    }
  }

  @Test
  void balancedLimbsAreTheNumber() {
    for (BigInteger value :
        List.of(BigInteger.ZERO, BigInteger.ONE, P, P.negate(), P.shiftLeft(6), P.shiftRight(1))) {
      Lanes.set(w, OUT, 3, Lanes.balanced(value));
      assertEquals(value, Lanes.value(w, OUT, 3));
    }
  }

  @Test
  void onlyMultiplesOfTheModulusAreZero() {
    for (BigInteger zero : List.of(BigInteger.ZERO, P, P.negate())) {
      Lanes.set(w, OUT, 5, Lanes.balanced(zero));
      assertTrue(Lanes.isZero(w, OUT, 5));
      for (int bit = 0; bit < 254; bit++) {
        Lanes.set(w, OUT, 5, Lanes.balanced(zero.add(BigInteger.ONE.shiftLeft(bit))));
        assertFalse(Lanes.isZero(w, OUT, 5));
      }
    }
  }

  @Test
  void wideLimbsComeInAndGoOutUnchanged() {
    BigInteger mask = BigInteger.ONE.shiftLeft(54).subtract(BigInteger.ONE);
    for (int round = 0; round < 500; round++) {
      BigInteger value =
          switch (round) {
            case 0 -> BigInteger.ZERO;
            case 1 -> P.subtract(BigInteger.ONE);
            case 2 -> BigInteger.ONE.shiftLeft(253).subtract(BigInteger.ONE);
            default -> new BigInteger(300, random).mod(P);
          };
      long[] limbs = new long[7];
      for (int j = 0; j < 5; j++) {
        limbs[1 + j] = value.shiftRight(54 * j).and(mask).longValue();
      }
      int lane = round % Lanes.WIDTH;
      Lanes.read(limbs, 1, w, OUT, lane);
      assertEquals(value, Lanes.value(w, OUT, lane));
      long[] back = new long[7];
      Lanes.write(w, OUT, lane, back, 1);
      assertArrayEquals(limbs, back);
    }
  }

  @Test
  void negativeNumbersGoOutAsTheirResidue() {
    for (int round = 0; round < 500; round++) {
      BigInteger value =
          new BigInteger(300, random).mod(thousandths(1_999)).subtract(BigInteger.valueOf(round));
      value = round % 2 == 0 ? value.negate() : value;
      Lanes.set(w, OUT, 0, Lanes.balanced(value));
      long[] limbs = new long[5];
      Lanes.write(w, OUT, 0, limbs, 0);
      BigInteger out = BigInteger.ZERO;
      for (int j = 4; j >= 0; j--) {
        assertTrue(j == 4 || limbs[j] >> 54 == 0);
        out = out.shiftLeft(54).add(BigInteger.valueOf(limbs[j]));
      }
      assertEquals(value.mod(P), out.mod(P));
      assertTrue(out.compareTo(P.negate()) > 0 && out.compareTo(P.shiftLeft(1)) < 0);
    }
  }
}
