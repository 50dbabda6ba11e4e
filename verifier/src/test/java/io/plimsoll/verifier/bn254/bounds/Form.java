package io.plimsoll.verifier.bn254.bounds;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The integer that a {@code long} of the code under test stands for, if nothing had wrapped: a
 * linear combination of unknowns (atoms) with known intervals. Sums, differences and shifts of
 * forms are exact, so what cancels in the code cancels here. The machine's long is congruent to the
 * integer modulo 2^64; where the code needs it to be equal, {@link #requireLong} proves it.
 *
 * <p>Three kinds of atoms: limbs of an {@link Element}; the two halves of a product of limbs, u*v =
 * 2^54*high + low; and the remainder of a form that was shifted or masked, which makes floor(f /
 * 2^k) the form (f - remainder) / 2^k.
 */
final class Form {
  /** Coefficients are kept as multiples of 2^-SCALE: shifts divide. */
  private static final int SCALE = 648;

  private static final int HALF_BITS = 54;
  private static final BigInteger LOW_MAX =
      BigInteger.ONE.shiftLeft(HALF_BITS).subtract(BigInteger.ONE);
  private static final BigInteger LONG_MIN = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger LONG_MAX = BigInteger.valueOf(Long.MAX_VALUE);

  /** An unknown integer. */
  static final class Atom implements Comparable<Atom> {
    private static long count;

    private final long id = ++count;
    final Interval range;

    /** For a limb: its element and index. For a half of a product: the limbs. Otherwise null. */
    Element element;

    int limb;
    Atom left;
    Atom right;
    boolean high;

    /** Halves of products with limbs that are younger or the same. */
    private Map<Atom, Form> products;

    Atom(Interval range) {
      this.range = range;
    }

    @Override
    public int compareTo(Atom other) {
      return Long.compare(id, other.id);
    }
  }

  static final Form ZERO = new Form(List.of(), List.of(), BigInteger.ZERO);

  private final List<Atom> atoms;
  private final List<BigInteger> coefficients;
  private final BigInteger constant;
  private Interval range;
  private final Map<Integer, Form> remainders = new HashMap<>(2);

  private Form(List<Atom> atoms, List<BigInteger> coefficients, BigInteger constant) {
    this.atoms = atoms;
    this.coefficients = coefficients;
    this.constant = constant;
  }

  static Form of(long value) {
    return of(BigInteger.valueOf(value));
  }

  static Form of(BigInteger value) {
    return new Form(List.of(), List.of(), value.shiftLeft(SCALE));
  }

  static Form of(Atom atom) {
    return atom.range.lo().equals(atom.range.hi())
        ? of(atom.range.lo())
        : new Form(List.of(atom), List.of(BigInteger.ONE.shiftLeft(SCALE)), BigInteger.ZERO);
  }

  /** Something that is only looked at bit by bit. */
  static Form anyLong() {
    return of(new Atom(Interval.of(LONG_MIN, LONG_MAX)));
  }

  boolean isConstant() {
    return atoms.isEmpty();
  }

  /** The value of a constant as the machine has it. */
  long constantValue() {
    if (!isConstant()) {
      throw new BoundsException("the code looks at a number that is not known");
    }
    return constant.shiftRight(SCALE).longValue();
  }

  /** this + factor * other. */
  Form plus(Form other, int factor) {
    BigInteger k = BigInteger.valueOf(factor);
    if (other.isConstant()) {
      return new Form(atoms, coefficients, constant.add(other.constant.multiply(k)));
    }
    List<Atom> mergedAtoms = new ArrayList<>(atoms.size() + other.atoms.size());
    List<BigInteger> merged = new ArrayList<>(atoms.size() + other.atoms.size());
    int i = 0;
    int j = 0;
    while (i < atoms.size() || j < other.atoms.size()) {
      int order;
      if (i == atoms.size()) {
        order = 1;
      } else if (j == other.atoms.size()) {
        order = -1;
      } else {
        order = atoms.get(i).compareTo(other.atoms.get(j));
      }
      if (order < 0) {
        mergedAtoms.add(atoms.get(i));
        merged.add(coefficients.get(i++));
      } else if (order > 0) {
        mergedAtoms.add(other.atoms.get(j));
        merged.add(other.coefficients.get(j++).multiply(k));
      } else {
        BigInteger sum = coefficients.get(i).add(other.coefficients.get(j).multiply(k));
        if (sum.signum() != 0) {
          mergedAtoms.add(atoms.get(i));
          merged.add(sum);
        }
        i++;
        j++;
      }
    }
    return new Form(mergedAtoms, merged, constant.add(other.constant.multiply(k)));
  }

  Form times(BigInteger k) {
    return k.signum() == 0
        ? ZERO
        : new Form(atoms, coefficients.stream().map(k::multiply).toList(), constant.multiply(k));
  }

  Form shiftLeft(int bits) {
    return times(BigInteger.ONE.shiftLeft(bits));
  }

  /** The product, in halves of products of limbs. */
  Form times(Form other) {
    if (other.isConstant()) {
      return times(other.integerConstant());
    }
    if (isConstant()) {
      return other.times(integerConstant());
    }
    Form sum = of(BigInteger.ZERO);
    List<Form> parts = new ArrayList<>();
    for (int i = 0; i < atoms.size(); i++) {
      for (int j = 0; j < other.atoms.size(); j++) {
        parts.add(
            product(atoms.get(i), other.atoms.get(j))
                .times(integer(coefficients.get(i)).multiply(integer(other.coefficients.get(j)))));
      }
    }
    for (Form part : parts) {
      sum = sum.plus(part, 1);
    }
    if (constant.signum() != 0) {
      sum =
          sum.plus(
              new Form(other.atoms, other.coefficients, BigInteger.ZERO).times(integerConstant()),
              1);
    }
    if (other.constant.signum() != 0) {
      sum =
          sum.plus(
              new Form(atoms, coefficients, BigInteger.ZERO).times(other.integerConstant()), 1);
      sum = sum.plus(of(integerConstant().multiply(other.integerConstant())), 1);
    }
    return sum;
  }

  private static Form product(Atom x, Atom y) {
    Atom older = x.compareTo(y) <= 0 ? x : y;
    Atom younger = x.compareTo(y) <= 0 ? y : x;
    if (younger.products == null) {
      younger.products = new HashMap<>(8);
    }
    return younger.products.computeIfAbsent(
        older,
        key -> {
          Interval range =
              older == younger ? older.range.squared() : older.range.times(younger.range);
          Atom high = new Atom(range.shiftRight(HALF_BITS));
          Atom low = new Atom(Interval.of(BigInteger.ZERO, LOW_MAX));
          high.high = true;
          for (Atom half : List.of(high, low)) {
            half.left = older;
            half.right = younger;
          }
          return of(high).shiftLeft(HALF_BITS).plus(of(low), 1);
        });
  }

  private BigInteger integerConstant() {
    return integer(constant);
  }

  private static BigInteger integer(BigInteger scaled) {
    if (scaled.getLowestSetBit() < SCALE && scaled.signum() != 0) {
      throw new BoundsException("a product of something that was shifted");
    }
    return scaled.shiftRight(SCALE);
  }

  /** The value modulo 2^bits, which wrapping does not change. */
  Form remainder(int bits) {
    if (isConstant()) {
      return of(constant.shiftRight(SCALE).mod(BigInteger.ONE.shiftLeft(bits)));
    }
    return remainders.computeIfAbsent(
        bits,
        key -> {
          BigInteger largest = BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE);
          return of(new Atom(Interval.of(BigInteger.ZERO, largest)));
        });
  }

  /** The value divided by 2^bits, rounded down. */
  Form floorShift(int bits) {
    // A common power of two shortens the remainder.
    int common = constant.signum() == 0 ? bits : constant.getLowestSetBit() - SCALE;
    for (BigInteger coefficient : coefficients) {
      common = Math.min(common, coefficient.getLowestSetBit() - SCALE);
    }
    common = Math.max(0, Math.min(common, bits));
    if (common > 0) {
      return scaledDown(common).floorShift(bits - common);
    }
    return bits == 0 ? this : plus(remainder(bits), -1).scaledDown(bits);
  }

  private Form scaledDown(int bits) {
    for (BigInteger coefficient : coefficients) {
      if (coefficient.getLowestSetBit() < bits) {
        throw new BoundsException("more shifts in a row than this proof keeps digits for");
      }
    }
    return new Form(
        atoms,
        coefficients.stream().map(c -> c.shiftRight(bits)).toList(),
        constant.shiftRight(bits));
  }

  /** Every value that the form can have. */
  Interval range() {
    if (range == null) {
      Interval sum = Interval.exactly(constant);
      for (int i = 0; i < atoms.size(); i++) {
        sum = sum.plus(atoms.get(i).range.times(coefficients.get(i)));
      }
      // The form is an integer, so both ends may be rounded inwards.
      range = Interval.of(sum.lo().negate().shiftRight(SCALE).negate(), sum.hi().shiftRight(SCALE));
    }
    return range;
  }

  /** Proves that the machine's long is the integer itself. */
  Form requireLong(String what) {
    if (range().lo().compareTo(LONG_MIN) < 0 || range().hi().compareTo(LONG_MAX) > 0) {
      throw new BoundsException(
          what
              + " can be "
              + range().lo()
              + " to "
              + range().hi()
              + ": up to 2^"
              + range().lo().abs().max(range().hi().abs()).bitLength());
    }
    return this;
  }

  /** How many elements the form mixes; -1 if it has an atom that is no limb. */
  int elementCount() {
    List<Element> elements = new ArrayList<>();
    for (Atom atom : atoms) {
      if (atom.element == null) {
        return -1;
      }
      if (!elements.contains(atom.element)) {
        elements.add(atom.element);
      }
    }
    return elements.size();
  }

  /**
   * The interval of a number that is sum of limbs[i]*2^(54 i) or of columns[i]*2^(54 i): by the
   * values of the elements in it, as far as all limbs of an element, and all products of limbs of
   * two, occur with matching weights, and by the intervals of atoms otherwise.
   */
  Interval valueRange() {
    Map<Element, BigInteger> linear = new HashMap<>();
    Map<Element, Map<Element, BigInteger>> quadratic = new HashMap<>();
    for (int i = 0; i < atoms.size(); i++) {
      Atom atom = atoms.get(i);
      if (atom.element != null && atom.limb == 0) {
        linear.put(atom.element, coefficients.get(i));
      } else if (atom.left != null && isProductOfLowest(atom)) {
        quadratic
            .computeIfAbsent(atom.left.element, key -> new HashMap<>())
            .put(atom.right.element, coefficients.get(i));
      }
    }
    Form rest = this;
    Interval values = Interval.exactly(BigInteger.ZERO);
    for (Map.Entry<Element, BigInteger> entry : linear.entrySet()) {
      rest = rest.plus(entry.getKey().form().scaledTimes(entry.getValue()), -1);
      values = values.plus(entry.getKey().value().times(entry.getValue()));
    }
    for (Map.Entry<Element, Map<Element, BigInteger>> row : quadratic.entrySet()) {
      for (Map.Entry<Element, BigInteger> entry : row.getValue().entrySet()) {
        Element x = row.getKey();
        Element y = entry.getKey();
        rest = rest.plus(x.form().times(y.form()).scaledTimes(entry.getValue()), -1);
        Interval product = x == y ? x.value().squared() : x.value().times(y.value());
        values = values.plus(product.times(entry.getValue()));
      }
    }
    Interval matched =
        Interval.of(values.lo().negate().shiftRight(SCALE).negate(), values.hi().shiftRight(SCALE))
            .plus(rest.range());
    // What did not match makes the crude interval the better one.
    return rest.isConstant() ? matched.intersect(range()) : range();
  }

  private static boolean isProductOfLowest(Atom half) {
    return !half.high
        && half.left.element != null
        && half.right.element != null
        && half.left.limb == 0
        && half.right.limb == 0;
  }

  private Form scaledTimes(BigInteger scaled) {
    return new Form(
        atoms,
        coefficients.stream().map(c -> c.multiply(scaled).shiftRight(SCALE)).toList(),
        constant.multiply(scaled).shiftRight(SCALE));
  }
}
