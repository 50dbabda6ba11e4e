package io.plimsoll.verifier.vector;

import io.plimsoll.verifier.bn254.MillerLoops;
import io.plimsoll.verifier.bn254.TripleProduct;
import io.plimsoll.verifier.vector.Program.Assembler;
import io.plimsoll.verifier.vector.Program.Assembler.Products2;
import io.plimsoll.verifier.vector.Program.Assembler.Sum;
import io.plimsoll.verifier.vector.Program.Assembler.Sum2;
import io.plimsoll.verifier.vector.Program.Assembler.Turned;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@link TripleProduct} with the lanes within one product: coordinate k of the function is in lane
 * k of two slots, one of real and one of imaginary parts, and the coordinates of the running point
 * are side by side in one slot. Immutable and thread-safe.
 *
 * <p>Formulas as in {@link LaneMillerLoops}; squaring in the cyclotomic subgroup as in Granger and
 * Scott (ePrint 2009/565), the final exponent as in Scott, Benger, Charlemagne, Dominguez Perez and
 * Kachisa (ePrint 2008/490).
 */
public final class LaneTripleProduct implements TripleProduct {
  private static final int COORDINATES = 6;
  private static final long INPUT_VALUE = 1_600;
  private static final long FUNCTION_VALUE = 1_900;
  private static final long LOOP_VALUE = 3_000;
  private static final long POINT_VALUE = 1_999;

  private static final int PAIR_NUMBERS = 6;
  private static final int POINT_NUMBERS = 4;
  private static final int FUNCTION_LONGS = 2 * Lanes.SLOT;

  private final Workspaces workspaces;

  private final int inPair;
  private final int inPoints;
  private final int inLines;
  private final int point;
  private final int nextPoint;
  private final int addend;
  private final int q;
  private final int minusQ;
  private final int psiQ;
  private final int minusPsiSquaredQ;
  private final int lines;
  private final int f;
  private final int nextF;
  private final int a;
  private final int b;
  private final int c;
  private final int normOut;
  private final int normInverse;
  private final int checks;
  private final int out;
  private final int one;
  private final int zero;

  private final Program takeIn;
  private final Program takeInLines;
  private final Program twice;
  private final Program add;
  private final Program atEnd;
  private final Program multiply;
  private final Program cyclotomicSquare;
  private final Program conjugate;
  private final Program[] frobenius = new Program[4];
  private final Program normOfSixth;
  private final Program inverseOfSixth;
  private final Program giveOut;

  /** The slots of a function. */
  private record Fp12(int re, int im) {
    Sum2 at(int k) {
      return new Sum2(Sum.of(re, k), Sum.of(im, k));
    }
  }

