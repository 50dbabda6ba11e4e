package io.plimsoll.attester;

import io.plimsoll.attestation.AttestationLedger;
import io.plimsoll.attestation.AttestationTerms;
import io.plimsoll.attestation.Attester;
import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.attestation.StorageSecret;
import io.plimsoll.circuits.Holdings;
import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.gate.Execution;
import io.plimsoll.gate.Fraction;
import io.plimsoll.gate.LiquidationOrder;
import io.plimsoll.gate.Release;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Does, step by step, what an attester has to do: asks venues what they have of it, reads the
 * custodian's books, executes liquidation orders, attests what is due, delivers it, takes releases,
 * pays out. Whatever is decided is on the disk before it is acted on, and each action can be
 * repeated: a step that was cut short anywhere is taken up by the next one, after a restart too.
 *
 * <p>Thread-safe: one thing is done at a time.
 */
public final class AttesterEngine implements AutoCloseable {
  /** Most withdrawals of one account that may be under way. */
  static final int MAX_OPEN = 64;

  /** How many withdrawals of one account are remembered. */
  static final int MAX_REMEMBERED = 1024;

  private static final String EXECUTION_ID = "liquidation-";

  private final SigningIdentity identity;
  private final Ed25519PublicKey publicKey;
  private final Map<PledgeId, Pledge> pledges;
  private final Map<PledgeId, Amounts> shares;
  private final Map<String, VenueLink> venues;
  private final CustodyConnector connector;
  private final CustodyPayments payments;
  private final LiquidationExecutor executor;
  private final InstantSource clock;
  private final CustodyBook book;
  private final long skewMillis;
  private final Map<PledgeId, Progress> progress = new HashMap<>();
  private final List<Consumer<Attestation>> watchers = new CopyOnWriteArrayList<>();

