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

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.plimsoll.circuits.Holdings;
import io.plimsoll.proto.v1.AccountState;
import io.plimsoll.proto.v1.AssessRequest;
import io.plimsoll.proto.v1.AssessResponse;
import io.plimsoll.proto.v1.Attestation;
import io.plimsoll.proto.v1.Coefficients;
import io.plimsoll.proto.v1.GetStatusResponse;
import io.plimsoll.proto.v1.LoadAccountRequest;
import io.plimsoll.proto.v1.LoadRoundRequest;
import io.plimsoll.proto.v1.NamedAmount;
import io.plimsoll.proto.v1.ProveRequest;
import io.plimsoll.proto.v1.ProveResponse;
import io.plimsoll.proto.v1.ProverGrpc;
import io.plimsoll.proto.v1.RiskRound;
import io.plimsoll.proto.v1.Threshold;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.VerifiedSolvency;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole service over a real connection, with the native prover behind it. */
@Timeout(120)
class ProverServiceTest {
  @TempDir static Path keys;
  private static TestMarket market;

  private GatedProver prover;
  private ProverServer server;
  private ProverClient client;
  private ManagedChannel channel;
  private ProverGrpc.ProverBlockingStub stub;

  @BeforeAll
  static void makeKeys() throws Exception {
    market = new TestMarket(keys);
  }

