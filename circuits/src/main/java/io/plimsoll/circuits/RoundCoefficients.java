package io.plimsoll.circuits;

import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every public coefficient of a model at one time: integers at the declared scales, inside the
 * declared intervals, in public-vector order. Immutable and thread-safe.
 */
public final class RoundCoefficients {
  private final MarginModel model;
  private final long[] values;

  private RoundCoefficients(MarginModel model, long[] values) {
    this.model = model;
    this.values = values;
  }

  /**
   * Reads exact decimals.
   *
   * @param decimals for each tensor of the model its elements, row-major
   * @throws InvalidFormatException naming the tensor that is unknown or missing, a wrong number of
   *     elements, or the element with its value and its limit: not a plain decimal, more decimals
   *     than the scale, outside its interval
   */
  public static RoundCoefficients parse(MarginModel model, Map<String, List<String>> decimals)
      throws InvalidFormatException {
    for (String name : decimals.keySet()) {
      if (model.inputs().tensor(name) == null) {
        throw new InvalidFormatException(
            "round: model " + model.name() + " has no tensor '" + Decimals.printable(name) + "'");
      }
    }
    for (RoundTensor tensor : model.round()) {
      List<String> elements = decimals.get(tensor.name());
      if (elements == null) {
        throw new InvalidFormatException("round: tensor '" + tensor.name() + "' is missing");
      }
      if (elements.size() != tensor.size()) {
        throw new InvalidFormatException(
            "round: tensor '"
                + tensor.name()
                + "' has "
                + elements.size()
                + " values, not "
                + tensor.size());
      }
    }
    long[] values = new long[model.coefficientCount()];
    int next = 0;
    for (RoundTensor tensor : model.round()) {
      int element = 0;
      for (String text : decimals.get(tensor.name())) {
        values[next++] =
            Decimals.parse(
                "round: " + tensor.element(element++),
                text,
                tensor.scale(),
                tensor.min(),
                tensor.max(),
                RoundingMode.UNNECESSARY);
      }
    }
    return new RoundCoefficients(model, values);
  }

  /**
   * Wraps integers in public-vector order, which are copied.
   *
   * @throws InvalidFormatException if their number is wrong, or naming the element that is outside
   *     its interval
   */
  public static RoundCoefficients of(MarginModel model, long[] values)
      throws InvalidFormatException {
    if (values.length != model.coefficientCount()) {
      throw new InvalidFormatException(
          "round: " + values.length + " coefficients, not " + model.coefficientCount());
    }
    for (int i = 0; i < values.length; i++) {
      RoundTensor tensor = model.inputs().coefficientTensor(i);
      if (values[i] < tensor.min() || values[i] > tensor.max()) {
        throw new InvalidFormatException(
            "round: "
                + model.inputs().coefficientName(i)
                + " is "
                + Decimals.format(values[i], tensor.scale())
                + ", outside "
                + Decimals.format(tensor.min(), tensor.scale())
                + " to "
                + Decimals.format(tensor.max(), tensor.scale()));
      }
    }
    return new RoundCoefficients(model, values.clone());
  }

  /** The model whose coefficients these are. */
  public MarginModel model() {
    return model;
  }

  /** The integers in public-vector order. A fresh copy. */
  public long[] toLongArray() {
    return values.clone();
  }

  /**
   * One coefficient as an exact decimal with the tensor's scale.
   *
   * @param indices one for each dimension of the tensor
   * @throws IllegalArgumentException if there is no such tensor or the number of indices is wrong
   * @throws IndexOutOfBoundsException if an index is beyond its dimension
   */
  public BigDecimal get(String tensor, int... indices) {
    int offset = model.coefficientOffset(tensor);
    RoundTensor declared = model.inputs().tensor(tensor);
    return BigDecimal.valueOf(values[offset + declared.index(indices)], declared.scale());
  }

  /** For each tensor, in the model's order, its elements as the shortest exact decimals. */
  public Map<String, List<String>> toDecimals() {
    Map<String, List<String>> decimals = new LinkedHashMap<>();
    int next = 0;
    for (RoundTensor tensor : model.round()) {
      List<String> elements = new ArrayList<>(tensor.size());
      for (int i = 0; i < tensor.size(); i++) {
        elements.add(Decimals.format(values[next++], tensor.scale()));
      }
      decimals.put(tensor.name(), elements);
    }
    return decimals;
  }

  /** Equal values for equal models. */
  @Override
  public boolean equals(Object other) {
    return other instanceof RoundCoefficients round
        && model.equals(round.model)
        && Arrays.equals(values, round.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "RoundCoefficients of " + model;
  }
}
