package io.plimsoll.verifier.bn254;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/**
 * Objects that are made once and lent to one user at a time. A few are kept in slots that threads
 * take from and give back to without locks; a thread that finds none makes one, and one that finds
 * no room drops its own. No thread owns any, so nothing outlives the class that has the pool.
 * Thread-safe.
 */
public final class Pool<T> {
  private static final int SLOTS = 32;

  /** Slots that are looked into: as good as any, and next to each other. */
  private static final int LOOKS = 4;

  private final AtomicReferenceArray<T> kept = new AtomicReferenceArray<>(SLOTS);
  private final Supplier<T> maker;

  /** An empty pool. */
  public Pool(Supplier<T> maker) {
    this.maker = maker;
  }

  private static int slot() {
    return (int) Thread.currentThread().getId() * LOOKS;
  }

  /** One that nobody else uses, until {@link #give}. As its last user left it. */
  public T take() {
    int slot = slot();
    for (int i = 0; i < LOOKS; i++) {
      T object = kept.getAndSet((slot + i) & (SLOTS - 1), null);
      if (object != null) {
        return object;
      }
    }
    return maker.get();
  }

  /** Lets others use it. Whoever fails in between may simply not call this. */
  public void give(T object) {
    int slot = slot();
    for (int i = 0; i < LOOKS; i++) {
      if (kept.compareAndSet((slot + i) & (SLOTS - 1), null, object)) {
        return;
      }
    }
  }
}
