package io.plimsoll.verifier;

import io.plimsoll.verifier.bn254.Accelerator;
import io.plimsoll.verifier.bn254.FixedPairs;
import io.plimsoll.verifier.bn254.G1;
import io.plimsoll.verifier.bn254.G1Combination;
import io.plimsoll.verifier.bn254.G1Msm;
import io.plimsoll.verifier.bn254.G1Points;
import io.plimsoll.verifier.bn254.G1Sum;
import io.plimsoll.verifier.bn254.G1Table;
import io.plimsoll.verifier.bn254.G2;
import io.plimsoll.verifier.bn254.G2Lines;
import io.plimsoll.verifier.bn254.Gt;
import io.plimsoll.verifier.bn254.InvalidPointException;
import io.plimsoll.verifier.bn254.Pairing;
import io.plimsoll.verifier.bn254.Pairing.Pair;
import io.plimsoll.verifier.bn254.Pairing.PreparedPair;
import io.plimsoll.verifier.bn254.Pool;
import io.plimsoll.verifier.bn254.ProofBatch;
import io.plimsoll.verifier.bn254.ProposedRoots;
import io.plimsoll.verifier.bn254.Scalars;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A circuit's verifying key: what commitments are made with and proofs are checked with. Immutable
 * and thread-safe.
 *
 * <p>The check is that of Groth16 (ePrint 2016/260) with the public inputs in the form of their
 * sum, to which the attesters' commitments contribute the holdings:
 *
 * <pre>
 *   kSum = round point + K[1]*context + K[2]*N + K[3]*D + sum of the commitments
 *   e(A, B) * e(kSum, -gamma) * e(Krs, -delta) = e(alpha, beta)
 * </pre>
 */
public final class VerifyingKey {
  /** Length of a proof in bytes: A, B, Krs, compressed. */
  public static final int PROOF_BYTES = 2 * G1.COMPRESSED_BYTES + G2.COMPRESSED_BYTES;

  /**
   * No {@code verifying.key} file is longer, in bytes: 64 for each of at most 2^20 coefficients and
   * 2^16 holdings, and the layout. Check it before a file is read into memory.
   */
  public static final int MAX_FILE_BYTES = 128 << 20;

  /** Length of a context in bytes. */
  static final int CONTEXT_BYTES = 16;

  /** Length of a blinding in bytes. */
  static final int BLINDING_BYTES = 32;

  private static final String TAG = "plimsoll/verifying-key/v1";
  private static final String CIRCUIT_TAG = "plimsoll/circuit/v1";
  private static final String WHAT = "verifying key file";
  private static final String DEVELOPMENT = "development";
  private static final Pattern CEREMONY = Pattern.compile("ceremony:[0-9a-f]{64}");

  /** K of the constant one, the context, N, D, and the blinding. */
  private static final int OTHER_POINTS = 5;

  private static final int CONTEXT = 1;
  private static final int NUMERATOR = 2;
  private static final int DENOMINATOR = 3;
  private static final int FIRST_COEFFICIENT = 4;

  /** Fewer than these are checked one at a time. */
  private static final int SMALLEST_BATCH = 4;

  private static final int THRESHOLD_BYTES = Integer.BYTES;
  private static final long MAX_THRESHOLD = (1L << Integer.SIZE) - 1;

  /** Windows of {@link G1Table}: the context is in every verification, the others are small. */
  private static final int WIDE = 8;

  private static final int NARROW = 4;

  private static final int FIXED_BYTES =
      G1.UNCOMPRESSED_BYTES + 3 * G2.UNCOMPRESSED_BYTES + Integer.BYTES;

  private static final Pool<G1Sum> SUMS = new Pool<>(G1Sum::new);

  private final String setup;
  private final Digest modelDigest;
  private final Digest constraintSystemDigest;
  private final StatementLayout layout;
  private final Digest circuitId;

  private final G1 alpha;
  private final Gt alphaBeta;
  private final G2Lines negativeBeta;
  private final G2Lines negativeGamma;
  private final G2Lines negativeDelta;
  private final FixedPairs negativeGammaAndDelta;
  private final G1[] k;
  private final ScopeCheck scopes;
  private final G1Points coefficientPoints;
  private final G1Points holdingPoints;
  private volatile G1Table blindingTable;
  private final G1Table contextTable;
  private final G1Table numeratorTable;
  private final G1Table denominatorTable;

