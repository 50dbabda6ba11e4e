package io.plimsoll.risk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModels;
import io.plimsoll.circuits.RoundCoefficients;
import io.plimsoll.circuits.Shape;
import io.plimsoll.risk.DerivePmrm2Round.Collateral;
import io.plimsoll.risk.DerivePmrm2Round.Expiry;
import io.plimsoll.risk.DerivePmrm2Round.Margin;
import io.plimsoll.risk.DerivePmrm2Round.Market;
import io.plimsoll.risk.DerivePmrm2Round.Option;
import io.plimsoll.risk.DerivePmrm2Round.Parameters;
import io.plimsoll.risk.DerivePmrm2Round.Scenario;
import io.plimsoll.risk.DerivePmrm2Round.Svi;
import io.plimsoll.risk.DerivePmrm2Round.VolatilityShock;
import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;

class DerivePmrm2RoundTest {
  private static final long YEAR = 365L * 86_400;

  private static BigDecimal d(String decimal) {
    return new BigDecimal(decimal);
  }

  private static MarginModel model(String shape) throws InvalidFormatException {
    return MarginModels.byName("derive-pmrm2").build(Shape.parse(shape));
  }

  private static MarginModel model() throws InvalidFormatException {
    return model("options=8,expiries=2,scenarios=4,skewScenarios=1,collaterals=2,attesters=1");
  }

  private static Option call(String strike) {
    return new Option(d(strike), true);
  }

  private static Option put(String strike) {
    return new Option(d(strike), false);
  }

  private static Expiry expiry(long seconds, String confidence, Option... options) {
    return new Expiry(
        seconds,
        d("0"),
        d("1000"),
        d("1"),
        d("0.1"),
        d("0.9"),
        new Svi(d("0.04"), d("0.1"), d("-0.3"), d("0"), d("0.5"), d("1000"), d("1")),
        d(confidence),
        List.of(options));
  }

  private static Market market(Expiry... expiries) {
    return new Market(
        d("990"),
        d("0.95"),
        d("1010"),
        d("0.4"),
        d("0.9"),
        List.of(expiries),
        List.of(
            new Collateral(d("2000"), d("0.3"), true, d("0.1"), d("0.05")),
            new Collateral(d("1"), d("1"), false, d("0.02"), d("0.03"))));
  }

  private static Market market() {
    return market(
        expiry(YEAR, "0.8", call("1100"), put("900"), put("1100"), call("1200")),
        expiry(YEAR / 73, "0.5", put("950")));
  }

  private static Scenario scenario(String spot, VolatilityShock shock, String dampening) {
    return new Scenario(d(spot), shock, d(dampening));
  }

  private static Parameters parameters() {
    return new Parameters(
        List.of(
            scenario("1.2", VolatilityShock.UP, "1"),
            scenario("1", VolatilityShock.ABS, "1"),
            scenario("0.7", VolatilityShock.DOWN, "0.3")),
        new DerivePmrm2Round.VolatilityShocks(
            d("0.5"), d("0.3"), d("0.3"), d("0.13"), 86_400, d("0.1")),
        new DerivePmrm2Round.SkewCap(d("0.15"), d("-0.05")),
        new DerivePmrm2Round.SkewCap(d("0.15"), d("-0.05")),
        new DerivePmrm2Round.SkewWidth(d("0.01"), d("4"), d("0.6"), d("-0.1")),
        new DerivePmrm2Round.LossParameters(
            d("1.25"), d("0.8"), d("0.95"), d("1"), d("0.08"), d("1.04"), d("0.5"), d("0.08")),
        new DerivePmrm2Round.BasisParameters(d("1.05"), d("0.95"), d("0.5"), d("2")),
        new DerivePmrm2Round.ContingencyParameters(
            d("0.98"),
            d("2"),
            d("0.55"),
            d("1.5"),
            d("0.015"),
            d("0.005"),
            d("0.003"),
            d("0.002")));
  }

  private static RoundCoefficients round(Margin margin) throws InvalidFormatException {
    return DerivePmrm2Round.build(model(), market(), parameters(), margin);
  }

  private static void assertValue(String expected, BigDecimal actual) {
    assertEquals(0, d(expected).compareTo(actual), () -> actual + ", not " + expected);
  }

  @Test
  void optionsOfOneStrikeSharePairsOfSlots() throws Exception {
    assertEquals(
        List.of(List.of(0, 2, 1, 3), List.of(4)),
        DerivePmrm2Round.slots(model(), market().expiries()));
    RoundCoefficients round = round(Margin.INITIAL);
    assertValue("1", round.get("sameStrike", 0));
    assertValue("0", round.get("sameStrike", 1));
    assertValue("0", round.get("sameStrike", 2));
  }

