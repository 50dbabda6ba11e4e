package io.plimsoll.circuits;

import java.util.List;

/**
 * Declared values that the owner picks under the model's {@link Constraint}s, such as which short
 * options are covered by which long ones. Every pick that fulfils the constraints is a valid bound,
 * so a bad one only hurts the owner. They are private and no part of the public vector.
 *
 * @param name unique among the model's inputs
 * @param dimensions outermost first; none for a single value
 * @param scale decimals that the integers carry
 * @param max each value is 0 to this, in units of 10^-scale; at least 1
 * @param because why every feasible choice is a valid bound, for people
 */
public record ChoiceTensor(
    String name, List<RoundTensor.Dimension> dimensions, int scale, long max, String because) {
  /** Copies the dimensions. */
  public ChoiceTensor {
    dimensions = List.copyOf(dimensions);
  }

  /** Number of values: the product of the dimensions. */
  public int size() {
    return tensor().size();
  }

  /** {@code name[i][j]} of the value at a row-major offset, for errors. */
  String element(int offset) {
    return tensor().element(offset);
  }

  private RoundTensor tensor() {
    return new RoundTensor(name, dimensions, scale, 0, max);
  }
}
