package io.plimsoll.prover.cli;

import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.attestation.AttestationLedger;
import io.plimsoll.attestation.AttestationTerms;
import io.plimsoll.attestation.Attester;
import io.plimsoll.attestation.AttesterScope;
import io.plimsoll.attestation.Opening;
import io.plimsoll.attestation.OwnerWallet;
import io.plimsoll.attestation.SealingIdentity;
import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.attester.Circuit;
import io.plimsoll.attester.PledgeId;
import io.plimsoll.attester.Side;
import io.plimsoll.attester.WithdrawalStatus;
import io.plimsoll.circuits.Holdings;
import io.plimsoll.circuits.Listing;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModels;
import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.circuits.ProtoConversions;
import io.plimsoll.circuits.Shape;
import io.plimsoll.gate.AccountStatus;
import io.plimsoll.gate.ClaimOutcome;
import io.plimsoll.gate.GatePolicy;
import io.plimsoll.gate.ProofReceipt;
import io.plimsoll.gate.Release;
import io.plimsoll.gate.ReleaseOutcome;
import io.plimsoll.gate.RoundUpdate;
import io.plimsoll.gate.Submission;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.nativeprover.CircuitStatistics;
import io.plimsoll.nativeprover.CompiledModel;
import io.plimsoll.nativeprover.DevelopmentKeys;
import io.plimsoll.nativeprover.GnarkProver;
import io.plimsoll.nativeprover.KeyCache;
import io.plimsoll.nativeprover.ProvingInput;
import io.plimsoll.nativeprover.SetupStage;
import io.plimsoll.nativeprover.SolvencyProver;
import io.plimsoll.nativeprover.StockGnarkProver;
import io.plimsoll.proto.v1.MarketSnapshot;
import io.plimsoll.proto.v1.NamedAmount;
import io.plimsoll.proto.v1.Portfolio;
import io.plimsoll.proto.v1.RiskRound;
import io.plimsoll.prover.PlausibilityPolicy;
import io.plimsoll.prover.ProofResult;
import io.plimsoll.prover.ProverClient;
import io.plimsoll.prover.ProverEngine;
import io.plimsoll.prover.ProverPolicy;
import io.plimsoll.prover.ProverServer;
import io.plimsoll.risk.MarketSnapshots;
import io.plimsoll.venue.StoreAudit;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PreparedRound;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.Rejected;
import io.plimsoll.verifier.RejectionReason;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.SolvencyStatement;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.Threshold;
import io.plimsoll.verifier.VerifiedSolvency;
import io.plimsoll.verifier.VerifierPolicy;
import io.plimsoll.verifier.VerifyingKey;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The story that {@code plimsoll demo} tells, with every party in one process and nothing played:
 * real keys, real signatures, a real server, real proofs. Only the clock is moved by hand.
 */
final class Demonstration implements AutoCloseable {
  /**
   * One slot for each option of the market file, its 7 x 3 grid, its three assets and their tiers.
   */
  static final String SHAPE = "instruments=49,scenarios=21,collaterals=3,tiers=3";

  private static final String VENUE = "north-quay";
  private static final String ACCOUNT = "heron";
  private static final String OTHER_ACCOUNT = "petrel";
  private static final String UNATTESTED_ACCOUNT = "curlew";
  private static final String MOVING_ACCOUNT = "tern";
  private static final Threshold THRESHOLD = new Threshold(11, 10);
  private static final Purpose PURPOSE = Purpose.MAINTENANCE;
  private static final Duration ROUND_AGE = Duration.ofMinutes(5);
  private static final Duration ROUND_INTERVAL = Duration.ofMinutes(3);
  private static final Duration GRACE = Duration.ofMinutes(2);

  /** What a reason that has nothing else to say tells a reader. */
  private static final Map<RejectionReason, String> MEANING =
      Map.of(
          RejectionReason.PROOF_NOT_ON_CURVE,
          "what the bytes name is no point of the curve",
          RejectionReason.PROOF_DOES_NOT_VERIFY,
          "the pairing equation does not hold for what the venue itself knows");

