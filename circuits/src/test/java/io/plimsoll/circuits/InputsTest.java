package io.plimsoll.circuits;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.PortfolioReader.Line;
import io.plimsoll.proto.v1.Coefficients;
import io.plimsoll.proto.v1.Holding;
import io.plimsoll.proto.v1.ListingAxis;
import io.plimsoll.proto.v1.Portfolio;
import io.plimsoll.proto.v1.RiskRound;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Listings, rounds, portfolios and holdings: what comes from people and goes back. */
class InputsTest {
  private static final MarginModel MODEL = model();

  private static MarginModel model() {
    MarginModelBuilder m = new MarginModelBuilder("test", Shape.empty().with("slots", 3), 2);
    ExprArray held = m.holdings("held").axis("instrument", 3).scale(2).between("-10", "20").array();
    ExprArray gross = m.magnitudeOf("gross", "held");
    Expr cash = m.holdings("cash").scale(4).between("-500", "500").single();
    ExprArray price =
        m.round("price")
            .axis("instrument", 3)
            .axis("scenario", 2)
            .scale(3)
            .between("-0.5", "100")
            .array();
    Expr rate = m.round("rate").scale(1).between("0", "900000000000000000").single();
    m.assertNonNegative("a", cash.plus(held.dot(first(price))).minus(gross.sum().times(rate)));
    return m.build();
  }

  private static ExprArray first(ExprArray price) {
    return new ExprArray(List.of(price.get(0, 0), price.get(1, 0), price.get(2, 0)), 3);
  }

  private static Listing listing() throws InvalidFormatException {
    return Listing.of(MODEL, Map.of("instrument", List.of("BTC", "ETH")));
  }

  private static PortfolioReader reader() throws InvalidFormatException {
    return new PortfolioReader(MODEL, listing());
  }

  private static void assertRefused(String message, Executable call) {
    InvalidFormatException e = assertThrows(InvalidFormatException.class, call);
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  private static Map<String, List<String>> round() {
    Map<String, List<String>> round = new LinkedHashMap<>();
    round.put("rate", new ArrayList<>(List.of("1.5")));
    round.put("price", new ArrayList<>(List.of("1", "-0.5", "99.999", "100", "0.001", "0")));
    return round;
  }

  // Listing

  @Test
  void listingDigestIsOverTheTagAndTheAxesWithLabels() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    for (Object field : List.of("plimsoll/listing/v1", 1, "instrument", 2, "BTC", "ETH")) {
      if (field instanceof String text) {
        out.writeInt(text.length());
        out.write(text.getBytes(StandardCharsets.US_ASCII));
      } else if (field instanceof Integer number) {
        out.writeInt(4);
        out.writeInt(number);
      }
    }
    assertEquals(Digest.of(bytes.toByteArray()), listing().digest());
  }

  @Test
  void listingHasOneFormWhateverTheOrderOfItsAxes() throws Exception {
    Map<String, List<String>> axes = new LinkedHashMap<>();
    axes.put("scenario", List.of("up", "down"));
    axes.put("instrument", List.of("BTC"));
    Listing one = Listing.of(MODEL, axes);
    assertEquals(List.of("instrument", "scenario"), one.axes());
    Map<String, List<String>> other = new LinkedHashMap<>();
    other.put("instrument", List.of("BTC"));
    other.put("scenario", List.of("up", "down"));
    assertEquals(one, Listing.of(MODEL, other));
    assertNotEquals(one, Listing.of(MODEL, Map.of("instrument", List.of("BTC"))));
    assertEquals(
        Listing.of(MODEL, Map.of("instrument", List.of("BTC"))),
        Listing.of(MODEL, Map.of("instrument", List.of("BTC"), "scenario", List.of())));
    assertNotEquals(
        Listing.of(MODEL, Map.of("instrument", List.of("BTC", "ETH"))),
        Listing.of(MODEL, Map.of("instrument", List.of("ETH", "BTC"))));
  }

  @Test
  void listingLooksUpSlots() throws Exception {
    assertEquals(1, listing().slot("instrument", "ETH"));
    assertEquals(-1, listing().slot("instrument", "SOL"));
    assertEquals(-1, listing().slot("scenario", "up"));
    assertEquals(List.of("BTC", "ETH"), listing().labels("instrument"));
    assertEquals(List.of(), listing().labels("scenario"));
  }

