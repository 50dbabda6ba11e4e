package io.plimsoll.venue;

import io.plimsoll.gate.AccountRecord;
import io.plimsoll.gate.Decision;
import io.plimsoll.gate.GateStore;
import io.plimsoll.gate.JournalAuditor;
import io.plimsoll.gate.JournalRecord;
import io.plimsoll.gate.ProofReceipt;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.SolvencyVerifier;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Decides everything in a store again, from its journal, and compares what the store holds with
 * what that leads to: every row and every column of it.
 */
public final class StoreAudit {
  private static final int FETCH = 256;

  private StoreAudit() {}

  /** What an audit found. */
  public sealed interface Result {}

  /**
   * Every decision follows from what went into it, and the store holds what they lead to.
   *
   * @param records length of the journal
   * @param lastDigest digest of its last record: compare it with one that was kept elsewhere, for a
   *     journal shows nothing about records cut off at its end
   * @param proofs how many proofs were verified again
   * @param accounts how many accounts there are
   */
  public record Sound(long records, Digest lastDigest, long proofs, int accounts)
      implements Result {}

  /**
   * The first thing that is wrong.
   *
   * @param index of the first wrong record of the journal; 0 if the journal is right and another
   *     table is not
   * @param detail what is wrong
   */
  public record Wrong(long index, String detail) implements Result {}

  /** Finds the verifier of a circuit. */
  @FunctionalInterface
  public interface Verifiers {
    /**
     * The verifier of the circuit that a journal names.
     *
     * @throws InvalidFormatException if there is none that the auditor trusts
     */
    SolvencyVerifier of(Digest circuitId) throws InvalidFormatException;
  }

  /**
   * Audits a store as it is at one moment; gates may go on meanwhile.
   *
   * @throws InvalidFormatException if there is no verifier for the journal's circuit
   * @throws StoreException if the store cannot be read
   */
  public static Result run(JdbcGateStore store, Verifiers verifiers) throws InvalidFormatException {
    return run(store, verifiers, List.of());
  }

  /**
   * As {@link #run(JdbcGateStore, Verifiers)}, and compares receipts with the records that they
   * name.
   *
   * @param receipts what the venue has said to those who submitted proofs
   */
  public static Result run(
      JdbcGateStore store, Verifiers verifiers, List<VenueSigned<ProofReceipt>> receipts)
      throws InvalidFormatException {
    Audit audit = new Audit(verifiers, receipts);
    Result result = store.query(audit::run);
    if (audit.untrusted != null) {
      throw audit.untrusted;
    }
    return result;
  }

  private static final class Audit {
    private final Verifiers verifiers;
    private final List<VenueSigned<ProofReceipt>> receipts;
    private JournalAuditor auditor;
    private InvalidFormatException untrusted;
    private long proofs;
    private long lastMillis;

    Audit(Verifiers verifiers, List<VenueSigned<ProofReceipt>> receipts) {
      this.verifiers = verifiers;
      this.receipts = receipts;
    }

    Result run(Connection connection) throws SQLException {
      Optional<Wrong> wrong = journal(connection);
      if (wrong.isEmpty() && untrusted == null) {
        wrong = missing();
      }
      if (wrong.isEmpty()) {
        wrong = head(connection);
      }
      if (wrong.isEmpty() && untrusted == null) {
        wrong = auditor == null ? empty(connection) : tables(connection);
      }
      if (wrong.isPresent()) {
        return wrong.get();
      }
      return auditor == null
          ? new Sound(0, Digest.ZERO, 0, 0)
          : new Sound(
              auditor.records(),
              auditor.lastDigest(),
              proofs,
              auditor.read(GateStore.View::accounts).size());
    }

    private Optional<Wrong> missing() {
      if (auditor == null) {
        return receipts.isEmpty()
            ? Optional.empty()
            : wrong(1, "there are receipts, and no journal at all");
      }
      return auditor.missing().map(finding -> new Wrong(finding.index(), finding.detail()));
    }

    private Optional<Wrong> journal(Connection connection) throws SQLException {
      try (PreparedStatement select =
          connection.prepareStatement(
              "select idx, at_millis, kind, account, outcome, round_sequence, previous, digest,"
                  + " decision from gate_journal order by idx")) {
        select.setFetchSize(FETCH);
        try (ResultSet row = select.executeQuery()) {
          while (row.next()) {
            Optional<Wrong> wrong = record(row);
            if (wrong.isPresent() || untrusted != null) {
              return wrong;
            }
          }
        }
      }
      return Optional.empty();
    }

