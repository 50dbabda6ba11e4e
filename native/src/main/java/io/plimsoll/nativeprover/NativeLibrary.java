package io.plimsoll.nativeprover;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.jna.Callback;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import io.plimsoll.nativeprover.ProvingException.Kind;
import java.util.HashMap;
import java.util.Map;

/**
 * The exports of {@code libplimsoll}, by JNA direct mapping. Lengths are in elements. Every export
 * but the table returns a {@link Status} code and, unless it is OK, a text. The library checks
 * pointers, lengths and handles itself.
 */
final class NativeLibrary {
  /** Version of the exports that this class was written for. */
  static final int VERSION = 7;

  static final int CONTEXT_BYTES = 16;
  static final int BLINDING_BYTES = 32;
  static final int ELEMENT_BYTES = 32;
  static final int POINT_BYTES = 32;

  /** Length of the buffer for an error's text; longer texts are cut. */
  private static final int ERROR_BYTES = 4096;

  private static final Map<String, Long> TABLE;

  static {
    try {
      Native.register(NativeLibrary.class, "plimsoll");
    } catch (UnsatisfiedLinkError e) {
      throw new IllegalStateException(
          "no native library for this machine: the jar of plimsoll-native must have been built on "
              + Platform.RESOURCE_PREFIX,
          e);
    }
    TABLE = readTable();
    Long version = TABLE.get("version");
    if (version == null || version != VERSION) {
      throw new IllegalStateException(
          "the native library has version " + version + " instead of " + VERSION);
    }
  }

  private NativeLibrary() {}

  /** Receives the stages of key generation, on the calling thread. */
  interface Progress extends Callback {
    void invoke(int stage);
  }

  static native int plimsoll_table(byte[] out, int capacity);

  static native int plimsoll_panic(int inGoroutine, byte[] text, int capacity);

  static native int plimsoll_limit_memory(long limit, int gcPercent, byte[] text, int capacity);

  static native int plimsoll_compile(
      byte[] model, long modelLength, LongByReference handle, byte[] text, int capacity);

  static native int plimsoll_release(long handle, byte[] text, int capacity);

  static native int plimsoll_statistics(
      long handle, byte[] out, long outLength, LongByReference written, byte[] text, int capacity);

  static native int plimsoll_evaluate(
      long handle,
      long numerator,
      long denominator,
      long[] coefficients,
      long coefficientsLength,
      Pointer holdings,
      long holdingsLength,
      Pointer choices,
      long choicesLength,
      byte[] out,
      long outLength,
      byte[] text,
      int capacity);

  static native int plimsoll_satisfies(
      long handle,
      byte[] context,
      long contextLength,
      long numerator,
      long denominator,
      long[] coefficients,
      long coefficientsLength,
      Pointer holdings,
      long holdingsLength,
      Pointer choices,
      long choicesLength,
      Pointer blinding,
      long blindingLength,
      byte[] text,
      int capacity);

  static native int plimsoll_setup(
      byte[] model,
      long modelLength,
      byte[] directory,
      long directoryLength,
      Progress progress,
      byte[] circuitId,
      long circuitIdLength,
      byte[] text,
      int capacity);

  static native int plimsoll_open(
      int prover,
      byte[] directory,
      long directoryLength,
      byte[] circuitId,
      long circuitIdLength,
      int allowDevelopment,
      LongByReference handle,
      byte[] text,
      int capacity);

  static native int plimsoll_close(long handle, byte[] text, int capacity);

  static native int plimsoll_prove(
      long handle,
      byte[] context,
      long contextLength,
      long numerator,
      long denominator,
      long[] coefficients,
      long coefficientsLength,
      Pointer holdings,
      long holdingsLength,
      Pointer choices,
      long choicesLength,
      Pointer blinding,
      long blindingLength,
      byte[] proof,
      long proofLength,
      byte[] text,
      int capacity);

  static native int plimsoll_verify(
      long handle,
      byte[] publicVector,
      long publicVectorLength,
      byte[] proof,
      long proofLength,
      IntByReference accepted,
      byte[] text,
      int capacity);

  static native int plimsoll_public_sum(
      long handle,
      long first,
      byte[] scalars,
      long scalarsLength,
      byte[] point,
      long pointLength,
      byte[] text,
      int capacity);

  static native int plimsoll_baseline_open(
      byte[] directory,
      long directoryLength,
      byte[] circuitId,
      long circuitIdLength,
      byte[] context,
      long contextLength,
      long numerator,
      long denominator,
      long[] coefficients,
      long coefficientsLength,
      Pointer holdings,
      long holdingsLength,
      Pointer choices,
      long choicesLength,
      Pointer blinding,
      long blindingLength,
      LongByReference constraints,
      LongByReference handle,
      byte[] text,
      int capacity);

  static native int plimsoll_baseline_prove(long handle, byte[] text, int capacity);

  static native int plimsoll_baseline_close(long handle, byte[] text, int capacity);

  /** The library's own list of codes, lengths and limits. */
  static Map<String, Long> table() {
    return TABLE;
  }

  private static Map<String, Long> readTable() {
    byte[] buffer = new byte[plimsoll_table(null, 0)];
    plimsoll_table(buffer, buffer.length);
    Map<String, Long> table = new HashMap<>();
    new String(buffer, UTF_8)
        .lines()
        .forEach(
            line -> {
              int space = line.indexOf(' ');
              table.put(line.substring(0, space), Long.parseLong(line.substring(space + 1)));
            });
    return Map.copyOf(table);
  }

  /** A call of an export, given the buffer for the text and its length. */
  @FunctionalInterface
  interface Call {
    int invoke(byte[] text, int capacity);
  }

  /**
   * Makes a call and turns its status into an exception.
   *
   * @throws IllegalStateException if the handle is closed
   */
  static void check(Call call) throws ProvingException {
    byte[] text = new byte[ERROR_BYTES];
    Status status = Status.of(call.invoke(text, text.length));
    switch (status) {
      case OK -> {}
      case UNKNOWN_HANDLE -> throw new IllegalStateException("closed");
      case INVALID_ARGUMENT -> throw new ProvingException(Kind.INVALID_ARGUMENT, message(text));
      case NOT_SOLVENT -> throw new ProvingException(Kind.NOT_SOLVENT, message(text));
      case KEY_REJECTED -> throw new ProvingException(Kind.KEY_REJECTED, message(text));
      case IO -> throw new ProvingException(Kind.IO, message(text));
      case CEREMONY_REJECTED -> throw new ProvingException(Kind.CEREMONY_REJECTED, message(text));
      case INTERNAL -> throw new ProvingException(Kind.INTERNAL, message(text));
    }
  }

  static String message(byte[] text) {
    int length = 0;
    while (length < text.length && text[length] != 0) {
      length++;
    }
    return new String(text, 0, length, UTF_8);
  }

  /**
   * A secret in native memory, wiped on close. An array argument would be copied by JNA into memory
   * that nobody wipes.
   */
  static final class Secret implements AutoCloseable {
    private final Memory memory;

    Secret(long[] values) {
      memory = values.length == 0 ? null : new Memory((long) values.length * Long.BYTES);
      if (memory != null) {
        memory.write(0, values, 0, values.length);
      }
    }

    Secret(byte[] values) {
      memory = values.length == 0 ? null : new Memory(values.length);
      if (memory != null) {
        memory.write(0, values, 0, values.length);
      }
    }

    Pointer pointer() {
      return memory;
    }

    @Override
    public void close() {
      if (memory != null) {
        memory.clear();
        memory.close();
      }
    }

    @Override
    public String toString() {
      return "Secret";
    }
  }
}
