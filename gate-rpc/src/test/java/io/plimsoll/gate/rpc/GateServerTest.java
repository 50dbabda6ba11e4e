package io.plimsoll.gate.rpc;

import static io.plimsoll.gate.rpc.TestVenue.ALICE;
import static io.plimsoll.gate.rpc.TestVenue.CUSTODIAN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.gate.GateStore;
import io.plimsoll.gate.InMemoryGateStore;
import io.plimsoll.gate.JournalRecord;
import io.plimsoll.gate.RosterChange;
import io.plimsoll.proto.v1.AttestRequest;
import io.plimsoll.proto.v1.CanonicalRound;
import io.plimsoll.proto.v1.GateGrpc;
import io.plimsoll.proto.v1.GateGrpc.GateBlockingStub;
import io.plimsoll.proto.v1.GetStatusOfAccountRequest;
import io.plimsoll.proto.v1.ListAccountsRequest;
import io.plimsoll.proto.v1.OpenVenueAccountRequest;
import io.plimsoll.proto.v1.PublishRoundRequest;
import io.plimsoll.proto.v1.RevokeAttesterRequest;
import io.plimsoll.proto.v1.SubmitProofRequest;
import io.plimsoll.proto.v1.SuspendRequest;
import io.plimsoll.proto.v1.WatchDecisionsRequest;
import io.plimsoll.proto.v1.WatchDecisionsResponse;
import io.plimsoll.rpc.RpcChannel;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What the server around the gate refuses, bounds and survives. */
@Timeout(120)
@SuppressWarnings("try") // A watch tells its listener; nobody asks it anything.
class GateServerTest {
  @TempDir Path directory;

  private final AtomicBoolean away = new AtomicBoolean();
  private volatile long readMillis;
  private volatile boolean otherOrder;
  private final AtomicInteger namesRead = new AtomicInteger();
  private TestVenue venue;

  /** What the store throws while it is away. */
  private static final class Away extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  @BeforeEach
  void start() throws Exception {
    venue = new TestVenue(directory, clock -> mayBeAway(new InMemoryGateStore(clock))).start();
  }

  @AfterEach
  void stop() throws Exception {
    venue.close();
  }

  private GateStore mayBeAway(GateStore store) {
    return new GateStore() {
      @Override
      public <R> R transact(java.util.function.Function<Transaction, R> work) {
        return here().transact(work);
      }

      @Override
      public <R> R read(java.util.function.Function<View, R> work) {
        if (readMillis > 0 && Thread.currentThread().getName().equals("plimsoll-journal-feed")) {
          LockSupport.parkNanos(readMillis * 1_000_000);
        }
        return here().read(view -> work.apply(otherOrder ? inAnotherOrder(view) : view));
      }

      /** As of a database that sorts names in its own way. */
      private View inAnotherOrder(View view) {
        return (View)
            Proxy.newProxyInstance(
                View.class.getClassLoader(),
                new Class<?>[] {View.class},
                (proxy, method, arguments) -> {
                  if (!method.getName().equals("accounts")) {
                    return method.invoke(view, arguments);
                  }
                  String after = (String) arguments[0];
                  List<String> names =
                      view.accounts().stream()
                          .sorted(Comparator.reverseOrder())
                          .filter(name -> after.isEmpty() || name.compareTo(after) < 0)
                          .limit((int) arguments[1])
                          .toList();
                  namesRead.addAndGet(names.size());
                  return names;
                });
      }

      private GateStore here() {
        if (away.get()) {
          throw new Away();
        }
        return store;
      }
    };
  }

  private void refused(
      String party, Status.Code code, String naming, Consumer<GateBlockingStub> call)
      throws Exception {
    try (RpcChannel channel = venue.channel(party)) {
      StatusRuntimeException refused =
          assertThrows(
              StatusRuntimeException.class,
              () -> call.accept(channel.withDeadline(GateGrpc.newBlockingStub(channel.channel()))));
      assertEquals(code, refused.getStatus().getCode(), refused.toString());
      assertTrue(refused.getMessage().contains(naming), refused.getMessage());
    }
  }

