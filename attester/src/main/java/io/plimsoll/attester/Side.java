package io.plimsoll.attester;

import java.math.RoundingMode;

/** In which direction a change of a quantity can hurt a venue that relies on what was attested. */
public enum Side {
  /**
   * More is better for the owner: collateral, and cash, which is negative when it is owed. What was
   * attested is a floor: collateral does not leave, a debt does not grow.
   */
  MORE_IS_BETTER,
  /** Less is better for the owner: debts that are written as positive numbers. A ceiling. */
  LESS_IS_BETTER,
  /**
   * Neither is known to be: positions, long or short, which may hedge each other. Nothing moves but
   * towards what every version that a venue may rely on says.
   */
  EXACT;

  /** How a quantity loses decimals: against the owner, and not at all if that is not known. */
  RoundingMode against() {
    return switch (this) {
      case MORE_IS_BETTER -> RoundingMode.FLOOR;
      case LESS_IS_BETTER -> RoundingMode.CEILING;
      case EXACT -> RoundingMode.UNNECESSARY;
    };
  }
}