  private final StoryPrinter story;
  private final DemoClock clock;
  private final MarketSnapshot market;
  private final MarginModel model;
  private final VerifyingKey key;
  private final SolvencyVerifier verifier;
  private final SolvencyProver forger;
  private final DemonstrationPublishers publishers;
  private final Listing listing;
  private final DemonstrationVenue venue;
  private final DemonstrationCustodian harbour;
  private final DemonstrationCustodian keel;
  private final SealingIdentity owner = SealingIdentity.generate();
  private final Attester custodian;
  private final Attester trust;
  private final Attester lender;
  private final ProverServer server;
  private final ProverClient client;
  private RiskRound latest;

  private Demonstration(
      KeyCache cache,
      String storeUrl,
      Path directory,
      StoryPrinter story,
      Consumer<SetupStage> progress)
      throws Exception {
    this.story = story;
    market = MarketSnapshots.btcOptions();
    clock = new DemoClock(Instant.ofEpochMilli(market.getAsOfMillis()));
    model = MarginModels.byName("portfolio").build(Shape.parse(SHAPE));

    story.chapter("The circuit");
    CircuitStatistics statistics;
    try (CompiledModel compiled = CompiledModel.compile(model.toByteArray())) {
      statistics = compiled.statistics();
    }
    Digest circuitId =
        story.timed(
            "keys: made, or found in the cache",
            () -> cache.developmentKeys(model.toByteArray(), progress));
    key = VerifyingKey.read(Files.readAllBytes(cache.verifyingKey(circuitId)));
    VerifierPolicy keyPolicy = VerifierPolicy.allowingDevelopment(circuitId);
    verifier = SolvencyVerifier.create(key, keyPolicy);
    story.row("margin model", model.name() + ", " + SHAPE);
    story.row("constraints, FFT size", statistics.constraints() + ", " + statistics.fftSize());
    story.row(
        "public coefficients, holdings", model.coefficientCount() + ", " + model.holdingCount());
    story.row("circuit id", circuitId);
    story.row("keys", "development keys, allowed here by this id alone");

    publishers = new DemonstrationPublishers(model, circuitId, VENUE, market);
    listing = publishers.listing();
    venue =
        new DemonstrationVenue(
            VENUE,
            storeUrl,
            clock,
            verifier,
            publishers.policy(),
            GatePolicy.builder()
                .require(THRESHOLD, PURPOSE)
                .maximumRoundAge(ROUND_AGE)
                .grace(GRACE)
                .clockSkew(Duration.ofSeconds(2))
                .maximumSuspension(Duration.ofMinutes(10))
                .minimumVersionSpacing(Duration.ofSeconds(1))
                .reproofTime(Duration.ofSeconds(30))
                .orderLifetime(Duration.ofMinutes(1))
                .build());
    custodian = attester(AttesterScope.vectors(model, "position", "collateral", "cash"));
    trust = attester(AttesterScope.vectors(model, "position", "collateral"));
    lender = attester(AttesterScope.vectors(model, "cash"));

    forger = StockGnarkProver.open(cache.directory(circuitId), circuitId, DevelopmentKeys.ALLOWED);
    ProverPolicy.Builder policy =
        ProverPolicy.builder()
            .venue(VENUE)
            .publishers(publishers.policy())
            .plausibility(PlausibilityPolicy.trustPublishers())
            .keys(keyPolicy);
    for (String account : List.of(ACCOUNT, OTHER_ACCOUNT, UNATTESTED_ACCOUNT, MOVING_ACCOUNT)) {
      policy.agree(account, THRESHOLD, PURPOSE);
    }
    ProverEngine engine =
        ProverEngine.builder()
            .model(model)
            .key(key)
            .prover(
                GnarkProver.open(cache.directory(circuitId), circuitId, DevelopmentKeys.ALLOWED))
            .identity(owner)
            .policy(policy.build())
            .clock(clock)
            .build();
    server =
        ProverServer.builder()
            .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .start(engine);
    client = ProverClient.builder("localhost:" + server.port()).plaintext().connect();

    List<PortfolioReader.Line> books = new ArrayList<>();
    book("other-trader")
        .getHoldingsList()
        .forEach(
            line ->
                books.add(
                    new PortfolioReader.Line(
                        line.getVector(), line.getLabel(), line.getQuantity())));
    harbour = custodian("harbour-custody", books, directory);
    keel = custodian("keel-trust", List.of(), directory);
    harbour.knows(keel);
    keel.knows(harbour);
  }