  private VerifyingKey(
      String setup,
      Digest modelDigest,
      Digest constraintSystemDigest,
      StatementLayout layout,
      byte[] key)
      throws InvalidFormatException {
    this.setup = setup;
    this.modelDigest = modelDigest;
    this.constraintSystemDigest = constraintSystemDigest;
    this.layout = layout;
    this.circuitId =
        new CanonicalWriter(CIRCUIT_TAG)
            .digest(modelDigest)
            .digest(layout.digest())
            .digest(constraintSystemDigest)
            .digest(Digest.of(key))
            .text(setup)
            .digest();

    int expected = OTHER_POINTS + layout.coefficientCount() + layout.holdingCount();
    if (key.length < FIXED_BYTES) {
      throw new InvalidFormatException(
          WHAT + ": the key has " + key.length + " bytes, fewer than " + FIXED_BYTES);
    }
    int count = ByteBuffer.wrap(key).getInt(FIXED_BYTES - Integer.BYTES);
    if (count != expected) {
      throw new InvalidFormatException(
          WHAT + ": the key has " + Integer.toUnsignedString(count) + " points K, not " + expected);
    }
    int length = FIXED_BYTES + expected * G1.UNCOMPRESSED_BYTES;
    if (key.length != length) {
      throw new InvalidFormatException(
          WHAT + ": the key has " + key.length + " bytes, not " + length);
    }
    int offset = 0;
    alpha = g1("alpha", key, offset);
    offset += G1.UNCOMPRESSED_BYTES;
    G2 beta = g2("beta", key, offset);
    offset += G2.UNCOMPRESSED_BYTES;
    G2 gamma = g2("gamma", key, offset);
    offset += G2.UNCOMPRESSED_BYTES;
    G2 delta = g2("delta", key, offset);
    offset += G2.UNCOMPRESSED_BYTES + Integer.BYTES;
    // With gamma = +-delta, or a known discrete logarithm of delta, proofs can be forged.
    requireDifferent("delta", delta, "gamma", gamma);
    requireDifferent("delta", delta, "the generator", G2.GENERATOR);
    k = new G1[count];
    for (int i = 0; i < count; i++) {
      k[i] = g1("K[" + i + "]", key, offset + i * G1.UNCOMPRESSED_BYTES);
    }
    scopes = new ScopeCheck(k, FIRST_COEFFICIENT + layout.coefficientCount(), new SecureRandom());
    alphaBeta = Pairing.of(alpha, beta);
    negativeBeta = G2Lines.of(beta.negate());
    coefficientPoints =
        G1Points.of(k, FIRST_COEFFICIENT, FIRST_COEFFICIENT + layout.coefficientCount());
    holdingPoints = G1Points.of(k, FIRST_COEFFICIENT + layout.coefficientCount(), k.length - 1);
    negativeGamma = G2Lines.of(gamma.negate());
    negativeDelta = G2Lines.of(delta.negate());
    negativeGammaAndDelta = new FixedPairs(negativeGamma, negativeDelta);
    contextTable = new G1Table(k[CONTEXT], CONTEXT_BYTES, WIDE);
    numeratorTable = new G1Table(k[NUMERATOR], THRESHOLD_BYTES, NARROW);
    denominatorTable = new G1Table(k[DENOMINATOR], THRESHOLD_BYTES, NARROW);
  }

  /**
   * Reads a {@code verifying.key} file ({@code docs/formats.md}) and makes every check of key
   * loading: each point canonical, on its curve, in its subgroup and not infinity, gamma not delta
   * or its negative, delta not the generator or its negative, as many points K as the layout needs,
   * and nothing after them.
   *
   * @throws InvalidFormatException if anything about it is not as it must be, or the key is from a
   *     ceremony, whose record it needs
   */
  public static VerifyingKey read(byte[] file) throws InvalidFormatException {
    return read(file, Optional.empty());
  }

  /**
   * Reads the {@code verifying.key} of a ceremony and the ceremony's record, and makes every check
   * of key loading on both.
   *
   * @throws InvalidFormatException if anything about either is not as it must be, or they do not
   *     belong together
   */
  public static VerifyingKey read(byte[] file, CeremonyRecord record)
      throws InvalidFormatException {
    return read(file, Optional.of(record));
  }

