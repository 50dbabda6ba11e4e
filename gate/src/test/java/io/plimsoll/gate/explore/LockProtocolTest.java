package io.plimsoll.gate.explore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.gate.explore.Explorer.Counterexample;
import io.plimsoll.gate.explore.Explorer.Outcome;
import io.plimsoll.gate.explore.LockProtocol.Bounds;
import io.plimsoll.gate.explore.LockProtocol.State;
import io.plimsoll.gate.explore.LockProtocol.Weakness;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * Every interleaving of the lock protocol within bounds: nothing is counted twice, nothing is paid
 * out before its release, nobody is solvent and liquidating, and everything ends. And what happens
 * to each property without the rule that it needs.
 */
class LockProtocolTest {
  private static final int MOST = 2_000_000;

  /** One custodian, two accounts: two venues, or two circuits. */
  private static final Bounds SHARED =
      new Bounds(1, 2, 2, 1, 2, 1, 1, 1, 1, 1, 0, 2, 0, false, false);

  /** Two custodians, one account; custodians may leave it. */
  private static final Bounds MOVING =
      new Bounds(2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 0, 2, 0, true, false);

  /** Two custodians, two accounts. */
  private static final Bounds CROSSED =
      new Bounds(2, 2, 2, 1, 2, 1, 1, 1, 0, 1, 0, 1, 0, false, false);

  /** One custodian, three versions at once. */
  private static final Bounds LONG =
      new Bounds(1, 1, 2, 1, 3, 2, 1, 1, 1, 1, 0, 3, 0, false, false);

  /** One custodian, two liquidation orders. */
  private static final Bounds LIQUIDATED =
      new Bounds(1, 1, 2, 1, 3, 2, 1, 1, 1, 1, 0, 2, 2, false, false);

  /** Two custodians, a liquidation order that goes to both. */
  private static final Bounds LIQUIDATED_AT_TWO =
      new Bounds(2, 1, 1, 1, 2, 1, 1, 1, 1, 1, 0, 2, 1, false, false);

  /** Locks that outlive grace, skew and the order's term; a desk that claims at once. */
  private static final Bounds COVERED = covered(3);

  private static Bounds covered(int cover) {
    return new Bounds(1, 1, 2, 1, 6, 2, 1, 1, 1, 1, cover, 2, 1, false, true);
  }

  private static void holds(Bounds bounds) {
    Outcome outcome = Explorer.explore(new LockProtocol(bounds), MOST);
    System.out.printf(
        "%,d states, %,d actions, depth %d: %s%n",
        outcome.states(), outcome.actions(), outcome.depth(), bounds);
    assertEquals(Optional.empty(), outcome.found());
  }

  private static void isFound(String property, Bounds bounds, Weakness weakness) {
    Counterexample found =
        Explorer.explore(new LockProtocol(bounds, weakness), MOST).found().orElseThrow();
    System.out.println(weakness + ": " + found + System.lineSeparator());
    assertTrue(found.property().startsWith(property), found.toString());
  }

  @Test
  void nothingIsCountedTwiceBetweenTwoVenuesOrCircuitsAtAnyInterleaving() {
    holds(SHARED);
  }

  @Test
  void nothingIsCountedTwiceWhenCollateralMovesBetweenCustodiansAtAnyInterleaving() {
    holds(MOVING);
  }

  @Test
  void nothingIsCountedTwiceBetweenTwoCustodiansAndTwoVenues() {
    holds(CROSSED);
  }

  @Test
  void nothingIsPaidOutBeforeItsReleaseHoweverManyVersionsAreOnTheWay() {
    holds(LONG);
  }

  @Test
  void liquidationOrdersNeverCountTwiceAndAlwaysEnd() {
    holds(LIQUIDATED);
  }

  @Test
  void ordersToTwoCustodiansNeverCountTwiceAndAlwaysEnd() {
    holds(LIQUIDATED_AT_TWO);
  }

  @Test
  void locksThatCoverGraceSkewAndTermLeaveSomethingToLiquidate() {
    holds(COVERED);
  }

  // What the properties would be worth if nothing could happen

  /** Finds a state, by a way through states that {@code through} allows. */
  private static State canHappen(
      Bounds bounds,
      List<State> from,
      Predicate<State> through,
      String what,
      Predicate<State> goal) {
    LockProtocol protocol = new LockProtocol(bounds);
    List<State> reached = new ArrayList<>();
    Explorer.Model<State> search =
        new Explorer.Model<>() {
          @Override
          public List<State> initial() {
            return from;
          }

          @Override
          public void next(State state, Explorer.Actions<State> actions) {
            protocol.next(
                state,
                (name, result) -> {
                  if (through.test(result)) {
                    actions.add(name, result);
                  }
                });
          }

          @Override
          public byte[] key(State state) {
            return protocol.keyWithNames(state);
          }

          @Override
          public Optional<String> broken(State state) {
            if (goal.test(state)) {
              reached.add(state);
              return Optional.of(what);
            }
            return Optional.empty();
          }
        };
    Counterexample found = Explorer.explore(search, MOST).found().orElseThrow();
    System.out.println("It can happen: " + found + System.lineSeparator());
    return reached.get(0);
  }

  @Test
  void collateralCanMoveToAnotherCustodianWhileTheAccountStaysSolvent() {
    LockProtocol protocol = new LockProtocol(MOVING);
    State before =
        canHappen(
            MOVING,
            protocol.initial(),
            state -> true,
            "A keeps everything, and a proof rests on it",
            state -> state.kept[0] == 2 && protocol.provenAt(state, 0, 0) == 2);
    canHappen(
        MOVING,
        List.of(before),
        state -> LockProtocol.solvent(state, 0),
        "B keeps everything, and a proof rests on it",
        state -> state.kept[1] == 2 && protocol.provenAt(state, 1, 0) == 2);
  }

