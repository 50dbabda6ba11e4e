package io.plimsoll.suites;

import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Options and shares of one underlying, as a case lists them: legs of one option are added up, and
 * shares have their average price. What one unit costs by the Cboe Margin Manual is computed here,
 * with the source's rounding: half to even, to the cent for one unit of the underlying.
 *
 * @param underlying price and kind
 * @param options by expiry, strike and type, none of them flat
 * @param shares signed
 * @param sharePrice the average; 0 without shares
 */
record RegTPosition(
    Underlying underlying, List<Option> options, BigDecimal shares, BigDecimal sharePrice) {
  /** Units of the underlying that one option contract is on. */
  static final BigDecimal CONTRACT_SIZE = new BigDecimal(100);

  /** From this many days to expiry a long option may be financed. */
  private static final int LONG_TERM_DAYS = 90;

  private static final int SHARE_PRICE_SCALE = 6;

  /** Which of the two requirements: the margin account's or the cash account's. */
  enum AccountType {
    MARGIN,
    CASH;

    String label() {
      return this == MARGIN ? "margin" : "cash";
    }
  }

  /** Price, whether it is a broad index, and its leverage. */
  record Underlying(BigDecimal price, boolean broad, BigDecimal leverage) {}

  /** A net position in one option; {@code contracts} is signed. */
  record Option(int days, BigDecimal strike, boolean call, BigDecimal price, BigDecimal contracts) {
    private static final Comparator<Option> ORDER =
        Comparator.comparingInt(Option::days)
            .thenComparing(Option::strike)
            .thenComparing(option -> option.call ? 0 : 1);

    /** What a contract is worth if the underlying is at {@code level} when it expires. */
    BigDecimal payoff(BigDecimal level) {
      BigDecimal inside = call ? level.subtract(strike) : strike.subtract(level);
      return inside.max(BigDecimal.ZERO).multiply(CONTRACT_SIZE);
    }

    /** Whether a long position in this can cover a short one in the other. */
    boolean canCover(Option written) {
      return call == written.call && days >= written.days;
    }

    BigDecimal premium() {
      return price.multiply(CONTRACT_SIZE);
    }
  }

  /** Reads {@code underlying} and {@code legs}. */
  static RegTPosition read(Json json) throws InvalidFormatException {
    Json of = json.get("underlying");
    Underlying underlying =
        new Underlying(
            of.get("price").decimal(), of.get("broad").bool(), of.get("leverage").decimal());
    Map<List<Object>, Option> net = new LinkedHashMap<>();
    BigDecimal shares = BigDecimal.ZERO;
    BigDecimal paid = BigDecimal.ZERO;
    for (Json leg : json.get("legs").list()) {
      BigDecimal quantity = new BigDecimal(leg.get("qty").integer());
      BigDecimal price = leg.get("price").decimal();
      switch (leg.get("kind").text()) {
        case "shares" -> {
          shares = shares.add(quantity);
          paid = paid.add(quantity.multiply(price));
        }
        case "option" -> {
          Option option =
              new Option(
                  leg.get("days").integer(0, 100_000),
                  leg.get("strike").decimal(),
                  isCall(leg.get("type")),
                  price,
                  quantity);
          // As the source: legs of one option are one position at the first leg's price.
          net.merge(
              List.of(option.days, option.strike.stripTrailingZeros(), option.call),
              option,
              (first, next) ->
                  new Option(
                      first.days,
                      first.strike,
                      first.call,
                      first.price,
                      first.contracts.add(next.contracts)));
        }
        default -> throw leg.get("kind").refuse("neither option nor shares");
      }
    }
    List<Option> options =
        new ArrayList<>(
            net.values().stream().filter(option -> option.contracts.signum() != 0).toList());
    options.sort(Option.ORDER);
    BigDecimal sharePrice =
        shares.signum() == 0
            ? BigDecimal.ZERO
            : paid.divide(shares, SHARE_PRICE_SCALE, RoundingMode.UP);
    return new RegTPosition(underlying, List.copyOf(options), shares, sharePrice);
  }

  private static boolean isCall(Json type) throws InvalidFormatException {
    return switch (type.text()) {
      case "C" -> true;
      case "P" -> false;
      default -> throw type.refuse("neither C nor P");
    };
  }

  /** For a contract bought and held by itself. */
  BigDecimal longRequirement(Option option, AccountType type) {
    return type == AccountType.MARGIN && option.days >= LONG_TERM_DAYS
        ? cents(option.price.multiply(new BigDecimal("0.75"))).multiply(CONTRACT_SIZE)
        : option.premium();
  }

  /** For a contract sold and covered by nothing. */
  BigDecimal shortRequirement(Option option, AccountType type) {
    BigDecimal price = underlying.price;
    if (type == AccountType.CASH) {
      // The exercise price, or for calls on what can be delivered the underlying itself.
      BigDecimal deposit = option.call && !underlying.broad ? price : option.strike;
      return deposit.subtract(option.price).multiply(CONTRACT_SIZE);
    }
    BigDecimal outOfTheMoney =
        (option.call ? option.strike.subtract(price) : price.subtract(option.strike))
            .max(BigDecimal.ZERO);
    BigDecimal rate = new BigDecimal(underlying.broad ? "0.15" : "0.20");
    BigDecimal basic =
        option
            .price
            .add(price.multiply(rate).multiply(underlying.leverage))
            .subtract(outOfTheMoney);
    BigDecimal minimum =
        option.price.add(
            (option.call ? price : option.strike)
                .multiply(new BigDecimal("0.1"))
                .multiply(underlying.leverage));
    return cents(minimum).max(cents(basic)).multiply(CONTRACT_SIZE);
  }

  /**
   * Whether {@code host} needs at least as much margin as {@code rider}, uncovered. Of a call and a
   * put that need the same the source takes the put for the greater side.
   */
  boolean needsNoLess(Option host, Option rider) {
    int order =
        shortRequirement(host, AccountType.MARGIN)
            .compareTo(shortRequirement(rider, AccountType.MARGIN));
    return order > 0 || (order == 0 && (!host.call() || rider.call()));
  }

  /** For a share bought. */
  BigDecimal longShareRequirement(AccountType type) {
    return type == AccountType.CASH ? sharePrice : half();
  }

  /** For a share sold short; the cash account of the source asks nothing. */
  BigDecimal shortShareRequirement(AccountType type) {
    return type == AccountType.CASH ? BigDecimal.ZERO : sharePrice.add(half());
  }

  private BigDecimal half() {
    return cents(sharePrice.multiply(new BigDecimal("0.5")));
  }

  private static BigDecimal cents(BigDecimal value) {
    return value.setScale(2, RoundingMode.HALF_EVEN);
  }
}
