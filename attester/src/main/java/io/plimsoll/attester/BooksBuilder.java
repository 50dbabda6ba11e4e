package io.plimsoll.attester;

import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.InvalidFormatException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Collects the rows of a custodian's books, and refuses what cannot be one. Not thread-safe. */
final class BooksBuilder {
  private static final Pattern DECIMAL = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?");

  private final String what;
  private final int maxRows;
  private final Map<String, List<PortfolioReader.Line>> accounts = new HashMap<>();
  private final Map<String, Set<Asset>> seen = new HashMap<>();
  private int rows;

  BooksBuilder(String what, int maxRows) {
    this.what = what;
    this.maxRows = maxRows;
  }

  /**
   * Adds a row.
   *
   * @param where it stands, for errors, which never have the quantity
   */
  void add(String where, String account, PortfolioReader.Line line) throws InvalidFormatException {
    if (++rows > maxRows) {
      throw new InvalidFormatException(what + ": has more than " + maxRows + " rows");
    }
    String begin = what + ": " + where + ": ";
    requireText(begin + "account", account, false);
    requireText(begin + "vector", line.vector(), false);
    requireText(begin + "label", line.label(), true);
    if (line.quantity().length() > AssetTable.MAX_CHARACTERS
        || !DECIMAL.matcher(line.quantity()).matches()) {
      throw new InvalidFormatException(
          begin
              + "quantity is not a plain decimal of at most "
              + AssetTable.MAX_CHARACTERS
              + " characters");
    }
    if (!seen.computeIfAbsent(account, each -> new HashSet<>())
        .add(new Asset(line.vector(), line.label()))) {
      throw new InvalidFormatException(
          begin
              + "account '"
              + AssetTable.printable(account)
              + "' has "
              + AssetTable.printable(new Asset(line.vector(), line.label()).toString())
              + " twice");
    }
    accounts.computeIfAbsent(account, each -> new ArrayList<>()).add(line);
  }

  private static void requireText(String field, String value, boolean mayBeEmpty)
      throws InvalidFormatException {
    if (value.isEmpty() && !mayBeEmpty) {
      throw new InvalidFormatException(field + " is empty");
    }
    CanonicalWriter.requireText(field, value);
  }

  CustodySnapshot build(long asOfMillis, String cursor) {
    return new CustodySnapshot(asOfMillis, cursor, accounts);
  }
}