  @Test
  void initialMarginHasEveryContingency() throws Exception {
    RoundCoefficients round = round(Margin.INITIAL);
    assertValue("1.41", round.get("lossFactor")); // 1.25 + (0.98 - 0.9) * 2
    assertValue("14.85", round.get("perpMaintenanceRate")); // 990 * 0.015
    assertValue("4.95", round.get("perpInitialRate"));
    assertValue("891", round.get("perpConfidenceRate")); // 990 * 0.6 * 1.5
    assertValue("2.97", round.get("optionMaintenanceRate"));
    assertValue("1.98", round.get("optionInitialRate"));
    // Confidence 0.8 is above the threshold, but with a perpetual it is 0.4.
    assertValue("0", round.get("optionConfidenceRate", 0));
    assertValue("891", round.get("optionConfidencePerpExtra", 0));
    assertValue("742.5", round.get("optionConfidenceRate", 1)); // 990 * 0.5 * 1.5
    assertValue("148.5", round.get("optionConfidencePerpExtra", 1));
    assertValue("0.1", round.get("maintenanceHaircut", 0));
    assertValue("0.05", round.get("initialHaircut", 0));
    assertValue("1.05", round.get("confidenceHaircut", 0)); // 0.7 * 1.5
    assertValue("0", round.get("confidenceHaircut", 1));
  }

  @Test
  void maintenanceMarginHasNoneOfTheInitialOnes() throws Exception {
    RoundCoefficients round = round(Margin.MAINTENANCE);
    assertValue("0.8", round.get("lossFactor"));
    assertValue("14.85", round.get("perpMaintenanceRate"));
    for (String tensor : List.of("perpInitialRate", "perpConfidenceRate", "optionInitialRate")) {
      assertValue("0", round.get(tensor));
    }
    assertValue("0", round.get("optionConfidenceRate", 1));
    assertValue("0", round.get("optionConfidencePerpExtra", 1));
    assertValue("0", round.get("initialHaircut", 0));
    assertValue("0", round.get("confidenceHaircut", 0));
    assertValue("0.1", round.get("maintenanceHaircut", 0));
  }

  @Test
  void skewScenariosHaveTheLastSlotsAndDampeningIsFoldedIn() throws Exception {
    RoundCoefficients round = round(Margin.INITIAL);
    assertValue("1", round.get("dampening", 0));
    assertValue("0.3", round.get("dampening", 1));
    assertValue("0", round.get("dampening", 2));
    assertValue("1", round.get("dampening", 3));
    assertValue("0.2", round.get("spotMove", 0));
    assertValue("-0.09", round.get("spotMove", 1));
    assertValue("0", round.get("spotMove", 3));
    double longs = 0.95 * Math.exp(-0.18);
    double shorts = Math.exp(0.1);
    // Down for what is owned, up for what is owed.
    assertEquals(Math.floor(longs * 1e6) / 1e6, round.get("longFactor", 0, 0).doubleValue(), 0);
    assertEquals(Math.ceil(shorts * 1e6) / 1e6, round.get("shortFactor", 0, 0).doubleValue(), 0);
    assertEquals(
        Math.floor(longs * 0.3 * 1e6) / 1e6, round.get("longFactor", 0, 1).doubleValue(), 0);
    assertEquals(
        Math.ceil(shorts * 0.3 * 1e6) / 1e6, round.get("shortFactor", 0, 1).doubleValue(), 0);
    assertValue("0", round.get("longFactor", 0, 2));
    assertValue("2.5", round.get("basisFactor", 0));
    assertValue("0.5274", round.get("basisFactor", 1)); // 0.5 + 2 / 73, up
  }

  @Test
  void assetsAreRoundedDownAndOnlyRiskCancellingOnesMoveWithScenarios() throws Exception {
    RoundCoefficients round = round(Margin.INITIAL);
    assertValue("2222.2222", round.get("collateralPrice", 0)); // 2000 / 0.9
    assertValue("1.1111", round.get("collateralPrice", 1));
    assertValue("2222.22", round.get("cancellingPrice", 0));
    assertValue("0", round.get("cancellingPrice", 1));
  }

