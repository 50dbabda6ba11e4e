package io.plimsoll.prover;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Names and messages are other people's text. */
class StructuredLogTest {
  private static String logged(String value) {
    return StructuredLog.of("e").with("account", value).with("round", 7).toString();
  }

  @Test
  void noTextBecomesAnotherFieldOrAnotherLine() {
    assertEquals("event=e account=heron round=7", logged("heron"));
    assertEquals("event=e account=\"\" round=7", logged(""));
    assertEquals("event=e account=\"x round=8\" round=7", logged("x round=8"));
    assertEquals("event=e account=\"x\\\" y=\\\"\" round=7", logged("x\" y=\""));
    for (String end : new String[] {"\n", "\r", "\u0085", "\u2028", "\u2029", "\u202e", "\u200b"}) {
      assertEquals(
          "event=e account=\"x?event=proof_accepted\" round=7",
          logged("x" + end + "event=proof_accepted"));
    }
  }
}
