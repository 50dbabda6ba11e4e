package io.plimsoll.prover;

import com.google.protobuf.ByteString;
import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.nativeprover.ProofOutcome;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.ProvingInput;
import io.plimsoll.nativeprover.SolvencyProver;
import io.plimsoll.proto.v1.SolvencyProof;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.Rejected;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.Verdict;
import io.plimsoll.verifier.VerifiedSolvency;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;

/**
 * Makes proofs: the exact assessment, the native prover, and the verifier, which must accept before
 * the proof leaves. If it does not, or the native prover fails on an account that is solvent, the
 * key is blocked. A batch of one has all processors; in a longer one each proof has one.
 *
 * <p>It has no lock, and none is held while it works: the queue's thread calls it, with one batch
 * at a time.
 */
final class ProofMaker implements ProofQueue.Worker<ProofTask> {
  private final MarginModel model;
  private final SolvencyProver prover;
  private final SolvencyVerifier verifier;
  private final AccountBook accounts;
  private final Interlock interlock;
  private final ProofOutlet outlet;
  private final ProverMetrics metrics;
  private final ExecutorService helpers;

  /**
   * @param helpers assess and verify the proofs of a batch, each a thread; neither they nor the
   *     prover are closed by this object
   */
  ProofMaker(
      MarginModel model,
      SolvencyProver prover,
      SolvencyVerifier verifier,
      AccountBook accounts,
      Interlock interlock,
      ProofOutlet outlet,
      ProverMetrics metrics,
      ExecutorService helpers) {
    this.model = model;
    this.prover = prover;
    this.verifier = verifier;
    this.accounts = accounts;
    this.interlock = interlock;
    this.outlet = outlet;
    this.metrics = metrics;
    this.helpers = helpers;
  }

  /** Makes proofs: one on all processors, or several on one each. */
  @Override
  public void work(List<ProofTask> tasks) {
    metrics.batch(tasks.size());
    List<Making> batch = tasks.stream().map(Making::new).toList();
    try {
      if (batch.size() == 1) {
        Making making = batch.get(0);
        making.begin();
        if (making.input.isPresent()) {
          making.proven(one(making.input.get()));
        }
        return;
      }
      together(batch, Making::begin);
      List<Making> begun = batch.stream().filter(making -> making.input.isPresent()).toList();
      List<ProofAttempt> attempts =
          many(begun.stream().map(making -> making.input.orElseThrow()).toList());
      for (int i = 0; i < begun.size(); i++) {
        begun.get(i).attempt = attempts.get(i);
      }
      together(begun, making -> making.proven(making.attempt));
    } finally {
      batch.forEach(Making::end);
    }
  }

  private void together(List<Making> batch, Consumer<Making> step) {
    List<CompletableFuture<Void>> steps =
        batch.stream()
            .map(making -> CompletableFuture.runAsync(() -> step.accept(making), helpers))
            .toList();
    steps.forEach(CompletableFuture::join);
  }

  /** The native prover's answer: a proof that nobody has verified, or why there is none. */
  private sealed interface ProofAttempt {
    /** Unverified. */
    final class Bytes implements ProofAttempt {
      private final byte[] proof;

      Bytes(byte[] proof) {
        this.proof = proof;
      }
    }

    record Failure(String kind) implements ProofAttempt {}
  }

  private ProofAttempt one(ProvingInput input) {
    try {
      return new ProofAttempt.Bytes(prover.prove(input));
    } catch (ProvingException e) {
      return new ProofAttempt.Failure(": " + e.kind());
    } catch (RuntimeException e) {
      StructuredLog.of("native_prover_failed").error(e);
      return new ProofAttempt.Failure("");
    }
  }

  private List<ProofAttempt> many(List<ProvingInput> inputs) {
    try {
      return prover.proveAll(inputs).stream()
          .map(
              outcome ->
                  outcome instanceof ProofOutcome.Made made
                      ? (ProofAttempt) new ProofAttempt.Bytes(made.proof())
                      : new ProofAttempt.Failure(
                          ": " + ((ProofOutcome.Failed) outcome).cause().kind()))
          .toList();
    } catch (RuntimeException e) {
      StructuredLog.of("native_prover_failed").error(e);
      return Collections.nCopies(inputs.size(), new ProofAttempt.Failure(""));
    }
  }

  /**
   * A task at work, and the secrets for it. Its steps are taken one after the other, perhaps on
   * different threads.
   */
  private final class Making {
    private final ProofTask task;
    private Optional<OpenedAccount> inUse = Optional.empty();
    private Optional<ProvingInput> input = Optional.empty();
    private ProofAttempt attempt;
    private long start;

