package io.plimsoll.benchmarks;

import io.plimsoll.attestation.AttestationLedger;
import io.plimsoll.attestation.AttestationTerms;
import io.plimsoll.attestation.Attester;
import io.plimsoll.attestation.AttesterScope;
import io.plimsoll.attestation.Opening;
import io.plimsoll.attestation.OwnerWallet;
import io.plimsoll.attestation.SealingIdentity;
import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.circuits.HoldingVector;
import io.plimsoll.circuits.Holdings;
import io.plimsoll.circuits.Listing;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.RoundCoefficients;
import io.plimsoll.circuits.RoundTensor;
import io.plimsoll.nativeprover.DevelopmentKeys;
import io.plimsoll.nativeprover.GnarkProver;
import io.plimsoll.nativeprover.GnarkReference;
import io.plimsoll.nativeprover.HashingBaseline;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.ProvingInput;
import io.plimsoll.nativeprover.StockGnarkProver;
import io.plimsoll.verifier.Acceleration;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PreparedRound;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.SolvencyStatement;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.Statement;
import io.plimsoll.verifier.Threshold;
import io.plimsoll.verifier.Verdict;
import io.plimsoll.verifier.VerifiedSolvency;
import io.plimsoll.verifier.VerifierPolicy;
import io.plimsoll.verifier.VerifyingKey;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * One valid statement about a {@code portfolio} or {@code derive-pmrm2} model with every slot
 * filled: no coefficient and no holding is zero, and all have the size that a market gives them.
 * Amounts are the same in every run; keys of the parties and blindings are fresh. One attester
 * vouches for everything.
 */
final class Fixture implements AutoCloseable {
  static final String VERIFYING_KEY = "verifying.key";
  static final Threshold THRESHOLD = new Threshold(11, 10);
  static final Purpose PURPOSE = Purpose.MAINTENANCE;
  static final long NOW_MILLIS = 1_767_225_600_000L;

  private static final String VENUE = "venue";
  private static final String ACCOUNT = "account";
  private static final long DAY_MILLIS = 86_400_000;

  /** What a scalar of gnark's is: 32 bytes, big-endian, below r. */
  private static final int SCALAR_BYTES = 32;

  private static final BigInteger ORDER =
      new BigInteger(
          "21888242871839275222246405745257275088548364400416034343698204186575808495617");

  /** K[0] to K[3]: the constant one, the context, numerator and denominator of the threshold. */
  private static final int FIRST_COEFFICIENT = 4;

  final MarginModel model;
  final VerifyingKey key;
  final SolvencyVerifier verifier;
  final RiskRound round;
  final Attester attester;
  final AttestationTerms terms;
  final Holdings holdings;
  final AccountState account;
  private final Path keyDirectory;
  private final SealingIdentity owner = SealingIdentity.generate();
  private final Opening opening;

  private Fixture(Path keyDirectory) throws IOException, InvalidFormatException {
    this.keyDirectory = keyDirectory;
    model = MarginModel.read(Files.readAllBytes(keyDirectory.resolve("model.bin")));
    key = VerifyingKey.read(Files.readAllBytes(keyDirectory.resolve(VERIFYING_KEY)));
    verifier =
        SolvencyVerifier.create(
            key, VerifierPolicy.allowingDevelopment(key.circuitId()), Acceleration.NONE);
    RoundCoefficients coefficients = RoundCoefficients.of(model, coefficients(model));
    holdings = Holdings.of(model, holdings(model));
    if (!model.assess(coefficients, holdings, THRESHOLD).solvent()) {
      throw new IllegalStateException("the account of shape " + model.shape() + " is not solvent");
    }
    Listing listing = Listing.of(model, Map.of());
    round =
        RiskRound.of(
            key.circuitId(), VENUE, listing.digest(), 1, NOW_MILLIS, coefficients.toLongArray());
    attester =
        new Attester(
            SigningIdentity.generate(),
            key,
            model,
            listing,
            AttesterScope.everything(model),
            AttestationLedger.inMemory());
    terms =
        new AttestationTerms(
            VENUE, ACCOUNT, owner.publicKey(), NOW_MILLIS, NOW_MILLIS + DAY_MILLIS);
    Attestation attestation = attester.attest(terms, holdings);
    AccountUpdate update =
        AccountState.open(VENUE, ACCOUNT, key.circuitId(), List.of(attester.publicKey()))
            .with(attestation);
    if (!(update instanceof AccountUpdate.Accepted accepted)) {
      throw new IllegalStateException("the attestation is refused: " + update);
    }
    account = accepted.state();
    opening = new OwnerWallet(owner, key, model).openAccount(account);
  }

