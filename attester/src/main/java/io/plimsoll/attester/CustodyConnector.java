package io.plimsoll.attester;

import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;

/** Reads a custodian's books. Implementations are thread-safe. */
public interface CustodyConnector {
  /** Most rows that a connector reads. */
  int MAX_ROWS = 1_000_000;

  /**
   * The books as they are: of one moment, never half of one state and half of the next.
   *
   * @throws IOException if they cannot be read now
   * @throws InvalidFormatException naming the row and column that is not as it must be, not the
   *     quantity
   */
  CustodySnapshot snapshot() throws IOException, InvalidFormatException;
}
