package io.plimsoll.verifier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AttestationTest {
  private static final TestKey ATTESTER = TestKey.of(1);
  private static final TestKey OTHER = TestKey.of(2);

  @Test
  void decodesWhatItEncodes() throws Exception {
    Attestation attestation =
        ATTESTER.attest(
            Fixtures.body()
                .scope(List.of(new ColumnRange(0, 2), new ColumnRange(3, 4)))
                .closing(true));
    Attestation decoded =
        Attestation.decode(attestation.body().toByteArray(), attestation.signature());
    assertEquals(attestation, decoded);
    assertArrayEquals(attestation.body().toByteArray(), decoded.body().toByteArray());
    assertEquals(attestation.body().scope(), decoded.body().scope());
    assertTrue(decoded.body().closing());
  }

  @Test
  void everyFlippedByteIsRefused() {
    Attestation attestation = ATTESTER.attest(Fixtures.body());
    byte[] body = attestation.body().toByteArray();
    for (int i = 0; i < body.length; i++) {
      byte[] flipped = body.clone();
      flipped[i] ^= 1;
      assertThrows(
          InvalidFormatException.class,
          () -> Attestation.decode(flipped, attestation.signature()),
          "byte " + i);
    }
  }

  @Test
  void everyTruncationAndAnyExtensionIsRefused() {
    byte[] body = ATTESTER.attest(Fixtures.body()).body().toByteArray();
    for (int length = 0; length < body.length; length++) {
      byte[] truncated = Arrays.copyOf(body, length);
      assertThrows(InvalidFormatException.class, () -> AttestationBody.decode(truncated));
    }
    byte[] extended = Arrays.copyOf(body, body.length + 1);
    assertThrows(InvalidFormatException.class, () -> AttestationBody.decode(extended));
  }

  @Test
  void signatureOfAnotherKeyIsRefused() throws Exception {
    AttestationBody body = Fixtures.body().attester(ATTESTER.publicKey()).build();
    InvalidFormatException e =
        assertThrows(
            InvalidFormatException.class,
            () -> Attestation.of(body, OTHER.sign(body.toByteArray())));
    assertTrue(e.getMessage().contains(ATTESTER.publicKey().toString()), e.getMessage());
  }

  @Test
  void everyFieldChangesTheDigest() {
    List<AttestationBody.Builder> variants =
        List.of(
            Fixtures.body(),
            Fixtures.body().venue("other"),
            Fixtures.body().account("other"),
            Fixtures.body().circuitId(Fixtures.LISTING),
            Fixtures.body().listingDigest(Fixtures.CIRCUIT),
            Fixtures.body().scope(List.of(new ColumnRange(0, 2))),
            Fixtures.body().scope(List.of(new ColumnRange(0, 1), new ColumnRange(2, 3))),
            Fixtures.body().version(2),
            Fixtures.body().asOfMillis(1),
            Fixtures.body().notAfterMillis(1001),
            Fixtures.body().previousDigest(Fixtures.CIRCUIT),
            Fixtures.body().closing(true),
            Fixtures.body().commitment(Fixtures.OTHER_POINT),
            Fixtures.body().sealedOpening(new byte[] {8}),
            Fixtures.body().sealedOpening(new byte[0]));
    Set<Digest> digests = new HashSet<>();
    for (AttestationBody.Builder variant : variants) {
      digests.add(ATTESTER.attest(variant).digest());
    }
    digests.add(OTHER.attest(Fixtures.body()).digest());
    assertEquals(variants.size() + 1, digests.size());
  }

  @Test
  void digestCoversTheSignature() {
    Attestation attestation = ATTESTER.attest(Fixtures.body());
    Digest bodyAlone = Digest.of(attestation.body().toByteArray());
    assertNotEquals(bodyAlone, attestation.digest());
    Digest expected =
        new CanonicalWriter("plimsoll/attestation-digest/v1")
            .bytes(attestation.body().toByteArray())
            .bytes(attestation.signature())
            .digest();
    assertEquals(expected, attestation.digest());
  }

  @Test
  void scopeHasOneForm() {
    assertRefused("scope is empty", Fixtures.body().scope(List.of()));
    assertRefused("scope range 1", Fixtures.body().scope(List.of(range(0, 1), range(1, 2))));
    assertRefused("scope range 1", Fixtures.body().scope(List.of(range(0, 3), range(2, 4))));
    assertRefused("scope range 1", Fixtures.body().scope(List.of(range(4, 5), range(0, 1))));
    assertThrows(IllegalArgumentException.class, () -> range(1, 1));
    assertThrows(IllegalArgumentException.class, () -> range(2, 1));
    assertThrows(IllegalArgumentException.class, () -> range(-1, 1));
    assertThrows(IllegalArgumentException.class, () -> range(0, StatementLayout.MAX_HOLDINGS + 1));
  }

  private static ColumnRange range(int from, int to) {
    return new ColumnRange(from, to);
  }

  @Test
  void namesWhatIsOutOfRange() {
    assertRefused("version is -1", Fixtures.body().version(-1));
    assertRefused("as of is -1", Fixtures.body().asOfMillis(-1));
    assertRefused("before as of", Fixtures.body().asOfMillis(1001));
    assertRefused("venue is empty", Fixtures.body().venue(""));
    assertRefused("account is empty", Fixtures.body().account(""));
    assertRefused("control character", Fixtures.body().account("a\n"));
    assertRefused(
        "sealed opening has",
        Fixtures.body().sealedOpening(new byte[AttestationBody.MAX_SEALED_OPENING_BYTES + 1]));
  }

  @Test
  void commitmentMustBeAPoint() {
    byte[] infinity = new byte[32];
    infinity[0] = 0x40;
    byte[] uncompressed = new byte[32];
    uncompressed[31] = 1;
    for (byte[] bad : List.of(infinity, uncompressed, new byte[31], new byte[33])) {
      assertThrows(
          InvalidFormatException.class,
          () -> Fixtures.body().attester(ATTESTER.publicKey()).commitment(bad).build());
    }
  }

  @Test
  void scopeProofOfOneByteIsRefused() throws Exception {
    byte[] body = ATTESTER.attest(Fixtures.body()).body().toByteArray();
    byte[] withProof = Arrays.copyOf(body, body.length + 1);
    withProof[body.length - 1] = 1;
    InvalidFormatException e =
        assertThrows(InvalidFormatException.class, () -> AttestationBody.decode(withProof));
    assertTrue(e.getMessage().contains("scope proof"), e.getMessage());
  }

  @Test
  void closingIsZeroOrOne() throws Exception {
    byte[] body = ATTESTER.attest(Fixtures.body()).body().toByteArray();
    // Behind it: commitment, sealed opening of one byte, empty scope proof.
    int closing = body.length - 4 - (4 + 1) - (4 + 32) - 1;
    assertEquals(0, body[closing]);
    body[closing] = 2;
    InvalidFormatException e =
        assertThrows(InvalidFormatException.class, () -> AttestationBody.decode(body));
    assertTrue(e.getMessage().contains("closing is 2"), e.getMessage());
  }

  @Test
  void textFormsDoNotShowTheOpening() {
    Attestation attestation = ATTESTER.attest(Fixtures.body().sealedOpening(new byte[] {0x5a}));
    assertFalse(attestation.toString().contains("5a,") || attestation.toString().contains("[90]"));
  }

  private static void assertRefused(String why, AttestationBody.Builder body) {
    InvalidFormatException e =
        assertThrows(
            InvalidFormatException.class, () -> body.attester(ATTESTER.publicKey()).build());
    assertTrue(e.getMessage().contains(why), e.getMessage());
  }
}
