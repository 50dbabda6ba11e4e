package io.plimsoll.prover;

import com.google.protobuf.ByteString;
import io.plimsoll.proto.v1.SolvencyProof;
import io.plimsoll.proto.v1.StoredProof;
import io.plimsoll.proto.v1.StoredProofs;
import io.plimsoll.proto.v1.StoredRound;
import io.plimsoll.proto.v1.StoredRounds;
import io.plimsoll.prover.PlausibilityPolicy.Tensor;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PreparedRound;
import io.plimsoll.verifier.PublisherPolicy.SignatureReport;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.RoundSignature;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.Threshold;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The last rounds that the policy let in, and which proofs have been made on each. A round that has
 * gone never comes back, because the sequence grows; so neither does a second proof on it.
 *
 * <p>Thread-safe.
 */
final class RoundBook {
  /** {@link io.plimsoll.verifier.SolvencyVerifier#prepare}. */
  @FunctionalInterface
  interface Preparation {
    PreparedRound prepare(RiskRound round) throws InvalidFormatException;
  }

  private record Key(String account, long version, Threshold threshold, Purpose purpose) {
    boolean isOf(ProofLine line) {
      return account.equals(line.account())
          && threshold.equals(line.threshold())
          && purpose == line.purpose();
    }
  }

  private static Key key(SolvencyProof proof) throws InvalidFormatException {
    return new Key(
        proof.getAccount(),
        proof.getAccountVersion(),
        Threshold.of(proof.getThreshold().getNumerator(), proof.getThreshold().getDenominator()),
        Purpose.ofCode(proof.getPurposeValue()));
  }

  /** A round that was let in. */
  static final class Kept {
    private final SignedRound signed;
    private final PreparedRound prepared;
    private final long[] coefficients;
    private final Map<Key, Place> places = new ConcurrentHashMap<>();

    private Kept(SignedRound signed, PreparedRound prepared) {
      this.signed = signed;
      this.prepared = prepared;
      this.coefficients = prepared.round().coefficients();
    }

    PreparedRound prepared() {
      return prepared;
    }

    long sequence() {
      return prepared.round().sequence();
    }

    long asOfMillis() {
      return prepared.round().asOfMillis();
    }

    /** Not a copy; nobody writes to it. */
    long[] coefficients() {
      return coefficients;
    }

    /** Takes the only place for a proof of this statement, if it is free. */
    Place take(String account, long version, Threshold threshold, Purpose purpose)
        throws RefusedException {
      Key key = new Key(account, version, threshold, purpose);
      Place place = new Place(places, key);
      if (places.putIfAbsent(key, place) != null) {
        throw new RefusedException(
            Refusal.ALREADY_PROVEN,
            "account '"
                + account
                + "' version "
                + version
                + ": a proof on round "
                + prepared.round().sequence()
                + " for threshold "
                + threshold
                + " "
                + purpose
                + " has left or is being made");
      }
      return place;
    }

    /** The proof that has left for this line, of the account's highest version. */
    Optional<SolvencyProof> proof(ProofLine line) {
      return places.values().stream()
          .filter(place -> place.hasLeft && place.key.isOf(line))
          .max(Comparator.comparingLong(place -> place.key.version()))
          .map(place -> place.proof);
    }
  }

  /** The one place for a proof of a statement. */
  static final class Place {
    private final Map<Key, Place> places;
    private final Key key;

    /** What may leave, once it is on the disk. */
    private volatile SolvencyProof proof;

    private volatile boolean hasLeft;

    private Place(Map<Key, Place> places, Key key) {
      this.places = places;
      this.key = key;
    }

    /** Fills the place with the proof that is about to leave, so that the store keeps it. */
    void fill(SolvencyProof made) {
      proof = made;
    }

    /** From now on the proof is out. */
    void left() {
      hasLeft = true;
    }

    /** Frees the place, because no proof has left. Once; later calls do nothing. */
    void giveBack() {
      places.remove(key, this);
    }
  }

  private final ProverPolicy policy;
  private final List<Tensor> tensors;
  private final Preparation preparation;
  private final InstantSource clock;
  private final TreeMap<Long, Kept> kept = new TreeMap<>();

  /** Of the last round that was let in, which need not be kept; guarded by this object's lock. */
  private long lastSequence = -1;

