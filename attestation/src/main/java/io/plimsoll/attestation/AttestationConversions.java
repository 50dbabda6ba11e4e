package io.plimsoll.attestation;

import com.google.protobuf.ByteString;
import io.plimsoll.circuits.Listing;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.ProtoConversions;
import io.plimsoll.circuits.RoundCoefficients;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.AttestationBody;
import io.plimsoll.verifier.ColumnRange;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.Roster;
import io.plimsoll.verifier.RoundSignature;
import io.plimsoll.verifier.ScopeProof;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.StatementLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Between the messages of {@code plimsoll.v1} and the verifier's attestations, account states and
 * rounds. All methods are pure.
 */
public final class AttestationConversions {
  private AttestationConversions() {}

  /** The message of an attestation. */
  public static io.plimsoll.proto.v1.Attestation toProto(Attestation attestation) {
    AttestationBody body = attestation.body();
    io.plimsoll.proto.v1.Attestation.Builder proto =
        io.plimsoll.proto.v1.Attestation.newBuilder()
            .setVenue(body.venue())
            .setAccount(body.account())
            .setCircuitId(bytes(body.circuitId()))
            .setListingDigest(bytes(body.listingDigest()))
            .setAttesterKey(bytes(body.attester()))
            .setVersion(body.version())
            .setAsOfMillis(body.asOfMillis())
            .setNotAfterMillis(body.notAfterMillis())
            .setPreviousDigest(bytes(body.previousDigest()))
            .setClosing(body.closing())
            .setCommitment(ByteString.copyFrom(body.commitment().toByteArray()))
            .setSealedOpening(ByteString.copyFrom(body.sealedOpening()))
            .setSignature(ByteString.copyFrom(attestation.signature()));
    body.scopeProof()
        .ifPresent(proof -> proto.setScopeProof(ByteString.copyFrom(proof.toByteArray())));
    for (ColumnRange range : body.scope()) {
      proto.addScope(
          io.plimsoll.proto.v1.ColumnRange.newBuilder().setFrom(range.from()).setTo(range.to()));
    }
    return proto.build();
  }

  /**
   * Reads an attestation and checks its signature.
   *
   * @throws InvalidFormatException if a field is not as it must be or the signature is not valid
   */
  public static Attestation fromProto(io.plimsoll.proto.v1.Attestation proto)
      throws InvalidFormatException {
    if (proto.getScopeProof().size() > ScopeProof.MAX_BYTES) {
      throw new InvalidFormatException(
          "attestation: scope proof has "
              + proto.getScopeProof().size()
              + " bytes, more than "
              + ScopeProof.MAX_BYTES);
    }
    if (proto.getScopeCount() > StatementLayout.MAX_HOLDINGS) {
      throw new InvalidFormatException(
          "attestation: "
              + proto.getScopeCount()
              + " scope ranges, more than "
              + StatementLayout.MAX_HOLDINGS);
    }
    if (proto.getSealedOpening().size() > AttestationBody.MAX_SEALED_OPENING_BYTES) {
      throw new InvalidFormatException(
          "attestation: sealed opening has "
              + proto.getSealedOpening().size()
              + " bytes, more than "
              + AttestationBody.MAX_SEALED_OPENING_BYTES);
    }
    List<ColumnRange> scope = new ArrayList<>(proto.getScopeCount());
    for (io.plimsoll.proto.v1.ColumnRange range : proto.getScopeList()) {
      scope.add(ColumnRange.of(range.getFrom(), range.getTo()));
    }
    AttestationBody body =
        AttestationBody.builder()
            .venue(proto.getVenue())
            .account(proto.getAccount())
            .circuitId(digest("attestation: circuit id", proto.getCircuitId()))
            .listingDigest(digest("attestation: listing digest", proto.getListingDigest()))
            .attester(key("attestation: attester key", proto.getAttesterKey()))
            .scope(scope)
            .version(proto.getVersion())
            .asOfMillis(proto.getAsOfMillis())
            .notAfterMillis(proto.getNotAfterMillis())
            .previousDigest(digest("attestation: previous digest", proto.getPreviousDigest()))
            .closing(proto.getClosing())
            .commitment(small("attestation: commitment", proto.getCommitment()))
            .sealedOpening(proto.getSealedOpening().toByteArray())
            .scopeProof(proto.getScopeProof().toByteArray())
            .build();
    return Attestation.of(body, small("attestation: signature", proto.getSignature()));
  }

  /** The message of an account state; it does not carry attesters that have left. */
  public static io.plimsoll.proto.v1.AccountState toProto(AccountState state) {
    io.plimsoll.proto.v1.AccountState.Builder proto =
        io.plimsoll.proto.v1.AccountState.newBuilder()
            .setVenue(state.venue())
            .setAccount(state.account())
            .setVersion(state.version())
            .setRosterVersion(state.roster().version());
    for (Ed25519PublicKey attester : state.roster().attesters()) {
      proto.addRoster(bytes(attester));
    }
    for (Attestation attestation : state.attestations()) {
      proto.addAttestations(toProto(attestation));
    }
    return proto.build();
  }