  private DemonstrationCustodian custodian(
      String name, List<PortfolioReader.Line> books, Path directory)
      throws IOException, InvalidFormatException {
    Circuit circuit =
        Circuit.of(
            key,
            model,
            listing,
            Map.of("position", "position", "collateral", "collateral", "cash", "cash"),
            Map.of("collateral", Side.MORE_IS_BETTER, "cash", Side.MORE_IS_BETTER));
    return new DemonstrationCustodian(
        name,
        new PledgeId(VENUE, MOVING_ACCOUNT),
        owner.publicKey(),
        circuit,
        books,
        directory,
        venue.publicKey(),
        venue::gate,
        clock);
  }

  /**
   * Makes the parties, finds or makes the keys, and starts the prover service.
   *
   * @param storeUrl an empty store for the venue, which outlives its connections
   * @param directory for what the custodians keep
   */
  static Demonstration prepare(
      KeyCache cache,
      String storeUrl,
      Path directory,
      StoryPrinter story,
      Consumer<SetupStage> progress)
      throws Exception {
    return new Demonstration(cache, storeUrl, directory, story, progress);
  }

  /**
   * Tells the story; an outcome that is not the expected one is an {@link IllegalStateException}.
   */
  void tell() throws Exception {
    story.chapter("The risk round");
    RiskRound first = publish(market);

    story.chapter("What the attesters keep");
    openAccount(ACCOUNT, List.of(custodian, trust, lender));
    attest(ACCOUNT, custodian, "harbour-custody");
    attest(ACCOUNT, trust, "keel-trust");
    attest(ACCOUNT, lender, "anchor-lending");

    story.chapter("The owner's side");
    showAssessment(first);
    byte[] firstProof = prove(ACCOUNT, first);

    story.chapter("The venue's side");
    Submission receipt =
        story.timed("venue: receive, verify, commit", () -> submit(ACCOUNT, first, firstProof));
    expect(receipt.verdict() instanceof VerifiedSolvency, "the proof is accepted");
    story.row("verdict", "accepted");
    AccountStatus status = venue.gate().decide(ACCOUNT);
    expect(status instanceof AccountStatus.Solvent, "the account is solvent");
    story.row("account", DemonstrationVenue.describe(status));
    timeVerification(first, firstProof);

    story.chapter("Who sees what");
    showViews(first, firstProof);

    story.chapter("Attacks");
    attacks(first, firstProof);

    story.chapter("The market falls");
    fall(firstProof);

    story.chapter("Collateral moves");
    moveCollateral();

    story.chapter("The auditor");
    audit();

    story.chapter("Timings");
    story.printTimings();
  }

  @Override
  public void close() throws IOException {
    client.close();
    server.close();
    harbour.close();
    keel.close();
    venue.close();
    forger.close();
    owner.destroy();
  }

  // Rounds and accounts

  private RiskRound publish(MarketSnapshot snapshot) throws Exception {
    RiskRound draft = story.timed("publishers: build a round", () -> publishers.draft(snapshot));
    SignedRound signed = publishers.issue(draft, clock.millis());
    long sequence = signed.round().sequence();
    RoundUpdate update =
        story.timed("venue: check and prepare a round", () -> venue.gate().publishRound(signed));
    expect(update instanceof RoundUpdate.Published, "round " + sequence + " is published");
    story.say(
        "round %d: %,d coefficients, signed by %d of %d publishers",
        sequence, model.coefficientCount(), publishers.policy().required(), publishers.size());
    RiskRound message = AttestationConversions.toProto(model, listing, signed);
    client.loadRound(message);
    return message;
  }

  private void openAccount(String account, List<Attester> roster) throws InvalidFormatException {
    venue.gate().openAccount(account, roster.stream().map(Attester::publicKey).toList());
  }

