package io.plimsoll.suites;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  private static Json parse(String text) throws InvalidFormatException {
    return Json.parse("file f", text);
  }

  private static void assertRefused(String part, Executable read) {
    InvalidFormatException e = assertThrows(InvalidFormatException.class, read);
    assertTrue(e.getMessage().startsWith("file f"), e.getMessage());
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void numbersAreExactAndMayBeTexts() throws Exception {
    Json numbers = parse("{\"a\": 0.1, \"b\": \"18446744073709551615\", \"c\": 1.5e3}");
    assertEquals(new BigDecimal("0.1"), numbers.get("a").decimal());
    assertEquals(new BigInteger("18446744073709551615"), numbers.get("b").integer());
    assertEquals(new BigInteger("1500"), numbers.get("c").integer());
    assertEquals(1500, numbers.get("c").integer(0, 1500));
  }

  @Test
  void refusalsNameThePlaceTheValueAndTheLimit() {
    assertRefused(
        "file f: cases[1]: size is '0x10', not a number",
        () ->
            parse("{\"cases\": [1, {\"size\": \"0x10\"}]}")
                .get("cases")
                .list()
                .get(1)
                .get("size")
                .integer());
    assertRefused("a is 0.5, not an integer", () -> parse("{\"a\": 0.5}").get("a").integer());
    assertRefused("a is 7, outside 0 to 6", () -> parse("{\"a\": 7}").get("a").integer(0, 6));
    assertRefused("'b' is missing", () -> parse("{\"a\": 7}").get("b"));
    assertRefused("no member 'a' is known", () -> parse("{\"a\": 7}").only("b"));
    assertRefused("a is null, not a text", () -> parse("{\"a\": null}").get("a").text());
    assertRefused("a is 1, neither true nor false", () -> parse("{\"a\": 1}").get("a").bool());
    assertRefused("f is an array, not an object", () -> parse("[]").get("a"));
    assertRefused("a is an object, not an array", () -> parse("{\"a\": {}}").get("a").list());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{\"a\": 1",
        "{\"a\": 1, \"a\": 2}",
        "{\"a\": 1} x",
        "// c\n{}",
        "{'a': 1}",
        "{\"a\": NaN}",
        "[1,]",
        "{\"a\": 01}",
        "nul"
      })
  void whatIsNotStrictJsonIsRefused(String text) {
    assertThrows(InvalidFormatException.class, () -> parse(text));
  }

  @Test
  void endlessNumbersAndNestingAreRefused() {
    assertRefused("more than 100", () -> parse("1".repeat(101)).decimal());
    assertRefused("beyond 100", () -> parse("1e101").decimal());
    assertRefused("beyond 100", () -> parse("1e-999999999").decimal());
    assertRefused("is not JSON", () -> parse("[".repeat(100_000)));
  }
}
