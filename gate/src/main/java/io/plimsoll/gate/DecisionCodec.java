package io.plimsoll.gate;

import io.plimsoll.verifier.ColumnRange;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.RejectionReason;
import io.plimsoll.verifier.Roster;
import io.plimsoll.verifier.StatementLayout;
import io.plimsoll.verifier.VerifyingKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/** The canonical bytes of decisions: {@code docs/formats.md}. */
final class DecisionCodec {
  private static final String TAG = "plimsoll/decision/v1";
  private static final String WHAT = "decision";
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
  private static final int EXECUTION_DECIDED = 12;
  private static final int RELEASED = 13;

  private static final int JOIN = 1;
  private static final int LEAVE = 2;
  private static final int REPLACE = 3;
  private static final int JOIN_BY_VENUE = 4;

  private DecisionCodec() {}

  static byte[] encode(Decision decision) {
    FieldWriter out = new FieldWriter(TAG);
    if (decision instanceof Decision.PolicySet set) {
      start(out, POLICY_SET, set).text(set.venue()).digest(set.circuitId());
      policy(out, set.policy());
      out.u32(set.requiredPublishers()).keys(set.publishers()).key(set.venueKey());
    } else if (decision instanceof Decision.AccountOpened opened) {
      start(out, ACCOUNT_OPENED, opened).text(opened.account()).keys(opened.attesters());
    } else if (decision instanceof Decision.Attested attested) {
      start(out, ATTESTED, attested)
          .attestation(attested.attestation())
          .flag(attested.forced())
          .text(attested.outcome());
    } else if (decision instanceof Decision.RosterDecided roster) {
      start(out, ROSTER_DECIDED, roster).text(roster.account());
      change(out, roster.change()).text(roster.outcome());
    } else if (decision instanceof Decision.RoundDecided decided) {
      start(out, ROUND_DECIDED, decided).signedRound(decided.round()).text(decided.outcome());
    } else if (decision instanceof Decision.ProofJudged judged) {
      start(out, PROOF_JUDGED, judged)
          .u64(judged.receivedAtMillis())
          .text(judged.account())
          .u64(judged.gateVersion())
          .u64(judged.venueVersion())
          .u64(judged.accountVersion())
          .digest(judged.attestationSetDigest())
          .i64(judged.roundSequence())
          .threshold(judged.threshold())
          .u8(judged.purpose().code())
          .digest(judged.proofDigest())
          .bytes(judged.proof().toByteArray())
          .name(judged.rejection())
          .u64(judged.solventUntilMillis());
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
          .text(ended.how().name());
    } else if (decision instanceof Decision.SuspensionChanged changed) {
      start(out, SUSPENSION_CHANGED, changed).text(changed.account()).name(changed.cause());
    } else if (decision instanceof Decision.BreakerMoved moved) {
      start(out, BREAKER_MOVED, moved).flag(moved.open());
    } else if (decision instanceof Decision.AttesterRevoked revoked) {
      start(out, ATTESTER_REVOKED, revoked).key(revoked.attester());
    } else if (decision instanceof Decision.ExecutionDecided decided) {
      Execution execution = decided.execution();
      start(out, EXECUTION_DECIDED, decided)
          .digest(execution.orderDigest())
          .attestation(execution.attestation())
          .bytes(execution.signature())
          .text(decided.outcome());
    } else if (decision instanceof Decision.Released released) {
      start(out, RELEASED, released).bytes(released.release().toByteArray());
    }
    return out.toByteArray();
  }

  private static FieldWriter start(FieldWriter out, int kind, Decision decision) {
    return out.u8(kind).u64(decision.atMillis());
  }

  private static void policy(FieldWriter out, GatePolicy policy) {
    out.threshold(policy.threshold())
        .u8(policy.purpose().code())
        .u64(policy.maximumRoundAgeMillis())
        .u64(policy.graceMillis())
        .u64(policy.clockSkewMillis())
        .u64(policy.maximumSuspensionMillis())
        .u64(policy.minimumVersionSpacingMillis())
        .u64(policy.reproofMillis())
        .u64(policy.softLiquidationMillis())
        .fraction(policy.liquidationFraction())
        .u64(policy.orderLifetimeMillis())
        .u64(policy.lockCoverMillis())
        .flag(policy.roundDeviation().isPresent());
    policy.roundDeviation().ifPresent(most -> out.u64(most.partsPerMillion()).u64(most.floor()));
    out.u32(policy.trustedScopes().size());
    new TreeMap<>(policy.trustedScopes())
        .forEach(
            (attester, scope) -> {
              out.key(attester).u32(scope.size());
              scope.forEach(range -> out.u32(range.from()).u32(range.to()));
            });
  }

  private static FieldWriter change(FieldWriter out, RosterChange change) {
    if (change instanceof RosterChange.Join join) {
      return out.u8(join.byVenue() ? JOIN_BY_VENUE : JOIN).key(join.attester());
    }
    if (change instanceof RosterChange.Leave leave) {
      return out.u8(LEAVE).attestation(leave.closing());
    }
    RosterChange.Replace replace = (RosterChange.Replace) change;
    return out.u8(REPLACE).key(replace.revoked()).key(replace.successor());
  }

  static Decision decode(byte[] bytes) throws InvalidFormatException {
    FieldReader in = new FieldReader(WHAT, bytes, TAG);
    int kind = in.u8("kind");
    long at = in.u64("time");
    Decision decision = decode(in, kind, at);
    in.end();
    // Policies have parts in an order, which their types do not keep.
    if (!Arrays.equals(encode(decision), bytes)) {
      throw new InvalidFormatException(WHAT + ": bytes are not in their canonical form");
    }
    return decision;
  }

