package io.plimsoll.suites;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.InvalidFormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Made-up cases: what the readers of Derive's formats take and refuse. */
class DeriveSuiteFormatTest {
  /** Short 2 calls that are over, at 50 each, with 1,000 of cash; 10 % of a coin cut. */
  private static final String PORTFOLIO =
      """
      {"Scenario": {"Cash": 1000, "UnrealisedPerpPNL": -5, "UnrealisedFunding": 5, "SpotPrice": 1000, "SpotConfidence": 1,
        "NumPerps": 0, "PerpPrice": 0, "PerpConfidence": 0, "StablePrice": 1,
        "Collaterals": [{"Name": "COIN", "Amount": 2, "Price": 100, "Confidence": 1, "IsRiskCancelling": false,
          "MMHaircut": 0.1, "IMHaircut": 0.05}],
        "Options": [{"Expiry": 0, "Strike": 950, "IsCall": 1, "Amount": -2}],
        "OptionFeeds": [{"FeedExpiry": 0, "Forward": 1000, "ForwardConfidence": 1, "Rate": 0.1, "RateConfidence": 1,
          "SVIparam": [".1", "0.1", "0", "0", "0.1", 1000, "0"], "OptionVolConfidences": 1}]},
      "Parameters": {
        "Scenarios": [
          {"SpotShock": 1.1, "VolShockDirection": "Up", "DampeningFactor": 1},
          {"SpotShock": 1, "VolShockDirection": "ABS", "DampeningFactor": 1}],
        "SkewShock": {"LINEAR_SCALE_CAP": 0.1, "LINEAR_CBASE": 0, "ABS_SCALE_CAP": 0.1, "ABS_CBASE": 0, "MIN_K_STAR": 0.01,
          "MIN_WIDTH_SCALE": 4, "VOL_PARAM_STATIC": 0.6, "VOL_PARAM_SCALE": 0},
        "VolShock": {"VOLRANGEUP": 0.5, "MIN_VOL_EVAL_SHOCKED": 0.1, "VOLRANGEDOWN": 0.2, "SHORTTERMPOWER": 0.3,
          "LONGTERMPOWER": 0.1, "DTE_FLOOR": 1},
        "Margin": {"MM_LOSS_FACTOR": 0.5, "IM_LOSS_FACTOR": 1, "SHORT_RATE_MULTSCALE": 0, "LONG_RATE_MULTSCALE": 0,
          "SHORT_RATE_ADDSCALE": 0, "LONG_RATE_ADDSCALE": 0, "BASE_STATIC_DISCOUNT": 0.9, "BASE_STATIC_DISCOUNT_NEG": 2},
        "BasisContingency": {"SCENARIO_SPOT_UP": 1.05, "SCENARIO_SPOT_DOWN": 0.95, "BASIS_CONT_ADD_FACTOR": 1,
          "BASIS_CONT_MULT_FACTOR": 1},
        "OtherContingency": {"PEG_LOSS_THRESHOLD": 0.9, "PEG_LOSS_FACTOR": 1, "CONF_THRESHOLD": 0.5, "CONF_MARGIN": 1,
          "MM_PERP_PERCENT": 0.01, "IM_PERP_PERCENT": 0.01, "MM_OPTION_PERCENT": 0.02, "IM_OPTION_PERCENT": 0.01}},
      "Result": {"IM": 1010, "MM": 1040, "OptionMTM": -100, "CollateralMTM": 200, "PortfolioMTM": 1100,
        "ForwardContingency": 0, "MMPerpCont": 0, "IMPerpCont": 0, "MMBaseCont": -20, "IMBaseCont": -10,
        "MMOptionCont": -40, "IMOptionCont": -20, "OracleCont": 0, "im_loss_factor": 1, "OptionMTMPerExpiry": [-100],
        "OptionMTMPerExpiryDiscounted": [0], "discount_factors": [[1, 1]],
        "reg_losses": [[0.1, 1, "0"]], "tail_losses": [], "skew_losses": [["ABS", "0"]], "worst_reg_loss": 0}}
      """;

  private static final String STANDARD =
      """
      {"cases": [{"id": "perp", "cash": 100, "stablePrice": 1, "baseMarginFactor": 0.5,
        "markets": [{"underlying": "COIN", "spot": 1000, "spotConfidence": 1, "perpConfidence": 1, "perpPrice": 1000,
          "perp": -1, "perpUnrealisedPnlAndFunding": -20, "base": 0.1,
          "feeds": [{"expirySeconds": 0, "forward": 1000, "forwardConfidence": 1, "volConfidence": 1}],
          "options": [{"expirySeconds": 0, "strike": 900.0000000001, "isCall": true, "amount": 1, "impliedVol": 0.5}]}],
        "expected": {"IM": 65, "MM": 80, "portfolioMtM": 280}, "tolerance": "relative 1e-3"}]}
      """;

