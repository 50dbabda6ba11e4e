package io.plimsoll.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A ceremony key counts with a record of enough different contributors alone. */
class CeremonyRecordTest {
  private static final Digest MODEL = Digest.of(new byte[] {1});
  private static final Digest CONSTRAINTS = Digest.of(new byte[] {2});
  private static final String RULE = "drand round 5,000,000 and 5,010,000";

  private static final TrapdoorKey TRAPDOOR = new TrapdoorKey(Fixtures.layout(), 43);

  /** A record as somebody makes it who may break any rule. */
  private static final class Maker {
    Digest model = MODEL;
    Digest constraints = CONSTRAINTS;
    String rule = RULE;
    final List<List<Integer>> identities = List.of(seeds(1, 2, 3), seeds(4, 5, 1));
    final List<byte[]> beacons = new ArrayList<>(List.of(beacon(7), beacon(8)));
    Digest key = Digest.of(TRAPDOOR.keyBytes());

    /** Phase and place (from 1) whose signature is for another place. */
    int misplacedPhase;

    int misplaced;
    boolean repeatsState;
    boolean forgetsPhase1;

    byte[] make() {
      CanonicalWriter out =
          new CanonicalWriter("plimsoll/ceremony/v1").digest(model).digest(constraints).text(rule);
      Digest previous = Digest.ZERO;
      for (int phase = 1; phase <= 2; phase++) {
        List<Integer> seeds = identities.get(phase - 1);
        out.u32(seeds.size());
        if (phase == 2 && forgetsPhase1) {
          previous = Digest.ZERO;
        }
        for (int i = 1; i <= seeds.size(); i++) {
          Digest state = repeatsState && i == 2 ? previous : state(phase, i);
          TestKey identity = TestKey.of(seeds.get(i - 1));
          int place = phase == misplacedPhase && i == misplaced ? i + 1 : i;
          byte[] signed =
              new CanonicalWriter("plimsoll/ceremony-contribution/v1")
                  .digest(model)
                  .digest(constraints)
                  .text(rule)
                  .u8(phase)
                  .u32(place)
                  .digest(previous)
                  .digest(state)
                  .toByteArray();
          out.bytes(identity.publicKey().toByteArray()).digest(state).bytes(identity.sign(signed));
          previous = state;
        }
        byte[] beacon = beacons.get(phase - 1);
        out.bytes(beacon);
        previous =
            new CanonicalWriter("plimsoll/ceremony-sealed/v1")
                .digest(previous)
                .bytes(beacon)
                .digest();
      }
      return out.digest(key).toByteArray();
    }
  }

  private static List<Integer> seeds(Integer... seeds) {
    return new ArrayList<>(Arrays.asList(seeds));
  }

  private static byte[] beacon(int value) {
    byte[] beacon = new byte[32];
    Arrays.fill(beacon, (byte) value);
    return beacon;
  }

  private static Digest state(int phase, int place) {
    return Fixtures.digest("state " + phase + " " + place);
  }

  /** A good record. */
  static byte[] record() {
    return new Maker().make();
  }

  private static String refusal(Maker maker) {
    return assertThrows(InvalidFormatException.class, () -> CeremonyRecord.read(maker.make()))
        .getMessage();
  }

  private static byte[] file(byte[] record) {
    return TRAPDOOR.file("ceremony:" + Digest.of(record), TRAPDOOR.keyBytes());
  }

  @Test
  void keyOfACeremonyIsReadWithItsRecord() throws Exception {
    byte[] record = new Maker().make();
    VerifyingKey key = VerifyingKey.read(file(record), CeremonyRecord.read(record));
    assertFalse(key.isDevelopment());
    assertEquals("ceremony:" + Digest.of(record), key.setup());
    assertNotEquals(TRAPDOOR.key().circuitId(), key.circuitId());
    assertEquals(
        key.circuitId(), SolvencyVerifier.create(key, VerifierPolicy.production()).circuitId());
  }

  @Test
  void keyOfACeremonyWithoutItsRecordIsRefused() {
    byte[] file = file(new Maker().make());
    assertTrue(
        assertThrows(InvalidFormatException.class, () -> VerifyingKey.read(file))
            .getMessage()
            .contains("record is missing"));
  }

  @Test
  void developmentKeyWithARecordIsRefused() throws Exception {
    CeremonyRecord record = CeremonyRecord.read(new Maker().make());
    assertThrows(InvalidFormatException.class, () -> VerifyingKey.read(TRAPDOOR.file(), record));
  }

