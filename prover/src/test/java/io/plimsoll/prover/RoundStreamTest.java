package io.plimsoll.prover;

import static io.plimsoll.prover.TestMarket.AGREED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.plimsoll.proto.v1.FollowLines;
import io.plimsoll.proto.v1.ProverGrpc;
import io.plimsoll.proto.v1.ProverWatchRequest;
import io.plimsoll.proto.v1.ProverWatchResponse;
import io.plimsoll.proto.v1.SolvencyProof;
import io.plimsoll.rpc.CallLimits;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.VerifiedSolvency;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** WatchRounds over a real connection. */
@Timeout(120)
class RoundStreamTest {
  private static final ProofLine ALICE = new ProofLine("alice", AGREED, Purpose.MAINTENANCE);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir static Path keys;
  private static TestMarket market;

  private final MemoryEntries disk = new MemoryEntries();
  private GatedProver prover;
  private ProverEngine engine;
  private ProverServer server;
  private int port;
  private ProverClient client;

  @BeforeAll
  static void makeKeys() throws Exception {
    market = new TestMarket(keys);
  }

  @BeforeEach
  void start() throws Exception {
    serve(disk);
    client = ProverClient.builder("127.0.0.1:" + port).plaintext().deadline(PATIENCE).connect();
  }

  private void serve(MemoryEntries entries) throws Exception {
    prover = new GatedProver(market.nativeProver());
    prover.allowed.release(1000);
    engine = market.engine(prover).store(new ProverStore(entries)).build();
    server = ProverServer.builder().port(port).drainTime(Duration.ofSeconds(20)).start(engine);
    port = server.port();
  }

  @AfterEach
  void stop() {
    prover.allowed.release(1000);
    client.close();
    server.close();
  }

  private SolvencyProof proof(ProofSubscription subscription) throws Exception {
    ProverWatchResponse update = subscription.next(PATIENCE).orElseThrow();
    assertTrue(update.hasProof(), update.toString());
    return update.getProof();
  }

  @Test
  void aVenueAcceptsTheProofsThatComeBackForTheRoundsThatGoIn() throws Exception {
    AccountState state = market.account("alice", 4);
    assertTrue(client.openAccount(TestMarket.message(state)));
    SolvencyVerifier venue = market.verifier();
    try (ProofSubscription subscription = client.watch(List.of(ALICE), 0)) {
      for (long sequence = 1; sequence <= 3; sequence++) {
        SignedRound round = market.signedRound(sequence, 100);
        subscription.send(market.message(round));
        SolvencyProof proof = proof(subscription);
        assertEquals(sequence, proof.getRoundSequence());
        assertInstanceOf(
            VerifiedSolvency.class,
            venue.verify(
                state,
                venue.prepare(round.round()),
                AGREED,
                Purpose.MAINTENANCE,
                System.currentTimeMillis(),
                proof.getProof().toByteArray()));
      }
    }
  }

  @Test
  void insolvencyAndRefusedRoundsAreToldAndTheStreamGoesOn() throws Exception {
    client.openAccount(TestMarket.message(market.account("alice", 1)));
    try (ProofSubscription subscription = client.watch(List.of(ALICE), 0)) {
      subscription.send(market.message(market.signedRound(1, 75)));
      ProverWatchResponse none = subscription.next(PATIENCE).orElseThrow();
      assertEquals(
          io.plimsoll.proto.v1.Refusal.REFUSAL_NOT_SOLVENT,
          none.getNoProof().getError().getRefusal());
      assertEquals(1, none.getNoProof().getError().getShortfallsCount());
      subscription.send(market.message(market.signed(market.round(2, 75), 1)));
      ProverWatchResponse refused = subscription.next(PATIENCE).orElseThrow();
      assertEquals(2, refused.getRefusedRound().getRoundSequence());
      assertEquals(
          io.plimsoll.proto.v1.Refusal.REFUSAL_TOO_FEW_SIGNATURES,
          refused.getRefusedRound().getError().getRefusal());
      subscription.send(
          market.message(market.signedRound(2, 80)).toBuilder().clearListing().build());
      assertTrue(subscription.next(PATIENCE).orElseThrow().hasRefusedRound());
      subscription.send(market.message(market.signedRound(2, 95)));
      assertEquals(2, proof(subscription).getRoundSequence());
    }
  }

