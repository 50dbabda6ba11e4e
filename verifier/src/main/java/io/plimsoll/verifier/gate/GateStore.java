package io.plimsoll.verifier.gate;

import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Ed25519PublicKey;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where a gate keeps its records: one per account, one for the venue, and three logs that only grow
 * (rounds, attestations, evidence). Implementations are thread-safe.
 */
public interface GateStore {
  /**
   * Runs {@code work} as one serialisable transaction: it sees one state, all that it puts becomes
   * visible at once or not at all, and if it throws nothing is kept. The result is returned only
   * after everything is as durable as the store makes it. {@code work} may run several times before
   * it commits, so it must have no effect but through the transaction.
   */
  <R> R transact(Function<Transaction, R> work);

  /** What a transaction can do. Used by one thread, within {@link #transact} only. */
  interface Transaction {
    /**
     * The transaction's one time, read from the store's clock inside it: not before that of any
     * transaction that committed earlier, even if the clock was set back.
     */
    long nowMillis();

    /** The record of an account. */
    Optional<AccountRecord> account(String account);

    /**
     * Keeps a record, compare-and-set on its version: it must follow that of the record that is
     * kept, or be 1 if there is none.
     *
     * @throws IllegalStateException if it does not
     */
    void put(AccountRecord record);

    /** The venue's record; {@link VenueRecord#EMPTY} before the first. */
    VenueRecord venue();

    /**
     * Keeps the venue's record, compare-and-set on its version.
     *
     * @throws IllegalStateException if it does not follow that of the one that is kept
     */
    void put(VenueRecord record);

    /** The entry of the round with this number. */
    Optional<PublishedRound> round(long sequence);

    /**
     * Adds an entry for a round, or marks one as disputed; nothing else about an entry changes.
     *
     * @throws IllegalStateException if there is another entry for its number
     */
    void append(PublishedRound round);

    /** The attestation that was taken with this version. */
    Optional<Attestation> attestation(String account, Ed25519PublicKey attester, long version);

    /**
     * Adds an attestation, closing ones included.
     *
     * @throws IllegalStateException if there is another one with its version
     */
    void append(Attestation attestation);

    /** Adds evidence. */
    void append(Evidence evidence);

    /** All evidence, oldest first. */
    List<Evidence> evidence();
  }
}
