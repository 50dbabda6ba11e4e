package io.plimsoll.risk;

import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.RoundCoefficients;
import io.plimsoll.circuits.RoundTensor;
import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** Collects the coefficients of a round, each rounded in a named direction. Not thread-safe. */
final class CoefficientWriter {
  private final MarginModel model;
  private final Map<String, RoundTensor> tensors = new HashMap<>();
  private final long[] values;

  CoefficientWriter(MarginModel model) {
    this.model = model;
    this.values = new long[model.coefficientCount()];
    model.round().forEach(tensor -> tensors.put(tensor.name(), tensor));
  }

  /** Whether the model has this tensor: dimensions of length zero do not exist. */
  boolean has(String tensor) {
    return tensors.containsKey(tensor);
  }

  /** Length of a dimension. */
  int length(String tensor, int dimension) {
    return tensors.get(tensor).dimensions().get(dimension).length();
  }

  /**
   * Sets a coefficient; what is not set is zero.
   *
   * @param rounding to the tensor's decimals
   * @param indices one for each dimension
   * @throws InvalidFormatException if it is outside the tensor's interval
   */
  void put(String tensor, BigDecimal value, RoundingMode rounding, int... indices)
      throws InvalidFormatException {
    RoundTensor declared = tensors.get(tensor);
    int offset = 0;
    StringBuilder element = new StringBuilder(tensor);
    for (int d = 0; d < indices.length; d++) {
      int length = declared.dimensions().get(d).length();
      offset = offset * length + Objects.checkIndex(indices[d], length);
      element.append('[').append(indices[d]).append(']');
    }
    BigInteger units = value.setScale(declared.scale(), rounding).unscaledValue();
    if (units.compareTo(BigInteger.valueOf(declared.min())) < 0
        || units.compareTo(BigInteger.valueOf(declared.max())) > 0) {
      throw new InvalidFormatException(
          "round: "
              + element
              + " would be "
              + new BigDecimal(units, declared.scale()).toPlainString()
              + ", outside "
              + BigDecimal.valueOf(declared.min(), declared.scale()).toPlainString()
              + " to "
              + BigDecimal.valueOf(declared.max(), declared.scale()).toPlainString());
    }
    values[model.coefficientOffset(tensor) + offset] = units.longValueExact();
  }

  RoundCoefficients toRound() throws InvalidFormatException {
    return RoundCoefficients.of(model, values);
  }
}
