package io.plimsoll.attester;

import io.plimsoll.circuits.PortfolioReader;
import java.io.IOException;
import java.util.List;

/**
 * What a custodian does about a withdrawal once the venue has released it. Implementations are
 * thread-safe, and pay once for an id: after a crash they are asked again, and say what became of
 * it.
 */
public interface CustodyPayments {
  /** What became of a payment. */
  enum Outcome {
    /** Done: books taken from now on show it. */
    PAID,
    /** Not yet: ask again. */
    PENDING,
    /** It was not done and never will be. */
    REFUSED
  }

  /**
   * What is to be paid. An owner's secret.
   *
   * @param id the same in every attempt, never used for another payment
   * @param pledge for whom it was kept
   * @param custodyAccount where it is kept
   * @param changes of what is kept: negative for what leaves
   * @param destination as the owner said
   */
  record Payment(
      String id,
      PledgeId pledge,
      String custodyAccount,
      List<PortfolioReader.Line> changes,
      String destination) {
    /** The id alone. */
    @Override
    public String toString() {
      return "Payment[" + id + "]";
    }
  }

  /**
   * Pays, or says what became of it.
   *
   * @throws IOException if that is not known: it counts as on its way
   */
  Outcome pay(Payment payment) throws IOException;
}
