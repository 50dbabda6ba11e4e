package io.plimsoll.verifier.vector;

import io.plimsoll.verifier.bn254.MillerLoops;
import io.plimsoll.verifier.bn254.Multiples;
import io.plimsoll.verifier.bn254.ProofBatch;
import io.plimsoll.verifier.vector.Program.Assembler;
import io.plimsoll.verifier.vector.Program.Assembler.Term;
import java.math.BigInteger;

/**
 * {@link Multiples} of eight points side by side: each lane looks up its own digits' multiples, and
 * all double together. Sums have one running point in each lane, which doubles once for all groups
 * of eight. Immutable and thread-safe.
 *
 * <p>Coordinates are homogeneous, and the formulas are the complete ones of Renes, Costello, Batina
 * ("Complete addition formulas for prime order elliptic curves", EUROCRYPT 2016, algorithms 7 and 9
 * with b = 3): they hold for equal and opposite points and for infinity too, (0, 1, 0), which is
 * what a lane without a point has.
 */
public final class LaneMultiples implements Multiples {
  private static final int COORDINATES = 3;
  private static final int POINT_SLOTS = COORDINATES * Lanes.SLOT;

  /** A coefficient's digits, and the odd multiples that they choose from. */
  private static final int DIGITS = 16;

  private static final int BASE_BITS = 4;
  private static final int MULTIPLES = 8;

  /** Of each multiple X, Y, Z and beta*X, the x of its image under the endomorphism. */
  private static final int ENTRY = (COORDINATES + 1) * Lanes.SLOT;

  private static final int BETA_X = COORDINATES * Lanes.SLOT;
  private static final int TABLE = MULTIPLES * ENTRY;

  private static final long VALUE = 8_000;
  private static final long OUTPUT_VALUE = 1_999;

  private final Workspaces workspaces;

  private final int in;
  private final int running;
  private final int addend;
  private final int next;
  private final int entry;
  private final int choice;
  private final int out;

  private final Program takeIn;
  private final Program twice;
  private final Program add;
  private final Program image;
  private final Program giveOut;

  /** Each makes the addend of the lane 1, 2, 4 further on. */
  private final Program[] fold = new Program[3];

  /** Assembles the programs. */
  public LaneMultiples() {
    Assembler asm = new Assembler();
    in = slots(asm, 2, 1_000);
    running = slots(asm, COORDINATES, VALUE);
    addend = slots(asm, COORDINATES, VALUE);
    next = slots(asm, COORDINATES, VALUE);
    entry = slots(asm, COORDINATES + 1, VALUE);
    choice = asm.slot(0);
    out = slots(asm, COORDINATES, OUTPUT_VALUE);
    int narrow = asm.raw(BigInteger.TWO.pow(252));
    int widen = asm.raw(BigInteger.TWO.pow(270));
    int beta = asm.constant(Constants.BETA);
    int one = asm.constant(BigInteger.ONE);

    asm.begin();
    asm.dotInto(running, in, narrow);
    asm.dotInto(running + Lanes.SLOT, in + Lanes.SLOT, narrow);
    asm.sumInto(running + 2 * Lanes.SLOT, 1, one);
    takeIn = asm.end();

    int x1 = running;
    int y1 = x1 + Lanes.SLOT;
    int z1 = y1 + Lanes.SLOT;
    int x2 = addend;
    int y2 = x2 + Lanes.SLOT;
    int z2 = y2 + Lanes.SLOT;

    asm.begin();
    int xx = asm.dot(x1, x2);
    int yy = asm.dot(y1, y2);
    int zz = asm.dot(z1, z2);
    int xy = asm.dot(x1, y2, x2, y1);
    int yz = asm.dot(y1, z2, y2, z1);
    int xz = asm.dot(x1, z2, x2, z1);
    int plus = asm.sum(1, yy, 9, zz);
    int minus = asm.sum(1, yy, -9, zz);
    asm.dotInto(next, xy, minus, asm.sum(-9, yz), xz);
    asm.dotInto(next + Lanes.SLOT, plus, minus, asm.sum(27, xx), xz);
    asm.dotInto(next + 2 * Lanes.SLOT, yz, plus, asm.sum(3, xx), xy);
    add = asm.end();

    asm.begin();
    int square = asm.dot(y1, y1);
    int zSquare = asm.dot(z1, z1);
    int many = asm.sum(27, zSquare);
    // (y^2 - 27z^2)*(y^2 + 9z^2) + 72*y^2*z^2 for Y, with fewer and smaller factors.
    asm.dotInto(next, asm.sum(2, asm.dot(x1, y1)), asm.sum(1, square, -27, zSquare));
    asm.dotInto(next + Lanes.SLOT, square, square, many, asm.sum(2, square, -9, zSquare));
    asm.dotInto(next + 2 * Lanes.SLOT, asm.dot(y1, z1), asm.sum(8, square));
    twice = asm.end();

    asm.begin();
    for (int i = 0; i < COORDINATES; i++) {
      asm.sumInto(entry + i * Lanes.SLOT, 1, running + i * Lanes.SLOT);
    }
    asm.dotInto(entry + BETA_X, running, beta);
    image = asm.end();

    for (int i = 0; i < fold.length; i++) {
      asm.begin();
      for (int k = 0; k < COORDINATES; k++) {
        asm.mixInto(addend + k * Lanes.SLOT, Term.furtherOn(running + k * Lanes.SLOT, 1 << i));
      }
      fold[i] = asm.end();
    }

    asm.begin();
    for (int i = 0; i < COORDINATES; i++) {
      asm.dotInto(out + i * Lanes.SLOT, running + i * Lanes.SLOT, widen);
    }
    giveOut = asm.end();
    workspaces = new Workspaces(asm.workspace());
  }

