package io.plimsoll.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who the server sees, how much it lets one client ask, and how it ends. */
@Timeout(60)
class RpcServerTest {
  @TempDir static Path directory;
  private static TestCertificates authority;
  private static TestCertificates strangers;

  private final TextService service = new TextService();
  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeAll
  static void makeCertificates() throws Exception {
    authority = new TestCertificates(directory, "authority");
    strangers = new TestCertificates(directory, "strangers");
    for (String name : List.of("server", "alice", "bob")) {
      authority.issue(name);
    }
    strangers.issue("alice");
  }

  @AfterEach
  void closeAll() throws Exception {
    service.proceed.countDown();
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  private RpcServer started(RpcServer.Builder builder) throws Exception {
    RpcServer server = builder.service(service).drainTime(Duration.ofSeconds(20)).start();
    open.add(server);
    return server;
  }

  private static RpcServer.Builder mutual() {
    return RpcServer.builder("a test").tls(authority.files("server"));
  }

  private RpcChannel connected(RpcServer server, TlsFiles files) throws Exception {
    RpcChannel.Builder builder =
        RpcChannel.builder("127.0.0.1:" + server.port()).deadline(Duration.ofSeconds(20));
    RpcChannel channel = (files == null ? builder.plaintext() : builder.tls(files)).connect();
    open.add(channel);
    return channel;
  }

  private static String call(RpcChannel channel, MethodDescriptor<String, String> method) {
    return ClientCalls.blockingUnaryCall(
        channel.channel(),
        method,
        CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
        "hello");
  }

  private static Status failure(Runnable call) {
    return assertThrows(StatusRuntimeException.class, call::run).getStatus();
  }

  @Test
  void theServerSeesEachClientsOwnCertificate() throws Exception {
    RpcServer server = started(mutual());
    for (String name : List.of("alice", "bob")) {
      assertEquals(
          authority.identity(name).fingerprint(),
          call(connected(server, authority.files(name)), TextService.WHO));
    }
    assertNotEquals(authority.identity("alice"), authority.identity("bob"));
  }

  @Test
  void aCertificateOfAnotherAuthorityOrNoneIsLetInByNoMutualServer() throws Exception {
    RpcServer server = started(mutual());
    TlsFiles stranger =
        TlsFiles.mutual(strangers.certificate("alice"), strangers.key("alice"), authority.trust());
    for (TlsFiles files : List.of(stranger, TlsFiles.client(authority.trust()))) {
      assertEquals(Status.Code.UNAVAILABLE, failure(() -> callOnce(server, files)).getCode());
    }
  }

  private void callOnce(RpcServer server, TlsFiles files) {
    try {
      call(connected(server, files), TextService.WHO);
    } catch (StatusRuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void withoutTlsNobodyIsAnybodyAndOnlyLoopbackIsServed() throws Exception {
    RpcServer server = started(RpcServer.builder("a test"));
    assertEquals("nobody", call(connected(server, null), TextService.WHO));
    IllegalStateException refused =
        assertThrows(
            IllegalStateException.class,
            () ->
                RpcServer.builder("a test")
                    .address(new InetSocketAddress("0.0.0.0", 0))
                    .service(service)
                    .start());
    assertTrue(refused.getMessage().contains("needs TLS"), refused.getMessage());
  }

  @Test
  void aClientOverItsRateIsToldTheLimitAndOthersAreNot() throws Exception {
    RpcServer server = started(mutual().intercept(CallLimits.perClient(1, 3, 100)));
    RpcChannel alice = connected(server, authority.files("alice"));
    Status refused =
        failure(
            () -> {
              for (int i = 0; i < 200; i++) {
                call(alice, TextService.WHO);
              }
            });
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getCode());
    assertTrue(
        String.valueOf(refused.getDescription()).contains("1 calls per second, 3 after a pause"),
        refused.toString());
    call(connected(server, authority.files("bob")), TextService.WHO);
  }

  @Test
  void aClientWithTooManyCallsUnderWayIsToldTheLimit() throws Exception {
    RpcServer server = started(mutual().intercept(CallLimits.perClient(1000, 1000, 1)));
    RpcChannel alice = connected(server, authority.files("alice"));
    CompletableFuture<String> first =
        CompletableFuture.supplyAsync(() -> call(alice, TextService.WAIT));
    service.waiting.await();
    Status refused = failure(() -> call(alice, TextService.WHO));
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getCode());
    assertTrue(
        String.valueOf(refused.getDescription()).contains("1 calls at the same time"),
        refused.toString());
    service.proceed.countDown();
    assertEquals("done", first.get(20, TimeUnit.SECONDS));
    // The server counts a call as ended a moment after the client has its answer.
    for (int i = 0; ; i++) {
      try {
        call(alice, TextService.WHO);
        break;
      } catch (StatusRuntimeException e) {
        assertTrue(i < 1000, e::toString);
        Thread.sleep(5);
      }
    }
  }

  @Test
  void messagesOfAStreamCountAndTheOneTooManyEndsIt() throws Exception {
    RpcServer server = started(mutual().intercept(CallLimits.perClient(1, 3, 10)));
    RpcChannel alice = connected(server, authority.files("alice"));
    LinkedBlockingQueue<Object> heard = new LinkedBlockingQueue<>();
    StreamObserver<String> stream =
        ClientCalls.asyncBidiStreamingCall(
            alice.channel().newCall(TextService.ECHO, CallOptions.DEFAULT), into(heard));
    for (int i = 0; i < 100; i++) {
      stream.onNext("message " + i);
    }
    Object last = heard.poll(20, TimeUnit.SECONDS);
    int echoed = 0;
    while (last instanceof String) {
      echoed++;
      last = heard.poll(20, TimeUnit.SECONDS);
    }
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, Status.fromThrowable((Throwable) last).getCode());
    assertTrue(echoed >= 3 && echoed < 100, echoed + " messages");
  }