  private long lastMillis = Long.MIN_VALUE;

  RoundBook(
      ProverPolicy policy, List<Tensor> tensors, Preparation preparation, InstantSource clock) {
    policy.plausibility().requireTensorsOf(tensors);
    this.policy = policy;
    this.tensors = tensors;
    this.preparation = preparation;
    this.clock = clock;
  }

  /**
   * A round that is in.
   *
   * @param isNew whether it was not before
   */
  record Admission(Kept round, boolean isNew) {}

  /** Lets a round in, or finds that it is in already. */
  Admission admit(SignedRound signed) throws InvalidFormatException, RefusedException {
    RiskRound round = signed.round();
    if (!round.venue().equals(policy.venue())) {
      throw new RefusedException(
          Refusal.WRONG_VENUE,
          "round is of venue '" + round.venue() + "', not '" + policy.venue() + "'");
    }
    synchronized (this) {
      Optional<Kept> same = requireNext(round);
      if (same.isPresent()) {
        return new Admission(same.get(), false);
      }
    }
    requireRecent(round);
    SignatureReport report = policy.publishers().check(signed);
    if (!report.accepted()) {
      throw new RefusedException(Refusal.TOO_FEW_SIGNATURES, report.toString());
    }
    // Outside the lock: it takes milliseconds, and proofs look rounds up meanwhile.
    Kept next = new Kept(signed, preparation.prepare(round));
    synchronized (this) {
      Optional<Kept> same = requireNext(round);
      if (same.isPresent()) {
        return new Admission(same.get(), false);
      }
      if (!kept.isEmpty()) {
        Kept last = kept.lastEntry().getValue();
        Optional<String> objection =
            policy.plausibility().objection(tensors, last.coefficients, next.coefficients);
        if (objection.isPresent()) {
          throw new RefusedException(
              Refusal.IMPLAUSIBLE_ROUND,
              "round "
                  + round.sequence()
                  + " is not plausible after round "
                  + last.prepared.round().sequence()
                  + ": "
                  + objection.get());
        }
      }
      keep(next);
      return new Admission(next, true);
    }
  }

  private void keep(Kept next) {
    kept.put(next.sequence(), next);
    lastSequence = next.sequence();
    lastMillis = next.asOfMillis();
    if (kept.size() > policy.roundsKept()) {
      kept.pollFirstEntry();
    }
  }

  /**
   * Takes up what {@link #rounds} and {@link #proofs} said before a restart. A round without enough
   * signatures under today's policy is not proven on any more; its sequence counts all the same.
   *
   * @return how many rounds were taken up
   * @throws InvalidFormatException if it is of another venue or circuit, or not what was stored
   */
  synchronized int restore(StoredRounds rounds, StoredProofs proofs, Digest circuitId)
      throws InvalidFormatException {
    if (!rounds.getVenue().equals(policy.venue())) {
      throw new InvalidFormatException(
          "prover store: is of venue '" + rounds.getVenue() + "', not '" + policy.venue() + "'");
    }
    if (!Arrays.equals(rounds.getCircuitId().toByteArray(), circuitId.toByteArray())) {
      throw new InvalidFormatException("prover store: is of another circuit than " + circuitId);
    }
    for (StoredRound stored : rounds.getRoundsList()) {
      List<RoundSignature> signatures = new ArrayList<>();
      for (io.plimsoll.proto.v1.RoundSignature signature : stored.getSignaturesList()) {
        signatures.add(
            RoundSignature.of(
                Ed25519PublicKey.fromBytes(signature.getPublisherKey().toByteArray()),
                signature.getSignature().toByteArray()));
      }
      SignedRound signed =
          new SignedRound(RiskRound.decode(stored.getRound().toByteArray()), signatures);
      if (policy.publishers().check(signed).accepted()) {
        keep(new Kept(signed, preparation.prepare(signed.round())));
      }
    }
    lastSequence = rounds.getLastSequence();
    lastMillis = rounds.getLastAsOfMillis();
    for (StoredProof stored : proofs.getProofsList()) {
      Kept round = kept.get(stored.getProof().getRoundSequence());
      if (round != null) {
        Place place = new Place(round.places, key(stored.getProof()));
        place.fill(stored.getProof());
        place.left();
        round.places.put(place.key, place);
      }
    }
    return kept.size();
  }

