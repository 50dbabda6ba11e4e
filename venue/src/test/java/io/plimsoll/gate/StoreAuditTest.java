package io.plimsoll.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.venue.JdbcGateStore;
import io.plimsoll.venue.StoreAudit;
import io.plimsoll.venue.StoreException;
import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.InvalidFormatException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A store with a history of every kind of decision, and what an audit finds when it is changed. */
class StoreAuditTest {
  private static final String URL = Databases.h2();
  private static JdbcGateStore store;
  private static Connection database;

  @BeforeAll
  static void makeHistory() throws SQLException {
    GateHarness harness =
        new GateHarness(
            Fixtures.verifier(),
            clock -> {
              store = Databases.open(URL, clock);
              return store;
            });
    JournalAuditorTest.history(harness);
    database = DriverManager.getConnection(URL);
  }

  @AfterAll
  static void close() throws SQLException {
    database.close();
    store.close();
  }

  private static StoreAudit.Result audit() {
    try {
      return StoreAudit.run(store, circuit -> Fixtures.verifier());
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void urlThatNoDriverTakesIsBadInputAndNotSaid() {
    StoreException refused =
        assertThrows(
            StoreException.class,
            () ->
                JdbcGateStore.openExisting(
                    "jdbc:postgresql://host:port/gate?password=hunter2", "", ""));
    assertTrue(refused.getMessage().startsWith("store cannot be opened"), refused.getMessage());
    assertFalse(refused.getMessage().contains("hunter2"), refused.getMessage());
  }

  @Test
  void honestHistoryIsSound() {
    StoreAudit.Result result = audit();
    StoreAudit.Sound sound = assertInstanceOf(StoreAudit.Sound.class, result, result.toString());
    assertTrue(sound.proofs() >= 5, sound.toString());
    assertEquals(1, sound.accounts());
    assertEquals(
        sound.lastDigest(), store.read(view -> view.journal(sound.records(), 1)).get(0).digest());
  }

  @Test
  void receiptsAreComparedWithTheJournal() throws Exception {
    List<VenueSigned<ProofReceipt>> receipts = new ArrayList<>();
    for (JournalRecord record : store.read(view -> view.journal(1, 1000))) {
      ProofReceipt.of(Fixtures.VENUE, Fixtures.CIRCUIT, record)
          .ifPresent(said -> receipts.add(VenueSigned.sign(said, GateHarness.VENUE_SIGNER)));
    }
    assertInstanceOf(
        StoreAudit.Sound.class, StoreAudit.run(store, circuit -> Fixtures.verifier(), receipts));
    ProofReceipt said = receipts.get(0).message();
    long records = store.read(view -> view.journal(1, 1000)).size();
    for (long index : new long[] {said.journalIndex() + 1, records + 1}) {
      ProofReceipt elsewhere =
          new ProofReceipt(
              said.venue(),
              said.account(),
              said.circuitId(),
              said.accountVersion(),
              said.roundSequence(),
              said.proofDigest(),
              said.receivedAtMillis(),
              said.decidedAtMillis(),
              said.rejection(),
              said.solventUntilMillis(),
              index,
              said.journalDigest());
      StoreAudit.Result result =
          StoreAudit.run(
              store,
              circuit -> Fixtures.verifier(),
              List.of(VenueSigned.sign(elsewhere, GateHarness.VENUE_SIGNER)));
      assertEquals(index, assertInstanceOf(StoreAudit.Wrong.class, result).index());
    }
    try (JdbcGateStore empty = JdbcGateStore.open(Databases.h2(), "", "")) {
      assertInstanceOf(
          StoreAudit.Wrong.class, StoreAudit.run(empty, circuit -> Fixtures.verifier(), receipts));
    }
  }

  private record Cell(String table, String column, long row) {}

  /** Every cell but keys, the one time that no decision was taken at, and what orders evidence. */
  private static List<Cell> cells() throws SQLException {
    List<Cell> cells = new ArrayList<>();
    for (String table :
        List.of(
            "gate_head",
            "gate_account",
            "gate_round",
            "gate_attestation",
            "gate_evidence",
            "gate_journal")) {
      try (Statement select = database.createStatement();
          ResultSet row = select.executeQuery("select _rowid_, t.* from " + table + " t")) {
        while (row.next()) {
          for (int i = 2; i <= row.getMetaData().getColumnCount(); i++) {
            String column = row.getMetaData().getColumnName(i).toLowerCase(Locale.ROOT);
            if (!List.of("id", "idx", "sequence", "last_millis").contains(column)) {
              cells.add(new Cell(table, column, row.getLong(1)));
            }
          }
        }
      }
    }
    return cells;
  }

  @Test
  void anyCellChangedIsFoundAndTheFirstWrongEntryIsNamed() throws SQLException {
    int changes = 0;
    for (Cell cell : cells()) {
      String where = " where _rowid_ = " + cell.row();
      String find = "select " + cell.column() + " from " + cell.table() + where;
      try (PreparedStatement select = database.prepareStatement(find);
          PreparedStatement update =
              database.prepareStatement(
                  "update " + cell.table() + " set " + cell.column() + " = ?" + where)) {
        Object before;
        List<Object> after = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
          row.next();
          before = row.getObject(1);
          if (before instanceof java.sql.Blob) {
            byte[] bytes = row.getBytes(1);
            before = bytes;
            for (int at : new int[] {0, bytes.length / 3, bytes.length / 2, bytes.length - 1}) {
              byte[] changed = bytes.clone();
              changed[at] ^= 4;
              after.add(changed);
            }
          } else {
            after.add(changed(before));
          }
        }
        for (Object value : after) {
          update.setObject(1, value);
          update.executeUpdate();
          StoreAudit.Result result = audit();
          StoreAudit.Wrong wrong =
              assertInstanceOf(StoreAudit.Wrong.class, result, cell.toString());
          if (cell.table().equals("gate_journal")) {
            assertEquals(cell.row(), wrong.index(), cell.toString());
          }
          changes++;
        }
        update.setObject(1, before);
        update.executeUpdate();
      }
    }
    assertInstanceOf(StoreAudit.Sound.class, audit());
    assertTrue(changes > 300, String.valueOf(changes));
  }

  private static Object changed(Object value) {
    if (value instanceof Number number) {
      return number.longValue() + 1000;
    }
    if (value instanceof Boolean flag) {
      return !flag;
    }
    return value == null
        ? 7L
        : value.toString().isEmpty() ? "x" : "y" + value.toString().substring(1);
  }

  @Test
  void rowsThatAreGoneOrTooManyAreFound() throws SQLException {
    database.setAutoCommit(true);
    try (Statement statement = database.createStatement()) {
      statement.execute("create table kept as select * from gate_journal where idx = 9");
      statement.execute("delete from gate_journal where idx = 9");
      assertEquals(10, assertInstanceOf(StoreAudit.Wrong.class, audit()).index());
      statement.execute("insert into gate_journal select * from kept");
      statement.execute("drop table kept");
      statement.execute(
          "create table last as select * from gate_journal where idx = (select max(idx) from"
              + " gate_journal)");
      statement.execute("delete from gate_journal where idx = (select max(idx) from gate_journal)");
      assertInstanceOf(StoreAudit.Wrong.class, audit());
      statement.execute("insert into gate_journal select * from last");
      statement.execute("drop table last");
      statement.execute("create table kept as select * from gate_round where sequence = 1");
      statement.execute("delete from gate_round where sequence = 1");
      assertInstanceOf(StoreAudit.Wrong.class, audit());
      statement.execute("insert into gate_round select * from kept");
      statement.execute("drop table kept");
    }
    assertInstanceOf(StoreAudit.Sound.class, audit());
  }

  @Test
  void whatIsNoStoreIsSaid() {
    String url = Databases.h2();
    StoreException none =
        assertThrows(StoreException.class, () -> JdbcGateStore.openExisting(url, "", ""));
    assertTrue(none.getMessage().startsWith("store cannot be opened: "), none.getMessage());
    assertThrows(StoreException.class, () -> JdbcGateStore.open("jdbc:mysql://x", "", ""));
  }

  @Test
  void rowsWithoutAnyJournalAreFound() throws SQLException, InvalidFormatException {
    String url = Databases.h2();
    try (JdbcGateStore empty = JdbcGateStore.open(url, "", "");
        Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      assertInstanceOf(
          StoreAudit.Sound.class, StoreAudit.run(empty, circuit -> Fixtures.verifier()));
      statement.execute("insert into gate_account values ('heron', 1, 0, x'00')");
      assertInstanceOf(
          StoreAudit.Wrong.class, StoreAudit.run(empty, circuit -> Fixtures.verifier()));
      statement.execute("delete from gate_account");
      statement.execute("update gate_head set venue_version = 3, venue_record = x'00'");
      assertInstanceOf(
          StoreAudit.Wrong.class, StoreAudit.run(empty, circuit -> Fixtures.verifier()));
    }
  }

  @Test
  void storeTimeSetBackBeforeTheLastDecisionIsFound() throws SQLException {
    database.setAutoCommit(true);
    try (Statement statement = database.createStatement()) {
      statement.execute("update gate_head set last_millis = last_millis - 1000000000");
      assertInstanceOf(StoreAudit.Wrong.class, audit());
      statement.execute("update gate_head set last_millis = last_millis + 1000000000");
    }
    assertInstanceOf(StoreAudit.Sound.class, audit());
  }
}
