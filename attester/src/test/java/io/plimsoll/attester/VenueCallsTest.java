package io.plimsoll.attester;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.PortfolioReader.Line;
import io.plimsoll.gate.Fraction;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls of venues are made without the lock: what one venue does with its call is its own. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VenueCallsTest {
  private static final PledgeId NORTH = Bench.at("north");
  private static final PledgeId SOUTH = Bench.at("south");

  private final Bench bench = new Bench();

  private static List<Line> btc(String quantity) {
    return List.of(new Line("collateral", "BTC", quantity));
  }

  private void assertSays(TestVenue venue, String quantity) {
    BigDecimal says = venue.says(venue.current(Bench.ACCOUNT).orElseThrow(), "collateral", 0);
    assertEquals(0, new BigDecimal(quantity).compareTo(says), says::toString);
  }

  private void share() {
    bench.pledges =
        List.of(
            bench.pledge("north", Optional.of(btc("6"))), bench.pledge("south", Optional.empty()));
  }

  private Pledge inOtherPool(PledgeId id) {
    return new Pledge(
        id, Bench.OTHER_POOL, bench.owner.publicKey(), Bench.CIRCUIT.circuit(), Optional.empty());
  }

  private static void hang(CountDownLatch until) {
    try {
      until.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Everything else goes on: another venue, in the same pool even, owners, and reports. */
  @Test
  void venueThatNeverAnswersDoesNotDelayAnotherVenuesAttestations() throws Exception {
    share();
    bench.open();
    bench.step(0);
    long before = bench.south.current(Bench.ACCOUNT).orElseThrow().body().version();
    CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    bench.north.during =
        call -> {
          hanging.countDown();
          hang(end);
        };
    AttesterRunner runner = AttesterRunner.start(bench.engine, Duration.ofMillis(5));
    try {
      hanging.await();
      bench.pass(Bench.CADENCE);
      while (bench.south.current(Bench.ACCOUNT).orElseThrow().body().version() == before) {
        Thread.sleep(1);
      }
      assertEquals(
          WithdrawalStatus.State.REQUESTED,
          bench.engine.withdraw(SOUTH, "w", btc("-1"), "").state());
      assertTrue(bench.engine.report(NORTH).reconciled());
    } finally {
      end.countDown();
      runner.close();
    }
    assertEquals(Optional.empty(), runner.awaitEnd());
    bench.requireCovered();
  }

  /** A process that has just started does not know what it has promised where it cannot ask. */
  @Test
  void venueThatNeverAnswersFromTheStartDelaysOnlyItsOwnPools() throws Exception {
    bench.pledges = List.of(bench.pledge("north", Optional.empty()), inOtherPool(SOUTH));
    bench.open();
    CountDownLatch end = new CountDownLatch(1);
    bench.north.during = call -> hang(end);
    AttesterRunner runner = AttesterRunner.start(bench.engine, Duration.ofMillis(5));
    try {
      while (bench.south.current(Bench.ACCOUNT).isEmpty()) {
        Thread.sleep(1);
      }
      assertFalse(bench.engine.report(NORTH).reconciled());
    } finally {
      end.countDown();
      runner.close();
    }
  }

  @Test
  void whatAVenueAnswersAfterTheEngineWasClosedIsNotTaken() throws Exception {
    bench.open();
    bench.north.during =
        call -> {
          if (call.equals("deliver")) {
            bench.engine.close();
          }
        };
    int writes;
    try {
      bench.step(0);
      throw new AssertionError("nothing was delivered");
    } catch (IOException e) {
      writes = bench.store.writes;
    }
    bench.north.during = call -> {};
    bench.open();
    bench.step(20);
    assertTrue(bench.store.writes > writes);
    assertSays(bench.north, "10");
    assertEquals(1, bench.north.taken.get(Bench.ACCOUNT).size());
  }

  @Test
  void noCallIsMadeUnderTheLock() throws Exception {
    share();
    bench.open();
    bench.north.during =
        call -> {
          // From another thread, as an owner's call comes.
          CompletableFuture<AccountReport> report =
              CompletableFuture.supplyAsync(
                  () -> {
                    try {
                      return bench.engine.report(SOUTH);
                    } catch (InvalidFormatException e) {
                      throw new AssertionError(e);
                    }
                  });
          assertEquals(SOUTH, report.join().id());
        };
    bench.step(0);
    bench.step(Bench.CADENCE);
    assertSays(bench.north, "6");
  }

  /** The venue takes the older one; what was signed meanwhile names one before it as previous. */
  @Test
  void lossThatIsSignedWhileAVersionIsOnItsWayIsToldAfterIt() throws Exception {
    bench.open();
    bench.step(0);
    bench.put("collateral", "BTC", "11");
    onceDuring(
        "deliver",
        () -> {
          bench.put("collateral", "BTC", "7");
          bench.engine.decide();
        });
    bench.step(20);
    assertSays(bench.north, "11");
    bench.step(1);
    assertSays(bench.north, "7");
    assertTrue(bench.engine.report(NORTH).lockedVersions().size() >= 4, "what was signed binds");
  }

  /** Else no proof would count before the order's end. */
  @Test
  void whatAnOrderHasLeftIsAttestedAgainIfAnOlderVersionWasTakenBeforeIt() throws Exception {
    bench.open();
    bench.step(0);
    bench.put("collateral", "BTC", "12");
    bench.nextExecution = Optional.of(btc("-2.5"));
    onceDuring(
        "deliver",
        () -> {
          var order =
              bench.north.claim(
                  Bench.ACCOUNT, new Fraction(1, 4), 7, bench.now, bench.now + 10_000);
          assertEquals(Optional.empty(), bench.engine.liquidate(order));
          bench.engine.decide();
        });
    bench.step(20);
    bench.step(1);
    bench.step(20);
    assertEquals(1, bench.executed.size());
    assertEquals(1, bench.north.executions.size(), "told under the order");
    assertSays(bench.north, "9.5");
    bench.step(20);
    assertTrue(bench.report().movements().isEmpty());
  }

  @Test
  void refusalOfAVersionThatWasReplacedMeanwhileLeavesItsSuccessorInTheOutbox() throws Exception {
    bench.open();
    bench.step(0);
    bench.put("collateral", "BTC", "11");
    bench.north.answer = Optional.of(new VenuePort.Delivery.Refused("EXPIRED", false));
    onceDuring(
        "deliver",
        () -> {
          bench.put("collateral", "BTC", "7");
          bench.engine.decide();
        });
    bench.step(20);
    assertEquals(1, bench.report().undelivered());
    bench.north.answer = Optional.empty();
    bench.step(Bench.CADENCE / 4);
    assertSays(bench.north, "7");
  }

  @Test
  void venueThatIsAwayIsAskedOnceAndNotForEachAccount() throws Exception {
    bench.pledges =
        List.of(
            bench.pledge("north", "a", Optional.of(btc("1"))),
            bench.pledge("north", "b", Optional.of(btc("2"))),
            bench.pledge("north", "c", Optional.empty()));
    bench.open();
    bench.north.away = true;
    bench.step(0);
    assertEquals(1, bench.north.asked);
    for (String account : List.of("a", "b", "c")) {
      assertTrue(
          bench
              .engine
              .report(new PledgeId("north", account))
              .trouble()
              .orElseThrow()
              .contains("nobody there"));
    }
    bench.step(1);
    assertEquals(1, bench.north.asked);
    bench.north.away = false;
    bench.step(Bench.CADENCE);
    assertEquals(Optional.empty(), bench.engine.report(new PledgeId("north", "a")).trouble());
    assertTrue(bench.north.current("c").isPresent());
  }

  /** One question that is never answered does not keep the venue from being asked all others. */
  @Test
  void accountThatAVenueFailsOnComesAfterTheOthersNextTime() throws Exception {
    bench.pledges =
        List.of(
            bench.pledge("north", "a", Optional.empty()), inOtherPool(new PledgeId("north", "b")));
    bench.north.unanswered.add("a");
    bench.open();
    bench.step(0);
    assertEquals(1, bench.north.asked);
    bench.step(Bench.CADENCE / 4);
    bench.step(Bench.CADENCE / 4);
    assertTrue(bench.north.current("b").isPresent());
  }

  @Test
  void accountThatAVenueDoesNotKnowKeepsItsOthersFromNothing() throws Exception {
    bench.pledges =
        List.of(
            bench.pledge("north", "a", Optional.of(btc("1"))),
            inOtherPool(new PledgeId("north", "b")));
    bench.north.unknown.add("a");
    bench.open();
    bench.step(0);
    assertTrue(bench.north.current("b").isPresent());
    assertTrue(
        bench
            .engine
            .report(new PledgeId("north", "a"))
            .trouble()
            .orElseThrow()
            .contains("NOT_FOUND"));
  }

  /** Whatever a port throws, it is its venue that failed. */
  @Test
  void exceptionOfAPortThatNobodyExpectedStopsNothing() throws Exception {
    share();
    bench.open();
    bench.north.during =
        call -> {
          throw new IllegalStateException("a bug of the port's");
        };
    bench.step(0);
    assertTrue(bench.report().trouble().orElseThrow().contains("a bug of the port's"));
    bench.north.during = call -> {};
    bench.step(Bench.CADENCE);
    assertSays(bench.north, "6");
    assertSays(bench.south, "4");
  }

  @Test
  void runnerEndsWhenTheDiskFailsInAVenuesThread() throws Exception {
    bench.open();
    bench.north.during =
        call -> {
          if (call.equals("deliver")) {
            bench.store.crashAt = bench.store.writes + 1;
          }
        };
    try (AttesterRunner runner = AttesterRunner.start(bench.engine, Duration.ofMillis(5))) {
      assertTrue(runner.awaitEnd().orElseThrow() instanceof Bench.MemoryStore.Crash);
    }
  }

  private interface Event {
    void happen() throws IOException, InvalidFormatException;
  }

  private void onceDuring(String when, Event event) {
    boolean[] done = new boolean[1];
    bench.north.during =
        call -> {
          if (call.equals(when) && !done[0]) {
            done[0] = true;
            try {
              event.happen();
            } catch (InvalidFormatException e) {
              throw new AssertionError(e);
            }
          }
        };
  }
}
