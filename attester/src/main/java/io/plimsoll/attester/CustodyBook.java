package io.plimsoll.attester;

import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An attester's records, on the disk and in memory. A record is durable before anybody sees it. If
 * a write fails, nobody knows what is on the disk: the book refuses everything until it is opened
 * again. Not thread-safe.
 */
final class CustodyBook implements AutoCloseable {
  private final RecordStore store;
  private final AssetTable table;
  private final AccountRecordCodec codec;
  private final SortedMap<PledgeId, AccountRecord> records = new TreeMap<>();
  private boolean broken;

  private CustodyBook(RecordStore store, AssetTable table) {
    this.store = store;
    this.table = table;
    this.codec = new AccountRecordCodec(table);
  }

  /**
   * Reads everything.
   *
   * @throws InvalidFormatException if a record was altered, or promises an asset that no circuit
   *     lists any more
   */
  static CustodyBook open(RecordStore store, AssetTable table)
      throws IOException, InvalidFormatException {
    CustodyBook book = new CustodyBook(store, table);
    for (byte[] entry : store.readAll()) {
      try {
        AccountRecord record = book.codec.decode(entry);
        if (book.records.put(record.id(), record) != null) {
          throw new InvalidFormatException("custody ledger: two entries of " + record.id());
        }
      } finally {
        Arrays.fill(entry, (byte) 0);
      }
    }
    return book;
  }

  AssetTable table() {
    return table;
  }

  Collection<AccountRecord> records() {
    return records.values();
  }

  /** An account's record; an empty one if there is none. */
  AccountRecord record(PledgeId id, String pool) {
    AccountRecord record = records.get(id);
    return record == null ? AccountRecord.first(id, pool) : record;
  }

  /** The latest time that was acted on, or {@code clock} if that is later. */
  long now(long clock) {
    return records.values().stream().mapToLong(AccountRecord::clockMillis).reduce(clock, Math::max);
  }

  /** What is promised at a time. */
  LockLedger locks(long now, long skewMillis) {
    LockLedger locks = LockLedger.empty(table);
    for (AccountRecord record : records.values()) {
      locks = locks.with(record.id(), record.pool(), record.held());
    }
    return locks.expired(now, skewMillis);
  }

  /** Makes a record durable and then visible. */
  void commit(AccountRecord record) throws IOException {
    if (broken) {
      throw new IOException("custody ledger: a write failed; it has to be opened again");
    }
    byte[] bytes = codec.encode(record);
    broken = true;
    try {
      store.write(
          new CanonicalWriter("plimsoll/ledger-entry/v1")
              .text(record.id().venue())
              .text(record.id().account())
              .digest()
              .toString(),
          bytes);
      broken = false;
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
    records.put(record.id(), record);
  }

  /** Wipes what is in memory and lets go of the disk. */
  @Override
  public void close() throws IOException {
    broken = true;
    for (AccountRecord record : records.values()) {
      record.held().forEach(version -> version.claims().ifPresent(Amounts::close));
      record.movements().forEach(movement -> movement.change().close());
    }
    records.clear();
    store.close();
  }
}
