package io.plimsoll.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.AccountUpdate.Equivocation;
import io.plimsoll.verifier.AccountUpdate.Refusal;
import io.plimsoll.verifier.AccountUpdate.Refused;
import java.util.List;
import org.junit.jupiter.api.Test;

class AccountStateTest {
  private static final TestKey A = TestKey.of(1);
  private static final TestKey B = TestKey.of(2);
  private static final TestKey STRANGER = TestKey.of(3);
  private static final Attestation A1 = A.attest(Fixtures.body());
  private static final Attestation B1 = B.attest(Fixtures.body());

  private final AccountState empty = Fixtures.account(List.of(A.publicKey(), B.publicKey()));
  private final AccountState full = Fixtures.accepted(Fixtures.accepted(empty.with(A1)).with(B1));

  private static AttestationBody.Builder second() {
    return Fixtures.body().version(2).previousDigest(A1.digest());
  }

  @Test
  void startsAtVersionOneWithoutAttestations() {
    assertEquals(1, empty.version());
    assertEquals(1, empty.roster().version());
    assertEquals(List.of(), empty.attestations());
    assertFalse(empty.isComplete());
  }

  @Test
  void everyChangeCountsTheVersionUpByOneAndLeavesTheOldStateAlone() {
    assertEquals(3, full.version());
    assertEquals(1, empty.version());
    assertTrue(full.isComplete());
    AccountState joined = Fixtures.accepted(full.join(STRANGER.publicKey()));
    assertEquals(4, joined.version());
    assertEquals(2, joined.roster().version());
    assertFalse(joined.isComplete());
  }

  @Test
  void takesTheNextVersion() {
    AccountState next = Fixtures.accepted(full.with(A.attest(second())));
    assertEquals(2, next.attestation(A.publicKey()).orElseThrow().body().version());
    assertNotEquals(full.attestationSetDigest(), next.attestationSetDigest());
  }

  @Test
  void versionsMaySkip() {
    Fixtures.accepted(full.with(A.attest(second().version(9))));
  }

  @Test
  void refusesWhatBelongsElsewhere() {
    assertRefused(Refusal.WRONG_VENUE, full.with(A.attest(second().venue("other"))));
    assertRefused(Refusal.WRONG_ACCOUNT, full.with(A.attest(second().account("other"))));
    assertRefused(Refusal.WRONG_CIRCUIT, full.with(A.attest(second().circuitId(Fixtures.LISTING))));
    assertRefused(Refusal.NOT_ROSTERED, full.with(STRANGER.attest(Fixtures.body())));
  }

  @Test
  void refusesAnOlderVersion() {
    AccountState next = Fixtures.accepted(full.with(A.attest(second().version(5))));
    assertRefused(Refusal.VERSION_NOT_INCREASING, next.with(A.attest(second().version(4))));
  }

  @Test
  void refusesABrokenChain() {
    assertRefused(
        Refusal.WRONG_PREVIOUS_DIGEST, full.with(A.attest(second().previousDigest(B1.digest()))));
    assertRefused(
        Refusal.WRONG_PREVIOUS_DIGEST, full.with(A.attest(second().previousDigest(Digest.ZERO))));
    assertRefused(
        Refusal.WRONG_PREVIOUS_DIGEST,
        empty.with(A.attest(Fixtures.body().previousDigest(Fixtures.CIRCUIT))));
  }

  @Test
  void sameAttestationAgainChangesNothing() {
    assertRefused(Refusal.ALREADY_KNOWN, full.with(A1));
  }

  @Test
  void secondDigestForOneVersionIsEvidence() {
    Attestation contradiction = A.attest(Fixtures.body().sealedOpening(new byte[] {8}));
    Equivocation evidence = assertInstanceOf(Equivocation.class, full.with(contradiction));
    assertEquals(A1, evidence.known());
    assertEquals(contradiction, evidence.second());
  }

  @Test
  void closingAttestationTakesItsSignerOffTheRoster() {
    AccountState left = Fixtures.accepted(full.leave(A.attest(second().closing(true))));
    assertEquals(List.of(B.publicKey()), left.roster().attesters());
    assertEquals(2, left.roster().version());
    assertEquals(List.of(B1), left.attestations());
  }

  @Test
  void closingAttestationOfAnotherKeyTakesNobodyOffTheRoster() throws Exception {
    // B would like to remove A: by naming A it cannot sign, by signing it names itself.
    AttestationBody naming = second().closing(true).attester(A.publicKey()).build();
    assertThrows(
        InvalidFormatException.class, () -> Attestation.of(naming, B.sign(naming.toByteArray())));
    Attestation own =
        B.attest(Fixtures.body().version(2).previousDigest(B1.digest()).closing(true));
    AccountState left = Fixtures.accepted(full.leave(own));
    assertTrue(left.roster().contains(A.publicKey()));
    assertRefused(Refusal.NOT_ROSTERED, full.leave(STRANGER.attest(Fixtures.body().closing(true))));
  }

