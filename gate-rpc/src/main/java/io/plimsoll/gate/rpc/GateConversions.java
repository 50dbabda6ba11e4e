package io.plimsoll.gate.rpc;

import com.google.protobuf.ByteString;
import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.gate.AccountStatus;
import io.plimsoll.gate.Decision;
import io.plimsoll.gate.Execution;
import io.plimsoll.gate.Fraction;
import io.plimsoll.gate.GatePolicy;
import io.plimsoll.gate.JournalRecord;
import io.plimsoll.gate.LiquidationOrder;
import io.plimsoll.gate.ProofReceipt;
import io.plimsoll.gate.Release;
import io.plimsoll.gate.RosterChange;
import io.plimsoll.gate.RoundDeviation;
import io.plimsoll.gate.SuspensionCause;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.proto.v1.CanonicalRound;
import io.plimsoll.proto.v1.ChangeRosterRequest;
import io.plimsoll.proto.v1.JournalEntry;
import io.plimsoll.proto.v1.LastProof;
import io.plimsoll.proto.v1.OrderExecution;
import io.plimsoll.proto.v1.ReplaceAttester;
import io.plimsoll.proto.v1.SignedOrder;
import io.plimsoll.proto.v1.SignedReceipt;
import io.plimsoll.proto.v1.SignedRelease;
import io.plimsoll.proto.v1.TrustedScope;
import io.plimsoll.proto.v1.VenuePolicy;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.ColumnRange;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.RejectionReason;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.Roster;
import io.plimsoll.verifier.RoundSignature;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.StatementLayout;
import io.plimsoll.verifier.Threshold;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Between the messages of {@code plimsoll.v1.Gate} and what the gate knows. All methods are pure;
 * those that read a message throw {@link InvalidFormatException}, which names field, value and
 * limit, before they make anything large of it.
 */
public final class GateConversions {
  /** Longest proof that is taken, in bytes; those of another length than a proof's are rejected. */
  static final int MAX_PROOF_BYTES = 4096;

  private static final Pattern KEY_HEX = Pattern.compile("[0-9a-f]{64}");
  private static final int MAX_SIGNATURE_BYTES = 1024;

  private GateConversions() {}

  // Rounds.

  static CanonicalRound toProto(SignedRound signed) {
    CanonicalRound.Builder message =
        CanonicalRound.newBuilder().setRound(ByteString.copyFrom(signed.round().toByteArray()));
    for (RoundSignature signature : signed.signatures()) {
      message.addSignatures(
          io.plimsoll.proto.v1.RoundSignature.newBuilder()
              .setPublisherKey(bytes(signature.publisher()))
              .setSignature(ByteString.copyFrom(signature.toByteArray())));
    }
    return message.build();
  }

  /** Signatures come along unchecked. */
  static SignedRound fromProto(CanonicalRound message) throws InvalidFormatException {
    if (message.getSignaturesCount() > SignedRound.MAX_SIGNATURES) {
      throw new InvalidFormatException(
          "round: "
              + message.getSignaturesCount()
              + " signatures, more than "
              + SignedRound.MAX_SIGNATURES);
    }
    List<RoundSignature> signatures = new ArrayList<>();
    for (io.plimsoll.proto.v1.RoundSignature signature : message.getSignaturesList()) {
      signatures.add(
          RoundSignature.of(
              key("round: publisher key", signature.getPublisherKey()),
              signature("round: signature", signature.getSignature())));
    }
    return new SignedRound(RiskRound.decode(message.getRound().toByteArray()), signatures);
  }

  // What the venue signs.

  static SignedRelease releaseToProto(VenueSigned<Release> signed) {
    Release release = signed.message();
    return SignedRelease.newBuilder()
        .setVenue(release.venue())
        .setAccount(release.account())
        .setCircuitId(bytes(release.circuitId()))
        .setAttesterKey(bytes(release.attester()))
        .setThroughVersion(release.throughVersion())
        .setSuccessorVersion(release.successorVersion())
        .setSuccessorDigest(bytes(release.successorDigest()))
        .setAccountVersion(release.accountVersion())
        .setIssuedAtMillis(release.issuedAtMillis())
        .setVenueKey(bytes(signed.signer()))
        .setSignature(ByteString.copyFrom(signed.signature()))
        .build();
  }