  /** What has to survive a restart of the rounds. */
  synchronized StoredRounds rounds(Digest circuitId) {
    StoredRounds.Builder rounds =
        StoredRounds.newBuilder()
            .setVenue(policy.venue())
            .setCircuitId(ByteString.copyFrom(circuitId.toByteArray()))
            .setLastSequence(lastSequence)
            .setLastAsOfMillis(lastMillis);
    for (Kept round : kept.values()) {
      StoredRound.Builder stored =
          StoredRound.newBuilder()
              .setRound(ByteString.copyFrom(round.signed.round().toByteArray()));
      for (RoundSignature signature : round.signed.signatures()) {
        stored.addSignatures(
            io.plimsoll.proto.v1.RoundSignature.newBuilder()
                .setPublisherKey(ByteString.copyFrom(signature.publisher().toByteArray()))
                .setSignature(ByteString.copyFrom(signature.toByteArray())));
      }
      rounds.addRounds(stored);
    }
    return rounds.build();
  }

  /** What has to survive a restart of the proofs: all that have left or are about to. */
  synchronized StoredProofs proofs() {
    StoredProofs.Builder proofs = StoredProofs.newBuilder();
    for (Kept round : kept.values()) {
      for (Place place : round.places.values()) {
        SolvencyProof proof = place.proof;
        if (proof != null) {
          proofs.addProofs(StoredProof.newBuilder().setProof(proof));
        }
      }
    }
    return proofs.build();
  }

  /** The newest round that is kept. */
  synchronized Optional<Kept> newest() {
    return kept.isEmpty() ? Optional.empty() : Optional.of(kept.lastEntry().getValue());
  }

  /** The newest proof on this line that has left, on a round after {@code sequence}. */
  synchronized Optional<SolvencyProof> proofAfter(ProofLine line, long sequence) {
    return kept.descendingMap().headMap(sequence, false).values().stream()
        .flatMap(round -> round.proof(line).stream())
        .findFirst();
  }

  /**
   * Refuses history: every round of the past is signed and plausible after the one before, and a
   * proof on each would tell what the account is worth in as many markets.
   */
  private void requireRecent(RiskRound round) throws RefusedException {
    if (policy.maximumRoundAge().isEmpty()) {
      return;
    }
    Instant oldest = clock.instant().minus(policy.maximumRoundAge().get());
    if (round.asOfMillis() < oldest.toEpochMilli()) {
      throw new RefusedException(
          Refusal.IMPLAUSIBLE_ROUND,
          "round "
              + round.sequence()
              + " is of "
              + round.asOfMillis()
              + ", the oldest that the policy allows is of "
              + oldest.toEpochMilli());
    }
  }

  /** The round if it is in already; refuses one that may not come next. */
  private Optional<Kept> requireNext(RiskRound round) throws RefusedException {
    Kept same = kept.get(round.sequence());
    if (same != null) {
      if (same.prepared.round().digest().equals(round.digest())) {
        return Optional.of(same);
      }
      throw new RefusedException(
          Refusal.SEQUENCE,
          "round "
              + round.sequence()
              + " is "
              + same.prepared.round().digest()
              + " already, not "
              + round.digest());
    }
    if (round.sequence() <= lastSequence) {
      throw new RefusedException(
          Refusal.SEQUENCE,
          "round sequence is " + round.sequence() + ", not above the last one, " + lastSequence);
    }
    if (round.asOfMillis() < lastMillis) {
      throw new RefusedException(
          Refusal.SEQUENCE,
          "round "
              + round.sequence()
              + " is of "
              + round.asOfMillis()
              + ", before the last one's time, "
              + lastMillis);
    }
    return Optional.empty();
  }

  /** The round with this sequence. */
  synchronized Kept get(long sequence) throws RefusedException {
    Kept found = kept.get(sequence);
    if (found == null) {
      throw new RefusedException(
          Refusal.UNKNOWN_ROUND,
          kept.isEmpty()
              ? "no round " + sequence + ": no round is loaded"
              : "no round "
                  + sequence
                  + ": loaded are "
                  + kept.size()
                  + " rounds from "
                  + kept.firstKey()
                  + " to "
                  + kept.lastKey());
    }
    return found;
  }

  synchronized int size() {
    return kept.size();
  }
}