  private static VerifyingKey read(byte[] file, Optional<CeremonyRecord> record)
      throws InvalidFormatException {
    CanonicalReader in = new CanonicalReader(WHAT, file, TAG);
    String setup = in.text("setup");
    if (!setup.equals(DEVELOPMENT) && !CEREMONY.matcher(setup).matches()) {
      throw new InvalidFormatException(
          WHAT
              + ": setup is '"
              + setup
              + "', not '"
              + DEVELOPMENT
              + "' or 'ceremony:' and 64 hexadecimal digits");
    }
    Digest model = in.digest("model digest");
    Digest constraintSystem = in.digest("constraint system digest");
    StatementLayout layout = StatementLayout.read(in.bytes("layout", file.length));
    byte[] key = in.bytes("key", file.length);
    in.end();
    requireRecord(setup, record, model, constraintSystem, key);
    return new VerifyingKey(setup, model, constraintSystem, layout, key);
  }

  /** A setup text alone says nothing about who took part. */
  private static void requireRecord(
      String setup,
      Optional<CeremonyRecord> record,
      Digest model,
      Digest constraintSystem,
      byte[] key)
      throws InvalidFormatException {
    boolean ceremony = !setup.equals(DEVELOPMENT);
    if (ceremony != record.isPresent()) {
      throw new InvalidFormatException(
          WHAT
              + ": setup is '"
              + setup
              + "', and "
              + (ceremony ? "the ceremony's record is missing" : "there is a ceremony's record"));
    }
    if (ceremony) {
      record
          .get()
          .requireOf(
              Digest.fromHex(setup.substring(setup.indexOf(':') + 1)),
              model,
              constraintSystem,
              Digest.of(key));
    }
  }

  private static G1 g1(String name, byte[] in, int offset) throws InvalidFormatException {
    try {
      return G1.decodeUncompressed(in, offset);
    } catch (InvalidPointException e) {
      throw new InvalidFormatException(WHAT + ": " + name + " " + e.getMessage());
    }
  }

  private static G2 g2(String name, byte[] in, int offset) throws InvalidFormatException {
    G2 point;
    try {
      point = G2.decodeUncompressed(in, offset);
    } catch (InvalidPointException e) {
      throw new InvalidFormatException(WHAT + ": " + name + " " + e.getMessage());
    }
    if (!point.isInSubgroup()) {
      throw new InvalidFormatException(WHAT + ": " + name + " is not in the subgroup");
    }
    return point;
  }

  private static void requireDifferent(String name, G2 point, String otherName, G2 other)
      throws InvalidFormatException {
    if (point.equals(other) || point.equals(other.negate())) {
      throw new InvalidFormatException(
          WHAT + ": " + name + " is " + otherName + " or its negative");
    }
  }

  /** Digest of model, layout, constraint system, verifying key and setup; everything names it. */
  public Digest circuitId() {
    return circuitId;
  }

  /** {@code development}, or {@code ceremony:} and the digest of the ceremony's record in hex. */
  public String setup() {
    return setup;
  }

  /** Whether whoever made this key could forge proofs with it. */
  public boolean isDevelopment() {
    return setup.equals(DEVELOPMENT);
  }

  /** Digest of the margin model. */
  public Digest modelDigest() {
    return modelDigest;
  }

  /** Digest of the constraint system file. */
  public Digest constraintSystemDigest() {
    return constraintSystemDigest;
  }

  /** Counts and intervals of what the statement is about. */
  public StatementLayout layout() {
    return layout;
  }

  /**
   * Commits to one attester's holdings. The time taken depends on the holdings and the blinding: it
   * is for the attester's own machine.
   *
   * @param holdings one for each holding of the layout
   * @param blinding 32 bytes, big-endian, uniform in 1 to r - 1 and never used twice
   * @throws InvalidFormatException if a holding is outside its interval (names index, value and
   *     interval), their number is wrong, or the blinding is zero or not below r
   */
  public Commitment commit(long[] holdings, byte[] blinding) throws InvalidFormatException {
    layout.requireHoldings(holdings);
    if (blinding.length != BLINDING_BYTES) {
      throw new InvalidFormatException(
          "blinding has " + blinding.length + " bytes, not " + BLINDING_BYTES);
    }
    if (!Scalars.isNonZeroBelowOrder(blinding)) {
      throw new InvalidFormatException("blinding is not 1 to r - 1");
    }
    G1Sum sum = new G1Sum();
    holdingPoints.addProducts(sum, holdings);
    blindingTable().addMultiple(sum, blinding);
    return new Commitment(sum.toPoint());
  }

