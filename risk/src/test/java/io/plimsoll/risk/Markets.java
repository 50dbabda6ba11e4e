package io.plimsoll.risk;

import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModels;
import io.plimsoll.circuits.Shape;
import io.plimsoll.proto.v1.AssetMarket;
import io.plimsoll.proto.v1.ExpiryMarket;
import io.plimsoll.proto.v1.FutureMarket;
import io.plimsoll.proto.v1.HaircutTier;
import io.plimsoll.proto.v1.MarketSnapshot;
import io.plimsoll.proto.v1.OptionQuote;
import io.plimsoll.proto.v1.OptionType;
import io.plimsoll.proto.v1.RateTier;
import io.plimsoll.proto.v1.ScenarioGrid;
import io.plimsoll.proto.v1.UnderlyingMarket;
import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Random;

/** Models and random markets for tests. */
final class Markets {
  private Markets() {}

  static MarginModel model(String name, String shape) {
    try {
      return MarginModels.byName(name).build(Shape.parse(shape));
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * A market in which roundings matter: prices are a few ticks, rates have more decimals than the
   * model.
   */
  static MarketSnapshot random(Random random, int underlyings, int optionsOfEach) {
    MarketSnapshot.Builder market = MarketSnapshot.newBuilder().setAsOfMillis(1);
    for (int u = 0; u < underlyings; u++) {
      double price = Math.pow(10, random.nextInt(8) - 3) * (1 + random.nextDouble());
      UnderlyingMarket.Builder underlying =
          UnderlyingMarket.newBuilder()
              .setName("U" + u)
              .setSpot(decimal(price))
              .setDeltaRate(decimal(random.nextDouble() * 5))
              .setVegaRate(decimal(random.nextDouble()))
              .setLiquidityRate(decimal(random.nextDouble() / 100));
      ExpiryMarket.Builder expiry =
          ExpiryMarket.newBuilder()
              .setLabel("soon")
              .setForward(decimal(price * (1 + random.nextDouble() / 50)))
              .setYearsToExpiry(decimal(0.01 + random.nextDouble()))
              .setDiscountFactor(decimal(1 - random.nextDouble() / 20));
      for (int i = 0; i < optionsOfEach; i++) {
        double volatility = 0.1 + random.nextDouble();
        expiry.addOptions(
            OptionQuote.newBuilder()
                .setInstrument("U" + u + "-" + i)
                .setType(
                    random.nextBoolean() ? OptionType.OPTION_TYPE_CALL : OptionType.OPTION_TYPE_PUT)
                .setStrike(decimal(price * Math.exp(random.nextGaussian() / 3)))
                .setBidImpliedVolatility(decimal(volatility))
                .setAskImpliedVolatility(decimal(volatility + random.nextDouble() / 10)));
      }
      market.addUnderlyings(
          underlying
              .addExpiries(expiry)
              .addFutures(
                  FutureMarket.newBuilder()
                      .setInstrument("F" + u)
                      .setMark(decimal(price))
                      .addTiers(
                          RateTier.newBuilder()
                              .setUpTo(decimal(random.nextDouble() * 1000 + 0.1))
                              .setRate(decimal(random.nextDouble() / 20)))
                      .addTiers(
                          RateTier.newBuilder().setRate(decimal(random.nextDouble() + 0.05)))));
    }
    for (int a = 0; a < 2; a++) {
      market.addAssets(
          AssetMarket.newBuilder()
              .setName("A" + a)
              .setPrice(assetPrice(random))
              .addTiers(
                  HaircutTier.newBuilder()
                      .setUpTo(decimal(random.nextDouble() * 1000 + 0.1))
                      .setHaircut(percent(random.nextInt(10))))
              .addTiers(
                  HaircutTier.newBuilder()
                      .setUpTo(decimal(random.nextDouble() * 1000 + 1001))
                      .setHaircut(percent(10 + random.nextInt(10))))
              .addTiers(HaircutTier.newBuilder().setHaircut(percent(20 + random.nextInt(80)))));
    }
    return market
        .setScenarios(
            ScenarioGrid.newBuilder()
                .addPriceMoves("-0.3")
                .addPriceMoves("0")
                .addPriceMoves("0.25")
                .addVolatilityMoves("-0.2")
                .addVolatilityMoves("0.5"))
        .build();
  }

  /** Half of them such that every slope is exact, and only kinks are rounded. */
  private static String assetPrice(Random random) {
    return random.nextBoolean()
        ? decimal(Math.pow(10, random.nextInt(7) - 3) * (1 + random.nextDouble()))
        : percent(1 + random.nextInt(100_000));
  }

  private static String percent(int value) {
    return BigDecimal.valueOf(value, 2).toPlainString();
  }

  static String decimal(double value) {
    return BigDecimal.valueOf(value)
        .setScale(9, RoundingMode.HALF_EVEN)
        .stripTrailingZeros()
        .toPlainString();
  }
}
