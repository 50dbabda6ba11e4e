package io.plimsoll.attestation;

import io.plimsoll.circuits.Holdings;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.verifier.InvalidFormatException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What a commitment hides: holdings and blinding, of one attester or summed over several. These are
 * the owner's secrets: {@link #toString} is redacted and {@link #close} overwrites them. Not
 * thread-safe while it is being closed.
 */
public final class Opening implements AutoCloseable {
  private final Holdings holdings;
  private final byte[] blinding;
  private boolean closed;

  /** Takes over both. */
  Opening(Holdings holdings, byte[] blinding) {
    this.holdings = holdings;
    this.blinding = blinding;
  }

  /** The holdings, wiped together with this. */
  public Holdings holdings() {
    requireOpen();
    return holdings;
  }

  /** The blinding: 32 bytes, big-endian, below r. A fresh copy, the caller's to overwrite. */
  public byte[] blinding() {
    requireOpen();
    return blinding.clone();
  }

  /**
   * The opening of the sum of both commitments.
   *
   * @throws InvalidFormatException if the models differ or there are more than J_max attesters
   */
  public Opening plus(Opening other) throws InvalidFormatException {
    requireOpen();
    other.requireOpen();
    try {
      return new Opening(holdings.plus(other.holdings), Blinding.add(blinding, other.blinding));
    } catch (IllegalArgumentException e) {
      throw new InvalidFormatException(e.getMessage());
    }
  }

  /** The plaintext of a sealed opening: {@code docs/formats.md}. The caller wipes it. */
  byte[] toPlaintext() {
    requireOpen();
    long[] values = holdings.toLongArray();
    ByteBuffer out = ByteBuffer.allocate(plaintextBytes(values.length));
    out.putInt(values.length);
    for (long value : values) {
      out.putLong(value);
    }
    out.put(blinding);
    Arrays.fill(values, 0);
    return out.array();
  }

  static int plaintextBytes(int holdings) {
    return Integer.BYTES + Math.multiplyExact(Long.BYTES, holdings) + Blinding.BYTES;
  }

  /**
   * Reads a plaintext.
   *
   * @throws InvalidFormatException if it is not an opening for {@code model}; it names no holding
   */
  static Opening fromPlaintext(MarginModel model, byte[] plaintext) throws InvalidFormatException {
    int expected = model.layout().holdingCount();
    if (plaintext.length != plaintextBytes(expected)) {
      throw new InvalidFormatException(
          "opening: has "
              + plaintext.length
              + " bytes, not the "
              + plaintextBytes(expected)
              + " of "
              + expected
              + " holdings");
    }
    ByteBuffer in = ByteBuffer.wrap(plaintext);
    int count = in.getInt();
    if (count != expected) {
      throw new InvalidFormatException(
          "opening: has " + Integer.toUnsignedString(count) + " holdings, not " + expected);
    }
    long[] values = new long[count];
    in.asLongBuffer().get(values);
    byte[] blinding =
        Arrays.copyOfRange(plaintext, plaintext.length - Blinding.BYTES, plaintext.length);
    try {
      if (!Blinding.isValid(blinding)) {
        throw new InvalidFormatException("opening: the blinding is zero or not below r");
      }
      return new Opening(Holdings.of(model, values), blinding);
    } finally {
      Arrays.fill(values, 0);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the opening was closed");
    }
  }

  /** Overwrites holdings and blinding; every later use is an {@link IllegalStateException}. */
  @Override
  public void close() {
    closed = true;
    holdings.close();
    Arrays.fill(blinding, (byte) 0);
  }

  @Override
  public String toString() {
    return "Opening (redacted)";
  }
}