  @Test
  void ordinaryAttestationDoesNotCloseAndClosingOneDoesNotCount() {
    assertRefused(Refusal.WRONG_KIND, full.leave(A.attest(second())));
    assertRefused(Refusal.WRONG_KIND, full.with(A.attest(second().closing(true))));
  }

  @Test
  void attesterThatComesBackGoesOnFromItsClosingVersion() {
    Attestation closing = A.attest(second().closing(true));
    AccountState back =
        Fixtures.accepted(Fixtures.accepted(full.leave(closing)).join(A.publicKey()));
    assertRefused(Refusal.ALREADY_KNOWN, back.with(closing));
    assertInstanceOf(Equivocation.class, back.with(A.attest(second())));
    assertRefused(Refusal.VERSION_NOT_INCREASING, back.with(A1));
    AccountState again =
        Fixtures.accepted(
            back.with(A.attest(Fixtures.body().version(3).previousDigest(closing.digest()))));
    assertTrue(again.isComplete());
    assertEquals(List.of(), again.departed());
  }

  @Test
  void joinsOnceAndNotBeyondTheMost() throws Exception {
    assertRefused(Refusal.ALREADY_ROSTERED, full.join(A.publicKey()));
    AccountState many = full;
    for (int seed = 10; many.roster().attesters().size() < Roster.MAX_ATTESTERS; seed++) {
      many = Fixtures.accepted(many.join(TestKey.of(seed).publicKey()));
    }
    assertRefused(Refusal.ROSTER_FULL, many.join(STRANGER.publicKey()));
  }

  @Test
  void successorTakesTheRosterPlaceButNotTheAttestation() {
    AccountState replaced = Fixtures.accepted(full.replace(A.publicKey(), STRANGER.publicKey()));
    assertEquals(2, replaced.roster().version());
    assertFalse(replaced.roster().contains(A.publicKey()));
    assertFalse(replaced.isComplete());
    assertRefused(Refusal.NOT_ROSTERED, replaced.replace(A.publicKey(), TestKey.of(4).publicKey()));
    assertRefused(Refusal.ALREADY_ROSTERED, full.replace(A.publicKey(), B.publicKey()));
  }

  @Test
  void setDigestIsThatOfTheSortedListWhateverTheOrderOfArrival() {
    AccountState other = Fixtures.accepted(Fixtures.accepted(empty.with(B1)).with(A1));
    assertEquals(full.attestationSetDigest(), other.attestationSetDigest());
    boolean aFirst = A.publicKey().compareTo(B.publicKey()) < 0;
    Attestation first = aFirst ? A1 : B1;
    Attestation last = aFirst ? B1 : A1;
    Digest expected =
        new CanonicalWriter("plimsoll/attestation-set/v1")
            .u32(2)
            .bytes(first.body().attester().toByteArray())
            .digest(first.digest())
            .bytes(last.body().attester().toByteArray())
            .digest(last.digest())
            .digest();
    assertEquals(expected, full.attestationSetDigest());
  }

  @Test
  void restoresOnlyWhatFits() throws Exception {
    Roster roster = full.roster();
    AccountState restored = restore(roster, List.of(A1, B1));
    assertEquals(full.attestationSetDigest(), restored.attestationSetDigest());
    assertNotRestored("two attestations", roster, List.of(A1, A1));
    assertNotRestored("not on the roster", roster, List.of(STRANGER.attest(Fixtures.body())));
    assertNotRestored("for venue other", roster, List.of(A.attest(Fixtures.body().venue("other"))));
    assertNotRestored(
        "for account other", roster, List.of(A.attest(Fixtures.body().account("other"))));
    assertNotRestored(
        "for circuit", roster, List.of(A.attest(Fixtures.body().circuitId(Fixtures.LISTING))));
    assertNotRestored("is closing", roster, List.of(A.attest(Fixtures.body().closing(true))));
  }

  @Test
  void rosterIsSortedAndDistinct() {
    InvalidFormatException e =
        assertThrows(
            InvalidFormatException.class,
            () -> Roster.of(1, List.of(A.publicKey(), A.publicKey())));
    assertTrue(e.getMessage().contains("listed twice"), e.getMessage());
    List<Ed25519PublicKey> sorted = empty.roster().attesters();
    assertThrows(
        IllegalArgumentException.class, () -> new Roster(1, List.of(sorted.get(1), sorted.get(0))));
    assertThrows(
        IllegalArgumentException.class, () -> new Roster(1, List.of(sorted.get(0), sorted.get(0))));
  }

  private static AccountState restore(Roster roster, List<Attestation> attestations)
      throws InvalidFormatException {
    return AccountState.of(
        Fixtures.VENUE, Fixtures.ACCOUNT, Fixtures.CIRCUIT, 3, roster, attestations);
  }

  private static void assertNotRestored(String why, Roster roster, List<Attestation> attestations) {
    InvalidFormatException e =
        assertThrows(InvalidFormatException.class, () -> restore(roster, attestations));
    assertTrue(e.getMessage().contains(why), e.getMessage());
  }

  private static void assertRefused(Refusal reason, AccountUpdate update) {
    assertEquals(reason, assertInstanceOf(Refused.class, update).reason(), update.toString());
  }
}
