package io.plimsoll.verifier;

import java.util.List;

/**
 * Holdings columns {@code from <= column < to}. Immutable and thread-safe.
 *
 * @param from first column, 0 or more
 * @param to one past the last column, at most {@value StatementLayout#MAX_HOLDINGS}
 */
public record ColumnRange(int from, int to) {
  /**
   * @throws IllegalArgumentException if the range is empty or out of bounds
   */
  public ColumnRange {
    if (from < 0 || to <= from || to > StatementLayout.MAX_HOLDINGS) {
      throw new IllegalArgumentException(
          "column range is "
              + from
              + " to "
              + to
              + ", not 0 <= from < to <= "
              + StatementLayout.MAX_HOLDINGS);
    }
  }

  /**
   * A range from two numbers that come from outside.
   *
   * @throws InvalidFormatException if the range is empty or out of bounds
   */
  public static ColumnRange of(int from, int to) throws InvalidFormatException {
    try {
      return new ColumnRange(from, to);
    } catch (IllegalArgumentException e) {
      throw new InvalidFormatException(e.getMessage());
    }
  }

  /** Whether {@code column} lies in it. */
  public boolean contains(int column) {
    return from <= column && column < to;
  }

  /** Refuses a scope that is not the one form of its columns: ascending, with gaps between. */
  static List<ColumnRange> requireScope(List<ColumnRange> scope) throws InvalidFormatException {
    if (scope.isEmpty()) {
      throw new InvalidFormatException("attestation: scope is empty");
    }
    for (int i = 1; i < scope.size(); i++) {
      if (scope.get(i).from <= scope.get(i - 1).to) {
        throw new InvalidFormatException(
            "attestation: scope range "
                + i
                + " starts at "
                + scope.get(i).from
                + ", not after "
                + scope.get(i - 1).to);
      }
    }
    return List.copyOf(scope);
  }
}
