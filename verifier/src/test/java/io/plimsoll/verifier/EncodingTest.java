package io.plimsoll.verifier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.bn254.Slow;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Every way for bytes from outside to be wrong ends in a verdict or in {@link
 * InvalidFormatException}, and what is read at all is written back as it was: there is one encoding
 * of everything.
 */
class EncodingTest {
  private static final TrapdoorKey TRAPDOOR = new TrapdoorKey(Fixtures.layout(), 31);
  private static final VerifyingKey KEY = TRAPDOOR.key();
  private static final TestKey ATTESTER = TestKey.of(1);

  /** Reads bytes and writes what it read. */
  private interface Codec {
    byte[] readAndWrite(byte[] in) throws InvalidFormatException;
  }

  private static final Codec BODY = in -> AttestationBody.decode(in).toByteArray();
  private static final Codec ROUND = in -> RiskRound.decode(in).toByteArray();
  private static final Codec LAYOUT = in -> StatementLayout.read(in).toByteArray();
  private static final Codec COMMITMENT = in -> Commitment.decode(in).toByteArray();
  private static final Codec SCOPE_PROOF = in -> ScopeProof.decode(in, 1).toByteArray();
  private static final Codec ED25519_KEY = in -> Ed25519PublicKey.fromBytes(in).toByteArray();

  private static Attestation attestation() {
    ScopeProofs holder = new ScopeProofs(TRAPDOOR, 3, TRAPDOOR.scalar());
    return holder.attest(
        ATTESTER, Fixtures.body().circuitId(KEY.circuitId()).commitment(holder.commitment()));
  }

  private static byte[] scopeProof() {
    return attestation().body().scopeProof().orElseThrow().toByteArray();
  }

  /** Whether the bytes are read; if so they are written back unchanged. */
  private static boolean isRead(Codec codec, byte[] in) {
    byte[] out;
    try {
      out = codec.readAndWrite(in.clone());
    } catch (InvalidFormatException e) {
      assertTrue(e.getMessage().length() < 500, e.getMessage());
      return false;
    }
    assertArrayEquals(in, out);
    return true;
  }

  private static void assertOneForm(Codec codec, byte[] good) {
    assertTrue(isRead(codec, good));
    for (int bit = 0; bit < 8 * good.length; bit++) {
      byte[] flipped = good.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      isRead(codec, flipped);
    }
    for (int length = 0; length < good.length; length++) {
      assertEquals(false, isRead(codec, Arrays.copyOf(good, length)), "cut to " + length);
      assertEquals(
          false,
          isRead(codec, Arrays.copyOfRange(good, good.length - length, good.length)),
          "last " + length);
    }
    for (int more = 1; more <= 64; more++) {
      assertEquals(false, isRead(codec, Arrays.copyOf(good, good.length + more)), "and " + more);
    }
    // Length lies, wherever a length could be.
    for (int at = 0; at + 4 <= good.length; at++) {
      for (int lie : new int[] {0, 1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, 1 << 16, 1 << 30}) {
        byte[] changed = good.clone();
        ByteBuffer.wrap(changed).putInt(at, lie);
        isRead(codec, changed);
      }
    }
  }

  @Test
  void attestationsHaveOneForm() {
    assertOneForm(BODY, attestation().body().toByteArray());
    assertOneForm(BODY, ATTESTER.attest(Fixtures.body()).body().toByteArray());
  }

  @Test
  void flippedBitOfASignedAttestationIsAFormatError() {
    Attestation good = attestation();
    byte[] body = good.body().toByteArray();
    for (int bit = 0; bit < 8 * body.length; bit++) {
      byte[] flipped = body.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThrows(
          InvalidFormatException.class, () -> Attestation.decode(flipped, good.signature()));
    }
  }

  @Test
  void roundsLayoutsKeysAndPointsHaveOneForm() {
    assertOneForm(ROUND, Fixtures.round(7, 1_000).toByteArray());
    assertOneForm(LAYOUT, Fixtures.layout().toByteArray());
    assertOneForm(COMMITMENT, attestation().body().commitment().toByteArray());
    assertOneForm(SCOPE_PROOF, scopeProof());
    assertOneForm(ED25519_KEY, ATTESTER.publicKey().toByteArray());
  }

  /** Every way for one coordinate of 32 bytes to be wrong, with the flags of a compressed point. */
  private static List<byte[]> wrongCoordinates(int flags) {
    List<BigInteger> values =
        List.of(
            Slow.P,
            Slow.P.add(BigInteger.ONE),
            Slow.P.add(BigInteger.TWO),
            BigInteger.ONE.shiftLeft(254).subtract(BigInteger.ONE));
    List<byte[]> wrong = new ArrayList<>();
    for (BigInteger value : values) {
      byte[] bytes = TrapdoorKey.bytes(value);
      bytes[0] |= (byte) flags;
      wrong.add(bytes);
    }
    return wrong;
  }

