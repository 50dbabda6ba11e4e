package io.plimsoll.gate;

import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.CanonicalReader;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.ColumnRange;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.Roster;
import io.plimsoll.verifier.RoundSignature;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.StatementLayout;
import io.plimsoll.verifier.Threshold;
import io.plimsoll.verifier.VerifyingKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** The canonical bytes of decisions: {@code docs/formats.md}. */
final class DecisionCodec {
  private static final String TAG = "plimsoll/decision/v1";
  private static final String WHAT = "decision";
  private static final int MAX_ATTESTATION_BYTES = 1 << 22;
  private static final int MAX_ROUND_BYTES = 1 << 24;

  private static final int MAX_TRUSTED_SCOPES = 1 << 16;

  private static final int POLICY_SET = 1;
  private static final int ACCOUNT_OPENED = 2;
  private static final int ATTESTED = 3;
  private static final int ROSTER_DECIDED = 4;
  private static final int ROUND_DECIDED = 5;
  private static final int PROOF_JUDGED = 6;
  private static final int CLAIM_DECIDED = 7;
  private static final int LIQUIDATION_ENDED = 8;
  private static final int SUSPENSION_CHANGED = 9;
  private static final int BREAKER_MOVED = 10;
  private static final int ATTESTER_REVOKED = 11;

  private static final int JOIN = 1;
  private static final int LEAVE = 2;
  private static final int REPLACE = 3;

  private DecisionCodec() {}

  static byte[] encode(Decision decision) {
    CanonicalWriter out = new CanonicalWriter(TAG);
    if (decision instanceof Decision.PolicySet set) {
      start(out, POLICY_SET, set).text(set.venue()).digest(set.circuitId());
      GatePolicy policy = set.policy();
      out.u64(policy.threshold().numerator())
          .u64(policy.threshold().denominator())
          .u8(policy.purpose().code())
          .u64(policy.maximumRoundAgeMillis())
          .u64(policy.graceMillis())
          .u64(policy.clockSkewMillis())
          .u64(policy.maximumSuspensionMillis())
          .u64(policy.minimumVersionSpacingMillis())
          .u64(policy.reproofMillis());
      trustedScopes(out, policy).u32(set.requiredPublishers());
      keys(out, set.publishers());
    } else if (decision instanceof Decision.AccountOpened opened) {
      keys(start(out, ACCOUNT_OPENED, opened).text(opened.account()), opened.attesters());
    } else if (decision instanceof Decision.Attested attested) {
      attestation(start(out, ATTESTED, attested), attested.attestation())
          .u8(attested.forced() ? 1 : 0)
          .text(attested.outcome());
    } else if (decision instanceof Decision.RosterDecided roster) {
      start(out, ROSTER_DECIDED, roster).text(roster.account());
      change(out, roster.change()).text(roster.outcome());
    } else if (decision instanceof Decision.RoundDecided decided) {
      start(out, ROUND_DECIDED, decided);
      round(out, decided.round()).text(decided.outcome());
    } else if (decision instanceof Decision.ProofJudged judged) {
      start(out, PROOF_JUDGED, judged)
          .u64(judged.receivedAtMillis())
          .text(judged.account())
          .u64(judged.gateVersion())
          .u64(judged.venueVersion())
          .u64(judged.accountVersion())
          .digest(judged.attestationSetDigest())
          .i64(judged.roundSequence())
          .u64(judged.threshold().numerator())
          .u64(judged.threshold().denominator())
          .u8(judged.purpose().code())
          .digest(judged.proofDigest())
          .bytes(judged.proof().toByteArray())
          .text(judged.outcome());
    } else if (decision instanceof Decision.ClaimDecided claim) {
      start(out, CLAIM_DECIDED, claim)
          .text(claim.account())
          .text(claim.claimant())
          .u64(claim.gateVersion())
          .text(claim.outcome());
    } else if (decision instanceof Decision.LiquidationEnded ended) {
      start(out, LIQUIDATION_ENDED, ended)
          .text(ended.account())
          .u64(ended.gateVersion())
          .u8(ended.completed() ? 1 : 0);
    } else if (decision instanceof Decision.SuspensionChanged changed) {
      start(out, SUSPENSION_CHANGED, changed)
          .text(changed.account())
          .text(changed.cause().map(Enum::name).orElse(""));
    } else if (decision instanceof Decision.BreakerMoved moved) {
      start(out, BREAKER_MOVED, moved).u8(moved.open() ? 1 : 0);
    } else if (decision instanceof Decision.AttesterRevoked revoked) {
      start(out, ATTESTER_REVOKED, revoked).bytes(revoked.attester().toByteArray());
    }
    return out.toByteArray();
  }

