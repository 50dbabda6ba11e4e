package io.plimsoll.verifier.bn254;

import io.plimsoll.verifier.vector.LaneMillerLoops;

class LaneMillerLoopsTest extends MillerLoopsContract {
  private static final MillerLoops LOOPS = new LaneMillerLoops();

  @Override
  MillerLoops loops() {
    return LOOPS;
  }
}
