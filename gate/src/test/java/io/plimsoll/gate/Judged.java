package io.plimsoll.gate;

import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.TestKey;
import io.plimsoll.verifier.Verdict;
import java.util.List;
import java.util.function.Supplier;

/** Judged proofs for tests of what hands them in. */
public final class Judged {
  private Judged() {}

  /** As a gate makes them. */
  public static JudgedProof as(Verdict verdict, Supplier<Submission> decision) {
    return new JudgedProof(verdict, decision);
  }

  /** The verdict on some valid proof. */
  public static Verdict valid() {
    try {
      TestKey attester = TestKey.of(1);
      AccountState account =
          Fixtures.accepted(
              Fixtures.account(List.of(attester.publicKey()))
                  .with(attester.attest(Fixtures.body())));
      RiskRound round = Fixtures.round(1, 0);
      SolvencyVerifier verifier = Fixtures.verifier();
      return verifier.verify(
          account,
          verifier.prepare(round),
          Fixtures.THRESHOLD,
          Fixtures.PURPOSE,
          0,
          Fixtures.proof(account, round));
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }
}
