package io.plimsoll.verifier.bn254;

/** Bytes that are not the encoding of a point. */
public final class InvalidPointException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What is wrong with the bytes. */
  public enum Fault {
    /** A coordinate is not below p, or the flags are not those of the form that is read. */
    NOT_CANONICAL("is not canonical"),
    /** The point at infinity. */
    INFINITY("is infinity"),
    /** No point of the curve. */
    NOT_ON_CURVE("is not on the curve"),
    /** A point of the curve of G2 whose order is not r. */
    NOT_IN_SUBGROUP("is not in the subgroup");

    private final String text;

    Fault(String text) {
      this.text = text;
    }
  }

  private final Fault fault;

  InvalidPointException(Fault fault) {
    // Bad points are ordinary: no suppression, no stack trace.
    super(fault.text, null, false, false);
    this.fault = fault;
  }

  /** What is wrong. */
  public Fault fault() {
    return fault;
  }
}
