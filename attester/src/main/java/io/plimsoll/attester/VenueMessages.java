package io.plimsoll.attester;

import io.plimsoll.gate.LiquidationOrder;
import io.plimsoll.gate.Release;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import java.util.Optional;

/** Whether what a venue has signed binds this attester, and for which of its versions. */
final class VenueMessages {
  private VenueMessages() {}

  /**
   * Why a release releases nothing here.
   *
   * @param venueKey the pinned key of the account's venue
   * @param attester this attester
   */
  static Optional<String> refusal(
      VenueSigned<Release> signed,
      Ed25519PublicKey venueKey,
      Ed25519PublicKey attester,
      AccountRecord record) {
    Release release = signed.message();
    if (!signed.signer().equals(venueKey)) {
      return Optional.of(
          "release: is signed by " + signed.signer() + ", the venue's key is " + venueKey);
    }
    if (!release.venue().equals(record.id().venue())
        || !release.account().equals(record.id().account())) {
      return Optional.of(
          "release: is for account "
              + release.account()
              + " at "
              + release.venue()
              + ", not "
              + record.id());
    }
    if (!release.attester().equals(attester)) {
      return Optional.of("release: is for attester " + release.attester() + ", not " + attester);
    }
    if (!isOurs(release, record)) {
      return Optional.of(
          "release: its successor, version "
              + release.successorVersion()
              + " with digest "
              + release.successorDigest()
              + ", is none of "
              + record.id());
    }
    return Optional.empty();
  }

  private static boolean isOurs(Release release, AccountRecord record) {
    Digest digest = release.successorDigest();
    boolean held =
        record.held().stream()
            .anyMatch(
                version ->
                    version.version() == release.successorVersion()
                        && version.circuitId().equals(release.circuitId())
                        && version.digest().equals(digest));
    return held
        || record.heads().values().stream()
            .anyMatch(
                head ->
                    head.digest().equals(digest)
                        && head.body().version() == release.successorVersion()
                        && head.body().circuitId().equals(release.circuitId()));
  }

  /** Why an order is not to be executed here. */
  static Optional<String> refusal(
      VenueSigned<LiquidationOrder> signed,
      Ed25519PublicKey venueKey,
      Ed25519PublicKey attester,
      PledgeId id,
      Digest circuitId,
      long latestMillis) {
    LiquidationOrder order = signed.message();
    if (!signed.signer().equals(venueKey)) {
      return Optional.of(
          "liquidation order: is signed by "
              + signed.signer()
              + ", the venue's key is "
              + venueKey);
    }
    if (!order.venue().equals(id.venue()) || !order.account().equals(id.account())) {
      return Optional.of(
          "liquidation order: is for account "
              + order.account()
              + " at "
              + order.venue()
              + ", not "
              + id);
    }
    if (!order.circuitId().equals(circuitId)) {
      return Optional.of(
          "liquidation order: is for circuit " + order.circuitId() + ", not " + circuitId);
    }
    if (!order.attesters().contains(attester)) {
      return Optional.of("liquidation order: does not name attester " + attester);
    }
    if (latestMillis >= order.notAfterMillis()) {
      return Optional.of(
          "liquidation order: was to be executed before "
              + order.notAfterMillis()
              + ", it is "
              + latestMillis);
    }
    return Optional.empty();
  }
}
