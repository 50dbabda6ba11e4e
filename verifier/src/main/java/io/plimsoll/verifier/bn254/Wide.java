package io.plimsoll.verifier.bn254;

import java.lang.invoke.VarHandle;

/**
 * A product of two elements before its reduction: ten columns, the sum of c_k * 2^(54k). Products
 * are added up column by column and reduced once. Mutable, not thread-safe.
 *
 * <p>Bounds. A column of x*y (j-loose and k-loose) holds at most four high parts of two full limbs,
 * each at most j*k*2^54, up to two high parts with limb 4, which are tiny, and at most five low
 * parts in [0, 2^54). So a signed sum of products is reducible when 4*(sum of the
 * |coefficient|*j*k) + 5*(low parts of one sign) is at most 500. High parts are linear up to
 * rounding: those of (x0+x1)*(y0+y1) - x0*y0 - x1*y1 count as those of x0*y1 + x1*y0.
 */
final class Wide {
  /** Whether a fence helps the compiler more than it costs: on x86-64 it is no instruction. */
  private static final boolean FEW_REGISTERS = "amd64".equals(System.getProperty("os.arch"));

  /** Above: a column that {@link Fp#reduce} takes. */
  private static final long COLUMN_LIMIT = 500L << Fp.LIMB_BITS;

  /** Limb 4 of a value of 512p. */
  private static final long TOP_LIMIT = 1L << 47;

  long c0;
  long c1;
  long c2;
  long c3;
  long c4;
  long c5;
  long c6;
  long c7;
  long c8;
  long c9;

  /**
   * z = x*y, unreduced. Operands are j-loose and k-loose with j, k < 16 and j*k <= 100.
   *
   * <p>With h = floor(a*b / 2^54) the low part of a product is a*b - h*2^54, in [0, 2^54). The low
   * parts of a column are summed as (sum of a*b) - (sum of h)*2^54 modulo 2^64: their sum is below
   * 5*2^54, so that the wrapped result is exact, and no part needs a mask of its own. Limbs 0 to 2
   * of y are done before limbs 3 and 4; a column is at any time below what it is at the end.
   *
   * <p>The fence between the two halves orders nothing that matters: nobody shares these objects.
   * It keeps the compiler from holding all twenty operands at once, which the sixteen registers of
   * x86-64 do not hold; what it spills costs more than reading the limbs again.
   */
  static void mul(Wide z, Fp x, Fp y) {
    assert operandsFit(x, y);
    long x0 = x.l0;
    long x1 = x.l1;
    long x2 = x.l2;
    long x3 = x.l3;
    long x4 = x.l4;
    long y0 = y.l0;
    long y1 = y.l1;
    long y2 = y.l2;
    long a0 = x0 << 5;
    long a1 = x1 << 5;
    long a2 = x2 << 5;
    long a3 = x3 << 5;
    long a4 = x4 << 5;
    long b0 = y0 << 5;
    long b1 = y1 << 5;
    long b2 = y2 << 5;
    long h = Math.multiplyHigh(a0, b0);
    z.c0 = x0 * y0 - (h << 54);
    long before = h;
    h = Math.multiplyHigh(a1, b0) + Math.multiplyHigh(a0, b1);
    z.c1 = x1 * y0 + x0 * y1 - (h << 54) + before;
    before = h;
    h = Math.multiplyHigh(a2, b0) + Math.multiplyHigh(a1, b1) + Math.multiplyHigh(a0, b2);
    z.c2 = x2 * y0 + x1 * y1 + x0 * y2 - (h << 54) + before;
    before = h;
    h = Math.multiplyHigh(a3, b0) + Math.multiplyHigh(a2, b1) + Math.multiplyHigh(a1, b2);
    z.c3 = x3 * y0 + x2 * y1 + x1 * y2 - (h << 54) + before;
    before = h;
    h = Math.multiplyHigh(a4, b0) + Math.multiplyHigh(a3, b1) + Math.multiplyHigh(a2, b2);
    z.c4 = x4 * y0 + x3 * y1 + x2 * y2 - (h << 54) + before;
    before = h;
    h = Math.multiplyHigh(a4, b1) + Math.multiplyHigh(a3, b2);
    z.c5 = x4 * y1 + x3 * y2 - (h << 54) + before;
    before = h;
    h = Math.multiplyHigh(a4, b2);
    z.c6 = x4 * y2 - (h << 54) + before;
    z.c7 = h;
    if (FEW_REGISTERS) {
      VarHandle.acquireFence();
    }
    x0 = x.l0;
    x1 = x.l1;
    x2 = x.l2;
    x3 = x.l3;
    x4 = x.l4;
    long y3 = y.l3;
    long y4 = y.l4;
    a0 = x0 << 5;
    a1 = x1 << 5;
    a2 = x2 << 5;
    a3 = x3 << 5;
    a4 = x4 << 5;
    long b3 = y3 << 5;
    long b4 = y4 << 5;
    h = Math.multiplyHigh(a0, b3);
    z.c3 += x0 * y3 - (h << 54);
    before = h;
    h = Math.multiplyHigh(a1, b3) + Math.multiplyHigh(a0, b4);
    z.c4 += x1 * y3 + x0 * y4 - (h << 54) + before;
    before = h;
    h = Math.multiplyHigh(a2, b3) + Math.multiplyHigh(a1, b4);
    z.c5 += x2 * y3 + x1 * y4 - (h << 54) + before;
    before = h;
    h = Math.multiplyHigh(a3, b3) + Math.multiplyHigh(a2, b4);
    z.c6 += x3 * y3 + x2 * y4 - (h << 54) + before;
    before = h;
    h = Math.multiplyHigh(a4, b3) + Math.multiplyHigh(a3, b4);
    z.c7 += x4 * y3 + x3 * y4 - (h << 54) + before;
    before = h;
    h = Math.multiplyHigh(a4, b4);
    z.c8 = x4 * y4 - (h << 54) + before;
    z.c9 = h;
  }

