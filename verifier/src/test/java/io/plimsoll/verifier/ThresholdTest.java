package io.plimsoll.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ThresholdTest {
  @ParameterizedTest
  @ValueSource(strings = {"11/10", "0/1", "1/1", "4294967295/4294967295"})
  void readsWhatItWrites(String text) throws Exception {
    assertEquals(text, Threshold.parse(text).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "1",
        "1/",
        "/1",
        "1.1",
        "1/0",
        "0/0",
        "-1/1",
        "1/-1",
        "+1/1",
        "01/1",
        "1/01",
        " 1/1",
        "1/1 ",
        "1 / 1",
        "1e1/1",
        "NaN/1",
        "4294967296/1",
        "1/4294967296",
        "1/1/1",
        "99999999999999999999/1",
        "\u0661/1"
      })
  void refusesEverythingElse(String text) {
    assertThrows(InvalidFormatException.class, () -> Threshold.parse(text));
  }

  @Test
  void errorDoesNotRepeatAHugeInput() {
    InvalidFormatException e =
        assertThrows(InvalidFormatException.class, () -> Threshold.parse("9".repeat(1_000_000)));
    assertTrue(e.getMessage().length() < 200);
  }

  @ParameterizedTest
  @CsvSource({"-1,1", "4294967296,1", "0,0", "1,0", "1,-1", "1,4294967296"})
  void refusesNumbersOutOfRange(long numerator, long denominator) {
    assertThrows(IllegalArgumentException.class, () -> new Threshold(numerator, denominator));
    assertThrows(InvalidFormatException.class, () -> Threshold.of(numerator, denominator));
  }

  @Test
  void isNeverReduced() {
    assertNotEquals(new Threshold(11, 10), new Threshold(22, 20));
  }
}
