package io.plimsoll.nativeprover;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import io.plimsoll.nativeprover.NativeLibrary.Secret;
import io.plimsoll.verifier.Digest;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** gnark's own Groth16 prover: the reference that a faster one is compared with. Thread-safe. */
public final class StockGnarkProver implements SolvencyProver {
  private final long handle;
  private final Digest circuitId;
  private final AtomicBoolean closed = new AtomicBoolean();

  private StockGnarkProver(long handle, Digest circuitId) {
    this.handle = handle;
    this.circuitId = circuitId;
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
    requireNonNull(developmentKeys, "developmentKeys");
    byte[] path = directory.toAbsolutePath().toString().getBytes(UTF_8);
    byte[] id = circuitId.toByteArray();
    LongByReference handle = new LongByReference();
    NativeLibrary.check(
        (text, capacity) ->
            NativeLibrary.plimsoll_open(
                path,
                path.length,
                id,
                id.length,
                developmentKeys == DevelopmentKeys.ALLOWED ? 1 : 0,
                handle,
                text,
                capacity));
    return new StockGnarkProver(handle.getValue(), circuitId);
  }

  @Override
  public Digest circuitId() {
    return circuitId;
  }

  @Override
  public byte[] prove(ProvingInput input) throws ProvingException {
    input.requireOpen();
    byte[] proof = new byte[PROOF_BYTES];
    try (Secret holdings = new Secret(input.holdings);
        Secret choices = new Secret(input.choices);
        Secret blinding = new Secret(input.blinding)) {
      NativeLibrary.check(
          (text, capacity) ->
              NativeLibrary.plimsoll_prove(
                  handle,
                  input.context,
                  input.context.length,
                  input.numerator,
                  input.denominator,
                  input.coefficients,
                  input.coefficients.length,
                  holdings.pointer(),
                  input.holdings.length,
                  choices.pointer(),
                  input.choices.length,
                  blinding.pointer(),
                  input.blinding.length,
                  proof,
                  proof.length,
                  text,
                  capacity));
    }
    return proof;
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
                handle,
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
                handle, first, scalars, scalars.length, point, point.length, text, capacity));
    return point;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      // Cannot fail: the handle is open, and nothing else closes it.
      byte[] text = new byte[1];
      NativeLibrary.plimsoll_close(handle, text, text.length);
    }
  }
}
