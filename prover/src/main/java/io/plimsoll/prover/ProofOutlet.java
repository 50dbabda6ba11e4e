package io.plimsoll.prover;

import io.plimsoll.proto.v1.StoredProofs;
import io.plimsoll.proto.v1.StoredRounds;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The ends that a request may come to. A proof leaves when it is on the disk, and then in its slot;
 * anything else ends the request at once and frees the place for the round's one proof.
 *
 * <p>Thread-safe. It has no lock of its own, and is called while none is held but the feed's, which
 * comes before all others: a request that the feed supersedes ends under it.
 */
final class ProofOutlet implements AutoCloseable {
  private final RoundBook rounds;
  private final Digest circuitId;
  private final Optional<StateWriter> writer;
  private final ReleaseSlots slots;
  private final ProofFeed feed;
  private final ProverMetrics metrics;
  private final AtomicLong proofs = new AtomicLong();

  /** The rounds of the last write; only the writer's thread knows it. */
  private long roundsWritten = -1;

  ProofOutlet(
      RoundBook rounds,
      Digest circuitId,
      Optional<ProverStore> store,
      ReleaseSlots slots,
      ProofFeed feed,
      ProverMetrics metrics) {
    this.rounds = rounds;
    this.circuitId = circuitId;
    this.writer = store.map(durably -> new StateWriter(() -> write(durably)));
    this.slots = slots;
    this.feed = feed;
    this.metrics = metrics;
  }

  /** Rounds before proofs: after a crash in between, a proof's round is known. */
  private void write(ProverStore durably) throws IOException {
    StoredProofs proofsNow = rounds.proofs();
    StoredRounds roundsNow = rounds.rounds(circuitId);
    if (roundsNow.getLastSequence() != roundsWritten) {
      durably.save(roundsNow);
      roundsWritten = roundsNow.getLastSequence();
    }
    durably.save(proofsNow);
  }

  /** Settled when the round book as it is now is on the disk; at once if there is no store. */
  CompletableFuture<Void> saved() {
    return writer.map(StateWriter::save).orElseGet(() -> CompletableFuture.completedFuture(null));
  }

  /** How many proofs have left. */
  long proofs() {
    return proofs.get();
  }

  /** A proof was made and verified. */
  void made(ProofTask task, ProofResult.Proved proved) {
    if (task.future().isDone()) {
      givenUp(task);
      return;
    }
    task.enter(ProofTask.Phase.MADE);
    task.place().fill(proved.proof());
    CompletableFuture<Void> unused =
        saved()
            .whenComplete(
                (done, failure) -> {
                  if (failure == null) {
                    slots.release(task.round().asOfMillis(), () -> leave(task, proved));
                  } else {
                    refused(task, ProverStore.writeFailed(failure));
                  }
                });
  }

  private void leave(ProofTask task, ProofResult.Proved proved) {
    if (task.future().isDone()) {
      givenUp(task);
      // Off the disk again: it has not left.
      CompletableFuture<Void> unused = saved();
      return;
    }
    // First, because who has the proof may look at both.
    task.place().left();
    proofs.incrementAndGet();
    if (!task.future().complete(proved)) {
      // Given up at this very moment. A stream that begins now may have been given the proof
      // already, so it has left, and there is no other for this place.
      metrics.cancelled();
      feed.left(task.line(), proved.proof());
      return;
    }
    Duration time = Duration.ofNanos(System.nanoTime() - task.submittedNanos());
    metrics.left(proved.provingTime(), time);
    StructuredLog.of("proof_left")
        .with("account", task.statement().account().account())
        .with("version", task.statement().account().version())
        .with("round", task.roundSequence())
        .with("threshold", task.statement().threshold())
        .with("purpose", task.statement().purpose())
        .debug();
    feed.left(task.line(), proved.proof());
  }

  /** There is no proof, because the policy or the prover's state forbids it. */
  void refused(ProofTask task, RefusedException refusal) {
    none(task, new ProofResult.Refused(refusal.refusal(), refusal.getMessage()));
  }

  /** There is no proof, and this is why. */
  void none(ProofTask task, ProofResult result) {
    metrics.none();
    task.place().giveBack();
    task.future().complete(result);
  }

  /** There is no proof, because of a fault, or of an account that was sent along. */
  void failed(ProofTask task, Throwable failure) {
    metrics.fault();
    if (!(failure instanceof InvalidFormatException)) {
      StructuredLog.of("proof_failed").error(failure);
    }
    task.place().giveBack();
    task.future().completeExceptionally(failure);
  }

  /** Nobody wants it any more. */
  void givenUp(ProofTask task) {
    metrics.cancelled();
    task.place().giveBack();
    feed.placeFree(task.line(), task.roundSequence());
  }

  /** In this order: what was made goes to the disk, then leaves in its slot. */
  @Override
  public void close() {
    writer.ifPresent(StateWriter::close);
    slots.close();
  }
}
