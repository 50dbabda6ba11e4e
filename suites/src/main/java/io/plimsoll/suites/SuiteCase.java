package io.plimsoll.suites;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One published case. Immutable.
 *
 * @param id as published, unique in its suite
 * @param figures what is published, each beside what is computed; at least one unless it failed,
 *     names unique
 * @param accounts what can be proven; labels unique
 * @param failure why the case could not be computed; empty if it was
 */
public record SuiteCase(String id, List<Figure> figures, List<Account> accounts, String failure) {
  /** Copies the lists. */
  public SuiteCase {
    figures = List.copyOf(figures);
    accounts = List.copyOf(accounts);
    if (figures.isEmpty() && failure.isEmpty()) {
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

  /** A case that was computed. */
  public SuiteCase(String id, List<Figure> figures, List<Account> accounts) {
    this(id, figures, accounts, "");
  }

  /** A case that could not be computed; control characters of the reason are replaced. */
  static SuiteCase failed(String id, String reason) {
    // A reason quotes input, which must not be able to write a line of its own.
    String line = String.valueOf(reason).replaceAll("[\\p{Cntrl}\\p{Cs}]", "?");
    return new SuiteCase(id, List.of(), List.of(), line.isEmpty() ? "no reason given" : line);
  }

  /** Whether it was computed and every figure agrees. */
  public boolean agrees() {
    return failure.isEmpty() && figures.stream().allMatch(Figure::agrees);
  }
}
