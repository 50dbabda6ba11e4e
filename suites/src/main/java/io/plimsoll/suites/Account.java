package io.plimsoll.suites;

import io.plimsoll.circuits.Holdings;
import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.RoundCoefficients;
import java.util.Objects;

/**
 * A margin model on a round and one attester's holdings: what a proof can be made of. Immutable.
 *
 * @param label unique in its case, for example {@code maintenance}
 * @param model whose rule
 * @param round the public coefficients
 * @param holdings from a published case, so no secret of anybody
 */
public record Account(String label, MarginModel model, RoundCoefficients round, Holdings holdings) {
  /** Requires round and holdings to be the model's. */
  public Account {
    Objects.requireNonNull(label);
    if (!round.model().equals(model) || !holdings.model().equals(model)) {
      throw new IllegalArgumentException(
          "account '" + label + "': the round or the holdings belong to another model");
    }
  }

  /** What the rule says at the threshold 1. */
  public MarginAssessment assess() {
    return model.assess(round, holdings, 1, 1);
  }
}
