package io.plimsoll.attestation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.JsonFormat;
import io.plimsoll.circuits.Holdings;
import io.plimsoll.circuits.Listing;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.proto.v1.ColumnRange;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.VerifyingKey;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AttestationConversionsTest {
  private static MarginModel model;
  private static VerifyingKey key;
  private static Listing listing;
  private static Attester attester;
  private static Attestation attestation;

  @BeforeAll
  static void attest() throws Exception {
    model = TestKeys.model();
    key = TestKeys.keyFor(model);
    listing = Listing.of(model, Map.of("instrument", List.of("A")));
    attester =
        new Attester(
            SigningIdentity.generate(),
            key,
            model,
            listing,
            AttesterScope.vectors(model, "position", "cash"),
            AttestationLedger.inMemory());
    try (Holdings nothing = Holdings.of(model, new long[model.holdingCount()])) {
      attestation =
          attester.attest(
              new AttestationTerms(
                  "venue", "account", SealingIdentity.generate().publicKey(), 5, 6),
              nothing);
    }
  }

  @Test
  void attestationSurvivesItsMessageAndJson() throws Exception {
    io.plimsoll.proto.v1.Attestation proto = AttestationConversions.toProto(attestation);
    assertEquals(attestation, AttestationConversions.fromProto(proto));
    io.plimsoll.proto.v1.Attestation.Builder read = io.plimsoll.proto.v1.Attestation.newBuilder();
    JsonFormat.parser().merge(JsonFormat.printer().print(proto), read);
    assertEquals(attestation, AttestationConversions.fromProto(read.build()));
  }

  @Test
  void everyAlteredFieldOfAnAttestationIsRefused() {
    io.plimsoll.proto.v1.Attestation good = AttestationConversions.toProto(attestation);
    ByteString digest = ByteString.copyFrom(new byte[] {1}).concat(zeros(31));
    List<UnaryOperator<io.plimsoll.proto.v1.Attestation.Builder>> alterations =
        List.of(
            b -> b.setVenue("other"),
            b -> b.setVenue(""),
            b -> b.setAccount("other"),
            b -> b.setCircuitId(digest),
            b -> b.setCircuitId(zeros(31)),
            b -> b.setListingDigest(digest),
            b -> b.setListingDigest(ByteString.EMPTY),
            b -> b.setAttesterKey(zeros(33)),
            b -> b.setAttesterKey(zeros(32)),
            b -> b.clearScope(),
            b -> b.addScope(ColumnRange.newBuilder().setFrom(20).setTo(21)),
            b -> b.addScope(ColumnRange.newBuilder().setFrom(-5).setTo(21)),
            b -> b.setVersion(2),
            b -> b.setVersion(-1),
            b -> b.setAsOfMillis(4),
            b -> b.setAsOfMillis(-4),
            b -> b.setNotAfterMillis(7),
            b -> b.setNotAfterMillis(4),
            b -> b.setPreviousDigest(digest),
            b -> b.setClosing(true),
            b -> b.setCommitment(zeros(32)),
            b -> b.setCommitment(zeros(2000)),
            b -> b.setSealedOpening(zeros(100)),
            b -> b.setSealedOpening(zeros(600_000)),
            b -> b.setScopeProof(zeros(1)),
            b -> b.setSignature(zeros(64)),
            b -> b.setSignature(ByteString.EMPTY),
            b -> b.setSignature(zeros(5000)));
    for (UnaryOperator<io.plimsoll.proto.v1.Attestation.Builder> each : alterations) {
      io.plimsoll.proto.v1.Attestation altered = each.apply(good.toBuilder()).build();
      String message =
          assertThrows(
                  InvalidFormatException.class, () -> AttestationConversions.fromProto(altered))
              .getMessage();
      assertTrue(!message.isEmpty() && message.length() < 400, message);
    }
    assertThrows(
        InvalidFormatException.class,
        () ->
            AttestationConversions.fromProto(
                io.plimsoll.proto.v1.Attestation.getDefaultInstance()));
  }

  @Test
  void accountStateSurvivesItsMessage() throws Exception {
    AccountState state =
        AccountState.open("venue", "account", key.circuitId(), List.of(attester.publicKey()));
    AccountUpdate update = state.with(attestation);
    AccountState complete = ((AccountUpdate.Accepted) update).state();
    for (AccountState each : List.of(state, complete)) {
      AccountState read =
          AttestationConversions.fromProto(key.circuitId(), AttestationConversions.toProto(each));
      assertEquals(each.version(), read.version());
      assertEquals(each.roster(), read.roster());
      assertEquals(each.attestations(), read.attestations());
      assertEquals(each.attestationSetDigest(), read.attestationSetDigest());
    }
    io.plimsoll.proto.v1.AccountState good = AttestationConversions.toProto(complete);
    List<UnaryOperator<io.plimsoll.proto.v1.AccountState.Builder>> alterations =
        List.of(
            b -> b.setVenue("other"),
            b -> b.setAccount("other"),
            b -> b.setVersion(-1),
            b -> b.setRosterVersion(-1),
            b -> b.clearRoster(),
            b -> b.addRoster(b.getRoster(0)),
            b -> b.addRoster(zeros(31)),
            b -> b.addAttestations(b.getAttestations(0)));
    for (UnaryOperator<io.plimsoll.proto.v1.AccountState.Builder> each : alterations) {
      assertThrows(
          InvalidFormatException.class,
          () ->
              AttestationConversions.fromProto(
                  key.circuitId(), each.apply(good.toBuilder()).build()));
    }
    assertThrows(
        InvalidFormatException.class, () -> AttestationConversions.fromProto(Digest.ZERO, good));
  }

  @Test
  void signedRoundSurvivesItsMessage() throws Exception {
    SignedRound signed = signedRound();
    io.plimsoll.proto.v1.RiskRound proto = AttestationConversions.toProto(model, listing, signed);
    SignedRound read = AttestationConversions.fromProto(model, proto);
    assertEquals(signed.round().digest(), read.round().digest());
    assertEquals(signed.signatures(), read.signatures());
    assertEquals(
        signed.round().digest(),
        AttestationConversions.issue(model, proto, "venue", key.circuitId(), 7).digest());
    List<UnaryOperator<io.plimsoll.proto.v1.RiskRound.Builder>> alterations =
        List.of(
            b -> b.clearVenue(),
            b -> b.clearCircuitId(),
            b -> b.setSequence(-1),
            b -> b.setAsOfMillis(-1),
            b -> b.setModel("cross"),
            b -> b.clearShape(),
            b -> b.removeCoefficients(0),
            b -> {
              b.getListingBuilder().getAxesBuilder(0).setLabels(0, "");
              return b;
            },
            b -> b.addSignatures(b.getSignatures(0).toBuilder().setSignature(zeros(3))),
            b -> b.addSignatures(b.getSignatures(0).toBuilder().setPublisherKey(zeros(3))));
    for (UnaryOperator<io.plimsoll.proto.v1.RiskRound.Builder> each : alterations) {
      assertThrows(
          InvalidFormatException.class,
          () -> AttestationConversions.fromProto(model, each.apply(proto.toBuilder()).build()));
    }
    Listing other = Listing.of(model, Map.of("instrument", List.of("B")));
    assertThrows(
        IllegalArgumentException.class, () -> AttestationConversions.toProto(model, other, signed));
  }

  private static SignedRound signedRound() throws InvalidFormatException {
    RiskRound round = round(7, 3);
    RoundPublisher publisher = new RoundPublisher(SigningIdentity.generate());
    return RoundPublisher.assemble(
        round,
        List.of(publisher.sign(round)),
        PublisherPolicy.of(1, List.<Ed25519PublicKey>of(publisher.publicKey())));
  }

  private static RiskRound round(long sequence, long firstMark) throws InvalidFormatException {
    long[] coefficients = new long[model.coefficientCount()];
    coefficients[0] = firstMark;
    return RiskRound.of(key.circuitId(), "venue", listing.digest(), sequence, 99, coefficients);
  }

  private static ByteString zeros(int length) {
    return ByteString.copyFrom(new byte[length]);
  }
}
