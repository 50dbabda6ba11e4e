package io.plimsoll.verifier;

import io.plimsoll.verifier.bn254.G1;
import io.plimsoll.verifier.bn254.G1Msm;
import io.plimsoll.verifier.bn254.G1Sum;
import io.plimsoll.verifier.bn254.InvalidPointException;
import io.plimsoll.verifier.bn254.Slow;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/**
 * A verifying key whose trapdoor is known, so that a valid proof of any statement can be made
 * without a circuit: given A and B, Krs = (a*b - alpha*beta - kSum*gamma)/delta solves the
 * equation.
 */
public final class TrapdoorKey {
  /** Position of a point of G2 among the parts of a key, for {@link #withG2}. */
  public static final int BETA = 0;

  public static final int GAMMA = 1;
  public static final int DELTA = 2;

  private static final BigInteger R = Slow.R;
  private static final G1 GENERATOR = decode(Slow.P1.GENERATOR);

  private final StatementLayout layout;
  private final Random random;
  private final BigInteger alpha;
  private final BigInteger[] g2 = new BigInteger[3];
  private final BigInteger[] k;

  public TrapdoorKey(StatementLayout layout, long seed) {
    this.layout = layout;
    random = new Random(seed);
    alpha = scalar();
    for (int i = 0; i < 3; i++) {
      g2[i] = scalar();
    }
    k = new BigInteger[5 + layout.coefficientCount() + layout.holdingCount()];
    for (int i = 0; i < k.length; i++) {
      k[i] = scalar();
    }
  }

  /** A uniform scalar, not zero. */
  public BigInteger scalar() {
    return new BigInteger(400, random).mod(R.subtract(BigInteger.ONE)).add(BigInteger.ONE);
  }

  /** 32 bytes, big-endian. */
  public static byte[] bytes(BigInteger scalar) {
    byte[] all = scalar.toByteArray();
    byte[] out = new byte[32];
    int length = Math.min(32, all.length);
    System.arraycopy(all, all.length - length, out, 32 - length, length);
    return out;
  }

  /** scalar * generator of G1. */
  public static G1 g1(BigInteger scalar) {
    G1Sum sum = new G1Sum();
    G1Msm.addMultiple(sum, GENERATOR, bytes(scalar.mod(R)));
    return sum.toPoint();
  }

  private static G1 decode(Slow.P1 point) {
    byte[] bytes = new byte[64];
    System.arraycopy(bytes(point.x()), 0, bytes, 0, 32);
    System.arraycopy(bytes(point.y()), 0, bytes, 32, 32);
    try {
      return G1.decodeUncompressed(bytes, 0);
    } catch (InvalidPointException e) {
      throw new AssertionError(e);
    }
  }

  /** Uncompressed bytes of a point of the twist. */
  public static byte[] bytes(Slow.P2 point) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(bytes(point.x().im()));
    out.writeBytes(bytes(point.x().re()));
    out.writeBytes(bytes(point.y().im()));
    out.writeBytes(bytes(point.y().re()));
    return out.toByteArray();
  }

  /** The key, without the file around it. */
  public byte[] keyBytes() {
    return keyBytes(new byte[3][]);
  }

  /** The key with some of beta, gamma, delta replaced by other bytes. */
  private byte[] keyBytes(byte[][] replacements) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(g1(alpha).encodeUncompressed());
    for (int i = 0; i < 3; i++) {
      out.writeBytes(
          replacements[i] != null ? replacements[i] : bytes(Slow.P2.GENERATOR.times(g2[i])));
    }
    out.writeBytes(ByteBuffer.allocate(4).putInt(k.length).array());
    for (BigInteger scalar : k) {
      out.writeBytes(g1(scalar).encodeUncompressed());
    }
    return out.toByteArray();
  }

  /** Key bytes with beta, gamma or delta replaced. */
  public byte[] withG2(int which, byte[] replacement) {
    byte[][] replacements = new byte[3][];
    replacements[which] = replacement;
    return keyBytes(replacements);
  }

  /** Uncompressed bytes of beta, gamma or delta. */
  public byte[] g2Bytes(int which) {
    return bytes(Slow.P2.GENERATOR.times(g2[which]));
  }

  /** A verifying key file around key bytes. */
  public byte[] file(String setup, byte[] keyBytes) {
    return new CanonicalWriter("plimsoll/verifying-key/v1")
        .text(setup)
        .digest(Digest.of(new byte[] {1}))
        .digest(Digest.of(new byte[] {2}))
        .bytes(layout.toByteArray())
        .bytes(keyBytes)
        .toByteArray();
  }

  /** The development key file. */
  public byte[] file() {
    return file("development", keyBytes());
  }

  /** The key as read. */
  public VerifyingKey key() {
    try {
      return VerifyingKey.read(file());
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  /** The discrete logarithm of kSum. */
  public BigInteger publicSum(
      byte[] context, long n, long d, long[] coefficients, long[] holdings, BigInteger blinding) {
    BigInteger sum = k[0];
    sum = sum.add(k[1].multiply(new BigInteger(1, context)));
    sum = sum.add(k[2].multiply(BigInteger.valueOf(n)));
    sum = sum.add(k[3].multiply(BigInteger.valueOf(d)));
    for (int i = 0; i < coefficients.length; i++) {
      sum = sum.add(k[4 + i].multiply(BigInteger.valueOf(coefficients[i])));
    }
    return sum.add(commitmentExponent(holdings, blinding)).mod(R);
  }

  /** The discrete logarithm of point K number {@code index}. */
  public BigInteger k(int index) {
    return k[index];
  }

  /** The discrete logarithm of a commitment. */
  public BigInteger commitmentExponent(long[] holdings, BigInteger blinding) {
    BigInteger sum = k[k.length - 1].multiply(blinding);
    for (int i = 0; i < holdings.length; i++) {
      sum = sum.add(k[4 + layout.coefficientCount() + i].multiply(BigInteger.valueOf(holdings[i])));
    }
    return sum.mod(R);
  }

  /** A valid proof, a new one every time, for a public sum. */
  public byte[] prove(BigInteger publicSum) {
    return prove(publicSum, scalar(), scalar());
  }

  /** The valid proof with A = a*G1 and B = b*G2. */
  public byte[] prove(BigInteger publicSum, BigInteger a, BigInteger b) {
    BigInteger krs =
        a.multiply(b)
            .subtract(alpha.multiply(g2[BETA]))
            .subtract(publicSum.multiply(g2[GAMMA]))
            .multiply(g2[DELTA].modInverse(R))
            .mod(R);
    return proofBytes(g1(a), Slow.P2.GENERATOR.times(b), g1(krs));
  }

  /** A proof from its points. */
  public static byte[] proofBytes(G1 a, Slow.P2 b, G1 krs) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(a.encodeCompressed());
    out.writeBytes(compressed(b));
    out.writeBytes(krs.encodeCompressed());
    return out.toByteArray();
  }

  /** Compressed bytes of a point of the twist. */
  public static byte[] compressed(Slow.P2 point) {
    byte[] bytes = Arrays.copyOf(bytes(point), 64);
    BigInteger decisive = point.y().im().signum() != 0 ? point.y().im() : point.y().re();
    boolean larger = decisive.compareTo(Slow.P.shiftRight(1)) > 0;
    bytes[0] |= (byte) (larger ? 0xc0 : 0x80);
    return bytes;
  }
}
