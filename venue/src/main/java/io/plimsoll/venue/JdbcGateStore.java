package io.plimsoll.venue;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.plimsoll.gate.AccountRecord;
import io.plimsoll.gate.Decision;
import io.plimsoll.gate.Evidence;
import io.plimsoll.gate.GateStore;
import io.plimsoll.gate.JournalRecord;
import io.plimsoll.gate.PublishedRound;
import io.plimsoll.gate.VenueRecord;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.AttestationBody;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.SignedRound;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/**
 * A gate store in a database: H2 in a file, or PostgreSQL. Thread-safe; several processes may share
 * one PostgreSQL.
 *
 * <p>A transaction locks the store's one head row before it reads anything, so transactions come
 * one after the other, in the order in which they commit; time and the journal's chain follow that
 * order. Reading ones lock nothing and see one snapshot. What has been returned is on disk: H2 is
 * told to force its file, PostgreSQL does unless {@code synchronous_commit} is turned off, which
 * must not be.
 *
 * <p>Database faults are {@link StoreException}s. After one the caller cannot know whether the
 * transaction committed if the connection broke in the commit itself; it reads again.
 */
public final class JdbcGateStore implements GateStore, AutoCloseable {
  /** Connections at once. */
  public static final int CONNECTIONS = 8;

  /** H2's number of an isolation level in which a transaction sees one snapshot. */
  private static final int H2_SNAPSHOT = 6;

  private static final int MOST_TRIES = 8;
  private static final int MOST_CACHED = 16_384;

  private final HikariDataSource pool;
  private final boolean h2;
  private final Optional<InstantSource> clock;
  private final AtomicLong lastMillis = new AtomicLong();

  /** Records as decoded last: signatures in them need not be checked at every look. */
  private final Map<String, Decoded> decoded = new ConcurrentHashMap<>();

  private record Decoded(Digest digest, AccountRecord record) {}

  private JdbcGateStore(HikariDataSource pool, boolean h2, Optional<InstantSource> clock) {
    this.pool = pool;
    this.h2 = h2;
    this.clock = clock;
  }

  /**
   * Opens a store and brings its tables up to date. Time is the database server's.
   *
   * @param url {@code jdbc:h2:file:PATH} or {@code jdbc:postgresql:...}
   * @param user for the database; may be empty
   * @param password for the database; may be empty
   * @throws StoreException if it cannot be opened
   */
  public static JdbcGateStore open(String url, String user, String password) {
    return open(url, user, password, Optional.empty(), /* existing= */ false);
  }

  /**
   * Opens a store that a gate has written, and changes nothing about it.
   *
   * @throws StoreException if it cannot be opened or is none
   */
  public static JdbcGateStore openExisting(String url, String user, String password) {
    boolean file = url.startsWith("jdbc:h2:") && !url.contains(";IFEXISTS=");
    return open(
        file ? url + ";IFEXISTS=TRUE" : url,
        user,
        password,
        Optional.empty(),
        /* existing= */ true);
  }

  /**
   * As {@link #open(String, String, String)}, on a given clock: for tests and replays.
   *
   * @param clock may be set back: the store's time then stands still until it has caught up
   */
  public static JdbcGateStore open(String url, String user, String password, InstantSource clock) {
    return open(url, user, password, Optional.of(clock), /* existing= */ false);
  }

  private static JdbcGateStore open(
      String url, String user, String password, Optional<InstantSource> clock, boolean existing) {
    boolean h2 = url.startsWith("jdbc:h2:");
    if (!h2 && !url.startsWith("jdbc:postgresql:")) {
      throw new StoreException("store URL is neither jdbc:h2:... nor jdbc:postgresql:...");
    }
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setUsername(user);
    config.setPassword(password);
    config.setAutoCommit(false);
    config.setMaximumPoolSize(CONNECTIONS);
    config.setPoolName("plimsoll-gate");
    HikariDataSource pool = null;
    try {
      pool = pool(config);
      JdbcGateStore store = new JdbcGateStore(pool, h2, clock);
      if (existing) {
        store.read(GateStore.View::venue);
      } else {
        Flyway.configure()
            .dataSource(pool)
            .locations("classpath:db/plimsoll")
            .table("gate_schema")
            .placeholders(Map.of("bytes", h2 ? "binary large object" : "bytea"))
            .load()
            .migrate();
        store.createHead();
      }
      return store;
    } catch (FlywayException
        | StoreException
        | com.zaxxer.hikari.pool.HikariPool.PoolInitializationException e) {
      if (pool != null) {
        pool.close();
      }
      throw new StoreException("store cannot be opened: " + firstLine(e), e);
    }
  }

