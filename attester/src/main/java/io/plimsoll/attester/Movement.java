package io.plimsoll.attester;

import io.plimsoll.gate.LiquidationOrder;
import io.plimsoll.gate.VenueSigned;
import java.util.Optional;

/**
 * Something that leaves a custody account on behalf of one pledge: a withdrawal, or what is sold
 * under a venue's liquidation order. Immutable; its change is an owner's secret.
 *
 * @param id never used twice for an account
 * @param state how far it is
 * @param change of what is kept; zero while an order's outcome is not known
 * @param destination where to, for the custodian
 * @param offeredVersion the first version without it, once there is one; 0 before
 * @param requestedAtMillis when it was asked for, or the order taken up
 * @param settledAtMillis when it was done; 0 before
 * @param order the liquidation order, if it is one
 * @param attested whether what an order has left was attested under it
 */
record Movement(
    String id,
    State state,
    Amounts change,
    String destination,
    long offeredVersion,
    long requestedAtMillis,
    long settledAtMillis,
    Optional<VenueSigned<LiquidationOrder>> order,
    boolean attested) {
  /** How far a movement is. */
  enum State {
    REQUESTED,
    OFFERED,
    PAYING,
    PAID,
    SETTLED,
    CANCELLED;

    /** Whether what leaves is still in the custodian's books, and is not to be counted. */
    boolean isOpen() {
      return this != SETTLED && this != CANCELLED;
    }

    /** Whether it cannot be called back. */
    boolean isIrrevocable() {
      return this == PAYING || this == PAID;
    }
  }

  static Movement withdrawal(String id, Amounts change, String destination, long now) {
    return new Movement(
        id, State.REQUESTED, change, destination, 0, now, 0, Optional.empty(), false);
  }

  static Movement liquidation(
      String id, Amounts nothing, VenueSigned<LiquidationOrder> order, long now) {
    return new Movement(id, State.PAYING, nothing, "", 0, now, 0, Optional.of(order), false);
  }

  Movement offered(long version) {
    return new Movement(
        id,
        State.OFFERED,
        change,
        destination,
        version,
        requestedAtMillis,
        settledAtMillis,
        order,
        attested);
  }

  /** Back to where it has to be offered once more. */
  Movement requestedAgain() {
    return new Movement(
        id,
        State.REQUESTED,
        change,
        destination,
        0,
        requestedAtMillis,
        settledAtMillis,
        order,
        attested);
  }

  Movement in(State next, long now) {
    return new Movement(
        id,
        next,
        change,
        destination,
        offeredVersion,
        requestedAtMillis,
        next == State.PAID ? now : settledAtMillis,
        order,
        attested);
  }

  Movement executed(Amounts executed, long now) {
    return new Movement(
        id,
        State.PAID,
        executed,
        destination,
        offeredVersion,
        requestedAtMillis,
        now,
        order,
        attested);
  }

  Movement withAttested() {
    return new Movement(
        id,
        state,
        change,
        destination,
        offeredVersion,
        requestedAtMillis,
        settledAtMillis,
        order,
        true);
  }

  /** An execution whose attestation the venue cannot take any more: another has to say it. */
  Movement toAttestAgain() {
    return new Movement(
        id,
        State.PAID,
        change,
        destination,
        offeredVersion,
        requestedAtMillis,
        settledAtMillis,
        order,
        false);
  }

  /** Id and state alone. */
  @Override
  public String toString() {
    return "Movement[" + id + " " + state + "]";
  }
}
