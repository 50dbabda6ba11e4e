package io.plimsoll.attester;

import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.attestation.StorageSecret;
import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.gate.LiquidationOrder;
import io.plimsoll.gate.Release;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Does, step by step, what an attester has to do: asks venues what they have of it, reads the
 * custodian's books, executes liquidation orders, attests what is due, delivers it, takes releases,
 * pays out. Whatever is decided is on the disk before it is acted on, and each action can be
 * repeated: a step that was cut short anywhere is taken up by the next one, after a restart too.
 *
 * <p>The engine holds the lock and the order of the steps. What is known of each account is in
 * {@link Accounts}; what a step comes to is in {@link Reconciliation}, {@link Outbox}, {@link
 * Releases}, {@link Liquidations}, {@link CustodyPools}, {@link NextAttestation} and {@link
 * Withdrawals}, all of which decide under that lock.
 *
 * <p>Thread-safe: one thing is done at a time.
 */
public final class AttesterEngine implements AutoCloseable {
  private final Ed25519PublicKey publicKey;
  private final Accounts accounts;
  private final Outbox outbox;
  private final Reconciliation reconciliation;
  private final Releases releases;
  private final Liquidations liquidations;
  private final CustodyPools pools;
  private final NextAttestation nextAttestation;
  private final Withdrawals withdrawals;

  /**
   * Opens a ledger, and makes it if there is none.
   *
   * @param identity what it attests with; stays the caller's
   * @param pledges in the order in which they share custody accounts
   * @param secret what the ledger is encrypted under; needed for opening alone
   * @throws InvalidFormatException if the ledger was altered, the secret is wrong, or what is
   *     configured contradicts it
   * @throws IOException if the ledger cannot be used, or another process has it
   */
  public static AttesterEngine open(
      SigningIdentity identity,
      List<Pledge> pledges,
      List<VenueLink> venues,
      CustodyConnector connector,
      CustodyPayments payments,
      LiquidationExecutor executor,
      Path ledger,
      StorageSecret secret)
      throws IOException, InvalidFormatException {
    return open(
        identity,
        pledges,
        venues,
        connector,
        payments,
        executor,
        ledger,
        secret,
        InstantSource.system());
  }

