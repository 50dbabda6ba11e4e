package io.plimsoll.gate;

import static io.plimsoll.gate.GateHarness.ACCOUNT;
import static io.plimsoll.gate.GateHarness.CUSTODIAN;
import static io.plimsoll.gate.GateHarness.LENDER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.AccountUpdate.Refusal;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.ColumnRange;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.TestKey;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The gate takes attestations whose scope is proven and trusted, and no others. */
class ScopeGateTest {
  /** Attestations whose scope proof is said to be wrong. */
  private final Set<Digest> unproven = new HashSet<>();

  private int checks;

  private final GateHarness gate =
      new GateHarness(
          Fixtures.verifierWithScopes(
              attestation -> {
                checks++;
                return unproven.contains(attestation.digest())
                    ? Optional.of("scope proof is not valid")
                    : Optional.empty();
              }));

  @Test
  void attestationWithoutAProvenScopeIsRefused() {
    gate.open(CUSTODIAN, LENDER);
    Attestation bad = gate.next(CUSTODIAN, 1_000_000, false);
    unproven.add(bad.digest());
    assertRefused(Refusal.SCOPE_NOT_PROVEN, gate.gate.attest(bad));
    assertRefused(Refusal.SCOPE_NOT_PROVEN, gate.gate.attestForcedDecrease(bad));
    assertEquals(List.of(), gate.gate.account(ACCOUNT).attestations());
    // It was not taken, so it is not evidence against its successor with the same version.
    Attestation good =
        CUSTODIAN.attest(
            Fixtures.body()
                .asOfMillis(gate.now)
                .notAfterMillis(1_000_000)
                .sealedOpening(new byte[2]));
    assertInstanceOf(AccountUpdate.Accepted.class, gate.gate.attest(good));
    assertEquals(List.of(), gate.gate.evidence());
  }

  @Test
  void closingAttestationWithoutAProvenScopeIsRefused() {
    gate.open(CUSTODIAN, LENDER);
    gate.attest(CUSTODIAN, 1_000_000);
    Attestation closing = gate.next(CUSTODIAN, 1_000_000, true);
    unproven.add(closing.digest());
    assertRefused(
        Refusal.SCOPE_NOT_PROVEN, gate.gate.changeRoster(ACCOUNT, new RosterChange.Leave(closing)));
    assertTrue(gate.gate.account(ACCOUNT).roster().contains(CUSTODIAN.publicKey()));
  }

  /** Two signatures under one version are evidence whatever they are worth otherwise. */
  @Test
  void contradictionIsEvidenceEvenWithoutAProvenScope() {
    gate.open(CUSTODIAN, LENDER);
    gate.attest(CUSTODIAN, 1_000_000);
    Attestation second =
        CUSTODIAN.attest(Fixtures.body().asOfMillis(gate.now).notAfterMillis(999_999));
    unproven.add(second.digest());
    assertInstanceOf(AccountUpdate.Equivocation.class, gate.gate.attest(second));
    assertEquals(1, gate.gate.evidence().size());
  }

  @Test
  void scopesOfStrangersAreNotEvenChecked() {
    gate.open(CUSTODIAN);
    assertRefused(Refusal.NOT_ROSTERED, gate.gate.attest(LENDER.attest(Fixtures.body())));
    assertRefused(
        Refusal.UNKNOWN_ACCOUNT,
        gate.gate.attest(CUSTODIAN.attest(Fixtures.body().account("nobody's"))));
    assertEquals(0, checks);
  }

  @Test
  void attesterIsTrustedForTheColumnsOfThePolicyAlone() throws Exception {
    GatePolicy policy =
        GatePolicy.builder()
            .require(Fixtures.THRESHOLD, Fixtures.PURPOSE)
            .maximumRoundAge(Duration.ofMillis(1000))
            .grace(Duration.ofMillis(400))
            .clockSkew(Duration.ofMillis(10))
            .maximumSuspension(Duration.ofMillis(2000))
            .minimumVersionSpacing(Duration.ZERO)
            .reproofTime(Duration.ofMillis(100))
            .orderLifetime(Duration.ofMillis(100))
            .trustOnlyFor(
                CUSTODIAN.publicKey(), List.of(new ColumnRange(2, 4), new ColumnRange(6, 9)))
            .trustOnlyFor(TestKey.of(9).publicKey(), List.of())
            .build();
    LiquidationGate trusting =
        LiquidationGate.create(
            Fixtures.VENUE,
            Fixtures.verifier(),
            PublisherPolicy.of(1, List.of(TestKey.of(11).publicKey())),
            policy,
            gate.store,
            GateHarness.VENUE_SIGNER);
    trusting.openAccount(ACCOUNT, List.of(CUSTODIAN.publicKey(), LENDER.publicKey()));
    for (List<ColumnRange> scope :
        List.of(
            List.of(new ColumnRange(1, 3)),
            List.of(new ColumnRange(3, 5)),
            List.of(new ColumnRange(2, 9)),
            List.of(new ColumnRange(2, 4), new ColumnRange(5, 7)),
            List.of(new ColumnRange(0, 1)),
            List.of(new ColumnRange(9, 10)))) {
      assertRefused(Refusal.SCOPE_NOT_TRUSTED, trusting.attest(attestation(CUSTODIAN, scope)));
    }
    List<ColumnRange> inside = List.of(new ColumnRange(2, 4), new ColumnRange(7, 8));
    assertInstanceOf(AccountUpdate.Accepted.class, trusting.attest(attestation(CUSTODIAN, inside)));
    assertInstanceOf(
        AccountUpdate.Accepted.class,
        trusting.attest(attestation(LENDER, List.of(new ColumnRange(0, 60_000)))));
    assertTrue(policy.trusts(CUSTODIAN.publicKey(), inside));
    assertTrue(!policy.trusts(TestKey.of(9).publicKey(), inside));
  }

  private Attestation attestation(TestKey attester, List<ColumnRange> scope) {
    return attester.attest(
        Fixtures.body().scope(scope).asOfMillis(gate.now).notAfterMillis(1_000_000));
  }

  private static void assertRefused(Refusal reason, AccountUpdate update) {
    assertEquals(reason, assertInstanceOf(AccountUpdate.Refused.class, update).reason());
  }
}
