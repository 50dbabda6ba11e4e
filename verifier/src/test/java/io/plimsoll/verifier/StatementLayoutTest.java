package io.plimsoll.verifier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StatementLayoutTest {
  private static final String TAG = "plimsoll/layout/v1";

  private static long[] repeat(int count, long value) {
    long[] values = new long[count];
    Arrays.fill(values, value);
    return values;
  }

  private static StatementLayout sample() throws InvalidFormatException {
    return StatementLayout.of(
        2,
        new long[] {-1, -1, 0, -1},
        new long[] {5, 5, 5, 5},
        new long[] {-9, -9, 0},
        new long[] {9, 9, 0});
  }

  private static void assertRefused(String part, CanonicalWriter bytes) {
    assertRefused(part, bytes.toByteArray());
  }

  private static void assertRefused(String part, byte[] bytes) {
    String message =
        assertThrows(InvalidFormatException.class, () -> StatementLayout.read(bytes)).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void bytesAreRunsOfEqualIntervals() throws Exception {
    byte[] expected =
        new CanonicalWriter(TAG)
            .u32(2)
            .u32(3)
            .u32(2)
            .i64(-1)
            .i64(5)
            .u32(1)
            .i64(0)
            .i64(5)
            .u32(1)
            .i64(-1)
            .i64(5)
            .u32(2)
            .u32(2)
            .i64(-9)
            .i64(9)
            .u32(1)
            .i64(0)
            .i64(0)
            .toByteArray();
    assertArrayEquals(expected, sample().toByteArray());
    assertEquals(Digest.of(expected), sample().digest());
    assertEquals(sample(), StatementLayout.read(expected));
    assertEquals(sample().hashCode(), StatementLayout.read(expected).hashCode());
    assertEquals(
        "StatementLayout[coefficients=4, holdings=3, maxAttesters=2]", sample().toString());
  }

  @Test
  void everyIntervalIsWhereItWasPut() throws Exception {
    Random random = new Random(8);
    for (int round = 0; round < 50; round++) {
      int r = random.nextInt(40);
      int h = random.nextInt(40);
      long[][] v = {new long[r], new long[r], new long[h], new long[h]};
      for (int i = 0; i < r; i++) {
        v[0][i] = random.nextInt(3) == 0 ? Long.MIN_VALUE : random.nextInt(2);
        v[1][i] = random.nextInt(3) == 0 ? Long.MAX_VALUE : 1 + random.nextInt(2);
      }
      for (int i = 0; i < h; i++) {
        v[2][i] = -random.nextInt(2);
        v[3][i] = random.nextInt(2);
      }
      int j = 1 + random.nextInt(64);
      StatementLayout layout = StatementLayout.of(j, v[0], v[1], v[2], v[3]);
      StatementLayout read = StatementLayout.read(layout.toByteArray());
      assertEquals(layout, read);
      assertArrayEquals(layout.toByteArray(), read.toByteArray());
      assertEquals(r, read.coefficientCount());
      assertEquals(h, read.holdingCount());
      assertEquals(j, read.maxAttesters());
      for (int i = 0; i < r; i++) {
        assertEquals(v[0][i], read.coefficientMin(i));
        assertEquals(v[1][i], read.coefficientMax(i));
      }
      for (int i = 0; i < h; i++) {
        assertEquals(v[2][i], read.holdingMin(i));
        assertEquals(v[3][i], read.holdingMax(i));
      }
      read.requireCoefficients(v[0]);
      read.requireCoefficients(v[1]);
      read.requireHoldings(v[2]);
      read.requireHoldings(v[3]);
      for (int i : new int[] {-1, r, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
        assertThrows(IndexOutOfBoundsException.class, () -> read.coefficientMin(i));
        assertThrows(IndexOutOfBoundsException.class, () -> read.coefficientMax(i));
      }
    }
  }

  @Test
  void valuesOutsideAreRefusedByIndexValueAndInterval() throws Exception {
    StatementLayout layout = sample();
    assertMessage(
        "coefficient 2 is -1, not 0 to 5",
        () -> layout.requireCoefficients(new long[] {-1, -1, -1, -1}));
    assertMessage(
        "coefficient 3 is 6, not -1 to 5",
        () -> layout.requireCoefficients(new long[] {0, 0, 0, 6}));
    assertMessage("3 coefficients, not 4", () -> layout.requireCoefficients(new long[3]));
    assertMessage(
        "holding 0 is -10, not -9 to 9", () -> layout.requireHoldings(new long[] {-10, 0, 0}));
    assertMessage("holding 2 is 1, not 0 to 0", () -> layout.requireHoldings(new long[] {0, 0, 1}));
  }

  private interface Action {
    void run() throws InvalidFormatException;
  }

  private static void assertMessage(String expected, Action action) {
    assertEquals(expected, assertThrows(InvalidFormatException.class, action::run).getMessage());
  }

  @Test
  void limitsAreInclusive() throws Exception {
    int r = StatementLayout.MAX_COEFFICIENTS;
    int h = StatementLayout.MAX_HOLDINGS;
    StatementLayout largest =
        StatementLayout.of(64, repeat(r, 0), repeat(r, 1), repeat(h, -1), repeat(h, 1));
    assertEquals(largest, StatementLayout.read(largest.toByteArray()));
    assertThrows(
        InvalidFormatException.class,
        () -> StatementLayout.of(1, repeat(r + 1, 0), repeat(r + 1, 1), new long[0], new long[0]));
    assertThrows(
        InvalidFormatException.class,
        () -> StatementLayout.of(1, new long[0], new long[0], repeat(h + 1, 0), repeat(h + 1, 1)));
    for (int j : new int[] {0, -1, 65, Integer.MAX_VALUE}) {
      assertThrows(
          InvalidFormatException.class,
          () -> StatementLayout.of(j, new long[0], new long[0], new long[1], new long[1]));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> StatementLayout.of(1, new long[1], new long[2], new long[1], new long[1]));
  }

  @Test
  void sumsOverAllAttestersFitSixtyFourBits() throws Exception {
    for (int j : new int[] {1, 2, 3, 64}) {
      long max = Long.MAX_VALUE / j;
      long min = Long.MIN_VALUE / j;
      long[] none = new long[0];
      long[] zero = new long[1];
      StatementLayout layout =
          StatementLayout.of(j, none, none, new long[] {min}, new long[] {max});
      assertEquals(layout, StatementLayout.read(layout.toByteArray()));
      if (j > 1) {
        assertThrows(
            InvalidFormatException.class,
            () -> StatementLayout.of(j, none, none, zero, new long[] {max + 1}));
        assertThrows(
            InvalidFormatException.class,
            () -> StatementLayout.of(j, none, none, new long[] {min - 1}, zero));
      }
    }
  }

  @Test
  void everyHoldingMayBeZero() {
    long[] none = new long[0];
    for (long[] interval : new long[][] {{1, 2}, {-2, -1}}) {
      assertThrows(
          InvalidFormatException.class,
          () ->
              StatementLayout.of(
                  1, none, none, new long[] {interval[0]}, new long[] {interval[1]}));
    }
    assertRefused("without 0", new CanonicalWriter(TAG).u32(1).u32(0).u32(1).u32(1).i64(1).i64(2));
  }

  @Test
  void emptyIntervalsAreRefused() {
    long[] one = {1};
    long[] zero = {0};
    long[] none = {};
    assertThrows(InvalidFormatException.class, () -> StatementLayout.of(1, one, zero, none, none));
    assertRefused(
        "empty interval", new CanonicalWriter(TAG).u32(1).u32(1).u32(1).i64(1).i64(0).u32(0));
  }

  @Test
  void runsMustBeMaximalAndNotEmpty() {
    assertRefused(
        "interval of the run before it",
        new CanonicalWriter(TAG).u32(1).u32(2).u32(1).i64(0).i64(1).u32(1).i64(0).i64(1).u32(0));
    assertRefused("count is 0", new CanonicalWriter(TAG).u32(1).u32(1).u32(0).i64(0).i64(1).u32(0));
  }

  @Test
  void numbersBeyondTheLimitsAreRefusedBeforeAnythingIsAllocated() {
    assertRefused("J_max", new CanonicalWriter(TAG).u32(0).u32(0).u32(0));
    assertRefused("J_max", new CanonicalWriter(TAG).u32(65).u32(0).u32(0));
    assertRefused("coefficient runs", new CanonicalWriter(TAG).u32(1).u32((1 << 20) + 1));
    assertRefused("holding runs", new CanonicalWriter(TAG).u32(1).u32(0).u32((1 << 16) + 1));
    // A million runs declared, none there.
    assertRefused("ends before", new CanonicalWriter(TAG).u32(1).u32(1 << 20));
    assertRefused(
        "not 1 to",
        new CanonicalWriter(TAG)
            .u32(1)
            .u32(2)
            .u32(1 << 20)
            .i64(0)
            .i64(1)
            .u32(1)
            .i64(0)
            .i64(2)
            .u32(0));
    assertRefused("run 0 count", new CanonicalWriter(TAG).u32(1).u32(1).u32(Integer.MAX_VALUE));
  }

  @Test
  void anyChangedOrMissingByteIsRefusedOrAnotherLayout() throws Exception {
    byte[] bytes = sample().toByteArray();
    for (int i = 0; i < bytes.length; i++) {
      byte[] cut = Arrays.copyOf(bytes, i);
      assertThrows(InvalidFormatException.class, () -> StatementLayout.read(cut));
      for (int bit = 0; bit < 8; bit++) {
        byte[] changed = bytes.clone();
        changed[i] ^= (byte) (1 << bit);
        try {
          StatementLayout read = StatementLayout.read(changed);
          assertNotEquals(sample(), read);
          assertArrayEquals(changed, read.toByteArray());
        } catch (InvalidFormatException expected) {
          // Refused.
        }
      }
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertRefused("follow the end", longer);
  }
}
