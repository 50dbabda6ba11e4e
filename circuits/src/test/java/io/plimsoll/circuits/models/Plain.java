package io.plimsoll.circuits.models;

import io.plimsoll.circuits.HoldingVector;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.RandomModels;
import io.plimsoll.circuits.RoundTensor;
import java.math.BigDecimal;
import java.math.BigInteger;

/** Inputs of a model as plain decimals, for oracles that know nothing of scaled integers. */
final class Plain {
  private final MarginModel model;
  private final RandomModels.Inputs inputs;

  Plain(MarginModel model, RandomModels.Inputs inputs) {
    this.model = model;
    this.inputs = inputs;
  }

  BigDecimal held(String vector, int index) {
    HoldingVector declared =
        model.holdings().stream().filter(v -> v.name().equals(vector)).findFirst().orElseThrow();
    return BigDecimal.valueOf(
        inputs.holdings()[model.holdingOffset(vector) + index], declared.scale());
  }

  BigDecimal rate(String tensor, int index) {
    RoundTensor declared =
        model.round().stream().filter(t -> t.name().equals(tensor)).findFirst().orElseThrow();
    return BigDecimal.valueOf(
        inputs.coefficients()[model.coefficientOffset(tensor) + index], declared.scale());
  }

  BigInteger heldUnits(String vector, int index) {
    return held(vector, index).unscaledValue();
  }

  BigInteger rateUnits(String tensor, int index) {
    return rate(tensor, index).unscaledValue();
  }

  BigDecimal dot(String vector, String tensor) {
    int length =
        model.holdings().stream()
            .filter(v -> v.name().equals(vector))
            .findFirst()
            .orElseThrow()
            .length();
    BigDecimal total = BigDecimal.ZERO;
    for (int i = 0; i < length; i++) {
      total = total.add(held(vector, i).multiply(rate(tensor, i)));
    }
    return total;
  }

  BigDecimal collateralValue(int tiers) {
    BigDecimal total = BigDecimal.ZERO;
    for (int c = 0; c < model.shape().get("collaterals"); c++) {
      total = total.add(tiered("haircut", held("collateral", c), c, tiers, -1));
    }
    return total;
  }

  /** Amount times slope, and beyond each kink its step more or less. */
  BigDecimal tiered(String prefix, BigDecimal amount, int index, int tiers, int sign) {
    BigDecimal value = rate(prefix + "Slope", index).multiply(amount);
    for (int k = 0; k < tiers - 1; k++) {
      int at = index * (tiers - 1) + k;
      BigDecimal beyond = amount.subtract(rate(prefix + "From", at)).max(BigDecimal.ZERO);
      BigDecimal part = rate(prefix + "Step", at).multiply(beyond);
      value = sign < 0 ? value.subtract(part) : value.add(part);
    }
    return value;
  }

  boolean meets(BigDecimal equity, BigDecimal requirement) {
    return equity
            .multiply(BigDecimal.valueOf(inputs.denominator()))
            .compareTo(requirement.multiply(BigDecimal.valueOf(inputs.numerator())))
        >= 0;
  }
}
