package io.plimsoll.verifier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class SolvencyStatementTest {
  private static final TestKey A = TestKey.of(1);
  private static final TestKey B = TestKey.of(2);
  private static final Attestation A1 = A.attest(Fixtures.body());
  private static final Attestation B1 = B.attest(Fixtures.body().notAfterMillis(900));

  private final SolvencyVerifier verifier = Fixtures.verifier();
  private final AccountState empty = Fixtures.account(List.of(A.publicKey(), B.publicKey()));
  private final AccountState full = Fixtures.accepted(Fixtures.accepted(empty.with(A1)).with(B1));
  private final RiskRound risk = Fixtures.round(5, 100);

  private Statement form(AccountState account, RiskRound round, long atMillis)
      throws InvalidFormatException {
    return SolvencyStatement.form(
        account, verifier.prepare(round), Fixtures.THRESHOLD, Fixtures.PURPOSE, atMillis);
  }

  private Verdict verify(AccountState account, RiskRound round, byte[] proof)
      throws InvalidFormatException {
    return verifier.verify(
        account, verifier.prepare(round), Fixtures.THRESHOLD, Fixtures.PURPOSE, 100, proof);
  }

  @Test
  void takesOneAttestationOfEachRosteredAttester() throws Exception {
    SolvencyStatement statement = assertInstanceOf(SolvencyStatement.class, form(full, risk, 899));
    assertEquals(2, statement.commitments().size());
    assertEquals(900, statement.earliestNotAfterMillis());
  }

  @Test
  void omittedAttesterIsNotZero() throws Exception {
    AccountState omitted = Fixtures.accepted(empty.with(A1));
    assertRejected(RejectionReason.MISSING_ATTESTATION, form(omitted, risk, 100));
    assertRejected(RejectionReason.MISSING_ATTESTATION, form(empty, risk, 100));
    AccountState joined = Fixtures.accepted(full.join(TestKey.of(3).publicKey()));
    assertRejected(RejectionReason.MISSING_ATTESTATION, form(joined, risk, 100));
  }

  @Test
  void attestationHasExpiredAtItsNotAfter() throws Exception {
    assertRejected(RejectionReason.EXPIRED_ATTESTATION, form(full, risk, 900));
    assertRejected(RejectionReason.EXPIRED_ATTESTATION, form(full, risk, Long.MAX_VALUE));
  }

  @Test
  void emptyRosterProvesNothing() throws Exception {
    assertRejected(RejectionReason.EMPTY_ROSTER, form(Fixtures.account(List.of()), risk, 100));
  }

  @Test
  void moreAttestersThanTheWidthsAllow() throws Exception {
    AccountState state = Fixtures.account(List.of());
    for (int seed = 1; seed <= Fixtures.MAX_ATTESTERS + 1; seed++) {
      TestKey attester = TestKey.of(seed);
      state = Fixtures.accepted(state.join(attester.publicKey()));
      state = Fixtures.accepted(state.with(attester.attest(Fixtures.body())));
      if (seed == Fixtures.MAX_ATTESTERS) {
        assertInstanceOf(SolvencyStatement.class, form(state, risk, 100));
      }
    }
    assertRejected(RejectionReason.TOO_MANY_ATTESTATIONS, form(state, risk, 100));
  }

  @Test
  void foreignRoundsAndListings() throws Exception {
    Digest other = Fixtures.digest("other");
    AccountState elsewhere =
        AccountState.open(Fixtures.VENUE, Fixtures.ACCOUNT, other, List.of(A.publicKey()));
    assertRejected(RejectionReason.WRONG_CIRCUIT, form(elsewhere, risk, 100));
    RiskRound otherVenue =
        RiskRound.of(Fixtures.CIRCUIT, "other", Fixtures.LISTING, 5, 100, new long[2]);
    assertRejected(RejectionReason.WRONG_VENUE, form(full, otherVenue, 100));
    RiskRound otherListing =
        RiskRound.of(Fixtures.CIRCUIT, Fixtures.VENUE, other, 5, 100, new long[2]);
    assertRejected(RejectionReason.WRONG_LISTING, form(full, otherListing, 100));
  }

  @Test
  void roundsAreCheckedBeforeTheirPointsAreAddedUp() {
    assertNotPrepared("coefficient 1 is 11", Fixtures.round(5, 100, 0, 11));
    assertNotPrepared("coefficient 0 is -11", Fixtures.round(5, 100, -11, 0));
    assertNotPrepared("1 coefficients, not 2", Fixtures.round(5, 100, 0));
    assertNotPrepared("3 coefficients, not 2", Fixtures.round(5, 100, 0, 0, 0));
  }

  @Test
  void roundOfAnotherCircuitIsNotPrepared() throws Exception {
    RiskRound other =
        RiskRound.of(
            Fixtures.digest("other"), Fixtures.VENUE, Fixtures.LISTING, 5, 100, new long[2]);
    assertNotPrepared("circuit id is", other);
  }

  private void assertNotPrepared(String why, RiskRound round) {
    InvalidFormatException e =
        assertThrows(InvalidFormatException.class, () -> verifier.prepare(round));
    assertTrue(e.getMessage().contains(why), e.getMessage());
  }

  @Test
  void verdictNamesEverythingThatItIsAbout() throws Exception {
    VerifiedSolvency verified =
        assertInstanceOf(VerifiedSolvency.class, verify(full, risk, Fixtures.proof(full, risk)));
    assertEquals(Fixtures.CIRCUIT, verified.circuitId());
    assertEquals(Fixtures.VENUE, verified.venue());
    assertEquals(Fixtures.ACCOUNT, verified.account());
    assertEquals(3, verified.accountVersion());
    assertEquals(1, verified.rosterVersion());
    assertEquals(full.attestationSetDigest(), verified.attestationSetDigest());
    assertEquals(900, verified.earliestNotAfterMillis());
    assertEquals(5, verified.roundSequence());
    assertEquals(risk.digest(), verified.roundDigest());
    assertEquals(100, verified.roundAsOfMillis());
    assertEquals(Fixtures.THRESHOLD, verified.threshold());
    assertEquals(Fixtures.PURPOSE, verified.purpose());
  }

  @Test
  void proofOfAnotherStatementIsRejected() throws Exception {
    AccountState older = Fixtures.accepted(Fixtures.accepted(empty.with(B1)).with(A1));
    AccountState newer =
        Fixtures.accepted(
            older.with(A.attest(Fixtures.body().version(2).previousDigest(A1.digest()))));
    RiskRound oldRound = Fixtures.round(4, 100);
    RiskRound otherValues = Fixtures.round(5, 100, 2, 2);
    assertInstanceOf(VerifiedSolvency.class, verify(newer, risk, Fixtures.proof(newer, risk)));
    assertInvalid("old version", verify(newer, risk, Fixtures.proof(older, risk)));
    assertInvalid("old round", verify(newer, risk, Fixtures.proof(newer, oldRound)));
    assertInvalid("other values", verify(newer, risk, Fixtures.proof(newer, otherValues)));
    for (String[] name : new String[][] {{"other", Fixtures.ACCOUNT}, {Fixtures.VENUE, "other"}}) {
      AccountState elsewhere =
          AccountState.open(name[0], name[1], Fixtures.CIRCUIT, List.of(A.publicKey()));
      assertInvalid("elsewhere", verify(newer, risk, Fixtures.proof(elsewhere, risk)));
    }
    assertInvalid(
        "other threshold",
        verify(newer, risk, Fixtures.proof(newer, risk, new Threshold(10, 10), Purpose.INITIAL)));
    for (Purpose purpose : List.of(Purpose.INITIAL, Purpose.CLOSE_OUT)) {
      assertInvalid(
          "other purpose",
          verify(newer, risk, Fixtures.proof(newer, risk, Fixtures.THRESHOLD, purpose)));
    }
  }

  private static void assertInvalid(String what, Verdict verdict) {
    Rejected rejected = assertInstanceOf(Rejected.class, verdict, what);
    assertEquals(RejectionReason.PROOF_DOES_NOT_VERIFY, rejected.reason(), what);
  }

  @Test
  void badProofIsAValueAndBadArgumentAnException() throws Exception {
    for (int length : new int[] {0, 127, 129, 100_000}) {
      assertEquals(
          RejectionReason.PROOF_LENGTH,
          assertInstanceOf(Rejected.class, verify(full, risk, new byte[length])).reason());
    }
    assertThrows(NullPointerException.class, () -> verify(full, risk, null));
    assertThrows(NullPointerException.class, () -> verify(null, risk, new byte[128]));
    SolvencyStatement statement = (SolvencyStatement) form(full, risk, 100);
    SolvencyVerifier other =
        SolvencyVerifier.withCheck(
            Fixtures.digest("other"),
            Fixtures.layout(),
            coefficients -> null,
            (round, commitments, context, n, d, proof) -> {
              throw new AssertionError("must not be asked");
            });
    assertThrows(IllegalArgumentException.class, () -> other.verify(statement, new byte[128]));
  }

  @Test
  void developmentKeysNeedTheirNameInThePolicy() throws Exception {
    Digest other = Fixtures.digest("other");
    VerifierPolicy production = VerifierPolicy.production();
    VerifierPolicy named = VerifierPolicy.allowingDevelopment(Fixtures.CIRCUIT);
    production.requireAllowed(Fixtures.CIRCUIT, "ceremony:00", false);
    named.requireAllowed(Fixtures.CIRCUIT, "development", true);
    for (VerifierPolicy policy : List.of(production, VerifierPolicy.allowingDevelopment(other))) {
      InvalidFormatException e =
          assertThrows(
              InvalidFormatException.class,
              () -> policy.requireAllowed(Fixtures.CIRCUIT, "development", true));
      assertTrue(e.getMessage().contains(Fixtures.CIRCUIT.toString()), e.getMessage());
    }
  }

  // The context.

  /** The fields of a context in order, each with another value for every one of them. */
  private record Fields(
      Digest circuitId,
      String venue,
      String account,
      long accountVersion,
      long rosterVersion,
      Digest attestationSet,
      Digest round,
      long sequence,
      Threshold threshold,
      Purpose purpose) {
    Digest context() {
      return SolvencyStatement.context(
          circuitId,
          venue,
          account,
          accountVersion,
          rosterVersion,
          attestationSet,
          round,
          sequence,
          threshold,
          purpose);
    }
  }

  private static final Fields BASE =
      new Fields(
          Fixtures.CIRCUIT,
          "ab",
          "c",
          1,
          2,
          Fixtures.digest("set"),
          Fixtures.digest("round"),
          3,
          new Threshold(4, 5),
          Purpose.INITIAL);

  @Test
  void everyFieldChangesTheContext() {
    Digest other = Fixtures.digest("other");
    Digest c = BASE.circuitId;
    Digest s = BASE.attestationSet;
    Digest r = BASE.round;
    Threshold t = BASE.threshold;
    Purpose p = BASE.purpose;
    List<Fields> variants = new ArrayList<>();
    variants.add(BASE);
    variants.add(new Fields(other, "ab", "c", 1, 2, s, r, 3, t, p));
    variants.add(new Fields(c, "aB", "c", 1, 2, s, r, 3, t, p));
    variants.add(new Fields(c, "ab", "C", 1, 2, s, r, 3, t, p));
    variants.add(new Fields(c, "ab", "c", 9, 2, s, r, 3, t, p));
    variants.add(new Fields(c, "ab", "c", 1, 9, s, r, 3, t, p));
    variants.add(new Fields(c, "ab", "c", 1, 2, other, r, 3, t, p));
    variants.add(new Fields(c, "ab", "c", 1, 2, s, other, 3, t, p));
    variants.add(new Fields(c, "ab", "c", 1, 2, s, r, 9, t, p));
    variants.add(new Fields(c, "ab", "c", 1, 2, s, r, 3, new Threshold(9, 5), p));
    variants.add(new Fields(c, "ab", "c", 1, 2, s, r, 3, new Threshold(4, 9), p));
    variants.add(new Fields(c, "ab", "c", 1, 2, s, r, 3, t, Purpose.MAINTENANCE));
    variants.add(new Fields(c, "ab", "c", 1, 2, s, r, 3, t, Purpose.CLOSE_OUT));
    // Values that move across a field's boundary, or between fields of one kind.
    variants.add(new Fields(c, "a", "bc", 1, 2, s, r, 3, t, p));
    variants.add(new Fields(c, "abc", "", 1, 2, s, r, 3, t, p));
    variants.add(new Fields(c, "", "abc", 1, 2, s, r, 3, t, p));
    variants.add(new Fields(c, "c", "ab", 1, 2, s, r, 3, t, p));
    variants.add(new Fields(c, "ab", "c", 2, 1, s, r, 3, t, p));
    variants.add(new Fields(c, "ab", "c", 1, 2, r, s, 3, t, p));
    variants.add(new Fields(s, "ab", "c", 1, 2, c, r, 3, t, p));
    variants.add(new Fields(c, "ab", "c", 3, 2, s, r, 1, t, p));
    variants.add(new Fields(c, "ab", "c", 1, 2, s, r, 3, new Threshold(5, 4), p));
    variants.add(new Fields(c, "ab", "c", 256, 2, s, r, 3, t, p));
    variants.add(new Fields(c, "ab", "c", 1L << 56, 2, s, r, 3, t, p));
    Set<Digest> contexts = new HashSet<>();
    variants.forEach(variant -> contexts.add(variant.context()));
    assertEquals(variants.size(), contexts.size());
  }

  @Property(tries = 2000)
  void differentFieldsNeverShareAContext(
      @ForAll("fields") Fields one, @ForAll("fields") Fields other) {
    assertEquals(one.equals(other), one.context().equals(other.context()));
  }

  @Provide
  Arbitrary<Fields> fields() {
    // Few values, so that most pairs differ in a field or two only.
    Arbitrary<Digest> digests = Arbitraries.of(Fixtures.CIRCUIT, Fixtures.LISTING);
    Arbitrary<String> texts = Arbitraries.of("", "a", "aa", "\u00e9", "a\u00e9");
    Arbitrary<Long> longs = Arbitraries.of(0L, 1L, 256L, Long.MAX_VALUE);
    Arbitrary<Threshold> thresholds =
        Arbitraries.of(new Threshold(0, 1), new Threshold(1, 1), new Threshold(1, 256));
    Arbitrary<Purpose> purposes = Arbitraries.of(Purpose.class);
    return digests.flatMap(
        circuit ->
            net.jqwik.api.Combinators.combine(
                    texts, texts, longs, longs, digests, longs, thresholds, purposes)
                .as(
                    (venue, account, version, roster, set, sequence, threshold, purpose) ->
                        new Fields(
                            circuit, venue, account, version, roster, set, circuit, sequence,
                            threshold, purpose)));
  }

  @Test
  void contextIsTheFirst128BitsOfTheFormat() throws Exception {
    SolvencyStatement statement = (SolvencyStatement) form(full, risk, 100);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    field(out, "plimsoll/context/v1".getBytes(StandardCharsets.UTF_8));
    field(out, Fixtures.CIRCUIT.toByteArray());
    field(out, Fixtures.VENUE.getBytes(StandardCharsets.UTF_8));
    field(out, Fixtures.ACCOUNT.getBytes(StandardCharsets.UTF_8));
    number(out, 3);
    number(out, 1);
    field(out, full.attestationSetDigest().toByteArray());
    field(out, risk.digest().toByteArray());
    number(out, 5);
    number(out, 11);
    number(out, 10);
    field(out, new byte[] {2});
    byte[] expected = Arrays.copyOf(Digest.of(bytes.toByteArray()).toByteArray(), 16);
    assertArrayEquals(expected, statement.context());
  }

  private static void field(DataOutputStream out, byte[] value) throws IOException {
    out.writeInt(value.length);
    out.write(value);
  }

  private static void number(DataOutputStream out, long value) throws IOException {
    out.writeInt(8);
    out.writeLong(value);
  }

  @Test
  void purposesHaveTheirCodes() throws Exception {
    for (Purpose purpose : Purpose.values()) {
      assertEquals(purpose, Purpose.ofCode(purpose.code()));
    }
    assertThrows(InvalidFormatException.class, () -> Purpose.ofCode(0));
    assertThrows(InvalidFormatException.class, () -> Purpose.ofCode(4));
    assertNotEquals(Purpose.INITIAL.code(), Purpose.MAINTENANCE.code());
  }

  private static void assertRejected(RejectionReason reason, Statement statement) {
    assertEquals(reason, assertInstanceOf(Rejected.class, statement).reason());
  }
}