  private void invalid(String party, String naming, Consumer<GateBlockingStub> call)
      throws Exception {
    refused(party, Status.Code.INVALID_ARGUMENT, naming, call);
  }

  @Test
  void badInputIsAnInvalidArgumentThatNamesFieldAndLimit() throws Exception {
    invalid(
        "operator",
        "account is empty",
        gate -> gate.getStatus(GetStatusOfAccountRequest.getDefaultInstance()));
    invalid(
        "operator",
        "account",
        gate ->
            gate.getStatus(GetStatusOfAccountRequest.newBuilder().setAccount("e\u0301").build()));
    invalid(
        "operator",
        "page_size is 1001, more than 1000",
        gate -> gate.listAccounts(ListAccountsRequest.newBuilder().setPageSize(1001).build()));
    invalid(
        "operator",
        "after",
        gate -> gate.listAccounts(ListAccountsRequest.newBuilder().setAfter("e\u0301").build()));
    invalid(
        "operator",
        "attester_keys",
        gate ->
            gate.openAccount(
                OpenVenueAccountRequest.newBuilder()
                    .setAccount(ALICE)
                    .addAttesterKeys(ByteString.copyFrom(new byte[31]))
                    .build()));
    invalid(
        "operator",
        "attester_key has 33 bytes, not 32",
        gate ->
            gate.revokeAttester(
                RevokeAttesterRequest.newBuilder()
                    .setAttesterKey(ByteString.copyFrom(new byte[33]))
                    .build()));
    invalid(
        "operator",
        "cause is 'NO_SUCH'",
        gate ->
            gate.suspend(
                SuspendRequest.newBuilder().setAccount(ALICE).setCause("NO_SUCH").build()));
    invalid(
        "operator",
        "cause is NEWCOMER_FAULT, which the gate alone sees",
        gate ->
            gate.suspend(
                SuspendRequest.newBuilder().setAccount(ALICE).setCause("NEWCOMER_FAULT").build()));
    invalid(
        "alice",
        "proof has 4097 bytes, more than 4096",
        gate ->
            gate.submitProof(
                SubmitProofRequest.newBuilder()
                    .setAccount(ALICE)
                    .setProof(ByteString.copyFrom(new byte[4097]))
                    .build()));
    invalid(
        "alice",
        "round_sequence is 18446744073709551615, more than 2^63 - 1",
        gate ->
            gate.submitProof(
                SubmitProofRequest.newBuilder().setAccount(ALICE).setRoundSequence(-1).build()));
    invalid(
        "publisher",
        "risk round",
        gate ->
            gate.publishRound(
                PublishRoundRequest.newBuilder()
                    .setRound(
                        CanonicalRound.newBuilder().setRound(ByteString.copyFrom(new byte[9])))
                    .build()));
    invalid(
        "custodian",
        "forced_decrease and execution are both set",
        gate ->
            gate.attest(
                AttestRequest.newBuilder()
                    .setAttestation(
                        AttestationConversions.toProto(venue.next(CUSTODIAN, ALICE, 1, false)))
                    .setForcedDecrease(true)
                    .setExecution(io.plimsoll.proto.v1.OrderExecution.getDefaultInstance())
                    .build()));
    assertEquals(1, venue.store().read(view -> view.journal(1, 100)).size());
  }

  @Test
  void anAccountIsOpenedOnce() throws Exception {
    venue.as("operator").openAccount(ALICE, List.of(CUSTODIAN.publicKey()));
    GateException again =
        assertThrows(
            GateException.class,
            () -> venue.as("operator").openAccount(ALICE, List.of(CUSTODIAN.publicKey())));
    assertEquals(GateException.Kind.ALREADY_EXISTS, again.kind());
    GateException none =
        assertThrows(GateException.class, () -> venue.as("liquidator").status("none"));
    assertEquals(GateException.Kind.NOT_FOUND, none.kind());
  }

