package io.plimsoll.attester;

import io.plimsoll.gate.Execution;
import io.plimsoll.gate.LiquidationGate;
import io.plimsoll.gate.LiquidationOrder;
import io.plimsoll.gate.Release;
import io.plimsoll.gate.ReleaseOutcome;
import io.plimsoll.gate.RosterChange;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Ed25519PublicKey;
import java.util.Optional;

/** A venue in this process: its gate. Thread-safe. */
public final class GateVenuePort implements VenuePort {
  private final LiquidationGate gate;

  /** The venue of a gate. */
  public GateVenuePort(LiquidationGate gate) {
    this.gate = gate;
  }

  @Override
  public Optional<Attestation> latest(String account, Ed25519PublicKey attester) {
    AccountState state;
    try {
      state = gate.account(account);
    } catch (IllegalArgumentException e) {
      // No such account: nothing is known of it.
      return Optional.empty();
    }
    return state
        .attestation(attester)
        .or(
            () ->
                state.departed().stream()
                    .filter(each -> each.body().attester().equals(attester))
                    .findFirst());
  }

  @Override
  public Delivery deliver(Attestation attestation, boolean forced) {
    if (attestation.body().closing()) {
      return delivery(
          gate.changeRoster(attestation.body().account(), new RosterChange.Leave(attestation)));
    }
    return delivery(forced ? gate.attestForcedDecrease(attestation) : gate.attest(attestation));
  }

  @Override
  public Delivery deliver(Execution execution) {
    return delivery(gate.attestExecution(execution));
  }

  /** What an update of an account means for the attester that asked for it. */
  static Delivery delivery(AccountUpdate update) {
    if (update instanceof AccountUpdate.Accepted) {
      return new Delivery.Taken();
    }
    if (update instanceof AccountUpdate.Refused refused) {
      return delivery(refused.reason(), refused.detail());
    }
    return new Delivery.Refused("two attestations have one version", true);
  }

  /** What a refusal means. */
  static Delivery delivery(AccountUpdate.Refusal reason, String detail) {
    return switch (reason) {
      case ALREADY_KNOWN -> new Delivery.Taken();
      case TOO_SOON, UNKNOWN_ACCOUNT, NOT_ROSTERED, FUTURE, LIQUIDATING ->
          new Delivery.Later(reason + ": " + detail);
      case VERSION_NOT_INCREASING, WRONG_PREVIOUS_DIGEST ->
          new Delivery.Refused(reason + ": " + detail, true);
      default -> new Delivery.Refused(reason + ": " + detail, false);
    };
  }

  @Override
  public Optional<VenueSigned<Release>> release(String account, Ed25519PublicKey attester) {
    ReleaseOutcome outcome = gate.release(account, attester);
    return outcome instanceof ReleaseOutcome.Released released
        ? Optional.of(released.release())
        : gate.lastRelease(account, attester);
  }

  @Override
  public Optional<VenueSigned<LiquidationOrder>> order(String account) {
    try {
      return gate.runningOrder(account);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