  /**
   * Reads an account state and checks every signature in it.
   *
   * @param circuitId the account's circuit, which every attestation has to name
   * @throws InvalidFormatException if a field is not as it must be
   */
  public static AccountState fromProto(Digest circuitId, io.plimsoll.proto.v1.AccountState proto)
      throws InvalidFormatException {
    if (proto.getRosterCount() > Roster.MAX_ATTESTERS
        || proto.getAttestationsCount() > Roster.MAX_ATTESTERS) {
      throw new InvalidFormatException(
          "account state: "
              + proto.getRosterCount()
              + " attesters and "
              + proto.getAttestationsCount()
              + " attestations, more than "
              + Roster.MAX_ATTESTERS);
    }
    List<Ed25519PublicKey> roster = new ArrayList<>();
    for (ByteString attester : proto.getRosterList()) {
      roster.add(key("account state: roster key", attester));
    }
    List<Attestation> attestations = new ArrayList<>();
    for (io.plimsoll.proto.v1.Attestation attestation : proto.getAttestationsList()) {
      attestations.add(fromProto(attestation));
    }
    return AccountState.of(
        proto.getVenue(),
        proto.getAccount(),
        circuitId,
        proto.getVersion(),
        Roster.of(proto.getRosterVersion(), roster),
        attestations);
  }

  /**
   * Reads an issued round: a draft with venue, circuit and sequence. Signatures come along
   * unchecked.
   *
   * @param model whose coefficients they are; the message has to name it, with its shape
   * @throws InvalidFormatException if a field is not as it must be
   */
  public static SignedRound fromProto(MarginModel model, io.plimsoll.proto.v1.RiskRound proto)
      throws InvalidFormatException {
    if (proto.getSignaturesCount() > SignedRound.MAX_SIGNATURES) {
      throw new InvalidFormatException(
          "risk round: "
              + proto.getSignaturesCount()
              + " signatures, more than "
              + SignedRound.MAX_SIGNATURES);
    }
    if (proto.getVenue().isEmpty()) {
      throw new InvalidFormatException("risk round: venue is empty: it is a draft");
    }
    List<RoundSignature> signatures = new ArrayList<>();
    for (io.plimsoll.proto.v1.RoundSignature signature : proto.getSignaturesList()) {
      signatures.add(
          RoundSignature.of(
              key("risk round: publisher key", signature.getPublisherKey()),
              small("risk round: signature", signature.getSignature())));
    }
    RiskRound round =
        issue(
            model,
            proto,
            proto.getVenue(),
            digest("risk round: circuit id", proto.getCircuitId()),
            proto.getSequence());
    return new SignedRound(round, signatures);
  }

  /**
   * A draft as a round for a venue and circuit; whatever the draft says of these is ignored.
   *
   * @throws InvalidFormatException if a field is not as it must be
   */
  public static RiskRound issue(
      MarginModel model,
      io.plimsoll.proto.v1.RiskRound draft,
      String venue,
      Digest circuitId,
      long sequence)
      throws InvalidFormatException {
    RoundCoefficients coefficients = ProtoConversions.coefficients(model, draft);
    Listing listing = ProtoConversions.listing(model, draft.getListing());
    return RiskRound.of(
        circuitId,
        venue,
        listing.digest(),
        sequence,
        draft.getAsOfMillis(),
        coefficients.toLongArray());
  }

  /**
   * The message of a signed round.
   *
   * @param listing which the round names by its digest
   * @throws IllegalArgumentException if it names another, or the round is not the model's
   */
  public static io.plimsoll.proto.v1.RiskRound toProto(
      MarginModel model, Listing listing, SignedRound signed) {
    RiskRound round = signed.round();
    if (!round.listingDigest().equals(listing.digest())) {
      throw new IllegalArgumentException(round + " names another listing than " + listing.digest());
    }
    RoundCoefficients coefficients;
    try {
      coefficients = RoundCoefficients.of(model, round.coefficients());
    } catch (InvalidFormatException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    io.plimsoll.proto.v1.RiskRound.Builder proto =
        io.plimsoll.proto.v1.RiskRound.newBuilder()
            .setModel(model.name())
            .addAllShape(ProtoConversions.toProto(model.shape()))
            .setListing(ProtoConversions.toProto(listing))
            .setAsOfMillis(round.asOfMillis())
            .addAllCoefficients(ProtoConversions.toProto(coefficients))
            .setVenue(round.venue())
            .setCircuitId(bytes(round.circuitId()))
            .setSequence(round.sequence());
    for (RoundSignature signature : signed.signatures()) {
      proto.addSignatures(
          io.plimsoll.proto.v1.RoundSignature.newBuilder()
              .setPublisherKey(bytes(signature.publisher()))
              .setSignature(ByteString.copyFrom(signature.toByteArray())));
    }
    return proto.build();
  }

  private static ByteString bytes(Digest digest) {
    return ByteString.copyFrom(digest.toByteArray());
  }

  private static ByteString bytes(Ed25519PublicKey key) {
    return ByteString.copyFrom(key.toByteArray());
  }

  private static Digest digest(String field, ByteString bytes) throws InvalidFormatException {
    return Digest.fromBytes(exactly(field, bytes, Digest.BYTES));
  }

  private static Ed25519PublicKey key(String field, ByteString bytes)
      throws InvalidFormatException {
    return Ed25519PublicKey.fromBytes(exactly(field, bytes, Ed25519PublicKey.BYTES));
  }

  private static byte[] exactly(String field, ByteString bytes, int length)
      throws InvalidFormatException {
    if (bytes.size() != length) {
      throw new InvalidFormatException(field + " has " + bytes.size() + " bytes, not " + length);
    }
    return bytes.toByteArray();
  }

  /** Bytes whose length is checked further on; not copied if they are absurd. */
  private static byte[] small(String field, ByteString bytes) throws InvalidFormatException {
    if (bytes.size() > 1024) {
      throw new InvalidFormatException(field + " has " + bytes.size() + " bytes, more than 1024");
    }
    return bytes.toByteArray();
  }
}