  @TempDir private Path folder;

  private List<SuiteCase> read(Suite suite, String json) throws Exception {
    Path file = folder.resolve("case.json");
    Files.writeString(file, json);
    return suite.read(file);
  }

  @Test
  void madeUpCasesAgree() throws Exception {
    for (Figure figure : read(new DerivePmrm2Suite(), PORTFOLIO).get(0).figures()) {
      assertTrue(figure.agrees(), figure.toString());
    }
    for (Figure figure : read(new DeriveSrmSuite(), STANDARD).get(0).figures()) {
      assertTrue(figure.agrees(), figure.toString());
    }
  }

  @Test
  void figureThatIsOffIsSeen() throws Exception {
    SuiteCase off =
        read(new DerivePmrm2Suite(), PORTFOLIO.replace("\"IM\": 1010", "\"IM\": 1010.00002"))
            .get(0);
    assertFalse(off.agrees());
    assertEquals(1, off.figures().stream().filter(figure -> !figure.agrees()).count());
  }

  @Test
  void shapeGrowsWithTheCases() throws Exception {
    StringBuilder options = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      options
          .append("{\"Expiry\": 0, \"Strike\": ")
          .append(2000 + i)
          .append(", \"IsCall\": true, \"Amount\": 0}, ");
    }
    SuiteCase large =
        read(
                new DerivePmrm2Suite(),
                PORTFOLIO.replace("\"Options\": [", "\"Options\": [" + options))
            .get(0);
    assertTrue(large.agrees());
    assertEquals(147, large.accounts().get(0).model().shape().get("options"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"Up\" | \"Sideways\" | Scenarios[0]: VolShockDirection is 'Sideways', not Up",
        "\"FeedExpiry\": 0 | \"FeedExpiry\": 1 | Options[0]: Expiry is 0, an expiry without feed",
        "\"SpotPrice\": 1000, | | SpotPrice' is missing",
        "\"StablePrice\": 1 | \"StablePrice\": 0 | stablePrice is 0, not above 0",
        "\"IsCall\": 1 | \"IsCall\": 2 | IsCall is 2, outside 0 to 1",
        "\"DTE_FLOOR\": 1 | \"DTE_FLOOR\": -1 | DTE_FLOOR is -1, not 0 to",
        ", \"0\"], | ], | SVIparam is an array, not seven numbers",
        "\"tail_losses\": [] | \"tail_losses\": [[1], [2], [3]] | tail_losses is an array, a list beyond",
        "\"skew_losses\": [[\"ABS\", \"0\"]] | \"skew_losses\": [] | skew_losses is an array, a list that ends",
        "\"OptionMTMPerExpiry\": [-100] | \"OptionMTMPerExpiry\": [] | not of 1 elements",
        "\"Amount\": -2 | \"Amount\": -20000 | outside -10000",
      })
  void malformedPortfolioCaseIsRefusedNamingThePlace(String part, String instead, String why) {
    assertTrue(PORTFOLIO.contains(part), part);
    String json = PORTFOLIO.replace(part, instead == null ? "" : instead);
    InvalidFormatException e =
        assertThrows(InvalidFormatException.class, () -> read(new DerivePmrm2Suite(), json));
    assertTrue(e.getMessage().contains(why), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "relative 1e-3 | about | tolerance is 'about', not a tolerance",
        "portfolioMtM | equity | equity is 280, a figure that is not known",
        "\"isCall\": true | \"isCall\": 1 | isCall is 1, neither true nor false",
        "\"expirySeconds\": 0, \"strike\" | \"expirySeconds\": 5, \"strike\" | an expiry without feed",
        "\"base\": 0.1 | \"base\": -1 | base",
        "\"underlying\" | \"name\" | no member 'name' is known",
      })
  void malformedStandardCaseIsRefusedNamingThePlace(String part, String instead, String why) {
    assertTrue(STANDARD.contains(part), part);
    String json = STANDARD.replace(part, instead);
    InvalidFormatException e =
        assertThrows(InvalidFormatException.class, () -> read(new DeriveSrmSuite(), json));
    assertTrue(e.getMessage().contains(why), e.getMessage());
  }
}