  /**
   * A statement for the keys in a directory.
   *
   * @throws InvalidFormatException if what is in the directory is not well-formed
   */
  static Fixture open(Path keyDirectory) throws IOException, InvalidFormatException {
    return new Fixture(keyDirectory);
  }

  /** gnark with the keys; the caller closes it. */
  StockGnarkProver openStockProver() throws ProvingException {
    return StockGnarkProver.open(keyDirectory, key.circuitId(), DevelopmentKeys.ALLOWED);
  }

  /** The tuned prover with the keys; the caller closes it. */
  GnarkProver openTunedProver() throws ProvingException {
    return GnarkProver.open(keyDirectory, key.circuitId(), DevelopmentKeys.ALLOWED);
  }

  /** The same statement with hashes in the circuit; the caller closes it. */
  HashingBaseline openHashingBaseline(ProvingInput input) throws ProvingException {
    return HashingBaseline.open(keyDirectory, key.circuitId(), input);
  }

  /** Fails unless the verifier accepts the proof on this round. */
  void requireAccepted(byte[] proof) throws InvalidFormatException {
    if (!(verify(prepareRound(), proof) instanceof VerifiedSolvency)) {
      throw new IllegalStateException("the proof is rejected");
    }
  }

  /** Nearly the same input on another round: one coefficient is different. The caller closes it. */
  ProvingInput onAnotherRound(long number) {
    return changed(round.coefficients(), heldLots(), number, 0);
  }

  /**
   * Nearly the same input of another account on another round: one holding and one coefficient are
   * different. The caller closes it.
   */
  ProvingInput ofAnotherAccount(long number) {
    return changed(round.coefficients(), heldLots(), number, number);
  }

  /** The same on the fixture's round, for one of several accounts. The caller closes it. */
  ProvingInput ofAnotherAccountOnOneRound(long number) {
    return changed(round.coefficients(), heldLots(), 0, number);
  }

  private ProvingInput changed(
      long[] coefficients, long[] held, long roundNumber, long accountNumber) {
    coefficients[model.coefficientOffset("mark")] += roundNumber % 1_000;
    held[model.holdingOffset("collateral")] += accountNumber % 100_000;
    byte[] context = new byte[16];
    return ProvingInput.builder()
        .context(context)
        .threshold(THRESHOLD.numerator(), THRESHOLD.denominator())
        .coefficients(coefficients)
        .holdings(held)
        .blinding(opening.blinding())
        .build();
  }

  /** gnark as the verifier's baseline; the caller closes it. */
  GnarkReference openReference() throws IOException, ProvingException {
    return GnarkReference.open(Files.readAllBytes(keyDirectory.resolve(VERIFYING_KEY)));
  }

  /** The statement as {@link GnarkReference} takes it. */
  GnarkReference.Statement referenceStatement(GnarkReference gnark, PreparedRound prepared)
      throws ProvingException {
    long[] coefficients = round.coefficients();
    long[] scalars = new long[FIRST_COEFFICIENT + coefficients.length];
    scalars[0] = 1;
    System.arraycopy(coefficients, 0, scalars, FIRST_COEFFICIENT, coefficients.length);
    return new GnarkReference.Statement(
        gnark.sum(0, scalars, new byte[0]),
        account.attestations().get(0).body().commitment().toByteArray(),
        context(prepared),
        THRESHOLD.numerator(),
        THRESHOLD.denominator());
  }

  /** A verifier that uses what accelerates it here. */
  SolvencyVerifier acceleratedVerifier() throws InvalidFormatException {
    return SolvencyVerifier.create(
        key, VerifierPolicy.allowingDevelopment(key.circuitId()), Acceleration.AUTOMATIC);
  }

  /** The round as a verifier keeps it. */
  PreparedRound prepareRound() throws InvalidFormatException {
    return verifier.prepare(round);
  }

