package io.plimsoll.risk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModels;
import io.plimsoll.circuits.RoundCoefficients;
import io.plimsoll.circuits.Shape;
import io.plimsoll.risk.DeriveSrmRound.Expiry;
import io.plimsoll.risk.DeriveSrmRound.Margin;
import io.plimsoll.risk.DeriveSrmRound.Market;
import io.plimsoll.risk.DeriveSrmRound.Option;
import io.plimsoll.risk.DeriveSrmRound.Parameters;
import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeriveSrmRoundTest {
  private static BigDecimal d(String decimal) {
    return new BigDecimal(decimal);
  }

  /** At expiry, so that a mark is what exercise pays: 50, 0, 0, 100. */
  private static Market market(String spotConfidence, Option... options) {
    return new Market(
        d("1000"),
        d(spotConfidence),
        d("1010"),
        d("0.3"),
        d("0.8"),
        d("0.9"),
        List.of(new Expiry(0, d("1050"), d("0.2"), d("1"), List.of(options))));
  }

  private static Option option(String strike, boolean call) {
    return new Option(d(strike), call, d("0.5"));
  }

  private static Market market() {
    return market(
        "0.9",
        option("1000", true),
        option("1200", true),
        option("1040", false),
        option("1150", false));
  }

  private static Parameters parameters() {
    return new Parameters(
        new DeriveSrmRound.OptionParameters(
            d("0.15"), d("0.1"), d("0.075"), d("0.06"), d("0.7"), d("1.2"), d("1.1"), d("1.05")),
        new DeriveSrmRound.PerpParameters(d("0.05"), d("0.065")),
        new DeriveSrmRound.OracleParameters(d("0.4"), d("0.4"), d("0.95"), d("0.5")),
        new DeriveSrmRound.PegParameters(d("0.98"), d("2")));
  }

  private static RoundCoefficients round(Margin margin, Market market)
      throws InvalidFormatException {
    MarginModel model =
        MarginModels.byName("derive-srm").build(Shape.parse("markets=2,expiries=2,options=4"));
    return DeriveSrmRound.build(model, List.of(market), d("0.96"), parameters(), margin);
  }

  private static void assertValue(String expected, BigDecimal actual) {
    assertEquals(0, d(expected).compareTo(actual), () -> actual + ", not " + expected);
  }

  @Test
  void isolatedMarginIsByKindAndMoneyness() throws Exception {
    RoundCoefficients maintenance = round(Margin.MAINTENANCE, market());
    assertValue("50", maintenance.get("mark", 0));
    assertValue("125", maintenance.get("isolatedRate", 0)); // 50 + 75
    assertValue("75", maintenance.get("isolatedRate", 1));
    assertValue("60", maintenance.get("isolatedRate", 2)); // max(60, 0)
    assertValue("170", maintenance.get("isolatedRate", 3)); // 100 + max(60, 70)
    RoundCoefficients initial = round(Margin.INITIAL, market());
    assertValue("200", initial.get("isolatedRate", 0)); // 50 + 150: in the money
    assertValue("100", initial.get("isolatedRate", 1)); // 0.15 - 0.2 is below 0.1
    assertValue("150", initial.get("isolatedRate", 2));
    assertValue("250", initial.get("isolatedRate", 3)); // 100 + 150, above 1.05 * 170
  }

  @Test
  void payoffsAreThoseAtZeroAndAtEachStrike() throws Exception {
    RoundCoefficients round = round(Margin.INITIAL, market());
    String[][] payoffs = {
      {"0", "0", "200", "40", "150"},
      {"0", "0", "0", "0", "0"},
      {"1040", "40", "0", "0", "0"},
      {"1150", "150", "0", "110", "0"}
    };
    for (int i = 0; i < payoffs.length; i++) {
      for (int k = 0; k < payoffs[i].length; k++) {
        assertValue(payoffs[i][k], round.get("payoff", i, k));
      }
      assertValue(i < 2 ? "1" : "0", round.get("isCall", i));
    }
  }

  @Test
  void surchargesAreOfInitialMarginAlone() throws Exception {
    RoundCoefficients initial = round(Margin.INITIAL, market());
    // Off the peg 0.02 * 2, perp unsure 0.7 * 0.5, expiry unsure 0.8 * 0.5, base 0.1 * 0.5.
    assertValue("455.65", initial.get("perpRate", 0)); // 1010 * 0.065 + 1000 * (0.04 + 0.35)
    assertValue("440", initial.get("shortRate", 0));
    assertValue("670", initial.get("baseMarginRate", 0)); // 1000 * (0.8 * 0.9 - 0.05)
    assertValue("1260", initial.get("unpairedRate", 0));
    RoundCoefficients maintenance = round(Margin.MAINTENANCE, market());
    assertValue("50.5", maintenance.get("perpRate", 0));
    assertValue("0", maintenance.get("shortRate", 0));
    assertValue("800", maintenance.get("baseMarginRate", 0));
    assertValue("1155", maintenance.get("unpairedRate", 0));
    assertValue("1041.6666", maintenance.get("basePrice", 0)); // 1000 / 0.96, down
  }

  private static void assertRefused(String why, Market market) {
    InvalidFormatException e =
        assertThrows(InvalidFormatException.class, () -> round(Margin.INITIAL, market));
    assertTrue(e.getMessage().contains(why), e.getMessage());
  }

  @Test
  void marketThatIsNoneIsRefusedNamingTheField() throws Exception {
    assertRefused("spotConfidence is 1.5, not 0 to 1", market("1.5"));
    assertRefused(
        "strike 1000.00001 or 0 has more decimals", market("1", option("1000.00001", false)));
    assertRefused("strike or impliedVolatility is below 0", market("1", option("-1", true)));
    Option one = option("1000", true);
    assertRefused(
        "market 0: expiry 0: options are 5, more than the model's 4",
        market("1", one, one, one, one, one));
    MarginModel other = MarginModels.byName("isolated").build(Shape.empty());
    assertThrows(
        InvalidFormatException.class,
        () -> DeriveSrmRound.build(other, List.of(market()), d("1"), parameters(), Margin.INITIAL));
  }
}
