package io.plimsoll.rpc;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** What a caller and the log learn of a fault of ours: that it is one, and where. */
public final class RpcFaults {
  private static final Logger LOG = System.getLogger("io.plimsoll.rpc");
  private static final int MAX_CAUSES = 8;

  private RpcFaults() {}

  /**
   * A bug of ours. The caller learns that it is one; the log says where. Messages of exceptions
   * stay out of both, because any of them might quote a holding.
   *
   * @param where the method that was called
   */
  public static StatusRuntimeException internal(String where, Throwable bug) {
    LOG.log(Level.ERROR, () -> "internal error in " + where + trace(bug));
    return Status.INTERNAL
        .withDescription("internal error; the service's log says where")
        .asRuntimeException();
  }

  /** Classes and stack frames of a throwable and its causes, without their messages. */
  public static String trace(Throwable thrown) {
    StringBuilder text = new StringBuilder();
    int depth = 0;
    for (Throwable t = thrown; t != null && depth < MAX_CAUSES; t = t.getCause(), depth++) {
      text.append(depth == 0 ? ": " : "\ncaused by ").append(t.getClass().getName());
      for (StackTraceElement frame : t.getStackTrace()) {
        text.append("\n  at ").append(frame);
      }
    }
    return text.toString();
  }
}
