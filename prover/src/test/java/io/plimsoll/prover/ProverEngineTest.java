package io.plimsoll.prover;

import static io.plimsoll.prover.TestMarket.AGREED;
import static io.plimsoll.prover.TestMarket.HIGHER;
import static io.plimsoll.prover.TestMarket.UNLISTED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.attestation.OwnerWallet;
import io.plimsoll.attestation.SealingIdentity;
import io.plimsoll.circuits.Holdings;
import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.Roster;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.Threshold;
import io.plimsoll.verifier.Verdict;
import io.plimsoll.verifier.VerifiedSolvency;
import io.plimsoll.verifier.VerifierPolicy;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ProverEngineTest {
  @TempDir static Path keys;
  private static TestMarket market;

  private GatedProver prover;
  private ProverEngine engine;

  @BeforeAll
  static void makeKeys() throws Exception {
    market = new TestMarket(keys);
  }

  @BeforeEach
  void start() throws Exception {
    prover = new GatedProver(market.nativeProver());
    prover.allowed.release(1000);
    engine = market.engine(prover).queueCapacity(2).build();
  }

  @AfterEach
  void stop() {
    prover.allowed.release(1000);
    engine.close();
  }

  private static ProofRequest request(String account, long round) {
    return ProofRequest.of(account, round, AGREED, Purpose.MAINTENANCE);
  }

  private static Refusal refusal(ProofResult result) {
    return assertInstanceOf(ProofResult.Refused.class, result).refusal();
  }

  private static Refusal refusalOf(org.junit.jupiter.api.function.Executable executable) {
    return assertThrows(RefusedException.class, executable).refusal();
  }

  @Test
  void aSolventAccountIsProvenAndTheVenueAcceptsTheProofFromItsOwnState() throws Exception {
    AccountState state = market.account("alice", 3);
    assertEquals(2, engine.loadAccount(state));
    SignedRound round = market.signedRound(1, 100);
    Digest digest = engine.loadRound(round);
    ProofResult.Proved proved =
        assertInstanceOf(ProofResult.Proved.class, engine.prove(request("alice", 1)));
    assertEquals(128, proved.proofBytes().length);
    assertEquals("alice", proved.proof().getAccount());
    assertEquals(3, proved.proof().getAccountVersion());
    assertArrayEquals(digest.toByteArray(), proved.proof().getRoundDigest().toByteArray());
    SolvencyVerifier venue = market.verifier();
    Verdict verdict =
        venue.verify(
            state,
            venue.prepare(round.round()),
            AGREED,
            Purpose.MAINTENANCE,
            System.currentTimeMillis(),
            proved.proofBytes());
    assertInstanceOf(VerifiedSolvency.class, verdict);
    assertEquals(1, engine.status().proofs());
  }

  @Test
  void anAccountThatIsSentAlongIsProvenAndNotKept() throws Exception {
    engine.loadRound(market.signedRound(1, 100));
    AccountState state = market.account("alice", 1);
    ProofRequest request = ProofRequest.of(state, 1, AGREED, Purpose.MAINTENANCE);
    assertInstanceOf(ProofResult.Proved.class, engine.prove(request));
    assertEquals(0, engine.status().accounts());
    assertEquals(Refusal.UNKNOWN_ACCOUNT, refusal(engine.prove(request("alice", 1))));
    assertEquals(Refusal.ALREADY_PROVEN, refusal(engine.prove(request)));
  }

  @Test
  void anInsolventAccountGetsItsShortfallAndMayBeProvenOnceItHasMore() throws Exception {
    engine.loadRound(market.signedRound(1, 75));
    engine.loadAccount(market.account("alice", 1));
    ProofResult.NotSolvent notSolvent =
        assertInstanceOf(ProofResult.NotSolvent.class, engine.prove(request("alice", 1)));
    MarginAssessment assessment = engine.assess("alice", 1, AGREED);
    assertFalse(assessment.solvent());
    notSolvent
        .shortfalls()
        .forEach(
            (assertion, missing) -> {
              assertEquals(1, missing.signum());
              assertEquals(assessment.assertions().get(assertion), missing.negate());
            });
    assertEquals(1, notSolvent.shortfalls().size());
    for (BigInteger missing : notSolvent.shortfalls().values()) {
      assertFalse(notSolvent.toString().contains(missing.toString()), notSolvent.toString());
    }
    engine.loadAccount(market.account("alice", 2, "100"));
    assertInstanceOf(ProofResult.Proved.class, engine.prove(request("alice", 1)));
  }

  @Test
  void aSecondProofOfOneStatementIsRefusedAlsoAfterReloadingTheAccount() throws Exception {
    AccountState state = market.account("alice", 1);
    engine.loadRound(market.signedRound(1, 100));
    engine.loadAccount(state);
    assertInstanceOf(ProofResult.Proved.class, engine.prove(request("alice", 1)));
    assertEquals(Refusal.ALREADY_PROVEN, refusal(engine.prove(request("alice", 1))));
    engine.closeAccount("alice");
    engine.loadAccount(state);
    assertEquals(Refusal.ALREADY_PROVEN, refusal(engine.prove(request("alice", 1))));
    engine.loadRound(market.signedRound(2, 101));
    assertInstanceOf(ProofResult.Proved.class, engine.prove(request("alice", 2)));
  }

  @Test
  void thresholdsAndPurposesOutsideTheAgreementAreRefused() throws Exception {
    engine.loadRound(market.signedRound(1, 100));
    engine.loadAccount(market.account("alice", 1, "1"));
    engine.loadAccount(market.account("mallory", 1, "1"));
    for (ProofRequest request :
        List.of(
            ProofRequest.of("alice", 1, UNLISTED, Purpose.MAINTENANCE),
            ProofRequest.of("alice", 1, AGREED, Purpose.INITIAL),
            ProofRequest.of("alice", 1, new Threshold(2, 2), Purpose.MAINTENANCE),
            ProofRequest.of("mallory", 1, AGREED, Purpose.MAINTENANCE))) {
      assertEquals(Refusal.UNLISTED_THRESHOLD, refusal(engine.prove(request)));
    }
    assertInstanceOf(
        ProofResult.Proved.class,
        engine.prove(ProofRequest.of("alice", 1, HIGHER, Purpose.INITIAL)));
  }

  @Test
  void roundsThatThePolicyDoesNotLetInAreRefused() throws Exception {
    engine.loadRound(market.signedRound(5, 100));
    assertEquals(
        Refusal.TOO_FEW_SIGNATURES,
        refusalOf(() -> engine.loadRound(market.signed(market.round(6, 100), 1))));
    assertEquals(
        Refusal.IMPLAUSIBLE_ROUND, refusalOf(() -> engine.loadRound(market.signedRound(6, 60))));
    assertEquals(Refusal.SEQUENCE, refusalOf(() -> engine.loadRound(market.signedRound(4, 100))));
    engine.loadAccount(market.account("alice", 1));
    for (long round : new long[] {4, 6}) {
      assertEquals(Refusal.UNKNOWN_ROUND, refusal(engine.prove(request("alice", round))));
      assertEquals(Refusal.UNKNOWN_ROUND, refusalOf(() -> engine.assess("alice", round, AGREED)));
    }
  }

  @Test
  void anAccountWhoseLenderIsLeftOutIsRefused() throws Exception {
    try (Holdings rich = market.holdings(TestMarket.line("position", "CALL", "10"))) {
      AccountState withoutDebt =
          market.account("alice", 1, market.exchange.attest(market.terms("alice"), rich));
      assertEquals(Refusal.ATTESTATIONS, refusalOf(() -> engine.loadAccount(withoutDebt)));
      engine.loadRound(market.signedRound(1, 100));
      ProofRequest sentAlong = ProofRequest.of(withoutDebt, 1, AGREED, Purpose.MAINTENANCE);
      assertEquals(Refusal.ATTESTATIONS, refusal(engine.prove(sentAlong)));
    }
  }

  @Test
  void anAttestationThatDoesNotOpenItsCommitmentIsBadInput() throws Exception {
    // The exchange signs one commitment with the opening of another.
    try (Holdings some = market.holdings(TestMarket.line("position", "CALL", "10"));
        Holdings more = market.holdings(TestMarket.line("position", "CALL", "1000"));
        Holdings debt = market.holdings(TestMarket.line("cash", "", "-700"))) {
      Attestation honest = market.exchange.attest(market.terms("alice"), some);
      Attestation other = market.exchange.attest(market.terms("alice"), more);
      Attestation forged =
          market.signedByExchange(honest.body(), other.body().commitment().toByteArray());
      AccountState state =
          market.account("alice", 1, forged, market.lender.attest(market.terms("alice"), debt));
      InvalidFormatException error =
          assertThrows(InvalidFormatException.class, () -> engine.loadAccount(state));
      assertTrue(
          error.getMessage().contains(market.exchange.publicKey().toString()), error.getMessage());
      engine.loadRound(market.signedRound(1, 100));
      ProofRequest sentAlong = ProofRequest.of(state, 1, AGREED, Purpose.MAINTENANCE);
      assertThrows(InvalidFormatException.class, () -> engine.prove(sentAlong));
      // The failed request has not used up the place of a good one.
      assertInstanceOf(
          ProofResult.Proved.class,
          engine.prove(
              ProofRequest.of(market.account("alice", 1), 1, AGREED, Purpose.MAINTENANCE)));
    }
  }

  @Test
  void anOpeningSealedToSomebodyElseIsBadInput() throws Exception {
    ProverEngine stranger =
        market
            .engine(new GatedProver(market.nativeProver()))
            .identity(SealingIdentity.generate())
            .build();
    try (stranger) {
      AccountState state = market.account("alice", 1);
      assertThrows(InvalidFormatException.class, () -> stranger.loadAccount(state));
    }
  }

  @Test
  void anOlderOrAnotherStateOfALoadedAccountIsRefused() throws Exception {
    engine.loadRound(market.signedRound(1, 100));
    AccountState current = market.account("alice", 2);
    engine.loadAccount(current);
    engine.loadAccount(current);
    AccountState older = market.account("alice", 1);
    AccountState same = market.account("alice", 2);
    assertEquals(Refusal.STALE_ACCOUNT, refusalOf(() -> engine.loadAccount(older)));
    assertEquals(Refusal.STALE_ACCOUNT, refusalOf(() -> engine.loadAccount(same)));
    assertEquals(
        Refusal.STALE_ACCOUNT,
        refusal(engine.prove(ProofRequest.of(older, 1, AGREED, Purpose.MAINTENANCE))));
  }

  @Test
  void accountsAndRoundsOfAnotherVenueAreRefused() throws Exception {
    AccountState elsewhere =
        AccountState.of(
            "elsewhere",
            "alice",
            market.key.circuitId(),
            1,
            Roster.of(1, List.of(market.exchange.publicKey())),
            List.of());
    assertEquals(Refusal.WRONG_VENUE, refusalOf(() -> engine.loadAccount(elsewhere)));
    AccountState otherCircuit =
        AccountState.of(
            TestMarket.VENUE,
            "alice",
            Digest.ZERO,
            1,
            Roster.of(1, List.of(market.exchange.publicKey())),
            List.of());
    assertEquals(Refusal.WRONG_CIRCUIT, refusalOf(() -> engine.loadAccount(otherCircuit)));
  }

  @Test
  void anExpiredAttestationMakesNoStatement() throws Exception {
    Clock tomorrow = Clock.fixed(Instant.now().plus(Duration.ofDays(1)), ZoneOffset.UTC);
    try (ProverEngine late =
        market.engine(new GatedProver(market.nativeProver())).clock(tomorrow).build()) {
      late.loadRound(market.signedRound(1, 100));
      late.loadAccount(market.account("alice", 1));
      assertEquals(Refusal.ATTESTATIONS, refusal(late.prove(request("alice", 1))));
    }
  }

  @Test
  void aDevelopmentKeyThatThePolicyDoesNotNameIsRefused() throws Exception {
    for (VerifierPolicy policy :
        List.of(VerifierPolicy.production(), VerifierPolicy.allowingDevelopment(Digest.ZERO))) {
      InvalidFormatException error =
          assertThrows(
              InvalidFormatException.class,
              () -> market.engine(prover).policy(market.policy().keys(policy).build()).build());
      assertTrue(error.getMessage().contains("development"), error.getMessage());
    }
  }

  @Test
  void aProofThatDoesNotVerifyNeverLeavesAndBlocksTheKey() throws Exception {
    engine.loadRound(market.signedRound(1, 100));
    engine.loadAccount(market.account("alice", 1));
    prover.spoil.set(true);
    assertEquals(Refusal.KEY_BLOCKED, refusal(engine.prove(request("alice", 1))));
    prover.spoil.set(false);
    assertEquals(Refusal.KEY_BLOCKED, refusal(engine.prove(request("alice", 1))));
    assertTrue(engine.status().keyBlocked());
    assertEquals(0, engine.status().proofs());
    assertEquals(1, prover.begun.availablePermits());
  }

  @Test
  void aFullQueueRefusesAtOnceAndTheRefusedRequestMayComeBack() throws Exception {
    engine.loadRound(market.signedRound(1, 100));
    for (String account : List.of("alice", "bob", "carol", "dave")) {
      engine.loadAccount(market.account(account, 1));
    }
    prover.allowed.drainPermits();
    CompletableFuture<ProofResult> running = engine.submit(request("alice", 1));
    prover.begun.acquire();
    CompletableFuture<ProofResult> second = engine.submit(request("bob", 1));
    CompletableFuture<ProofResult> third = engine.submit(request("carol", 1));
    assertEquals(2, engine.status().queued());
    assertEquals(Refusal.QUEUE_FULL, refusal(engine.prove(request("dave", 1))));
    prover.allowed.release(1000);
    for (CompletableFuture<ProofResult> proof : List.of(running, second, third)) {
      assertInstanceOf(ProofResult.Proved.class, proof.get(60, TimeUnit.SECONDS));
    }
    assertInstanceOf(ProofResult.Proved.class, engine.prove(request("dave", 1)));
  }

  @Test
  void aRequestWhoseDeadlinePassedInTheQueueIsDropped() throws Exception {
    engine.loadRound(market.signedRound(1, 100));
    engine.loadAccount(market.account("alice", 1));
    engine.loadAccount(market.account("bob", 1));
    prover.allowed.drainPermits();
    CompletableFuture<ProofResult> running = engine.submit(request("alice", 1));
    prover.begun.acquire();
    CompletableFuture<ProofResult> late =
        engine.submit(request("bob", 1).within(Duration.ofNanos(1)));
    prover.allowed.release(1000);
    assertEquals(Refusal.DEADLINE, refusal(late.get(60, TimeUnit.SECONDS)));
    assertInstanceOf(ProofResult.Proved.class, running.get(60, TimeUnit.SECONDS));
    assertInstanceOf(
        ProofResult.Proved.class, engine.prove(request("bob", 1).within(Duration.ofMinutes(1))));
  }

  @Test
  void aTimeoutOfCenturiesIsNone() throws Exception {
    engine.loadRound(market.signedRound(1, 100));
    engine.loadAccount(market.account("alice", 1));
    ProofRequest patient = request("alice", 1).within(Duration.ofSeconds(Long.MAX_VALUE));
    assertInstanceOf(ProofResult.Proved.class, engine.prove(patient));
  }

  @Test
  void aCancelledRequestIsDroppedAndItsPlaceIsFree() throws Exception {
    engine.loadRound(market.signedRound(1, 100));
    engine.loadAccount(market.account("alice", 1));
    engine.loadAccount(market.account("bob", 1));
    prover.allowed.drainPermits();
    CompletableFuture<ProofResult> running = engine.submit(request("alice", 1));
    prover.begun.acquire();
    CompletableFuture<ProofResult> waiting = engine.submit(request("bob", 1));
    assertTrue(waiting.cancel(false));
    assertEquals(0, engine.status().queued());
    assertTrue(running.cancel(false));
    prover.allowed.release(1000);
    assertInstanceOf(ProofResult.Proved.class, engine.prove(request("bob", 1)));
    // The worker is through with alice's first request, whose proof went nowhere.
    assertEquals(1, engine.status().proofs());
    assertInstanceOf(ProofResult.Proved.class, engine.prove(request("alice", 1)));
  }

  @Test
  void closingFinishesTheRunningProofRefusesTheWaitingAndWipesTheOpenings() throws Exception {
    engine.loadRound(market.signedRound(1, 100));
    engine.loadAccount(market.account("alice", 1));
    engine.loadAccount(market.account("bob", 1));
    prover.allowed.drainPermits();
    CompletableFuture<ProofResult> running = engine.submit(request("alice", 1));
    prover.begun.acquire();
    CompletableFuture<ProofResult> waiting = engine.submit(request("bob", 1));
    Thread closing = new Thread(engine::close);
    closing.start();
    while (engine.status().queued() > 0) {
      Thread.onSpinWait();
    }
    prover.allowed.release(1000);
    closing.join();
    assertInstanceOf(ProofResult.Proved.class, running.get(60, TimeUnit.SECONDS));
    assertEquals(Refusal.CLOSED, refusal(waiting.get(60, TimeUnit.SECONDS)));
    assertTrue(prover.closed.get());
    assertEquals(0, engine.status().accounts());
    assertEquals(Refusal.CLOSED, refusal(engine.prove(request("alice", 1))));
    AccountState state = market.account("carol", 1);
    assertEquals(Refusal.CLOSED, refusalOf(() -> engine.loadAccount(state)));
  }

  @Test
  void anAccountClosedWhileItsRequestWaitsIsRefusedAndOneThatIsBeingProvenIsFinished()
      throws Exception {
    engine.loadRound(market.signedRound(1, 100));
    engine.loadAccount(market.account("alice", 1));
    engine.loadAccount(market.account("bob", 1));
    prover.allowed.drainPermits();
    CompletableFuture<ProofResult> running = engine.submit(request("alice", 1));
    prover.begun.acquire();
    CompletableFuture<ProofResult> waiting = engine.submit(request("bob", 1));
    engine.closeAccount("alice");
    engine.closeAccount("bob");
    assertEquals(Refusal.UNKNOWN_ACCOUNT, refusalOf(() -> engine.closeAccount("bob")));
    prover.allowed.release(1000);
    assertInstanceOf(ProofResult.Proved.class, running.get(60, TimeUnit.SECONDS));
    assertEquals(Refusal.STALE_ACCOUNT, refusal(waiting.get(60, TimeUnit.SECONDS)));
  }

  @Test
  void openingsAreWipedWhenNobodyUsesThemAnyMore() throws Exception {
    OpenedAccount opened =
        OpenedAccount.open(
            new OwnerWallet(market.owner, market.key, market.model), market.account("alice", 1));
    long[] holdings = opened.holdings();
    byte[] blinding = opened.blinding();
    assertTrue(Arrays.stream(holdings).anyMatch(value -> value != 0));
    assertTrue(opened.retain());
    opened.close();
    assertTrue(Arrays.stream(holdings).anyMatch(value -> value != 0));
    assertFalse(opened.retain());
    opened.release();
    assertArrayEquals(new long[holdings.length], holdings);
    assertArrayEquals(new byte[32], blinding);
  }

  @Test
  void aProverThatFailsOnASolventAccountBlocksTheKeyAndItsMessageStaysOutOfTheLog()
      throws Exception {
    engine.loadRound(market.signedRound(1, 100));
    engine.loadAccount(market.account("alice", 1));
    prover.fail.set(true);
    try (CapturedLog log = new CapturedLog()) {
      assertEquals(Refusal.KEY_BLOCKED, refusal(engine.prove(request("alice", 1))));
      assertTrue(log.text().contains("IllegalStateException"), log.text());
      assertFalse(log.text().contains("100000"), log.text());
    }
    prover.fail.set(false);
    assertEquals(Refusal.KEY_BLOCKED, refusal(engine.prove(request("alice", 1))));
  }
}
