package io.plimsoll.verifier.vector;

import io.plimsoll.verifier.bn254.MillerLoops;
import io.plimsoll.verifier.vector.Program.Assembler;
import io.plimsoll.verifier.vector.Program.Assembler.F2;
import io.plimsoll.verifier.vector.Program.Assembler.Term;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * {@link MillerLoops} with eight pairs side by side, each in a lane of its own: one group of eight
 * after the other takes the loop's next step, and all groups multiply their lines into the same
 * eight functions, one for each lane, so that a step squares eight functions whatever the number of
 * pairs. Immutable and thread-safe.
 *
 * <p>A point's steps are those of Aranha, Karabina, Longa, Gebotys, Lopez (ePrint 2010/526) in
 * homogeneous coordinates. Products in Fp2 are sums of products in Fp, reduced once, and so are the
 * coordinates of the product of a function and a line. The function's coordinates are those of w^0
 * to w^5, with w^6 = xi = 9 + i.
 *
 * <p>A lane without a pair has the generator of G2, and (0, 0) for the point of G1. Its lines are
 * then in Fp2*w^3, so in Fp4, and do not matter.
 */
public final class LaneMillerLoops implements MillerLoops {
  /** Below these bounds, in thousandths of p, the assembler finds that all programs stay. */
  private static final long FUNCTION_VALUE = 4_000;

  private static final long POINT_VALUE = 3_300;
  private static final long LINE_VALUE = 1_600;
  private static final long LAST_LINE_VALUE = 3_400;
  private static final long INPUT_VALUE = 1_600;

  /** What can be given out or compared with zero. */
  private static final long OUTPUT_VALUE = 1_999;

  private static final int PAIR_SLOTS = 6;
  private static final int POINT_SLOTS = 6;

  private final Workspaces workspaces;

  /** The pairs as they come, six slots. */
  private final int pairs;

  /** A group's own slots: T, Q, and what P is used as. */
  private final int group;

  private final int groupLongs;

  /** The T that a step makes. */
  private final int nextPoint;

  /** The function, twice: a product cannot be made in place. */
  private final int[] function = new int[2];

  private final int one;
  private final int checks;
  private final int product;
  private final BigInteger[] idle;

  private final Program takeIn;
  private final Program twice;
  private final Program plus;
  private final Program minus;
  private final Program psi;
  private final Program minusPsiSquared;
  private final Program atEnd;
  private final Program[] byLine = new Program[2];
  private final Program[] square = new Program[2];

  /**
   * Each multiplies by the function of the lane 1, 2, 4 further on; from the first to the second.
   */
  private final Program[] fold = new Program[3];

  private final Program giveOut;

