package io.plimsoll.verifier.bn254;

/** A value of the pairing. Immutable and thread-safe. */
public final class Gt {
  /** Not to be changed. */
  final Fp12 value;

  Gt(Fp12 value) {
    this.value = value;
  }

  /** The neutral element. */
  public static Gt one() {
    Fp12 one = new Fp12();
    one.setOne();
    return new Gt(one);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Gt gt && Fp12.same(value, gt.value);
  }

  /** One value for all: comparing is rare, and a canonical form is not kept. */
  @Override
  public int hashCode() {
    return 1;
  }
}
