package io.plimsoll.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.TestKey;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What every gate store must do. */
abstract class GateStoreContract {
  private static final TestKey ATTESTER = TestKey.of(1);

  abstract GateStore create(InstantSource clock);

  private long now = 1000;
  private final GateStore store = create(() -> Instant.ofEpochMilli(now));

  private void run(Consumer<GateStore.Transaction> work) {
    store.transact(
        transaction -> {
          work.accept(transaction);
          return true;
        });
  }

  private static AccountRecord record(long version) {
    AccountRecord first =
        AccountRecord.opened(Fixtures.account(List.of(ATTESTER.publicKey())), 1000);
    AccountRecord record = first;
    while (record.version() < version) {
      record = record.counted(1000, 0, 0);
    }
    return record;
  }

  private static PublishedRound round(String digest) {
    return new PublishedRound(7, Fixtures.digest(digest), 1, 2, List.of(), false);
  }

  @Test
  void startsEmpty() {
    run(
        transaction -> {
          assertEquals(Optional.empty(), transaction.account(Fixtures.ACCOUNT));
          assertEquals(VenueRecord.EMPTY, transaction.venue());
          assertEquals(Optional.empty(), transaction.round(7));
          assertEquals(List.of(), transaction.evidence());
        });
  }

  @Test
  void transactionSeesItsOwnWritesAndLaterOnesSeeThemToo() {
    Attestation attestation = ATTESTER.attest(Fixtures.body());
    Evidence evidence = new Evidence.TwoAttestations(attestation, attestation, 5);
    Consumer<GateStore.Transaction> see =
        transaction -> {
          assertEquals(1, transaction.account(Fixtures.ACCOUNT).orElseThrow().version());
          assertEquals(1, transaction.venue().version());
          assertEquals(Optional.of(round("a")), transaction.round(7));
          assertEquals(
              Optional.of(attestation),
              transaction.attestation(Fixtures.ACCOUNT, ATTESTER.publicKey(), 1));
          assertEquals(
              Optional.empty(), transaction.attestation(Fixtures.ACCOUNT, ATTESTER.publicKey(), 2));
          assertEquals(List.of(evidence), transaction.evidence());
        };
    run(
        transaction -> {
          transaction.put(record(1));
          transaction.put(VenueRecord.EMPTY.next());
          transaction.append(round("a"));
          transaction.append(attestation);
          transaction.append(evidence);
          see.accept(transaction);
        });
    run(see);
  }

  @Test
  void exceptionKeepsNothing() {
    assertThrows(
        UnsupportedOperationException.class,
        () ->
            run(
                transaction -> {
                  transaction.put(record(1));
                  transaction.put(VenueRecord.EMPTY.next());
                  transaction.append(round("a"));
                  transaction.append(ATTESTER.attest(Fixtures.body()));
                  throw new UnsupportedOperationException();
                }));
    startsEmpty();
  }

  @Test
  void recordsAreComparedAndSet() {
    run(transaction -> transaction.put(record(1)));
    for (long version : new long[] {1, 3}) {
      assertThrows(
          IllegalStateException.class, () -> run(transaction -> transaction.put(record(version))));
    }
    run(transaction -> transaction.put(record(2)));
    assertThrows(
        IllegalStateException.class, () -> run(transaction -> transaction.put(VenueRecord.EMPTY)));
  }

  @Test
  void logsOnlyGrow() {
    Attestation attestation = ATTESTER.attest(Fixtures.body());
    run(
        transaction -> {
          transaction.append(round("a"));
          transaction.append(attestation);
        });
    for (PublishedRound other : List.of(round("a"), round("b"), round("b").asDisputed())) {
      assertThrows(
          IllegalStateException.class, () -> run(transaction -> transaction.append(other)));
    }
    assertThrows(
        IllegalStateException.class, () -> run(transaction -> transaction.append(attestation)));
    run(transaction -> transaction.append(round("a").asDisputed()));
    run(transaction -> assertEquals(true, transaction.round(7).orElseThrow().disputed()));
  }

