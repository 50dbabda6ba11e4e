package io.plimsoll.verifier;

import io.plimsoll.verifier.bn254.G1;
import io.plimsoll.verifier.bn254.InvalidPointException;
import io.plimsoll.verifier.bn254.Scalars;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Shows that an attester knows an opening of its commitment over the columns of its scope and the
 * blinding, and so that nothing else is in it: no other column, no coefficient, no threshold, no
 * other attester's commitment. A proof of knowledge of a representation (Schnorr, Okamoto) made
 * non-interactive (Fiat and Shamir):
 *
 * <pre>
 *   T   = sum of k[i]*K[i] over the scope, and k[blinding]*K[blinding], for fresh uniform k
 *   c   = first 128 bits of SHA-256 over what it is about, C and T
 *   z[i] = k[i] + c*x[i] modulo r
 *   accept iff  sum of z[i]*K[i] = T + c*C
 * </pre>
 *
 * <p>Here are its form and its challenge; {@link VerifyingKey} checks it. Immutable and
 * thread-safe.
 */
public final class ScopeProof {
  /** Length of T in bytes: a compressed point. */
  public static final int ANNOUNCEMENT_BYTES = G1.COMPRESSED_BYTES;

  /** Length of one response in bytes: big-endian, below r. */
  public static final int RESPONSE_BYTES = 32;

  /** Length of the challenge in bytes. */
  public static final int CHALLENGE_BYTES = 16;

  /** Longest proof in bytes: that of every column. */
  public static final int MAX_BYTES = bytes(StatementLayout.MAX_HOLDINGS);

  private static final String TAG = "plimsoll/opening-proof/v1";
  private static final String WHAT = "attestation: scope proof";

  private final byte[] bytes;
  private final G1 announcement;

  private ScopeProof(byte[] bytes, G1 announcement) {
    this.bytes = bytes;
    this.announcement = announcement;
  }

  /** Length in bytes of a proof about {@code columns} columns. */
  public static int bytes(int columns) {
    return ANNOUNCEMENT_BYTES + RESPONSE_BYTES * (columns + 1);
  }

  /**
   * Reads T and the responses: those of the scope's columns, ascending, and that of the blinding.
   *
   * @param columns how many columns the scope has
   * @throws InvalidFormatException if the length is not that of so many columns, T is not a
   *     canonical finite point, or a response is not below r
   */
  public static ScopeProof decode(byte[] bytes, int columns) throws InvalidFormatException {
    if (bytes.length != bytes(columns)) {
      throw new InvalidFormatException(
          WHAT
              + " has "
              + bytes.length
              + " bytes, not the "
              + bytes(columns)
              + " of "
              + columns
              + " columns");
    }
    G1 announcement;
    try {
      announcement = G1.decodeCompressed(bytes, 0);
    } catch (InvalidPointException e) {
      throw new InvalidFormatException(
          WHAT
              + ": point "
              + HexFormat.of().formatHex(bytes, 0, ANNOUNCEMENT_BYTES)
              + " "
              + e.getMessage());
    }
    ScopeProof proof = new ScopeProof(bytes.clone(), announcement);
    for (int i = 0; i <= columns; i++) {
      if (proof.response(i).compareTo(Scalars.ORDER) >= 0) {
        throw new InvalidFormatException(WHAT + ": response " + i + " is not below r");
      }
    }
    return proof;
  }

  /** The number of columns in a scope. */
  static int columns(List<ColumnRange> scope) {
    int columns = 0;
    for (ColumnRange range : scope) {
      columns += range.to() - range.from();
    }
    return columns;
  }

  /**
   * The challenge for an attestation and T. It does not depend on the scope proof that the body may
   * carry.
   *
   * @param announcement T, compressed
   * @return {@value #CHALLENGE_BYTES} bytes, a big-endian integer
   */
  public static byte[] challenge(AttestationBody body, byte[] announcement) {
    CanonicalWriter out =
        new CanonicalWriter(TAG).digest(body.circuitId()).u32(body.scope().size());
    for (ColumnRange range : body.scope()) {
      out.u32(range.from()).u32(range.to());
    }
    Digest digest =
        out.bytes(body.attester().toByteArray())
            .text(body.venue())
            .text(body.account())
            .u64(body.version())
            .bytes(body.commitment().toByteArray())
            .bytes(announcement)
            .digest();
    return Arrays.copyOf(digest.toByteArray(), CHALLENGE_BYTES);
  }

  /** T and the responses. */
  public byte[] toByteArray() {
    return bytes.clone();
  }

  /** T. */
  G1 announcement() {
    return announcement;
  }

  /** T, compressed. */
  byte[] announcementBytes() {
    return Arrays.copyOf(bytes, ANNOUNCEMENT_BYTES);
  }

  /** The response of the scope's column number {@code index}; the last one is the blinding's. */
  BigInteger response(int index) {
    return new BigInteger(1, bytes, ANNOUNCEMENT_BYTES + RESPONSE_BYTES * index, RESPONSE_BYTES);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ScopeProof proof && Arrays.equals(bytes, proof.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** The length alone. */
  @Override
  public String toString() {
    return "ScopeProof[" + bytes.length + " bytes]";
  }
}
