package io.plimsoll.suites;

import io.plimsoll.verifier.Threshold;
import java.util.Optional;
import java.util.function.LongPredicate;
import java.util.function.Predicate;

/**
 * The largest threshold that an account meets, and the next one above it.
 *
 * <p>Thresholds are the fractions N/D with 0 to 2^32 - 1 over 1 to 2^32 - 1. The search walks the
 * Stern-Brocot tree: two neighbours of it enclose the boundary, and any fraction between them has
 * at least the sum of their numerators and the sum of their denominators. So once that sum is out
 * of range, there is no threshold in between.
 *
 * @param largest the largest that is met; empty if not even 0/1 is
 * @param above the smallest that is not met; empty if every one is met
 */
record Thresholds(Optional<Threshold> largest, Optional<Threshold> above) {
  private static final long MAX = Threshold.MAX;
  private static final Threshold NONE = new Threshold(0, 1);
  private static final Threshold ALL = new Threshold(MAX, 1);

  /** Of an account, by its model's evaluator. */
  static Thresholds of(Account account) {
    return search(threshold -> meets(account, threshold));
  }

  /** Whether the account meets some thresholds and not others; cheaper than to find which. */
  static boolean isBounded(Account account) {
    return meets(account, NONE) && !meets(account, ALL);
  }

  private static boolean meets(Account account, Threshold threshold) {
    return account.model().assess(account.round(), account.holdings(), threshold).solvent();
  }

  /**
   * @param met true up to some threshold and false above it
   */
  static Thresholds search(Predicate<Threshold> met) {
    if (!met.test(NONE)) {
      return new Thresholds(Optional.empty(), Optional.of(NONE));
    }
    if (met.test(ALL)) {
      return new Thresholds(Optional.of(ALL), Optional.empty());
    }
    long lowN = 0;
    long lowD = 1;
    long highN = 1;
    long highD = 0; // Infinity: a fraction for the tree, not a threshold, and never met.
    while (true) {
      long n = lowN;
      long d = lowD;
      long n2 = highN;
      long d2 = highD;
      long up = most(room(n, d, n2, d2), k -> met.test(new Threshold(n + k * n2, d + k * d2)));
      lowN += up * highN;
      lowD += up * highD;
      long a = lowN;
      long b = lowD;
      long down = most(room(n2, d2, a, b), k -> !met.test(new Threshold(n2 + k * a, d2 + k * b)));
      highN += down * lowN;
      highD += down * lowD;
      if (up == 0 && down == 0) {
        return new Thresholds(
            Optional.of(new Threshold(lowN, lowD)), Optional.of(new Threshold(highN, highD)));
      }
    }
  }

  /** How often (n2, d2) can be added to (n, d) within the range. */
  private static long room(long n, long d, long n2, long d2) {
    long byNumerator = n2 == 0 ? Long.MAX_VALUE : (MAX - n) / n2;
    long byDenominator = d2 == 0 ? Long.MAX_VALUE : (MAX - d) / d2;
    return Math.min(byNumerator, byDenominator);
  }

  /** The largest k from 0 to limit with {@code holds} true for all of 1 to k. */
  private static long most(long limit, LongPredicate holds) {
    long good = 0;
    long step = 1;
    while (step <= limit - good && holds.test(good + step)) {
      good += step;
      step *= 2;
    }
    // What failed, or is out of range, is at good + step; halve back.
    for (step /= 2; step > 0; step /= 2) {
      if (step <= limit - good && holds.test(good + step)) {
        good += step;
      }
    }
    return good;
  }
}
