package io.plimsoll.circuits.models;

import io.plimsoll.circuits.Expr;
import io.plimsoll.circuits.ExprArray;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModelBuilder;
import io.plimsoll.circuits.MarginModelFamily;
import io.plimsoll.circuits.Shape;
import io.plimsoll.verifier.InvalidFormatException;
import java.util.ArrayList;
import java.util.List;

/**
 * Strategy-based margin for options and shares of one underlying (Regulation T, Cboe minimums): the
 * owner chooses which longs cover which shorts.
 *
 * <p>Sources of the rule: the Cboe Margin Manual; FINRA rule 4210(f)(2); as computed by
 * tastyware/margin-estimator at cd1b018, {@code margin.py}, but for the faults that {@code
 * docs/models/reg-t-strategy.md} lists.
 *
 * <p>The owner chooses for each option how many contracts are in spreads, and of the shorts how
 * many stand on stock and how many are the lesser side of a strangle:
 *
 * <pre>
 * free, uncovered  the longs and the shorts that are left; neither is negative
 * spread         = longs less shorts that are in spreads: per type they add up to 0, and a short is
 *                  covered by a long of its type that expires no earlier
 * onStock          a call stands on 100 shares held, a put on 100 shares sold short
 * lesserSide       each with an uncovered short of the other type that needs no less
 * maxLoss       >= - sum of spread * payoff at strike k, for every strike; and maxLoss >= 0
 * requirement    = maxLoss + sum of spread * premium
 *                + sum of free * longRequirement + sum of uncovered * shortRequirement
 *                + sum of lesserSide * premium
 *                + shares held * longShareRequirement + shares short * shortShareRequirement
 * asserted:        D * funds - N * requirement >= 0
 * </pre>
 *
 * <p>Whatever the owner chooses within the constraints is a way in which a broker may hold the
 * position, and so the requirement is at least the best one: a bad choice hurts the owner only.
 *
 * <p>Counts suffice, no pair is named. Longs that can cover a short can also cover every short of
 * the same type that expires earlier, so a pairing exists if and only if among the options of each
 * type that expire on or after any date spread is not negative (Hall's theorem for nested sets).
 * The same holds for strangles, with requirements in place of expiries.
 *
 * <p>Bounds and scales: {@code docs/models/reg-t-strategy.md}.
 */
public final class RegTStrategy implements MarginModelFamily {
  private static final String OPTIONS = "options";

  /** Bound of one attester's position in one option. */
  private static final long MAX_CONTRACTS = 100_000;

  /** Shares that one contract delivers. */
  private static final String CONTRACT_SIZE = "100";

  /** Stateless. */
  public RegTStrategy() {}

  @Override
  public String name() {
    return "reg-t-strategy";
  }

