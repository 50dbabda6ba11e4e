package io.plimsoll.gate;

import java.util.Objects;

/**
 * A reason not to judge, over time.
 *
 * @param cause why
 * @param fromMillis since when
 * @param toMillis until when, exclusive; {@link Long#MAX_VALUE} while it lasts
 */
public record Suspension(SuspensionCause cause, long fromMillis, long toMillis) {
  /** The end is not before the start. */
  public Suspension {
    Objects.requireNonNull(cause);
    if (toMillis < fromMillis) {
      throw new IllegalArgumentException("suspension from " + fromMillis + " to " + toMillis);
    }
  }

  static Suspension since(SuspensionCause cause, long fromMillis) {
    return new Suspension(cause, fromMillis, Long.MAX_VALUE);
  }

  boolean lasts() {
    return toMillis == Long.MAX_VALUE;
  }

  Suspension endedAt(long millis) {
    return new Suspension(cause, fromMillis, millis);
  }
}
