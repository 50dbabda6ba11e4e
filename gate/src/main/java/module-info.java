/**
 * What a venue concludes from proofs and from their absence. It needs the verifier and the JDK's
 * base module, and that is a rule.
 */
module io.plimsoll.gate {
  requires transitive io.plimsoll.verifier;

  exports io.plimsoll.gate;
}
