package io.plimsoll.gate;

import java.util.Arrays;

/** Bytes of a proof as submitted, comparable by value. Immutable and thread-safe. */
public final class ProofBytes {
  private final byte[] bytes;

  private ProofBytes(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Copies {@code bytes}. */
  public static ProofBytes of(byte[] bytes) {
    return new ProofBytes(bytes.clone());
  }

  /** A copy. */
  public byte[] toByteArray() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ProofBytes that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "ProofBytes[" + bytes.length + "]";
  }
}
