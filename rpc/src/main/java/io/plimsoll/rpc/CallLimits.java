package io.plimsoll.rpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How much one client may ask for: calls and messages per second (a token bucket) and calls at the
 * same time. Over a limit a call ends with RESOURCE_EXHAUSTED, which names the limit. A client is
 * its certificate, or its address if it shows none.
 *
 * <p>Thread-safe. It remembers at most {@value #MAX_CLIENTS} clients; the one that has been idle
 * longest is forgotten first, and comes back with a full bucket.
 */
public final class CallLimits implements ServerInterceptor {
  static final int MAX_CLIENTS = 10_000;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final int perSecond;
  private final int burst;
  private final int concurrent;
  private final LongSupplier nanoTime;

  /** In the order of last use; guarded by this object's lock. */
  private final LinkedHashMap<Object, Client> clients = new LinkedHashMap<>(16, 0.75f, true);

  CallLimits(int perSecond, int burst, int concurrent, LongSupplier nanoTime) {
    this.perSecond = requirePositive("calls per second", perSecond);
    this.burst = requirePositive("calls at once after a pause", burst);
    this.concurrent = requirePositive("calls at the same time", concurrent);
    this.nanoTime = nanoTime;
  }

  /**
   * Limits for every client.
   *
   * @param perSecond calls, and messages within a stream after its first, per second; at least 1
   * @param burst how many of them may come at once after a pause; at least 1
   * @param concurrent calls under way at the same time, streams included; at least 1
   */
  public static CallLimits perClient(int perSecond, int burst, int concurrent) {
    return new CallLimits(perSecond, burst, concurrent, System::nanoTime);
  }

  private static int requirePositive(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(what + " is at least 1, not " + value);
    }
    return value;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Object client = client(call);
    Status begun = begin(client);
    if (!begun.isOk()) {
      call.close(begun, new Metadata());
      return new ServerCall.Listener<>() {};
    }
    ServerCall.Listener<Q> listener;
    try {
      listener = next.startCall(call, headers);
    } catch (RuntimeException | Error e) {
      end(client);
      throw e;
    }
    return new Counting<>(listener, call, client);
  }

  private static Object client(ServerCall<?, ?> call) {
    return PeerIdentity.current()
        .<Object>map(PeerIdentity::fingerprint)
        .orElseGet(
            () -> {
              SocketAddress address = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
              return address instanceof InetSocketAddress inet && inet.getAddress() != null
                  ? inet.getAddress()
                  : String.valueOf(address);
            });
  }

  private synchronized Status begin(Object client) {
    Client known = clients.computeIfAbsent(client, unused -> new Client());
    forgetIdle();
    if (known.calls >= concurrent) {
      return exhausted(concurrent + " calls at the same time");
    }
    if (!known.take()) {
      return rateExceeded();
    }
    known.calls++;
    return Status.OK;
  }

  private synchronized boolean message(Object client) {
    return clients.computeIfAbsent(client, unused -> new Client()).take();
  }

  private synchronized void end(Object client) {
    Client known = clients.get(client);
    if (known != null) {
      known.calls--;
    }
  }

  private void forgetIdle() {
    if (clients.size() <= MAX_CLIENTS) {
      return;
    }
    for (Map.Entry<Object, Client> entry : clients.entrySet()) {
      if (entry.getValue().calls == 0) {
        clients.remove(entry.getKey());
        return;
      }
    }
  }

  private Status rateExceeded() {
    return exhausted(perSecond + " calls per second, " + burst + " after a pause");
  }

  private static Status exhausted(String limit) {
    return Status.RESOURCE_EXHAUSTED.withDescription("more than this client's limit: " + limit);
  }

  /** A bucket, and the calls under way. Guarded by the limits' lock. */
  private final class Client {
    /** In tokens times a second's nanoseconds, so that nothing is rounded. */
    private long tokenNanos = Math.multiplyExact((long) burst, NANOS_PER_SECOND);

    private long filledAt = nanoTime.getAsLong();
    private int calls;

    boolean take() {
      long now = nanoTime.getAsLong();
      long full = burst * NANOS_PER_SECOND;
      long passed = Math.max(0, now - filledAt);
      // More than enough to fill it; the product below stays in range.
      long enough = full / perSecond + 1;
      tokenNanos =
          passed >= enough
              ? full
              : Math.min(full, tokenNanos + Math.multiplyExact(passed, perSecond));
      filledAt = now;
      if (tokenNanos < NANOS_PER_SECOND) {
        return false;
      }
      tokenNanos -= NANOS_PER_SECOND;
      return true;
    }
  }

  private final class Counting<Q> extends SimpleForwardingServerCallListener<Q> {
    private final ServerCall<Q, ?> call;
    private final Object client;
    private boolean first = true;
    private boolean refused;

    Counting(ServerCall.Listener<Q> delegate, ServerCall<Q, ?> call, Object client) {
      super(delegate);
      this.call = call;
      this.client = client;
    }

    @Override
    public void onMessage(Q message) {
      if (!first && !refused && !message(client)) {
        refused = true;
        call.close(rateExceeded(), new Metadata());
      }
      first = false;
      if (!refused) {
        super.onMessage(message);
      }
    }

    @Override
    public void onHalfClose() {
      if (!refused) {
        super.onHalfClose();
      }
    }

    // Of the next two, gRPC calls exactly one, once.
    @Override
    public void onCancel() {
      end(client);
      super.onCancel();
    }

    @Override
    public void onComplete() {
      end(client);
      if (refused) {
        // For the service this call did not end as it should.
        super.onCancel();
      } else {
        super.onComplete();
      }
    }
  }
}
