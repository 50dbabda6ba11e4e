package io.plimsoll.circuits;

import java.math.BigInteger;
import java.util.List;

/**
 * The value of every node of a model for one set of inputs. Immutable and thread-safe. It holds the
 * owner's secrets, so {@link #toString} says nothing of them.
 */
public final class Evaluation {
  private final BigInteger[] values;
  private final long[] choices;

  Evaluation(BigInteger[] values, long[] choices) {
    this.values = values;
    this.choices = choices.clone();
  }

  /** The choices that the values belong to, in the model's order; empty if it has none. A copy. */
  public long[] choices() {
    return choices.clone();
  }

  /** The value of the node with this index. */
  public BigInteger value(int node) {
    return values[node];
  }

  /** All values, by node. */
  public List<BigInteger> values() {
    return List.of(values);
  }

  @Override
  public String toString() {
    return "Evaluation of " + values.length + " nodes (redacted)";
  }
}
