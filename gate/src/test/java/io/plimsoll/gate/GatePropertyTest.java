package io.plimsoll.gate;

import static io.plimsoll.gate.GateHarness.ACCOUNT;
import static io.plimsoll.gate.GateHarness.CUSTODIAN;
import static io.plimsoll.gate.GateHarness.GRACE;
import static io.plimsoll.gate.GateHarness.LENDER;
import static io.plimsoll.gate.GateHarness.NEWCOMER;
import static io.plimsoll.gate.GateHarness.REPROOF;
import static io.plimsoll.gate.GateHarness.ROUND_AGE;
import static io.plimsoll.gate.GateHarness.SKEW;
import static io.plimsoll.gate.GateHarness.SUSPENSION;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.gate.AccountStatus.InGrace;
import io.plimsoll.gate.AccountStatus.Liquidatable;
import io.plimsoll.gate.AccountStatus.Liquidating;
import io.plimsoll.gate.AccountStatus.Solvent;
import io.plimsoll.gate.AccountStatus.Suspended;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.TestKey;
import io.plimsoll.verifier.VerifiedSolvency;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * Random histories, against an oracle that counts every millisecond of them one by one and knows
 * nothing of instants that are kept or intervals that are added up.
 */
class GatePropertyTest {
  @Property(tries = 250)
  void anyHistoryMeansWhatCountingEveryMillisecondSays(
      @ForAll @Size(max = 60) List<@IntRange(min = 0, max = 15 * 16 - 1) Integer> history) {
    GateHarness gate = new GateHarness();
    gate.publish();
    gate.open(CUSTODIAN, LENDER);
    Oracle oracle = new Oracle(gate);
    gate.attest(CUSTODIAN, gate.now + 5000);
    gate.attest(LENDER, gate.now + 5000);
    oracle.changed();
    for (int event : history) {
      oracle.happens(event % 15, event / 15);
      oracle.check();
    }
    // Nothing happens any more: whatever it was, it ends.
    oracle.advance(20_000);
    oracle.check();
    AccountStatus end = gate.status();
    assertTrue(end instanceof Liquidatable || end instanceof Liquidating, end.toString());
    GateHarness.auditAll();
  }

  private static final class Oracle {
    private final GateHarness gate;
    private final long opened;
    private long tick;
    private long changed;
    private long operatorSince = Long.MAX_VALUE;
    private long breakerSince = Long.MAX_VALUE;
    private long freshUntil;
    private long solventUntil;
    private long suspended;
    private long grace;
    private boolean proven;
    private LiquidationOrder order;

    Oracle(GateHarness gate) {
      this.gate = gate;
      opened = gate.now;
      tick = gate.now;
      changed = gate.now;
      solventUntil = gate.now;
      freshUntil = gate.round.asOfMillis() + ROUND_AGE;
    }

    void changed() {
      changed = tick;
    }

    void advance(long millis) {
      gate.now += millis;
      for (; tick < gate.now; tick++) {
        if (isSuspended()) {
          suspended++;
        } else if (tick >= solventUntil) {
          grace++;
        }
      }
    }

    private boolean isSuspended() {
      return order == null && suspended < SUSPENSION && causes().stream().anyMatch(this::holds);
    }

    private boolean holds(long since) {
      long from = Math.max(since, opened);
      return from <= tick && tick - from < SUSPENSION;
    }

    private List<Long> causes() {
      List<Long> causes = new ArrayList<>(List.of(operatorSince, breakerSince, freshUntil));
      AccountState state = gate.gate.account(ACCOUNT);
      if (state.attestations().size() < state.roster().attesters().size()) {
        causes.add(changed);
      }
      for (Attestation attestation : state.attestations()) {
        causes.add(attestation.body().notAfterMillis());
      }
      return causes;
    }

    private long earliestNotAfter() {
      return gate.gate.account(ACCOUNT).attestations().stream()
          .mapToLong(attestation -> attestation.body().notAfterMillis())
          .min()
          .orElse(0);
    }

