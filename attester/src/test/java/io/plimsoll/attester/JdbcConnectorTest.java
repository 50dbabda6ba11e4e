package io.plimsoll.attester;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.PortfolioReader.Line;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JdbcConnectorTest {
  private static final String QUERY = "select account, vector, label, quantity from books";

  private final String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
  private Connection connection;

  @BeforeEach
  void makeBooks() throws SQLException {
    connection = DriverManager.getConnection(url);
    sql(
        "create table books(account varchar, vector varchar, label varchar, quantity decimal(38,"
            + " 18))");
    sql("insert into books values ('alice', 'collateral', 'BTC', 1.5)");
    sql("insert into books values ('alice', 'cash', null, -100.250000000000000001)");
    sql("insert into books values ('bob', 'cash', '', 0)");
  }

  @AfterEach
  void dropBooks() throws SQLException {
    sql("shutdown");
  }

  private void sql(String text) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(text);
    }
  }

  private CustodySnapshot read(String query) throws IOException, InvalidFormatException {
    return new JdbcConnector(url, new Properties(), query, () -> Instant.ofEpochMilli(42), 4)
        .snapshot();
  }

  @Test
  void readsColumnsByNameAsExactDecimals() throws Exception {
    CustodySnapshot snapshot = read("select quantity, label, vector, account from books");
    assertEquals(42, snapshot.asOfMillis());
    assertEquals(
        Map.of(
            "alice",
            List.of(
                new Line("collateral", "BTC", "1.5"),
                new Line("cash", "", "-100.250000000000000001")),
            "bob",
            List.of(new Line("cash", "", "0"))),
        snapshot.accounts());
  }

  @Test
  void quantitiesMayBeTextOrIntegersButNotFloatingPoint() throws Exception {
    String row = "select 'a' account, 'b' vector, 'c' label, ";
    assertEquals("2.50", read(row + "'2.50' quantity").accounts().get("a").get(0).quantity());
    assertEquals("7", read(row + "7 quantity").accounts().get("a").get(0).quantity());
    for (String bad :
        List.of(
            "cast(1.5 as double precision) quantity",
            "null quantity",
            "'x' quantity",
            "true quantity")) {
      assertThrows(InvalidFormatException.class, () -> read(row + bad), bad);
    }
  }

  @Test
  void missingOrFurtherColumnsAreRefused() {
    for (String query :
        List.of(
            "select account, vector, label from books",
            "select account, vector, label, quantity, 1 as more from books",
            "select account, vector, label, quantity, quantity from books",
            "select account, vector, label, quantity as amount from books")) {
      InvalidFormatException e =
          assertThrows(InvalidFormatException.class, () -> read(query), query);
      assertTrue(e.getMessage().contains("columns are"), e.getMessage());
    }
  }

  @Test
  void nullsAndRepeatedAssetsAreRefused() throws Exception {
    sql("insert into books values (null, 'cash', '', 1)");
    assertThrows(InvalidFormatException.class, () -> read(QUERY));
    sql("delete from books where account is null");
    sql("insert into books values ('alice', 'cash', '', 1)");
    assertThrows(InvalidFormatException.class, () -> read(QUERY));
  }

  @Test
  void rowsAreBounded() throws Exception {
    sql("insert into books values ('c', 'cash', '', 1)");
    assertEquals(3, read(QUERY).accounts().size());
    sql("insert into books values ('d', 'cash', '', 1)");
    assertThrows(InvalidFormatException.class, () -> read(QUERY));
  }

  @Test
  void databaseThatIsNotThereOrQueryThatIsNoneMayBeTriedAgain() {
    assertThrows(IOException.class, () -> read("select nothing"));
    IOException e =
        assertThrows(
            IOException.class,
            () ->
                new JdbcConnector(
                        "jdbc:h2:tcp://127.0.0.1:1/none;password=secret", new Properties(), QUERY)
                    .snapshot());
    assertFalse(new JdbcConnector(url, new Properties(), QUERY).toString().contains("h2"));
    assertTrue(e.getMessage().startsWith("books database"));
  }

  @Test
  void errorsHaveNeitherTheUrlNorAQuantity() {
    for (String bad :
        List.of(
            "jdbc:nosuch://host/books?password=hunter2",
            "jdbc:h2:nosuch;PASSWORD=hunter2;=",
            "jdbc:h2:tcp://127.0.0.1:1/none;NO_SUCH=hunter2",
            "jdbc:postgresql://host:port/books?password=hunter2")) {
      IOException e =
          assertThrows(
              IOException.class,
              () -> new JdbcConnector(bad, new Properties(), QUERY).snapshot(),
              bad);
      assertFalse(e.getMessage().contains("hunter2"), e.getMessage());
      assertTrue(e.getMessage().startsWith("books database: state "), e.getMessage());
    }
    IOException e =
        assertThrows(
            IOException.class,
            () ->
                read(
                    "select account, vector, label, cast(concat('777.', 'x') as decimal) quantity"
                        + " from books"));
    assertFalse(e.getMessage().contains("777"), e.getMessage());
  }

  @Test
  void readingChangesNothing() throws Exception {
    assertThrows(Exception.class, () -> read("delete from books"));
    assertEquals(2, read(QUERY).accounts().size());
  }
}
