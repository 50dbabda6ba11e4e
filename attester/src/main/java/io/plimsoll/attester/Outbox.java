package io.plimsoll.attester;

import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.gate.Execution;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Delivery of what was signed to venues: in order, the same bytes until each is taken or refused.
 * What a refused one promised binds all the same. Watchers may come and go at any time.
 */
final class Outbox {
  private final Accounts accounts;
  private final SigningIdentity identity;
  private final List<Consumer<Attestation>> watchers = new CopyOnWriteArrayList<>();

  Outbox(Accounts accounts, SigningIdentity identity) {
    this.accounts = accounts;
    this.identity = identity;
  }

  /** Tells of every attestation that a venue has taken, under the lock: must not wait. */
  Runnable watch(Consumer<Attestation> watcher) {
    watchers.add(watcher);
    return () -> watchers.remove(watcher);
  }

  /** Delivers in order what waits, until the venue refuses or is away. Called in turn. */
  void deliver(Pledge pledge) throws IOException, InvalidFormatException {
    boolean goOn = true;
    while (goOn) {
      Optional<AccountRecord.Pending> next = next(pledge);
      if (next.isEmpty()) {
        return;
      }
      AccountRecord.Pending pending = next.get();
      VenuePort.Delivery delivery =
          accounts.ask(
              pledge,
              port ->
                  pending.order().isPresent()
                      ? port.deliver(execution(pending))
                      : port.deliver(pending.attestation(), pending.forced()));
      synchronized (accounts) {
        goOn = take(pledge, pending, delivery);
      }
    }
  }

  /** What is delivered next for an account; it is on the disk. */
  Optional<AccountRecord.Pending> next(Pledge pledge) {
    synchronized (accounts) {
      return accounts.progress(pledge).isReconciled()
          ? accounts.record(pledge).outbox().stream().findFirst()
          : Optional.empty();
    }
  }

  /**
   * Takes what the venue did with an attestation. Another may have been signed in the meantime: it
   * waits in the place of this one.
   *
   * @return whether the next may be delivered
   */
  private boolean take(Pledge pledge, AccountRecord.Pending sent, VenuePort.Delivery delivery)
      throws IOException, VenueCall.AccountException {
    Progress state = accounts.progress(pledge);
    AccountRecord record = accounts.record(pledge);
    if (delivery instanceof VenuePort.Delivery.Later later) {
      throw new VenueCall.AccountException(new IOException(later.detail()));
    }
    if (delivery instanceof VenuePort.Delivery.Refused refused) {
      if (refused.otherHistory()) {
        accounts.reconciled(pledge, false);
      } else {
        // It binds us all the same.
        if (record.outbox().contains(sent)) {
          accounts.commit(record.withoutOutbox());
        }
        accounts.backOff(pledge);
      }
      state.trouble(
          "the venue refuses version "
              + sent.attestation().body().version()
              + ": "
              + refused.detail());
      return false;
    }
    taken(record, sent.attestation());
    state.noTrouble();
    state.backOff().succeeded();
    return true;
  }

  private Execution execution(AccountRecord.Pending pending) throws InvalidFormatException {
    Digest order = pending.order().orElseThrow();
    return Execution.of(
        order,
        pending.attestation(),
        identity.sign(Execution.signedBytes(order, pending.attestation())));
  }

  /** The venue is known to have an attestation: it is the head of its chain there. Locked. */
  void taken(AccountRecord record, Attestation attestation) throws IOException {
    accounts.commit(record.taken(attestation));
    watchers.forEach(watcher -> watcher.accept(attestation));
  }
}