  @Test
  void afterARestartOfTheServiceTheClientGoesOnAndGetsWhatItMissedOnce() throws Exception {
    client.openAccount(TestMarket.message(market.account("alice", 1)));
    try (ProofSubscription subscription = client.watch(List.of(ALICE), 0)) {
      subscription.send(market.message(market.signedRound(1, 100)));
      assertEquals(1, proof(subscription).getRoundSequence());
      server.close();
      // Another client's round while this one was away.
      try (ProverEngine meanwhile =
          market.engine(market.nativeProver()).store(new ProverStore(disk)).build()) {
        meanwhile.loadRound(market.signedRound(2, 100));
        assertInstanceOf(
            ProofResult.Proved.class,
            meanwhile.prove(ProofRequest.of("alice", 2, AGREED, Purpose.MAINTENANCE)));
      }
      serve(disk.afterCrash());
      assertEquals(2, proof(subscription).getRoundSequence());
      subscription.send(market.message(market.signedRound(3, 100)));
      assertEquals(3, proof(subscription).getRoundSequence());
      assertTrue(subscription.next(Duration.ofMillis(50)).isEmpty());
    }
  }

  @Test
  void aRestartInTheMiddleOfAProofLosesNothingButTime() throws Exception {
    client.openAccount(TestMarket.message(market.account("alice", 1)));
    prover.allowed.drainPermits();
    try (ProofSubscription subscription = client.watch(List.of(ALICE), 0)) {
      subscription.send(market.message(market.signedRound(1, 100)));
      prover.begun.acquire();
      // As if the process had ended here: another one takes over from what is on the disk.
      MemoryEntries left = disk.afterCrash();
      prover.allowed.release(1000);
      server.close();
      serve(left);
      assertEquals(1, proof(subscription).getRoundSequence());
    }
  }

  /** A client that can stop reading. */
  private static final class Raw
      implements ClientResponseObserver<ProverWatchRequest, ProverWatchResponse> {
    final LinkedBlockingQueue<ProverWatchResponse> updates = new LinkedBlockingQueue<>();
    final LinkedBlockingQueue<Status> ends = new LinkedBlockingQueue<>();
    final int initially;
    ClientCallStreamObserver<ProverWatchRequest> requests;

    Raw(int initially) {
      this.initially = initially;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ProverWatchRequest> stream) {
      requests = stream;
      stream.disableAutoRequestWithInitial(initially);
    }

    @Override
    public void onNext(ProverWatchResponse update) {
      updates.add(update);
    }

    @Override
    public void onError(Throwable error) {
      ends.add(Status.fromThrowable(error));
    }

    @Override
    public void onCompleted() {
      ends.add(Status.OK);
    }

    Status end() throws InterruptedException {
      Status status = ends.poll(60, TimeUnit.SECONDS);
      assertNotNull(status, "the stream goes on");
      return status;
    }
  }

  private ManagedChannel channel() {
    return NettyChannelBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
        .usePlaintext()
        .build();
  }

  private static ProverWatchRequest follow(FollowLines.Builder lines) {
    return ProverWatchRequest.newBuilder().setFollow(lines).build();
  }

