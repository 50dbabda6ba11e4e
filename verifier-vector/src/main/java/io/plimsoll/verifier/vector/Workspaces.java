package io.plimsoll.verifier.vector;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Workspaces that are kept for the next call: a few, without locks, and no thread's own. What they
 * hold is public. Thread-safe.
 */
final class Workspaces {
  private static final int KEPT = 8;

  private final long[] image;
  private final AtomicReferenceArray<long[]> kept = new AtomicReferenceArray<>(KEPT);

  /**
   * Keeps copies of a workspace.
   *
   * @param image constants set
   */
  Workspaces(long[] image) {
    this.image = image;
  }

  /** One that nobody else uses, with whatever the last call left in it but for the constants. */
  long[] take() {
    for (int i = 0; i < KEPT; i++) {
      long[] w = kept.get(i) == null ? null : kept.getAndSet(i, null);
      if (w != null) {
        return w;
      }
    }
    return image.clone();
  }

  /** Lets others use it. */
  void give(long[] w) {
    for (int i = 0; i < KEPT; i++) {
      if (kept.compareAndSet(i, null, w)) {
        return;
      }
    }
  }
}