    private Optional<Wrong> record(ResultSet row) throws SQLException {
      long index = row.getLong(1);
      JournalRecord record;
      try {
        record =
            new JournalRecord(
                index, Digest.fromBytes(row.getBytes(7)), Decision.decode(row.getBytes(9)));
      } catch (InvalidFormatException e) {
        return wrong(index, e.getMessage());
      }
      Decision decision = record.decision();
      if (auditor == null) {
        if (!(decision instanceof Decision.PolicySet first)) {
          return wrong(index, "comes before any policy");
        }
        try {
          auditor = new JournalAuditor(verifiers.of(first.circuitId()));
          receipts.forEach(auditor::expect);
        } catch (InvalidFormatException e) {
          untrusted = e;
          return Optional.empty();
        }
      }
      Optional<JournalAuditor.Finding> finding = auditor.check(record);
      if (finding.isPresent()) {
        return wrong(finding.get().index(), finding.get().detail());
      }
      if (!Arrays.equals(row.getBytes(8), record.digest().toByteArray())) {
        return wrong(index, "has another digest beside it than its own, " + record.digest());
      }
      Long round =
          decision instanceof Decision.RoundDecided decided && decided.published()
              ? decided.round().round().sequence()
              : null;
      if (row.getLong(2) != decision.atMillis()
          || !Objects.equals(row.getString(3), decision.getClass().getSimpleName())
          || !Objects.equals(row.getString(4), decision.account())
          || !Objects.equals(row.getString(5), decision.outcome())
          || !Objects.equals(row.getObject(6), round)) {
        return wrong(index, "has another time, kind, account, outcome or round beside it");
      }
      lastMillis = decision.atMillis();
      if (decision instanceof Decision.ProofJudged) {
        proofs++;
      }
      return Optional.empty();
    }

    private Optional<Wrong> head(Connection connection) throws SQLException {
      try (PreparedStatement select =
              connection.prepareStatement(
                  "select venue_version, venue_record, journal_index, journal_digest,"
                      + " policy_digest, last_millis from gate_head");
          ResultSet row = select.executeQuery()) {
        if (!row.next()) {
          return wrong(0, "the head is gone");
        }
        if (auditor == null) {
          if (row.getLong(3) != 0) {
            return wrong(1, "the journal is gone; it had " + row.getLong(3) + " records");
          }
          byte[] none = Digest.ZERO.toByteArray();
          return row.getLong(1) == 0
                  && row.getBytes(2) == null
                  && Arrays.equals(row.getBytes(4), none)
                  && Arrays.equals(row.getBytes(5), none)
              ? Optional.empty()
              : wrong(0, "the head is not that of an empty journal");
        }
        if (row.getLong(3) != auditor.records()
            || !Arrays.equals(row.getBytes(4), auditor.lastDigest().toByteArray())) {
          return wrong(
              auditor.records() + 1,
              "the head says that there are " + row.getLong(3) + " records, and another last one");
        }
        if (row.getLong(6) < lastMillis) {
          return wrong(
              0, "the head's time is " + row.getLong(6) + ", the last record's " + lastMillis);
        }
        byte[] venue = RecordCodec.encode(auditor.read(GateStore.View::venue));
        boolean none = auditor.read(GateStore.View::venue).version() == 0;
        if (row.getLong(1) != auditor.read(GateStore.View::venue).version()
            || (none ? row.getBytes(2) != null : !Arrays.equals(row.getBytes(2), venue))) {
          return wrong(0, "the venue's record does not follow from the journal");
        }
        if (!Arrays.equals(
            row.getBytes(5), auditor.read(GateStore.View::policyDigest).toByteArray())) {
          return wrong(0, "the policy's digest does not follow from the journal");
        }
        return Optional.empty();
      }
    }

    /** Without a journal there is nothing. */
    private static Optional<Wrong> empty(Connection connection) throws SQLException {
      for (String sql :
          List.of(
              "select count(*), 'accounts' from gate_account",
              "select count(*), 'rounds' from gate_round",
              "select count(*), 'attestations' from gate_attestation",
              "select count(*), 'pieces of evidence' from gate_evidence")) {
        try (PreparedStatement select = connection.prepareStatement(sql);
            ResultSet row = select.executeQuery()) {
          row.next();
          if (row.getLong(1) != 0) {
            return wrong(
                0,
                "there are "
                    + row.getLong(1)
                    + " "
                    + row.getString(2)
                    + ", the journal leads to 0");
          }
        }
      }
      return Optional.empty();
    }

