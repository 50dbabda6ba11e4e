package io.plimsoll.circuits;

/**
 * One bit decomposition of the circuit: where constraints go.
 *
 * @param kind what needs it
 * @param node the node whose sign or magnitude is taken, the maximum, the quotient, or the asserted
 *     node
 * @param bits how many; for all but a quotient the width w: the decomposed value lies in [0, 2^w)
 */
public record Decomposition(Kind kind, int node, int bits) {
  /** What a decomposition is for. */
  public enum Kind {
    /** Sign and magnitude of the node, together. */
    SIGN,
    /** The difference of the maximum's two nodes. */
    MAXIMUM,
    /** Quotient and remainder of a node that is rounded down, together. */
    QUOTIENT,
    /** The range of a value that the owner picks. */
    CHOICE,
    /** A constraint's node is at least zero. */
    CONSTRAINT,
    /** An asserted node is at least zero. */
    ASSERTION
  }
}
