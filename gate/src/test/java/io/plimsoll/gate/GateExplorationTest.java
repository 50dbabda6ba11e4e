package io.plimsoll.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.gate.GateWorld.Event;
import io.plimsoll.gate.explore.Explorer;
import io.plimsoll.gate.explore.Explorer.Counterexample;
import io.plimsoll.gate.explore.Explorer.Outcome;
import io.plimsoll.verifier.Fixtures;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * The gate's own transitions in every order in which a few events can happen to an account: nobody
 * is claimed while solvent, no proof rests on what an order named or a release gave up, and every
 * grace, suspension and liquidation ends.
 */
class GateExplorationTest {
  private static final int MOST = 1_000_000;

  /** Ticks of one millisecond. */
  private static GatePolicy.Builder policy() {
    return GatePolicy.builder()
        .require(Fixtures.THRESHOLD, Fixtures.PURPOSE)
        .maximumRoundAge(Duration.ofMillis(2))
        .grace(Duration.ofMillis(1))
        .clockSkew(Duration.ofMillis(1))
        .maximumSuspension(Duration.ofMillis(2))
        .minimumVersionSpacing(Duration.ofMillis(1))
        .reproofTime(Duration.ofMillis(1))
        .softLiquidation(Duration.ofMillis(1), new Fraction(1, 2))
        .orderLifetime(Duration.ofMillis(1));
  }

  private static void holds(GateWorld world) {
    Outcome outcome = Explorer.explore(world, MOST);
    System.out.printf(
        "%,d states, %,d actions, depth %d%n",
        outcome.states(), outcome.actions(), outcome.depth());
    assertEquals(Optional.empty(), outcome.found());
  }

  @Test
  void liquidationsOfEveryKindEndAndNoProofRestsOnWhatTheyNamed() {
    holds(
        new GateWorld(
            policy().build(),
            policy().build(),
            1,
            6,
            5,
            0,
            2,
            Event.PUBLISH,
            Event.ATTEST,
            Event.PROVE,
            Event.CLAIM,
            Event.EXECUTE,
            Event.COMPLETE,
            Event.CANCEL,
            Event.RELEASE));
  }

  @Test
  void twoAttestersUnderOneOrderAreBothWaitedFor() {
    holds(
        new GateWorld(
            policy().build(),
            policy().build(),
            2,
            20,
            5,
            0,
            1,
            Event.PUBLISH,
            Event.ATTEST,
            Event.PROVE,
            Event.CLAIM,
            Event.EXECUTE));
  }

  @Test
  void faultsOfTheVenueSuspendForABoundedTimeAndNeverLiquidate() {
    holds(
        new GateWorld(
            policy().build(),
            policy().build(),
            1,
            4,
            5,
            1,
            1,
            Event.PUBLISH,
            Event.ATTEST,
            Event.PROVE,
            Event.CLAIM,
            Event.SUSPEND,
            Event.RESUME,
            Event.BREAKER,
            Event.DISPUTE));
  }

  @Test
  void keysThatAreRevokedAndAttestersThatLeaveAreReliedOnNoMore() {
    holds(
        new GateWorld(
            policy().build(),
            policy().build(),
            2,
            20,
            3,
            1,
            1,
            Event.PUBLISH,
            Event.ATTEST,
            Event.PROVE,
            Event.RELEASE,
            Event.REVOKE,
            Event.REPLACE,
            Event.LEAVE));
  }

  /**
   * Whoever it asks for, and whatever those do: the clock goes on when its proof has stopped
   * counting.
   */
  @Test
  void ownerThatAsksForAttestersPutsOffNothing() {
    GatePolicy policy =
        policy()
            .maximumRoundAge(Duration.ofMillis(20))
            .minimumVersionSpacing(Duration.ofMillis(2))
            .build();
    holds(
        new GateWorld(
                policy,
                policy,
                1,
                40,
                4,
                0,
                0,
                Event.PUBLISH,
                Event.ATTEST,
                Event.PROVE,
                Event.JOIN,
                Event.LEAVE,
                Event.CONTRADICT)
            .whereOnlyTheOwnerMeansIll());
  }

  @Test
  void suspensionWithoutABoundIsFoundByTheExplorer() {
    GatePolicy boundless = policy().maximumSuspension(Duration.ofDays(1)).build();
    Counterexample found =
        Explorer.explore(
                new GateWorld(
                    boundless, policy().build(), 1, 4, 9, 1, 0, Event.PUBLISH, Event.ATTEST),
                MOST)
            .found()
            .orElseThrow();
    System.out.println(found);
    assertTrue(found.property().startsWith("grace and suspension last longer"), found.toString());
  }

  @Test
  void orderWithoutABoundIsFoundByTheExplorer() {
    GatePolicy boundless = policy().orderLifetime(Duration.ofDays(1)).build();
    Counterexample found =
        Explorer.explore(
                new GateWorld(
                    boundless,
                    policy().build(),
                    1,
                    20,
                    9,
                    0,
                    1,
                    Event.PUBLISH,
                    Event.ATTEST,
                    Event.CLAIM),
                MOST)
            .found()
            .orElseThrow();
    System.out.println(found);
    assertTrue(found.property().startsWith("a liquidation lasts longer"), found.toString());
  }
}