  /** Assembles the programs, which takes milliseconds. */
  public LaneMillerLoops() {
    Assembler asm = new Assembler();
    pairs = asm.slot(1_000);
    for (int i = 1; i < PAIR_SLOTS; i++) {
      asm.slot(1_000);
    }
    F2 tx = asm.slots(POINT_VALUE);
    group = tx.re();
    F2 ty = asm.slots(POINT_VALUE);
    F2 tz = asm.slots(POINT_VALUE);
    F2 qx = asm.slots(INPUT_VALUE);
    F2 qy = asm.slots(INPUT_VALUE);
    int threeX = asm.slot(3 * INPUT_VALUE);
    int negativeX = asm.slot(INPUT_VALUE);
    int y = asm.slot(INPUT_VALUE);
    int negativeY = asm.slot(INPUT_VALUE);
    F2 nextX = asm.slots(POINT_VALUE);
    groupLongs = nextX.re() - group;
    nextPoint = nextX.re();
    F2 nextY = asm.slots(POINT_VALUE);
    F2 nextZ = asm.slots(POINT_VALUE);
    F2 line0 = asm.slots(LINE_VALUE);
    F2 line1 = asm.slots(LINE_VALUE);
    F2 line3 = asm.slots(LAST_LINE_VALUE);
    F2[][] f = new F2[2][6];
    for (int i = 0; i < 2; i++) {
      for (int k = 0; k < 6; k++) {
        f[i][k] = asm.slots(FUNCTION_VALUE);
      }
      function[i] = f[i][0].re();
    }
    F2 checkX = asm.slots(OUTPUT_VALUE);
    F2 checkY = asm.slots(OUTPUT_VALUE);
    F2 checkZ = asm.slots(OUTPUT_VALUE);
    checks = checkX.re();
    F2[] out = new F2[6];
    for (int k = 0; k < 6; k++) {
      out[k] = asm.slots(OUTPUT_VALUE);
    }
    product = out[0].re();

    one = asm.constant(BigInteger.ONE);
    int zero = asm.constant(BigInteger.ZERO);
    // From x*2^270 to x*2^261, and back: a product is divided by 2^261.
    int narrow = asm.raw(BigInteger.TWO.pow(252));
    int widen = asm.raw(BigInteger.TWO.pow(270));
    idle = Constants.idlePair();

    asm.begin();
    int[] in = new int[PAIR_SLOTS];
    for (int i = 0; i < PAIR_SLOTS; i++) {
      in[i] = asm.dot(pairs + i * Lanes.SLOT, narrow);
    }
    asm.sumInto(threeX, 3, in[0]);
    asm.sumInto(negativeX, -1, in[0]);
    asm.sumInto(y, 1, in[1]);
    asm.sumInto(negativeY, -1, in[1]);
    asm.sum(qx, 1, new F2(in[2], in[3]));
    asm.sum(qy, 1, new F2(in[4], in[5]));
    asm.sum(tx, 1, new F2(in[2], in[3]));
    asm.sum(ty, 1, new F2(in[4], in[5]));
    asm.sum(tz, 1, new F2(one, zero));
    takeIn = asm.end();

    asm.begin();
    F2 b = asm.square(ty);
    F2 c = asm.square(tz);
    F2 xx = asm.square(tx);
    F2 xy = asm.products(tx, ty);
    F2 h = asm.products(ty, asm.sum(2, tz));
    F2 e = asm.products(c, Constants.f2(asm, Constants.THREE_B));
    asm.scale(line0, h, negativeY);
    asm.scale(line1, xx, threeX);
    asm.sum(line3, 1, e, -1, b);
    asm.productsInto(nextX, xy, asm.sum(2, b, -6, e));
    F2 sum = asm.sum(1, b, 3, e);
    // (b + 3e)^2 - 12e^2
    int sumPlus = asm.sum(1, sum.re(), 1, sum.im());
    int sumMinus = asm.sum(1, sum.re(), -1, sum.im());
    int sumTwice = asm.sum(2, sum.im());
    int ePlus = asm.sum(-12, e.re(), -12, e.im());
    int eMinus = asm.sum(1, e.re(), -1, e.im());
    int eTwice = asm.sum(-24, e.im());
    asm.dotInto(nextY.re(), sumPlus, sumMinus, ePlus, eMinus);
    asm.dotInto(nextY.im(), sumTwice, sum.re(), eTwice, e.re());
    asm.productsInto(nextZ, asm.sum(4, b), h);
    twice = asm.end();

    Program[] adds = new Program[4];
    for (int i = 0; i < adds.length; i++) {
      asm.begin();
      F2 px = qx;
      F2 py = qy;
      switch (i) {
        case 1 -> py = asm.sum(-1, qy);
        case 2 -> {
          px = asm.products(asm.conjugate(qx), Constants.f2(asm, Constants.PSI_X));
          py = asm.products(asm.conjugate(qy), Constants.f2(asm, Constants.PSI_Y));
        }
        // psi^2 changes the sign of y.
        case 3 -> px = asm.scale(asm.sum(1, qx), qx, asm.constant(Constants.PSI_SQUARED_X));
        default -> {}
      }
      F2 o = asm.sum(1, ty, -1, asm.products(py, tz));
      F2 l = asm.sum(1, tx, -1, asm.products(px, tz));
      asm.scale(line0, l, y);
      asm.scale(line1, o, negativeX);
      asm.productsInto(line3, o, px, asm.sum(-1, l), py);
      F2 oo = asm.square(o);
      F2 ll = asm.square(l);
      F2 lll = asm.products(l, ll);
      F2 zoo = asm.products(tz, oo);
      F2 xll = asm.products(tx, ll);
      F2 m = asm.sum(1, asm.sum(1, lll, 1, zoo), -2, xll);
      asm.productsInto(nextX, l, m);
      asm.productsInto(nextY, asm.sum(1, xll, -1, m), o, asm.sum(-1, lll), ty);
      asm.productsInto(nextZ, lll, tz);
      adds[i] = asm.end();
    }
    plus = adds[0];
    minus = adds[1];
    psi = adds[2];
    minusPsiSquared = adds[3];

    // T is to be -psi^3(Q), and finite: x*Z - X, y*Z - Y and Z.
    asm.begin();
    F2 endX = asm.scale(asm.sum(1, qx), qx, asm.constant(Constants.PSI_SQUARED_X));
    endX = asm.products(asm.conjugate(endX), Constants.f2(asm, Constants.PSI_X));
    F2 endY = asm.products(asm.conjugate(qy), Constants.f2(asm, Constants.PSI_Y));
    F2 minusOne = new F2(asm.constant(BigInteger.ONE.negate()), zero);
    asm.productsInto(checkX, endX, tz, tx, minusOne);
    asm.productsInto(checkY, endY, tz, ty, minusOne);
    asm.scale(checkZ, tz, one);
    atEnd = asm.end();

    for (int i = 0; i < 2; i++) {
      F2[] from = f[i];
      F2[] to = f[1 - i];
      asm.begin();
      F2 xi1 = asm.timesXi(line1);
      F2 xi3 = asm.timesXi(line3);
      for (int k = 0; k < 6; k++) {
        asm.productsInto(
            to[k],
            from[k],
            line0,
            from[(k + 5) % 6],
            k == 0 ? xi1 : line1,
            from[(k + 3) % 6],
            k < 3 ? xi3 : line3);
      }
      byLine[i] = asm.end();

      asm.begin();
      Function.square(asm, to, from);
      square[i] = asm.end();
    }

    for (int i = 0; i < fold.length; i++) {
      asm.begin();
      F2[] other = new F2[6];
      for (int k = 0; k < 6; k++) {
        other[k] =
            new F2(
                asm.mix(Term.furtherOn(f[0][k].re(), 1 << i)),
                asm.mix(Term.furtherOn(f[0][k].im(), 1 << i)));
      }
      Function.multiply(asm, f[1], f[0], other);
      fold[i] = asm.end();
    }

    asm.begin();
    for (int k = 0; k < 6; k++) {
      asm.scale(out[k], f[0][k], widen);
    }
    giveOut = asm.end();
    workspaces = new Workspaces(asm.workspace());
  }

