package io.plimsoll.suites;

import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.RoundCoefficients;
import io.plimsoll.circuits.Shape;
import io.plimsoll.circuits.models.DerivePmrm2;
import io.plimsoll.risk.DerivePmrm2Round;
import io.plimsoll.risk.DerivePmrm2Round.Collateral;
import io.plimsoll.risk.DerivePmrm2Round.Expiry;
import io.plimsoll.risk.DerivePmrm2Round.Margin;
import io.plimsoll.risk.DerivePmrm2Round.Market;
import io.plimsoll.risk.DerivePmrm2Round.Option;
import io.plimsoll.risk.DerivePmrm2Round.Parameters;
import io.plimsoll.risk.DerivePmrm2Round.Scenario;
import io.plimsoll.risk.DerivePmrm2Round.Svi;
import io.plimsoll.risk.DerivePmrm2Round.VolatilityShock;
import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The portfolio cases of Derive's second portfolio margin manager: one JSON object of {@code
 * Scenario}, {@code Parameters} and {@code Result} in a file, as in derivexyz/v2-core {@code
 * test/risk-managers/unit-tests/PMRM_2/portfolio_cases}.
 *
 * <p>Volatility is evaluated from the SVI parameters, as the contract does; intermediate figures of
 * the file's author, such as {@code MarkVol}, are no inputs. Initial and maintenance margin are two
 * accounts of one model.
 */
final class DerivePmrm2Suite extends CaseSuite {
  /** What the margins are asserted to by the source itself. */
  private static final Tolerance MARGIN =
      Tolerance.relative(8).or(Tolerance.absolute(new BigDecimal("0.00000001")));

  /**
   * The same for a part, or a millionth of a dollar: eight decimals of quantity and value do not
   * resolve a figure of thousandths, which is a difference of large numbers, any better.
   */
  private static final Tolerance PART =
      Tolerance.relative(8).or(Tolerance.absolute(new BigDecimal("0.000001")));

  /** The smallest shape that cases are computed in: one key for most collections of cases. */
  private static final int EXPIRIES = 7;

  private static final int OPTIONS_PER_EXPIRY = 15;
  private static final int PLAIN_SCENARIOS = 29;
  private static final int SKEW_SCENARIOS = 2;
  private static final int COLLATERALS = 9;

  private static final long SECONDS_PER_DAY = 86_400;

  @Override
  public String name() {
    return "derive-pmrm2";
  }

  @Override
  public String description() {
    return "Derive's portfolio margin (PMRM_2): initial and maintenance margin and their parts";
  }

  /** A case as it stands in a file. */
  private record Case(
      String id,
      Json result,
      Market market,
      Parameters parameters,
      List<List<BigDecimal>> positions,
      BigDecimal perps,
      List<BigDecimal> collaterals,
      BigDecimal cash) {}

  @Override
  List<Entry> entries(CaseFiles.CaseFile file) throws InvalidFormatException {
    return List.of(new Entry(file.name(), file.content()));
  }

  @Override
  List<SuiteCase> compute(List<Entry> entries) throws InvalidFormatException {
    List<Case> cases = new ArrayList<>();
    for (Entry entry : entries) {
      cases.add(read(entry.id(), entry.json()));
    }
    MarginModel model = new DerivePmrm2().build(shape(cases));
    List<SuiteCase> computed = new ArrayList<>();
    for (Case c : cases) {
      computed.add(compute(model, c));
    }
    return computed;
  }

  private static Shape shape(List<Case> cases) {
    int expiries = EXPIRIES;
    int perExpiry = OPTIONS_PER_EXPIRY;
    int plain = PLAIN_SCENARIOS;
    int skews = SKEW_SCENARIOS;
    int collaterals = COLLATERALS;
    for (Case c : cases) {
      expiries = Math.max(expiries, c.market().expiries().size());
      for (Expiry expiry : c.market().expiries()) {
        perExpiry = Math.max(perExpiry, expiry.options().size());
      }
      int skew = (int) c.parameters().scenarios().stream().filter(DerivePmrm2Suite::isSkew).count();
      skews = Math.max(skews, skew);
      plain = Math.max(plain, c.parameters().scenarios().size() - skew);
      collaterals = Math.max(collaterals, c.collaterals().size());
    }
    return Shape.empty()
        .with("options", expiries * perExpiry)
        .with("expiries", expiries)
        .with("scenarios", plain + skews)
        .with("skewScenarios", skews)
        .with("collaterals", collaterals)
        .with("reference", 1)
        .with("attesters", 1);
  }

