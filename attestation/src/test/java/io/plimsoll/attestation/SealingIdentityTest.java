package io.plimsoll.attestation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.InvalidFormatException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SealingIdentityTest {
  private static final String SCALAR =
      "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";

  /** RFC 7748, section 6.1: Alice's key pair. */
  @Test
  void agreesWithTheVectorOfRfc7748() {
    SealingIdentity identity = SealingIdentity.fromPrivateKey(HexFormat.of().parseHex(SCALAR));
    assertEquals(
        "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
        identity.publicKey().toString());
  }

  @Test
  void isRedactedAndDestroyable() {
    SealingIdentity identity = SealingIdentity.fromPrivateKey(HexFormat.of().parseHex(SCALAR));
    byte[] sealed = Hpke.seal(identity.publicKey(), new byte[0], new byte[0], new byte[1]);
    assertFalse(identity.toString().contains(SCALAR));
    identity.destroy();
    assertTrue(identity.isDestroyed());
    assertThrows(
        IllegalStateException.class, () -> identity.open(new byte[0], new byte[0], sealed));
  }

  @Test
  void publicKeySurvivesItsText() throws Exception {
    SealingPublicKey key = SealingIdentity.generate().publicKey();
    assertEquals(key, SealingPublicKey.fromHex(key.toString()));
    key.toByteArray()[0] ^= 1;
    assertEquals(key, SealingPublicKey.fromBytes(key.toByteArray()));
  }

  @Test
  void keysOfSmallOrderOrWrongLengthAreRefused() {
    // The points of order 1, 2, 4 and 8 on the curve and its twist, reduced and not.
    for (String order :
        new String[] {
          "00".repeat(32),
          "01" + "00".repeat(31),
          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
          "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
          "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
          "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
          "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        }) {
      assertEquals(
          "sealing key: " + order + " is a point of small order",
          assertThrows(InvalidFormatException.class, () -> SealingPublicKey.fromHex(order))
              .getMessage());
    }
    assertEquals(
        "sealing key: has 31 bytes, not 32",
        assertThrows(InvalidFormatException.class, () -> SealingPublicKey.fromBytes(new byte[31]))
            .getMessage());
    for (String text : new String[] {"", "zz".repeat(32), "00".repeat(31) + "0"}) {
      assertEquals(
          "sealing key: is not 64 hexadecimal digits",
          assertThrows(InvalidFormatException.class, () -> SealingPublicKey.fromHex(text))
              .getMessage());
    }
  }
}