  /** What a prover is given; the caller closes it. */
  ProvingInput provingInput(PreparedRound prepared) {
    return ProvingInput.builder()
        .context(context(prepared))
        .threshold(THRESHOLD.numerator(), THRESHOLD.denominator())
        .coefficients(round.coefficients())
        .holdings(heldLots())
        .blinding(opening.blinding())
        .build();
  }

  /** Everything that a venue does with a proof for which it has account and round. */
  Verdict verify(PreparedRound prepared, byte[] proof) {
    return verify(verifier, prepared, proof);
  }

  /** The same by another verifier of the circuit. */
  Verdict verify(SolvencyVerifier by, PreparedRound prepared, byte[] proof) {
    return by.verify(account, prepared, THRESHOLD, PURPOSE, NOW_MILLIS, proof);
  }

  /** Statements of as many accounts, each with a holding and a proof of its own. */
  List<SolvencyVerifier.Submission> submissions(
      StockGnarkProver prover, PreparedRound prepared, int count)
      throws InvalidFormatException, ProvingException, IOException {
    List<SolvencyVerifier.Submission> submissions = new ArrayList<>();
    OwnerWallet wallet = new OwnerWallet(owner, key, model);
    for (int i = 0; i < count; i++) {
      String name = ACCOUNT + i;
      AttestationTerms theirs =
          new AttestationTerms(VENUE, name, owner.publicKey(), NOW_MILLIS, NOW_MILLIS + DAY_MILLIS);
      AccountUpdate update =
          AccountState.open(VENUE, name, key.circuitId(), List.of(attester.publicKey()))
              .with(attester.attest(theirs, holdings));
      if (!(update instanceof AccountUpdate.Accepted accepted)) {
        throw new IllegalStateException("the attestation is refused: " + update);
      }
      Statement statement =
          SolvencyStatement.form(accepted.state(), prepared, THRESHOLD, PURPOSE, NOW_MILLIS);
      if (!(statement instanceof SolvencyStatement formed)) {
        throw new IllegalStateException("no statement: " + statement);
      }
      try (Opening theirOpening = wallet.openAccount(accepted.state());
          ProvingInput input =
              ProvingInput.builder()
                  .context(formed.context())
                  .threshold(THRESHOLD.numerator(), THRESHOLD.denominator())
                  .coefficients(round.coefficients())
                  .holdings(theirOpening.holdings().toLongArray())
                  .blinding(theirOpening.blinding())
                  .build()) {
        submissions.add(new SolvencyVerifier.Submission(formed, prover.prove(input)));
      }
    }
    return submissions;
  }

  /** What gnark's own verifier needs, secrets included. */
  byte[] fullPublicVector(PreparedRound prepared) {
    ByteBuffer out =
        ByteBuffer.allocate(
            SCALAR_BYTES * (FIRST_COEFFICIENT + model.coefficientCount() + model.holdingCount()));
    putScalar(out, new BigInteger(1, context(prepared)));
    putScalar(out, BigInteger.valueOf(THRESHOLD.numerator()));
    putScalar(out, BigInteger.valueOf(THRESHOLD.denominator()));
    putScalars(out, round.coefficients());
    putScalars(out, heldLots());
    out.put(opening.blinding());
    return out.array();
  }

  /** Scalars for K[0] and on, whose sum is the prepared round. */
  byte[] roundScalars() {
    ByteBuffer out =
        ByteBuffer.allocate(SCALAR_BYTES * (FIRST_COEFFICIENT + model.coefficientCount()));
    putScalars(out, new long[] {1, 0, 0, 0});
    putScalars(out, round.coefficients());
    return out.array();
  }

  /** Index of the first point K whose multiple a commitment adds up. */
  int firstHolding() {
    return FIRST_COEFFICIENT + model.coefficientCount();
  }

  /** Scalars for {@link #firstHolding} and on, whose sum is the commitment. */
  byte[] commitmentScalars() {
    ByteBuffer out = ByteBuffer.allocate(SCALAR_BYTES * (model.holdingCount() + 1));
    putScalars(out, heldLots());
    out.put(opening.blinding());
    return out.array();
  }

  /** The holdings in the model's order and units. A fresh copy. */
  long[] heldLots() {
    return opening.holdings().toLongArray();
  }

  /** The blinding. A fresh copy. */
  byte[] blinding() {
    return opening.blinding();
  }

  @Override
  public void close() {
    opening.close();
    holdings.close();
    owner.destroy();
  }

