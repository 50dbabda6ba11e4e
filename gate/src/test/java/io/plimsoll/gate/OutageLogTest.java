package io.plimsoll.gate;

import static io.plimsoll.gate.GateHarness.CUSTODIAN;
import static io.plimsoll.gate.GateHarness.LENDER;
import static io.plimsoll.gate.GateHarness.ROUND_AGE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Outages go when no account needs them, and nothing that is concluded changes by it. */
class OutageLogTest {
  private static final int OUTAGES = 500;

  private final Random random = new Random(7);
  private final GateHarness gate = new GateHarness();
  private final GateTransitions rules = new GateTransitions(GateHarness.policy());

  /** What would be kept if nothing ever went. */
  private final List<Suspension> all = new ArrayList<>();

  /** Accounts that nothing has happened to since. */
  private final Map<String, AccountRecord> untouched = new HashMap<>();

  private void open(String account) throws Exception {
    gate.gate.openAccount(account, List.of(CUSTODIAN.publicKey()));
    gate.gate.attest(
        CUSTODIAN.attest(
            io.plimsoll.verifier.Fixtures.body()
                .account(account)
                .asOfMillis(gate.now)
                .notAfterMillis(1_000_000_000)));
    untouched.put(account, record(account));
  }

  private AccountRecord record(String account) {
    return gate.store.read(view -> view.account(account)).orElseThrow();
  }

  private VenueRecord venue() {
    return gate.store.read(GateStore.View::venue);
  }

  /** An outage of its own: a gap in rounds, or the breaker. */
  private void outage() {
    if (random.nextBoolean()) {
      long from = venue().roundsFreshUntilMillis();
      gate.now = Math.max(gate.now, from) + 1 + random.nextInt(40);
      gate.publish();
      all.add(new Suspension(SuspensionCause.ROUND_MISSING, from, gate.now));
    } else {
      long from = gate.now;
      gate.gate.openBreaker();
      gate.now += 1 + random.nextInt(40);
      gate.gate.closeBreaker();
      all.add(new Suspension(SuspensionCause.CIRCUIT_BREAKER, from, gate.now));
    }
  }

  private void compare(long at) {
    gate.now = at;
    VenueRecord now = venue();
    VenueRecord whole =
        new VenueRecord(
            now.version(),
            now.highestSequence(),
            now.highestAsOfMillis(),
            now.roundsFreshUntilMillis(),
            all,
            now.revokedAtMillis());
    untouched.forEach(
        (account, record) ->
            assertEquals(rules.status(record, whole, at), gate.gate.decide(account), account));
  }

  @Test
  void outagesGoWhenNoAccountNeedsThemAndConclusionsStay() throws Exception {
    gate.publish();
    open("dormant");
    int longest = 0;
    for (int i = 0; i < OUTAGES; i++) {
      if (i % 10 == 3 && i < 400) {
        open("account " + i);
      }
      outage();
      longest = Math.max(longest, venue().outages().size());
      compare(gate.now + random.nextInt(3));
    }
    assertTrue(longest > OutageLog.KEPT, "nothing to prune");
    assertTrue(longest <= 2 * OutageLog.KEPT + 2, longest + " outages are kept");
    assertEquals(OUTAGES, all.size());
    for (long later = 0; later < 5 * ROUND_AGE; later += 97) {
      compare(gate.now + 97);
    }
    GateHarness.auditAll();
  }

  @Test
  void proofOnAnAccountThatWasAddedUpInBetweenIsJudgedAgain() throws Exception {
    gate.makeSolvent();
    for (int i = 0; i < 3 * OutageLog.KEPT; i++) {
      gate.gate.openBreaker();
      gate.now += 1;
      gate.gate.closeBreaker();
      if (i % 20 == 0) {
        gate.publish();
        gate.prove();
      }
    }
    assertTrue(venue().outages().size() <= OutageLog.KEPT + 1);
    gate.gate.attestForcedDecrease(gate.next(LENDER, 1_000_000, false));
    GateHarness.auditAll();
  }

  @Test
  void breakerThatLastsStaysForAccountsThatAreNotOpenedYet() throws Exception {
    gate.publish();
    gate.gate.openBreaker();
    for (int i = 0; i < 2 * OutageLog.KEPT + 5; i++) {
      gate.now = venue().roundsFreshUntilMillis() + 1;
      gate.publish();
    }
    assertTrue(venue().breakerIsOpen());
    assertTrue(venue().outages().size() <= OutageLog.KEPT + 1);
    gate.open(CUSTODIAN);
    gate.attest(CUSTODIAN, 1_000_000_000);
    assertEquals(
        SuspensionCause.CIRCUIT_BREAKER, ((AccountStatus.Suspended) gate.status()).cause());
    GateHarness.auditAll();
  }
}
