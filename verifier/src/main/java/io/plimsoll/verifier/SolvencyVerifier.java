package io.plimsoll.verifier;

import io.plimsoll.verifier.bn254.Accelerator;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Checks solvency proofs of one circuit. A bad proof is a {@link Rejected}, never an exception; a
 * null argument, or a statement about another circuit, is an exception, never a verdict. Immutable
 * and thread-safe.
 */
public final class SolvencyVerifier {
  private final Digest circuitId;
  private final StatementLayout layout;
  private final RoundPreparation preparation;
  private final RoundDifference difference;
  private final ProofCheck check;
  private final BatchCheck batchCheck;
  private final ScopeRefusal scopes;
  private final ScopeBatch scopeBatch;

  private SolvencyVerifier(
      Digest circuitId,
      StatementLayout layout,
      RoundPreparation preparation,
      RoundDifference difference,
      ProofCheck check,
      BatchCheck batchCheck,
      ScopeRefusal scopes,
      ScopeBatch scopeBatch) {
    this.circuitId = circuitId;
    this.layout = layout;
    this.preparation = preparation;
    this.difference = difference;
    this.check = check;
    this.batchCheck = batchCheck;
    this.scopes = scopes;
    this.scopeBatch = scopeBatch;
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
    SecureRandom random = new SecureRandom();
    Accelerator accelerator = acceleration.accelerator();
    return new SolvencyVerifier(
        key.circuitId(),
        key.layout(),
        key::roundPoint,
        key::nextRoundPoint,
        (round, commitments, context, n, d, proof) ->
            key.check(round, commitments, context, n, d, proof, accelerator),
        claims -> key.checkAll(claims, random, accelerator),
        key::scopeRefusal,
        key::withUnprovenScope);
  }

  /** For tests of what is built on a verifier, where the pairing is not what is tested. */
  static SolvencyVerifier withCheck(
      Digest circuitId, StatementLayout layout, RoundPreparation preparation, ProofCheck check) {
    return withChecks(circuitId, layout, preparation, check, attestation -> Optional.empty());
  }

  /** As {@link #withCheck}, where scope proofs are tested. */
  static SolvencyVerifier withChecks(
      Digest circuitId,
      StatementLayout layout,
      RoundPreparation preparation,
      ProofCheck check,
      ScopeRefusal scopes) {
    return new SolvencyVerifier(
        circuitId,
        layout,
        preparation,
        (base, from, to) -> preparation.roundPoint(to),
        check,
        claims ->
            claims.stream()
                .map(
                    c ->
                        check.check(
                            c.round(), c.commitments(), c.context(), c.n(), c.d(), c.proof()))
                .toList(),
        scopes,
        attestations -> List.of());
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
    long[] coefficients = requireCoefficients(round);
    return new PreparedRound(round, preparation.roundPoint(coefficients), layout.maxAttesters());
  }

  /**
   * Prepares a round as {@link #prepare} does, in less time when it differs in few coefficients
   * from one that is prepared already: by the sum of the differences. The outcome is the same.
   *
   * <p>There is no way to name a wrong base: a prepared round carries the very coefficients that
   * its point was computed from, and only this class makes one.
   *
   * @param base of the same circuit; any, though it helps if it is the one before
   * @throws InvalidFormatException as {@link #prepare}
   * @throws IllegalArgumentException if the base is of another circuit
   */
  public PreparedRound prepareNext(PreparedRound base, RiskRound round)
      throws InvalidFormatException {
    if (!base.round().circuitId().equals(circuitId)) {
      throw new IllegalArgumentException(
          "base is about circuit "
              + base.round().circuitId()
              + ", the verifier is for "
              + circuitId);
    }
    long[] coefficients = requireCoefficients(round);
    RoundPoint point =
        difference.roundPoint(base.point(), base.round().coefficients(), coefficients);
    return new PreparedRound(round, point, layout.maxAttesters());
  }

  private long[] requireCoefficients(RiskRound round) throws InvalidFormatException {
    if (!round.circuitId().equals(circuitId)) {
      throw new InvalidFormatException(
          "risk round: circuit id is " + round.circuitId() + ", not " + circuitId);
    }
    long[] coefficients = round.coefficients();
    layout.requireCoefficients(coefficients);
    return coefficients;
  }

  /**
   * Checks that an attestation's commitment has nothing in it but holdings of its scope. Take an
   * attestation into an account's state only after this: {@link #verify} refuses a statement with
   * any other, and what was checked once is not checked again.
   *
   * @return why the attestation is refused, or empty
   */
  public Optional<String> scopeRefusal(Attestation attestation) {
    return scopes.refusal(attestation);
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
    requireSameCircuit(statement);
    Optional<Rejected> unproven = scopeRejection(statement);
    if (unproven.isPresent()) {
      return unproven.get();
    }
    Optional<RejectionReason> rejection =
        check.check(
            statement.round().point(),
            statement.commitments(),
            statement.context(),
            statement.threshold().numerator(),
            statement.threshold().denominator(),
            proof);
    return verdict(statement, proof, rejection);
  }

