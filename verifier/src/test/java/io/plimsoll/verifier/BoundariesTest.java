package io.plimsoll.verifier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The last value that is allowed, and the first that is not. */
class BoundariesTest {
  private static void assertText(boolean allowed, String text) throws Exception {
    if (allowed) {
      assertEquals(text, CanonicalWriter.requireText("name", text));
      CanonicalReader in =
          new CanonicalReader("m", new CanonicalWriter("t").text(text).toByteArray(), "t");
      assertEquals(text, in.text("name"));
      in.end();
    } else {
      String message =
          assertThrows(
                  InvalidFormatException.class, () -> CanonicalWriter.requireText("name", text))
              .getMessage();
      assertTrue(message.startsWith("name "), message);
      assertThrows(IllegalArgumentException.class, () -> new CanonicalWriter("t").text(text));
    }
  }

  @Test
  void textMayHave256BytesAndNotOneMore() throws Exception {
    assertText(true, "");
    assertText(true, "a".repeat(256));
    assertText(false, "a".repeat(257));
    assertText(true, "\u00e9".repeat(128));
    assertText(false, "\u00e9".repeat(128) + "a");
  }

  @Test
  void surrogatesComeInPairs() throws Exception {
    assertText(true, "\ud83d\ude00");
    assertText(true, "a\ud83d\ude00\ud83d\ude00b");
    assertText(false, "\ud83d");
    assertText(false, "a\ud83d");
    assertText(false, "\ude00");
    assertText(false, "\ud83da");
    assertText(false, "\ud83d\ud83d\ude00");
    assertText(false, "\ude00\ud83d");
  }

  @Test
  void numbersOfAMessageHaveTheirLimits() throws Exception {
    byte[] bytes =
        new CanonicalWriter("t")
            .u8(255)
            .u8(0)
            .u32(0x01020304)
            .u64(0)
            .u64(Long.MAX_VALUE)
            .toByteArray();
    CanonicalReader in = new CanonicalReader("m", bytes, "t");
    assertEquals(255, in.u8("a"));
    assertEquals(0, in.u8("b"));
    assertEquals(0x01020304, in.u32("c", 0x01020304));
    assertEquals(0, in.u64("d"));
    assertEquals(Long.MAX_VALUE, in.u64("e"));
    in.end();
    for (int bad : new int[] {-1, 256}) {
      assertThrows(IllegalArgumentException.class, () -> new CanonicalWriter("t").u8(bad));
    }
    assertThrows(IllegalArgumentException.class, () -> new CanonicalWriter("t").u32(-1));
    assertThrows(IllegalArgumentException.class, () -> new CanonicalWriter("t").u64(-1));
    // A field that is longer than 2^16 needs all bytes of its length.
    byte[] field = new byte[0x010203];
    byte[] message = new CanonicalWriter("t").bytes(field).toByteArray();
    assertArrayEquals(field, new CanonicalReader("m", message, "t").bytes("f", field.length));
  }

  @Test
  void rosterMayHave64Attesters() throws Exception {
    List<Ed25519PublicKey> keys = new ArrayList<>();
    for (int i = 1; i <= Roster.MAX_ATTESTERS; i++) {
      keys.add(TestKey.of(i).publicKey());
    }
    assertEquals(Roster.MAX_ATTESTERS, Roster.of(0, keys).attesters().size());
    assertThrows(InvalidFormatException.class, () -> Roster.of(-1, keys));
    keys.add(TestKey.of(65).publicKey());
    assertThrows(InvalidFormatException.class, () -> Roster.of(0, keys));
  }

  @Test
  void columnRangesAreHalfOpen() {
    ColumnRange range = new ColumnRange(2, 4);
    assertFalse(range.contains(1));
    assertTrue(range.contains(2));
    assertTrue(range.contains(3));
    assertFalse(range.contains(4));
    int most = StatementLayout.MAX_HOLDINGS;
    assertEquals(most, new ColumnRange(most - 1, most).to());
  }

