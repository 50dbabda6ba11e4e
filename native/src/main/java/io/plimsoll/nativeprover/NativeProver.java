package io.plimsoll.nativeprover;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.sun.jna.ptr.LongByReference;
import io.plimsoll.nativeprover.NativeLibrary.Secret;
import io.plimsoll.verifier.Digest;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** A prover of the native library, in this process. Thread-safe. */
abstract sealed class NativeProver implements SolvencyProver permits GnarkProver, StockGnarkProver {
  /** Which prover of the library. A test compares the codes with the library's own table. */
  enum Kind {
    STOCK(0),
    TUNED(1);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  private final long handle;
  private final Digest circuitId;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Opens a key directory, with the checks of key loading. */
  NativeProver(Kind kind, Path directory, Digest circuitId, DevelopmentKeys developmentKeys)
      throws ProvingException {
    requireNonNull(developmentKeys, "developmentKeys");
    this.circuitId = circuitId;
    byte[] path = directory.toAbsolutePath().toString().getBytes(UTF_8);
    byte[] id = circuitId.toByteArray();
    LongByReference opened = new LongByReference();
    NativeLibrary.check(
        (text, capacity) ->
            NativeLibrary.plimsoll_open(
                kind.code(),
                path,
                path.length,
                id,
                id.length,
                developmentKeys == DevelopmentKeys.ALLOWED ? 1 : 0,
                opened,
                text,
                capacity));
    handle = opened.getValue();
  }

  /** Opens what a frame asks for. */
  static NativeProver open(ProverFrames.Opening opening) throws ProvingException {
    return switch (opening.kind()) {
      case STOCK ->
          StockGnarkProver.open(
              opening.directory(), opening.circuitId(), opening.developmentKeys());
      case TUNED ->
          GnarkProver.open(opening.directory(), opening.circuitId(), opening.developmentKeys());
    };
  }

  long handle() {
    return handle;
  }

  @Override
  public final Digest circuitId() {
    return circuitId;
  }

  @Override
  public final byte[] prove(ProvingInput input) throws ProvingException {
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

  @Override
  public final void close() {
    if (closed.compareAndSet(false, true)) {
      // Cannot fail but for the system refusing to unmap: the handle is open, and nothing else
      // closes it.
      byte[] text = new byte[1];
      NativeLibrary.plimsoll_close(handle, text, text.length);
    }
  }
}
