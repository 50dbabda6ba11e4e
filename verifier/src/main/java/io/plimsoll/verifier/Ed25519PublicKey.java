package io.plimsoll.verifier;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;

/**
 * An Ed25519 public key (RFC 8032) that names an attester or a publisher: 32 bytes, in the one
 * canonical encoding of a point of the curve that is not of small order. Ordered by its bytes as
 * unsigned numbers. Immutable and thread-safe.
 */
public final class Ed25519PublicKey implements Comparable<Ed25519PublicKey> {
  /** Length of a key in bytes. */
  public static final int BYTES = 32;

  /** Length of a signature in bytes. */
  public static final int SIGNATURE_BYTES = 64;

  private static final BigInteger P =
      BigInteger.ONE.shiftLeft(255).subtract(BigInteger.valueOf(19));

  /** One of the two square roots that give the y of the four points of order 8. */
  private static final BigInteger Y_OF_ORDER_8 =
      new BigInteger("7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7", 16);

  /**
   * The y of all points whose order divides 8: 1 has order 1, p - 1 order 2, 0 order 4. A signature
   * under such a key can be valid for messages that nobody signed.
   */
  static final Set<BigInteger> SMALL_ORDER_Y =
      Set.of(
          BigInteger.ZERO,
          BigInteger.ONE,
          P.subtract(BigInteger.ONE),
          Y_OF_ORDER_8,
          P.subtract(Y_OF_ORDER_8));

  private final byte[] bytes;
  private final PublicKey key;

  private Ed25519PublicKey(byte[] bytes, PublicKey key) {
    this.bytes = bytes;
    this.key = key;
  }

  /**
   * Reads a key.
   *
   * @throws InvalidFormatException if it is not {@value #BYTES} bytes, its y is not below 2^255 -
   *     19, it is not on the curve, or it has small order
   */
  public static Ed25519PublicKey fromBytes(byte[] bytes) throws InvalidFormatException {
    if (bytes.length != BYTES) {
      throw new InvalidFormatException(
          "Ed25519 public key has " + bytes.length + " bytes, not " + BYTES);
    }
    byte[] bigEndian = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      bigEndian[i] = bytes[BYTES - 1 - i];
    }
    boolean odd = bigEndian[0] < 0;
    bigEndian[0] &= 0x7f;
    BigInteger y = new BigInteger(1, bigEndian);
    String hex = HexFormat.of().formatHex(bytes);
    if (y.compareTo(P) >= 0) {
      throw new InvalidFormatException("Ed25519 public key " + hex + " is not canonical");
    }
    if (SMALL_ORDER_Y.contains(y)) {
      throw new InvalidFormatException("Ed25519 public key " + hex + " has small order");
    }
    try {
      PublicKey key =
          KeyFactory.getInstance("Ed25519")
              .generatePublic(
                  new EdECPublicKeySpec(NamedParameterSpec.ED25519, new EdECPoint(odd, y)));
      // The point is decoded here and not before, so this is where a point off the curve shows.
      algorithm().initVerify(key);
      return new Ed25519PublicKey(bytes.clone(), key);
    } catch (InvalidKeyException e) {
      throw new InvalidFormatException("Ed25519 public key " + hex + " is not on the curve");
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java platform since 15 has Ed25519", e);
    }
  }

  /**
   * Whether {@code signature} is this key's on {@code message}. Anything but a valid signature,
   * whatever its length, is {@code false}; an S that is not below the group order is not valid.
   */
  public boolean verifies(byte[] message, byte[] signature) {
    if (signature.length != SIGNATURE_BYTES) {
      return false;
    }
    try {
      Signature algorithm = algorithm();
      algorithm.initVerify(key);
      algorithm.update(message);
      return algorithm.verify(signature);
    } catch (SignatureException e) {
      // How the JDK says that R or S is not canonical or R is not on the curve.
      return false;
    } catch (InvalidKeyException e) {
      throw new AssertionError("the key was usable when it was read", e);
    }
  }

  private static Signature algorithm() {
    try {
      return Signature.getInstance("Ed25519");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform since 15 has Ed25519", e);
    }
  }

  /** A copy of the 32 bytes. */
  public byte[] toByteArray() {
    return bytes.clone();
  }

  @Override
  public int compareTo(Ed25519PublicKey other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Ed25519PublicKey that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** 64 lower-case hexadecimal digits. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
