package io.plimsoll.attester;

import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.gate.LiquidationOrder;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The life of liquidation orders: a venue's order is taken once, keeps what it was made on locked
 * for as long as it may be executed, is executed by the custodian, and lowers every binding version
 * by what it covers.
 */
final class Liquidations {
  /** What the ids of executions begin with; no withdrawal has one that does. */
  static final String EXECUTION_ID = "liquidation-";

  private final Accounts accounts;
  private final LiquidationExecutor executor;
  private final Ed25519PublicKey publicKey;

  Liquidations(Accounts accounts, LiquidationExecutor executor, Ed25519PublicKey publicKey) {
    this.accounts = accounts;
    this.executor = executor;
    this.publicKey = publicKey;
  }

  /** Asks the venue for the order that runs, if one does. Called in turn. */
  void take(Pledge pledge) throws IOException {
    Optional<VenueSigned<LiquidationOrder>> answer =
        accounts.ask(pledge, port -> port.order(pledge.id().account()));
    if (answer.isPresent()) {
      synchronized (accounts) {
        Optional<String> refusal = liquidate(answer.get());
        if (refusal.isPresent() && accounts.now() < answer.get().message().notAfterMillis()) {
          accounts.progress(pledge).trouble(refusal.get());
        }
      }
    }
  }

  /** See {@link AttesterEngine#liquidate}; the lock is held. */
  Optional<String> liquidate(VenueSigned<LiquidationOrder> signed) throws IOException {
    LiquidationOrder order = signed.message();
    PledgeId id = new PledgeId(order.venue(), order.account());
    Optional<Pledge> served = accounts.find(id);
    if (served.isEmpty()) {
      return Optional.of("liquidation order: " + id + " is not served");
    }
    Pledge pledge = served.get();
    AccountRecord record = accounts.record(pledge);
    String movementId = EXECUTION_ID + order.digest();
    if (record.movement(movementId).isPresent()) {
      return Optional.empty();
    }
    long now = accounts.now();
    Optional<String> refusal =
        VenueMessages.refusal(
            signed,
            accounts.venue(pledge).key(),
            publicKey,
            id,
            pledge.circuit().id(),
            now + accounts.venue(pledge).schedule().skew().toMillis());
    if (refusal.isPresent()) {
      return refusal;
    }
    for (Movement movement : record.movements()) {
      if (movement.order().isPresent()
          && movement.order().get().message().gateVersion() > order.gateVersion()) {
        return Optional.of("liquidation order: a later one is known");
      }
    }
    // What it was made on stays locked for as long as it may be executed.
    List<HeldVersion> longer =
        record.held().stream()
            .map(
                version ->
                    version.notAfterMillis() < order.notAfterMillis()
                        ? new HeldVersion(
                            version.circuitId(),
                            version.version(),
                            version.digest(),
                            order.notAfterMillis(),
                            version.claims())
                        : version)
            .toList();
    accounts.commit(
        record
            .withHeld(longer, now)
            .with(
                Movement.liquidation(movementId, Amounts.zero(accounts.table()), signed, now),
                now));
    return Optional.empty();
  }

  /**
   * Has the orders that were taken executed, and lowers the locks by what came of each. Nothing of
   * the pool is attested or paid until that is known.
   */
  void execute(Pledge pledge) throws IOException {
    List<Movement> movements;
    synchronized (accounts) {
      movements = accounts.record(pledge).movements();
    }
    for (Movement movement : movements) {
      if (movement.order().isPresent() && movement.state() == Movement.State.PAYING) {
        execute(pledge, movement);
      }
    }
  }

  private void execute(Pledge pledge, Movement movement) throws IOException {
    LiquidationOrder order = movement.order().orElseThrow().message();
    OrderLimit limit;
    synchronized (accounts) {
      limit = OrderLimit.of(told(accounts.record(pledge), order.circuitId()), order.fraction());
    }
    accounts.requireUnlocked();
    Optional<List<PortfolioReader.Line>> done;
    try {
      done =
          executor.execute(
              new LiquidationExecutor.Request(
                  movement.id(),
                  pledge.id(),
                  pledge.pool(),
                  accounts.table().write(limit.most()),
                  order.notAfterMillis()));
    } catch (IOException e) {
      trouble(pledge, "the liquidation's outcome is not known: " + e.getMessage());
      return;
    }
    if (done.isEmpty()) {
      return;
    }
    Amounts change;
    try {
      change = accounts.table().readExact(pledge.id() + ": execution", done.get());
    } catch (InvalidFormatException e) {
      // Others' accounts go on; this one waits until somebody has said it in a way that can be.
      trouble(pledge, e.getMessage());
      return;
    }
    synchronized (accounts) {
      executed(pledge, movement, limit, change);
    }
  }

  private void trouble(Pledge pledge, String message) {
    synchronized (accounts) {
      accounts.progress(pledge).trouble(message);
    }
  }

  private void executed(Pledge pledge, Movement movement, OrderLimit limit, Amounts change)
      throws IOException {
    AccountRecord record = accounts.record(pledge);
    List<HeldVersion> lowered =
        LockLedger.empty(accounts.table())
            .with(pledge.id(), record.pool(), record.held())
            .executed(pledge.id(), record.highestVersion(), limit.covered(change))
            .held(pledge.id());
    long now = accounts.now();
    accounts.commit(record.withHeld(lowered, now).with(movement.executed(change, now), now));
    if (limit.isExceededBy(change)) {
      accounts.progress(pledge).trouble("more was liquidated than the order allows");
    }
  }

  /** What the venue has been told, by the attestation that it has; nothing if that has expired. */
  private Amounts told(AccountRecord record, Digest circuitId) {
    Optional<Attestation> head = Optional.ofNullable(record.heads().get(circuitId));
    for (HeldVersion version : record.held()) {
      if (head.isPresent()
          && version.digest().equals(head.get().digest())
          && version.claims().isPresent()) {
        return version.claims().get();
      }
    }
    return Amounts.zero(accounts.table());
  }
}