  @Test
  void recordOfAnotherCeremonyModelConstraintSystemOrKeyIsRefused() throws Exception {
    byte[] right = new Maker().make();
    Maker other = new Maker();
    other.rule = "another rule";
    CeremonyRecord stranger = CeremonyRecord.read(other.make());
    assertThrows(InvalidFormatException.class, () -> VerifyingKey.read(file(right), stranger));
    Maker model = new Maker();
    model.model = Digest.ZERO;
    Maker constraints = new Maker();
    constraints.constraints = Digest.ZERO;
    Maker key = new Maker();
    key.key = Digest.ZERO;
    for (Maker maker : List.of(model, constraints, key)) {
      byte[] record = maker.make();
      CeremonyRecord wellFormed = CeremonyRecord.read(record);
      assertThrows(InvalidFormatException.class, () -> VerifyingKey.read(file(record), wellFormed));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void ceremonyWithoutEnoughContributionsIsRefused(int phase) {
    for (int count = 0; count < CeremonyRecord.LEAST_CONTRIBUTIONS; count++) {
      Maker maker = new Maker();
      List<Integer> seeds = maker.identities.get(phase - 1);
      while (seeds.size() > count) {
        seeds.remove(seeds.size() - 1);
      }
      String message = refusal(maker);
      assertTrue(message.contains("phase " + phase + " has " + count), message);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void ceremonyWithOneIdentityTwiceInAPhaseIsRefused(int phase) {
    Maker maker = new Maker();
    List<Integer> seeds = maker.identities.get(phase - 1);
    seeds.set(2, seeds.get(0));
    assertTrue(refusal(maker).contains("contributed before"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void ceremonyWithAnEmptyShortOrZeroBeaconIsRefused(int phase) {
    for (byte[] beacon : List.of(new byte[0], new byte[15], new byte[32], new byte[1025])) {
      if (beacon.length == 15) {
        Arrays.fill(beacon, (byte) 1);
      }
      Maker maker = new Maker();
      maker.beacons.set(phase - 1, beacon);
      assertTrue(refusal(maker).contains("beacon"), "" + beacon.length);
    }
  }

  @Test
  void ceremonyWithOneBeaconForBothPhasesIsRefused() {
    Maker maker = new Maker();
    maker.beacons.set(1, beacon(7));
    assertTrue(refusal(maker).contains("both phases"));
  }

  @Test
  void ceremonyWithoutARuleForItsBeaconsIsRefused() {
    Maker maker = new Maker();
    maker.rule = "";
    assertTrue(refusal(maker).contains("beacon rule"));
  }

  @Test
  void contributionSignedForAnotherPlaceIsRefused() {
    for (int phase = 1; phase <= 2; phase++) {
      for (int place = 1; place <= 3; place++) {
        Maker maker = new Maker();
        maker.misplacedPhase = phase;
        maker.misplaced = place;
        String message = refusal(maker);
        assertTrue(message.contains("phase " + phase + ": contribution " + place), message);
      }
    }
  }

  @Test
  void secondPhaseFollowsTheFirstAndItsBeacon() {
    Maker maker = new Maker();
    maker.forgetsPhase1 = true;
    assertTrue(refusal(maker).contains("phase 2: contribution 1 is not signed"));
  }

  @Test
  void contributionThatChangesNothingIsRefused() {
    Maker maker = new Maker();
    maker.repeatsState = true;
    assertTrue(refusal(maker).contains("changed nothing"));
  }

  @Test
  void everyChangedByteAndEveryTruncationIsRefused() {
    byte[] record = new Maker().make();
    byte[] file = file(record);
    for (int i = 0; i < record.length; i++) {
      byte[] changed = record.clone();
      changed[i] ^= 1;
      assertThrows(
          InvalidFormatException.class,
          () -> VerifyingKey.read(file, CeremonyRecord.read(changed)),
          "byte " + i);
      byte[] cut = Arrays.copyOf(record, i);
      assertThrows(InvalidFormatException.class, () -> CeremonyRecord.read(cut));
    }
    byte[] longer = Arrays.copyOf(record, record.length + 1);
    assertThrows(InvalidFormatException.class, () -> CeremonyRecord.read(longer));
    assertThrows(
        InvalidFormatException.class,
        () -> CeremonyRecord.read(new byte[CeremonyRecord.MAX_BYTES + 1]));
  }
}
