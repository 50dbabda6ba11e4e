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
 * Does what an attester has to do: asks venues what they have of it, reads the custodian's books,
 * executes liquidation orders, attests what is due, delivers it, takes releases, pays out. Whatever
 * is decided is on the disk before it is acted on, and each action can be repeated: what was cut
 * short anywhere is taken up again, after a restart too.
 *
 * <p>The engine holds the order of the steps. What is known of each account is in {@link Accounts},
 * with the lock; what a step comes to is in {@link Reconciliation}, {@link Outbox}, {@link
 * Releases}, {@link Liquidations}, {@link CustodyPools}, {@link NextAttestation} and {@link
 * Withdrawals}, all of which decide under that lock, and ask venues and the custodian without it.
 *
 * <p>Thread-safe: state changes one at a time, each venue has one call under way at most, and the
 * custodian one. Who waits for a venue keeps nobody waiting but those who talk with the same one.
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

  /** Held by whoever reads the books and acts on them. Taken before the lock, never after. */
  private final Object deciding = new Object();

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

  /** Tells of every attestation that a venue has taken, under the lock: must not wait. */
  Runnable watch(Consumer<Attestation> watcher) {
    return outbox.watch(watcher);
  }

  /**
   * One step: everything that can be done now, in the caller's thread; so it takes as long as every
   * venue's answers do, one after another. {@link AttesterRunner} has a thread for each.
   *
   * @throws IOException if the disk failed: open the engine anew
   * @throws InvalidFormatException if what is on the disk cannot be
   */
  public void step() throws IOException, InvalidFormatException {
    for (String venue : accounts.venues()) {
      converse(venue);
    }
    synchronized (deciding) {
      Optional<CustodyPools.Books> books = attest();
      for (String venue : accounts.venues()) {
        deliver(venue);
      }
      if (books.isPresent()) {
        payOut(books.get());
      }
    }
  }

  /** The names of the venues that have accounts here. */
  List<String> venues() {
    return accounts.venues();
  }

  /**
   * Asks a venue what it has, delivers what waits, and takes releases and orders, for each of its
   * accounts. Returns when the venue has answered everything or is to be left alone.
   *
   * @return whether anything has come of it, so that something else may be due
   */
  boolean converse(String venue) throws IOException, InvalidFormatException {
    long before = accounts.changes();
    for (Pledge pledge : accounts.pledgesAt(venue)) {
      accounts.atVenue(pledge, () -> reconciliation.reconcile(pledge));
      accounts.atVenue(pledge, () -> outbox.deliver(pledge));
      accounts.atVenue(pledge, () -> releases.take(pledge));
      accounts.atVenue(pledge, () -> liquidations.take(pledge));
    }
    return accounts.changes() != before;
  }

  /**
   * Delivers what waits for a venue, and nothing else.
   *
   * @return as {@link #converse}
   */
  boolean deliver(String venue) throws IOException, InvalidFormatException {
    long before = accounts.changes();
    for (Pledge pledge : accounts.pledgesAt(venue)) {
      accounts.atVenue(pledge, () -> outbox.deliver(pledge));
    }
    return accounts.changes() != before;
  }

  /** Whether something waits to be delivered to a venue. */
  boolean hasMail(String venue) {
    return accounts.pledgesAt(venue).stream().anyMatch(pledge -> outbox.next(pledge).isPresent());
  }

  /** Does what there is to do at the custodian, and attests what is due; waits for no venue. */
  void decide() throws IOException, InvalidFormatException {
    synchronized (deciding) {
      Optional<CustodyPools.Books> books = attest();
      if (books.isPresent()) {
        payOut(books.get());
      }
    }
  }

  private Optional<CustodyPools.Books> attest() throws IOException, InvalidFormatException {
    Optional<CustodyPools.Books> books = pools.read();
    if (books.isEmpty()) {
      return books;
    }
    synchronized (accounts) {
      pools.settle(books.get());
    }
    for (Pledge pledge : accounts.pledges()) {
      liquidations.execute(pledge);
    }
    List<Pledge> waiting = new ArrayList<>();
    for (Pledge pledge : accounts.pledges()) {
      if (!attestIfDue(pledge, books.get())) {
        waiting.add(pledge);
      }
    }
    // What another pledge of the pool has to say first has been said by now.
    for (Pledge pledge : waiting) {
      boolean unused = attestIfDue(pledge, books.get());
    }
    return books;
  }

  private boolean attestIfDue(Pledge pledge, CustodyPools.Books books)
      throws IOException, InvalidFormatException {
    synchronized (accounts) {
      return nextAttestation.attestIfDue(pledge, books);
    }
  }

  private void payOut(CustodyPools.Books books) throws IOException {
    for (Pledge pledge : accounts.pledges()) {
      withdrawals.payOut(pledge, books);
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
  public String acceptVenuesVersion(PledgeId id) throws IOException, InvalidFormatException {
    Pledge pledge = accounts.pledge(id);
    List<String> said = new ArrayList<>();
    accounts.inTurn(pledge, () -> said.add(reconciliation.acceptVenuesVersion(pledge)));
    return said.get(0);
  }

  /**
   * Takes a venue's release, wherever it comes from.
   *
   * @return why it releases nothing; empty if it was taken, now or before
   * @throws IOException if the disk failed
   */
  public Optional<String> release(VenueSigned<Release> signed) throws IOException {
    synchronized (accounts) {
      return releases.release(signed);
    }
  }

  /**
   * Takes a venue's liquidation order, wherever it comes from; it is executed with the next step.
   *
   * @return why it is not executed; empty if it was taken, now or before
   * @throws IOException if the disk failed
   */
  public Optional<String> liquidate(VenueSigned<LiquidationOrder> signed) throws IOException {
    synchronized (accounts) {
      return liquidations.liquidate(signed);
    }
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
  public void closeAccount(PledgeId id) throws IOException, InvalidFormatException {
    Pledge pledge = accounts.pledge(id);
    accounts.inTurn(
        pledge,
        () -> {
          accounts.atVenue(pledge, () -> reconciliation.reconcile(pledge));
          synchronized (accounts) {
            if (!accounts.progress(pledge).isReconciled()) {
              throw new InvalidFormatException(
                  id + ": " + accounts.trouble(pledge).orElse("the venue was not asked yet"));
            }
            nextAttestation.close(pledge);
          }
          accounts.atVenue(pledge, () -> outbox.deliver(pledge));
        });
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
  public WithdrawalStatus withdraw(
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
  public WithdrawalStatus cancelWithdrawal(PledgeId id, String movementId)
      throws IOException, InvalidFormatException {
    synchronized (accounts) {
      return withdrawals.cancelWithdrawal(id, movementId);
    }
  }

  /**
   * How far a withdrawal is.
   *
   * @throws InvalidFormatException if there is none
   */
  public WithdrawalStatus withdrawal(PledgeId id, String movementId) throws InvalidFormatException {
    synchronized (accounts) {
      return withdrawals.withdrawal(id, movementId);
    }
  }

  /** The last attestation for an account that its venue has taken. */
  public Optional<Attestation> attestation(PledgeId id) throws InvalidFormatException {
    Pledge pledge = accounts.pledge(id);
    synchronized (accounts) {
      return Optional.ofNullable(accounts.record(pledge).heads().get(pledge.circuit().id()));
    }
  }

  /** How an account stands: for the operator, without any quantity. */
  public AccountReport report(PledgeId id) throws InvalidFormatException {
    Pledge pledge = accounts.pledge(id);
    synchronized (accounts) {
      AccountRecord record = accounts.record(pledge);
      Optional<Attestation> head = Optional.ofNullable(record.heads().get(pledge.circuit().id()));
      return new AccountReport(
          id,
          pledge.pool(),
          pledge.circuit().id(),
          accounts.progress(pledge).isReconciled(),
          accounts.trouble(pledge),
          head.map(each -> each.body().version()),
          head.map(each -> each.body().notAfterMillis()),
          accounts.recordedLocks(accounts.now()).held(id).stream()
              .map(HeldVersion::version)
              .toList(),
          record.outbox().size(),
          record.movements().stream()
              .filter(movement -> movement.state().isOpen())
              .map(Movement::toString)
              .toList());
    }
  }

  /**
   * Wipes what it knows and lets go of the disk; the identity stays the caller's. What venues
   * answer after that is not taken.
   */
  @Override
  public void close() throws IOException {
    accounts.close();
  }
}
