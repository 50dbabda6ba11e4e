package io.plimsoll.verifier;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Reads canonical bytes as {@link CanonicalWriter} writes them and refuses everything else. Lengths
 * are checked before anything is allocated. Not thread-safe.
 */
public final class CanonicalReader {
  private final String what;
  private final ByteBuffer in;

  /**
   * Starts reading and checks the tag.
   *
   * @param what what is being read, for errors
   */
  public CanonicalReader(String what, byte[] message, String tag) throws InvalidFormatException {
    this.what = what;
    this.in = ByteBuffer.wrap(message).asReadOnlyBuffer();
    String actual = text("tag");
    if (!actual.equals(tag)) {
      throw new InvalidFormatException(what + ": tag is '" + actual + "', not '" + tag + "'");
    }
  }

  /** A byte string field of at most {@code maxBytes}. */
  public byte[] bytes(String field, int maxBytes) throws InvalidFormatException {
    if (in.remaining() < 4) {
      throw new InvalidFormatException(what + ": ends before " + field);
    }
    int length = in.getInt();
    if (length < 0 || length > maxBytes) {
      throw new InvalidFormatException(
          what
              + ": "
              + field
              + " has "
              + Integer.toUnsignedString(length)
              + " bytes, more than "
              + maxBytes);
    }
    if (length > in.remaining()) {
      throw new InvalidFormatException(what + ": ends inside " + field);
    }
    byte[] value = new byte[length];
    in.get(value);
    return value;
  }

  /** A byte string field of exactly {@code length} bytes. */
  public byte[] exactly(String field, int length) throws InvalidFormatException {
    byte[] value = bytes(field, length);
    if (value.length != length) {
      throw new InvalidFormatException(
          what + ": " + field + " has " + value.length + " bytes, not " + length);
    }
    return value;
  }

  /** A text field in its canonical form. */
  public String text(String field) throws InvalidFormatException {
    byte[] value = bytes(field, CanonicalWriter.MAX_TEXT_BYTES);
    String text;
    try {
      text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(value))
              .toString();
    } catch (CharacterCodingException e) {
      throw new InvalidFormatException(what + ": " + field + " is not UTF-8");
    }
    return CanonicalWriter.requireText(what + ": " + field, text);
  }

  /** A digest field. */
  public Digest digest(String field) throws InvalidFormatException {
    return Digest.fromBytes(exactly(field, Digest.BYTES));
  }

  /** A one-byte field. */
  public int u8(String field) throws InvalidFormatException {
    return exactly(field, 1)[0] & 0xff;
  }

  /** A four-byte field between 0 and {@code max}. */
  public int u32(String field, int max) throws InvalidFormatException {
    int value = ByteBuffer.wrap(exactly(field, 4)).getInt();
    if (value < 0 || value > max) {
      throw new InvalidFormatException(
          what + ": " + field + " is " + Integer.toUnsignedString(value) + ", more than " + max);
    }
    return value;
  }

  /** An eight-byte field between 0 and 2^63 - 1. */
  public long u64(String field) throws InvalidFormatException {
    long value = i64(field);
    if (value < 0) {
      throw new InvalidFormatException(
          what + ": " + field + " is " + Long.toUnsignedString(value) + ", more than 2^63 - 1");
    }
    return value;
  }

  /** A signed eight-byte field. */
  public long i64(String field) throws InvalidFormatException {
    return ByteBuffer.wrap(exactly(field, 8)).getLong();
  }

  /** Checks that nothing follows. */
  public void end() throws InvalidFormatException {
    if (in.hasRemaining()) {
      throw new InvalidFormatException(what + ": " + in.remaining() + " bytes follow the end");
    }
  }
}
