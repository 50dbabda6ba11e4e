package io.plimsoll.gate;

import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.RejectionReason;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.Threshold;
import java.util.List;
import java.util.Optional;

/**
 * Something that a gate decided, with all that came from outside and went into it: enough for an
 * auditor who has the verifying key to come to the same decision again. Canonical bytes are in
 * {@code docs/formats.md}. Implementations are immutable and thread-safe.
 */
public sealed interface Decision {
  /** When it was decided, milliseconds since the epoch on the store's clock. */
  long atMillis();

  /** The account that it is about; empty if it concerns all. */
  default String account() {
    return "";
  }

  /** What came of it, for people and for comparison: a word or two. */
  default String outcome() {
    return "done";
  }

  /**
   * The policy that all decisions from here on follow.
   *
   * @param circuitId the circuit
   * @param policy thresholds and times
   * @param requiredPublishers k
   * @param publishers the n keys, ascending
   * @param venueKey what the venue signs with
   */
  record PolicySet(
      long atMillis,
      String venue,
      Digest circuitId,
      GatePolicy policy,
      int requiredPublishers,
      List<Ed25519PublicKey> publishers,
      Ed25519PublicKey venueKey)
      implements Decision {
    /** Copies the list. */
    public PolicySet {
      publishers = List.copyOf(publishers);
    }

    /** Digest of everything but the time. */
    public Digest digest() {
      return Digest.of(
          new PolicySet(0, venue, circuitId, policy, requiredPublishers, publishers, venueKey)
              .toByteArray());
    }
  }

  /**
   * An account was opened.
   *
   * @param attesters its first roster
   */
  record AccountOpened(long atMillis, String account, List<Ed25519PublicKey> attesters)
      implements Decision {
    /** Copies the list. */
    public AccountOpened {
      attesters = List.copyOf(attesters);
    }
  }

  /**
   * An attestation for an account of the venue was taken, refused, or kept as evidence.
   *
   * @param forced whether its attester said that it could not wait
   */
  record Attested(long atMillis, Attestation attestation, boolean forced, String outcome)
      implements Decision {
    @Override
    public String account() {
      return attestation.body().account();
    }
  }

  /** A change of an account's roster was made or refused. */
  record RosterDecided(long atMillis, String account, RosterChange change, String outcome)
      implements Decision {}

  /** A round with enough signatures was published, refused, or kept as evidence. */
  record RoundDecided(long atMillis, SignedRound round, String outcome) implements Decision {
    static final String PUBLISHED = "published";
    static final String PUBLISHED_DEVIATING = "published, breaker opened";

    /** Whether it was published. */
    public boolean published() {
      return outcome.equals(PUBLISHED) || outcome.equals(PUBLISHED_DEVIATING);
    }
  }

  /**
   * A proof was accepted or rejected.
   *
   * @param receivedAtMillis when it came, before verification
   * @param gateVersion version of the account's record when it came
   * @param venueVersion version of the venue's record when it came
   * @param accountVersion the account's version when it came
   * @param attestationSetDigest the attestations that were added up
   * @param roundSequence the round that the submitter named
   * @param threshold what had to be met
   * @param purpose what for
   * @param proofDigest SHA-256 of the bytes as submitted
   * @param proof the bytes as submitted
   * @param rejection why it does not count; empty if it was accepted
   * @param solventUntilMillis until when it counts, exclusive; 0 if it was rejected
   */
  record ProofJudged(
      long atMillis,
      long receivedAtMillis,
      String account,
      long gateVersion,
      long venueVersion,
      long accountVersion,
      Digest attestationSetDigest,
      long roundSequence,
      Threshold threshold,
      Purpose purpose,
      Digest proofDigest,
      ProofBytes proof,
      Optional<RejectionReason> rejection,
      long solventUntilMillis)
      implements Decision {
    @Override
    public String outcome() {
      return rejection.map(reason -> "rejected: " + reason).orElse("accepted");
    }
  }

  /**
   * A liquidation was claimed, or could not be.
   *
   * @param gateVersion names the order if there is one; 0 if not
   */
  record ClaimDecided(
      long atMillis, String account, String claimant, long gateVersion, String outcome)
      implements Decision {}

  /**
   * What is left after an attester's part of a liquidation was taken, refused, or kept as evidence.
   */
  record ExecutionDecided(long atMillis, Execution execution, String outcome) implements Decision {
    @Override
    public String account() {
      return execution.attestation().body().account();
    }
  }

  /**
   * A liquidation ended, other than by a proof.
   *
   * @param gateVersion names the order
   * @param how why it ended
   */
  record LiquidationEnded(long atMillis, String account, long gateVersion, Ending how)
      implements Decision {
    @Override
    public String outcome() {
      return how.name();
    }
  }

  /** How a liquidation ends other than by a proof. */
  enum Ending {
    /** Somebody at the venue says that it was not carried out. */
    CANCELLED,
    /** Somebody at the venue says that it was carried out. */
    COMPLETED,
    /** Its time has passed. */
    LAPSED
  }

  /** An attester was released from its older attestations. */
  record Released(long atMillis, Release release) implements Decision {
    @Override
    public String account() {
      return release.account();
    }
  }

  /**
   * An account was suspended or resumed by somebody at the venue.
   *
   * @param cause why; empty if resumed
   */
  record SuspensionChanged(long atMillis, String account, Optional<SuspensionCause> cause)
      implements Decision {}

  /**
   * The circuit breaker was moved by somebody at the venue.
   *
   * @param open what it is now
   */
  record BreakerMoved(long atMillis, boolean open) implements Decision {}

  /** An attester's key was revoked. */
  record AttesterRevoked(long atMillis, Ed25519PublicKey attester) implements Decision {}

  /** The canonical bytes. */
  default byte[] toByteArray() {
    return DecisionCodec.encode(this);
  }

  /**
   * Reads the canonical bytes.
   *
   * @throws InvalidFormatException if they are anything but what {@link #toByteArray} writes
   */
  static Decision decode(byte[] bytes) throws InvalidFormatException {
    return DecisionCodec.decode(bytes);
  }
}