  /**
   * Reads a release and checks its signature.
   *
   * @throws InvalidFormatException if a field is not as it must be or the signature is not valid
   */
  public static VenueSigned<Release> fromProto(SignedRelease message)
      throws InvalidFormatException {
    Release release =
        made(
            "release",
            () ->
                new Release(
                    text("release: venue", message.getVenue()),
                    text("release: account", message.getAccount()),
                    digest("release: circuit id", message.getCircuitId()),
                    key("release: attester key", message.getAttesterKey()),
                    count("release: through version", message.getThroughVersion()),
                    count("release: successor version", message.getSuccessorVersion()),
                    digest("release: successor digest", message.getSuccessorDigest()),
                    count("release: account version", message.getAccountVersion()),
                    count("release: issued at", message.getIssuedAtMillis())));
    return VenueSigned.of(
        release,
        key("release: venue key", message.getVenueKey()),
        signature("release: signature", message.getSignature()));
  }

  static SignedReceipt receiptToProto(VenueSigned<ProofReceipt> signed) {
    ProofReceipt receipt = signed.message();
    return SignedReceipt.newBuilder()
        .setVenue(receipt.venue())
        .setAccount(receipt.account())
        .setCircuitId(bytes(receipt.circuitId()))
        .setAccountVersion(receipt.accountVersion())
        .setRoundSequence(receipt.roundSequence())
        .setProofDigest(bytes(receipt.proofDigest()))
        .setReceivedAtMillis(receipt.receivedAtMillis())
        .setDecidedAtMillis(receipt.decidedAtMillis())
        .setRejection(receipt.rejection().map(RejectionReason::name).orElse(""))
        .setSolventUntilMillis(receipt.solventUntilMillis())
        .setJournalIndex(receipt.journalIndex())
        .setJournalDigest(bytes(receipt.journalDigest()))
        .setVenueKey(bytes(signed.signer()))
        .setSignature(ByteString.copyFrom(signed.signature()))
        .build();
  }

  /**
   * Reads a receipt and checks its signature.
   *
   * @throws InvalidFormatException if a field is not as it must be or the signature is not valid
   */
  public static VenueSigned<ProofReceipt> fromProto(SignedReceipt message)
      throws InvalidFormatException {
    Optional<RejectionReason> rejection =
        message.getRejection().isEmpty()
            ? Optional.empty()
            : Optional.of(
                named("receipt: rejection", RejectionReason.class, message.getRejection()));
    ProofReceipt receipt =
        made(
            "receipt",
            () ->
                new ProofReceipt(
                    text("receipt: venue", message.getVenue()),
                    text("receipt: account", message.getAccount()),
                    digest("receipt: circuit id", message.getCircuitId()),
                    count("receipt: account version", message.getAccountVersion()),
                    message.getRoundSequence(),
                    digest("receipt: proof digest", message.getProofDigest()),
                    count("receipt: received at", message.getReceivedAtMillis()),
                    count("receipt: decided at", message.getDecidedAtMillis()),
                    rejection,
                    count("receipt: solvent until", message.getSolventUntilMillis()),
                    count("receipt: journal index", message.getJournalIndex()),
                    digest("receipt: journal digest", message.getJournalDigest())));
    return VenueSigned.of(
        receipt,
        key("receipt: venue key", message.getVenueKey()),
        signature("receipt: signature", message.getSignature()));
  }

