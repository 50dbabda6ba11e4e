package io.plimsoll.gate;

import io.plimsoll.verifier.RiskRound;
import java.math.BigInteger;
import java.util.Optional;

/**
 * How far a coefficient of a round may lie from that of the round before: by the larger of a part
 * of the earlier one and a floor, without which coefficients near zero could not move at all.
 * Immutable and thread-safe.
 *
 * @param partsPerMillion of the earlier coefficient's magnitude, 0 or more
 * @param floor in the coefficients' own units, 0 or more
 */
public record RoundDeviation(long partsPerMillion, long floor) {
  private static final BigInteger MILLION = BigInteger.valueOf(1_000_000);

  /**
   * Checks both.
   *
   * @throws IllegalArgumentException if one is negative
   */
  public RoundDeviation {
    if (partsPerMillion < 0) {
      throw new IllegalArgumentException("parts per million are " + partsPerMillion + ", below 0");
    }
    if (floor < 0) {
      throw new IllegalArgumentException("floor is " + floor + ", below 0");
    }
  }

  /**
   * The first coefficient that lies further away; empty if there is none. Rounds with another
   * number of coefficients deviate.
   */
  Optional<String> exceededBy(RiskRound before, RiskRound after) {
    long[] was = before.coefficients();
    long[] is = after.coefficients();
    if (was.length != is.length) {
      return Optional.of(is.length + " coefficients, there were " + was.length);
    }
    for (int i = 0; i < is.length; i++) {
      BigInteger earlier = BigInteger.valueOf(was[i]);
      BigInteger moved = BigInteger.valueOf(is[i]).subtract(earlier).abs();
      boolean aboveFloor = moved.compareTo(BigInteger.valueOf(floor)) > 0;
      if (aboveFloor
          && moved
                  .multiply(MILLION)
                  .compareTo(earlier.abs().multiply(BigInteger.valueOf(partsPerMillion)))
              > 0) {
        return Optional.of("coefficient " + i + " is " + is[i] + ", it was " + was[i]);
      }
    }
    return Optional.empty();
  }
}
