package io.plimsoll.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A prepared round from the one before. */
class NextRoundTest {
  private static final int COEFFICIENTS = 20;

  private static VerifyingKey key;
  private static SolvencyVerifier verifier;

  private final Random random = new Random(13);

  @BeforeAll
  static void makeKey() throws Exception {
    key = new TrapdoorKey(layout(), 1).key();
    verifier = SolvencyVerifier.create(key, VerifierPolicy.allowingDevelopment(key.circuitId()));
  }

  private static StatementLayout layout() throws InvalidFormatException {
    long[] min = new long[COEFFICIENTS];
    long[] max = new long[COEFFICIENTS];
    java.util.Arrays.fill(min, Long.MIN_VALUE);
    java.util.Arrays.fill(max, Long.MAX_VALUE);
    max[COEFFICIENTS - 1] = 5;
    return StatementLayout.of(1, min, max, new long[] {0}, new long[] {1});
  }

  private static RiskRound round(long sequence, long... coefficients)
      throws InvalidFormatException {
    return RiskRound.of(key.circuitId(), "venue", Digest.ZERO, sequence, sequence, coefficients);
  }

  private static void assertAsFromScratch(PreparedRound updated) throws InvalidFormatException {
    assertEquals(verifier.prepare(updated.round()).point(), updated.point());
  }

  @Test
  void tenThousandUpdatesGiveWhatAPreparationFromScratchGives() throws Exception {
    long[] coefficients = new long[COEFFICIENTS];
    PreparedRound prepared = verifier.prepare(round(0, coefficients));
    for (int i = 1; i <= 10_000; i++) {
      int changes = random.nextInt(3);
      for (int j = 0; j < changes; j++) {
        coefficients[random.nextInt(COEFFICIENTS - 1)] += random.nextInt(2_001) - 1_000;
      }
      prepared = verifier.prepareNext(prepared, round(i, coefficients));
      if (i % 1_000 == 0) {
        assertAsFromScratch(prepared);
      }
    }
    assertEquals(10_000, prepared.round().sequence());
  }

  @Test
  void differencesBeyondSixtyFourBitsAreExact() throws Exception {
    long[] values = {
      Long.MIN_VALUE, Long.MIN_VALUE + 1, -1, 0, 1, Long.MAX_VALUE - 1, Long.MAX_VALUE
    };
    for (long from : values) {
      long[] before = new long[COEFFICIENTS];
      before[3] = from;
      PreparedRound base = verifier.prepare(round(1, before));
      for (long to : values) {
        long[] after = before.clone();
        after[3] = to;
        assertAsFromScratch(verifier.prepareNext(base, round(2, after)));
      }
    }
  }

  @Test
  void everyCoefficientMayChangeAndNoneNeed() throws Exception {
    PreparedRound base = verifier.prepare(round(1, random(COEFFICIENTS)));
    assertAsFromScratch(verifier.prepareNext(base, round(2, random(COEFFICIENTS))));
    PreparedRound same = verifier.prepareNext(base, round(2, base.round().coefficients()));
    assertEquals(base.point(), same.point());
    assertNotEquals(base.round().digest(), same.round().digest());
  }

  private long[] random(int count) {
    long[] values = random.longs(count).toArray();
    values[count - 1] = -7;
    return values;
  }

  /** The base of another sequence, venue or content is as good as any: its point is its own. */
  @Test
  void theBaseDoesNotMatterToTheOutcome() throws Exception {
    RiskRound next = round(9, random(COEFFICIENTS));
    RoundPoint expected = verifier.prepare(next).point();
    for (int i = 0; i < 5; i++) {
      PreparedRound base = verifier.prepare(round(i, random(COEFFICIENTS)));
      assertEquals(expected, verifier.prepareNext(base, next).point());
    }
  }

  @Test
  void aBaseOfAnotherCircuitIsRefused() throws Exception {
    VerifyingKey otherKey = new TrapdoorKey(layout(), 2).key();
    SolvencyVerifier other =
        SolvencyVerifier.create(otherKey, VerifierPolicy.allowingDevelopment(otherKey.circuitId()));
    PreparedRound base =
        other.prepare(
            RiskRound.of(otherKey.circuitId(), "venue", Digest.ZERO, 1, 1, new long[COEFFICIENTS]));
    RiskRound next = round(2, new long[COEFFICIENTS]);
    assertThrows(IllegalArgumentException.class, () -> verifier.prepareNext(base, next));
    PreparedRound mine = verifier.prepare(next);
    assertThrows(InvalidFormatException.class, () -> verifier.prepareNext(mine, base.round()));
  }

  @Test
  void aCoefficientOutsideItsIntervalIsRefusedAsInAPreparation() throws Exception {
    PreparedRound base = verifier.prepare(round(1, new long[COEFFICIENTS]));
    long[] bad = new long[COEFFICIENTS];
    bad[COEFFICIENTS - 1] = 6;
    RiskRound outside = round(2, bad);
    InvalidFormatException e =
        assertThrows(InvalidFormatException.class, () -> verifier.prepareNext(base, outside));
    assertEquals(
        assertThrows(InvalidFormatException.class, () -> verifier.prepare(outside)).getMessage(),
        e.getMessage());
    RiskRound tooFew = round(2, new long[COEFFICIENTS - 1]);
    assertThrows(InvalidFormatException.class, () -> verifier.prepareNext(base, tooFew));
  }
}