  /**
   * A proof with the statement that it has to prove.
   *
   * @param statement from the venue's own state
   * @param proof from outside; anything at all; not copied, and not to be changed while it is
   *     checked
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Submission(SolvencyStatement statement, byte[] proof) {
    /** Both are there. */
    public Submission {
      Objects.requireNonNull(statement);
      Objects.requireNonNull(proof);
    }
  }

  /**
   * Checks many proofs together, of whatever accounts, rounds and thresholds. Valid ones take about
   * half the time that they would one after the other, from a few dozen on. A valid proof is always
   * accepted; one that is not is accepted with a probability of 2^-128 at most, over random numbers
   * that are drawn when all submissions are known; only its own check rejects a proof.
   *
   * @param submissions all about this verifier's circuit
   * @return a verdict for each, in order: those that {@link #verify} would give
   * @throws IllegalArgumentException if a statement is about another circuit; no proof is checked
   *     then
   */
  public List<Verdict> verifyAll(List<Submission> submissions) {
    List<Submission> fixed = List.copyOf(submissions);
    fixed.forEach(submission -> requireSameCircuit(submission.statement()));
    // One sum for the scope proofs that nobody has checked yet; what it does not clear is checked
    // singly below.
    scopeBatch.withUnprovenScope(
        fixed.stream()
            .flatMap(submission -> submission.statement().account().current().stream())
            .distinct()
            .toList());
    List<Optional<Rejected>> unproven = new ArrayList<>();
    List<VerifyingKey.Claim> claims = new ArrayList<>();
    for (Submission submission : fixed) {
      SolvencyStatement statement = submission.statement();
      unproven.add(scopeRejection(statement));
      if (unproven.get(unproven.size() - 1).isPresent()) {
        continue;
      }
      claims.add(
          new VerifyingKey.Claim(
              statement.round().point(),
              statement.commitments(),
              statement.context(),
              statement.threshold().numerator(),
              statement.threshold().denominator(),
              submission.proof().clone()));
    }
    List<Optional<RejectionReason>> rejections = batchCheck.check(claims);
    List<Verdict> verdicts = new ArrayList<>();
    int checked = 0;
    for (int i = 0; i < fixed.size(); i++) {
      if (unproven.get(i).isPresent()) {
        verdicts.add(unproven.get(i).get());
      } else {
        byte[] proof = claims.get(checked).proof();
        verdicts.add(verdict(fixed.get(i).statement(), proof, rejections.get(checked)));
        checked++;
      }
    }
    return List.copyOf(verdicts);
  }

  /**
   * The same in parts at a time, one of which the caller does itself.
   *
   * @param executor runs the other parts; must not run them on a thread that waits for this call
   * @param parts 1 or more; parts of less than a few dozen proofs gain little
   */
  public List<Verdict> verifyAll(List<Submission> submissions, Executor executor, int parts) {
    if (parts < 1) {
      throw new IllegalArgumentException(parts + " parts");
    }
    List<Submission> fixed = List.copyOf(submissions);
    fixed.forEach(submission -> requireSameCircuit(submission.statement()));
    // No part is empty, whatever somebody asks for.
    int used = Math.min(parts, Math.max(1, fixed.size()));
    List<CompletableFuture<List<Verdict>>> running = new ArrayList<>();
    for (int part = 1; part < used; part++) {
      List<Submission> theirs = part(fixed, part, used);
      running.add(CompletableFuture.supplyAsync(() -> verifyAll(theirs), executor));
    }
    List<Verdict> verdicts = new ArrayList<>(verifyAll(part(fixed, 0, used)));
    running.forEach(part -> verdicts.addAll(part.join()));
    return List.copyOf(verdicts);
  }

  private static List<Submission> part(List<Submission> all, int part, int parts) {
    int from = (int) ((long) all.size() * part / parts);
    int to = (int) ((long) all.size() * (part + 1) / parts);
    return all.subList(from, to);
  }

  private void requireSameCircuit(SolvencyStatement statement) {
    Digest circuit = statement.account().circuitId();
    if (!circuit.equals(circuitId)) {
      throw new IllegalArgumentException(
          "statement is about circuit " + circuit + ", the verifier is for " + circuitId);
    }
  }

  /** One rule for single proofs and batches: no statement with an attestation of unproven scope. */
  private Optional<Rejected> scopeRejection(SolvencyStatement statement) {
    for (Attestation attestation : statement.account().current()) {
      Optional<String> refusal = scopes.refusal(attestation);
      if (refusal.isPresent()) {
        return Optional.of(
            new Rejected(RejectionReason.SCOPE_NOT_PROVEN, attestation + ": " + refusal.get()));
      }
    }
    return Optional.empty();
  }

  private static Verdict verdict(
      SolvencyStatement statement, byte[] proof, Optional<RejectionReason> rejection) {
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

  /** {@link VerifyingKey#scopeRefusal}. */
  @FunctionalInterface
  interface ScopeRefusal {
    Optional<String> refusal(Attestation attestation);
  }

  /** {@link VerifyingKey#withUnprovenScope}. */
  @FunctionalInterface
  interface ScopeBatch {
    List<Attestation> withUnprovenScope(List<Attestation> attestations);
  }

  /** {@link VerifyingKey#nextRoundPoint}. */
  @FunctionalInterface
  interface RoundDifference {
    RoundPoint roundPoint(RoundPoint base, long[] from, long[] to) throws InvalidFormatException;
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

  /** {@link VerifyingKey#checkAll}. */
  @FunctionalInterface
  interface BatchCheck {
    List<Optional<RejectionReason>> check(List<VerifyingKey.Claim> claims);
  }
}
