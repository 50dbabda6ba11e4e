/** Pairings with the incubating Vector API, for {@code io.plimsoll.verifier} to find and to try. */
module io.plimsoll.verifier.vector {
  requires io.plimsoll.verifier;
  requires jdk.incubator.vector;

  provides io.plimsoll.verifier.bn254.MillerLoops with
      io.plimsoll.verifier.vector.LaneMillerLoops;
  provides io.plimsoll.verifier.bn254.Multiples with
      io.plimsoll.verifier.vector.LaneMultiples;
  provides io.plimsoll.verifier.bn254.Roots with
      io.plimsoll.verifier.vector.LaneRoots;
  provides io.plimsoll.verifier.bn254.TripleProduct with
      io.plimsoll.verifier.vector.LaneTripleProduct;
}
