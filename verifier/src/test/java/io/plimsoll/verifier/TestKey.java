package io.plimsoll.verifier;

import java.util.Arrays;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;

/** A signing key whose 32 secret bytes are all the same. */
public final class TestKey {
  private final Ed25519PrivateKeyParameters secret;
  private final Ed25519PublicKey publicKey;

  private TestKey(int seed) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) seed);
    secret = new Ed25519PrivateKeyParameters(bytes);
    try {
      publicKey = Ed25519PublicKey.fromBytes(secret.generatePublicKey().getEncoded());
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  public static TestKey of(int seed) {
    return new TestKey(seed);
  }

  public Ed25519PublicKey publicKey() {
    return publicKey;
  }

  public byte[] sign(byte[] message) {
    Ed25519Signer signer = new Ed25519Signer();
    signer.init(true, secret);
    signer.update(message, 0, message.length);
    return signer.generateSignature();
  }

  public Attestation attest(AttestationBody.Builder body) {
    try {
      AttestationBody mine = body.attester(publicKey).build();
      return Attestation.of(mine, sign(mine.toByteArray()));
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  public RoundSignature sign(RiskRound round) {
    try {
      return RoundSignature.of(publicKey, sign(round.bytesToSign()));
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }
}
