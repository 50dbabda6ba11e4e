package io.plimsoll.attestation;

import com.google.protobuf.ByteString;
import io.plimsoll.proto.v1.PublishedRound;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.RoundSignature;
import io.plimsoll.verifier.SignedRound;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One of the n risk publishers: signs rounds. For each venue and circuit it refuses to sign a
 * sequence number below the last one, and a second round with the same number: two signed rounds
 * with one number are evidence against a publisher. It remembers the last one while it lives, or,
 * made by {@link #inDirectory}, for good. Thread-safe.
 */
public final class RoundPublisher implements AutoCloseable {
  private static final int MAX_RECORD_BYTES = 16 * 1024;

  private final SigningIdentity identity;
  private final Ed25519PublicKey publicKey;
  private final Map<Digest, Last> last = new HashMap<>();

  /** Null if it remembers in memory alone. */
  private final LockedDirectory directory;

  private record Last(long sequence, Digest digest) {}

  /** A publisher that has signed nothing yet and forgets with its end what it signed. */
  public RoundPublisher(SigningIdentity identity) {
    this(identity, null);
  }

  private RoundPublisher(SigningIdentity identity, LockedDirectory directory) {
    this.identity = identity;
    this.directory = directory;
    try {
      this.publicKey = Ed25519PublicKey.fromBytes(identity.publicKey());
    } catch (InvalidFormatException e) {
      throw new AssertionError("a generated public key is valid", e);
    }
  }

  /**
   * A publisher that remembers in a directory, created if missing and locked until {@link #close}.
   * What it is about to sign is on the disk before the signature exists.
   *
   * @throws IOException if the directory cannot be used or is in use
   */
  public static RoundPublisher inDirectory(SigningIdentity identity, Path directory)
      throws IOException {
    return new RoundPublisher(
        identity, LockedDirectory.open("published rounds", directory, MAX_RECORD_BYTES));
  }

  /** The key that its signatures are checked with. */
  public Ed25519PublicKey publicKey() {
    return publicKey;
  }

  /**
   * Signs a round, or signs it again.
   *
   * @throws InvalidFormatException if its sequence number is below the last signed one of its venue
   *     and circuit, or the same with other content, or the stored record is damaged
   * @throws UncheckedIOException if the record cannot be read or written; nothing was signed then
   */
  public synchronized RoundSignature sign(RiskRound round) throws InvalidFormatException {
    Digest stream =
        new CanonicalWriter("plimsoll/published-rounds/v1")
            .bytes(publicKey.toByteArray())
            .text(round.venue())
            .digest(round.circuitId())
            .digest();
    try {
      Last before = directory == null ? last.get(stream) : read(stream);
      requireNext(before, round);
      Last next = new Last(round.sequence(), round.digest());
      if (directory == null) {
        last.put(stream, next);
      } else {
        write(stream, next);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return RoundSignature.of(publicKey, identity.sign(round.bytesToSign()));
  }

  private static void requireNext(Last before, RiskRound round) throws InvalidFormatException {
    if (before == null) {
      return;
    }
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

  private Last read(Digest stream) throws IOException, InvalidFormatException {
    PublishedRound.Builder record = PublishedRound.newBuilder();
    if (!directory.read(stream, record)) {
      return null;
    }
    if (record.getSequence() < 0 || record.getRoundDigest().size() != Digest.BYTES) {
      throw new InvalidFormatException(
          directory.describe(stream) + ": sequence or round_digest is damaged");
    }
    return new Last(record.getSequence(), Digest.fromBytes(record.getRoundDigest().toByteArray()));
  }

  private void write(Digest stream, Last next) throws IOException {
    directory.write(
        stream,
        PublishedRound.newBuilder()
            .setSequence(next.sequence())
            .setRoundDigest(ByteString.copyFrom(next.digest().toByteArray()))
            .build());
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

  /** Lets go of the directory, if there is one; the identity is its owner's to destroy. */
  @Override
  public void close() throws IOException {
    if (directory != null) {
      directory.close();
    }
  }

  /** Names the public key alone. */
  @Override
  public String toString() {
    return "RoundPublisher[" + publicKey + "]";
  }
}
