package io.plimsoll.nativeprover;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.jna.ptr.LongByReference;
import io.plimsoll.nativeprover.NativeLibrary.Secret;
import io.plimsoll.verifier.Digest;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The same statement in the usual way, for benchmarks alone: risk table and portfolio are private,
 * bound by public Poseidon2 digests, and proven with gnark's own prover. Development keys only.
 */
public final class HashingBaseline implements AutoCloseable {
  private final long handle;
  private final long constraints;
  private final AtomicBoolean closed = new AtomicBoolean();

  private HashingBaseline(long handle, long constraints) {
    this.handle = handle;
    this.constraints = constraints;
  }

  /**
   * Compiles the circuit for the model of a key directory, finds or makes its keys there (the first
   * time takes a minute or so), and checks that one proof is accepted.
   *
   * @param input what every proof is about
   */
  public static HashingBaseline open(Path directory, Digest circuitId, ProvingInput input)
      throws ProvingException {
    input.requireOpen();
    byte[] path = directory.toAbsolutePath().toString().getBytes(UTF_8);
    byte[] id = circuitId.toByteArray();
    LongByReference handle = new LongByReference();
    LongByReference constraints = new LongByReference();
    try (Secret holdings = new Secret(input.holdings);
        Secret choices = new Secret(input.choices);
        Secret blinding = new Secret(input.blinding)) {
      NativeLibrary.check(
          (text, capacity) ->
              NativeLibrary.plimsoll_baseline_open(
                  path,
                  path.length,
                  id,
                  id.length,
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
                  constraints,
                  handle,
                  text,
                  capacity));
    }
    return new HashingBaseline(handle.getValue(), constraints.getValue());
  }

  /** Number of rows of its constraint system. */
  public long constraints() {
    return constraints;
  }

  /** Makes one proof and throws it away. */
  public void prove() throws ProvingException {
    NativeLibrary.check(
        (text, capacity) -> NativeLibrary.plimsoll_baseline_prove(handle, text, capacity));
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      byte[] text = new byte[1];
      NativeLibrary.plimsoll_baseline_close(handle, text, text.length);
    }
  }
}