  @Test
  void journalIsAChainOfWhatCommitted() {
    Decision first = new Decision.BreakerMoved(1000, true);
    Decision second = new Decision.AttesterRevoked(1000, ATTESTER.publicKey());
    run(transaction -> transaction.append(first));
    assertThrows(
        UnsupportedOperationException.class,
        () ->
            run(
                transaction -> {
                  transaction.append(second);
                  throw new UnsupportedOperationException();
                }));
    run(
        transaction -> {
          transaction.append(second);
          transaction.append(first);
          assertEquals(3, transaction.journal(1, 10).size());
        });
    List<JournalRecord> journal = store.read(view -> view.journal(1, 10));
    assertEquals(
        List.of(
            new JournalRecord(1, Digest.ZERO, first),
            new JournalRecord(2, journal.get(0).digest(), second),
            new JournalRecord(3, journal.get(1).digest(), first)),
        journal);
    assertEquals(journal.subList(1, 2), store.read(view -> view.journal(2, 1)));
    assertEquals(List.of(), store.read(view -> view.journal(4, 1)));
  }

  @Test
  void publishedRoundIsFoundInTheJournal() {
    SignedRound signed = Fixtures.signed(Fixtures.round(7, 1), ATTESTER);
    run(transaction -> transaction.append(new Decision.RoundDecided(1000, signed, "refused: X")));
    assertEquals(Optional.empty(), store.read(view -> view.signedRound(7)));
    run(transaction -> transaction.append(new Decision.RoundDecided(1000, signed, "published")));
    assertEquals(
        Optional.of(signed.round().digest()),
        store.read(view -> view.signedRound(7)).map(kept -> kept.round().digest()));
  }

  @Test
  void lastPolicyIsKnown() {
    assertEquals(Digest.ZERO, store.read(GateStore.View::policyDigest));
    Decision.PolicySet set =
        new Decision.PolicySet(
            5,
            Fixtures.VENUE,
            Fixtures.digest("c"),
            GateHarness.policy(),
            1,
            List.of(),
            ATTESTER.publicKey());
    run(
        transaction -> {
          transaction.append(set);
          assertEquals(set.digest(), transaction.policyDigest());
        });
    assertEquals(set.digest(), store.read(GateStore.View::policyDigest));
  }

