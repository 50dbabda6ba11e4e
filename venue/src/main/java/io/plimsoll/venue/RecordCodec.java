package io.plimsoll.venue;

import io.plimsoll.gate.AcceptedProof;
import io.plimsoll.gate.AccountRecord;
import io.plimsoll.gate.Evidence;
import io.plimsoll.gate.LiquidationOrder;
import io.plimsoll.gate.PublishedRound;
import io.plimsoll.gate.Suspension;
import io.plimsoll.gate.SuspensionCause;
import io.plimsoll.gate.VenueRecord;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.AttestationBody;
import io.plimsoll.verifier.CanonicalReader;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.Roster;
import io.plimsoll.verifier.RoundSignature;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.Threshold;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The bytes of a gate's records in a store. They are the store's own business: nothing is signed
 * over them, and a change of their form is a migration.
 */
final class RecordCodec {
  private static final String ACCOUNT_TAG = "plimsoll/store/account/v1";
  private static final String VENUE_TAG = "plimsoll/store/venue/v1";
  private static final String ROUND_TAG = "plimsoll/store/round/v1";
  private static final String EVIDENCE_TAG = "plimsoll/store/evidence/v1";
  private static final int MAX_ROUND_BYTES = 1 << 24;
  private static final int MAX_ATTESTATION_BYTES = 1 << 22;
  private static final int MAX_LIST = 1 << 20;
  private static final int TWO_ROUNDS = 1;
  private static final int TWO_ATTESTATIONS = 2;

  private RecordCodec() {}

  /** Finds an attestation that a record names. */
  interface Attestations {
    Attestation find(String account, Ed25519PublicKey attester, long version)
        throws InvalidFormatException;
  }

  // Accounts.

  static byte[] encode(AccountRecord record) {
    AccountState state = record.state();
    CanonicalWriter out =
        new CanonicalWriter(ACCOUNT_TAG)
            .u64(record.version())
            .text(state.venue())
            .text(state.account())
            .digest(state.circuitId())
            .u64(state.version())
            .u64(state.roster().version());
    out.u32(state.roster().attesters().size());
    state.roster().attesters().forEach(key -> out.bytes(key.toByteArray()));
    names(out, state.attestations());
    names(out, state.departed());
    out.i64(record.openedAtMillis()).i64(record.changedAtMillis());
    times(out, record.attestedAtMillis());
    out.i64(record.solventUntilMillis());
    out.u8(record.lastProof().isPresent() ? 1 : 0);
    record.lastProof().ifPresent(proof -> proof(out, proof));
    out.i64(record.countedToMillis())
        .i64(record.suspendedMillis())
        .i64(record.suspendedPastDueMillis());
    suspensions(out, record.suspension().stream().toList());
    out.u8(record.liquidation().isPresent() ? 1 : 0);
    record.liquidation().ifPresent(order -> order(out, order));
    return out.toByteArray();
  }

  static AccountRecord account(byte[] bytes, Attestations attestations)
      throws InvalidFormatException {
    CanonicalReader in = new CanonicalReader("account record", bytes, ACCOUNT_TAG);
    long version = in.u64("version");
    String venue = in.text("venue");
    String account = in.text("account");
    Digest circuitId = in.digest("circuit id");
    long stateVersion = in.u64("account version");
    long rosterVersion = in.u64("roster version");
    List<Ed25519PublicKey> roster = new ArrayList<>();
    for (int left = in.u32("roster", Roster.MAX_ATTESTERS); left > 0; left--) {
      roster.add(key(in));
    }
    AccountState state =
        AccountState.of(
            venue,
            account,
            circuitId,
            stateVersion,
            Roster.of(rosterVersion, roster),
            named(in, account, attestations),
            named(in, account, attestations));
    AccountRecord record =
        new AccountRecord(
            version,
            state,
            in.i64("opened at"),
            in.i64("changed at"),
            times(in),
            in.i64("solvent until"),
            in.u8("last proof") == 1 ? Optional.of(proof(in)) : Optional.empty(),
            in.i64("counted to"),
            in.i64("suspended"),
            in.i64("suspended past due"),
            suspensions(in).stream().findFirst(),
            in.u8("liquidation") == 1 ? Optional.of(order(in)) : Optional.empty());
    in.end();
    return record;
  }

  private static void names(CanonicalWriter out, Collection<Attestation> attestations) {
    out.u32(attestations.size());
    for (Attestation attestation : attestations) {
      AttestationBody body = attestation.body();
      out.bytes(body.attester().toByteArray()).u64(body.version());
    }
  }