  @Test
  void aStoreThatIsAwayIsUnavailableAndServedAgainWhenItIsBack() throws Exception {
    venue.stop();
    venue.serve(venue.builder().transientFaults(Away.class::isInstance));
    venue.makeReady();
    GateServerContract.Heard<JournalRecord> heard = new GateServerContract.Heard<>();
    long next = venue.store().read(view -> view.journal(1, 100)).size() + 1L;
    try (Watch watch = venue.as("auditor").watchDecisions(next, "", heard)) {
      away.set(true);
      GateException failed =
          assertThrows(GateException.class, () -> venue.as("alice").status(ALICE));
      assertEquals(GateException.Kind.UNAVAILABLE, failed.kind());
      assertTrue(failed.isTransient());
      away.set(false);
      assertTrue(venue.prove().accepted());
      assertEquals(next, heard.next().index());
    }
  }

  /** By who asks, and not by what is asked: an owner cannot make its wish the venue's demand. */
  @Test
  void anAttesterThatTheOperatorDemandsIsNoNewcomerAndOneThatTheOwnerAsksForIs() throws Exception {
    venue.as("operator").openAccount(ALICE, List.of(CUSTODIAN.publicKey()));
    RosterChange demand = new RosterChange.Join(TestVenue.LENDER.publicKey(), /* byVenue= */ true);
    venue.as("alice").changeRoster(ALICE, demand);
    assertEquals(List.of(TestVenue.LENDER.publicKey()), newcomers(ALICE));
    venue.as("operator").openAccount(TestVenue.BOB, List.of(CUSTODIAN.publicKey()));
    venue.as("operator").changeRoster(TestVenue.BOB, demand);
    assertEquals(List.of(), newcomers(TestVenue.BOB));
  }

  private List<Ed25519PublicKey> newcomers(String account) {
    return venue.store().read(view -> view.account(account)).orElseThrow().newcomers();
  }

  /** Its operator has to know that it is to be started anew, and with what. */
  @Test
  void aServerWhosePolicyIsReplacedSaysWhichPolicyIsInForce() throws Exception {
    venue.makeReady();
    byte[] proof = venue.proof(venue.as("alice").account(TestVenue.circuitId(), ALICE));
    Digest before = venue.gate().policyInForce().digest();
    Digest after =
        venue.gate(venue.store(), TestVenue.policy(Duration.ofMinutes(7))).policyInForce().digest();
    List<Executable> calls =
        List.of(
            () -> venue.as("alice").submitProof(ALICE, 1, proof),
            () -> venue.as("alice").status(ALICE),
            () -> venue.as("liquidator").claimLiquidation(ALICE),
            () -> venue.as("operator").openBreaker(),
            () -> venue.as("publisher").publishRound(venue.nextRound()));
    for (Executable call : calls) {
      GateException refused = assertThrows(GateException.class, call);
      assertEquals(GateException.Kind.FAILED_PRECONDITION, refused.kind());
      assertTrue(refused.getMessage().contains(before.toString()), refused.getMessage());
      assertTrue(refused.getMessage().contains(after.toString()), refused.getMessage());
    }
    try (ProofStream stream = venue.as("alice").submitProofs(2)) {
      ExecutionException refused =
          assertThrows(
              ExecutionException.class,
              () -> stream.submit(ALICE, 1, proof).get(30, TimeUnit.SECONDS));
      assertEquals(
          GateException.Kind.FAILED_PRECONDITION, ((GateException) refused.getCause()).kind());
    }
  }

  @Test
  void aClientOverItsLimitsIsToldWhichAndOthersAreServed() throws Exception {
    venue.makeReady();
    venue.server().close();
    venue.serve(venue.builder().limits(1, 5, 10));
    venue.awaitConnected("alice");
    GateException refused =
        assertThrows(
            GateException.class,
            () -> {
              for (int i = 0; i < 100; i++) {
                var unused = venue.as("alice").status(ALICE);
              }
            });
    assertEquals(GateException.Kind.RESOURCE_EXHAUSTED, refused.kind());
    assertTrue(refused.getMessage().contains("1 calls per second"), refused.getMessage());
    assertEquals("bob", venue.as("bob").venue().caller());
  }