  /** What is known of an account between steps, and need not survive. */
  private static final class Progress {
    private boolean reconciled;
    private Optional<String> trouble = Optional.empty();
    private int failures;
    private long notBeforeMillis;
  }

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
    this.identity = identity;
    this.publicKey = Ed25519PublicKey.fromBytes(identity.publicKey());
    this.connector = connector;
    this.payments = payments;
    this.executor = executor;
    this.clock = clock;
    this.venues = new LinkedHashMap<>();
    for (VenueLink venue : venues) {
      if (this.venues.put(venue.name(), venue) != null) {
        throw new InvalidFormatException("venues: '" + venue.name() + "' occurs twice");
      }
    }
    this.pledges = new LinkedHashMap<>();
    for (Pledge pledge : pledges) {
      if (this.pledges.put(pledge.id(), pledge) != null) {
        throw new InvalidFormatException("accounts: " + pledge.id() + " occurs twice");
      }
      if (!this.venues.containsKey(pledge.id().venue())) {
        throw new InvalidFormatException(
            "accounts: " + pledge.id() + ": no venue has the name " + pledge.id().venue());
      }
      progress.put(pledge.id(), new Progress());
    }
    this.skewMillis =
        venues.stream().mapToLong(venue -> venue.schedule().skew().toMillis()).max().orElse(0);
    AssetTable table = AssetTable.of(pledges.stream().map(Pledge::circuit).toList());
    this.shares = new HashMap<>();
    for (Pledge pledge : pledges) {
      if (pledge.share().isPresent()) {
        shares.put(
            pledge.id(),
            table.readExact("accounts: " + pledge.id() + ": share", pledge.share().get()));
      }
    }
    this.book = CustodyBook.open(store, table);
    for (AccountRecord record : book.records()) {
      Pledge pledge = this.pledges.get(record.id());
      if (pledge != null && !pledge.pool().equals(record.pool()) && !record.held().isEmpty()) {
        throw new InvalidFormatException(
            "accounts: "
                + record.id()
                + ": custody_account is "
                + pledge.pool()
                + ", but "
                + record.pool()
                + " is locked for it");
      }
    }
  }

  /** The key that it attests with. */
  public Ed25519PublicKey publicKey() {
    return publicKey;
  }

  /** The accounts that it serves, in the order in which they share custody accounts. */
  public List<Pledge> pledges() {
    return List.copyOf(pledges.values());
  }

  /** Tells of every attestation that a venue has taken, from the engine's own thread. */
  Runnable watch(Consumer<Attestation> watcher) {
    watchers.add(watcher);
    return () -> watchers.remove(watcher);
  }

  /**
   * One step: everything that can be done now.
   *
   * @throws IOException if the disk failed: open the engine anew
   * @throws InvalidFormatException if what is on the disk cannot be
   */
  public synchronized void step() throws IOException, InvalidFormatException {
    for (Pledge pledge : pledges.values()) {
      withVenue(pledge, () -> reconcile(pledge));
    }
    for (Pledge pledge : pledges.values()) {
      withVenue(pledge, () -> deliver(pledge));
      withVenue(pledge, () -> takeRelease(pledge));
      withVenue(pledge, () -> takeOrder(pledge));
    }
    Optional<Books> books = readBooks();
    if (books.isEmpty()) {
      return;
    }
    settle(books.get());
    for (Pledge pledge : pledges.values()) {
      execute(pledge);
    }
    List<Pledge> waiting = new ArrayList<>();
    for (Pledge pledge : pledges.values()) {
      if (!attestIfDue(pledge, books.get())) {
        waiting.add(pledge);
      }
    }
    // What another pledge of the pool has to say first has been said by now.
    for (Pledge pledge : waiting) {
      boolean unused = attestIfDue(pledge, books.get());
    }
    for (Pledge pledge : pledges.values()) {
      withVenue(pledge, () -> deliver(pledge));
      payOut(pledge, books.get());
    }
  }

  /** Something that needs a venue: it may be away, and is then asked later. */
  private interface AtVenue {
    void run() throws IOException, InvalidFormatException;
  }

  /** The venue cannot be asked now; unlike an exception of the disk. */
  private static final class VenueAwayException extends IOException {
    private static final long serialVersionUID = 1L;

    VenueAwayException(Exception cause) {
      super(cause.getMessage(), cause);
    }
  }

  private interface Call<R> {
    R get() throws IOException, InvalidFormatException;
  }

  /** A call of a venue, whose failures are its own. */
  private static <R> R ask(Call<R> call) throws VenueAwayException {
    try {
      return call.get();
    } catch (IOException | InvalidFormatException e) {
      throw new VenueAwayException(e);
    }
  }

  private void withVenue(Pledge pledge, AtVenue work) throws IOException, InvalidFormatException {
    Progress state = progress.get(pledge.id());
    if (now() < state.notBeforeMillis) {
      return;
    }
    try {
      work.run();
    } catch (VenueAwayException e) {
      backOff(pledge);
      state.trouble = Optional.of("the venue: " + e.getMessage());
    }
  }

  /** Twice as long each time, from a hundredth of a slot up to a quarter of one. */
  private void backOff(Pledge pledge) {
    Progress state = progress.get(pledge.id());
    state.failures = Math.min(state.failures + 1, 16);
    long cadence = venue(pledge).schedule().cadence().toMillis();
    long wait = Math.min(cadence / 4, Math.max(1, cadence / 100) << (state.failures - 1));
    state.notBeforeMillis = now() + Math.max(1, wait);
  }

  // What the venue has, and what we know.

  private void reconcile(Pledge pledge) throws IOException, InvalidFormatException {
    Progress state = progress.get(pledge.id());
    if (state.reconciled) {
      return;
    }
    AccountRecord record = record(pledge);
    Optional<Attestation> answer =
        ask(() -> venue(pledge).port().latest(pledge.id().account(), publicKey));
    Optional<Attestation> there = requireOurs(pledge, answer);
    Digest circuitId = pledge.circuit().id();
    Optional<Attestation> head = Optional.ofNullable(record.heads().get(circuitId));
    if (there.isEmpty() || !there.get().body().circuitId().equals(circuitId)) {
      // Nothing yet, or the account is about to move to this circuit.
      if (head.isPresent() && !head.get().body().closing()) {
        state.trouble =
            Optional.of(
                "the venue has forgotten version "
                    + head.get().body().version()
                    + "; nothing is attested until somebody has looked");
        return;
      }
      if (there.isPresent() && !isKnown(record, there.get())) {
        state.trouble = Optional.of(unknownAtVenue(there.get()));
        return;
      }
    } else if (!isKnown(record, there.get())) {
      state.trouble = Optional.of(unknownAtVenue(there.get()));
      return;
    } else if (head.isPresent() && there.get().body().version() < head.get().body().version()) {
      state.trouble =
          Optional.of(
              "the venue has version "
                  + there.get().body().version()
                  + ", but took version "
                  + head.get().body().version()
                  + " before; nothing is attested until somebody has looked");
      return;
    } else if (head.isEmpty() || !head.get().equals(there.get())) {
      taken(record, there.get());
    }
    state.reconciled = true;
    state.trouble = Optional.empty();
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
      throws VenueAwayException {
    if (answer.isPresent()) {
      var body = answer.get().body();
      if (!body.attester().equals(publicKey)
          || !body.venue().equals(pledge.id().venue())
          || !body.account().equals(pledge.id().account())) {
        throw new VenueAwayException(
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
    Pledge pledge = pledge(id);
    Optional<Attestation> there =
        requireOurs(pledge, ask(() -> venue(pledge).port().latest(id.account(), publicKey)));
    AccountRecord record = record(pledge);
    if (there.isEmpty()) {
      throw new InvalidFormatException(
          id + ": the venue has no attestation of " + publicKey + ": there is nothing to accept");
    }
    if (isKnown(record, there.get())) {
      progress.get(id).reconciled = false;
      return id + ": version " + there.get().body().version() + " is in the ledger";
    }
    long now = now();
    var body = there.get().body();
    long until =
        Math.max(body.notAfterMillis(), now + venue(pledge).schedule().validity().toMillis());
    List<HeldVersion> held = new ArrayList<>(record.held());
    held.add(
        new HeldVersion(
            body.circuitId(), body.version(), there.get().digest(), until, Optional.empty()));
    held.sort((a, b) -> Long.compare(a.version(), b.version()));
    book.commit(record.withHeld(held, now).withoutOutbox().taken(there.get()));
    progress.get(id).reconciled = true;
    progress.get(id).trouble = Optional.empty();
    return id
        + ": goes on from version "
        + body.version()
        + "; what that says is not known here, so nothing leaves custody account "
        + pledge.pool()
        + " until it is released or "
        + until
        + " has passed";
  }

  // Delivery.

  private void deliver(Pledge pledge) throws IOException, InvalidFormatException {
    Progress state = progress.get(pledge.id());
    while (state.reconciled && !record(pledge).outbox().isEmpty()) {
      AccountRecord record = record(pledge);
      AccountRecord.Pending next = record.outbox().get(0);
      VenuePort port = venue(pledge).port();
      VenuePort.Delivery delivery =
          ask(
              () ->
                  next.order().isPresent()
                      ? port.deliver(execution(next))
                      : port.deliver(next.attestation(), next.forced()));
      if (delivery instanceof VenuePort.Delivery.Taken) {
        taken(record, next.attestation());
        state.trouble = Optional.empty();
        state.failures = 0;
      } else if (delivery instanceof VenuePort.Delivery.Later later) {
        throw new VenueAwayException(new IOException(later.detail()));
      } else if (delivery instanceof VenuePort.Delivery.Refused refused) {
        if (refused.otherHistory()) {
          state.reconciled = false;
        } else {
          // What was built on it cannot be taken either. It binds us all the same.
          book.commit(record.withoutOutbox());
          backOff(pledge);
        }
        state.trouble =
            Optional.of(
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

  private void taken(AccountRecord record, Attestation attestation) throws IOException {
    book.commit(record.taken(attestation));
    watchers.forEach(watcher -> watcher.accept(attestation));
  }

  // Releases and orders.

  private void takeRelease(Pledge pledge) throws IOException, InvalidFormatException {
    AccountRecord record = record(pledge);
    if (record.held().size() < 2) {
      return;
    }
    Optional<VenueSigned<Release>> answer =
        ask(() -> venue(pledge).port().release(pledge.id().account(), publicKey));
    if (answer.isPresent()) {
      Optional<String> refusal = release(answer.get());
      // An old release is no news: it is the last that the venue has.
      if (refusal.isPresent()
          && answer.get().message().throughVersion() >= record.held().get(0).version()) {
        progress.get(pledge.id()).trouble = refusal;
      }
    }
  }

  /**
   * Takes a venue's release, wherever it comes from.
   *
   * @return why it releases nothing; empty if it was taken, now or before
   * @throws IOException if the disk failed
   */
  public synchronized Optional<String> release(VenueSigned<Release> signed) throws IOException {
    Release release = signed.message();
    Pledge pledge = pledges.get(new PledgeId(release.venue(), release.account()));
    if (pledge == null) {
      return Optional.of(
          "release: account " + release.account() + " at " + release.venue() + " is not served");
    }
    AccountRecord record = record(pledge);
    Optional<String> refusal =
        VenueMessages.refusal(signed, venue(pledge).key(), publicKey, record);
    if (refusal.isPresent()) {
      return refusal;
    }
    List<HeldVersion> left =
        LockLedger.empty(book.table())
            .with(pledge.id(), record.pool(), record.held())
            .released(pledge.id(), release.circuitId(), release.throughVersion())
            .held(pledge.id());
    if (left.size() < record.held().size()) {
      book.commit(record.withHeld(left, now()));
    }
    return Optional.empty();
  }

  private void takeOrder(Pledge pledge) throws IOException, InvalidFormatException {
    Optional<VenueSigned<LiquidationOrder>> answer =
        ask(() -> venue(pledge).port().order(pledge.id().account()));
    if (answer.isPresent()) {
      Optional<String> refusal = liquidate(answer.get());
      if (refusal.isPresent() && now() < answer.get().message().notAfterMillis()) {
        progress.get(pledge.id()).trouble = refusal;
      }
    }
  }

  /**
   * Takes a venue's liquidation order, wherever it comes from; it is executed with the next step.
   *
   * @return why it is not executed; empty if it was taken, now or before
   * @throws IOException if the disk failed
   */
  public synchronized Optional<String> liquidate(VenueSigned<LiquidationOrder> signed)
      throws IOException {
    LiquidationOrder order = signed.message();
    PledgeId id = new PledgeId(order.venue(), order.account());
    Pledge pledge = pledges.get(id);
    if (pledge == null) {
      return Optional.of("liquidation order: " + id + " is not served");
    }
    AccountRecord record = record(pledge);
    String movementId = EXECUTION_ID + order.digest();
    if (record.movement(movementId).isPresent()) {
      return Optional.empty();
    }
    long now = now();
    Optional<String> refusal =
        VenueMessages.refusal(
            signed,
            venue(pledge).key(),
            publicKey,
            id,
            pledge.circuit().id(),
            now + venue(pledge).schedule().skew().toMillis());
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
    book.commit(
        record
            .withHeld(longer, now)
            .with(Movement.liquidation(movementId, Amounts.zero(book.table()), signed, now), now));
    return Optional.empty();
  }

  private void execute(Pledge pledge) throws IOException, InvalidFormatException {
    for (Movement movement : record(pledge).movements()) {
      if (movement.order().isEmpty() || movement.state() != Movement.State.PAYING) {
        continue;
      }
      LiquidationOrder order = movement.order().get().message();
      Amounts told = told(record(pledge), order.circuitId());
      Amounts most = most(told, order.fraction());
      Optional<List<PortfolioReader.Line>> done;
      try {
        done =
            executor.execute(
                new LiquidationExecutor.Request(
                    movement.id(),
                    pledge.id(),
                    pledge.pool(),
                    book.table().write(most),
                    order.notAfterMillis()));
      } catch (IOException e) {
        progress.get(pledge.id()).trouble =
            Optional.of("the liquidation's outcome is not known: " + e.getMessage());
        continue;
      }
      if (done.isEmpty()) {
        continue;
      }
      Amounts change;
      try {
        change = book.table().readExact(pledge.id() + ": execution", done.get());
      } catch (InvalidFormatException e) {
        // Others' accounts go on; this one waits until somebody has said it in a way that can be.
        progress.get(pledge.id()).trouble = Optional.of(e.getMessage());
        continue;
      }
      Amounts allowed = withinOrder(told, change, most);
      AccountRecord record = record(pledge);
      long through = record.highestVersion();
      List<HeldVersion> lowered =
          LockLedger.empty(book.table())
              .with(pledge.id(), record.pool(), record.held())
              .executed(pledge.id(), through, allowed)
              .held(pledge.id());
      long now = now();
      book.commit(record.withHeld(lowered, now).with(movement.executed(change, now), now));
      if (exceeds(change, allowed)) {
        progress.get(pledge.id()).trouble =
            Optional.of("more was liquidated than the order allows");
      }
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
    return Amounts.zero(book.table());
  }

  /** A fraction of what was told, rounded down: of debts nothing. */
  private Amounts most(Amounts told, Fraction fraction) {
    AssetTable table = book.table();
    long[] most = new long[table.size()];
    for (int i = 0; i < most.length; i++) {
      long sellable =
          switch (table.side(i)) {
            case MORE_IS_BETTER -> Math.max(0, told.at(i));
            case LESS_IS_BETTER -> 0;
            case EXACT -> Math.abs(told.at(i));
          };
      most[i] =
          BigInteger.valueOf(sellable)
              .multiply(BigInteger.valueOf(fraction.numerator()))
              .divide(BigInteger.valueOf(fraction.denominator()))
              .longValueExact();
    }
    return new Amounts(table, most);
  }

  /** The part of an execution that the order covers: only that lowers what is locked. */
  private Amounts withinOrder(Amounts told, Amounts change, Amounts most) {
    AssetTable table = book.table();
    long[] allowed = new long[table.size()];
    for (int i = 0; i < allowed.length; i++) {
      allowed[i] =
          switch (table.side(i)) {
            // Proceeds raise no floor before they are attested.
            case MORE_IS_BETTER -> Math.max(Math.min(change.at(i), 0), -most.at(i));
            case LESS_IS_BETTER -> 0;
            case EXACT ->
                Long.signum(change.at(i)) == -Long.signum(told.at(i))
                    ? Math.max(-most.at(i), Math.min(most.at(i), change.at(i)))
                    : 0;
          };
    }
    return new Amounts(table, allowed);
  }

  /** Whether an execution takes more than the order allows, or makes a debt or position larger. */
  private boolean exceeds(Amounts change, Amounts allowed) {
    for (int i = 0; i < change.size(); i++) {
      boolean more =
          switch (book.table().side(i)) {
            case MORE_IS_BETTER -> change.at(i) < allowed.at(i);
            case LESS_IS_BETTER -> change.at(i) > 0;
            case EXACT -> change.at(i) != allowed.at(i);
          };
      if (more) {
        return true;
      }
    }
    return false;
  }

  // The custodian's books.

  /**
   * One reading of the books.
   *
   * @param pools by custody account, what it has
   */
  private record Books(CustodySnapshot snapshot, Map<String, Amounts> pools) {}

  private Optional<Books> readBooks() throws InvalidFormatException {
    try {
      CustodySnapshot snapshot = connector.snapshot();
      Map<String, Amounts> pools = new HashMap<>();
      for (Pledge pledge : pledges.values()) {
        if (!pools.containsKey(pledge.pool())) {
          List<PortfolioReader.Line> lines = snapshot.accounts().get(pledge.pool());
          if (lines == null) {
            throw new InvalidFormatException(
                "books: custody account '" + pledge.pool() + "' is not in them");
          }
          pools.put(pledge.pool(), book.table().read("books: account " + pledge.pool(), lines));
        }
      }
      return Optional.of(new Books(snapshot, pools));
    } catch (IOException | InvalidFormatException e) {
      progress.values().forEach(state -> state.trouble = Optional.of(e.getMessage()));
      return Optional.empty();
    }
  }

  /** What was paid, and shows in the books by now, is not to be counted twice. */
  private void settle(Books books) throws IOException {
    for (Pledge pledge : pledges.values()) {
      AccountRecord record = record(pledge);
      boolean changed = false;
      for (Movement movement : record.movements()) {
        if (movement.state() == Movement.State.PAID
            && books.snapshot().asOfMillis() > movement.settledAtMillis()
            && (movement.order().isEmpty() || movement.attested())) {
          record = record.with(movement.in(Movement.State.SETTLED, now()), now());
          changed = true;
        }
      }
      if (changed) {
        book.commit(record);
      }
    }
  }

  /** Whether a reading of the books is from before a movement was done. */
  private static boolean isUnseen(Movement movement, Books books) {
    return movement.state() != Movement.State.PAID
        || books.snapshot().asOfMillis() <= movement.settledAtMillis();
  }

  /** What is on its way out of a pool, or was changed under an order, and still in the books. */
  private Amounts underWay(String pool, Books books, boolean irrevocableAlone) {
    Amounts sum = Amounts.zero(book.table());
    for (Pledge pledge : pledges.values()) {
      if (pledge.pool().equals(pool)) {
        sum = sum.plus(underWay(record(pledge), books, irrevocableAlone));
      }
    }
    return sum;
  }

  private Amounts underWay(AccountRecord record, Books books, boolean irrevocableAlone) {
    Amounts sum = Amounts.zero(book.table());
    for (Movement movement : record.movements()) {
      if (movement.state().isOpen()
          && (!irrevocableAlone || movement.state().isIrrevocable())
          && isUnseen(movement, books)) {
        sum = sum.plus(movement.change());
      }
    }
    return sum;
  }

  /** Whether an order is being executed in a pool: then nobody knows what it has. */
  private boolean isUncertain(String pool) {
    return pledges.values().stream()
        .filter(pledge -> pledge.pool().equals(pool))
        .flatMap(pledge -> record(pledge).movements().stream())
        .anyMatch(
            movement -> movement.order().isPresent() && movement.state() == Movement.State.PAYING);
  }

  // Attestations.

  /**
   * What a pledge may count on of its pool: its share, after those before it, without what leaves
   * on its behalf.
   *
   * @param underOrder what is left after a liquidation is told, and nothing less: withdrawals that
   *     are not with the custodian yet wait
   */
  private Amounts wanted(Pledge pledge, Books books, boolean underOrder) {
    AssetTable table = book.table();
    Amounts gross = books.pools().get(pledge.pool());
    List<Pledge> sharing =
        pledges.values().stream().filter(each -> each.pool().equals(pledge.pool())).toList();
    Pledge primary =
        sharing.stream()
            .filter(each -> !shares.containsKey(each.id()))
            .findFirst()
            .orElse(sharing.get(0));
    boolean isPrimary = primary.equals(pledge);
    long[] result = new long[table.size()];
    for (int i = 0; i < result.length; i++) {
      long has = gross.at(i);
      if (table.side(i) != Side.MORE_IS_BETTER || has < 0) {
        result[i] = isPrimary ? has : 0;
        continue;
      }
      long left = has;
      for (Pledge each : sharing) {
        Amounts share = shares.get(each.id());
        long part = share == null ? (each.equals(primary) ? left : 0) : Math.min(share.at(i), left);
        if (each.equals(primary) && share == null) {
          // After all that have a share.
          for (Pledge other : sharing) {
            Amounts others = shares.get(other.id());
            if (others != null && sharing.indexOf(other) > sharing.indexOf(each)) {
              part -= Math.min(others.at(i), part);
            }
          }
        }
        left -= part;
        if (each.equals(pledge)) {
          result[i] = part;
        }
      }
    }
    return new Amounts(table, result).plus(underWay(record(pledge), books, underOrder));
  }

  /**
   * Attests if it is time to.
   *
   * @return whether there was nothing in the way
   */
  private boolean attestIfDue(Pledge pledge, Books books)
      throws IOException, InvalidFormatException {
    Progress state = progress.get(pledge.id());
    AccountRecord record = record(pledge);
    Schedule schedule = venue(pledge).schedule();
    Digest circuitId = pledge.circuit().id();
    Optional<Attestation> last = record.last(circuitId);
    if (!state.reconciled
        || last.stream().anyMatch(each -> each.body().closing())
        || isUncertain(pledge.pool())) {
      return true;
    }
    long now = now();
    long age = now - books.snapshot().asOfMillis();
    if (age > schedule.booksAge().toMillis() || -age > schedule.skew().toMillis()) {
      state.trouble =
          Optional.of(
              "the books are of "
                  + books.snapshot().asOfMillis()
                  + (age < 0 ? ", which is to come" : ", older than ")
                  + (age < 0 ? "" : schedule.booksAge().toMillis() + " ms"));
      return true;
    }
    LockLedger locks = locks(now);
    Amounts gross = books.pools().get(pledge.pool());
    Optional<Movement> executed =
        record.movements().stream()
            .filter(
                each ->
                    each.order().isPresent()
                        && each.state() == Movement.State.PAID
                        && !each.attested())
            .findFirst();
    boolean underOrder =
        executed.isPresent()
            || record.outbox().stream().anyMatch(pending -> pending.order().isPresent());
    Amounts kept = gross.plus(underWay(pledge.pool(), books, underOrder));
    try {
      Amounts claims =
          pledge
              .circuit()
              .expressible(
                  locks.admissible(
                      pledge.id(), pledge.pool(), wanted(pledge, books, underOrder), kept));
      List<HeldVersion> held = locks.held(pledge.id());
      Optional<Amounts> newest =
          held.isEmpty() ? Optional.empty() : held.get(held.size() - 1).claims();
      // The newest may have been refused: then the venue has to hear it in other words.
      boolean unheard =
          record.outbox().isEmpty()
              && now >= state.notBeforeMillis
              && record
                  .newest()
                  .map(HeldVersion::digest)
                  .filter(digest -> last.map(Attestation::digest).equals(Optional.of(digest)))
                  .isEmpty();
      boolean changed = newest.isEmpty() || unheard || !newest.get().sameAs(claims);
      boolean forced =
          executed.isPresent()
              || (changed
                  && locks.isShort(
                      pledge.pool(), gross.plus(underWay(pledge.pool(), books, true))));
      if (!forced && (!isDue(last, changed, schedule, now) || isUnderWay(record, schedule, now))) {
        return true;
      }
      Optional<String> refusal =
          locks.attestRefusal(pledge.id(), pledge.pool(), circuitId, claims, kept);
      if (refusal.isPresent()) {
        state.trouble = refusal;
        return false;
      }
      attest(pledge, claims, books.snapshot().asOfMillis(), forced, executed, false);
      state.trouble = Optional.empty();
      return true;
    } catch (InvalidFormatException e) {
      // A holding beyond its interval, or not exact: said without its value.
      state.trouble =
          Optional.of("what is kept cannot be attested: it does not fit the circuit's columns");
      return true;
    }
  }

  private static boolean isDue(
      Optional<Attestation> last, boolean changed, Schedule schedule, long now) {
    if (last.isEmpty()) {
      return true;
    }
    long validity = schedule.validity().toMillis();
    long notAfter = last.get().body().notAfterMillis();
    long attestedAt = notAfter - validity;
    if (now < attestedAt + schedule.spacing().toMillis()) {
      return false;
    }
    long cadence = schedule.cadence().toMillis();
    boolean newSlot = Math.floorDiv(now, cadence) > Math.floorDiv(attestedAt, cadence);
    return changed || newSlot || notAfter - now < validity / 2;
  }

  /** Whether an attestation waits to be delivered, and is good for long enough to be. */
  private static boolean isUnderWay(AccountRecord record, Schedule schedule, long now) {
    return record.outbox().stream()
        .anyMatch(
            pending ->
                pending.attestation().body().notAfterMillis() - now
                    >= schedule.validity().toMillis() / 2);
  }

  private void attest(
      Pledge pledge,
      Amounts claims,
      long asOfMillis,
      boolean forced,
      Optional<Movement> executed,
      boolean closing)
      throws IOException, InvalidFormatException {
    long now = now();
    AttestationTerms terms =
        new AttestationTerms(
            pledge.id().venue(),
            pledge.id().account(),
            pledge.owner(),
            Math.min(asOfMillis, now),
            now + venue(pledge).schedule().validity().toMillis());
    Circuit circuit = pledge.circuit();
    Attester attester =
        new Attester(
            identity,
            circuit.key(),
            circuit.model(),
            circuit.listing(),
            circuit.scope(),
            new OneEntry(pledge, claims, forced, executed, now));
    if (closing) {
      Attestation unused = attester.close(terms);
    } else {
      try (Holdings holdings = circuit.holdings(claims)) {
        Attestation unused = attester.attest(terms, holdings);
      }
    }
  }

  /**
   * The ledger of one attestation: its version is on the disk before the commitment exists, and the
   * attestation, its lock, its place in the outbox and the withdrawals that it leaves out are
   * written together before it leaves.
   */
  private final class OneEntry implements AttestationLedger {
    private final Pledge pledge;
    private final Amounts claims;
    private final boolean forced;
    private final Optional<Movement> executed;
    private final long now;

    OneEntry(Pledge pledge, Amounts claims, boolean forced, Optional<Movement> executed, long now) {
      this.pledge = pledge;
      this.claims = claims;
      this.forced = forced;
      this.executed = executed;
      this.now = now;
    }

    /**
     * A version is the time in milliseconds, or one more than the last: so a ledger that was
     * restored from an old backup gives out none that was given out since.
     */
    @Override
    public Reservation reserve(String venue, String account) throws IOException {
      AccountRecord record = AttesterEngine.this.record(pledge);
      long version = Math.max(Math.addExact(record.highestVersion(), 1), now);
      book.commit(record.reserved(version, now));
      return new Reservation(
          version,
          Optional.ofNullable(record.heads().get(pledge.circuit().id()))
              .map(Attestation::digest)
              .orElse(Digest.ZERO));
    }

    @Override
    public void record(Attestation attestation) throws IOException {
      var body = attestation.body();
      HeldVersion version =
          new HeldVersion(
              body.circuitId(),
              body.version(),
              attestation.digest(),
              body.notAfterMillis(),
              Optional.of(claims));
      AccountRecord record = AttesterEngine.this.record(pledge);
      List<HeldVersion> held = book.locks(now, skewMillis).held(pledge.id());
      // An attestation that it replaces may have been under an order, or in a hurry.
      Optional<AccountRecord.Pending> replaced = record.outbox().stream().findFirst();
      Optional<Digest> order =
          executed
              .flatMap(Movement::order)
              .map(signed -> signed.message().digest())
              .or(() -> replaced.flatMap(AccountRecord.Pending::order));
      AccountRecord next =
          record
              .withHeld(held, now)
              .pending(
                  new AccountRecord.Pending(
                      attestation,
                      forced || replaced.stream().anyMatch(AccountRecord.Pending::forced),
                      order),
                  version,
                  now)
              .withMovements(movement -> offered(movement, body.version(), order.isPresent()));
      if (executed.isPresent()) {
        next = next.with(executed.get().withAttested(), now);
      }
      book.commit(next);
    }

    /** What is attested under an order leaves out no withdrawal: the next version does again. */
    private Movement offered(Movement movement, long version, boolean underOrder) {
      if (underOrder) {
        return movement.state() == Movement.State.OFFERED ? movement.requestedAgain() : movement;
      }
      return movement.state() == Movement.State.REQUESTED ? movement.offered(version) : movement;
    }

    @Override
    public Optional<Attestation> latest(String venue, String account) {
      return AttesterEngine.this.record(pledge).last(pledge.circuit().id());
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
  public synchronized void closeAccount(PledgeId id) throws IOException, InvalidFormatException {
    Pledge pledge = pledge(id);
    AccountRecord record = record(pledge);
    withVenue(pledge, () -> reconcile(pledge));
    if (!progress.get(id).reconciled) {
      throw new InvalidFormatException(
          id + ": " + progress.get(id).trouble.orElse("the venue was not asked yet"));
    }
    Optional<Attestation> last = record.last(pledge.circuit().id());
    if (last.isEmpty() || last.get().body().closing()) {
      throw new InvalidFormatException(id + ": nothing is attested that could be closed");
    }
    if (record.movements().stream().anyMatch(movement -> movement.state().isOpen())) {
      throw new InvalidFormatException(id + ": withdrawals are under way");
    }
    attest(pledge, Amounts.zero(book.table()), now(), false, Optional.empty(), true);
    withVenue(pledge, () -> deliver(pledge));
  }

  // Withdrawals.

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
    Pledge pledge = pledge(id);
    requireName("withdrawal: id", movementId);
    if (movementId.startsWith(EXECUTION_ID)) {
      // Else an owner could take an order's place before it comes: it would pass for known.
      throw new InvalidFormatException(
          "withdrawal: id begins with '" + EXECUTION_ID + "', which is for venues' orders");
    }
    CanonicalWriter.requireText("withdrawal: destination", destination);
    Amounts change = book.table().readExact("withdrawal", changes);
    AccountRecord record = record(pledge);
    Optional<Movement> known = record.movement(movementId);
    if (known.isPresent()) {
      if (!known.get().change().sameAs(change) || !known.get().destination().equals(destination)) {
        throw new InvalidFormatException(
            "withdrawal: id '" + movementId + "' is another withdrawal's");
      }
      return status(known.get());
    }
    if (change.isZero()) {
      throw new InvalidFormatException("withdrawal: nothing would leave");
    }
    requireAgainstOwner(change);
    long open = record.movements().stream().filter(movement -> movement.state().isOpen()).count();
    if (open >= MAX_OPEN) {
      throw new InvalidFormatException(
          "withdrawal: " + open + " are under way for " + id + ", the most");
    }
    if (record.movements().size() >= MAX_REMEMBERED) {
      record = forgetOldest(record);
    }
    Optional<Books> books = readBooks();
    if (books.isEmpty()) {
      throw new IOException("the books cannot be read now");
    }
    try (Holdings fits =
        pledge
            .circuit()
            .holdings(
                pledge.circuit().expressible(wanted(pledge, books.get(), false).plus(change)))) {
      // What is left can be attested: collateral does not go below nothing.
      fits.model();
    } catch (InvalidFormatException e) {
      throw new InvalidFormatException(
          "withdrawal: what would be left for " + id + " does not fit the circuit's columns");
    }
    long now = now();
    Movement movement = Movement.withdrawal(movementId, change, destination, now);
    book.commit(record.with(movement, now));
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
      Side side = book.table().side(i);
      boolean wrong =
          (side == Side.MORE_IS_BETTER && change.at(i) > 0)
              || (side == Side.LESS_IS_BETTER && change.at(i) < 0);
      if (wrong) {
        throw new InvalidFormatException(
            "withdrawal: "
                + book.table().asset(i)
                + " would not become less; what comes in needs no permission");
      }
    }
  }

  /**
   * Calls a withdrawal off, as long as it has not been handed to the custodian.
   *
   * @throws InvalidFormatException if there is none, or it is too late
   * @throws IOException if the disk failed
   */
  public synchronized WithdrawalStatus cancelWithdrawal(PledgeId id, String movementId)
      throws IOException, InvalidFormatException {
    Movement movement = movement(id, movementId);
    if (movement.state() != Movement.State.REQUESTED
        && movement.state() != Movement.State.OFFERED
        && movement.state() != Movement.State.CANCELLED) {
      throw new InvalidFormatException(
          "withdrawal: '" + movementId + "' is " + movement.state() + ": it cannot be called off");
    }
    Movement cancelled = movement.in(Movement.State.CANCELLED, now());
    book.commit(record(pledge(id)).with(cancelled, now()));
    return status(cancelled);
  }

  /**
   * How far a withdrawal is.
   *
   * @throws InvalidFormatException if there is none
   */
  public synchronized WithdrawalStatus withdrawal(PledgeId id, String movementId)
      throws InvalidFormatException {
    return status(movement(id, movementId));
  }

  private Movement movement(PledgeId id, String movementId) throws InvalidFormatException {
    return record(pledge(id))
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

  private void payOut(Pledge pledge, Books books) throws IOException {
    for (Movement movement : record(pledge).movements()) {
      if (movement.order().isPresent() || isUncertain(pledge.pool())) {
        continue;
      }
      if (movement.state() == Movement.State.OFFERED && mayLeave(pledge, movement, books)) {
        long now = now();
        movement = movement.in(Movement.State.PAYING, now);
        book.commit(record(pledge).with(movement, now));
      }
      if (movement.state() == Movement.State.PAYING) {
        pay(pledge, movement);
      }
    }
  }

  private boolean mayLeave(Pledge pledge, Movement movement, Books books) {
    AccountRecord record = record(pledge);
    boolean offerTaken =
        record.heads().values().stream()
            .anyMatch(head -> head.body().version() >= movement.offeredVersion());
    Amounts before = books.pools().get(pledge.pool()).plus(underWay(pledge.pool(), books, true));
    return offerTaken
        && locks(now())
            .changeRefusal(pledge.pool(), before, before.plus(movement.change()))
            .isEmpty();
  }

  private void pay(Pledge pledge, Movement movement) throws IOException {
    CustodyPayments.Outcome outcome;
    try {
      outcome =
          payments.pay(
              new CustodyPayments.Payment(
                  movement.id(),
                  pledge.id(),
                  pledge.pool(),
                  book.table().write(movement.change()),
                  movement.destination()));
    } catch (IOException e) {
      progress.get(pledge.id()).trouble =
          Optional.of(
              "what became of withdrawal '" + movement.id() + "' is not known: " + e.getMessage());
      return;
    }
    long now = now();
    switch (outcome) {
      case PAID -> book.commit(record(pledge).with(movement.in(Movement.State.PAID, now), now));
      case REFUSED ->
          book.commit(record(pledge).with(movement.in(Movement.State.CANCELLED, now), now));
      case PENDING -> {}
    }
  }

  // What owners and operators see.

  /** The last attestation for an account that its venue has taken. */
  public synchronized Optional<Attestation> attestation(PledgeId id) throws InvalidFormatException {
    Pledge pledge = pledge(id);
    return Optional.ofNullable(record(pledge).heads().get(pledge.circuit().id()));
  }

  /** How an account stands: for the operator, without any quantity. */
  public synchronized AccountReport report(PledgeId id) throws InvalidFormatException {
    Pledge pledge = pledge(id);
    AccountRecord record = record(pledge);
    Progress state = progress.get(id);
    return new AccountReport(
        id,
        pledge.pool(),
        pledge.circuit().id(),
        state.reconciled,
        state.trouble,
        attestation(id).map(head -> head.body().version()),
        attestation(id).map(head -> head.body().notAfterMillis()),
        book.locks(now(), skewMillis).held(id).stream().map(HeldVersion::version).toList(),
        record.outbox().size(),
        record.movements().stream()
            .filter(movement -> movement.state().isOpen())
            .map(Movement::toString)
            .toList());
  }

  private Pledge pledge(PledgeId id) throws InvalidFormatException {
    Pledge pledge = pledges.get(id);
    if (pledge == null) {
      throw new InvalidFormatException(
          "account: '"
              + AssetTable.printable(id.account())
              + "' at '"
              + AssetTable.printable(id.venue())
              + "' is not served");
    }
    return pledge;
  }

  private static void requireName(String field, String value) throws InvalidFormatException {
    if (value.isEmpty()) {
      throw new InvalidFormatException(field + " is empty");
    }
    CanonicalWriter.requireText(field, value);
  }

  /** What is promised, and for accounts whose venue has not been asked yet, whatever it may be. */
  private LockLedger locks(long now) {
    LockLedger locks = book.locks(now, skewMillis);
    for (Pledge pledge : pledges.values()) {
      if (!progress.get(pledge.id()).reconciled) {
        locks = locks.unknown(pledge.id(), pledge.pool());
      }
    }
    return locks;
  }

  private AccountRecord record(Pledge pledge) {
    return book.record(pledge.id(), pledge.pool());
  }

  private VenueLink venue(Pledge pledge) {
    return venues.get(pledge.id().venue());
  }

  private long now() {
    return book.now(clock.millis());
  }

  /** Wipes what it knows and lets go of the disk; the identity stays the caller's. */
  @Override
  public synchronized void close() throws IOException {
    book.close();
  }
}
