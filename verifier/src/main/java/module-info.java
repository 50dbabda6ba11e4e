/** The venue's part of Plimsoll. It needs nothing but the JDK's base module, and that is a rule. */
module io.plimsoll.verifier {
  exports io.plimsoll.verifier;
  exports io.plimsoll.verifier.gate;
}
