package io.plimsoll.rpc;

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
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Turns what a handler throws into one clear status: bytes that are no message into
 * INVALID_ARGUMENT, and everything else, being a bug, into INTERNAL.
 */
final class ErrorInterceptor implements ServerInterceptor {
  private final CallsInFlight inFlight;
  private final Function<String, StatusRuntimeException> unreadable;

  private ErrorInterceptor(
      CallsInFlight inFlight, Function<String, StatusRuntimeException> unreadable) {
    this.inFlight = inFlight;
    this.unreadable = unreadable;
  }

  /**
   * Guards a service. Its messages are parsed inside the guard, because gRPC by itself answers
   * unparseable bytes with UNKNOWN.
   *
   * @param inFlight counts the service's calls
   * @param inner between the guard and the service, outermost first
   * @param unreadable the status for bytes that are no message, from a text that says so
   */
  static ServerServiceDefinition guard(
      ServerServiceDefinition service,
      CallsInFlight inFlight,
      List<ServerInterceptor> inner,
      Function<String, StatusRuntimeException> unreadable) {
    List<ServerInterceptor> outermostFirst = new ArrayList<>();
    outermostFirst.add(new ErrorInterceptor(inFlight, unreadable));
    outermostFirst.addAll(inner);
    return ServerInterceptors.interceptForward(
        ServerInterceptors.useInputStreamMessages(service), outermostFirst);
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
    return new Guard<>(listener, guarded, inFlight, unreadable);
  }

  /**
   * A call that the service and the guard may both close, from two threads: what comes after the
   * first is dropped.
   */
  private static final class ClosedOnce<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private boolean headersSent;
    private boolean closed;

    ClosedOnce(ServerCall<Q, A> call) {
      super(call);
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
      if (!closed && !headersSent) {
        headersSent = true;
        super.sendHeaders(headers);
      }
    }

    @Override
    public synchronized void sendMessage(A message) {
      if (!closed) {
        super.sendMessage(message);
      }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
      if (!closed) {
        closed = true;
        super.close(status, trailers);
      }
    }

    @Override
    public synchronized boolean isReady() {
      return !closed && super.isReady();
    }

    synchronized boolean isClosed() {
      return closed;
    }

    void fail(RuntimeException e) {
      StatusRuntimeException failure =
          RpcFaults.internal(getMethodDescriptor().getFullMethodName(), e);
      close(failure.getStatus(), new Metadata());
    }
  }

  private static final class Guard<Q, A> extends SimpleForwardingServerCallListener<Q> {
    private final ClosedOnce<Q, A> call;
    private final CallsInFlight inFlight;
    private final Function<String, StatusRuntimeException> unreadable;

    Guard(
        ServerCall.Listener<Q> delegate,
        ClosedOnce<Q, A> call,
        CallsInFlight inFlight,
        Function<String, StatusRuntimeException> unreadable) {
      super(delegate);
      this.call = call;
      this.inFlight = inFlight;
      this.unreadable = unreadable;
    }

    @Override
    public void onMessage(Q message) {
      if (call.isClosed()) {
        return;
      }
      try {
        super.onMessage(message);
      } catch (StatusRuntimeException e) {
        StatusRuntimeException failure =
            unreadable.apply(
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
      if (call.isClosed()) {
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