  private static List<Attestation> named(
      CanonicalReader in, String account, Attestations attestations) throws InvalidFormatException {
    List<Attestation> found = new ArrayList<>();
    for (int left = in.u32("attestations", MAX_LIST); left > 0; left--) {
      found.add(attestations.find(account, key(in), in.u64("attestation version")));
    }
    return found;
  }

  private static void proof(CanonicalWriter out, AcceptedProof proof) {
    out.digest(proof.proofDigest())
        .u64(proof.accountVersion())
        .u64(proof.rosterVersion())
        .digest(proof.attestationSetDigest())
        .u64(proof.roundSequence())
        .digest(proof.roundDigest())
        .i64(proof.roundAsOfMillis())
        .u64(proof.threshold().numerator())
        .u64(proof.threshold().denominator())
        .u8(proof.purpose().code())
        .i64(proof.acceptedAtMillis());
  }

  private static AcceptedProof proof(CanonicalReader in) throws InvalidFormatException {
    return new AcceptedProof(
        in.digest("proof digest"),
        in.u64("account version"),
        in.u64("roster version"),
        in.digest("attestation set digest"),
        in.u64("round sequence"),
        in.digest("round digest"),
        in.i64("round as of"),
        Threshold.of(in.u64("numerator"), in.u64("denominator")),
        Purpose.ofCode(in.u8("purpose")),
        in.i64("accepted at"));
  }

  private static void order(CanonicalWriter out, LiquidationOrder order) {
    out.text(order.venue())
        .text(order.account())
        .u64(order.gateVersion())
        .u64(order.accountVersion())
        .u64(order.rosterVersion())
        .digest(order.attestationSetDigest())
        .u8(order.lastProofDigest().isPresent() ? 1 : 0);
    order.lastProofDigest().ifPresent(out::digest);
    order.lastRoundSequence().ifPresent(out::u64);
    out.text(order.claimant()).i64(order.claimedAtMillis());
  }

  private static LiquidationOrder order(CanonicalReader in) throws InvalidFormatException {
    String venue = in.text("venue");
    String account = in.text("account");
    long gateVersion = in.u64("gate version");
    long accountVersion = in.u64("account version");
    long rosterVersion = in.u64("roster version");
    Digest set = in.digest("attestation set digest");
    boolean proven = in.u8("last proof") == 1;
    return new LiquidationOrder(
        venue,
        account,
        gateVersion,
        accountVersion,
        rosterVersion,
        set,
        proven ? Optional.of(in.digest("last proof digest")) : Optional.empty(),
        proven ? Optional.of(in.u64("last round sequence")) : Optional.empty(),
        in.text("claimant"),
        in.i64("claimed at"));
  }

  // The venue.

  static byte[] encode(VenueRecord record) {
    CanonicalWriter out =
        new CanonicalWriter(VENUE_TAG)
            .u64(record.version())
            .i64(record.highestSequence())
            .i64(record.highestAsOfMillis())
            .i64(record.roundsFreshUntilMillis());
    suspensions(out, record.outages());
    times(out, record.revokedAtMillis());
    return out.toByteArray();
  }

  static VenueRecord venue(byte[] bytes) throws InvalidFormatException {
    CanonicalReader in = new CanonicalReader("venue record", bytes, VENUE_TAG);
    VenueRecord record =
        new VenueRecord(
            in.u64("version"),
            in.i64("highest sequence"),
            in.i64("highest as of"),
            in.i64("rounds fresh until"),
            suspensions(in),
            times(in));
    in.end();
    return record;
  }

  private static void suspensions(CanonicalWriter out, List<Suspension> suspensions) {
    out.u32(suspensions.size());
    for (Suspension suspension : suspensions) {
      out.text(suspension.cause().name()).i64(suspension.fromMillis()).i64(suspension.toMillis());
    }
  }

  private static List<Suspension> suspensions(CanonicalReader in) throws InvalidFormatException {
    List<Suspension> suspensions = new ArrayList<>();
    for (int left = in.u32("suspensions", MAX_LIST); left > 0; left--) {
      String name = in.text("cause");
      try {
        suspensions.add(
            new Suspension(SuspensionCause.valueOf(name), in.i64("from"), in.i64("to")));
      } catch (IllegalArgumentException e) {
        throw new InvalidFormatException("suspension: " + e.getMessage());
      }
    }
    return suspensions;
  }