  @Test
  void bothVenuesCanRelyOnTheirShares() {
    LockProtocol protocol = new LockProtocol(SHARED);
    canHappen(
        SHARED,
        protocol.initial(),
        state -> true,
        "both accounts are solvent on one unit each",
        state -> protocol.provenAt(state, 0, 0) == 1 && protocol.provenAt(state, 0, 1) == 1);
  }

  @Test
  void proofOnNewCommitmentsCanEndAPartialLiquidation() {
    LockProtocol protocol = new LockProtocol(LIQUIDATED);
    canHappen(
        LIQUIDATED,
        protocol.initial(),
        state -> true,
        "one unit was sold under an order, and the account is solvent on the other",
        state -> state.sold[0] == 1 && protocol.provenAt(state, 0, 0) == 1);
  }

  // Each rule left out

  @Test
  void releaseBeforeProofIsFoundByTheExplorer() {
    isFound("counted twice", LONG, Weakness.RELEASE_BEFORE_PROOF);
  }

  @Test
  void releaseOfALeavingCustodianBeforeProofIsFoundByTheExplorer() {
    isFound("counted twice", MOVING, Weakness.CLOSING_NEEDS_NO_PROOF);
  }

  @Test
  void payoutAtAttestIsFoundByTheExplorer() {
    isFound("paid out before release", LONG, Weakness.PAYOUT_AT_ATTEST);
  }

  @Test
  void expiryWithoutSkewIsFoundByTheExplorer() {
    isFound("paid out before release", LONG, Weakness.NO_SKEW_AT_EXPIRY);
  }

  @Test
  void lockWithoutEndIsFoundByTheExplorer() {
    isFound("a lock without end", LONG, Weakness.LOCK_WITHOUT_END);
  }

  @Test
  void custodianThatLooksAtEachAccountApartIsFoundByTheExplorer() {
    isFound("paid out before release", SHARED, Weakness.ACCOUNTS_APART);
  }

  @Test
  void versionThatIsKeptAfterItWasSentIsFoundByTheExplorer() {
    isFound("paid out before release", LONG, Weakness.KEPT_AFTER_SENT);
  }

  @Test
  void backupThatForgetsALockIsFoundByTheExplorer() {
    isFound("paid out before release", LONG, Weakness.BACKUP_WITHOUT_RECONCILING);
  }

  @Test
  void verdictThatIsNotComparedAgainIsFoundByTheExplorer() {
    isFound("counted twice", LONG, Weakness.PROOF_NOT_COMPARED);
  }

  @Test
  void olderVersionThatIsTakenIsFoundByTheExplorer() {
    isFound("counted twice", LONG, Weakness.OLDER_VERSION_TAKEN);
  }

  @Test
  void claimWithoutCompareAndSetIsFoundByTheExplorer() {
    isFound("solvent and liquidating", LIQUIDATED, Weakness.CLAIM_NOT_COMPARED);
  }

  @Test
  void orderThatIsForgottenAtItsEndIsFoundByTheExplorer() {
    isFound("counted twice", LIQUIDATED, Weakness.ORDER_FORGOTTEN);
  }

  @Test
  void attestationThatAnybodyLinksToAnOrderIsFoundByTheExplorer() {
    isFound("counted twice", LIQUIDATED, Weakness.LINK_NOT_SIGNED);
  }

  @Test
  void proofOnTheAttestationsOfOneExecutorAloneIsFoundByTheExplorer() {
    isFound("counted twice", LIQUIDATED_AT_TWO, Weakness.ONE_ATTESTER_IS_ENOUGH);
  }

  @Test
  void executionAfterAttestingIsFoundByTheExplorer() {
    isFound("paid out before release", LIQUIDATED, Weakness.EXECUTED_AFTER_ATTESTING);
  }

  @Test
  void executionOfARepeatedOrderIsFoundByTheExplorer() {
    isFound("more is sold than an order allows", LIQUIDATED, Weakness.EXECUTED_AGAIN);
  }

  @Test
  void executionOfAnOlderOrderIsFoundByTheExplorer() {
    isFound("paid out before release", LIQUIDATED, Weakness.OLDER_ORDER_EXECUTED);
  }

  @Test
  void executionAfterTheOrdersEndIsFoundByTheExplorer() {
    isFound("paid out before release", LIQUIDATED, Weakness.EXECUTED_AFTER_THE_END);
  }

  @Test
  void liquidationWithoutEndIsFoundByTheExplorer() {
    isFound("a liquidation without end", LIQUIDATED, Weakness.ORDER_WITHOUT_END);
  }

  @Test
  void attestingLessThanIsLeftIsFoundByTheExplorer() {
    isFound("paid out before release", LIQUIDATED, Weakness.LESS_THAN_IS_LEFT);
  }

  @Test
  void locksThatEndBeforeALiquidationCouldAreFoundByTheExplorer() {
    Counterexample found =
        Explorer.explore(new LockProtocol(covered(2)), MOST).found().orElseThrow();
    System.out.println("Cover too short: " + found + System.lineSeparator());
    assertTrue(found.property().startsWith("nothing left to liquidate"), found.toString());
  }

  @Test
  void explorationThatIsCutShortIsNoResult() {
    IllegalStateException cut =
        assertThrows(
            IllegalStateException.class, () -> Explorer.explore(new LockProtocol(LONG), 1000));
    assertEquals("more than 1000 states", cut.getMessage());
  }
}