  static SignedOrder orderToProto(VenueSigned<LiquidationOrder> signed) {
    LiquidationOrder order = signed.message();
    SignedOrder.Builder message =
        SignedOrder.newBuilder()
            .setVenue(order.venue())
            .setAccount(order.account())
            .setCircuitId(bytes(order.circuitId()))
            .setGateVersion(order.gateVersion())
            .setAccountVersion(order.accountVersion())
            .setRosterVersion(order.rosterVersion())
            .setAttestationSetDigest(bytes(order.attestationSetDigest()))
            .setRoundSequence(order.roundSequence())
            .setClaimant(order.claimant())
            .setFraction(toProto(order.fraction()))
            .setClaimedAtMillis(order.claimedAtMillis())
            .setNotAfterMillis(order.notAfterMillis())
            .setVenueKey(bytes(signed.signer()))
            .setSignature(ByteString.copyFrom(signed.signature()));
    order.attesters().forEach(attester -> message.addAttesterKeys(bytes(attester)));
    if (order.lastProofDigest().isPresent()) {
      message.setLastProof(
          LastProof.newBuilder()
              .setProofDigest(bytes(order.lastProofDigest().get()))
              .setRoundSequence(order.lastRoundSequence().orElseThrow()));
    }
    return message.build();
  }

  /**
   * Reads an order and checks its signature.
   *
   * @throws InvalidFormatException if a field is not as it must be or the signature is not valid
   */
  public static VenueSigned<LiquidationOrder> fromProto(SignedOrder message)
      throws InvalidFormatException {
    List<Ed25519PublicKey> attesters = keys("order: attester keys", message.getAttesterKeysList());
    Optional<Digest> lastProof =
        message.hasLastProof()
            ? Optional.of(
                digest("order: last proof digest", message.getLastProof().getProofDigest()))
            : Optional.empty();
    Optional<Long> lastRound =
        message.hasLastProof()
            ? Optional.of(count("order: last round", message.getLastProof().getRoundSequence()))
            : Optional.empty();
    LiquidationOrder order =
        made(
            "order",
            () ->
                new LiquidationOrder(
                    text("order: venue", message.getVenue()),
                    text("order: account", message.getAccount()),
                    digest("order: circuit id", message.getCircuitId()),
                    count("order: gate version", message.getGateVersion()),
                    count("order: account version", message.getAccountVersion()),
                    count("order: roster version", message.getRosterVersion()),
                    digest("order: attestation set digest", message.getAttestationSetDigest()),
                    attesters,
                    message.getRoundSequence(),
                    lastProof,
                    lastRound,
                    text("order: claimant", message.getClaimant()),
                    fraction("order: fraction", message.getFraction()),
                    count("order: claimed at", message.getClaimedAtMillis()),
                    count("order: not after", message.getNotAfterMillis())));
    return VenueSigned.of(
        order,
        key("order: venue key", message.getVenueKey()),
        signature("order: signature", message.getSignature()));
  }

  // Accounts.

  static Execution fromProto(OrderExecution message, Attestation attestation)
      throws InvalidFormatException {
    return Execution.of(
        digest("execution: order digest", message.getOrderDigest()),
        attestation,
        signature("execution: signature", message.getSignature()));
  }

  static OrderExecution toProto(Execution execution) {
    return OrderExecution.newBuilder()
        .setOrderDigest(bytes(execution.orderDigest()))
        .setSignature(ByteString.copyFrom(execution.signature()))
        .build();
  }

  /**
   * The change of a request.
   *
   * @param byVenue whether the one who asks is not the account's owner
   */
  static RosterChange rosterChange(ChangeRosterRequest message, boolean byVenue)
      throws InvalidFormatException {
    return switch (message.getChangeCase()) {
      case JOIN -> new RosterChange.Join(key("join", message.getJoin()), byVenue);
      case LEAVE -> new RosterChange.Leave(AttestationConversions.fromProto(message.getLeave()));
      case REPLACE ->
          new RosterChange.Replace(
              key("replace: revoked_key", message.getReplace().getRevokedKey()),
              key("replace: successor_key", message.getReplace().getSuccessorKey()));
      case CHANGE_NOT_SET -> throw new InvalidFormatException("change is not set");
    };
  }

