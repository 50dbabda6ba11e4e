package io.plimsoll.circuits;

import java.util.List;
import java.util.Objects;

/**
 * A declared public input: a tensor of coefficients that a risk round supplies.
 *
 * @param name unique among the model's inputs
 * @param dimensions outermost first; none for a single coefficient
 * @param scale decimals that the integers carry
 * @param min smallest value, in units of 10^-scale
 * @param max largest value, in units of 10^-scale
 */
public record RoundTensor(String name, List<Dimension> dimensions, int scale, long min, long max) {
  /** Copies the dimensions. */
  public RoundTensor {
    dimensions = List.copyOf(dimensions);
  }

  /**
   * A dimension of a tensor.
   *
   * @param axis axis of the listing, or a plain name such as {@code scenario}
   * @param length number of elements along it, at least 1
   */
  public record Dimension(String axis, int length) {}

  /** Number of elements: the product of the dimensions. */
  public int size() {
    int size = 1;
    for (Dimension dimension : dimensions) {
      size = Math.multiplyExact(size, dimension.length());
    }
    return size;
  }

  /** Row-major offset of an element. */
  int index(int... indices) {
    if (indices.length != dimensions.size()) {
      throw new IllegalArgumentException(
          name + ": " + indices.length + " indices for " + dimensions.size() + " dimensions");
    }
    int offset = 0;
    for (int d = 0; d < indices.length; d++) {
      int length = dimensions.get(d).length();
      offset = offset * length + Objects.checkIndex(indices[d], length);
    }
    return offset;
  }

  /** {@code name[i][j]} of the element at a row-major offset, for errors. */
  String element(int offset) {
    StringBuilder text = new StringBuilder();
    int rest = offset;
    for (int d = dimensions.size() - 1; d >= 0; d--) {
      int length = dimensions.get(d).length();
      text.insert(0, "[" + rest % length + "]");
      rest /= length;
    }
    return text.insert(0, name).toString();
  }
}