  /** Made when the first commitment is, because venues make none. */
  private G1Table blindingTable() {
    G1Table table = blindingTable;
    if (table == null) {
      // Two threads may both make one; either is good.
      table = new G1Table(k[k.length - 1], BLINDING_BYTES, NARROW);
      blindingTable = table;
    }
    return table;
  }

  /**
   * The sum of the points K of a scope's columns and of the blinding, each times a number: what the
   * making of a scope proof begins with. The time taken depends on the numbers: it is for the
   * attester's own machine.
   *
   * @param scope ascending, inside the layout's holdings
   * @param scalars unsigned, big-endian, one for each column and one for the blinding
   * @throws InvalidFormatException if the scope ends beyond the layout's holdings
   * @throws IllegalArgumentException if there are not as many scalars, or the sum is infinity
   */
  public Commitment commitToScope(List<ColumnRange> scope, byte[][] scalars)
      throws InvalidFormatException {
    require(scalars.length == ScopeProof.columns(scope) + 1, "scalars", scalars.length);
    int first = FIRST_COEFFICIENT + layout.coefficientCount();
    G1Combination sum = new G1Combination();
    int index = 0;
    for (ColumnRange range : ColumnRange.requireScope(scope)) {
      if (range.to() > layout.holdingCount()) {
        throw new InvalidFormatException(
            "scope ends at column " + range.to() + ", the circuit has " + layout.holdingCount());
      }
      for (int column = range.from(); column < range.to(); column++) {
        sum.add(k[first + column], scalars[index++]);
      }
    }
    sum.add(k[k.length - 1], scalars[index]);
    G1 point = sum.toPoint();
    require(!point.isInfinity(), "the sum is infinity");
    return new Commitment(point);
  }

  /**
   * Whether an attestation for this circuit carries a valid scope proof. Costs a sum over the
   * scope's columns once; the answer yes is kept with the attestation.
   *
   * @return why not, or empty
   */
  public Optional<String> scopeRefusal(Attestation attestation) {
    AttestationBody body = attestation.body();
    if (attestation.isScopeProvenUnder(circuitId)) {
      return Optional.empty();
    }
    if (!body.circuitId().equals(circuitId)) {
      return Optional.of("attestation is for circuit " + body.circuitId() + ", not " + circuitId);
    }
    Optional<String> refusal = scopes.refusal(body);
    if (refusal.isEmpty()) {
      attestation.setScopeProvenUnder(circuitId);
    }
    return refusal;
  }

  /**
   * The attestations that {@link #scopeRefusal} refuses, found by one sum over all of them if there
   * are none, and by bisection otherwise. Cheaper than one by one from a few on.
   *
   * @return in the order given
   */
  public List<Attestation> withUnprovenScope(List<Attestation> attestations) {
    List<Attestation> open = new ArrayList<>();
    List<AttestationBody> bodies = new ArrayList<>();
    List<Attestation> unproven = new ArrayList<>();
    for (Attestation attestation : attestations) {
      if (attestation.body().circuitId().equals(circuitId)
          && !attestation.isScopeProvenUnder(circuitId)) {
        open.add(attestation);
        bodies.add(attestation.body());
      }
    }
    boolean[] proven = scopes.areProven(bodies);
    for (int i = 0; i < proven.length; i++) {
      if (proven[i]) {
        open.get(i).setScopeProvenUnder(circuitId);
      }
    }
    for (Attestation attestation : attestations) {
      if (!attestation.isScopeProvenUnder(circuitId)) {
        unproven.add(attestation);
      }
    }
    return List.copyOf(unproven);
  }

  /**
   * Computes the part of a statement that a round fixes. Takes milliseconds; do it once per round.
   *
   * @param coefficients one for each coefficient of the layout
   * @throws InvalidFormatException if one is outside its interval or their number is wrong
   */
  RoundPoint roundPoint(long[] coefficients) throws InvalidFormatException {
    layout.requireCoefficients(coefficients);
    G1Sum sum = new G1Sum();
    sum.add(k[0]);
    coefficientPoints.addProducts(sum, coefficients);
    return new RoundPoint(circuitId, sum.toPoint());
  }