  static ChangeRosterRequest toProto(String account, RosterChange change) {
    ChangeRosterRequest.Builder message = ChangeRosterRequest.newBuilder().setAccount(account);
    if (change instanceof RosterChange.Join join) {
      message.setJoin(bytes(join.attester()));
    } else if (change instanceof RosterChange.Leave leave) {
      message.setLeave(AttestationConversions.toProto(leave.closing()));
    } else {
      RosterChange.Replace replace = (RosterChange.Replace) change;
      message.setReplace(
          ReplaceAttester.newBuilder()
              .setRevokedKey(bytes(replace.revoked()))
              .setSuccessorKey(bytes(replace.successor())));
    }
    return message.build();
  }

  /**
   * The message of a status.
   *
   * @param order signs what a liquidating account's order says
   */
  static io.plimsoll.proto.v1.AccountStatus toProto(AccountStatus status, OrderSigner order) {
    var message = io.plimsoll.proto.v1.AccountStatus.newBuilder();
    if (status instanceof AccountStatus.Solvent solvent) {
      message.getSolventBuilder().setUntilMillis(solvent.untilMillis());
    } else if (status instanceof AccountStatus.InGrace grace) {
      message
          .getInGraceBuilder()
          .setSinceMillis(grace.sinceMillis())
          .setLiquidatableAtMillis(grace.liquidatableAtMillis());
    } else if (status instanceof AccountStatus.Liquidatable liquidatable) {
      message
          .getLiquidatableBuilder()
          .setSinceMillis(liquidatable.sinceMillis())
          .setFraction(toProto(liquidatable.fraction()))
          .setWholeAtMillis(liquidatable.wholeAtMillis());
    } else if (status instanceof AccountStatus.Liquidating liquidating) {
      var running =
          message.getLiquidatingBuilder().setOrder(orderToProto(order.sign(liquidating.order())));
      liquidating.attested().forEach(attester -> running.addAttestedKeys(bytes(attester)));
    } else {
      AccountStatus.Suspended suspended = (AccountStatus.Suspended) status;
      message
          .getSuspendedBuilder()
          .setCause(suspended.cause().name())
          .setSinceMillis(suspended.sinceMillis())
          .setUntilMillis(suspended.untilMillis());
    }
    return message.build();
  }

  /** Signs an order that the gate says is running. */
  @FunctionalInterface
  interface OrderSigner {
    VenueSigned<LiquidationOrder> sign(LiquidationOrder order);
  }

  static AccountStatus fromProto(io.plimsoll.proto.v1.AccountStatus message)
      throws InvalidFormatException {
    return switch (message.getStatusCase()) {
      case SOLVENT -> new AccountStatus.Solvent(message.getSolvent().getUntilMillis());
      case IN_GRACE ->
          new AccountStatus.InGrace(
              message.getInGrace().getSinceMillis(),
              message.getInGrace().getLiquidatableAtMillis());
      case LIQUIDATABLE ->
          new AccountStatus.Liquidatable(
              message.getLiquidatable().getSinceMillis(),
              fraction("status: fraction", message.getLiquidatable().getFraction()),
              message.getLiquidatable().getWholeAtMillis());
      case LIQUIDATING ->
          new AccountStatus.Liquidating(
              fromProto(message.getLiquidating().getOrder()).message(),
              keys("status: attested keys", message.getLiquidating().getAttestedKeysList()));
      case SUSPENDED ->
          new AccountStatus.Suspended(
              suspensionCause("status: cause", message.getSuspended().getCause()),
              message.getSuspended().getSinceMillis(),
              message.getSuspended().getUntilMillis());
      case STATUS_NOT_SET -> throw new InvalidFormatException("status is not set");
    };
  }

  static SuspensionCause suspensionCause(String field, String name) throws InvalidFormatException {
    return named(field, SuspensionCause.class, name);
  }

  // The journal.

