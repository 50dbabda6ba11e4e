package io.plimsoll.nativeprover;

import com.sun.jna.Native;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;

/** The exports behind {@link GnarkReference}, as {@link NativeLibrary} has the others. */
final class ReferenceLibrary {
  static {
    // Finds the library and compares its version.
    NativeLibrary.table();
    Native.register(ReferenceLibrary.class, "plimsoll");
  }

  private ReferenceLibrary() {}

  static native int plimsoll_reference_open(
      byte[] file, long fileLength, LongByReference handle, byte[] text, int capacity);

  static native int plimsoll_reference_close(long handle, byte[] text, int capacity);

  static native int plimsoll_reference_verify(
      long handle,
      int method,
      byte[] round,
      long roundLength,
      byte[] commitments,
      long commitmentsLength,
      byte[] context,
      long contextLength,
      int numerator,
      int denominator,
      byte[] proof,
      long proofLength,
      IntByReference accepted,
      long[] durations,
      long durationsLength,
      byte[] text,
      int capacity);

  static native int plimsoll_reference_sum(
      long handle,
      long first,
      long[] scalars,
      long scalarsLength,
      byte[] blinding,
      long blindingLength,
      byte[] point,
      long pointLength,
      long[] durations,
      long durationsLength,
      byte[] text,
      int capacity);
}
