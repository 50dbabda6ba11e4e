package io.plimsoll.attestation;

import io.plimsoll.verifier.InvalidFormatException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.math.ec.rfc7748.X25519;

/** An X25519 public key that can be sealed to. Immutable and thread-safe. */
public final class SealingPublicKey {
  /** Length in bytes. */
  public static final int BYTES = X25519.POINT_SIZE;

  private final byte[] bytes;

  private SealingPublicKey(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Reads a key, which is copied.
   *
   * @throws InvalidFormatException if it is not {@code BYTES} long, or is a point of small order,
   *     to which everybody could open what is sealed
   */
  public static SealingPublicKey fromBytes(byte[] bytes) throws InvalidFormatException {
    if (bytes.length != BYTES) {
      throw new InvalidFormatException("sealing key: has " + bytes.length + " bytes, not " + BYTES);
    }
    byte[] scalar = new byte[X25519.SCALAR_SIZE];
    X25519.generatePrivateKey(new SecureRandom(), scalar);
    // Every scalar is a multiple of 8, the largest small order.
    if (!X25519.calculateAgreement(scalar, 0, bytes, 0, new byte[X25519.POINT_SIZE], 0)) {
      throw new InvalidFormatException(
          "sealing key: " + HexFormat.of().formatHex(bytes) + " is a point of small order");
    }
    return new SealingPublicKey(bytes.clone());
  }

  /**
   * Reads 64 hexadecimal digits.
   *
   * @throws InvalidFormatException as {@link #fromBytes}, or if they are anything else
   */
  public static SealingPublicKey fromHex(String hex) throws InvalidFormatException {
    byte[] bytes;
    try {
      if (hex.length() != 2 * BYTES) {
        throw new IllegalArgumentException();
      }
      bytes = HexFormat.of().parseHex(hex);
    } catch (IllegalArgumentException e) {
      throw new InvalidFormatException("sealing key: is not " + 2 * BYTES + " hexadecimal digits");
    }
    return fromBytes(bytes);
  }

  /** A copy of the bytes. */
  public byte[] toByteArray() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SealingPublicKey key && Arrays.equals(bytes, key.bytes);
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
