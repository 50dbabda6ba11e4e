package io.plimsoll.verifier.bn254;

class ScalarMillerLoopsTest extends MillerLoopsContract {
  @Override
  MillerLoops loops() {
    return ScalarMillerLoops.INSTANCE;
  }
}