  private static Decision decode(FieldReader in, int kind, long at) throws InvalidFormatException {
    return switch (kind) {
      case POLICY_SET -> policySet(in, at);
      case ACCOUNT_OPENED ->
          new Decision.AccountOpened(
              at, in.text("account"), in.keys("attesters", Roster.MAX_ATTESTERS));
      case ATTESTED ->
          new Decision.Attested(at, in.attestation(), in.flag("forced"), in.text("outcome"));
      case ROSTER_DECIDED ->
          new Decision.RosterDecided(at, in.text("account"), change(in), in.text("outcome"));
      case ROUND_DECIDED -> new Decision.RoundDecided(at, in.signedRound(), in.text("outcome"));
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
              in.threshold(),
              Purpose.ofCode(in.u8("purpose")),
              in.digest("proof digest"),
              ProofBytes.of(in.exactly("proof", VerifyingKey.PROOF_BYTES)),
              in.optionalName("rejection", RejectionReason.class),
              in.u64("solvent until"));
      case CLAIM_DECIDED ->
          new Decision.ClaimDecided(
              at,
              in.text("account"),
              in.text("claimant"),
              in.u64("gate version"),
              in.text("outcome"));
      case LIQUIDATION_ENDED ->
          new Decision.LiquidationEnded(
              at,
              in.text("account"),
              in.u64("gate version"),
              in.name("ending", Decision.Ending.class));
      case SUSPENSION_CHANGED ->
          new Decision.SuspensionChanged(
              at, in.text("account"), in.optionalName("cause", SuspensionCause.class));
      case BREAKER_MOVED -> new Decision.BreakerMoved(at, in.flag("open"));
      case ATTESTER_REVOKED -> new Decision.AttesterRevoked(at, in.key("attester"));
      case EXECUTION_DECIDED ->
          new Decision.ExecutionDecided(
              at,
              Execution.of(in.digest("order digest"), in.attestation(), in.signature()),
              in.text("outcome"));
      case RELEASED ->
          new Decision.Released(
              at, Release.decode(in.bytes("release", VenueSigned.MAX_MESSAGE_BYTES)));
      default -> throw new InvalidFormatException(WHAT + ": kind is " + kind + ", not 1 to 13");
    };
  }

  private static Decision.PolicySet policySet(FieldReader in, long at)
      throws InvalidFormatException {
    String venue = in.text("venue");
    Digest circuitId = in.digest("circuit id");
    try {
      GatePolicy policy = policy(in);
      return new Decision.PolicySet(
          at,
          venue,
          circuitId,
          policy,
          in.u32("required publishers", PublisherPolicy.MAX_PUBLISHERS),
          in.keys("publishers", PublisherPolicy.MAX_PUBLISHERS),
          in.key("venue key"));
    } catch (IllegalArgumentException e) {
      throw new InvalidFormatException(WHAT + ": " + e.getMessage());
    }
  }

  private static GatePolicy policy(FieldReader in) throws InvalidFormatException {
    GatePolicy.Builder builder =
        GatePolicy.builder().require(in.threshold(), Purpose.ofCode(in.u8("purpose")));
    builder.maximumRoundAge(duration(in, "maximum round age"));
    builder.grace(duration(in, "grace"));
    builder.clockSkew(duration(in, "clock skew"));
    builder.maximumSuspension(duration(in, "maximum suspension"));
    builder.minimumVersionSpacing(duration(in, "minimum version spacing"));
    builder.reproofTime(duration(in, "reproof time"));
    builder.softLiquidation(duration(in, "soft liquidation"), in.fraction());
    builder.orderLifetime(duration(in, "order lifetime"));
    builder.lockCover(duration(in, "lock cover"));
    if (in.flag("whether rounds have a bound")) {
      builder.roundDeviation(new RoundDeviation(in.u64("parts per million"), in.u64("floor")));
    }
    int scopes = in.u32("number of trusted scopes", GatePolicy.MAX_TRUSTED_SCOPES);
    for (int left = scopes; left > 0; left--) {
      Ed25519PublicKey attester = in.key("attester");
      List<ColumnRange> scope = new ArrayList<>();
      int ranges = in.u32("number of ranges", StatementLayout.MAX_HOLDINGS);
      for (int range = 0; range < ranges; range++) {
        int from = in.u32("from", StatementLayout.MAX_HOLDINGS);
        scope.add(ColumnRange.of(from, in.u32("to", StatementLayout.MAX_HOLDINGS)));
      }
      builder.trustOnlyFor(attester, scope);
    }
    return builder.build();
  }

  private static Duration duration(FieldReader in, String field) throws InvalidFormatException {
    return Duration.ofMillis(in.u64(field));
  }

  private static RosterChange change(FieldReader in) throws InvalidFormatException {
    int kind = in.u8("roster change");
    return switch (kind) {
      case JOIN -> new RosterChange.Join(in.key("attester"));
      case JOIN_BY_VENUE -> new RosterChange.Join(in.key("attester"), /* byVenue= */ true);
      case LEAVE -> new RosterChange.Leave(in.attestation());
      case REPLACE -> new RosterChange.Replace(in.key("revoked"), in.key("successor"));
      default ->
          throw new InvalidFormatException(WHAT + ": roster change is " + kind + ", not 1 to 4");
    };
  }
}
