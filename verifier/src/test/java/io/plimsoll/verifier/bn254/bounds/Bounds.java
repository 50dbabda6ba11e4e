package io.plimsoll.verifier.bn254.bounds;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * What the package's documentation says of limbs and values, as a {@link Machine} that holds the
 * code to it: the words of {@code docs/security.md}, and the contracts of the two operations on
 * which all others rest, reduction and tidying.
 */
public final class Bounds {
  public static final BigInteger P =
      new BigInteger("30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47", 16);
  private static final BigInteger SIXTEEN = BigInteger.valueOf(16);
  private static final BigInteger LIMB = Element.weight(1);

  /** What {@code Fp.tidy} and {@code Fp.isZero} take: so many p. */
  public static final int TIDY_VALUE = 256;

  /** And so loose. */
  public static final int TIDY_LOOSENESS = 64;

  /** What {@code Fp.reduce} takes: 500 * 2^54. */
  private static final BigInteger COLUMN = LIMB.multiply(BigInteger.valueOf(500));

  private static final String IS_ZERO = "Fp.isZero(JJJJJ)Z";

  private static final String INVERT =
      "FpPowers.invert(Lio/plimsoll/verifier/bn254/Fp;Lio/plimsoll/verifier/bn254/Fp;)V";

  /** -1/p modulo 2^54. */
  private static final long NEGATIVE_INVERSE = 0x120782e4866389L;

  private static final String REDUCE = "Fp.reduce(Lio/plimsoll/verifier/bn254/Fp;JJJJJJJJJJ)V";

  private final Machine machine = new Machine();
  private int isZero;

  public Bounds() {
    machine.summarize(REDUCE, this::reduce);
    machine.summarize("Fp.tidy()V", this::tidy);
    machine.summarize(IS_ZERO, this::isZero);
    machine.summarize(INVERT, this::invert);
  }

  public Machine machine() {
    return machine;
  }

  /** What the code is told when it asks whether an unknown value is zero: 0 or 1. */
  public void isZeroSays(int answer) {
    isZero = answer;
  }

  /** -v*p to v*p. */
  public static Interval ofP(double v) {
    return Interval.atMost(new BigDecimal(v).multiply(new BigDecimal(P)).toBigInteger());
  }

  /** Carried, between -v*p and v*p. */
  public Machine.Obj carried(double v) {
    return machine.fp(Element.carried(ofP(v)));
  }

  /** k-loose, between -v*p and v*p. */
  public Machine.Obj loose(int k, double v) {
    return machine.fp(Element.loose(k, ofP(v)));
  }

  /** Carried, in (-p, 2p). */
  public Machine.Obj reduced() {
    return machine.fp(Element.carried(reducedValue()));
  }

  /** The limbs of elements, one after the other, as the code keeps them in arrays. */
  public static Object[] limbsOf(List<Machine.Obj> elements) {
    List<Object> limbs = new ArrayList<>();
    elements.forEach(each -> limbs.addAll(Machine.limbs(each)));
    return limbs.toArray();
  }

  /** The other way: element {@code number} of an array of limbs. */
  public Machine.Obj fromLimbs(Object[] limbs, int number) {
    Machine.Obj fp = machine.blank("Fp");
    for (int i = 0; i < Element.LIMBS; i++) {
      fp.fields.put("l" + i, limbs[Element.LIMBS * number + i]);
    }
    return fp;
  }

  /** -p to 2p. */
  public static Interval reducedValue() {
    return Interval.of(P.negate(), P.add(P));
  }

  /** Whether limbs 0 to 3 are in [0, 2^54). */
  public static boolean isCarried(Machine.Obj fp) {
    Interval limb = Interval.of(BigInteger.ZERO, LIMB.subtract(BigInteger.ONE));
    return Machine.limbs(fp).subList(0, Element.LIMBS - 1).stream()
        .allMatch(each -> limb.contains(each.range()));
  }

