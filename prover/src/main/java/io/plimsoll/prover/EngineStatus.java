package io.plimsoll.prover;

import io.plimsoll.verifier.Digest;

/**
 * A prover at one moment.
 *
 * @param circuitId its circuit
 * @param model name and shape of the margin model
 * @param setup how its keys came about
 * @param accounts how many are loaded
 * @param rounds how many are kept
 * @param queued how many proofs wait
 * @param queueCapacity how many may
 * @param proofs how many have left since the start
 * @param keyBlocked whether a proof failed its own verification, so that none is made any more
 */
public record EngineStatus(
    Digest circuitId,
    String model,
    String setup,
    int accounts,
    int rounds,
    int queued,
    int queueCapacity,
    long proofs,
    boolean keyBlocked) {}
