package io.plimsoll.nativeprover;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.jna.ptr.LongByReference;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The setup ceremony that production keys come from: a directory of files that a coordinator and
 * contributors hand around. Every step checks all that is there, from the model on, before it adds
 * its file; nothing is ever replaced. {@code docs/ceremony.md} says who does what.
 *
 * <p>Methods throw {@link ProvingException} of kind CEREMONY_REJECTED (the directory is not what it
 * has to be, or the step is not allowed; the message names the file), INVALID_ARGUMENT or IO.
 */
public final class SetupCeremony {
  private SetupCeremony() {}

  /**
   * Starts a ceremony.
   *
   * @param model bytes of the {@code MarginModel} message
   * @param beaconRule how both beacons will be taken: 1 to 256 printable ASCII characters, which
   *     every contributor signs
   * @param directory made if missing; must not hold a ceremony
   */
  public static CeremonyReport begin(byte[] model, String beaconRule, Path directory)
      throws ProvingException {
    byte[] rule = beaconRule.getBytes(UTF_8);
    byte[] path = path(directory);
    return report(
        (out, written, text, capacity) ->
            CeremonyLibrary.plimsoll_ceremony_begin(
                model,
                model.length,
                rule,
                rule.length,
                path,
                path.length,
                out,
                out.length,
                written,
                text,
                capacity));
  }

  /** Checks everything again, and the keys in the directory if the ceremony has ended. */
  public static CeremonyReport verify(Path directory) throws ProvingException {
    byte[] path = path(directory);
    return report(
        (out, written, text, capacity) ->
            CeremonyLibrary.plimsoll_ceremony_verify(
                path, path.length, out, out.length, written, text, capacity));
  }

  /**
   * Ends the open phase, and with phase 2 the ceremony: the keys are then in the directory {@code
   * keys}, with the tuned prover's bundle.
   *
   * @param beacon 16 to 1024 bytes, not all zero, as the beacon rule says
   */
  public static CeremonyReport seal(Path directory, byte[] beacon) throws ProvingException {
    byte[] path = path(directory);
    return report(
        (out, written, text, capacity) ->
            CeremonyLibrary.plimsoll_ceremony_seal(
                path,
                path.length,
                beacon,
                beacon.length,
                out,
                out.length,
                written,
                text,
                capacity));
  }

  /**
   * Makes a contribution in memory, with fresh secret numbers that are forgotten at once. It counts
   * when it has been appended.
   *
   * @param identity the contributor's Ed25519 key, which has not contributed to the phase before
   */
  public static Contribution contribute(Path directory, Ed25519PublicKey identity)
      throws ProvingException {
    byte[] path = path(directory);
    byte[] key = identity.toByteArray();
    byte[] message = new byte[limit("limit.CONTRIBUTION_MESSAGE_BYTES")];
    LongByReference written = new LongByReference();
    LongByReference handle = new LongByReference();
    NativeLibrary.check(
        (text, capacity) ->
            CeremonyLibrary.plimsoll_ceremony_contribute(
                path,
                path.length,
                key,
                key.length,
                message,
                message.length,
                written,
                handle,
                text,
                capacity));
    return new Contribution(
        handle.getValue(), Arrays.copyOf(message, Math.toIntExact(written.getValue())));
  }

  /** A contribution that waits for its signature. */
  public static final class Contribution implements AutoCloseable {
    private final long handle;
    private final byte[] message;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Contribution(long handle, byte[] message) {
      this.handle = handle;
      this.message = message;
    }

    /** What the contributor has to sign with Ed25519. */
    public byte[] message() {
      return message.clone();
    }

    /**
     * Writes the contribution's file.
     *
     * @param signature of {@link #message}, 64 bytes
     */
    public synchronized CeremonyReport append(byte[] signature) throws ProvingException {
      return report(
          (out, written, text, capacity) ->
              CeremonyLibrary.plimsoll_ceremony_append(
                  handle, signature, signature.length, out, out.length, written, text, capacity));
    }

    @Override
    public void close() {
      if (closed.compareAndSet(false, true)) {
        byte[] text = new byte[1];
        CeremonyLibrary.plimsoll_ceremony_discard(handle, text, text.length);
      }
    }
  }

  /** An export that writes a report. */
  @FunctionalInterface
  private interface Step {
    int invoke(byte[] out, LongByReference written, byte[] text, int capacity);
  }

  private static CeremonyReport report(Step step) throws ProvingException {
    byte[] out = new byte[limit("limit.CEREMONY_REPORT_BYTES")];
    LongByReference written = new LongByReference();
    NativeLibrary.check((text, capacity) -> step.invoke(out, written, text, capacity));
    return CeremonyReport.read(Arrays.copyOf(out, Math.toIntExact(written.getValue())));
  }

  private static int limit(String name) {
    return Math.toIntExact(NativeLibrary.table().get(name));
  }

  private static byte[] path(Path directory) {
    return directory.toAbsolutePath().toString().getBytes(UTF_8);
  }

  /** The names of the files, for messages. */
  static String contributionFile(int phase, int place) {
    return String.format("phase%d-%04d.contribution", phase, place);
  }

  /** A digest of 32 bytes from a message. */
  static Digest digest(com.google.protobuf.ByteString bytes) {
    return Digest.fromBytes(bytes.toByteArray());
  }
}
