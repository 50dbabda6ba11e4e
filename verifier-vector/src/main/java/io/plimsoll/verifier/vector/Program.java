package io.plimsoll.verifier.vector;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A straight run of {@link Lanes} operations on a workspace. It is put together once by an {@link
 * Assembler}, which follows the bounds of every number through it and refuses what could overflow;
 * so a program that exists is one that keeps within them. Immutable.
 */
final class Program {
  /** Most products of one sum, so that no column overflows; see {@link Lanes}. */
  static final int MAX_PRODUCTS = 12;

  /** Largest operand in thousandths of p: limb 8 is at most 2^28 then. */
  static final long MAX_VALUE = 84_000;

  /** Thousandths of p that a reduction adds at most. */
  static final long REDUCTION = 1_501;

  /** Most terms times their factors: a limb of a sum is far below 2^63. */
  private static final long MAX_FACTORS = 1 << 20;

  /** 2^261/p, rounded down. */
  private static final long RADIX_OVER_MODULUS = 169;

  private static final int COLUMNS_AT = 0;

  private enum Kind {
    DOT,
    SUM,
    MIX
  }

  private final Kind[] kinds;
  private final int[][] plans;

  private Program(List<Kind> kinds, List<int[]> plans) {
    this.kinds = kinds.toArray(new Kind[0]);
    this.plans = plans.toArray(new int[0][]);
  }

  void run(long[] w) {
    for (int i = 0; i < plans.length; i++) {
      switch (kinds[i]) {
        case DOT -> Lanes.dot(w, plans[i], COLUMNS_AT);
        case SUM -> Lanes.sum(w, plans[i]);
        case MIX -> Lanes.mix(w, plans[i]);
      }
    }
  }

  /**
   * Lays out a workspace and assembles programs that share it. Not thread-safe.
   *
   * <p>The order of a workspace: columns, rows, constants, the slots that stay, and the temporaries
   * of the program that runs.
   */
  static final class Assembler {
    private static final int MAX_ROWS = 96;
    private static final int MAX_CONSTANTS = 48;
    private static final int ROWS_AT = Lanes.COLUMNS;
    private static final int CONSTANTS_AT = ROWS_AT + MAX_ROWS * Lanes.WIDTH;
    private static final int SLOTS_AT = CONSTANTS_AT + MAX_CONSTANTS * Lanes.SLOT;

    private final Map<List<Long>, Integer> rows = new HashMap<>();
    private final Map<List<BigInteger>, Integer> constants = new HashMap<>();
    private final Map<Integer, Long> resting = new HashMap<>();
    private final Map<Integer, Long> values = new HashMap<>();
    private final Map<Integer, Integer> negatives = new HashMap<>();
    private int staying = SLOTS_AT;
    private int next = SLOTS_AT;
    private int end = SLOTS_AT;
    private boolean laidOut;
    private List<Kind> kinds;
    private List<int[]> plans;

    // What stays.

    /**
     * A slot that outlives a program; consecutive ones lie one after the other.
     *
     * @param value what it is at most, in thousandths of p, before and after every program
     */
    int slot(long value) {
      if (laidOut) {
        throw new IllegalStateException("slots come before the first program");
      }
      int slot = staying;
      staying += Lanes.SLOT;
      resting.put(slot, value);
      return slot;
    }

    /** A slot that has a number in all lanes, in Montgomery form. */
    int constant(BigInteger value) {
      return raw(montgomery(value));
    }

    /** A slot that has a number in all lanes, as it is. */
    int raw(BigInteger value) {
      BigInteger[] lanes = new BigInteger[Lanes.WIDTH];
      Arrays.fill(lanes, value.mod(Lanes.MODULUS));
      return raw(lanes);
    }

    /** A slot of numbers in [0, p), as they are. */
    int raw(BigInteger[] lanes) {
      int slot =
          constants.computeIfAbsent(
              List.of(lanes), k -> CONSTANTS_AT + constants.size() * Lanes.SLOT);
      if (constants.size() > MAX_CONSTANTS) {
        throw new IllegalStateException("too many constants");
      }
      resting.put(slot, 1_000L);
      values.put(slot, 1_000L);
      return slot;
    }

    static BigInteger montgomery(BigInteger value) {
      return value.shiftLeft(Lanes.LIMBS * Lanes.LIMB_BITS).mod(Lanes.MODULUS);
    }

