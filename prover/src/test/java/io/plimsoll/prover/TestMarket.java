package io.plimsoll.prover;

import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.attestation.AttestationLedger;
import io.plimsoll.attestation.AttestationTerms;
import io.plimsoll.attestation.Attester;
import io.plimsoll.attestation.AttesterScope;
import io.plimsoll.attestation.RoundPublisher;
import io.plimsoll.attestation.SealingIdentity;
import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.circuits.Holdings;
import io.plimsoll.circuits.Listing;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.circuits.RoundCoefficients;
import io.plimsoll.circuits.RoundTensor;
import io.plimsoll.circuits.Shape;
import io.plimsoll.circuits.models.PortfolioMargin;
import io.plimsoll.nativeprover.DevelopmentKeys;
import io.plimsoll.nativeprover.GnarkProver;
import io.plimsoll.nativeprover.KeyCache;
import io.plimsoll.nativeprover.SolvencyProver;
import io.plimsoll.prover.PlausibilityPolicy.Step;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.AttestationBody;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.Roster;
import io.plimsoll.verifier.RoundSignature;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.Threshold;
import io.plimsoll.verifier.VerifierPolicy;
import io.plimsoll.verifier.VerifyingKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A small market with real keys, signatures and openings: venue, three publishers of whom two must
 * sign, an exchange and a lender, and the owner of accounts at both.
 *
 * <p>Accounts hold ten contracts at the exchange and owe 700 to the lender. With marks at 100 they
 * have an equity of 300 and a requirement of 230; at 75 an equity of 50.
 */
final class TestMarket {
  static final String VENUE = "venue";
  static final Threshold AGREED = new Threshold(1, 1);
  static final Threshold HIGHER = new Threshold(3, 2);
  static final Threshold UNLISTED = new Threshold(2, 1);

  final MarginModel model;
  final Listing listing;
  final Path keyDirectory;
  final VerifyingKey key;
  final SealingIdentity owner = SealingIdentity.generate();
  private final SigningIdentity exchangeIdentity = SigningIdentity.generate();
  final Attester exchange;
  final Attester lender;
  private final List<SigningIdentity> publishers = new ArrayList<>();

  /** Makes keys in {@code directory}. */
  TestMarket(Path directory) throws Exception {
    model =
        new PortfolioMargin()
            .build(
                Shape.parse(
                    "instruments=4,scenarios=3,collaterals=2,tiers=2,underlyings=1,attesters=2"));
    listing =
        Listing.of(
            model,
            Map.of("instrument", List.of("CALL", "PUT", "FUTURE"), "collateral", List.of("BTC")));
    KeyCache cache = KeyCache.at(directory);
    Digest circuitId = cache.developmentKeys(model.toByteArray(), stage -> {});
    keyDirectory = cache.directory(circuitId);
    key = VerifyingKey.read(Files.readAllBytes(cache.verifyingKey(circuitId)));
    exchange = attester(exchangeIdentity);
    lender = attester(SigningIdentity.generate());
    for (int i = 0; i < 3; i++) {
      publishers.add(SigningIdentity.generate());
    }
  }

  private Attester attester(SigningIdentity identity) throws Exception {
    return new Attester(
        identity,
        key,
        model,
        listing,
        AttesterScope.everything(model),
        AttestationLedger.inMemory());
  }

  SolvencyProver nativeProver() throws Exception {
    return GnarkProver.open(keyDirectory, key.circuitId(), DevelopmentKeys.ALLOWED);
  }

  SolvencyVerifier verifier() throws Exception {
    return SolvencyVerifier.create(key, VerifierPolicy.allowingDevelopment(key.circuitId()));
  }

  private List<Ed25519PublicKey> publisherKeys() {
    return publishers.stream().map(identity -> new RoundPublisher(identity).publicKey()).toList();
  }

  /** All three must sign. */
  PublisherPolicy allPublishers() {
    return PublisherPolicy.of(3, publisherKeys());
  }

  ProverPolicy.Builder policy() {
    return policy(List.of("alice", "bob", "carol", "dave"));
  }

