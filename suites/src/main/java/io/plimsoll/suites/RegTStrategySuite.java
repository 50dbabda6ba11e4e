package io.plimsoll.suites;

import io.plimsoll.circuits.Evaluation;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModels;
import io.plimsoll.circuits.Output;
import io.plimsoll.circuits.Shape;
import io.plimsoll.suites.RegTPosition.AccountType;
import io.plimsoll.suites.RegTPosition.Option;
import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * Strategy-based requirements for options and shares of one underlying:
 *
 * <pre>{@code
 * {"cases": [{
 *   "id": "example",
 *   "underlying": {"price": "43.34", "broad": false, "leverage": "1"},
 *   "legs": [
 *     {"kind": "option", "type": "P", "strike": "42.5", "price": "2", "qty": 1, "days": 0},
 *     {"kind": "option", "type": "P", "strike": "45", "price": "2.9", "qty": -1, "days": 0},
 *     {"kind": "shares", "price": "43.34", "qty": 100}],
 *   "expected": {"margin": "2327", "cash": "4494"}}]}
 * }</pre>
 *
 * <p>Instead of {@code expected}, or beside it, {@code equalsSumOf} lists positions whose
 * requirements add up to the case's. {@code margin} is the requirement of a margin account, {@code
 * cash} that of a cash account: the same circuit with other coefficients. The account that is
 * proven holds exactly the published figure.
 *
 * <p>Published figures are computed at the source's own first-fit pairing, one of the choices that
 * the model allows; a figure's note tells if another pairing needs less, and what a fault of the
 * source adds.
 */
final class RegTStrategySuite extends CaseSuite {
  @Override
  public String name() {
    return "reg-t-strategy";
  }

  @Override
  public String description() {
    return "strategy-based option margin (Cboe Margin Manual), to the cent";
  }

  @Override
  List<Entry> entries(CaseFiles.CaseFile file) throws InvalidFormatException {
    // Other members tell where the cases are from.
    return entries(file.content().get("cases"));
  }

  @Override
  List<SuiteCase> compute(List<Entry> entries) throws InvalidFormatException {
    List<Json> cases = entries.stream().map(Entry::json).toList();
    int options = 1;
    for (Json json : cases) {
      options = Math.max(options, RegTPosition.read(json).options().size());
      for (Json part : parts(json)) {
        options = Math.max(options, RegTPosition.read(part).options().size());
      }
    }
    MarginModel model = model(options);
    List<SuiteCase> read = new ArrayList<>();
    for (Json json : cases) {
      read.add(read(json, model));
    }
    return read;
  }

  static MarginModel model(int options) throws InvalidFormatException {
    return MarginModels.byName("reg-t-strategy")
        .build(Shape.empty().with("options", options).with("attesters", 1));
  }

  private static List<Json> parts(Json json) throws InvalidFormatException {
    return json.has("equalsSumOf") ? json.get("equalsSumOf").list() : List.of();
  }

  static SuiteCase read(Json json, MarginModel model) throws InvalidFormatException {
    List<Figure> figures = new ArrayList<>();
    List<Account> accounts = new ArrayList<>();
    RegTPosition position = RegTPosition.read(json);
    for (AccountType type : AccountType.values()) {
      Requirement computed = Requirement.of(json.place(), position, type, model);
      BigDecimal expected = null;
      if (json.has("expected") && json.get("expected").has(type.label())) {
        expected = json.get("expected").get(type.label()).decimal();
        figures.add(computed.figure(type.label(), expected));
      }
      if (json.has("equalsSumOf")) {
        expected = BigDecimal.ZERO;
        for (Json part : parts(json)) {
          RegTPosition held = RegTPosition.read(part);
          expected = expected.add(Requirement.of(part.place(), held, type, model).asPublished);
        }
        figures.add(computed.figure(type.label() + ", sum of the parts", cents(expected)));
      }
      if (expected != null) {
        accounts.add(account(json.place(), position, type, cents(expected), model));
      }
    }
    if (figures.isEmpty()) {
      throw new InvalidFormatException(json.place() + ": neither 'expected' nor 'equalsSumOf'");
    }
    return new SuiteCase(json.get("id").text(), figures, accounts);
  }

  /**
   * What a position needs.
   *
   * @param best with the best pairing
   * @param firstFit with the source's pairing
   * @param asPublished with the source's pairing and its faults
   * @param note what the source does differently, if anything
   */
  record Requirement(BigDecimal best, BigDecimal firstFit, BigDecimal asPublished, String note) {
    static Requirement of(String place, RegTPosition position, AccountType type, MarginModel model)
        throws InvalidFormatException {
      Account account = account(place, position, type, BigDecimal.ZERO, model);
      RegTPairing pairing = RegTPairing.firstFit(position, type);
      BigDecimal best = account.assess().output("requirement");
      BigDecimal firstFit = requirement(account, pairing.choices(position, model));
      List<String> notes = new ArrayList<>();
      if (best.compareTo(firstFit) < 0) {
        notes.add("the best pairing needs " + plain(best));
      }
      BigDecimal gain = pairing.risklessGain(position);
      if (gain.signum() != 0) {
        notes.add("the source charges the sure gain of " + plain(gain) + " as a loss");
      }
      BigDecimal lots = type == AccountType.CASH ? pairing.lotsLeftOut(position) : BigDecimal.ZERO;
      if (lots.signum() != 0) {
        notes.add(
            "the source leaves out " + plain(lots) + ", all but the first of several contracts");
      }
      return new Requirement(
          best, firstFit, firstFit.add(gain).subtract(lots), String.join("; ", notes));
    }

    /** The model's requirement with given choices, which the model has to allow. */
    private static BigDecimal requirement(Account account, long[] choices) {
      MarginModel model = account.model();
      Evaluation evaluation =
          model.evaluate(
              account.round().toLongArray(), account.holdings().toLongArray(), choices, 1, 1);
      if (!model.isFeasible(evaluation)) {
        throw new AssertionError("the source's pairing is none that the model allows");
      }
      Output output =
          model.outputs().stream()
              .filter(named -> named.name().equals("requirement"))
              .findFirst()
              .orElseThrow();
      return new BigDecimal(evaluation.value(output.node()), output.scale());
    }

    Figure figure(String name, BigDecimal expected) {
      return new Figure(name, expected, cents(asPublished), Tolerance.exact(), note);
    }
  }

  /**
   * The account that holds a position, and these funds.
   *
   * @param place begins every error
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
        boolean needsNoLess = position.needsNoLess(other, option);
        boolean host = type == AccountType.MARGIN && other.call() != option.call() && needsNoLess;
        boolean rider = other.call() == option.call() && needsNoLess;
        inputs
            .coefficient("payoff", option.payoff(other.strike()), i, j)
            .coefficient("covers", flag(other.canCover(option)), i, j)
            .coefficient("hosts", flag(host), i, j)
            .coefficient("rides", flag(rider), i, j);
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

  private static String plain(BigDecimal money) {
    return money.stripTrailingZeros().toPlainString();
  }
}
