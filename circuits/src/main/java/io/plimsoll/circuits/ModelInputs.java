package io.plimsoll.circuits;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The checked declarations of a model's inputs, with the place of each in the public vector.
 * Immutable once a model holds it; the builder appends.
 */
final class ModelInputs {
  static final int MAX_ATTESTERS = 64;
  static final int MAX_HOLDINGS = 1 << 16;
  static final int MAX_COEFFICIENTS = 1 << 20;
  static final int MAX_CHOICES = 1 << 16;
  static final int MAX_DIMENSIONS = 8;
  static final int MAX_SCALE = 36;
  static final int MAX_NAME_LENGTH = 256;

  private final int maxAttesters;
  private final Map<String, HoldingVector> vectors = new LinkedHashMap<>();
  private final Map<String, RoundTensor> tensors = new LinkedHashMap<>();
  private final Map<String, ChoiceTensor> choiceTensors = new LinkedHashMap<>();
  private final Map<String, Integer> offsets = new LinkedHashMap<>();
  // One entry for each element: which declaration it belongs to.
  private final List<HoldingVector> holdings = new ArrayList<>();
  private final List<RoundTensor> coefficients = new ArrayList<>();
  private final List<ChoiceTensor> choices = new ArrayList<>();

  ModelInputs(int maxAttesters) {
    if (maxAttesters < 1 || maxAttesters > MAX_ATTESTERS) {
      throw new InvalidModelException(
          "maximum number of attesters is "
              + Integer.toUnsignedString(maxAttesters)
              + ", not 1 to "
              + MAX_ATTESTERS);
    }
    this.maxAttesters = maxAttesters;
  }

  ModelInputs copy() {
    ModelInputs copy = new ModelInputs(maxAttesters);
    vectors.values().forEach(copy::add);
    tensors.values().forEach(copy::add);
    choiceTensors.values().forEach(copy::add);
    return copy;
  }

  int maxAttesters() {
    return maxAttesters;
  }

  List<HoldingVector> vectors() {
    return List.copyOf(vectors.values());
  }

  List<RoundTensor> tensors() {
    return List.copyOf(tensors.values());
  }

  List<ChoiceTensor> choiceTensors() {
    return List.copyOf(choiceTensors.values());
  }

  int choiceCount() {
    return choices.size();
  }

  ChoiceTensor choiceTensor(int choice) {
    return choices.get(choice);
  }

  /** {@code name[i][j]} of a choice, for errors. */
  String choiceName(int choice) {
    ChoiceTensor tensor = choices.get(choice);
    return tensor.element(choice - offset(tensor.name()));
  }

  HoldingVector vector(String name) {
    return vectors.get(name);
  }

  RoundTensor tensor(String name) {
    return tensors.get(name);
  }

  /** Index of an input's first element among the holdings, or among the coefficients. */
  int offset(String name) {
    return offsets.get(name);
  }

  int holdingCount() {
    return holdings.size();
  }

  int coefficientCount() {
    return coefficients.size();
  }

  HoldingVector holdingVector(int holding) {
    return holdings.get(holding);
  }

  RoundTensor coefficientTensor(int coefficient) {
    return coefficients.get(coefficient);
  }

  Interval summedHoldingInterval(int holding) {
    HoldingVector vector = holdings.get(holding);
    return Interval.of(vector.min(), vector.max()).times(BigInteger.valueOf(maxAttesters));
  }

  Interval coefficientInterval(int coefficient) {
    RoundTensor tensor = coefficients.get(coefficient);
    return Interval.of(tensor.min(), tensor.max());
  }

  /** {@code name[i]} of a holding, for errors. */
  String holdingName(int holding) {
    HoldingVector vector = holdings.get(holding);
    return vector.name() + "[" + (holding - offset(vector.name())) + "]";
  }

  /** {@code name[i][j]} of a coefficient, for errors. */
  String coefficientName(int coefficient) {
    RoundTensor tensor = coefficients.get(coefficient);
    return tensor.element(coefficient - offset(tensor.name()));
  }

