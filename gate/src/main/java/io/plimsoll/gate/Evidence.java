package io.plimsoll.gate;

import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.SignedRound;

/** Two signed messages that contradict each other. Anyone can check them. */
public sealed interface Evidence {
  /** When the gate saw the second. */
  long seenAtMillis();

  /**
   * Two rounds with one sequence number, both signed by enough publishers.
   *
   * @param known the one that was published first; its bytes are public, and its digest is signed
   * @param second the other
   */
  record TwoRounds(PublishedRound known, SignedRound second, long seenAtMillis)
      implements Evidence {}

  /**
   * Two attestations of one attester for one account with one version.
   *
   * @param known the one that counted
   * @param second the other
   */
  record TwoAttestations(Attestation known, Attestation second, long seenAtMillis)
      implements Evidence {}
}
