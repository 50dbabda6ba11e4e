package io.plimsoll.gate;

import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.AttestationBody;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.SignedRound;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A gate store in memory, for tests, demonstrations and as the meaning of {@link GateStore}: one
 * lock, one transaction at a time. Nothing survives the process, and the logs grow without end.
 * Thread-safe.
 */
public final class InMemoryGateStore implements GateStore {
  private final InstantSource clock;
  private final Map<String, AccountRecord> accounts = new HashMap<>();
  private final Map<Long, PublishedRound> rounds = new HashMap<>();
  private final Map<AttestationKey, Attestation> attestations = new HashMap<>();
  private final List<Evidence> evidence = new ArrayList<>();
  private final List<JournalRecord> journal = new ArrayList<>();
  private final Map<Long, SignedRound> signedRounds = new HashMap<>();
  private final Set<String> changed = new TreeSet<>();
  private Digest policyDigest = Digest.ZERO;
  private VenueRecord venue = VenueRecord.EMPTY;
  private long lastMillis;

  /**
   * An empty store.
   *
   * @param clock may be set back: the store's time then stands still until the clock has caught up
   */
  public InMemoryGateStore(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public synchronized <R> R transact(Function<Transaction, R> work) {
    lastMillis = Math.max(lastMillis, clock.millis());
    Buffered transaction = new Buffered(lastMillis);
    R result = work.apply(transaction);
    transaction.commit();
    return result;
  }

  @Override
  public synchronized <R> R read(Function<View, R> work) {
    lastMillis = Math.max(lastMillis, clock.millis());
    return work.apply(new Buffered(lastMillis));
  }

  /** The names of the accounts whose records were put since this was last asked. */
  synchronized Set<String> takeChanged() {
    Set<String> names = Set.copyOf(changed);
    changed.clear();
    return names;
  }

  synchronized int attestationCount() {
    return attestations.size();
  }

  synchronized long journalSize() {
    return journal.size();
  }

  private record AttestationKey(String account, Ed25519PublicKey attester, long version) {
    static AttestationKey of(AttestationBody body) {
      return new AttestationKey(body.account(), body.attester(), body.version());
    }
  }

  /** Collects what is put and keeps it at the end, so that an exception keeps nothing. */
  private final class Buffered implements Transaction {
    private final long now;
    private final Map<String, AccountRecord> newAccounts = new HashMap<>();
    private final Map<Long, PublishedRound> newRounds = new HashMap<>();
    private final Map<AttestationKey, Attestation> newAttestations = new HashMap<>();
    private final List<Evidence> newEvidence = new ArrayList<>();
    private final List<JournalRecord> newJournal = new ArrayList<>();
    private VenueRecord newVenue = venue;

    Buffered(long now) {
      this.now = now;
    }

    void commit() {
      accounts.putAll(newAccounts);
      changed.addAll(newAccounts.keySet());
      rounds.putAll(newRounds);
      attestations.putAll(newAttestations);
      evidence.addAll(newEvidence);
      venue = newVenue;
      for (JournalRecord record : newJournal) {
        journal.add(record);
        if (record.decision() instanceof Decision.RoundDecided decided && decided.published()) {
          signedRounds.put(decided.round().round().sequence(), decided.round());
        }
      }
      policyDigest = policyDigest();
    }

    @Override
    public long nowMillis() {
      return now;
    }

    @Override
    public Optional<AccountRecord> account(String account) {
      AccountRecord put = newAccounts.get(account);
      return Optional.ofNullable(put != null ? put : accounts.get(account));
    }

    @Override
    public void put(AccountRecord record) {
      String account = record.state().account();
      long kept = account(account).map(AccountRecord::version).orElse(0L);
      requireNext("account " + account, kept, record.version());
      newAccounts.put(account, record);
    }

    @Override
    public List<String> accounts(String after, int most) {
      return names().filter(name -> name.compareTo(after) > 0).sorted().limit(most).toList();
    }

    @Override
    public long accountCount() {
      return names().count();
    }

    private Stream<String> names() {
      return Stream.concat(accounts.keySet().stream(), newAccounts.keySet().stream()).distinct();
    }

    @Override
    public long countedTo(int rank) {
      long[] times = all().mapToLong(AccountRecord::countedToMillis).sorted().toArray();
      return times.length == 0 ? Long.MAX_VALUE : times[Math.min(rank, times.length) - 1];
    }

    @Override
    public List<String> countedNotAfter(long millis) {
      return all()
          .filter(record -> record.countedToMillis() <= millis)
          .map(record -> record.state().account())
          .toList();
    }

    private Stream<AccountRecord> all() {
      return names().map(name -> account(name).orElseThrow());
    }

    @Override
    public Optional<SignedRound> signedRound(long sequence) {
      return Optional.ofNullable(signedRounds.get(sequence));
    }

    @Override
    public List<JournalRecord> journal(long from, int most) {
      // An auditor asks once for each record: never a copy of the whole.
      int kept = journal.size();
      List<JournalRecord> page = new ArrayList<>();
      for (long at = Math.max(0, from - 1);
          page.size() < most && at < (long) kept + newJournal.size();
          at++) {
        page.add(at < kept ? journal.get((int) at) : newJournal.get((int) (at - kept)));
      }
      return List.copyOf(page);
    }

    @Override
    public Digest policyDigest() {
      for (int i = newJournal.size() - 1; i >= 0; i--) {
        if (newJournal.get(i).decision() instanceof Decision.PolicySet set) {
          return set.digest();
        }
      }
      return policyDigest;
    }

    @Override
    public JournalRecord append(Decision decision) {
      int size = journal.size() + newJournal.size();
      JournalRecord last =
          !newJournal.isEmpty()
              ? newJournal.get(newJournal.size() - 1)
              : journal.isEmpty() ? null : journal.get(journal.size() - 1);
      JournalRecord record =
          new JournalRecord(size + 1L, last == null ? Digest.ZERO : last.digest(), decision);
      newJournal.add(record);
      return record;
    }

    @Override
    public VenueRecord venue() {
      return newVenue;
    }

    @Override
    public void put(VenueRecord record) {
      requireNext("venue", newVenue.version(), record.version());
      newVenue = record;
    }

    private void requireNext(String what, long kept, long put) {
      if (put != kept + 1) {
        throw new IllegalStateException(
            what + ": record version " + put + " does not follow " + kept);
      }
    }

    @Override
    public Optional<PublishedRound> round(long sequence) {
      PublishedRound put = newRounds.get(sequence);
      return Optional.ofNullable(put != null ? put : rounds.get(sequence));
    }

    @Override
    public void append(PublishedRound round) {
      Optional<PublishedRound> kept = round(round.sequence());
      if (kept.isPresent() && !kept.get().asDisputed().equals(round)) {
        throw new IllegalStateException("round " + round.sequence() + " is in the log already");
      }
      newRounds.put(round.sequence(), round);
    }

    @Override
    public Optional<Attestation> attestation(
        String account, Ed25519PublicKey attester, long version) {
      AttestationKey key = new AttestationKey(account, attester, version);
      Attestation put = newAttestations.get(key);
      return Optional.ofNullable(put != null ? put : attestations.get(key));
    }

    @Override
    public void append(Attestation attestation) {
      AttestationBody body = attestation.body();
      Optional<Attestation> kept = attestation(body.account(), body.attester(), body.version());
      if (kept.isPresent()) {
        throw new IllegalStateException(attestation + " is in the log already");
      }
      newAttestations.put(AttestationKey.of(body), attestation);
    }

    @Override
    public void append(Evidence contradiction) {
      newEvidence.add(contradiction);
    }

    @Override
    public List<Evidence> evidence() {
      List<Evidence> all = new ArrayList<>(evidence);
      all.addAll(newEvidence);
      return all;
    }
  }
}
