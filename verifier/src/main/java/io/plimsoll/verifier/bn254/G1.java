package io.plimsoll.verifier.bn254;

import io.plimsoll.verifier.bn254.InvalidPointException.Fault;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * A point of G1, the curve y^2 = x^3 + 3 over Fp, whose order is the prime r: every point of the
 * curve is in the group. Affine, or infinity. Immutable and thread-safe.
 */
public final class G1 {
  /** Length of the compressed form in bytes. */
  public static final int COMPRESSED_BYTES = Fp.BYTES;

  /** Length of the uncompressed form in bytes. */
  public static final int UNCOMPRESSED_BYTES = 2 * Fp.BYTES;

  /** The neutral element. It has no encoding. */
  public static final G1 INFINITY = new G1(new Fp(), new Fp(), true);

  private static final Fp B = Fp.ofInt(3);

  private static final G1 GENERATOR = ofAffine(Fp.ofInt(1), Fp.ofInt(2));

  /** Tidy or reduced, as is y. Not to be changed. */
  final Fp x;

  final Fp y;
  private final boolean infinity;

  private G1(Fp x, Fp y, boolean infinity) {
    this.x = x;
    this.y = y;
    this.infinity = infinity;
  }

  /** A finite point that is known to be on the curve; the coordinates become its own. */
  static G1 ofAffine(Fp x, Fp y) {
    return new G1(x, y, false);
  }

  /** Reads x with flags: {@value #COMPRESSED_BYTES} bytes from {@code offset}. */
  public static G1 decodeCompressed(byte[] in, int offset) throws InvalidPointException {
    return decodeCompressed(in, offset, null);
  }

  /** The same with a proposal for y or its negative, which may be wrong, or null. */
  static G1 decodeCompressed(byte[] in, int offset, Fp proposal) throws InvalidPointException {
    boolean larger = Flags.requireCompressed(in, offset, COMPRESSED_BYTES);
    Fp x = new Fp();
    if (!x.decode(in, offset, Flags.MASK)) {
      throw new InvalidPointException(Fault.NOT_CANONICAL);
    }
    Fp y = new Fp();
    Workspace workspace = Workspace.take();
    rightSide(workspace.t, x);
    boolean exists = proposal != null && isRoot(proposal, workspace.t);
    if (exists) {
      y.set(proposal);
    } else {
      exists = workspace.tower.powers.sqrt(y, workspace.t);
    }
    // y is not zero: the order is odd, so no point is its own negative.
    if (exists && y.isLarger(workspace.t) != larger) {
      Fp.neg(y, y);
      y.tidy();
    }
    workspace.give();
    if (!exists) {
      throw new InvalidPointException(Fault.NOT_ON_CURVE);
    }
    return ofAffine(x, y);
  }

  private static boolean isRoot(Fp y, Fp square) {
    Fp t = new Fp();
    Fp.square(t, y);
    return Fp.same(t, square);
  }

  /** Reads x and y: {@value #UNCOMPRESSED_BYTES} bytes from {@code offset}. */
  public static G1 decodeUncompressed(byte[] in, int offset) throws InvalidPointException {
    Flags.requireUncompressed(in, offset, UNCOMPRESSED_BYTES);
    Fp x = new Fp();
    Fp y = new Fp();
    if (!x.decode(in, offset, 0) || !y.decode(in, offset + Fp.BYTES, 0)) {
      throw new InvalidPointException(Fault.NOT_CANONICAL);
    }
    Fp square = new Fp();
    Fp.square(square, y);
    Fp right = new Fp();
    rightSide(right, x);
    if (!Fp.same(square, right)) {
      throw new InvalidPointException(Fault.NOT_ON_CURVE);
    }
    return ofAffine(x, y);
  }

  /** z = x^3 + 3, tidy. */
  private static void rightSide(Fp z, Fp x) {
    Fp.square(z, x);
    Fp.mul(z, z, x);
    Fp.add(z, z, B);
    z.tidy();
  }

  /** Whether this is the neutral element. */
  public boolean isInfinity() {
    return infinity;
  }

  /** A random point, not infinity. */
  static G1 random(SecureRandom random) {
    byte[] scalar = new byte[Fp.BYTES];
    random.nextBytes(scalar);
    // Below the order, and not zero.
    scalar[0] &= 0x1f;
    scalar[Fp.BYTES - 1] |= 1;
    G1Sum sum = new G1Sum();
    G1Msm.addMultiple(sum, GENERATOR, scalar);
    return sum.toPoint();
  }

  /** The sum. */
  public G1 plus(G1 other) {
    G1Sum sum = new G1Sum();
    sum.add(this);
    sum.add(other);
    return sum.toPoint();
  }

  /** The negative. */
  public G1 negate() {
    if (infinity) {
      return this;
    }
    Fp negative = new Fp();
    Fp.neg(negative, y);
    negative.tidy();
    return ofAffine(x, negative);
  }

  /**
   * x with flags.
   *
   * @throws IllegalStateException if this is infinity
   */
  public byte[] encodeCompressed() {
    requireFinite();
    byte[] out = new byte[COMPRESSED_BYTES];
    x.encode(out, 0);
    out[0] |= (byte) (y.isLarger() ? Flags.LARGER : Flags.SMALLER);
    return out;
  }

  /**
   * x and y.
   *
   * @throws IllegalStateException if this is infinity
   */
  public byte[] encodeUncompressed() {
    requireFinite();
    byte[] out = new byte[UNCOMPRESSED_BYTES];
    x.encode(out, 0);
    y.encode(out, Fp.BYTES);
    return out;
  }

  private void requireFinite() {
    if (infinity) {
      throw new IllegalStateException("infinity has no encoding");
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof G1 point
        && infinity == point.infinity
        && (infinity || (Fp.same(x, point.x) && Fp.same(y, point.y)));
  }

  @Override
  public int hashCode() {
    return infinity ? 0 : Arrays.hashCode(encodeCompressed());
  }
}
