package io.plimsoll.verifier.bn254;

import java.security.SecureRandom;
import java.util.List;

/**
 * A point D of G1 that nobody else knows, and e(D, Q) for a fixed Q. Added to the point that Q is
 * paired with, it gives every check a value of its own to expect, so that no check passes by the
 * result of another. Mutable, not thread-safe.
 */
final class Mask {
  private final Tower tower = new Tower();
  private G1 point;
  private final Fp12 value;

  /** A random mask. */
  Mask(SecureRandom random, G2Lines q) {
    point = G1.random(random);
    value =
        Pairing.product(List.of(), List.of(new Pairing.PreparedPair(point, q))).orElseThrow().value;
  }

  /** A masked point and what it makes of the expected value. */
  record Masked(G1 point, Gt expected) {}

  /** Masks a check, and is another mask after that: 2D and e(D, Q)^2. */
  Masked next(G1 at, Gt expected) {
    G1Sum masked = new G1Sum();
    masked.add(point);
    G1Sum doubled = new G1Sum();
    doubled.add(point);
    masked.add(at);
    doubled.twice();
    G1[] points = G1Sum.toPoints(new G1Sum[] {masked, doubled});
    Fp12 product = new Fp12();
    tower.mul(product, expected.value, value);
    tower.cyclotomicSquare(value, value);
    point = points[1];
    return new Masked(points[0], new Gt(product));
  }
}