  /** Assembles the programs, which takes milliseconds. */
  public LaneTripleProduct() {
    Assembler asm = new Assembler();
    inPair = asm.slot(1_000);
    inPoints = asm.slot(1_000);
    inLines = asm.slot(1_000);
    point = asm.slot(POINT_VALUE);
    nextPoint = asm.slot(POINT_VALUE);
    addend = asm.slot(INPUT_VALUE);
    q = asm.slot(INPUT_VALUE);
    minusQ = asm.slot(INPUT_VALUE);
    psiQ = asm.slot(INPUT_VALUE);
    minusPsiSquaredQ = asm.slot(INPUT_VALUE);
    int at = asm.slot(INPUT_VALUE);
    int xs = asm.slot(INPUT_VALUE);
    int ys = asm.slot(INPUT_VALUE);
    lines = asm.slot(INPUT_VALUE);
    Fp12 function = function(asm, LOOP_VALUE);
    f = function.re;
    Fp12 nextFunction = function(asm, LOOP_VALUE);
    nextF = nextFunction.re;
    Fp12 ra = function(asm, FUNCTION_VALUE);
    a = ra.re;
    Fp12 rb = function(asm, FUNCTION_VALUE);
    b = rb.re;
    Fp12 rc = function(asm, FUNCTION_VALUE);
    c = rc.re;
    int adjoint = asm.slot(POINT_VALUE);
    int fp2Norm = asm.slot(POINT_VALUE);
    int norm = asm.slot(POINT_VALUE);
    normOut = asm.slot(POINT_VALUE);
    normInverse = asm.slot(1_000);
    checks = asm.slot(POINT_VALUE);
    out = asm.slot(POINT_VALUE);
    asm.slot(POINT_VALUE);
    one = asm.constant(BigInteger.ONE);
    zero = asm.constant(BigInteger.ZERO);
    int narrow = asm.raw(BigInteger.TWO.pow(252));
    int widen = asm.raw(BigInteger.TWO.pow(270));
    int minusOne = asm.constant(BigInteger.ONE.negate());

    asm.begin();
    int pair = asm.dot(inPair, narrow);
    int points = asm.dot(inPoints, narrow);
    asm.mixInto(at, List.of(Sum.of(pair, 0), Sum.of(pair, 1)));
    Sum2 qx = Sum2.of(pair, 2);
    Sum2 qy = Sum2.of(pair, 4);
    asm.mixInto(q, sums(qx, qy));
    asm.mixInto(minusQ, sums(qx, qy.times(-1)));
    asm.mixInto(point, sums(qx, qy, new Sum2(Sum.of(one, 0), Sum.of(zero, 0))));
    Sum2 psiX = constant(asm, Constants.PSI_X);
    Sum2 psiY = constant(asm, Constants.PSI_Y);
    Sum psiSquaredX = Sum.of(asm.constant(Constants.PSI_SQUARED_X), 0);
    asm.dotLanesInto(psiQ, Products2.of(qx.conjugate(), psiX), Products2.of(qy.conjugate(), psiY));
    asm.dotLanesInto(
        minusPsiSquaredQ, Products2.of(qx, psiSquaredX), Products2.of(qy, Sum.of(one, 0)));
    Sum x1 = Sum.of(points, 0);
    Sum x2 = Sum.of(points, 2);
    Sum unit = Sum.of(one, 0);
    asm.mixInto(xs, List.of(x1, x1, unit, unit, x2, x2, unit, unit));
    asm.mixInto(ys, List.of(Sum.of(points, 1), Sum.of(points, 3)));
    takeIn = asm.end();

    asm.begin();
    asm.dotInto(lines, inLines, narrow);
    takeInLines = asm.end();

    Sum2 x = Sum2.of(point, 0);
    Sum2 y = Sum2.of(point, 2);
    Sum2 z = Sum2.of(point, 4);
    Sum px = Sum.of(at, 0);
    Sum py = Sum.of(at, 1);

    asm.begin();
    Fp12 squared = square(asm, function);
    int squares = asm.dotLanes(Products2.square(x), Products2.square(y), Products2.square(z));
    int mixed = asm.dotLanes(Products2.of(x, y), Products2.of(y.times(2), z));
    Sum2 xx = Sum2.of(squares, 0);
    Sum2 yy = Sum2.of(squares, 2);
    Sum2 zz = Sum2.of(squares, 4);
    Sum2 xy = Sum2.of(mixed, 0);
    Sum2 h = Sum2.of(mixed, 2);
    int second =
        asm.dotLanes(
            Products2.of(zz, constant(asm, Constants.THREE_B)),
            Products2.of(h, py.times(-1)),
            Products2.of(xx, px.times(3)),
            Products2.of(yy, h.times(4)));
    Sum2 e = Sum2.of(second, 0);
    int coefficients = asm.tidy(sums(Sum2.of(second, 2), Sum2.of(second, 4), e.minus(yy)));
    Sum2 sum = yy.plus(e.times(3));
    int xAndY =
        asm.dotLanes(
            Products2.of(xy, yy.times(2).minus(e.times(6))),
            Products2.square(sum).plus(minusTwelveSquares(e)));
    asm.tidyInto(nextPoint, sums(Sum2.of(xAndY, 0), Sum2.of(xAndY, 2), Sum2.of(second, 6)));
    multiplyByLines(asm, nextFunction, squared, coefficients, xs, ys);
    twice = asm.end();

    asm.begin();
    Sum2 ax = Sum2.of(addend, 0);
    Sum2 ay = Sum2.of(addend, 2);
    int shifted = asm.dotLanes(Products2.of(ax, z), Products2.of(ay, z));
    int differences = asm.tidy(sums(x.minus(Sum2.of(shifted, 0)), y.minus(Sum2.of(shifted, 2))));
    Sum2 l = Sum2.of(differences, 0);
    Sum2 o = Sum2.of(differences, 2);
    int firsts =
        asm.dotLanes(
            Products2.of(l, py),
            Products2.of(o, px.times(-1)),
            Products2.square(o),
            Products2.square(l));
    Sum2 oo = Sum2.of(firsts, 4);
    Sum2 ll = Sum2.of(firsts, 6);
    int constant = asm.dotLanes(Products2.of(o, ax).plus(Products2.of(l.times(-1), ay)));
    int lineOfSum = asm.tidy(sums(Sum2.of(firsts, 0), Sum2.of(firsts, 2), Sum2.of(constant, 0)));
    int cubes = asm.dotLanes(Products2.of(ll, l), Products2.of(oo, z), Products2.of(ll, x));
    Sum2 lll = Sum2.of(cubes, 0);
    Sum2 xll = Sum2.of(cubes, 4);
    int combined =
        asm.tidy(
            sums(
                lll.plus(Sum2.of(cubes, 2)).minus(xll.times(2)),
                xll.times(3).minus(lll).minus(Sum2.of(cubes, 2))));
    asm.dotLanesInto(
        nextPoint,
        Products2.of(Sum2.of(combined, 0), l),
        Products2.of(Sum2.of(combined, 2), o).plus(Products2.of(lll.times(-1), y)),
        Products2.of(lll, z));
    multiplyByLines(asm, nextFunction, function, lineOfSum, xs, ys);
    add = asm.end();

    // T is to be -psi^3(Q), and finite.
    asm.begin();
    int psiCubed =
        asm.dotLanes(
            Products2.of(Sum2.of(minusPsiSquaredQ, 0).conjugate(), psiX),
            Products2.of(Sum2.of(q, 2).conjugate(), psiY));
    Sum2 negative = new Sum2(Sum.of(minusOne, 0), Sum.of(zero, 0));
    asm.dotLanesInto(
        checks,
        Products2.of(Sum2.of(psiCubed, 0), z).plus(Products2.of(x, negative)),
        Products2.of(Sum2.of(psiCubed, 2), z).plus(Products2.of(y, negative)),
        Products2.of(z, Sum.of(one, 0)));
    // And the function becomes smaller, for what follows.
    asm.tidyInto(ra.re, coordinates(function.re));
    asm.tidyInto(ra.im, coordinates(function.im));
    atEnd = asm.end();

    asm.begin();
    multiply(asm, rc, ra, widen(asm, rb, timesXi(asm, rb)));
    multiply = asm.end();

    asm.begin();
    cyclotomicSquare(asm, ra);
    cyclotomicSquare = asm.end();

    asm.begin();
    asm.mixInto(rb.re, alternating(ra.re));
    asm.mixInto(rb.im, alternating(ra.im));
    conjugate = asm.end();

    for (int k = 1; k <= 3; k++) {
      asm.begin();
      BigInteger[][] factors = Constants.frobenius(k);
      int re = asm.raw(lanes(factors, 0));
      int im = asm.raw(lanes(factors, 1));
      int sign = k % 2 == 0 ? 1 : -1;
      int imaginary = asm.sum(sign, ra.im);
      int negated = asm.sum(-sign, ra.im);
      asm.dotInto(rb.re, ra.re, re, negated, im);
      asm.dotInto(rb.im, ra.re, im, imaginary, re);
      frobenius[k] = asm.end();
    }

    // 1/x for an x of coordinates 0, 2, 4, an element c0 + c1*v + c2*v^2 of Fp6.
    asm.begin();
    Sum2 c0 = rc.at(0);
    Sum2 c1 = rc.at(2);
    Sum2 c2 = rc.at(4);
    int xi = asm.tidy(sums(c1.timesXi(), c2.timesXi()));
    Sum2 xiC1 = Sum2.of(xi, 0);
    Sum2 xiC2 = Sum2.of(xi, 2);
    asm.dotLanesInto(
        adjoint,
        Products2.square(c0).plus(Products2.of(xiC1.times(-1), c2)),
        Products2.of(xiC2, c2).plus(Products2.of(c0.times(-1), c1)),
        Products2.square(c1).plus(Products2.of(c0.times(-1), c2)));
    asm.dotLanesInto(
        fp2Norm,
        Products2.of(c0, Sum2.of(adjoint, 0))
            .plus(Products2.of(xiC2, Sum2.of(adjoint, 2)))
            .plus(Products2.of(xiC1, Sum2.of(adjoint, 4))));
    Sum2 n = Sum2.of(fp2Norm, 0);
    asm.dotLanesInto(
        norm,
        List.of(Assembler.Products.of(n.re(), n.re()).plus(Assembler.Products.of(n.im(), n.im()))));
    asm.dotInto(normOut, norm, widen);
    normOfSixth = asm.end();

    asm.begin();
    int fp2Inverse =
        asm.dotLanes(Products2.of(n.conjugate(), Sum.of(asm.dot(normInverse, narrow), 0)));
    Sum2 inverse = Sum2.of(fp2Inverse, 0);
    int sixth =
        asm.dotLanes(
            Products2.of(Sum2.of(adjoint, 0), inverse),
            Products2.of(Sum2.of(adjoint, 2), inverse),
            Products2.of(Sum2.of(adjoint, 4), inverse));
    List<Sum> res = new ArrayList<>();
    List<Sum> ims = new ArrayList<>();
    for (int k = 0; k < COORDINATES; k++) {
      res.add(k % 2 == 0 ? Sum.of(sixth, k) : Sum.ZERO);
      ims.add(k % 2 == 0 ? Sum.of(sixth, k + 1) : Sum.ZERO);
    }
    asm.mixInto(rb.re, res);
    asm.mixInto(rb.im, ims);
    inverseOfSixth = asm.end();

    asm.begin();
    asm.dotInto(out, ra.re, widen);
    asm.dotInto(out + Lanes.SLOT, ra.im, widen);
    giveOut = asm.end();
    workspaces = new Workspaces(asm.workspace());
  }

