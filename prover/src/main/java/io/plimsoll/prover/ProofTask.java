package io.plimsoll.prover;

import io.plimsoll.prover.RoundBook.Kept;
import io.plimsoll.prover.RoundBook.Place;
import io.plimsoll.verifier.SolvencyStatement;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One request on its way: through the queue, to {@link ProofMaker}, and to one of the ends that
 * {@link ProofOutlet} has. It holds no secret but its reference to an account that is open.
 *
 * <p>Thread-safe, and without a lock: its parts do not change, its phase only goes on.
 */
final class ProofTask implements ProofQueue.Work {
  /** How far it has come. */
  enum Phase {
    WAITING,
    RUNNING,
    /** The proof was made and verified; it waits for the disk or its slot, or has left. */
    MADE
  }

  private final SolvencyStatement statement;
  private final Kept round;
  private final Optional<OpenedAccount> loaded;
  private final Place place;
  private final CompletableFuture<ProofResult> future;
  private final long deadline;
  private final long submitted = System.nanoTime();
  private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.WAITING);

  /**
   * @param loaded absent: the account was sent along, and is opened for this request alone
   * @param place taken for it; whoever ends the request without a proof gives it back
   */
  ProofTask(
      SolvencyStatement statement,
      Kept round,
      Optional<OpenedAccount> loaded,
      Place place,
      CompletableFuture<ProofResult> future,
      long deadline) {
    this.statement = statement;
    this.round = round;
    this.loaded = loaded;
    this.place = place;
    this.future = future;
    this.deadline = deadline;
  }

  @Override
  public long roundSequence() {
    return round.sequence();
  }

  @Override
  public long deadlineNanos() {
    return deadline;
  }

  /** Whether it is of no use any more at this {@link System#nanoTime}. */
  boolean isTooLate(long nanos) {
    return deadline != ProofQueue.NO_DEADLINE && nanos - deadline >= 0;
  }

  SolvencyStatement statement() {
    return statement;
  }

  Kept round() {
    return round;
  }

  Optional<OpenedAccount> loaded() {
    return loaded;
  }

  Place place() {
    return place;
  }

  CompletableFuture<ProofResult> future() {
    return future;
  }

  /** {@link System#nanoTime} when it came. */
  long submittedNanos() {
    return submitted;
  }

  void enter(Phase next) {
    phase.set(next);
  }

  ProofLine line() {
    return new ProofLine(statement.account().account(), statement.threshold(), statement.purpose());
  }

  /**
   * What the feed holds of its requests.
   *
   * @param task absent if the request was refused
   */
  record Ticket(CompletableFuture<ProofResult> future, Optional<ProofTask> task)
      implements ProofFeed.Ticket {
    @Override
    public boolean isRunning() {
      return task.isPresent() && task.get().phase.get() == Phase.RUNNING;
    }

    @Override
    public boolean supersede(boolean runningToo) {
      if (task.isEmpty()) {
        return false;
      }
      return switch (task.get().phase.get()) {
        case WAITING -> future.cancel(false);
        case RUNNING -> runningToo && future.cancel(false);
        // A proof that is made has cost its time: it may leave.
        case MADE -> false;
      };
    }
  }
}