  private void attest(String account, Attester attester, String book) throws Exception {
    Portfolio portfolio = book(book);
    PortfolioReader reader = new PortfolioReader(model, listing);
    try (Holdings holdings = ProtoConversions.holdings(reader, portfolio)) {
      AttestationTerms terms =
          new AttestationTerms(
              VENUE,
              account,
              owner.publicKey(),
              clock.millis(),
              clock.millis() + Duration.ofHours(24).toMillis());
      Attestation attestation =
          story.timed("attester: commit, seal, sign", () -> attester.attest(terms, holdings));
      AccountUpdate update = venue.gate().attest(attestation);
      expect(update instanceof AccountUpdate.Accepted, "the attestation is accepted: " + update);
      story.say(
          "%-16s attests %2d holdings of %s: C = %s...",
          book,
          portfolio.getHoldingsCount(),
          account,
          hex(attestation.body().commitment().toByteArray()).substring(0, 16));
    }
  }

  private byte[] prove(String account, RiskRound round) throws Exception {
    client.loadAccount(AttestationConversions.toProto(venue.gate().account(account)));
    ProofResult result =
        story.timed(
            "owner: proof over gRPC",
            () -> client.prove(account, round.getSequence(), THRESHOLD, PURPOSE));
    expect(result instanceof ProofResult.Proved, "the proof is made: " + result);
    ProofResult.Proved proved = (ProofResult.Proved) result;
    story.say(
        "proof for %s on round %d: %d bytes in %s, verified before it left",
        account,
        round.getSequence(),
        proved.proofBytes().length,
        StoryPrinter.milliseconds(proved.provingTime()));
    return proved.proofBytes();
  }

  private Submission submit(String account, RiskRound round, byte[] proof) {
    return venue.submit(account, round.getSequence(), proof);
  }

  // Chapters

  private void showAssessment(RiskRound round) throws Exception {
    client.loadAccount(AttestationConversions.toProto(venue.gate().account(ACCOUNT)));
    story.say("For the owner alone, in USD:");
    for (NamedAmount amount :
        client.assess(ACCOUNT, round.getSequence(), THRESHOLD).getOutputsList()) {
      showAmount(amount);
    }
    story.row("threshold", THRESHOLD + " of the requirement");
  }

  private void showAmount(NamedAmount amount) {
    story.row(
        "  " + amount.getName(),
        String.format(Locale.ROOT, "%,25.2f", new BigDecimal(amount.getAmount())));
  }

  private void timeVerification(RiskRound round, byte[] proof) throws Exception {
    PreparedRound prepared =
        verifier.prepare(AttestationConversions.fromProto(model, round).round());
    AccountState state = venue.gate().account(ACCOUNT);
    story.timed(
        "venue: one verification",
        () -> verifier.verify(state, prepared, THRESHOLD, PURPOSE, clock.millis(), proof));
    for (int i = 0; i < 2_000; i++) {
      expect(
          verifier.verify(state, prepared, THRESHOLD, PURPOSE, clock.millis(), proof)
              instanceof VerifiedSolvency,
          "the proof verifies");
    }
    story.timed(
        "venue: one verification",
        () -> verifier.verify(state, prepared, THRESHOLD, PURPOSE, clock.millis(), proof));
  }

  private void showViews(RiskRound round, byte[] proof) {
    AccountState state = venue.gate().account(ACCOUNT);
    story.say("The owner   20 positions, 3 collaterals, cash and a loan, every blinding");
    story.say("Custodians  each what it keeps itself, and nothing of the others");
    story.say("The lender  the loan");
    story.say("The venue   %d commitments, one point each:", state.attestations().size());
    for (Attestation attestation : state.attestations()) {
      story.say("              %s", hex(attestation.body().commitment().toByteArray()));
    }
    story.say("            one point for the round of %,d coefficients,", model.coefficientCount());
    story.say("            a proof of %d bytes:", proof.length);
    for (int i = 0; i < proof.length; i += 32) {
      story.say("              %s", hex(proof).substring(2 * i, 2 * i + 64));
    }
    story.say("            and one bit: on round %d, yes.", round.getSequence());
  }

