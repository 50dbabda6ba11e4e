package io.plimsoll.nativeprover;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.plimsoll.verifier.Digest;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Makes development keys: a single party draws the secret numbers, so it could forge proofs. The
 * manifest and the circuit id say so, and nothing loads such keys unless its policy allows them by
 * name.
 */
public final class DevelopmentSetup {
  private DevelopmentSetup() {}

  /**
   * Makes keys for a model in a new directory, named by the circuit id in hex. It appears complete
   * or not at all, whatever happens meanwhile.
   *
   * @param model bytes of the {@code MarginModel} message
   * @param keysDirectory where the new directory goes; created if missing
   * @param progress told the start of every stage, on the calling thread. If it throws, it is told
   *     no more, and its exception is thrown when the keys have been made.
   * @return the circuit id
   * @throws ProvingException of kind INVALID_ARGUMENT (the model breaks a rule) or IO
   */
  public static Digest run(byte[] model, Path keysDirectory, Consumer<SetupStage> progress)
      throws ProvingException {
    requireNonNull(progress, "progress");
    byte[] path = keysDirectory.toAbsolutePath().toString().getBytes(UTF_8);
    byte[] circuitId = new byte[Digest.BYTES];
    // An exception must not unwind through the library, so it waits here until the call is over.
    AtomicReference<RuntimeException> failure = new AtomicReference<>();
    NativeLibrary.Progress callback =
        stage -> {
          try {
            if (failure.get() == null) {
              progress.accept(SetupStage.of(stage));
            }
          } catch (RuntimeException e) {
            failure.set(e);
          }
        };
    NativeLibrary.check(
        (text, capacity) ->
            NativeLibrary.plimsoll_setup(
                model,
                model.length,
                path,
                path.length,
                callback,
                circuitId,
                circuitId.length,
                text,
                capacity));
    if (failure.get() != null) {
      throw failure.get();
    }
    return Digest.fromBytes(circuitId);
  }
}