  @Test
  void valuesAreBlack76AtTheShockedForwardAndVolatility() throws Exception {
    RoundCoefficients round = round(Margin.INITIAL);
    double volatility =
        DeriveFormulas.volatility(market().expiries().get(0).svi(), d("1100")).doubleValue();
    double term = Math.pow(30 / 365.0, 0.13);
    assertEquals(call(1000, 1100, volatility), round.get("mark", 0).doubleValue(), 0.005);
    assertEquals(
        call(1200, 1100, Math.max(0.1, volatility * (1 + 0.5 * term))),
        round.get("scenarioValue", 0, 0).doubleValue(),
        0.005);
    assertEquals(
        call(700, 1100, volatility * (1 - 0.3 * term)),
        round.get("scenarioValue", 0, 1).doubleValue(),
        0.005);
    assertEquals(call(1050, 1100, volatility), round.get("basisValue", 0, 0).doubleValue(), 0.005);
    assertEquals(call(950, 1100, volatility), round.get("basisValue", 0, 1).doubleValue(), 0.005);
    double skew = 1 + Math.log(1.1) * 0.1 / (4 * 0.5);
    assertEquals(
        call(1000, 1100, volatility * skew), round.get("scenarioValue", 0, 3).doubleValue(), 0.005);
  }

  private static double call(double forward, double strike, double volatility) {
    return Black76.price(
            true,
            BigDecimal.valueOf(forward),
            BigDecimal.valueOf(strike),
            BigDecimal.valueOf(volatility),
            BigDecimal.ONE,
            BigDecimal.valueOf(Math.exp(-0.1)))
        .doubleValue();
  }

  @Test
  void forwardSettlesOverTheLastHalfHour() {
    assertValue("1000", Expiry.floating(d("1000"), 1800));
    assertValue("1000", Expiry.floating(d("1000"), YEAR));
    assertValue("250", Expiry.floating(d("1000"), 450));
    assertValue("0", Expiry.floating(d("1000"), 0));
  }

  @Test
  void expiredOptionIsWorthItsExerciseInEveryScenario() throws Exception {
    Expiry over =
        new Expiry(
            0,
            d("1000"),
            d("0"),
            d("1"),
            d("0.1"),
            d("1"),
            new Svi(d("0"), d("0"), d("0"), d("0"), d("0"), d("0"), d("0")),
            d("1"),
            List.of(call("900")));
    RoundCoefficients round =
        DerivePmrm2Round.build(model(), market(over), parameters(), Margin.INITIAL);
    assertValue("100", round.get("mark", 0));
    for (int s : new int[] {0, 1, 3}) {
      assertValue("100", round.get("scenarioValue", 0, s));
    }
  }

  @Test
  void trustedAssessorLooksAtThreeScenarios() {
    Parameters three = parameters().forTrustedAssessor();
    assertEquals(
        List.of(
            scenario("1.05", VolatilityShock.NONE, "1"),
            scenario("0.95", VolatilityShock.NONE, "1"),
            scenario("1", VolatilityShock.NONE, "1")),
        three.scenarios());
    assertEquals(parameters().loss(), three.loss());
  }

  private static void assertRefused(String why, Market market) throws InvalidFormatException {
    MarginModel model = model();
    InvalidFormatException e =
        assertThrows(
            InvalidFormatException.class,
            () -> DerivePmrm2Round.build(model, market, parameters(), Margin.INITIAL));
    assertTrue(e.getMessage().contains(why), e.getMessage());
  }

  @Test
  void marketThatDoesNotFitOrIsNoneIsRefusedNamingTheField() throws Exception {
    assertRefused(
        "options of expiry 0 are 5, more than the model's 4",
        market(expiry(YEAR, "1", call("1"), call("2"), call("3"), call("4"), call("5"))));
    Expiry one = expiry(YEAR, "1", call("1000"));
    assertRefused("expiries are 3, more than the model's 2", market(one, one, one));
    assertRefused("strike is 0, not above 0", market(expiry(YEAR, "1", call("0"))));
    assertRefused(
        "the call at strike 1000.0 is listed twice",
        market(expiry(YEAR, "1", call("1000"), call("1000.0"))));
    assertRefused(
        "volatilityConfidence is 1.1, above 1", market(expiry(YEAR, "1.1", call("1000"))));
    assertRefused("seconds is -1, below 0", market(expiry(-1, "1", call("1000"))));
    assertRefused("mark[0] would be", market(expiry(YEAR, "1", put("1000000000"))));
    MarginModel other = MarginModels.byName("isolated").build(Shape.empty());
    assertThrows(
        InvalidFormatException.class,
        () -> DerivePmrm2Round.build(other, market(), parameters(), Margin.INITIAL));
    MarginModel small = model("options=8,expiries=2,scenarios=2,skewScenarios=1,collaterals=2");
    assertThrows(
        InvalidFormatException.class,
        () -> DerivePmrm2Round.build(small, market(), parameters(), Margin.INITIAL));
  }
}