  private static int slots(Assembler asm, int count, long value) {
    int first = asm.slot(value);
    for (int i = 1; i < count; i++) {
      asm.slot(value);
    }
    return first;
  }

  @Override
  public void scale(long[] points, int count, byte[] random, long[] results) {
    Run run = new Run(points, count, random);
    long[] table = new long[TABLE];
    for (int group = 0; group < run.groups; group++) {
      run.tabulate(group, table, 0);
      run.setInfinity();
      for (int digit = DIGITS - 1; digit >= 0; digit--) {
        run.shift(digit);
        run.addMultiples(group, digit, table, 0);
      }
      run.give(group * Lanes.WIDTH, results);
    }
    workspaces.give(run.w);
  }

  @Override
  public void sum(long[] points, int count, byte[] random, long[] result) {
    Run run = new Run(points, count, random);
    long[] tables = new long[run.groups * TABLE];
    for (int group = 0; group < run.groups; group++) {
      run.tabulate(group, tables, group * TABLE);
    }
    run.setInfinity();
    for (int digit = DIGITS - 1; digit >= 0; digit--) {
      run.shift(digit);
      for (int group = 0; group < run.groups; group++) {
        run.addMultiples(group, digit, tables, group * TABLE);
      }
    }
    for (Program each : fold) {
      each.run(run.w);
      run.step(add);
    }
    giveOut.run(run.w);
    run.give(0, result, 0);
    workspaces.give(run.w);
  }

  /** One call. */
  private final class Run {
    private final long[] w = workspaces.take();
    private final long[] points;
    private final int count;
    private final byte[] random;
    private final int groups;

    Run(long[] points, int count, byte[] random) {
      this.points = points;
      this.count = count;
      this.random = random;
      groups = (count + Lanes.WIDTH - 1) / Lanes.WIDTH;
    }

    void step(Program program) {
      program.run(w);
      System.arraycopy(w, next, w, running, POINT_SLOTS);
    }

    /** Four doublings before every digit but the first. */
    void shift(int digit) {
      for (int bit = 0; digit < DIGITS - 1 && bit < BASE_BITS; bit++) {
        step(twice);
      }
    }