    private Optional<Wrong> tables(Connection connection) throws SQLException {
      Optional<Wrong> wrong =
          rows(
              connection,
              "select account, version, counted_to, record from gate_account order by account",
              auditor.read(GateStore.View::accounts).size(),
              "accounts",
              row -> {
                Optional<AccountRecord> kept = auditor.read(view -> view.account(row.text(1)));
                return kept.isPresent()
                        && row.number(2) == kept.get().version()
                        && row.number(3) == kept.get().countedToMillis()
                        && Arrays.equals(row.bytes(4), RecordCodec.encode(kept.get()))
                    ? null
                    : "the record of account " + row.text(1);
              });
      if (wrong.isPresent()) {
        return wrong;
      }
      return logs(connection);
    }

    private Optional<Wrong> logs(Connection connection) throws SQLException {
      Optional<Wrong> wrong =
          rows(
              connection,
              "select sequence, disputed, entry from gate_round order by sequence",
              auditor.rounds(),
              "rounds",
              row ->
                  auditor
                          .read(view -> view.round(row.number(1)))
                          .filter(
                              entry ->
                                  entry.disputed() == row.flag(2)
                                      && Arrays.equals(row.bytes(3), RecordCodec.encode(entry)))
                          .isPresent()
                      ? null
                      : "the entry of round " + row.number(1));
      if (wrong.isEmpty()) {
        wrong =
            rows(
                connection,
                "select account, attester, version, body, signature from gate_attestation order by"
                    + " account, attester, version",
                auditor.attestations(),
                "attestations",
                row -> {
                  return auditor
                          .attestation(row.text(1), row.text(2), row.number(3))
                          .filter(
                              kept ->
                                  Arrays.equals(row.bytes(4), kept.body().toByteArray())
                                      && Arrays.equals(row.bytes(5), kept.signature()))
                          .isPresent()
                      ? null
                      : "the attestation of "
                          + row.text(1)
                          + ", "
                          + row.text(2)
                          + ", version "
                          + row.number(3);
                });
      }
      if (wrong.isEmpty()) {
        int[] at = {0};
        var evidence = auditor.read(GateStore.View::evidence);
        wrong =
            rows(
                connection,
                "select id, evidence from gate_evidence order by id",
                evidence.size(),
                "pieces of evidence",
                row ->
                    at[0] < evidence.size()
                            && Arrays.equals(
                                row.bytes(2), RecordCodec.encode(evidence.get(at[0]++)))
                        ? null
                        : "evidence " + row.number(1));
      }
      return wrong;
    }

    /** Compares each row with what should be there; a row that should not be is wrong too. */
    private static Optional<Wrong> rows(
        Connection connection, String sql, int expected, String what, Function<Row, String> wrong)
        throws SQLException {
      int count = 0;
      try (PreparedStatement select = connection.prepareStatement(sql)) {
        select.setFetchSize(FETCH);
        try (ResultSet result = select.executeQuery()) {
          while (result.next()) {
            String found;
            try {
              found = wrong.apply(new Row(result));
            } catch (Unreadable e) {
              throw e.fault;
            }
            if (found != null) {
              return wrong(0, found + " does not follow from the journal");
            }
            count++;
          }
        }
      }
      return count == expected
          ? Optional.empty()
          : wrong(0, "there are " + count + " " + what + ", the journal leads to " + expected);
    }

    private static Optional<Wrong> wrong(long index, String detail) {
      return Optional.of(new Wrong(index, detail));
    }
  }

  /** A row whose faults pass through functions. */
  private record Row(ResultSet result) {
    String text(int column) {
      return get(() -> result.getString(column));
    }

    long number(int column) {
      return get(() -> result.getLong(column));
    }

    boolean flag(int column) {
      return get(() -> result.getBoolean(column));
    }

    byte[] bytes(int column) {
      return get(() -> result.getBytes(column));
    }

    private static <T> T get(Column<T> column) {
      try {
        return column.get();
      } catch (SQLException e) {
        throw new Unreadable(e);
      }
    }
  }

  private interface Column<T> {
    T get() throws SQLException;
  }

  private static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial")
    private final SQLException fault;

    Unreadable(SQLException fault) {
      this.fault = fault;
    }
  }
}