  /**
   * As {@link #open(SigningIdentity, List, List, CustodyConnector, CustodyPayments,
   * LiquidationExecutor, Path, StorageSecret)}, on another clock than the system's.
   *
   * @param clock must not go back by more than the venues' skew
   */
  public static AttesterEngine open(
      SigningIdentity identity,
      List<Pledge> pledges,
      List<VenueLink> venues,
      CustodyConnector connector,
      CustodyPayments payments,
      LiquidationExecutor executor,
      Path ledger,
      StorageSecret secret,
      InstantSource clock)
      throws IOException, InvalidFormatException {
    RecordStore store = SealedRecordStore.open(ledger, secret);
    try {
      return new AttesterEngine(
          identity, pledges, venues, connector, payments, executor, store, clock);
    } catch (IOException | InvalidFormatException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  AttesterEngine(
      SigningIdentity identity,
      List<Pledge> pledges,
      List<VenueLink> venues,
      CustodyConnector connector,
      CustodyPayments payments,
      LiquidationExecutor executor,
      RecordStore store,
      InstantSource clock)
      throws IOException, InvalidFormatException {
    this.publicKey = Ed25519PublicKey.fromBytes(identity.publicKey());
    this.accounts = new Accounts(pledges, venues, store, clock);
    this.outbox = new Outbox(accounts, identity);
    this.reconciliation = new Reconciliation(accounts, outbox, publicKey);
    this.releases = new Releases(accounts, publicKey);
    this.liquidations = new Liquidations(accounts, executor, publicKey);
    this.pools = new CustodyPools(accounts, connector);
    this.nextAttestation = new NextAttestation(accounts, pools, identity);
    this.withdrawals = new Withdrawals(accounts, pools, payments);
  }

  /** The key that it attests with. */
  public Ed25519PublicKey publicKey() {
    return publicKey;
  }

  /** The accounts that it serves, in the order in which they share custody accounts. */
  public List<Pledge> pledges() {
    return List.copyOf(accounts.pledges());
  }

  /** Tells of every attestation that a venue has taken, from the engine's own thread. */
  Runnable watch(Consumer<Attestation> watcher) {
    return outbox.watch(watcher);
  }

  /**
   * One step: everything that can be done now.
   *
   * @throws IOException if the disk failed: open the engine anew
   * @throws InvalidFormatException if what is on the disk cannot be
   */
  public synchronized void step() throws IOException, InvalidFormatException {
    for (Pledge pledge : accounts.pledges()) {
      accounts.atVenue(pledge, () -> reconciliation.reconcile(pledge));
    }
    for (Pledge pledge : accounts.pledges()) {
      accounts.atVenue(pledge, () -> outbox.deliver(pledge));
      accounts.atVenue(pledge, () -> releases.take(pledge));
      accounts.atVenue(pledge, () -> liquidations.take(pledge));
    }
    Optional<CustodyPools.Books> books = pools.read();
    if (books.isEmpty()) {
      return;
    }
    pools.settle(books.get());
    for (Pledge pledge : accounts.pledges()) {
      liquidations.execute(pledge);
    }
    List<Pledge> waiting = new ArrayList<>();
    for (Pledge pledge : accounts.pledges()) {
      if (!nextAttestation.attestIfDue(pledge, books.get())) {
        waiting.add(pledge);
      }
    }
    // What another pledge of the pool has to say first has been said by now.
    for (Pledge pledge : waiting) {
      boolean unused = nextAttestation.attestIfDue(pledge, books.get());
    }
    for (Pledge pledge : accounts.pledges()) {
      accounts.atVenue(pledge, () -> outbox.deliver(pledge));
      withdrawals.payOut(pledge, books.get());
    }
  }

  /**
   * Accepts what the venue has as this attester's last word, though the ledger does not know it:
   * after an old backup was restored. What that attestation says is not known, so until it is
   * released or expires nothing leaves the custody account, and nothing of it is promised to others
   * anew.
   *
   * @return what is different now, for the operator
   * @throws IOException if the venue does not answer, or the disk failed
   */
  public synchronized String acceptVenuesVersion(PledgeId id)
      throws IOException, InvalidFormatException {
    return reconciliation.acceptVenuesVersion(id);
  }

  /**
   * Takes a venue's release, wherever it comes from.
   *
   * @return why it releases nothing; empty if it was taken, now or before
   * @throws IOException if the disk failed
   */
  public synchronized Optional<String> release(VenueSigned<Release> signed) throws IOException {
    return releases.release(signed);
  }

  /**
   * Takes a venue's liquidation order, wherever it comes from; it is executed with the next step.
   *
   * @return why it is not executed; empty if it was taken, now or before
   * @throws IOException if the disk failed
   */
  public synchronized Optional<String> liquidate(VenueSigned<LiquidationOrder> signed)
      throws IOException {
    return liquidations.liquidate(signed);
  }

  /**
   * Attests that nothing is kept for an account any more, with which this attester leaves its
   * roster: for good, or before the account moves to another circuit. What older versions lock
   * stays locked until they are released or expire.
   *
   * @throws InvalidFormatException if the account is not served, not reconciled, closed already, or
   *     has withdrawals under way
   * @throws IOException if the disk failed
   */
  public synchronized void closeAccount(PledgeId id) throws IOException, InvalidFormatException {
    Pledge pledge = accounts.pledge(id);
    AccountRecord record = accounts.record(pledge);
    accounts.atVenue(pledge, () -> reconciliation.reconcile(pledge));
    if (!accounts.progress(pledge).isReconciled()) {
      throw new InvalidFormatException(
          id + ": " + accounts.progress(pledge).trouble().orElse("the venue was not asked yet"));
    }
    nextAttestation.close(pledge, record);
    accounts.atVenue(pledge, () -> outbox.deliver(pledge));
  }

  /**
   * Asks that something leaves. The next attestation leaves it out; it is paid when the venue has
   * released, or has let expire, every version that it would lower.
   *
   * @param movementId the owner's name for it: asked again, nothing more leaves
   * @param changes of what is kept: negative where more is better (a loan that is drawn is less
   *     cash), positive where less is, either way for what is exact
   * @param destination for the custodian
   * @throws InvalidFormatException naming what is not as it must be
   * @throws IOException if the disk failed, or the books cannot be read
   */
  public synchronized WithdrawalStatus withdraw(
      PledgeId id, String movementId, List<PortfolioReader.Line> changes, String destination)
      throws IOException, InvalidFormatException {
    return withdrawals.withdraw(id, movementId, changes, destination);
  }

  /**
   * Calls a withdrawal off, as long as it has not been handed to the custodian.
   *
   * @throws InvalidFormatException if there is none, or it is too late
   * @throws IOException if the disk failed
   */
  public synchronized WithdrawalStatus cancelWithdrawal(PledgeId id, String movementId)
      throws IOException, InvalidFormatException {
    return withdrawals.cancelWithdrawal(id, movementId);
  }

  /**
   * How far a withdrawal is.
   *
   * @throws InvalidFormatException if there is none
   */
  public synchronized WithdrawalStatus withdrawal(PledgeId id, String movementId)
      throws InvalidFormatException {
    return withdrawals.withdrawal(id, movementId);
  }

  /** The last attestation for an account that its venue has taken. */
  public synchronized Optional<Attestation> attestation(PledgeId id) throws InvalidFormatException {
    Pledge pledge = accounts.pledge(id);
    return Optional.ofNullable(accounts.record(pledge).heads().get(pledge.circuit().id()));
  }

  /** How an account stands: for the operator, without any quantity. */
  public synchronized AccountReport report(PledgeId id) throws InvalidFormatException {
    Pledge pledge = accounts.pledge(id);
    AccountRecord record = accounts.record(pledge);
    Progress state = accounts.progress(pledge);
    return new AccountReport(
        id,
        pledge.pool(),
        pledge.circuit().id(),
        state.isReconciled(),
        state.trouble(),
        attestation(id).map(head -> head.body().version()),
        attestation(id).map(head -> head.body().notAfterMillis()),
        accounts.recordedLocks(accounts.now()).held(id).stream().map(HeldVersion::version).toList(),
        record.outbox().size(),
        record.movements().stream()
            .filter(movement -> movement.state().isOpen())
            .map(Movement::toString)
            .toList());
  }

  /** Wipes what it knows and lets go of the disk; the identity stays the caller's. */
  @Override
  public synchronized void close() throws IOException {
    accounts.close();
  }
}