  @Test
  void aClientThatDoesNotReadGetsTheNewestProofWhenItReadsAgain() throws Exception {
    client.openAccount(TestMarket.message(market.account("alice", 1)));
    ManagedChannel channel = channel();
    try (ProofSubscription reader = client.watch(List.of(ALICE), 0)) {
      Raw idle = new Raw(0);
      ProverGrpc.newStub(channel).watchRounds(idle);
      idle.requests.onNext(follow(FollowLines.newBuilder().addLines(RoundStream.message(ALICE))));
      for (long sequence = 1; sequence <= 5; sequence++) {
        reader.send(market.message(market.signedRound(sequence, 100)));
        assertEquals(sequence, proof(reader).getRoundSequence());
      }
      assertTrue(idle.updates.isEmpty());
      idle.requests.request(100);
      // What the transport had taken comes first; the newest comes in the end, and nothing twice.
      long last = 0;
      while (last < 5) {
        long next = idle.updates.poll(60, TimeUnit.SECONDS).getProof().getRoundSequence();
        assertTrue(next > last, next + " after " + last);
        last = next;
      }
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void aStreamThatDoesNotBeginAsItMustIsAnInvalidArgument() throws Exception {
    ManagedChannel channel = channel();
    try {
      ProverWatchRequest round =
          ProverWatchRequest.newBuilder()
              .setRound(market.message(market.signedRound(1, 100)))
              .build();
      ProverWatchRequest all = follow(FollowLines.newBuilder());
      for (List<ProverWatchRequest> requests :
          List.of(
              List.of(round),
              List.of(ProverWatchRequest.getDefaultInstance()),
              List.of(all, all),
              List.of(follow(FollowLines.newBuilder().setAfterRoundSequence(-1))),
              List.of(
                  follow(
                      FollowLines.newBuilder()
                          .addLines(
                              RoundStream.message(ALICE).toBuilder().clearThreshold().build()))))) {
        Raw raw = new Raw(100);
        ProverGrpc.newStub(channel).watchRounds(raw);
        requests.forEach(raw.requests::onNext);
        assertEquals(Status.Code.INVALID_ARGUMENT, raw.end().getCode());
      }
      Raw raw = new Raw(100);
      ProverGrpc.newStub(channel).watchRounds(raw);
      raw.requests.onNext(
          follow(
              FollowLines.newBuilder()
                  .addLines(
                      RoundStream.message(
                          new ProofLine("alice", TestMarket.UNLISTED, Purpose.MAINTENANCE)))));
      assertEquals(Status.Code.FAILED_PRECONDITION, raw.end().getCode());
      assertEquals(0, engine.status().rounds());
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void whatTheServiceRefusesIsToldToTheSubscriber() throws Exception {
    try (ProofSubscription subscription =
        client.watch(
            List.of(new ProofLine("alice", TestMarket.UNLISTED, Purpose.MAINTENANCE)), 0)) {
      ProverException refused =
          assertThrows(ProverException.class, () -> subscription.next(PATIENCE));
      assertEquals(Refusal.UNLISTED_THRESHOLD, refused.refusal().orElseThrow());
    }
  }

  @Test
  void anEndedStreamEndsTheWatchAndShutdownEndsTheStream() throws Exception {
    ManagedChannel channel = channel();
    try {
      Raw done = new Raw(100);
      ProverGrpc.newStub(channel).watchRounds(done);
      done.requests.onNext(follow(FollowLines.newBuilder()));
      done.requests.onCompleted();
      assertEquals(Status.Code.OK, done.end().getCode());
      Raw cut = new Raw(100);
      ProverGrpc.newStub(channel).watchRounds(cut);
      cut.requests.onNext(follow(FollowLines.newBuilder()));
      Thread closing = new Thread(server::close);
      closing.start();
      assertEquals(Status.Code.UNAVAILABLE, cut.end().getCode());
      closing.join(15_000);
      assertFalse(closing.isAlive(), "the server waits for a stream that has no end");
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void aClientOverItsLimitsIsToldWhichAndTheOthersGoOn() throws Exception {
    server.close();
    prover = new GatedProver(market.nativeProver());
    engine = market.engine(prover).build();
    server =
        ProverServer.builder().port(port).intercept(CallLimits.perClient(1, 3, 2)).start(engine);
    ManagedChannel channel = channel();
    try {
      ProverGrpc.ProverBlockingStub stub = ProverGrpc.newBlockingStub(channel);
      StatusRuntimeException refused =
          assertThrows(
              StatusRuntimeException.class,
              () -> {
                for (int i = 0; i < 10; i++) {
                  var unused =
                      stub.getStatus(io.plimsoll.proto.v1.GetStatusRequest.getDefaultInstance());
                }
              });
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getStatus().getCode());
      assertTrue(refused.getMessage().contains("1 calls per second"), refused.getMessage());
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void moreAccountsThanAreKeptAreRefused() throws Exception {
    try (ProverEngine small = market.engine(market.nativeProver()).maxAccounts(1).build()) {
      small.openAccount(market.account("alice", 1));
      small.openAccount(market.account("alice", 2));
      AccountState bob = market.account("bob", 1);
      assertEquals(
          Refusal.TOO_MANY_ACCOUNTS,
          assertThrows(RefusedException.class, () -> small.openAccount(bob)).refusal());
    }
  }
}