  private byte[] context(PreparedRound prepared) {
    return statement(prepared).context();
  }

  /** What is proven. */
  SolvencyStatement statement(PreparedRound prepared) {
    Statement statement = SolvencyStatement.form(account, prepared, THRESHOLD, PURPOSE, NOW_MILLIS);
    if (statement instanceof SolvencyStatement formed) {
      return formed;
    }
    throw new IllegalStateException("no statement: " + statement);
  }

  private static void putScalars(ByteBuffer out, long[] values) {
    for (long value : values) {
      putScalar(out, BigInteger.valueOf(value));
    }
  }

  private static void putScalar(ByteBuffer out, BigInteger value) {
    byte[] minimal = value.mod(ORDER).toByteArray();
    byte[] scalar = new byte[SCALAR_BYTES];
    int length = Math.min(SCALAR_BYTES, minimal.length);
    System.arraycopy(minimal, minimal.length - length, scalar, SCALAR_BYTES - length, length);
    out.put(scalar);
  }

  /** Marks to 5,000, scenarios within 30 % of them, and the rest in proportion. */
  private static long[] coefficients(MarginModel model) {
    SplittableRandom random = new SplittableRandom(1);
    long[] values = new long[model.coefficientCount()];
    for (RoundTensor tensor : model.round()) {
      int offset = model.coefficientOffset(tensor.name());
      int inner = tensor.dimensions().size() < 2 ? 1 : tensor.dimensions().get(1).length();
      long price = 0;
      for (int i = 0; i < tensor.size(); i++) {
        int outerIndex = i / inner;
        int innerIndex = i % inner;
        if (innerIndex == 0) {
          price = random.nextLong(1_0000, 60_000_0000);
        }
        values[offset + i] =
            switch (tensor.name()) {
              case "mark" -> random.nextLong(1_0000, Math.min(5_000_0000, tensor.max() / 2));
              case "scenarioValue" ->
                  mark(model, values, outerIndex) * random.nextLong(70, 130) / 100;
              case "delta" -> signed(random, 1_000_000);
              case "vega" -> signed(random, 50_0000);
              case "liquidityRate" -> 1 + mark(model, values, i) / 200;
              case "deltaRate" -> random.nextLong(1, 100_0000);
              case "vegaRate" -> random.nextLong(1, 500_000);
              case "haircutSlope" -> price * 95 / 100;
              case "haircutStep" -> price * 5 / 100;
              case "haircutFrom" -> (1 + innerIndex) * 1_000_000L;
              case "basisValue" -> mark(model, values, outerIndex) * random.nextLong(90, 110) / 100;
              case "longFactor", "shortFactor", "dampening" -> random.nextLong(800_000, 1_100_000);
              case "spotMove" -> signed(random, 2_000);
              // Rates, factors and prices of the same size; 1 for what is only 0 or 1.
              default -> random.nextLong(1, Math.min(tensor.max(), 10_000) + 1);
            };
      }
    }
    return values;
  }

  private static long mark(MarginModel model, long[] values, int instrument) {
    return values[model.coefficientOffset("mark") + instrument];
  }

  /** Up to 100 contracts of everything, long or short, and cash enough for any of it. */
  private static long[] holdings(MarginModel model) {
    SplittableRandom random = new SplittableRandom(2);
    long[] values = new long[model.holdingCount()];
    for (HoldingVector vector : model.holdings()) {
      int offset = model.holdingOffset(vector.name());
      for (int i = 0; i < vector.length(); i++) {
        values[offset + i] =
            switch (vector.name()) {
              case "position" -> signed(random, 100_0000);
              case "perp" -> signed(random, 100_0000);
              case "grossPosition" -> Math.abs(values[model.holdingOffset("position") + i]);
              case "grossPerp" -> Math.abs(values[model.holdingOffset("perp") + i]);
              case "collateral" -> random.nextLong(1, 10_000_000);
              case "cash" -> 10_000_000_000_000_000L;
              default -> throw new IllegalArgumentException("no values for " + vector.name());
            };
      }
    }
    return values;
  }

  /** From 1 to {@code limit}, or the negative. */
  private static long signed(SplittableRandom random, long limit) {
    long magnitude = random.nextLong(1, limit + 1);
    return random.nextBoolean() ? magnitude : -magnitude;
  }
}
