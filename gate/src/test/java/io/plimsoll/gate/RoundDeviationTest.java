package io.plimsoll.gate;

import static io.plimsoll.gate.GateHarness.ACCOUNT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.VerifiedSolvency;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The circuit breaker that a round opens by itself. */
class RoundDeviationTest {
  @AfterEach
  void journalLeadsToTheSameDecisions() {
    GateHarness.auditAll();
  }

  private static boolean deviates(RoundDeviation most, long was, long is) {
    RiskRound before = Fixtures.round(1, 1, 0, was);
    return most.exceededBy(before, Fixtures.round(2, 2, 0, is)).isPresent();
  }

  @Test
  void boundIsTheLargerOfAPartAndAFloor() {
    RoundDeviation most = new RoundDeviation(100_000, 5);
    for (long sign : new long[] {1, -1}) {
      assertEquals(false, deviates(most, sign * 1000, sign * 1100));
      assertEquals(true, deviates(most, sign * 1000, sign * 1101));
      assertEquals(false, deviates(most, sign * 1000, sign * 900));
      assertEquals(true, deviates(most, sign * 1000, sign * 899));
      assertEquals(false, deviates(most, sign * 3, sign * -2));
      assertEquals(true, deviates(most, sign * 3, sign * -3));
      assertEquals(false, deviates(most, 0, sign * 5));
      assertEquals(true, deviates(most, 0, sign * 6));
    }
    assertEquals(true, deviates(most, Long.MIN_VALUE, Long.MAX_VALUE));
    assertEquals(
        false, deviates(new RoundDeviation(Long.MAX_VALUE, 0), Long.MIN_VALUE, Long.MAX_VALUE));
    assertEquals(false, deviates(new RoundDeviation(0, 0), 7, 7));
    assertEquals(true, deviates(new RoundDeviation(0, 0), 7, 8));
    assertTrue(most.exceededBy(Fixtures.round(1, 1, 0), Fixtures.round(2, 2, 0, 0)).isPresent());
    assertThrows(IllegalArgumentException.class, () -> new RoundDeviation(-1, 0));
    assertThrows(IllegalArgumentException.class, () -> new RoundDeviation(0, -1));
  }

  private static GateHarness gate() {
    GateHarness gate = GateHarness.solvent();
    gate.policy = GateHarness.policyBuilder().roundDeviation(new RoundDeviation(0, 2)).build();
    gate.gate = gate.gate(Fixtures.verifier());
    return gate;
  }

  private static RoundUpdate.Published publish(GateHarness gate, long... coefficients) {
    gate.round = Fixtures.round(gate.round.sequence() + 1, gate.now, coefficients);
    return assertInstanceOf(
        RoundUpdate.Published.class, gate.gate.publishRound(GateHarness.signed(gate.round)));
  }

  @Test
  void roundThatDeviatesIsPublishedAndNobodyIsLiquidatedOnItUntilTheBreakerIsClosed() {
    GateHarness gate = gate();
    assertEquals(Optional.empty(), publish(gate, 3, -3).deviation());
    assertInstanceOf(AccountStatus.Solvent.class, gate.status());
    assertTrue(publish(gate, 6, -3).deviation().orElseThrow().startsWith("coefficient 0 is 6"));
    long opened = gate.now;
    assertEquals(
        new AccountStatus.Suspended(
            SuspensionCause.CIRCUIT_BREAKER, opened, opened + GateHarness.SUSPENSION),
        gate.status());
    assertInstanceOf(ClaimOutcome.Refused.class, gate.gate.claimLiquidation(ACCOUNT, "desk"));
    // The same once more is nothing new.
    gate.gate.closeBreaker();
    assertEquals(
        Optional.empty(),
        assertInstanceOf(
                RoundUpdate.Published.class, gate.gate.publishRound(GateHarness.signed(gate.round)))
            .deviation());
    assertInstanceOf(AccountStatus.Solvent.class, gate.status());
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
  }

  @Test
  void breakerThatRanOutDoesNotHideTheNextDeviation() {
    GateHarness gate = gate();
    publish(gate, 6, -3);
    gate.now += GateHarness.SUSPENSION;
    publish(gate, 6, -3);
    assertInstanceOf(VerifiedSolvency.class, gate.prove().verdict());
    assertInstanceOf(AccountStatus.Solvent.class, gate.status());
    publish(gate, 1, -3);
    assertInstanceOf(AccountStatus.Suspended.class, gate.status());
  }
}
