package io.plimsoll.attester;

import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The accounts that an attester serves: what is configured for each, its record on the disk, and
 * what is known of it between steps. Everything that decides reads and writes them here, and asks
 * venues through {@link #atVenue} and {@link #ask}.
 *
 * <p>Its monitor is the engine's lock: whoever reads or writes what can change holds it, and nobody
 * does who waits for a venue or for the custodian. So whatever is asked is put together under the
 * lock and is on the disk by then, and the answer is taken under the lock, on the record as it is
 * then.
 */
final class Accounts implements AutoCloseable {
  private final Map<PledgeId, Pledge> pledges;
  private final Map<PledgeId, Amounts> shares;
  private final Map<String, Conversation> conversations;
  private final InstantSource clock;
  private final CustodyBook book;
  private final long skewMillis;
  private final Map<PledgeId, Progress> progress = new HashMap<>();
  private long changes;

  /** Most venues that one attester serves: each has a thread. */
  static final int MAX_VENUES = 256;

  /** Something that needs a venue: it may be away, and is then asked later. */
  @FunctionalInterface
  interface AtVenue {
    void run() throws IOException, InvalidFormatException;
  }

  /**
   * Reads the records, and checks what is configured against them.
   *
   * @param pledges in the order in which they share custody accounts
   * @throws InvalidFormatException if a record was altered, or what is configured contradicts
   *     itself or a record
   */
  Accounts(List<Pledge> pledges, List<VenueLink> venues, RecordStore store, InstantSource clock)
      throws IOException, InvalidFormatException {
    this.clock = clock;
    if (venues.size() > MAX_VENUES) {
      throw new InvalidFormatException("venues: " + venues.size() + ", more than " + MAX_VENUES);
    }
    this.conversations = new LinkedHashMap<>();
    for (VenueLink venue : venues) {
      List<Pledge> there =
          pledges.stream().filter(pledge -> pledge.id().venue().equals(venue.name())).toList();
      if (conversations.put(venue.name(), new Conversation(venue, there)) != null) {
        throw new InvalidFormatException("venues: '" + venue.name() + "' occurs twice");
      }
    }
    this.pledges = new LinkedHashMap<>();
    for (Pledge pledge : pledges) {
      if (this.pledges.put(pledge.id(), pledge) != null) {
        throw new InvalidFormatException("accounts: " + pledge.id() + " occurs twice");
      }
      if (!conversations.containsKey(pledge.id().venue())) {
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

  /** The accounts that are served, in the order in which they share custody accounts. */
  Collection<Pledge> pledges() {
    return Collections.unmodifiableCollection(pledges.values());
  }

  /** An account; nothing if it is not served. */
  Optional<Pledge> find(PledgeId id) {
    return Optional.ofNullable(pledges.get(id));
  }

  /**
   * An account.
   *
   * @throws InvalidFormatException if it is not served
   */
  Pledge pledge(PledgeId id) throws InvalidFormatException {
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

  /** At most how much an account gets of its pool, if that is said. */
  Optional<Amounts> share(Pledge pledge) {
    return Optional.ofNullable(shares.get(pledge.id()));
  }

  Progress progress(Pledge pledge) {
    requireLocked();
    return progress.get(pledge.id());
  }

  /** Something went wrong that concerns every account. */
  void trouble(String message) {
    requireLocked();
    progress.values().forEach(state -> state.trouble(message));
  }

  /** What is in an account's way, or in its venue's. */
  Optional<String> trouble(Pledge pledge) {
    return progress(pledge).trouble().or(conversation(pledge)::away);
  }

  VenueLink venue(Pledge pledge) {
    return conversation(pledge).venue();
  }

  private Conversation conversation(Pledge pledge) {
    return conversations.get(pledge.id().venue());
  }

  /** The names of the venues that have accounts here. */
  List<String> venues() {
    return conversations.values().stream()
        .filter(Conversation::hasPledges)
        .map(conversation -> conversation.venue().name())
        .toList();
  }

  /** The accounts at a venue, in the order in which to talk about them. */
  synchronized List<Pledge> pledgesAt(String venue) {
    return conversations.get(venue).pledges();
  }

  /**
   * Does what needs an account's venue, unless it is to be left alone for now; if nothing comes of
   * it, notes that and asks later. To be called without the lock; waits until nobody else talks
   * with the venue.
   */
  void atVenue(Pledge pledge, AtVenue work) throws IOException, InvalidFormatException {
    try {
      inTurn(
          pledge,
          () -> {
            if (mayAskNow(pledge)) {
              work.run();
            }
          });
    } catch (VenueCall.AwayException e) {
      synchronized (this) {
        conversation(pledge).wentAway(pledge, e.getMessage(), now());
      }
    } catch (VenueCall.AccountException e) {
      synchronized (this) {
        backOff(pledge);
        progress(pledge).trouble("the venue: " + e.getMessage());
      }
    }
  }

  /** Does what needs an account's venue at once: whoever asked for it sees what came of it. */
  void inTurn(Pledge pledge, AtVenue work) throws IOException, InvalidFormatException {
    requireUnlocked();
    ReentrantLock turn = conversation(pledge).turn();
    turn.lock();
    try {
      work.run();
    } finally {
      turn.unlock();
    }
  }

  /**
   * Asks an account's venue, in the caller's turn and without the lock, and tells its failures from
   * those of the disk.
   */
  <R> R ask(Pledge pledge, VenueCall<R> call) throws VenueCall.FailedException {
    requireUnlocked();
    Conversation conversation = conversation(pledge);
    if (!conversation.turn().isHeldByCurrentThread()) {
      throw new IllegalStateException("it is another's turn to call " + pledge.id().venue());
    }
    R answer;
    try {
      answer = call.get(conversation.venue().port());
    } catch (VenuePort.AccountRefusedException e) {
      synchronized (this) {
        conversation.answered();
      }
      throw new VenueCall.AccountException(e);
    } catch (IOException | InvalidFormatException | RuntimeException e) {
      throw new VenueCall.AwayException(e);
    }
    synchronized (this) {
      conversation.answered();
    }
    return answer;
  }

  private synchronized boolean mayAskNow(Pledge pledge) {
    return mayAsk(pledge, now());
  }

  /** Whether an account's venue may be asked about it at a time. */
  boolean mayAsk(Pledge pledge, long now) {
    return progress(pledge).backOff().isOver(now) && conversation(pledge).mayAsk(now);
  }

  /** Leaves an account alone for a while; its venue's others go on. */
  void backOff(Pledge pledge) {
    progress(pledge).backOff().failed(now(), venue(pledge).schedule().cadence().toMillis());
  }

  /** What is about to wait for somebody outside holds up nobody here. */
  void requireUnlocked() {
    if (Thread.holdsLock(this)) {
      throw new IllegalStateException("the engine's lock is held during a call");
    }
  }

  private void requireLocked() {
    if (!Thread.holdsLock(this)) {
      throw new IllegalStateException("the engine's lock is not held");
    }
  }

  AssetTable table() {
    return book.table();
  }

  AccountRecord record(Pledge pledge) {
    requireLocked();
    return book.record(pledge.id(), pledge.pool());
  }

  /** Makes a record durable and then visible. */
  void commit(AccountRecord record) throws IOException {
    requireLocked();
    changes++;
    book.commit(record);
  }

  /** An account agrees with its venue, or does no more. */
  void reconciled(Pledge pledge, boolean agrees) {
    changes += progress(pledge).isReconciled() == agrees ? 0 : 1;
    progress(pledge).reconciled(agrees);
  }

  /** Grows with everything after which something else may be due. */
  synchronized long changes() {
    return changes;
  }

  /** The time, which does not go back behind what was acted on. */
  long now() {
    requireLocked();
    return book.now(clock.millis());
  }

  /** What is promised by the ledger alone. */
  LockLedger recordedLocks(long now) {
    requireLocked();
    return book.locks(now, skewMillis);
  }

  /** What is promised, and for accounts whose venue has not been asked yet, whatever it may be. */
  LockLedger locks(long now) {
    LockLedger locks = recordedLocks(now);
    for (Pledge pledge : pledges.values()) {
      if (!progress(pledge).isReconciled()) {
        locks = locks.unknown(pledge.id(), pledge.pool());
      }
    }
    return locks;
  }

  /** Wipes what it knows and lets go of the disk. */
  @Override
  public synchronized void close() throws IOException {
    book.close();
  }
}