  private static HikariDataSource pool(HikariConfig config) {
    try {
      return new HikariDataSource(config);
    } catch (com.zaxxer.hikari.pool.HikariPool.PoolInitializationException e) {
      throw e;
    } catch (RuntimeException e) {
      // Its words have the URL, and that may have a password.
      throw new StoreException("its driver does not take the store URL", e);
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).strip().lines().findFirst().orElse("");
  }

  private void createHead() {
    try (Connection connection = pool.getConnection();
        PreparedStatement insert =
            connection.prepareStatement(
                "insert into gate_head select 1, 0, 0, null, 0, ?, ? where not exists (select 1"
                    + " from gate_head)")) {
      insert.setBytes(1, Digest.ZERO.toByteArray());
      insert.setBytes(2, Digest.ZERO.toByteArray());
      insert.executeUpdate();
      connection.commit();
    } catch (SQLException e) {
      if (!isConflict(e) && !"23505".equals(e.getSQLState())) {
        throw new StoreException("store cannot be prepared", e);
      }
    }
  }

  @Override
  public <R> R transact(Function<Transaction, R> work) {
    for (int tries = 1; ; tries++) {
      try (Connection connection = pool.getConnection()) {
        try {
          connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
          Open open = new Open(connection, /* lock= */ true);
          R result = work.apply(open);
          open.writeHead();
          connection.commit();
          if (h2) {
            force(connection);
          }
          open.committed();
          return result;
        } catch (SQLException | RuntimeException | Error e) {
          connection.rollback();
          throw e;
        }
      } catch (SQLException e) {
        if (!isConflict(e) || tries == MOST_TRIES) {
          throw new StoreException("transaction failed", e);
        }
      } catch (Wrapped e) {
        if (!isConflict(e.fault()) || tries == MOST_TRIES) {
          throw new StoreException("transaction failed", e.fault());
        }
      }
    }
  }

  @Override
  public <R> R read(Function<View, R> work) {
    try {
      return query(connection -> work.apply(new Open(connection, /* lock= */ false)));
    } catch (Wrapped e) {
      throw new StoreException("reading failed", e.fault());
    }
  }