    void setInfinity() {
      for (int lane = 0; lane < Lanes.WIDTH; lane++) {
        setInfinity(lane);
      }
    }

    private void setInfinity(int lane) {
      Lanes.set(w, running, lane, ZERO);
      Lanes.set(w, running + Lanes.SLOT, lane, ONE);
      Lanes.set(w, running + 2 * Lanes.SLOT, lane, ZERO);
    }

    /** The odd multiples of a group's points. */
    void tabulate(int group, long[] table, int at) {
      int first = group * Lanes.WIDTH;
      for (int lane = 0; lane < Lanes.WIDTH && first + lane < count; lane++) {
        for (int i = 0; i < 2; i++) {
          Lanes.read(
              points,
              (first + lane) * POINT_LONGS + i * MillerLoops.LIMBS,
              w,
              in + i * Lanes.SLOT,
              lane);
        }
      }
      takeIn.run(w);
      for (int lane = 0; lane < Lanes.WIDTH; lane++) {
        if (first + lane >= count || isInfinity(first + lane)) {
          setInfinity(lane);
        }
      }
      keep(table, at);
      twice.run(w);
      System.arraycopy(w, next, w, addend, POINT_SLOTS);
      for (int k = 1; k < MULTIPLES; k++) {
        step(add);
        keep(table, at + k * ENTRY);
      }
    }

    private boolean isInfinity(int point) {
      long any = 0;
      for (int i = 0; i < POINT_LONGS; i++) {
        any |= points[point * POINT_LONGS + i];
      }
      return any == 0;
    }

    private void keep(long[] table, int at) {
      image.run(w);
      System.arraycopy(w, entry, table, at, ENTRY);
    }

    /** Adds what one digit of both halves of the coefficients chooses. */
    void addMultiples(int group, int digit, long[] table, int at) {
      for (int half = 0; half < 2; half++) {
        choose(group, half, digit);
        int signs = choice + Lanes.WIDTH;
        int x = half == 0 ? at : at + BETA_X;
        Lanes.choose(table, x, ENTRY, w, choice, signs + Lanes.WIDTH, addend);
        Lanes.choose(table, at + Lanes.SLOT, ENTRY, w, choice, signs, addend + Lanes.SLOT);
        Lanes.choose(
            table,
            at + 2 * Lanes.SLOT,
            ENTRY,
            w,
            choice,
            signs + Lanes.WIDTH,
            addend + 2 * Lanes.SLOT);
        step(add);
      }
    }

    /** A row of which multiple each lane is to have, one of its sign, and one of no sign. */
    private void choose(int group, int half, int digit) {
      for (int lane = 0; lane < Lanes.WIDTH; lane++) {
        int point = group * Lanes.WIDTH + lane;
        int nibble = point < count ? nibble(2 * point + half, digit) : 0;
        w[choice + lane] = nibble >> 1;
        w[choice + Lanes.WIDTH + lane] = -(nibble & 1);
        w[choice + 2 * Lanes.WIDTH + lane] = 0;
      }
    }

    /** As in {@link ProofBatch}: the lowest bit is the sign, the rest which odd number. */
    private int nibble(int half, int digit) {
      int b = random[half * (ProofBatch.RANDOM_BYTES / 2) + digit / 2];
      return (digit % 2 == 0 ? b : b >> BASE_BITS) & 15;
    }

    /** The running points, as those from {@code first} on. */
    void give(int first, long[] results) {
      giveOut.run(w);
      for (int lane = 0; lane < Lanes.WIDTH && first + lane < count; lane++) {
        give(lane, results, first + lane);
      }
    }

    private void give(int lane, long[] results, int result) {
      for (int i = 0; i < COORDINATES; i++) {
        Lanes.write(
            w, out + i * Lanes.SLOT, lane, results, result * RESULT_LONGS + i * MillerLoops.LIMBS);
      }
    }
  }

  private static final long[] ZERO = Lanes.balanced(BigInteger.ZERO);
  private static final long[] ONE = Lanes.balanced(Assembler.montgomery(BigInteger.ONE));
}