  private void attacks(RiskRound first, byte[] firstProof) throws Exception {
    byte[] flipped = firstProof.clone();
    flipped[flipped.length - 1] ^= 1;
    refused("a flipped proof byte", submit(ACCOUNT, first, flipped));

    clock.advance(Duration.ofSeconds(60));
    RiskRound second = publish(market);
    AccountStatus before = venue.gate().decide(ACCOUNT);
    venue.restart();
    expect(venue.gate().decide(ACCOUNT).equals(before), "the venue's restart loses nothing");
    story.say("the venue restarts: what it has decided is in its store");
    refused("last round's proof, for this round", submit(ACCOUNT, second, firstProof));

    openAccount(OTHER_ACCOUNT, List.of(custodian));
    attest(OTHER_ACCOUNT, custodian, "other-trader");
    byte[] foreign = prove(OTHER_ACCOUNT, second);
    refused("another account's proof", submit(ACCOUNT, second, foreign));

    refused(
        "a proof from a portfolio that is not the attested one",
        submit(ACCOUNT, second, forgeWithoutTheLoan(second)));

    openAccount(UNATTESTED_ACCOUNT, List.of(custodian, lender));
    attest(UNATTESTED_ACCOUNT, custodian, "other-trader");
    AccountState withoutLender =
        AccountState.of(
            VENUE,
            UNATTESTED_ACCOUNT,
            key.circuitId(),
            venue.gate().account(UNATTESTED_ACCOUNT).version(),
            io.plimsoll.verifier.Roster.of(1, List.of(custodian.publicKey())),
            venue.gate().account(UNATTESTED_ACCOUNT).attestations());
    ProofResult omitted =
        client.prove(AttestationConversions.toProto(withoutLender), second, THRESHOLD, PURPOSE);
    expect(omitted instanceof ProofResult.Proved, "the proof without the lender is made");
    refused(
        "an account whose lender was left out",
        submit(UNATTESTED_ACCOUNT, second, ((ProofResult.Proved) omitted).proofBytes()));

    Submission honest = submit(ACCOUNT, second, prove(ACCOUNT, second));
    expect(honest.verdict() instanceof VerifiedSolvency, "the honest proof is accepted");
    story.row("the honest proof for round 2", "accepted");
  }

  /** A real proof of a true statement about a book in which the loan is missing. */
  private byte[] forgeWithoutTheLoan(RiskRound round) throws Exception {
    AccountState state = venue.gate().account(ACCOUNT);
    io.plimsoll.verifier.RiskRound decoded = AttestationConversions.fromProto(model, round).round();
    SolvencyStatement statement =
        (SolvencyStatement)
            SolvencyStatement.form(
                state, verifier.prepare(decoded), THRESHOLD, PURPOSE, clock.millis());
    OwnerWallet wallet = new OwnerWallet(owner, key, model);
    try (Opening opening = wallet.openAccount(state)) {
      long[] holdings = opening.holdings().toLongArray();
      holdings[model.holdingOffset("cash")] += 300_000_000_000L;
      try (ProvingInput input =
          ProvingInput.builder()
              .context(statement.context())
              .threshold(THRESHOLD.numerator(), THRESHOLD.denominator())
              .coefficients(decoded.coefficients())
              .holdings(holdings)
              .blinding(opening.blinding())
              .build()) {
        return forger.prove(input);
      }
    }
  }

  private void refused(String attack, Submission receipt) {
    expect(receipt.verdict() instanceof Rejected, attack + " is refused");
    Rejected rejected = (Rejected) receipt.verdict();
    story.say("%-55s refused: %s", attack, rejected.reason());
    story.say("    %s", MEANING.getOrDefault(rejected.reason(), rejected.detail()));
  }