  @Test
  void malformedListingsAreRefusedByName() {
    assertRefused("no axis 'stocks'", () -> Listing.of(MODEL, Map.of("stocks", List.of("A"))));
    assertRefused(
        "label 1 is 'A', which occurs twice",
        () -> Listing.of(MODEL, Map.of("instrument", List.of("A", "A"))));
    assertRefused(
        "label 1 is empty", () -> Listing.of(MODEL, Map.of("instrument", List.of("A", ""))));
    assertRefused(
        "4 labels, more than its length 3",
        () -> Listing.of(MODEL, Map.of("instrument", List.of("A", "B", "C", "D"))));
    assertRefused(
        "normalisation form C", () -> Listing.of(MODEL, Map.of("instrument", List.of("e\u0301"))));
    assertRefused(
        "control character", () -> Listing.of(MODEL, Map.of("instrument", List.of("a\tb"))));
  }

  @Test
  void listingSurvivesItsMessage() throws Exception {
    assertEquals(listing(), ProtoConversions.listing(MODEL, ProtoConversions.toProto(listing())));
    io.plimsoll.proto.v1.Listing twice =
        io.plimsoll.proto.v1.Listing.newBuilder()
            .addAxes(ListingAxis.newBuilder().setName("instrument").addLabels("A"))
            .addAxes(ListingAxis.newBuilder().setName("instrument").addLabels("B"))
            .build();
    assertRefused("'instrument' occurs twice", () -> ProtoConversions.listing(MODEL, twice));
  }

  // Round

  @Test
  void roundIsReadExactlyInPublicVectorOrder() throws Exception {
    RoundCoefficients round = RoundCoefficients.parse(MODEL, round());
    assertArrayEquals(new long[] {1000, -500, 99_999, 100_000, 1, 0, 15}, round.toLongArray());
    assertEquals(new BigDecimal("99.999"), round.get("price", 1, 0));
    assertEquals(new BigDecimal("1.5"), round.get("rate"));
    assertEquals(round, RoundCoefficients.of(MODEL, round.toLongArray()));
    assertEquals(round, RoundCoefficients.parse(MODEL, round.toDecimals()));
    assertEquals(
        List.of("1", "-0.5", "99.999", "100", "0.001", "0"), round.toDecimals().get("price"));
    assertThrows(IndexOutOfBoundsException.class, () -> round.get("price", 3, 0));
    assertThrows(IllegalArgumentException.class, () -> round.get("price", 1));
    assertThrows(IllegalArgumentException.class, () -> round.get("cost"));
  }

  @Test
  void malformedRoundsAreRefusedByNameIndexValueAndBounds() {
    Map<String, String> wrong = new HashMap<>();
    wrong.put("100.001", "price[1][1] is 100.001, outside -0.5 to 100");
    wrong.put("-0.501", "price[1][1] is -0.501, outside -0.5 to 100");
    wrong.put("1.0001", "price[1][1] is 1.0001, which has more than 3 decimals");
    wrong.put("NaN", "price[1][1] is 'NaN', not a plain decimal");
    wrong.put("Infinity", "not a plain decimal");
    wrong.put("", "not a plain decimal");
    wrong.put("1e3", "not a plain decimal");
    wrong.put("+1", "not a plain decimal");
    wrong.put("01", "not a plain decimal");
    wrong.put(".5", "not a plain decimal");
    wrong.put("5.", "not a plain decimal");
    wrong.put(" 5", "not a plain decimal");
    wrong.put("1,000", "not a plain decimal");
    wrong.put("\u0661", "not a plain decimal");
    wrong.put("9".repeat(65), "not a plain decimal of at most 64 characters");
    wrong.put("9".repeat(64), "outside -0.5 to 100");
    wrong.forEach(
        (value, message) -> {
          Map<String, List<String>> round = round();
          round.get("price").set(3, value);
          assertRefused(message, () -> RoundCoefficients.parse(MODEL, round));
        });
    Map<String, List<String>> missing = round();
    missing.remove("rate");
    assertRefused("tensor 'rate' is missing", () -> RoundCoefficients.parse(MODEL, missing));
    Map<String, List<String>> unknown = round();
    unknown.put("cost", List.of());
    assertRefused("no tensor 'cost'", () -> RoundCoefficients.parse(MODEL, unknown));
    Map<String, List<String>> few = round();
    few.get("price").remove(0);
    assertRefused("'price' has 5 values, not 6", () -> RoundCoefficients.parse(MODEL, few));
    assertRefused("6 coefficients, not 7", () -> RoundCoefficients.of(MODEL, new long[6]));
    assertRefused(
        "price[0][1] is -0.501, outside -0.5 to 100",
        () -> RoundCoefficients.of(MODEL, new long[] {0, -501, 0, 0, 0, 0, 0}));
  }

