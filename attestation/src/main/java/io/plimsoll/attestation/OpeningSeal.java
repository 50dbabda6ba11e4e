package io.plimsoll.attestation;

import io.plimsoll.circuits.MarginModel;
import io.plimsoll.verifier.AttestationBody;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Openings, encrypted to their owner and bound to the attestation that carries them. */
final class OpeningSeal {
  private static final byte[] INFO = "plimsoll/opening/v1".getBytes(StandardCharsets.UTF_8);

  private OpeningSeal() {}

  static byte[] seal(Opening opening, SealingPublicKey owner, byte[] associatedData) {
    byte[] plaintext = opening.toPlaintext();
    try {
      return Hpke.seal(owner, INFO, associatedData, plaintext);
    } finally {
      Arrays.fill(plaintext, (byte) 0);
    }
  }

  /**
   * @throws InvalidFormatException if it was sealed to another key, for another attestation or
   *     model, or was altered
   */
  static Opening open(SealingIdentity owner, MarginModel model, AttestationBody body)
      throws InvalidFormatException {
    byte[] sealed = body.sealedOpening();
    int expected = Opening.plaintextBytes(model.layout().holdingCount()) + Hpke.OVERHEAD_BYTES;
    if (sealed.length != expected) {
      throw new InvalidFormatException(
          "sealed opening: has "
              + sealed.length
              + " bytes, not the "
              + expected
              + " of "
              + model.layout().holdingCount()
              + " holdings");
    }
    byte[] plaintext =
        owner.open(
            INFO,
            associatedData(
                body.venue(),
                body.account(),
                body.circuitId(),
                body.listingDigest(),
                body.attester(),
                body.version(),
                body.commitment().toByteArray()),
            sealed);
    try {
      return Opening.fromPlaintext(model, plaintext);
    } finally {
      Arrays.fill(plaintext, (byte) 0);
    }
  }

  /** The fields of {@code docs/formats.md}; the first is the venue, for there is no tag. */
  static byte[] associatedData(
      String venue,
      String account,
      Digest circuitId,
      Digest listingDigest,
      Ed25519PublicKey attester,
      long version,
      byte[] commitment) {
    return new CanonicalWriter(venue)
        .text(account)
        .digest(circuitId)
        .digest(listingDigest)
        .bytes(attester.toByteArray())
        .u64(version)
        .bytes(commitment)
        .toByteArray();
  }
}