  @BeforeEach
  void start() throws Exception {
    prover = new GatedProver(market.nativeProver());
    prover.allowed.release(1000);
    server = ProverServer.builder().start(market.engine(prover).queueCapacity(1).build());
    client = client(Duration.ofSeconds(60));
    channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()))
            .usePlaintext()
            .build();
    stub = ProverGrpc.newBlockingStub(channel);
  }

  @AfterEach
  void stop() {
    prover.allowed.release(1000);
    client.close();
    channel.shutdownNow();
    server.close();
  }

  private ProverClient client(Duration deadline) throws Exception {
    return ProverClient.builder("127.0.0.1:" + server.port())
        .plaintext()
        .deadline(deadline)
        .connect();
  }

  private static AccountState account(String name, long version) throws Exception {
    return TestMarket.message(market.account(name, version));
  }

  private static RiskRound round(long sequence, int mark) throws Exception {
    return market.message(market.signedRound(sequence, mark));
  }

  private ProofResult prove(String account, long round) throws ProverException {
    return client.prove(account, round, AGREED, Purpose.MAINTENANCE);
  }

  private static Threshold threshold(long numerator, long denominator) {
    return Threshold.newBuilder().setNumerator(numerator).setDenominator(denominator).build();
  }

  @Test
  void loadsProvesAndReportsStatus() throws Exception {
    io.plimsoll.verifier.AccountState state = market.account("alice", 7);
    SignedRound round = market.signedRound(3, 100);
    assertEquals(2, client.loadAccount(TestMarket.message(state)));
    assertEquals(round.round().digest(), client.loadRound(market.message(round)));
    ProofResult.Proved proved = assertInstanceOf(ProofResult.Proved.class, prove("alice", 3));
    SolvencyVerifier venue = market.verifier();
    assertInstanceOf(
        VerifiedSolvency.class,
        venue.verify(
            state,
            venue.prepare(round.round()),
            AGREED,
            Purpose.MAINTENANCE,
            System.currentTimeMillis(),
            proved.proofBytes()));
    GetStatusResponse status = client.status();
    assertArrayEquals(market.key.circuitId().toByteArray(), status.getCircuitId().toByteArray());
    assertEquals("development", status.getSetup());
    assertEquals(1, status.getAccounts());
    assertEquals(1, status.getRounds());
    assertEquals(1, status.getQueueCapacity());
    assertEquals(1, status.getProofs());
    assertFalse(status.getKeyBlocked());
    client.closeAccount("alice");
    assertEquals(0, client.status().getAccounts());
  }

  @Test
  void provesWhatIsSentAlong() throws Exception {
    assertInstanceOf(
        ProofResult.Proved.class,
        client.prove(account("alice", 1), round(1, 100), AGREED, Purpose.MAINTENANCE));
    assertEquals(0, client.status().getAccounts());
    assertEquals(1, client.status().getRounds());
  }

  @Test
  void insolvencyAndRefusalsAreResultsForTheOwner() throws Exception {
    client.loadAccount(account("alice", 1));
    client.loadRound(round(1, 100));
    ProofResult.NotSolvent notSolvent =
        assertInstanceOf(
            ProofResult.NotSolvent.class, client.prove("alice", 1, HIGHER, Purpose.INITIAL));
    AssessResponse assessment = client.assess("alice", 1, HIGHER);
    assertFalse(assessment.getSolvent());
    assertEquals(1, assessment.getShortfallsCount());
    NamedAmount shortfall = assessment.getShortfalls(0);
    assertEquals(
        shortfall.getAmount(), notSolvent.shortfalls().get(shortfall.getName()).toString());
    assertTrue(
        assessment.getOutputsList().stream()
            .anyMatch(
                output ->
                    output.getName().equals("equity")
                        && new java.math.BigDecimal(output.getAmount())
                                .compareTo(new java.math.BigDecimal("300"))
                            == 0),
        assessment.toString());
    assertTrue(client.assess("alice", 1, AGREED).getSolvent());

    ProofResult unlisted = client.prove("alice", 1, UNLISTED, Purpose.MAINTENANCE);
    assertEquals(
        Refusal.UNLISTED_THRESHOLD,
        assertInstanceOf(ProofResult.Refused.class, unlisted).refusal());
    assertInstanceOf(ProofResult.Proved.class, prove("alice", 1));
    assertEquals(
        Refusal.ALREADY_PROVEN,
        assertInstanceOf(ProofResult.Refused.class, prove("alice", 1)).refusal());
  }

  @Test
  void unknownAccountsAndRoundsAreNotFound() throws Exception {
    client.loadAccount(account("alice", 1));
    for (ProverException failure :
        List.of(
            assertThrows(ProverException.class, () -> prove("alice", 1)),
            assertThrows(ProverException.class, () -> prove("nobody", 1)),
            assertThrows(ProverException.class, () -> client.assess("alice", 9, AGREED)),
            assertThrows(ProverException.class, () -> client.closeAccount("nobody")))) {
      assertEquals(ProverException.Kind.NOT_FOUND, failure.kind());
    }
  }

  @Test
  void refusedRoundsSayWhy() throws Exception {
    client.loadRound(round(5, 100));
    Map<Refusal, RiskRound> refused = new LinkedHashMap<>();
    refused.put(Refusal.TOO_FEW_SIGNATURES, market.message(market.signed(market.round(6, 100), 1)));
    refused.put(Refusal.SEQUENCE, round(4, 100));
    refused.put(Refusal.IMPLAUSIBLE_ROUND, round(6, 50));
    refused.forEach(
        (refusal, round) -> {
          ProverException failure =
              assertThrows(ProverException.class, () -> client.loadRound(round));
          assertEquals(ProverException.Kind.FAILED_PRECONDITION, failure.kind());
          assertEquals(refusal, failure.refusal().orElseThrow());
        });
    client.loadRound(round(6, 100));
  }

  @Test
  void badRoundsAreInvalidArgumentsThatNameTheInputAndChangeNothing() throws Exception {
    RiskRound good = round(1, 100);
    Map<String, UnaryOperator<RiskRound.Builder>> bad = new LinkedHashMap<>();
    bad.put(
        "no axis 'instrumnt'",
        round ->
            round.setListing(
                round.getListing().toBuilder()
                    .setAxes(0, round.getListing().getAxes(0).toBuilder().setName("instrumnt"))));
    bad.put(
        "'CALL', which occurs twice",
        round ->
            round.setListing(
                round.getListing().toBuilder()
                    .setAxes(0, round.getListing().getAxes(0).toBuilder().setLabels(1, "CALL"))));
    bad.put("mark[0]", round -> changed(round, "mark", 0, "1000000.0001"));
    bad.put("mark[1]", round -> changed(round, "mark", 1, "NaN"));
    bad.put("mark[2]", round -> changed(round, "mark", 2, "-1"));
    bad.put("mark[3]", round -> changed(round, "mark", 3, "1.00001"));
    bad.put("'vega' is missing", round -> round.removeCoefficients(index(round, "vega")));
    bad.put(
        "'mark' occurs twice",
        round -> round.addCoefficients(round.getCoefficients(index(round, "mark"))));
    bad.put(
        "'mark' has 3 values, not 4",
        round ->
            round.setCoefficients(
                index(round, "mark"),
                Coefficients.newBuilder()
                    .setTensor("mark")
                    .addValues("1")
                    .addValues("1")
                    .addValues("1")));
    bad.put("made for model 'cross'", round -> round.setModel("cross"));
    bad.put(
        "made for shape", round -> round.setShape(0, round.getShape(0).toBuilder().setValue(5)));
    bad.put("venue is empty", round -> round.clearVenue());
    bad.put(
        "circuit id has 3 bytes, not 32",
        round -> round.setCircuitId(ByteString.copyFromUtf8("abc")));
    bad.put("sequence is -1", round -> round.setSequence(-1));
    bad.put(
        "round signature has 63 bytes, not 64",
        round ->
            round.setSignatures(
                0,
                round.getSignatures(0).toBuilder()
                    .setSignature(round.getSignatures(0).getSignature().substring(1))));
    bad.forEach(
        (named, change) -> {
          LoadRoundRequest request =
              LoadRoundRequest.newBuilder().setRound(change.apply(good.toBuilder())).build();
          requireInvalid(named, () -> stub.loadRound(request));
          ProveRequest sentAlong =
              ProveRequest.newBuilder()
                  .setAccount("alice")
                  .setRound(request.getRound())
                  .setThreshold(threshold(1, 1))
                  .setPurposeValue(2)
                  .build();
          requireInvalid(named, () -> stub.prove(sentAlong));
        });
    requireInvalid("round is not set", () -> stub.loadRound(LoadRoundRequest.getDefaultInstance()));
    assertEquals(0, client.status().getRounds());
    client.loadRound(good);
  }

  private static RiskRound.Builder changed(
      RiskRound.Builder round, String tensor, int element, String value) {
    int index = index(round, tensor);
    return round.setCoefficients(
        index, round.getCoefficients(index).toBuilder().setValues(element, value));
  }

  private static int index(RiskRound.Builder round, String tensor) {
    for (int i = 0; i < round.getCoefficientsCount(); i++) {
      if (round.getCoefficients(i).getTensor().equals(tensor)) {
        return i;
      }
    }
    throw new AssertionError(tensor);
  }

  private static void requireInvalid(String named, org.junit.jupiter.api.function.Executable call) {
    StatusRuntimeException failure = assertThrows(StatusRuntimeException.class, call, named);
    assertEquals(Status.Code.INVALID_ARGUMENT, failure.getStatus().getCode(), failure.toString());
    assertTrue(failure.getMessage().contains(named), failure.getMessage() + " / " + named);
  }

  @Test
  void badAccountsAreInvalidArgumentsThatNameTheInputAndChangeNothing() throws Exception {
    AccountState good = account("alice", 1);
    Map<String, UnaryOperator<AccountState.Builder>> bad = new LinkedHashMap<>();
    bad.put(
        "signature is not a valid one",
        state -> state.setAttestations(0, flipped(state.getAttestations(0), 15)));
    bad.put(
        "the signature",
        state -> state.setAttestations(0, state.getAttestations(0).toBuilder().setVersion(99)));
    bad.put(
        "sealed opening",
        state ->
            state.setAttestations(
                0,
                state.getAttestations(0).toBuilder()
                    .setSealedOpening(ByteString.copyFrom(new byte[600_000]))));
    bad.put(
        "commitment",
        state -> state.setAttestations(0, state.getAttestations(0).toBuilder().clearCommitment()));
    bad.put(
        "two attestations of attester",
        state -> state.setAttestations(1, state.getAttestations(0)));
    bad.put("is not on the roster", state -> state.clearRoster());
    bad.put("listed twice", state -> state.addRoster(state.getRoster(0)));
    bad.put(
        "roster key has 31 bytes, not 32",
        state -> state.setRoster(0, state.getRoster(0).substring(1)));
    bad.put("account is empty", state -> state.clearAccount());
    bad.put("attestation is for account alice, not bob", state -> state.setAccount("bob"));
    bad.put("version is -5", state -> state.setVersion(-5));
    bad.forEach(
        (named, change) -> {
          LoadAccountRequest request =
              LoadAccountRequest.newBuilder().setState(change.apply(good.toBuilder())).build();
          requireInvalid(named, () -> stub.loadAccount(request));
          ProveRequest sentAlong =
              ProveRequest.newBuilder()
                  .setState(request.getState())
                  .setRoundSequence(1)
                  .setThreshold(threshold(1, 1))
                  .setPurposeValue(2)
                  .build();
          requireInvalid(named, () -> stub.prove(sentAlong));
        });
    requireInvalid(
        "state is not set", () -> stub.loadAccount(LoadAccountRequest.getDefaultInstance()));
    assertEquals(0, client.status().getAccounts());
    client.loadAccount(good);
  }

  private static Attestation flipped(Attestation attestation, int bytesIn) {
    byte[] signature = attestation.getSignature().toByteArray();
    signature[bytesIn] ^= 1;
    return attestation.toBuilder().setSignature(ByteString.copyFrom(signature)).build();
  }

  @Test
  void badRequestsAreInvalidArgumentsAndAGoodOneAfterwardsSucceeds() throws Exception {
    client.loadAccount(account("alice", 1));
    client.loadRound(round(1, 100));
    ProveRequest good =
        ProveRequest.newBuilder()
            .setAccount("alice")
            .setRoundSequence(1)
            .setThreshold(threshold(1, 1))
            .setPurposeValue(2)
            .build();
    Map<String, ProveRequest.Builder> bad = new LinkedHashMap<>();
    bad.put("threshold is not set", good.toBuilder().clearThreshold());
    bad.put("denominator is 0", good.toBuilder().setThreshold(threshold(1, 0)));
    bad.put(
        "numerator is 4294967296, not 0 to 4294967295",
        good.toBuilder().setThreshold(threshold(1L << 32, 1)));
    bad.put("numerator is -1", good.toBuilder().setThreshold(threshold(-1, 1)));
    bad.put("purpose is 0, not 1 to 3", good.toBuilder().clearPurpose());
    bad.put("purpose is 77, not 1 to 3", good.toBuilder().setPurposeValue(77));
    bad.put("account is empty", good.toBuilder().clearAccount());
    bad.put("control character", good.toBuilder().setAccount("ali\nce"));
    bad.put("account has 300 characters", good.toBuilder().setAccount("a".repeat(300)));
    bad.put("18446744073709551615, more than 2^63 - 1", good.toBuilder().setRoundSequence(-1));
    bad.put("account and state are both set", good.toBuilder().setState(account("alice", 1)));
    bad.put("round_sequence and round are both set", good.toBuilder().setRound(round(2, 100)));
    bad.forEach((named, request) -> requireInvalid(named, () -> stub.prove(request.build())));
    requireInvalid(
        "threshold is not set",
        () -> stub.assess(AssessRequest.newBuilder().setAccount("alice").build()));
    assertEquals(128, stub.prove(good).getProof().getProof().size());
  }

  @Test
  void aRequestThatDoesNotFitTheQueueIsResourceExhausted() throws Exception {
    client.loadRound(round(1, 100));
    for (String name : List.of("alice", "bob", "carol")) {
      client.loadAccount(account(name, 1));
    }
    prover.allowed.drainPermits();
    CompletableFuture<ProofResult> running = proveLater("alice");
    prover.begun.acquire();
    CompletableFuture<ProofResult> waiting = proveLater("bob");
    while (client.status().getQueued() < 1) {
      Thread.onSpinWait();
    }
    ProverException full = assertThrows(ProverException.class, () -> prove("carol", 1));
    assertEquals(ProverException.Kind.RESOURCE_EXHAUSTED, full.kind());
    assertEquals(Refusal.QUEUE_FULL, full.refusal().orElseThrow());
    prover.allowed.release(1000);
    assertInstanceOf(ProofResult.Proved.class, running.get(60, TimeUnit.SECONDS));
    assertInstanceOf(ProofResult.Proved.class, waiting.get(60, TimeUnit.SECONDS));
    assertInstanceOf(ProofResult.Proved.class, prove("carol", 1));
  }

  private CompletableFuture<ProofResult> proveLater(String account) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return prove(account, 1);
          } catch (ProverException e) {
            throw new IllegalStateException(e);
          }
        },
        work -> new Thread(work).start());
  }

  @Test
  void aRequestWhoseDeadlinePassesWhileItWaitsIsDroppedAndMayComeBack() throws Exception {
    client.loadRound(round(1, 100));
    client.loadAccount(account("alice", 1));
    client.loadAccount(account("bob", 1));
    prover.allowed.drainPermits();
    CompletableFuture<ProofResult> running = proveLater("alice");
    prover.begun.acquire();
    try (ProverClient hasty = client(Duration.ofMillis(200))) {
      ProverException late =
          assertThrows(
              ProverException.class, () -> hasty.prove("bob", 1, AGREED, Purpose.MAINTENANCE));
      assertEquals(ProverException.Kind.DEADLINE_EXCEEDED, late.kind());
    }
    while (client.status().getQueued() > 0) {
      Thread.onSpinWait();
    }
    prover.allowed.release(1000);
    assertInstanceOf(ProofResult.Proved.class, running.get(60, TimeUnit.SECONDS));
    assertInstanceOf(ProofResult.Proved.class, prove("bob", 1));
    assertEquals(2, client.status().getProofs());
  }

  @Test
  void aCancelledRequestIsDroppedAndMayComeBack() throws Exception {
    client.loadRound(round(1, 100));
    client.loadAccount(account("alice", 1));
    client.loadAccount(account("bob", 1));
    prover.allowed.drainPermits();
    CompletableFuture<ProofResult> running = proveLater("alice");
    prover.begun.acquire();
    Context.CancellableContext cancellable = Context.current().withCancellation();
    CompletableFuture<ProveResponse> waiting =
        CompletableFuture.supplyAsync(
            () -> {
              Context before = cancellable.attach();
              try {
                return stub.prove(
                    ProveRequest.newBuilder()
                        .setAccount("bob")
                        .setRoundSequence(1)
                        .setThreshold(threshold(1, 1))
                        .setPurposeValue(2)
                        .build());
              } finally {
                cancellable.detach(before);
              }
            },
            work -> new Thread(work).start());
    while (client.status().getQueued() < 1) {
      Thread.onSpinWait();
    }
    cancellable.cancel(null);
    assertThrows(Exception.class, () -> waiting.get(60, TimeUnit.SECONDS));
    while (client.status().getQueued() > 0) {
      Thread.onSpinWait();
    }
    prover.allowed.release(1000);
    assertInstanceOf(ProofResult.Proved.class, running.get(60, TimeUnit.SECONDS));
    assertInstanceOf(ProofResult.Proved.class, prove("bob", 1));
  }

  @Test
  void shutdownFinishesTheProofThatIsBeingMadeAndThenClosesTheProver() throws Exception {
    client.loadRound(round(1, 100));
    client.loadAccount(account("alice", 1));
    prover.allowed.drainPermits();
    CompletableFuture<ProofResult> running = proveLater("alice");
    prover.begun.acquire();
    Thread closing = new Thread(server::close);
    closing.start();
    prover.allowed.release(1000);
    assertInstanceOf(ProofResult.Proved.class, running.get(60, TimeUnit.SECONDS));
    closing.join();
    assertTrue(prover.closed.get());
    ProverException gone = assertThrows(ProverException.class, () -> client.status());
    assertEquals(ProverException.Kind.UNAVAILABLE, gone.kind());
  }

  @Test
  void aKeyThatMakesBadProofsIsAnInternalErrorForEver() throws Exception {
    client.loadRound(round(1, 100));
    client.loadAccount(account("alice", 1));
    prover.spoil.set(true);
    for (int i = 0; i < 2; i++) {
      ProverException failure = assertThrows(ProverException.class, () -> prove("alice", 1));
      assertEquals(ProverException.Kind.INTERNAL, failure.kind());
      assertEquals(Refusal.KEY_BLOCKED, failure.refusal().orElseThrow());
      prover.spoil.set(false);
    }
    assertTrue(client.status().getKeyBlocked());
  }

  @Test
  void noHoldingIsLoggedOrSaidInAnError() throws Exception {
    String secret = "12345.6789";
    String scaled = "123456789";
    StringBuilder said = new StringBuilder();
    try (CapturedLog log = new CapturedLog();
        Holdings atExchange = market.holdings(TestMarket.line("position", "CALL", secret));
        Holdings atLender = market.holdings(TestMarket.line("cash", "", "-" + secret))) {
      io.plimsoll.verifier.AccountState state =
          market.account(
              "alice",
              1,
              market.exchange.attest(market.terms("alice"), atExchange),
              market.lender.attest(market.terms("alice"), atLender));
      client.loadRound(round(1, 100));
      client.loadAccount(TestMarket.message(state));
      said.append(prove("alice", 1));
      AccountState message = TestMarket.message(state);
      said.append(
          assertThrows(
              ProverException.class,
              () ->
                  client.loadAccount(
                      message.toBuilder()
                          .setVersion(2)
                          .setAttestations(0, flipped(message.getAttestations(0), 3))
                          .build())));
      prover.fail.set(true);
      client.loadRound(round(2, 100));
      said.append(assertThrows(ProverException.class, () -> prove("alice", 2)));
      said.append(state).append(log.text());
    }
    for (String hidden : List.of(secret, scaled, "position[0]")) {
      assertFalse(said.toString().contains(hidden), said.toString());
    }
  }
}