  @Test
  void scopeMayEndAtTheLastColumnOfTheCircuit() throws Exception {
    VerifyingKey key = new TrapdoorKey(Fixtures.layout(), 71).key();
    byte[][] scalars = {{1}, {2}};
    key.commitToScope(List.of(new ColumnRange(0, 1)), scalars);
    assertThrows(
        InvalidFormatException.class,
        () -> key.commitToScope(List.of(new ColumnRange(1, 2)), scalars));
  }

  @Test
  void signaturesAreEqualByKeyAndBytes() throws Exception {
    TestKey one = TestKey.of(1);
    RiskRound round = Fixtures.round(1, 2);
    RoundSignature signature = one.sign(round);
    RoundSignature same = RoundSignature.of(one.publicKey(), signature.toByteArray());
    assertEquals(signature, same);
    assertEquals(signature.hashCode(), same.hashCode());
    assertNotEquals(signature, one.sign(Fixtures.round(2, 2)));
    assertNotEquals(
        signature, RoundSignature.of(TestKey.of(2).publicKey(), signature.toByteArray()));
    assertNotEquals(signature, new Object());
    assertArrayEquals(one.sign(round.bytesToSign()), signature.toByteArray());
    assertTrue(signature.toString().contains(one.publicKey().toString()));
  }

  @Test
  void departedAttestersAreRestoredOnceEach() throws Exception {
    TestKey attester = TestKey.of(1);
    Attestation closing = attester.attest(Fixtures.body().closing(true));
    Attestation another = attester.attest(Fixtures.body().closing(true).version(2));
    Roster empty = Roster.of(1, List.of());
    AccountState state =
        AccountState.of(
            Fixtures.VENUE,
            Fixtures.ACCOUNT,
            Fixtures.CIRCUIT,
            0,
            empty,
            List.of(),
            List.of(closing));
    assertEquals(List.of(closing), state.departed());
    for (List<Attestation> departed :
        List.of(
            List.of(closing, another),
            List.of(attester.attest(Fixtures.body())),
            List.of(attester.attest(Fixtures.body().closing(true).venue("elsewhere"))))) {
      assertThrows(
          InvalidFormatException.class,
          () ->
              AccountState.of(
                  Fixtures.VENUE,
                  Fixtures.ACCOUNT,
                  Fixtures.CIRCUIT,
                  1,
                  empty,
                  List.of(),
                  departed));
    }
    assertThrows(
        InvalidFormatException.class,
        () ->
            AccountState.of(
                Fixtures.VENUE, Fixtures.ACCOUNT, Fixtures.CIRCUIT, -1, empty, List.of()));
    assertTrue(state.toString().contains(Fixtures.ACCOUNT));
  }

  @Test
  void equalValuesHaveEqualHashesAndTellThemselvesApart() throws Exception {
    StatementLayout layout = Fixtures.layout();
    StatementLayout same = StatementLayout.read(layout.toByteArray());
    assertEquals(layout, same);
    assertEquals(layout.hashCode(), same.hashCode());
    StatementLayout other =
        StatementLayout.of(3, new long[] {-10}, new long[] {10}, new long[] {-5}, new long[] {5});
    assertNotEquals(layout, other);
    assertNotEquals(layout.hashCode(), other.hashCode());
    Digest digest = Fixtures.digest("x");
    assertEquals(digest, Digest.fromHex(digest.toString()));
    assertEquals(digest.hashCode(), Digest.fromHex(digest.toString()).hashCode());
    assertNotEquals(digest.hashCode(), Fixtures.digest("y").hashCode());
    Commitment point = Commitment.decode(Fixtures.POINT);
    assertEquals(point.hashCode(), Commitment.decode(Fixtures.POINT).hashCode());
    assertNotEquals(point.hashCode(), Commitment.decode(Fixtures.OTHER_POINT).hashCode());
    assertTrue(Fixtures.round(7, 8).toString().contains("7"));
  }
}
