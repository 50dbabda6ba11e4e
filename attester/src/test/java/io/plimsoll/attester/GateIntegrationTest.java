package io.plimsoll.attester;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.attestation.Opening;
import io.plimsoll.attestation.OwnerWallet;
import io.plimsoll.attestation.SealingIdentity;
import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.circuits.PortfolioReader.Line;
import io.plimsoll.gate.AccountStatus;
import io.plimsoll.gate.ClaimOutcome;
import io.plimsoll.gate.Fraction;
import io.plimsoll.gate.GatePolicy;
import io.plimsoll.gate.InMemoryGateStore;
import io.plimsoll.gate.LiquidationGate;
import io.plimsoll.gate.VenueSigner;
import io.plimsoll.gate.rpc.GateClient;
import io.plimsoll.gate.rpc.GateServer;
import io.plimsoll.gate.rpc.Role;
import io.plimsoll.gate.rpc.VenueRoles;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.TestKey;
import io.plimsoll.verifier.Threshold;
import io.plimsoll.verifier.VerifiedSolvency;
import io.plimsoll.verifier.VerifierPolicy;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The engine against the venue's real gate: in this process, and over the network. */
class GateIntegrationTest {
  private static final String VENUE = "quay";
  private static final String ACCOUNT = "account";
  private static final PledgeId ID = new PledgeId(VENUE, ACCOUNT);
  private static final TestKey VENUE_KEY = TestKey.of(21);
  private static final TestKey PUBLISHER = TestKey.of(22);
  private static final TestCircuit CIRCUIT = Bench.CIRCUIT;

  private static final VenueSigner SIGNER =
      new VenueSigner() {
        @Override
        public Ed25519PublicKey publicKey() {
          return VENUE_KEY.publicKey();
        }

        @Override
        public byte[] sign(byte[] message) {
          return VENUE_KEY.sign(message);
        }
      };

  private final SigningIdentity identity = SigningIdentity.generate();
  private final SealingIdentity owner = SealingIdentity.generate();
  private final Map<String, List<Line>> paid = new HashMap<>();
  private long now = 1_000_000;
  private String kept = "10";
  private Optional<List<Line>> execution = Optional.empty();
  private int executions;
  private long sequence;
  private final InMemoryGateStore store = new InMemoryGateStore(() -> Instant.ofEpochMilli(now));
  private final LiquidationGate gate;

  GateIntegrationTest() throws Exception {
    gate =
        LiquidationGate.create(
            VENUE,
            SolvencyVerifier.create(
                CIRCUIT.key, VerifierPolicy.allowingDevelopment(CIRCUIT.key.circuitId())),
            PublisherPolicy.of(1, List.of(PUBLISHER.publicKey())),
            GatePolicy.builder()
                .require(Threshold.of(1, 1), Purpose.MAINTENANCE)
                .maximumRoundAge(Duration.ofMillis(1000))
                .grace(Duration.ofMillis(500))
                .clockSkew(Duration.ofMillis(Bench.SKEW))
                .maximumSuspension(Duration.ofMillis(1000))
                .minimumVersionSpacing(Duration.ofMillis(Bench.SPACING))
                .reproofTime(Duration.ofMillis(400))
                .softLiquidation(Duration.ofMillis(5000), new Fraction(1, 4))
                .orderLifetime(Duration.ofMillis(3000))
                .build(),
            store,
            SIGNER);
    gate.openAccount(ACCOUNT, List.of(Ed25519PublicKey.fromBytes(identity.publicKey())));
  }

  private AttesterEngine engine(VenuePort port) throws Exception {
    return new AttesterEngine(
        identity,
        List.of(
            new Pledge(ID, "pool", owner.publicKey(), CIRCUIT.circuit(), Optional.empty())),
        List.of(new VenueLink(VENUE, VENUE_KEY.publicKey(), port, Bench.schedule())),
        () ->
            new CustodySnapshot(
                now,
                Long.toString(now),
                Map.of("pool", List.of(new Line("collateral", "BTC", kept)))),
        payment -> {
          paid.put(payment.id(), payment.changes());
          kept = "6";
          return CustodyPayments.Outcome.PAID;
        },
        request -> {
          if (execution.isPresent() && executions++ == 0) {
            kept = "4.5";
          }
          return execution;
        },
        new Bench.MemoryStore(),
        () -> Instant.ofEpochMilli(now));
  }

