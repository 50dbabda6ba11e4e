package io.plimsoll.attestation;

import java.util.Arrays;
import java.util.function.Function;

/** 32 secret bytes that can be wiped. Thread-safe: a wipe never changes bytes that are in use. */
final class PrivateKeyBytes {
  static final int BYTES = 32;

  private final byte[] bytes;
  private boolean destroyed;

  /** Takes over {@code bytes}, which the caller must not keep. */
  PrivateKeyBytes(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("a private key has 32 bytes, not " + bytes.length);
    }
    this.bytes = bytes;
  }

  /** Hands a copy to {@code use} and wipes it afterwards. */
  <T> T use(Function<byte[], T> use) {
    byte[] copy;
    synchronized (this) {
      if (destroyed) {
        throw new IllegalStateException("the private key was destroyed");
      }
      copy = bytes.clone();
    }
    try {
      return use.apply(copy);
    } finally {
      Arrays.fill(copy, (byte) 0);
    }
  }

  synchronized void destroy() {
    destroyed = true;
    Arrays.fill(bytes, (byte) 0);
  }

  synchronized boolean isDestroyed() {
    return destroyed;
  }

  @Override
  public String toString() {
    return "PrivateKeyBytes[redacted]";
  }
}
