package io.plimsoll.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The token bucket by a clock that the test moves. */
class CallLimitsTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5_000_000_000L);

  /** Whether a call from this address is let in; it ends at once. */
  private static boolean letIn(CallLimits limits, int lastByte) throws Exception {
    Probe call = new Probe(lastByte);
    ServerCall.Listener<String> listener =
        limits.interceptCall(call, new Metadata(), (c, headers) -> new ServerCall.Listener<>() {});
    if (call.status == null) {
      listener.onComplete();
    }
    return call.status == null;
  }

  private static int letInOf(int calls, CallLimits limits, int lastByte) throws Exception {
    int letIn = 0;
    for (int i = 0; i < calls; i++) {
      letIn += letIn(limits, lastByte) ? 1 : 0;
    }
    return letIn;
  }

  @Test
  void theBucketStartsFullAndFillsWithTimeButNotBeyondItsSize() throws Exception {
    CallLimits limits = new CallLimits(2, 5, 100, nanos::get);
    assertEquals(5, letInOf(9, limits, 1));
    nanos.addAndGet(499_999_999);
    assertEquals(0, letInOf(1, limits, 1));
    nanos.addAndGet(1);
    assertEquals(1, letInOf(9, limits, 1));
    nanos.addAndGet(1_500_000_000);
    assertEquals(3, letInOf(9, limits, 1));
    // The clock of the JVM may overflow, and a year may pass.
    nanos.addAndGet(365L * 86_400 * 1_000_000_000);
    assertEquals(5, letInOf(9, limits, 1));
  }

  @Test
  void everyAddressHasItsOwnBucket() throws Exception {
    CallLimits limits = new CallLimits(1, 1, 100, nanos::get);
    assertEquals(1, letInOf(2, limits, 1));
    assertEquals(1, letInOf(2, limits, 2));
  }

  @Test
  void limitsBelowOneAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> CallLimits.perClient(0, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> CallLimits.perClient(1, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> CallLimits.perClient(1, 1, 0));
  }

  private static final class Probe extends ServerCall<String, String> {
    private final InetAddress address;
    private Status status;

    Probe(int lastByte) throws Exception {
      this.address = InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) lastByte});
    }

    @Override
    public Attributes getAttributes() {
      return Attributes.newBuilder()
          .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, new InetSocketAddress(address, 1))
          .build();
    }

    @Override
    public void close(Status status, Metadata trailers) {
      this.status = status;
    }

    @Override
    public void request(int messages) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(String message) {}

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public MethodDescriptor<String, String> getMethodDescriptor() {
      return TextService.WHO;
    }
  }
}