  private static CanonicalWriter start(CanonicalWriter out, int kind, Decision decision) {
    return out.u8(kind).u64(decision.atMillis());
  }

  private static CanonicalWriter keys(CanonicalWriter out, List<Ed25519PublicKey> keys) {
    out.u32(keys.size());
    keys.forEach(key -> out.bytes(key.toByteArray()));
    return out;
  }

  private static CanonicalWriter trustedScopes(CanonicalWriter out, GatePolicy policy) {
    out.u32(policy.trustedScopes().size());
    new TreeMap<>(policy.trustedScopes())
        .forEach(
            (attester, scope) -> {
              out.bytes(attester.toByteArray()).u32(scope.size());
              scope.forEach(range -> out.u32(range.from()).u32(range.to()));
            });
    return out;
  }

  private static CanonicalWriter attestation(CanonicalWriter out, Attestation attestation) {
    return out.bytes(attestation.body().toByteArray()).bytes(attestation.signature());
  }

  private static CanonicalWriter change(CanonicalWriter out, RosterChange change) {
    if (change instanceof RosterChange.Join join) {
      return out.u8(JOIN).bytes(join.attester().toByteArray());
    }
    if (change instanceof RosterChange.Leave leave) {
      return attestation(out.u8(LEAVE), leave.closing());
    }
    RosterChange.Replace replace = (RosterChange.Replace) change;
    return out.u8(REPLACE)
        .bytes(replace.revoked().toByteArray())
        .bytes(replace.successor().toByteArray());
  }

  private static CanonicalWriter round(CanonicalWriter out, SignedRound signed) {
    out.bytes(signed.round().toByteArray()).u32(signed.signatures().size());
    for (RoundSignature signature : signed.signatures()) {
      out.bytes(signature.publisher().toByteArray()).bytes(signature.toByteArray());
    }
    return out;
  }

  static Decision decode(byte[] bytes) throws InvalidFormatException {
    CanonicalReader in = new CanonicalReader(WHAT, bytes, TAG);
    int kind = in.u8("kind");
    long at = in.u64("time");
    Decision decision =
        switch (kind) {
          case POLICY_SET -> policySet(in, at);
          case ACCOUNT_OPENED ->
              new Decision.AccountOpened(at, in.text("account"), keys(in, Roster.MAX_ATTESTERS));
          case ATTESTED ->
              new Decision.Attested(at, attestation(in), flag(in, "forced"), in.text("outcome"));
          case ROSTER_DECIDED ->
              new Decision.RosterDecided(at, in.text("account"), change(in), in.text("outcome"));
          case ROUND_DECIDED -> new Decision.RoundDecided(at, round(in), in.text("outcome"));
          case PROOF_JUDGED ->
              new Decision.ProofJudged(
                  at,
                  in.u64("time of receipt"),
                  in.text("account"),
                  in.u64("gate version"),
                  in.u64("venue version"),
                  in.u64("account version"),
                  in.digest("attestation set digest"),
                  in.i64("round sequence"),
                  threshold(in),
                  Purpose.ofCode(in.u8("purpose")),
                  in.digest("proof digest"),
                  ProofBytes.of(in.bytes("proof", VerifyingKey.PROOF_BYTES)),
                  in.text("outcome"));
          case CLAIM_DECIDED ->
              new Decision.ClaimDecided(
                  at,
                  in.text("account"),
                  in.text("claimant"),
                  in.u64("gate version"),
                  in.text("outcome"));
          case LIQUIDATION_ENDED ->
              new Decision.LiquidationEnded(
                  at, in.text("account"), in.u64("gate version"), flag(in, "completed"));
          case SUSPENSION_CHANGED ->
              new Decision.SuspensionChanged(at, in.text("account"), cause(in.text("cause")));
          case BREAKER_MOVED -> new Decision.BreakerMoved(at, flag(in, "open"));
          case ATTESTER_REVOKED -> new Decision.AttesterRevoked(at, key(in));
          default -> throw new InvalidFormatException(WHAT + ": kind is " + kind + ", not 1 to 11");
        };
    in.end();
    // Policies have parts in an order, which their types do not keep.
    if (!Arrays.equals(encode(decision), bytes)) {
      throw new InvalidFormatException(WHAT + ": bytes are not in their canonical form");
    }
    return decision;
  }

