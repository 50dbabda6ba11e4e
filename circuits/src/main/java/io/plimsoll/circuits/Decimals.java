package io.plimsoll.circuits;

import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.regex.Pattern;

/** People's decimals to scaled integers and back. */
final class Decimals {
  /** Longest decimal that is read, in characters; the longest that fits 64 bits has fewer. */
  static final int MAX_CHARACTERS = 64;

  private static final Pattern DECIMAL = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?");

  private Decimals() {}

  /**
   * Reads a decimal as an integer in units of 10^-scale.
   *
   * @param field named in errors
   * @param rounding {@link RoundingMode#UNNECESSARY} refuses what is not exact
   * @throws InvalidFormatException naming the field, the value and the limit
   */
  static long parse(String field, String text, int scale, long min, long max, RoundingMode rounding)
      throws InvalidFormatException {
    if (text.length() > MAX_CHARACTERS || !DECIMAL.matcher(text).matches()) {
      throw new InvalidFormatException(
          field
              + " is '"
              + printable(text)
              + "', not a plain decimal of at most "
              + MAX_CHARACTERS
              + " characters");
    }
    BigDecimal exact = new BigDecimal(text);
    BigInteger scaled;
    try {
      scaled = exact.setScale(scale, rounding).unscaledValue();
    } catch (ArithmeticException e) {
      throw new InvalidFormatException(
          field + " is " + text + ", which has more than " + scale + " decimals");
    }
    if (scaled.bitLength() > 63
        || scaled.compareTo(BigInteger.valueOf(min)) < 0
        || scaled.compareTo(BigInteger.valueOf(max)) > 0) {
      throw new InvalidFormatException(
          field + " is " + text + ", outside " + format(min, scale) + " to " + format(max, scale));
    }
    return scaled.longValueExact();
  }

  /** The shortest plain decimal of an integer in units of 10^-scale. */
  static String format(long value, int scale) {
    return format(BigDecimal.valueOf(value, scale));
  }

  /** The shortest plain form of a decimal. */
  static String format(BigDecimal decimal) {
    return decimal.signum() == 0 ? "0" : decimal.stripTrailingZeros().toPlainString();
  }

  /** A text from outside, cut and without control characters, for errors. */
  static String printable(String text) {
    String cut = text.length() > 40 ? text.substring(0, 40) + "..." : text;
    return cut.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?");
  }
}
