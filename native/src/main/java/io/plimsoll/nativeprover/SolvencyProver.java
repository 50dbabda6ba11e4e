package io.plimsoll.nativeprover;

import io.plimsoll.verifier.Digest;
import java.util.List;

/**
 * Proves that holdings meet a circuit's margin rule. Thread-safe. {@code SolvencyProverContract}, a
 * test, says what every implementation has to do.
 */
public interface SolvencyProver extends AutoCloseable {
  /** Length of a proof: A, B, Krs compressed. */
  int PROOF_BYTES = 128;

  /** The circuit whose keys this prover holds. */
  Digest circuitId();

  /**
   * Makes a proof, with fresh randomness each time.
   *
   * <p>The bytes have not been verified. Nobody may let them out before a verifier has accepted
   * them: that also keeps a wrong proving key from telling anything about the holdings.
   *
   * @return {@link #PROOF_BYTES} bytes
   * @throws ProvingException of kind INVALID_ARGUMENT or NOT_SOLVENT, or INTERNAL if the library is
   *     defective
   * @throws IllegalStateException if this prover or the input is closed
   */
  byte[] prove(ProvingInput input) throws ProvingException;

  /**
   * Makes a proof for each input, as {@link #prove} does, as many at a time as there are
   * processors: more proofs in all than one after the other, each of which takes longer. Meant for
   * many accounts on one round.
   *
   * @return an outcome for each input, in order
   * @throws IllegalStateException if this prover or an input is closed
   */
  default List<ProofOutcome> proveAll(List<ProvingInput> inputs) {
    return ProofOutcome.ofAll(this, inputs);
  }

  /**
   * Waits for the proofs in flight and gives the keys' memory back. Does nothing the second time.
   */
  @Override
  void close();
}