    private int row(long... lanes) {
      int row =
          rows.computeIfAbsent(
              Arrays.stream(lanes).boxed().toList(), k -> ROWS_AT + rows.size() * Lanes.WIDTH);
      if (rows.size() > MAX_ROWS) {
        throw new IllegalStateException("too many rows");
      }
      return row;
    }

    private int factor(long k) {
      long[] lanes = new long[Lanes.WIDTH];
      Arrays.fill(lanes, k);
      return row(lanes);
    }

    // Programs.

    void begin() {
      laidOut = true;
      next = staying;
      values.clear();
      values.putAll(resting);
      negatives.clear();
      kinds = new ArrayList<>();
      plans = new ArrayList<>();
    }

    Program end() {
      resting.forEach(
          (slot, value) -> {
            if (values.get(slot) > value) {
              throw new IllegalStateException(
                  "slot " + slot + " ends at " + values.get(slot) + ", above " + value);
            }
          });
      List<Kind> mergedKinds = new ArrayList<>();
      List<int[]> mergedPlans = new ArrayList<>();
      for (int i = 0; i < plans.size(); i++) {
        int last = mergedKinds.size() - 1;
        int[] plan = plans.get(i);
        if (last >= 0 && mergedKinds.get(last) == kinds.get(i)) {
          int[] before = mergedPlans.get(last);
          int[] merged = Arrays.copyOf(before, before.length + plan.length);
          System.arraycopy(plan, 0, merged, before.length, plan.length);
          mergedPlans.set(last, merged);
        } else {
          mergedKinds.add(kinds.get(i));
          mergedPlans.add(plan);
        }
      }
      Program program = new Program(mergedKinds, mergedPlans);
      kinds = null;
      plans = null;
      return program;
    }

    /** A slot that lives until the program's end. */
    private int temporary() {
      int slot = next;
      next += Lanes.SLOT;
      end = Math.max(end, next);
      return slot;
    }

    /** The sum of the products of pairs of operands. */
    int dot(int... operands) {
      return dotInto(temporary(), operands);
    }

    int dotInto(int z, int... operands) {
      int count = operands.length / 2;
      if (operands.length % 2 != 0 || count < 1 || count > MAX_PRODUCTS) {
        throw new IllegalArgumentException(operands.length + " operands");
      }
      long product = 0;
      for (int i = 0; i < operands.length; i += 2) {
        if (operands[i] == z || operands[i + 1] == z) {
          throw new IllegalArgumentException("output is an operand");
        }
        product += Math.multiplyExact(value(operands[i]), value(operands[i + 1]));
      }
      int[] plan = new int[2 + operands.length];
      plan[0] = z;
      plan[1] = count;
      System.arraycopy(operands, 0, plan, 2, operands.length);
      add(Kind.DOT, plan, REDUCTION + product / (1_000 * RADIX_OVER_MODULUS) + 1);
      return z;
    }

    /** k*x + ...; what comes is pairs of a factor and an operand. */
    int sum(int... terms) {
      return sumInto(temporary(), terms);
    }

    int sumInto(int z, int... terms) {
      int[] plan = new int[2 + terms.length];
      plan[0] = z;
      plan[1] = terms.length / 2;
      long value = 0;
      long factors = 0;
      for (int i = 0; i < terms.length; i += 2) {
        plan[2 + i] = terms[i + 1];
        plan[3 + i] = factor(terms[i]);
        value += Math.multiplyExact(Math.abs((long) terms[i]), value(terms[i + 1]));
        factors += Math.abs((long) terms[i]);
      }
      requireFactors(factors);
      add(Kind.SUM, plan, value);
      return z;
    }

    /** A term of {@link #mix}: row k of factors times row {@code lanes} of lanes of x. */
    record Term(int x, long[] k, long[] lanes) {}

    int mix(Term... terms) {
      return mixInto(temporary(), terms);
    }

    int mixInto(int z, Term... terms) {
      int[] plan = new int[2 + 3 * terms.length];
      plan[0] = z;
      plan[1] = terms.length;
      long value = 0;
      long factors = 0;
      for (int i = 0; i < terms.length; i++) {
        Term term = terms[i];
        plan[2 + 3 * i] = term.x;
        plan[3 + 3 * i] = row(term.k);
        plan[4 + 3 * i] = row(term.lanes);
      }
      for (int lane = 0; lane < Lanes.WIDTH; lane++) {
        long laneValue = 0;
        long laneFactors = 0;
        for (Term term : terms) {
          long k = Math.abs(term.k[lane]);
          laneValue += Math.multiplyExact(k, value(term.x));
          laneFactors += k;
        }
        value = Math.max(value, laneValue);
        factors = Math.max(factors, laneFactors);
      }
      requireFactors(factors);
      add(Kind.MIX, plan, value);
      return z;
    }