  private static AccountRecord named(String account, long countedTo) {
    try {
      return AccountRecord.opened(
              AccountState.open(Fixtures.VENUE, account, Fixtures.CIRCUIT, List.of()), 0)
          .cancelled(countedTo);
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void accountsAreFoundByTheTimeToWhichTheyWereCounted() {
    run(
        transaction -> {
          assertEquals(Long.MAX_VALUE, transaction.countedTo(1));
          assertEquals(List.of(), transaction.countedNotAfter(Long.MAX_VALUE));
          transaction.put(named("b", 5));
          transaction.put(named("a", 9));
          transaction.put(named("c", 5));
          assertEquals(5, transaction.countedTo(1));
        });
    Consumer<GateStore.Transaction> see =
        transaction -> {
          assertEquals(5, transaction.countedTo(2));
          assertEquals(9, transaction.countedTo(3));
          assertEquals(9, transaction.countedTo(30));
          assertEquals(
              Set.of("b", "c"), Set.copyOf(transaction.countedNotAfter(transaction.countedTo(1))));
          assertEquals(3, transaction.countedNotAfter(9).size());
          assertEquals(List.of(), transaction.countedNotAfter(4));
        };
    run(see);
    run(
        transaction -> {
          transaction.put(transaction.account("b").orElseThrow().counted(12, 0, 0));
          assertEquals(12, transaction.countedTo(3));
          assertEquals(List.of("c"), transaction.countedNotAfter(5));
        });
  }

  /** By whatever rules a database sorts: what comes after a name does so in the order of pages. */
  @Test
  void accountsArePagedInOneOrderEachOnce() {
    List<String> names =
        List.of("B", "a", "A", "a b", "ab", "c", "\u00e9", "\ud83d\ude00", "\ufb01x", "_", "-1");
    run(transaction -> names.forEach(name -> transaction.put(named(name, 1))));
    store.read(
        view -> {
          List<String> all = view.accounts();
          assertEquals(Set.copyOf(names), Set.copyOf(all));
          assertEquals(names.size(), all.size());
          assertEquals(names.size(), view.accountCount());
          for (int size = 1; size <= names.size(); size++) {
            List<String> paged = new ArrayList<>();
            List<String> page = view.accounts("", size);
            while (!page.isEmpty()) {
              assertTrue(page.size() <= size);
              paged.addAll(page);
              page = view.accounts(page.get(page.size() - 1), size);
            }
            assertEquals(all, paged);
          }
          return true;
        });
    run(
        transaction -> {
          transaction.put(named("b", 1));
          assertEquals(names.size() + 1, transaction.accountCount());
          assertTrue(transaction.accounts().contains("b"));
        });
  }

  /** Everything that a record can hold comes back as it was. */
  @Test
  void recordsComeBackWhole() {
    GateHarness gate = GateHarness.solvent();
    gate.gate.release(Fixtures.ACCOUNT, GateHarness.CUSTODIAN.publicKey());
    gate.gate.suspend(Fixtures.ACCOUNT, SuspensionCause.OPENING_DISPUTED);
    gate.join(GateHarness.NEWCOMER);
    gate.gate.revokeAttester(ATTESTER.publicKey());
    gate.gate.openBreaker();
    gate.now += 20_000;
    gate.gate.claimLiquidation(Fixtures.ACCOUNT, "desk");
    gate.execute(GateHarness.LENDER);
    AccountRecord full = gate.store.read(view -> view.account(Fixtures.ACCOUNT)).orElseThrow();
    assertEquals(1, full.liquidation().orElseThrow().attested().size());
    assertEquals(List.of(GateHarness.NEWCOMER.publicKey()), full.newcomers());
    AccountRecord first = full.withVersion(1);
    VenueRecord venue = gate.store.read(GateStore.View::venue);
    VenueRecord firstVenue =
        new VenueRecord(
            1,
            venue.highestSequence(),
            venue.highestAsOfMillis(),
            venue.roundsFreshUntilMillis(),
            venue.outages(),
            venue.revokedAtMillis());
    run(
        transaction -> {
          full.state().attestations().forEach(transaction::append);
          transaction.put(first);
          transaction.put(firstVenue);
        });
    GateStore again = reopen();
    again.read(
        view -> {
          AccountRecord kept = view.account(Fixtures.ACCOUNT).orElseThrow();
          assertSameRecord(first, kept);
          assertEquals(firstVenue, view.venue());
          return true;
        });
  }

  private static void assertSameRecord(AccountRecord expected, AccountRecord actual) {
    for (RecordComponent part : AccountRecord.class.getRecordComponents()) {
      if (!part.getType().equals(AccountState.class)) {
        assertEquals(value(part, expected), value(part, actual), part.getName());
      }
    }
    assertEquals(expected.state().toString(), actual.state().toString());
    assertEquals(
        Set.copyOf(expected.state().attestations()), Set.copyOf(actual.state().attestations()));
  }

  private static Object value(RecordComponent part, AccountRecord record) {
    try {
      return part.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  /** The same store once more, without what this one has in memory; itself if it has no other. */
  GateStore reopen() {
    return store;
  }

  @Test
  void timeNeverGoesBack() {
    run(transaction -> assertEquals(1000, transaction.nowMillis()));
    now = 500;
    run(transaction -> assertEquals(1000, transaction.nowMillis()));
    now = 1001;
    run(transaction -> assertEquals(1001, transaction.nowMillis()));
  }

  @Test
  void concurrentTransactionsLoseNothing() throws Exception {
    run(transaction -> transaction.put(record(1)));
    ExecutorService threads = Executors.newFixedThreadPool(4);
    for (int i = 0; i < 4; i++) {
      threads.execute(
          () -> {
            for (int n = 0; n < 250; n++) {
              run(
                  transaction ->
                      transaction.put(
                          transaction.account(Fixtures.ACCOUNT).orElseThrow().counted(1000, 0, 0)));
            }
          });
    }
    threads.shutdown();
    assertEquals(true, threads.awaitTermination(60, TimeUnit.SECONDS));
    run(
        transaction ->
            assertEquals(1001, transaction.account(Fixtures.ACCOUNT).orElseThrow().version()));
  }
}