  void add(HoldingVector vector) {
    String what = "holding vector '" + vector.name() + "'";
    requireNewName(what, vector.name());
    if (!vector.axis().isEmpty()) {
      requireName(what + ": axis", vector.axis());
    } else if (vector.length() != 1) {
      throw new InvalidModelException(
          what
              + " has no axis and length "
              + Integer.toUnsignedString(vector.length())
              + ": only a single element may be unlabelled");
    }
    requireLength(what, vector.length(), holdings.size(), MAX_HOLDINGS, "holdings");
    requireScale(what, vector.scale());
    requireOrder(what, vector.min(), vector.max());
    if (vector.min() > 0 || vector.max() < 0) {
      throw new InvalidModelException(
          what + ": interval [" + vector.min() + ", " + vector.max() + "] does not contain 0");
    }
    try {
      Math.multiplyExact(vector.min(), (long) maxAttesters);
      Math.multiplyExact(vector.max(), (long) maxAttesters);
    } catch (ArithmeticException e) {
      throw new InvalidModelException(
          what
              + ": interval ["
              + vector.min()
              + ", "
              + vector.max()
              + "] times "
              + maxAttesters
              + " attesters exceeds 64 bits");
    }
    if (vector.isMagnitude()) {
      HoldingVector base = vectors.get(vector.magnitudeOf());
      if (base == null || base.isMagnitude()) {
        throw new InvalidModelException(
            what
                + ": '"
                + vector.magnitudeOf()
                + "' is "
                + (base == null ? "no earlier holding vector" : "a magnitude itself"));
      }
      if (base.length() != vector.length()
          || base.scale() != vector.scale()
          || !base.axis().equals(vector.axis())) {
        throw new InvalidModelException(
            what + ": axis, length or scale differ from those of '" + base.name() + "'");
      }
      if (vector.min() != 0) {
        throw new InvalidModelException(what + ": a magnitude's min is 0, not " + vector.min());
      }
    }
    vectors.put(vector.name(), vector);
    offsets.put(vector.name(), holdings.size());
    holdings.addAll(Collections.nCopies(vector.length(), vector));
  }

  void add(RoundTensor tensor) {
    String what = "round tensor '" + tensor.name() + "'";
    requireNewName(what, tensor.name());
    int size =
        requireSize(
            what, tensor.dimensions(), coefficients.size(), MAX_COEFFICIENTS, "coefficients");
    requireScale(what, tensor.scale());
    requireOrder(what, tensor.min(), tensor.max());
    tensors.put(tensor.name(), tensor);
    offsets.put(tensor.name(), coefficients.size());
    coefficients.addAll(Collections.nCopies(size, tensor));
  }

  void add(ChoiceTensor tensor) {
    String what = "choice '" + tensor.name() + "'";
    requireNewName(what, tensor.name());
    int size = requireSize(what, tensor.dimensions(), choices.size(), MAX_CHOICES, "choices");
    requireScale(what, tensor.scale());
    if (tensor.max() < 1) {
      throw new InvalidModelException(what + ": max " + tensor.max() + " is below 1");
    }
    requireName(what + ": why every feasible choice is a valid bound", tensor.because());
    choiceTensors.put(tensor.name(), tensor);
    offsets.put(tensor.name(), choices.size());
    choices.addAll(Collections.nCopies(size, tensor));
  }

  private static int requireSize(
      String what, List<RoundTensor.Dimension> dimensions, int before, int max, String unit) {
    if (dimensions.size() > MAX_DIMENSIONS) {
      throw new InvalidModelException(
          what + " has " + dimensions.size() + " dimensions, more than " + MAX_DIMENSIONS);
    }
    long size = 1;
    for (RoundTensor.Dimension dimension : dimensions) {
      requireName(what + ": axis", dimension.axis());
      long next = dimension.length() < 1 ? 0 : size * dimension.length();
      size = requireLength(what, next, before, max, unit);
    }
    return (int) requireLength(what, size, before, max, unit);
  }

  private void requireNewName(String what, String name) {
    requireName(what, name);
    if (offsets.containsKey(name)) {
      throw new InvalidModelException(what + ": the name is already taken");
    }
  }

  /** 1 to 256 characters of printable ASCII, as the compiler to constraints demands too. */
  static void requireName(String what, String name) {
    if (name.isEmpty()) {
      throw new InvalidModelException(what + ": the name is empty");
    }
    if (name.length() > MAX_NAME_LENGTH) {
      throw new InvalidModelException(
          Decimals.printable(what)
              + ": the name has "
              + name.length()
              + " characters, more than "
              + MAX_NAME_LENGTH);
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c < ' ' || c > '~') {
        throw new InvalidModelException(
            Decimals.printable(what)
                + ": the name's character "
                + i
                + " is U+"
                + String.format("%04X", (int) c)
                + ", not printable ASCII");
      }
    }
  }

  private static long requireLength(String what, long length, int before, int max, String unit) {
    if (length < 1) {
      throw new InvalidModelException(what + ": a length is below 1");
    }
    if (length > max - before) {
      throw new InvalidModelException(
          what + ": " + (before + length) + " " + unit + " in all, more than " + max);
    }
    return length;
  }

  static void requireScale(String what, int scale) {
    if (scale < 0 || scale > MAX_SCALE) {
      throw new InvalidModelException(
          what
              + ": scale is "
              + Integer.toUnsignedString(scale)
              + ", not 0 to "
              + MAX_SCALE
              + " decimals");
    }
  }

  private static void requireOrder(String what, long min, long max) {
    if (min > max) {
      throw new InvalidModelException(what + ": min " + min + " exceeds max " + max);
    }
  }
}
