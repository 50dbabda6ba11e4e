package io.plimsoll.suites;

import io.plimsoll.circuits.HoldingVector;
import io.plimsoll.circuits.Holdings;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.RoundCoefficients;
import io.plimsoll.circuits.RoundTensor;
import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Collects a round and one attester's holdings for a model, by name. What is not set is zero, and
 * attested magnitudes are derived. Not thread-safe.
 */
final class Inputs {
  private final String place;
  private final MarginModel model;
  private final long[] coefficients;
  private final long[] holdings;

  /**
   * @param place begins every error, for example the case's id
   */
  Inputs(String place, MarginModel model) {
    this.place = place;
    this.model = model;
    this.coefficients = new long[model.coefficientCount()];
    this.holdings = new long[model.holdingCount()];
  }

  /**
   * Sets a coefficient.
   *
   * @param value a decimal; refused if it has more decimals than the tensor's scale
   * @param indices one for each dimension
   */
  Inputs coefficient(String tensor, BigDecimal value, int... indices)
      throws InvalidFormatException {
    RoundTensor declared =
        model.round().stream().filter(t -> t.name().equals(tensor)).findFirst().orElseThrow();
    int offset = 0;
    for (int d = 0; d < indices.length; d++) {
      int length = declared.dimensions().get(d).length();
      offset = offset * length + java.util.Objects.checkIndex(indices[d], length);
    }
    coefficients[model.coefficientOffset(tensor) + offset] =
        scaled(
            tensor + java.util.Arrays.toString(indices),
            value,
            declared.scale(),
            declared.min(),
            declared.max());
    return this;
  }

  /** Sets a coefficient, in units of the tensor's scale. */
  Inputs coefficient(String tensor, BigInteger units, int... indices)
      throws InvalidFormatException {
    RoundTensor declared =
        model.round().stream().filter(t -> t.name().equals(tensor)).findFirst().orElseThrow();
    return coefficient(tensor, new BigDecimal(units, declared.scale()), indices);
  }

  /**
   * Sets a holding.
   *
   * @param value a decimal; refused if it has more decimals than the vector's scale
   */
  Inputs holding(String vector, int index, BigDecimal value) throws InvalidFormatException {
    HoldingVector declared = vector(vector);
    int at = java.util.Objects.checkIndex(index, declared.length());
    holdings[model.holdingOffset(vector) + at] =
        scaled(vector + "[" + index + "]", value, declared.scale(), declared.min(), declared.max());
    return this;
  }

  /** Sets a holding, in units of the vector's scale. */
  Inputs holding(String vector, int index, BigInteger units) throws InvalidFormatException {
    return holding(vector, index, new BigDecimal(units, vector(vector).scale()));
  }

  private HoldingVector vector(String name) {
    return model.holdings().stream().filter(v -> v.name().equals(name)).findFirst().orElseThrow();
  }

  private long scaled(String input, BigDecimal value, int scale, long min, long max)
      throws InvalidFormatException {
    BigInteger units;
    try {
      units = value.setScale(scale).unscaledValue();
    } catch (ArithmeticException e) {
      throw new InvalidFormatException(
          place + ": " + input + " is " + value + ", which has more than " + scale + " decimals");
    }
    if (units.compareTo(BigInteger.valueOf(min)) < 0
        || units.compareTo(BigInteger.valueOf(max)) > 0) {
      throw new InvalidFormatException(
          place
              + ": "
              + input
              + " is "
              + value.toPlainString()
              + ", outside "
              + BigDecimal.valueOf(min, scale).toPlainString()
              + " to "
              + BigDecimal.valueOf(max, scale).toPlainString());
    }
    return units.longValueExact();
  }

  /** The account of what was set. */
  Account account(String label) throws InvalidFormatException {
    for (HoldingVector vector : model.holdings()) {
      if (vector.isMagnitude()) {
        int to = model.holdingOffset(vector.name());
        int from = model.holdingOffset(vector.magnitudeOf());
        for (int i = 0; i < vector.length(); i++) {
          holdings[to + i] = Math.abs(holdings[from + i]);
        }
      }
    }
    return new Account(
        label, model, RoundCoefficients.of(model, coefficients), Holdings.of(model, holdings));
  }
}
