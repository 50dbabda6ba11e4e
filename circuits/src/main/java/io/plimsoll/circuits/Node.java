package io.plimsoll.circuits;

import java.math.BigInteger;
import java.util.List;
import java.util.Objects;

/**
 * One node of a {@link MarginModel}: an exact integer function of earlier nodes. Nodes refer to
 * each other by index. Immutable.
 */
public sealed interface Node {
  /** An integer. */
  record Constant(BigInteger value) implements Node {
    /** Refuses null. */
    public Constant {
      Objects.requireNonNull(value);
    }
  }

  /**
   * A holding, summed over the attesters.
   *
   * @param index into the concatenation of all holding vectors
   */
  record Holding(int index) implements Node {}

  /**
   * A public coefficient of the round.
   *
   * @param index into the concatenation of all round tensors, each row-major
   */
  record Coefficient(int index) implements Node {}

  /**
   * A value that the owner picks.
   *
   * @param index into the concatenation of all choice tensors, each row-major
   */
  record Choice(int index) implements Node {}

  /** A part of the threshold N/D. */
  record Threshold(Part part) implements Node {
    /** Which part. */
    public enum Part {
      /** N: 0 to 2^32 - 1. */
      NUMERATOR,
      /** D: 1 to 2^32 - 1. */
      DENOMINATOR
    }
  }

  /**
   * A linear sum: {@code constant + sum of coefficient * node}.
   *
   * @param terms of pairwise different nodes, no coefficient is zero; may be empty
   * @param constant added
   */
  record Sum(List<Term> terms, BigInteger constant) implements Node {
    /** Copies the terms. */
    public Sum {
      terms = List.copyOf(terms);
      Objects.requireNonNull(constant);
    }
  }

  /** {@code coefficient * node} inside a {@link Sum}. */
  record Term(int node, BigInteger coefficient) {}

  /** The product of two nodes, which may be the same. */
  record Product(int left, int right) implements Node {}

  /** 1 if the node is at least zero, else 0. */
  record Sign(int of) implements Node {}

  /** The absolute value. */
  record Magnitude(int of) implements Node {}

  /** 1 if the node is not zero, else 0. */
  record NonZero(int of) implements Node {}

  /** The larger of two nodes. */
  record Maximum(int left, int right) implements Node {}

  /**
   * The greatest integer that is at most {@code of / divisor}: the quotient rounded down, for
   * negative numbers too.
   *
   * @param divisor at least 1
   */
  record RoundDown(int of, BigInteger divisor) implements Node {
    /** Refuses null. */
    public RoundDown {
      Objects.requireNonNull(divisor);
    }
  }
}
