package io.plimsoll.circuits;

import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which instrument, asset or underlying each slot of a model's axes stands for. Slots beyond the
 * last label of an axis are padding, and an axis without labels is not part of the listing. Rounds
 * and attestations name the {@link #digest}, because a slot has to mean the same thing in both.
 * Immutable and thread-safe.
 */
public final class Listing {
  private final Map<String, List<String>> axes;
  private final Map<String, Map<String, Integer>> slots;
  private final Digest digest;

  private Listing(Map<String, List<String>> axes, Map<String, Map<String, Integer>> slots) {
    this.axes = Collections.unmodifiableMap(axes);
    this.slots = slots;
    CanonicalWriter writer = new CanonicalWriter("plimsoll/listing/v1").u32(axes.size());
    axes.forEach(
        (axis, labels) -> {
          writer.text(axis).u32(labels.size());
          labels.forEach(writer::text);
        });
    this.digest = writer.digest();
  }

  /**
   * A listing for a model. The axes may come in any order; those without labels are left out.
   *
   * @param labels by axis, in the order of the slots
   * @throws InvalidFormatException naming an axis that the model does not have, or a label that is
   *     empty, not a text in its canonical form, a duplicate, or beyond the axis's length
   */
  public static Listing of(MarginModel model, Map<String, List<String>> labels)
      throws InvalidFormatException {
    Map<String, Integer> lengths = axisLengths(model);
    for (String axis : labels.keySet()) {
      if (!lengths.containsKey(axis)) {
        throw new InvalidFormatException(
            "listing: the model has no axis '"
                + Decimals.printable(axis)
                + "'; axes: "
                + String.join(", ", lengths.keySet()));
      }
    }
    Map<String, List<String>> axes = new LinkedHashMap<>();
    Map<String, Map<String, Integer>> slots = new HashMap<>();
    for (Map.Entry<String, Integer> length : lengths.entrySet()) {
      String axis = length.getKey();
      List<String> given = labels.getOrDefault(axis, List.of());
      if (given.isEmpty()) {
        continue;
      }
      if (given.size() > length.getValue()) {
        throw new InvalidFormatException(
            "listing: axis '"
                + axis
                + "' has "
                + given.size()
                + " labels, more than its length "
                + length.getValue());
      }
      Map<String, Integer> slotOf = new HashMap<>();
      for (String label : given) {
        String field = "listing: axis '" + axis + "', label " + slotOf.size();
        if (label.isEmpty()) {
          throw new InvalidFormatException(field + " is empty");
        }
        CanonicalWriter.requireText(field, label);
        if (slotOf.put(label, slotOf.size()) != null) {
          throw new InvalidFormatException(field + " is '" + label + "', which occurs twice");
        }
      }
      axes.put(axis, List.copyOf(given));
      slots.put(axis, slotOf);
    }
    return new Listing(axes, slots);
  }

  /** Length of each axis of a model, in the order in which the model first mentions them. */
  static Map<String, Integer> axisLengths(MarginModel model) {
    Map<String, Integer> lengths = new LinkedHashMap<>();
    for (HoldingVector vector : model.holdings()) {
      if (!vector.axis().isEmpty()) {
        lengths.merge(vector.axis(), vector.length(), Math::min);
      }
    }
    for (RoundTensor tensor : model.round()) {
      for (RoundTensor.Dimension dimension : tensor.dimensions()) {
        if (!dimension.axis().isEmpty()) {
          lengths.merge(dimension.axis(), dimension.length(), Math::min);
        }
      }
    }
    return lengths;
  }

  /** The axes that have labels, in the model's order. */
  public List<String> axes() {
    return new ArrayList<>(axes.keySet());
  }

  /** The labels of an axis by slot; none if the axis is not part of the listing. */
  public List<String> labels(String axis) {
    return axes.getOrDefault(axis, List.of());
  }

  /** The slot of a label, or -1 if the axis has no such label. */
  public int slot(String axis, String label) {
    return slots.getOrDefault(axis, Map.of()).getOrDefault(label, -1);
  }

  /** The listing digest of {@code docs/formats.md}. */
  public Digest digest() {
    return digest;
  }

  /** Equal axes, labels and slots. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Listing listing && digest.equals(listing.digest);
  }

  @Override
  public int hashCode() {
    return digest.hashCode();
  }

  @Override
  public String toString() {
    return "Listing" + axes;
  }
}