  private void publish() throws Exception {
    long[] coefficients = new long[TestCircuit.MODEL.layout().coefficientCount()];
    for (int i = 0; i < coefficients.length; i++) {
      coefficients[i] = Math.max(0, TestCircuit.MODEL.layout().coefficientMin(i));
    }
    RiskRound round =
        RiskRound.of(
            CIRCUIT.key.circuitId(),
            VENUE,
            TestCircuit.LISTING.digest(),
            ++sequence,
            now,
            coefficients);
    gate.publishRound(new SignedRound(round, List.of(PUBLISHER.sign(round))));
    lastRound = round;
  }

  private RiskRound lastRound;

  /** The owner opens what is attested and proves; the trapdoor stands for the prover. */
  private void prove() throws Exception {
    publish();
    AccountState account = gate.account(ACCOUNT);
    byte[] context =
        SolvencyStatementContext.of(account, lastRound, Threshold.of(1, 1), Purpose.MAINTENANCE);
    OwnerWallet wallet = new OwnerWallet(owner, CIRCUIT.key, TestCircuit.MODEL);
    try (Opening opening = wallet.openAccount(account)) {
      byte[] proof =
          CIRCUIT.trapdoor.prove(
              CIRCUIT.trapdoor.publicSum(
                  context,
                  1,
                  1,
                  coefficients(lastRound),
                  opening.holdings().toLongArray(),
                  new BigInteger(1, opening.blinding())));
      assertInstanceOf(
          VerifiedSolvency.class,
          gate.submitProof(ACCOUNT, lastRound.sequence(), proof).verdict());
    }
  }

  private static long[] coefficients(RiskRound round) {
    return round.coefficients();
  }

  @Test
  void withdrawalThroughTheGateInThisProcess() throws Exception {
    withdraw(new GateVenuePort(gate));
  }

  @Test
  void withdrawalThroughTheGateOverTheNetwork() throws Exception {
    VenueRoles roles =
        VenueRoles.of(
            List.of(
                new VenueRoles.Party(
                    "custodian",
                    Set.of(),
                    Set.of(Role.ATTESTER),
                    Set.of(),
                    Optional.of(Ed25519PublicKey.fromBytes(identity.publicKey())))));
    try (GateServer server =
            GateServer.builder(gate, store, SIGNER, roles).insecureLoopback().start();
        GrpcVenuePort port =
            new GrpcVenuePort(
                GateClient.builder("localhost:" + server.port())
                    .insecure("custodian")
                    .venueKey(VENUE_KEY.publicKey())
                    .connect())) {
      withdraw(port);
    }
  }

  private void withdraw(VenuePort port) throws Exception {
    AttesterEngine engine = engine(port);
    publish();
    engine.step();
    assertEquals(1, gate.account(ACCOUNT).attestations().size());
    prove();
    assertInstanceOf(AccountStatus.Solvent.class, gate.decide(ACCOUNT));
    engine.withdraw(ID, "w1", List.of(new Line("collateral", "BTC", "-4")), "there");
    now += 20;
    engine.step();
    assertEquals(2, engine.report(ID).lockedVersions().size());
    now += 20;
    engine.step();
    assertTrue(paid.isEmpty());
    prove();
    now += 20;
    engine.step();
    assertEquals(Set.of("w1"), paid.keySet());
    now += 20;
    engine.step();
    assertEquals(WithdrawalStatus.State.SETTLED, engine.withdrawal(ID, "w1").state());
    assertEquals(1, engine.report(ID).lockedVersions().size());
    engine.close();
  }

  @Test
  void liquidationInPartIsExecutedAttestedAndEndedByAProof() throws Exception {
    AttesterEngine engine = engine(new GateVenuePort(gate));
    kept = "6";
    publish();
    engine.step();
    prove();
    now += 900;
    publish();
    now += 700;
    assertInstanceOf(AccountStatus.Liquidatable.class, gate.decide(ACCOUNT));
    assertInstanceOf(
        ClaimOutcome.Claimed.class, gate.claimLiquidation(ACCOUNT, "claimant"));
    execution = Optional.of(List.of(new Line("collateral", "BTC", "-1.5")));
    now += 20;
    engine.step();
    now += 20;
    engine.step();
    assertInstanceOf(AccountStatus.Liquidating.class, gate.decide(ACCOUNT));
    assertTrue(engine.report(ID).movements().isEmpty());
    prove();
    assertInstanceOf(AccountStatus.Solvent.class, gate.decide(ACCOUNT));
    engine.close();
  }
}
