package io.plimsoll.verifier.vector;

import io.plimsoll.verifier.bn254.MillerLoops;
import io.plimsoll.verifier.bn254.Roots;
import io.plimsoll.verifier.vector.Program.Assembler;
import io.plimsoll.verifier.vector.Program.Assembler.F2;
import java.math.BigInteger;

/**
 * {@link Roots} of eight at a time, one in each lane. p is 3 modulo 4, so a root of a square v is
 * v^((p+1)/4). In Fp2 it is the complex method: with n^2 the norm of v, h = (re(v) + n)/2 and g =
 * h^((p-3)/4), the numbers g*h and im(v)/2*g are the root's two parts, in one order or the other.
 * Immutable and thread-safe.
 */
public final class LaneRoots implements Roots {
  private static final int WINDOW = 4;
  private static final int POWERS = 1 << WINDOW;
  private static final long VALUE = 1_700;

  private static final String ROOT = exponent(1);
  private static final String ROOT_INVERSE = exponent(-3);

  private final Workspaces workspaces;
  private final int in;
  private final int base;
  private final int powers;
  private final int factor;
  private final int result;
  private final int next;
  private final int out;
  private final int one;

  private final Program tabulate;
  private final Program step;
  private final Program curveIn;
  private final Program curveOut;
  private final Program twistIn;
  private final Program twistHalf;
  private final Program twistOut;

  /** (p + k)/4, in hexadecimal digits. */
  private static String exponent(int k) {
    return Lanes.MODULUS.add(BigInteger.valueOf(k)).shiftRight(2).toString(16);
  }

  /** Assembles the programs. */
  public LaneRoots() {
    Assembler asm = new Assembler();
    in = asm.slot(1_000);
    asm.slot(1_000);
    base = asm.slot(VALUE);
    powers = asm.slot(VALUE);
    for (int i = 1; i < POWERS; i++) {
      asm.slot(VALUE);
    }
    factor = asm.slot(VALUE);
    result = asm.slot(VALUE);
    next = asm.slot(VALUE);
    F2 v = asm.slots(2 * VALUE);
    int half = asm.slot(VALUE);
    out = asm.slot(VALUE);
    asm.slot(VALUE);
    one = asm.constant(BigInteger.ONE);
    int narrow = asm.raw(BigInteger.TWO.pow(252));
    int widen = asm.raw(BigInteger.TWO.pow(270));
    int three = asm.constant(BigInteger.valueOf(3));
    int inverseOfTwo = asm.constant(BigInteger.TWO.modInverse(Lanes.MODULUS));
    F2 twistB = Constants.f2(asm, Constants.TWIST_B);

    asm.begin();
    for (int i = 0; i < POWERS; i++) {
      int slot = powers + i * Lanes.SLOT;
      if (i < 2) {
        asm.sumInto(slot, 1, i == 0 ? one : base);
      } else {
        asm.dotInto(slot, slot - Lanes.SLOT, base);
      }
    }
    tabulate = asm.end();

    asm.begin();
    int power = result;
    for (int i = 0; i < WINDOW; i++) {
      power = asm.dot(power, power);
    }
    asm.dotInto(next, power, factor);
    step = asm.end();

    asm.begin();
    int x = asm.dot(in, narrow);
    asm.dotInto(base, asm.dot(x, x), x, three, one);
    curveIn = asm.end();

    asm.begin();
    asm.dotInto(out, result, widen);
    curveOut = asm.end();

    asm.begin();
    F2 xx = new F2(asm.dot(in, narrow), asm.dot(in + Lanes.SLOT, narrow));
    F2 cube = asm.products(asm.square(xx), xx);
    asm.sum(v, 1, cube, 1, twistB);
    asm.dotInto(base, v.re(), v.re(), v.im(), v.im());
    twistIn = asm.end();

    asm.begin();
    asm.dotInto(half, v.re(), inverseOfTwo, result, inverseOfTwo);
    asm.sumInto(base, 1, half);
    twistHalf = asm.end();

    asm.begin();
    asm.dotInto(out, asm.dot(result, half), widen);
    asm.dotInto(out + Lanes.SLOT, asm.dot(asm.dot(v.im(), inverseOfTwo), result), widen);
    twistOut = asm.end();
    workspaces = new Workspaces(asm.workspace());
  }

  @Override
  public void ofCurve(long[] x, int count, long[] y) {
    long[] w = workspaces.take();
    for (int at = 0; at < count; at += Lanes.WIDTH) {
      read(w, x, at, count, 1);
      curveIn.run(w);
      power(w, ROOT);
      curveOut.run(w);
      write(w, y, at, count, 1);
    }
    workspaces.give(w);
  }

  @Override
  public void ofTwist(long[] x, int count, long[] y) {
    long[] w = workspaces.take();
    for (int at = 0; at < count; at += Lanes.WIDTH) {
      read(w, x, at, count, 2);
      twistIn.run(w);
      power(w, ROOT);
      twistHalf.run(w);
      power(w, ROOT_INVERSE);
      twistOut.run(w);
      write(w, y, at, count, 2);
    }
    workspaces.give(w);
  }

  /** To the next eight; lanes without one keep what they had. */
  private void read(long[] w, long[] from, int at, int count, int parts) {
    for (int lane = 0; lane < Lanes.WIDTH && at + lane < count; lane++) {
      for (int part = 0; part < parts; part++) {
        Lanes.read(
            from,
            ((at + lane) * parts + part) * MillerLoops.LIMBS,
            w,
            in + part * Lanes.SLOT,
            lane);
      }
    }
  }

  private void write(long[] w, long[] to, int at, int count, int parts) {
    for (int lane = 0; lane < Lanes.WIDTH && at + lane < count; lane++) {
      for (int part = 0; part < parts; part++) {
        Lanes.write(
            w, out + part * Lanes.SLOT, lane, to, ((at + lane) * parts + part) * MillerLoops.LIMBS);
      }
    }
  }

  /** result = base^exponent. */
  private void power(long[] w, String exponent) {
    tabulate.run(w);
    Lanes.copy(w, one, w, result);
    for (int i = 0; i < exponent.length(); i++) {
      int digit = Character.digit(exponent.charAt(i), POWERS);
      Lanes.copy(w, powers + digit * Lanes.SLOT, w, factor);
      step.run(w);
      Lanes.copy(w, next, w, result);
    }
  }
}
