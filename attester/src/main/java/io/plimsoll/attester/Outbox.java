package io.plimsoll.attester;

import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.gate.Execution;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Delivery of what was signed to venues: in order, the same bytes until each is taken or refused.
 * What a refused one promised binds all the same; what was built on it is given up. Not
 * thread-safe, but watchers may come and go at any time.
 */
final class Outbox {
  private final Accounts accounts;
  private final SigningIdentity identity;
  private final List<Consumer<Attestation>> watchers = new CopyOnWriteArrayList<>();

  Outbox(Accounts accounts, SigningIdentity identity) {
    this.accounts = accounts;
    this.identity = identity;
  }

  /** Tells of every attestation that a venue has taken, from the engine's own thread. */
  Runnable watch(Consumer<Attestation> watcher) {
    watchers.add(watcher);
    return () -> watchers.remove(watcher);
  }

  /** Delivers in order what waits, until the venue refuses or is away. */
  void deliver(Pledge pledge) throws IOException, InvalidFormatException {
    Progress state = accounts.progress(pledge);
    while (state.isReconciled() && !accounts.record(pledge).outbox().isEmpty()) {
      AccountRecord record = accounts.record(pledge);
      AccountRecord.Pending next = record.outbox().get(0);
      VenuePort port = accounts.venue(pledge).port();
      VenuePort.Delivery delivery =
          VenueCall.ask(
              () ->
                  next.order().isPresent()
                      ? port.deliver(execution(next))
                      : port.deliver(next.attestation(), next.forced()));
      if (delivery instanceof VenuePort.Delivery.Taken) {
        taken(record, next.attestation());
        state.noTrouble();
        state.delivered();
      } else if (delivery instanceof VenuePort.Delivery.Later later) {
        throw new VenueCall.AwayException(new IOException(later.detail()));
      } else if (delivery instanceof VenuePort.Delivery.Refused refused) {
        if (refused.otherHistory()) {
          state.reconciled(false);
        } else {
          // What was built on it cannot be taken either. It binds us all the same.
          accounts.commit(record.withoutOutbox());
          accounts.backOff(pledge);
        }
        state.trouble(
            "the venue refuses version "
                + next.attestation().body().version()
                + ": "
                + refused.detail());
        return;
      }
    }
  }

  private Execution execution(AccountRecord.Pending pending) throws InvalidFormatException {
    Digest order = pending.order().orElseThrow();
    return Execution.of(
        order,
        pending.attestation(),
        identity.sign(Execution.signedBytes(order, pending.attestation())));
  }

  /** The venue is known to have an attestation: it is the head of its chain there. */
  void taken(AccountRecord record, Attestation attestation) throws IOException {
    accounts.commit(record.taken(attestation));
    watchers.forEach(watcher -> watcher.accept(attestation));
  }
}