  @Test
  void rolesAreReplacedWhileItRunsAndStreamsEndForWhoIsNobodyNow() throws Exception {
    GateServerContract.Heard<JournalRecord> heard = new GateServerContract.Heard<>();
    Watch watch = venue.as("auditor").watchDecisions(1, "", heard);
    assertEquals(1, heard.next().index());
    ProofStream proofs = venue.as("bob").submitProofs(1);
    assertTrue(!proofs.submit(TestVenue.BOB, 1, new byte[1]).get(30, TimeUnit.SECONDS).accepted());
    assertEquals(List.of("owner"), venue.as("alice").venue().callerRoles());
    venue
        .server()
        .replaceRoles(
            VenueRoles.of(
                List.of(
                    new VenueRoles.Party(
                        "alice",
                        Set.of(venue.authority().identity("alice").fingerprint()),
                        Set.of(Role.AUDITOR),
                        Set.of(),
                        java.util.Optional.empty()))));
    assertEquals(List.of("auditor"), venue.as("alice").venue().callerRoles());
    GateException gone = assertThrows(GateException.class, () -> venue.as("bob").venue());
    assertEquals(GateException.Kind.PERMISSION_DENIED, gone.kind());
    GateException ended = heard.ended.poll(30, TimeUnit.SECONDS);
    assertEquals(GateException.Kind.PERMISSION_DENIED, ended.kind());
    ExecutionException refused =
        assertThrows(
            ExecutionException.class,
            () -> proofs.submit(TestVenue.BOB, 1, new byte[2]).get(30, TimeUnit.SECONDS));
    assertEquals(GateException.Kind.UNAVAILABLE, ((GateException) refused.getCause()).kind());
    proofs.close();
    watch.close();
  }

  @Test
  void aSlowReaderOfTheJournalIsSentWhatItTakesAndMissesNothing() throws Exception {
    var gate = venue.gate();
    for (int i = 0; i < 1500; i++) {
      if (i % 2 == 0) {
        gate.openBreaker();
      } else {
        gate.closeBreaker();
      }
    }
    long last = venue.store().read(view -> view.journal(1, 5000)).size();
    assertTrue(last > 1500, last + " records");
    LinkedBlockingQueue<WatchDecisionsResponse> taken = new LinkedBlockingQueue<>();
    try (RpcChannel channel = venue.channel("auditor")) {
      ClientCall<WatchDecisionsRequest, WatchDecisionsResponse> call =
          channel.channel().newCall(GateGrpc.getWatchDecisionsMethod(), CallOptions.DEFAULT);
      call.start(
          new ClientCall.Listener<>() {
            @Override
            public void onMessage(WatchDecisionsResponse message) {
              taken.add(message);
            }
          },
          new Metadata());
      call.sendMessage(WatchDecisionsRequest.getDefaultInstance());
      call.halfClose();
      call.request(1);
      assertEquals(1, taken.poll(30, TimeUnit.SECONDS).getEntry().getIndex());
      // Others are served while this one takes nothing.
      assertEquals("operator", venue.as("operator").venue().caller());
      assertTrue(taken.isEmpty());
      List<Long> indices = new ArrayList<>();
      for (long index = 2; index <= last; index++) {
        call.request(1);
        indices.add(taken.poll(30, TimeUnit.SECONDS).getEntry().getIndex());
      }
      for (int i = 0; i < indices.size(); i++) {
        assertEquals(i + 2L, indices.get(i));
      }
      call.cancel("enough", null);
    }
  }

  /** Two threads tell all streams: who reads the journal from its beginning must not have them. */
  @Test
  void oneWhoReadsTheJournalFromItsBeginningKeepsNobodyWaiting() throws Exception {
    var gate = venue.gate();
    for (int i = 0; i < 2000; i++) {
      if (i % 2 == 0) {
        gate.openBreaker();
      } else {
        gate.closeBreaker();
      }
    }
    venue.server().close();
    venue.serve(venue.builder());
    venue.awaitConnected("lender", "auditor", "operator");
    long last = venue.store().read(view -> view.journal(1, 5000)).size();
    readMillis = 40;
    AtomicInteger through = new AtomicInteger();
    List<Watch> greedy = new ArrayList<>();
    GateServerContract.Heard<JournalRecord> heard = new GateServerContract.Heard<>();
    try {
      for (int i = 0; i < 8; i++) {
        greedy.add(
            venue
                .as("lender")
                .watchReleases(
                    1,
                    new GateServerContract.Heard<>() {
                      @Override
                      public void through(long index) {
                        through.incrementAndGet();
                      }
                    }));
      }
      Thread.sleep(100);
      try (Watch watch = venue.as("auditor").watchDecisions(last, "", heard)) {
        assertEquals(last, heard.next().index());
        assertEquals(0, through.get());
      }
    } finally {
      greedy.forEach(Watch::close);
    }
  }