  private static Decision.PolicySet policySet(CanonicalReader in, long at)
      throws InvalidFormatException {
    String venue = in.text("venue");
    Digest circuitId = in.digest("circuit id");
    GatePolicy.Builder builder =
        GatePolicy.builder().require(threshold(in), Purpose.ofCode(in.u8("purpose")));
    builder.maximumRoundAge(duration(in, "maximum round age"));
    builder.grace(duration(in, "grace"));
    builder.clockSkew(duration(in, "clock skew"));
    builder.maximumSuspension(duration(in, "maximum suspension"));
    builder.minimumVersionSpacing(duration(in, "minimum version spacing"));
    builder.reproofTime(duration(in, "reproof time"));
    trustedScopes(in, builder);
    int required = in.u32("required publishers", PublisherPolicy.MAX_PUBLISHERS);
    List<Ed25519PublicKey> publishers = keys(in, PublisherPolicy.MAX_PUBLISHERS);
    try {
      return new Decision.PolicySet(at, venue, circuitId, builder.build(), required, publishers);
    } catch (IllegalArgumentException e) {
      throw new InvalidFormatException(WHAT + ": " + e.getMessage());
    }
  }

  private static void trustedScopes(CanonicalReader in, GatePolicy.Builder builder)
      throws InvalidFormatException {
    for (int left = in.u32("number of trusted scopes", MAX_TRUSTED_SCOPES); left > 0; left--) {
      Ed25519PublicKey attester = key(in);
      List<ColumnRange> scope = new ArrayList<>();
      for (int ranges = in.u32("number of ranges", StatementLayout.MAX_HOLDINGS);
          ranges > 0;
          ranges--) {
        int from = in.u32("from", StatementLayout.MAX_HOLDINGS);
        scope.add(ColumnRange.of(from, in.u32("to", StatementLayout.MAX_HOLDINGS)));
      }
      builder.trustOnlyFor(attester, scope);
    }
  }

  private static Duration duration(CanonicalReader in, String field) throws InvalidFormatException {
    return Duration.ofMillis(in.u64(field));
  }

  private static Threshold threshold(CanonicalReader in) throws InvalidFormatException {
    return Threshold.of(in.u64("numerator"), in.u64("denominator"));
  }

  private static boolean flag(CanonicalReader in, String field) throws InvalidFormatException {
    int value = in.u8(field);
    if (value > 1) {
      throw new InvalidFormatException(WHAT + ": " + field + " is " + value + ", not 0 or 1");
    }
    return value == 1;
  }

  private static Optional<SuspensionCause> cause(String name) throws InvalidFormatException {
    if (name.isEmpty()) {
      return Optional.empty();
    }
    for (SuspensionCause cause : SuspensionCause.values()) {
      if (cause.name().equals(name)) {
        return Optional.of(cause);
      }
    }
    throw new InvalidFormatException(WHAT + ": no suspension cause '" + name + "'");
  }

  private static Ed25519PublicKey key(CanonicalReader in) throws InvalidFormatException {
    return Ed25519PublicKey.fromBytes(in.exactly("key", Ed25519PublicKey.BYTES));
  }

  private static List<Ed25519PublicKey> keys(CanonicalReader in, int max)
      throws InvalidFormatException {
    int count = in.u32("number of keys", max);
    List<Ed25519PublicKey> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      keys.add(key(in));
    }
    return keys;
  }

  private static Attestation attestation(CanonicalReader in) throws InvalidFormatException {
    byte[] body = in.bytes("attestation", MAX_ATTESTATION_BYTES);
    return Attestation.decode(body, in.exactly("signature", Ed25519PublicKey.SIGNATURE_BYTES));
  }

  private static RosterChange change(CanonicalReader in) throws InvalidFormatException {
    int kind = in.u8("roster change");
    return switch (kind) {
      case JOIN -> new RosterChange.Join(key(in));
      case LEAVE -> new RosterChange.Leave(attestation(in));
      case REPLACE -> new RosterChange.Replace(key(in), key(in));
      default ->
          throw new InvalidFormatException(WHAT + ": roster change is " + kind + ", not 1 to 3");
    };
  }

  private static SignedRound round(CanonicalReader in) throws InvalidFormatException {
    RiskRound round = RiskRound.decode(in.bytes("round", MAX_ROUND_BYTES));
    int count = in.u32("number of signatures", SignedRound.MAX_SIGNATURES);
    List<RoundSignature> signatures = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Ed25519PublicKey publisher = key(in);
      signatures.add(
          RoundSignature.of(publisher, in.exactly("signature", Ed25519PublicKey.SIGNATURE_BYTES)));
    }
    return new SignedRound(round, signatures);
  }
}
