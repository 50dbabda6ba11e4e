package io.plimsoll.verifier.bn254;

/** An element re + im*i of Fp2, mutable. Linear operations here, products in {@link Tower}. */
final class Fp2 {
  /** Length of the encoding in bytes. */
  static final int BYTES = 2 * Fp.BYTES;

  final Fp re = new Fp();
  final Fp im = new Fp();

  /** A constant from two times 64 hexadecimal digits, the real part first. */
  static Fp2 ofHex(String re, String im) {
    Fp2 z = new Fp2();
    z.re.set(Fp.ofHex(re));
    z.im.set(Fp.ofHex(im));
    return z;
  }

  Fp2 copy() {
    Fp2 z = new Fp2();
    z.set(this);
    return z;
  }

  void set(Fp2 x) {
    re.set(x.re);
    im.set(x.im);
  }

  void setZero() {
    re.setZero();
    im.setZero();
  }

  void setOne() {
    re.set(Fp.ONE);
    im.setZero();
  }

  static void add(Fp2 z, Fp2 x, Fp2 y) {
    Fp.add(z.re, x.re, y.re);
    Fp.add(z.im, x.im, y.im);
  }

  static void sub(Fp2 z, Fp2 x, Fp2 y) {
    Fp.sub(z.re, x.re, y.re);
    Fp.sub(z.im, x.im, y.im);
  }

  static void neg(Fp2 z, Fp2 x) {
    Fp.neg(z.re, x.re);
    Fp.neg(z.im, x.im);
  }

  static void conjugate(Fp2 z, Fp2 x) {
    z.re.set(x.re);
    Fp.neg(z.im, x.im);
  }

  /** z = j*x + k*y for small j and k. */
  static void combine(Fp2 z, int j, Fp2 x, int k, Fp2 y) {
    Fp.combine(z.re, j, x.re, k, y.re);
    Fp.combine(z.im, j, x.im, k, y.im);
  }

  static void times(Fp2 z, Fp2 x, int k) {
    Fp.times(z.re, x.re, k);
    Fp.times(z.im, x.im, k);
  }

  /** z = x + y, carried. */
  static void addCarried(Fp2 z, Fp2 x, Fp2 y) {
    Fp.addCarried(z.re, x.re, y.re);
    Fp.addCarried(z.im, x.im, y.im);
  }

  /** z = x - y, carried. */
  static void subCarried(Fp2 z, Fp2 x, Fp2 y) {
    Fp.subCarried(z.re, x.re, y.re);
    Fp.subCarried(z.im, x.im, y.im);
  }

  /** z = x + xi*y: looseness and value bound of x plus ten times those of y. z is not y. */
  static void addXi(Fp2 z, Fp2 x, Fp2 y) {
    z.re.l0 = x.re.l0 + 9 * y.re.l0 - y.im.l0;
    z.re.l1 = x.re.l1 + 9 * y.re.l1 - y.im.l1;
    z.re.l2 = x.re.l2 + 9 * y.re.l2 - y.im.l2;
    z.re.l3 = x.re.l3 + 9 * y.re.l3 - y.im.l3;
    z.re.l4 = x.re.l4 + 9 * y.re.l4 - y.im.l4;
    z.im.l0 = x.im.l0 + 9 * y.im.l0 + y.re.l0;
    z.im.l1 = x.im.l1 + 9 * y.im.l1 + y.re.l1;
    z.im.l2 = x.im.l2 + 9 * y.im.l2 + y.re.l2;
    z.im.l3 = x.im.l3 + 9 * y.im.l3 + y.re.l3;
    z.im.l4 = x.im.l4 + 9 * y.im.l4 + y.re.l4;
  }

  /** Makes both coordinates tidy; see {@link Fp#tidy}. */
  void tidy() {
    re.tidy();
    im.tidy();
  }

  boolean isZero() {
    return re.isZero() && im.isZero();
  }

  static boolean same(Fp2 x, Fp2 y) {
    return Fp.same(x.re, y.re) && Fp.same(x.im, y.im);
  }

  /**
   * Reads two coordinates, the imaginary one first.
   *
   * @param flagMask bits of the first byte that are flags
   * @return whether both are below p
   */
  boolean decode(byte[] in, int offset, int flagMask) {
    return im.decode(in, offset, flagMask) && re.decode(in, offset + Fp.BYTES, 0);
  }

  /** Writes two coordinates, the imaginary one first. */
  void encode(byte[] out, int offset) {
    im.encode(out, offset);
    re.encode(out, offset + Fp.BYTES);
  }

  /** Whether this is the larger of itself and its negative: by im, or by re when im is zero. */
  boolean isLarger() {
    return isLarger(new Fp());
  }

  /**
   * Whether this is the larger of itself and its negative.
   *
   * @param t is overwritten
   */
  boolean isLarger(Fp t) {
    return im.isZero() ? re.isLarger(t) : im.isLarger(t);
  }
}
