package io.plimsoll.verifier;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The verifier's check of a proof without the statement around it, for tests of other packages. */
public final class BareCheck {
  private BareCheck() {}

  /** Whether a proof is valid for one attester that keeps everything. */
  public static boolean accepts(
      Path verifyingKey,
      byte[] context,
      long numerator,
      long denominator,
      long[] coefficients,
      long[] holdings,
      byte[] blinding,
      byte[] proof)
      throws IOException, InvalidFormatException {
    VerifyingKey key = VerifyingKey.read(Files.readAllBytes(verifyingKey));
    return key.check(
            key.roundPoint(coefficients),
            List.of(key.commit(holdings, blinding)),
            context,
            numerator,
            denominator,
            proof)
        .isEmpty();
  }
}