    void happens(int event, int argument) {
      switch (event) {
        case 0, 1 -> advance(1L + argument * 7L);
        case 2 -> advance(argument * 100L);
        case 3, 4 -> publish();
        case 5, 6 -> prove();
        case 7 -> attest(argument % 2 == 0 ? CUSTODIAN : LENDER, argument);
        case 8 -> attest(NEWCOMER, argument);
        case 9 -> roster(argument);
        case 10 -> claim();
        case 11 -> end(argument);
        case 12 -> suspend(argument);
        case 13 -> breaker(argument);
        default -> {
          // The clock goes back, and forward again, before anybody looks.
          gate.now -= 1000;
          gate.status();
          gate.now += 1000;
        }
      }
    }

    private void publish() {
      assertInstanceOf(RoundUpdate.Published.class, gate.publish());
      freshUntil = gate.now + ROUND_AGE;
    }

    private void prove() {
      AccountState state = gate.gate.account(ACCOUNT);
      boolean complete = state.attestations().size() == state.roster().attesters().size();
      boolean expected =
          order == null
              && !isSuspended()
              && complete
              && earliestNotAfter() > tick + SKEW
              && gate.round.asOfMillis() + ROUND_AGE > tick + SKEW;
      AccountStatus before = gate.status();
      boolean accepted = gate.prove().verdict() instanceof VerifiedSolvency;
      assertEquals(expected, accepted, before.toString());
      if (accepted) {
        assertTrue(!(before instanceof Liquidating), "both proven and liquidating");
        solventUntil = Math.min(gate.round.asOfMillis() + ROUND_AGE, earliestNotAfter());
        suspended = 0;
        grace = 0;
        proven = true;
      }
    }

    private void attest(TestKey attester, int argument) {
      update(gate.attest(attester, gate.now + argument * 100L));
    }

    private void roster(int argument) {
      update(argument % 2 == 0 ? gate.join(NEWCOMER) : gate.leave(NEWCOMER));
    }

    private void update(AccountUpdate update) {
      if (update instanceof AccountUpdate.Accepted) {
        changed = tick;
        if (tick < solventUntil) {
          solventUntil = Math.min(solventUntil, tick + REPROOF);
        }
      }
    }

    private void claim() {
      AccountStatus before = gate.status();
      ClaimOutcome outcome = gate.gate.claimLiquidation(ACCOUNT, "desk");
      assertEquals(before instanceof Liquidatable, outcome instanceof ClaimOutcome.Claimed);
      if (outcome instanceof ClaimOutcome.Claimed claimed) {
        order = claimed.order();
      }
    }

    private void end(int argument) {
      if (order == null) {
        return;
      }
      if (argument % 2 == 0) {
        assertTrue(gate.gate.completeLiquidation(order));
        solventUntil = tick;
        suspended = 0;
        grace = 0;
        proven = false;
      } else {
        assertTrue(gate.gate.cancelLiquidation(order));
      }
      order = null;
    }

    private void suspend(int argument) {
      if (argument % 2 == 0) {
        gate.gate.suspend(ACCOUNT, SuspensionCause.VENUE_FAULT);
        if (operatorSince == Long.MAX_VALUE || tick - operatorSince >= SUSPENSION) {
          operatorSince = tick;
        }
      } else {
        gate.gate.resume(ACCOUNT);
        operatorSince = Long.MAX_VALUE;
      }
    }

    private void breaker(int argument) {
      if (argument % 2 == 0) {
        gate.gate.openBreaker();
        breakerSince = Math.min(breakerSince, tick);
      } else {
        gate.gate.closeBreaker();
        breakerSince = Long.MAX_VALUE;
      }
    }

    void check() {
      AccountStatus status = gate.status();
      if (order != null) {
        assertEquals(new Liquidating(order, List.of()), status);
      } else if (isSuspended()) {
        Suspended found = assertInstanceOf(Suspended.class, status);
        assertTrue(found.sinceMillis() <= tick && tick < found.untilMillis(), found.toString());
        assertTrue(found.untilMillis() <= tick + SUSPENSION - suspended, found.toString());
      } else if (tick < solventUntil) {
        assertEquals(new Solvent(solventUntil), status);
        assertTrue(proven, "solvent without a proof");
      } else if (grace < SKEW + GRACE) {
        InGrace found = assertInstanceOf(InGrace.class, status);
        assertEquals(tick + SKEW + GRACE - grace, found.liquidatableAtMillis());
      } else {
        assertInstanceOf(Liquidatable.class, status);
      }
    }
  }
}