  private void fall(byte[] oldProof) throws Exception {
    clock.advance(Duration.ofSeconds(60));
    story.say("forwards and spot fall by 30%%, implied volatilities rise by half");
    MarketSnapshot fallen = MarketSnapshots.stressed(market, "-0.30", "0.50");
    latest = publish(fallen);
    client.loadAccount(AttestationConversions.toProto(venue.gate().account(ACCOUNT)));
    ProofResult result = client.prove(ACCOUNT, latest.getSequence(), THRESHOLD, PURPOSE);
    expect(result instanceof ProofResult.NotSolvent, "no proof can be made");
    story.row("the prover service, to its owner", "not solvent, no proof");
    for (NamedAmount amount :
        client.assess(ACCOUNT, latest.getSequence(), THRESHOLD).getOutputsList()) {
      if (List.of("equity", "requirement", "surplus").contains(amount.getName())) {
        showAmount(amount);
      }
    }
    story.row("the venue sees", "nothing");
    story.row("at " + clock.instant(), DemonstrationVenue.describe(venue.gate().decide(ACCOUNT)));
    ClaimOutcome early = venue.gate().claimLiquidation(ACCOUNT, "liquidator");
    expect(early instanceof ClaimOutcome.Refused, "a claim while solvent is refused");
    story.row("a liquidator claims", "refused, the last proof still counts");

    publishUntil(fallen, clock.instant().plus(ROUND_AGE));
    AccountStatus grace = venue.gate().decide(ACCOUNT);
    expect(grace instanceof AccountStatus.InGrace, "the account is in grace: " + grace);
    story.row("at " + clock.instant(), DemonstrationVenue.describe(grace));

    publishUntil(fallen, clock.instant().plus(GRACE).plusSeconds(5));
    AccountStatus liquidatable = venue.gate().decide(ACCOUNT);
    expect(
        liquidatable instanceof AccountStatus.Liquidatable,
        "the account is liquidatable: " + liquidatable);
    story.row("at " + clock.instant(), DemonstrationVenue.describe(liquidatable));

    ClaimOutcome claim = venue.gate().claimLiquidation(ACCOUNT, "liquidator");
    expect(claim instanceof ClaimOutcome.Claimed, "the liquidation is claimed");
    story.row("a liquidator claims", "claimed");
    story.row("at " + clock.instant(), DemonstrationVenue.describe(venue.gate().decide(ACCOUNT)));

    Submission late = submit(ACCOUNT, latest, oldProof);
    expect(
        late.verdict() instanceof Rejected rejected
            && rejected.reason() == RejectionReason.LIQUIDATING,
        "a proof after the claim is refused");
    refused("a proof after the claim", late);
  }

  /**
   * One bitcoin moves from one custodian to the other. At no moment do the two together attest to
   * more than there is, and at none is the account without a proof.
   */
  private void moveCollateral() throws Exception {
    String transfer = "transfer-1";
    venue.gate().openAccount(MOVING_ACCOUNT, List.of(harbour.publicKey(), keel.publicKey()));
    harbour.step();
    keel.step();
    showCustody();
    proveAnew();

    WithdrawalStatus asked =
        harbour.withdraw(
            transfer, new PortfolioReader.Line("collateral", "BTC", "-1"), keel.name());
    expect(asked.state() == WithdrawalStatus.State.REQUESTED, "the transfer is asked for");
    story.say("the owner asks %s to pay 1 BTC to %s", harbour.name(), keel.name());
    custodiansWork();
    expect(
        harbour.withdrawal(transfer).state() == WithdrawalStatus.State.OFFERED,
        "the transfer is left out of what is attested");
    story.say("%s attests version %d, without it", harbour.name(), harbour.version());

    ReleaseOutcome early = venue.gate().release(MOVING_ACCOUNT, harbour.publicKey());
    expect(early instanceof ReleaseOutcome.Refused, "nothing is released before a proof");
    story.row("it asks for a release", "refused: " + ((ReleaseOutcome.Refused) early).reason());
    custodiansWork();
    expect(
        harbour.keeps("collateral", "BTC").intValueExact() == 3, "nothing is paid before release");
    story.row("its payment", "refused: versions " + harbour.lockedVersions() + " are locked");

    AccountStatus before = venue.gate().decide(MOVING_ACCOUNT);
    venue.restart();
    expect(venue.gate().decide(MOVING_ACCOUNT).equals(before), "the venue's restart loses nothing");
    story.say("the venue is shut down and started again from its disk: nothing is lost");

    proveAnew();
    ReleaseOutcome outcome = venue.gate().release(MOVING_ACCOUNT, harbour.publicKey());
    expect(outcome instanceof ReleaseOutcome.Released, "the venue releases: " + outcome);
    Release release = ((ReleaseOutcome.Released) outcome).release().message();
    story.say(
        "the venue signs: %s is released through version %d, version %d binds",
        harbour.name(), release.throughVersion(), release.successorVersion());
    custodiansWork();
    expect(harbour.keeps("collateral", "BTC").intValueExact() == 2, "the transfer is paid");
    story.say("%s pays", harbour.name());
    custodiansWork();
    expect(
        harbour.withdrawal(transfer).state() == WithdrawalStatus.State.SETTLED,
        "the transfer is settled");
    showCustody();
    proveAnew();
    AccountStatus status = venue.gate().decide(MOVING_ACCOUNT);
    expect(status instanceof AccountStatus.Solvent, "the account is solvent: " + status);
    story.row("account", DemonstrationVenue.describe(status));
  }

