package io.plimsoll.prover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.prover.PlausibilityPolicy.Step;
import io.plimsoll.prover.PlausibilityPolicy.Tensor;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PlausibilityPolicyTest {
  /** mark[2] with 2 decimals, rate[1] with 4. */
  private static final List<Tensor> TENSORS =
      List.of(new Tensor("mark", 0, 2, 2), new Tensor("rate", 2, 1, 4));

  private static Optional<String> objection(PlausibilityPolicy policy, long[] last, long... next) {
    return policy.objection(TENSORS, last, next);
  }

  @Test
  void aStepExactlyAsLargeAsAllowedIsPlausibleAndOneUnitMoreIsNot() {
    // 10 % of 100.00 and 0.50 on top: 10.50.
    PlausibilityPolicy policy = PlausibilityPolicy.within(Step.of("0.1", "0.50"));
    long[] last = {10_000, -10_000, 0};
    assertEquals(Optional.empty(), objection(policy, last, 11_050, -11_050, 0));
    assertEquals(Optional.empty(), objection(policy, last, 8_950, -8_950, 0));
    assertTrue(objection(policy, last, 11_051, -10_000, 0).isPresent());
    assertTrue(objection(policy, last, 8_949, -10_000, 0).isPresent());
    assertTrue(objection(policy, last, 10_000, -11_051, 0).isPresent());
  }

  @Test
  void theAbsolutePartIsInTheTensorsOwnDecimals() {
    PlausibilityPolicy policy = PlausibilityPolicy.within(Step.of("0", "0.5"));
    long[] last = {0, 0, 0};
    assertEquals(Optional.empty(), objection(policy, last, 50, 0, 5_000));
    assertTrue(objection(policy, last, 51, 0, 5_000).isPresent());
    assertTrue(objection(policy, last, 50, 0, 5_001).isPresent());
  }

  @Test
  void aTensorsOwnStepGoesBeforeTheDefault() {
    PlausibilityPolicy policy =
        PlausibilityPolicy.within(Step.of("1", "1000")).with("rate", Step.none());
    assertEquals(Optional.empty(), objection(policy, new long[] {1, 1, 7}, 500, 500, 7));
    assertEquals(
        Optional.of("rate[0] went from 0.0007 to 0.0008, more than 0"),
        objection(policy, new long[] {1, 1, 7}, 500, 500, 8));
  }

  @Test
  void theObjectionNamesTheElementItsValuesAndTheBound() {
    assertEquals(
        Optional.of("mark[1] went from 200.00 to 0.00, more than 50"),
        objection(
            PlausibilityPolicy.within(Step.of("0.25", "0")), new long[] {1, 20_000, 1}, 1, 0, 1));
  }

  @Test
  void stepsAcrossTheWholeRangeOfALongDoNotWrapAround() {
    PlausibilityPolicy policy = PlausibilityPolicy.within(Step.of("0.5", "1"));
    assertTrue(
        objection(policy, new long[] {Long.MIN_VALUE, 0, 0}, Long.MAX_VALUE, 0, 0).isPresent());
    assertTrue(
        objection(policy, new long[] {Long.MAX_VALUE, 0, 0}, Long.MIN_VALUE, 0, 0).isPresent());
  }

  @Test
  void trustedPublishersMayDoAnything() {
    assertEquals(
        Optional.empty(),
        objection(PlausibilityPolicy.trustPublishers(), new long[] {1, 1, 1}, 0, 1 << 20, -1));
  }

  @Test
  void aTensorThatTheModelDoesNotHaveIsAnError() {
    PlausibilityPolicy policy = PlausibilityPolicy.trustPublishers().with("marc", Step.none());
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> policy.requireTensorsOf(TENSORS));
    assertTrue(error.getMessage().contains("'marc'"), error.getMessage());
  }

  @Test
  void negativeStepsAreAnError() {
    assertThrows(IllegalArgumentException.class, () -> Step.of("-0.1", "0"));
    assertThrows(IllegalArgumentException.class, () -> Step.of("0", "-1"));
  }
}
