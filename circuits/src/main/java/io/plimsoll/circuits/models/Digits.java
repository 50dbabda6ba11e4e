package io.plimsoll.circuits.models;

import io.plimsoll.circuits.Expr;
import io.plimsoll.circuits.ExprArray;
import io.plimsoll.circuits.MarginModelBuilder;
import io.plimsoll.circuits.MarginModelBuilder.Declaration;
import io.plimsoll.circuits.MarginModelFamily.Parameter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Inputs whose largest magnitude is declared as 10^digits. One input has 64 bits, so a number of
 * more than {@value #LIMB} digits is declared as several: {@code x + 10^17 * xE17 + 10^34 * xE34}.
 * Nothing is lost if an owner splits a number in another way, because only the sum is used.
 */
final class Digits {
  /** Digits of one input: times 64 attesters it still has 64 bits. */
  static final int LIMB = 17;

  private static final int MAX_LIMBS = 3;

  private Digits() {}

  static Parameter parameter(String name, String description, int defaultDigits) {
    return new Parameter(name, description, defaultDigits, 1, MAX_LIMBS * LIMB);
  }

  /** Private integers from -10^digits to 10^digits, one for each element of an axis. */
  static List<Expr> holdings(
      MarginModelBuilder m, String name, String axis, int length, int digits) {
    return declare(name, 0, digits, true, limb -> m.holdings(limb).axis(axis, length));
  }

  /** One private number from -10^digits to 10^digits, in units of 10^-scale. */
  static Expr holding(MarginModelBuilder m, String name, int scale, int digits) {
    return declare(name, scale, digits, true, m::holdings).get(0);
  }

  /** Public numbers from 0 to 10^digits, in units of 10^-scale, one for each element of an axis. */
  static List<Expr> round(
      MarginModelBuilder m, String name, String axis, int length, int scale, int digits) {
    return declare(name, scale, digits, false, limb -> m.round(limb).axis(axis, length));
  }

  private static List<Expr> declare(
      String name, int scale, int digits, boolean signed, Function<String, Declaration> start) {
    List<Expr> sums = new ArrayList<>();
    for (int from = 0; from < digits; from += LIMB) {
      String bound =
          new BigDecimal(BigInteger.TEN.pow(Math.min(LIMB, digits - from)), scale).toPlainString();
      ExprArray limb =
          start
              .apply(from == 0 ? name : name + "E" + from)
              .scale(scale)
              .between(signed ? "-" + bound : "0", bound)
              .array();
      for (int i = 0; i < limb.size(); i++) {
        Expr part = limb.toList().get(i).times("1" + "0".repeat(from));
        if (from == 0) {
          sums.add(part);
        } else {
          sums.set(i, sums.get(i).plus(part));
        }
      }
    }
    return sums;
  }
}
