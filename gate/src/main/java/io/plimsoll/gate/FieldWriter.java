package io.plimsoll.gate;

import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.RoundSignature;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.Threshold;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Writes as canonical bytes what a gate's messages and records are made of; {@link FieldReader}
 * reads them back. For stores too. Not thread-safe.
 */
public final class FieldWriter {
  private final CanonicalWriter out;

  /** Starts a message with its tag. */
  public FieldWriter(String tag) {
    out = new CanonicalWriter(tag);
  }

  /** Appends a text field. */
  public FieldWriter text(String value) {
    out.text(value);
    return this;
  }

  /** Appends a byte string field. */
  public FieldWriter bytes(byte[] value) {
    out.bytes(value);
    return this;
  }

  /** Appends a digest field. */
  public FieldWriter digest(Digest value) {
    out.digest(value);
    return this;
  }

  /** Appends a one-byte field, 0 to 255. */
  public FieldWriter u8(int value) {
    out.u8(value);
    return this;
  }

  /** Appends a four-byte field, 0 to 2^31 - 1. */
  public FieldWriter u32(int value) {
    out.u32(value);
    return this;
  }

  /** Appends an eight-byte field, 0 to 2^63 - 1. */
  public FieldWriter u64(long value) {
    out.u64(value);
    return this;
  }

  /** Appends a signed eight-byte field. */
  public FieldWriter i64(long value) {
    out.i64(value);
    return this;
  }

  /** Appends a one-byte field, 0 or 1. */
  public FieldWriter flag(boolean value) {
    return u8(value ? 1 : 0);
  }

  /** Appends the name of an enum's value; an empty text for none. */
  public FieldWriter name(Optional<? extends Enum<?>> value) {
    return text(value.map(Enum::name).orElse(""));
  }

  /** Appends numerator and denominator. */
  public FieldWriter threshold(Threshold value) {
    return u64(value.numerator()).u64(value.denominator());
  }

  /** Appends numerator and denominator. */
  public FieldWriter fraction(Fraction value) {
    return u64(value.numerator()).u64(value.denominator());
  }

  /** Appends a key. */
  public FieldWriter key(Ed25519PublicKey value) {
    return bytes(value.toByteArray());
  }

  /** Appends the number of keys and the keys, which must be ascending. */
  public FieldWriter keys(Collection<Ed25519PublicKey> values) {
    u32(values.size());
    values.forEach(this::key);
    return this;
  }

  /** Appends an attestation and its signature. */
  public FieldWriter attestation(Attestation value) {
    return bytes(value.body().toByteArray()).bytes(value.signature());
  }

  /** Appends a round, and its signatures with their number. */
  public FieldWriter signedRound(SignedRound value) {
    return bytes(value.round().toByteArray()).roundSignatures(value.signatures());
  }

  /** Appends the number of signatures; of each the publisher and the signature. */
  public FieldWriter roundSignatures(List<RoundSignature> values) {
    u32(values.size());
    for (RoundSignature signature : values) {
      key(signature.publisher()).bytes(signature.toByteArray());
    }
    return this;
  }

  /** The message so far. */
  public byte[] toByteArray() {
    return out.toByteArray();
  }
}
