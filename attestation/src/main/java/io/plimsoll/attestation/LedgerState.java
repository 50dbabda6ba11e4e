package io.plimsoll.attestation;

import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.AttestationBody;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import java.util.Optional;

/**
 * One account of a ledger.
 *
 * @param reservedVersion the highest version given out, 0 before the first
 */
record LedgerState(long reservedVersion, Optional<Attestation> latest) {
  static final LedgerState EMPTY = new LedgerState(0, Optional.empty());

  LedgerState reserved() {
    return new LedgerState(Math.addExact(reservedVersion, 1), latest);
  }

  AttestationLedger.Reservation reservation() {
    return new AttestationLedger.Reservation(
        reservedVersion, latest.map(Attestation::digest).orElse(Digest.ZERO));
  }

  LedgerState recorded(Attestation attestation) throws InvalidFormatException {
    AttestationBody body = attestation.body();
    if (latest.isPresent()) {
      AttestationBody last = latest.get().body();
      if (!body.attester().equals(last.attester())) {
        throw new InvalidFormatException(
            "attestation ledger: is attester " + last.attester() + "'s, not " + body.attester());
      }
      if (body.version() <= last.version()) {
        throw new InvalidFormatException(
            "attestation ledger: version is "
                + body.version()
                + ", not above the last, "
                + last.version());
      }
    }
    return new LedgerState(Math.max(reservedVersion, body.version()), Optional.of(attestation));
  }
}
