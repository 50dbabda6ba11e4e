package io.plimsoll.attester;

import io.plimsoll.verifier.Digest;
import java.util.Optional;

/**
 * An attestation that a venue may rely on: neither released nor expired. It counts from the moment
 * at which it is signed, whether or not it has reached anybody.
 *
 * @param circuitId the circuit that it is written in
 * @param version its number
 * @param digest of the whole signed attestation
 * @param notAfterMillis until when it binds
 * @param claims what it says that is kept; empty if that is not known, because the attester's own
 *     record of it was lost: then it may say anything
 */
record HeldVersion(
    Digest circuitId, long version, Digest digest, long notAfterMillis, Optional<Amounts> claims) {
  HeldVersion withClaims(Amounts changed) {
    return new HeldVersion(circuitId, version, digest, notAfterMillis, Optional.of(changed));
  }
}
