package io.plimsoll.attester;

import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What custody accounts have by the custodian's books, what of it is on its way out, and how the
 * accounts that share one divide the rest. All but {@link #read} under the lock.
 */
final class CustodyPools {
  private final Accounts accounts;
  private final CustodyConnector connector;

  CustodyPools(Accounts accounts, CustodyConnector connector) {
    this.accounts = accounts;
    this.connector = connector;
  }

  /**
   * One reading of the books.
   *
   * @param pools by custody account, what it has
   */
  record Books(CustodySnapshot snapshot, Map<String, Amounts> pools) {}

  /**
   * Reads the books, without the lock; nothing if they cannot be, and then every account has that
   * as its trouble.
   */
  Optional<Books> read() {
    accounts.requireUnlocked();
    try {
      CustodySnapshot snapshot = connector.snapshot();
      Map<String, Amounts> pools = new HashMap<>();
      for (Pledge pledge : accounts.pledges()) {
        if (!pools.containsKey(pledge.pool())) {
          List<PortfolioReader.Line> lines = snapshot.accounts().get(pledge.pool());
          if (lines == null) {
            throw new InvalidFormatException(
                "books: custody account '" + pledge.pool() + "' is not in them");
          }
          pools.put(pledge.pool(), accounts.table().read("books: account " + pledge.pool(), lines));
        }
      }
      return Optional.of(new Books(snapshot, pools));
    } catch (IOException | InvalidFormatException e) {
      synchronized (accounts) {
        accounts.trouble(e.getMessage());
      }
      return Optional.empty();
    }
  }

  /** What was paid, and shows in the books by now, is not to be counted twice. */
  void settle(Books books) throws IOException {
    for (Pledge pledge : accounts.pledges()) {
      AccountRecord record = accounts.record(pledge);
      boolean changed = false;
      for (Movement movement : record.movements()) {
        if (movement.state() == Movement.State.PAID
            && books.snapshot().asOfMillis() > movement.settledAtMillis()
            && (movement.order().isEmpty() || movement.attested())) {
          record = record.with(movement.in(Movement.State.SETTLED, accounts.now()), accounts.now());
          changed = true;
        }
      }
      if (changed) {
        accounts.commit(record);
      }
    }
  }

  /** Whether a reading of the books is from before a movement was done. */
  private static boolean isUnseen(Movement movement, Books books) {
    return movement.state() != Movement.State.PAID
        || books.snapshot().asOfMillis() <= movement.settledAtMillis();
  }

  /** What is on its way out of a pool, or was changed under an order, and still in the books. */
  Amounts underWay(String pool, Books books, boolean irrevocableAlone) {
    Amounts sum = Amounts.zero(accounts.table());
    for (Pledge pledge : accounts.pledges()) {
      if (pledge.pool().equals(pool)) {
        sum = sum.plus(underWay(accounts.record(pledge), books, irrevocableAlone));
      }
    }
    return sum;
  }

  private Amounts underWay(AccountRecord record, Books books, boolean irrevocableAlone) {
    Amounts sum = Amounts.zero(accounts.table());
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
  boolean isUncertain(String pool) {
    return accounts.pledges().stream()
        .filter(pledge -> pledge.pool().equals(pool))
        .flatMap(pledge -> accounts.record(pledge).movements().stream())
        .anyMatch(
            movement -> movement.order().isPresent() && movement.state() == Movement.State.PAYING);
  }

  /**
   * What a pledge may count on of its pool: its share, after those before it, without what leaves
   * on its behalf.
   *
   * @param underOrder what is left after a liquidation is told, and nothing less: withdrawals that
   *     are not with the custodian yet wait
   */
  Amounts wanted(Pledge pledge, Books books, boolean underOrder) {
    AssetTable table = accounts.table();
    Amounts gross = books.pools().get(pledge.pool());
    List<Pledge> sharing =
        accounts.pledges().stream().filter(each -> each.pool().equals(pledge.pool())).toList();
    Pledge primary =
        sharing.stream()
            .filter(each -> accounts.share(each).isEmpty())
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
        Optional<Amounts> share = accounts.share(each);
        long part =
            share.isEmpty() ? (each.equals(primary) ? left : 0) : Math.min(share.get().at(i), left);
        if (each.equals(primary) && share.isEmpty()) {
          // After all that have a share.
          for (Pledge other : sharing) {
            Optional<Amounts> others = accounts.share(other);
            if (others.isPresent() && sharing.indexOf(other) > sharing.indexOf(each)) {
              part -= Math.min(others.get().at(i), part);
            }
          }
        }
        left -= part;
        if (each.equals(pledge)) {
          result[i] = part;
        }
      }
    }
    return new Amounts(table, result).plus(underWay(accounts.record(pledge), books, underOrder));
  }
}
