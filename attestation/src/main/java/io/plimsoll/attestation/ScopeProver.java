package io.plimsoll.attestation;

import io.plimsoll.verifier.AttestationBody;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.ColumnRange;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.ScopeProof;
import io.plimsoll.verifier.VerifyingKey;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Makes scope proofs. Two proofs with one nonce k and different challenges give the opening away.
 * So nonces come from fresh random bytes, which a restored backup does not repeat, and from the
 * blinding and the commitment, which are different in every attestation even if the random
 * generator is broken.
 */
final class ScopeProver {
  private static final String TAG = "plimsoll/scope-nonce/v1";

  private static final int RANDOM_BYTES = 32;

  /** Twice the order's size: a nonce is then uniform up to 2^-256. */
  private static final int WIDE_BYTES = 64;

  private ScopeProver() {}

  /**
   * The body with its scope proof.
   *
   * @param holdings all columns; those outside the body's scope are zero
   * @throws InvalidFormatException if the scope ends beyond the holdings
   */
  static AttestationBody prove(
      VerifyingKey key, AttestationBody body, long[] holdings, byte[] blinding, SecureRandom random)
      throws InvalidFormatException {
    int columns = body.scope().stream().mapToInt(range -> range.to() - range.from()).sum();
    byte[][] nonces = new byte[columns + 1][];
    byte[] fresh = new byte[RANDOM_BYTES];
    random.nextBytes(fresh);
    try {
      for (int i = 0; i < nonces.length; i++) {
        byte[] info =
            new CanonicalWriter(TAG).u32(i).bytes(body.commitment().toByteArray()).toByteArray();
        byte[] wide = Hkdf.sha512(blinding, fresh, info, WIDE_BYTES);
        nonces[i] = Blinding.toBytes(new BigInteger(1, wide).mod(Blinding.ORDER));
        Arrays.fill(wide, (byte) 0);
      }
      byte[] announcement = key.commitToScope(body.scope(), nonces).toByteArray();
      BigInteger challenge = new BigInteger(1, ScopeProof.challenge(body, announcement));
      ByteBuffer proof = ByteBuffer.allocate(ScopeProof.bytes(columns)).put(announcement);
      int index = 0;
      for (ColumnRange range : body.scope()) {
        for (int column = range.from(); column < range.to(); column++) {
          BigInteger holding = BigInteger.valueOf(holdings[column]);
          proof.put(response(nonces[index++], challenge, holding));
        }
      }
      proof.put(response(nonces[index], challenge, new BigInteger(1, blinding)));
      return body.withScopeProof(ScopeProof.decode(proof.array(), columns));
    } finally {
      Arrays.fill(fresh, (byte) 0);
      for (byte[] nonce : nonces) {
        if (nonce != null) {
          Arrays.fill(nonce, (byte) 0);
        }
      }
    }
  }

  private static byte[] response(byte[] nonce, BigInteger challenge, BigInteger secret) {
    return Blinding.toBytes(
        new BigInteger(1, nonce).add(challenge.multiply(secret)).mod(Blinding.ORDER));
  }
}
