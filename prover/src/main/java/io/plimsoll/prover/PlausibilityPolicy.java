package io.plimsoll.prover;

import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.RoundTensor;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How far the coefficients of a round may be from the last round's, in the owner's eyes. Whoever
 * chooses rounds could otherwise ask for the account's holdings one by one, with a table that is
 * zero but for one cell; this bound makes such tables refused however many publishers signed them.
 *
 * <p>Immutable and thread-safe.
 */
public final class PlausibilityPolicy {
  /**
   * The largest plausible step of one coefficient: {@code absolute + relative * |last value|}.
   *
   * @param relative fraction of the last value's magnitude, not negative
   * @param absolute in the tensor's unit (its decimals, not its scaled integers), not negative
   */
  public record Step(BigDecimal relative, BigDecimal absolute) {
    /** Checks that neither part is negative. */
    public Step {
      if (relative.signum() < 0 || absolute.signum() < 0) {
        throw new IllegalArgumentException(
            "a plausible step is not negative: relative " + relative + ", absolute " + absolute);
      }
    }

    /** A step from decimals, for example {@code Step.of("0.5", "100")}. */
    public static Step of(String relative, String absolute) {
      return new Step(new BigDecimal(relative), new BigDecimal(absolute));
    }

    /** No change at all. */
    public static Step none() {
      return new Step(BigDecimal.ZERO, BigDecimal.ZERO);
    }
  }

  /** Where a tensor's elements are among the coefficients, and the decimals that they carry. */
  record Tensor(String name, int from, int length, int scale) {
    /** Those of a model's round. */
    static List<Tensor> of(MarginModel model) {
      List<Tensor> tensors = new ArrayList<>();
      for (RoundTensor tensor : model.round()) {
        tensors.add(
            new Tensor(
                tensor.name(),
                model.coefficientOffset(tensor.name()),
                tensor.size(),
                tensor.scale()));
      }
      return tensors;
    }
  }

  private final Step otherwise;
  private final Map<String, Step> steps;

  private PlausibilityPolicy(Step otherwise, Map<String, Step> steps) {
    this.otherwise = otherwise;
    this.steps = steps;
  }

  /** Every signed round is plausible. Only for an owner who trusts the publishers entirely. */
  public static PlausibilityPolicy trustPublishers() {
    return new PlausibilityPolicy(null, Map.of());
  }

  /** A policy under which tensors without a step of their own take {@code otherwise}. */
  public static PlausibilityPolicy within(Step otherwise) {
    return new PlausibilityPolicy(Objects.requireNonNull(otherwise), Map.of());
  }

  /** This policy with another step for one tensor of the model. */
  public PlausibilityPolicy with(String tensor, Step step) {
    Map<String, Step> more = new HashMap<>(steps);
    more.put(Objects.requireNonNull(tensor), Objects.requireNonNull(step));
    return new PlausibilityPolicy(otherwise, Map.copyOf(more));
  }

  /**
   * Checks that every tensor that this policy names exists, so that a misspelt name is not a silent
   * default.
   */
  void requireTensorsOf(List<Tensor> tensors) {
    for (String name : steps.keySet()) {
      if (tensors.stream().noneMatch(tensor -> tensor.name().equals(name))) {
        throw new IllegalArgumentException(
            "the plausibility policy names tensor '" + name + "', which the model does not have");
      }
    }
  }

  /** What the first implausible coefficient is; empty when there is none. */
  Optional<String> objection(List<Tensor> tensors, long[] last, long[] next) {
    for (Tensor tensor : tensors) {
      Step step = steps.getOrDefault(tensor.name(), otherwise);
      if (step == null) {
        continue;
      }
      for (int i = 0; i < tensor.length(); i++) {
        long before = last[tensor.from() + i];
        long after = next[tensor.from() + i];
        if (before == after) {
          continue;
        }
        BigInteger change = BigInteger.valueOf(after).subtract(BigInteger.valueOf(before)).abs();
        BigDecimal bound =
            step.absolute()
                .scaleByPowerOfTen(tensor.scale())
                .add(step.relative().multiply(BigDecimal.valueOf(before).abs()));
        if (new BigDecimal(change).compareTo(bound) > 0) {
          return Optional.of(
              tensor.name()
                  + "["
                  + i
                  + "] went from "
                  + BigDecimal.valueOf(before, tensor.scale()).toPlainString()
                  + " to "
                  + BigDecimal.valueOf(after, tensor.scale()).toPlainString()
                  + ", more than "
                  + bound.scaleByPowerOfTen(-tensor.scale()).stripTrailingZeros().toPlainString());
        }
      }
    }
    return Optional.empty();
  }
}
