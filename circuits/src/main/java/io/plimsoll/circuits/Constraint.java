package io.plimsoll.circuits;

import java.math.BigInteger;

/**
 * What the owner's choices must fulfil: a node, which depends on a choice, is zero or at least
 * zero.
 *
 * @param name unique among the model's constraints and assertions
 * @param node index of the node
 * @param relation of the node to zero
 */
public record Constraint(String name, int node, Relation relation) {
  /** How a constraint's node relates to zero. */
  public enum Relation {
    /** The node is at least zero. */
    NON_NEGATIVE,
    /** The node is zero: one row, no bits. */
    ZERO
  }

  /** Whether a value of the node fulfils the constraint. */
  boolean holds(BigInteger value) {
    return relation == Relation.ZERO ? value.signum() == 0 : value.signum() >= 0;
  }
}
