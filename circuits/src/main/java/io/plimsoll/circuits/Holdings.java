package io.plimsoll.circuits;

import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Objects;

/**
 * What one attester keeps for an account, or the sum over several: integers at the declared scales
 * in public-vector order, attested magnitudes included. These are the owner's secrets: {@link
 * #toString} is redacted and {@link #close} overwrites them. Not thread-safe while it is being
 * closed.
 */
public final class Holdings implements AutoCloseable {
  private final MarginModel model;
  private final long[] values;
  private final int attesters;
  private boolean closed;

  private Holdings(MarginModel model, long[] values, int attesters) {
    this.model = model;
    this.values = values;
    this.attesters = attesters;
  }

  /**
   * One attester's holdings, which are copied.
   *
   * @param values in public-vector order
   * @throws InvalidFormatException if their number is wrong, or naming the element that is outside
   *     its interval or is not the magnitude of the element that it belongs to
   */
  public static Holdings of(MarginModel model, long[] values) throws InvalidFormatException {
    ModelInputs inputs = model.inputs();
    if (values.length != inputs.holdingCount()) {
      throw new InvalidFormatException(
          "holdings: " + values.length + " values, not " + inputs.holdingCount());
    }
    for (int i = 0; i < values.length; i++) {
      HoldingVector vector = inputs.holdingVector(i);
      if (values[i] < vector.min() || values[i] > vector.max()) {
        throw new InvalidFormatException(
            "holdings: "
                + inputs.holdingName(i)
                + " is "
                + Decimals.format(values[i], vector.scale())
                + ", outside "
                + Decimals.format(vector.min(), vector.scale())
                + " to "
                + Decimals.format(vector.max(), vector.scale()));
      }
      if (vector.isMagnitude()) {
        int base = inputs.offset(vector.magnitudeOf()) + i - inputs.offset(vector.name());
        // A negative minimum's magnitude fits: it was multiplied by the attesters when declared.
        if (values[i] != Math.abs(values[base])) {
          throw new InvalidFormatException(
              "holdings: "
                  + inputs.holdingName(i)
                  + " is not the magnitude of "
                  + inputs.holdingName(base));
        }
      }
    }
    return new Holdings(model, values.clone(), 1);
  }

  /** The model whose inputs these are. */
  public MarginModel model() {
    return model;
  }

  /** How many attesters' holdings are added up in this. */
  public int attesters() {
    return attesters;
  }

  /**
   * The sum with another attester's holdings.
   *
   * @throws IllegalArgumentException if the models differ or there are more than J_max attesters
   */
  public Holdings plus(Holdings other) {
    if (!model.equals(other.model)) {
      throw new IllegalArgumentException("holdings of two models: " + model + ", " + other.model);
    }
    int both = attesters + other.attesters;
    if (both > model.maxAttesters()) {
      throw new IllegalArgumentException(
          both + " attesters, more than " + model.maxAttesters() + " of model " + model.name());
    }
    requireOpen();
    other.requireOpen();
    long[] sum = values.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += other.values[i];
    }
    return new Holdings(model, sum, both);
  }

  /** The integers in public-vector order. A fresh copy, the caller's to overwrite. */
  public long[] toLongArray() {
    requireOpen();
    return values.clone();
  }

  /**
   * One element as an exact decimal with the vector's scale.
   *
   * @throws IllegalArgumentException if the model has no such vector
   * @throws IndexOutOfBoundsException if the index is beyond its length
   */
  public BigDecimal get(String vector, int index) {
    requireOpen();
    int offset = model.holdingOffset(vector);
    HoldingVector declared = model.inputs().vector(vector);
    return BigDecimal.valueOf(
        values[offset + Objects.checkIndex(index, declared.length())], declared.scale());
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the holdings were closed");
    }
  }

  /** Overwrites the values; every later use is an {@link IllegalStateException}. */
  @Override
  public void close() {
    closed = true;
    Arrays.fill(values, 0);
  }

  @Override
  public String toString() {
    return "Holdings of " + values.length + " elements (redacted)";
  }
}
