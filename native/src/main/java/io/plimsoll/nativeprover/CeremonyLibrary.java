package io.plimsoll.nativeprover;

import com.sun.jna.Native;
import com.sun.jna.ptr.LongByReference;

/** The exports behind {@link SetupCeremony}, as {@link NativeLibrary} has the others. */
final class CeremonyLibrary {
  static {
    // Finds the library and compares its version.
    NativeLibrary.table();
    Native.register(CeremonyLibrary.class, "plimsoll");
  }

  private CeremonyLibrary() {}

  static native int plimsoll_ceremony_begin(
      byte[] model,
      long modelLength,
      byte[] rule,
      long ruleLength,
      byte[] directory,
      long directoryLength,
      byte[] out,
      long outLength,
      LongByReference written,
      byte[] text,
      int capacity);

  static native int plimsoll_ceremony_verify(
      byte[] directory,
      long directoryLength,
      byte[] out,
      long outLength,
      LongByReference written,
      byte[] text,
      int capacity);

  static native int plimsoll_ceremony_seal(
      byte[] directory,
      long directoryLength,
      byte[] beacon,
      long beaconLength,
      byte[] out,
      long outLength,
      LongByReference written,
      byte[] text,
      int capacity);

  static native int plimsoll_ceremony_contribute(
      byte[] directory,
      long directoryLength,
      byte[] identity,
      long identityLength,
      byte[] out,
      long outLength,
      LongByReference written,
      LongByReference handle,
      byte[] text,
      int capacity);

  static native int plimsoll_ceremony_append(
      long handle,
      byte[] signature,
      long signatureLength,
      byte[] out,
      long outLength,
      LongByReference written,
      byte[] text,
      int capacity);

  static native int plimsoll_ceremony_discard(long handle, byte[] text, int capacity);
}