  private static Fp12 function(Assembler asm, long value) {
    return new Fp12(asm.slot(value), asm.slot(value));
  }

  private static Sum2 constant(Assembler asm, BigInteger[] value) {
    return new Sum2(Sum.of(asm.constant(value[0]), 0), Sum.of(asm.constant(value[1]), 0));
  }

  private static BigInteger[] lanes(BigInteger[][] factors, int part) {
    BigInteger[] lanes = new BigInteger[Lanes.WIDTH];
    for (int k = 0; k < Lanes.WIDTH; k++) {
      lanes[k] = k < COORDINATES ? Assembler.montgomery(factors[k][part]) : BigInteger.ZERO;
    }
    return lanes;
  }

  private static List<Sum> sums(Sum2... pairs) {
    List<Sum> sums = new ArrayList<>();
    for (Sum2 pair : pairs) {
      sums.add(pair.re());
      sums.add(pair.im());
    }
    return sums;
  }

  private static List<Sum> coordinates(int slot) {
    List<Sum> sums = new ArrayList<>();
    for (int k = 0; k < COORDINATES; k++) {
      sums.add(Sum.of(slot, k));
    }
    return sums;
  }

  private static List<Sum> alternating(int slot) {
    List<Sum> sums = new ArrayList<>();
    for (int k = 0; k < COORDINATES; k++) {
      sums.add(Sum.of(slot, k).times(k % 2 == 0 ? 1 : -1));
    }
    return sums;
  }