  /** z = z + x*y, as {@link #mul}. */
  static void addProduct(Wide z, Fp x, Fp y) {
    assert operandsFit(x, y);
    long x0 = x.l0;
    long x1 = x.l1;
    long x2 = x.l2;
    long x3 = x.l3;
    long x4 = x.l4;
    long y0 = y.l0;
    long y1 = y.l1;
    long y2 = y.l2;
    long a0 = x0 << 5;
    long a1 = x1 << 5;
    long a2 = x2 << 5;
    long a3 = x3 << 5;
    long a4 = x4 << 5;
    long b0 = y0 << 5;
    long b1 = y1 << 5;
    long b2 = y2 << 5;
    long h = Math.multiplyHigh(a0, b0);
    z.c0 += x0 * y0 - (h << 54);
    long before = h;
    h = Math.multiplyHigh(a1, b0) + Math.multiplyHigh(a0, b1);
    z.c1 += x1 * y0 + x0 * y1 - (h << 54) + before;
    before = h;
    h = Math.multiplyHigh(a2, b0) + Math.multiplyHigh(a1, b1) + Math.multiplyHigh(a0, b2);
    z.c2 += x2 * y0 + x1 * y1 + x0 * y2 - (h << 54) + before;
    before = h;
    h = Math.multiplyHigh(a3, b0) + Math.multiplyHigh(a2, b1) + Math.multiplyHigh(a1, b2);
    z.c3 += x3 * y0 + x2 * y1 + x1 * y2 - (h << 54) + before;
    before = h;
    h = Math.multiplyHigh(a4, b0) + Math.multiplyHigh(a3, b1) + Math.multiplyHigh(a2, b2);
    z.c4 += x4 * y0 + x3 * y1 + x2 * y2 - (h << 54) + before;
    before = h;
    h = Math.multiplyHigh(a4, b1) + Math.multiplyHigh(a3, b2);
    z.c5 += x4 * y1 + x3 * y2 - (h << 54) + before;
    before = h;
    h = Math.multiplyHigh(a4, b2);
    z.c6 += x4 * y2 - (h << 54) + before;
    z.c7 += h;
    if (FEW_REGISTERS) {
      VarHandle.acquireFence();
    }
    x0 = x.l0;
    x1 = x.l1;
    x2 = x.l2;
    x3 = x.l3;
    x4 = x.l4;
    long y3 = y.l3;
    long y4 = y.l4;
    a0 = x0 << 5;
    a1 = x1 << 5;
    a2 = x2 << 5;
    a3 = x3 << 5;
    a4 = x4 << 5;
    long b3 = y3 << 5;
    long b4 = y4 << 5;
    h = Math.multiplyHigh(a0, b3);
    z.c3 += x0 * y3 - (h << 54);
    before = h;
    h = Math.multiplyHigh(a1, b3) + Math.multiplyHigh(a0, b4);
    z.c4 += x1 * y3 + x0 * y4 - (h << 54) + before;
    before = h;
    h = Math.multiplyHigh(a2, b3) + Math.multiplyHigh(a1, b4);
    z.c5 += x2 * y3 + x1 * y4 - (h << 54) + before;
    before = h;
    h = Math.multiplyHigh(a3, b3) + Math.multiplyHigh(a2, b4);
    z.c6 += x3 * y3 + x2 * y4 - (h << 54) + before;
    before = h;
    h = Math.multiplyHigh(a4, b3) + Math.multiplyHigh(a3, b4);
    z.c7 += x4 * y3 + x3 * y4 - (h << 54) + before;
    before = h;
    h = Math.multiplyHigh(a4, b4);
    z.c8 += x4 * y4 - (h << 54) + before;
    z.c9 += h;
  }

