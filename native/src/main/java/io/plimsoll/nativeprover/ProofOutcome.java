package io.plimsoll.nativeprover;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What became of one input of {@link SolvencyProver#proveAll}. */
public sealed interface ProofOutcome {
  /** A proof, which has not been verified. */
  final class Made implements ProofOutcome {
    private final byte[] proof;

    private Made(byte[] proof) {
      this.proof = proof;
    }

    /** {@link SolvencyProver#PROOF_BYTES} bytes. A fresh copy. */
    public byte[] proof() {
      return proof.clone();
    }
  }

  /**
   * No proof.
   *
   * @param cause what {@link SolvencyProver#prove} throws for this input
   */
  record Failed(ProvingException cause) implements ProofOutcome {
    public Failed {
      requireNonNull(cause, "cause");
    }
  }

  /** Proves on as many threads as there are processors. */
  static List<ProofOutcome> ofAll(SolvencyProver prover, List<ProvingInput> inputs) {
    if (inputs.isEmpty()) {
      return List.of();
    }
    int threads = Math.min(inputs.size(), Runtime.getRuntime().availableProcessors());
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<Future<ProofOutcome>> pending = new ArrayList<>();
      for (ProvingInput input : inputs) {
        pending.add(executor.submit(() -> of(prover, input)));
      }
      List<ProofOutcome> outcomes = new ArrayList<>();
      for (Future<ProofOutcome> outcome : pending) {
        outcomes.add(outcome.get());
      }
      return outcomes;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while proving", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IllegalStateException closed) {
        throw closed;
      }
      throw new IllegalStateException("the prover failed", e.getCause());
    } finally {
      executor.shutdownNow();
    }
  }

  private static ProofOutcome of(SolvencyProver prover, ProvingInput input) {
    try {
      return new Made(prover.prove(input));
    } catch (ProvingException e) {
      return new Failed(e);
    }
  }
}
