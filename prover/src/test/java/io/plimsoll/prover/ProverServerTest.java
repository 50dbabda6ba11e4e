package io.plimsoll.prover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.plimsoll.proto.v1.CloseAccountRequest;
import io.plimsoll.proto.v1.CloseAccountResponse;
import io.plimsoll.proto.v1.GetStatusRequest;
import io.plimsoll.proto.v1.GetStatusResponse;
import io.plimsoll.proto.v1.ProveRequest;
import io.plimsoll.proto.v1.ProveResponse;
import io.plimsoll.proto.v1.ProverGrpc;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The server around the service: what arrives broken, what must not get out, and the end. */
@Timeout(60)
class ProverServerTest {
  private static final int MAX_MESSAGE_BYTES = 4096;
  private static final String SECRET = "position BTC-PERP = -12345.6789";

  /** A service that does what a test tells it, to show what the server makes of it. */
  private static final class Scripted extends ProverGrpc.ProverImplBase {
    final CountDownLatch proving = new CountDownLatch(1);
    final CountDownLatch release = new CountDownLatch(1);

    @Override
    public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> answer) {
      answer.onNext(GetStatusResponse.newBuilder().setProofs(7).build());
      answer.onCompleted();
    }

    @Override
    public void closeAccount(
        CloseAccountRequest request, StreamObserver<CloseAccountResponse> answer) {
      throw new IllegalStateException(SECRET, new ArithmeticException(SECRET));
    }

    @Override
    public void prove(ProveRequest request, StreamObserver<ProveResponse> answer) {
      proving.countDown();
      try {
        release.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      answer.onNext(ProveResponse.newBuilder().setProvingMicros(1).build());
      answer.onCompleted();
    }
  }

