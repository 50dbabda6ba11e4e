package io.plimsoll.attester;

import io.plimsoll.gate.Fraction;
import java.math.BigInteger;

/**
 * How much may be liquidated under an order. Pure arithmetic over an owner's secrets.
 *
 * @param told what the venue has been told
 * @param most of each asset at most this much
 */
record OrderLimit(Amounts told, Amounts most) {
  /** A fraction of what was told, rounded down: of debts nothing. */
  static OrderLimit of(Amounts told, Fraction fraction) {
    AssetTable table = told.table();
    long[] most = new long[table.size()];
    for (int i = 0; i < most.length; i++) {
      long sellable =
          switch (table.side(i)) {
            case MORE_IS_BETTER -> Math.max(0, told.at(i));
            case LESS_IS_BETTER -> 0;
            case EXACT -> Math.abs(told.at(i));
          };
      most[i] =
          BigInteger.valueOf(sellable)
              .multiply(BigInteger.valueOf(fraction.numerator()))
              .divide(BigInteger.valueOf(fraction.denominator()))
              .longValueExact();
    }
    return new OrderLimit(told, new Amounts(table, most));
  }

  /** The part of an execution that the order covers: only that lowers what is locked. */
  Amounts covered(Amounts change) {
    AssetTable table = told.table();
    long[] allowed = new long[table.size()];
    for (int i = 0; i < allowed.length; i++) {
      allowed[i] =
          switch (table.side(i)) {
            // Proceeds raise no floor before they are attested.
            case MORE_IS_BETTER -> Math.max(Math.min(change.at(i), 0), -most.at(i));
            case LESS_IS_BETTER -> 0;
            case EXACT ->
                Long.signum(change.at(i)) == -Long.signum(told.at(i))
                    ? Math.max(-most.at(i), Math.min(most.at(i), change.at(i)))
                    : 0;
          };
    }
    return new Amounts(table, allowed);
  }

  /** Whether an execution takes more than the order allows, or makes a debt or position larger. */
  boolean isExceededBy(Amounts change) {
    Amounts allowed = covered(change);
    for (int i = 0; i < change.size(); i++) {
      boolean more =
          switch (told.table().side(i)) {
            case MORE_IS_BETTER -> change.at(i) < allowed.at(i);
            case LESS_IS_BETTER -> change.at(i) > 0;
            case EXACT -> change.at(i) != allowed.at(i);
          };
      if (more) {
        return true;
      }
    }
    return false;
  }
}