  static JournalEntry toProto(JournalRecord record) {
    Decision decision = record.decision();
    return JournalEntry.newBuilder()
        .setIndex(record.index())
        .setPrevious(bytes(record.previous()))
        .setDecision(ByteString.copyFrom(decision.toByteArray()))
        .setDigest(bytes(record.digest()))
        .setAtMillis(decision.atMillis())
        .setAccount(decision.account())
        .setKind(decision.getClass().getSimpleName())
        .setOutcome(decision.outcome())
        .build();
  }

  /** Reads a record and computes its digest anew. */
  static JournalRecord fromProto(JournalEntry message) throws InvalidFormatException {
    JournalRecord record =
        new JournalRecord(
            count("journal: index", message.getIndex()),
            digest("journal: previous", message.getPrevious()),
            Decision.decode(message.getDecision().toByteArray()));
    if (!record.digest().equals(digest("journal: digest", message.getDigest()))) {
      throw new InvalidFormatException(
          "journal: record " + record.index() + " has another digest than it is sent with");
    }
    return record;
  }

  // The policy.

  /** The message of a policy. */
  public static VenuePolicy toProto(GatePolicy policy) {
    VenuePolicy.Builder message =
        VenuePolicy.newBuilder()
            .setThreshold(
                io.plimsoll.proto.v1.Threshold.newBuilder()
                    .setNumerator(policy.threshold().numerator())
                    .setDenominator(policy.threshold().denominator()))
            .setPurposeValue(policy.purpose().code())
            .setMaximumRoundAge(duration(policy.maximumRoundAgeMillis()))
            .setGrace(duration(policy.graceMillis()))
            .setClockSkew(duration(policy.clockSkewMillis()))
            .setMaximumSuspension(duration(policy.maximumSuspensionMillis()))
            .setMinimumVersionSpacing(duration(policy.minimumVersionSpacingMillis()))
            .setReproofTime(duration(policy.reproofMillis()))
            .setOrderLifetime(duration(policy.orderLifetimeMillis()));
    if (policy.softLiquidationMillis() > 0) {
      message
          .setSoftLiquidation(duration(policy.softLiquidationMillis()))
          .setLiquidationFraction(toProto(policy.liquidationFraction()));
    }
    if (policy.lockCoverMillis() > 0) {
      message.setLockCover(duration(policy.lockCoverMillis()));
    }
    policy
        .roundDeviation()
        .ifPresent(
            most ->
                message.setRoundDeviation(
                    io.plimsoll.proto.v1.RoundDeviation.newBuilder()
                        .setPartsPerMillion(most.partsPerMillion())
                        .setFloor(most.floor())));
    for (Map.Entry<Ed25519PublicKey, List<ColumnRange>> trusted :
        new TreeMap<>(policy.trustedScopes()).entrySet()) {
      TrustedScope.Builder scope =
          TrustedScope.newBuilder().setAttesterKey(trusted.getKey().toString());
      for (ColumnRange range : trusted.getValue()) {
        scope.addScope(
            io.plimsoll.proto.v1.ColumnRange.newBuilder().setFrom(range.from()).setTo(range.to()));
      }
      message.addTrustedScopes(scope);
    }
    return message.build();
  }