  @Override
  public boolean multiply(long[] limbs, int count, long[] result, boolean[] outside) {
    Run run = new Run(limbs, count);
    boolean inside = run.run(result, outside);
    workspaces.give(run.w);
    return inside;
  }

  @Override
  public int minimum() {
    return 3;
  }

  /** One call. */
  private final class Run {
    private final long[] w = workspaces.take();
    private final int count;
    private final int groups;
    private final long[] state;
    private int current;

    Run(long[] limbs, int count) {
      this.count = count;
      groups = (count + Lanes.WIDTH - 1) / Lanes.WIDTH;
      state = new long[groups * groupLongs];
      Arrays.fill(w, function[0], function[0] + 12 * Lanes.SLOT, 0);
      Lanes.copy(w, one, w, function[0]);
      for (int g = 0; g < groups; g++) {
        for (int lane = 0; lane < Lanes.WIDTH; lane++) {
          int pair = g * Lanes.WIDTH + lane;
          for (int i = 0; i < PAIR_SLOTS; i++) {
            int slot = pairs + i * Lanes.SLOT;
            if (pair < count) {
              Lanes.read(limbs, pair * PAIR_LONGS + i * MillerLoops.LIMBS, w, slot, lane);
            } else {
              Lanes.set(w, slot, lane, Lanes.balanced(idle[i]));
            }
          }
        }
        takeIn.run(w);
        System.arraycopy(w, group, state, g * groupLongs, groupLongs);
      }
    }

    boolean run(long[] result, boolean[] outside) {
      byte[] digits = Constants.LOOP_DIGITS;
      for (int i = 0; i < digits.length; i++) {
        if (i > 0) {
          square[current].run(w);
          current ^= 1;
        }
        for (int g = 0; g < groups; g++) {
          load(g);
          step(twice);
          if (digits[i] != 0) {
            step(digits[i] > 0 ? plus : minus);
          }
          System.arraycopy(w, group, state, g * groupLongs, POINT_SLOTS * Lanes.SLOT);
        }
      }
      boolean inside = true;
      for (int g = 0; g < groups; g++) {
        load(g);
        step(psi);
        step(minusPsiSquared);
        atEnd.run(w);
        for (int lane = 0; lane < Lanes.WIDTH && g * Lanes.WIDTH + lane < count; lane++) {
          boolean in = endsInSubgroup(lane);
          outside[g * Lanes.WIDTH + lane] = !in;
          inside &= in;
        }
      }
      give(result);
      return inside;
    }

    private void load(int g) {
      System.arraycopy(state, g * groupLongs, w, group, groupLongs);
    }

    private void step(Program point) {
      point.run(w);
      System.arraycopy(w, nextPoint, w, group, POINT_SLOTS * Lanes.SLOT);
      byLine[current].run(w);
      current ^= 1;
    }

    private boolean endsInSubgroup(int lane) {
      boolean finite = false;
      boolean same = true;
      for (int i = 0; i < 4; i++) {
        same &= Lanes.isZero(w, checks + i * Lanes.SLOT, lane);
      }
      for (int i = 4; i < 6; i++) {
        finite |= !Lanes.isZero(w, checks + i * Lanes.SLOT, lane);
      }
      return same && finite;
    }

    private void give(long[] result) {
      if (current == 1) {
        toFirst();
      }
      for (Program each : fold) {
        each.run(w);
        toFirst();
      }
      giveOut.run(w);
      for (int i = 0; i < 12; i++) {
        Lanes.write(w, product + i * Lanes.SLOT, 0, result, i * MillerLoops.LIMBS);
      }
    }

    private void toFirst() {
      System.arraycopy(w, function[1], w, function[0], 12 * Lanes.SLOT);
    }
  }
}
