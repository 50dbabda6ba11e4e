package io.plimsoll.verifier;

/**
 * An attestation whose signature has been checked: there is no instance without a valid signature
 * of the attester that it names. Immutable and thread-safe.
 */
public final class Attestation {
  private static final String DIGEST_TAG = "plimsoll/attestation-digest/v1";

  private final AttestationBody body;
  private final byte[] signature;
  private final Digest digest;

  /**
   * The circuit under whose key the scope proof was found valid; null before. It never goes stale:
   * circuit and attestation determine it, and an id is the digest of its key.
   */
  private volatile Digest scopeProvenUnder;

  private Attestation(AttestationBody body, byte[] signature, Digest digest) {
    this.body = body;
    this.signature = signature;
    this.digest = digest;
  }

  /**
   * Checks the signature.
   *
   * @param signature Ed25519, over {@link AttestationBody#toByteArray}; copied
   * @throws InvalidFormatException if it is not a valid signature of the attester that the body
   *     names
   */
  public static Attestation of(AttestationBody body, byte[] signature)
      throws InvalidFormatException {
    byte[] signed = body.toByteArray();
    if (!body.attester().verifies(signed, signature)) {
      throw new InvalidFormatException(
          "attestation: the signature is not a valid one of attester " + body.attester());
    }
    Digest digest = new CanonicalWriter(DIGEST_TAG).bytes(signed).bytes(signature).digest();
    return new Attestation(body, signature.clone(), digest);
  }

  /**
   * Reads the canonical bytes of a body and checks the signature.
   *
   * @throws InvalidFormatException if the bytes are not a body, or the signature is not a valid one
   *     of the attester that it names
   */
  public static Attestation decode(byte[] body, byte[] signature) throws InvalidFormatException {
    return of(AttestationBody.decode(body), signature);
  }

  /** What was signed. */
  public AttestationBody body() {
    return body;
  }

  /** A copy of the signature, {@value Ed25519PublicKey#SIGNATURE_BYTES} bytes. */
  public byte[] signature() {
    return signature.clone();
  }

  /** Digest of the whole signed attestation, signature included. */
  public Digest digest() {
    return digest;
  }

  boolean isScopeProvenUnder(Digest circuitId) {
    return circuitId.equals(scopeProvenUnder);
  }

  void setScopeProvenUnder(Digest circuitId) {
    scopeProvenUnder = circuitId;
  }

  /** Two attestations are equal when body and signature are. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Attestation that && digest.equals(that.digest);
  }

  @Override
  public int hashCode() {
    return digest.hashCode();
  }

  /** Venue, account, attester, version and digest; nothing about the opening. */
  @Override
  public String toString() {
    return "Attestation[" + body + " " + digest + "]";
  }
}