  /**
   * Reads a policy.
   *
   * @throws InvalidFormatException if a part is missing or out of range
   */
  public static GatePolicy fromProto(VenuePolicy message) throws InvalidFormatException {
    if (!message.hasThreshold()) {
      throw new InvalidFormatException("policy: threshold is not set");
    }
    GatePolicy.Builder policy =
        GatePolicy.builder()
            .require(
                Threshold.of(
                    message.getThreshold().getNumerator(), message.getThreshold().getDenominator()),
                Purpose.ofCode(message.getPurposeValue()))
            .maximumRoundAge(
                duration(
                    "maximum_round_age",
                    message.hasMaximumRoundAge(),
                    message.getMaximumRoundAge()))
            .grace(duration("grace", message.hasGrace(), message.getGrace()))
            .clockSkew(duration("clock_skew", message.hasClockSkew(), message.getClockSkew()))
            .maximumSuspension(
                duration(
                    "maximum_suspension",
                    message.hasMaximumSuspension(),
                    message.getMaximumSuspension()))
            .minimumVersionSpacing(
                duration(
                    "minimum_version_spacing",
                    message.hasMinimumVersionSpacing(),
                    message.getMinimumVersionSpacing()))
            .reproofTime(
                duration("reproof_time", message.hasReproofTime(), message.getReproofTime()))
            .orderLifetime(
                duration("order_lifetime", message.hasOrderLifetime(), message.getOrderLifetime()));
    if (message.hasSoftLiquidation() != message.hasLiquidationFraction()) {
      throw new InvalidFormatException(
          "policy: soft_liquidation and liquidation_fraction come together");
    }
    if (message.hasSoftLiquidation()) {
      policy.softLiquidation(
          duration("soft_liquidation", true, message.getSoftLiquidation()),
          fraction("policy: liquidation_fraction", message.getLiquidationFraction()));
    }
    if (message.hasLockCover()) {
      policy.lockCover(duration("lock_cover", true, message.getLockCover()));
    }
    if (message.hasRoundDeviation()) {
      policy.roundDeviation(
          made(
              "policy: round_deviation",
              () ->
                  new RoundDeviation(
                      count(
                          "policy: parts_per_million",
                          message.getRoundDeviation().getPartsPerMillion()),
                      count("policy: floor", message.getRoundDeviation().getFloor()))));
    }
    trustedScopes(message, policy);
    return made("policy", policy::build);
  }

  private static void trustedScopes(VenuePolicy message, GatePolicy.Builder policy)
      throws InvalidFormatException {
    if (message.getTrustedScopesCount() > GatePolicy.MAX_TRUSTED_SCOPES) {
      throw new InvalidFormatException(
          "policy: "
              + message.getTrustedScopesCount()
              + " trusted scopes, more than "
              + GatePolicy.MAX_TRUSTED_SCOPES);
    }
    Set<Ed25519PublicKey> named = new HashSet<>();
    for (TrustedScope trusted : message.getTrustedScopesList()) {
      String hex = trusted.getAttesterKey();
      if (!KEY_HEX.matcher(hex).matches()) {
        throw new InvalidFormatException(
            "policy: attester_key is '" + hex + "', not 64 lower-case hexadecimal digits");
      }
      Ed25519PublicKey attester = Ed25519PublicKey.fromBytes(HexFormat.of().parseHex(hex));
      if (!named.add(attester)) {
        throw new InvalidFormatException("policy: attester " + hex + " is there twice");
      }
      if (trusted.getScopeCount() > StatementLayout.MAX_HOLDINGS) {
        throw new InvalidFormatException(
            "policy: scope of "
                + hex
                + " has "
                + trusted.getScopeCount()
                + " ranges, more than "
                + StatementLayout.MAX_HOLDINGS);
      }
      List<ColumnRange> scope = new ArrayList<>();
      for (io.plimsoll.proto.v1.ColumnRange range : trusted.getScopeList()) {
        scope.add(ColumnRange.of(range.getFrom(), range.getTo()));
      }
      policy.trustOnlyFor(attester, scope);
    }
  }

