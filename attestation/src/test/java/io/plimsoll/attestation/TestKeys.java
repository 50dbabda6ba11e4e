package io.plimsoll.attestation;

import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModels;
import io.plimsoll.circuits.Shape;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.StatementLayout;
import io.plimsoll.verifier.VerifyingKey;
import io.plimsoll.verifier.bn254.G2;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Verifying keys to commit with: points K whose logarithms nobody knows, found by trying x
 * coordinates. No proof can be made for them.
 */
final class TestKeys {
  private static final BigInteger P =
      new BigInteger(
          "21888242871839275222246405745257275088696311157297823662689037894645226208583");
  private static final BigInteger TWO = BigInteger.TWO;
  private static final BigInteger THREE = BigInteger.valueOf(3);

  private TestKeys() {}

  /** Four instruments, two collaterals, cash: 11 holdings, at most 3 attesters. */
  static MarginModel model() {
    try {
      return MarginModels.byName("portfolio")
          .build(Shape.parse("instruments=4,scenarios=2,collaterals=2,tiers=2,attesters=3"));
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  static VerifyingKey keyFor(MarginModel model) {
    return keyFor(model, 1);
  }

  /** Different seeds give different circuits of one model. */
  static VerifyingKey keyFor(MarginModel model, int seed) {
    StatementLayout layout = model.layout();
    int count = 5 + layout.coefficientCount() + layout.holdingCount();
    byte[] generator = G2.GENERATOR.encodeUncompressed();
    ByteArrayOutputStream key = new ByteArrayOutputStream();
    BigInteger x = BigInteger.valueOf(1000L * seed);
    x = writePointAfter(x, key);
    key.writeBytes(generator);
    key.writeBytes(generator);
    key.writeBytes(twice(generator));
    key.writeBytes(ByteBuffer.allocate(4).putInt(count).array());
    for (int i = 0; i < count; i++) {
      x = writePointAfter(x, key);
    }
    try {
      return VerifyingKey.read(
          new CanonicalWriter("plimsoll/verifying-key/v1")
              .text("development")
              .digest(model.digest())
              .digest(Digest.of(new byte[] {(byte) seed}))
              .bytes(layout.toByteArray())
              .bytes(key.toByteArray())
              .toByteArray());
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  /** Writes the next point of y^2 = x^3 + 3 and yields its x. */
  private static BigInteger writePointAfter(BigInteger before, ByteArrayOutputStream out) {
    BigInteger x = before;
    while (true) {
      x = x.add(BigInteger.ONE);
      BigInteger square = x.pow(3).add(THREE).mod(P);
      BigInteger y = square.modPow(P.add(BigInteger.ONE).shiftRight(2), P);
      if (y.multiply(y).mod(P).equals(square)) {
        out.writeBytes(bytes(x));
        out.writeBytes(bytes(y));
        return x;
      }
    }
  }

  /** Doubles an uncompressed point of G2 by the tangent. */
  private static byte[] twice(byte[] point) {
    BigInteger[] x = {part(point, 1), part(point, 0)};
    BigInteger[] y = {part(point, 3), part(point, 2)};
    BigInteger[] slope = times(scale(times(x, x), THREE), inverse(scale(y, TWO)));
    BigInteger[] x2 = minus(times(slope, slope), scale(x, TWO));
    BigInteger[] y2 = minus(times(slope, minus(x, x2)), y);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (BigInteger each : new BigInteger[] {x2[1], x2[0], y2[1], y2[0]}) {
      out.writeBytes(bytes(each));
    }
    return out.toByteArray();
  }

  private static BigInteger part(byte[] point, int index) {
    return new BigInteger(1, Arrays.copyOfRange(point, 32 * index, 32 * index + 32));
  }

  private static BigInteger[] times(BigInteger[] a, BigInteger[] b) {
    return new BigInteger[] {
      a[0].multiply(b[0]).subtract(a[1].multiply(b[1])).mod(P),
      a[0].multiply(b[1]).add(a[1].multiply(b[0])).mod(P)
    };
  }

  private static BigInteger[] minus(BigInteger[] a, BigInteger[] b) {
    return new BigInteger[] {a[0].subtract(b[0]).mod(P), a[1].subtract(b[1]).mod(P)};
  }

  private static BigInteger[] scale(BigInteger[] a, BigInteger factor) {
    return new BigInteger[] {a[0].multiply(factor).mod(P), a[1].multiply(factor).mod(P)};
  }

  private static BigInteger[] inverse(BigInteger[] a) {
    BigInteger norm = a[0].multiply(a[0]).add(a[1].multiply(a[1])).modInverse(P);
    return scale(new BigInteger[] {a[0], a[1].negate()}, norm);
  }

  private static byte[] bytes(BigInteger value) {
    byte[] minimal = value.toByteArray();
    byte[] bytes = new byte[32];
    int length = Math.min(32, minimal.length);
    System.arraycopy(minimal, minimal.length - length, bytes, 32 - length, length);
    return bytes;
  }
}
