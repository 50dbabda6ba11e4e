package io.plimsoll.gate.rpc;

import static io.plimsoll.gate.rpc.TestVenue.ALICE;
import static io.plimsoll.gate.rpc.TestVenue.CUSTODIAN;
import static io.plimsoll.gate.rpc.TestVenue.LENDER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.google.protobuf.ByteString;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.gate.InMemoryGateStore;
import io.plimsoll.proto.v1.AttestRequest;
import io.plimsoll.proto.v1.ChangeRosterRequest;
import io.plimsoll.proto.v1.ClaimLiquidationRequest;
import io.plimsoll.proto.v1.CloseBreakerRequest;
import io.plimsoll.proto.v1.EndLiquidationRequest;
import io.plimsoll.proto.v1.GateGrpc;
import io.plimsoll.proto.v1.GateGrpc.GateBlockingStub;
import io.plimsoll.proto.v1.GetAccountRequest;
import io.plimsoll.proto.v1.GetLastAttestationRequest;
import io.plimsoll.proto.v1.GetStatusOfAccountRequest;
import io.plimsoll.proto.v1.GetVenueRequest;
import io.plimsoll.proto.v1.ListAccountsRequest;
import io.plimsoll.proto.v1.OpenBreakerRequest;
import io.plimsoll.proto.v1.OpenVenueAccountRequest;
import io.plimsoll.proto.v1.PublishRoundRequest;
import io.plimsoll.proto.v1.RequestReleaseRequest;
import io.plimsoll.proto.v1.ResumeRequest;
import io.plimsoll.proto.v1.RevokeAttesterRequest;
import io.plimsoll.proto.v1.SubmitProofRequest;
import io.plimsoll.proto.v1.SubmitProofResponse;
import io.plimsoll.proto.v1.SuspendRequest;
import io.plimsoll.proto.v1.WatchDecisionsRequest;
import io.plimsoll.proto.v1.WatchOrdersRequest;
import io.plimsoll.proto.v1.WatchReleasesRequest;
import io.plimsoll.proto.v1.WatchVenueRoundsRequest;
import io.plimsoll.rpc.RpcChannel;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.TestKey;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every method of the service by every party: who may, and that a refusal says the same whether
 * what was asked about exists or not, and leaves nothing behind.
 */
@Timeout(120)
class AuthorisationTest {
  private static final String NO_SUCH_ACCOUNT = "an account that was never opened";
  private static final Set<String> ALL = Set.copyOf(TestVenue.PARTIES);

  @TempDir static Path directory;
  private static TestVenue venue;
  private static Attestation byCustodian;
  private static Attestation byLender;
  private static final Map<String, RpcChannel> CHANNELS = new HashMap<>();

  /** One method, asked about an account, by whoever has the stub. */
  private interface Asking {
    Object ask(GateBlockingStub gate, String account) throws Exception;
  }

  /** The parties that may do it with Alice's account; the others may not with any account. */
  private record Row(Set<String> allowed, Asking asking) {}

  @BeforeAll
  static void start() throws Exception {
    venue = new TestVenue(directory, InMemoryGateStore::new).start();
    venue.makeReady();
    byCustodian = venue.next(CUSTODIAN, ALICE, 4, false);
    byLender = venue.next(LENDER, ALICE, -1, false);
    List<String> parties = new ArrayList<>(TestVenue.PARTIES);
    parties.add("nobody");
    for (String party : parties) {
      CHANNELS.put(party, venue.channel(party));
    }
  }

  @AfterAll
  static void stop() throws Exception {
    CHANNELS.values().forEach(RpcChannel::close);
    venue.close();
  }

  private static GateBlockingStub stub(String party) {
    RpcChannel channel = CHANNELS.get(party);
    return channel.withDeadline(GateGrpc.newBlockingStub(channel.channel()));
  }

  private static AttestRequest attest(Attestation attestation, String account) {
    // With another account the signature no longer holds, which is looked at later.
    return AttestRequest.newBuilder()
        .setAttestation(AttestationConversions.toProto(attestation).toBuilder().setAccount(account))
        .build();
  }

  private static ByteString key(TestKey key) {
    return ByteString.copyFrom(key.publicKey().toByteArray());
  }

