package io.plimsoll.prover;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Turns what a handler throws into one clear status: bytes that are no message into
 * INVALID_ARGUMENT, and everything else, being a bug, into INTERNAL.
 */
final class ErrorInterceptor implements ServerInterceptor {
  private final CallsInFlight inFlight;

  private ErrorInterceptor(CallsInFlight inFlight) {
    this.inFlight = inFlight;
  }

  /**
   * Guards a service. Its messages are parsed inside the guard, because gRPC by itself answers
   * unparseable bytes with UNKNOWN.
   *
   * @param inFlight counts the service's calls
   */
  static ServerServiceDefinition guard(ServerServiceDefinition service, CallsInFlight inFlight) {
    return ServerInterceptors.intercept(
        ServerInterceptors.useInputStreamMessages(service), new ErrorInterceptor(inFlight));
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    ClosedOnce<Q, A> guarded = new ClosedOnce<>(call);
    inFlight.begin();
    ServerCall.Listener<Q> listener;
    try {
      listener = next.startCall(guarded, headers);
    } catch (RuntimeException e) {
      guarded.fail(e);
      listener = new ServerCall.Listener<>() {};
    }
    return new Guard<>(listener, guarded, inFlight);
  }

  private static final class ClosedOnce<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final AtomicBoolean closed = new AtomicBoolean();

    ClosedOnce(ServerCall<Q, A> call) {
      super(call);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      if (closed.compareAndSet(false, true)) {
        super.close(status, trailers);
      }
    }

    void fail(RuntimeException e) {
      StatusRuntimeException failure =
          RpcErrors.internal(getMethodDescriptor().getFullMethodName(), e);
      close(failure.getStatus(), new Metadata());
    }
  }

  private static final class Guard<Q, A> extends SimpleForwardingServerCallListener<Q> {
    private final ClosedOnce<Q, A> call;
    private final CallsInFlight inFlight;

    Guard(ServerCall.Listener<Q> delegate, ClosedOnce<Q, A> call, CallsInFlight inFlight) {
      super(delegate);
      this.call = call;
      this.inFlight = inFlight;
    }

    @Override
    public void onMessage(Q message) {
      try {
        super.onMessage(message);
      } catch (StatusRuntimeException e) {
        StatusRuntimeException failure =
            RpcErrors.invalidInput(
                "the request is not a message of "
                    + call.getMethodDescriptor().getFullMethodName()
                    + ": its bytes are truncated or of another type");
        Metadata trailers = failure.getTrailers();
        call.close(failure.getStatus(), trailers == null ? new Metadata() : trailers);
      } catch (RuntimeException e) {
        call.fail(e);
      }
    }

    @Override
    public void onHalfClose() {
      if (call.closed.get()) {
        return;
      }
      try {
        super.onHalfClose();
      } catch (RuntimeException e) {
        call.fail(e);
      }
    }

    // Of the next two, gRPC calls exactly one, once.
    @Override
    public void onCancel() {
      inFlight.end();
      guarded(super::onCancel);
    }

    @Override
    public void onComplete() {
      inFlight.end();
      guarded(super::onComplete);
    }

    @Override
    public void onReady() {
      guarded(super::onReady);
    }

    private void guarded(Runnable callback) {
      try {
        callback.run();
      } catch (RuntimeException e) {
        call.fail(e);
      }
    }
  }
}
