package io.plimsoll.nativeprover;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.sun.jna.ptr.LongByReference;
import io.plimsoll.nativeprover.NativeLibrary.Secret;
import io.plimsoll.verifier.Digest;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The prover of our own: gnark's keys and gnark's proofs, several times faster than {@link
 * StockGnarkProver}. Thread-safe.
 *
 * <p>A proof that is alone uses all processors; proofs that are made at the same time share them.
 * What depends on the last rounds and accounts alone is kept, within bounds, and used again only
 * for exactly the same coefficients or holdings; {@link #close} wipes it.
 */
public final class GnarkProver implements SolvencyProver {
  private final long handle;
  private final Digest circuitId;
  private final AtomicBoolean closed = new AtomicBoolean();

  private GnarkProver(long handle, Digest circuitId) {
    this.handle = handle;
    this.circuitId = circuitId;
  }

  /**
   * Loads a key directory and makes every check of key loading. The first time, what is computed
   * from the keys takes seconds and is left in the directory as {@code prover.bundle}; afterwards
   * it takes a fraction of a second. A bundle that is damaged, or not from these keys, is made
   * again.
   *
   * @param directory as {@link KeyCache#directory} names it
   * @param circuitId what the keys must be for; nothing else in the directory is trusted
   * @throws ProvingException of kind KEY_REJECTED or IO
   */
  public static GnarkProver open(Path directory, Digest circuitId, DevelopmentKeys developmentKeys)
      throws ProvingException {
    requireNonNull(developmentKeys, "developmentKeys");
    byte[] path = directory.toAbsolutePath().toString().getBytes(UTF_8);
    byte[] id = circuitId.toByteArray();
    LongByReference handle = new LongByReference();
    NativeLibrary.check(
        (text, capacity) ->
            NativeLibrary.plimsoll_tuned_open(
                path,
                path.length,
                id,
                id.length,
                developmentKeys == DevelopmentKeys.ALLOWED ? 1 : 0,
                handle,
                text,
                capacity));
    return new GnarkProver(handle.getValue(), circuitId);
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
              NativeLibrary.plimsoll_tuned_prove(
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

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      // Cannot fail: the handle is open, and nothing else closes it.
      byte[] text = new byte[1];
      NativeLibrary.plimsoll_tuned_close(handle, text, text.length);
    }
  }
}
