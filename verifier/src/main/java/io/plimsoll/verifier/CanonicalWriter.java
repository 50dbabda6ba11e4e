package io.plimsoll.verifier;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Arrays;

/**
 * Writes canonical bytes: length-prefixed fields, big-endian, as in {@code docs/formats.md}. Values
 * that have no canonical form are programming errors here ({@link IllegalArgumentException}); check
 * what comes from outside with {@link #requireText} first. Not thread-safe.
 */
public final class CanonicalWriter {
  /** Longest text field, in bytes of UTF-8. */
  public static final int MAX_TEXT_BYTES = 256;

  /** Enough for a context, which is what is written most often. */
  private static final int FIRST_CAPACITY = 400;

  /** No array is longer on any common JVM. */
  private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

  private byte[] buffer = new byte[FIRST_CAPACITY];
  private int size;

  /** Starts a message with its tag. */
  public CanonicalWriter(String tag) {
    text(tag);
  }

  /** Starts another message, in the memory of the last one. */
  CanonicalWriter restart(String tag) {
    size = 0;
    return text(tag);
  }

  /** Appends a text field. */
  public CanonicalWriter text(String value) {
    if (isPlain(value)) {
      u32Bytes(value.length());
      reserve(value.length());
      for (int i = 0; i < value.length(); i++) {
        buffer[size++] = (byte) value.charAt(i);
      }
      return this;
    }
    try {
      requireText("text", value);
    } catch (InvalidFormatException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    return bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether a text is canonical for having nothing but printable ASCII, which most have. */
  private static boolean isPlain(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) < ' ' || value.charAt(i) > '~') {
        return false;
      }
    }
    return value.length() <= MAX_TEXT_BYTES;
  }

  /** Appends a byte string field. */
  public CanonicalWriter bytes(byte[] value) {
    u32Bytes(value.length);
    reserve(value.length);
    System.arraycopy(value, 0, buffer, size, value.length);
    size += value.length;
    return this;
  }

  /** Appends a digest field. */
  public CanonicalWriter digest(Digest value) {
    u32Bytes(Digest.BYTES);
    reserve(Digest.BYTES);
    value.copyTo(buffer, size);
    size += Digest.BYTES;
    return this;
  }

  /** Appends a one-byte field, 0 to 255. */
  public CanonicalWriter u8(int value) {
    if (value < 0 || value > 255) {
      throw new IllegalArgumentException("u8 is 0 to 255, not " + value);
    }
    u32Bytes(Byte.BYTES);
    reserve(Byte.BYTES);
    buffer[size++] = (byte) value;
    return this;
  }

  /** Appends a four-byte field, 0 to 2^31 - 1. */
  public CanonicalWriter u32(int value) {
    if (value < 0) {
      throw new IllegalArgumentException("u32 is 0 to 2^31 - 1, not " + value);
    }
    u32Bytes(Integer.BYTES);
    u32Bytes(value);
    return this;
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
    u32Bytes(Long.BYTES);
    u32Bytes((int) (value >>> Integer.SIZE));
    u32Bytes((int) value);
    return this;
  }

  /** Appends one byte string field with eight bytes for each value. */
  public CanonicalWriter i64Array(long[] values) {
    ByteBuffer buffer = ByteBuffer.allocate(Math.multiplyExact(8, values.length));
    buffer.asLongBuffer().put(values);
    return bytes(buffer.array());
  }

  /** The message so far. */
  public byte[] toByteArray() {
    return Arrays.copyOf(buffer, size);
  }

  /** SHA-256 of the message so far. */
  public Digest digest() {
    return Digest.of(buffer, size);
  }

  private void u32Bytes(int value) {
    reserve(Integer.BYTES);
    buffer[size++] = (byte) (value >>> 24);
    buffer[size++] = (byte) (value >>> 16);
    buffer[size++] = (byte) (value >>> 8);
    buffer[size++] = (byte) value;
  }

  private void reserve(int more) {
    int needed = Math.addExact(size, more);
    if (needed > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(needed, (int) Math.min(2L * size, MAX_ARRAY)));
    }
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
