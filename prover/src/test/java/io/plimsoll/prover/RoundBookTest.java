package io.plimsoll.prover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.attestation.RoundPublisher;
import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.prover.PlausibilityPolicy.Step;
import io.plimsoll.prover.PlausibilityPolicy.Tensor;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.RoundSignature;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.StatementLayout;
import io.plimsoll.verifier.Threshold;
import io.plimsoll.verifier.UnpairedVerifiers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoundBookTest {
  private static final Digest CIRCUIT = Digest.of(new byte[] {1});
  private static final Digest LISTING = Digest.of(new byte[] {2});
  private static final long AGE = 500;
  private static final Threshold ONE = new Threshold(1, 1);

  private final List<SigningIdentity> identities =
      List.of(SigningIdentity.generate(), SigningIdentity.generate(), SigningIdentity.generate());
  private final RoundBook book;

  RoundBookTest() throws InvalidFormatException {
    List<io.plimsoll.verifier.Ed25519PublicKey> keys = new ArrayList<>();
    for (SigningIdentity identity : identities) {
      keys.add(new RoundPublisher(identity).publicKey());
    }
    StatementLayout layout =
        StatementLayout.of(
            1, new long[] {0, 0}, new long[] {1000, 1000}, new long[] {-1}, new long[] {1});
    SolvencyVerifier verifier = UnpairedVerifiers.accepting(CIRCUIT, layout);
    ProverPolicy policy =
        ProverPolicy.builder()
            .venue("venue")
            .publishers(PublisherPolicy.of(2, keys))
            .plausibility(PlausibilityPolicy.within(Step.of("0", "10")))
            .roundsKept(3)
            .maximumRoundAge(Duration.ofMillis(AGE))
            .build();
    book =
        new RoundBook(
            policy,
            List.of(new Tensor("mark", 0, 2, 0)),
            verifier::prepare,
            () -> Instant.ofEpochMilli(1000 + AGE));
  }

  private static RiskRound round(long sequence, long... coefficients) {
    return roundAt(1000, sequence, coefficients);
  }

  private static RiskRound roundAt(long asOf, long sequence, long... coefficients) {
    try {
      return RiskRound.of(CIRCUIT, "venue", LISTING, sequence, asOf, coefficients);
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  private SignedRound signed(RiskRound round, int... signers) {
    List<RoundSignature> signatures = new ArrayList<>();
    for (int signer : signers) {
      try {
        signatures.add(new RoundPublisher(identities.get(signer)).sign(round));
      } catch (InvalidFormatException e) {
        throw new AssertionError(e);
      }
    }
    return new SignedRound(round, signatures);
  }

  private RoundBook.Kept admit(long sequence, long... coefficients) throws Exception {
    return book.admit(signed(round(sequence, coefficients), 0, 1)).round();
  }

  private static Refusal refusalOf(org.junit.jupiter.api.function.Executable executable) {
    return assertThrows(RefusedException.class, executable).refusal();
  }

  @Test
  void aRoundNeedsEnoughDistinctValidSignatures() throws Exception {
    RiskRound round = round(1, 5, 5);
    assertEquals(Refusal.TOO_FEW_SIGNATURES, refusalOf(() -> book.admit(signed(round))));
    assertEquals(Refusal.TOO_FEW_SIGNATURES, refusalOf(() -> book.admit(signed(round, 0))));
    assertEquals(Refusal.TOO_FEW_SIGNATURES, refusalOf(() -> book.admit(signed(round, 0, 0))));
    SignedRound another = signed(round(1, 5, 6), 0, 1);
    assertEquals(
        Refusal.TOO_FEW_SIGNATURES,
        refusalOf(() -> book.admit(new SignedRound(round, another.signatures()))));
    assertEquals(0, book.size());
    book.admit(signed(round, 0, 2));
    assertEquals(1, book.size());
  }

  @Test
  void theSequenceOnlyGrows() throws Exception {
    admit(5, 1, 1);
    assertEquals(Refusal.SEQUENCE, refusalOf(() -> admit(4, 1, 1)));
    assertEquals(Refusal.SEQUENCE, refusalOf(() -> admit(5, 1, 2)));
    admit(7, 1, 1);
    assertEquals(Refusal.SEQUENCE, refusalOf(() -> admit(6, 1, 1)));
  }

  @Test
  void loadingTheSameRoundAgainFindsTheSameOne() throws Exception {
    RoundBook.Kept first = admit(5, 1, 1);
    first.take("alice", 1, ONE, Purpose.INITIAL);
    admit(6, 2, 2);
    assertSame(first, admit(5, 1, 1));
    assertEquals(
        Refusal.ALREADY_PROVEN,
        refusalOf(() -> admit(5, 1, 1).take("alice", 1, ONE, Purpose.INITIAL)));
  }

  @Test
  void anImplausibleRoundIsRefusedAndLeavesTheLastOneAsItWas() throws Exception {
    admit(1, 100, 100);
    assertEquals(Refusal.IMPLAUSIBLE_ROUND, refusalOf(() -> admit(2, 100, 111)));
    assertEquals(Refusal.IMPLAUSIBLE_ROUND, refusalOf(() -> admit(2, 0, 100)));
    admit(2, 110, 90);
    assertEquals(2, book.size());
  }

  @Test
  void anotherVenueOrCircuitOrACoefficientOutOfBoundsIsRefused() throws Exception {
    RiskRound elsewhere = RiskRound.of(CIRCUIT, "elsewhere", LISTING, 1, 1000, new long[] {1, 1});
    assertEquals(Refusal.WRONG_VENUE, refusalOf(() -> book.admit(signed(elsewhere, 0, 1))));
    RiskRound otherCircuit = RiskRound.of(LISTING, "venue", LISTING, 1, 1000, new long[] {1, 1});
    assertThrows(InvalidFormatException.class, () -> book.admit(signed(otherCircuit, 0, 1)));
    InvalidFormatException outside =
        assertThrows(InvalidFormatException.class, () -> admit(1, 1, 1001));
    assertTrue(outside.getMessage().contains("1001"), outside.getMessage());
    assertEquals(0, book.size());
  }

  @Test
  void onlyTheLastRoundsAreKeptAndNoneComesBack() throws Exception {
    for (long sequence = 1; sequence <= 4; sequence++) {
      admit(sequence, 1, 1);
    }
    assertEquals(3, book.size());
    assertEquals(Refusal.UNKNOWN_ROUND, refusalOf(() -> book.get(1)));
    assertEquals(Refusal.SEQUENCE, refusalOf(() -> admit(1, 1, 1)));
    book.get(2);
  }

  @Test
  void eachStatementHasOnePlaceUntilItIsGivenBack() throws Exception {
    RoundBook.Kept round = admit(1, 1, 1);
    RoundBook.Place place = round.take("alice", 1, ONE, Purpose.MAINTENANCE);
    assertEquals(
        Refusal.ALREADY_PROVEN, refusalOf(() -> round.take("alice", 1, ONE, Purpose.MAINTENANCE)));
    round.take("alice", 2, ONE, Purpose.MAINTENANCE);
    round.take("bob", 1, ONE, Purpose.MAINTENANCE);
    round.take("alice", 1, new Threshold(2, 2), Purpose.MAINTENANCE);
    round.take("alice", 1, ONE, Purpose.INITIAL);
    place.giveBack();
    round.take("alice", 1, ONE, Purpose.MAINTENANCE);
    place.giveBack();
    assertEquals(
        Refusal.ALREADY_PROVEN, refusalOf(() -> round.take("alice", 1, ONE, Purpose.MAINTENANCE)));
  }

  @Test
  void roundsOfThePastAreNotLetInEvenIntoAnEmptyBook() throws Exception {
    RefusedException refused =
        assertThrows(RefusedException.class, () -> book.admit(signed(roundAt(999, 1, 5, 5), 0, 1)));
    assertEquals(Refusal.IMPLAUSIBLE_ROUND, refused.refusal());
    assertEquals(0, book.size());
    book.admit(signed(roundAt(1000, 1, 5, 5), 0, 1));
  }

  @Test
  void timeOfRoundsDoesNotGoBack() throws Exception {
    book.admit(signed(roundAt(1200, 1, 5, 5), 0, 1));
    RefusedException refused =
        assertThrows(
            RefusedException.class, () -> book.admit(signed(roundAt(1199, 2, 5, 5), 0, 1)));
    assertEquals(Refusal.SEQUENCE, refused.refusal());
    book.admit(signed(roundAt(1200, 2, 5, 5), 0, 1));
  }
}
