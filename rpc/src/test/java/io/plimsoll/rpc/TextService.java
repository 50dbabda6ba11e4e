package io.plimsoll.rpc;

import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** A service whose messages are plain text, to see what surrounds services. */
final class TextService implements BindableService {
  private static final MethodDescriptor.Marshaller<String> TEXT =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(String value) {
          return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String parse(InputStream stream) {
          try {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        }
      };

  static final MethodDescriptor<String, String> WHO = method("Who", MethodType.UNARY);
  static final MethodDescriptor<String, String> WAIT = method("Wait", MethodType.UNARY);
  static final MethodDescriptor<String, String> ECHO = method("Echo", MethodType.BIDI_STREAMING);
  static final MethodDescriptor<String, String> FOREVER =
      method("Forever", MethodType.SERVER_STREAMING);

  final CountDownLatch waiting = new CountDownLatch(1);
  final CountDownLatch proceed = new CountDownLatch(1);
  final AtomicReference<StreamObserver<String>> endless = new AtomicReference<>();

  private static MethodDescriptor<String, String> method(String name, MethodType type) {
    return MethodDescriptor.<String, String>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName("test.Text", name))
        .setRequestMarshaller(TEXT)
        .setResponseMarshaller(TEXT)
        .build();
  }

  @Override
  public ServerServiceDefinition bindService() {
    return ServerServiceDefinition.builder("test.Text")
        .addMethod(WHO, ServerCalls.asyncUnaryCall((request, answer) -> who(answer)))
        .addMethod(WAIT, ServerCalls.asyncUnaryCall((request, answer) -> await(answer)))
        .addMethod(ECHO, ServerCalls.asyncBidiStreamingCall(TextService::echo))
        .addMethod(
            FOREVER,
            ServerCalls.asyncServerStreamingCall(
                (request, answer) -> {
                  answer.onNext("first");
                  endless.set(answer);
                }))
        .build();
  }

  private static void who(StreamObserver<String> answer) {
    answer.onNext(PeerIdentity.current().map(PeerIdentity::fingerprint).orElse("nobody"));
    answer.onCompleted();
  }

  private void await(StreamObserver<String> answer) {
    waiting.countDown();
    try {
      proceed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    answer.onNext("done");
    answer.onCompleted();
  }

  private static StreamObserver<String> echo(StreamObserver<String> answer) {
    return new StreamObserver<>() {
      @Override
      public void onNext(String message) {
        answer.onNext(message);
      }

      @Override
      public void onError(Throwable error) {}

      @Override
      public void onCompleted() {
        answer.onCompleted();
      }
    };
  }
}