  /**
   * The round point of new coefficients from that of others, by the points of those that differ.
   *
   * @param base the round point of {@code from}
   * @param from within their intervals
   * @param to one for each coefficient of the layout
   * @throws InvalidFormatException if one of {@code to} is outside its interval or their number is
   *     wrong
   */
  RoundPoint nextRoundPoint(RoundPoint base, long[] from, long[] to) throws InvalidFormatException {
    require(base.circuitId().equals(circuitId), "the round point is of another circuit");
    layout.requireCoefficients(to);
    G1Sum sum = new G1Sum();
    sum.add(base.point());
    coefficientPoints.addDifferences(sum, from, to);
    return new RoundPoint(circuitId, sum.toPoint());
  }

  /**
   * Checks a proof.
   *
   * @param round of this key
   * @param commitments one per rostered attester, at least one, at most the layout's J
   * @param context 16 bytes, big-endian
   * @param n the threshold's numerator, 0 to 2^32 - 1
   * @param d the threshold's denominator, 1 to 2^32 - 1
   * @param proof from outside; anything at all
   * @return empty if the proof is valid, or else why not
   * @throws IllegalArgumentException if anything but the proof is not as said above
   */
  Optional<RejectionReason> check(
      RoundPoint round,
      List<Commitment> commitments,
      byte[] context,
      long n,
      long d,
      byte[] proof) {
    return check(round, commitments, context, n, d, proof, Accelerator.none());
  }

  /** The same with what the accelerator has. */
  Optional<RejectionReason> check(
      RoundPoint round,
      List<Commitment> commitments,
      byte[] context,
      long n,
      long d,
      byte[] proof,
      Accelerator accelerator) {
    Claim claim = new Claim(round, commitments, context, n, d, proof);
    requireValid(claim);
    Decoded decoded;
    try {
      decoded = Decoded.of(proof);
    } catch (InvalidPointException e) {
      return Optional.of(reason(e.fault()));
    }
    return decoded == null
        ? Optional.of(RejectionReason.PROOF_LENGTH)
        : check(claim, decoded, accelerator);
  }

  private Optional<RejectionReason> check(Claim claim, Decoded decoded, Accelerator accelerator) {
    G1Sum sum = SUMS.take();
    sum.clear();
    sum.add(claim.round().point());
    contextTable.addMultiple(sum, claim.context());
    numeratorTable.addMultiple(sum, claim.n());
    denominatorTable.addMultiple(sum, claim.d());
    for (Commitment commitment : claim.commitments()) {
      sum.add(commitment.point());
    }
    G1 publicSum = sum.toPoint();
    SUMS.give(sum);
    return switch (negativeGammaAndDelta.check(
        new Pair(decoded.a(), decoded.b()), publicSum, decoded.krs(), alphaBeta, accelerator)) {
      case EQUAL -> Optional.empty();
      case DIFFERENT -> Optional.of(RejectionReason.PROOF_DOES_NOT_VERIFY);
      case OUTSIDE_SUBGROUP -> Optional.of(RejectionReason.PROOF_NOT_IN_SUBGROUP);
    };
  }

