package io.plimsoll.risk;

import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.util.regex.Pattern;

/** Checks single values of a market snapshot. */
final class Fields {
  private static final int MAX_CHARACTERS = 64;
  private static final Pattern DECIMAL = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?");

  private Fields() {}

  /**
   * Reads a plain decimal, both limits included.
   *
   * @throws InvalidFormatException if it is missing, no plain decimal (NaN, infinity and exponents
   *     are none), or outside the limits
   */
  static BigDecimal decimal(String field, String text, String min, String max)
      throws InvalidFormatException {
    if (text.isEmpty()) {
      throw new InvalidFormatException("market: " + field + " is missing");
    }
    if (text.length() > MAX_CHARACTERS || !DECIMAL.matcher(text).matches()) {
      throw new InvalidFormatException(
          "market: "
              + field
              + " is '"
              + printable(text)
              + "', not a plain decimal of at most "
              + MAX_CHARACTERS
              + " characters");
    }
    BigDecimal value = new BigDecimal(text);
    if (value.compareTo(new BigDecimal(min)) < 0 || value.compareTo(new BigDecimal(max)) > 0) {
      throw new InvalidFormatException(
          "market: " + field + " is " + text + ", not " + min + " to " + max);
    }
    return value;
  }

  /** Reads a plain decimal above zero. */
  static BigDecimal positive(String field, String text, String max) throws InvalidFormatException {
    BigDecimal value = decimal(field, text, "0", max);
    if (value.signum() == 0) {
      throw new InvalidFormatException("market: " + field + " is " + text + ", not above 0");
    }
    return value;
  }

  /** Checks a name. */
  static String name(String field, String text) throws InvalidFormatException {
    if (text.isEmpty()) {
      throw new InvalidFormatException("market: " + field + " is missing");
    }
    return CanonicalWriter.requireText("market: " + field, text);
  }

  /** A text from outside, cut and without control characters, for errors. */
  static String printable(String text) {
    String cut = text.length() > 40 ? text.substring(0, 40) + "..." : text;
    return cut.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?");
  }
}
