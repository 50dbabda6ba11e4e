package io.plimsoll.attester;

import java.util.Comparator;

/**
 * Something that a custodian keeps, as its books name it. Two circuits that list the same asset
 * mean the same units, which may be promised only once. Immutable.
 *
 * @param vector kind of holding, for example {@code collateral}
 * @param label which one, for example {@code BTC}; empty where the kind has only one
 */
public record Asset(String vector, String label) implements Comparable<Asset> {
  private static final Comparator<Asset> ORDER =
      Comparator.comparing(Asset::vector).thenComparing(Asset::label);

  @Override
  public int compareTo(Asset other) {
    return ORDER.compare(this, other);
  }

  /** The names, as errors have them. */
  @Override
  public String toString() {
    return label.isEmpty() ? vector : vector + " of '" + label + "'";
  }
}
