package io.plimsoll.suites;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MangoV4SuiteTest extends SuiteContract {
  @Override
  Suite suite() {
    return new MangoV4Suite();
  }

  private static Json json(String text) throws InvalidFormatException {
    return Json.parse("case", text.replace('\'', '"'));
  }

  private static MarginAssessment assess(Json json) throws InvalidFormatException {
    return MangoV4Suite.account(json, MangoV4Suite.model(List.of(json))).assess();
  }

  private static Json token(String type, String members) throws InvalidFormatException {
    return json(
        "{'id': 'x', 'type': '%s', 'health': 0, 'spotMarkets': [], 'perps': [], 'tokens': [{%s}]}"
            .formatted(type, members));
  }

  /** Limits with a stable price other than the oracle's: no published case has both. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        // deposits of 40 * 3 above 60: half the weight, at the lower price
        "init | 'balance': 10, 'depositScaleStart': 60, 'totalDeposits': 40 | 8",
        "init | 'balance': 10, 'depositScaleStart': 120, 'totalDeposits': 40 | 16",
        "init | 'balance': 10, 'depositScaleStart': 119, 'totalDeposits': 40 | 15.86666666666",
        "init | 'balance': 10, 'depositScaleStart': 60, 'totalDeposits': 30,"
            + " 'potentialSerumTokens': 10 | 8",
        "init | 'balance': 10, 'depositScaleStart': 0, 'totalDeposits': 40 | 0",
        // borrows of 40 * 3 above 60: twice the weight, at the higher price
        "init | 'balance': -10, 'borrowScaleStart': 60, 'totalBorrows': 40 | -72",
        "init | 'balance': -10, 'borrowScaleStart': 120, 'totalBorrows': 40 | -36",
        "init | 'balance': -10, 'borrowScaleStart': 0, 'totalBorrows': 0 | -36",
        // a limit of nothing: the weight is the model's bound
        "init | 'balance': -10, 'borrowScaleStart': 0, 'totalBorrows': 1 | -300000",
        "maint | 'balance': 10, 'depositScaleStart': 60, 'totalDeposits': 40 | 18",
        "maint | 'balance': -10, 'borrowScaleStart': 60, 'totalBorrows': 40 | -22",
        "liquidationEnd | 'balance': 10, 'depositScaleStart': 60, 'totalDeposits': 40 | 16",
        "liquidationEnd | 'balance': -10, 'borrowScaleStart': 60, 'totalBorrows': 40 | -24",
      })
  void limitsScaleTheWeightsOfInitialHealthAtThePessimisticPrice(
      String type, String members, String health) throws Exception {
    MarginAssessment assessment =
        assess(token(type, "'price': 2, 'stable': 3, 'initW': 0.2, 'maintW': 0.1, " + members));
    BigDecimal difference = assessment.output("health").subtract(new BigDecimal(health)).abs();
    assertTrue(
        difference.compareTo(new BigDecimal("1e-10")) <= 0,
        () -> assessment.output("health") + " is not " + health);
  }

  @Test
  void marketsInAnotherOrderComeToTheSame() throws Exception {
    // Each market sees every market's reserves, so none is first.
    String tokens =
        """
        [{'price': 1, 'initW': 0.2, 'maintW': 0.1, 'balance': -30},
         {'price': 5, 'initW': 0.5, 'maintW': 0.3, 'balance': -2},
         {'price': 7, 'initW': 0.4, 'maintW': 0.2, 'balance': 1}]""";
    List<String> markets =
        new ArrayList<>(
            List.of(
                "{'base': 1, 'quote': 0, 'baseReserved': 3, 'quoteReserved': 11}",
                "{'base': 2, 'quote': 0, 'baseReserved': 2, 'quoteReserved': 25}",
                "{'base': 2, 'quote': 1, 'baseReserved': 4, 'quoteReserved': 1}"));
    BigDecimal first = null;
    for (int i = 0; i < 3; i++) {
      BigDecimal health =
          assess(
                  json(
                      "{'type': 'init', 'perps': [], 'tokens': %s, 'spotMarkets': %s}"
                          .formatted(tokens, markets)))
              .output("health");
      first = first == null ? health : first;
      assertEquals(first, health);
      Collections.rotate(markets, 1);
    }
  }

  @Test
  void initialIsAtMostLiquidationEndIsAtMostMaintenanceHealth() throws Exception {
    Random random = new Random(5);
    for (int i = 0; i < 100; i++) {
      RawCase raw = RawCase.random(random);
      BigDecimal initial = assess(raw.json("init")).output("health");
      BigDecimal end = assess(raw.json("liquidationEnd")).output("health");
      BigDecimal maintenance = assess(raw.json("maint")).output("health");
      // Weights are rounded to 12 decimals.
      BigDecimal slack = new BigDecimal("1e-7");
      assertTrue(initial.compareTo(end.add(slack)) <= 0, raw::toString);
      assertTrue(end.compareTo(maintenance.add(slack)) <= 0, raw::toString);
    }
  }

  @Test
  void healthIsThatOfAPlainImplementationOnRandomAccounts() throws Exception {
    Random random = new Random(6);
    for (int i = 0; i < 300; i++) {
      RawCase raw = RawCase.random(random);
      for (String type : List.of("init", "maint", "liquidationEnd")) {
        MarginAssessment assessment = assess(raw.json(type));
        BigDecimal expected = raw.health(type);
        BigDecimal gross = assessment.output("assets").abs().add(assessment.output("liabilities"));
        BigDecimal difference = assessment.output("health").subtract(expected).abs();
        assertTrue(
            difference.compareTo(gross.add(BigDecimal.ONE).multiply(new BigDecimal("1e-9"))) <= 0,
            () -> raw + " " + type + ": " + assessment.output("health") + ", not " + expected);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "'type': 'initial' | 'tokens': [] | case: type is 'initial', not init, maint",
        "'type': 'init' | 'tokens': [{'price': 1, 'initW': 0, 'balance': 100000001}]"
            + " | balance[0] is 100000001, outside -100000000.000000000 to",
        "'type': 'init' | 'tokens': [{'price': 1, 'initW': 1.5, 'balance': 1}]"
            + " | assetWeight[0] is -0.5, outside 0.000000000000 to",
        "'type': 'init' | 'tokens': [{'price': 1, 'balance': 1}] | 'initW' is missing",
        "'type': 'init' | 'tokens': [{'price': 0, 'stable': 0, 'initW': 0, 'balance': 1}],"
            + " 'spotMarkets': [{'base': 1, 'quote': 0}] | case: spotMarkets[0]: 'baseReserved'",
      })
  void badCasesAreRefusedNamingFieldValueAndLimit(String type, String tokens, String message) {
    String rest = tokens.contains("spotMarkets") ? "'perps': []" : "'perps': [], 'spotMarkets': []";
    InvalidFormatException e =
        assertThrows(
            InvalidFormatException.class,
            () -> assess(json("{%s, %s, %s}".formatted(type, tokens, rest))));
    assertTrue(e.getMessage().contains(message.replace("\"", "'")), e.getMessage());
  }

  /** A random account, with Mango's rule in its own terms: amounts, divided prices, indices. */
  private record RawCase(List<Token> tokens, List<Market> markets, List<Perp> perps) {
    private static final MathContext EXACT = new MathContext(60);

    record Token(
        BigDecimal price,
        BigDecimal stable,
        BigDecimal initW,
        BigDecimal maintW,
        BigDecimal balance,
        BigDecimal depositLimit,
        BigDecimal deposits,
        BigDecimal borrowLimit,
        BigDecimal borrows) {}

    record Market(
        int base,
        int quote,
        BigDecimal baseReserved,
        BigDecimal quoteReserved,
        BigDecimal lowestAsk,
        BigDecimal highestBidInverse) {}

    record Perp(
        int settle,
        BigDecimal price,
        BigDecimal stable,
        int lot,
        int base,
        int bids,
        int asks,
        int quote,
        BigDecimal initBaseW,
        BigDecimal maintBaseW,
        BigDecimal initPnlW,
        BigDecimal maintPnlW) {}

    static RawCase random(Random random) {
      List<Token> tokens = new ArrayList<>();
      int count = 2 + random.nextInt(3);
      for (int t = 0; t < count; t++) {
        BigDecimal maintW = hundredths(random, 40);
        tokens.add(
            new Token(
                hundredths(random, 900).add(BigDecimal.ONE),
                hundredths(random, 900).add(BigDecimal.ONE),
                maintW.add(hundredths(random, 40)),
                maintW,
                new BigDecimal(random.nextInt(201) - 100),
                new BigDecimal(1 + random.nextInt(2000)),
                new BigDecimal(random.nextInt(300)),
                new BigDecimal(1 + random.nextInt(2000)),
                new BigDecimal(random.nextInt(300))));
      }
      List<Market> markets = new ArrayList<>();
      for (int s = random.nextInt(4); s > 0; s--) {
        int base = random.nextInt(count);
        markets.add(
            new Market(
                base,
                (base + 1 + random.nextInt(count - 1)) % count,
                new BigDecimal(random.nextInt(4) * random.nextInt(40)),
                new BigDecimal(random.nextInt(4) * random.nextInt(40)),
                random.nextBoolean() ? BigDecimal.ZERO : hundredths(random, 500),
                random.nextBoolean() ? BigDecimal.ZERO : hundredths(random, 200)));
      }
      List<Perp> perps = new ArrayList<>();
      for (int p = random.nextInt(4); p > 0; p--) {
        BigDecimal maintBaseW = hundredths(random, 20);
        BigDecimal maintPnlW = hundredths(random, 20);
        perps.add(
            new Perp(
                random.nextInt(count),
                hundredths(random, 900).add(BigDecimal.ONE),
                hundredths(random, 900).add(BigDecimal.ONE),
                1 + random.nextInt(10),
                random.nextInt(21) - 10,
                random.nextInt(8),
                random.nextInt(8),
                random.nextInt(401) - 200,
                maintBaseW.add(hundredths(random, 20)),
                maintBaseW,
                maintPnlW.add(hundredths(random, 20)),
                maintPnlW));
      }
      return new RawCase(tokens, markets, perps);
    }

    private static BigDecimal hundredths(Random random, int most) {
      return BigDecimal.valueOf(random.nextInt(most + 1), 2);
    }

    Json json(String type) throws InvalidFormatException {
      List<String> t = new ArrayList<>();
      for (Token x : tokens) {
        t.add(
            """
            {'price': %s, 'stable': %s, 'initW': %s, 'maintW': %s, 'balance': %s,
            'depositScaleStart': %s, 'totalDeposits': %s, 'borrowScaleStart': %s,
            'totalBorrows': %s}"""
                .formatted(
                    x.price,
                    x.stable,
                    x.initW,
                    x.maintW,
                    x.balance,
                    x.depositLimit,
                    x.deposits,
                    x.borrowLimit,
                    x.borrows));
      }
      List<String> m = new ArrayList<>();
      for (Market x : markets) {
        m.add(
            """
            {'base': %d, 'quote': %d, 'baseReserved': %s, 'quoteReserved': %s, 'lowestAsk': %s,
            'highestBidInv': %s}"""
                .formatted(
                    x.base,
                    x.quote,
                    x.baseReserved,
                    x.quoteReserved,
                    x.lowestAsk,
                    x.highestBidInverse));
      }
      List<String> p = new ArrayList<>();
      for (Perp x : perps) {
        p.add(
            """
            {'settle': %d, 'price': %s, 'stable': %s, 'lot': %d, 'baseLots': %d, 'bids': %d,
            'asks': %d, 'quote': %d, 'initBaseW': %s, 'maintBaseW': %s, 'initPnlW': %s,
            'maintPnlW': %s}"""
                .formatted(
                    x.settle,
                    x.price,
                    x.stable,
                    x.lot,
                    x.base,
                    x.bids,
                    x.asks,
                    x.quote,
                    x.initBaseW,
                    x.maintBaseW,
                    x.initPnlW,
                    x.maintPnlW));
      }
      return MangoV4SuiteTest.json(
          "{'type': '%s', 'tokens': %s, 'spotMarkets': %s, 'perps': %s}".formatted(type, t, m, p));
    }

    BigDecimal health(String type) {
      boolean init = type.equals("init");
      BigDecimal[] effective = new BigDecimal[tokens.size()];
      for (int t = 0; t < effective.length; t++) {
        effective[t] = tokens.get(t).balance;
      }
      for (Perp perp : perps) {
        effective[perp.settle] = effective[perp.settle].add(hupnl(perp, type));
      }
      BigDecimal[] reserved = new BigDecimal[tokens.size()];
      java.util.Arrays.fill(reserved, BigDecimal.ZERO);
      for (Market market : markets) {
        reserved[market.base] = reserved[market.base].add(asBase(market, init));
        reserved[market.quote] = reserved[market.quote].add(asQuote(market, init));
      }
      BigDecimal health = BigDecimal.ZERO;
      for (int t = 0; t < effective.length; t++) {
        BigDecimal rate =
            effective[t].signum() < 0 ? liability(tokens.get(t), type) : asset(tokens.get(t), type);
        health = health.add(effective[t].multiply(rate));
      }
      for (Market market : markets) {
        health =
            health.add(
                effect(market.base, asBase(market, init), effective, reserved, type)
                    .min(effect(market.quote, asQuote(market, init), effective, reserved, type)));
      }
      return health;
    }

    private BigDecimal effect(
        int t, BigDecimal amount, BigDecimal[] effective, BigDecimal[] reserved, String type) {
      BigDecimal most = effective[t].add(reserved[t]);
      BigDecimal assetPart =
          most.compareTo(amount) >= 0 ? amount : most.signum() < 0 ? BigDecimal.ZERO : most;
      return assetPart
          .multiply(asset(tokens.get(t), type))
          .add(amount.subtract(assetPart).multiply(liability(tokens.get(t), type)));
    }

    private BigDecimal asBase(Market market, boolean init) {
      BigDecimal oracle =
          market
              .quoteReserved
              .multiply(low(tokens.get(market.quote), init))
              .divide(high(tokens.get(market.base), init), EXACT);
      BigDecimal worst = market.quoteReserved.multiply(market.highestBidInverse);
      return market.baseReserved.add(worst.signum() != 0 ? oracle.min(worst) : oracle);
    }

    private BigDecimal asQuote(Market market, boolean init) {
      BigDecimal oracle =
          market
              .baseReserved
              .multiply(low(tokens.get(market.base), init))
              .divide(high(tokens.get(market.quote), init), EXACT);
      BigDecimal worst = market.baseReserved.multiply(market.lowestAsk);
      return market.quoteReserved.add(worst.signum() != 0 ? oracle.min(worst) : oracle);
    }

    private static BigDecimal low(Token token, boolean init) {
      return init ? token.price.min(token.stable) : token.price;
    }

    private static BigDecimal high(Token token, boolean init) {
      return init ? token.price.max(token.stable) : token.price;
    }

    private static BigDecimal asset(Token token, String type) {
      boolean init = type.equals("init");
      BigDecimal w = BigDecimal.ONE.subtract(type.equals("maint") ? token.maintW : token.initW);
      BigDecimal deposits = token.deposits.multiply(high(token, true));
      if (init && deposits.compareTo(token.depositLimit) > 0) {
        w = w.multiply(token.depositLimit).divide(deposits, EXACT);
      }
      return w.multiply(low(token, init));
    }

    private static BigDecimal liability(Token token, String type) {
      boolean init = type.equals("init");
      BigDecimal w = BigDecimal.ONE.add(type.equals("maint") ? token.maintW : token.initW);
      BigDecimal borrows = token.borrows.multiply(high(token, true));
      if (init && borrows.compareTo(token.borrowLimit) > 0) {
        w = w.multiply(borrows).divide(token.borrowLimit, EXACT);
      }
      return w.multiply(high(token, init));
    }

    private static BigDecimal hupnl(Perp perp, String type) {
      boolean init = type.equals("init");
      BigDecimal low = init ? perp.price.min(perp.stable) : perp.price;
      BigDecimal high = init ? perp.price.max(perp.stable) : perp.price;
      BigDecimal baseW = type.equals("maint") ? perp.maintBaseW : perp.initBaseW;
      BigDecimal pnlW = type.equals("maint") ? perp.maintPnlW : perp.initPnlW;
      BigDecimal pnl =
          new BigDecimal(perp.quote)
              .add(
                  filled(perp, perp.bids, high, low, high, baseW)
                      .min(filled(perp, -perp.asks, low, low, high, baseW)));
      return pnl.signum() > 0 ? pnl.multiply(BigDecimal.ONE.subtract(pnlW)) : pnl;
    }

    private static BigDecimal filled(
        Perp perp, int lots, BigDecimal at, BigDecimal low, BigDecimal high, BigDecimal weight) {
      BigDecimal base = new BigDecimal((perp.base + lots) * perp.lot);
      BigDecimal weighted =
          base.signum() < 0
              ? base.multiply(BigDecimal.ONE.add(weight)).multiply(high)
              : base.multiply(BigDecimal.ONE.subtract(weight)).multiply(low);
      return weighted.subtract(new BigDecimal(lots * perp.lot).multiply(at));
    }
  }
}