    private static void requireFactors(long factors) {
      if (factors > MAX_FACTORS) {
        throw new IllegalArgumentException("factors up to " + factors);
      }
    }

    private void add(Kind kind, int[] plan, long value) {
      if (value > MAX_VALUE) {
        throw new IllegalArgumentException(value + " thousandths of p in " + kind);
      }
      kinds.add(kind);
      plans.add(plan);
      values.put(plan[0], value);
    }

    /** What a slot is at most at this place of the program, in thousandths of p. */
    long value(int slot) {
      Long value = values.get(slot);
      if (value == null) {
        throw new IllegalArgumentException("slot " + slot + " has nothing yet");
      }
      return value;
    }

    /** A new workspace, once all programs are there: constants set, the rest zero. */
    long[] workspace() {
      long[] w = new long[end];
      rows.forEach(
          (lanes, at) -> {
            for (int lane = 0; lane < Lanes.WIDTH; lane++) {
              w[at + lane] = lanes.get(lane);
            }
          });
      constants.forEach(
          (lanes, at) -> {
            for (int lane = 0; lane < Lanes.WIDTH; lane++) {
              Lanes.set(w, at, lane, Lanes.balanced(lanes.get(lane)));
            }
          });
      return w;
    }

    // Fp2: two slots.

    /** An element re + im*i of Fp2, by its slots. */
    record F2(int re, int im) {}

    F2 slots(long value) {
      return new F2(slot(value), slot(value));
    }

    F2 constant(BigInteger re, BigInteger im) {
      return new F2(constant(re), constant(im));
    }

    private F2 temporaries() {
      return new F2(temporary(), temporary());
    }

    /** -x, of a slot that does not change until the program's end. */
    private int negative(int x) {
      Integer known = negatives.get(x);
      if (known == null) {
        known = sum(-1, x);
        negatives.put(x, known);
      }
      return known;
    }

    F2 conjugate(F2 x) {
      return new F2(x.re, negative(x.im));
    }

    /** z = x*y + ..., of pairs of operands. */
    F2 productsInto(F2 z, F2... operands) {
      int[] re = new int[2 * operands.length];
      int[] im = new int[2 * operands.length];
      for (int i = 0; i < operands.length; i += 2) {
        F2 x = operands[i];
        F2 y = operands[i + 1];
        re[2 * i] = x.re;
        re[2 * i + 1] = y.re;
        re[2 * i + 2] = x.im;
        re[2 * i + 3] = negative(y.im);
        im[2 * i] = x.re;
        im[2 * i + 1] = y.im;
        im[2 * i + 2] = x.im;
        im[2 * i + 3] = y.re;
      }
      dotInto(z.re, re);
      dotInto(z.im, im);
      return z;
    }

    F2 products(F2... operands) {
      return productsInto(temporaries(), operands);
    }

    F2 square(F2 x) {
      int plus = sum(1, x.re, 1, x.im);
      int minus = sum(1, x.re, -1, x.im);
      int twice = sum(2, x.im);
      F2 z = temporaries();
      dotInto(z.re, plus, minus);
      dotInto(z.im, twice, x.re);
      return z;
    }

    /** z = x*k for k in Fp. */
    F2 scale(F2 z, F2 x, int k) {
      dotInto(z.re, x.re, k);
      dotInto(z.im, x.im, k);
      return z;
    }

    F2 sum(F2 z, int k, F2 x) {
      sumInto(z.re, k, x.re);
      sumInto(z.im, k, x.im);
      return z;
    }

    F2 sum(F2 z, int j, F2 x, int k, F2 y) {
      sumInto(z.re, j, x.re, k, y.re);
      sumInto(z.im, j, x.im, k, y.im);
      return z;
    }

    F2 sum(int k, F2 x) {
      return sum(temporaries(), k, x);
    }

    F2 sum(int j, F2 x, int k, F2 y) {
      return sum(temporaries(), j, x, k, y);
    }

    /** xi*x, ten times larger. */
    F2 timesXi(F2 x) {
      return new F2(sum(9, x.re, -1, x.im), sum(9, x.im, 1, x.re));
    }

    /** xi*x, reduced. */
    F2 reducedTimesXi(F2 x) {
      return products(x, constant(BigInteger.valueOf(9), BigInteger.ONE));
    }
  }
}
