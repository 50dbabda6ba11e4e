package io.plimsoll.attestation;

import io.plimsoll.circuits.HoldingVector;
import io.plimsoll.circuits.Holdings;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.verifier.ColumnRange;
import io.plimsoll.verifier.InvalidFormatException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The holdings columns that an attester is trusted for. Whoever may write a vector may write its
 * attested magnitudes. Immutable and thread-safe.
 */
public final class AttesterScope {
  private final List<ColumnRange> ranges;

  private AttesterScope(BitSet columns) {
    List<ColumnRange> found = new ArrayList<>();
    int from = columns.nextSetBit(0);
    while (from >= 0) {
      int to = columns.nextClearBit(from);
      found.add(new ColumnRange(from, to));
      from = columns.nextSetBit(to);
    }
    this.ranges = List.copyOf(found);
  }

  /** Every column. */
  public static AttesterScope everything(MarginModel model) {
    BitSet columns = new BitSet();
    columns.set(0, model.layout().holdingCount());
    return new AttesterScope(columns);
  }

  /**
   * Whole vectors, with the magnitudes of each.
   *
   * @param names holding vectors of the model, at least one
   * @throws InvalidFormatException naming the vector that the model does not have, or that is a
   *     magnitude and so comes with another
   */
  public static AttesterScope vectors(MarginModel model, String... names)
      throws InvalidFormatException {
    Set<String> missing = new TreeSet<>(Arrays.asList(names));
    BitSet columns = new BitSet();
    for (HoldingVector vector : model.holdings()) {
      String carrier = vector.isMagnitude() ? vector.magnitudeOf() : vector.name();
      missing.remove(carrier);
      if (Arrays.asList(names).contains(carrier)) {
        int offset = model.holdingOffset(vector.name());
        columns.set(offset, offset + vector.length());
      }
    }
    if (!missing.isEmpty() || columns.isEmpty()) {
      throw new InvalidFormatException(
          "scope: model "
              + model.name()
              + " has no holding vector '"
              + String.join("', '", missing)
              + "' that can be written");
    }
    return new AttesterScope(columns);
  }

  /** The columns as ascending ranges with gaps between them. */
  public List<ColumnRange> ranges() {
    return ranges;
  }

  /**
   * Refuses holdings outside a scope.
   *
   * @throws InvalidFormatException naming the first column, not its value
   */
  static void require(List<ColumnRange> scope, Holdings holdings) throws InvalidFormatException {
    MarginModel model = holdings.model();
    long[] values = holdings.toLongArray();
    try {
      for (HoldingVector vector : model.holdings()) {
        int offset = model.holdingOffset(vector.name());
        for (int i = 0; i < vector.length(); i++) {
          int column = offset + i;
          if (values[column] != 0 && scope.stream().noneMatch(range -> range.contains(column))) {
            throw new InvalidFormatException(
                "holdings: "
                    + vector.name()
                    + "["
                    + i
                    + "] is not zero, but column "
                    + column
                    + " is outside the attester's scope");
          }
        }
      }
    } finally {
      Arrays.fill(values, 0);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AttesterScope scope && ranges.equals(scope.ranges);
  }

  @Override
  public int hashCode() {
    return ranges.hashCode();
  }

  @Override
  public String toString() {
    return "AttesterScope" + ranges;
  }
}
