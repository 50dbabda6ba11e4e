package io.plimsoll.attestation;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.security.auth.Destroyable;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * An Ed25519 key pair (RFC 8032): who an attester, a risk publisher or a venue is. Thread-safe.
 * Destroying it wipes the private key; signing then throws {@link IllegalStateException}.
 */
public final class SigningIdentity implements Destroyable {
  /** Length of a public key, in bytes. */
  public static final int PUBLIC_KEY_BYTES = Ed25519.PUBLIC_KEY_SIZE;

  /** Length of a signature, in bytes. */
  public static final int SIGNATURE_BYTES = Ed25519.SIGNATURE_SIZE;

  private final PrivateKeyBytes seed;
  private final byte[] publicKey;

  private SigningIdentity(PrivateKeyBytes seed) {
    this.seed = seed;
    this.publicKey =
        seed.use(
            bytes -> {
              byte[] key = new byte[PUBLIC_KEY_BYTES];
              Ed25519.generatePublicKey(bytes, 0, key, 0);
              return key;
            });
  }

  /** A new key pair from the platform's secure generator. */
  public static SigningIdentity generate() {
    return generate(new SecureRandom());
  }

  /** A new key pair from {@code random}. */
  public static SigningIdentity generate(SecureRandom random) {
    byte[] bytes = new byte[PrivateKeyBytes.BYTES];
    random.nextBytes(bytes);
    return fromPrivateKey(bytes);
  }

  /** Takes over the 32 bytes of {@code seed}. */
  static SigningIdentity fromPrivateKey(byte[] seed) {
    return new SigningIdentity(new PrivateKeyBytes(seed));
  }

  /** A copy of the 32-byte public key. */
  public byte[] publicKey() {
    return publicKey.clone();
  }

  /** The public key as 64 lower-case hexadecimal digits. */
  public String publicKeyHex() {
    return HexFormat.of().formatHex(publicKey);
  }

  /**
   * Signs {@code message}.
   *
   * @return 64 bytes
   */
  public byte[] sign(byte[] message) {
    return seed.use(
        bytes -> {
          byte[] signature = new byte[SIGNATURE_BYTES];
          Ed25519.sign(bytes, 0, publicKey, 0, message, 0, message.length, signature, 0);
          return signature;
        });
  }

  /**
   * A 32-byte secret that only the holder of this key can make, different for each purpose and
   * useless for signing (HKDF-SHA512 of the seed, RFC 5869).
   */
  byte[] deriveSecret(String purpose) {
    return seed.use(
        bytes ->
            Hkdf.sha512(
                bytes, new byte[0], purpose.getBytes(StandardCharsets.UTF_8), Hkdf.SECRET_BYTES));
  }

  PrivateKeyBytes privateKey() {
    return seed;
  }

  @Override
  public void destroy() {
    seed.destroy();
  }

  @Override
  public boolean isDestroyed() {
    return seed.isDestroyed();
  }

  /** Names the public key alone. */
  @Override
  public String toString() {
    return "SigningIdentity[" + publicKeyHex() + "]";
  }
}