  private static Products2 minusTwelveSquares(Sum2 e) {
    return new Products2(
        Assembler.Products.of(e.re().plus(e.im()).times(-12), e.re().minus(e.im())),
        Assembler.Products.of(e.im().times(-24), e.re()));
  }

  /** xi*x, coordinate by coordinate. */
  private static Fp12 timesXi(Assembler asm, Fp12 x) {
    List<Sum> re = new ArrayList<>();
    List<Sum> im = new ArrayList<>();
    for (int k = 0; k < COORDINATES; k++) {
      re.add(x.at(k).timesXi().re());
      im.add(x.at(k).timesXi().im());
    }
    return new Fp12(asm.tidy(re), asm.tidy(im));
  }

  private static void into(Assembler asm, Fp12 z, List<Products2> coordinates) {
    asm.dotLanesInto(z.re, coordinates.stream().map(Products2::re).toList());
    asm.dotLanesInto(z.im, coordinates.stream().map(Products2::im).toList());
  }

  /** A function that can be turned: multiplied by powers of w. */
  private record Wide(int re, int im) {}

  private static Wide widen(Assembler asm, Fp12 x, Fp12 xi) {
    return new Wide(asm.widen(xi.re, x.re), asm.widen(xi.im, x.im));
  }

  /** The same from xi*x as it comes, ten times larger. */
  private static Wide widen(Assembler asm, Fp12 x) {
    Fp12 xi = new Fp12(asm.sum(9, x.re, -1, x.im), asm.sum(9, x.im, 1, x.re));
    return widen(asm, x, xi);
  }

