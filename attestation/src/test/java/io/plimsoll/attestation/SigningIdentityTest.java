package io.plimsoll.attestation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SigningIdentityTest {
  private static final String SEED =
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";

  /** RFC 8032, section 7.1, test 2. */
  @Test
  void agreesWithTheVectorOfRfc8032() {
    SigningIdentity identity = SigningIdentity.fromPrivateKey(HexFormat.of().parseHex(SEED));
    assertEquals(
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        identity.publicKeyHex());
    assertEquals(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        HexFormat.of().formatHex(identity.sign(new byte[] {0x72})));
  }

  @Test
  void isRedactedAndDestroyable() {
    SigningIdentity identity = SigningIdentity.fromPrivateKey(HexFormat.of().parseHex(SEED));
    assertFalse(identity.toString().contains(SEED));
    assertFalse(identity.privateKey().toString().contains(SEED));
    assertFalse(identity.isDestroyed());
    identity.destroy();
    assertTrue(identity.isDestroyed());
    assertThrows(IllegalStateException.class, () -> identity.sign(new byte[1]));
    assertThrows(IllegalStateException.class, () -> identity.deriveSecret("x"));
    assertEquals(64, identity.publicKeyHex().length());
  }

  @Test
  void derivedSecretsDependOnKeyAndPurpose() {
    SigningIdentity identity = SigningIdentity.fromPrivateKey(HexFormat.of().parseHex(SEED));
    byte[] secret = identity.deriveSecret("a");
    assertArrayEquals(secret, identity.deriveSecret("a"));
    assertFalse(Arrays.equals(secret, identity.deriveSecret("b")));
    assertFalse(Arrays.equals(secret, SigningIdentity.generate().deriveSecret("a")));
    assertFalse(Arrays.equals(secret, HexFormat.of().parseHex(SEED)));
  }

  @Test
  void handsOutCopiesOfThePublicKey() {
    SigningIdentity identity = SigningIdentity.generate();
    identity.publicKey()[0] ^= 1;
    assertEquals(identity.publicKeyHex(), HexFormat.of().formatHex(identity.publicKey()));
  }
}
