package io.plimsoll.verifier;

import io.plimsoll.verifier.bn254.Pool;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** A SHA-256 digest: 32 bytes. Immutable and thread-safe; compared in constant time. */
public final class Digest implements Comparable<Digest> {
  /** Length in bytes. */
  public static final int BYTES = 32;

  /** 32 zero bytes: the "previous digest" of a first attestation. */
  public static final Digest ZERO = new Digest(new byte[BYTES]);

  private static final Pool<MessageDigest> SHA_256 = new Pool<>(Digest::sha256);

  private final byte[] value;

  private Digest(byte[] value) {
    this.value = value;
  }

  /** SHA-256 of {@code data}. */
  public static Digest of(byte[] data) {
    return of(data, data.length);
  }

  /** SHA-256 of the first bytes of {@code data}. */
  static Digest of(byte[] data, int length) {
    byte[] value = new byte[BYTES];
    MessageDigest sha256 = SHA_256.take();
    sha256.update(data, 0, length);
    try {
      // Resets it.
      sha256.digest(value, 0, BYTES);
    } catch (DigestException e) {
      throw new AssertionError("SHA-256 has " + BYTES + " bytes", e);
    }
    SHA_256.give(sha256);
    return new Digest(value);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /**
   * Wraps 32 bytes, which are copied.
   *
   * @throws IllegalArgumentException if {@code bytes} is not 32 long
   */
  public static Digest fromBytes(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("a digest has 32 bytes, not " + bytes.length);
    }
    return new Digest(bytes.clone());
  }

  /**
   * Reads 64 hexadecimal digits.
   *
   * @throws IllegalArgumentException if {@code hex} is anything else
   */
  public static Digest fromHex(String hex) {
    return fromBytes(HexFormat.of().parseHex(hex));
  }

  /** A copy of the 32 bytes. */
  public byte[] toByteArray() {
    return value.clone();
  }

  /** A copy of the first bytes. */
  byte[] first(int length) {
    return Arrays.copyOf(value, length);
  }

  void copyTo(byte[] target, int offset) {
    System.arraycopy(value, 0, target, offset, BYTES);
  }

  @Override
  public int compareTo(Digest other) {
    return Arrays.compareUnsigned(value, other.value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Digest digest && MessageDigest.isEqual(value, digest.value);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(value);
  }

  /** 64 lower-case hexadecimal digits. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(value);
  }
}