  /** An element of Fp2 times a power of w: its part's slots and lanes, and what is -im. */
  private record Factor(int re, int reLane, int im, int negativeIm, int imLane, int power) {}

  /** z = the sum of the factors times a function. */
  private static void turn(Assembler asm, Fp12 z, List<Turned> re, List<Turned> im) {
    asm.turnInto(z.re, re);
    asm.turnInto(z.im, im);
  }

  private static void add(List<Turned> re, List<Turned> im, Factor factor, Wide x) {
    re.add(new Turned(factor.re, factor.reLane, x.re, factor.power));
    re.add(new Turned(factor.negativeIm, factor.imLane, x.im, factor.power));
    im.add(new Turned(factor.re, factor.reLane, x.im, factor.power));
    im.add(new Turned(factor.im, factor.imLane, x.re, factor.power));
  }

  private static Fp12 square(Assembler asm, Fp12 x) {
    Fp12 z = new Fp12(asm.temporary(), asm.temporary());
    multiply(asm, z, x, widen(asm, x));
    return z;
  }

  private static void multiply(Assembler asm, Fp12 z, Fp12 x, Wide wide) {
    int negative = asm.sum(-1, x.im);
    List<Turned> re = new ArrayList<>();
    List<Turned> im = new ArrayList<>();
    for (int i = 0; i < COORDINATES; i++) {
      add(re, im, new Factor(x.re, i, x.im, negative, i, i), wide);
    }
    turn(asm, z, re, im);
  }

  /** x = x*x, from the squares of the three elements of Fp4 that coordinates k and k + 3 make. */
  private static void cyclotomicSquare(Assembler asm, Fp12 x) {
    List<Products2> squares = new ArrayList<>();
    for (int k = 0; k < COORDINATES / 2; k++) {
      Sum2 g = x.at(k);
      Sum2 h = x.at(k + COORDINATES / 2);
      // g^2 + xi*h^2, of which h^2 = (hr + hi)*(hr - hi) + 2*hr*hi*i.
      Sum plus = h.re().plus(h.im());
      Sum minus = h.re().minus(h.im());
      squares.add(
          Products2.square(g)
              .plus(
                  new Products2(
                      Assembler.Products.of(plus.times(9), minus)
                          .plus(Assembler.Products.of(h.re().times(-2), h.im())),
                      Assembler.Products.of(h.re().times(18), h.im())
                          .plus(Assembler.Products.of(plus, minus)))));
    }
    for (int k = 0; k < COORDINATES / 2; k++) {
      squares.add(Products2.of(x.at(k).times(2), x.at(k + COORDINATES / 2)));
    }
    Fp12 s = new Fp12(asm.temporary(), asm.temporary());
    into(asm, s, squares);
    List<Sum> re = new ArrayList<>();
    List<Sum> im = new ArrayList<>();
    for (int k = 0; k < COORDINATES; k++) {
      Sum2 z;
      if (k % 2 == 0) {
        z = s.at(k / 2).times(3).minus(x.at(k).times(2));
      } else if (k == 1) {
        z = s.at(5).timesXi().times(3).plus(x.at(k).times(2));
      } else {
        z = s.at(3 + k / 2 - 1).times(3).plus(x.at(k).times(2));
      }
      re.add(z.re());
      im.add(z.im());
    }
    asm.tidyInto(x.re, re);
    asm.tidyInto(x.im, im);
  }

