package io.plimsoll.circuits.models;

import io.plimsoll.circuits.Holdings;
import io.plimsoll.circuits.Listing;
import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModels;
import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.circuits.RoundCoefficients;
import io.plimsoll.circuits.Shape;
import io.plimsoll.verifier.InvalidFormatException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A worked example of a family: a round and an account, written as people write them. */
final class FamilyCase {
  final MarginModel model;
  private final Map<String, List<String>> labels = new LinkedHashMap<>();
  private final Map<String, List<String>> round = new LinkedHashMap<>();
  private final List<PortfolioReader.Line> portfolio = new ArrayList<>();

  FamilyCase(String family, String shape) throws InvalidFormatException {
    model = MarginModels.byName(family).build(Shape.parse(shape));
  }

  FamilyCase axis(String axis, String... slots) {
    labels.put(axis, List.of(slots));
    return this;
  }

  /** Row-major, separated by blanks. */
  FamilyCase round(String tensor, String values) {
    round.put(tensor, Arrays.asList(values.split(" ", -1)));
    return this;
  }

  FamilyCase holds(String vector, String label, String quantity) {
    portfolio.removeIf(line -> line.vector().equals(vector) && line.label().equals(label));
    portfolio.add(new PortfolioReader.Line(vector, label, quantity));
    return this;
  }

  Holdings holdings() throws InvalidFormatException {
    return new PortfolioReader(model, Listing.of(model, labels)).read(portfolio);
  }

  RoundCoefficients coefficients() throws InvalidFormatException {
    return RoundCoefficients.parse(model, round);
  }

  MarginAssessment assess(long numerator, long denominator) throws InvalidFormatException {
    return model.assess(coefficients(), holdings(), numerator, denominator);
  }
}