  /** With the usual agreement of these accounts. */
  ProverPolicy.Builder policy(List<String> accounts) {
    List<Ed25519PublicKey> keys = publisherKeys();
    ProverPolicy.Builder policy =
        ProverPolicy.builder()
            .venue(VENUE)
            .publishers(PublisherPolicy.of(2, keys))
            .plausibility(PlausibilityPolicy.within(Step.of("0.3", "0.5")))
            .keys(VerifierPolicy.allowingDevelopment(key.circuitId()));
    for (String account : accounts) {
      policy.agree(account, AGREED, Purpose.MAINTENANCE).agree(account, HIGHER, Purpose.INITIAL);
    }
    return policy;
  }

  ProverEngine.Builder engine(SolvencyProver prover) {
    return ProverEngine.builder()
        .model(model)
        .key(key)
        .prover(prover)
        .identity(owner)
        .policy(policy().build());
  }

  Holdings holdings(PortfolioReader.Line... lines) throws Exception {
    return new PortfolioReader(model, listing).read(List.of(lines));
  }

  static PortfolioReader.Line line(String vector, String label, String quantity) {
    return new PortfolioReader.Line(vector, label, quantity);
  }

  AttestationTerms terms(String account) {
    long now = System.currentTimeMillis();
    return new AttestationTerms(VENUE, account, owner.publicKey(), now, now + 3_600_000);
  }

  /** Ten calls at the exchange and a debt at the lender. */
  AccountState account(String name, long version, String debt) throws Exception {
    try (Holdings atExchange = holdings(line("position", "CALL", "10"));
        Holdings atLender = holdings(line("cash", "", "-" + debt))) {
      return account(
          name,
          version,
          exchange.attest(terms(name), atExchange),
          lender.attest(terms(name), atLender));
    }
  }

  /** The body with another commitment, under a valid signature of the exchange. */
  Attestation signedByExchange(AttestationBody body, byte[] commitment) throws Exception {
    AttestationBody changed =
        AttestationBody.builder()
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
            .commitment(commitment)
            .sealedOpening(body.sealedOpening())
            .scopeProof(body.scopeProof().orElseThrow().toByteArray())
            .build();
    return Attestation.of(changed, exchangeIdentity.sign(changed.toByteArray()));
  }

  AccountState account(String name, long version) throws Exception {
    return account(name, version, "700");
  }

  AccountState account(String name, long version, Attestation... attestations) throws Exception {
    return AccountState.of(
        VENUE,
        name,
        key.circuitId(),
        version,
        Roster.of(1, List.of(exchange.publicKey(), lender.publicKey())),
        List.of(attestations));
  }

  RiskRound round(long sequence, int mark) throws Exception {
    Map<String, List<String>> tensors = new LinkedHashMap<>();
    for (RoundTensor tensor : model.round()) {
      List<String> values = new ArrayList<>();
      for (int i = 0; i < tensor.size(); i++) {
        values.add(
            switch (tensor.name()) {
              case "mark" -> "" + mark;
              case "scenarioValue" -> "" + mark * (8 + 2 * (i % 3)) / 10;
              case "delta" -> "0.5";
              case "deltaRate" -> "2";
              case "haircutStep" -> "0";
              default -> "1";
            });
      }
      tensors.put(tensor.name(), values);
    }
    return RiskRound.of(
        key.circuitId(),
        VENUE,
        listing.digest(),
        sequence,
        System.currentTimeMillis(),
        RoundCoefficients.parse(model, tensors).toLongArray());
  }

  SignedRound signed(RiskRound round, int signatures) throws Exception {
    List<RoundSignature> all = new ArrayList<>();
    for (SigningIdentity identity : publishers.subList(0, signatures)) {
      // A new publisher each time: one that lives on signs no sequence below its last.
      all.add(new RoundPublisher(identity).sign(round));
    }
    return new SignedRound(round, all);
  }

  SignedRound signedRound(long sequence, int mark) throws Exception {
    return signed(round(sequence, mark), 2);
  }

  io.plimsoll.proto.v1.RiskRound message(SignedRound round) {
    return AttestationConversions.toProto(model, listing, round);
  }

  static io.plimsoll.proto.v1.AccountState message(AccountState state) {
    return AttestationConversions.toProto(state);
  }
}