  @Override
  public String description() {
    return "strategy-based option margin (Reg-T, Cboe minimums), the owner choosing what covers what";
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        new Parameter(OPTIONS, "slots for options of the underlying", 16, 1, 256),
        Attesters.PARAMETER);
  }

  @Override
  public MarginModel buildResolved(Shape shape) throws InvalidFormatException {
    int options = shape.get(OPTIONS);
    int attesters = shape.get(Attesters.PARAMETER.name());
    MarginModelBuilder m = new MarginModelBuilder(name(), shape, attesters);
    ExprArray position =
        m.holdings("position")
            .axis("option", options)
            .between("-" + MAX_CONTRACTS, "" + MAX_CONTRACTS)
            .array();
    Expr shares = m.holdings("shares").between("-100000000", "100000000").single();
    Expr funds = m.holdings("funds").scale(2).between("-1000000000000", "1000000000000").single();

    ExprArray isCall = flags(m, "isCall", options);
    ExprArray premium = money(m, "premium", options);
    ExprArray longRequirement = money(m, "longRequirement", options);
    ExprArray shortRequirement = money(m, "shortRequirement", options);
    ExprArray payoff =
        m.round("payoff")
            .axis("option", options)
            .axis("strike", options)
            .scale(2)
            .between("0", "10000000")
            .array();
    ExprArray covers = relation(m, "covers", options);
    ExprArray hosts = relation(m, "hosts", options);
    ExprArray rides = relation(m, "rides", options);
    Expr longShareRequirement =
        m.round("longShareRequirement").scale(6).between("0", "1000000").single();
    Expr shortShareRequirement =
        m.round("shortShareRequirement").scale(6).between("0", "1000000").single();

    String contracts = String.valueOf(MAX_CONTRACTS * attesters);
    ExprArray inSpreads = choose(m, "inSpreads", options, contracts);
    ExprArray onStock = choose(m, "onStock", options, contracts);
    ExprArray lesserSide = choose(m, "lesserSide", options, contracts);
    Expr maxLoss =
        m.choose("maxLoss", "constrained to at least the loss at every strike")
            .scale(2)
            .between("0", "1000000000000")
            .single();

    List<Expr> spread = new ArrayList<>();
    List<Expr> uncovered = new ArrayList<>();
    List<Expr> requirements = new ArrayList<>(List.of(maxLoss));
    for (int i = 0; i < options; i++) {
      Expr held = position.get(i).relu();
      Expr written = held.minus(position.get(i));
      Expr covering = position.get(i).isNonNegative().times(inSpreads.get(i));
      Expr covered = inSpreads.get(i).minus(covering);
      Expr taken = m.sum(covered, onStock.get(i), lesserSide.get(i));
      m.constrainAtMost("free." + i, covering, held);
      m.constrainAtMost("uncovered." + i, taken, written);
      spread.add(covering.minus(covered));
      uncovered.add(written.minus(taken));
      requirements.add(premium.get(i).times(spread.get(i).plus(lesserSide.get(i))));
      requirements.add(longRequirement.get(i).times(held.minus(covering)));
      requirements.add(shortRequirement.get(i).times(written.minus(taken)));
    }

    for (int i = 0; i < options; i++) {
      m.constrainAtMost("covers." + i, m.constant(0), m.sum(products(covers.row(i), spread)));
      m.constrainAtMost(
          "hosts." + i,
          m.sum(products(rides.row(i), lesserSide.toList())),
          m.sum(products(hosts.row(i), uncovered)));
    }
    // As many longs as shorts of each type, so that a long which covers nothing does not lower the
    // loss of the spreads.
    Expr callSpread = m.sum(products(isCall, spread));
    m.constrainEqual("callSpread", callSpread, m.constant(0));
    m.constrainEqual("putSpread", m.sum(spread), callSpread);

    for (int k = 0; k < options; k++) {
      List<Expr> worth = new ArrayList<>();
      for (int i = 0; i < options; i++) {
        worth.add(payoff.get(i, k).times(spread.get(i)));
      }
      m.constrainAtMost("maxLoss." + k, m.sum(worth).negate(), maxLoss);
    }

    Expr sharesHeld = shares.relu();
    Expr sharesShort = sharesHeld.minus(shares);
    Expr callsOnStock = m.sum(products(isCall, onStock.toList()));
    Expr putsOnStock = onStock.sum().minus(callsOnStock);
    m.constrainAtMost("callsOnStock", callsOnStock.times(CONTRACT_SIZE), sharesHeld);
    m.constrainAtMost("putsOnStock", putsOnStock.times(CONTRACT_SIZE), sharesShort);
    requirements.add(longShareRequirement.times(sharesHeld));
    requirements.add(shortShareRequirement.times(sharesShort));

    Expr requirement = m.sum(requirements);
    m.assertNonNegative(
        "solvent", m.denominator().times(funds).minus(m.numerator().times(requirement)));
    m.output("requirement", requirement);
    m.output("maxLoss", maxLoss);
    m.output("funds", funds);
    return m.build();
  }

  private static List<Expr> products(ExprArray coefficients, List<Expr> values) {
    List<Expr> products = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      products.add(coefficients.get(i).times(values.get(i)));
    }
    return products;
  }

  private static ExprArray choose(MarginModelBuilder m, String name, int options, String most) {
    return m.choose(name, "each way to hold a contract is one that the rule allows")
        .axis("option", options)
        .between("0", most)
        .array();
  }

  private static ExprArray flags(MarginModelBuilder m, String tensor, int options) {
    return m.round(tensor).axis("option", options).between("0", "1").array();
  }

  private static ExprArray relation(MarginModelBuilder m, String tensor, int options) {
    return m.round(tensor).axis("option", options).axis("other", options).between("0", "1").array();
  }

  private static ExprArray money(MarginModelBuilder m, String tensor, int options) {
    return m.round(tensor).axis("option", options).scale(4).between("0", "10000000").array();
  }
}
