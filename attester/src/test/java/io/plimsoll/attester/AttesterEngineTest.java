package io.plimsoll.attester;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.PortfolioReader.Line;
import io.plimsoll.gate.Fraction;
import io.plimsoll.gate.Release;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.TestKey;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AttesterEngineTest {
  private static final PledgeId NORTH = Bench.at("north");
  private static final PledgeId SOUTH = Bench.at("south");

  private final Bench bench = new Bench();

  private static List<Line> btc(String quantity) {
    return List.of(new Line("collateral", "BTC", quantity));
  }

  private BigDecimal saysNow(TestVenue venue) {
    return venue
        .says(venue.current(Bench.ACCOUNT).orElseThrow(), "collateral", 0)
        .stripTrailingZeros();
  }

  private static BigDecimal decimal(String value) {
    return new BigDecimal(value);
  }

  private void assertSays(TestVenue venue, String quantity) {
    assertEquals(0, decimal(quantity).compareTo(saysNow(venue)), () -> saysNow(venue).toString());
  }

  private WithdrawalStatus.State state(String id) throws InvalidFormatException {
    return bench.engine.withdrawal(NORTH, id).state();
  }

  @Test
  void attestsOnceInEachSlotAndWhenSomethingChanges() throws Exception {
    bench.open();
    bench.step(0);
    assertSays(bench.north, "10");
    bench.step(500);
    assertEquals(1, bench.north.taken.get(Bench.ACCOUNT).size());
    bench.step(500);
    assertEquals(2, bench.north.taken.get(Bench.ACCOUNT).size());
    bench.put("collateral", "BTC", "12");
    bench.step(5);
    assertEquals(2, bench.north.taken.get(Bench.ACCOUNT).size(), "not before the spacing");
    bench.step(5);
    assertSays(bench.north, "12");
  }

  @Test
  void lossIsToldAtOnceWhateverTheSpacing() throws Exception {
    bench.open();
    bench.step(0);
    bench.put("collateral", "BTC", "7");
    bench.step(1);
    assertSays(bench.north, "7");
  }

  /** Each ends what the owner has proven: books that fall all the time must not be a storm. */
  @Test
  void lossesInQuickSuccessionAreToldAtOnceUpToABudgetAndThenAtTheSpacing() throws Exception {
    bench.open();
    bench.step(0);
    for (int i = 1; i < Bench.SPACING; i++) {
      bench.put("collateral", "BTC", Long.toString(10 - i));
      bench.step(1);
    }
    assertEquals(
        1 + Schedule.FORCED_PER_SLOT, bench.north.taken.get(Bench.ACCOUNT).size(), "in one slot");
    bench.step(Bench.SPACING);
    assertSays(bench.north, "1");
    assertEquals(2 + Schedule.FORCED_PER_SLOT, bench.north.taken.get(Bench.ACCOUNT).size());
    bench.step(Bench.CADENCE);
    bench.put("collateral", "BTC", "0.5");
    bench.step(1);
    assertSays(bench.north, "0.5");
  }

  @Test
  void withdrawalIsPaidAfterTheReleaseAndOnce() throws Exception {
    bench.open();
    bench.step(0);
    bench.engine.withdraw(NORTH, "w1", btc("-4"), "to the owner");
    bench.step(20);
    assertSays(bench.north, "6");
    assertEquals(WithdrawalStatus.State.OFFERED, state("w1"));
    bench.step(100);
    assertTrue(bench.paid.isEmpty());
    bench.north.prove(Bench.ACCOUNT);
    bench.step(1);
    assertEquals(1, bench.paid.size());
    assertEquals(WithdrawalStatus.State.PAID, state("w1"));
    bench.step(1);
    assertEquals(WithdrawalStatus.State.SETTLED, state("w1"));
    assertEquals(0, decimal("6").compareTo(bench.has("collateral", "BTC")));
    bench.engine.withdraw(NORTH, "w1", btc("-4"), "to the owner");
    bench.step(1000);
    bench.north.prove(Bench.ACCOUNT);
    bench.step(10);
    assertSays(bench.north, "6");
    assertEquals(1, bench.paid.size());
  }

  @Test
  void withdrawalIsPaidWithoutReleaseWhenEveryOlderVersionHasExpired() throws Exception {
    bench.open();
    bench.step(0);
    bench.engine.withdraw(NORTH, "w1", btc("-4"), "to the owner");
    for (int i = 0; i < 5; i++) {
      bench.step(1000);
      assertTrue(bench.paid.isEmpty());
    }
    bench.step(Bench.SKEW + 1);
    assertEquals(1, bench.paid.size());
  }

  @Test
  void forgedReleasesReleaseNothing() throws Exception {
    bench.open();
    bench.step(0);
    bench.engine.withdraw(NORTH, "w1", btc("-4"), "to the owner");
    bench.step(20);
    bench.north.prove(Bench.ACCOUNT);
    Release good = bench.north.releases.get(Bench.ACCOUNT).message();
    bench.north.releases.clear();
    TestVenue stranger = new TestVenue("north", 99, Bench.CIRCUIT, bench.key, bench.owner);
    assertTrue(bench.engine.release(stranger.sign(good)).isPresent());
    Release otherSuccessor =
        new Release(
            good.venue(),
            good.account(),
            good.circuitId(),
            good.attester(),
            good.throughVersion(),
            good.successorVersion(),
            good.circuitId(),
            1,
            1);
    assertTrue(bench.engine.release(bench.north.sign(otherSuccessor)).isPresent());
    Release otherAttester =
        new Release(
            good.venue(),
            good.account(),
            good.circuitId(),
            TestKey.of(3).publicKey(),
            good.throughVersion(),
            good.successorVersion(),
            good.successorDigest(),
            1,
            1);
    assertTrue(bench.engine.release(bench.north.sign(otherAttester)).isPresent());
    bench.step(20);
    assertTrue(bench.paid.isEmpty());
    assertEquals(Optional.empty(), bench.engine.release(bench.north.sign(good)));
    bench.step(1);
    assertEquals(1, bench.paid.size());
  }

  @Test
  void cancelledWithdrawalIsAttestedAgainAndNotPaid() throws Exception {
    bench.open();
    bench.step(0);
    bench.engine.withdraw(NORTH, "w1", btc("-4"), "to the owner");
    bench.step(20);
    bench.engine.cancelWithdrawal(NORTH, "w1");
    bench.step(20);
    assertSays(bench.north, "10");
    bench.north.prove(Bench.ACCOUNT);
    bench.step(20);
    assertTrue(bench.paid.isEmpty());
  }

  @Test
  void withdrawalsThatCannotBeAreRefused() throws Exception {
    bench.open();
    bench.step(0);
    assertThrows(
        InvalidFormatException.class, () -> bench.engine.withdraw(NORTH, "w", btc("-11"), ""));
    assertThrows(
        InvalidFormatException.class, () -> bench.engine.withdraw(NORTH, "w", btc("1"), ""));
    assertThrows(
        InvalidFormatException.class, () -> bench.engine.withdraw(NORTH, "w", btc("0"), ""));
    assertThrows(
        InvalidFormatException.class, () -> bench.engine.withdraw(NORTH, "", btc("-1"), ""));
    assertThrows(
        InvalidFormatException.class, () -> bench.engine.withdraw(SOUTH, "w", btc("-1"), ""));
    bench.engine.withdraw(NORTH, "w", btc("-8"), "");
    assertThrows(
        InvalidFormatException.class, () -> bench.engine.withdraw(NORTH, "w", btc("-7"), ""));
    assertThrows(
        InvalidFormatException.class, () -> bench.engine.withdraw(NORTH, "x", btc("-3"), ""));
  }

  @Test
  void paymentThatIsPendingOrUnknownIsAskedForAgainAndCountsAsGone() throws Exception {
    bench.open();
    bench.step(0);
    bench.engine.withdraw(NORTH, "w1", btc("-4"), "");
    bench.step(20);
    bench.north.prove(Bench.ACCOUNT);
    bench.paymentsFail = true;
    bench.step(20);
    assertEquals(WithdrawalStatus.State.PAYING, state("w1"));
    assertThrows(InvalidFormatException.class, () -> bench.engine.cancelWithdrawal(NORTH, "w1"));
    bench.paymentsFail = false;
    bench.paymentOutcome = CustodyPayments.Outcome.PENDING;
    bench.step(1000);
    assertSays(bench.north, "6");
    bench.paymentOutcome = CustodyPayments.Outcome.PAID;
    bench.step(1);
    bench.step(1);
    assertEquals(WithdrawalStatus.State.SETTLED, state("w1"));
  }

  @Test
  void twoVenuesNeverRelyOnTheSameUnit() throws Exception {
    bench.pledges =
        List.of(
            bench.pledge("north", Optional.of(btc("6"))), bench.pledge("south", Optional.empty()));
    bench.open();
    bench.step(0);
    assertSays(bench.north, "6");
    assertSays(bench.south, "4");
    // The shares change: south gets its part only when north's older version is released.
    bench.engine.close();
    bench.pledges =
        List.of(
            bench.pledge("north", Optional.of(btc("2"))), bench.pledge("south", Optional.empty()));
    bench.open();
    bench.step(20);
    bench.requireCovered();
    assertSays(bench.north, "2");
    assertSays(bench.south, "4");
    bench.north.prove(Bench.ACCOUNT);
    bench.step(20);
    bench.requireCovered();
    assertSays(bench.south, "8");
  }

  @Test
  void movedFromOneVenueToAnotherItIsNeverCountedTwice() throws Exception {
    bench.pledges =
        List.of(
            bench.pledge("north", Optional.of(btc("5"))), bench.pledge("south", Optional.empty()));
    bench.open();
    bench.step(0);
    for (int i = 0; i < 10; i++) {
      bench.engine.close();
      String share = Integer.toString((i * 7) % 11);
      bench.pledges =
          List.of(
              bench.pledge("north", Optional.of(btc(share))),
              bench.pledge("south", Optional.empty()));
      bench.open();
      for (int j = 0; j < 3; j++) {
        bench.step(20);
        bench.requireCovered();
        if (j == 1 && i % 2 == 0) {
          bench.north.prove(Bench.ACCOUNT);
          bench.south.prove(Bench.ACCOUNT);
        }
      }
    }
  }

  /** Over a restart the same bytes are delivered. */
  @Test
  void whatWasSignedIsDeliveredAfterARestart() throws Exception {
    bench.open();
    bench.step(0);
    bench.north.answer = Optional.of(new VenuePort.Delivery.Later("TOO_SOON"));
    bench.put("collateral", "BTC", "11");
    bench.step(20);
    assertEquals(1, bench.report().undelivered());
    int delivered = bench.north.delivered;
    bench.engine.close();
    bench.north.answer = Optional.empty();
    bench.open();
    bench.step(300);
    assertTrue(bench.north.delivered > delivered);
    assertEquals(0, bench.report().undelivered());
    assertSays(bench.north, "11");
  }

  @Test
  void lostReplyIsNoSecondVersion() throws Exception {
    bench.open();
    bench.north.losesReplies = true;
    bench.step(0);
    assertEquals(1, bench.north.taken.get(Bench.ACCOUNT).size());
    bench.engine.close();
    bench.north.losesReplies = false;
    bench.open();
    bench.step(300);
    assertEquals(1, bench.north.taken.get(Bench.ACCOUNT).size());
    assertEquals(0, bench.report().undelivered());
  }

  /** A version that the venue never takes does not block those after it. */
  @Test
  void refusedVersionIsReplacedByOneThatFollowsWhatTheVenueHas() throws Exception {
    bench.open();
    bench.step(0);
    bench.north.answer = Optional.of(new VenuePort.Delivery.Refused("EXPIRED", false));
    bench.put("collateral", "BTC", "11");
    bench.step(20);
    bench.north.answer = Optional.empty();
    bench.put("collateral", "BTC", "12");
    bench.step(20);
    assertSays(bench.north, "12");
    // What was refused was signed all the same, and binds.
    assertEquals(3, bench.report().lockedVersions().size());
  }

  @Test
  void venueThatIsAwayIsAskedLaterAndMeanwhileNothingIsLost() throws Exception {
    bench.open();
    bench.north.away = true;
    bench.step(0);
    assertFalse(bench.report().reconciled());
    assertTrue(bench.report().lockedVersions().isEmpty());
    bench.north.away = false;
    bench.step(1000);
    assertTrue(bench.report().reconciled());
    assertSays(bench.north, "10");
  }

  @Test
  void restoredBackupNeverRepeatsABlindingOrAVersionAndWaitsForReconciliation() throws Exception {
    bench.open();
    bench.step(0);
    Bench.MemoryStore backup = bench.store.copy();
    bench.put("collateral", "BTC", "12");
    bench.step(20);
    Attestation lost = bench.north.current(Bench.ACCOUNT).orElseThrow();
    bench.engine.close();

    bench.open(backup);
    bench.step(1000);
    assertFalse(bench.report().reconciled());
    assertTrue(bench.report().trouble().orElseThrow().contains("old backup"));
    assertEquals(lost, bench.north.current(Bench.ACCOUNT).orElseThrow());
    bench.engine.withdraw(NORTH, "w", btc("-1"), "");
    bench.step(1000);
    assertTrue(bench.paid.isEmpty());

    String said = bench.engine.acceptVenuesVersion(NORTH);
    assertTrue(said.contains("version " + lost.body().version()), said);
    bench.step(20);
    Attestation next = bench.north.current(Bench.ACCOUNT).orElseThrow();
    assertTrue(next.body().version() > lost.body().version());
    assertEquals(lost.digest(), next.body().previousDigest());
    for (Attestation each : bench.north.taken.get(Bench.ACCOUNT)) {
      assertTrue(
          each.equals(next)
              || !Arrays.equals(bench.north.blinding(each), bench.north.blinding(next)));
    }
    // What the lost version says is not known here: nothing leaves before it is released.
    bench.step(1000);
    assertTrue(bench.paid.isEmpty());
    bench.north.prove(Bench.ACCOUNT);
    bench.step(20);
    assertEquals(1, bench.paid.size());
  }

  /** What was signed after the backup and never delivered cannot be told from what was not. */
  @Test
  void restoredBackupDoesNotReuseAVersionThatTheVenueHasNotSeen() throws Exception {
    bench.open();
    bench.step(0);
    Bench.MemoryStore backup = bench.store.copy();
    bench.north.answer = Optional.of(new VenuePort.Delivery.Later("busy"));
    bench.put("collateral", "BTC", "12");
    bench.step(20);
    bench.engine.close();
    bench.north.answer = Optional.empty();
    bench.open(backup);
    // The venue would say if one version came with two digests.
    bench.step(20);
    assertSays(bench.north, "12");
  }

  @Test
  void unknownVersionStopsPaymentsAndRaisesForOtherVenuesToo() throws Exception {
    bench.pledges =
        List.of(
            bench.pledge("south", Optional.of(btc("4"))), bench.pledge("north", Optional.empty()));
    bench.open();
    bench.step(0);
    Bench.MemoryStore backup = bench.store.copy();
    bench.put("collateral", "BTC", "11");
    bench.step(20);
    assertSays(bench.north, "7");
    bench.engine.close();
    bench.pledges =
        List.of(
            bench.pledge("south", Optional.of(btc("14"))), bench.pledge("north", Optional.empty()));
    bench.open(backup);
    bench.put("collateral", "BTC", "20");
    bench.north.away = true;
    bench.step(1000);
    // North has a version that this ledger does not know: 14 for south might be promised there.
    assertFalse(bench.report().reconciled());
    assertSays(bench.south, "4");
    bench.requireCovered();
    bench.engine.withdraw(SOUTH, "w", btc("-1"), "");
    bench.step(20);
    bench.south.prove(Bench.ACCOUNT);
    bench.step(20);
    bench.step(20);
    assertTrue(bench.paid.isEmpty());
  }

  @Test
  void ordersAreExecutedOnceAndWhatIsLeftIsAttestedUnderThem() throws Exception {
    bench.open();
    bench.step(0);
    bench.north.claim(Bench.ACCOUNT, new Fraction(1, 4), 7, bench.now, bench.now + 10_000);
    bench.step(1);
    assertTrue(bench.north.executions.isEmpty());
    bench.nextExecution = Optional.of(btc("-2.5"));
    bench.step(1);
    bench.step(20);
    assertEquals(1, bench.executed.size());
    assertEquals(1, bench.north.executions.size());
    assertEquals(
        bench.north.orders.get(Bench.ACCOUNT).message().digest(),
        bench.north.executions.get(0).orderDigest());
    assertSays(bench.north, "7.5");
    bench.step(2000);
    assertEquals(1, bench.executed.size());
    assertEquals(0, decimal("7.5").compareTo(bench.has("collateral", "BTC")));
    // An older order that comes late is not executed.
    bench.north.claim(Bench.ACCOUNT, new Fraction(1, 2), 6, bench.now, bench.now + 10_000);
    bench.step(20);
    assertEquals(1, bench.executed.size());
  }

  /** The venue shows an order to the account's owner, who may be here before the order is. */
  @Test
  void withdrawalTakesNoOrdersPlace() throws Exception {
    bench.open();
    bench.step(0);
    var order =
        bench.north.claim(Bench.ACCOUNT, new Fraction(1, 4), 7, bench.now, bench.now + 10_000);
    String id = "liquidation-" + order.message().digest();
    InvalidFormatException refused =
        assertThrows(
            InvalidFormatException.class,
            () -> bench.engine.withdraw(NORTH, id, btc("-0.000001"), ""));
    assertTrue(refused.getMessage().contains("withdrawal: id"), refused.getMessage());
    bench.nextExecution = Optional.of(btc("-2.5"));
    bench.step(1);
    bench.step(20);
    assertEquals(1, bench.executed.size());
    assertSays(bench.north, "7.5");
  }

  /** Said wrong by the custodian's people: nobody else's account may wait for that. */
  @Test
  void executionThatCannotBeReadStopsNothingButItself() throws Exception {
    bench.pledges =
        List.of(
            bench.pledge("north", Optional.of(btc("6"))), bench.pledge("south", Optional.empty()));
    bench.open();
    bench.step(0);
    bench.north.claim(Bench.ACCOUNT, new Fraction(1, 4), 7, bench.now, bench.now + 10_000);
    String id = "liquidation-" + bench.north.orders.get(Bench.ACCOUNT).message().digest();
    bench.executed.put(id, List.of(new Line("collateral", "DOGE", "-1")));
    bench.step(1);
    assertTrue(bench.report().trouble().orElseThrow().contains("DOGE"), "" + bench.report());
    bench.executed.put(id, List.of());
    bench.step(20);
    assertEquals(1, bench.north.executions.size());
  }

  @Test
  void orderOfAStrangerOrAfterItsTimeIsNotExecuted() throws Exception {
    bench.open();
    bench.step(0);
    bench.nextExecution = Optional.of(btc("-1"));
    TestVenue stranger = new TestVenue("north", 99, Bench.CIRCUIT, bench.key, bench.owner);
    stranger.taken.putAll(bench.north.taken);
    assertTrue(
        bench
            .engine
            .liquidate(
                stranger.claim(Bench.ACCOUNT, Fraction.WHOLE, 1, bench.now, bench.now + 9_999))
            .isPresent());
    assertTrue(
        bench
            .engine
            .liquidate(
                bench.north.claim(
                    Bench.ACCOUNT, Fraction.WHOLE, 1, bench.now, bench.now + Bench.SKEW))
            .isPresent());
    bench.step(20);
    assertTrue(bench.executed.isEmpty());
  }

  @Test
  void executionBeyondTheOrderLowersNoMoreThanTheOrderAllows() throws Exception {
    bench.open();
    bench.step(0);
    bench.north.claim(Bench.ACCOUNT, new Fraction(1, 4), 7, bench.now, bench.now + 10_000);
    bench.nextExecution = Optional.of(btc("-5"));
    bench.step(1);
    assertSays(bench.north, "5");
    bench.step(20);
    bench.engine.withdraw(NORTH, "w", btc("-5"), "");
    bench.step(20);
    assertTrue(bench.paid.isEmpty());
  }

  @Test
  void orderExtendsTheLocksOfWhatItWasMadeOn() throws Exception {
    bench.open();
    bench.step(0);
    bench.engine.withdraw(NORTH, "w", btc("-4"), "");
    bench.step(20);
    bench.north.claim(Bench.ACCOUNT, new Fraction(1, 4), 7, bench.now, bench.now + 20_000);
    bench.step(1);
    bench.nextExecution = Optional.of(List.of());
    bench.step(1);
    assertSays(bench.north, "10");
    assertEquals(WithdrawalStatus.State.REQUESTED, state("w"));
    bench.step(20);
    assertSays(bench.north, "6");
    bench.step(2000);
    bench.step(2000);
    bench.step(2000);
    assertTrue(bench.paid.isEmpty(), "the older version would have expired by now");
  }

  @Test
  void closedAccountLeavesAndMovesToAnotherCircuitWhenEverythingIsReleased() throws Exception {
    bench.open();
    bench.step(0);
    bench.engine.closeAccount(NORTH);
    Attestation closing = bench.north.current(Bench.ACCOUNT).orElseThrow();
    assertTrue(closing.body().closing());
    bench.step(2000);
    assertEquals(closing, bench.north.current(Bench.ACCOUNT).orElseThrow());
    assertThrows(InvalidFormatException.class, () -> bench.engine.closeAccount(NORTH));
    bench.engine.close();

    TestCircuit next = new TestCircuit(2);
    Pledge old = bench.pledges.get(0);
    bench.pledges =
        List.of(new Pledge(old.id(), old.pool(), old.owner(), next.circuit(), old.share()));
    bench.open();
    bench.step(20);
    assertTrue(bench.report().trouble().orElseThrow().contains("one circuit at a time"));
    bench.north.prove(Bench.ACCOUNT);
    bench.step(20);
    // The venue's gate of the new circuit knows no attestation before this one.
    bench.north.taken.clear();
    bench.step(2 * Bench.VALIDITY);
    bench.step(20);
    assertEquals(
        next.key.circuitId(), bench.north.current(Bench.ACCOUNT).orElseThrow().body().circuitId());
  }

  @Test
  void booksThatAreTooOldOrUnreadableAreNotAttested() throws Exception {
    bench.open();
    bench.put("collateral", "DOGE", "1");
    bench.step(0);
    assertTrue(bench.report().trouble().orElseThrow().contains("DOGE"));
    assertFalse(bench.north.current(Bench.ACCOUNT).isPresent());
  }

  @Test
  void nothingOfTheHoldingsIsInReportsOrErrors() throws Exception {
    bench.open();
    bench.put("collateral", "BTC", "777.12345678");
    bench.step(0);
    bench.put("collateral", "BTC", "777123456789012345.5");
    bench.step(20);
    assertTrue(bench.report().trouble().isPresent());
    assertFalse(bench.report().toString().contains("777"));
  }

  @Test
  void configurationThatContradictsTheLedgerIsRefused() throws Exception {
    bench.open();
    bench.step(0);
    bench.engine.close();
    Pledge old = bench.pledges.get(0);
    bench.pledges =
        List.of(new Pledge(old.id(), "another pool", old.owner(), old.circuit(), old.share()));
    assertThrows(InvalidFormatException.class, bench::open);
  }

  @Test
  void failedWriteStopsEverythingUntilTheLedgerIsOpenedAgain() throws Exception {
    bench.open();
    bench.step(0);
    bench.store.crashAt = bench.store.writes + 1;
    bench.put("collateral", "BTC", "11");
    assertThrows(IOException.class, () -> bench.step(20));
    assertThrows(IOException.class, () -> bench.step(20));
    assertSays(bench.north, "10");
    bench.open();
    bench.step(20);
    assertSays(bench.north, "11");
  }
}
