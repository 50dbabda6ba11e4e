package io.plimsoll.nativeprover;

import io.plimsoll.verifier.Digest;
import java.nio.file.Path;

/**
 * The prover of our own: gnark's keys and gnark's proofs, several times faster than {@link
 * StockGnarkProver}. Thread-safe.
 *
 * <p>A proof that is alone uses all processors; proofs that are made at the same time share them.
 * What depends on the last rounds and accounts alone is kept, within bounds, and used again only
 * for exactly the same coefficients or holdings; {@link #close} wipes it.
 */
public final class GnarkProver extends NativeProver {
  private GnarkProver(Path directory, Digest circuitId, DevelopmentKeys developmentKeys)
      throws ProvingException {
    super(Kind.TUNED, directory, circuitId, developmentKeys);
  }

  /**
   * Opens a key directory: compares every file with its digest and the digests with the circuit id,
   * and maps {@code prover.bundle} into memory, which takes a fraction of a second. A bundle that
   * is missing, damaged or not from these keys is made again, after every check of key loading.
   * That takes seconds.
   *
   * @param directory as {@link KeyCache#directory} names it
   * @param circuitId what the keys must be for; nothing else in the directory is trusted
   * @throws ProvingException of kind KEY_REJECTED or IO
   */
  public static GnarkProver open(Path directory, Digest circuitId, DevelopmentKeys developmentKeys)
      throws ProvingException {
    return new GnarkProver(directory, circuitId, developmentKeys);
  }
}
