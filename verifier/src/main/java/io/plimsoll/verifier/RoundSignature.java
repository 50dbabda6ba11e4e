package io.plimsoll.verifier;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * One publisher's signature on a risk round, as it came; not checked yet. Immutable and
 * thread-safe.
 */
public final class RoundSignature {
  private final Ed25519PublicKey publisher;
  private final byte[] signature;

  private RoundSignature(Ed25519PublicKey publisher, byte[] signature) {
    this.publisher = publisher;
    this.signature = signature;
  }

  /**
   * @param publisher who is said to have signed
   * @param signature copied
   * @throws InvalidFormatException if it is not {@value Ed25519PublicKey#SIGNATURE_BYTES} bytes
   */
  public static RoundSignature of(Ed25519PublicKey publisher, byte[] signature)
      throws InvalidFormatException {
    if (signature.length != Ed25519PublicKey.SIGNATURE_BYTES) {
      throw new InvalidFormatException(
          "round signature has "
              + signature.length
              + " bytes, not "
              + Ed25519PublicKey.SIGNATURE_BYTES);
    }
    return new RoundSignature(publisher, signature.clone());
  }

  /** Who is said to have signed. */
  public Ed25519PublicKey publisher() {
    return publisher;
  }

  /** A copy of the signature. */
  public byte[] toByteArray() {
    return signature.clone();
  }

  boolean isOn(RiskRound round) {
    return publisher.verifies(round.bytesToSign(), signature);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RoundSignature that
        && publisher.equals(that.publisher)
        && Arrays.equals(signature, that.signature);
  }

  @Override
  public int hashCode() {
    return 31 * publisher.hashCode() + Arrays.hashCode(signature);
  }

  @Override
  public String toString() {
    return publisher + ":" + HexFormat.of().formatHex(signature);
  }
}
