package io.plimsoll.suites;

import io.plimsoll.circuits.HoldingVector;
import io.plimsoll.circuits.Holdings;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.RoundCoefficients;
import io.plimsoll.circuits.RoundTensor;
import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Collects a round and one attester's holdings for a model, by name. What is not set is zero, and
 * attested magnitudes are derived. Not thread-safe.
 */
final class Inputs {
  private static final int PART_DIGITS = 17;
  private static final BigInteger PART = BigInteger.TEN.pow(PART_DIGITS);

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
      offset = offset * length + Objects.checkIndex(indices[d], length);
    }
    coefficients[model.coefficientOffset(tensor) + offset] =
        scaled(
            tensor + Arrays.toString(indices),
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
    int at = Objects.checkIndex(index, declared.length());
    holdings[model.holdingOffset(vector) + at] =
        scaled(vector + "[" + index + "]", value, declared.scale(), declared.min(), declared.max());
    return this;
  }

  /** Sets a holding, in units of the vector's scale. */
  Inputs holding(String vector, int index, BigInteger units) throws InvalidFormatException {
    return holding(vector, index, new BigDecimal(units, vector(vector).scale()));
  }

  /** Sets a holding that the model takes in parts of 17 digits: {@code x, xE17, xE34}. */
  Inputs wideHolding(String vector, int index, BigInteger units) throws InvalidFormatException {
    List<BigInteger> parts =
        parts(vector, units, n -> model.holdings().stream().anyMatch(v -> v.name().equals(n)));
    for (int i = 0; i < parts.size(); i++) {
      holding(partName(vector, i), index, parts.get(i));
    }
    return this;
  }

  /** Sets an element of a vector of coefficients that the model takes in parts of 17 digits. */
  Inputs wideCoefficient(String tensor, int index, BigInteger units) throws InvalidFormatException {
    List<BigInteger> parts =
        parts(tensor, units, n -> model.round().stream().anyMatch(t -> t.name().equals(n)));
    for (int i = 0; i < parts.size(); i++) {
      coefficient(partName(tensor, i), parts.get(i), index);
    }
    return this;
  }

  private static List<BigInteger> parts(
      String name, BigInteger units, Predicate<String> isDeclared) {
    List<BigInteger> parts = new ArrayList<>();
    BigInteger rest = units;
    while (isDeclared.test(partName(name, parts.size() + 1))) {
      BigInteger[] divided = rest.divideAndRemainder(PART);
      parts.add(divided[1]);
      rest = divided[0];
    }
    parts.add(rest);
    return parts;
  }

  private static String partName(String name, int part) {
    return part == 0 ? name : name + "E" + part * PART_DIGITS;
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
