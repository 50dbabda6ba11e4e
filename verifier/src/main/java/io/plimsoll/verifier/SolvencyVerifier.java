package io.plimsoll.verifier;

import io.plimsoll.verifier.bn254.Accelerator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Checks solvency proofs of one circuit. A bad proof is a {@link Rejected}, never an exception; a
 * null argument, or a statement about another circuit, is an exception, never a verdict. Immutable
 * and thread-safe.
 */
public final class SolvencyVerifier {
  private final Digest circuitId;
  private final StatementLayout layout;
  private final RoundPreparation preparation;
  private final ProofCheck check;

  private SolvencyVerifier(
      Digest circuitId, StatementLayout layout, RoundPreparation preparation, ProofCheck check) {
    this.circuitId = circuitId;
    this.layout = layout;
    this.preparation = preparation;
    this.check = check;
  }

  /**
   * A verifier for the circuit of a key.
   *
   * @throws InvalidFormatException if the policy does not allow the key
   */
  public static SolvencyVerifier create(VerifyingKey key, VerifierPolicy policy)
      throws InvalidFormatException {
    return create(key, policy, Acceleration.AUTOMATIC);
  }

  /**
   * The same, and says what may do the pairings.
   *
   * @throws InvalidFormatException if the policy does not allow the key
   */
  public static SolvencyVerifier create(
      VerifyingKey key, VerifierPolicy policy, Acceleration acceleration)
      throws InvalidFormatException {
    policy.requireAllowed(key.circuitId(), key.setup(), key.isDevelopment());
    Accelerator accelerator = acceleration.accelerator();
    return new SolvencyVerifier(
        key.circuitId(),
        key.layout(),
        key::roundPoint,
        (round, commitments, context, n, d, proof) ->
            key.check(round, commitments, context, n, d, proof, accelerator));
  }

  /** For tests of what is built on a verifier, where the pairing is not what is tested. */
  static SolvencyVerifier withCheck(
      Digest circuitId, StatementLayout layout, RoundPreparation preparation, ProofCheck check) {
    return new SolvencyVerifier(circuitId, layout, preparation, check);
  }

  /** The circuit. */
  public Digest circuitId() {
    return circuitId;
  }

  /** Counts and intervals of the circuit's statement. */
  public StatementLayout layout() {
    return layout;
  }

  /**
   * Checks a round's coefficients against their intervals and adds up its points. Takes
   * milliseconds: do it once per round.
   *
   * @throws InvalidFormatException if the round is for another circuit, or a coefficient is outside
   *     its interval (names index, value and interval), or their number is wrong
   */
  public PreparedRound prepare(RiskRound round) throws InvalidFormatException {
    if (!round.circuitId().equals(circuitId)) {
      throw new InvalidFormatException(
          "risk round: circuit id is " + round.circuitId() + ", not " + circuitId);
    }
    long[] coefficients = round.coefficients();
    layout.requireCoefficients(coefficients);
    return new PreparedRound(round, preparation.roundPoint(coefficients), layout.maxAttesters());
  }

  /**
   * Forms the statement from the venue's state and checks a proof against it.
   *
   * @param atMillis the time at which the attestations must not have expired
   * @param proof from outside; anything at all
   * @throws IllegalArgumentException if account and round are both of another circuit
   */
  public Verdict verify(
      AccountState account,
      PreparedRound round,
      Threshold threshold,
      Purpose purpose,
      long atMillis,
      byte[] proof) {
    Objects.requireNonNull(proof);
    Statement statement = SolvencyStatement.form(account, round, threshold, purpose, atMillis);
    if (statement instanceof SolvencyStatement formed) {
      return verify(formed, proof);
    }
    return (Rejected) statement;
  }

  /**
   * Checks a proof against a statement.
   *
   * @param proof from outside; anything at all
   * @throws IllegalArgumentException if the statement is about another circuit
   */
  public Verdict verify(SolvencyStatement statement, byte[] proof) {
    Objects.requireNonNull(proof);
    Digest circuit = statement.account().circuitId();
    if (!circuit.equals(circuitId)) {
      throw new IllegalArgumentException(
          "statement is about circuit " + circuit + ", the verifier is for " + circuitId);
    }
    Optional<RejectionReason> rejection =
        check.check(
            statement.round().point(),
            statement.commitments(),
            statement.context(),
            statement.threshold().numerator(),
            statement.threshold().denominator(),
            proof);
    if (rejection.isPresent()) {
      return new Rejected(rejection.get(), "proof of " + proof.length + " bytes");
    }
    return new VerifiedSolvency(statement);
  }

  /** {@link VerifyingKey#roundPoint}. */
  @FunctionalInterface
  interface RoundPreparation {
    RoundPoint roundPoint(long[] coefficients) throws InvalidFormatException;
  }

  /** {@link VerifyingKey#check}. */
  @FunctionalInterface
  interface ProofCheck {
    Optional<RejectionReason> check(
        RoundPoint round,
        List<Commitment> commitments,
        byte[] context,
        long n,
        long d,
        byte[] proof);
  }
}
