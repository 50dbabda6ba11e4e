package io.plimsoll.prover;

import io.plimsoll.nativeprover.ProofOutcome;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.ProvingInput;
import io.plimsoll.nativeprover.SolvencyProver;
import io.plimsoll.verifier.Digest;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/** The real prover, which begins each proof only when a test lets it, and may spoil it. */
final class GatedProver implements SolvencyProver {
  private final SolvencyProver real;
  private final Queue<Integer> batches = new ConcurrentLinkedQueue<>();

  /** One permit for each proof that has begun. */
  final Semaphore begun = new Semaphore(0);

  /** One permit for each proof that may be made. */
  final Semaphore allowed = new Semaphore(0);

  final AtomicBoolean spoil = new AtomicBoolean();
  final AtomicBoolean fail = new AtomicBoolean();
  final AtomicBoolean closed = new AtomicBoolean();

  GatedProver(SolvencyProver real) {
    this.real = real;
  }

  @Override
  public Digest circuitId() {
    return real.circuitId();
  }

  @Override
  public byte[] prove(ProvingInput input) throws ProvingException {
    begun.release();
    allowed.acquireUninterruptibly();
    if (fail.get()) {
      throw new IllegalStateException("holdings: position[0] = 100000");
    }
    byte[] proof = real.prove(input);
    if (spoil.get()) {
      proof[100] ^= 1;
    }
    return proof;
  }

  @Override
  public List<ProofOutcome> proveAll(List<ProvingInput> inputs) {
    batches.add(inputs.size());
    return ProofOutcome.ofAll(this, inputs);
  }

  /** Sizes of the batches, in order. */
  List<Integer> batches() {
    return List.copyOf(batches);
  }

  @Override
  public void close() {
    closed.set(true);
    real.close();
  }
}
