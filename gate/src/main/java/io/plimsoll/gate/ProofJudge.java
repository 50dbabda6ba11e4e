package io.plimsoll.gate;

import io.plimsoll.verifier.PreparedRound;
import io.plimsoll.verifier.Rejected;
import io.plimsoll.verifier.RejectionReason;
import io.plimsoll.verifier.SolvencyStatement;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.Statement;
import io.plimsoll.verifier.Verdict;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.LongFunction;

/**
 * Judges a proof on what the store said when it came: the rest of the statement is rebuilt from
 * that. It touches no store, so an auditor comes to the same verdict from the journal. Immutable
 * and thread-safe.
 */
final class ProofJudge {
  private final SolvencyVerifier verifier;
  private final GatePolicy policy;
  private final GateTransitions transitions;

  ProofJudge(SolvencyVerifier verifier, GatePolicy policy, GateTransitions transitions) {
    this.verifier = verifier;
    this.policy = policy;
    this.transitions = transitions;
  }

  /** What the store said when a proof came. */
  record Received(
      Optional<AccountRecord> record,
      VenueRecord venue,
      Optional<PublishedRound> round,
      long atMillis) {}

  /** A proof with what the store said when it came. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Case(Received received, byte[] proof) {}

  /**
   * The verdict.
   *
   * @param rounds prepared rounds by number, of the digest that the log names
   */
  Verdict judge(Received received, LongFunction<Optional<PreparedRound>> rounds, byte[] proof) {
    Statement statement = statement(received, rounds);
    return statement instanceof SolvencyStatement formed
        ? verifier.verify(formed, proof)
        : (Rejected) statement;
  }

  /**
   * The verdicts that {@link #judge} would give, in order; proofs for which there is a statement
   * are verified together.
   */
  List<Verdict> judgeAll(
      List<Case> cases, BiFunction<Long, Received, Optional<PreparedRound>> rounds) {
    List<Statement> statements = new ArrayList<>();
    List<SolvencyVerifier.Submission> toVerify = new ArrayList<>();
    for (Case each : cases) {
      Received received = each.received();
      Statement statement = statement(received, sequence -> rounds.apply(sequence, received));
      statements.add(statement);
      if (statement instanceof SolvencyStatement formed) {
        toVerify.add(new SolvencyVerifier.Submission(formed, each.proof()));
      }
    }
    Iterator<Verdict> verified = verify(toVerify).iterator();
    List<Verdict> verdicts = new ArrayList<>();
    for (Statement statement : statements) {
      verdicts.add(statement instanceof Rejected rejected ? rejected : verified.next());
    }
    return verdicts;
  }

  private List<Verdict> verify(List<SolvencyVerifier.Submission> proofs) {
    return switch (proofs.size()) {
      case 0 -> List.of();
      case 1 -> List.of(verifier.verify(proofs.get(0).statement(), proofs.get(0).proof()));
      default -> verifier.verifyAll(proofs);
    };
  }

  /** The statement that a proof has to prove, or why no proof would count. */
  private Statement statement(Received received, LongFunction<Optional<PreparedRound>> rounds) {
    if (received.record().isEmpty()) {
      return new Rejected(RejectionReason.UNKNOWN_ACCOUNT, "no such account");
    }
    long now = received.atMillis();
    AccountRecord record = transitions.asOf(received.record().get(), now);
    Optional<Rejected> refusal =
        transitions.refusal(record, received.venue(), received.round(), now);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    long sequence = received.round().orElseThrow().sequence();
    Optional<PreparedRound> round = rounds.apply(sequence);
    if (round.isEmpty()) {
      return new Rejected(
          RejectionReason.UNKNOWN_ROUND, "the coefficients of round " + sequence + " are not kept");
    }
    Statement statement =
        SolvencyStatement.form(
            record.state(),
            round.get(),
            policy.threshold(),
            policy.purpose(),
            transitions.goodAt(now));
    if (!(statement instanceof SolvencyStatement formed)) {
      return (Rejected) statement;
    }
    Optional<Rejected> suspended = transitions.suspended(record, received.venue(), now);
    return suspended.isPresent() ? suspended.get() : formed;
  }
}
