package io.plimsoll.attestation;

import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;

/** HKDF (RFC 5869) with SHA-512. */
final class Hkdf {
  /** Length of a derived secret, in bytes. */
  static final int SECRET_BYTES = 32;

  private Hkdf() {}

  static byte[] sha512(byte[] inputKey, byte[] salt, byte[] info, int length) {
    HKDFBytesGenerator generator = new HKDFBytesGenerator(new SHA512Digest());
    generator.init(new HKDFParameters(inputKey, salt, info));
    byte[] out = new byte[length];
    generator.generateBytes(out, 0, length);
    return out;
  }
}
