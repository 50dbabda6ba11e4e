package io.plimsoll.gate;

import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import java.util.Arrays;

/**
 * An attester's word that it has done under a liquidation order what it will do, and that its new
 * attestation says what is left. There is no instance without a valid signature of the
 * attestation's attester. Immutable and thread-safe.
 */
public final class Execution {
  private static final String TAG = "plimsoll/execution/v1";

  private final Digest orderDigest;
  private final Attestation attestation;
  private final byte[] signature;

  private Execution(Digest orderDigest, Attestation attestation, byte[] signature) {
    this.orderDigest = orderDigest;
    this.attestation = attestation;
    this.signature = signature;
  }

  /**
   * What an attester signs (Ed25519, with the key that it attests with).
   *
   * @param orderDigest digest of the order
   * @param attestation what is left; its as-of time is not before the order was claimed
   */
  public static byte[] signedBytes(Digest orderDigest, Attestation attestation) {
    return new CanonicalWriter(TAG).digest(orderDigest).digest(attestation.digest()).toByteArray();
  }

  /**
   * Checks a signature.
   *
   * @param signature over {@link #signedBytes}; copied
   * @throws InvalidFormatException if it is not a valid one of the attestation's attester
   */
  public static Execution of(Digest orderDigest, Attestation attestation, byte[] signature)
      throws InvalidFormatException {
    Ed25519PublicKey attester = attestation.body().attester();
    if (!attester.verifies(signedBytes(orderDigest, attestation), signature)) {
      throw new InvalidFormatException(
          "execution: the signature is not a valid one of attester " + attester);
    }
    return new Execution(orderDigest, attestation, signature.clone());
  }

  /** Digest of the order that was executed. */
  public Digest orderDigest() {
    return orderDigest;
  }

  /** What is left. */
  public Attestation attestation() {
    return attestation;
  }

  /** A copy of the signature, {@value Ed25519PublicKey#SIGNATURE_BYTES} bytes. */
  public byte[] signature() {
    return signature.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Execution that
        && orderDigest.equals(that.orderDigest)
        && attestation.equals(that.attestation)
        && Arrays.equals(signature, that.signature);
  }

  @Override
  public int hashCode() {
    return attestation.hashCode();
  }

  @Override
  public String toString() {
    return "Execution[" + orderDigest + " " + attestation + "]";
  }
}
