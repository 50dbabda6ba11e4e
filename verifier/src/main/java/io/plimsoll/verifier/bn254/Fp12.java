package io.plimsoll.verifier.bn254;

/**
 * An element c0 + c1*w of Fp12, mutable. At rest its coordinates are carried and at most 20p.
 * Products are in {@link Tower}.
 */
final class Fp12 {
  final Fp6 c0 = new Fp6();
  final Fp6 c1 = new Fp6();

  Fp12 copy() {
    Fp12 z = new Fp12();
    z.set(this);
    return z;
  }

  void set(Fp12 x) {
    c0.set(x.c0);
    c1.set(x.c1);
  }

  void setOne() {
    c0.setZero();
    c1.setZero();
    c0.c0.setOne();
  }

  /** z = x^(p^6), the inverse of a unitary x. */
  static void conjugate(Fp12 z, Fp12 x) {
    z.c0.set(x.c0);
    Fp6.neg(z.c1, x.c1);
    z.c1.tidy();
  }

  /** The coordinate of w^k, 0 to 5. */
  Fp2 coordinate(int k) {
    Fp6 half = k % 2 == 0 ? c0 : c1;
    return switch (k / 2) {
      case 0 -> half.c0;
      case 1 -> half.c1;
      default -> half.c2;
    };
  }

  static boolean same(Fp12 x, Fp12 y) {
    for (int k = 0; k < 6; k++) {
      if (!Fp2.same(x.coordinate(k), y.coordinate(k))) {
        return false;
      }
    }
    return true;
  }

  boolean isOne() {
    Fp12 one = new Fp12();
    one.setOne();
    return same(this, one);
  }
}
