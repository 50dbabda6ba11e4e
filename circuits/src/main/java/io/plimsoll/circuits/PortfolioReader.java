package io.plimsoll.circuits;

import io.plimsoll.verifier.InvalidFormatException;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Turns a portfolio as people write it - vector, label, decimal - into {@link Holdings}, and back.
 * What is not written is zero; magnitudes are derived. Quantities have to be exact at the vector's
 * scale, unless {@link #roundingDown} was asked for. Immutable and thread-safe.
 */
public final class PortfolioReader {
  /** Most lines that a portfolio may have. */
  public static final int MAX_LINES = ModelInputs.MAX_HOLDINGS;

  private final MarginModel model;
  private final Listing listing;
  private final Set<String> roundedDown;

  /** A reader that refuses quantities with more decimals than their vector's scale. */
  public PortfolioReader(MarginModel model, Listing listing) {
    this(model, listing, Set.of());
  }

  private PortfolioReader(MarginModel model, Listing listing, Set<String> roundedDown) {
    this.model = model;
    this.listing = listing;
    this.roundedDown = roundedDown;
  }

  /**
   * A reader that rounds the quantities of these vectors down (towards negative infinity) to the
   * vector's scale: assets become less and debts more, against the owner. For vectors in which more
   * is better for the owner, such as cash and collateral.
   *
   * @throws IllegalArgumentException if the model has no such vector, or magnitudes of it are
   *     attested: then less is not always worse
   */
  public PortfolioReader roundingDown(String... vectors) {
    Set<String> names = new TreeSet<>(roundedDown);
    for (String name : vectors) {
      HoldingVector vector = model.inputs().vector(name);
      if (vector == null || vector.isMagnitude()) {
        throw new IllegalArgumentException("no holding vector '" + name + "' to round");
      }
      if (model.holdings().stream().anyMatch(other -> other.magnitudeOf().equals(name))) {
        throw new IllegalArgumentException(
            "'" + name + "' is held long or short: rounding down may help the owner");
      }
      names.add(name);
    }
    return new PortfolioReader(model, listing, names);
  }

  /**
   * One line of a portfolio. A secret of the owner: {@link #toString} is redacted.
   *
   * @param vector holding vector of the model
   * @param label label on the vector's axis; empty for an unlabelled element
   * @param quantity exact decimal
   */
  public record Line(String vector, String label, String quantity) {
    @Override
    public String toString() {
      return "Line (redacted)";
    }
  }

  /**
   * Reads a portfolio.
   *
   * @throws InvalidFormatException naming the vector or label that is unknown, written twice, or
   *     derived and so not to be written, or the quantity that is not a plain decimal, has too many
   *     decimals, or is outside its interval. The message has the quantity: it is for the owner
   */
  public Holdings read(List<Line> lines) throws InvalidFormatException {
    if (lines.size() > MAX_LINES) {
      throw new InvalidFormatException(
          "portfolio: " + lines.size() + " holdings, more than " + MAX_LINES);
    }
    ModelInputs inputs = model.inputs();
    long[] values = new long[inputs.holdingCount()];
    BitSet written = new BitSet();
    for (Line line : lines) {
      HoldingVector vector = inputs.vector(line.vector());
      if (vector == null) {
        throw new InvalidFormatException(
            "portfolio: model "
                + model.name()
                + " has no holding vector '"
                + Decimals.printable(line.vector())
                + "'");
      }
      if (vector.isMagnitude()) {
        throw new InvalidFormatException(
            "portfolio: '"
                + vector.name()
                + "' is the magnitude of '"
                + vector.magnitudeOf()
                + "': it is derived, not written");
      }
      int slot = slot(vector, line.label());
      String field = "portfolio: " + describe(vector, line.label());
      int index = inputs.offset(vector.name()) + slot;
      if (written.get(index)) {
        throw new InvalidFormatException(field + " occurs twice");
      }
      written.set(index);
      values[index] =
          Decimals.parse(
              field,
              line.quantity(),
              vector.scale(),
              vector.min(),
              vector.max(),
              roundedDown.contains(vector.name()) ? RoundingMode.FLOOR : RoundingMode.UNNECESSARY);
    }
    for (HoldingVector vector : inputs.vectors()) {
      if (vector.isMagnitude()) {
        int from = inputs.offset(vector.magnitudeOf());
        int to = inputs.offset(vector.name());
        for (int i = 0; i < vector.length(); i++) {
          values[to + i] = Math.abs(values[from + i]);
        }
      }
    }
    return Holdings.of(model, values);
  }

  private int slot(HoldingVector vector, String label) throws InvalidFormatException {
    if (vector.axis().isEmpty()) {
      if (!label.isEmpty()) {
        throw new InvalidFormatException(
            "portfolio: '"
                + vector.name()
                + "' has no labels, but '"
                + Decimals.printable(label)
                + "' is written");
      }
      return 0;
    }
    int slot = listing.slot(vector.axis(), label);
    if (slot < 0 || slot >= vector.length()) {
      throw new InvalidFormatException(
          "portfolio: '"
              + vector.name()
              + "': the listing has no "
              + vector.axis()
              + " '"
              + Decimals.printable(label)
              + "'");
    }
    return slot;
  }

  private static String describe(HoldingVector vector, String label) {
    return vector.axis().isEmpty() ? vector.name() : vector.name() + " of '" + label + "'";
  }

  /**
   * The lines of a portfolio: every element that is not zero, magnitudes left out.
   *
   * @throws IllegalArgumentException if a padding slot, which has no label, is not zero
   */
  public List<Line> write(Holdings holdings) {
    List<Line> lines = new ArrayList<>();
    long[] values = holdings.toLongArray();
    for (HoldingVector vector : model.holdings()) {
      if (vector.isMagnitude()) {
        continue;
      }
      int offset = model.holdingOffset(vector.name());
      List<String> labels = vector.axis().isEmpty() ? List.of("") : listing.labels(vector.axis());
      for (int i = 0; i < vector.length(); i++) {
        if (values[offset + i] == 0) {
          continue;
        }
        if (i >= labels.size()) {
          throw new IllegalArgumentException(
              vector.name() + "[" + i + "] is held, but the listing has no label for it");
        }
        lines.add(
            new Line(
                vector.name(), labels.get(i), Decimals.format(values[offset + i], vector.scale())));
      }
    }
    return lines;
  }
}
