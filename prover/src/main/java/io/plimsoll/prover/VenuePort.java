package io.plimsoll.prover;

import io.plimsoll.proto.v1.SolvencyProof;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.SignedRound;
import java.util.function.Consumer;

/** A venue's gate, as an owner's prover uses it. Implementations are thread-safe. */
public interface VenuePort extends AutoCloseable {
  /**
   * Hands in a proof. It may be handed in again.
   *
   * @return the venue's receipt as it came, which nobody has checked
   * @throws VenueUnavailableException if there is no answer
   * @throws InterruptedException if interrupted
   */
  byte[] submit(SolvencyProof proof) throws VenueUnavailableException, InterruptedException;

  /**
   * Checks a receipt: the venue's own signature, and that it is for this proof.
   *
   * @throws InvalidFormatException if it is not; names the field
   */
  Receipt check(byte[] receipt, SolvencyProof proof) throws InvalidFormatException;

  /**
   * Hands on the venue's last round and every newer one, until the connection breaks.
   *
   * @param fromSequence rounds before this are of no use
   * @throws VenueUnavailableException when the connection breaks, or the venue ends it
   * @throws InterruptedException when interrupted, which is how it is ended
   */
  void followRounds(long fromSequence, Consumer<SignedRound> rounds)
      throws VenueUnavailableException, InterruptedException;

  /**
   * What the venue has of an account: what proofs for it are made for.
   *
   * @param circuitId of the prover's circuit
   * @throws VenueUnavailableException if there is no answer, or none for this caller
   * @throws InterruptedException if interrupted
   */
  AccountState account(Digest circuitId, String account)
      throws VenueUnavailableException, InterruptedException;

  /** Hangs up. */
  @Override
  void close();

  /**
   * A receipt that was checked.
   *
   * @param accepted whether the proof counts
   * @param detail why not, for people; else empty
   */
  record Receipt(boolean accepted, String detail) {}
}
