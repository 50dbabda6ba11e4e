package io.plimsoll.attestation;

import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.RoundSignature;
import io.plimsoll.verifier.SignedRound;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One of the n risk publishers: signs rounds. It refuses to sign a sequence number below the last
 * one, and a second round with the same number, for as long as it lives: two signed rounds with one
 * number are evidence against a publisher. Thread-safe.
 */
public final class RoundPublisher {
  private final SigningIdentity identity;
  private final Ed25519PublicKey publicKey;
  private final Map<Stream, Last> last = new HashMap<>();

  /** Rounds are numbered per venue and circuit. */
  private record Stream(String venue, Digest circuitId) {}

  private record Last(long sequence, Digest digest) {}

  /** A publisher that has signed nothing yet. */
  public RoundPublisher(SigningIdentity identity) {
    this.identity = identity;
    try {
      this.publicKey = Ed25519PublicKey.fromBytes(identity.publicKey());
    } catch (InvalidFormatException e) {
      throw new AssertionError("a generated public key is valid", e);
    }
  }

  /** The key that its signatures are checked with. */
  public Ed25519PublicKey publicKey() {
    return publicKey;
  }

  /**
   * Signs a round, or signs it again.
   *
   * @throws InvalidFormatException if its sequence number is below the last signed one of its venue
   *     and circuit, or the same with other content
   */
  public synchronized RoundSignature sign(RiskRound round) throws InvalidFormatException {
    Stream stream = new Stream(round.venue(), round.circuitId());
    Last before = last.get(stream);
    if (before != null) {
      if (round.sequence() < before.sequence()) {
        throw new InvalidFormatException(
            "risk round: sequence is "
                + round.sequence()
                + ", below the last signed, "
                + before.sequence());
      }
      if (round.sequence() == before.sequence() && !round.digest().equals(before.digest())) {
        throw new InvalidFormatException(
            "risk round: sequence "
                + round.sequence()
                + " was signed before with digest "
                + before.digest()
                + ", not "
                + round.digest());
      }
    }
    RoundSignature signature = RoundSignature.of(publicKey, identity.sign(round.bytesToSign()));
    last.put(stream, new Last(round.sequence(), round.digest()));
    return signature;
  }

  /**
   * Puts signatures to a round once there are enough.
   *
   * @throws InvalidFormatException if fewer valid signatures than the policy requires; it says how
   *     many and why others do not count
   */
  public static SignedRound assemble(
      RiskRound round, List<RoundSignature> signatures, PublisherPolicy policy)
      throws InvalidFormatException {
    if (signatures.size() > SignedRound.MAX_SIGNATURES) {
      throw new InvalidFormatException(
          "risk round: "
              + signatures.size()
              + " signatures, more than "
              + SignedRound.MAX_SIGNATURES);
    }
    SignedRound signed = new SignedRound(round, signatures);
    PublisherPolicy.SignatureReport report = policy.check(signed);
    if (!report.accepted()) {
      throw new InvalidFormatException("risk round: " + report);
    }
    return signed;
  }
}
