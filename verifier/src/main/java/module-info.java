/**
 * The venue's part of Plimsoll. It needs nothing but the JDK's base module, and that is a rule. The
 * curve's arithmetic is open to one other module alone, which does some of it with vectors and may
 * be absent.
 */
@SuppressWarnings("module")
module io.plimsoll.verifier {
  exports io.plimsoll.verifier;
  exports io.plimsoll.verifier.bn254 to
      io.plimsoll.verifier.vector;

  uses io.plimsoll.verifier.bn254.MillerLoops;
  uses io.plimsoll.verifier.bn254.Multiples;
  uses io.plimsoll.verifier.bn254.Roots;
  uses io.plimsoll.verifier.bn254.TripleProduct;
}
