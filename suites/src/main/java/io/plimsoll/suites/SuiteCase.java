package io.plimsoll.suites;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One published case. Immutable.
 *
 * @param id as published, unique in its suite
 * @param figures what is published, each beside what is computed; at least one, names unique
 * @param accounts what can be proven; labels unique
 */
public record SuiteCase(String id, List<Figure> figures, List<Account> accounts) {
  /** Copies the lists. */
  public SuiteCase {
    figures = List.copyOf(figures);
    accounts = List.copyOf(accounts);
    if (figures.isEmpty()) {
      throw new IllegalArgumentException("case '" + id + "' has no figure");
    }
    Set<String> names = new HashSet<>();
    for (Figure figure : figures) {
      if (!names.add(figure.name())) {
        throw new IllegalArgumentException(
            "case '" + id + "': figure '" + figure.name() + "' occurs twice");
      }
    }
    Set<String> labels = new HashSet<>();
    for (Account account : accounts) {
      if (!labels.add(account.label())) {
        throw new IllegalArgumentException(
            "case '" + id + "': account '" + account.label() + "' occurs twice");
      }
    }
  }

  /** Whether every figure agrees. */
  public boolean agrees() {
    return figures.stream().allMatch(Figure::agrees);
  }
}
