package io.plimsoll.attestation;

import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.InvalidFormatException;

/**
 * For whom and until when an attester attests. Immutable and thread-safe.
 *
 * @param venue canonical text, not empty
 * @param account the account at the venue; canonical text, not empty
 * @param ownerKey to whom the opening is sealed
 * @param asOfMillis when the holdings were like this, milliseconds since the epoch, 0 or more
 * @param notAfterMillis until when they are locked, not before {@code asOfMillis}
 */
public record AttestationTerms(
    String venue, String account, SealingPublicKey ownerKey, long asOfMillis, long notAfterMillis) {
  /** Everything that would otherwise be noticed only after a version was used up. */
  void check() throws InvalidFormatException {
    requireName("venue", venue);
    requireName("account", account);
    if (asOfMillis < 0) {
      throw new InvalidFormatException("attestation: as of is " + asOfMillis + ", less than 0");
    }
    if (notAfterMillis < asOfMillis) {
      throw new InvalidFormatException(
          "attestation: not after is " + notAfterMillis + ", before as of, " + asOfMillis);
    }
  }

  private static void requireName(String field, String value) throws InvalidFormatException {
    if (value.isEmpty()) {
      throw new InvalidFormatException("attestation: " + field + " is empty");
    }
    CanonicalWriter.requireText("attestation: " + field, value);
  }
}