  /** The least k such that the limbs 0 to 3 are k-loose. */
  public static BigInteger looseness(Machine.Obj fp) {
    BigInteger largest = BigInteger.ZERO;
    for (Form limb : Machine.limbs(fp).subList(0, Element.LIMBS - 1)) {
      largest = largest.max(limb.range().lo().abs()).max(limb.range().hi().abs());
    }
    return largest.add(LIMB).subtract(BigInteger.ONE).divide(LIMB);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new BoundsException(message);
    }
  }

  /** Fp.reduce: columns of at most 500*2^54; (T + m*p)/R for an m in [0, R). */
  private Object reduce(List<Object> arguments) {
    Form total = Form.ZERO;
    for (int k = 0; k < 10; k++) {
      Form column = (Form) arguments.get(k + 1);
      require(
          k == 9 || Interval.atMost(COLUMN).contains(column.range()),
          "column " + k + " of a reduction can be " + column.range());
      column.requireLong("column " + k);
      total = total.plus(column.times(Element.weight(k)), 1);
    }
    Interval t = total.valueRange();
    Interval value =
        Interval.of(t.lo().shiftRight(270), t.hi().negate().shiftRight(270).negate().add(P));
    machine.set((Machine.Obj) arguments.get(0), Element.carried(value));
    return null;
  }

  private Interval tidied(Machine.Obj fp, String name) {
    require(
        looseness(fp).compareTo(BigInteger.valueOf(TIDY_LOOSENESS)) <= 0,
        name + " of a " + looseness(fp) + "-loose value");
    Interval value = Machine.value(fp);
    require(ofP(TIDY_VALUE).contains(value), name + " of a value of " + multiples(value));
    return Interval.of(P.negate().divide(SIXTEEN), P.add(P.divide(SIXTEEN)));
  }

  private Object tidy(List<Object> arguments) {
    Machine.Obj fp = (Machine.Obj) arguments.get(0);
    machine.set(fp, Element.carried(tidied(fp, "tidy")));
    return null;
  }

  private Object isZero(List<Object> arguments) {
    Machine.Obj fp = machine.blank("Fp");
    for (int i = 0; i < Element.LIMBS; i++) {
      fp.fields.put("l" + i, arguments.get(i));
    }
    tidied(fp, "isZero");
    return isZero;
  }

  /** FpPowers.invert: what tidy takes; a reduced inverse. */
  private Object invert(List<Object> arguments) {
    tidied((Machine.Obj) arguments.get(2), "invert");
    machine.set((Machine.Obj) arguments.get(1), Element.carried(reducedValue()));
    return null;
  }

  /** That the body of {@code Fp.isZero} overflows nowhere, for what it takes. */
  public void proveIsZero() {
    machine.run(
        "Fp", "isZero", "(JJJJJ)Z", Machine.limbs(loose(TIDY_LOOSENESS, TIDY_VALUE)).toArray());
  }

  /**
   * That the linear combinations of division steps overflow nowhere, for matrix entries of at most
   * 2^54, and are carried.
   */
  public void proveDivisionSteps(double v) {
    Interval entry = Interval.atMost(LIMB);
    for (long factor : new long[] {0, NEGATIVE_INVERSE}) {
      Machine.Obj z = machine.blank("Fp");
      machine.run(
          "FpPowers",
          "combine",
          carried(v),
          carried(v),
          Form.of(new Form.Atom(entry)),
          Form.of(new Form.Atom(entry)),
          z,
          Form.of(factor));
      require(isCarried(z), "a combination is not carried");
    }
  }

  public static String multiples(Interval value) {
    return value.lo().divide(P) + "p to " + value.hi().divide(P) + "p";
  }

  /**
   * That {@code Fp.reduce} itself overflows nowhere.
   *
   * @param columns largest column, in units of 2^54
   */
  public void proveReduce(int columns) {
    Interval column = Interval.atMost(LIMB.multiply(BigInteger.valueOf(columns)));
    List<Object> arguments = new ArrayList<>();
    Machine.Obj z = machine.blank("Fp");
    arguments.add(z);
    for (int k = 0; k < 9; k++) {
      arguments.add(Form.of(new Form.Atom(column)));
    }
    arguments.add(Form.of(new Form.Atom(Interval.atMost(BigInteger.ONE.shiftLeft(62)))));
    machine.run("Fp", "reduce", arguments.toArray());
    require(isCarried(z), "a reduction is not carried");
  }

  /**
   * That {@code Fp.tidy} itself overflows nowhere, and that the number of p's that it takes away
   * leaves a value in (-p/16, p + p/16): checked for every such number.
   *
   * @param loose looseness of the operand
   * @param v largest value of the operand, in units of p
   */
  public void proveTidy(int loose, int v) {
    Machine.Obj fp = loose(loose, v);
    List<Form> before = Machine.limbs(fp);
    machine.runUnsummarized("Fp", "tidy", fp);
    require(isCarried(fp), "a tidied value is not carried");
    // Limb 4 decides; the others are at most so far from it.
    BigInteger lower = BigInteger.ZERO;
    for (int i = 0; i < Element.LIMBS - 1; i++) {
      lower = lower.add(LIMB.multiply(BigInteger.valueOf(loose)).multiply(Element.weight(i)));
    }
    BigInteger quotient = BigInteger.valueOf(QUOTIENT);
    BigInteger unit = BigInteger.ONE.shiftLeft(QUOTIENT_SHIFT);
    Interval top = before.get(Element.LIMBS - 1).range();
    BigInteger first = top.lo().multiply(quotient).shiftRight(QUOTIENT_SHIFT);
    BigInteger last = top.hi().multiply(quotient).shiftRight(QUOTIENT_SHIFT);
    require(last.subtract(first).bitLength() < 20, "too many quotients to try");
    Interval tidy = Interval.of(P.negate().divide(SIXTEEN), P.add(P.divide(SIXTEEN)));
    for (BigInteger q = first; q.compareTo(last) <= 0; q = q.add(BigInteger.ONE)) {
      // The limbs that give this quotient: q*2^55 <= limb*QUOTIENT < (q+1)*2^55.
      BigInteger least = ceiling(q.multiply(unit), quotient).max(top.lo());
      BigInteger most =
          ceiling(q.add(BigInteger.ONE).multiply(unit), quotient)
              .subtract(BigInteger.ONE)
              .min(top.hi());
      Interval value =
          Interval.of(
                  least.multiply(Element.weight(4)).subtract(lower),
                  most.multiply(Element.weight(4)).add(lower))
              .intersect(ofP(v))
              .plus(Interval.exactly(q.multiply(P).negate()));
      require(tidy.contains(value), "a tidied value can be " + value);
    }
  }

  private static BigInteger ceiling(BigInteger x, BigInteger divisor) {
    BigInteger[] parts = x.divideAndRemainder(divisor);
    return parts[1].signum() > 0 ? parts[0].add(BigInteger.ONE) : parts[0];
  }

  /** The constants of {@code Fp.tidy}. */
  private static final long QUOTIENT = 173347;

  private static final int QUOTIENT_SHIFT = 55;
}
