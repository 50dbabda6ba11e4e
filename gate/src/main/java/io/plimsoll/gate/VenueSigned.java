package io.plimsoll.gate;

import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import java.util.Arrays;

/**
 * A venue's message with its signature, which has been checked: there is no instance without a
 * valid one of {@link #signer()}. Whether that is the key of the venue that the message names is
 * for the reader to know: {@link #decode(Class, byte[], Ed25519PublicKey)} asks for it. Immutable
 * and thread-safe.
 *
 * @param <M> the kind of message
 */
public final class VenueSigned<M extends VenueMessage> {
  private static final String TAG = "plimsoll/signed/v1";
  private static final String WHAT = "signed message";

  /** Longest message in bytes; the longest kind is a liquidation order. */
  public static final int MAX_MESSAGE_BYTES = 1 << 16;

  private final M message;
  private final Ed25519PublicKey signer;
  private final byte[] signature;

  private VenueSigned(M message, Ed25519PublicKey signer, byte[] signature) {
    this.message = message;
    this.signer = signer;
    this.signature = signature;
  }

  /**
   * Signs.
   *
   * @throws IllegalStateException if the signer makes something that is not its key's signature
   */
  static <M extends VenueMessage> VenueSigned<M> sign(M message, VenueSigner signer) {
    try {
      return of(message, signer.publicKey(), signer.sign(message.toByteArray()));
    } catch (InvalidFormatException e) {
      throw new IllegalStateException("the venue's signer is out of order: " + e.getMessage(), e);
    }
  }

  /**
   * Checks a signature.
   *
   * @param signature Ed25519, over {@link VenueMessage#toByteArray}; copied
   * @throws InvalidFormatException if it is not a valid one of {@code signer}
   */
  public static <M extends VenueMessage> VenueSigned<M> of(
      M message, Ed25519PublicKey signer, byte[] signature) throws InvalidFormatException {
    if (!signer.verifies(message.toByteArray(), signature)) {
      throw new InvalidFormatException(
          WHAT + ": the signature is not a valid one of venue key " + signer);
    }
    return new VenueSigned<>(message, signer, signature.clone());
  }

  /**
   * Reads what {@link #toByteArray} writes and checks the signature by the key named in it, whoever
   * that is.
   *
   * @throws InvalidFormatException if the bytes are anything else, or the signature is not valid
   */
  public static VenueSigned<?> decode(byte[] bytes) throws InvalidFormatException {
    FieldReader in = new FieldReader(WHAT, bytes, TAG);
    VenueMessage message = VenueMessage.decode(in.bytes("message", MAX_MESSAGE_BYTES));
    Ed25519PublicKey signer = in.key("venue key");
    byte[] signature = in.signature();
    in.end();
    return of(message, signer, signature);
  }

  /**
   * As {@link #decode(byte[])}, from a venue that is known.
   *
   * @param kind of message
   * @param venueKey the venue's key
   * @throws InvalidFormatException also if the message is of another kind or signed by another key
   */
  public static <M extends VenueMessage> VenueSigned<M> decode(
      Class<M> kind, byte[] bytes, Ed25519PublicKey venueKey) throws InvalidFormatException {
    VenueSigned<?> signed = decode(bytes);
    if (!signed.signer.equals(venueKey)) {
      throw new InvalidFormatException(
          WHAT + ": is signed by " + signed.signer + ", the venue's key is " + venueKey);
    }
    return signed.as(kind);
  }

  /**
   * The same with its kind.
   *
   * @throws InvalidFormatException if the message is of another kind
   */
  public <N extends VenueMessage> VenueSigned<N> as(Class<N> kind) throws InvalidFormatException {
    if (!kind.isInstance(message)) {
      throw new InvalidFormatException(
          WHAT
              + ": is a "
              + message.getClass().getSimpleName()
              + ", not a "
              + kind.getSimpleName());
    }
    return new VenueSigned<>(kind.cast(message), signer, signature);
  }

  /** What was signed. */
  public M message() {
    return message;
  }

  /** The key that the signature was checked with. */
  public Ed25519PublicKey signer() {
    return signer;
  }

  /** A copy of the signature, {@value Ed25519PublicKey#SIGNATURE_BYTES} bytes. */
  public byte[] signature() {
    return signature.clone();
  }

  /** Message, key and signature: the content of a file, or of a field on the wire. */
  public byte[] toByteArray() {
    return new FieldWriter(TAG)
        .bytes(message.toByteArray())
        .key(signer)
        .bytes(signature)
        .toByteArray();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VenueSigned<?> that
        && message.equals(that.message)
        && signer.equals(that.signer)
        && Arrays.equals(signature, that.signature);
  }

  @Override
  public int hashCode() {
    return message.hashCode();
  }

  @Override
  public String toString() {
    return "VenueSigned[" + message + " by " + signer + "]";
  }
}
