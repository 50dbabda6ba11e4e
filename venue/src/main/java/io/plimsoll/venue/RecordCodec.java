package io.plimsoll.venue;

import io.plimsoll.gate.AcceptedProof;
import io.plimsoll.gate.AccountRecord;
import io.plimsoll.gate.Evidence;
import io.plimsoll.gate.FieldReader;
import io.plimsoll.gate.FieldWriter;
import io.plimsoll.gate.Liquidation;
import io.plimsoll.gate.LiquidationOrder;
import io.plimsoll.gate.PublishedRound;
import io.plimsoll.gate.Release;
import io.plimsoll.gate.Suspension;
import io.plimsoll.gate.SuspensionCause;
import io.plimsoll.gate.VenueRecord;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.AttestationBody;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.Roster;
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
  private static final String ACCOUNT_TAG = "plimsoll/store/account/v2";
  private static final String VENUE_TAG = "plimsoll/store/venue/v1";
  private static final String ROUND_TAG = "plimsoll/store/round/v1";
  private static final String EVIDENCE_TAG = "plimsoll/store/evidence/v1";
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
    FieldWriter out =
        new FieldWriter(ACCOUNT_TAG)
            .u64(record.version())
            .text(state.venue())
            .text(state.account())
            .digest(state.circuitId())
            .u64(state.version())
            .u64(state.roster().version());
    out.keys(state.roster().attesters());
    names(out, state.attestations());
    names(out, state.departed());
    out.i64(record.openedAtMillis()).i64(record.changedAtMillis());
    times(out, record.attestedAtMillis());
    out.i64(record.solventUntilMillis());
    out.flag(record.lastProof().isPresent());
    record.lastProof().ifPresent(proof -> proof(out, proof));
    out.i64(record.countedToMillis())
        .i64(record.suspendedMillis())
        .i64(record.suspendedPastDueMillis());
    suspensions(out, record.suspension().stream().toList());
    out.flag(record.liquidation().isPresent());
    record
        .liquidation()
        .ifPresent(running -> out.bytes(running.order().toByteArray()).keys(running.attested()));
    out.u32(record.releases().size());
    new TreeMap<>(record.releases()).values().forEach(last -> out.bytes(last.toByteArray()));
    times(out, record.awaited());
    out.i64(record.liquidationEndedAtMillis()).keys(record.newcomers());
    return out.toByteArray();
  }

  static AccountRecord account(byte[] bytes, Attestations attestations)
      throws InvalidFormatException {
    FieldReader in = new FieldReader("account record", bytes, ACCOUNT_TAG);
    long version = in.u64("version");
    String venue = in.text("venue");
    String account = in.text("account");
    Digest circuitId = in.digest("circuit id");
    long stateVersion = in.u64("account version");
    long rosterVersion = in.u64("roster version");
    List<Ed25519PublicKey> roster = in.keys("roster", Roster.MAX_ATTESTERS);
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
            in.flag("last proof") ? Optional.of(proof(in)) : Optional.empty(),
            in.i64("counted to"),
            in.i64("suspended"),
            in.i64("suspended past due"),
            suspensions(in).stream().findFirst(),
            in.flag("liquidation") ? Optional.of(liquidation(in)) : Optional.empty(),
            releases(in),
            times(in),
            in.i64("liquidation ended at"),
            in.keys("newcomers", Roster.MAX_ATTESTERS));
    in.end();
    return record;
  }

  private static void names(FieldWriter out, Collection<Attestation> attestations) {
    out.u32(attestations.size());
    for (Attestation attestation : attestations) {
      AttestationBody body = attestation.body();
      out.key(body.attester()).u64(body.version());
    }
  }

  private static List<Attestation> named(FieldReader in, String account, Attestations attestations)
      throws InvalidFormatException {
    List<Attestation> found = new ArrayList<>();
    for (int left = in.u32("attestations", MAX_LIST); left > 0; left--) {
      found.add(attestations.find(account, in.key("attester"), in.u64("attestation version")));
    }
    return found;
  }

  private static void proof(FieldWriter out, AcceptedProof proof) {
    out.digest(proof.proofDigest())
        .u64(proof.accountVersion())
        .u64(proof.rosterVersion())
        .digest(proof.attestationSetDigest())
        .u64(proof.roundSequence())
        .digest(proof.roundDigest())
        .i64(proof.roundAsOfMillis())
        .threshold(proof.threshold())
        .u8(proof.purpose().code())
        .i64(proof.acceptedAtMillis());
    times(out, proof.attested());
  }

  private static AcceptedProof proof(FieldReader in) throws InvalidFormatException {
    Digest proof = in.digest("proof digest");
    long accountVersion = in.u64("account version");
    long rosterVersion = in.u64("roster version");
    Digest set = in.digest("attestation set digest");
    long round = in.u64("round sequence");
    Digest roundDigest = in.digest("round digest");
    long roundAsOf = in.i64("round as of");
    Threshold threshold = in.threshold();
    Purpose purpose = Purpose.ofCode(in.u8("purpose"));
    long acceptedAt = in.i64("accepted at");
    return new AcceptedProof(
        proof,
        accountVersion,
        rosterVersion,
        set,
        round,
        roundDigest,
        roundAsOf,
        threshold,
        purpose,
        times(in),
        acceptedAt);
  }

  private static Liquidation liquidation(FieldReader in) throws InvalidFormatException {
    return new Liquidation(
        LiquidationOrder.decode(in.bytes("order", VenueSigned.MAX_MESSAGE_BYTES)),
        in.keys("attested", Roster.MAX_ATTESTERS));
  }

  private static Map<Ed25519PublicKey, Release> releases(FieldReader in)
      throws InvalidFormatException {
    Map<Ed25519PublicKey, Release> releases = new TreeMap<>();
    for (int left = in.u32("releases", MAX_LIST); left > 0; left--) {
      Release release = Release.decode(in.bytes("release", VenueSigned.MAX_MESSAGE_BYTES));
      releases.put(release.attester(), release);
    }
    return releases;
  }

  // The venue.

  static byte[] encode(VenueRecord record) {
    FieldWriter out =
        new FieldWriter(VENUE_TAG)
            .u64(record.version())
            .i64(record.highestSequence())
            .i64(record.highestAsOfMillis())
            .i64(record.roundsFreshUntilMillis());
    suspensions(out, record.outages());
    times(out, record.revokedAtMillis());
    return out.toByteArray();
  }

  static VenueRecord venue(byte[] bytes) throws InvalidFormatException {
    FieldReader in = new FieldReader("venue record", bytes, VENUE_TAG);
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

  private static void suspensions(FieldWriter out, List<Suspension> suspensions) {
    out.u32(suspensions.size());
    for (Suspension suspension : suspensions) {
      out.text(suspension.cause().name()).i64(suspension.fromMillis()).i64(suspension.toMillis());
    }
  }

  private static List<Suspension> suspensions(FieldReader in) throws InvalidFormatException {
    List<Suspension> suspensions = new ArrayList<>();
    for (int left = in.u32("suspensions", MAX_LIST); left > 0; left--) {
      SuspensionCause cause = in.name("cause", SuspensionCause.class);
      try {
        suspensions.add(new Suspension(cause, in.i64("from"), in.i64("to")));
      } catch (IllegalArgumentException e) {
        throw new InvalidFormatException("suspension: " + e.getMessage());
      }
    }
    return suspensions;
  }

  private static void times(FieldWriter out, Map<Ed25519PublicKey, Long> times) {
    out.u32(times.size());
    new TreeMap<>(times).forEach((key, millis) -> out.key(key).i64(millis));
  }

  private static Map<Ed25519PublicKey, Long> times(FieldReader in) throws InvalidFormatException {
    Map<Ed25519PublicKey, Long> times = new TreeMap<>();
    for (int left = in.u32("times", MAX_LIST); left > 0; left--) {
      times.put(in.key("key"), in.i64("time"));
    }
    return times;
  }

  // Rounds.

  /** Everything but whether it is disputed, which changes. */
  static byte[] encode(PublishedRound round) {
    return published(new FieldWriter(ROUND_TAG), round).toByteArray();
  }

  static PublishedRound round(byte[] bytes, boolean disputed) throws InvalidFormatException {
    FieldReader in = new FieldReader("round entry", bytes, ROUND_TAG);
    PublishedRound round = published(in, disputed);
    in.end();
    return round;
  }

  private static FieldWriter published(FieldWriter out, PublishedRound round) {
    out.u64(round.sequence())
        .digest(round.digest())
        .i64(round.asOfMillis())
        .i64(round.publishedAtMillis());
    return out.roundSignatures(round.signatures());
  }

  private static PublishedRound published(FieldReader in, boolean disputed)
      throws InvalidFormatException {
    return new PublishedRound(
        in.u64("sequence"),
        in.digest("digest"),
        in.i64("as of"),
        in.i64("published at"),
        in.roundSignatures(),
        disputed);
  }

  // Evidence.

  static byte[] encode(Evidence evidence) {
    FieldWriter out = new FieldWriter(EVIDENCE_TAG);
    if (evidence instanceof Evidence.TwoRounds two) {
      out.u8(TWO_ROUNDS).i64(two.seenAtMillis()).flag(two.known().disputed());
      return published(out, two.known()).signedRound(two.second()).toByteArray();
    }
    Evidence.TwoAttestations two = (Evidence.TwoAttestations) evidence;
    return out.u8(TWO_ATTESTATIONS)
        .i64(two.seenAtMillis())
        .attestation(two.known())
        .attestation(two.second())
        .toByteArray();
  }

  static Evidence evidence(byte[] bytes) throws InvalidFormatException {
    FieldReader in = new FieldReader("evidence", bytes, EVIDENCE_TAG);
    int kind = in.u8("kind");
    long seenAt = in.i64("seen at");
    Evidence evidence;
    if (kind == TWO_ROUNDS) {
      PublishedRound known = published(in, in.flag("disputed"));
      evidence = new Evidence.TwoRounds(known, in.signedRound(), seenAt);
    } else {
      evidence = new Evidence.TwoAttestations(in.attestation(), in.attestation(), seenAt);
    }
    in.end();
    return evidence;
  }
}