  private static boolean isSkew(Scenario scenario) {
    return scenario.volatility() == VolatilityShock.LINEAR
        || scenario.volatility() == VolatilityShock.ABS;
  }

  private static Case read(String id, Json json) throws InvalidFormatException {
    Json scenario = json.get("Scenario");
    Map<Long, Json> feeds = new LinkedHashMap<>();
    for (Json feed : scenario.get("OptionFeeds").list()) {
      if (feeds.put(seconds(feed.get("FeedExpiry")), feed) != null) {
        throw feed.get("FeedExpiry").refuse("an expiry that occurs twice");
      }
    }
    Map<Long, List<Json>> options = new LinkedHashMap<>();
    for (Json option : scenario.get("Options").list()) {
      long expiry = seconds(option.get("Expiry"));
      if (!feeds.containsKey(expiry)) {
        throw option.get("Expiry").refuse("an expiry without feed");
      }
      options.computeIfAbsent(expiry, e -> new ArrayList<>()).add(option);
    }
    List<Expiry> expiries = new ArrayList<>();
    List<List<BigDecimal>> positions = new ArrayList<>();
    for (Map.Entry<Long, List<Json>> expiry : options.entrySet()) {
      expiries.add(expiry(expiry.getKey(), feeds.get(expiry.getKey()), expiry.getValue()));
      List<BigDecimal> held = new ArrayList<>();
      for (Json option : expiry.getValue()) {
        held.add(option.get("Amount").decimal());
      }
      positions.add(held);
    }
    List<Collateral> collaterals = new ArrayList<>();
    List<BigDecimal> amounts = new ArrayList<>();
    for (Json collateral : scenario.get("Collaterals").list()) {
      collaterals.add(
          new Collateral(
              collateral.get("Price").decimal(),
              collateral.get("Confidence").decimal(),
              flag(collateral.get("IsRiskCancelling")),
              collateral.get("MMHaircut").decimal(),
              collateral.get("IMHaircut").decimal()));
      amounts.add(collateral.get("Amount").decimal());
    }
    Market market =
        new Market(
            scenario.get("SpotPrice").decimal(),
            scenario.get("SpotConfidence").decimal(),
            scenario.get("PerpPrice").decimal(),
            scenario.get("PerpConfidence").decimal(),
            scenario.get("StablePrice").decimal(),
            expiries,
            collaterals);
    BigDecimal cash =
        scenario
            .get("Cash")
            .decimal()
            .add(scenario.get("UnrealisedPerpPNL").decimal())
            .add(scenario.get("UnrealisedFunding").decimal());
    return new Case(
        id,
        json.get("Result"),
        market,
        parameters(json.get("Parameters")),
        positions,
        scenario.get("NumPerps").decimal(),
        amounts,
        cash);
  }

  private static long seconds(Json json) throws InvalidFormatException {
    return json.integer(0, Integer.MAX_VALUE);
  }

  /** True, false, 1 or 0. */
  private static boolean flag(Json json) throws InvalidFormatException {
    return json.isBool() ? json.bool() : json.integer(0, 1) == 1;
  }

  private static Expiry expiry(long seconds, Json feed, List<Json> options)
      throws InvalidFormatException {
    BigDecimal forward = feed.get("Forward").decimal();
    BigDecimal floating = Expiry.floating(forward, seconds);
    List<Json> svi = feed.get("SVIparam").list();
    if (svi.size() != 7) {
      throw feed.get("SVIparam").refuse("not seven numbers");
    }
    List<Option> listed = new ArrayList<>();
    for (Json option : options) {
      listed.add(new Option(option.get("Strike").decimal(), flag(option.get("IsCall"))));
    }
    return new Expiry(
        seconds,
        forward.subtract(floating),
        floating,
        feed.get("ForwardConfidence").decimal(),
        feed.get("Rate").decimal(),
        feed.get("RateConfidence").decimal(),
        new Svi(
            svi.get(0).decimal(),
            svi.get(1).decimal(),
            svi.get(2).decimal(),
            svi.get(3).decimal(),
            svi.get(4).decimal(),
            svi.get(5).decimal(),
            svi.get(6).decimal()),
        feed.get("OptionVolConfidences").decimal(),
        listed);
  }

