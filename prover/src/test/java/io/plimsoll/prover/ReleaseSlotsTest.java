package io.plimsoll.prover;

import static io.plimsoll.prover.TestMarket.AGREED;
import static io.plimsoll.prover.TestMarket.line;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.Holdings;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.ProvingInput;
import io.plimsoll.nativeprover.SolvencyProver;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.SignedRound;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ReleaseSlotsTest {
  private static final long SLOT = 50;

  /** A clock that a test moves. */
  private static final class Hand extends Clock {
    final AtomicLong millis = new AtomicLong();

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return Instant.ofEpochMilli(millis.get());
    }
  }

  /** Keeps what is to be released until the test's clock is there. */
  private static final class ByHand implements ReleaseSlots.Timer {
    private final Hand clock;
    final TreeMap<Long, List<Runnable>> waiting = new TreeMap<>();

    ByHand(Hand clock) {
      this.clock = clock;
    }

    @Override
    public synchronized void at(long epochMillis, Runnable release) {
      waiting.computeIfAbsent(epochMillis, time -> new ArrayList<>()).add(release);
      notifyAll();
    }

    synchronized List<Long> await(int times) throws InterruptedException {
      while (waiting.values().stream().mapToInt(List::size).sum() < times) {
        wait();
      }
      return List.copyOf(waiting.keySet());
    }

    void advanceTo(long epochMillis) {
      clock.millis.set(epochMillis);
      List<Runnable> due = new ArrayList<>();
      synchronized (this) {
        Map<Long, List<Runnable>> passed = waiting.headMap(epochMillis, true);
        passed.values().forEach(due::addAll);
        passed.clear();
      }
      due.forEach(Runnable::run);
    }

    @Override
    public void close() {
      advanceTo(Long.MAX_VALUE);
    }
  }

  /** Takes longer the more holdings there are, on the test's clock. */
  private static final class SlowerWithHoldings implements SolvencyProver {
    private final SolvencyProver real;
    private final Hand clock;
    private final long[] millis;
    private int proofs;

    SlowerWithHoldings(SolvencyProver real, Hand clock, long... millis) {
      this.real = real;
      this.clock = clock;
      this.millis = millis;
    }

    @Override
    public Digest circuitId() {
      return real.circuitId();
    }

    @Override
    public byte[] prove(ProvingInput input) throws ProvingException {
      clock.millis.addAndGet(millis[proofs++]);
      return real.prove(input);
    }

    @Override
    public void close() {
      real.close();
    }
  }

  @Test
  void theNextSlotIsNeverInThePastAndAlwaysOnTheGridAfterTheRound() {
    for (long now = -3; now < 200; now++) {
      long next = ReleaseSlots.next(0, now, SLOT);
      assertTrue(next >= now && next >= SLOT, "at " + now + ": " + next);
      assertEquals(0, next % SLOT);
      assertTrue(now < 1 ? next == SLOT : next - now < SLOT, "at " + now + ": " + next);
    }
    assertEquals(1_050, ReleaseSlots.next(1_000, 1_050, SLOT));
    assertEquals(1_100, ReleaseSlots.next(1_000, 1_051, SLOT));
  }

  @Test
  void proofsOfNoOneAndAllHoldingsLeaveInTheSameSlot(@TempDir Path keys) throws Exception {
    TestMarket market = new TestMarket(keys);
    List<AccountState> accounts =
        List.of(
            account(market, "alice"),
            account(market, "bob", line("cash", "", "5")),
            account(
                market,
                "carol",
                line("position", "CALL", "10"),
                line("position", "PUT", "1"),
                line("position", "FUTURE", "1"),
                line("collateral", "BTC", "50"),
                line("cash", "", "100000")));
    Hand clock = new Hand();
    ByHand timer = new ByHand(clock);
    SignedRound round = market.signedRound(1, 100);
    long asOf = round.round().asOfMillis();
    clock.millis.set(asOf + 2);
    try (ProverEngine engine =
        market
            .engine(new SlowerWithHoldings(market.nativeProver(), clock, 7, 11, 23))
            .policy(market.policy().releaseSlot(Duration.ofMillis(SLOT)).build())
            .clock(clock)
            .timer(timer)
            .build()) {
      engine.loadRound(round);
      List<CompletableFuture<ProofResult>> proofs = new ArrayList<>();
      for (AccountState account : accounts) {
        engine.loadAccount(account);
        proofs.add(
            engine.submit(ProofRequest.of(account.account(), 1, AGREED, Purpose.MAINTENANCE)));
        assertEquals(List.of(asOf + SLOT), timer.await(proofs.size()));
      }
      timer.advanceTo(asOf + SLOT - 1);
      assertFalse(proofs.stream().anyMatch(CompletableFuture::isDone));
      assertEquals(0, engine.status().proofs());
      timer.advanceTo(asOf + SLOT);
      for (CompletableFuture<ProofResult> proof : proofs) {
        assertInstanceOf(ProofResult.Proved.class, proof.getNow(null));
      }
    }
  }

  private static AccountState account(
      TestMarket market, String name, io.plimsoll.circuits.PortfolioReader.Line... lines)
      throws Exception {
    try (Holdings atExchange = market.holdings(lines);
        Holdings nothing = market.holdings()) {
      return market.account(
          name,
          1,
          market.exchange.attest(market.terms(name), atExchange),
          market.lender.attest(market.terms(name), nothing));
    }
  }

  @Test
  void aSlotIsWholeMillisecondsUpToAMinute() {
    ProverPolicy.Builder policy = ProverPolicy.builder();
    for (Duration length :
        List.of(
            Duration.ZERO,
            Duration.ofMillis(-1),
            Duration.ofNanos(1_500_000),
            Duration.ofSeconds(61))) {
      assertThrows(IllegalArgumentException.class, () -> policy.releaseSlot(length));
    }
    policy.releaseSlot(Duration.ofMillis(1)).releaseSlot(Duration.ofMinutes(1));
  }
}
