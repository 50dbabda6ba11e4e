package io.plimsoll.attester;

import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;

/**
 * A call of a venue; see {@link Accounts#ask}. Whatever goes wrong in it is the venue's failure,
 * not the disk's: it is asked again later, and nothing else is held up.
 *
 * @param <R> what the venue answers
 */
@FunctionalInterface
interface VenueCall<R> {
  /** A call came to nothing; unlike an exception of the disk. */
  sealed class FailedException extends IOException {
    private static final long serialVersionUID = 1L;

    FailedException(Exception cause) {
      super(cause.getMessage() == null ? cause.toString() : cause.getMessage(), cause);
    }
  }

  /** The venue cannot be asked now, about no account. */
  final class AwayException extends FailedException {
    private static final long serialVersionUID = 1L;

    AwayException(Exception cause) {
      super(cause);
    }
  }

  /** The venue is there, but this account cannot be gone on with now. */
  final class AccountException extends FailedException {
    private static final long serialVersionUID = 1L;

    AccountException(Exception cause) {
      super(cause);
    }
  }

  /** What the port does; any exception is taken to be the venue's. */
  R get(VenuePort port) throws IOException, InvalidFormatException;
}
