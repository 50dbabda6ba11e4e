package io.plimsoll.suites;

import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModels;
import io.plimsoll.circuits.Shape;
import io.plimsoll.suites.RegTPosition.AccountType;
import io.plimsoll.suites.RegTPosition.Option;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

final class RegTStrategySuite implements Suite {
  @Override
  public String name() {
    return "reg-t-strategy";
  }

  @Override
  public String description() {
    return "strategy-based option margin (Cboe Margin Manual), to the cent";
  }

  @Override
  public List<SuiteCase> read(Path path) throws InvalidFormatException, IOException {
    return List.of();
  }

  static MarginModel model(int options) throws InvalidFormatException {
    return MarginModels.byName("reg-t-strategy")
        .build(Shape.empty().with("options", Math.max(1, options)).with("attesters", 1));
  }

  /**
   * The account that holds a position, and these funds.
   *
   * @param funds to the cent
   */
  static Account account(
      String place, RegTPosition position, AccountType type, BigDecimal funds, MarginModel model)
      throws InvalidFormatException {
    Inputs inputs = new Inputs(place, model);
    List<Option> options = position.options();
    for (int i = 0; i < options.size(); i++) {
      Option option = options.get(i);
      inputs
          .coefficient("isCall", flag(option.call()), i)
          .coefficient("premium", option.premium(), i)
          .coefficient("longRequirement", position.longRequirement(option, type), i)
          .coefficient("shortRequirement", position.shortRequirement(option, type), i)
          .holding("position", i, option.contracts());
      for (int j = 0; j < options.size(); j++) {
        Option other = options.get(j);
        inputs
            .coefficient("payoff", option.payoff(other.strike()), i, j)
            .coefficient(
                "covers",
                flag(other.call() == option.call() && other.days() >= option.days()),
                i,
                j)
            .coefficient(
                "hosts",
                flag(
                    type == AccountType.MARGIN
                        && other.call() != option.call()
                        && position.needsNoLess(other, option)),
                i,
                j)
            .coefficient(
                "rides",
                flag(other.call() == option.call() && position.needsNoLess(other, option)),
                i,
                j);
      }
    }
    return inputs
        .coefficient("longShareRequirement", position.longShareRequirement(type))
        .coefficient("shortShareRequirement", position.shortShareRequirement(type))
        .holding("shares", 0, position.shares())
        .holding("funds", 0, funds)
        .account(type.label());
  }

  private static BigDecimal flag(boolean set) {
    return set ? BigDecimal.ONE : BigDecimal.ZERO;
  }

  private static BigDecimal cents(BigDecimal money) {
    return money.setScale(2, RoundingMode.HALF_EVEN);
  }
}
