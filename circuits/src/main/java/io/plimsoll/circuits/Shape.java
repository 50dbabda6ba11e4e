package io.plimsoll.circuits;

import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.InvalidFormatException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Sizes by name, such as {@code instruments=64,scenarios=16}: which member of a model family is
 * meant. Ordered, immutable and thread-safe.
 */
public final class Shape {
  private static final Shape EMPTY = new Shape(Map.of());

  private final Map<String, Integer> values;

  private Shape(Map<String, Integer> values) {
    this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** No parameter: every default of a family. */
  public static Shape empty() {
    return EMPTY;
  }

  /** The shape with these parameters, in this order. */
  static Shape of(Map<String, Integer> values) {
    return new Shape(values);
  }

  /**
   * Reads {@code name=number,...}; an empty text is the empty shape. Blanks around names and
   * numbers are allowed.
   *
   * @throws InvalidFormatException naming the part that is not {@code name=number}, a number
   *     outside 0 to 2^31 - 1, or a name that occurs twice
   */
  public static Shape parse(String text) throws InvalidFormatException {
    Map<String, Integer> values = new LinkedHashMap<>();
    if (text.isBlank()) {
      return EMPTY;
    }
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      String name = equals < 0 ? "" : part.substring(0, equals).strip();
      if (name.isEmpty()) {
        throw new InvalidFormatException("shape: '" + part + "' is not name=number");
      }
      CanonicalWriter.requireText("shape: name", name);
      String number = part.substring(equals + 1).strip();
      int value;
      try {
        value = number.matches("[0-9]{1,10}") ? Integer.parseInt(number) : -1;
      } catch (NumberFormatException e) {
        value = -1;
      }
      if (value < 0) {
        throw new InvalidFormatException(
            "shape: " + name + " is '" + number + "', not a number from 0 to 2147483647");
      }
      if (values.put(name, value) != null) {
        throw new InvalidFormatException("shape: '" + name + "' occurs twice");
      }
    }
    return new Shape(values);
  }

  /** This shape with one parameter set; a new one is appended. */
  public Shape with(String name, int value) {
    if (name.isEmpty() || value < 0) {
      throw new IllegalArgumentException("shape: '" + name + "' = " + value);
    }
    Map<String, Integer> copy = new LinkedHashMap<>(values);
    copy.put(name, value);
    return new Shape(copy);
  }

  /**
   * One parameter.
   *
   * @throws IllegalArgumentException if the shape has no such parameter
   */
  public int get(String name) {
    Integer value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the shape has no '" + name + "': " + this);
    }
    return value;
  }

  /** The parameters in order. */
  public Map<String, Integer> toMap() {
    return values;
  }

  /** Equal parameters in equal order. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && toString().equals(shape.toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  /** {@code name=number,...}: the form that {@link #parse} reads. */
  @Override
  public String toString() {
    return values.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .collect(Collectors.joining(","));
  }
}
