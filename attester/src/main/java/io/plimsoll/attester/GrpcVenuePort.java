package io.plimsoll.attester;

import io.plimsoll.gate.Execution;
import io.plimsoll.gate.LiquidationOrder;
import io.plimsoll.gate.Release;
import io.plimsoll.gate.ReleaseOutcome;
import io.plimsoll.gate.RosterChange;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.gate.rpc.ChangeOutcome;
import io.plimsoll.gate.rpc.GateClient;
import io.plimsoll.gate.rpc.GateException;
import io.plimsoll.gate.rpc.Watch;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Ed25519PublicKey;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A venue over the network ({@code plimsoll.v1.Gate}). Thread-safe. */
public final class GrpcVenuePort implements VenuePort, AutoCloseable {
  private final GateClient client;
  private final Map<String, VenueSigned<LiquidationOrder>> orders = new ConcurrentHashMap<>();
  private Watch watch;

  /** The venue of a client, which is closed with this. */
  public GrpcVenuePort(GateClient client) {
    this.client = client;
  }

  @Override
  public Optional<Attestation> latest(String account, Ed25519PublicKey attester)
      throws IOException {
    return call(() -> client.lastAttestation(account));
  }

  @Override
  public Delivery deliver(Attestation attestation, boolean forced) throws IOException {
    if (attestation.body().closing()) {
      return delivery(
          call(
              () ->
                  client.changeRoster(
                      attestation.body().account(), new RosterChange.Leave(attestation))));
    }
    return delivery(
        call(() -> forced ? client.attestForcedDecrease(attestation) : client.attest(attestation)));
  }

  @Override
  public Delivery deliver(Execution execution) throws IOException {
    return delivery(call(() -> client.attestExecution(execution)));
  }

  private static Delivery delivery(ChangeOutcome outcome) {
    if (outcome instanceof ChangeOutcome.Accepted) {
      return new Delivery.Taken();
    }
    if (outcome instanceof ChangeOutcome.Refused refused) {
      return refused
          .refusal()
          .map(reason -> GateVenuePort.delivery(reason, refused.detail()))
          .orElseGet(
              () ->
                  new Delivery.Refused(
                      AssetTable.printable(refused.reason() + ": " + refused.detail()), false));
    }
    return new Delivery.Refused("two attestations have one version", true);
  }

  @Override
  public Optional<VenueSigned<Release>> release(String account, Ed25519PublicKey attester)
      throws IOException {
    return call(() -> client.requestRelease(account)) instanceof ReleaseOutcome.Released released
        ? Optional.of(released.release())
        : Optional.empty();
  }

  /**
   * The last order that the venue has told; whether it is still running is for its times to say.
   */
  @Override
  public Optional<VenueSigned<LiquidationOrder>> order(String account) {
    watchOrders();
    return Optional.ofNullable(orders.get(account));
  }

  private synchronized void watchOrders() {
    if (watch == null) {
      watch =
          client.watchOrders(
              1,
              new Watch.Listener<VenueSigned<LiquidationOrder>>() {
                @Override
                public void on(long index, VenueSigned<LiquidationOrder> order) {
                  orders.merge(
                      order.message().account(),
                      order,
                      (old, next) ->
                          next.message().gateVersion() > old.message().gateVersion() ? next : old);
                }

                @Override
                public void ended(GateException why) {
                  begin();
                }
              });
    }
  }

  /** The next question begins a new stream. */
  private synchronized void begin() {
    watch = null;
  }

  private interface Call<R> {
    R get() throws GateException;
  }

  private static <R> R call(Call<R> call) throws IOException {
    try {
      return call.get();
    } catch (GateException e) {
      String detail = e.kind() + ": " + AssetTable.printable(e.getMessage());
      throw switch (e.kind()) {
        case INVALID_ARGUMENT, PERMISSION_DENIED, NOT_FOUND, ALREADY_EXISTS, INTERNAL ->
            new AccountRefusedException(detail, e);
        case UNAUTHENTICATED,
            FAILED_PRECONDITION,
            RESOURCE_EXHAUSTED,
            DEADLINE_EXCEEDED,
            CANCELLED,
            UNAVAILABLE ->
            new IOException(detail, e);
      };
    }
  }

  @Override
  public synchronized void close() {
    if (watch != null) {
      watch.close();
    }
    client.close();
  }
}