  /** Infinity, infinity with something else in it, and zeros under every flag. */
  private static List<byte[]> infinities(int length) {
    List<byte[]> all = new ArrayList<>();
    for (int flags : new int[] {0x40, 0x00, 0x80, 0xc0}) {
      byte[] zeros = new byte[length];
      zeros[0] = (byte) flags;
      all.add(zeros);
    }
    byte[] notQuite = new byte[length];
    notQuite[0] = 0x40;
    notQuite[length - 1] = 1;
    all.add(notQuite);
    return all;
  }

  @Test
  void wrongPointsAreNoCommitmentAndNoAnnouncement() {
    byte[] proof = scopeProof();
    List<byte[]> wrong = new ArrayList<>(infinities(32));
    wrong.addAll(wrongCoordinates(0x80));
    wrong.addAll(wrongCoordinates(0xc0));
    wrong.addAll(wrongCoordinates(0x00));
    // On the curve, with the flags of a point that is not compressed.
    byte[] uncompressed = Fixtures.POINT.clone();
    uncompressed[0] &= 0x3f;
    wrong.add(uncompressed);
    // x = 4: 67 is no square.
    byte[] offCurve = Fixtures.POINT.clone();
    offCurve[31] = 4;
    wrong.add(offCurve);
    for (byte[] point : wrong) {
      assertEquals(false, isRead(COMMITMENT, point));
      byte[] changed = proof.clone();
      System.arraycopy(point, 0, changed, 0, 32);
      assertEquals(false, isRead(SCOPE_PROOF, changed));
    }
  }

  private final byte[] context = new byte[16];
  private final BigInteger blinding = TRAPDOOR.scalar();

  private Optional<RejectionReason> check(byte[] proof) throws InvalidFormatException {
    return KEY.check(
        KEY.roundPoint(new long[] {1, -1}),
        List.of(KEY.commit(new long[] {2}, TrapdoorKey.bytes(blinding))),
        context,
        1,
        2,
        proof);
  }

  private byte[] proof() {
    return TRAPDOOR.prove(
        TRAPDOOR.publicSum(context, 1, 2, new long[] {1, -1}, new long[] {2}, blinding));
  }

  @Test
  void wrongPointInAnyPlaceOfAProofIsAVerdict() throws Exception {
    byte[] good = proof();
    assertEquals(Optional.empty(), check(good));
    for (int place : new int[] {0, 96}) {
      List<byte[]> wrong = new ArrayList<>(infinities(32));
      wrong.addAll(wrongCoordinates(good[place] & 0xc0));
      for (byte[] point : wrong) {
        assertRejected(good, place, point);
      }
    }
    for (byte[] point : infinities(64)) {
      assertRejected(good, 32, point);
    }
    for (int part : new int[] {0, 32}) {
      for (byte[] coordinate : wrongCoordinates(part == 0 ? good[32] & 0xc0 : 0)) {
        assertRejected(good, 32 + part, coordinate);
      }
    }
    // Flags belong to the first byte of a point alone.
    byte[] flags = good.clone();
    flags[64] |= (byte) 0x80;
    assertNotEquals(Optional.empty(), check(flags));
  }

  private void assertRejected(byte[] good, int at, byte[] part) throws InvalidFormatException {
    byte[] changed = good.clone();
    System.arraycopy(part, 0, changed, at, part.length);
    assertTrue(check(changed).isPresent());
  }

  /** B of the order of the cofactor's least factor, alone and with a part of the right order. */
  @Test
  void pointsOfSmallOrderInAProofAreNotInTheSubgroup() throws Exception {
    BigInteger cofactor = Slow.P.shiftLeft(1).subtract(Slow.R);
    BigInteger order = BigInteger.valueOf(10069);
    Slow.P2 small = Slow.P2.INFINITY;
    Random random = new Random(5);
    while (small.isInfinity()) {
      small = Slow.P2.randomOnCurve(random).times(Slow.R).times(cofactor.divide(order));
    }
    assertTrue(small.times(order).isInfinity());
    byte[] good = proof();
    for (Slow.P2 b : List.of(small, small.times(BigInteger.TWO), small.plus(Slow.P2.GENERATOR))) {
      byte[] changed = good.clone();
      System.arraycopy(TrapdoorKey.compressed(b), 0, changed, 32, 64);
      assertEquals(Optional.of(RejectionReason.PROOF_NOT_IN_SUBGROUP), check(changed));
      for (int part = 0; part < 3; part++) {
        byte[] file = TRAPDOOR.file("development", TRAPDOOR.withG2(part, TrapdoorKey.bytes(b)));
        assertThrows(InvalidFormatException.class, () -> VerifyingKey.read(file));
      }
    }
  }

  private static String refusal(byte[] keyBytes) {
    byte[] file = TRAPDOOR.file("development", keyBytes);
    return assertThrows(InvalidFormatException.class, () -> VerifyingKey.read(file)).getMessage();
  }