  @Test
  void everyAccountIsListedWhateverOrderTheStoreHas() throws Exception {
    List<String> names = List.of("B", "a", "c", "\u00e9", "\ud83d\ude00", "\ufb01x");
    for (String name : names) {
      venue.as("operator").openAccount(name, List.of(CUSTODIAN.publicKey()));
    }
    otherOrder = true;
    List<String> listed = new ArrayList<>();
    String after = "";
    try (RpcChannel channel = venue.channel("operator")) {
      boolean more = true;
      while (more && listed.size() < 100) {
        var page =
            channel
                .withDeadline(GateGrpc.newBlockingStub(channel.channel()))
                .listAccounts(
                    ListAccountsRequest.newBuilder().setAfter(after).setPageSize(2).build());
        page.getAccountsList().forEach(each -> listed.add(each.getAccount()));
        after = listed.get(listed.size() - 1);
        more = page.getMore();
      }
    }
    assertEquals(names.stream().sorted(Comparator.reverseOrder()).toList(), listed);
    // One more than it holds for each page, and not all names for each.
    assertEquals(8, namesRead.get());
  }

  @Test
  void withoutTlsCallersAreWhoTheySayOnLoopbackAlone() throws Exception {
    GateServer.Builder insecure =
        GateServer.builder(venue.gate(), venue.store(), TestVenue.signer(), venue.roles())
            .insecureLoopback();
    try (GateServer server = insecure.start();
        GateClient alice =
            GateClient.builder("127.0.0.1:" + server.port()).insecure("alice").connect();
        GateClient nobody =
            GateClient.builder("127.0.0.1:" + server.port()).insecure("nobody").connect()) {
      assertEquals("alice", alice.venue().caller());
      assertEquals(
          GateException.Kind.UNAUTHENTICATED,
          assertThrows(GateException.class, nobody::venue).kind());
    }
    assertThrows(
        IllegalStateException.class,
        () ->
            GateServer.builder(venue.gate(), venue.store(), TestVenue.signer(), venue.roles())
                .insecureLoopback()
                .address(new InetSocketAddress("0.0.0.0", 0))
                .start());
    assertThrows(
        IllegalStateException.class,
        () ->
            GateServer.builder(venue.gate(), venue.store(), TestVenue.signer(), venue.roles())
                .start());
  }

  @Test
  void aHeaderIsNoWordOfWhoCallsWhereThereAreCertificates() throws Exception {
    Metadata claim = new Metadata();
    claim.put(Callers.CLAIMED, "operator");
    try (RpcChannel channel = venue.channel("alice")) {
      var stub =
          channel.withDeadline(
              GateGrpc.newBlockingStub(
                  io.grpc.ClientInterceptors.intercept(
                      channel.channel(),
                      io.grpc.stub.MetadataUtils.newAttachHeadersInterceptor(claim))));
      assertEquals(
          "alice",
          stub.getVenue(io.plimsoll.proto.v1.GetVenueRequest.getDefaultInstance()).getCaller());
    }
  }

  @Test
  void whatTheVenueSignsIsRefusedFromAnotherKey() throws Exception {
    venue.makeReady();
    try (GateClient wary =
        GateClient.builder("127.0.0.1:" + venue.port())
            .tls(venue.authority().files("alice"))
            .venueKey(CUSTODIAN.publicKey())
            .deadline(Duration.ofSeconds(30))
            .connect()) {
      GateException refused =
          assertThrows(GateException.class, () -> wary.submitProof(ALICE, 1, new byte[128]));
      assertEquals(GateException.Kind.INTERNAL, refused.kind());
      assertInstanceOf(io.plimsoll.verifier.InvalidFormatException.class, refused.getCause());
    }
  }
}
