package io.plimsoll.attester;

import java.time.Duration;

/**
 * When an attester attests for a venue. Immutable and thread-safe.
 *
 * @param cadence an attestation in each slot of this length, counted from the epoch: the times tell
 *     nothing
 * @param validity how long one binds; at least two slots
 * @param spacing the venue's minimum between two versions; nothing but a forced decrease comes
 *     sooner, and of those {@link #FORCED_PER_SLOT} at most
 * @param skew how far clocks may differ: a version binds that much longer than it says
 * @param booksAge how old the custodian's books may be to be attested
 */
public record Schedule(
    Duration cadence, Duration validity, Duration spacing, Duration skew, Duration booksAge) {
  /**
   * How many losses are told sooner than {@code spacing} within one slot, for an account. Each
   * makes its owner prove again; one more waits until the spacing has passed. What is left under a
   * liquidation order is told at once and not counted.
   */
  public static final int FORCED_PER_SLOT = 4;

  private static final Duration MAX = Duration.ofDays(366);

  /**
   * Checks the times.
   *
   * @throws IllegalArgumentException naming the one that is out of range
   */
  public Schedule {
    require("cadence", cadence, Duration.ofSeconds(1));
    require("validity", validity, cadence.multipliedBy(2));
    require("spacing", spacing, Duration.ZERO);
    require("skew", skew, Duration.ZERO);
    require("books_age", booksAge, Duration.ofMillis(1));
    if (spacing.compareTo(cadence) > 0) {
      throw new IllegalArgumentException(
          "spacing is " + spacing + ", longer than cadence, " + cadence);
    }
  }

  private static void require(String field, Duration value, Duration least) {
    if (value.compareTo(least) < 0 || value.compareTo(MAX) > 0) {
      throw new IllegalArgumentException(field + " is " + value + ", not " + least + " to " + MAX);
    }
  }
}
