package io.plimsoll.verifier.bn254;

import io.plimsoll.verifier.bn254.InvalidPointException.Fault;

/**
 * A finite point of the twist y^2 = x^3 + 3/xi over Fp2, affine. Whether it is in G2, the subgroup
 * of order r, is a question of its own ({@link #isInSubgroup}, or the pairing itself). Immutable
 * and thread-safe.
 */
public final class G2 {
  /** Length of the compressed form in bytes. */
  public static final int COMPRESSED_BYTES = Fp2.BYTES;

  /** Length of the uncompressed form in bytes. */
  public static final int UNCOMPRESSED_BYTES = 2 * Fp2.BYTES;

  /** The usual generator. */
  public static final G2 GENERATOR =
      new G2(
          Fp2.ofHex(
              "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed",
              "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2"),
          Fp2.ofHex(
              "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa",
              "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b"));

  /** 3/xi. Not to be changed. */
  static final Fp2 B =
      Fp2.ofHex(
          "2b149d40ceb8aaae81be18991be06ac3b5b4c5e559dbefa33267e6dc24a138e5",
          "009713b03af0fed4cd2cafadeed8fdf4a74fa084e52d1852e4a2bd0685c315d2");

  /** Tidy or reduced, as is y. Not to be changed. */
  final Fp2 x;

  final Fp2 y;

  G2(Fp2 x, Fp2 y) {
    this.x = x;
    this.y = y;
  }

  /**
   * Reads x with flags: {@value #COMPRESSED_BYTES} bytes from {@code offset}. The point is on the
   * curve; the subgroup is not checked.
   */
  public static G2 decodeCompressed(byte[] in, int offset) throws InvalidPointException {
    return decodeCompressed(in, offset, null);
  }

  /**
   * The same with a proposal for y, its product with i, or a negative of these; it may be wrong, or
   * null.
   */
  static G2 decodeCompressed(byte[] in, int offset, Fp2 proposal) throws InvalidPointException {
    boolean larger = Flags.requireCompressed(in, offset, COMPRESSED_BYTES);
    Fp2 x = new Fp2();
    if (!x.decode(in, offset, Flags.MASK)) {
      throw new InvalidPointException(Fault.NOT_CANONICAL);
    }
    Fp2 y = new Fp2();
    Workspace workspace = Workspace.take();
    rightSide(workspace.tower, workspace.u, x);
    boolean exists = proposal != null && root(workspace.tower, y, proposal, workspace.u);
    if (!exists) {
      exists = workspace.tower.sqrt(y, workspace.u);
    }
    // y is not zero: the curve's order is odd.
    if (exists && y.isLarger(workspace.t) != larger) {
      Fp2.neg(y, y);
      y.tidy();
    }
    workspace.give();
    if (!exists) {
      throw new InvalidPointException(Fault.NOT_ON_CURVE);
    }
    return new G2(x, y);
  }

  /** Sets y to the proposal, or to i times it, if that is a root. */
  private static boolean root(Tower tower, Fp2 y, Fp2 proposal, Fp2 square) {
    Fp2 t = new Fp2();
    y.set(proposal);
    tower.square(t, y);
    if (Fp2.same(t, square)) {
      return true;
    }
    Fp2.neg(t, t);
    if (!Fp2.same(t, square)) {
      return false;
    }
    Fp.neg(y.re, proposal.im);
    y.re.tidy();
    y.im.set(proposal.re);
    return true;
  }

  /**
   * Reads x and y: {@value #UNCOMPRESSED_BYTES} bytes from {@code offset}. The point is on the
   * curve; the subgroup is not checked.
   */
  public static G2 decodeUncompressed(byte[] in, int offset) throws InvalidPointException {
    Flags.requireUncompressed(in, offset, UNCOMPRESSED_BYTES);
    Fp2 x = new Fp2();
    Fp2 y = new Fp2();
    if (!x.decode(in, offset, 0) || !y.decode(in, offset + Fp2.BYTES, 0)) {
      throw new InvalidPointException(Fault.NOT_CANONICAL);
    }
    Tower tower = new Tower();
    Fp2 square = new Fp2();
    tower.square(square, y);
    Fp2 right = new Fp2();
    rightSide(tower, right, x);
    if (!Fp2.same(square, right)) {
      throw new InvalidPointException(Fault.NOT_ON_CURVE);
    }
    return new G2(x, y);
  }

  /** z = x^3 + 3/xi, tidy. */
  private static void rightSide(Tower tower, Fp2 z, Fp2 x) {
    tower.square(z, x);
    tower.mul(z, z, x);
    Fp2.add(z, z, B);
    z.tidy();
  }

  /** Whether the point has order r. */
  public boolean isInSubgroup() {
    return MillerPoint.isInSubgroup(this);
  }

  /** The negative. */
  public G2 negate() {
    Fp2 negative = new Fp2();
    Fp2.neg(negative, y);
    negative.tidy();
    return new G2(x, negative);
  }

  /** psi of this: untwisted, its coordinates to the power of p, and twisted again. */
  G2 psi() {
    Tower tower = new Tower();
    Fp2 px = new Fp2();
    Fp2 py = new Fp2();
    Fp2.conjugate(px, x);
    tower.mul(px, px, Frobenius.factors(1)[2]);
    Fp2.conjugate(py, y);
    tower.mul(py, py, Frobenius.factors(1)[3]);
    return new G2(px, py);
  }

  /** x and y. */
  public byte[] encodeUncompressed() {
    byte[] out = new byte[UNCOMPRESSED_BYTES];
    x.encode(out, 0);
    y.encode(out, Fp2.BYTES);
    return out;
  }

  /** x with flags. */
  public byte[] encodeCompressed() {
    byte[] out = new byte[COMPRESSED_BYTES];
    x.encode(out, 0);
    out[0] |= (byte) (y.isLarger() ? Flags.LARGER : Flags.SMALLER);
    return out;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof G2 point && Fp2.same(x, point.x) && Fp2.same(y, point.y);
  }

  @Override
  public int hashCode() {
    return java.util.Arrays.hashCode(encodeUncompressed());
  }
}