  private static Parameters parameters(Json json) throws InvalidFormatException {
    List<Scenario> scenarios = new ArrayList<>();
    for (Json scenario : json.get("Scenarios").list()) {
      scenarios.add(
          new Scenario(
              scenario.get("SpotShock").decimal(),
              shock(scenario.get("VolShockDirection")),
              scenario.get("DampeningFactor").decimal()));
    }
    Json volatility = json.get("VolShock");
    Json skew = json.get("SkewShock");
    Json margin = json.get("Margin");
    Json basis = json.get("BasisContingency");
    Json other = json.get("OtherContingency");
    return new Parameters(
        scenarios,
        new DerivePmrm2Round.VolatilityShocks(
            volatility.get("VOLRANGEUP").decimal(),
            volatility.get("VOLRANGEDOWN").decimal(),
            volatility.get("SHORTTERMPOWER").decimal(),
            volatility.get("LONGTERMPOWER").decimal(),
            floorSeconds(volatility.get("DTE_FLOOR")),
            volatility.get("MIN_VOL_EVAL_SHOCKED").decimal()),
        new DerivePmrm2Round.SkewCap(
            skew.get("LINEAR_SCALE_CAP").decimal(), skew.get("LINEAR_CBASE").decimal()),
        new DerivePmrm2Round.SkewCap(
            skew.get("ABS_SCALE_CAP").decimal(), skew.get("ABS_CBASE").decimal()),
        new DerivePmrm2Round.SkewWidth(
            skew.get("MIN_K_STAR").decimal(),
            skew.get("MIN_WIDTH_SCALE").decimal(),
            skew.get("VOL_PARAM_STATIC").decimal(),
            skew.get("VOL_PARAM_SCALE").decimal()),
        new DerivePmrm2Round.LossParameters(
            margin.get("IM_LOSS_FACTOR").decimal(),
            margin.get("MM_LOSS_FACTOR").decimal(),
            margin.get("BASE_STATIC_DISCOUNT").decimal(),
            margin.get("LONG_RATE_MULTSCALE").decimal(),
            margin.get("LONG_RATE_ADDSCALE").decimal(),
            margin.get("BASE_STATIC_DISCOUNT_NEG").decimal(),
            margin.get("SHORT_RATE_MULTSCALE").decimal(),
            margin.get("SHORT_RATE_ADDSCALE").decimal()),
        new DerivePmrm2Round.BasisParameters(
            basis.get("SCENARIO_SPOT_UP").decimal(),
            basis.get("SCENARIO_SPOT_DOWN").decimal(),
            basis.get("BASIS_CONT_ADD_FACTOR").decimal(),
            basis.get("BASIS_CONT_MULT_FACTOR").decimal()),
        new DerivePmrm2Round.ContingencyParameters(
            other.get("PEG_LOSS_THRESHOLD").decimal(),
            other.get("PEG_LOSS_FACTOR").decimal(),
            other.get("CONF_THRESHOLD").decimal(),
            other.get("CONF_MARGIN").decimal(),
            other.get("MM_PERP_PERCENT").decimal(),
            other.get("IM_PERP_PERCENT").decimal(),
            other.get("MM_OPTION_PERCENT").decimal(),
            other.get("IM_OPTION_PERCENT").decimal()));
  }

  private static VolatilityShock shock(Json json) throws InvalidFormatException {
    return switch (json.text()) {
      case "Up" -> VolatilityShock.UP;
      case "Down" -> VolatilityShock.DOWN;
      case "None" -> VolatilityShock.NONE;
      case "LINEAR" -> VolatilityShock.LINEAR;
      case "ABS" -> VolatilityShock.ABS;
      default -> throw json.refuse("not Up, Down, None, LINEAR or ABS");
    };
  }

