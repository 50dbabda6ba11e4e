package io.plimsoll.attester;

import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

/**
 * Books in a database: a query with the columns {@code account}, {@code vector}, {@code label} and
 * {@code quantity}, in any order and no others. It is read in one read-only transaction of its own
 * on one statement, so on any database that reads consistently it is one state of the books, as of
 * the time before the query began. A quantity is a decimal column or text; a floating-point column
 * is refused. Thread-safe.
 */
public final class JdbcConnector implements CustodyConnector {
  private static final Set<String> COLUMNS = Set.of("account", "vector", "label", "quantity");

  /** Classes of states whose messages are about names and rights alone. */
  private static final Set<String> SAID_IN_FULL = Set.of("08", "28", "3D", "42");

  private static final int FETCH_ROWS = 1000;
  private static final int TIMEOUT_SECONDS = 60;

  private final String url;
  private final Properties properties;
  private final String query;
  private final InstantSource clock;
  private final int maxRows;

  /**
   * Reads a database with a driver that is on the class path.
   *
   * @param url of the database
   * @param properties user, password and what else the driver wants; copied
   * @param query of all rows
   */
  public JdbcConnector(String url, Properties properties, String query) {
    this(url, properties, query, InstantSource.system(), MAX_ROWS);
  }

  JdbcConnector(String url, Properties properties, String query, InstantSource clock, int maxRows) {
    this.url = url;
    this.properties = new Properties();
    this.properties.putAll(properties);
    this.query = query;
    this.clock = clock;
    this.maxRows = maxRows;
  }

  @Override
  public CustodySnapshot snapshot() throws IOException, InvalidFormatException {
    long asOf = clock.millis();
    try (Connection connection = DriverManager.getConnection(url, properties)) {
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      try {
        return read(connection, asOf);
      } finally {
        connection.rollback();
      }
    } catch (SQLException e) {
      throw new IOException("books database: " + trouble(e), e);
    }
  }

  private CustodySnapshot read(Connection connection, long asOf)
      throws SQLException, InvalidFormatException {
    raiseIsolation(connection);
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setQueryTimeout(TIMEOUT_SECONDS);
      statement.setFetchSize(FETCH_ROWS);
      statement.setMaxRows(maxRows + 1);
      try (ResultSet rows = statement.executeQuery()) {
        requireColumns(rows.getMetaData());
        BooksBuilder books = new BooksBuilder("books database", maxRows);
        int row = 0;
        while (rows.next()) {
          String where = "row " + ++row;
          books.add(
              where,
              required(where, "account", rows.getString("account")),
              new PortfolioReader.Line(
                  required(where, "vector", rows.getString("vector")),
                  rows.getString("label") == null ? "" : rows.getString("label"),
                  quantity(where, rows.getObject("quantity"))));
        }
        return books.build(asOf, Long.toString(asOf));
      }
    }
  }

  /** One statement is one state anyway where this is not to be had. */
  private static void raiseIsolation(Connection connection) throws SQLException {
    if (connection
        .getMetaData()
        .supportsTransactionIsolationLevel(Connection.TRANSACTION_REPEATABLE_READ)) {
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    }
  }

  private static void requireColumns(ResultSetMetaData columns)
      throws SQLException, InvalidFormatException {
    Set<String> names = new TreeSet<>();
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      names.add(columns.getColumnLabel(i).toLowerCase(Locale.ROOT));
    }
    if (columns.getColumnCount() != COLUMNS.size() || !names.equals(COLUMNS)) {
      throw new InvalidFormatException(
          "books database: the query's columns are "
              + AssetTable.printable(String.join(", ", names))
              + ", not account, vector, label, quantity");
    }
  }

  private static String required(String where, String column, String value)
      throws InvalidFormatException {
    if (value == null) {
      throw new InvalidFormatException("books database: " + where + ": " + column + " is null");
    }
    return value;
  }

  private static String quantity(String where, Object value) throws InvalidFormatException {
    if (value instanceof BigDecimal decimal) {
      if (Math.abs((long) decimal.scale()) > AssetTable.MAX_CHARACTERS
          || decimal.precision() > AssetTable.MAX_CHARACTERS) {
        throw new InvalidFormatException(
            "books database: "
                + where
                + ": quantity has more than "
                + AssetTable.MAX_CHARACTERS
                + " digits");
      }
      return decimal.signum() == 0 ? "0" : decimal.stripTrailingZeros().toPlainString();
    }
    if (value instanceof String || value instanceof Long || value instanceof Integer) {
      return value.toString();
    }
    throw new InvalidFormatException(
        "books database: "
            + where
            + ": quantity is "
            + (value == null ? "null" : "a " + value.getClass().getSimpleName())
            + ", not a decimal or text");
  }

  /**
   * What is wrong, without the driver's own words where those could have the URL, and a password in
   * it, or a quantity: before there is a connection, and of data that do not convert.
   */
  private static String trouble(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    boolean told =
        SAID_IN_FULL.stream().anyMatch(state::startsWith)
            && !String.valueOf(e.getMessage()).contains("jdbc:");
    return "state "
        + state
        + ", code "
        + e.getErrorCode()
        + (told
            ? ": "
                + AssetTable.printable(
                    String.valueOf(e.getMessage()).lines().findFirst().orElse("no message"))
            : "");
  }

  /** Not the URL: it may have a password in it. */
  @Override
  public String toString() {
    return "JdbcConnector";
  }
}
