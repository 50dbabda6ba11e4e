package io.plimsoll.attester;

import io.plimsoll.circuits.PortfolioReader;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What a custodian does about a venue's liquidation order. Implementations are thread-safe, and
 * execute once for an id: after a crash they are asked again, and say what became of it.
 */
public interface LiquidationExecutor {
  /**
   * What may be liquidated. An owner's secret.
   *
   * @param id the same in every attempt, never used for another order
   * @param pledge whose it is
   * @param custodyAccount where it is kept
   * @param most of each asset; at most this much may be sold, or of a short position bought back
   * @param notAfterMillis when it must be done
   */
  record Request(
      String id,
      PledgeId pledge,
      String custodyAccount,
      List<PortfolioReader.Line> most,
      long notAfterMillis) {
    /** The id alone. */
    @Override
    public String toString() {
      return "Request[" + id + "]";
    }
  }

  /**
   * Executes, or says what became of it.
   *
   * @return the change of what is kept, proceeds included; empty if it is not done yet
   * @throws IOException if that is not known
   */
  Optional<List<PortfolioReader.Line>> execute(Request request) throws IOException;
}
