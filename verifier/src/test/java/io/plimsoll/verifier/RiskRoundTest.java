package io.plimsoll.verifier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RiskRoundTest {
  private static final TestKey A = TestKey.of(1);
  private static final TestKey B = TestKey.of(2);
  private static final TestKey C = TestKey.of(3);
  private static final TestKey STRANGER = TestKey.of(4);
  private static final PublisherPolicy TWO_OF_THREE =
      PublisherPolicy.of(2, List.of(A.publicKey(), B.publicKey(), C.publicKey()));

  @Test
  void decodesWhatItEncodes() throws Exception {
    RiskRound round = Fixtures.round(7, 123, Long.MIN_VALUE, 0, Long.MAX_VALUE);
    RiskRound decoded = RiskRound.decode(round.toByteArray());
    assertArrayEquals(round.toByteArray(), decoded.toByteArray());
    assertEquals(round.digest(), decoded.digest());
    assertArrayEquals(round.coefficients(), decoded.coefficients());
  }

  @Test
  void refusesEveryTruncationAndAnyExtension() {
    byte[] bytes = Fixtures.round(7, 123).toByteArray();
    for (int length = 0; length < bytes.length; length++) {
      byte[] truncated = Arrays.copyOf(bytes, length);
      assertThrows(InvalidFormatException.class, () -> RiskRound.decode(truncated));
    }
    byte[] extended = Arrays.copyOf(bytes, bytes.length + 1);
    assertThrows(InvalidFormatException.class, () -> RiskRound.decode(extended));
  }

  @Test
  void refusesACountThatDoesNotMatchTheCoefficients() {
    byte[] bytes =
        new CanonicalWriter("plimsoll/round/v1")
            .text("venue")
            .digest(Fixtures.CIRCUIT)
            .digest(Fixtures.LISTING)
            .u64(1)
            .i64(1)
            .u32(2)
            .i64Array(new long[3])
            .toByteArray();
    assertThrows(InvalidFormatException.class, () -> RiskRound.decode(bytes));
  }

  @Test
  void digestIsOfTheIntegersAndNotOfTheCallersArray() throws Exception {
    long[] mine = {1, 2};
    RiskRound round = RiskRound.of(Fixtures.CIRCUIT, Fixtures.VENUE, Fixtures.LISTING, 1, 1, mine);
    mine[0] = 9;
    round.coefficients()[1] = 9;
    assertArrayEquals(new long[] {1, 2}, round.coefficients());
    assertEquals(Digest.of(round.toByteArray()), round.digest());
  }

  @Test
  void everyFieldChangesTheDigest() throws Exception {
    Digest base = Fixtures.round(1, 2, 3, 4).digest();
    assertNotEquals(base, Fixtures.round(2, 2, 3, 4).digest());
    assertNotEquals(base, Fixtures.round(1, 3, 3, 4).digest());
    assertNotEquals(base, Fixtures.round(1, 2, 4, 3).digest());
    assertNotEquals(base, Fixtures.round(1, 2, 3, 4, 0).digest());
    Digest other = Fixtures.digest("other");
    long[] same = {3, 4};
    assertNotEquals(
        base, RiskRound.of(other, Fixtures.VENUE, Fixtures.LISTING, 1, 2, same).digest());
    assertNotEquals(
        base, RiskRound.of(Fixtures.CIRCUIT, "other", Fixtures.LISTING, 1, 2, same).digest());
    assertNotEquals(
        base, RiskRound.of(Fixtures.CIRCUIT, Fixtures.VENUE, other, 1, 2, same).digest());
  }

  @Test
  void namesWhatIsOutOfRange() {
    assertRefused("sequence is -1", "venue", -1, 0);
    assertRefused("as of is -1", "venue", 0, -1);
    assertRefused("venue is empty", "", 0, 0);
    assertRefused("normalisation", "e\u0301", 0, 0);
  }

  private static void assertRefused(String why, String venue, long sequence, long asOf) {
    InvalidFormatException e =
        assertThrows(
            InvalidFormatException.class,
            () ->
                RiskRound.of(
                    Fixtures.CIRCUIT, venue, Fixtures.LISTING, sequence, asOf, new long[1]));
    assertTrue(e.getMessage().contains(why), e.getMessage());
  }

  @Test
  void acceptsEnoughDistinctPublishers() {
    RiskRound round = Fixtures.round(1, 2);
    assertTrue(TWO_OF_THREE.check(Fixtures.signed(round, A, B)).accepted());
    assertTrue(TWO_OF_THREE.check(Fixtures.signed(round, C, B, A)).accepted());
  }

  @Test
  void countsNeitherStrangersNorSignersTwice() {
    RiskRound round = Fixtures.round(1, 2);
    assertRefused(Fixtures.signed(round), "0 of 2 required round signatures");
    assertRefused(Fixtures.signed(round, A), "1 of 2 required round signatures");
    assertRefused(Fixtures.signed(round, A, A), A.publicKey() + " has signed already");
    assertRefused(
        Fixtures.signed(round, A, STRANGER), STRANGER.publicKey() + " is not a publisher");
  }

  @Test
  void doesNotCountASignatureOnAnotherRound() {
    RiskRound round = Fixtures.round(1, 2);
    RoundSignature elsewhere = B.sign(Fixtures.round(2, 2));
    assertRefused(
        new SignedRound(round, List.of(A.sign(round), elsewhere)),
        B.publicKey() + " has not signed this round");
  }

  @Test
  void signatureThatDoesNotCountSpoilsNothing() {
    RiskRound round = Fixtures.round(1, 2);
    RoundSignature elsewhere = B.sign(Fixtures.round(2, 2));
    SignedRound signed =
        new SignedRound(
            round, List.of(elsewhere, STRANGER.sign(round), A.sign(round), B.sign(round)));
    PublisherPolicy.SignatureReport report = TWO_OF_THREE.check(signed);
    assertTrue(report.accepted());
    assertEquals(2, report.refused().size());
  }

  private static void assertRefused(SignedRound signed, String why) {
    PublisherPolicy.SignatureReport report = TWO_OF_THREE.check(signed);
    assertTrue(!report.accepted() && report.toString().contains(why), report.toString());
  }

  @Test
  void policyNeedsAMajorityBeyondTheDishonest() {
    List<Ed25519PublicKey> three = List.copyOf(TWO_OF_THREE.publishers());
    assertThrows(IllegalArgumentException.class, () -> PublisherPolicy.of(1, three));
    assertThrows(IllegalArgumentException.class, () -> PublisherPolicy.of(0, three));
    assertThrows(IllegalArgumentException.class, () -> PublisherPolicy.of(4, three));
    assertThrows(IllegalArgumentException.class, () -> PublisherPolicy.of(2, three, 1));
    assertThrows(IllegalArgumentException.class, () -> PublisherPolicy.of(2, three, -1));
    assertThrows(IllegalArgumentException.class, () -> PublisherPolicy.of(1, List.of()));
    assertThrows(
        IllegalArgumentException.class,
        () -> PublisherPolicy.of(2, List.of(A.publicKey(), A.publicKey())));
    assertEquals(3, PublisherPolicy.of(3, three, 2).required());
  }
}