  /** A commit of H2's is in its file only after this, whatever happens to the machine. */
  private static void force(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("checkpoint sync");
    }
    connection.commit();
  }

  /** Lost against another transaction: may be tried again. */
  private static boolean isConflict(SQLException e) {
    return e.getSQLState() != null && e.getSQLState().startsWith("40");
  }

  /** Gives the connections back. */
  @Override
  public void close() {
    pool.close();
  }

  /** Carries a database fault through {@link Function}. */
  private static final class Wrapped extends RuntimeException {
    private static final long serialVersionUID = 1;

    Wrapped(SQLException fault) {
      super(fault);
    }

    SQLException fault() {
      return (SQLException) getCause();
    }
  }

  /** A statement's parameters. */
  private interface Bind {
    void to(PreparedStatement statement) throws SQLException;
  }

  /** One row. */
  private interface Row<T> {
    T read(ResultSet row) throws SQLException, InvalidFormatException;
  }

  private final class Open implements Transaction {
    private final Connection connection;
    private final long now;
    private final Map<String, AccountRecord> put = new HashMap<>();
    private VenueRecord venue;
    private long journalIndex;
    private Digest journalDigest;
    private Digest policyDigest;

    Open(Connection connection, boolean lock) throws SQLException {
      this.connection = connection;
      String head =
          "select last_millis, venue_record, journal_index, journal_digest, policy_digest from"
              + " gate_head where id = 1";
      long least;
      try (PreparedStatement select =
              connection.prepareStatement(head + (lock ? " for update" : ""));
          ResultSet row = select.executeQuery()) {
        if (!row.next()) {
          throw new StoreException("the store's head is gone");
        }
        least = row.getLong(1);
        byte[] record = row.getBytes(2);
        venue = record == null ? VenueRecord.EMPTY : RecordCodec.venue(record);
        journalIndex = row.getLong(3);
        journalDigest = Digest.fromBytes(row.getBytes(4));
        policyDigest = Digest.fromBytes(row.getBytes(5));
      } catch (InvalidFormatException e) {
        throw damaged("venue record", e);
      }
      // After the lock: of two transactions, the later one has the later time.
      long read = Math.max(least, clock());
      now = lastMillis.accumulateAndGet(read, Math::max);
    }

    private long clock() throws SQLException {
      if (clock.isPresent()) {
        return clock.get().millis();
      }
      if (h2) {
        // In this process: its clock is the server's.
        return System.currentTimeMillis();
      }
      try (Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "select floor(extract(epoch from clock_timestamp()) * 1000)::bigint")) {
        row.next();
        return row.getLong(1);
      }
    }

    void writeHead() throws SQLException {
      try (PreparedStatement update =
          connection.prepareStatement(
              "update gate_head set last_millis = ?, venue_version = ?, venue_record = ?,"
                  + " journal_index = ?, journal_digest = ?, policy_digest = ? where id = 1")) {
        update.setLong(1, now);
        update.setLong(2, venue.version());
        update.setBytes(3, venue.version() == 0 ? null : RecordCodec.encode(venue));
        update.setLong(4, journalIndex);
        update.setBytes(5, journalDigest.toByteArray());
        update.setBytes(6, policyDigest.toByteArray());
        update.executeUpdate();
      }
    }

    void committed() {
      put.forEach((account, record) -> remember(RecordCodec.encode(record), record));
    }

    private <T> List<T> query(String sql, Bind bind, String what, Row<T> row) {
      try (PreparedStatement select = connection.prepareStatement(sql)) {
        bind.to(select);
        List<T> rows = new ArrayList<>();
        try (ResultSet result = select.executeQuery()) {
          while (result.next()) {
            rows.add(row.read(result));
          }
        }
        return rows;
      } catch (SQLException e) {
        throw new Wrapped(e);
      } catch (InvalidFormatException e) {
        throw damaged(what, e);
      }
    }

    private int update(String sql, Bind bind) {
      try (PreparedStatement update = connection.prepareStatement(sql)) {
        bind.to(update);
        return update.executeUpdate();
      } catch (SQLException e) {
        throw new Wrapped(e);
      }
    }

    @Override
    public long nowMillis() {
      return now;
    }

    @Override
    public Optional<AccountRecord> account(String account) {
      AccountRecord own = put.get(account);
      if (own != null) {
        return Optional.of(own);
      }
      try {
        // A database may choke on what no account is named.
        CanonicalWriter.requireText("account", account);
      } catch (InvalidFormatException e) {
        return Optional.empty();
      }
      return query(
              "select record from gate_account where account = ?",
              select -> select.setString(1, account),
              "record of account " + account,
              row -> decode(account, row.getBytes(1)))
          .stream()
          .findFirst();
    }

    private AccountRecord decode(String account, byte[] bytes) throws InvalidFormatException {
      Decoded known = decoded.get(account);
      if (known != null && known.digest().equals(Digest.of(bytes))) {
        return known.record();
      }
      AccountRecord record =
          RecordCodec.account(
              bytes,
              (name, attester, version) ->
                  attestation(name, attester, version)
                      .orElseThrow(
                          () ->
                              new InvalidFormatException(
                                  "version " + version + " of attester " + attester + " is gone")));
      remember(bytes, record);
      return record;
    }

    private void remember(byte[] bytes, AccountRecord record) {
      if (decoded.size() >= MOST_CACHED) {
        decoded.clear();
      }
      decoded.put(record.state().account(), new Decoded(Digest.of(bytes), record));
    }

    @Override
    public List<String> accounts(String after, int most) {
      // In the order of the primary key's index, so that a page costs what it holds.
      return query(
          "select account from gate_account where account > ? order by account limit ?",
          select -> {
            select.setString(1, after);
            select.setInt(2, most);
          },
          "accounts",
          row -> row.getString(1));
    }

    @Override
    public long accountCount() {
      return query(
              "select count(*) from gate_account",
              select -> {},
              "number of accounts",
              row -> row.getLong(1))
          .get(0);
    }

    @Override
    public long countedTo(int rank) {
      return query(
              "select max(counted_to) from (select counted_to from gate_account order by counted_to"
                  + " limit ?) as least",
              select -> select.setInt(1, rank),
              "times of accounts",
              row -> row.getObject(1) == null ? Long.MAX_VALUE : row.getLong(1))
          .get(0);
    }

    @Override
    public List<String> countedNotAfter(long millis) {
      return query(
          "select account from gate_account where counted_to <= ?",
          select -> select.setLong(1, millis),
          "accounts",
          row -> row.getString(1));
    }

    @Override
    public void put(AccountRecord record) {
      String account = record.state().account();
      byte[] bytes = RecordCodec.encode(record);
      int changed;
      if (record.version() == 1) {
        changed =
            update(
                "insert into gate_account (account, version, counted_to, record) select ?, 1, ?, ?"
                    + " where not exists (select 1 from gate_account where account = ?)",
                insert -> {
                  insert.setString(1, account);
                  insert.setLong(2, record.countedToMillis());
                  insert.setBytes(3, bytes);
                  insert.setString(4, account);
                });
      } else {
        changed =
            update(
                "update gate_account set version = ?, counted_to = ?, record = ? where account = ? and"
                    + " version = ?",
                update -> {
                  update.setLong(1, record.version());
                  update.setLong(2, record.countedToMillis());
                  update.setBytes(3, bytes);
                  update.setString(4, account);
                  update.setLong(5, record.version() - 1);
                });
      }
      if (changed != 1) {
        throw new IllegalStateException(
            "account " + account + ": record version " + record.version() + " does not follow");
      }
      put.put(account, record);
    }

    @Override
    public VenueRecord venue() {
      return venue;
    }

    @Override
    public void put(VenueRecord record) {
      if (record.version() != venue.version() + 1) {
        throw new IllegalStateException(
            "venue: record version " + record.version() + " does not follow " + venue.version());
      }
      venue = record;
    }

    @Override
    public Optional<PublishedRound> round(long sequence) {
      return query(
              "select entry, disputed from gate_round where sequence = ?",
              select -> select.setLong(1, sequence),
              "entry of round " + sequence,
              row -> RecordCodec.round(row.getBytes(1), row.getBoolean(2)))
          .stream()
          .findFirst();
    }

    @Override
    public void append(PublishedRound round) {
      Optional<PublishedRound> known = round(round.sequence());
      if (known.isEmpty()) {
        update(
            "insert into gate_round (sequence, disputed, entry) values (?, ?, ?)",
            insert -> {
              insert.setLong(1, round.sequence());
              insert.setBoolean(2, round.disputed());
              insert.setBytes(3, RecordCodec.encode(round));
            });
      } else if (known.get().asDisputed().equals(round)) {
        update(
            "update gate_round set disputed = true where sequence = ?",
            update -> update.setLong(1, round.sequence()));
      } else {
        throw new IllegalStateException("round " + round.sequence() + " is in the log already");
      }
    }

    @Override
    public Optional<SignedRound> signedRound(long sequence) {
      return query(
              "select decision from gate_journal where round_sequence = ? order by idx",
              select -> select.setLong(1, sequence),
              "journal entry of round " + sequence,
              row -> Decision.decode(row.getBytes(1)))
          .stream()
          .map(decision -> ((Decision.RoundDecided) decision).round())
          .findFirst();
    }

    @Override
    public Optional<Attestation> attestation(
        String account, Ed25519PublicKey attester, long version) {
      return query(
              "select body, signature from gate_attestation where account = ? and attester = ? and"
                  + " version = ?",
              select -> name(select, account, attester, version),
              "attestation " + version + " of attester " + attester + " for account " + account,
              row -> Attestation.decode(row.getBytes(1), row.getBytes(2)))
          .stream()
          .findFirst();
    }

    private static void name(
        PreparedStatement statement, String account, Ed25519PublicKey attester, long version)
        throws SQLException {
      statement.setString(1, account);
      statement.setString(2, attester.toString());
      statement.setLong(3, version);
    }

    @Override
    public void append(Attestation attestation) {
      AttestationBody body = attestation.body();
      if (attestation(body.account(), body.attester(), body.version()).isPresent()) {
        throw new IllegalStateException(attestation + " is in the log already");
      }
      update(
          "insert into gate_attestation (account, attester, version, body, signature) values (?, ?,"
              + " ?, ?, ?)",
          insert -> {
            name(insert, body.account(), body.attester(), body.version());
            insert.setBytes(4, body.toByteArray());
            insert.setBytes(5, attestation.signature());
          });
    }

    @Override
    public void append(Evidence evidence) {
      update(
          "insert into gate_evidence (evidence) values (?)",
          insert -> insert.setBytes(1, RecordCodec.encode(evidence)));
    }

    @Override
    public List<Evidence> evidence() {
      return query(
          "select evidence from gate_evidence order by id",
          select -> {},
          "evidence",
          row -> RecordCodec.evidence(row.getBytes(1)));
    }

    @Override
    public List<JournalRecord> journal(long from, int most) {
      return query(
          "select idx, previous, decision from gate_journal where idx >= ? order by idx limit ?",
          select -> {
            select.setLong(1, from);
            select.setInt(2, most);
          },
          "journal from " + from,
          row ->
              new JournalRecord(
                  row.getLong(1),
                  Digest.fromBytes(row.getBytes(2)),
                  Decision.decode(row.getBytes(3))));
    }

    @Override
    public JournalRecord append(Decision decision) {
      JournalRecord record = new JournalRecord(journalIndex + 1, journalDigest, decision);
      Digest digest = record.digest();
      update(
          "insert into gate_journal (idx, at_millis, kind, account, outcome, round_sequence,"
              + " previous, digest, decision) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
          insert -> {
            insert.setLong(1, record.index());
            insert.setLong(2, decision.atMillis());
            insert.setString(3, decision.getClass().getSimpleName());
            insert.setString(4, decision.account());
            insert.setString(5, decision.outcome());
            if (decision instanceof Decision.RoundDecided decided && decided.published()) {
              insert.setLong(6, decided.round().round().sequence());
            } else {
              insert.setNull(6, java.sql.Types.BIGINT);
            }
            insert.setBytes(7, record.previous().toByteArray());
            insert.setBytes(8, digest.toByteArray());
            insert.setBytes(9, decision.toByteArray());
          });
      journalIndex++;
      journalDigest = digest;
      if (decision instanceof Decision.PolicySet set) {
        policyDigest = set.digest();
      }
      return record;
    }

    @Override
    public Digest policyDigest() {
      return policyDigest;
    }
  }

  /** Runs queries on one snapshot. */
  <R> R query(Query<R> work) {
    try (Connection connection = pool.getConnection()) {
      try {
        connection.setTransactionIsolation(
            h2 ? H2_SNAPSHOT : Connection.TRANSACTION_REPEATABLE_READ);
        return work.run(connection);
      } finally {
        connection.rollback();
      }
    } catch (SQLException e) {
      throw new StoreException("reading failed", e);
    }
  }

  /** Work on one snapshot. */
  interface Query<R> {
    R run(Connection connection) throws SQLException;
  }

  private static StoreException damaged(String what, InvalidFormatException e) {
    return new StoreException("the store is damaged: " + what + ": " + e.getMessage(), e);
  }
}
