package io.plimsoll.suites;

import io.plimsoll.circuits.MarginModel;
import io.plimsoll.suites.RegTPosition.AccountType;
import io.plimsoll.suites.RegTPosition.Option;
import java.math.BigDecimal;
import java.util.List;

/**
 * How many contracts of each option are in which state: what the owner chooses in the model {@code
 * reg-t-strategy}. Indices are those of {@link RegTPosition#options}.
 *
 * @param inSpreads longs that cover shorts, or shorts that longs cover
 * @param onStock shorts that stand on shares
 * @param lesserSide shorts that are the side of a strangle that needs less
 * @param groups how many groups of uncovered contracts each option is in: a group is a number of
 *     equal strangles, or what is left of an option
 */
@SuppressWarnings("ArrayRecordComponent") // made and read in this package only, compared by nobody
record RegTPairing(int[] inSpreads, int[] onStock, int[] lesserSide, int[] groups) {
  private static final int MAX_LOSS_SCALE = 2;

  /**
   * As the source pairs: first fit, in the order of expiry, strike and type. Shares first cover
   * shorts, then longs do, then calls and puts that are left make strangles, which in a cash
   * account save nothing.
   */
  static RegTPairing firstFit(RegTPosition position, AccountType type) {
    List<Option> options = position.options();
    int count = options.size();
    RegTPairing pairing =
        new RegTPairing(new int[count], new int[count], new int[count], new int[count]);
    int[] left = options.stream().mapToInt(o -> o.contracts().intValueExact()).toArray();
    int lots = position.shares().abs().divideToIntegralValue(RegTPosition.CONTRACT_SIZE).intValue();
    for (int i = 0; i < count && position.shares().signum() != 0; i++) {
      if (left[i] < 0 && options.get(i).call() == (position.shares().signum() > 0)) {
        int n = Math.min(lots, -left[i]);
        pairing.onStock[i] = n;
        left[i] += n;
        lots -= n;
      }
    }
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < count && left[i] < 0; j++) {
        if (left[j] > 0 && options.get(j).canCover(options.get(i))) {
          int n = Math.min(-left[i], left[j]);
          pairing.inSpreads[i] += n;
          pairing.inSpreads[j] += n;
          left[i] += n;
          left[j] -= n;
        }
      }
    }
    int put = 0;
    for (int call = 0; call < count; call++) {
      while (options.get(call).call() && left[call] < 0) {
        while (put < count && (options.get(put).call() || left[put] >= 0)) {
          put++;
        }
        if (put == count) {
          break;
        }
        int n = Math.min(-left[call], -left[put]);
        boolean putIsGreater = position.needsNoLess(options.get(put), options.get(call));
        if (type == AccountType.MARGIN) {
          pairing.lesserSide[putIsGreater ? call : put] += n;
        }
        pairing.groups[call]++;
        pairing.groups[put]++;
        left[call] += n;
        left[put] += n;
      }
    }
    for (int i = 0; i < count; i++) {
      pairing.groups[i] += left[i] < 0 ? 1 : 0;
    }
    return pairing;
  }

  /** This as the choices of the model, with the least {@code maxLoss} that it allows. */
  long[] choices(RegTPosition position, MarginModel model) {
    long[] choices = new long[model.choiceCount()];
    set(choices, model.choiceOffset("inSpreads"), inSpreads);
    set(choices, model.choiceOffset("onStock"), onStock);
    set(choices, model.choiceOffset("lesserSide"), lesserSide);
    choices[model.choiceOffset("maxLoss")] =
        leastWorth(position)
            .negate()
            .max(BigDecimal.ZERO)
            .movePointRight(MAX_LOSS_SCALE)
            .longValueExact();
    return choices;
  }

  private static void set(long[] choices, int offset, int[] values) {
    for (int i = 0; i < values.length; i++) {
      choices[offset + i] = values[i];
    }
  }

  /** What the covered set gains even at the worst price; 0 if it can lose. */
  BigDecimal risklessGain(RegTPosition position) {
    return leastWorth(position).max(BigDecimal.ZERO);
  }

  /** What the covered set is worth at the worst price, when it expires. */
  BigDecimal leastWorth(RegTPosition position) {
    List<Option> options = position.options();
    BigDecimal least = null;
    for (Option at : options) {
      BigDecimal worth = BigDecimal.ZERO;
      for (int i = 0; i < options.size(); i++) {
        int spread = options.get(i).contracts().signum() * inSpreads[i];
        worth = worth.add(times(options.get(i).payoff(at.strike()), spread));
      }
      least = least == null ? worth : least.min(worth);
    }
    return least == null ? BigDecimal.ZERO : least;
  }

  /**
   * Cash that the source does not ask for: of each group of uncovered contracts it counts one only.
   */
  BigDecimal lotsLeftOut(RegTPosition position) {
    BigDecimal left = BigDecimal.ZERO;
    for (int i = 0; i < groups.length; i++) {
      Option option = position.options().get(i);
      if (option.contracts().signum() < 0) {
        int uncovered = option.contracts().abs().intValueExact() - inSpreads[i] - onStock[i];
        left =
            left.add(
                times(position.shortRequirement(option, AccountType.CASH), uncovered - groups[i]));
      }
    }
    return left;
  }

  private static BigDecimal times(BigDecimal money, int contracts) {
    return money.multiply(BigDecimal.valueOf(contracts));
  }
}
