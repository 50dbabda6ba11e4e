package io.plimsoll.nativeprover;

/** Limits on the heap of the native library, which is Go's and no part of the JVM's. */
public final class NativeMemory {
  private NativeMemory() {}

  /**
   * Sets a soft limit, which Go's garbage collector works harder to keep, for the whole process.
   *
   * @param bytes 0 for none, or at least 64 MiB
   * @param gcPercent 10 to 1000: growth of the heap, in per cent of what is live, before the next
   *     collection; Go starts with 100
   * @throws IllegalArgumentException if a number is out of its bounds
   */
  public static void limit(long bytes, int gcPercent) {
    try {
      NativeLibrary.check(
          (text, capacity) ->
              NativeLibrary.plimsoll_limit_memory(bytes, gcPercent, text, capacity));
    } catch (ProvingException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
