package io.plimsoll.prover;

import io.plimsoll.rpc.RpcFaults;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Supplier;

/**
 * One event of the log, as {@code event=name key=value ...}. Values with a space, a quote or an
 * equals sign are quoted. Nothing that depends on a holding is ever a value, and of exceptions the
 * classes and stack frames alone are logged, as any message might quote one. Not thread-safe.
 */
final class StructuredLog {
  private static final Logger LOG = System.getLogger("io.plimsoll.prover");

  private final StringBuilder line;

  private StructuredLog(String event) {
    this.line = new StringBuilder("event=").append(event);
  }

  /** Begins an event. */
  static StructuredLog of(String event) {
    return new StructuredLog(event);
  }

  StructuredLog with(String key, Object value) {
    line.append(' ').append(key).append('=').append(quoted(String.valueOf(value)));
    return this;
  }

  private static String quoted(String value) {
    if (!value.isEmpty()
        && value.chars().allMatch(c -> c > ' ' && c < 127 && c != '"' && c != '=')) {
      return value;
    }
    StringBuilder quoted = new StringBuilder("\"");
    value
        .chars()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                quoted.append('\\').append((char) c);
              } else {
                quoted.append(isShown(c) ? (char) c : '?');
              }
            });
    return quoted.append('"').toString();
  }

  /** Not what ends a line somewhere, or turns the order of what follows around. */
  private static boolean isShown(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  void debug() {
    log(Level.DEBUG, this::toString);
  }

  void info() {
    log(Level.INFO, this::toString);
  }

  void warn() {
    log(Level.WARNING, this::toString);
  }

  void error() {
    log(Level.ERROR, this::toString);
  }

  void error(Throwable failure) {
    log(Level.ERROR, () -> this + RpcFaults.trace(failure));
  }

  private static void log(Level level, Supplier<String> text) {
    LOG.log(level, text);
  }

  @Override
  public String toString() {
    return line.toString();
  }
}
