package io.plimsoll.gate;

import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.CanonicalReader;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.RoundSignature;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.Threshold;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads from canonical bytes what a gate's messages and records are made of, and refuses everything
 * that {@link FieldWriter} does not write. For stores too. Lengths are checked before anything is
 * allocated. Not thread-safe.
 */
public final class FieldReader {
  private static final int MAX_ATTESTATION_BYTES = 1 << 22;
  private static final int MAX_ROUND_BYTES = 1 << 24;
  private static final int MAX_TAG_BYTES = 64;

  private final String what;
  private final CanonicalReader in;

  /**
   * Starts reading and checks the tag.
   *
   * @param what what is being read, for errors
   */
  public FieldReader(String what, byte[] message, String tag) throws InvalidFormatException {
    this.what = what;
    this.in = new CanonicalReader(what, message, tag);
  }

  /** The tag that a message starts with, not checked; empty if it starts with none. */
  static String tag(byte[] message) {
    if (message.length < 4 || message[0] != 0 || message[1] != 0 || message[2] != 0) {
      return "";
    }
    int length = message[3];
    return length < 0 || length > MAX_TAG_BYTES || length > message.length - 4
        ? ""
        : new String(Arrays.copyOfRange(message, 4, 4 + length), StandardCharsets.US_ASCII);
  }

  /** A text field in its canonical form. */
  public String text(String field) throws InvalidFormatException {
    return in.text(field);
  }

  /** A byte string field of at most {@code most} bytes. */
  public byte[] bytes(String field, int most) throws InvalidFormatException {
    return in.bytes(field, most);
  }

  /** A byte string field of exactly {@code length} bytes. */
  public byte[] exactly(String field, int length) throws InvalidFormatException {
    return in.exactly(field, length);
  }

  /** A digest field. */
  public Digest digest(String field) throws InvalidFormatException {
    return in.digest(field);
  }

  /** A one-byte field. */
  public int u8(String field) throws InvalidFormatException {
    return in.u8(field);
  }

  /** A four-byte field between 0 and {@code most}. */
  public int u32(String field, int most) throws InvalidFormatException {
    return in.u32(field, most);
  }

  /** An eight-byte field between 0 and 2^63 - 1. */
  public long u64(String field) throws InvalidFormatException {
    return in.u64(field);
  }

  /** A signed eight-byte field. */
  public long i64(String field) throws InvalidFormatException {
    return in.i64(field);
  }

  /** A one-byte field, 0 or 1. */
  public boolean flag(String field) throws InvalidFormatException {
    int value = in.u8(field);
    if (value > 1) {
      throw new InvalidFormatException(what + ": " + field + " is " + value + ", not 0 or 1");
    }
    return value == 1;
  }

  /** The name of one of an enum's values. */
  public <E extends Enum<E>> E name(String field, Class<E> values) throws InvalidFormatException {
    return constant(field, in.text(field), values);
  }

  /** The name of one of an enum's values, or an empty text for none. */
  public <E extends Enum<E>> Optional<E> optionalName(String field, Class<E> values)
      throws InvalidFormatException {
    String name = in.text(field);
    return name.isEmpty() ? Optional.empty() : Optional.of(constant(field, name, values));
  }

  private <E extends Enum<E>> E constant(String field, String name, Class<E> values)
      throws InvalidFormatException {
    for (E value : values.getEnumConstants()) {
      if (value.name().equals(name)) {
        return value;
      }
    }
    throw new InvalidFormatException(what + ": there is no " + field + " '" + name + "'");
  }

  /** A numerator and a denominator. */
  public Threshold threshold() throws InvalidFormatException {
    return Threshold.of(in.u64("numerator"), in.u64("denominator"));
  }

  /** A numerator and a denominator. */
  public Fraction fraction() throws InvalidFormatException {
    try {
      return new Fraction(in.u64("numerator"), in.u64("denominator"));
    } catch (IllegalArgumentException e) {
      throw new InvalidFormatException(what + ": fraction: " + e.getMessage());
    }
  }

  /** A key. */
  public Ed25519PublicKey key(String field) throws InvalidFormatException {
    return Ed25519PublicKey.fromBytes(in.exactly(field, Ed25519PublicKey.BYTES));
  }

  /** A count of at most {@code most}, and that many distinct keys, ascending. */
  public List<Ed25519PublicKey> keys(String field, int most) throws InvalidFormatException {
    List<Ed25519PublicKey> keys = new ArrayList<>();
    for (int left = in.u32("number of " + field, most); left > 0; left--) {
      Ed25519PublicKey key = key(field);
      if (!keys.isEmpty() && keys.get(keys.size() - 1).compareTo(key) >= 0) {
        throw new InvalidFormatException(what + ": " + field + " are not ascending at " + key);
      }
      keys.add(key);
    }
    return keys;
  }

  /** An attestation, whose signature is checked. */
  public Attestation attestation() throws InvalidFormatException {
    byte[] body = in.bytes("attestation", MAX_ATTESTATION_BYTES);
    return Attestation.decode(body, signature());
  }

  /** 64 bytes. */
  public byte[] signature() throws InvalidFormatException {
    return in.exactly("signature", Ed25519PublicKey.SIGNATURE_BYTES);
  }

  /** A round with its signatures, which are not checked here: k of n must be valid. */
  public SignedRound signedRound() throws InvalidFormatException {
    RiskRound round = RiskRound.decode(in.bytes("round", MAX_ROUND_BYTES));
    return new SignedRound(round, roundSignatures());
  }

  /** A count, and that many publishers' signatures, which are not checked here. */
  public List<RoundSignature> roundSignatures() throws InvalidFormatException {
    List<RoundSignature> signatures = new ArrayList<>();
    for (int left = in.u32("number of signatures", SignedRound.MAX_SIGNATURES); left > 0; left--) {
      Ed25519PublicKey publisher = key("publisher");
      signatures.add(RoundSignature.of(publisher, signature()));
    }
    return signatures;
  }

  /** Checks that nothing follows. */
  public void end() throws InvalidFormatException {
    in.end();
  }
}
