package io.plimsoll.gate.rpc;

import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.plimsoll.verifier.InvalidFormatException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A stream without end that is begun again where it ended when the connection breaks, until it is
 * closed or the venue refuses it. The next message is asked for when the last one has been handled,
 * so a slow listener slows the venue and nothing piles up here.
 */
public final class Watch implements AutoCloseable {
  /** What a watch tells. Its methods are called one after the other. */
  public interface Listener<T> {
    /**
     * Something that was watched for. A listener that throws ends the watch.
     *
     * @param index where in the journal it is; a later watch from the index after it goes on behind
     *     it. Of a round: its sequence number.
     */
    void on(long index, T what);

    /** All was told up to this index; a later watch may go on behind it. */
    default void through(long index) {}

    /** The connection broke; the watch tries again by itself. */
    default void interrupted(GateException why) {}

    /** The watch is over: the venue refuses it, or says what cannot be. Not called by close. */
    void ended(GateException why);
  }

  /** Begins the stream at an index. */
  interface Begin<A> {
    void from(long index, StreamObserver<A> answers);
  }

  /** Hands one message to the listener; says where the next stream would begin. */
  interface Handle<A> {
    long next(A message) throws InvalidFormatException;
  }

  private static final long SHORTEST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 10_000;

  private final ScheduledExecutorService timer;
  private final Runnable restart;
  private final Listener<?> listener;
  private volatile boolean closed;
  private Context.CancellableContext current;
  private long pauseMillis = SHORTEST_PAUSE_MILLIS;
  private long next;

  private <A> Watch(
      ScheduledExecutorService timer,
      long from,
      Begin<A> begin,
      Handle<A> handle,
      Listener<?> listener) {
    this.timer = timer;
    this.next = from;
    this.listener = listener;
    this.restart = () -> start(begin, handle);
  }

  static <A> Watch begin(
      ScheduledExecutorService timer,
      long from,
      Begin<A> begin,
      Handle<A> handle,
      Listener<?> listener) {
    Watch watch = new Watch(timer, from, begin, handle, listener);
    watch.restart.run();
    return watch;
  }

  private <A> void start(Begin<A> begin, Handle<A> handle) {
    Context.CancellableContext context;
    long from;
    synchronized (this) {
      if (closed) {
        return;
      }
      context = Context.ROOT.withCancellation();
      current = context;
      from = next;
    }
    context.run(() -> begin.from(from, new Answers<>(context, handle)));
  }

  /** How long until the next try, if this one has failed already. */
  private synchronized Duration pause() {
    long pause = pauseMillis;
    pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, 2 * pauseMillis);
    return Duration.ofMillis(pause);
  }

  private void failed(GateException why) {
    if (closed) {
      return;
    }
    if (why.isTransient() || why.kind() == GateException.Kind.CANCELLED) {
      listener.interrupted(why);
      try {
        var unused = timer.schedule(restart, pause().toMillis(), TimeUnit.MILLISECONDS);
      } catch (java.util.concurrent.RejectedExecutionException e) {
        closed = true;
      }
    } else {
      closed = true;
      listener.ended(why);
    }
  }

  /** Ends the watch. A message that is being handled is handled to its end. */
  @Override
  public void close() {
    Context.CancellableContext context;
    synchronized (this) {
      closed = true;
      context = current;
    }
    if (context != null) {
      context.cancel(null);
    }
  }

  private final class Answers<A> implements ClientResponseObserver<Object, A> {
    private final Context.CancellableContext context;
    private final Handle<A> handle;
    private boolean broken;

    Answers(Context.CancellableContext context, Handle<A> handle) {
      this.context = context;
      this.handle = handle;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<Object> call) {
      // The stub asks for the next message when this one has been handled.
    }

    @Override
    public void onNext(A message) {
      if (closed || broken) {
        return;
      }
      try {
        long following = handle.next(message);
        synchronized (Watch.this) {
          next = following;
          pauseMillis = SHORTEST_PAUSE_MILLIS;
        }
      } catch (InvalidFormatException e) {
        broken = true;
        context.cancel(null);
        failed(
            new GateException(
                GateException.Kind.INTERNAL,
                "the venue sent what cannot be: " + e.getMessage(),
                e));
      } catch (RuntimeException e) {
        broken = true;
        context.cancel(null);
        failed(new GateException(GateException.Kind.INTERNAL, "the listener failed: " + e, e));
      }
    }

    @Override
    public void onError(Throwable error) {
      if (!broken) {
        context.cancel(null);
        failed(GateException.of(error));
      }
    }

    @Override
    public void onCompleted() {
      onError(
          new StatusRuntimeException(
              io.grpc.Status.UNAVAILABLE.withDescription("the venue ended the stream")));
    }
  }
}
