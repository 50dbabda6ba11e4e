package io.plimsoll.circuits;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A vector or tensor of expressions, row-major. Immutable.
 *
 * @see MarginModelBuilder
 */
public final class ExprArray {
  private final List<Expr> elements;
  private final int[] lengths;

  ExprArray(List<Expr> elements, int... lengths) {
    this.elements = List.copyOf(elements);
    this.lengths = lengths.clone();
  }

  /** Length of the outermost dimension; 1 for a single element. */
  public int size() {
    return lengths.length == 0 ? 1 : lengths[0];
  }

  /**
   * One element.
   *
   * @param indices one for each dimension
   */
  public Expr get(int... indices) {
    if (indices.length != lengths.length) {
      throw new IllegalArgumentException(
          indices.length + " indices for " + lengths.length + " dimensions");
    }
    int offset = 0;
    for (int d = 0; d < indices.length; d++) {
      offset = offset * lengths[d] + Objects.checkIndex(indices[d], lengths[d]);
    }
    return elements.get(offset);
  }

  /** The elements {@code from} to {@code to - 1} of the outermost dimension. */
  public ExprArray slice(int from, int to) {
    Objects.checkFromToIndex(from, to, size());
    int stride = elements.size() / size();
    int[] sliced = lengths.clone();
    sliced[0] = to - from;
    return new ExprArray(elements.subList(from * stride, to * stride), sliced);
  }

  /** The elements along the last dimension, for given indices of all others. */
  public ExprArray row(int... indices) {
    if (indices.length != lengths.length - 1) {
      throw new IllegalArgumentException(
          indices.length + " indices for " + (lengths.length - 1) + " outer dimensions");
    }
    int length = lengths[lengths.length - 1];
    List<Expr> row = new ArrayList<>(length);
    int[] at = Arrays.copyOf(indices, lengths.length);
    for (int i = 0; i < length; i++) {
      at[at.length - 1] = i;
      row.add(get(at));
    }
    return new ExprArray(row, length);
  }

  /** All elements, row-major. */
  public List<Expr> toList() {
    return elements;
  }

  /** The sum of the products of the elements at equal places. */
  public Expr dot(ExprArray other) {
    if (elements.size() != other.elements.size()) {
      throw new IllegalArgumentException(
          "dot: " + elements.size() + " elements and " + other.elements.size());
    }
    List<Expr> products = new ArrayList<>(elements.size());
    for (int i = 0; i < elements.size(); i++) {
      products.add(elements.get(i).times(other.elements.get(i)));
    }
    return elements.get(0).builder.sum(products);
  }

  /** The sum of all elements. */
  public Expr sum() {
    return elements.get(0).builder.sum(elements);
  }

  /** The smallest element. */
  public Expr min() {
    return elements.get(0).builder.min(elements);
  }

  /** The largest element. */
  public Expr max() {
    return elements.get(0).builder.max(elements);
  }
}
