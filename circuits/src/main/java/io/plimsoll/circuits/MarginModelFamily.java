package io.plimsoll.circuits;

import io.plimsoll.verifier.InvalidFormatException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A margin rule for any number of instruments, scenarios, collaterals and so on: with a {@link
 * Shape} it yields one {@link MarginModel}. Implementations are stateless.
 */
public interface MarginModelFamily {
  /** Name on the command line and in the model, for example {@code portfolio}. */
  String name();

  /** One line of description, for people. */
  String description();

  /** The shape parameters in order. */
  List<Parameter> parameters();

  /**
   * The model of a complete shape, as {@link #resolve} yields it. Called by {@link #build}; call
   * that instead.
   */
  MarginModel buildResolved(Shape shape) throws InvalidFormatException;

  /**
   * The model of a shape. Parameters that the shape leaves out have their defaults.
   *
   * @throws InvalidFormatException if the shape has an unknown parameter, one outside its limits,
   *     or makes a model that is too large
   */
  default MarginModel build(Shape shape) throws InvalidFormatException {
    Shape resolved = resolve(shape);
    try {
      return buildResolved(resolved);
    } catch (InvalidModelException e) {
      throw new InvalidFormatException("shape " + resolved + ": " + e.getMessage());
    }
  }

  /**
   * The shape with every parameter of the family, in the family's order.
   *
   * @throws InvalidFormatException if the shape has an unknown parameter, or one outside its limits
   */
  default Shape resolve(Shape shape) throws InvalidFormatException {
    Map<String, Integer> given = new LinkedHashMap<>(shape.toMap());
    Map<String, Integer> resolved = new LinkedHashMap<>();
    for (Parameter parameter : parameters()) {
      Integer value = given.remove(parameter.name());
      int size = value == null ? parameter.defaultValue() : value;
      if (size < parameter.min() || size > parameter.max()) {
        throw new InvalidFormatException(
            "shape of "
                + name()
                + ": "
                + parameter.name()
                + " is "
                + size
                + ", not "
                + parameter.min()
                + " to "
                + parameter.max());
      }
      resolved.put(parameter.name(), size);
    }
    if (!given.isEmpty()) {
      throw new InvalidFormatException(
          "shape of "
              + name()
              + ": no parameter '"
              + given.keySet().iterator().next()
              + "'; parameters: "
              + String.join(", ", resolved.keySet()));
    }
    return Shape.of(resolved);
  }

  /**
   * A shape parameter.
   *
   * @param name as written in a shape
   * @param description what it counts
   * @param defaultValue when a shape leaves it out
   * @param min smallest value
   * @param max largest value
   */
  record Parameter(String name, String description, int defaultValue, int min, int max) {}
}
