package io.plimsoll.attester;

import io.plimsoll.gate.Release;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.verifier.Ed25519PublicKey;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Releases by venues: each lets go of the locks of older versions, once a newer one of ours is what
 * the venue relies on.
 */
final class Releases {
  private final Accounts accounts;
  private final Ed25519PublicKey publicKey;

  Releases(Accounts accounts, Ed25519PublicKey publicKey) {
    this.accounts = accounts;
    this.publicKey = publicKey;
  }

  /** Asks the venue for a release, if there is anything that it could release. Called in turn. */
  void take(Pledge pledge) throws IOException {
    synchronized (accounts) {
      if (accounts.record(pledge).held().size() < 2) {
        return;
      }
    }
    Optional<VenueSigned<Release>> answer =
        accounts.ask(pledge, port -> port.release(pledge.id().account(), publicKey));
    if (answer.isEmpty()) {
      return;
    }
    synchronized (accounts) {
      Optional<String> refusal = release(answer.get());
      // An old release is no news: it is the last that the venue has.
      boolean news =
          accounts.record(pledge).held().stream()
              .anyMatch(held -> held.version() <= answer.get().message().throughVersion());
      if (refusal.isPresent() && news) {
        accounts.progress(pledge).trouble(refusal.get());
      }
    }
  }

  /** See {@link AttesterEngine#release}; the lock is held. */
  Optional<String> release(VenueSigned<Release> signed) throws IOException {
    Release release = signed.message();
    Optional<Pledge> served = accounts.find(new PledgeId(release.venue(), release.account()));
    if (served.isEmpty()) {
      return Optional.of(
          "release: account " + release.account() + " at " + release.venue() + " is not served");
    }
    Pledge pledge = served.get();
    AccountRecord record = accounts.record(pledge);
    Optional<String> refusal =
        VenueMessages.refusal(signed, accounts.venue(pledge).key(), publicKey, record);
    if (refusal.isPresent()) {
      return refusal;
    }
    List<HeldVersion> left =
        LockLedger.empty(accounts.table())
            .with(pledge.id(), record.pool(), record.held())
            .released(pledge.id(), release.circuitId(), release.throughVersion())
            .held(pledge.id());
    if (left.size() < record.held().size()) {
      accounts.commit(record.withHeld(left, accounts.now()));
    }
    return Optional.empty();
  }
}