  private static void times(CanonicalWriter out, Map<Ed25519PublicKey, Long> times) {
    out.u32(times.size());
    new TreeMap<>(times).forEach((key, millis) -> out.bytes(key.toByteArray()).i64(millis));
  }

  private static Map<Ed25519PublicKey, Long> times(CanonicalReader in)
      throws InvalidFormatException {
    Map<Ed25519PublicKey, Long> times = new TreeMap<>();
    for (int left = in.u32("times", MAX_LIST); left > 0; left--) {
      times.put(key(in), in.i64("time"));
    }
    return times;
  }

  private static Ed25519PublicKey key(CanonicalReader in) throws InvalidFormatException {
    return Ed25519PublicKey.fromBytes(in.exactly("key", Ed25519PublicKey.BYTES));
  }

  // Rounds.

  /** Everything but whether it is disputed, which changes. */
  static byte[] encode(PublishedRound round) {
    return published(new CanonicalWriter(ROUND_TAG), round).toByteArray();
  }

  static PublishedRound round(byte[] bytes, boolean disputed) throws InvalidFormatException {
    CanonicalReader in = new CanonicalReader("round entry", bytes, ROUND_TAG);
    PublishedRound round = published(in, disputed);
    in.end();
    return round;
  }

  private static CanonicalWriter published(CanonicalWriter out, PublishedRound round) {
    out.u64(round.sequence())
        .digest(round.digest())
        .i64(round.asOfMillis())
        .i64(round.publishedAtMillis());
    return signatures(out, round.signatures());
  }

  private static PublishedRound published(CanonicalReader in, boolean disputed)
      throws InvalidFormatException {
    return new PublishedRound(
        in.u64("sequence"),
        in.digest("digest"),
        in.i64("as of"),
        in.i64("published at"),
        signatures(in),
        disputed);
  }

  private static CanonicalWriter signatures(CanonicalWriter out, List<RoundSignature> signatures) {
    out.u32(signatures.size());
    for (RoundSignature signature : signatures) {
      out.bytes(signature.publisher().toByteArray()).bytes(signature.toByteArray());
    }
    return out;
  }

  private static List<RoundSignature> signatures(CanonicalReader in) throws InvalidFormatException {
    List<RoundSignature> signatures = new ArrayList<>();
    for (int left = in.u32("signatures", SignedRound.MAX_SIGNATURES); left > 0; left--) {
      Ed25519PublicKey publisher = key(in);
      signatures.add(
          RoundSignature.of(publisher, in.exactly("signature", Ed25519PublicKey.SIGNATURE_BYTES)));
    }
    return signatures;
  }

  // Evidence.

  static byte[] encode(Evidence evidence) {
    CanonicalWriter out = new CanonicalWriter(EVIDENCE_TAG);
    if (evidence instanceof Evidence.TwoRounds two) {
      out.u8(TWO_ROUNDS).i64(two.seenAtMillis()).u8(two.known().disputed() ? 1 : 0);
      published(out, two.known()).bytes(two.second().round().toByteArray());
      return signatures(out, two.second().signatures()).toByteArray();
    }
    Evidence.TwoAttestations two = (Evidence.TwoAttestations) evidence;
    out.u8(TWO_ATTESTATIONS).i64(two.seenAtMillis());
    attestation(out, two.known());
    return attestation(out, two.second()).toByteArray();
  }

  static Evidence evidence(byte[] bytes) throws InvalidFormatException {
    CanonicalReader in = new CanonicalReader("evidence", bytes, EVIDENCE_TAG);
    int kind = in.u8("kind");
    long seenAt = in.i64("seen at");
    Evidence evidence;
    if (kind == TWO_ROUNDS) {
      PublishedRound known = published(in, in.u8("disputed") == 1);
      RiskRound round = RiskRound.decode(in.bytes("round", MAX_ROUND_BYTES));
      evidence = new Evidence.TwoRounds(known, new SignedRound(round, signatures(in)), seenAt);
    } else {
      evidence = new Evidence.TwoAttestations(attestation(in), attestation(in), seenAt);
    }
    in.end();
    return evidence;
  }

  private static CanonicalWriter attestation(CanonicalWriter out, Attestation attestation) {
    return out.bytes(attestation.body().toByteArray()).bytes(attestation.signature());
  }

  private static Attestation attestation(CanonicalReader in) throws InvalidFormatException {
    byte[] body = in.bytes("attestation", MAX_ATTESTATION_BYTES);
    return Attestation.decode(body, in.exactly("signature", Ed25519PublicKey.SIGNATURE_BYTES));
  }
}
