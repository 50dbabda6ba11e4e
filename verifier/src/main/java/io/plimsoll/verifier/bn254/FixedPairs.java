package io.plimsoll.verifier.bn254;

import java.util.List;
import java.util.Optional;

/**
 * Checks of three pairings against a value, two of them with points of G2 that stay the same.
 * Thread-safe.
 */
public final class FixedPairs {
  /** What a check finds. */
  public enum Outcome {
    /** The product is the expected value. */
    EQUAL,
    /** The product is another value. */
    DIFFERENT,
    /** The variable point of the twist is not in the subgroup. */
    OUTSIDE_SUBGROUP
  }

  /** What an implementation has prepared, and which one has. */
  private record Prepared(TripleProduct by, TripleProduct.Prepared lines) {}

  private final G2Lines first;
  private final G2Lines second;
  private volatile Prepared prepared;

  public FixedPairs(G2Lines first, G2Lines second) {
    this.first = first;
    this.second = second;
  }

  /**
   * Compares the product of e(pair), e(g1, first) and e(h1, second) with a value.
   *
   * <p>A product of an accelerator is taken at its word only when it is the expected value: that a
   * wrong one is equal to it is as likely as a forgery. All else is computed again.
   */
  public Outcome check(Pairing.Pair pair, G1 g1, G1 h1, Gt expected, Accelerator accelerator) {
    Optional<TripleProduct> triple = accelerator.triple();
    boolean accelerated =
        triple.isPresent() && !pair.g1().isInfinity() && !g1.isInfinity() && !h1.isInfinity();
    try {
      if (accelerated && outcome(with(triple.get(), pair, g1, h1), expected) == Outcome.EQUAL) {
        return Outcome.EQUAL;
      }
    } catch (RuntimeException | LinkageError e) {
      // Its failure is no verdict, and none of the caller's business.
      accelerator.disable("it failed with " + e);
    }
    Outcome outcome =
        Pairing.compare(
            List.of(pair),
            List.of(new Pairing.PreparedPair(g1, first), new Pairing.PreparedPair(h1, second)),
            expected);
    if (accelerated && outcome == Outcome.EQUAL) {
      accelerator.disable("it refused what is valid");
    }
    return outcome;
  }

  private static Outcome outcome(Optional<Gt> product, Gt expected) {
    return product
        .map(gt -> gt.equals(expected) ? Outcome.EQUAL : Outcome.DIFFERENT)
        .orElse(Outcome.OUTSIDE_SUBGROUP);
  }

  Optional<Gt> portable(Pairing.Pair pair, G1 g1, G1 h1) {
    return Pairing.product(
        List.of(pair),
        List.of(new Pairing.PreparedPair(g1, first), new Pairing.PreparedPair(h1, second)));
  }

  /** The same by an accelerator; points are finite. */
  Optional<Gt> with(TripleProduct triple, Pairing.Pair pair, G1 g1, G1 h1) {
    Prepared lines = prepared;
    if (lines == null || lines.by != triple) {
      lines = new Prepared(triple, triple.prepare(limbs(first), limbs(second)));
      prepared = lines;
    }
    long[] variable = new long[MillerLoops.PAIR_LONGS];
    write(pair, variable, 0);
    long[] points = new long[TripleProduct.POINTS_LONGS];
    write(g1.x, points, 0);
    write(g1.y, points, MillerLoops.LIMBS);
    write(h1.x, points, 2 * MillerLoops.LIMBS);
    write(h1.y, points, 3 * MillerLoops.LIMBS);
    long[] value = new long[MillerLoops.PRODUCT_LONGS];
    return triple.multiply(variable, lines.lines, points, value)
        ? Optional.of(new Gt(function(value)))
        : Optional.empty();
  }

  private static long[] limbs(G2Lines lines) {
    long[] limbs = new long[TripleProduct.LINES * TripleProduct.LINE_LONGS];
    for (int i = 0; i < TripleProduct.LINES; i++) {
      write(lines.slopes[i], limbs, i * TripleProduct.LINE_LONGS);
      write(lines.constants[i], limbs, i * TripleProduct.LINE_LONGS + 2 * MillerLoops.LIMBS);
    }
    return limbs;
  }

  /** Writes a pair of finite points as {@link MillerLoops} takes it. */
  static void write(Pairing.Pair pair, long[] limbs, int offset) {
    write(pair.g1().x, limbs, offset);
    write(pair.g1().y, limbs, offset + MillerLoops.LIMBS);
    write(pair.g2().x, limbs, offset + 2 * MillerLoops.LIMBS);
    write(pair.g2().y, limbs, offset + 4 * MillerLoops.LIMBS);
  }

  private static void write(Fp2 x, long[] limbs, int offset) {
    write(x.re, limbs, offset);
    write(x.im, limbs, offset + MillerLoops.LIMBS);
  }

  private static void write(Fp x, long[] limbs, int offset) {
    Fp canonical = x.copy();
    canonical.canonical();
    canonical.write(limbs, offset);
  }

  /** An element of Fp12 as {@link MillerLoops} gives it. */
  static Fp12 function(long[] limbs) {
    Fp12 f = new Fp12();
    for (int k = 0; k < 6; k++) {
      f.coordinate(k).re.read(limbs, 2 * MillerLoops.LIMBS * k);
      f.coordinate(k).im.read(limbs, 2 * MillerLoops.LIMBS * k + MillerLoops.LIMBS);
    }
    return f;
  }
}