  /**
   * What is asked by the service's method names; what a method can be asked besides, after a dot.
   */
  private static Map<String, Row> matrix() {
    Map<String, Row> rows = new TreeMap<>();
    rows.put(
        "GetVenue", new Row(ALL, (gate, a) -> gate.getVenue(GetVenueRequest.getDefaultInstance())));
    rows.put(
        "WatchRounds",
        new Row(
            ALL,
            (gate, a) -> gate.watchRounds(WatchVenueRoundsRequest.getDefaultInstance()).next()));
    rows.put(
        "PublishRound",
        new Row(
            Set.of("publisher"),
            (gate, a) -> gate.publishRound(PublishRoundRequest.getDefaultInstance())));
    rows.put(
        "Attest",
        new Row(Set.of("custodian"), (gate, account) -> gate.attest(attest(byCustodian, account))));
    rows.put(
        "Attest.lender's",
        new Row(Set.of("lender"), (gate, account) -> gate.attest(attest(byLender, account))));
    rows.put(
        "RequestRelease",
        new Row(
            Set.of("custodian", "lender"),
            (gate, account) ->
                gate.requestRelease(
                    RequestReleaseRequest.newBuilder().setAccount(account).build())));
    rows.put(
        "GetLastAttestation",
        new Row(
            Set.of("custodian", "lender"),
            (gate, account) ->
                gate.getLastAttestation(
                    GetLastAttestationRequest.newBuilder().setAccount(account).build())));
    rows.put(
        "WatchReleases",
        new Row(
            Set.of("custodian", "lender"),
            (gate, a) -> gate.watchReleases(WatchReleasesRequest.getDefaultInstance()).next()));
    rows.put(
        "SubmitProof",
        new Row(
            Set.of("alice"),
            (gate, account) ->
                gate.submitProof(SubmitProofRequest.newBuilder().setAccount(account).build())));
    rows.put("SubmitProofs", new Row(Set.of("alice"), AuthorisationTest::onAStream));
    rows.put(
        "GetAccount",
        new Row(
            Set.of("alice", "auditor", "operator"),
            (gate, account) ->
                gate.getAccount(GetAccountRequest.newBuilder().setAccount(account).build())));
    rows.put(
        "ChangeRoster",
        new Row(
            Set.of("alice", "operator"),
            (gate, account) ->
                gate.changeRoster(
                    ChangeRosterRequest.newBuilder()
                        .setAccount(account)
                        .setJoin(key(TestKey.of(50)))
                        .build())));
    rows.put(
        "ChangeRoster.leave",
        new Row(
            Set.of("alice", "operator", "custodian"),
            (gate, account) ->
                gate.changeRoster(
                    ChangeRosterRequest.newBuilder()
                        .setAccount(account)
                        .setLeave(AttestationConversions.toProto(byCustodian))
                        .build())));
    rows.put(
        "GetStatus",
        new Row(
            Set.of("alice", "liquidator", "rival", "auditor", "operator"),
            (gate, account) ->
                gate.getStatus(
                    GetStatusOfAccountRequest.newBuilder().setAccount(account).build())));
    rows.put(
        "ListAccounts",
        new Row(
            Set.of("liquidator", "rival", "auditor", "operator"),
            (gate, a) -> gate.listAccounts(ListAccountsRequest.getDefaultInstance())));
    rows.put(
        "WatchDecisions",
        new Row(
            Set.of("alice", "auditor", "operator"),
            (gate, account) ->
                gate.watchDecisions(WatchDecisionsRequest.newBuilder().setAccount(account).build())
                    .next()));
    rows.put(
        "WatchDecisions.all",
        new Row(
            Set.of("auditor", "operator"),
            (gate, a) -> gate.watchDecisions(WatchDecisionsRequest.getDefaultInstance()).next()));
    rows.put(
        "ClaimLiquidation",
        new Row(
            Set.of("liquidator", "rival"),
            (gate, account) ->
                gate.claimLiquidation(
                    ClaimLiquidationRequest.newBuilder().setAccount(account).build())));
    rows.put(
        "CompleteLiquidation",
        new Row(
            Set.of("liquidator", "rival", "operator"),
            (gate, account) ->
                gate.completeLiquidation(
                    EndLiquidationRequest.newBuilder().setAccount(account).build())));
    rows.put(
        "CancelLiquidation",
        new Row(
            Set.of("liquidator", "rival", "operator"),
            (gate, account) ->
                gate.cancelLiquidation(
                    EndLiquidationRequest.newBuilder().setAccount(account).build())));
    rows.put(
        "WatchOrders",
        new Row(
            Set.of("custodian", "lender", "liquidator", "rival", "auditor", "operator"),
            (gate, a) -> gate.watchOrders(WatchOrdersRequest.getDefaultInstance()).next()));
    rows.put(
        "OpenAccount",
        operators(
            (gate, account) ->
                gate.openAccount(
                    OpenVenueAccountRequest.newBuilder()
                        .setAccount(account)
                        .addAttesterKeys(ByteString.EMPTY)
                        .build())));
    rows.put(
        "Suspend",
        operators(
            (gate, account) ->
                gate.suspend(
                    SuspendRequest.newBuilder()
                        .setAccount(account)
                        .setCause("VENUE_FAULT")
                        .build())));
    rows.put(
        "Resume",
        operators(
            (gate, account) ->
                gate.resume(ResumeRequest.newBuilder().setAccount(account).build())));
    rows.put(
        "OpenBreaker",
        operators((gate, a) -> gate.openBreaker(OpenBreakerRequest.getDefaultInstance())));
    rows.put(
        "CloseBreaker",
        operators((gate, a) -> gate.closeBreaker(CloseBreakerRequest.getDefaultInstance())));
    rows.put(
        "RevokeAttester",
        operators(
            (gate, a) ->
                gate.revokeAttester(
                    RevokeAttesterRequest.newBuilder()
                        .setAttesterKey(key(TestKey.of(60)))
                        .build())));
    return rows;
  }