  /**
   * Checks many proofs together, each against what it claims. The time is a fraction of that of as
   * many single checks when all are valid; a bad proof costs a few more combinations and a single
   * check, whose verdict alone rejects.
   *
   * @param claims each as for {@link #check}
   * @param random draws the combinations' coefficients, after everything else was fixed
   * @param accelerator for the Miller loops of the combinations, and the single checks
   * @return for each claim, in order, empty if the proof is valid, or else why not
   * @throws IllegalArgumentException if anything but a proof is not as it must be
   */
  List<Optional<RejectionReason>> checkAll(
      List<Claim> claims, SecureRandom random, Accelerator accelerator) {
    List<Optional<RejectionReason>> results =
        new ArrayList<>(Collections.nCopies(claims.size(), Optional.empty()));
    List<Entry> entries = new ArrayList<>();
    claims.forEach(this::requireValid);
    List<Claim> complete =
        claims.stream().filter(claim -> claim.proof().length == PROOF_BYTES).toList();
    Optional<ProposedRoots> proposed =
        accelerator.propose(complete.stream().map(Claim::proof).toArray(byte[][]::new));
    int next = 0;
    for (int i = 0; i < claims.size(); i++) {
      Claim claim = claims.get(i);
      if (claim.proof().length != PROOF_BYTES) {
        results.set(i, Optional.of(RejectionReason.PROOF_LENGTH));
        continue;
      }
      int number = next++;
      try {
        Decoded decoded =
            proposed.isPresent() ? Decoded.of(proposed.get(), number) : Decoded.of(claim.proof());
        entries.add(new Entry(i, claim, decoded));
      } catch (InvalidPointException e) {
        results.set(i, Optional.of(reason(e.fault())));
      }
    }
    boolean failed = split(entries, random, accelerator, results);
    if (failed && entries.stream().allMatch(entry -> results.get(entry.index()).isEmpty())) {
      accelerator.disable("a combination of valid proofs failed");
    }
    return results;
  }

  /** The same on the portable implementation alone. */
  List<Optional<RejectionReason>> checkAll(List<Claim> claims, SecureRandom random) {
    return checkAll(claims, random, Accelerator.none());
  }

  /**
   * Checks entries together, and halves of them if that fails.
   *
   * @return whether a combination failed
   */
  private boolean split(
      List<Entry> entries,
      SecureRandom random,
      Accelerator accelerator,
      List<Optional<RejectionReason>> results) {
    if (entries.size() < SMALLEST_BATCH) {
      for (Entry entry : entries) {
        results.set(entry.index(), check(entry.claim(), entry.decoded(), accelerator));
      }
      return false;
    }
    boolean[] outside = new boolean[entries.size()];
    ProofBatch.Outcome combined;
    try {
      combined = combine(entries, random, accelerator, outside);
    } catch (RuntimeException | LinkageError e) {
      // Of the accelerator, which is not used any more; or it comes again.
      accelerator.disable("it failed with " + e);
      combined = combine(entries, random, Accelerator.none(), outside);
    }
    switch (combined) {
      case HOLDS -> {
        return false;
      }
      case FAILS -> {
        int half = entries.size() / 2;
        split(entries.subList(0, half), random, accelerator, results);
        split(entries.subList(half, entries.size()), random, accelerator, results);
      }
      case OUTSIDE -> {
        List<Entry> rest = new ArrayList<>();
        for (int i = 0; i < outside.length; i++) {
          Entry entry = entries.get(i);
          if (outside[i]) {
            results.set(entry.index(), check(entry.claim(), entry.decoded(), accelerator));
          } else {
            rest.add(entry);
          }
        }
        split(rest, random, accelerator, results);
      }
    }
    return true;
  }

