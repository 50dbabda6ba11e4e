package io.plimsoll.verifier.bn254;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The memory that one verification needs in between, kept for the next one. A few are kept in slots
 * that threads take from and give back to without locks; a thread that finds none makes one, and
 * one that finds no room drops its own. No thread owns any, so nothing outlives the class.
 */
final class Workspace {
  private static final int SLOTS = 32;

  /** Slots that are looked into: as good as any, and next to each other. */
  private static final int LOOKS = 4;

  private static final AtomicReferenceArray<Workspace> KEPT = new AtomicReferenceArray<>(SLOTS);

  final Tower tower = new Tower();
  final Pairing.MillerLoop loop = new Pairing.MillerLoop(tower);
  final Pairing.FinalExponentiation finalExponentiation = new Pairing.FinalExponentiation(tower);
  final Fp2 u = new Fp2();
  final Fp t = new Fp();

  private Workspace() {}

  private static int slot() {
    return (int) Thread.currentThread().getId() * LOOKS;
  }

  /** One that nobody else uses, until {@link #give}. */
  static Workspace take() {
    int slot = slot();
    for (int i = 0; i < LOOKS; i++) {
      Workspace kept = KEPT.getAndSet((slot + i) & (SLOTS - 1), null);
      if (kept != null) {
        return kept;
      }
    }
    return new Workspace();
  }

  /** Lets others use it. Whoever fails in between may simply not call this. */
  void give() {
    int slot = slot();
    for (int i = 0; i < LOOKS; i++) {
      if (KEPT.compareAndSet((slot + i) & (SLOTS - 1), null, this)) {
        return;
      }
    }
  }
}
