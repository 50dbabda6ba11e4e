package io.plimsoll.verifier;

/** The point of a prepared round, for tests of other packages. */
public final class BareRound {
  private BareRound() {}

  /** The compressed point. */
  public static byte[] point(VerifyingKey key, long[] coefficients) throws InvalidFormatException {
    return key.roundPoint(coefficients).point().encodeCompressed();
  }
}