  private static long floorSeconds(Json days) throws InvalidFormatException {
    BigDecimal seconds = days.decimal().multiply(BigDecimal.valueOf(SECONDS_PER_DAY));
    if (seconds.signum() < 0 || seconds.compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) > 0) {
      throw days.refuse("not 0 to " + Integer.MAX_VALUE / SECONDS_PER_DAY + " days");
    }
    return seconds.longValue();
  }

  private static SuiteCase compute(MarginModel model, Case c) throws InvalidFormatException {
    try {
      Account initial = account("initial", model, c, Margin.INITIAL);
      Account maintenance = account("maintenance", model, c, Margin.MAINTENANCE);
      return new SuiteCase(
          c.id(), new Comparison(c, initial, maintenance).figures(), List.of(initial, maintenance));
    } catch (InvalidFormatException e) {
      throw new InvalidFormatException("case '" + c.id() + "': " + e.getMessage());
    }
  }

  private static Account account(String label, MarginModel model, Case c, Margin margin)
      throws InvalidFormatException {
    RoundCoefficients round = DerivePmrm2Round.build(model, c.market(), c.parameters(), margin);
    List<List<Integer>> slots = DerivePmrm2Round.slots(model, c.market().expiries());
    Inputs inputs = new Inputs("case '" + c.id() + "'", model);
    for (int e = 0; e < slots.size(); e++) {
      for (int i = 0; i < slots.get(e).size(); i++) {
        BigDecimal position = c.positions().get(e).get(i);
        inputs.holding("position", slots.get(e).get(i), nearest(model, "position", position));
      }
    }
    inputs.holding("perp", 0, nearest(model, "perp", c.perps()));
    for (int k = 0; k < c.collaterals().size(); k++) {
      inputs.holding("collateral", k, down(model, "collateral", c.collaterals().get(k)));
    }
    inputs.holding("cash", 0, down(model, "cash", c.cash()));
    return new Account(label, model, round, inputs.account(label).holdings());
  }

  /** A quantity of either sign, to the model's lots. */
  private static BigDecimal nearest(MarginModel model, String vector, BigDecimal quantity) {
    return quantity.setScale(scale(model, vector), RoundingMode.HALF_EVEN);
  }

  /** An asset, to the model's units. */
  private static BigDecimal down(MarginModel model, String vector, BigDecimal amount) {
    return amount.setScale(scale(model, vector), RoundingMode.FLOOR);
  }

  private static int scale(MarginModel model, String vector) {
    return model.holdings().stream()
        .filter(declared -> declared.name().equals(vector))
        .findFirst()
        .orElseThrow()
        .scale();
  }

  /** The published figures of a case beside the model's outputs. */
  private static final class Comparison {
    private final Case c;
    private final Account initialAccount;
    private final MarginAssessment initial;
    private final MarginAssessment maintenance;
    private final List<Figure> figures = new ArrayList<>();

    private Comparison(Case c, Account initial, Account maintenance) {
      this.c = c;
      this.initialAccount = initial;
      this.initial = initial.assess();
      this.maintenance = maintenance.assess();
    }

    private List<Figure> figures() throws InvalidFormatException {
      add("IM", initial.output("margin"), MARGIN);
      add("MM", maintenance.output("margin"), MARGIN);
      part("OptionMTM", initial.output("optionValue"));
      part("CollateralMTM", initial.output("collateralValue"));
      part("PortfolioMTM", initial.output("equity"));
      part("ForwardContingency", initial.output("basisContingency"));
      part("MMPerpCont", initial.output("perpMaintenance").negate());
      part("IMPerpCont", initial.output("perpInitial").negate());
      part("MMBaseCont", initial.output("collateralMaintenance").negate());
      part("IMBaseCont", initial.output("collateralInitial").negate());
      part("MMOptionCont", initial.output("optionMaintenance").negate());
      part("IMOptionCont", initial.output("optionInitial").negate());
      part("OracleCont", initial.output("confidence").negate());
      part("im_loss_factor", initialAccount.round().get("lossFactor"));
      expiries();
      scenarios();
      return figures;
    }

    private void expiries() throws InvalidFormatException {
      List<Json> values = published("OptionMTMPerExpiry", c.market().expiries().size());
      List<Json> discounted =
          published("OptionMTMPerExpiryDiscounted", c.market().expiries().size());
      List<Json> factors = published("discount_factors", c.market().expiries().size());
      // Dampening is folded into the factors: a scenario without any shows the discounts.
      Optional<Integer> undampened =
          slots()
              .filter(
                  slot ->
                      initialAccount.round().get("dampening", slot).compareTo(BigDecimal.ONE) == 0)
              .findFirst();
      for (int e = 0; e < c.market().expiries().size(); e++) {
        BigDecimal value = initial.output("expiryValue." + e);
        add("OptionMTMPerExpiry[" + e + "]", values.get(e), value, PART);
        // What is published of an expired option is not what the contract computes.
        if (undampened.isEmpty() || c.market().expiries().get(e).seconds() == 0) {
          continue;
        }
        BigDecimal longs = initialAccount.round().get("longFactor", e, undampened.get());
        BigDecimal shorts = initialAccount.round().get("shortFactor", e, undampened.get());
        String name = "discount_factors[" + e + "]";
        List<Json> pair = factors.get(e).list();
        if (pair.size() != 2) {
          throw factors.get(e).refuse("not two numbers");
        }
        add(name + "[0]", pair.get(0), longs, PART);
        add(name + "[1]", pair.get(1), shorts, PART);
        add(
            "OptionMTMPerExpiryDiscounted[" + e + "]",
            discounted.get(e),
            value.multiply(value.signum() >= 0 ? longs : shorts),
            PART);
      }
    }

    /** The slot of every scenario, in the case's order. */
    private Stream<Integer> slots() {
      int skews = initialAccount.model().shape().get("skewScenarios");
      int plain = initialAccount.model().shape().get("scenarios") - skews;
      List<Integer> slots = new ArrayList<>();
      int plains = 0;
      for (Scenario scenario : c.parameters().scenarios()) {
        slots.add(isSkew(scenario) ? plain + slots.size() - plains : plains++);
      }
      return slots.stream();
    }

    /** Losses come in three lists, which are one list cut in three. */
    private void scenarios() throws InvalidFormatException {
      List<Integer> slots = slots().toList();
      Tolerance tolerance = PART.or(Tolerance.absolute(largestLoss().movePointLeft(10)));
      int next = 0;
      for (String kind : List.of("reg", "tail", "skew")) {
        List<Json> losses = c.result().get(kind + "_losses").list();
        if (next + losses.size() > slots.size()) {
          throw c.result()
              .get(kind + "_losses")
              .refuse("a list beyond the " + slots.size() + " scenarios");
        }
        List<BigDecimal> computed = new ArrayList<>();
        for (int i = 0; i < losses.size(); i++) {
          List<Json> loss = losses.get(i).list();
          if (loss.isEmpty()) {
            throw losses.get(i).refuse("empty");
          }
          BigDecimal pnl = initial.output("scenarioPnl." + slots.get(next++));
          computed.add(pnl);
          add(kind + "_losses[" + i + "]", loss.get(loss.size() - 1), pnl, tolerance);
        }
        if (!computed.isEmpty() && c.result().has("worst_" + kind + "_loss")) {
          part("worst_" + kind + "_loss", computed.stream().min(Comparator.naturalOrder()).get());
        }
      }
      if (next != slots.size()) {
        throw c.result()
            .get("skew_losses")
            .refuse("a list that ends before the " + slots.size() + " scenarios");
      }
    }

    /** What the losses near zero of a case are small differences of. */
    private BigDecimal largestLoss() {
      BigDecimal largest = BigDecimal.ZERO;
      for (int slot : slots().toList()) {
        largest = largest.max(initial.output("scenarioPnl." + slot).abs());
      }
      return largest;
    }

    private List<Json> published(String name, int size) throws InvalidFormatException {
      List<Json> list = c.result().get(name).list();
      if (list.size() != size) {
        throw c.result().get(name).refuse("not of " + size + " elements");
      }
      return list;
    }

    private void part(String name, BigDecimal computed) throws InvalidFormatException {
      add(name, computed, PART);
    }

    private void add(String name, BigDecimal computed, Tolerance tolerance)
        throws InvalidFormatException {
      add(name, c.result().get(name), computed, tolerance);
    }

    private void add(String name, Json expected, BigDecimal computed, Tolerance tolerance)
        throws InvalidFormatException {
      figures.add(new Figure(name, expected.decimal(), computed, tolerance));
    }
  }
}
