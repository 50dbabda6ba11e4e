package io.plimsoll.attestation;

import java.util.Arrays;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;
import org.bouncycastle.crypto.params.X25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.X25519PublicKeyParameters;

/**
 * Hybrid public key encryption, RFC 9180: base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
 * ChaCha20-Poly1305, one message for each encapsulation. Sealed bytes are the encapsulation and
 * then the ciphertext.
 */
final class Hpke {
  /** Length of the encapsulation, in bytes. */
  static final int ENCAPSULATION_BYTES = 32;

  /** Sealed bytes are longer than the plaintext by this much. */
  static final int OVERHEAD_BYTES = ENCAPSULATION_BYTES + 16;

  private Hpke() {}

  /** Encrypts to {@code recipient}. */
  static byte[] seal(
      SealingPublicKey recipient, byte[] info, byte[] associatedData, byte[] plaintext) {
    return seal(recipient, info, associatedData, plaintext, null);
  }

  /** With a given ephemeral key pair, for test vectors alone; null draws a fresh one. */
  static byte[] seal(
      SealingPublicKey recipient,
      byte[] info,
      byte[] associatedData,
      byte[] plaintext,
      AsymmetricCipherKeyPair ephemeral) {
    HPKE suite = suite();
    try {
      X25519PublicKeyParameters key = new X25519PublicKeyParameters(recipient.toByteArray());
      HPKEContextWithEncapsulation context =
          ephemeral == null ? suite.setupBaseS(key, info) : suite.setupBaseS(key, info, ephemeral);
      byte[] encapsulation = context.getEncapsulation();
      byte[] ciphertext = context.seal(associatedData, plaintext);
      byte[] sealed = Arrays.copyOf(encapsulation, ENCAPSULATION_BYTES + ciphertext.length);
      System.arraycopy(ciphertext, 0, sealed, ENCAPSULATION_BYTES, ciphertext.length);
      return sealed;
    } catch (InvalidCipherTextException e) {
      throw new IllegalStateException("encryption failed", e);
    }
  }

  /** Decrypts; null if anything is not as it was sealed. */
  static byte[] open(
      byte[] privateKey, byte[] publicKey, byte[] info, byte[] associatedData, byte[] sealed) {
    if (sealed.length < OVERHEAD_BYTES) {
      return null;
    }
    AsymmetricCipherKeyPair keys =
        new AsymmetricCipherKeyPair(
            new X25519PublicKeyParameters(publicKey), new X25519PrivateKeyParameters(privateKey));
    byte[] encapsulation = Arrays.copyOf(sealed, ENCAPSULATION_BYTES);
    byte[] ciphertext = Arrays.copyOfRange(sealed, ENCAPSULATION_BYTES, sealed.length);
    try {
      return suite().setupBaseR(encapsulation, keys, info).open(associatedData, ciphertext);
    } catch (InvalidCipherTextException | IllegalStateException e) {
      // The second is BouncyCastle's word for an agreement that came out as zero.
      return null;
    }
  }

  private static HPKE suite() {
    return new HPKE(
        HPKE.mode_base, HPKE.kem_X25519_SHA256, HPKE.kdf_HKDF_SHA256, HPKE.aead_CHACHA20_POLY1305);
  }
}
