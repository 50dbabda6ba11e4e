package io.plimsoll.circuits;

import io.plimsoll.circuits.models.CrossMargin;
import io.plimsoll.circuits.models.DerivePmrm2;
import io.plimsoll.circuits.models.DeriveSrm;
import io.plimsoll.circuits.models.DriftV2;
import io.plimsoll.circuits.models.DydxV4;
import io.plimsoll.circuits.models.DydxV4Update;
import io.plimsoll.circuits.models.IsolatedMargin;
import io.plimsoll.circuits.models.MangoV4;
import io.plimsoll.circuits.models.PortfolioMargin;
import io.plimsoll.circuits.models.RegTStrategy;
import io.plimsoll.verifier.InvalidFormatException;
import java.util.List;
import java.util.stream.Collectors;

/** The margin model families of this library, by name. */
public final class MarginModels {
  private static final List<MarginModelFamily> FAMILIES =
      List.of(
          new IsolatedMargin(),
          new CrossMargin(),
          new PortfolioMargin(),
          new DerivePmrm2(),
          new DeriveSrm(),
          new DydxV4(),
          new DydxV4Update(),
          new DriftV2(),
          new MangoV4(),
          new RegTStrategy());

  private MarginModels() {}

  /** All families. */
  public static List<MarginModelFamily> all() {
    return FAMILIES;
  }

  /**
   * The family of this name.
   *
   * @throws InvalidFormatException if there is none; the message lists the names
   */
  public static MarginModelFamily byName(String name) throws InvalidFormatException {
    for (MarginModelFamily family : FAMILIES) {
      if (family.name().equals(name)) {
        return family;
      }
    }
    throw new InvalidFormatException(
        "no margin model '"
            + Decimals.printable(name)
            + "'; models: "
            + FAMILIES.stream().map(MarginModelFamily::name).collect(Collectors.joining(", ")));
  }
}
