package io.plimsoll.circuits;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a margin rule says of one account on one round at one threshold, exactly. For the owner
 * alone; {@link #toString} tells only whether the account is solvent. Immutable and thread-safe.
 */
public final class MarginAssessment {
  private final boolean solvent;
  private final Map<String, BigInteger> assertions;
  private final Map<String, BigDecimal> outputs;
  private final long[] choices;

  MarginAssessment(
      Map<String, BigInteger> assertions, Map<String, BigDecimal> outputs, long[] choices) {
    this.solvent = assertions.values().stream().allMatch(value -> value.signum() >= 0);
    this.assertions = Collections.unmodifiableMap(new LinkedHashMap<>(assertions));
    this.outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
    this.choices = choices.clone();
  }

  /** Whether every assertion is at least zero: then and only then can a proof be made. */
  public boolean solvent() {
    return solvent;
  }

  /** The value of each assertion by name, in the model's integers, in the model's order. */
  public Map<String, BigInteger> assertions() {
    return assertions;
  }

  /** Each named output as an exact decimal with the output's scale, in the model's order. */
  public Map<String, BigDecimal> outputs() {
    return outputs;
  }

  /**
   * The owner's best choice, in the model's order, which a proof at the same inputs and threshold
   * takes; empty for a model without choices. A secret as the holdings are. A copy.
   */
  public long[] choices() {
    return choices.clone();
  }

  /**
   * One output.
   *
   * @throws IllegalArgumentException if the model has no output of this name
   */
  public BigDecimal output(String name) {
    BigDecimal value = outputs.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no output '" + name + "'; outputs: " + outputs.keySet());
    }
    return value;
  }

  @Override
  public String toString() {
    return "MarginAssessment[solvent=" + solvent + ", amounts redacted]";
  }
}
