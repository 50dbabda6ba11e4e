package io.plimsoll.gate;

import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.SignedRound;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where a gate keeps its records: one per account, one for the venue, and logs that only grow
 * (rounds, attestations, evidence, and the journal of every decision). Implementations are
 * thread-safe.
 */
public interface GateStore {
  /**
   * Runs {@code work} as one serialisable transaction: it sees one state, all that it puts becomes
   * visible at once or not at all, and if it throws nothing is kept. The result is returned only
   * after everything is as durable as the store makes it. {@code work} may run several times before
   * it commits, so it must have no effect but through the transaction.
   */
  <R> R transact(Function<Transaction, R> work);

  /** Runs {@code work} on one state, as {@link #transact} does; it changes nothing. */
  <R> R read(Function<View, R> work);

  /** One state of a store. Used by one thread, within {@link #read} or {@link #transact} only. */
  interface View {
    /**
     * The one time of this view, read from the store's clock: not before that of any transaction
     * that committed earlier, even if the clock was set back.
     */
    long nowMillis();

    /** The record of an account. */
    Optional<AccountRecord> account(String account);

    /**
     * The names of accounts, ascending in an order that is this store's own and never changes.
     *
     * @param after names after this one alone, whether or not there is such an account; empty for
     *     the first
     * @param most how many at most
     */
    List<String> accounts(String after, int most);

    /** How many accounts there are. */
    long accountCount();

    /** The names of all accounts: for tests and audits, which look at all of them anyway. */
    default List<String> accounts() {
      return accounts("", Integer.MAX_VALUE);
    }

    /**
     * Up to when the suspended time of an account has been added up ({@link
     * AccountRecord#countedToMillis}).
     *
     * @param rank 1 for the account with the smallest such time, 2 for the next; that of the last
     *     account if there are not as many
     * @return {@link Long#MAX_VALUE} if there is no account
     */
    long countedTo(int rank);

    /** The names of the accounts for which that time is not after {@code millis}, in any order. */
    List<String> countedNotAfter(long millis);

    /** The venue's record; {@link VenueRecord#EMPTY} before the first. */
    VenueRecord venue();

    /** The entry of the round with this number. */
    Optional<PublishedRound> round(long sequence);

    /** The round that was published with this number, as the journal has it. */
    Optional<SignedRound> signedRound(long sequence);

    /** The attestation that was taken with this version. */
    Optional<Attestation> attestation(String account, Ed25519PublicKey attester, long version);

    /** All evidence, oldest first. */
    List<Evidence> evidence();

    /**
     * Records of the journal in order.
     *
     * @param from index of the first, 1 or more
     * @param most how many at most
     */
    List<JournalRecord> journal(long from, int most);

    /** The digest of the last policy in the journal; {@link Digest#ZERO} before the first. */
    Digest policyDigest();
  }

  /** What a transaction can do. */
  interface Transaction extends View {
    /**
     * Keeps a record, compare-and-set on its version: it must follow that of the record that is
     * kept, or be 1 if there is none.
     *
     * @throws IllegalStateException if it does not
     */
    void put(AccountRecord record);

    /**
     * Keeps the venue's record, compare-and-set on its version.
     *
     * @throws IllegalStateException if it does not follow that of the one that is kept
     */
    void put(VenueRecord record);

    /**
     * Adds an entry for a round, or marks one as disputed; nothing else about an entry changes.
     *
     * @throws IllegalStateException if there is another entry for its number
     */
    void append(PublishedRound round);

    /**
     * Adds an attestation, closing ones included.
     *
     * @throws IllegalStateException if there is another one with its version
     */
    void append(Attestation attestation);

    /** Adds evidence. */
    void append(Evidence evidence);

    /**
     * Adds a decision to the journal, chained to the last one.
     *
     * @return its record
     */
    JournalRecord append(Decision decision);
  }
}
