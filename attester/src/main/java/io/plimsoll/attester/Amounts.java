package io.plimsoll.attester;

import java.util.Arrays;
import java.util.function.LongBinaryOperator;

/**
 * A quantity of every asset of a table, as integers at the table's scales. These are owners'
 * secrets: {@link #toString} is redacted and {@link #close} overwrites them. Otherwise immutable;
 * thread-safe while it is open.
 */
final class Amounts implements AutoCloseable {
  /** Every amount is below 2^61 in absolute value, so that the sum or difference of two fits. */
  static final int MAX_BITS = 61;

  private final AssetTable table;
  private final long[] values;
  private volatile boolean closed;

  /** Takes over {@code values}. */
  Amounts(AssetTable table, long[] values) {
    if (values.length != table.size()) {
      throw new IllegalArgumentException(values.length + " amounts of " + table.size());
    }
    this.table = table;
    this.values = values;
  }

  static Amounts zero(AssetTable table) {
    return new Amounts(table, new long[table.size()]);
  }

  AssetTable table() {
    return table;
  }

  long at(int index) {
    if (closed) {
      throw new IllegalStateException("the amounts were closed");
    }
    return values[index];
  }

  int size() {
    return values.length;
  }

  Amounts plus(Amounts other) {
    return combined(other, Math::addExact);
  }

  Amounts minus(Amounts other) {
    return combined(other, Math::subtractExact);
  }

  Amounts negated() {
    return zero(table).minus(this);
  }

  private Amounts combined(Amounts other, LongBinaryOperator operator) {
    long[] result = new long[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = operator.applyAsLong(at(i), other.at(i));
    }
    return new Amounts(table, result);
  }

  /** With one amount replaced. */
  Amounts with(int index, long value) {
    long[] changed = values.clone();
    changed[index] = value;
    return new Amounts(table, changed);
  }

  Amounts copy() {
    return new Amounts(table, values.clone());
  }

  boolean isZero() {
    return Arrays.stream(values).allMatch(value -> value == 0);
  }

  boolean sameAs(Amounts other) {
    return Arrays.equals(values, other.values);
  }

  @Override
  public void close() {
    closed = true;
    Arrays.fill(values, 0);
  }

  @Override
  public String toString() {
    return "Amounts of " + values.length + " assets (redacted)";
  }
}
