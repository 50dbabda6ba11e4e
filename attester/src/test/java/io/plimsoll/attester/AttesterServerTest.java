package io.plimsoll.attester;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.proto.v1.AssetChange;
import io.plimsoll.proto.v1.AttesterGrpc;
import io.plimsoll.proto.v1.CancelWithdrawalRequest;
import io.plimsoll.proto.v1.GetAttestationRequest;
import io.plimsoll.proto.v1.GetWithdrawalRequest;
import io.plimsoll.proto.v1.RequestWithdrawalRequest;
import io.plimsoll.proto.v1.WatchAttestationsRequest;
import io.plimsoll.proto.v1.WatchAttestationsResponse;
import io.plimsoll.proto.v1.WithdrawalState;
import io.plimsoll.rpc.RpcChannel;
import io.plimsoll.rpc.TestCertificates;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class AttesterServerTest {
  @TempDir Path directory;

  private final Bench bench = new Bench();
  private AttesterServer server;
  private RpcChannel alice;
  private RpcChannel mallory;

  @BeforeEach
  void serve() throws Exception {
    TestCertificates authority = new TestCertificates(directory, "authority");
    authority.issue("server");
    authority.issue("alice");
    authority.issue("mallory");
    bench.open();
    server =
        AttesterServer.start(
            bench.engine,
            Map.of(Bench.at("north"), Set.of(authority.identity("alice").fingerprint())),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            Optional.of(authority.files("server")));
    alice = RpcChannel.builder("localhost:" + server.port()).tls(authority.files("alice")).connect();
    mallory =
        RpcChannel.builder("localhost:" + server.port()).tls(authority.files("mallory")).connect();
  }

  @AfterEach
  void stop() {
    alice.close();
    mallory.close();
    server.close();
  }

  private static AttesterGrpc.AttesterBlockingStub stub(RpcChannel channel) {
    return channel.withDeadline(AttesterGrpc.newBlockingStub(channel.channel()));
  }

  private static RequestWithdrawalRequest withdrawal(String id, String quantity) {
    return RequestWithdrawalRequest.newBuilder()
        .setVenue("north")
        .setAccount(Bench.ACCOUNT)
        .setId(id)
        .addChanges(
            AssetChange.newBuilder()
                .setVector("collateral")
                .setLabel("BTC")
                .setQuantity(quantity))
        .setDestination("there")
        .build();
  }

  private static void assertStatus(Status.Code code, Executable call) {
    assertEquals(
        code, assertThrows(StatusRuntimeException.class, call).getStatus().getCode());
  }

  @Test
  void ownerSeesItsAttestationsAndNobodyElseDoes() throws Exception {
    GetAttestationRequest request =
        GetAttestationRequest.newBuilder().setVenue("north").setAccount(Bench.ACCOUNT).build();
    assertFalse(stub(alice).getAttestation(request).hasAttestation());
    bench.step(0);
    assertEquals(
        bench.north.current(Bench.ACCOUNT).orElseThrow(),
        AttestationConversions.fromProto(stub(alice).getAttestation(request).getAttestation()));
    assertStatus(Status.Code.PERMISSION_DENIED, () -> stub(mallory).getAttestation(request));
    assertStatus(
        Status.Code.PERMISSION_DENIED,
        () -> stub(alice).getAttestation(request.toBuilder().setAccount("other").build()));
    assertStatus(
        Status.Code.PERMISSION_DENIED,
        () -> stub(mallory).requestWithdrawal(withdrawal("w", "-1")));
  }

  @Test
  void watchTellsTheLatestAndEveryNewerOne() throws Exception {
    bench.step(0);
    Iterator<WatchAttestationsResponse> watch =
        stub(alice)
            .watchAttestations(
                WatchAttestationsRequest.newBuilder()
                    .setVenue("north")
                    .setAccount(Bench.ACCOUNT)
                    .build());
    long first = watch.next().getAttestation().getVersion();
    bench.put("collateral", "BTC", "11");
    bench.step(20);
    assertTrue(watch.next().getAttestation().getVersion() > first);
    server.close();
    assertStatus(Status.Code.UNAVAILABLE, watch::hasNext);
  }

  @Test
  void withdrawalIsRequestedPaidAndAskedAbout() throws Exception {
    bench.step(0);
    assertEquals(
        WithdrawalState.WITHDRAWAL_STATE_REQUESTED,
        stub(alice).requestWithdrawal(withdrawal("w1", "-4")).getProgress().getState());
    bench.step(20);
    bench.north.prove(Bench.ACCOUNT);
    bench.step(20);
    GetWithdrawalRequest ask =
        GetWithdrawalRequest.newBuilder()
            .setVenue("north")
            .setAccount(Bench.ACCOUNT)
            .setId("w1")
            .build();
    assertEquals(
        WithdrawalState.WITHDRAWAL_STATE_PAID,
        stub(alice).getWithdrawal(ask).getProgress().getState());
    assertStatus(
        Status.Code.FAILED_PRECONDITION,
        () ->
            stub(alice)
                .cancelWithdrawal(
                    CancelWithdrawalRequest.newBuilder()
                        .setVenue("north")
                        .setAccount(Bench.ACCOUNT)
                        .setId("w1")
                        .build()));
    assertStatus(
        Status.Code.NOT_FOUND,
        () -> stub(alice).getWithdrawal(ask.toBuilder().setId("w2").build()));
    assertStatus(
        Status.Code.INVALID_ARGUMENT,
        () -> stub(alice).requestWithdrawal(withdrawal("w3", "-400")));
    assertStatus(
        Status.Code.INVALID_ARGUMENT,
        () -> stub(alice).requestWithdrawal(withdrawal("w3", "much")));
  }

  @Test
  void withoutTlsItIsForThisMachineAlone() {
    assertThrows(
        IllegalStateException.class,
        () ->
            AttesterServer.start(
                bench.engine, Map.of(), new InetSocketAddress("0.0.0.0", 0), Optional.empty()));
  }
}
