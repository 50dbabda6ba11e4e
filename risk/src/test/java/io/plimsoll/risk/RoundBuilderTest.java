package io.plimsoll.risk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.Listing;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.ProtoConversions;
import io.plimsoll.circuits.RoundCoefficients;
import io.plimsoll.proto.v1.MarketSnapshot;
import io.plimsoll.proto.v1.RiskRound;
import io.plimsoll.proto.v1.UnderlyingMarket;
import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RoundBuilderTest {
  private static final String SHAPE = "instruments=64,scenarios=21,collaterals=4,tiers=4";

  @Test
  void demonstrationMarketFillsThePortfolioModel() throws Exception {
    MarginModel model = Markets.model("portfolio", SHAPE);
    RiskRound draft = new RoundBuilder(model).build(MarketSnapshots.btcOptions());
    RoundCoefficients round = ProtoConversions.coefficients(model, draft);
    Listing listing = ProtoConversions.listing(model, draft.getListing());

    assertEquals("portfolio", draft.getModel());
    assertEquals(1634774400000L, draft.getAsOfMillis());
    assertEquals("", draft.getVenue());
    assertEquals(49, listing.labels("instrument").size());
    assertEquals(List.of("BTC", "ETH", "USDC"), listing.labels("collateral"));
    assertEquals(List.of("BTC"), listing.labels("underlying"));

    int put = listing.slot("instrument", "BTC-05NOV21-60000-P");
    assertEquals(3, put);
    // Black-76 of forward 67106.444, strike 60000, mid volatility 0.87385, by the C library's erfc.
    assertEquals("1875.2069", round.get("mark", put).toString());
    assertEquals("-0.239165", round.get("delta", put).toString());
    assertEquals("43.1233", round.get("vega", put).toString());
    // Down 24 %, volatility unchanged: scenario 0 * 3 + 1. Nothing moved: 3 * 3 + 1.
    assertTrue(round.get("scenarioValue", put, 1).doubleValue() > 9000);
    BigDecimal still = round.get("scenarioValue", put, 10);
    BigDecimal mark = round.get("mark", put);
    assertTrue(still.compareTo(mark) <= 0);
    assertTrue(mark.subtract(still).compareTo(new BigDecimal("0.0002")) < 0);
    assertEquals("1320.0000", round.get("deltaRate", 0).toString());
    assertEquals("0.500000", round.get("vegaRate", 0).toString());
    assertTrue(round.get("liquidityRate", put).compareTo(new BigDecimal("66")) > 0);
    assertTrue(round.get("liquidityRate", put).compareTo(new BigDecimal("66.01")) < 0);
    assertEquals("62700.0000", round.get("haircutSlope", 0).toString());
    assertEquals("6600.0000", round.get("haircutStep", 0, 0).toString());
    assertEquals("50.000000", round.get("haircutFrom", 0, 0).toString());
  }

  @Test
  void paddingIsZeroAndMissingTiersHaveNoKinks() throws Exception {
    MarginModel model = Markets.model("portfolio", SHAPE);
    RoundCoefficients round =
        ProtoConversions.coefficients(
            model, new RoundBuilder(model).build(MarketSnapshots.btcOptions()));
    for (int slot = 49; slot < 64; slot++) {
      for (String tensor : List.of("mark", "delta", "vega", "liquidityRate")) {
        assertEquals(0, round.get(tensor, slot).signum());
      }
      for (int scenario = 0; scenario < 21; scenario++) {
        assertEquals(0, round.get("scenarioValue", slot, scenario).signum());
      }
    }
    assertEquals(0, round.get("haircutSlope", 3).signum());
    for (int kink = 0; kink < 3; kink++) {
      assertEquals(0, round.get("haircutStep", 3, kink).signum());
    }
    // Three tiers have two kinks.
    assertTrue(round.get("haircutStep", 0, 1).signum() > 0);
    assertEquals(0, round.get("haircutStep", 0, 2).signum());
  }

  @Test
  void scenariosAreOrderedByPriceThenVolatility() throws Exception {
    MarginModel model = Markets.model("portfolio", SHAPE);
    MarketSnapshot snapshot = MarketSnapshots.btcOptions();
    RoundCoefficients round =
        ProtoConversions.coefficients(model, new RoundBuilder(model).build(snapshot));
    Market market = Market.read(snapshot);
    int slot = 0;
    for (Market.Option option : market.underlyings().get(0).options()) {
      for (int p = 0; p < 7; p++) {
        for (int v = 0; v < 3; v++) {
          assertEquals(
              option
                  .price(market.priceMoves().get(p), market.volatilityMoves().get(v))
                  .setScale(4, RoundingMode.FLOOR),
              round.get("scenarioValue", slot, 3 * p + v));
        }
      }
      slot++;
    }
  }

  @Test
  void underlyingsHaveBlocksOfSlots() throws Exception {
    MarginModel model =
        Markets.model(
            "portfolio", "instruments=12,scenarios=6,collaterals=2,tiers=3,underlyings=3");
    MarketSnapshot market = Markets.random(new Random(1), 2, 3);
    RoundBuilder builder = new RoundBuilder(model);
    RiskRound draft = builder.build(market);
    Listing listing = ProtoConversions.listing(model, draft.getListing());
    assertEquals(
        List.of("U0-0", "U0-1", "U0-2", "U0 unused 3", "U1-0", "U1-1", "U1-2"),
        listing.labels("instrument"));
    assertEquals(draft, builder.build(listing, market));
    RoundCoefficients round = ProtoConversions.coefficients(model, draft);
    assertEquals(0, round.get("liquidityRate", 3).signum());
    assertTrue(round.get("liquidityRate", 4).signum() > 0);
    assertEquals(0, round.get("deltaRate", 2).signum());
  }

  @Test
  void listingStaysWhileTheMarketMoves() throws Exception {
    MarginModel model = Markets.model("portfolio", SHAPE);
    RoundBuilder builder = new RoundBuilder(model);
    MarketSnapshot market = MarketSnapshots.btcOptions();
    Listing listing = builder.listing(market);
    MarketSnapshot fallen = MarketSnapshots.stressed(market, "-0.25", "0.5");
    assertEquals(builder.build(listing, fallen).getListing(), builder.build(market).getListing());

    // The order of the quotes is the market's affair once there is a listing.
    MarketSnapshot.Builder reordered = market.toBuilder();
    List<io.plimsoll.proto.v1.ExpiryMarket> expiries =
        new ArrayList<>(market.getUnderlyings(0).getExpiriesList());
    java.util.Collections.reverse(expiries);
    reordered.getUnderlyingsBuilder(0).clearExpiries().addAllExpiries(expiries);
    assertEquals(
        builder.build(market).getCoefficientsList(),
        builder.build(listing, reordered.build()).getCoefficientsList());
  }

  @Test
  void instrumentsMissingOrUnknownToTheListingAreRefused() throws Exception {
    MarginModel model = Markets.model("portfolio", SHAPE);
    RoundBuilder builder = new RoundBuilder(model);
    MarketSnapshot market = MarketSnapshots.btcOptions();
    Listing listing = builder.listing(market);
    MarketSnapshot.Builder fewer = market.toBuilder();
    fewer.getUnderlyingsBuilder(0).getExpiriesBuilder(0).removeOptions(3);
    assertEquals(
        "market: no price of listed instrument 'BTC-05NOV21-60000-P'",
        refusal(() -> builder.build(listing, fewer.build())));
    assertEquals(
        "market: instrument 'BTC-05NOV21-60000-P' is not in the listing",
        refusal(() -> builder.build(builder.listing(fewer.build()), market)));
    MarketSnapshot noAsset = market.toBuilder().removeAssets(1).build();
    assertEquals(
        "market: no price of listed collateral 'ETH'",
        refusal(() -> builder.build(listing, noAsset)));
    Listing swapped =
        Listing.of(
            Markets.model(
                "portfolio", "instruments=8,scenarios=6,collaterals=2,tiers=3,underlyings=2"),
            Map.of(
                "instrument",
                List.of("U1-0", "x0", "x1", "x2", "U0-0"),
                "underlying",
                List.of("U0", "U1"),
                "collateral",
                List.of("A0", "A1")));
    RoundBuilder two =
        new RoundBuilder(
            Markets.model(
                "portfolio", "instruments=8,scenarios=6,collaterals=2,tiers=3,underlyings=2"));
    assertEquals(
        "market: instrument 'U0-0' of U0 is listed in slot 4, which is another underlying's",
        refusal(() -> two.build(swapped, Markets.random(new Random(1), 2, 1))));
  }

  @Test
  void marketThatDoesNotFitTheShapeIsRefusedWithBothNumbers() throws Exception {
    MarketSnapshot market = MarketSnapshots.btcOptions();
    assertEquals(
        "market: 49 options of BTC, more than its 48 slots in shape"
            + " instruments=48,scenarios=21,collaterals=4,tiers=4,underlyings=1,attesters=4",
        refusal("portfolio", "instruments=48,scenarios=21,collaterals=4,tiers=4", market));
    assertEquals(
        "market: 7 price moves x 3 volatility moves make 21 scenarios, the shape has 16",
        refusal("portfolio", "instruments=64,scenarios=16,collaterals=4,tiers=4", market));
    assertEquals(
        "market: 3 assets, more than the shape's 2 collaterals",
        refusal("portfolio", "instruments=64,scenarios=21,collaterals=2,tiers=4", market));
    assertEquals(
        "market: 3 tiers of asset BTC, more than the shape's 2",
        refusal("portfolio", "instruments=64,scenarios=21,collaterals=3,tiers=2", market));
    assertEquals(
        "market: 2 futures, more than the shape's 1 instruments",
        refusal("cross", "instruments=1", market));
    assertEquals(
        "market: 3 tiers of BTC-PERPETUAL, more than the shape's 2",
        refusal("cross", "tiers=2", market));
    assertEquals(
        "market: 2 futures, more than the shape's 1 pockets",
        refusal("isolated", "pockets=1", market));
    assertEquals(
        "market: 2 underlyings with options, more than the shape's 1 underlyings",
        refusal(
            "portfolio",
            "instruments=8,scenarios=6,collaterals=2,tiers=3",
            Markets.random(new Random(1), 2, 1)));
  }

  @Test
  void coefficientOutsideTheModelsIntervalIsRefusedByName() {
    MarketSnapshot.Builder market = MarketSnapshots.btcOptions().toBuilder();
    market.getAssetsBuilder(0).setPrice("2000000");
    assertEquals(
        "market: haircutSlope of BTC is 1900000.0000, outside the model's 0 to 1000000",
        refusal("portfolio", SHAPE, market.build()));
    market.getUnderlyingsBuilder(0).setVegaRate("1000").setSpot("900000000");
    assertEquals(
        "market: deltaRate of BTC is 18000000.0000, outside the model's 0 to 1000000",
        refusal("portfolio", SHAPE, market.build()));
  }

  @Test
  void crossModelGetsTheKinksOfItsTiers() throws Exception {
    MarginModel model = Markets.model("cross", "instruments=4");
    RiskRound draft = new RoundBuilder(model).build(MarketSnapshots.btcOptions());
    RoundCoefficients round = ProtoConversions.coefficients(model, draft);
    Listing listing = ProtoConversions.listing(model, draft.getListing());
    assertEquals(List.of("BTC-PERPETUAL", "ETH-PERPETUAL"), listing.labels("instrument"));
    assertEquals("66040.000000", round.get("mark", 0).toString());
    assertEquals("1320.800000", round.get("marginSlope", 0).toString());
    // 2641.6 - 1320.8
    assertEquals("1320.800000", round.get("marginStep", 0, 0).toString());
    assertEquals("25.0000", round.get("marginFrom", 0, 0).toString());
    assertEquals(0, round.get("marginSlope", 2).signum());
  }

  @Test
  void isolatedPocketsGetTheHighestRate() throws Exception {
    MarginModel model = Markets.model("isolated", "pockets=3");
    RiskRound draft = new RoundBuilder(model).build(MarketSnapshots.btcOptions());
    RoundCoefficients round = ProtoConversions.coefficients(model, draft);
    assertEquals("66040.000000", round.get("mark", 0).toString());
    assertEquals("6604.000000", round.get("rate", 0).toString());
    assertEquals("487.440000", round.get("rate", 1).toString());
    assertEquals(0, round.get("rate", 2).signum());
  }

  @Test
  void ratesAreRoundedUp() throws Exception {
    MarginModel model = Markets.model("portfolio", SHAPE);
    MarketSnapshot.Builder market = MarketSnapshots.btcOptions().toBuilder();
    market
        .getUnderlyingsBuilder(0)
        .setSpot("1")
        .setDeltaRate("0.20001")
        .setVegaRate("0.3000001")
        .setLiquidityRate("0");
    RoundCoefficients round =
        ProtoConversions.coefficients(model, new RoundBuilder(model).build(market.build()));
    assertEquals("0.2001", round.get("deltaRate", 0).toString());
    assertEquals("0.300001", round.get("vegaRate", 0).toString());
    for (int slot = 0; slot < 49; slot++) {
      // Nothing but the cover: below a tick of price, and a little for the greeks.
      assertTrue(round.get("liquidityRate", slot).signum() > 0);
      assertTrue(round.get("liquidityRate", slot).compareTo(new BigDecimal("0.0002")) <= 0);
    }
  }

  @Test
  void underlyingWithoutSpotStandsAtItsNearestForward() throws Exception {
    MarginModel model = Markets.model("portfolio", SHAPE);
    MarketSnapshot.Builder market = MarketSnapshots.btcOptions().toBuilder();
    UnderlyingMarket.Builder btc = market.getUnderlyingsBuilder(0).clearSpot();
    assertEquals("67106.444", btc.getExpiries(0).getForward());
    RoundCoefficients round =
        ProtoConversions.coefficients(model, new RoundBuilder(model).build(market.build()));
    assertEquals("1342.1289", round.get("deltaRate", 0).toString());
  }

  private static String refusal(String model, String shape, MarketSnapshot market) {
    return refusal(() -> new RoundBuilder(Markets.model(model, shape)).build(market));
  }

  private static String refusal(org.junit.jupiter.api.function.Executable executable) {
    return assertThrows(InvalidFormatException.class, executable).getMessage();
  }
}
