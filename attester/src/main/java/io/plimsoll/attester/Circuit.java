package io.plimsoll.attester;

import io.plimsoll.attestation.AttesterScope;
import io.plimsoll.circuits.HoldingVector;
import io.plimsoll.circuits.Holdings;
import io.plimsoll.circuits.Listing;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.VerifyingKey;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an attester writes into for one venue: a circuit's key, model and listing, and which of the
 * custodian's assets stands in which column. Immutable and thread-safe.
 */
public final class Circuit {
  private final VerifyingKey key;
  private final MarginModel model;
  private final Listing listing;
  private final AttesterScope scope;
  private final PortfolioReader reader;
  private final List<Column> columns;

  /**
   * One asset's place.
   *
   * @param vector the model's vector
   * @param scale the vector's
   */
  record Column(Asset asset, String vector, int scale, Side side) {}

  private Circuit(
      VerifyingKey key,
      MarginModel model,
      Listing listing,
      AttesterScope scope,
      List<Column> columns) {
    this.key = key;
    this.model = model;
    this.listing = listing;
    this.scope = scope;
    this.reader = new PortfolioReader(model, listing);
    this.columns = List.copyOf(columns);
  }

  /**
   * A circuit as an attester uses it.
   *
   * @param vectors the custodian's kinds of holdings, each with the model's vector that it is
   *     written to; only these are attested
   * @param sides which way each of those kinds may hurt; {@link Side#EXACT} if it is not named
   * @throws InvalidFormatException if a vector is unknown, a magnitude, or written to twice
   */
  public static Circuit of(
      VerifyingKey key,
      MarginModel model,
      Listing listing,
      Map<String, String> vectors,
      Map<String, Side> sides)
      throws InvalidFormatException {
    Set<String> written = new HashSet<>();
    List<Column> columns = new ArrayList<>();
    Map<String, HoldingVector> declared = new HashMap<>();
    model.holdings().forEach(vector -> declared.put(vector.name(), vector));
    for (String kind : sides.keySet()) {
      if (!vectors.containsKey(kind)) {
        throw new InvalidFormatException(
            "circuit: side of '" + AssetTable.printable(kind) + "', which is not attested");
      }
    }
    for (Map.Entry<String, String> entry : vectors.entrySet()) {
      HoldingVector vector = declared.get(entry.getValue());
      if (vector == null || vector.isMagnitude()) {
        throw new InvalidFormatException(
            "circuit: model "
                + model.name()
                + " has no holding vector '"
                + AssetTable.printable(entry.getValue())
                + "' that can be written");
      }
      if (!written.add(vector.name())) {
        throw new InvalidFormatException(
            "circuit: vector '" + vector.name() + "' is written to twice");
      }
      Side side = sides.getOrDefault(entry.getKey(), Side.EXACT);
      List<String> labels = vector.axis().isEmpty() ? List.of("") : listing.labels(vector.axis());
      for (String label : labels.subList(0, Math.min(labels.size(), vector.length()))) {
        columns.add(
            new Column(new Asset(entry.getKey(), label), vector.name(), vector.scale(), side));
      }
    }
    AttesterScope scope = AttesterScope.vectors(model, written.toArray(String[]::new));
    return new Circuit(key, model, listing, scope, columns);
  }

  /** The circuit's id. */
  public Digest id() {
    return key.circuitId();
  }

  VerifyingKey key() {
    return key;
  }

  MarginModel model() {
    return model;
  }

  Listing listing() {
    return listing;
  }

  AttesterScope scope() {
    return scope;
  }

  List<Column> columns() {
    return columns;
  }

  /**
   * What the circuit can say of some amounts: decimals beyond a column's scale are rounded against
   * the owner, and assets that it does not list are zero.
   *
   * @throws InvalidFormatException if an exact quantity has more decimals than its column
   */
  Amounts expressible(Amounts amounts) throws InvalidFormatException {
    AssetTable table = amounts.table();
    long[] values = new long[table.size()];
    for (Column column : columns) {
      int i = table.position(column.asset());
      BigDecimal exact = BigDecimal.valueOf(amounts.at(i), table.scale(i));
      RoundingMode rounding = column.side().against();
      try {
        values[i] =
            exact
                .setScale(column.scale(), rounding)
                .setScale(table.scale(i))
                .unscaledValue()
                .longValueExact();
      } catch (ArithmeticException e) {
        throw new InvalidFormatException(
            "circuit: " + column.asset() + " has more than " + column.scale() + " decimals");
      }
    }
    return new Amounts(table, values);
  }

  /**
   * Amounts that are {@link #expressible} as the model's holdings, magnitudes derived.
   *
   * @throws InvalidFormatException naming the holding that is outside its interval; with its value,
   *     so not for logs
   */
  Holdings holdings(Amounts amounts) throws InvalidFormatException {
    AssetTable table = amounts.table();
    List<PortfolioReader.Line> lines = new ArrayList<>();
    for (Column column : columns) {
      int i = table.position(column.asset());
      if (amounts.at(i) != 0) {
        lines.add(
            new PortfolioReader.Line(
                column.vector(),
                column.asset().label(),
                BigDecimal.valueOf(amounts.at(i), table.scale(i))
                    .stripTrailingZeros()
                    .toPlainString()));
      }
    }
    return reader.read(lines);
  }

  /** Circuit id and model. */
  @Override
  public String toString() {
    return "Circuit[" + id() + " " + model.name() + "]";
  }
}
