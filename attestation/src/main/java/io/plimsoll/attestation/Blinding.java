package io.plimsoll.attestation;

import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.Digest;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * Blindings: the field element v that hides the holdings inside a commitment. 32 bytes, big-endian,
 * 1 to r - 1, with r the order of BN254's groups.
 *
 * <p>Every attestation has a fresh one. It comes from fresh random bytes and from the attester's
 * secret together: a broken random generator alone does not repeat it, because version and holdings
 * enter too, and a restored backup with an old version does not, because the random bytes do.
 */
final class Blinding {
  /** Length in bytes. */
  static final int BYTES = 32;

  /** Length of the fresh random bytes. */
  static final int RANDOM_BYTES = 32;

  /** Order of BN254's groups. */
  static final BigInteger ORDER =
      new BigInteger(
          "21888242871839275222246405745257275088548364400416034343698204186575808495617");

  private static final String TAG = "plimsoll/blinding/v1";

  /** Twice the order's size: the reduction is then uniform up to 2^-256. */
  private static final int WIDE_BYTES = 64;

  private Blinding() {}

  /**
   * HKDF-SHA512 of the attester's secret with the random bytes for salt, bound to account, version
   * and holdings, reduced modulo r. Zero, which never happens, is stepped over.
   *
   * @param secret the attester's, 32 bytes
   * @param random {@value #RANDOM_BYTES} fresh bytes
   */
  static byte[] derive(
      byte[] secret, String venue, String account, long version, long[] holdings, byte[] random) {
    byte[] packed = new CanonicalWriter("plimsoll/holdings/v1").i64Array(holdings).toByteArray();
    Digest holdingsDigest = Digest.of(packed);
    Arrays.fill(packed, (byte) 0);
    for (int attempt = 0; ; attempt++) {
      byte[] info =
          new CanonicalWriter(TAG)
              .text(venue)
              .text(account)
              .u64(version)
              .digest(holdingsDigest)
              .u32(attempt)
              .toByteArray();
      byte[] wide = Hkdf.sha512(secret, random, info, WIDE_BYTES);
      BigInteger reduced = new BigInteger(1, wide).mod(ORDER);
      Arrays.fill(wide, (byte) 0);
      if (reduced.signum() != 0) {
        return toBytes(reduced);
      }
    }
  }

  /** The sum modulo r; may be zero. */
  static byte[] add(byte[] left, byte[] right) {
    return toBytes(new BigInteger(1, left).add(new BigInteger(1, right)).mod(ORDER));
  }

  /** Whether {@code bytes} is a blinding. */
  static boolean isValid(byte[] bytes) {
    if (bytes.length != BYTES) {
      return false;
    }
    BigInteger value = new BigInteger(1, bytes);
    return value.signum() != 0 && value.compareTo(ORDER) < 0;
  }

  /** A number below r as 32 bytes, big-endian. */
  static byte[] toBytes(BigInteger value) {
    byte[] minimal = value.toByteArray();
    byte[] bytes = new byte[BYTES];
    int length = Math.min(minimal.length, BYTES);
    System.arraycopy(minimal, minimal.length - length, bytes, BYTES - length, length);
    return bytes;
  }
}
