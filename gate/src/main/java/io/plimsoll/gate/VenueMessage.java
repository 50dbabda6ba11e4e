package io.plimsoll.gate;

import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;

/** Something that a venue says and signs. Implementations are immutable and thread-safe. */
public sealed interface VenueMessage permits Release, ProofReceipt, LiquidationOrder {
  /** The venue. */
  String venue();

  /** The account that it is about. */
  String account();

  /** The canonical bytes: what the venue signs. */
  byte[] toByteArray();

  /** SHA-256 of the canonical bytes. */
  default Digest digest() {
    return Digest.of(toByteArray());
  }

  /**
   * Reads a message of any kind.
   *
   * @throws InvalidFormatException if the bytes are anything but what {@link #toByteArray} writes
   */
  static VenueMessage decode(byte[] bytes) throws InvalidFormatException {
    String tag = FieldReader.tag(bytes);
    return switch (tag) {
      case Release.TAG -> Release.decode(bytes);
      case ProofReceipt.TAG -> ProofReceipt.decode(bytes);
      case LiquidationOrder.TAG -> LiquidationOrder.decode(bytes);
      default ->
          throw new InvalidFormatException("venue message: the tag is none of a kind of message");
    };
  }
}
