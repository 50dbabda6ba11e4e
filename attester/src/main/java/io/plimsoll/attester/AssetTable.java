package io.plimsoll.attester;

import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The assets that an attester deals in, each with its decimals and its side: what {@link Amounts}
 * are about. Immutable and thread-safe.
 */
public final class AssetTable {
  /** Longest decimal that is read, in characters. */
  static final int MAX_CHARACTERS = 64;

  private static final Pattern DECIMAL = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?");

  /**
   * What is known of an asset.
   *
   * @param scale decimals that its integers carry, 0 to 36
   */
  record Entry(int scale, Side side) {}

  private final List<Asset> assets;
  private final List<Entry> entries;
  private final Map<Asset, Integer> positions = new HashMap<>();

  AssetTable(SortedMap<Asset, Entry> table) {
    this.assets = List.copyOf(table.keySet());
    this.entries = List.copyOf(table.values());
    for (int i = 0; i < assets.size(); i++) {
      positions.put(assets.get(i), i);
    }
  }

  /**
   * Every asset of some circuits, at the finest scale that any of them has for it.
   *
   * @throws InvalidFormatException if two circuits disagree about an asset's side
   */
  static AssetTable of(Iterable<Circuit> circuits) throws InvalidFormatException {
    SortedMap<Asset, Entry> table = new TreeMap<>();
    for (Circuit circuit : circuits) {
      for (Circuit.Column column : circuit.columns()) {
        Entry known = table.get(column.asset());
        if (known != null && known.side() != column.side()) {
          throw new InvalidFormatException(
              "custody: "
                  + column.asset()
                  + " is "
                  + column.side()
                  + " in one circuit and "
                  + known.side()
                  + " in another");
        }
        int scale = known == null ? column.scale() : Math.max(known.scale(), column.scale());
        table.put(column.asset(), new Entry(scale, column.side()));
      }
    }
    return new AssetTable(table);
  }

  int size() {
    return assets.size();
  }

  Asset asset(int index) {
    return assets.get(index);
  }

  int scale(int index) {
    return entries.get(index).scale();
  }

  Side side(int index) {
    return entries.get(index).side();
  }

  /** Position of an asset, or -1. */
  int position(Asset asset) {
    return positions.getOrDefault(asset, -1);
  }

  /**
   * Reads what is kept. What is not written is zero. Decimals beyond the asset's scale are rounded
   * against the owner: floors down, ceilings up; an exact quantity is refused instead.
   *
   * @param what begins errors, which name the asset and not its quantity
   * @throws InvalidFormatException naming the line that is not as it must be
   */
  Amounts read(String what, List<PortfolioReader.Line> lines) throws InvalidFormatException {
    return read(what, lines, false);
  }

  /** As {@link #read}, refusing what would have to be rounded. */
  Amounts readExact(String what, List<PortfolioReader.Line> lines) throws InvalidFormatException {
    return read(what, lines, true);
  }

  private Amounts read(String what, List<PortfolioReader.Line> lines, boolean exact)
      throws InvalidFormatException {
    long[] values = new long[size()];
    BitSet written = new BitSet();
    for (PortfolioReader.Line line : lines) {
      Asset asset = new Asset(line.vector(), line.label());
      int index = position(asset);
      if (index < 0) {
        throw new InvalidFormatException(
            what + ": " + printable(asset.toString()) + " is in no circuit's listing");
      }
      if (written.get(index)) {
        throw new InvalidFormatException(what + ": " + asset + " occurs twice");
      }
      written.set(index);
      values[index] = parse(what + ": " + asset, line.quantity(), index, exact);
    }
    return new Amounts(this, values);
  }

  private long parse(String field, String text, int index, boolean exact)
      throws InvalidFormatException {
    if (text.length() > MAX_CHARACTERS || !DECIMAL.matcher(text).matches()) {
      throw new InvalidFormatException(
          field + ": the quantity is not a plain decimal of at most " + MAX_CHARACTERS);
    }
    RoundingMode rounding = exact ? RoundingMode.UNNECESSARY : side(index).against();
    BigInteger scaled;
    try {
      scaled = new BigDecimal(text).setScale(scale(index), rounding).unscaledValue();
    } catch (ArithmeticException e) {
      throw new InvalidFormatException(
          field + ": the quantity has more than " + scale(index) + " decimals");
    }
    if (scaled.bitLength() > Amounts.MAX_BITS) {
      throw new InvalidFormatException(
          field
              + ": the quantity is beyond 2^"
              + Amounts.MAX_BITS
              + " units of 10^-"
              + scale(index));
    }
    return scaled.longValueExact();
  }

  /** What is not zero, as exact decimals. */
  List<PortfolioReader.Line> write(Amounts amounts) {
    List<PortfolioReader.Line> lines = new ArrayList<>();
    for (int i = 0; i < size(); i++) {
      if (amounts.at(i) != 0) {
        lines.add(
            new PortfolioReader.Line(
                asset(i).vector(), asset(i).label(), decimal(i, amounts.at(i))));
      }
    }
    return lines;
  }

  private String decimal(int index, long value) {
    return BigDecimal.valueOf(value, scale(index)).stripTrailingZeros().toPlainString();
  }

  /** A text from outside, cut and without control characters, for errors. */
  static String printable(String text) {
    String cut = text.length() > 80 ? text.substring(0, 80) + "..." : text;
    return cut.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?");
  }
}
