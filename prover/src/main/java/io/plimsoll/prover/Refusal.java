package io.plimsoll.prover;

/**
 * Why the prover does not answer. A refusal is told to the owner alone: outside the owner's side it
 * must look like insolvency, which is why nothing but a finished proof ever leaves that side.
 */
public enum Refusal {
  /** No account of this name is loaded. */
  UNKNOWN_ACCOUNT(ProverException.Kind.NOT_FOUND),
  /** No round with this sequence is kept. */
  UNKNOWN_ROUND(ProverException.Kind.NOT_FOUND),
  /** The account or the round belongs to another venue than the prover's. */
  WRONG_VENUE(ProverException.Kind.FAILED_PRECONDITION),
  /** An attestation or the round belongs to another circuit than the prover's. */
  WRONG_CIRCUIT(ProverException.Kind.FAILED_PRECONDITION),
  /** An attestation numbers its columns by another listing than the round. */
  WRONG_LISTING(ProverException.Kind.FAILED_PRECONDITION),
  /**
   * The attestations do not make a statement: one is missing, expired, closing, or one too many,
   * its signature does not hold, or its opening does not open its commitment.
   */
  ATTESTATIONS(ProverException.Kind.FAILED_PRECONDITION),
  /** A newer version of the account has been loaded, or another state with the same version. */
  STALE_ACCOUNT(ProverException.Kind.FAILED_PRECONDITION),
  /** Fewer valid signatures of known publishers than the policy asks for. */
  TOO_FEW_SIGNATURES(ProverException.Kind.FAILED_PRECONDITION),
  /**
   * The round's sequence or time is not after the last one's, or it names another round already.
   */
  SEQUENCE(ProverException.Kind.FAILED_PRECONDITION),
  /**
   * A coefficient differs from the last round's by more than the owner finds plausible, or the
   * round is too old.
   */
  IMPLAUSIBLE_ROUND(ProverException.Kind.FAILED_PRECONDITION),
  /** The account agreement does not list this threshold for this purpose. */
  UNLISTED_THRESHOLD(ProverException.Kind.FAILED_PRECONDITION),
  /** A proof for this account version, round, threshold and purpose has left or is being made. */
  ALREADY_PROVEN(ProverException.Kind.FAILED_PRECONDITION),
  /**
   * An earlier proof failed its own verification, so nothing is proven with this key any more: each
   * further failure could tell something of the holdings.
   */
  KEY_BLOCKED(ProverException.Kind.INTERNAL),
  /** As many proofs as the queue takes are waiting. */
  QUEUE_FULL(ProverException.Kind.RESOURCE_EXHAUSTED),
  /** The deadline passed while the request waited. */
  DEADLINE(ProverException.Kind.DEADLINE_EXCEEDED),
  /** No choice that the model leaves to the owner fulfils the model's constraints. */
  NO_FEASIBLE_CHOICE(ProverException.Kind.FAILED_PRECONDITION),
  /** The store cannot be written, so that nothing may leave. */
  STORE(ProverException.Kind.UNAVAILABLE),
  /** More accounts than the prover keeps. */
  TOO_MANY_ACCOUNTS(ProverException.Kind.RESOURCE_EXHAUSTED),
  /** A fault of the prover; its log says where. */
  FAULT(ProverException.Kind.INTERNAL),
  /** The prover shuts down. */
  CLOSED(ProverException.Kind.UNAVAILABLE);

  private final ProverException.Kind kind;

  Refusal(ProverException.Kind kind) {
    this.kind = kind;
  }

  /** The status that a caller over the network sees. */
  public ProverException.Kind kind() {
    return kind;
  }
}
