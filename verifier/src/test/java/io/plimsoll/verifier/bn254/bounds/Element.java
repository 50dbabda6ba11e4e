package io.plimsoll.verifier.bn254.bounds;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * An unknown value of Fp in five limbs, of which the interval of each limb and that of the whole
 * number are known. The number is the Montgomery form as it stands, not reduced.
 */
public final class Element {
  public static final int LIMBS = 5;
  public static final int LIMB_BITS = 54;

  private final List<Form.Atom> limbs = new ArrayList<>();
  private final Interval value;
  private Form form;

  Element(List<Interval> limbRanges, Interval value) {
    Interval top = limbRanges.get(LIMBS - 1);
    Interval lower = Interval.exactly(BigInteger.ZERO);
    for (int i = 0; i < LIMBS - 1; i++) {
      lower = lower.plus(limbRanges.get(i).times(weight(i)));
    }
    // The highest limb is what the number leaves for it.
    int shift = LIMB_BITS * (LIMBS - 1);
    Interval left =
        Interval.of(
            value.lo().subtract(lower.hi()).negate().shiftRight(shift).negate(),
            value.hi().subtract(lower.lo()).shiftRight(shift));
    for (int i = 0; i < LIMBS; i++) {
      Form.Atom atom = new Form.Atom(i < LIMBS - 1 ? limbRanges.get(i) : top.intersect(left));
      atom.element = this;
      atom.limb = i;
      limbs.add(atom);
    }
    this.value = value;
  }

  static BigInteger weight(int limb) {
    return BigInteger.ONE.shiftLeft(LIMB_BITS * limb);
  }

  /** Limbs 0 to 3 in [0, 2^54). */
  static Element carried(Interval value) {
    return withLimbs(Interval.of(BigInteger.ZERO, weight(1).subtract(BigInteger.ONE)), value);
  }

  /** Limbs 0 to 3 at most k * 2^54 in absolute value. */
  static Element loose(int k, Interval value) {
    return withLimbs(Interval.atMost(weight(1).multiply(BigInteger.valueOf(k))), value);
  }

  private static Element withLimbs(Interval lower, Interval value) {
    Interval any = Interval.atMost(BigInteger.ONE.shiftLeft(62));
    return new Element(List.of(lower, lower, lower, lower, any), value);
  }

  Form limb(int index) {
    return Form.of(limbs.get(index));
  }

  Interval value() {
    return value;
  }

  /** The number as the sum of its limbs. */
  Form form() {
    if (form == null) {
      Form sum = Form.ZERO;
      for (int i = 0; i < LIMBS; i++) {
        sum = sum.plus(limb(i).times(weight(i)), 1);
      }
      form = sum;
    }
    return form;
  }
}
