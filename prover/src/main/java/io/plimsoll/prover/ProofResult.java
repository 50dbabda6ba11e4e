package io.plimsoll.prover;

import io.plimsoll.proto.v1.SolvencyProof;
import io.plimsoll.verifier.Digest;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What became of a request for a proof. Only the proof inside {@link Proved} is for the venue;
 * {@link NotSolvent} and {@link Refused} stay on the owner's side, and to the venue both must look
 * like silence.
 */
public sealed interface ProofResult {
  /**
   * A proof that a verifier has accepted.
   *
   * @param proof with the statement that it is about
   * @param provingTime from the start of work to the verified proof, without queueing
   */
  record Proved(SolvencyProof proof, Duration provingTime) implements ProofResult {
    /** Checks that nothing is null. */
    public Proved {
      Objects.requireNonNull(proof);
      Objects.requireNonNull(provingTime);
    }

    /** The 128 bytes, which are all that a venue takes. */
    public byte[] proofBytes() {
      return proof.getProof().toByteArray();
    }

    /** Account, version, round and threshold. */
    @Override
    public String toString() {
      return "Proved["
          + proof.getAccount()
          + " version "
          + proof.getAccountVersion()
          + ", round "
          + proof.getRoundSequence()
          + " "
          + Digest.fromBytes(proof.getRoundDigest().toByteArray())
          + ", threshold "
          + proof.getThreshold().getNumerator()
          + "/"
          + proof.getThreshold().getDenominator()
          + "]";
    }
  }

  /**
   * The account does not meet the threshold on the round. For the owner alone.
   *
   * @param shortfalls what each assertion that does not hold lacks, in the model's integers, above
   *     zero; at least one
   */
  record NotSolvent(Map<String, BigInteger> shortfalls) implements ProofResult {
    /** Copies the map and keeps its order. */
    public NotSolvent {
      shortfalls = Collections.unmodifiableMap(new LinkedHashMap<>(shortfalls));
    }

    /** Names no amount. */
    @Override
    public String toString() {
      return "NotSolvent[shortfalls of " + shortfalls.size() + " assertions redacted]";
    }
  }

  /**
   * No proof was tried or none may leave.
   *
   * @param refusal why
   * @param detail for people: the value and what it should have been; no secrets
   */
  record Refused(Refusal refusal, String detail) implements ProofResult {
    /** Checks that nothing is null. */
    public Refused {
      Objects.requireNonNull(refusal);
      Objects.requireNonNull(detail);
    }
  }
}
