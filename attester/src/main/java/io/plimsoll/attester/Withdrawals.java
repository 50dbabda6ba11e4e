package io.plimsoll.attester;

import io.plimsoll.circuits.Holdings;
import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The life of a withdrawal: asked for, offered by the next attestation that leaves it out, paid
 * when every version that it would lower is released or has expired, settled when the books show
 * it. Nothing here holds the lock while the custodian is asked for books or payments.
 */
final class Withdrawals {
  /** Most withdrawals of one account that may be under way. */
  static final int MAX_OPEN = 64;

  /** How many withdrawals of one account are remembered. */
  static final int MAX_REMEMBERED = 1024;

  private final Accounts accounts;
  private final CustodyPools pools;
  private final CustodyPayments payments;

  Withdrawals(Accounts accounts, CustodyPools pools, CustodyPayments payments) {
    this.accounts = accounts;
    this.pools = pools;
    this.payments = payments;
  }

  /** See {@link AttesterEngine#withdraw}. */
  WithdrawalStatus withdraw(
      PledgeId id, String movementId, List<PortfolioReader.Line> changes, String destination)
      throws IOException, InvalidFormatException {
    Pledge pledge = accounts.pledge(id);
    requireName("withdrawal: id", movementId);
    if (movementId.startsWith(Liquidations.EXECUTION_ID)) {
      // Else an owner could take an order's place before it comes: it would pass for known.
      throw new InvalidFormatException(
          "withdrawal: id begins with '"
              + Liquidations.EXECUTION_ID
              + "', which is for venues' orders");
    }
    CanonicalWriter.requireText("withdrawal: destination", destination);
    Amounts change = accounts.table().readExact("withdrawal", changes);
    synchronized (accounts) {
      Optional<WithdrawalStatus> known = known(pledge, movementId, change, destination);
      if (known.isPresent()) {
        return known.get();
      }
    }
    if (change.isZero()) {
      throw new InvalidFormatException("withdrawal: nothing would leave");
    }
    requireAgainstOwner(change);
    Optional<CustodyPools.Books> books = pools.read();
    if (books.isEmpty()) {
      throw new IOException("the books cannot be read now");
    }
    synchronized (accounts) {
      // Somebody may have asked for it while the books were read.
      Optional<WithdrawalStatus> known = known(pledge, movementId, change, destination);
      return known.isPresent()
          ? known.get()
          : request(pledge, movementId, change, destination, books.get());
    }
  }

  private Optional<WithdrawalStatus> known(
      Pledge pledge, String movementId, Amounts change, String destination)
      throws InvalidFormatException {
    Optional<Movement> known = accounts.record(pledge).movement(movementId);
    if (known.isPresent()
        && (!known.get().change().sameAs(change)
            || !known.get().destination().equals(destination))) {
      throw new InvalidFormatException(
          "withdrawal: id '" + movementId + "' is another withdrawal's");
    }
    return known.map(Withdrawals::status);
  }

  private WithdrawalStatus request(
      Pledge pledge,
      String movementId,
      Amounts change,
      String destination,
      CustodyPools.Books books)
      throws IOException, InvalidFormatException {
    AccountRecord record = accounts.record(pledge);
    long open = record.movements().stream().filter(movement -> movement.state().isOpen()).count();
    if (open >= MAX_OPEN) {
      throw new InvalidFormatException(
          "withdrawal: " + open + " are under way for " + pledge.id() + ", the most");
    }
    if (record.movements().size() >= MAX_REMEMBERED) {
      record = forgetOldest(record);
    }
    try (Holdings fits =
        pledge
            .circuit()
            .holdings(
                pledge.circuit().expressible(pools.wanted(pledge, books, false).plus(change)))) {
      // What is left can be attested: collateral does not go below nothing.
      fits.model();
    } catch (InvalidFormatException e) {
      throw new InvalidFormatException(
          "withdrawal: what would be left for "
              + pledge.id()
              + " does not fit the circuit's columns");
    }
    long now = accounts.now();
    Movement movement = Movement.withdrawal(movementId, change, destination, now);
    accounts.commit(record.with(movement, now));
    return status(movement);
  }

  private static AccountRecord forgetOldest(AccountRecord record) throws InvalidFormatException {
    for (Movement movement : record.movements()) {
      if (!movement.state().isOpen() && movement.order().isEmpty()) {
        return record.without(movement);
      }
    }
    throw new InvalidFormatException("withdrawal: too many are under way");
  }

  private void requireAgainstOwner(Amounts change) throws InvalidFormatException {
    for (int i = 0; i < change.size(); i++) {
      Side side = accounts.table().side(i);
      boolean wrong =
          (side == Side.MORE_IS_BETTER && change.at(i) > 0)
              || (side == Side.LESS_IS_BETTER && change.at(i) < 0);
      if (wrong) {
        throw new InvalidFormatException(
            "withdrawal: "
                + accounts.table().asset(i)
                + " would not become less; what comes in needs no permission");
      }
    }
  }

