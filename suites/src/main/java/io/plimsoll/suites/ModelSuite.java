package io.plimsoll.suites;

import io.plimsoll.circuits.HoldingVector;
import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModels;
import io.plimsoll.circuits.RoundTensor;
import io.plimsoll.circuits.Shape;
import io.plimsoll.verifier.InvalidFormatException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Cases of any margin model of the library, in the model's own terms:
 *
 * <pre>{@code
 * {"cases": [{
 *   "id": "two-pockets", "model": "isolated", "shape": "pockets=2,attesters=1",
 *   "round": {"mark": ["100", "50"], "rate": ["5", "2.5"]},
 *   "holdings": {"position": ["1", "-2"], "margin": ["10", "120"]},
 *   "expected": {"equity.0": "110", "requirement.1": "5"}}]}
 * }</pre>
 *
 * <p>Tensors are written row by row; what is left out is zero, and attested magnitudes are derived.
 */
final class ModelSuite extends CaseSuite {
  @Override
  public String name() {
    return "model";
  }

  @Override
  public String description() {
    return "cases of any margin model, in the model's own terms";
  }

  @Override
  List<SuiteCase> compute(List<Entry> entries) throws InvalidFormatException {
    Map<String, MarginModel> models = new LinkedHashMap<>();
    List<SuiteCase> cases = new ArrayList<>();
    for (Entry entry : entries) {
      cases.add(read(entry.json(), models));
    }
    return cases;
  }

  private static SuiteCase read(Json json, Map<String, MarginModel> models)
      throws InvalidFormatException {
    json.only("id", "model", "shape", "round", "holdings", "expected");
    String id = json.get("id").text();
    String name = json.get("model").text();
    String shape = json.has("shape") ? json.get("shape").text() : "";
    MarginModel model = models.get(name + " " + shape);
    if (model == null) {
      model = MarginModels.byName(name).build(Shape.parse(shape));
      models.put(name + " " + shape, model);
    }
    Inputs inputs = new Inputs(json.place(), model);
    for (Map.Entry<String, Json> entry : json.get("round").object().entrySet()) {
      setTensor(inputs, model, entry.getKey(), entry.getValue());
    }
    for (Map.Entry<String, Json> entry : json.get("holdings").object().entrySet()) {
      setVector(inputs, model, entry.getKey(), entry.getValue());
    }
    Account account = inputs.account("account");
    MarginAssessment assessment = account.assess();
    List<Figure> figures = new ArrayList<>();
    for (Map.Entry<String, Json> entry : json.get("expected").object().entrySet()) {
      if (!assessment.outputs().containsKey(entry.getKey())) {
        throw new InvalidFormatException(
            entry.getValue().place()
                + " is no output of model "
                + name
                + "; outputs: "
                + assessment.outputs().keySet());
      }
      figures.add(
          new Figure(
              entry.getKey(),
              entry.getValue().decimal(),
              assessment.output(entry.getKey()),
              Tolerance.exact()));
    }
    if (figures.isEmpty()) {
      throw new InvalidFormatException(json.place() + ": 'expected' has no output");
    }
    return new SuiteCase(id, figures, List.of(account));
  }

  private static void setTensor(Inputs inputs, MarginModel model, String name, Json values)
      throws InvalidFormatException {
    RoundTensor tensor =
        model.round().stream().filter(t -> t.name().equals(name)).findFirst().orElse(null);
    if (tensor == null) {
      throw new InvalidFormatException(values.place() + " is no tensor of model " + model.name());
    }
    requireSize(values, tensor.size());
    int[] indices = new int[tensor.dimensions().size()];
    for (Json value : values.list()) {
      inputs.coefficient(name, value.decimal(), indices);
      for (int d = indices.length - 1; d >= 0; d--) {
        indices[d]++;
        if (indices[d] < tensor.dimensions().get(d).length()) {
          break;
        }
        indices[d] = 0;
      }
    }
  }

  private static void setVector(Inputs inputs, MarginModel model, String name, Json values)
      throws InvalidFormatException {
    HoldingVector vector =
        model.holdings().stream().filter(v -> v.name().equals(name)).findFirst().orElse(null);
    if (vector == null || vector.isMagnitude()) {
      throw new InvalidFormatException(
          values.place() + " is no vector of model " + model.name() + " that can be set");
    }
    requireSize(values, vector.length());
    for (int i = 0; i < vector.length(); i++) {
      inputs.holding(name, i, values.list().get(i).decimal());
    }
  }

  private static void requireSize(Json values, int size) throws InvalidFormatException {
    if (values.list().size() != size) {
      throw new InvalidFormatException(
          values.place() + " has " + values.list().size() + " values, not " + size);
    }
  }
}
