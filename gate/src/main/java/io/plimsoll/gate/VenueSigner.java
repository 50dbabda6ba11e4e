package io.plimsoll.gate;

import io.plimsoll.verifier.Ed25519PublicKey;

/**
 * The venue's own key. Signatures are deterministic (Ed25519, RFC 8032): one that was lost is made
 * again, to the same bytes. Implementations are thread-safe.
 */
public interface VenueSigner {
  /** The public key; part of the policy that is in force. */
  Ed25519PublicKey publicKey();

  /**
   * Signs.
   *
   * @return {@value Ed25519PublicKey#SIGNATURE_BYTES} bytes
   */
  byte[] sign(byte[] message);
}
