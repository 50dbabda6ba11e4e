package io.plimsoll.verifier;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Ed25519PublicKeyTest {
  private static final BigInteger P =
      BigInteger.ONE.shiftLeft(255).subtract(BigInteger.valueOf(19));
  private static final BigInteger L =
      BigInteger.ONE.shiftLeft(252).add(new BigInteger("27742317777372353535851937790883648493"));
  private static final byte[] MESSAGE = "message".getBytes(UTF_8);

  @Test
  void verifiesTheThirdTestOfRfc8032() throws Exception {
    Ed25519PublicKey key =
        Ed25519PublicKey.fromBytes(
            hex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"));
    byte[] signature =
        hex(
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
    assertTrue(key.verifies(hex("af82"), signature));
    assertFalse(key.verifies(hex("af83"), signature));
  }

  @Test
  void refusesEveryFlippedBitOfASignature() {
    TestKey key = TestKey.of(9);
    byte[] signature = key.sign(MESSAGE);
    assertTrue(key.publicKey().verifies(MESSAGE, signature));
    for (int bit = 0; bit < 8 * signature.length; bit++) {
      byte[] flipped = signature.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      assertFalse(key.publicKey().verifies(MESSAGE, flipped), "bit " + bit);
    }
  }

  @Test
  void refusesAnSThatIsNotBelowTheGroupOrder() {
    TestKey key = TestKey.of(9);
    byte[] signature = key.sign(MESSAGE);
    BigInteger s = littleEndian(Arrays.copyOfRange(signature, 32, 64));
    for (BigInteger same = s.add(L); same.bitLength() <= 256; same = same.add(L)) {
      byte[] malleated = signature.clone();
      System.arraycopy(littleEndian(same), 0, malleated, 32, 32);
      assertFalse(key.publicKey().verifies(MESSAGE, malleated), same.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 63, 65, 1000})
  void refusesSignaturesOfAnotherLength(int length) {
    assertFalse(TestKey.of(9).publicKey().verifies(MESSAGE, new byte[length]));
  }

  @Test
  void knowsEveryPointOfSmallOrder() {
    // y of an order 8 point: doubling gives y = 0, so d y^4 + 2 y^2 - 1 = 0.
    BigInteger d =
        BigInteger.valueOf(-121665).multiply(BigInteger.valueOf(121666).modInverse(P)).mod(P);
    int roots = 0;
    for (BigInteger y : Ed25519PublicKey.SMALL_ORDER_Y) {
      BigInteger square = y.multiply(y).mod(P);
      BigInteger value =
          d.multiply(square).multiply(square).add(square.shiftLeft(1)).subtract(BigInteger.ONE);
      roots += value.mod(P).signum() == 0 ? 1 : 0;
    }
    assertEquals(2, roots, "order 8");
    assertTrue(Ed25519PublicKey.SMALL_ORDER_Y.contains(BigInteger.ZERO), "order 4");
    assertTrue(Ed25519PublicKey.SMALL_ORDER_Y.contains(P.subtract(BigInteger.ONE)), "order 2");
    assertTrue(Ed25519PublicKey.SMALL_ORDER_Y.contains(BigInteger.ONE), "order 1");
  }

  @Test
  void refusesKeysOfSmallOrderWithEitherSign() {
    for (BigInteger y : Ed25519PublicKey.SMALL_ORDER_Y) {
      for (int sign = 0; sign < 2; sign++) {
        byte[] key = littleEndian(y);
        key[31] |= (byte) (sign << 7);
        InvalidFormatException e =
            assertThrows(InvalidFormatException.class, () -> Ed25519PublicKey.fromBytes(key));
        assertTrue(e.getMessage().endsWith("has small order"), e.getMessage());
      }
    }
  }

  @Test
  void refusesKeysThatAreNotBelowTheModulus() {
    for (int above = 0; above < 19; above++) {
      byte[] key = littleEndian(P.add(BigInteger.valueOf(above)));
      InvalidFormatException e =
          assertThrows(InvalidFormatException.class, () -> Ed25519PublicKey.fromBytes(key));
      assertTrue(e.getMessage().endsWith("is not canonical"), e.getMessage());
    }
  }

  @Test
  void refusesKeysOffTheCurve() {
    int refused = 0;
    for (int y = 2; y < 40; y++) {
      try {
        Ed25519PublicKey.fromBytes(littleEndian(BigInteger.valueOf(y)));
      } catch (InvalidFormatException e) {
        assertTrue(e.getMessage().endsWith("is not on the curve"), e.getMessage());
        refused++;
      }
    }
    // About half of all y have no x.
    assertTrue(refused > 5 && refused < 33, "refused " + refused);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 31, 33})
  void refusesKeysOfAnotherLength(int length) {
    assertThrows(InvalidFormatException.class, () -> Ed25519PublicKey.fromBytes(new byte[length]));
  }

  @Test
  void ordersByUnsignedBytes() throws Exception {
    Ed25519PublicKey low = null;
    Ed25519PublicKey high = null;
    for (int seed = 1; low == null || high == null; seed++) {
      Ed25519PublicKey key = TestKey.of(seed).publicKey();
      if (key.toByteArray()[0] >= 0) {
        low = key;
      } else {
        high = key;
      }
    }
    assertTrue(low.compareTo(high) < 0);
  }

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static BigInteger littleEndian(byte[] bytes) {
    byte[] reversed = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      reversed[i] = bytes[bytes.length - 1 - i];
    }
    return new BigInteger(1, reversed);
  }

  private static byte[] littleEndian(BigInteger value) {
    byte[] bytes = new byte[32];
    for (int i = 0; i < 32; i++) {
      bytes[i] = value.shiftRight(8 * i).byteValue();
    }
    return bytes;
  }
}
