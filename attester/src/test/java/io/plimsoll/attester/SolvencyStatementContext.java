package io.plimsoll.attester;

import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.Threshold;
import java.util.Arrays;

/** The context of a statement, as the verifier's own test fixtures make it. */
final class SolvencyStatementContext {
  private SolvencyStatementContext() {}

  static byte[] of(AccountState account, RiskRound round, Threshold threshold, Purpose purpose) {
    // What stands for a proof there begins with the context.
    return Arrays.copyOf(Fixtures.proof(account, round, threshold, purpose), 16);
  }
}
