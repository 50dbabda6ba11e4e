package io.plimsoll.attester;

import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Agreement of the ledger with what a venue has of this attester, at each start: until there is,
 * nothing is attested for the account and nothing leaves its pool. A restored backup is behind the
 * venue; only the operator may then accept the venue's version.
 */
final class Reconciliation {
  private final Accounts accounts;
  private final Outbox outbox;
  private final Ed25519PublicKey publicKey;

  Reconciliation(Accounts accounts, Outbox outbox, Ed25519PublicKey publicKey) {
    this.accounts = accounts;
    this.outbox = outbox;
    this.publicKey = publicKey;
  }

  /**
   * Asks the venue, if that has not been done; from then on the account is attested and paid for.
   * Called in turn.
   */
  void reconcile(Pledge pledge) throws IOException {
    synchronized (accounts) {
      if (accounts.progress(pledge).isReconciled()) {
        return;
      }
    }
    Optional<Attestation> there = latest(pledge);
    synchronized (accounts) {
      compare(pledge, there);
    }
  }

  private Optional<Attestation> latest(Pledge pledge) throws VenueCall.FailedException {
    return requireOurs(
        pledge, accounts.ask(pledge, port -> port.latest(pledge.id().account(), publicKey)));
  }

  private void compare(Pledge pledge, Optional<Attestation> there) throws IOException {
    Progress state = accounts.progress(pledge);
    AccountRecord record = accounts.record(pledge);
    Digest circuitId = pledge.circuit().id();
    Optional<Attestation> head = Optional.ofNullable(record.heads().get(circuitId));
    if (there.isEmpty() || !there.get().body().circuitId().equals(circuitId)) {
      // Nothing yet, or the account is about to move to this circuit.
      if (head.isPresent() && !head.get().body().closing()) {
        state.trouble(
            "the venue has forgotten version "
                + head.get().body().version()
                + "; nothing is attested until somebody has looked");
        return;
      }
      if (there.isPresent() && !isKnown(record, there.get())) {
        state.trouble(unknownAtVenue(there.get()));
        return;
      }
    } else if (!isKnown(record, there.get())) {
      state.trouble(unknownAtVenue(there.get()));
      return;
    } else if (head.isPresent() && there.get().body().version() < head.get().body().version()) {
      state.trouble(
          "the venue has version "
              + there.get().body().version()
              + ", but took version "
              + head.get().body().version()
              + " before; nothing is attested until somebody has looked");
      return;
    } else if (head.isEmpty() || !head.get().equals(there.get())) {
      outbox.taken(record, there.get());
    }
    accounts.reconciled(pledge, true);
    state.noTrouble();
  }

  private static String unknownAtVenue(Attestation there) {
    return "the venue has version "
        + there.body().version()
        + " with digest "
        + there.digest()
        + ", which is not in this ledger: it is an old backup, or somebody else signs with this"
        + " key. Nothing is attested until it is reconciled";
  }

  private Optional<Attestation> requireOurs(Pledge pledge, Optional<Attestation> answer)
      throws VenueCall.AccountException {
    if (answer.isPresent()) {
      var body = answer.get().body();
      if (!body.attester().equals(publicKey)
          || !body.venue().equals(pledge.id().venue())
          || !body.account().equals(pledge.id().account())) {
        throw new VenueCall.AccountException(
            new IOException("it answered with an attestation of another account or attester"));
      }
    }
    return answer;
  }

  private static boolean isKnown(AccountRecord record, Attestation attestation) {
    Digest digest = attestation.digest();
    return record.held().stream().anyMatch(version -> version.digest().equals(digest))
        || record.heads().values().stream().anyMatch(head -> head.digest().equals(digest))
        || record.outbox().stream().anyMatch(each -> each.attestation().digest().equals(digest));
  }

  /** See {@link AttesterEngine#acceptVenuesVersion}. Called in turn. */
  String acceptVenuesVersion(Pledge pledge) throws IOException, InvalidFormatException {
    Optional<Attestation> there = latest(pledge);
    synchronized (accounts) {
      return accept(pledge, there);
    }
  }

  private String accept(Pledge pledge, Optional<Attestation> there)
      throws IOException, InvalidFormatException {
    PledgeId id = pledge.id();
    AccountRecord record = accounts.record(pledge);
    if (there.isEmpty()) {
      throw new InvalidFormatException(
          id + ": the venue has no attestation of " + publicKey + ": there is nothing to accept");
    }
    if (isKnown(record, there.get())) {
      accounts.reconciled(pledge, false);
      return id + ": version " + there.get().body().version() + " is in the ledger";
    }
    long now = accounts.now();
    var body = there.get().body();
    long until =
        Math.max(
            body.notAfterMillis(), now + accounts.venue(pledge).schedule().validity().toMillis());
    List<HeldVersion> held = new ArrayList<>(record.held());
    held.add(
        new HeldVersion(
            body.circuitId(), body.version(), there.get().digest(), until, Optional.empty()));
    held.sort((a, b) -> Long.compare(a.version(), b.version()));
    accounts.commit(record.withHeld(held, now).withoutOutbox().taken(there.get()));
    accounts.reconciled(pledge, true);
    accounts.progress(pledge).noTrouble();
    return id
        + ": goes on from version "
        + body.version()
        + "; what that says is not known here, so nothing leaves custody account "
        + pledge.pool()
        + " until it is released or "
        + until
        + " has passed";
  }
}
