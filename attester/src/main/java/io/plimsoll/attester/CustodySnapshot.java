package io.plimsoll.attester;

import io.plimsoll.circuits.PortfolioReader;
import java.util.List;
import java.util.Map;

/**
 * What a custodian's books said at one time. Immutable; an owner's secret.
 *
 * @param asOfMillis when, on the custodian's clock: everything that was booked before is in it
 * @param cursor names this state of the books; equal cursors mean equal books
 * @param accounts by custody account, what it has: exact decimals in the listings' labels
 */
public record CustodySnapshot(
    long asOfMillis, String cursor, Map<String, List<PortfolioReader.Line>> accounts) {
  /** Copies the map. */
  public CustodySnapshot {
    accounts = Map.copyOf(accounts);
  }

  /** Time, cursor and number of accounts. */
  @Override
  public String toString() {
    return "CustodySnapshot[" + asOfMillis + " " + cursor + ", " + accounts.size() + " accounts]";
  }
}