  /** Every coordinate of every point of a key: not below p, and with flags that none may have. */
  @Test
  void everyCoordinateOfAKeyIsBelowPAndWithoutFlags() {
    byte[] good = TRAPDOOR.keyBytes();
    Map<Integer, String> coordinates = new LinkedHashMap<>();
    for (int at = 0; at < 64; at += 32) {
      coordinates.put(at, "alpha");
    }
    String[] names = {"beta", "gamma", "delta"};
    for (int i = 0; i < 3; i++) {
      for (int at = 0; at < 128; at += 32) {
        coordinates.put(64 + 128 * i + at, names[i]);
      }
    }
    for (int at = 64 + 3 * 128 + 4; at < good.length; at += 32) {
      coordinates.put(at, "K[" + (at - 64 - 3 * 128 - 4) / 64 + "]");
    }
    assertEquals(good.length, 4 + 32 * coordinates.size());
    coordinates.forEach(
        (at, name) -> {
          List<byte[]> wrong = new ArrayList<>(wrongCoordinates(0));
          // The same number modulo p, where 32 bytes hold it.
          BigInteger own = new BigInteger(1, Arrays.copyOfRange(good, at, at + 32));
          wrong.add(TrapdoorKey.bytes(own.add(Slow.P)));
          for (int flags : new int[] {0x40, 0x80, 0xc0}) {
            byte[] flagged = Arrays.copyOfRange(good, at, at + 32);
            flagged[0] |= (byte) flags;
            wrong.add(flagged);
          }
          for (byte[] coordinate : wrong) {
            byte[] changed = good.clone();
            System.arraycopy(coordinate, 0, changed, at, 32);
            assertEquals("verifying key file: " + name + " is not canonical", refusal(changed));
          }
        });
  }

  /** Where a file says how long something is, it may not say anything else. */
  @Test
  void lengthsInAKeyFileThatLieAreFormatErrors() {
    byte[] file = TRAPDOOR.file();
    // Wherever one could be; most places are the two digests, which make another circuit.
    int lies = 0;
    int read = 0;
    for (int at = 0; at + 4 <= file.length - KEY_POINTS; at++) {
      int length = ByteBuffer.wrap(file).getInt(at);
      for (int lie : new int[] {0, -1, length - 1, length + 1, Integer.MAX_VALUE}) {
        if (lie == length) {
          continue;
        }
        byte[] changed = file.clone();
        ByteBuffer.wrap(changed).putInt(at, lie);
        lies++;
        try {
          assertNotEquals(KEY.circuitId(), VerifyingKey.read(changed).circuitId(), "at " + at);
          read++;
        } catch (InvalidFormatException e) {
          assertTrue(e.getMessage().length() < 500, e.getMessage());
        }
      }
    }
    assertTrue(read < lies / 2, read + " of " + lies);
  }

  /** Bytes of the points of the key at the end of its file. */
  private static final int KEY_POINTS = TRAPDOOR.keyBytes().length;

  @Test
  void everyFlippedBitOfAKeyFileIsAFormatErrorOrAnotherCircuit() {
    byte[] file = TRAPDOOR.file();
    int others = 0;
    for (int bit = 0; bit < 8 * file.length; bit++) {
      byte[] flipped = file.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      try {
        assertNotEquals(KEY.circuitId(), VerifyingKey.read(flipped).circuitId());
        assertTrue(bit / 8 < file.length - KEY_POINTS, "a changed point is read");
        others++;
      } catch (InvalidFormatException e) {
        assertTrue(e.getMessage().length() < 500, e.getMessage());
      }
    }
    // The two digests at least.
    assertTrue(others >= 2 * 8 * Digest.BYTES, others + " are read");
  }

  /** It is no point, or a proof of the statement with the old one proves nothing of the new. */
  @Test
  void everyFlippedBitOfACommitmentIsAFormatErrorOrARejection() throws Exception {
    byte[] proof = proof();
    byte[] commitment = KEY.commit(new long[] {2}, TrapdoorKey.bytes(blinding)).toByteArray();
    RoundPoint round = KEY.roundPoint(new long[] {1, -1});
    int points = 0;
    for (int bit = -1; bit < 8 * commitment.length; bit++) {
      byte[] flipped = commitment.clone();
      if (bit >= 0) {
        flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      }
      try {
        Optional<RejectionReason> reason =
            KEY.check(round, List.of(Commitment.decode(flipped)), context, 1, 2, proof);
        assertEquals(bit >= 0, reason.isPresent(), "bit " + bit);
        points++;
      } catch (InvalidFormatException e) {
        assertTrue(bit >= 0, e.getMessage());
      }
    }
    // Half of all x have a point.
    assertTrue(points > 60 && points < 200, points + " are points");
  }
}