  private static com.google.protobuf.Duration duration(long millis) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(millis / 1000)
        .setNanos((int) (millis % 1000) * 1_000_000)
        .build();
  }

  private static Duration duration(
      String field, boolean present, com.google.protobuf.Duration message)
      throws InvalidFormatException {
    if (!present) {
      throw new InvalidFormatException("policy: " + field + " is not set");
    }
    if (message.getNanos() % 1_000_000 != 0) {
      throw new InvalidFormatException(
          "policy: "
              + field
              + " is "
              + message.getSeconds()
              + " s and "
              + message.getNanos()
              + " ns, not whole milliseconds");
    }
    return made(
        "policy: " + field, () -> Duration.ofSeconds(message.getSeconds(), message.getNanos()));
  }

  private static io.plimsoll.proto.v1.Fraction toProto(Fraction fraction) {
    return io.plimsoll.proto.v1.Fraction.newBuilder()
        .setNumerator(fraction.numerator())
        .setDenominator(fraction.denominator())
        .build();
  }

  private static Fraction fraction(String field, io.plimsoll.proto.v1.Fraction message)
      throws InvalidFormatException {
    return made(field, () -> new Fraction(message.getNumerator(), message.getDenominator()));
  }

  // Fields.

  /** Makes a value whose constructor refuses what is out of range. */
  private interface Making<T> {
    T make() throws InvalidFormatException;
  }

  private static <T> T made(String what, Making<T> making) throws InvalidFormatException {
    try {
      return making.make();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new InvalidFormatException(what + ": " + e.getMessage());
    }
  }

  /** Canonical text that is not empty. */
  static String text(String field, String value) throws InvalidFormatException {
    if (value.isEmpty()) {
      throw new InvalidFormatException(field + " is empty");
    }
    return CanonicalWriter.requireText(field, value);
  }

  /** 0 or more; a uint64 above 2^63 - 1 arrives negative. */
  static long count(String field, long value) throws InvalidFormatException {
    if (value < 0) {
      throw new InvalidFormatException(
          field + " is " + Long.toUnsignedString(value) + ", more than 2^63 - 1");
    }
    return value;
  }

  static byte[] proof(ByteString bytes) throws InvalidFormatException {
    if (bytes.size() > MAX_PROOF_BYTES) {
      throw new InvalidFormatException(
          "proof has " + bytes.size() + " bytes, more than " + MAX_PROOF_BYTES);
    }
    return bytes.toByteArray();
  }

  static ByteString bytes(Digest digest) {
    return ByteString.copyFrom(digest.toByteArray());
  }

  static ByteString bytes(Ed25519PublicKey key) {
    return ByteString.copyFrom(key.toByteArray());
  }

  static Digest digest(String field, ByteString bytes) throws InvalidFormatException {
    if (bytes.size() != Digest.BYTES) {
      throw new InvalidFormatException(
          field + " has " + bytes.size() + " bytes, not " + Digest.BYTES);
    }
    return Digest.fromBytes(bytes.toByteArray());
  }

  static Ed25519PublicKey key(String field, ByteString bytes) throws InvalidFormatException {
    if (bytes.size() != Ed25519PublicKey.BYTES) {
      throw new InvalidFormatException(
          field + " has " + bytes.size() + " bytes, not " + Ed25519PublicKey.BYTES);
    }
    return Ed25519PublicKey.fromBytes(bytes.toByteArray());
  }

  static List<Ed25519PublicKey> keys(String field, List<ByteString> messages)
      throws InvalidFormatException {
    if (messages.size() > Roster.MAX_ATTESTERS) {
      throw new InvalidFormatException(
          field + ": " + messages.size() + ", more than " + Roster.MAX_ATTESTERS);
    }
    List<Ed25519PublicKey> keys = new ArrayList<>();
    for (ByteString message : messages) {
      keys.add(key(field, message));
    }
    return keys;
  }

  private static byte[] signature(String field, ByteString bytes) throws InvalidFormatException {
    if (bytes.size() > MAX_SIGNATURE_BYTES) {
      throw new InvalidFormatException(
          field + " has " + bytes.size() + " bytes, more than " + MAX_SIGNATURE_BYTES);
    }
    return bytes.toByteArray();
  }

  static <E extends Enum<E>> E named(String field, Class<E> kind, String name)
      throws InvalidFormatException {
    for (E value : kind.getEnumConstants()) {
      if (value.name().equals(name)) {
        return value;
      }
    }
    throw new InvalidFormatException(
        field
            + " is '"
            + (name.length() > 64 ? name.substring(0, 64) + "..." : name)
            + "', unknown");
  }
}
