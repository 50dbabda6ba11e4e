package io.plimsoll.attestation;

import io.plimsoll.verifier.InvalidFormatException;
import java.security.SecureRandom;
import javax.security.auth.Destroyable;
import org.bouncycastle.math.ec.rfc7748.X25519;

/**
 * An X25519 key pair (RFC 7748): to whom an account's openings are sealed. Thread-safe. Destroying
 * it wipes the private key; opening then throws {@link IllegalStateException}.
 */
public final class SealingIdentity implements Destroyable {
  private final PrivateKeyBytes scalar;
  private final SealingPublicKey publicKey;

  private SealingIdentity(PrivateKeyBytes scalar) {
    this.scalar = scalar;
    this.publicKey =
        scalar.use(
            bytes -> {
              byte[] key = new byte[SealingPublicKey.BYTES];
              X25519.generatePublicKey(bytes, 0, key, 0);
              try {
                return SealingPublicKey.fromBytes(key);
              } catch (InvalidFormatException e) {
                throw new AssertionError("a multiple of the base point has its order", e);
              }
            });
  }

  /** A new key pair from the platform's secure generator. */
  public static SealingIdentity generate() {
    return generate(new SecureRandom());
  }

  /** A new key pair from {@code random}. */
  public static SealingIdentity generate(SecureRandom random) {
    byte[] bytes = new byte[PrivateKeyBytes.BYTES];
    X25519.generatePrivateKey(random, bytes);
    return fromPrivateKey(bytes);
  }

  /** Takes over the 32 bytes of {@code scalar}. */
  static SealingIdentity fromPrivateKey(byte[] scalar) {
    return new SealingIdentity(new PrivateKeyBytes(scalar));
  }

  /** The public key, for those who seal. */
  public SealingPublicKey publicKey() {
    return publicKey;
  }

  /**
   * Opens what {@link Hpke#seal} sealed to this key.
   *
   * @throws InvalidFormatException if it was sealed to another key or altered
   */
  byte[] open(byte[] info, byte[] associatedData, byte[] sealed) throws InvalidFormatException {
    byte[] opened =
        scalar.use(
            bytes -> Hpke.open(bytes, publicKey.toByteArray(), info, associatedData, sealed));
    if (opened == null) {
      throw new InvalidFormatException(
          "sealed opening: was sealed to another key than " + publicKey + ", or was altered");
    }
    return opened;
  }

  PrivateKeyBytes privateKey() {
    return scalar;
  }

  @Override
  public void destroy() {
    scalar.destroy();
  }

  @Override
  public boolean isDestroyed() {
    return scalar.isDestroyed();
  }

  /** Names the public key alone. */
  @Override
  public String toString() {
    return "SealingIdentity[" + publicKey + "]";
  }
}