  private final Scripted service = new Scripted();
  private final AtomicInteger engineClosed = new AtomicInteger();
  private ProverServer server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    server =
        ProverServer.builder()
            .maxMessageBytes(MAX_MESSAGE_BYTES)
            .drainTime(Duration.ofSeconds(20))
            .start(service, engineClosed::incrementAndGet);
    channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()))
            .usePlaintext()
            .build();
  }

  @AfterEach
  void stop() {
    service.release.countDown();
    channel.shutdownNow();
    server.close();
  }

  private void requireStillServing() {
    assertEquals(
        7,
        ProverGrpc.newBlockingStub(channel)
            .getStatus(GetStatusRequest.getDefaultInstance())
            .getProofs());
  }

  private static MethodDescriptor.Marshaller<byte[]> rawBytes() {
    return new MethodDescriptor.Marshaller<>() {
      @Override
      public InputStream stream(byte[] value) {
        return new ByteArrayInputStream(value);
      }

      @Override
      public byte[] parse(InputStream stream) {
        try {
          return stream.readAllBytes();
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      }
    };
  }

  private StatusRuntimeException failureOf(String method, byte[] message) {
    MethodDescriptor<byte[], byte[]> descriptor =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(
                MethodDescriptor.generateFullMethodName("plimsoll.v1.Prover", method))
            .setRequestMarshaller(rawBytes())
            .setResponseMarshaller(rawBytes())
            .build();
    return assertThrows(
        StatusRuntimeException.class,
        () -> ClientCalls.blockingUnaryCall(channel, descriptor, CallOptions.DEFAULT, message));
  }

  @Test
  void bytesThatAreNoMessageAreAnInvalidArgument() {
    byte[] whole = ProveRequest.newBuilder().setAccount("alice").build().toByteArray();
    byte[] truncated = java.util.Arrays.copyOf(whole, whole.length - 1);
    for (byte[] bytes : List.of(new byte[] {(byte) 0xff, 1, 2, 3}, truncated)) {
      StatusRuntimeException failure = failureOf("Prove", bytes);
      assertEquals(Status.Code.INVALID_ARGUMENT, failure.getStatus().getCode());
      assertEquals(
          io.plimsoll.proto.v1.Refusal.REFUSAL_INVALID_INPUT,
          RpcErrors.details(failure).getRefusal());
      requireStillServing();
    }
  }

  @Test
  void textThatIsNotUtf8IsAnInvalidArgument() {
    byte[] account = {0x0a, 2, (byte) 0xc3, 0x28};
    assertEquals(Status.Code.INVALID_ARGUMENT, failureOf("Prove", account).getStatus().getCode());
    requireStillServing();
  }

  @Test
  void anOversizedMessageIsResourceExhausted() {
    for (int size : new int[] {MAX_MESSAGE_BYTES + 1, 3_000_000}) {
      StatusRuntimeException failure =
          assertThrows(
              StatusRuntimeException.class,
              () ->
                  ProverGrpc.newBlockingStub(channel)
                      .prove(
                          ProveRequest.newBuilder()
                              .setAccountBytes(ByteString.copyFrom(new byte[size]))
                              .build()));
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, failure.getStatus().getCode());
      requireStillServing();
    }
  }

  @Test
  void anOversizedMessageLeavesNoCallBehind() throws Exception {
    failureOf("Prove", new byte[MAX_MESSAGE_BYTES + 1]);
    failureOf("Prove", new byte[3_000_000]);
    requireStillServing();
    Thread closing = new Thread(server::close);
    closing.start();
    closing.join(10_000);
    assertFalse(closing.isAlive(), "the server still waits for the call of the oversized message");
  }

  @Test
  void anUnknownMethodIsUnimplemented() {
    assertEquals(Status.Code.UNIMPLEMENTED, failureOf("Steal", new byte[0]).getStatus().getCode());
    requireStillServing();
  }

  @Test
  void aBugIsInternalAndItsMessageStaysInside() {
    try (CapturedLog log = new CapturedLog()) {
      StatusRuntimeException failure =
          assertThrows(
              StatusRuntimeException.class,
              () ->
                  ProverGrpc.newBlockingStub(channel)
                      .closeAccount(CloseAccountRequest.getDefaultInstance()));
      assertEquals(Status.Code.INTERNAL, failure.getStatus().getCode());
      assertFalse(failure.toString().contains("12345"), failure.toString());
      assertTrue(log.text().contains("IllegalStateException"), log.text());
      assertTrue(log.text().contains("CloseAccount"), log.text());
      assertFalse(log.text().contains("12345"), log.text());
    }
    requireStillServing();
  }

  @Test
  void garbageInsteadOfHttp2EndsThatConnectionAlone() throws Exception {
    byte[] preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    byte[] junk = new byte[10_000];
    java.util.Arrays.fill(junk, (byte) 0xa5);
    byte[] framedJunk = new byte[preface.length + junk.length];
    System.arraycopy(preface, 0, framedJunk, 0, preface.length);
    System.arraycopy(junk, 0, framedJunk, preface.length, junk.length);
    for (byte[] bytes :
        List.of(
            "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
            junk,
            framedJunk)) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
        socket.setSoTimeout(20_000);
        OutputStream out = socket.getOutputStream();
        try {
          out.write(bytes);
          out.flush();
          InputStream in = socket.getInputStream();
          while (in.read() >= 0) {
            // The server may say goodbye in HTTP/2 before it hangs up.
          }
        } catch (java.net.SocketTimeoutException e) {
          throw new AssertionError("the server keeps a connection that speaks garbage", e);
        } catch (IOException e) {
          // Reset: it hung up while we wrote.
        }
      }
      requireStillServing();
    }
  }

  @Test
  void reflectionListsAndDescribesTheService() throws Exception {
    ServerReflectionResponse list =
        reflect(ServerReflectionRequest.newBuilder().setListServices("").build());
    assertEquals(
        List.of("grpc.health.v1.Health", "plimsoll.v1.Prover"),
        list.getListServicesResponse().getServiceList().stream()
            .map(ServiceResponse::getName)
            .filter(name -> !name.startsWith("grpc.reflection"))
            .sorted()
            .toList());
    ServerReflectionResponse file =
        reflect(
            ServerReflectionRequest.newBuilder()
                .setFileContainingSymbol("plimsoll.v1.Prover")
                .build());
    assertTrue(file.getFileDescriptorResponse().getFileDescriptorProtoCount() > 0);
  }

  private ServerReflectionResponse reflect(ServerReflectionRequest request) throws Exception {
    LinkedBlockingQueue<ServerReflectionResponse> answers = new LinkedBlockingQueue<>();
    StreamObserver<ServerReflectionRequest> requests =
        ServerReflectionGrpc.newStub(channel)
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse answer) {
                    answers.add(answer);
                  }

                  @Override
                  public void onError(Throwable error) {}

                  @Override
                  public void onCompleted() {}
                });
    requests.onNext(request);
    requests.onCompleted();
    ServerReflectionResponse answer = answers.poll(20, TimeUnit.SECONDS);
    assertTrue(answer != null, "no answer from reflection");
    return answer;
  }

  @Test
  void shutdownSaysNotServingThenFinishesWhatRunsAndClosesTheEngineLast() throws Exception {
    LinkedBlockingQueue<ServingStatus> health = new LinkedBlockingQueue<>();
    HealthGrpc.newStub(channel)
        .watch(
            HealthCheckRequest.newBuilder().setService("plimsoll.v1.Prover").build(),
            new StreamObserver<>() {
              @Override
              public void onNext(HealthCheckResponse answer) {
                health.add(answer.getStatus());
              }

              @Override
              public void onError(Throwable error) {}

              @Override
              public void onCompleted() {}
            });
    assertEquals(ServingStatus.SERVING, health.poll(20, TimeUnit.SECONDS));
    CompletableFuture<ProveResponse> running =
        CompletableFuture.supplyAsync(
            () -> ProverGrpc.newBlockingStub(channel).prove(ProveRequest.getDefaultInstance()));
    service.proving.await();
    Thread closing = new Thread(server::close);
    closing.start();
    assertEquals(ServingStatus.NOT_SERVING, health.poll(20, TimeUnit.SECONDS));
    assertEquals(0, engineClosed.get());
    service.release.countDown();
    assertEquals(1, running.get(20, TimeUnit.SECONDS).getProvingMicros());
    channel.shutdownNow();
    closing.join();
    assertEquals(1, engineClosed.get());
    assertThrows(
        IOException.class,
        () -> new Socket(InetAddress.getLoopbackAddress(), server.port()).close());
  }

  @Test
  void withoutTlsOnlyALoopbackAddressIsServed() {
    ProverServer.Builder everywhere =
        ProverServer.builder().address(new InetSocketAddress("0.0.0.0", 0));
    IllegalStateException refused =
        assertThrows(
            IllegalStateException.class,
            () -> everywhere.start(service, engineClosed::incrementAndGet));
    assertTrue(refused.getMessage().contains("needs TLS"), refused.getMessage());
  }
}