    Making(ProofTask task) {
      this.task = task;
    }

    /** Assesses the account; there is no input if the request has ended with that. */
    void begin() {
      task.enter(ProofTask.Phase.RUNNING);
      if (task.future().isDone()) {
        outlet.givenUp(task);
        return;
      }
      start = System.nanoTime();
      try {
        if (task.isTooLate(start)) {
          throw new RefusedException(
              Refusal.DEADLINE, "the deadline passed before the proof was begun");
        }
        interlock.requireKey();
        OpenedAccount opened = opened();
        MarginAssessment assessment =
            opened.assess(model, task.round(), task.statement().threshold());
        if (assessment.solvent()) {
          input = Optional.of(input(opened, assessment));
        } else {
          outlet.none(task, new ProofResult.NotSolvent(shortfalls(assessment)));
        }
      } catch (RefusedException e) {
        outlet.refused(task, e);
      } catch (InvalidFormatException | RuntimeException | Error e) {
        outlet.failed(task, e);
      }
    }

    private OpenedAccount opened() throws RefusedException, InvalidFormatException {
      OpenedAccount opened =
          task.loaded().isPresent()
              ? task.loaded().get()
              : accounts.open(task.statement().account());
      if (!opened.retain()) {
        throw new RefusedException(
            Refusal.STALE_ACCOUNT, "the account was closed or replaced while the request waited");
      }
      inUse = Optional.of(opened);
      if (task.loaded().isEmpty()) {
        // Wiped at the end of its only use.
        opened.close();
      }
      return opened;
    }

    private ProvingInput input(OpenedAccount opened, MarginAssessment assessment) {
      return ProvingInput.builder()
          .context(task.statement().context())
          .threshold(
              task.statement().threshold().numerator(), task.statement().threshold().denominator())
          .coefficients(task.round().coefficients())
          .holdings(opened.holdings())
          .choices(assessment.choices())
          .blinding(opened.blinding())
          .build();
    }

    /** Verifies the proof and lets it out. */
    void proven(ProofAttempt unverified) {
      try {
        if (unverified instanceof ProofAttempt.Failure failure) {
          throw interlock.block("proving failed although the account is solvent" + failure.kind());
        }
        // Another proof of this batch may have blocked it.
        interlock.requireKey();
        byte[] proof = ((ProofAttempt.Bytes) unverified).proof;
        Verdict verdict = verifier.verify(task.statement(), proof);
        if (!(verdict instanceof VerifiedSolvency verified)) {
          throw interlock.block("its own proof was rejected: " + ((Rejected) verdict).reason());
        }
        outlet.made(
            task,
            new ProofResult.Proved(
                message(verified, proof), Duration.ofNanos(System.nanoTime() - start)));
      } catch (RefusedException e) {
        outlet.refused(task, e);
      } catch (RuntimeException | Error e) {
        outlet.failed(task, e);
      }
    }

    /** Wipes what the proof was made of. */
    void end() {
      input.ifPresent(ProvingInput::close);
      inUse.ifPresent(OpenedAccount::release);
      inUse = Optional.empty();
    }
  }

  /** By how much each assertion of the model is missed. */
  static Map<String, BigInteger> shortfalls(MarginAssessment assessment) {
    Map<String, BigInteger> shortfalls = new LinkedHashMap<>();
    assessment
        .assertions()
        .forEach(
            (name, value) -> {
              if (value.signum() < 0) {
                shortfalls.put(name, value.negate());
              }
            });
    return shortfalls;
  }

  private static SolvencyProof message(VerifiedSolvency verified, byte[] proof) {
    return SolvencyProof.newBuilder()
        .setCircuitId(ByteString.copyFrom(verified.circuitId().toByteArray()))
        .setVenue(verified.venue())
        .setAccount(verified.account())
        .setAccountVersion(verified.accountVersion())
        .setRosterVersion(verified.rosterVersion())
        .setRoundSequence(verified.roundSequence())
        .setRoundDigest(ByteString.copyFrom(verified.roundDigest().toByteArray()))
        .setThreshold(
            io.plimsoll.proto.v1.Threshold.newBuilder()
                .setNumerator(verified.threshold().numerator())
                .setDenominator(verified.threshold().denominator()))
        .setPurposeValue(verified.purpose().code())
        .setProof(ByteString.copyFrom(proof))
        .build();
  }
}
