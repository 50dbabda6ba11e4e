package io.plimsoll.attestation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.plimsoll.verifier.InvalidFormatException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.params.X25519PrivateKeyParameters;
import org.junit.jupiter.api.Test;

class HpkeTest {
  private static final byte[] INFO = "plimsoll/opening/v1".getBytes(StandardCharsets.UTF_8);

  /** RFC 9180, appendix A.2.1: base setup, sequence number 0. */
  @Test
  void agreesWithTheVectorOfRfc9180() throws Exception {
    byte[] info = hex("4f6465206f6e2061204772656369616e2055726e");
    byte[] aad = hex("436f756e742d30");
    byte[] plaintext = hex("4265617574792069732074727574682c20747275746820626561757479");
    X25519PrivateKeyParameters ephemeral =
        new X25519PrivateKeyParameters(
            hex("f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600"));
    byte[] recipient = hex("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a");
    byte[] sealed =
        hex(
            "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a"
                + "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db"
                + "21993c62ce81883d2dd1b51a28");

    assertArrayEquals(
        sealed,
        Hpke.seal(
            SealingPublicKey.fromBytes(recipient),
            info,
            aad,
            plaintext,
            new AsymmetricCipherKeyPair(ephemeral.generatePublicKey(), ephemeral)));
    SealingIdentity owner =
        SealingIdentity.fromPrivateKey(
            hex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb"));
    assertArrayEquals(recipient, owner.publicKey().toByteArray());
    assertArrayEquals(plaintext, owner.open(info, aad, sealed));
  }

  @Test
  void everyFlippedByteIsRefused() throws Exception {
    SealingIdentity owner = SealingIdentity.generate();
    byte[] aad = {1, 2, 3};
    byte[] sealed = Hpke.seal(owner.publicKey(), INFO, aad, new byte[] {4, 5, 6});
    assertArrayEquals(new byte[] {4, 5, 6}, owner.open(INFO, aad, sealed));
    for (int i = 0; i < sealed.length; i++) {
      byte[] flipped = sealed.clone();
      // The top bit of an X25519 point is ignored by design (RFC 7748) but bound by HPKE's context.
      flipped[i] ^= (byte) 0x80;
      assertThrows(InvalidFormatException.class, () -> owner.open(INFO, aad, flipped));
    }
  }

  @Test
  void anotherContextKeyOrLengthIsRefused() throws Exception {
    SealingIdentity owner = SealingIdentity.generate();
    byte[] aad = {1, 2, 3};
    byte[] sealed = Hpke.seal(owner.publicKey(), INFO, aad, new byte[] {4, 5, 6});
    assertThrows(InvalidFormatException.class, () -> owner.open(INFO, new byte[] {1, 2}, sealed));
    assertThrows(InvalidFormatException.class, () -> owner.open(new byte[0], aad, sealed));
    assertThrows(
        InvalidFormatException.class, () -> SealingIdentity.generate().open(INFO, aad, sealed));
    for (int length = 0; length < sealed.length; length++) {
      byte[] cut = Arrays.copyOf(sealed, length);
      assertThrows(InvalidFormatException.class, () -> owner.open(INFO, aad, cut));
    }
  }

  @Test
  void encapsulationOfSmallOrderIsRefused() {
    SealingIdentity owner = SealingIdentity.generate();
    assertThrows(
        InvalidFormatException.class,
        () -> owner.open(INFO, new byte[1], new byte[Hpke.OVERHEAD_BYTES]));
  }

  @Test
  void sealingTwiceShowsNothingInCommon() throws Exception {
    SealingIdentity owner = SealingIdentity.generate();
    byte[] first = Hpke.seal(owner.publicKey(), INFO, new byte[0], new byte[16]);
    byte[] second = Hpke.seal(owner.publicKey(), INFO, new byte[0], new byte[16]);
    assertFalse(Arrays.equals(first, 0, 32, second, 0, 32));
    assertFalse(Arrays.equals(first, 32, 64, second, 32, 64));
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }
}
