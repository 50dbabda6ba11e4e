package io.plimsoll.gate;

import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;

/**
 * The venue relies on an attester's older attestations no more: what binds the attester are the
 * versions after {@code throughVersion}, from {@code successorVersion} on. Only now may it hand out
 * what the older ones said that it kept and the later ones do not. Immutable and thread-safe.
 *
 * @param venue the venue
 * @param account the account
 * @param circuitId the account's circuit
 * @param attester whose attestations
 * @param throughVersion all of its versions up to this one are released, whether the venue ever
 *     took them or not
 * @param successorVersion the version that was its current one when this was issued
 * @param successorDigest digest of that attestation
 * @param accountVersion the account's version when this was issued
 * @param issuedAtMillis when, on the venue's clock
 */
public record Release(
    String venue,
    String account,
    Digest circuitId,
    Ed25519PublicKey attester,
    long throughVersion,
    long successorVersion,
    Digest successorDigest,
    long accountVersion,
    long issuedAtMillis)
    implements VenueMessage {
  static final String TAG = "plimsoll/release/v1";
  private static final String WHAT = "release";

  /** The versions are in order. */
  public Release {
    if (throughVersion < 0 || throughVersion >= successorVersion) {
      throw new IllegalArgumentException(
          "release through version " + throughVersion + " by version " + successorVersion);
    }
  }

  @Override
  public byte[] toByteArray() {
    return new FieldWriter(TAG)
        .text(venue)
        .text(account)
        .digest(circuitId)
        .key(attester)
        .u64(throughVersion)
        .u64(successorVersion)
        .digest(successorDigest)
        .u64(accountVersion)
        .u64(issuedAtMillis)
        .toByteArray();
  }

  /**
   * Reads the canonical bytes.
   *
   * @throws InvalidFormatException if they are anything but what {@link #toByteArray} writes
   */
  public static Release decode(byte[] bytes) throws InvalidFormatException {
    FieldReader in = new FieldReader(WHAT, bytes, TAG);
    try {
      Release release =
          new Release(
              in.text("venue"),
              in.text("account"),
              in.digest("circuit id"),
              in.key("attester key"),
              in.u64("through version"),
              in.u64("successor version"),
              in.digest("successor digest"),
              in.u64("account version"),
              in.u64("issued at"));
      in.end();
      return release;
    } catch (IllegalArgumentException e) {
      throw new InvalidFormatException(WHAT + ": " + e.getMessage());
    }
  }
}
