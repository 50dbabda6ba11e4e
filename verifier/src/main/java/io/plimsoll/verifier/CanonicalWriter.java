package io.plimsoll.verifier;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;

/**
 * Writes canonical bytes: length-prefixed fields, big-endian, as in {@code docs/formats.md}. Values
 * that have no canonical form are programming errors here ({@link IllegalArgumentException}); check
 * what comes from outside with {@link #requireText} first. Not thread-safe.
 */
public final class CanonicalWriter {
  /** Longest text field, in bytes of UTF-8. */
  public static final int MAX_TEXT_BYTES = 256;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Starts a message with its tag. */
  public CanonicalWriter(String tag) {
    text(tag);
  }

  /** Appends a text field. */
  public CanonicalWriter text(String value) {
    try {
      requireText("text", value);
    } catch (InvalidFormatException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    return bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Appends a byte string field. */
  public CanonicalWriter bytes(byte[] value) {
    length(value.length);
    out.write(value, 0, value.length);
    return this;
  }

  /** Appends a digest field. */
  public CanonicalWriter digest(Digest value) {
    return bytes(value.toByteArray());
  }

  /** Appends a one-byte field, 0 to 255. */
  public CanonicalWriter u8(int value) {
    if (value < 0 || value > 255) {
      throw new IllegalArgumentException("u8 is 0 to 255, not " + value);
    }
    return bytes(new byte[] {(byte) value});
  }

  /** Appends a four-byte field, 0 to 2^31 - 1. */
  public CanonicalWriter u32(int value) {
    if (value < 0) {
      throw new IllegalArgumentException("u32 is 0 to 2^31 - 1, not " + value);
    }
    return bytes(ByteBuffer.allocate(4).putInt(value).array());
  }

  /** Appends an eight-byte field, 0 to 2^63 - 1. */
  public CanonicalWriter u64(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("u64 is 0 to 2^63 - 1, not " + value);
    }
    return i64(value);
  }

  /** Appends a signed eight-byte field. */
  public CanonicalWriter i64(long value) {
    return bytes(ByteBuffer.allocate(8).putLong(value).array());
  }

  /** Appends one byte string field with eight bytes for each value. */
  public CanonicalWriter i64Array(long[] values) {
    ByteBuffer buffer = ByteBuffer.allocate(Math.multiplyExact(8, values.length));
    buffer.asLongBuffer().put(values);
    return bytes(buffer.array());
  }

  /** The message so far. */
  public byte[] toByteArray() {
    return out.toByteArray();
  }

  /** SHA-256 of the message so far. */
  public Digest digest() {
    return Digest.of(out.toByteArray());
  }

  private void length(int length) {
    out.write(length >>> 24);
    out.write(length >>> 16);
    out.write(length >>> 8);
    out.write(length);
  }

  /**
   * Checks that a text has a canonical form: UTF-8 encodable, normal form C, no control characters,
   * at most {@value #MAX_TEXT_BYTES} bytes.
   *
   * @param field named in the error
   * @return {@code value}
   */
  public static String requireText(String field, String value) throws InvalidFormatException {
    if (value.length() > MAX_TEXT_BYTES) {
      throw new InvalidFormatException(
          field + " has " + value.length() + " characters, more than " + MAX_TEXT_BYTES + " bytes");
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (Character.isISOControl(c)) {
        throw new InvalidFormatException(field + " has a control character at index " + i);
      }
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < value.length()
                && Character.isLowSurrogate(value.charAt(i + 1));
        if (!pair) {
          throw new InvalidFormatException(field + " has a lone surrogate at index " + i);
        }
        i++;
      }
    }
    int bytes = value.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_TEXT_BYTES) {
      throw new InvalidFormatException(
          field + " has " + bytes + " bytes, more than " + MAX_TEXT_BYTES);
    }
    if (!Normalizer.isNormalized(value, Normalizer.Form.NFC)) {
      throw new InvalidFormatException(field + " is not in normalisation form C");
    }
    return value;
  }
}
