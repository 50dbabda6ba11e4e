package io.plimsoll.verifier.vector;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

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

  /** Most that the looseness of both operands may come to, multiplied, and summed over products. */
  private static final long MAX_LOOSENESS = 13;

  /** What a sum without carries may come to in looseness. */
  private static final long MAX_PICKED = 2;

  /** What {@link Lanes#tidy} leaves at most, in thousandths of p. */
  static final long TIDY = 501;

  /** Thousandths of p that a reduction adds at most. */
  static final long REDUCTION = 1_501;

  /** Most terms times their factors: a limb of a sum is far below 2^63. */
  private static final long MAX_FACTORS = 1 << 20;

  /** 2^261/p, rounded down. */
  private static final long RADIX_OVER_MODULUS = 169;

  private enum Kind {
    DOT,
    TURN,
    WIDEN,
    SUM,
    MIX,
    TIDY,
    PICK,
    PICK_TWO,
    PERMUTE
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
        case DOT -> Lanes.dot(w, plans[i]);
        case TURN -> Lanes.turn(w, plans[i]);
        case WIDEN -> Lanes.widen(w, plans[i]);
        case SUM -> Lanes.sum(w, plans[i]);
        case MIX -> Lanes.mix(w, plans[i]);
        case TIDY -> Lanes.tidy(w, plans[i]);
        case PICK -> Lanes.pick(w, plans[i]);
        case PICK_TWO -> Lanes.pickTwo(w, plans[i]);
        case PERMUTE -> Lanes.permute(w, plans[i]);
      }
    }
  }

  /**
   * Lays out a workspace and assembles programs that share it. Not thread-safe.
   *
   * <p>The order of a workspace: rows, constants, the slots that stay, and the temporaries of the
   * program that runs.
   */
  static final class Assembler {
    private static final int MAX_ROWS = 256;
    private static final int MAX_CONSTANTS = 64;
    private static final int ROWS_AT = 0;
    private static final int CONSTANTS_AT = ROWS_AT + MAX_ROWS * Lanes.WIDTH;
    private static final int SLOTS_AT = CONSTANTS_AT + MAX_CONSTANTS * Lanes.SLOT;

    private final Map<List<Long>, Integer> rows = new HashMap<>();
    private final Map<List<BigInteger>, Integer> constants = new HashMap<>();
    private final Map<Integer, Long> resting = new HashMap<>();
    private final Map<Integer, Long> values = new HashMap<>();
    private final Map<Integer, Integer> negatives = new HashMap<>();

    /** How many times larger limbs are than balanced ones, lane by lane, of what was picked. */
    private final Map<Integer, long[]> looseness = new HashMap<>();

    private final Map<List<Object>, Integer> gathered = new HashMap<>();
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
      looseness.clear();
      gathered.clear();
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
    int temporary() {
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
      long[] loose = new long[Lanes.WIDTH];
      for (int i = 0; i < operands.length; i += 2) {
        if (operands[i] == z || operands[i + 1] == z) {
          throw new IllegalArgumentException("output is an operand");
        }
        product += Math.multiplyExact(value(operands[i]), value(operands[i + 1]));
        for (int lane = 0; lane < Lanes.WIDTH; lane++) {
          loose[lane] += looseness(operands[i], lane) * looseness(operands[i + 1], lane);
        }
      }
      for (long each : loose) {
        if (each > MAX_LOOSENESS) {
          throw new IllegalArgumentException("looseness " + each);
        }
      }
      int[] plan = new int[2 + operands.length];
      plan[0] = z;
      plan[1] = count;
      System.arraycopy(operands, 0, plan, 2, operands.length);
      add(Kind.DOT, plan, REDUCTION + product / (1_000 * RADIX_OVER_MODULUS) + 1);
      return z;
    }

    /**
     * A wide slot of the first six lanes of y, to be turned, and of x in place of those that come
     * around; it lives until the program's end.
     */
    int widen(int x, int y) {
      requireBalanced(x);
      requireBalanced(y);
      int z = next;
      next += Lanes.WIDE_SLOT;
      end = Math.max(end, next);
      add(Kind.WIDEN, new int[] {z, x, y}, Math.max(value(x), value(y)));
      return z;
    }

    /** A product for {@link #turnInto}: lane of x, times the wide slot y turned by some lanes. */
    record Turned(int x, int lane, int y, int by) {}

    /** The sum of products of one lane each with all of a wide slot. */
    int turnInto(int z, List<Turned> products) {
      if (products.isEmpty() || products.size() > MAX_PRODUCTS) {
        throw new IllegalArgumentException(products.size() + " products");
      }
      long value = 0;
      int[] plan = new int[2 + 2 * products.size()];
      plan[0] = z;
      plan[1] = products.size();
      for (int i = 0; i < products.size(); i++) {
        Turned each = products.get(i);
        requireBalanced(each.x);
        if (each.x == z || each.by < 0 || each.by >= Lanes.TURNING) {
          throw new IllegalArgumentException("output is an operand, or turned by " + each.by);
        }
        plan[2 + 2 * i] = each.x + each.lane;
        plan[3 + 2 * i] = each.y + Lanes.TURNING - each.by;
        value += Math.multiplyExact(value(each.x), value(each.y));
      }
      add(Kind.TURN, plan, REDUCTION + value / (1_000 * RADIX_OVER_MODULUS) + 1);
      return z;
    }

    /** k*x + ...; what comes is pairs of a factor and an operand. */
    int sum(int... terms) {
      return sumInto(temporary(), terms);
    }

    private long looseness(int slot, int lane) {
      long[] loose = looseness.get(slot);
      return loose == null ? 1 : loose[lane];
    }

    private void requireBalanced(int slot) {
      if (looseness.containsKey(slot)) {
        throw new IllegalArgumentException("slot " + slot + " is not balanced");
      }
    }

    int sumInto(int z, int... terms) {
      int[] plan = new int[2 + terms.length];
      plan[0] = z;
      plan[1] = terms.length / 2;
      long value = 0;
      long factors = 0;
      for (int i = 0; i < terms.length; i += 2) {
        requireBalanced(terms[i + 1]);
        plan[2 + i] = terms[i + 1];
        plan[3 + i] = factor(terms[i]);
        value += Math.multiplyExact(Math.abs((long) terms[i]), value(terms[i + 1]));
        factors += Math.abs((long) terms[i]);
      }
      requireFactors(factors);
      add(Kind.SUM, plan, value);
      return z;
    }

    /** A term of {@link #mix}: a row of factors times a row of lanes of x. Not changed later. */
    static final class Term {
      private final int x;
      private final long[] k;
      private final long[] lanes;

      Term(int x, long[] k, long[] lanes) {
        this.x = x;
        this.k = k;
        this.lanes = lanes;
      }

      /** For each lane, x of the lane that many further on. */
      static Term furtherOn(int x, int by) {
        long[] ones = new long[Lanes.WIDTH];
        long[] from = new long[Lanes.WIDTH];
        for (int lane = 0; lane < Lanes.WIDTH; lane++) {
          ones[lane] = 1;
          int other = (lane + by) % Lanes.WIDTH;
          from[lane] = other;
        }
        return new Term(x, ones, from);
      }
    }

    int mix(Term... terms) {
      return mixInto(temporary(), terms);
    }

    int mixInto(int z, Term... terms) {
      linear(Kind.MIX, z, terms);
      return z;
    }

    int tidyInto(int z, Term... terms) {
      linear(Kind.TIDY, z, terms);
      return z;
    }

    private void linear(Kind kind, int z, Term... terms) {
      int[] plan = new int[2 + 3 * terms.length];
      plan[0] = z;
      plan[1] = terms.length;
      for (int i = 0; i < terms.length; i++) {
        Term term = terms[i];
        requireBalanced(term.x);
        plan[2 + 3 * i] = term.x;
        plan[3 + 3 * i] = row(term.k);
        plan[4 + 3 * i] = row(term.lanes);
      }
      long value = 0;
      long[] factors = new long[Lanes.WIDTH];
      for (int lane = 0; lane < Lanes.WIDTH; lane++) {
        long laneValue = 0;
        for (Term term : terms) {
          long k = Math.abs(term.k[lane]);
          laneValue += Math.multiplyExact(k, value(term.x));
          factors[lane] += k;
        }
        value = Math.max(value, laneValue);
        requireFactors(factors[lane]);
      }
      if (kind == Kind.TIDY) {
        requireValue(value, kind);
        value = TIDY;
      }
      if (kind == Kind.PICK && terms.length <= 2) {
        // Kernels of their own, without the number of terms.
        int[] fixed = new int[plan.length - 1];
        fixed[0] = z;
        System.arraycopy(plan, 2, fixed, 1, fixed.length - 1);
        add(terms.length == 1 ? Kind.PERMUTE : Kind.PICK_TWO, fixed, value);
      } else {
        add(kind, plan, value);
      }
      if (kind == Kind.PICK) {
        looseness.put(z, factors);
      }
    }

    private static void requireFactors(long factors) {
      if (factors > MAX_FACTORS) {
        throw new IllegalArgumentException("factors up to " + factors);
      }
    }

    private void add(Kind kind, int[] plan, long value) {
      requireValue(value, kind);
      looseness.remove(plan[0]);
      kinds.add(kind);
      plans.add(plan);
      values.put(plan[0], value);
    }

    private static void requireValue(long value, Kind kind) {
      if (value > MAX_VALUE) {
        throw new IllegalArgumentException(value + " thousandths of p in " + kind);
      }
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

    // Lane by lane: numbers are lanes of slots, and an operation is told what each lane is to be.

    /** A sum of lanes of slots with small factors; immutable. */
    record Sum(Map<Lane, Long> terms) {
      static final Sum ZERO = new Sum(Map.of());

      /** What is not looked at. */
      static final Sum ANYTHING = new Sum(new HashMap<>());

      /** It has no terms, as zero has none: what it is, is which object it is. */
      @SuppressWarnings("ReferenceEquality")
      boolean isAnything() {
        return this == ANYTHING;
      }

      static Sum of(int slot, int lane) {
        return new Sum(Map.of(new Lane(slot, lane), 1L));
      }

      Sum times(long k) {
        Map<Lane, Long> result = new TreeMap<>();
        terms.forEach((lane, factor) -> result.put(lane, k * factor));
        return new Sum(result);
      }

      Sum plus(Sum other) {
        Map<Lane, Long> result = new TreeMap<>(terms);
        other.terms.forEach((lane, factor) -> result.merge(lane, factor, Long::sum));
        return new Sum(result);
      }

      Sum minus(Sum other) {
        return plus(other.times(-1));
      }
    }

    /** One number. */
    record Lane(int slot, int lane) implements Comparable<Lane> {
      @Override
      public int compareTo(Lane other) {
        return slot != other.slot
            ? Integer.compare(slot, other.slot)
            : Integer.compare(lane, other.lane);
      }
    }

    /** An element of Fp2 of two sums. */
    record Sum2(Sum re, Sum im) {
      /** Two neighbouring lanes. */
      static Sum2 of(int slot, int lane) {
        return new Sum2(Sum.of(slot, lane), Sum.of(slot, lane + 1));
      }

      Sum2 times(long k) {
        return new Sum2(re.times(k), im.times(k));
      }

      Sum2 plus(Sum2 other) {
        return new Sum2(re.plus(other.re), im.plus(other.im));
      }

      Sum2 minus(Sum2 other) {
        return plus(other.times(-1));
      }

      Sum2 conjugate() {
        return new Sum2(re, im.times(-1));
      }

      Sum2 timesXi() {
        return new Sum2(re.times(9).minus(im), im.times(9).plus(re));
      }
    }

    /** A sum of products, each of two sums; immutable. */
    record Products(List<Sum> operands) {
      static final Products ZERO = new Products(List.of());

      static Products of(Sum x, Sum y) {
        return new Products(List.of(x, y));
      }

      Products plus(Products other) {
        List<Sum> all = new ArrayList<>(operands);
        all.addAll(other.operands);
        return new Products(all);
      }
    }

    /** Two of them. */
    record Products2(Products re, Products im) {
      static Products2 of(Sum2 x, Sum2 y) {
        return new Products2(
            Products.of(x.re, y.re).plus(Products.of(x.im.times(-1), y.im)),
            Products.of(x.re, y.im).plus(Products.of(x.im, y.re)));
      }

      static Products2 of(Sum2 x, Sum k) {
        return new Products2(Products.of(x.re, k), Products.of(x.im, k));
      }

      static Products2 square(Sum2 x) {
        return new Products2(
            Products.of(x.re.plus(x.im), x.re.minus(x.im)), Products.of(x.re.times(2), x.im));
      }

      Products2 plus(Products2 other) {
        return new Products2(re.plus(other.re), im.plus(other.im));
      }
    }

    /** A slot with the given sums of products in its lanes. */
    int dotLanes(List<Products> lanes) {
      return dotLanesInto(temporary(), lanes);
    }

    int dotLanes(Products2... pairs) {
      return dotLanesInto(temporary(), pairs);
    }

    int dotLanesInto(int z, Products2... pairs) {
      List<Products> lanes = new ArrayList<>();
      for (Products2 pair : pairs) {
        lanes.add(pair.re);
        lanes.add(pair.im);
      }
      return dotLanesInto(z, lanes);
    }

    int dotLanesInto(int z, List<Products> lanes) {
      int count = lanes.stream().mapToInt(p -> p.operands.size()).max().orElseThrow();
      int[] operands = new int[count];
      for (int i = 0; i < count; i++) {
        int operand = i;
        operands[i] =
            gather(
                lanes.stream()
                    .map(p -> operand < p.operands.size() ? p.operands.get(operand) : none(operand))
                    .toList());
      }
      return dotInto(z, operands);
    }

    /** What a lane without that operand has: of the two of a product, one must be zero. */
    private static Sum none(int operand) {
      return operand % 2 == 0 ? Sum.ZERO : Sum.ANYTHING;
    }

    /** A slot with the given sums in its lanes, loose ones if they are few; to multiply with. */
    private int gather(List<Sum> lanes) {
      List<Term> terms = terms(lanes);
      if (terms.size() == 1 && isIdentity(terms.get(0), lanes)) {
        return terms.get(0).x;
      }
      long loosest =
          lanes.stream()
              .mapToLong(s -> s.terms.values().stream().mapToLong(Math::abs).sum())
              .max()
              .orElseThrow();
      List<Object> key = new ArrayList<>();
      for (Term term : terms) {
        key.addAll(List.of(term.x, row(term.k), row(term.lanes)));
      }
      Integer known = gathered.get(key);
      if (known == null) {
        known = temporary();
        linear(loosest <= MAX_PICKED ? Kind.PICK : Kind.MIX, known, terms.toArray(new Term[0]));
        gathered.put(key, known);
      }
      return known;
    }

    /** A balanced slot with the given sums in its lanes, at most {@link #TIDY}. */
    int tidy(List<Sum> lanes) {
      return tidyInto(temporary(), lanes);
    }

    int tidyInto(int z, List<Sum> lanes) {
      return tidyInto(z, terms(lanes).toArray(new Term[0]));
    }

    int mixInto(int z, List<Sum> lanes) {
      return mixInto(z, terms(lanes).toArray(new Term[0]));
    }

    /** As few terms as there can be: for each slot, as many as a lane needs of it. */
    private static List<Term> terms(List<Sum> lanes) {
      Map<Integer, List<Term>> terms = new TreeMap<>();
      for (int lane = 0; lane < lanes.size(); lane++) {
        Map<Integer, Integer> used = new HashMap<>();
        for (Map.Entry<Lane, Long> entry : lanes.get(lane).terms.entrySet()) {
          int slot = entry.getKey().slot;
          int index = used.merge(slot, 1, Integer::sum) - 1;
          List<Term> ofSlot = terms.computeIfAbsent(slot, s -> new ArrayList<>());
          if (index == ofSlot.size()) {
            ofSlot.add(new Term(slot, new long[Lanes.WIDTH], new long[Lanes.WIDTH]));
          }
          ofSlot.get(index).k[lane] = entry.getValue();
          ofSlot.get(index).lanes[lane] = entry.getKey().lane;
        }
      }
      return terms.values().stream().flatMap(List::stream).toList();
    }

    private static boolean isIdentity(Term term, List<Sum> lanes) {
      for (int lane = 0; lane < lanes.size(); lane++) {
        if (!lanes.get(lane).isAnything() && (term.k[lane] != 1 || term.lanes[lane] != lane)) {
          return false;
        }
      }
      return true;
    }
  }
}
