package io.plimsoll.verifier;

import java.nio.ByteBuffer;

/**
 * The public coefficients of a margin model at one time, for one venue and one circuit. The digest
 * is always taken over the very integers in here, never carried along from elsewhere. Whether they
 * lie in the model's intervals is checked by {@link SolvencyVerifier#prepare}. Immutable and
 * thread-safe.
 */
public final class RiskRound {
  private static final String TAG = "plimsoll/round/v1";
  private static final String SIGNATURE_TAG = "plimsoll/round-signature/v1";
  private static final String WHAT = "risk round";

  private final Digest circuitId;
  private final String venue;
  private final Digest listingDigest;
  private final long sequence;
  private final long asOfMillis;
  private final long[] coefficients;
  private final Digest digest;

  private RiskRound(
      Digest circuitId,
      String venue,
      Digest listingDigest,
      long sequence,
      long asOfMillis,
      long[] coefficients) {
    this.circuitId = circuitId;
    this.venue = venue;
    this.listingDigest = listingDigest;
    this.sequence = sequence;
    this.asOfMillis = asOfMillis;
    this.coefficients = coefficients;
    this.digest = Digest.of(toByteArray());
  }

  /**
   * A round from its parts.
   *
   * @param circuitId the circuit whose coefficients these are
   * @param venue canonical text, not empty
   * @param listingDigest which instrument each slot stands for
   * @param sequence 0 or more, one for each round of a venue and circuit
   * @param asOfMillis when the market was like this, milliseconds since the epoch, 0 or more
   * @param coefficients in public-vector order, in the model's scales; copied; at most {@value
   *     StatementLayout#MAX_COEFFICIENTS}
   * @throws InvalidFormatException if one of them is not as said
   */
  public static RiskRound of(
      Digest circuitId,
      String venue,
      Digest listingDigest,
      long sequence,
      long asOfMillis,
      long[] coefficients)
      throws InvalidFormatException {
    requireNotEmpty(WHAT + ": venue", venue);
    requireNotNegative(WHAT + ": sequence", sequence);
    requireNotNegative(WHAT + ": as of", asOfMillis);
    if (coefficients.length > StatementLayout.MAX_COEFFICIENTS) {
      throw new InvalidFormatException(
          WHAT
              + ": "
              + coefficients.length
              + " coefficients, more than "
              + StatementLayout.MAX_COEFFICIENTS);
    }
    return new RiskRound(
        circuitId, venue, listingDigest, sequence, asOfMillis, coefficients.clone());
  }

  /**
   * Reads the canonical bytes.
   *
   * @throws InvalidFormatException if they are anything but what {@link #toByteArray} writes
   */
  public static RiskRound decode(byte[] bytes) throws InvalidFormatException {
    CanonicalReader in = new CanonicalReader(WHAT, bytes, TAG);
    String venue = in.text("venue");
    Digest circuitId = in.digest("circuit id");
    Digest listingDigest = in.digest("listing digest");
    long sequence = in.u64("sequence");
    long asOfMillis = in.i64("as of");
    int count = in.u32("number of coefficients", StatementLayout.MAX_COEFFICIENTS);
    byte[] packed = in.exactly("coefficients", 8 * count);
    in.end();
    long[] coefficients = new long[count];
    ByteBuffer.wrap(packed).asLongBuffer().get(coefficients);
    return of(circuitId, venue, listingDigest, sequence, asOfMillis, coefficients);
  }

  /** The canonical bytes. */
  public byte[] toByteArray() {
    return new CanonicalWriter(TAG)
        .text(venue)
        .digest(circuitId)
        .digest(listingDigest)
        .u64(sequence)
        .i64(asOfMillis)
        .u32(coefficients.length)
        .i64Array(coefficients)
        .toByteArray();
  }

  /** SHA-256 of the canonical bytes. */
  public Digest digest() {
    return digest;
  }

  /** What a publisher signs. */
  public byte[] bytesToSign() {
    return new CanonicalWriter(SIGNATURE_TAG).digest(digest).toByteArray();
  }

  /** The circuit whose coefficients these are. */
  public Digest circuitId() {
    return circuitId;
  }

  /** The venue that the round is issued for. */
  public String venue() {
    return venue;
  }

  /** Which instrument each slot stands for. */
  public Digest listingDigest() {
    return listingDigest;
  }

  /** Number of the round, 0 or more. */
  public long sequence() {
    return sequence;
  }

  /** When the market was like this, milliseconds since the epoch. */
  public long asOfMillis() {
    return asOfMillis;
  }

  /** A copy of the coefficients, in public-vector order. */
  public long[] coefficients() {
    return coefficients.clone();
  }

  /** Venue, sequence and digest. */
  @Override
  public String toString() {
    return "RiskRound[" + venue + " " + sequence + " " + digest + "]";
  }

  static String requireNotEmpty(String field, String value) throws InvalidFormatException {
    if (value.isEmpty()) {
      throw new InvalidFormatException(field + " is empty");
    }
    return CanonicalWriter.requireText(field, value);
  }

  static void requireNotNegative(String field, long value) throws InvalidFormatException {
    if (value < 0) {
      throw new InvalidFormatException(field + " is " + value + ", less than 0");
    }
  }
}
