package io.plimsoll.nativeprover;

import com.sun.jna.ptr.IntByReference;
import io.plimsoll.verifier.Digest;
import java.nio.file.Path;

/** gnark's own Groth16 prover: the reference that a faster one is compared with. Thread-safe. */
public final class StockGnarkProver extends NativeProver {
  private StockGnarkProver(Path directory, Digest circuitId, DevelopmentKeys developmentKeys)
      throws ProvingException {
    super(Kind.STOCK, directory, circuitId, developmentKeys);
  }

  /**
   * Loads a key directory and makes every check of key loading. Takes from a fraction of a second
   * to seconds.
   *
   * @param directory as {@link KeyCache#directory} names it
   * @param circuitId what the keys must be for; nothing else in the directory is trusted
   * @throws ProvingException of kind KEY_REJECTED or IO
   */
  public static StockGnarkProver open(
      Path directory, Digest circuitId, DevelopmentKeys developmentKeys) throws ProvingException {
    return new StockGnarkProver(directory, circuitId, developmentKeys);
  }

  /**
   * Checks a proof with gnark's verifier against the full public vector, holdings and blinding
   * included. This is the reference for the aggregated verifier; a venue never has this vector.
   *
   * @param publicVector 32 bytes per input, big-endian and below r, without the constant one
   * @param proof {@link #PROOF_BYTES} bytes of anything
   * @throws ProvingException of kind INVALID_ARGUMENT if lengths are wrong or an element is not
   *     below r
   */
  public boolean verifyWithFullVector(byte[] publicVector, byte[] proof) throws ProvingException {
    IntByReference accepted = new IntByReference();
    NativeLibrary.check(
        (text, capacity) ->
            NativeLibrary.plimsoll_verify(
                handle(),
                publicVector,
                publicVector.length,
                proof,
                proof.length,
                accepted,
                text,
                capacity));
    return accepted.getValue() == 1;
  }

  /**
   * Adds up multiples of the verifying key's points K with gnark's multi-scalar multiplication:
   * {@code K[first]} times the first scalar, and so on. K[0] belongs to the constant one, then come
   * the inputs of the public vector. This is the reference for prepared rounds and commitments,
   * which are such sums; attesters and venues use {@link io.plimsoll.verifier.VerifyingKey}.
   *
   * @param scalars 32 bytes each, big-endian and below r; at most as many as there are points
   * @return the sum as a compressed point
   * @throws ProvingException of kind INVALID_ARGUMENT if {@code first} is no point's index, there
   *     are too many scalars, or one is not below r
   */
  public byte[] publicSum(int first, byte[] scalars) throws ProvingException {
    byte[] point = new byte[NativeLibrary.POINT_BYTES];
    NativeLibrary.check(
        (text, capacity) ->
            NativeLibrary.plimsoll_public_sum(
                handle(), first, scalars, scalars.length, point, point.length, text, capacity));
    return point;
  }
}