  /**
   * With coefficients rho_j and the round points R_j:
   *
   * <pre>
   *   product of e(rho_j*A_j, B_j)
   *     * e(sum of rho_j*(R_j + C_j + K[1]*context_j + K[2]*N_j + K[3]*D_j), -gamma)
   *     * e(sum of rho_j*Krs_j, -delta) * e((sum of rho_j)*alpha, -beta) = 1
   * </pre>
   */
  private ProofBatch.Outcome combine(
      List<Entry> entries, SecureRandom random, Accelerator accelerator, boolean[] outside) {
    byte[] bytes = new byte[ProofBatch.RANDOM_BYTES * entries.size()];
    random.nextBytes(bytes);
    ProofBatch batch = new ProofBatch(bytes, accelerator.multiples(entries.size()));
    List<G1> as = new ArrayList<>();
    List<G2> bs = new ArrayList<>();
    List<List<G1>> commitments = new ArrayList<>();
    List<List<G1>> krs = new ArrayList<>();
    IdentityHashMap<G1, BigInteger> multiples = new IdentityHashMap<>();
    for (int j = 0; j < entries.size(); j++) {
      Decoded decoded = entries.get(j).decoded();
      Claim claim = entries.get(j).claim();
      BigInteger rho = batch.coefficients().get(j);
      as.add(decoded.a());
      bs.add(decoded.b());
      krs.add(List.of(decoded.krs()));
      commitments.add(claim.commitments().stream().map(Commitment::point).toList());
      multiples.merge(claim.round().point(), rho, BigInteger::add);
      BigInteger context = new BigInteger(1, claim.context());
      multiples.merge(k[CONTEXT], rho.multiply(context), BigInteger::add);
      BigInteger n = BigInteger.valueOf(claim.n());
      multiples.merge(k[NUMERATOR], rho.multiply(n), BigInteger::add);
      BigInteger d = BigInteger.valueOf(claim.d());
      multiples.merge(k[DENOMINATOR], rho.multiply(d), BigInteger::add);
    }
    List<G1Sum> sums = batch.sums(List.of(commitments, krs));
    G1Sum publicSum = sums.get(0);
    List<G1> points = new ArrayList<>();
    List<byte[]> scalars = new ArrayList<>();
    multiples.forEach(
        (point, multiple) -> {
          points.add(point);
          scalars.add(Scalars.encode(multiple));
        });
    G1Msm.addMultiples(publicSum, points, scalars);
    BigInteger total = BigInteger.ZERO;
    for (BigInteger rho : batch.coefficients()) {
      total = total.add(rho);
    }
    G1Sum alphas = new G1Sum();
    G1Msm.addMultiple(alphas, alpha, Scalars.encode(total));
    return batch.check(
        accelerator.millerLoops(entries.size()),
        as,
        bs,
        List.of(
            new PreparedPair(publicSum.toPoint(), negativeGamma),
            new PreparedPair(sums.get(1).toPoint(), negativeDelta),
            new PreparedPair(alphas.toPoint(), negativeBeta)),
        outside);
  }

  private void requireValid(Claim claim) {
    require(claim.round().circuitId().equals(circuitId), "the round point is of another circuit");
    int commitments = claim.commitments().size();
    require(commitments >= 1 && commitments <= layout.maxAttesters(), "commitments", commitments);
    require(claim.context().length == CONTEXT_BYTES, "context bytes", claim.context().length);
    require(claim.n() >= 0 && claim.n() <= MAX_THRESHOLD, "N", claim.n());
    require(claim.d() >= 1 && claim.d() <= MAX_THRESHOLD, "D", claim.d());
  }

  /**
   * What a proof is checked against, and the proof.
   *
   * @param round of this key
   * @param commitments one per rostered attester, at least one, at most the layout's J
   * @param context 16 bytes, big-endian
   * @param n the threshold's numerator, 0 to 2^32 - 1
   * @param d the threshold's denominator, 1 to 2^32 - 1
   * @param proof from outside; anything at all
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Claim(
      RoundPoint round,
      List<Commitment> commitments,
      byte[] context,
      long n,
      long d,
      byte[] proof) {}

  /** A claim with its place among others. */
  private record Entry(int index, Claim claim, Decoded decoded) {}

  /** A proof's points, on their curves. */
  private record Decoded(G1 a, G2 b, G1 krs) {
    static Decoded of(ProposedRoots proposed, int proof) throws InvalidPointException {
      return new Decoded(proposed.a(proof), proposed.b(proof), proposed.krs(proof));
    }

    /** Null if the length is wrong. */
    static Decoded of(byte[] proof) throws InvalidPointException {
      if (proof.length != PROOF_BYTES) {
        return null;
      }
      return new Decoded(
          G1.decodeCompressed(proof, 0),
          G2.decodeCompressed(proof, G1.COMPRESSED_BYTES),
          G1.decodeCompressed(proof, G1.COMPRESSED_BYTES + G2.COMPRESSED_BYTES));
    }
  }

  private static RejectionReason reason(InvalidPointException.Fault fault) {
    return switch (fault) {
      case NOT_CANONICAL -> RejectionReason.PROOF_NOT_CANONICAL;
      case INFINITY -> RejectionReason.PROOF_POINT_AT_INFINITY;
      case NOT_ON_CURVE -> RejectionReason.PROOF_NOT_ON_CURVE;
      case NOT_IN_SUBGROUP -> RejectionReason.PROOF_NOT_IN_SUBGROUP;
    };
  }

  private static void require(boolean holds, String name, long value) {
    require(holds, name + " out of range: " + value);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  /** The circuit id and the setup. */
  @Override
  public String toString() {
    return "VerifyingKey[" + circuitId + ", " + setup + "]";
  }
}