  /** Some time passes, and both custodians do what there is to do. */
  private void custodiansWork() throws Exception {
    clock.advance(Duration.ofSeconds(11));
    harbour.step();
    keel.step();
  }

  private void showCustody() throws Exception {
    for (DemonstrationCustodian custodian : List.of(harbour, keel)) {
      story.say(
          "%-16s keeps %s BTC, attests version %d",
          custodian.name(), custodian.keeps("collateral", "BTC"), custodian.version());
    }
  }

  /** A proof on the attestations that the venue has now, and the venue's receipt for it. */
  private void proveAnew() throws Exception {
    latest = publish(market);
    Submission submission = submit(MOVING_ACCOUNT, latest, prove(MOVING_ACCOUNT, latest));
    expect(submission.verdict() instanceof VerifiedSolvency, "the proof is accepted");
    VenueSigned<ProofReceipt> receipt = submission.receipt();
    expect(receipt.signer().equals(venue.publicKey()), "the venue signed the receipt");
    story.row(
        "signed receipt",
        "accepted, journal entry "
            + receipt.message().journalIndex()
            + ", signature "
            + hex(receipt.signature()).substring(0, 16)
            + "...");
  }

  /** Every decision above is taken again, from the venue's journal and the verifying key. */
  private void audit() throws Exception {
    StoreAudit.Result result = story.timed("auditor: the whole journal", () -> venue.audit());
    expect(result instanceof StoreAudit.Sound, "the journal is sound: " + result);
    StoreAudit.Sound sound = (StoreAudit.Sound) result;
    story.row("decisions taken again", sound.records());
    story.row("proofs judged again", sound.proofs());
    story.row("receipts compared", venue.receipts());
    story.row("last entry of the chain", sound.lastDigest());
  }

  /**
   * Publishers go on every minute or so: without a fresh round nobody could be blamed for proving
   * nothing.
   */
  private void publishUntil(MarketSnapshot snapshot, Instant until) throws Exception {
    do {
      Duration left = Duration.between(clock.instant(), until);
      clock.advance(left.compareTo(ROUND_INTERVAL) < 0 ? left : ROUND_INTERVAL);
      latest = publish(snapshot);
    } while (clock.instant().isBefore(until));
  }

  // Helpers

  private Attester attester(AttesterScope scope) throws InvalidFormatException {
    return new Attester(
        SigningIdentity.generate(), key, model, listing, scope, AttestationLedger.inMemory());
  }

  private static Portfolio book(String name) throws IOException {
    try (InputStream in = Demonstration.class.getResourceAsStream("demo/" + name + ".json")) {
      Portfolio.Builder builder = Portfolio.newBuilder();
      com.google.protobuf.util.JsonFormat.parser()
          .merge(
              new java.io.InputStreamReader(in, java.nio.charset.StandardCharsets.UTF_8), builder);
      return builder.build();
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static void expect(boolean condition, String what) {
    if (!condition) {
      throw new IllegalStateException("expected that " + what);
    }
  }
}
