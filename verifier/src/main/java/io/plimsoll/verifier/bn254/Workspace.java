package io.plimsoll.verifier.bn254;

/** The memory that one verification needs in between, kept for the next one. */
final class Workspace {
  private static final Pool<Workspace> POOL = new Pool<>(Workspace::new);

  final Tower tower = new Tower();
  final Pairing.MillerLoop loop = new Pairing.MillerLoop(tower);
  final Pairing.FinalExponentiation finalExponentiation = new Pairing.FinalExponentiation(tower);
  final Fp2 u = new Fp2();
  final Fp t = new Fp();

  private Workspace() {}

  /** One that nobody else uses, until {@link #give}. */
  static Workspace take() {
    return POOL.take();
  }

  /** Lets others use it. Whoever fails in between may simply not call this. */
  void give() {
    POOL.give(this);
  }
}