  @Test
  void trailingZerosBeyondTheScaleAreExact() throws Exception {
    Map<String, List<String>> round = round();
    round.get("price").set(0, "1.500000");
    assertEquals(1500, RoundCoefficients.parse(MODEL, round).toLongArray()[0]);
  }

  @Test
  void roundSurvivesItsMessageAndNamesItsModel() throws Exception {
    RoundCoefficients round = RoundCoefficients.parse(MODEL, round());
    RiskRound message =
        RiskRound.newBuilder()
            .setModel("test")
            .addAllShape(ProtoConversions.toProto(MODEL.shape()))
            .addAllCoefficients(ProtoConversions.toProto(round))
            .build();
    assertEquals(round, ProtoConversions.coefficients(MODEL, message));
    assertRefused(
        "made for model 'other'",
        () -> ProtoConversions.coefficients(MODEL, message.toBuilder().setModel("other").build()));
    assertRefused(
        "made for shape ",
        () -> ProtoConversions.coefficients(MODEL, message.toBuilder().clearShape().build()));
    assertRefused(
        "tensor 'price' occurs twice",
        () ->
            ProtoConversions.coefficients(
                MODEL,
                message.toBuilder()
                    .addCoefficients(Coefficients.newBuilder().setTensor("price"))
                    .build()));
  }

  // Portfolio

  @Test
  void portfolioIsReadExactlyAndMagnitudesAreDerived() throws Exception {
    try (Holdings holdings =
        reader()
            .read(
                List.of(
                    new Line("held", "ETH", "-3.5"),
                    new Line("cash", "", "-0.0001"),
                    new Line("held", "BTC", "20")))) {
      assertArrayEquals(new long[] {2000, -350, 0, 2000, 350, 0, -1}, holdings.toLongArray());
      assertEquals(new BigDecimal("-3.50"), holdings.get("held", 1));
      assertEquals(1, holdings.attesters());
      assertEquals(
          List.of(
              new Line("held", "BTC", "20"),
              new Line("held", "ETH", "-3.5"),
              new Line("cash", "", "-0.0001")),
          reader().write(holdings));
    }
  }

  @Test
  void emptyPortfolioIsAllZeros() throws Exception {
    assertArrayEquals(new long[7], reader().read(List.of()).toLongArray());
  }

  @Test
  void malformedPortfoliosAreRefusedByName() throws Exception {
    PortfolioReader reader = reader();
    Map<Line, String> wrong = new HashMap<>();
    wrong.put(new Line("helt", "BTC", "1"), "no holding vector 'helt'");
    wrong.put(new Line("price", "BTC", "1"), "no holding vector 'price'");
    wrong.put(new Line("gross", "BTC", "1"), "it is derived, not written");
    wrong.put(new Line("held", "SOL", "1"), "no instrument 'SOL'");
    wrong.put(new Line("held", "", "1"), "no instrument ''");
    wrong.put(new Line("cash", "BTC", "1"), "'cash' has no labels, but 'BTC' is written");
    wrong.put(new Line("held", "ETH", "20.01"), "held of 'ETH' is 20.01, outside -10 to 20");
    wrong.put(new Line("held", "ETH", "-10.01"), "held of 'ETH' is -10.01, outside -10 to 20");
    wrong.put(new Line("held", "ETH", "1.001"), "held of 'ETH' is 1.001, which has more than 2");
    wrong.put(new Line("held", "ETH", "NaN"), "held of 'ETH' is 'NaN', not a plain decimal");
    wrong.put(
        new Line("held", "ETH", "1\u0000" + "x".repeat(100)),
        "held of 'ETH' is '1?" + "x".repeat(38) + "...', not a plain decimal");
    wrong.forEach(
        (line, message) ->
            assertRefused(message, () -> reader.read(List.of(new Line("held", "BTC", "1"), line))));
    assertRefused(
        "held of 'BTC' occurs twice",
        () -> reader.read(List.of(new Line("held", "BTC", "1"), new Line("held", "BTC", "0"))));
    assertRefused(
        "65537 holdings, more than 65536",
        () -> reader.read(Collections.nCopies(65537, new Line("held", "BTC", "1"))));
  }