  void setZero() {
    c0 = 0;
    c1 = 0;
    c2 = 0;
    c3 = 0;
    c4 = 0;
    c5 = 0;
    c6 = 0;
    c7 = 0;
    c8 = 0;
    c9 = 0;
  }

  /**
   * Makes the coordinates of a product in Fp2 from x0*y0 in {@code re}, x1*y1 in {@code y} and
   * (x0+x1)*(y0+y1) in {@code im}.
   */
  static void karatsuba(Wide re, Wide im, Wide y) {
    long a = re.c0;
    long b = y.c0;
    im.c0 -= a + b;
    re.c0 = a - b;
    a = re.c1;
    b = y.c1;
    im.c1 -= a + b;
    re.c1 = a - b;
    a = re.c2;
    b = y.c2;
    im.c2 -= a + b;
    re.c2 = a - b;
    a = re.c3;
    b = y.c3;
    im.c3 -= a + b;
    re.c3 = a - b;
    a = re.c4;
    b = y.c4;
    im.c4 -= a + b;
    re.c4 = a - b;
    a = re.c5;
    b = y.c5;
    im.c5 -= a + b;
    re.c5 = a - b;
    a = re.c6;
    b = y.c6;
    im.c6 -= a + b;
    re.c6 = a - b;
    a = re.c7;
    b = y.c7;
    im.c7 -= a + b;
    re.c7 = a - b;
    a = re.c8;
    b = y.c8;
    im.c8 -= a + b;
    re.c8 = a - b;
    a = re.c9;
    b = y.c9;
    im.c9 -= a + b;
    re.c9 = a - b;
  }

  /** x = x + y - a, and y = x - y - b with the x before. */
  static void interpolate(Wide x, Wide y, Wide a, Wide b) {
    long s = x.c0;
    long d = y.c0;
    x.c0 = s + d - a.c0;
    y.c0 = s - d - b.c0;
    s = x.c1;
    d = y.c1;
    x.c1 = s + d - a.c1;
    y.c1 = s - d - b.c1;
    s = x.c2;
    d = y.c2;
    x.c2 = s + d - a.c2;
    y.c2 = s - d - b.c2;
    s = x.c3;
    d = y.c3;
    x.c3 = s + d - a.c3;
    y.c3 = s - d - b.c3;
    s = x.c4;
    d = y.c4;
    x.c4 = s + d - a.c4;
    y.c4 = s - d - b.c4;
    s = x.c5;
    d = y.c5;
    x.c5 = s + d - a.c5;
    y.c5 = s - d - b.c5;
    s = x.c6;
    d = y.c6;
    x.c6 = s + d - a.c6;
    y.c6 = s - d - b.c6;
    s = x.c7;
    d = y.c7;
    x.c7 = s + d - a.c7;
    y.c7 = s - d - b.c7;
    s = x.c8;
    d = y.c8;
    x.c8 = s + d - a.c8;
    y.c8 = s - d - b.c8;
    s = x.c9;
    d = y.c9;
    x.c9 = s + d - a.c9;
    y.c9 = s - d - b.c9;
  }

  /** z = z - x - y. */
  static void subtractBoth(Wide z, Wide x, Wide y) {
    z.c0 -= x.c0 + y.c0;
    z.c1 -= x.c1 + y.c1;
    z.c2 -= x.c2 + y.c2;
    z.c3 -= x.c3 + y.c3;
    z.c4 -= x.c4 + y.c4;
    z.c5 -= x.c5 + y.c5;
    z.c6 -= x.c6 + y.c6;
    z.c7 -= x.c7 + y.c7;
    z.c8 -= x.c8 + y.c8;
    z.c9 -= x.c9 + y.c9;
  }

  // Reductions. An addend a, as a*2^270 in the upper columns, comes out as plus a: its carries are
  // the reduction's own. It counts as looseness in the column and as V in the value.