  private static StreamObserver<String> into(LinkedBlockingQueue<Object> heard) {
    return new StreamObserver<>() {
      @Override
      public void onNext(String message) {
        heard.add(message);
      }

      @Override
      public void onError(Throwable error) {
        heard.add(error);
      }

      @Override
      public void onCompleted() {
        heard.add(Status.OK.asRuntimeException());
      }
    };
  }

  @Test
  void closingEndsEndlessStreamsFinishesCallsAndThenClosesWhatIsBehind() throws Exception {
    AtomicInteger closed = new AtomicInteger();
    RpcServer server =
        started(
            RpcServer.builder("a test")
                .atEnd(() -> service.endless.get().onError(Status.UNAVAILABLE.asRuntimeException()))
                .behind(closed::incrementAndGet));
    RpcChannel channel = connected(server, null);
    LinkedBlockingQueue<Object> endless = new LinkedBlockingQueue<>();
    ClientCalls.asyncServerStreamingCall(
        channel.channel().newCall(TextService.FOREVER, CallOptions.DEFAULT),
        "hello",
        into(endless));
    assertEquals("first", endless.poll(20, TimeUnit.SECONDS));
    CompletableFuture<String> running =
        CompletableFuture.supplyAsync(() -> call(channel, TextService.WAIT));
    service.waiting.await();
    CountDownLatch serving = new CountDownLatch(1);
    CountDownLatch notServing = new CountDownLatch(1);
    watchHealth(channel, serving, notServing);
    assertTrue(serving.await(20, TimeUnit.SECONDS));
    Thread closing = new Thread(server::close);
    closing.start();
    assertTrue(notServing.await(20, TimeUnit.SECONDS));
    assertEquals(
        Status.Code.UNAVAILABLE,
        Status.fromThrowable((Throwable) endless.poll(20, TimeUnit.SECONDS)).getCode());
    assertEquals(0, closed.get());
    service.proceed.countDown();
    assertEquals("done", running.get(20, TimeUnit.SECONDS));
    closing.join(20_000);
    assertFalse(closing.isAlive());
    assertEquals(1, closed.get());
  }

  private static void watchHealth(
      RpcChannel channel, CountDownLatch serving, CountDownLatch notServing) {
    HealthGrpc.newStub(channel.channel())
        .watch(
            HealthCheckRequest.newBuilder().setService("test.Text").build(),
            new StreamObserver<>() {
              @Override
              public void onNext(HealthCheckResponse answer) {
                if (answer.getStatus() == HealthCheckResponse.ServingStatus.SERVING) {
                  serving.countDown();
                } else {
                  notServing.countDown();
                }
              }

              @Override
              public void onError(Throwable error) {}

              @Override
              public void onCompleted() {}
            });
  }
}
