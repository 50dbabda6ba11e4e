package io.plimsoll.risk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.plimsoll.proto.v1.ExpiryMarket;
import io.plimsoll.proto.v1.MarketSnapshot;
import io.plimsoll.proto.v1.OptionQuote;
import io.plimsoll.proto.v1.OptionType;
import io.plimsoll.verifier.InvalidFormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MarketTest {
  @TempDir Path directory;

  /** The packaged chain is the source's, quote by quote. */
  @Test
  void packagedMarketIsTheSourcesChain() throws Exception {
    Path golden =
        Path.of(System.getProperty("plimsoll.root"))
            .resolve("../shared/cases/market/btc-options-2021-10-21.json");
    assumeTrue(Files.exists(golden), "skipped: no " + golden);
    Struct.Builder source = Struct.newBuilder();
    JsonFormat.parser().merge(Files.readString(golden), source);
    List<Value> tenors = source.getFieldsOrThrow("tenors").getListValue().getValuesList();
    List<ExpiryMarket> expiries = MarketSnapshots.btcOptions().getUnderlyings(0).getExpiriesList();
    assertEquals(tenors.size(), expiries.size());
    int quotes = 0;
    for (int e = 0; e < expiries.size(); e++) {
      Struct tenor = tenors.get(e).getStructValue();
      ExpiryMarket expiry = expiries.get(e);
      same(tenor, "yearsToExpiry", expiry.getYearsToExpiry(), 0);
      same(tenor, "forward", expiry.getForward(), 5e-7);
      same(tenor, "discountFactor", expiry.getDiscountFactor(), 0);
      List<Value> chain = tenor.getFieldsOrThrow("quotes").getListValue().getValuesList();
      assertEquals(chain.size(), expiry.getOptionsCount());
      for (int i = 0; i < chain.size(); i++) {
        Struct quote = chain.get(i).getStructValue();
        OptionQuote option = expiry.getOptions(i);
        same(quote, "strike", option.getStrike(), 0);
        same(quote, "bidImpliedVol", option.getBidImpliedVolatility(), 0);
        same(quote, "askImpliedVol", option.getAskImpliedVolatility(), 0);
        String type = quote.getFieldsOrThrow("type").getStringValue();
        assertEquals(type.equals("C"), option.getType() == OptionType.OPTION_TYPE_CALL);
        assertEquals(
            "BTC-" + expiry.getLabel() + "-" + option.getStrike() + "-" + type,
            option.getInstrument());
        quotes++;
      }
    }
    assertEquals(49, quotes);
  }

  private static void same(Struct source, String field, String actual, double tolerance) {
    assertEquals(
        source.getFieldsOrThrow(field).getNumberValue(), Double.parseDouble(actual), tolerance);
  }

  @Test
  void licenceStandsBesideThePackagedMarket() throws Exception {
    try (var in = MarketSnapshots.class.getResourceAsStream("btc-options-2021-10-21.NOTICE.md")) {
      String notice = new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      assertTrue(notice.contains("Copyright (c) 2022 Artur Sepp"));
      assertTrue(notice.contains("Permission is hereby granted"));
    }
    assertTrue(MarketSnapshots.btcOptions().getLicence().contains("MIT"));
  }

  @Test
  void implausibleMarketsAreRefusedByFieldValueAndLimit() {
    refused("as_of_millis is -1, less than 0", m -> m.setAsOfMillis(-1));
    refused("name of underlying 0 is missing", m -> m.getUnderlyingsBuilder(0).clearName());
    refused("underlying 'BTC' occurs twice", m -> m.getUnderlyingsBuilder(1).setName("BTC"));
    refused("spot of BTC is 0, not above 0", m -> m.getUnderlyingsBuilder(0).setSpot("0"));
    refused(
        "delta_rate of BTC is -0.1, not 0 to 1000",
        m -> m.getUnderlyingsBuilder(0).setDeltaRate("-0.1"));
    refused("vega_rate of BTC is missing", m -> m.getUnderlyingsBuilder(0).clearVegaRate());
    refused(
        "liquidity_rate of BTC is 'NaN', not a plain decimal of at most 64 characters",
        m -> m.getUnderlyingsBuilder(0).setLiquidityRate("NaN"));
    refused("forward of BTC 05NOV21 is missing", m -> expiry(m).clearForward());
    refused(
        "forward of BTC 05NOV21 is 'Infinity', not a plain decimal of at most 64 characters",
        m -> expiry(m).setForward("Infinity"));
    refused(
        "forward of BTC 05NOV21 is '6e4', not a plain decimal of at most 64 characters",
        m -> expiry(m).setForward("6e4"));
    refused(
        "years_to_expiry of BTC 05NOV21 is 0, not above 0", m -> expiry(m).setYearsToExpiry("0"));
    refused(
        "years_to_expiry of BTC 05NOV21 is 101, not 0 to 100",
        m -> expiry(m).setYearsToExpiry("101"));
    refused(
        "discount_factor of BTC 05NOV21 is 3, not 0 to 2", m -> expiry(m).setDiscountFactor("3"));
    refused(
        "instrument 'BTC-05NOV21-52000-P' occurs twice",
        m -> expiry(m).getOptionsBuilder(1).setInstrument("BTC-05NOV21-52000-P"));
    refused(
        "instrument 'BTC-05NOV21-52000-P' occurs twice",
        m -> m.getUnderlyingsBuilder(1).getFuturesBuilder(0).setInstrument("BTC-05NOV21-52000-P"));
    refused("instrument of an option of BTC 05NOV21 is missing", m -> option(m).clearInstrument());
    refused(
        "type of BTC-05NOV21-52000-P is 0, not OPTION_TYPE_CALL or OPTION_TYPE_PUT",
        m -> option(m).clearType());
    refused(
        "type of BTC-05NOV21-52000-P is 9, not OPTION_TYPE_CALL or OPTION_TYPE_PUT",
        m -> option(m).setTypeValue(9));
    refused("strike of BTC-05NOV21-52000-P is missing", m -> option(m).clearStrike());
    refused(
        "bid_implied_volatility of BTC-05NOV21-52000-P is -0.1, not 0 to 20",
        m -> option(m).setBidImpliedVolatility("-0.1"));
    refused(
        "bid_implied_volatility of BTC-05NOV21-52000-P is missing",
        m -> option(m).clearBidImpliedVolatility());
    refused(
        "ask_implied_volatility of BTC-05NOV21-52000-P is 0, not above 0",
        m -> option(m).setBidImpliedVolatility("0").setAskImpliedVolatility("0"));
    refused(
        "bid_implied_volatility of BTC-05NOV21-52000-P is 0.95, above the ask, 0.9399",
        m -> option(m).setBidImpliedVolatility("0.95"));
    refused(
        "mark of BTC-PERPETUAL is missing",
        m -> m.getUnderlyingsBuilder(0).getFuturesBuilder(0).clearMark());
    refused(
        "tiers of BTC-PERPETUAL are missing",
        m -> m.getUnderlyingsBuilder(0).getFuturesBuilder(0).clearTiers());
    refused(
        "rate of tier 1 of BTC-PERPETUAL is 0.01, below the tier before it, 0.02",
        m -> m.getUnderlyingsBuilder(0).getFuturesBuilder(0).getTiersBuilder(1).setRate("0.01"));
    refused(
        "up_to of tier 1 of BTC-PERPETUAL is 25, not above the tier before it, 25",
        m -> m.getUnderlyingsBuilder(0).getFuturesBuilder(0).getTiersBuilder(1).setUpTo("25"));
    refused(
        "up_to of tier 2 of BTC-PERPETUAL is '9', but the last tier has no end",
        m -> m.getUnderlyingsBuilder(0).getFuturesBuilder(0).getTiersBuilder(2).setUpTo("9"));
    refused(
        "up_to of tier 0 of asset BTC is missing",
        m -> m.getAssetsBuilder(0).getTiersBuilder(0).clearUpTo());
    refused("asset 'BTC' occurs twice", m -> m.getAssetsBuilder(1).setName("BTC"));
    refused("price of asset ETH is missing", m -> m.getAssetsBuilder(1).clearPrice());
    refused(
        "haircut of tier 1 of asset BTC is 0.04, below the tier before it, 0.05",
        m -> m.getAssetsBuilder(0).getTiersBuilder(1).setHaircut("0.04"));
    refused(
        "haircut of tier 2 of asset BTC is 1.1, not 0 to 1",
        m -> m.getAssetsBuilder(0).getTiersBuilder(2).setHaircut("1.1"));
    refused(
        "price move 0 of the scenarios is -1, not -0.999 to 10",
        m -> m.getScenariosBuilder().setPriceMoves(0, "-1"));
    refused(
        "price move 0.0 of the scenarios occurs twice",
        m -> m.getScenariosBuilder().setPriceMoves(4, "0.0"));
    refused(
        "volatility move 0 of the scenarios is '1,5', not a plain decimal of at most 64"
            + " characters",
        m -> m.getScenariosBuilder().setVolatilityMoves(0, "1,5"));
    refused(
        "forward of BTC 05NOV21 is '"
            + "9".repeat(40)
            + "...', not a plain decimal of at most 64"
            + " characters",
        m -> expiry(m).setForward("9".repeat(1000)));
  }

  @Test
  void underlyingWithoutAnyPriceIsRefused() {
    refused(
        "spot of ETH is missing, and it has no forward or future",
        m -> m.getUnderlyingsBuilder(1).clearSpot().clearFutures());
  }

  @Test
  void filesAreReadOrRefusedWithTheirName() throws Exception {
    Path file = directory.resolve("market.json");
    Files.writeString(file, JsonFormat.printer().print(MarketSnapshots.btcOptions()));
    assertEquals(MarketSnapshots.btcOptions(), MarketSnapshots.read(file));
    for (String content : new String[] {"", "{", "[]", "{\"underlyings\": 3}", "{\"x\": 1}"}) {
      Files.writeString(file, content);
      String message =
          assertThrows(InvalidFormatException.class, () -> MarketSnapshots.read(file)).getMessage();
      assertTrue(
          message.matches(
              "market file "
                  + Pattern.quote(file.toString())
                  + ": (is not JSON: .+|is not proto3 JSON of a MarketSnapshot.*)"),
          message);
    }
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe});
    assertEquals(
        "market file " + file + ": is not UTF-8",
        assertThrows(InvalidFormatException.class, () -> MarketSnapshots.read(file)).getMessage());
    Files.write(file, new byte[MarketSnapshots.MAX_BYTES + 1]);
    assertEquals(
        "market file " + file + ": has more than 16777216 bytes",
        assertThrows(InvalidFormatException.class, () -> MarketSnapshots.read(file)).getMessage());
    Path missing = directory.resolve("missing.json");
    assertEquals(
        "market file " + missing + ": does not exist",
        assertThrows(InvalidFormatException.class, () -> MarketSnapshots.read(missing))
            .getMessage());
  }

  @Test
  void stressedMarketMovesPricesAndVolatilitiesAndNothingElse() throws Exception {
    MarketSnapshot before = MarketSnapshots.btcOptions();
    MarketSnapshot after = MarketSnapshots.stressed(before, "-0.3", "0.5");
    assertEquals("46200", after.getUnderlyings(0).getSpot());
    assertEquals("46228", after.getUnderlyings(0).getFutures(0).getMark());
    assertEquals("2842", after.getUnderlyings(1).getSpot());
    assertEquals("46974.5108", after.getUnderlyings(0).getExpiries(0).getForward());
    OptionQuote option = after.getUnderlyings(0).getExpiries(0).getOptions(0);
    assertEquals("1.38465", option.getBidImpliedVolatility());
    assertEquals("1.40985", option.getAskImpliedVolatility());
    assertEquals("52000", option.getStrike());
    assertEquals("46200", after.getAssets(0).getPrice());
    assertEquals("2842", after.getAssets(1).getPrice());
    assertEquals("1", after.getAssets(2).getPrice());
    assertEquals(before, MarketSnapshots.stressed(before, "0", "0"));
    assertEquals(before.getScenarios(), after.getScenarios());
    assertEquals(before.getAsOfMillis(), after.getAsOfMillis());
  }

  @Test
  void stressThatIsNotPlausibleIsRefused() {
    MarketSnapshot market = MarketSnapshots.btcOptions();
    for (String[] moves :
        new String[][] {{"-1", "0"}, {"0", "-1"}, {"NaN", "0"}, {"0", ""}, {"11", "0"}}) {
      assertThrows(
          InvalidFormatException.class, () -> MarketSnapshots.stressed(market, moves[0], moves[1]));
    }
    MarketSnapshot wild =
        market.toBuilder()
            .setUnderlyings(
                0,
                market.getUnderlyings(0).toBuilder()
                    .setExpiries(
                        0,
                        market.getUnderlyings(0).getExpiries(0).toBuilder()
                            .setOptions(
                                0,
                                market.getUnderlyings(0).getExpiries(0).getOptions(0).toBuilder()
                                    .setAskImpliedVolatility("15"))))
            .build();
    assertThrows(InvalidFormatException.class, () -> MarketSnapshots.stressed(wild, "0", "0.5"));
  }

  private static ExpiryMarket.Builder expiry(MarketSnapshot.Builder market) {
    return market.getUnderlyingsBuilder(0).getExpiriesBuilder(0);
  }

  private static OptionQuote.Builder option(MarketSnapshot.Builder market) {
    return expiry(market).getOptionsBuilder(0);
  }

  private static void refused(String reason, Consumer<MarketSnapshot.Builder> change) {
    MarketSnapshot.Builder market = MarketSnapshots.btcOptions().toBuilder();
    change.accept(market);
    assertEquals(
        "market: " + reason,
        assertThrows(InvalidFormatException.class, () -> Market.read(market.build())).getMessage());
  }
}
