package io.plimsoll.verifier.bn254;

/**
 * A sum of points of G1 in the making: mutable, not thread-safe. Every case of addition is handled.
 *
 * <p>Coordinates (X, Y, ZZ, ZZZ) with x = X/ZZ, y = Y/ZZZ, ZZ^3 = ZZZ^2: the formulas add-2008-s,
 * madd-2008-s, dbl-2008-s-1 and mdbl-2008-s-1 of the Explicit-Formulas Database (short Weierstrass,
 * XYZZ). X is at most 3-loose and 6p, Y at most 1-loose and 4p, ZZ and ZZZ are reduced; with that
 * no product below exceeds 4-loose times 4-loose.
 */
public final class G1Sum {
  private final Fp x = new Fp();
  private final Fp y = new Fp();
  private final Fp zz = new Fp();
  private final Fp zzz = new Fp();
  private boolean infinity = true;

  private final Scratch scratch;

  /** Memory between two steps of an addition, which sums of one thread may share. */
  static final class Scratch {
    private final Fp u = new Fp();
    private final Fp s = new Fp();
    private final Fp p = new Fp();
    private final Fp r = new Fp();
    private final Fp pp = new Fp();
    private final Fp ppp = new Fp();
    private final Fp q = new Fp();
  }

  /** An empty sum. */
  public G1Sum() {
    this(new Scratch());
  }

  /** An empty sum that shares its scratch memory: many sums stay small. */
  G1Sum(Scratch scratch) {
    this.scratch = scratch;
  }

  /** Starts over. */
  public void clear() {
    infinity = true;
  }

  /** Whether the sum is the neutral element. */
  public boolean isInfinity() {
    return infinity;
  }

  /** Adds a point. */
  public void add(G1 point) {
    if (!point.isInfinity()) {
      add(point.x, point.y);
    }
  }

  /** Adds the point with a number in an array of {@link AffineSums}. */
  void add(long[] points, int number) {
    int offset = AffineSums.POINT * number;
    Fp px = scratch.pp;
    Fp py = scratch.q;
    px.read(points, offset);
    py.read(points, offset + MillerLoops.LIMBS);
    if ((py.l0 | py.l1 | py.l2 | py.l3 | py.l4) != 0) {
      add(px, py);
    }
  }

  /** Subtracts a point. */
  public void subtract(G1 point) {
    if (!point.isInfinity()) {
      Fp negative = scratch.q;
      Fp.neg(negative, point.y);
      add(point.x, negative);
    }
  }

  /** Adds the finite point (px, py); py is 1-loose and may be the scratch memory's q. */
  private void add(Fp px, Fp py) {
    if (infinity) {
      x.set(px);
      y.set(py);
      zz.set(Fp.ONE);
      zzz.set(Fp.ONE);
      infinity = false;
      return;
    }
    Fp p = scratch.p;
    Fp r = scratch.r;
    Fp.mul(p, px, zz);
    Fp.sub(p, p, x);
    Fp.mul(r, py, zzz);
    Fp.sub(r, r, y);
    if (p.isZero()) {
      if (r.isZero()) {
        twice();
      } else {
        infinity = true;
      }
      return;
    }
    scratch.u.set(x);
    finishAddition(y);
  }

  /** Adds another sum, which must not be this one. */
  public void add(G1Sum other) {
    if (other.infinity) {
      return;
    }
    if (infinity) {
      x.set(other.x);
      y.set(other.y);
      zz.set(other.zz);
      zzz.set(other.zzz);
      infinity = false;
      return;
    }
    Fp u = scratch.u;
    Fp s = scratch.s;
    Fp p = scratch.p;
    Fp r = scratch.r;
    Fp.mul(u, x, other.zz);
    Fp.mul(p, other.x, zz);
    Fp.sub(p, p, u);
    Fp.mul(s, y, other.zzz);
    Fp.mul(r, other.y, zzz);
    Fp.sub(r, r, s);
    if (p.isZero()) {
      if (r.isZero()) {
        twice();
      } else {
        infinity = true;
      }
      return;
    }
    Fp.mul(zz, zz, other.zz);
    Fp.mul(zzz, zzz, other.zzz);
    finishAddition(s);
  }

  /** From u = U1, s1 = S1, p = U2 - U1, r = S2 - S1. */
  private void finishAddition(Fp s1) {
    Fp u = scratch.u;
    Fp p = scratch.p;
    Fp r = scratch.r;
    Fp pp = scratch.pp;
    Fp ppp = scratch.ppp;
    Fp q = scratch.q;
    Fp.square(pp, p);
    Fp.mul(ppp, p, pp);
    Fp.mul(q, u, pp);
    Fp.square(x, r);
    Fp.sub(x, x, ppp);
    Fp.combine(x, 1, x, -2, q);
    Fp.sub(q, q, x);
    Fp.mul(q, r, q);
    Fp.mul(y, s1, ppp);
    Fp.sub(y, q, y);
    Fp.mul(zz, zz, pp);
    Fp.mul(zzz, zzz, ppp);
  }

  /** Doubles the sum. */
  public void twice() {
    if (infinity) {
      return;
    }
    Fp u = scratch.u;
    Fp s = scratch.s;
    Fp r = scratch.r;
    Fp pp = scratch.pp;
    Fp ppp = scratch.ppp;
    // y is not zero: the order is odd.
    Fp.add(u, y, y);
    Fp.square(pp, u);
    Fp.mul(ppp, u, pp);
    Fp.mul(s, x, pp);
    Fp.square(r, x);
    Fp.times(r, r, 3);
    Fp.square(x, r);
    Fp.combine(x, 1, x, -2, s);
    Fp.sub(s, s, x);
    Fp.mul(s, r, s);
    Fp.mul(y, y, ppp);
    Fp.sub(y, s, y);
    Fp.mul(zz, zz, pp);
    Fp.mul(zzz, zzz, ppp);
  }

  /** The sum as a point. */
  public G1 toPoint() {
    if (infinity) {
      return G1.INFINITY;
    }
    Workspace workspace = Workspace.take();
    Fp inverse = workspace.t;
    workspace.tower.powers.invert(inverse, zzz);
    G1 point = toPoint(inverse);
    workspace.give();
    return point;
  }

  /** The sums as points, with one inversion for all. */
  static G1[] toPoints(G1Sum[] sums) {
    Fp[] before = new Fp[sums.length];
    Fp product = Fp.ONE.copy();
    for (int i = 0; i < sums.length; i++) {
      before[i] = product.copy();
      if (!sums[i].infinity) {
        Fp.mul(product, product, sums[i].zzz);
      }
    }
    Fp.invert(product, product);
    G1[] points = new G1[sums.length];
    Fp inverse = new Fp();
    for (int i = sums.length - 1; i >= 0; i--) {
      G1Sum sum = sums[i];
      if (sum.infinity) {
        points[i] = G1.INFINITY;
      } else {
        Fp.mul(inverse, product, before[i]);
        Fp.mul(product, product, sum.zzz);
        points[i] = sum.toPoint(inverse);
      }
    }
    return points;
  }

  /** From 1/ZZZ: 1/ZZ = (ZZ/ZZZ)^2, because ZZ^3 = ZZZ^2. */
  private G1 toPoint(Fp inverse) {
    Fp px = new Fp();
    Fp py = new Fp();
    Fp.mul(px, zz, inverse);
    Fp.square(px, px);
    Fp.mul(px, x, px);
    Fp.mul(py, y, inverse);
    return G1.ofAffine(px, py);
  }
}
