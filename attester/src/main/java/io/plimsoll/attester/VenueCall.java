package io.plimsoll.attester;

import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;

/**
 * A call of a venue. Whatever goes wrong in it is the venue's failure, not the disk's: it is asked
 * again later, and nothing else is held up.
 *
 * @param <R> what the venue answers
 */
@FunctionalInterface
interface VenueCall<R> {
  /** The venue cannot be asked now; unlike an exception of the disk. */
  final class AwayException extends IOException {
    private static final long serialVersionUID = 1L;

    AwayException(Exception cause) {
      super(cause.getMessage(), cause);
    }
  }

  /** What the port does; any exception is taken to be the venue's. */
  R get() throws IOException, InvalidFormatException;

  /** Calls, and tells a failure from one of the disk. */
  static <R> R ask(VenueCall<R> call) throws AwayException {
    try {
      return call.get();
    } catch (IOException | InvalidFormatException e) {
      throw new AwayException(e);
    }
  }
}
