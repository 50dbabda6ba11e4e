package io.plimsoll.suites;

import io.plimsoll.verifier.InvalidFormatException;
import java.util.List;

/** The suites of this library, by name. */
public final class Suites {
  private static final List<Suite> ALL =
      List.of(
          new DerivePmrm2Suite(),
          new DeriveSrmSuite(),
          new DydxV4Suite(),
          new DriftV2Suite(),
          new MangoV4Suite(),
          new RegTStrategySuite(),
          new ModelSuite());

  private Suites() {}

  /** All suites. */
  public static List<Suite> all() {
    return ALL;
  }

  /** The names of all suites. */
  public static List<String> names() {
    return ALL.stream().map(Suite::name).toList();
  }

  /**
   * The suite of this name.
   *
   * @throws InvalidFormatException if there is none; the message lists the names
   */
  public static Suite byName(String name) throws InvalidFormatException {
    for (Suite suite : ALL) {
      if (suite.name().equals(name)) {
        return suite;
      }
    }
    throw new InvalidFormatException(
        "no suite '" + Json.printable(name) + "'; suites: " + String.join(", ", names()));
  }
}
