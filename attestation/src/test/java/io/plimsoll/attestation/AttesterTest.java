package io.plimsoll.attestation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.Holdings;
import io.plimsoll.circuits.Listing;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.AttestationBody;
import io.plimsoll.verifier.Commitment;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.ScopeProof;
import io.plimsoll.verifier.VerifyingKey;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttesterTest {
  private static MarginModel model;
  private static VerifyingKey key;
  private static Listing listing;

  @TempDir Path directory;

  private final SigningIdentity identity = SigningIdentity.generate();
  private final SealingIdentity owner = SealingIdentity.generate();
  private final AttestationLedger ledger = AttestationLedger.inMemory();
  private final AttestationTerms terms =
      new AttestationTerms("venue", "account", owner.publicKey(), 1_000, 2_000);

  @BeforeAll
  static void makeKey() throws Exception {
    model = TestKeys.model();
    key = TestKeys.keyFor(model);
    listing =
        Listing.of(
            model,
            Map.of("instrument", List.of("A", "B", "C"), "collateral", List.of("BTC", "USDC")));
  }

  @Test
  void ownerOpensWhatWasAttested() throws Exception {
    Attestation attestation = attester().attest(terms, book("position", "B", "-2.5"));
    Opening opening = wallet().open(attestation);
    assertEquals("-2.5000", opening.holdings().get("position", 1).toString());
    assertEquals("2.5000", opening.holdings().get("grossPosition", 1).toString());
    assertArrayEquals(
        attestation.body().commitment().toByteArray(),
        key.commit(opening.holdings().toLongArray(), opening.blinding()).toByteArray());
    assertEquals(key.circuitId(), attestation.body().circuitId());
    assertEquals(listing.digest(), attestation.body().listingDigest());
    assertEquals(identity.publicKeyHex(), attestation.body().attester().toString());
    assertFalse(attestation.body().closing());
  }

  @Test
  void commitmentsAndBlindingsOfEqualHoldingsDiffer() throws Exception {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      Attestation attestation = attester().attest(terms, book("cash", "", "100"));
      assertTrue(seen.add(Arrays.toString(attestation.body().commitment().toByteArray())));
      assertTrue(seen.add(Arrays.toString(wallet().open(attestation).blinding())));
    }
  }

  /** A ledger restored from a backup gives out old versions; the blinding is fresh all the same. */
  @Test
  void restoredBackupNeverRepeatsABlinding() throws Exception {
    Attestation first = attester().attest(terms, book("cash", "", "100"));
    Attester restored = attester(AttestationLedger.inMemory(), AttesterScope.everything(model));
    Attestation again = restored.attest(terms, book("cash", "", "100"));
    assertEquals(first.body().version(), again.body().version());
    assertFalse(Arrays.equals(wallet().open(first).blinding(), wallet().open(again).blinding()));
  }

  /** With a generator that repeats itself, version and holdings still tell blindings apart. */
  @Test
  void brokenRandomGeneratorNeverRepeatsABlinding() throws Exception {
    SecureRandom stuck =
        new SecureRandom() {
          private static final long serialVersionUID = 1L;

          @Override
          public void nextBytes(byte[] bytes) {
            Arrays.fill(bytes, (byte) 7);
          }
        };
    Attester attester =
        new Attester(identity, key, model, listing, AttesterScope.everything(model), ledger, stuck);
    Set<String> seen = new HashSet<>();
    for (String cash : new String[] {"1", "1", "2"}) {
      Attestation attestation = attester.attest(terms, book("cash", "", cash));
      assertTrue(seen.add(Arrays.toString(wallet().open(attestation).blinding())));
    }
  }

  @Test
  void everyAttestationProvesItsScope() throws Exception {
    AttesterScope positions = AttesterScope.vectors(model, "position");
    Attester custodian = attester(ledger, positions);
    List<Attestation> attestations =
        List.of(
            custodian.attest(terms, book("position", "B", "-2.5")),
            custodian.attest(terms, book("position", "A", "0")),
            custodian.close(terms),
            attester().attest(terms, book("cash", "", "-100")));
    for (Attestation attestation : attestations) {
      assertEquals(Optional.empty(), key.scopeRefusal(attestation));
      byte[] flipped = attestation.body().scopeProof().orElseThrow().toByteArray();
      flipped[flipped.length - 1] ^= 1;
      Attestation altered = signed(copy(attestation.body()).scopeProof(flipped).build());
      assertTrue(key.scopeRefusal(altered).isPresent());
    }
  }

  @Test
  void scopeCannotBeProvenOfWhatIsBesideIt() throws Exception {
    byte[] blinding = blinding(3);
    try (Opening opening = new Opening(book("cash", "", "-5"), blinding.clone())) {
      byte[] commitment = key.commit(opening.holdings().toLongArray(), blinding).toByteArray();
      Attestation beside =
          sealed(opening, commitment, AttesterScope.vectors(model, "position"), false);
      assertTrue(key.scopeRefusal(beside).isPresent());
    }
  }

  @Test
  void ownerDoesNotTakeAnAttestationThatItsVenueWouldRefuse() throws Exception {
    Attestation honest = attester().attest(terms, book("cash", "", "1"));
    Attestation without = signed(copy(honest.body()).scopeProof(new byte[0]).build());
    assertTrue(
        assertThrows(InvalidFormatException.class, () -> wallet().open(without))
            .getMessage()
            .endsWith("there is no scope proof"));
  }

  /** Two proofs with one nonce give the opening away, and so does a nonce that can be guessed. */
  @Test
  void noncesOfScopeProofsNeverRepeatEvenWithABrokenGenerator() throws Exception {
    SecureRandom stuck =
        new SecureRandom() {
          private static final long serialVersionUID = 1L;

          @Override
          public void nextBytes(byte[] bytes) {
            Arrays.fill(bytes, (byte) 7);
          }
        };
    Set<String> seen = new HashSet<>();
    Attester broken =
        new Attester(identity, key, model, listing, AttesterScope.everything(model), ledger, stuck);
    Attester restored = attester(AttestationLedger.inMemory(), AttesterScope.everything(model));
    for (Attester each : List.of(broken, broken, restored)) {
      Attestation attestation = each.attest(terms, book("cash", "", "1"));
      assertEquals(Optional.empty(), key.scopeRefusal(attestation));
      byte[] proof = attestation.body().scopeProof().orElseThrow().toByteArray();
      assertTrue(seen.add(Arrays.toString(Arrays.copyOf(proof, 32))));
    }
    // One nonce for two columns would tell their difference: k + c*x and k + c*y.
    Attestation empty = broken.attest(terms, book("cash", "", "0"));
    byte[] proof = empty.body().scopeProof().orElseThrow().toByteArray();
    Set<String> responses = new HashSet<>();
    for (int at = 32; at < proof.length; at += 32) {
      assertTrue(responses.add(Arrays.toString(Arrays.copyOfRange(proof, at, at + 32))));
    }
  }

  @Test
  void versionsRiseAndNameTheirPredecessor() throws Exception {
    Attester attester = attester();
    Attestation first = attester.attest(terms, book("cash", "", "1"));
    Attestation second = attester.attest(terms, book("cash", "", "2"));
    Attestation closing = attester.close(terms);
    assertEquals(1, first.body().version());
    assertEquals(Digest.ZERO, first.body().previousDigest());
    assertEquals(2, second.body().version());
    assertEquals(first.digest(), second.body().previousDigest());
    assertEquals(3, closing.body().version());
    assertEquals(second.digest(), closing.body().previousDigest());
    assertEquals(Optional.of(closing), ledger.latest("venue", "account"));
    AttestationTerms other =
        new AttestationTerms("venue", "other", owner.publicKey(), 1_000, 2_000);
    assertEquals(1, attester.attest(other, book("cash", "", "1")).body().version());
  }

  @Test
  void venueTakesTheChainAndTheLeave() throws Exception {
    Attester attester = attester();
    AccountState state =
        AccountState.open("venue", "account", key.circuitId(), List.of(attester.publicKey()));
    state = accepted(state.with(attester.attest(terms, book("cash", "", "1"))));
    state = accepted(state.with(attester.attest(terms, book("cash", "", "2"))));
    assertEquals("2.000000", wallet().openAccount(state).holdings().get("cash", 0).toString());
    state = accepted(state.leave(attester.close(terms)));
    assertTrue(state.roster().attesters().isEmpty());
  }

  @Test
  void closingAttestationHoldsNothing() throws Exception {
    Attestation closing = attester().close(terms);
    assertTrue(closing.body().closing());
    long[] values = wallet().open(closing).holdings().toLongArray();
    assertArrayEquals(new long[model.holdingCount()], values);
  }

  /** The version is durable before the commitment exists: what fails later leaves a gap. */
  @Test
  void versionIsNotReusedAfterAFailure() throws Exception {
    AttestationLedger failing =
        new AttestationLedger() {
          @Override
          public Reservation reserve(String venue, String account)
              throws IOException, InvalidFormatException {
            return ledger.reserve(venue, account);
          }

          @Override
          public void record(Attestation attestation) throws IOException {
            throw new IOException("disk full");
          }

          @Override
          public Optional<Attestation> latest(String venue, String account)
              throws IOException, InvalidFormatException {
            return ledger.latest(venue, account);
          }
        };
    Attester broken = attester(failing, AttesterScope.everything(model));
    assertThrows(IOException.class, () -> broken.attest(terms, book("cash", "", "1")));
    Attestation next = attester().attest(terms, book("cash", "", "1"));
    assertEquals(2, next.body().version());
    assertEquals(Digest.ZERO, next.body().previousDigest());
  }

  @Test
  void nothingIsAttestedIfTheVersionCannotBeStored() throws Exception {
    FileAttestationLedger closed = AttestationLedger.inDirectory(directory);
    closed.close();
    Attester attester = attester(closed, AttesterScope.everything(model));
    assertThrows(IOException.class, () -> attester.attest(terms, book("cash", "", "1")));
  }

  @Test
  void holdingsOutsideTheScopeAreRefusedBeforeAVersionIsUsed() throws Exception {
    Attester custodian = attester(ledger, AttesterScope.vectors(model, "collateral", "cash"));
    assertEquals(
        "holdings: position[2] is not zero, but column 2 is outside the attester's scope",
        assertThrows(
                InvalidFormatException.class,
                () -> custodian.attest(terms, book("position", "C", "1")))
            .getMessage());
    Attestation attestation = custodian.attest(terms, book("collateral", "BTC", "1"));
    assertEquals(1, attestation.body().version());
    assertEquals("[ColumnRange[from=8, to=11]]", attestation.body().scope().toString());
    wallet().open(attestation);
  }

  @Test
  void scopeOfAVectorTakesInItsMagnitudes() throws Exception {
    assertEquals(
        "[ColumnRange[from=0, to=8]]",
        AttesterScope.vectors(model, "position").ranges().toString());
    assertEquals(
        "[ColumnRange[from=0, to=8], ColumnRange[from=10, to=11]]",
        AttesterScope.vectors(model, "position", "cash").ranges().toString());
    for (String unknown : new String[] {"grossPosition", "nothing"}) {
      InvalidFormatException e =
          assertThrows(
              InvalidFormatException.class, () -> AttesterScope.vectors(model, "cash", unknown));
      assertTrue(e.getMessage().contains("'" + unknown + "'"), e.getMessage());
    }
    assertThrows(InvalidFormatException.class, () -> AttesterScope.vectors(model));
  }

  @Test
  void termsAreCheckedBeforeAVersionIsUsed() throws Exception {
    SealingPublicKey to = owner.publicKey();
    AttestationTerms[] bad = {
      new AttestationTerms("", "account", to, 1, 2),
      new AttestationTerms("venue", "", to, 1, 2),
      new AttestationTerms("ven\nue", "account", to, 1, 2),
      new AttestationTerms("venue", "x".repeat(300), to, 1, 2),
      new AttestationTerms("venue", "account", to, -1, 2),
      new AttestationTerms("venue", "account", to, 3, 2),
    };
    for (AttestationTerms each : bad) {
      assertThrows(
          InvalidFormatException.class, () -> attester().attest(each, book("cash", "", "1")));
    }
    assertEquals(1, attester().attest(terms, book("cash", "", "1")).body().version());
  }

  @Test
  void keyOfAnotherModelIsRefused() throws Exception {
    MarginModel other =
        io.plimsoll.circuits.MarginModels.byName("isolated")
            .build(io.plimsoll.circuits.Shape.parse("pockets=2"));
    assertThrows(
        InvalidFormatException.class,
        () -> new Attester(identity, key, other, listing, AttesterScope.everything(other), ledger));
    assertThrows(InvalidFormatException.class, () -> new OwnerWallet(owner, key, other));
  }

  @Test
  void openingsOfSeveralAttestersAddUp() throws Exception {
    Random random = new Random(5);
    for (int round = 0; round < 10; round++) {
      Attestation[] attestations = new Attestation[3];
      BigInteger blindings = BigInteger.ZERO;
      long[] expected = new long[model.holdingCount()];
      Commitment sum = null;
      for (int j = 0; j < 3; j++) {
        Attester attester =
            new Attester(
                SigningIdentity.generate(),
                key,
                model,
                listing,
                AttesterScope.everything(model),
                AttestationLedger.inMemory());
        String quantity = Integer.toString(random.nextInt(200_001) - 100_000);
        attestations[j] = attester.attest(terms, book("position", "A", quantity));
        Opening single = wallet().open(attestations[j]);
        blindings = blindings.add(new BigInteger(1, single.blinding()));
        long[] values = single.holdings().toLongArray();
        for (int i = 0; i < values.length; i++) {
          expected[i] += values[i];
        }
        Commitment c = attestations[j].body().commitment();
        sum = sum == null ? c : sum.plus(c);
      }
      Opening opened = wallet().openAll(List.of(attestations));
      assertArrayEquals(expected, opened.holdings().toLongArray());
      assertEquals(blindings.mod(Blinding.ORDER), new BigInteger(1, opened.blinding()));
      // The sum of the commitments is the commitment of the sum: what the verifier relies on.
      if (Arrays.stream(expected).allMatch(value -> Math.abs(value) <= 1_000_000_000L)) {
        assertArrayEquals(sum.toByteArray(), key.commit(expected, opened.blinding()).toByteArray());
      }
    }
  }

  @Test
  void attestationsThatDoNotBelongTogetherAreNotAddedUp() throws Exception {
    Attestation one = attester().attest(terms, book("cash", "", "1"));
    Attestation two = attester().attest(terms, book("cash", "", "2"));
    refused("two attestations of one attester", List.of(one, two));
    refused("0 attestations, not 1 to 3", List.of());
    refused("4 attestations, not 1 to 3", List.of(one, one, one, one));
    Attester second =
        new Attester(
            SigningIdentity.generate(),
            key,
            model,
            listing,
            AttesterScope.everything(model),
            AttestationLedger.inMemory());
    Attestation elsewhere =
        second.attest(
            new AttestationTerms("venue", "other", owner.publicKey(), 1_000, 2_000),
            book("cash", "", "1"));
    refused("venue, account or listing differ", List.of(one, elsewhere));
  }

  @Test
  void incompleteAccountIsNotOpened() throws Exception {
    Attester attester = attester();
    Ed25519PublicKey missing = Ed25519PublicKey.fromBytes(SigningIdentity.generate().publicKey());
    AccountState state =
        AccountState.open(
            "venue", "account", key.circuitId(), List.of(attester.publicKey(), missing));
    AccountState partly = accepted(state.with(attester.attest(terms, book("cash", "", "1"))));
    assertTrue(
        assertThrows(InvalidFormatException.class, () -> wallet().openAccount(partly))
            .getMessage()
            .endsWith("1 attestations of 2 attesters"));
  }

  @Test
  void otherOwnerCannotOpen() throws Exception {
    Attestation attestation = attester().attest(terms, book("cash", "", "1"));
    OwnerWallet stranger = new OwnerWallet(SealingIdentity.generate(), key, model);
    assertTrue(
        assertThrows(InvalidFormatException.class, () -> stranger.open(attestation))
            .getMessage()
            .contains("was sealed to another key"));
  }

  @Test
  void attestationOfAnotherCircuitIsNotOpened() throws Exception {
    Attestation attestation = attester().attest(terms, book("cash", "", "1"));
    OwnerWallet elsewhere = new OwnerWallet(owner, TestKeys.keyFor(model, 2), model);
    assertTrue(
        assertThrows(InvalidFormatException.class, () -> elsewhere.open(attestation))
            .getMessage()
            .contains("is for circuit " + key.circuitId()));
  }

  /** A malicious attester signs whatever it likes: the sealed opening has to fit the statement. */
  @Test
  void openingMovedToAnotherAttestationIsRefused() throws Exception {
    Attestation honest = attester().attest(terms, book("cash", "", "1"));
    byte[] otherCommitment =
        attester().attest(terms, book("cash", "", "1")).body().commitment().toByteArray();
    List<UnaryOperator<AttestationBody.Builder>> moves =
        List.of(
            body -> body.venue("elsewhere"),
            body -> body.account("another"),
            body -> body.version(77),
            body -> body.listingDigest(Digest.ZERO),
            body -> body.commitment(otherCommitment),
            body -> body.sealedOpening(new byte[0]),
            body -> body.sealedOpening(new byte[honest.body().sealedOpening().length]),
            body -> {
              byte[] sealed = honest.body().sealedOpening();
              sealed[sealed.length - 1] ^= 1;
              return body.sealedOpening(sealed);
            });
    for (UnaryOperator<AttestationBody.Builder> move : moves) {
      Attestation moved = signed(move.apply(copy(honest.body())).build());
      assertThrows(InvalidFormatException.class, () -> wallet().open(moved));
    }
    wallet().open(signed(copy(honest.body()).notAfterMillis(9_999).build()));
  }

  @Test
  void openingThatIsNotTheCommitmentsIsRefused() throws Exception {
    byte[] blinding = blinding(3);
    try (Opening claimed = new Opening(book("cash", "", "5"), blinding.clone())) {
      byte[] commitment = key.commit(book("cash", "", "4").toLongArray(), blinding).toByteArray();
      Attestation lying = sealed(claimed, commitment, AttesterScope.everything(model), false);
      assertTrue(
          assertThrows(InvalidFormatException.class, () -> wallet().open(lying))
              .getMessage()
              .endsWith("the opening is not what the commitment commits to"));
    }
  }

  @Test
  void openingOutsideTheScopeIsRefused() throws Exception {
    byte[] blinding = blinding(3);
    Holdings debt = book("cash", "", "-5");
    try (Opening opening = new Opening(debt, blinding.clone())) {
      byte[] commitment = key.commit(debt.toLongArray(), blinding).toByteArray();
      Attestation beyond =
          sealed(opening, commitment, AttesterScope.vectors(model, "position"), false);
      assertTrue(
          assertThrows(InvalidFormatException.class, () -> wallet().open(beyond))
              .getMessage()
              .endsWith("cash[0] is not zero, but column 10 is outside the attester's scope"));
      Attestation leaving = sealed(opening, commitment, AttesterScope.everything(model), true);
      assertTrue(
          assertThrows(InvalidFormatException.class, () -> wallet().open(leaving))
              .getMessage()
              .endsWith("it is closing, but holdings are left"));
      wallet().open(sealed(opening, commitment, AttesterScope.everything(model), false));
    }
  }

  @Test
  void plaintextIsRefusedUnlessItIsAnOpening() throws Exception {
    byte[] good = new Opening(book("position", "A", "1"), blinding(3)).toPlaintext();
    Opening.fromPlaintext(model, good);
    byte[] count = good.clone();
    count[3]++;
    byte[] order = good.clone();
    System.arraycopy(blinding(Blinding.ORDER), 0, order, good.length - 32, 32);
    byte[] zero = good.clone();
    Arrays.fill(zero, good.length - 32, good.length, (byte) 0);
    byte[] magnitude = good.clone();
    magnitude[4 + 8 * 4 + 7] ^= 1;
    byte[] range = good.clone();
    range[4] = 0x7f;
    for (byte[] bad :
        new byte[][] {
          count, order, zero, magnitude, range, Arrays.copyOf(good, good.length - 1), {}
        }) {
      assertThrows(InvalidFormatException.class, () -> Opening.fromPlaintext(model, bad));
    }
  }

  @Test
  void secretsAreRedactedAndWiped() throws Exception {
    Opening opening = wallet().open(attester().attest(terms, book("cash", "", "123456")));
    assertFalse(opening.toString().contains("123456"));
    Holdings holdings = opening.holdings();
    opening.close();
    opening.close();
    assertThrows(IllegalStateException.class, opening::blinding);
    assertThrows(IllegalStateException.class, opening::holdings);
    assertThrows(IllegalStateException.class, holdings::toLongArray);
  }

  @Test
  void blindingIsDerivedFromEveryInput() {
    byte[] secret = new byte[32];
    byte[] random = new byte[32];
    long[] holdings = {1, 2};
    byte[] base = Blinding.derive(secret, "v", "a", 1, holdings, random);
    assertTrue(Blinding.isValid(base));
    assertArrayEquals(base, Blinding.derive(secret, "v", "a", 1, holdings, random));
    byte[] other = new byte[32];
    other[31] = 1;
    List<byte[]> derived =
        List.of(
            Blinding.derive(other, "v", "a", 1, holdings, random),
            Blinding.derive(secret, "w", "a", 1, holdings, random),
            Blinding.derive(secret, "v", "b", 1, holdings, random),
            Blinding.derive(secret, "v", "a", 2, holdings, random),
            Blinding.derive(secret, "v", "a", 1, new long[] {1, 3}, random),
            Blinding.derive(secret, "v", "a", 1, holdings, other));
    for (byte[] each : derived) {
      assertNotEquals(new BigInteger(1, base), new BigInteger(1, each));
    }
  }

  private void refused(String reason, List<Attestation> attestations) throws Exception {
    OwnerWallet wallet = wallet();
    String message =
        assertThrows(InvalidFormatException.class, () -> wallet.openAll(attestations)).getMessage();
    assertTrue(message.contains(reason), message);
  }

  private Attestation sealed(
      Opening opening, byte[] commitment, AttesterScope scope, boolean closing)
      throws InvalidFormatException {
    Ed25519PublicKey attester = Ed25519PublicKey.fromBytes(identity.publicKey());
    byte[] sealed =
        OpeningSeal.seal(
            opening,
            owner.publicKey(),
            OpeningSeal.associatedData(
                "venue", "account", key.circuitId(), listing.digest(), attester, 1, commitment));
    AttestationBody body =
        AttestationBody.builder()
            .venue("venue")
            .account("account")
            .circuitId(key.circuitId())
            .listingDigest(listing.digest())
            .attester(attester)
            .scope(scope.ranges())
            .version(1)
            .asOfMillis(1)
            .notAfterMillis(2)
            .previousDigest(Digest.ZERO)
            .closing(closing)
            .commitment(commitment)
            .sealedOpening(sealed)
            .build();
    return signed(
        ScopeProver.prove(
            key, body, opening.holdings().toLongArray(), opening.blinding(), new SecureRandom()));
  }

  private Attestation signed(AttestationBody body) throws InvalidFormatException {
    return Attestation.of(body, identity.sign(body.toByteArray()));
  }

  private static AttestationBody.Builder copy(AttestationBody body) {
    return AttestationBody.builder()
        .venue(body.venue())
        .account(body.account())
        .circuitId(body.circuitId())
        .listingDigest(body.listingDigest())
        .attester(body.attester())
        .scope(body.scope())
        .version(body.version())
        .asOfMillis(body.asOfMillis())
        .notAfterMillis(body.notAfterMillis())
        .previousDigest(body.previousDigest())
        .closing(body.closing())
        .commitment(body.commitment().toByteArray())
        .sealedOpening(body.sealedOpening())
        .scopeProof(body.scopeProof().map(ScopeProof::toByteArray).orElse(new byte[0]));
  }

  private static byte[] blinding(int value) {
    return blinding(BigInteger.valueOf(value));
  }

  private static byte[] blinding(BigInteger value) {
    byte[] bytes = new byte[32];
    byte[] minimal = value.toByteArray();
    System.arraycopy(minimal, 0, bytes, 32 - minimal.length, minimal.length);
    return bytes;
  }

  private static AccountState accepted(AccountUpdate update) {
    if (update instanceof AccountUpdate.Accepted accepted) {
      return accepted.state();
    }
    throw new AssertionError(update.toString());
  }

  private static Holdings book(String vector, String label, String quantity)
      throws InvalidFormatException {
    return new PortfolioReader(model, listing)
        .read(List.of(new PortfolioReader.Line(vector, label, quantity)));
  }

  private Attester attester() throws InvalidFormatException {
    return attester(ledger, AttesterScope.everything(model));
  }

  private Attester attester(AttestationLedger to, AttesterScope scope)
      throws InvalidFormatException {
    return new Attester(identity, key, model, listing, scope, to);
  }

  private OwnerWallet wallet() throws InvalidFormatException {
    return new OwnerWallet(owner, key, model);
  }

  @Test
  void attesterNamesItsPublicKeyAlone() throws Exception {
    byte[] text = attester().toString().getBytes(StandardCharsets.UTF_8);
    assertEquals("Attester[".length() + 64 + 1, text.length);
  }
}
