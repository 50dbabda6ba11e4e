package io.plimsoll.suites;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A JSON value that knows where it stands, so that every refusal names its place. Numbers are exact
 * decimals and may be written as strings, as files do with integers above 2^53. Immutable.
 *
 * <p>Refused when read: anything but RFC 8259, two members of one name, numbers of more than
 * {@value #MAX_NUMBER_CHARACTERS} characters or with an exponent beyond {@value #MAX_EXPONENT}.
 */
final class Json {
  /** Longest number that is read, in characters. */
  static final int MAX_NUMBER_CHARACTERS = 100;

  /** Most decimals of a number, and most zeros at its end. */
  static final int MAX_EXPONENT = 100;

  /** Longest excerpt of the input in an error, in characters. */
  private static final int MAX_SHOWN = 60;

  private final String place;

  /**
   * A {@code Map}, {@code List}, {@code String}, {@code Boolean}, {@code Digits} or {@code Null}.
   */
  private final Object value;

  private record Digits(String text) {}

  private enum Null {
    NULL
  }

  private Json(String place, Object value) {
    this.place = place;
    this.value = value;
  }

  /**
   * Reads one value.
   *
   * @param place begins every error, for example the file's name
   */
  static Json parse(String place, String text) throws InvalidFormatException {
    JsonReader reader = new JsonReader(new StringReader(text));
    reader.setStrictness(Strictness.STRICT);
    try {
      Json value = read(reader, place);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new InvalidFormatException(place + ": is not JSON: text after its end");
      }
      return value;
    } catch (MalformedJsonException | IllegalStateException e) {
      throw new InvalidFormatException(place + ": is not JSON: " + printable(firstLine(e)));
    } catch (IOException e) {
      throw new InvalidFormatException(place + ": is not JSON: it ends too early");
    }
  }

  private static Json read(JsonReader reader, String place)
      throws IOException, InvalidFormatException {
    // The reader refuses more than 255 levels.
    switch (reader.peek()) {
      case BEGIN_OBJECT -> {
        Map<String, Json> members = new LinkedHashMap<>();
        reader.beginObject();
        while (reader.hasNext()) {
          String name = reader.nextName();
          Json member = read(reader, place + ": " + printable(name));
          if (members.put(name, member) != null) {
            throw new InvalidFormatException(place + ": '" + printable(name) + "' occurs twice");
          }
        }
        reader.endObject();
        return new Json(place, Collections.unmodifiableMap(members));
      }
      case BEGIN_ARRAY -> {
        List<Json> elements = new ArrayList<>();
        reader.beginArray();
        while (reader.hasNext()) {
          elements.add(read(reader, place + "[" + elements.size() + "]"));
        }
        reader.endArray();
        return new Json(place, Collections.unmodifiableList(elements));
      }
      case STRING -> {
        return new Json(place, reader.nextString());
      }
      case NUMBER -> {
        return new Json(place, new Digits(reader.nextString()));
      }
      case BOOLEAN -> {
        return new Json(place, reader.nextBoolean());
      }
      default -> {
        reader.nextNull();
        return new Json(place, Null.NULL);
      }
    }
  }

  /** Where this stands: the file, then member names and indices. */
  String place() {
    return place;
  }

  /** An error that names this place and value. */
  InvalidFormatException refuse(String why) {
    return new InvalidFormatException(place + " is " + shown() + ", " + why);
  }

  /** Whether this object has a member that is not null. */
  boolean has(String name) throws InvalidFormatException {
    Json member = object().get(name);
    return member != null && member.value != Null.NULL;
  }

  /** A member that has to be there. */
  Json get(String name) throws InvalidFormatException {
    Json member = object().get(name);
    if (member == null) {
      throw new InvalidFormatException(place + ": '" + name + "' is missing");
    }
    return member;
  }

  /** Refuses members of other names: what is written must not be ignored. */
  Json only(String... names) throws InvalidFormatException {
    List<String> known = List.of(names);
    for (String name : object().keySet()) {
      if (!known.contains(name)) {
        throw new InvalidFormatException(
            place + ": no member '" + printable(name) + "' is known; members: " + known);
      }
    }
    return this;
  }

  /** The members of this object in order. */
  @SuppressWarnings("unchecked")
  Map<String, Json> object() throws InvalidFormatException {
    if (value instanceof Map<?, ?> members) {
      return (Map<String, Json>) members;
    }
    throw refuse("not an object");
  }

  /** The elements of this array. */
  @SuppressWarnings("unchecked")
  List<Json> list() throws InvalidFormatException {
    if (value instanceof List<?> elements) {
      return (List<Json>) elements;
    }
    throw refuse("not an array");
  }

  /** This text. */
  String text() throws InvalidFormatException {
    if (value instanceof String text) {
      return text;
    }
    throw refuse("not a text");
  }

  /** This truth value. */
  boolean bool() throws InvalidFormatException {
    if (value instanceof Boolean bool) {
      return bool;
    }
    throw refuse("neither true nor false");
  }

  /** Whether this is a truth value. */
  boolean isBool() {
    return value instanceof Boolean;
  }

  /** This exact decimal, a number or a text. */
  BigDecimal decimal() throws InvalidFormatException {
    String text;
    if (value instanceof Digits number) {
      text = number.text();
    } else {
      text = value instanceof String string ? string : "";
    }
    if (!text.matches("-?([0-9]+(\\.[0-9]+)?|\\.[0-9]+)([eE][+-]?[0-9]{1,9})?")) {
      throw refuse("not a number");
    }
    if (text.length() > MAX_NUMBER_CHARACTERS) {
      throw refuse("a number of more than " + MAX_NUMBER_CHARACTERS + " characters");
    }
    BigDecimal decimal = new BigDecimal(text);
    if (decimal.signum() == 0) {
      return BigDecimal.ZERO;
    }
    if (Math.abs((long) decimal.scale()) > MAX_EXPONENT) {
      throw refuse("a number with an exponent beyond " + MAX_EXPONENT);
    }
    return decimal;
  }

  /** This integer, a number or a text. */
  BigInteger integer() throws InvalidFormatException {
    try {
      return decimal().toBigIntegerExact();
    } catch (ArithmeticException e) {
      throw refuse("not an integer");
    }
  }

  /** This integer, between two bounds, both inclusive. */
  BigInteger integer(BigInteger min, BigInteger max) throws InvalidFormatException {
    BigInteger integer = integer();
    if (integer.compareTo(min) < 0 || integer.compareTo(max) > 0) {
      throw refuse("outside " + min + " to " + max);
    }
    return integer;
  }

  /** This integer, between two bounds, both inclusive. */
  int integer(int min, int max) throws InvalidFormatException {
    return integer(BigInteger.valueOf(min), BigInteger.valueOf(max)).intValueExact();
  }

  private String shown() {
    if (value instanceof Map<?, ?>) {
      return "an object";
    }
    if (value instanceof List<?>) {
      return "an array";
    }
    if (value instanceof Digits number) {
      return printable(number.text());
    }
    if (value instanceof String text) {
      return "'" + printable(text) + "'";
    }
    return value == Null.NULL ? "null" : value.toString();
  }

  private static String firstLine(Exception e) {
    // The reader's advice is for whoever programs it, not for whoever wrote the file.
    return String.valueOf(e.getMessage())
        .lines()
        .findFirst()
        .orElse("")
        .replaceFirst("^Use JsonReader.* malformed JSON", "malformed");
  }

  /** A text from outside, cut and without control characters, for errors. */
  static String printable(String text) {
    String cut = text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "..." : text;
    return cut.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?");
  }
}
