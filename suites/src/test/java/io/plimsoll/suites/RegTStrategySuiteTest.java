package io.plimsoll.suites;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.Evaluation;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.suites.RegTPosition.AccountType;
import io.plimsoll.suites.RegTStrategySuite.Requirement;
import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegTStrategySuiteTest extends SuiteContract {
  @Override
  Suite suite() {
    return new RegTStrategySuite();
  }

  /**
   * Legs like {@code "-1 P100@5 +2 C110@1.5/90 +100 S@98"}: quantity, type, strike, price, days.
   */
  private static RegTPosition position(String price, String legs) throws InvalidFormatException {
    return position(price, false, legs);
  }

  private static RegTPosition position(String price, boolean broad, String legs)
      throws InvalidFormatException {
    List<String> members = new ArrayList<>();
    String[] words = legs.split(" ", -1);
    for (int i = 0; i + 1 < words.length; i += 2) {
      String quantity = words[i].replace("+", "");
      String[] at = words[i + 1].substring(1).split("[@/]", -1);
      members.add(
          words[i + 1].startsWith("S")
              ? "{'kind': 'shares', 'price': '%s', 'qty': %s}".formatted(at[1], quantity)
              : "{'kind': 'option', 'type': '%s', 'strike': '%s', 'price': '%s', 'qty': %s, 'days': %s}"
                  .formatted(
                      words[i + 1].charAt(0), at[0], at[1], quantity, at.length > 2 ? at[2] : "0"));
    }
    return RegTPosition.read(
        Json.parse(
            "case",
            "{'underlying': {'price': '%s', 'broad': %s, 'leverage': '1'}, 'legs': %s}"
                .formatted(price, broad, members)
                .replace('\'', '"')));
  }

  private static Requirement requirement(RegTPosition position, AccountType type)
      throws InvalidFormatException {
    MarginModel model = RegTStrategySuite.model(Math.max(1, position.options().size()));
    return Requirement.of("case", position, type, model);
  }

  private static void assertMoney(String expected, BigDecimal actual) {
    assertEquals(0, new BigDecimal(expected).compareTo(actual), () -> actual + ", not " + expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // first fit takes the long put of 80 and leaves that of 95 unused
        "98 | -1 P100@5 +1 P80@1 +1 P95@4 | 500 | 2000",
        // a spread wider than what the short needs alone: the lesser of the two
        "100 | -1 P95@1 +1 P40@0.01 | 1601 | 5401",
        // bought call spread and bought put spread at the same strikes: a sure gain is no loss
        "100 | +1 C95@8 -1 C105@2 +1 P105@7 -1 P95@4 | 900 | 900",
        // longs of 598 and 600 cover shorts of 603 and 605 whichever way they are paired
        "600.40 | +1 C598@0 +1 C600@0 -1 C603@0 -1 C605@0 | 0 | 0",
        "600.40 | +1 C598@9 +1 C600@8 -1 C603@6 -1 C605@5 | 600 | 600",
        "100 | +0 C100@5 | 0 | 0",
        "100 | +1 C100@5 -1 C100@5 | 0 | 0",
        "100 | -1 C100@5 +100 S@100 | 5000 | 5000",
        "100 | -1 C100@5 +99 S@100 | 7450 | 7450",
        "100 | -1 P100@5 -100 S@100 | 15000 | 15000",
        "100 | -2 P100@5 -150 S@100 | 25000 | 25000",
      })
  void ownersBestPairingNeedsNoMoreThanTheSources(
      String price, String legs, String best, String firstFit) throws Exception {
    Requirement requirement = requirement(position(price, legs), AccountType.MARGIN);
    assertMoney(best, requirement.best());
    assertMoney(firstFit, requirement.firstFit());
    assertEquals(
        new BigDecimal(best).compareTo(new BigDecimal(firstFit)) < 0,
        requirement.note().contains("the best pairing needs " + best),
        requirement.note());
  }

  @Test
  void sureGainOfABoxIsPublishedAsALoss() throws Exception {
    Requirement box =
        requirement(position("100", "+1 C95@8 -1 C105@2 +1 P105@7 -1 P95@4"), AccountType.MARGIN);
    assertMoney("1900", box.asPublished());
    assertEquals("the source charges the sure gain of 1000 as a loss", box.note());
  }

  @Test
  void cashOfSeveralContractsIsPublishedAsOfOne() throws Exception {
    Requirement three = requirement(position("95", "-3 P80@2"), AccountType.CASH);
    assertMoney("23400", three.best());
    assertMoney("7800", three.asPublished());
    // Two strangles of one contract each are two groups, one of two contracts is one.
    Requirement apart =
        requirement(position("100", "-2 C105@2 -1 P95@2 -1 P90@1"), AccountType.CASH);
    assertMoney("37800", apart.best());
    assertMoney("37800", apart.asPublished());
    Requirement together = requirement(position("100", "-2 C105@2 -2 P95@2"), AccountType.CASH);
    assertMoney("38200", together.best());
    assertMoney("19100", together.asPublished());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "+1 C100@12/89 | 1200 | 1200",
        "+1 C100@12/90 | 900 | 1200",
        "+1 C100@0.1/90 | 8 | 10", // 0.075 to the even cent
        "+1 C100@0.1/90 +1 C100@0.1/90 | 16 | 20",
        "-1 C100@5 | 2500 | 9500",
        "-1 C130@0.05 | 1005 | 9995", // the minimum of 10 %
        "-1 P70@0.05 | 705 | 6995",
        "-1 C100@5 -1 P100@5 | 3000 | 19000",
        "-1 C100@5 -1 P90@1 | 2600 | 18400",
        "+100 S@33.33 | 1666 | 3333", // 16.665 to the even cent
        "+100 S@10 +200 S@11 | 1599 | 3200.01",
        "-100 S@33.33 | 4999 | 0",
      })
  void unitsCostWhatTheManualSays(String legs, String margin, String cash) throws Exception {
    assertMoney(margin, requirement(position("100", legs), AccountType.MARGIN).best());
    assertMoney(
        cash,
        requirement(position("100", legs), AccountType.CASH)
            .best()
            .setScale(2, java.math.RoundingMode.UP));
  }

  @Test
  void greaterSideOfAStrangleAtATieIsThePut() throws Exception {
    // Both need 25 uncovered; the call's premium of 5 or the put's of 6 would be added.
    RegTPosition tie = position("100", "-1 C100@5 -1 P99@6");
    assertMoney(
        "0",
        tie.shortRequirement(tie.options().get(0), AccountType.MARGIN)
            .subtract(tie.shortRequirement(tie.options().get(1), AccountType.MARGIN)));
    assertMoney("3000", requirement(tie, AccountType.MARGIN).best());
  }

  @Test
  void longThatExpiresBeforeTheShortCoversNothing() throws Exception {
    assertMoney(
        "3000",
        requirement(position("100", "-1 C100@5/30 +1 C100@5/29"), AccountType.MARGIN).best());
    assertMoney(
        "0", requirement(position("100", "-1 C100@5/30 +1 C100@5/30"), AccountType.MARGIN).best());
    assertMoney(
        "100",
        requirement(position("100", "-1 C100@5/30 +1 C100@6/31"), AccountType.MARGIN).best());
  }

  @Test
  void requirementIsTheLeastOfAllPairingsOnRandomPositions() throws Exception {
    Random random = new Random(8);
    for (int i = 0; i < 150; i++) {
      StringBuilder legs = new StringBuilder();
      for (int leg = 1 + random.nextInt(5); leg > 0; leg--) {
        int quantity = new int[] {-3, -2, -1, -1, 1, 1, 2}[random.nextInt(7)];
        legs.append(
            "%d %s%d@%s/%d "
                .formatted(
                    quantity,
                    random.nextBoolean() ? "C" : "P",
                    80 + 5 * random.nextInt(7),
                    BigDecimal.valueOf(1 + random.nextInt(4000), 2),
                    new int[] {0, 0, 30, 120}[random.nextInt(4)]));
      }
      if (random.nextInt(3) == 0) {
        legs.append("%d S@%d ".formatted(random.nextInt(601) - 300, 80 + random.nextInt(30)));
      }
      RegTPosition position =
          position(
              String.valueOf(85 + random.nextInt(30)), random.nextInt(3) == 0, legs.toString());
      for (AccountType type : AccountType.values()) {
        Requirement requirement = requirement(position, type);
        BigDecimal least = RegTOracle.requirement(position, type);
        assertEquals(0, least.compareTo(requirement.best()), () -> legs + ": " + least);
        assertTrue(requirement.best().compareTo(requirement.firstFit()) <= 0, legs::toString);
      }
    }
  }

  @Test
  void everyFeasibleChoiceIsAnUpperBound() throws Exception {
    Random random = new Random(9);
    int feasible = 0;
    for (String legs :
        List.of(
            "-2 P100@5 +1 P80@1 +1 P95@4",
            "-1 C100@5 -1 P95@3 +1 C110@1 +1 P90@1",
            "-2 C100@5/30 +1 C105@4/0 +1 C110@3/90 +100 S@98",
            "-1 C100@5 -1 C105@3 -2 P95@3 -100 S@98")) {
      RegTPosition position = position("98", legs);
      MarginModel model = RegTStrategySuite.model(position.options().size());
      for (AccountType type : AccountType.values()) {
        Account account = RegTStrategySuite.account("case", position, type, BigDecimal.ZERO, model);
        BigDecimal least = RegTOracle.requirement(position, type);
        for (int i = 0; i < 20_000; i++) {
          long[] choices = new long[model.choiceCount()];
          for (int c = 0; c + 1 < choices.length; c++) {
            choices[c] = random.nextInt(10) < 7 ? 0 : 1 + random.nextInt(2);
          }
          choices[choices.length - 1] = 50_000L * random.nextInt(8);
          Evaluation evaluation =
              model.evaluate(
                  account.round().toLongArray(), account.holdings().toLongArray(), choices, 1, 1);
          if (model.isFeasible(evaluation)) {
            feasible++;
            // Funds are 0, so the assertion is what the requirement lacks.
            BigDecimal requirement =
                new BigDecimal(
                    evaluation.value(model.assertions().get(0).node()).negate(),
                    model.outputs().get(0).scale());
            assertTrue(least.compareTo(requirement) <= 0, () -> legs + ": " + requirement);
          }
        }
      }
    }
    assertTrue(feasible > 100, "only " + feasible + " feasible choices were tried");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{'kind': 'future', 'qty': 1, 'price': 1} | kind is 'future', neither option nor shares",
        "{'kind': 'option', 'qty': 1, 'price': 1, 'days': 0, 'strike': 1, 'type': 'X'}"
            + " | type is 'X', neither C nor P",
        "{'kind': 'option', 'qty': 1.5, 'price': 1} | qty is 1.5, not an integer",
        "{'kind': 'option', 'qty': 1, 'price': 1, 'days': -1} | days is -1, outside 0 to",
        "{'kind': 'shares', 'qty': 100000001, 'price': 1} | shares[0] is 100000001, outside",
        "{'kind': 'option', 'qty': 1, 'price': 0.0000001, 'days': 0, 'strike': 1, 'type': 'C'}"
            + " | premium[0] is 0.00001",
      })
  void badLegsAreRefusedNamingFieldValueAndLimit(String leg, String message) {
    InvalidFormatException e =
        assertThrows(
            InvalidFormatException.class,
            () ->
                requirement(
                    RegTPosition.read(
                        Json.parse(
                            "case",
                            ("{'underlying': {'price': 1, 'broad': false, 'leverage': 1},"
                                    + " 'legs': ["
                                    + leg
                                    + "]}")
                                .replace('\'', '"'))),
                    AccountType.MARGIN));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }
}
