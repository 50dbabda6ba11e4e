package io.plimsoll.suites;

import io.plimsoll.suites.RegTPosition.AccountType;
import io.plimsoll.suites.RegTPosition.Option;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The least requirement of a position, by trying every way to cover shorts with stock, with single
 * longs and in strangles: pairs, not counts. For small positions.
 */
final class RegTOracle {
  private final RegTPosition position;
  private final AccountType type;
  private final List<Option> options;
  private final int[] left;
  private final int[] covered;
  private final List<int[]> covers = new ArrayList<>();
  private final Map<List<Integer>, BigDecimal> strangles = new HashMap<>();
  private BigDecimal best;

  private RegTOracle(RegTPosition position, AccountType type) {
    this.position = position;
    this.type = type;
    this.options = position.options();
    this.left = options.stream().mapToInt(option -> option.contracts().abs().intValue()).toArray();
    this.covered = new int[left.length];
    for (int i = 0; i < left.length; i++) {
      for (int j = 0; j < left.length; j++) {
        Option written = options.get(i);
        Option held = options.get(j);
        if (isShort(i)
            && !isShort(j)
            && written.call() == held.call()
            && held.days() >= written.days()) {
          covers.add(new int[] {i, j});
        }
      }
    }
  }

  /** The requirement, exactly. */
  static BigDecimal requirement(RegTPosition position, AccountType type) {
    RegTOracle oracle = new RegTOracle(position, type);
    oracle.stock(0, position.shares().abs().intValue() / 100);
    BigDecimal perShare =
        position.shares().signum() >= 0
            ? position.longShareRequirement(type)
            : position.shortShareRequirement(type);
    return oracle.best.add(perShare.multiply(position.shares().abs()));
  }

  private boolean isShort(int i) {
    return options.get(i).contracts().signum() < 0;
  }

  private void stock(int i, int lots) {
    if (i == left.length) {
      spreads(0);
      return;
    }
    boolean coverable =
        isShort(i)
            && position.shares().signum() != 0
            && options.get(i).call() == (position.shares().signum() > 0);
    int most = coverable ? Math.min(lots, left[i]) : 0;
    for (int n = 0; n <= most; n++) {
      left[i] -= n;
      stock(i + 1, lots - n);
      left[i] += n;
    }
  }

  private void spreads(int pair) {
    if (pair == covers.size()) {
      total();
      return;
    }
    int written = covers.get(pair)[0];
    int held = covers.get(pair)[1];
    int most = Math.min(left[written], left[held]);
    for (int n = 0; n <= most; n++) {
      move(written, held, n);
      spreads(pair + 1);
      move(written, held, -n);
    }
  }

  private void move(int written, int held, int n) {
    left[written] -= n;
    left[held] -= n;
    covered[written] -= n;
    covered[held] += n;
  }

  private void total() {
    BigDecimal total = BigDecimal.ZERO;
    BigDecimal loss = BigDecimal.ZERO;
    for (Option at : options) {
      BigDecimal worth = BigDecimal.ZERO;
      for (int i = 0; i < left.length; i++) {
        worth = worth.add(times(options.get(i).payoff(at.strike()), covered[i]));
      }
      loss = loss.max(worth.negate());
    }
    List<Integer> calls = new ArrayList<>();
    List<Integer> puts = new ArrayList<>();
    for (int i = 0; i < left.length; i++) {
      Option option = options.get(i);
      total = total.add(times(option.premium(), covered[i]));
      if (!isShort(i)) {
        total = total.add(times(position.longRequirement(option, type), left[i]));
      } else {
        for (int n = 0; n < left[i]; n++) {
          (option.call() ? calls : puts).add(i);
        }
      }
    }
    total = total.add(loss).add(uncovered(calls, puts));
    best = best == null ? total : best.min(total);
  }

  /** Contract by contract: the first call is uncovered, or in a strangle with any put. */
  private BigDecimal uncovered(List<Integer> calls, List<Integer> puts) {
    if (calls.isEmpty()) {
      return puts.stream().map(this::naked).reduce(BigDecimal.ZERO, BigDecimal::add);
    }
    List<Integer> key = new ArrayList<>(calls);
    key.add(-1);
    key.addAll(puts);
    BigDecimal known = strangles.get(key);
    if (known != null) {
      return known;
    }
    int call = calls.get(0);
    List<Integer> otherCalls = calls.subList(1, calls.size());
    BigDecimal least = naked(call).add(uncovered(otherCalls, puts));
    for (int p = 0; p < puts.size(); p++) {
      if (p > 0 && puts.get(p).equals(puts.get(p - 1))) {
        continue;
      }
      List<Integer> otherPuts = new ArrayList<>(puts);
      int put = otherPuts.remove(p);
      least = least.min(strangle(call, put).add(uncovered(otherCalls, otherPuts)));
    }
    strangles.put(key, least);
    return least;
  }

  private BigDecimal naked(int i) {
    return position.shortRequirement(options.get(i), type);
  }

  private BigDecimal strangle(int call, int put) {
    if (type == AccountType.CASH) {
      return naked(call).add(naked(put));
    }
    return naked(call).compareTo(naked(put)) > 0
        ? naked(call).add(options.get(put).premium())
        : naked(put).add(options.get(call).premium());
  }

  private static BigDecimal times(BigDecimal money, int contracts) {
    return money.multiply(BigDecimal.valueOf(contracts));
  }
}
