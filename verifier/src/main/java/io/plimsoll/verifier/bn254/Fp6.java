package io.plimsoll.verifier.bn254;

/** An element c0 + c1*v + c2*v^2 of Fp6, mutable. Products are in {@link Tower}. */
final class Fp6 {
  final Fp2 c0 = new Fp2();
  final Fp2 c1 = new Fp2();
  final Fp2 c2 = new Fp2();

  void set(Fp6 x) {
    c0.set(x.c0);
    c1.set(x.c1);
    c2.set(x.c2);
  }

  void setZero() {
    c0.setZero();
    c1.setZero();
    c2.setZero();
  }

  static void add(Fp6 z, Fp6 x, Fp6 y) {
    Fp2.add(z.c0, x.c0, y.c0);
    Fp2.add(z.c1, x.c1, y.c1);
    Fp2.add(z.c2, x.c2, y.c2);
  }

  static void neg(Fp6 z, Fp6 x) {
    Fp2.neg(z.c0, x.c0);
    Fp2.neg(z.c1, x.c1);
    Fp2.neg(z.c2, x.c2);
  }

  /** z = x + y, carried. */
  static void addCarried(Fp6 z, Fp6 x, Fp6 y) {
    Fp2.addCarried(z.c0, x.c0, y.c0);
    Fp2.addCarried(z.c1, x.c1, y.c1);
    Fp2.addCarried(z.c2, x.c2, y.c2);
  }

  /** z = x + v*y, where v*y = (xi*y2, y0, y1). z is not y. */
  static void addV(Fp6 z, Fp6 x, Fp6 y) {
    Fp2.addXi(z.c0, x.c0, y.c2);
    Fp2.add(z.c1, x.c1, y.c0);
    Fp2.add(z.c2, x.c2, y.c1);
  }

  /** Makes all coordinates tidy; see {@link Fp#tidy}. */
  void tidy() {
    c0.tidy();
    c1.tidy();
    c2.tidy();
  }
}
