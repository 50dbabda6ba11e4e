package io.plimsoll.gate.rpc;

import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.gate.VenueSigner;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;

/** A venue's key from a key file. Thread-safe; usable until the identity is destroyed. */
public final class VenueIdentity implements VenueSigner {
  private final SigningIdentity identity;
  private final Ed25519PublicKey publicKey;

  /**
   * The venue's key.
   *
   * @param identity stays the caller's to destroy
   */
  public VenueIdentity(SigningIdentity identity) {
    this.identity = identity;
    try {
      this.publicKey = Ed25519PublicKey.fromBytes(identity.publicKey());
    } catch (InvalidFormatException e) {
      throw new IllegalStateException("a key that was made or read is a key", e);
    }
  }

  @Override
  public Ed25519PublicKey publicKey() {
    return publicKey;
  }

  @Override
  public byte[] sign(byte[] message) {
    return identity.sign(message);
  }

  /** Names the public key alone. */
  @Override
  public String toString() {
    return "VenueIdentity[" + publicKey + "]";
  }
}