  /** z = reduction of x, plus a. */
  static void reduce(Fp z, Wide x, Fp a) {
    Fp.reduce(
        z,
        x.c0,
        x.c1,
        x.c2,
        x.c3,
        x.c4,
        x.c5 + a.l0,
        x.c6 + a.l1,
        x.c7 + a.l2,
        x.c8 + a.l3,
        x.c9 + a.l4);
  }

  /** z = reduction of x + y, plus a. */
  static void reduceSum(Fp z, Wide x, Wide y, Fp a) {
    Fp.reduce(
        z,
        x.c0 + y.c0,
        x.c1 + y.c1,
        x.c2 + y.c2,
        x.c3 + y.c3,
        x.c4 + y.c4,
        x.c5 + y.c5 + a.l0,
        x.c6 + y.c6 + a.l1,
        x.c7 + y.c7 + a.l2,
        x.c8 + y.c8 + a.l3,
        x.c9 + y.c9 + a.l4);
  }

  /** z = reduction of x + 9*y + s*w, plus a; s = -1 and 1 make the two coordinates of xi*(..). */
  static void reduceXi(Fp z, Wide x, Wide y, int s, Wide w, Fp a) {
    Fp.reduce(
        z,
        x.c0 + 9 * y.c0 + s * w.c0,
        x.c1 + 9 * y.c1 + s * w.c1,
        x.c2 + 9 * y.c2 + s * w.c2,
        x.c3 + 9 * y.c3 + s * w.c3,
        x.c4 + 9 * y.c4 + s * w.c4,
        x.c5 + 9 * y.c5 + s * w.c5 + a.l0,
        x.c6 + 9 * y.c6 + s * w.c6 + a.l1,
        x.c7 + 9 * y.c7 + s * w.c7 + a.l2,
        x.c8 + 9 * y.c8 + s * w.c8 + a.l3,
        x.c9 + 9 * y.c9 + s * w.c9 + a.l4);
  }

  /** z = reduction of x - y. */
  static void reduceDifference(Fp z, Wide x, Wide y) {
    Fp.reduce(
        z,
        x.c0 - y.c0,
        x.c1 - y.c1,
        x.c2 - y.c2,
        x.c3 - y.c3,
        x.c4 - y.c4,
        x.c5 - y.c5,
        x.c6 - y.c6,
        x.c7 - y.c7,
        x.c8 - y.c8,
        x.c9 - y.c9);
  }

  /** z = reduction of x - y - w. */
  static void reduceDifference(Fp z, Wide x, Wide y, Wide w) {
    Fp.reduce(
        z,
        x.c0 - y.c0 - w.c0,
        x.c1 - y.c1 - w.c1,
        x.c2 - y.c2 - w.c2,
        x.c3 - y.c3 - w.c3,
        x.c4 - y.c4 - w.c4,
        x.c5 - y.c5 - w.c5,
        x.c6 - y.c6 - w.c6,
        x.c7 - y.c7 - w.c7,
        x.c8 - y.c8 - w.c8,
        x.c9 - y.c9 - w.c9);
  }

  /** For assertions: whether x*y is within the bounds of a multiplication. */
  static boolean operandsFit(Fp x, Fp y) {
    long j = looseness(x);
    long k = looseness(y);
    return j < 16
        && k < 16
        && j * k <= 100
        && Math.abs(x.l4) < TOP_LIMIT
        && Math.abs(y.l4) < TOP_LIMIT;
  }

  /** The least k such that x is k-loose. */
  private static long looseness(Fp x) {
    long largest =
        Math.max(
            Math.max(Math.abs(x.l0), Math.abs(x.l1)), Math.max(Math.abs(x.l2), Math.abs(x.l3)));
    return (largest + Fp.MASK) >> Fp.LIMB_BITS;
  }

  /** For assertions: whether columns are within the bounds of {@link Fp#reduce}. */
  static boolean columnsFit(
      long c0, long c1, long c2, long c3, long c4, long c5, long c6, long c7, long c8, long c9) {
    return columnFits(c0)
        && columnFits(c1)
        && columnFits(c2)
        && columnFits(c3)
        && columnFits(c4)
        && columnFits(c5)
        && columnFits(c6)
        && columnFits(c7)
        && columnFits(c8)
        // With its carry, column 9 is about T / 2^486.
        && Math.abs(c9 + (c8 >> Fp.LIMB_BITS)) <= 64 * Fp.P4;
  }

  private static boolean columnFits(long column) {
    return -COLUMN_LIMIT <= column && column <= COLUMN_LIMIT;
  }
}
