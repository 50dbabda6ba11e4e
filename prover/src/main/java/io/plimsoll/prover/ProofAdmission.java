package io.plimsoll.prover;

import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.prover.RoundBook.Kept;
import io.plimsoll.prover.RoundBook.Place;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.Rejected;
import io.plimsoll.verifier.RejectionReason;
import io.plimsoll.verifier.SolvencyStatement;
import io.plimsoll.verifier.Statement;
import io.plimsoll.verifier.Threshold;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What may be asked: makes a request into a task, which has the one place for its proof, and puts
 * it into the queue, or refuses it. The agreement has to list its threshold, the account must not
 * be older than the one that is open, account and round have to go together, and nobody else may
 * have the place.
 *
 * <p>Thread-safe, without a lock of its own: the books' locks and the queue's are taken one after
 * the other, never two at a time. An account that was closed or replaced meanwhile is found when
 * the proof is begun, as {@link OpenedAccount#retain} fails then.
 */
final class ProofAdmission {
  private static final Duration LONGEST_TIMEOUT = Duration.ofDays(1000);

  private final ProverPolicy policy;
  private final AccountBook accounts;
  private final RoundBook rounds;
  private final InstantSource clock;
  private final Interlock interlock;
  private final ProofQueue<ProofTask> queue;
  private final ProofOutlet outlet;
  private final ProverMetrics metrics;

  ProofAdmission(
      ProverPolicy policy,
      AccountBook accounts,
      RoundBook rounds,
      InstantSource clock,
      Interlock interlock,
      ProofQueue<ProofTask> queue,
      ProofOutlet outlet,
      ProverMetrics metrics) {
    this.policy = policy;
    this.accounts = accounts;
    this.rounds = rounds;
    this.clock = clock;
    this.interlock = interlock;
    this.queue = queue;
    this.outlet = outlet;
    this.metrics = metrics;
  }

  /**
   * Puts a request into the queue.
   *
   * @param future what the task completes, and by which it is cancelled
   * @param standing whether the feed asks, which keeps its requests within bounds itself
   * @return nothing if the request was refused; the future says why
   */
  Optional<ProofTask> enter(
      ProofRequest request, CompletableFuture<ProofResult> future, boolean standing) {
    try {
      interlock.requireOpen();
      interlock.requireKey();
      ProofTask task = task(request, future);
      try {
        if (standing) {
          queue.submitStanding(task);
        } else {
          queue.submit(task);
        }
      } catch (RefusedException e) {
        task.place().giveBack();
        throw e;
      }
      CompletableFuture<ProofResult> unused =
          future.whenComplete(
              (result, failure) -> {
                if (future.isCancelled() && queue.remove(task)) {
                  outlet.givenUp(task);
                }
              });
      return Optional.of(task);
    } catch (RefusedException e) {
      metrics.none();
      future.complete(new ProofResult.Refused(e.refusal(), e.getMessage()));
      return Optional.empty();
    }
  }

  /** A task for a request; whoever does not put it into the queue gives its place back. */
  private ProofTask task(ProofRequest request, CompletableFuture<ProofResult> future)
      throws RefusedException {
    // Beyond this, adding to the clock's nanoseconds could wrap around.
    boolean timed =
        request.timeout().filter(time -> time.compareTo(LONGEST_TIMEOUT) < 0).isPresent();
    long deadline =
        timed ? System.nanoTime() + request.timeout().get().toNanos() : ProofQueue.NO_DEADLINE;
    Optional<OpenedAccount> opened =
        request.state().isPresent()
            ? Optional.empty()
            : Optional.of(accounts.get(request.account()));
    AccountState state = opened.map(OpenedAccount::state).orElseGet(request.state()::orElseThrow);
    if (!policy.allows(state.account(), request.threshold(), request.purpose())) {
      throw new RefusedException(
          Refusal.UNLISTED_THRESHOLD,
          "the agreement of account '"
              + AccountBook.shortened(state.account())
              + "' does not list threshold "
              + request.threshold()
              + " "
              + request.purpose());
    }
    if (opened.isEmpty()) {
      accounts.requireNotOlder(state);
    }
    Kept round = rounds.get(request.roundSequence());
    SolvencyStatement statement = statement(state, round, request.threshold(), request.purpose());
    Place place =
        round.take(state.account(), state.version(), request.threshold(), request.purpose());
    return new ProofTask(
        statement,
        round,
        opened,
        place,
        future,
        timed && deadline == ProofQueue.NO_DEADLINE ? deadline + 1 : deadline);
  }

  /** Evaluates the margin rule for the owner: the agreement does not matter, nothing leaves. */
  MarginAssessment assess(
      MarginModel model, String account, long roundSequence, Threshold threshold)
      throws RefusedException {
    Kept round = rounds.get(roundSequence);
    OpenedAccount opened = accounts.get(account);
    SolvencyStatement unused = statement(opened.state(), round, threshold, Purpose.INITIAL);
    if (!opened.retain()) {
      throw AccountBook.unknown(account);
    }
    try {
      return opened.assess(model, round, threshold);
    } finally {
      opened.release();
    }
  }

  /** What a proof would say of this account on this round, if they go together. */
  private SolvencyStatement statement(
      AccountState state, Kept round, Threshold threshold, Purpose purpose)
      throws RefusedException {
    Statement statement =
        SolvencyStatement.form(state, round.prepared(), threshold, purpose, clock.millis());
    if (statement instanceof SolvencyStatement formed) {
      return formed;
    }
    Rejected rejected = (Rejected) statement;
    throw new RefusedException(refusal(rejected.reason()), rejected.detail());
  }

  private static Refusal refusal(RejectionReason reason) {
    return switch (reason) {
      case WRONG_CIRCUIT -> Refusal.WRONG_CIRCUIT;
      case WRONG_VENUE -> Refusal.WRONG_VENUE;
      case WRONG_LISTING -> Refusal.WRONG_LISTING;
      default -> Refusal.ATTESTATIONS;
    };
  }
}