  /** See {@link AttesterEngine#cancelWithdrawal}; the lock is held. */
  WithdrawalStatus cancelWithdrawal(PledgeId id, String movementId)
      throws IOException, InvalidFormatException {
    Movement movement = movement(id, movementId);
    if (movement.state() != Movement.State.REQUESTED
        && movement.state() != Movement.State.OFFERED
        && movement.state() != Movement.State.CANCELLED) {
      throw new InvalidFormatException(
          "withdrawal: '" + movementId + "' is " + movement.state() + ": it cannot be called off");
    }
    Movement cancelled = movement.in(Movement.State.CANCELLED, accounts.now());
    accounts.commit(accounts.record(accounts.pledge(id)).with(cancelled, accounts.now()));
    return status(cancelled);
  }

  /** See {@link AttesterEngine#withdrawal}; the lock is held. */
  WithdrawalStatus withdrawal(PledgeId id, String movementId) throws InvalidFormatException {
    return status(movement(id, movementId));
  }

  private Movement movement(PledgeId id, String movementId) throws InvalidFormatException {
    return accounts
        .record(accounts.pledge(id))
        .movement(movementId)
        .filter(movement -> movement.order().isEmpty())
        .orElseThrow(
            () ->
                new InvalidFormatException(
                    "withdrawal: "
                        + id
                        + " has none with id '"
                        + AssetTable.printable(movementId)
                        + "'"));
  }

  private static WithdrawalStatus status(Movement movement) {
    return new WithdrawalStatus(
        movement.id(),
        WithdrawalStatus.State.valueOf(movement.state().name()),
        movement.offeredVersion());
  }

  /** Hands to the custodian what may leave by now, and asks after what was handed over. */
  void payOut(Pledge pledge, CustodyPools.Books books) throws IOException {
    List<Movement> movements;
    synchronized (accounts) {
      movements = accounts.record(pledge).movements();
    }
    for (Movement movement : movements) {
      Optional<Movement> paying;
      synchronized (accounts) {
        paying = paying(pledge, movement.id(), books);
      }
      if (paying.isPresent()) {
        pay(pledge, paying.get());
      }
    }
  }

  /** A withdrawal that the custodian is to be asked about: that it is, is on the disk. */
  private Optional<Movement> paying(Pledge pledge, String movementId, CustodyPools.Books books)
      throws IOException {
    Optional<Movement> movement =
        accounts.record(pledge).movement(movementId).filter(each -> each.order().isEmpty());
    if (movement.isEmpty() || pools.isUncertain(pledge.pool())) {
      return Optional.empty();
    }
    if (movement.get().state() == Movement.State.OFFERED
        && mayLeave(pledge, movement.get(), books)) {
      long now = accounts.now();
      Movement paying = movement.get().in(Movement.State.PAYING, now);
      accounts.commit(accounts.record(pledge).with(paying, now));
      return Optional.of(paying);
    }
    return movement.filter(each -> each.state() == Movement.State.PAYING);
  }

  private boolean mayLeave(Pledge pledge, Movement movement, CustodyPools.Books books) {
    AccountRecord record = accounts.record(pledge);
    boolean offerTaken =
        record.heads().values().stream()
            .anyMatch(head -> head.body().version() >= movement.offeredVersion());
    Amounts before =
        books.pools().get(pledge.pool()).plus(pools.underWay(pledge.pool(), books, true));
    return offerTaken
        && accounts
            .locks(accounts.now())
            .changeRefusal(pledge.pool(), before, before.plus(movement.change()))
            .isEmpty();
  }

  private void pay(Pledge pledge, Movement movement) throws IOException {
    accounts.requireUnlocked();
    CustodyPayments.Outcome outcome;
    try {
      outcome =
          payments.pay(
              new CustodyPayments.Payment(
                  movement.id(),
                  pledge.id(),
                  pledge.pool(),
                  accounts.table().write(movement.change()),
                  movement.destination()));
    } catch (IOException e) {
      synchronized (accounts) {
        accounts
            .progress(pledge)
            .trouble(
                "what became of withdrawal '"
                    + movement.id()
                    + "' is not known: "
                    + e.getMessage());
      }
      return;
    }
    synchronized (accounts) {
      long now = accounts.now();
      AccountRecord record = accounts.record(pledge);
      switch (outcome) {
        case PAID -> accounts.commit(record.with(movement.in(Movement.State.PAID, now), now));
        case REFUSED ->
            accounts.commit(record.with(movement.in(Movement.State.CANCELLED, now), now));
        case PENDING -> {}
      }
    }
  }

  private static void requireName(String field, String value) throws InvalidFormatException {
    if (value.isEmpty()) {
      throw new InvalidFormatException(field + " is empty");
    }
    CanonicalWriter.requireText(field, value);
  }
}