  private static Row operators(Asking asking) {
    return new Row(Set.of("operator"), asking);
  }

  private static Object onAStream(GateBlockingStub gate, String account) throws Exception {
    CompletableFuture<SubmitProofResponse> first = new CompletableFuture<>();
    StreamObserver<SubmitProofRequest> out =
        GateGrpc.newStub(gate.getChannel())
            .submitProofs(
                new StreamObserver<>() {
                  @Override
                  public void onNext(SubmitProofResponse answer) {
                    first.complete(answer);
                  }

                  @Override
                  public void onError(Throwable error) {
                    first.completeExceptionally(error);
                  }

                  @Override
                  public void onCompleted() {}
                });
    out.onNext(SubmitProofRequest.newBuilder().setAccount(account).build());
    try {
      return first.get(30, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw (StatusRuntimeException) e.getCause();
    } finally {
      out.onCompleted();
    }
  }

  private static Status ask(Row row, String party, String account) throws Exception {
    try {
      Object unused = row.asking.ask(stub(party), account);
      return Status.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    }
  }

  @Test
  void theMatrixHasEveryMethodOfTheService() {
    Set<String> methods =
        GateGrpc.getServiceDescriptor().getMethods().stream()
            .map(MethodDescriptor::getBareMethodName)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> asked =
        matrix().keySet().stream()
            .map(name -> name.replaceFirst("\\..*", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(methods, asked);
  }

  @Test
  void whoMayNotIsRefusedInTheSameWordsWhetherTheAccountExistsAndNothingIsWritten()
      throws Exception {
    long records = venue.store().read(view -> view.journal(1, 10_000)).size();
    Map<String, Row> matrix = matrix();
    for (Map.Entry<String, Row> entry : matrix.entrySet()) {
      for (String party : TestVenue.PARTIES) {
        if (entry.getValue().allowed.contains(party)) {
          continue;
        }
        String where = entry.getKey() + " by " + party;
        Status aboutAlice = ask(entry.getValue(), party, ALICE);
        Status aboutNone = ask(entry.getValue(), party, NO_SUCH_ACCOUNT);
        assertEquals(Status.Code.PERMISSION_DENIED, aboutAlice.getCode(), where);
        assertEquals(Status.Code.PERMISSION_DENIED, aboutNone.getCode(), where);
        assertEquals(aboutNone.getDescription(), aboutAlice.getDescription(), where);
      }
    }
    assertEquals(records, venue.store().read(view -> view.journal(1, 10_000)).size());
  }

  @Test
  void whoMayIsNotRefused() throws Exception {
    for (Map.Entry<String, Row> entry : matrix().entrySet()) {
      for (String party : entry.getValue().allowed) {
        Status status = ask(entry.getValue(), party, ALICE);
        String where = entry.getKey() + " by " + party + ": " + status;
        assertNotEquals(Status.Code.PERMISSION_DENIED, status.getCode(), where);
        assertNotEquals(Status.Code.UNAUTHENTICATED, status.getCode(), where);
        assertNotEquals(Status.Code.INTERNAL, status.getCode(), where);
        assertNotEquals(Status.Code.UNKNOWN, status.getCode(), where);
        assertNotEquals(Status.Code.DEADLINE_EXCEEDED, status.getCode(), where);
      }
    }
  }

  @Test
  void aCertificateThatIsInNoRoleMayNothing() throws Exception {
    for (Map.Entry<String, Row> entry : matrix().entrySet()) {
      assertEquals(
          Status.Code.PERMISSION_DENIED,
          ask(entry.getValue(), "nobody", ALICE).getCode(),
          entry.getKey());
    }
  }

  @Test
  void anAttesterLearnsNoAccountNames() throws Exception {
    // Bob's account is open, but the lender has nothing to do with it.
    venue.as("operator").openAccount(TestVenue.BOB, List.of(CUSTODIAN.publicKey()));
    List<String> attested = new ArrayList<>();
    List<String> released = new ArrayList<>();
    List<String> left = new ArrayList<>();
    List<String> last = new ArrayList<>();
    for (String account : List.of(TestVenue.BOB, NO_SUCH_ACCOUNT)) {
      Attestation attestation = venue.next(LENDER, account, 1, false);
      attested.add(venue.as("lender").attest(attestation).toString().replace(account, "?"));
      last.add(venue.as("lender").lastAttestation(account).toString().replace(account, "?"));
      released.add(venue.as("lender").requestRelease(account).toString().replace(account, "?"));
      left.add(
          venue
              .as("lender")
              .changeRoster(
                  account,
                  new io.plimsoll.gate.RosterChange.Leave(venue.next(LENDER, account, 1, true)))
              .toString()
              .replace(account, "?"));
    }
    for (List<String> answers : List.of(attested, released, left, last)) {
      assertEquals(answers.get(1), answers.get(0));
    }
  }
}
