package io.plimsoll.attester;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.PortfolioReader.Line;
import io.plimsoll.gate.Fraction;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * The process ends before or after each of its writes, and so between any two things that it does
 * to the outside. What comes up again goes on: no version has two meanings, no lock is lost,
 * nothing is paid or liquidated twice.
 */
class CrashTest {
  private static final PledgeId NORTH = Bench.at("north");

  @Test
  void crashBetweenAnyTwoWritesLosesNoLockAndPaysNothingTwice() throws Exception {
    crashAtEveryWrite(false);
  }

  /** What an answer finds has changed since its question; and the process may end there too. */
  @Test
  void crashWhileCallsAreUnderWayAndOthersDecideLosesNoLockAndPaysNothingTwice() throws Exception {
    crashAtEveryWrite(true);
  }

  private void crashAtEveryWrite(boolean others) throws Exception {
    Bench whole = bench(others);
    whole.open();
    run(whole);
    check(whole);
    int writes = whole.store.writes;
    assertTrue(writes > 20, () -> "the story has " + writes + " writes");
    int crashes = 0;
    for (int at = 1; at <= writes; at++) {
      for (boolean after : new boolean[] {false, true}) {
        Bench bench = bench(others);
        bench.store.crashAt = at;
        bench.store.crashAfter = after;
        bench.open();
        crashes += run(bench);
        check(bench);
      }
    }
    assertEquals(2 * writes, crashes);
  }

  /**
   * @param others the custodian's thread decides while a call is under way, and before what a venue
   *     says is taken
   */
  private static Bench bench(boolean others) {
    Bench bench = new Bench();
    if (others) {
      bench.north.during =
          call -> {
            try {
              bench.engine.decide();
            } catch (Bench.MemoryStore.Crash e) {
              // Not the venue's failure: nothing goes on in this process.
              throw new Gone(e);
            } catch (InvalidFormatException e) {
              throw new AssertionError(e);
            }
          };
    }
    return bench;
  }

  private static final class Gone extends Error {
    private static final long serialVersionUID = 1L;

    Gone(Throwable cause) {
      super(cause);
    }
  }

  /** Both crash once, at different writes. */
  @Test
  void secondCrashDuringRecoveryIsNoDifferent() throws Exception {
    for (int at = 2; at <= 20; at += 3) {
      for (int again = 1; again <= 4; again++) {
        Bench bench = new Bench();
        bench.store.crashAt = at;
        bench.open();
        Runnable rearm = rearm(bench, again);
        run(bench, rearm);
        check(bench);
      }
    }
  }

  private static Runnable rearm(Bench bench, int again) {
    return () -> {
      if (bench.store.crashAt <= 20) {
        bench.store.crashAt = Math.max(bench.store.writes + again, 21);
      }
    };
  }

  /** A move of the story; one that has happened already changes nothing. */
  private interface Move {
    void make() throws IOException, InvalidFormatException;
  }

  private int crashed;

  private int run(Bench bench) throws Exception {
    return run(bench, () -> {});
  }

  private int run(Bench bench, Runnable onCrash) throws Exception {
    crashed = 0;
    steps(bench, 2, onCrash);
    survive(bench, onCrash, () -> bench.engine.withdraw(NORTH, "w1", btc("-4"), "there"));
    steps(bench, 3, onCrash);
    bench.requireCovered();
    assertTrue(bench.paid.isEmpty());
    bench.north.prove(Bench.ACCOUNT);
    steps(bench, 4, onCrash);
    survive(bench, onCrash, () -> bench.engine.withdraw(NORTH, "w2", btc("-1"), "there"));
    survive(
        bench,
        onCrash,
        () -> {
          if (bench.engine.withdrawal(NORTH, "w2").state() != WithdrawalStatus.State.CANCELLED) {
            bench.engine.cancelWithdrawal(NORTH, "w2");
          }
        });
    bench.put(
        "collateral", "BTC", bench.has("collateral", "BTC").add(new BigDecimal("2")).toString());
    steps(bench, 3, onCrash);
    bench.north.prove(Bench.ACCOUNT);
    steps(bench, 3, onCrash);
    bench.nextExecution = Optional.of(btc("-2"));
    bench.north.claim(Bench.ACCOUNT, new Fraction(1, 2), 1, bench.now, bench.now + 100_000);
    steps(bench, 4, onCrash);
    bench.north.prove(Bench.ACCOUNT);
    bench.north.orders.clear();
    survive(bench, onCrash, () -> bench.engine.withdraw(NORTH, "w3", btc("-1"), "there"));
    steps(bench, 3, onCrash);
    bench.north.prove(Bench.ACCOUNT);
    steps(bench, 4, onCrash);
    return crashed;
  }

  private static List<Line> btc(String quantity) {
    return List.of(new Line("collateral", "BTC", quantity));
  }

  private void steps(Bench bench, int count, Runnable onCrash) throws Exception {
    for (int i = 0; i < count; i++) {
      survive(bench, onCrash, () -> bench.step(20));
      bench.requireCovered();
    }
  }

  private void survive(Bench bench, Runnable onCrash, Move move) throws Exception {
    for (int attempt = 0; attempt < 4; attempt++) {
      try {
        move.make();
        return;
      } catch (Bench.MemoryStore.Crash | Gone e) {
        crashed++;
        onCrash.run();
        bench.now += 20;
        bench.open();
      }
    }
    throw new AssertionError("crashes again and again");
  }

  private static void check(Bench bench) throws Exception {
    // 10 - 4 + 2 - 2 - 1.
    assertEquals(0, new BigDecimal("5").compareTo(bench.has("collateral", "BTC")));
    assertEquals(2, bench.paid.size());
    assertEquals(1, bench.executed.size());
    assertTrue(bench.report().movements().isEmpty(), () -> "still open");
    assertEquals(0, bench.report().undelivered());
    assertEquals(
        bench.north.current(Bench.ACCOUNT).orElseThrow().body().version(),
        bench.report().version().orElseThrow());
    assertEquals(
        0,
        new BigDecimal("5")
            .compareTo(
                bench.north.says(
                    bench.north.current(Bench.ACCOUNT).orElseThrow(), "collateral", 0)));
    assertTrue(
        bench.north.executions.stream().map(each -> each.orderDigest()).distinct().count() == 1);
  }
}