  /** z = f times the variable line, of coefficients 0, 1, 3, and the two prepared lines. */
  private void multiplyByLines(Assembler asm, Fp12 z, Fp12 f, int coefficients, int xs, int ys) {
    int negative = asm.sum(-1, coefficients);
    Wide wide = widen(asm, f);
    List<Turned> re = new ArrayList<>();
    List<Turned> im = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int power = i < 2 ? i : 3;
      add(re, im, pair(coefficients, negative, 2 * i, power), wide);
    }
    Fp12 g = new Fp12(asm.temporary(), asm.temporary());
    turn(asm, g, re, im);

    int scaled = asm.dot(lines, xs);
    int negativeScaled = asm.sum(-1, scaled);
    Fp12 h = new Fp12(asm.temporary(), asm.temporary());
    byPreparedLine(asm, h, g, ys, scaled, negativeScaled, 0);
    byPreparedLine(asm, z, h, ys, scaled, negativeScaled, 1);
  }

  private static Factor pair(int slot, int negative, int lane, int power) {
    return new Factor(slot, lane, slot, negative, lane + 1, power);
  }

  /** z = f*(y + slope*w + constant*w^3). */
  private static void byPreparedLine(
      Assembler asm, Fp12 z, Fp12 f, int ys, int scaled, int negative, int which) {
    Wide wide = widen(asm, f);
    List<Turned> re = new ArrayList<>();
    List<Turned> im = new ArrayList<>();
    re.add(new Turned(ys, which, wide.re, 0));
    im.add(new Turned(ys, which, wide.im, 0));
    int first = which * Lanes.WIDTH / 2;
    add(re, im, pair(scaled, negative, first, 1), wide);
    add(re, im, pair(scaled, negative, first + 2, 3), wide);
    turn(asm, z, re, im);
  }

  /** A slot for every two lines: slope and constant of the first, of the second. */
  private static final class Lines implements Prepared {
    private final long[] slots;

    Lines(long[] slots) {
      this.slots = slots;
    }
  }

  @Override
  public Prepared prepare(long[] first, long[] second) {
    long[] w = workspaces.take();
    long[] slots = new long[LINES * Lanes.SLOT];
    for (int line = 0; line < LINES; line++) {
      for (int i = 0; i < Lanes.WIDTH; i++) {
        int half = Lanes.WIDTH / 2;
        Lanes.read(
            i < half ? first : second,
            line * LINE_LONGS + i % half * MillerLoops.LIMBS,
            w,
            inLines,
            i);
      }
      takeInLines.run(w);
      System.arraycopy(w, lines, slots, line * Lanes.SLOT, Lanes.SLOT);
    }
    workspaces.give(w);
    return new Lines(slots);
  }

  @Override
  public boolean multiply(long[] pair, Prepared prepared, long[] points, long[] value) {
    Run run = new Run(((Lines) prepared).slots);
    boolean inside = run.run(pair, points, value);
    workspaces.give(run.w);
    return inside;
  }

  /** One call. */
  private final class Run {
    private final long[] w = workspaces.take();
    private final long[] prepared;
    private int line;

    Run(long[] prepared) {
      this.prepared = prepared;
    }

    boolean run(long[] pair, long[] points, long[] value) {
      for (int i = 0; i < PAIR_NUMBERS; i++) {
        Lanes.read(pair, i * MillerLoops.LIMBS, w, inPair, i);
      }
      for (int i = 0; i < POINT_NUMBERS; i++) {
        Lanes.read(points, i * MillerLoops.LIMBS, w, inPoints, i);
      }
      takeIn.run(w);
      Arrays.fill(w, f, f + FUNCTION_LONGS, 0);
      for (int j = 0; j < Lanes.LIMBS; j++) {
        w[f + j * Lanes.WIDTH] = w[one + j * Lanes.WIDTH];
      }
      for (byte digit : Constants.LOOP_DIGITS) {
        step(twice);
        if (digit != 0) {
          add(digit > 0 ? q : minusQ);
        }
      }
      add(psiQ);
      add(minusPsiSquaredQ);
      atEnd.run(w);
      if (!endsInSubgroup()) {
        return false;
      }
      finalExponentiation();
      giveOut.run(w);
      for (int k = 0; k < COORDINATES; k++) {
        Lanes.write(w, out, k, value, 2 * k * MillerLoops.LIMBS);
        Lanes.write(w, out + Lanes.SLOT, k, value, (2 * k + 1) * MillerLoops.LIMBS);
      }
      return true;
    }

    private void step(Program program) {
      System.arraycopy(prepared, line * Lanes.SLOT, w, lines, Lanes.SLOT);
      line++;
      program.run(w);
      Lanes.copy(w, nextPoint, w, point);
      System.arraycopy(w, nextF, w, f, FUNCTION_LONGS);
    }

    private void add(int what) {
      Lanes.copy(w, what, w, addend);
      step(add);
    }

    private boolean endsInSubgroup() {
      boolean same = true;
      for (int i = 0; i < 4; i++) {
        same &= Lanes.isZero(w, checks, i);
      }
      return same && !(Lanes.isZero(w, checks, 4) && Lanes.isZero(w, checks, 5));
    }

    /** In register a. */
    private void finalExponentiation() {
      // 1/f = conjugate(f) / (f*conjugate(f)), whose denominator is in Fp6.
      conjugate.run(w);
      long[] conjugated = function(b);
      multiply.run(w);
      normOfSixth.run(w);
      long[] inverse = new long[MillerLoops.LIMBS];
      Lanes.write(w, normOut, 0, inverse, 0);
      MillerLoops.invert(inverse);
      Lanes.read(inverse, 0, w, normInverse, 0);
      inverseOfSixth.run(w);
      long[] t = times(conjugated, function(b));
      t = times(t, conjugated);
      long[] m = times(frobenius(t, 2), t);
      hardPart(m);
    }

    private void hardPart(long[] m) {
      long[] mx = power(m);
      long[] mx2 = power(mx);
      long[] mx3 = power(mx2);
      long[] y0 = times(times(frobenius(m, 1), frobenius(m, 2)), frobenius(m, 3));
      long[] y1 = conjugate(m);
      long[] y2 = frobenius(mx2, 2);
      long[] y3 = conjugate(frobenius(mx, 1));
      long[] y4 = conjugate(times(frobenius(mx2, 1), mx));
      long[] y5 = conjugate(mx2);
      long[] y6 = conjugate(times(frobenius(mx3, 1), mx3));
      long[] z = times(times(square(y6), y4), y5);
      long[] t = times(times(y3, y5), z);
      z = times(z, y2);
      t = square(times(square(t), z));
      z = times(t, y1);
      t = times(t, y0);
      set(a, times(square(z), t));
    }

    /** m^x for m in the cyclotomic subgroup, where inverses are conjugates. */
    private long[] power(long[] m) {
      long[] square = square(m);
      long[][] odd = new long[4][];
      odd[0] = m;
      for (int i = 1; i < odd.length; i++) {
        odd[i] = times(odd[i - 1], square);
      }
      byte[] digits = Constants.X_DIGITS;
      long[] z = odd[digits[0] / 2];
      int squarings = 0;
      for (int i = 1; i < digits.length; i++) {
        squarings++;
        int digit = digits[i];
        if (digit != 0) {
          z = squares(z, squarings);
          squarings = 0;
          long[] factor = odd[Math.abs(digit) / 2];
          z = times(z, digit > 0 ? factor : conjugate(factor));
        }
      }
      return squares(z, squarings);
    }

    private long[] function(int slot) {
      long[] value = new long[FUNCTION_LONGS];
      System.arraycopy(w, slot, value, 0, FUNCTION_LONGS);
      return value;
    }

    private void set(int slot, long[] value) {
      System.arraycopy(value, 0, w, slot, FUNCTION_LONGS);
    }

    private long[] times(long[] x, long[] y) {
      set(a, x);
      set(b, y);
      multiply.run(w);
      return function(c);
    }

    private long[] square(long[] x) {
      return squares(x, 1);
    }

    private long[] squares(long[] x, int count) {
      set(a, x);
      for (int i = 0; i < count; i++) {
        cyclotomicSquare.run(w);
      }
      return function(a);
    }

    private long[] conjugate(long[] x) {
      set(a, x);
      conjugate.run(w);
      return function(b);
    }

    private long[] frobenius(long[] x, int k) {
      set(a, x);
      frobenius[k].run(w);
      return function(b);
    }
  }
}
