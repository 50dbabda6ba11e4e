package io.plimsoll.attester;

import io.plimsoll.gate.Execution;
import io.plimsoll.gate.LiquidationOrder;
import io.plimsoll.gate.Release;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.util.Optional;

/**
 * A venue, as an attester sees it. What it answers is checked by whoever asks: attestations carry
 * the attester's own signature, releases and orders the venue's. Implementations are thread-safe.
 *
 * <p>A call waits as long as the venue lets it: nothing but that venue's own accounts waits with
 * it. Every call may throw {@link AccountRefusedException} in the place of another {@code
 * IOException}.
 */
public interface VenuePort {
  /** What a venue did with an attestation. */
  sealed interface Delivery {
    /** It has it, now or from before. */
    record Taken() implements Delivery {}

    /**
     * Not now; the same bytes may be taken later.
     *
     * @param detail why; no secrets
     */
    record Later(String detail) implements Delivery {}

    /**
     * Never.
     *
     * @param detail why; no secrets
     * @param otherHistory it refers to another attestation before it than the venue has: somebody
     *     else has signed with this key, or this attester has lost its memory
     */
    record Refused(String detail, boolean otherHistory) implements Delivery {}
  }

  /**
   * The venue answers, but refuses to about this account; others may be asked about all the same.
   */
  final class AccountRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * A refusal.
     *
     * @param detail why; no secrets
     */
    public AccountRefusedException(String detail, Throwable cause) {
      super(detail, cause);
    }
  }

  /**
   * The last attestation of an attester that the venue has for an account, a closing one included.
   *
   * @throws IOException if the venue cannot be asked now
   * @throws InvalidFormatException if the answer is not an attestation with a valid signature
   */
  Optional<Attestation> latest(String account, Ed25519PublicKey attester)
      throws IOException, InvalidFormatException;

  /**
   * Delivers an attestation; a closing one asks to leave the roster.
   *
   * @param forced it could not wait, because what is kept has become less
   * @throws IOException if it is not known whether the venue has it
   */
  Delivery deliver(Attestation attestation, boolean forced) throws IOException;

  /**
   * Delivers what is left after a liquidation order was executed.
   *
   * @throws IOException if it is not known whether the venue has it
   */
  Delivery deliver(Execution execution) throws IOException;

  /**
   * The venue's release of an attester's older attestations for an account, if it gives one.
   *
   * @throws IOException if the venue cannot be asked now
   * @throws InvalidFormatException if the answer is no signed release
   */
  Optional<VenueSigned<Release>> release(String account, Ed25519PublicKey attester)
      throws IOException, InvalidFormatException;

  /**
   * The liquidation order that runs for an account.
   *
   * @throws IOException if the venue cannot be asked now
   * @throws InvalidFormatException if the answer is no signed order
   */
  Optional<VenueSigned<LiquidationOrder>> order(String account)
      throws IOException, InvalidFormatException;
}
