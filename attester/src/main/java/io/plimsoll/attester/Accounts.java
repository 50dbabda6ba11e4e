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

/**
 * The accounts that an attester serves: what is configured for each, its record on the disk, and
 * what is known of it between steps. Everything that decides reads and writes them here, and asks
 * venues through {@link #atVenue}. Not thread-safe: the engine's lock guards it.
 */
final class Accounts implements AutoCloseable {
  private final Map<PledgeId, Pledge> pledges;
  private final Map<PledgeId, Amounts> shares;
  private final Map<String, VenueLink> venues;
  private final InstantSource clock;
  private final CustodyBook book;
  private final long skewMillis;
  private final Map<PledgeId, Progress> progress = new HashMap<>();

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
    return progress.get(pledge.id());
  }

  /** Something went wrong that concerns every account. */
  void trouble(String message) {
    progress.values().forEach(state -> state.trouble(message));
  }

  VenueLink venue(Pledge pledge) {
    return venues.get(pledge.id().venue());
  }

  /**
   * Does what needs an account's venue, unless it is to be left alone for now; if it is away, notes
   * that and asks it later.
   */
  void atVenue(Pledge pledge, AtVenue work) throws IOException, InvalidFormatException {
    Progress state = progress(pledge);
    if (!state.mayAsk(now())) {
      return;
    }
    try {
      work.run();
    } catch (VenueCall.AwayException e) {
      backOff(pledge);
      state.trouble("the venue: " + e.getMessage());
    }
  }

  /** Leaves an account's venue alone for a while. */
  void backOff(Pledge pledge) {
    progress(pledge).backOff(now(), venue(pledge).schedule().cadence().toMillis());
  }

  AssetTable table() {
    return book.table();
  }

  AccountRecord record(Pledge pledge) {
    return book.record(pledge.id(), pledge.pool());
  }

  /** Makes a record durable and then visible. */
  void commit(AccountRecord record) throws IOException {
    book.commit(record);
  }

  /** The time, which does not go back behind what was acted on. */
  long now() {
    return book.now(clock.millis());
  }

  /** What is promised by the ledger alone. */
  LockLedger recordedLocks(long now) {
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
  public void close() throws IOException {
    book.close();
  }
}