  @Test
  void roundingDownIsAgainstTheOwnerAndOnlyForNamedVectors() throws Exception {
    PortfolioReader reader = reader();
    PortfolioReader rounding = reader.roundingDown("cash");
    assertEquals(
        new BigDecimal("0.1234"),
        rounding.read(List.of(new Line("cash", "", "0.12349"))).get("cash", 0));
    assertEquals(
        new BigDecimal("-0.1235"),
        rounding.read(List.of(new Line("cash", "", "-0.12341"))).get("cash", 0));
    assertRefused("more than 2", () -> rounding.read(List.of(new Line("held", "BTC", "0.001"))));
    assertRefused("more than 4", () -> reader.read(List.of(new Line("cash", "", "0.12345"))));
    assertThrows(IllegalArgumentException.class, () -> reader.roundingDown("held"));
    assertThrows(IllegalArgumentException.class, () -> reader.roundingDown("gross"));
    assertThrows(IllegalArgumentException.class, () -> reader.roundingDown("nothing"));
  }

  @Test
  void portfolioSurvivesItsMessage() throws Exception {
    Portfolio message =
        Portfolio.newBuilder()
            .addHoldings(Holding.newBuilder().setVector("held").setLabel("ETH").setQuantity("-3.5"))
            .addHoldings(Holding.newBuilder().setVector("cash").setQuantity("12"))
            .build();
    Holdings holdings = ProtoConversions.holdings(reader(), message);
    assertEquals(message, ProtoConversions.toProto(reader(), holdings));
  }

  @Test
  void heldPaddingCannotBeWritten() throws Exception {
    Holdings holdings = Holdings.of(MODEL, new long[] {0, 0, 1, 0, 0, 1, 0});
    assertThrows(IllegalArgumentException.class, () -> reader().write(holdings));
  }

  // Holdings

  @Test
  void holdingsOutsideTheirIntervalOrWithAWrongMagnitudeAreRefused() {
    assertRefused("6 values, not 7", () -> Holdings.of(MODEL, new long[6]));
    assertRefused(
        "held[1] is -10.01, outside -10 to 20",
        () -> Holdings.of(MODEL, new long[] {0, -1001, 0, 0, 1001, 0, 0}));
    assertRefused(
        "gross[1] is not the magnitude of held[1]",
        () -> Holdings.of(MODEL, new long[] {0, -1000, 0, 0, 999, 0, 0}));
    assertRefused(
        "gross[0] is not the magnitude of held[0]",
        () -> Holdings.of(MODEL, new long[] {0, 0, 0, 1, 0, 0, 0}));
  }

  @Test
  void holdingsOfAttestersAddUpToTheirMaximumNumber() throws Exception {
    Holdings one = Holdings.of(MODEL, new long[] {2000, -1000, 0, 2000, 1000, 0, 5});
    Holdings two = Holdings.of(MODEL, new long[] {-1000, -1000, 0, 1000, 1000, 0, 6});
    Holdings sum = one.plus(two);
    assertArrayEquals(new long[] {1000, -2000, 0, 3000, 2000, 0, 11}, sum.toLongArray());
    assertEquals(2, sum.attesters());
    assertThrows(IllegalArgumentException.class, () -> sum.plus(one));
  }

  @Test
  void closedHoldingsAreWipedAndRefuseUse() throws Exception {
    Holdings holdings = Holdings.of(MODEL, new long[] {2000, 0, 0, 2000, 0, 0, 5});
    assertFalse(holdings.toString().contains("2000"));
    assertFalse(new Line("held", "BTC", "4711").toString().contains("4711"));
    holdings.close();
    assertThrows(IllegalStateException.class, holdings::toLongArray);
    assertThrows(IllegalStateException.class, () -> holdings.get("held", 0));
    assertThrows(IllegalStateException.class, () -> holdings.plus(holdings));
  }

  @Test
  void assessmentNamesOnlyInputsOfItsOwnModel() throws Exception {
    MarginModel other = MarginModels.byName("isolated").build(Shape.empty());
    Holdings holdings = Holdings.of(MODEL, new long[7]);
    RoundCoefficients foreign = RoundCoefficients.of(other, new long[other.coefficientCount()]);
    assertThrows(IllegalArgumentException.class, () -> MODEL.assess(foreign, holdings, 1, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> holdings.plus(Holdings.of(other, new long[other.holdingCount()])));
  }
}
