package io.plimsoll.gate;

import static io.plimsoll.gate.GateHarness.ACCOUNT;
import static io.plimsoll.gate.GateHarness.CUSTODIAN;
import static io.plimsoll.gate.GateHarness.GRACE;
import static io.plimsoll.gate.GateHarness.LENDER;
import static io.plimsoll.gate.GateHarness.NEWCOMER;
import static io.plimsoll.gate.GateHarness.REPROOF;
import static io.plimsoll.gate.GateHarness.ROUND_AGE;
import static io.plimsoll.gate.GateHarness.SKEW;
import static io.plimsoll.gate.GateHarness.SOFT;
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
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.TestKey;
import io.plimsoll.verifier.VerifiedSolvency;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
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
      @ForAll @Size(max = 60) List<@IntRange(min = 0, max = 17 * 16 - 1) Integer> history,
      @ForAll boolean covered) {
    GateHarness gate = new GateHarness();
    if (covered) {
      gate.policy = GateHarness.policyBuilder().lockCover(Duration.ofMillis(COVER)).build();
      gate.gate = gate.gate(Fixtures.verifier());
    }
    gate.publish();
    gate.open(CUSTODIAN, LENDER);
    Oracle oracle = new Oracle(gate);
    gate.attest(CUSTODIAN, gate.now + 5000);
    gate.attest(LENDER, gate.now + 5000);
    oracle.changed();
    for (int event : history) {
      oracle.happens(event % 17, event / 17);
      oracle.check();
    }
    // Nothing happens any more: whatever it was, it ends.
    oracle.advance(20_000);
    oracle.check();
    assertInstanceOf(Liquidatable.class, gate.status());
    GateHarness.auditAll();
  }

  private static final long COVER = 150;

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

    /** Whether the newcomer is there as the owner's wish, and no proof has counted it. */
    private boolean asked;

    private LiquidationOrder order;
    private long liquidationEnded;
    private final Set<Ed25519PublicKey> executed = new TreeSet<>();
    private final Map<Ed25519PublicKey, Long> awaited = new HashMap<>();
    private final Map<Ed25519PublicKey, Long> provenVersions = new HashMap<>();
    private final Map<Ed25519PublicKey, Release> releases = new HashMap<>();

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
        lapse();
        if (isSuspended()) {
          suspended++;
        } else if (tick >= solventUntil) {
          grace++;
        }
      }
      lapse();
    }

    private void lapse() {
      if (order != null && tick >= order.notAfterMillis() + SKEW) {
        if (!executed.isEmpty()) {
          anew();
        }
        over();
      }
    }

    private void over() {
      order = null;
      liquidationEnded = tick;
      executed.clear();
    }

    private void anew() {
      solventUntil = tick;
      suspended = 0;
      grace = 0;
      proven = false;
    }

    private boolean isSuspended() {
      return order == null && isAtFault();
    }

    private boolean isAtFault() {
      return suspended < SUSPENSION && causes().stream().anyMatch(this::holds);
    }

    private boolean holds(long since) {
      long from = Math.max(since, opened);
      return from <= tick && tick - from < SUSPENSION;
    }

    private List<Long> causes() {
      List<Long> causes = new ArrayList<>(List.of(operatorSince, breakerSince, freshUntil));
      AccountState state = gate.gate.account(ACCOUNT);
      // What an owner has asked for is a reason while the last proof counts, and then no more.
      boolean due = tick >= solventUntil;
      for (Ed25519PublicKey attester : state.roster().attesters()) {
        if (state.attestation(attester).isEmpty() && !(due && isAsked(attester))) {
          causes.add(changed);
        }
      }
      for (Attestation attestation : state.attestations()) {
        if (!(due && isAsked(attestation.body().attester()))) {
          causes.add(attestation.body().notAfterMillis() - gate.policy.lockCoverMillis());
        }
      }
      if (!awaited.isEmpty()) {
        causes.add(liquidationEnded);
      }
      return causes;
    }

    private boolean isAsked(Ed25519PublicKey attester) {
      return asked && attester.equals(NEWCOMER.publicKey());
    }

    private long goodUntil() {
      return gate.gate.account(ACCOUNT).attestations().stream()
              .mapToLong(attestation -> attestation.body().notAfterMillis())
              .min()
              .orElse(0)
          - gate.policy.lockCoverMillis();
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
        case 14 -> execute(argument);
        case 15 -> release(argument);
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
          awaited.isEmpty()
              && !isAtFault()
              && complete
              && goodUntil() > tick + SKEW
              && gate.round.asOfMillis() + ROUND_AGE > tick + SKEW;
      AccountStatus before = gate.status();
      boolean accepted = gate.prove().verdict() instanceof VerifiedSolvency;
      assertEquals(expected, accepted, before.toString());
      if (accepted) {
        over();
        solventUntil = Math.min(gate.round.asOfMillis() + ROUND_AGE, goodUntil());
        suspended = 0;
        grace = 0;
        proven = true;
        asked = false;
        provenVersions.clear();
        state.departed().forEach(this::note);
        state.attestations().forEach(this::note);
      }
    }

    private void note(Attestation attestation) {
      provenVersions.put(attestation.body().attester(), attestation.body().version());
    }

    private void attest(TestKey attester, int argument) {
      Attestation next = gate.next(attester, gate.now + argument * 100L, false);
      AccountUpdate update = gate.gate.attest(next);
      update(update);
      Long end = awaited.get(attester.publicKey());
      if (update instanceof AccountUpdate.Accepted
          && end != null
          && next.body().asOfMillis() >= end) {
        awaited.remove(attester.publicKey());
      }
    }

    private void roster(int argument) {
      boolean joins = argument % 2 == 0;
      boolean byVenue = argument % 8 == 0;
      AccountUpdate update =
          !joins
              ? gate.leave(NEWCOMER)
              : byVenue ? gate.joinByVenue(NEWCOMER) : gate.join(NEWCOMER);
      update(update);
      if (update instanceof AccountUpdate.Accepted) {
        asked = joins && !byVenue;
        if (!joins) {
          awaited.remove(NEWCOMER.publicKey());
        }
      }
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
        order.attesters().forEach(named -> awaited.put(named, order.notAfterMillis()));
      }
    }

    private void execute(int argument) {
      TestKey attester = List.of(CUSTODIAN, LENDER, NEWCOMER).get(argument % 3);
      long notAfter = gate.now + argument * 100L;
      Attestation left = gate.next(attester, notAfter, false);
      Digest digest = order == null ? Digest.ZERO : order.digest();
      boolean expected =
          order != null
              && order.attesters().contains(attester.publicKey())
              && notAfter > gate.now + SKEW + gate.policy.lockCoverMillis();
      AccountUpdate update =
          gate.gate.attestExecution(GateHarness.execution(attester, digest, left));
      assertEquals(expected, update instanceof AccountUpdate.Accepted, update.toString());
      update(update);
      if (expected) {
        executed.add(attester.publicKey());
        awaited.remove(attester.publicKey());
      }
    }

    private void release(int argument) {
      Ed25519PublicKey attester =
          List.of(CUSTODIAN, LENDER, NEWCOMER).get(argument % 3).publicKey();
      AccountState state = gate.gate.account(ACCOUNT);
      Optional<Attestation> binding =
          Stream.concat(state.attestations().stream(), state.departed().stream())
              .filter(attestation -> attestation.body().attester().equals(attester))
              .findFirst();
      Optional<Long> version = binding.map(attestation -> attestation.body().version());
      Release before = releases.get(attester);
      boolean again = before != null && version.equals(Optional.of(before.successorVersion()));
      boolean solvent = order == null && !isSuspended() && proven && tick < solventUntil;
      boolean noted =
          version.isPresent() && version.equals(Optional.ofNullable(provenVersions.get(attester)));
      boolean expected = again || (solvent && noted);
      ReleaseOutcome outcome = gate.gate.release(ACCOUNT, attester);
      assertEquals(expected, outcome instanceof ReleaseOutcome.Released, outcome.toString());
      if (outcome instanceof ReleaseOutcome.Released released) {
        Release release = released.release().message();
        assertEquals(binding.orElseThrow().digest(), release.successorDigest());
        assertEquals(release.successorVersion() - 1, release.throughVersion());
        assertTrue(!again || release.equals(before), "not the same again");
        releases.put(attester, release);
      }
    }

    private void end(int argument) {
      if (order == null) {
        return;
      }
      if (argument % 2 == 0) {
        assertTrue(gate.gate.completeLiquidation(order));
        anew();
      } else {
        assertTrue(gate.gate.cancelLiquidation(order));
      }
      over();
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
        if (breakerSince == Long.MAX_VALUE || tick - breakerSince >= SUSPENSION) {
          breakerSince = tick;
        }
      } else {
        gate.gate.closeBreaker();
        breakerSince = Long.MAX_VALUE;
      }
    }

    void check() {
      AccountStatus status = gate.status();
      if (order != null) {
        assertEquals(new Liquidating(order, List.copyOf(executed)), status);
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
        Liquidatable found = assertInstanceOf(Liquidatable.class, status);
        boolean part = grace < SKEW + GRACE + SOFT;
        assertEquals(part ? GateHarness.PART : Fraction.WHOLE, found.fraction());
        assertEquals(found.sinceMillis() + SOFT, found.wholeAtMillis());
      }
    }
  }
}
